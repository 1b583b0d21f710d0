/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose_offer - what a client put on the table, and whose keys it suits. RFC 8446 4.1.2. */
#include "diagnose/clash_private.h"

#include "base/buf.h"
#include "know/tls_group.h"
#include "know/tls_scheme.h"
#include "wire/handshake.h"

#include <string.h>

void diagnose_offer_of(const struct facts_client *client, const struct facts_endpoint *e,
                       struct diagnose_offer *out) {
    struct base_bytes message = client && client->hello.len > 0 ? client->hello : e->session.hello;
    struct base_bytes body;
    struct base_reader r;
    uint8_t type;
    *out = (struct diagnose_offer){.length = message.len};
    base_reader_init(&r, message);
    out->known = wire_handshake_next(&r, &type, &body) && type == WIRE_MESSAGE_CLIENT_HELLO &&
                 wire_client_hello_parse(body, &out->hello);
}

size_t diagnose_offer_count_auth(const struct diagnose_offer *o, enum know_tls_auth auth) {
    size_t n = 0;
    for (size_t i = 0; i < wire_list_count(o->hello.suites); i++) {
        const struct know_tls_suite *s = know_tls_suite_find(wire_list_at(o->hello.suites, i));
        n += s && s->auth == auth;
    }
    return n;
}

/* RSA with PKCS#1 v1.5, SHA-1 and MD5 do not sign a TLS 1.3 handshake (RFC 8446 4.2.3). */
static bool signs_tls13(const struct know_tls_scheme *s) {
    bool weak = strcmp(s->hash, "SHA1") == 0 || strcmp(s->hash, "SHA224") == 0;
    return s->id >= 0x0804 || (strcmp(s->key, "EC") == 0 && !weak);
}

size_t diagnose_offer_count_schemes(const struct diagnose_offer *o, const char *key, bool tls13) {
    size_t n = 0;
    for (size_t i = 0; i < wire_list_count(o->hello.schemes); i++) {
        const struct know_tls_scheme *s = know_tls_scheme_find(wire_list_at(o->hello.schemes, i));
        n += s && strcmp(s->key, key) == 0 && (!tls13 || signs_tls13(s));
    }
    return n;
}

static const char *suite_name(uint16_t id) {
    const struct know_tls_suite *s = know_tls_suite_find(id);
    return s ? s->name : NULL;
}

static const char *group_name(uint16_t id) {
    const struct know_tls_group *g = know_tls_group_find(id);
    return g ? g->name : NULL;
}

static const char *scheme_name(uint16_t id) {
    const struct know_tls_scheme *s = know_tls_scheme_find(id);
    return s ? s->name : NULL;
}

/* Signals among the suites and GREASE are no offers. */
static bool is_real(uint16_t id) {
    const struct know_tls_suite *s = know_tls_suite_find(id);
    return !know_tls_is_grease(id) && !(s && s->kx == KNOW_TLS_KX_MARK);
}

static size_t count_real(struct base_bytes list) {
    size_t n = 0;
    for (size_t i = 0; i < wire_list_count(list); i++)
        n += is_real(wire_list_at(list, i));
    return n;
}

static const char *name_list(struct base_arena *arena, struct base_bytes list, size_t most,
                             const char *(*name)(uint16_t id)) {
    struct base_buf b;
    size_t all = count_real(list), shown = 0;
    base_buf_init(&b, 4096);
    for (size_t i = 0; shown < most && i < wire_list_count(list); i++) {
        uint16_t id = wire_list_at(list, i);
        const char *text = name(id);
        if (!is_real(id))
            continue;
        base_buf_append_str(&b, shown == 0 ? "" : shown + 1 == all ? " and " : ", ");
        if (text)
            base_buf_append_str(&b, text);
        else
            base_buf_printf(&b, "0x%04x", id);
        shown++;
    }
    if (all > shown)
        base_buf_printf(&b, " and %zu more", all - shown);
    const char *text = all ? base_arena_str(arena, base_buf_cstr(&b)) : "none";
    base_buf_release(&b);
    return text;
}

const char *diagnose_offer_suites(struct base_arena *arena, const struct diagnose_offer *o,
                                  size_t most) {
    return name_list(arena, o->hello.suites, most, suite_name);
}

const char *diagnose_offer_groups(struct base_arena *arena, const struct diagnose_offer *o,
                                  size_t most) {
    return name_list(arena, o->hello.groups, most, group_name);
}

const char *diagnose_offer_schemes(struct base_arena *arena, const struct diagnose_offer *o,
                                   size_t most) {
    return name_list(arena, o->hello.schemes, most, scheme_name);
}
