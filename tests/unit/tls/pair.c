/* SPDX-License-Identifier: Apache-2.0 */
#include "pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct pki_forged *root;

struct pki_forged *pair_root(void) {
    struct pki_forge_request r = {.common_name = "Test Root",
                                  .not_before = PAIR_NOW - 100 * PAIR_DAY,
                                  .not_after = PAIR_NOW + 1000 * PAIR_DAY,
                                  .ca = true};

    if (root == NULL)
        assert_int_equal(pki_forge(&r, NULL, &root, NULL), WS_OK);
    return root;
}

void pair_release_root(void) {
    pki_forged_free(root);
    root = NULL;
}

static void open_server(struct pair *p, const struct pair_options *o) {
    static const char *const names[] = {"mx.example.org", NULL};
    struct pki_forge_request r = {.common_name = "mx.example.org",
                                  .dns_names = names,
                                  .not_before = PAIR_NOW - PAIR_DAY,
                                  .not_after = PAIR_NOW + 90 * PAIR_DAY,
                                  .rsa_bits = o->rsa_bits,
                                  .digest = o->digest};
    struct tls_server_config config = {.min_version = o->server_min, .max_version = o->server_max};
    struct pki_forged *leaf = NULL;
    struct base_error e = {0};
    struct base_buf chain, key;

    base_buf_init(&chain, 1 << 16);
    base_buf_init(&key, 1 << 16);
    assert_int_equal(pki_forge(&r, pair_root(), &leaf, &e), WS_OK);
    assert_int_equal(pki_forged_certificate_pem(leaf, &chain), WS_OK);
    assert_int_equal(pki_forged_key_pem(leaf, &key), WS_OK);
    config.chain_pem = base_buf_view(&chain);
    config.key_pem = base_buf_view(&key);
    if (tls_server_context_new(&config, &p->server_context, &e) != WS_OK)
        fail_msg("%s", base_error_message(&e));
    pki_forged_free(leaf);
    base_buf_release(&chain);
    base_buf_release(&key);
}

void pair_renew(struct pair *p, const struct pair_options *o) {
    static const struct pair_options none;

    if (o == NULL)
        o = &none;
    tls_session_free(p->client);
    tls_session_free(p->server);
    p->to_client = p->to_server = 0;
    assert_int_equal(tls_session_new(p->client_context, o->sni, o->log, "client", &p->client, NULL),
                     WS_OK);
    assert_int_equal(tls_session_new(p->server_context, NULL, NULL, "server", &p->server, NULL),
                     WS_OK);
}

void pair_open(struct pair *p, const struct pair_options *o) {
    static const struct pair_options none;
    struct tls_client_config config = {0};

    if (o == NULL)
        o = &none;
    *p = (struct pair){.now = 5 * BASE_SECOND};
    base_arena_init(&p->arena, 1 << 22);
    config.min_version = o->client_min;
    config.max_version = o->client_max;
    if (o->wish != NULL) {
        struct base_error e = {0};
        if (client_context_new(o->wish, &p->client_context, &e) != WS_OK)
            fail_msg("%s", base_error_message(&e));
    } else {
        assert_int_equal(tls_client_context_new(&config, &p->client_context, NULL), WS_OK);
    }
    open_server(p, o);
    pair_renew(p, o);
}

void pair_close(struct pair *p) {
    tls_session_free(p->client);
    tls_session_free(p->server);
    tls_context_free(p->client_context);
    tls_context_free(p->server_context);
    base_arena_release(&p->arena);
}

void pair_take(struct tls_session *from, struct base_buf *into) {
    struct base_buf *out = tls_session_output(from);

    base_buf_append_bytes(into, base_buf_view(out));
    base_buf_consume(out, base_buf_view(out).len);
}

bool pair_carry(struct pair *p, bool to_client) {
    struct tls_session *from = to_client ? p->server : p->client;
    struct tls_session *to = to_client ? p->client : p->server;
    struct base_buf bytes;
    size_t len, step;

    base_buf_init(&bytes, 1 << 24);
    pair_take(from, &bytes);
    len = base_buf_view(&bytes).len;
    step = p->chunk != 0 ? p->chunk : len;
    *(to_client ? &p->to_client : &p->to_server) += len;
    p->now += 10 * BASE_MSEC;
    for (size_t at = 0; at < len; at += step)
        tls_session_feed(to, base_bytes_slice(base_buf_view(&bytes), at, step), p->now);
    base_buf_release(&bytes);
    return len > 0;
}

void pair_run(struct pair *p) {
    tls_session_start(p->server, p->now);
    tls_session_start(p->client, p->now);
    for (int i = 0; i < 20; i++) {
        bool more = pair_carry(p, false);
        if (!pair_carry(p, true) && !more)
            return;
    }
    fail_msg("%s", "the sessions never come to rest");
}

struct facts_session pair_facts(struct pair *p) {
    struct facts_session f;

    tls_session_read_facts(p->client, &p->arena, &f);
    assert_false(p->arena.failed);
    return f;
}
