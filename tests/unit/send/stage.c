/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "pki/forge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const recipient[] = {"to@example.org"};

void stage_open(struct stage *s) {
    *s = (struct stage){.now = 1000 * BASE_SECOND};
    send_plan_init(&s->plan);
    s->plan.helo = "client.example";
    s->plan.from = "from@example.org";
    s->plan.recipients = recipient;
    s->plan.recipient_count = 1;
    s->plan.target.server = "mx.test.example";
    s->out_fd = memfd_create("out", 0);
    s->err_fd = memfd_create("err", 0);
    assert_true(s->out_fd >= 0 && s->err_fd >= 0);
    s->plan.output.out_fd = s->out_fd;
    s->plan.output.err_fd = s->err_fd;
    base_buf_init(&s->seen, (size_t)1 << 30);
    base_buf_init(&s->shown, (size_t)1 << 30);
}

static void make_message(struct stage *s) {
    const struct message_input in = {
        .from = "from@example.org",
        .to = "to@example.org",
        .fqdn = "client.example",
        .version = "1",
        .data_given = true,
        .data = base_bytes_of_str("Subject: x\\n\\nhello\\n.dot"),
    };
    struct base_error e = {0};
    assert_int_equal(message_new(&s->message, &in, &e), WS_OK);
    s->plan.message = s->message;
}

void stage_begin(struct stage *s) {
    struct base_error e = {0};
    if (!s->plan.message)
        make_message(s);
    send_transcript_init(&s->transcript, &s->plan.output);
    assert_int_equal(send_transaction_new(&s->plan, &s->transcript, &s->transaction, &e), WS_OK);
    s->engine = send_transaction_engine(s->transaction);
    s->engine->ops->connected(s->engine, 1.0, s->now);
    stage_take(s);
}

void stage_close(struct stage *s) {
    send_transaction_free(s->transaction);
    send_transcript_release(&s->transcript);
    message_free(s->message);
    tls_session_free(s->session);
    tls_context_free(s->server);
    base_buf_release(&s->seen);
    base_buf_release(&s->shown);
    close(s->out_fd);
    close(s->err_fd);
}

/* --- carrying --- */

static void take_once(struct stage *s) {
    struct base_buf *out = s->engine->ops->output(s->engine);
    if (out->len > s->biggest_output)
        s->biggest_output = out->len;
    if (!s->session) {
        base_buf_append_bytes(&s->seen, base_buf_view(out));
    } else {
        tls_session_feed(s->session, base_buf_view(out), s->now);
        base_buf_append_bytes(&s->seen, base_buf_view(tls_session_plain(s->session)));
        base_buf_clear(tls_session_plain(s->session));
    }
    base_buf_clear(out);
}

static void give(struct stage *s, struct base_bytes bytes) {
    while (bytes.len > 0 && !s->engine->ops->done(s->engine)) {
        size_t n = s->chunk && s->chunk < bytes.len ? s->chunk : bytes.len;
        s->engine->ops->received(s->engine, base_bytes_slice(bytes, 0, n), s->now);
        bytes = base_bytes_slice(bytes, n, bytes.len);
    }
}

/* The server's records go to the client, and what that makes it say comes back. */
static bool give_records(struct stage *s) {
    struct base_buf *records = s->session ? tls_session_output(s->session) : NULL;
    if (!records || records->len == 0)
        return false;
    struct base_buf copy;
    base_buf_init(&copy, 16u << 20);
    base_buf_append_bytes(&copy, base_buf_view(records));
    base_buf_clear(records);
    give(s, base_buf_view(&copy));
    base_buf_release(&copy);
    return true;
}

void stage_take(struct stage *s) {
    do {
        take_once(s);
        if (s->engine->ops->deadline(s->engine) == 0)
            s->engine->ops->tick(s->engine, s->now);
    } while (give_records(s) || s->engine->ops->output(s->engine)->len > 0 ||
             s->engine->ops->deadline(s->engine) == 0);
}

void stage_say_bytes(struct stage *s, struct base_bytes bytes) {
    if (s->session) {
        assert_int_equal(tls_session_write(s->session, bytes), WS_OK);
        give_records(s);
    } else {
        give(s, bytes);
    }
    stage_take(s);
}

void stage_say(struct stage *s, const char *text) {
    stage_say_bytes(s, base_bytes_of_str(text));
}

const char *stage_heard(struct stage *s) {
    base_buf_clear(&s->shown);
    base_buf_append_bytes(&s->shown, base_buf_view(&s->seen));
    base_buf_clear(&s->seen);
    return base_buf_cstr(&s->shown);
}

void stage_hang_up(struct stage *s, bool reset) {
    s->engine->ops->closed(s->engine, reset, s->now);
    stage_take(s);
}

void stage_pass(struct stage *s, base_usec d) {
    s->now += d;
    if (s->engine->ops->deadline(s->engine) <= s->now)
        s->engine->ops->tick(s->engine, s->now);
    stage_take(s);
}

/* --- TLS --- */

void stage_tls(struct stage *s, struct base_buf *root_pem) {
    static const char *const names[] = {"mx.test.example", NULL};
    int64_t now = (int64_t)time(NULL);
    struct pki_forge_request root_request = {
        .common_name = "Root", .ca = true, .not_before = now - 86400, .not_after = now + 864000};
    struct pki_forge_request leaf_request = {.common_name = "mx.test.example",
                                             .dns_names = names,
                                             .not_before = now - 86400,
                                             .not_after = now + 864000};
    struct pki_forged *root = NULL, *leaf = NULL;
    struct base_buf chain, key;
    struct base_error e = {0};
    base_buf_init(&chain, 1 << 20);
    base_buf_init(&key, 1 << 20);
    base_buf_init(root_pem, 1 << 20);
    assert_int_equal(pki_forge(&root_request, NULL, &root, &e), WS_OK);
    assert_int_equal(pki_forge(&leaf_request, root, &leaf, &e), WS_OK);
    assert_int_equal(pki_forged_certificate_pem(leaf, &chain), WS_OK);
    assert_int_equal(pki_forged_key_pem(leaf, &key), WS_OK);
    assert_int_equal(pki_forged_certificate_pem(root, root_pem), WS_OK);
    struct tls_server_config config = {.chain_pem = base_buf_view(&chain),
                                       .key_pem = base_buf_view(&key)};
    assert_int_equal(tls_server_context_new(&config, &s->server, &e), WS_OK);
    pki_forged_free(root);
    pki_forged_free(leaf);
    base_buf_release(&chain);
    base_buf_release(&key);
}

void stage_start_tls(struct stage *s) {
    struct base_error e = {0};
    assert_int_equal(tls_session_new(s->server, NULL, NULL, "server", &s->session, &e), WS_OK);
    tls_session_start(s->session, s->now);
    /* what the client has said already is its hello */
    struct base_buf hello;
    base_buf_init(&hello, 1 << 20);
    base_buf_append_bytes(&hello, base_buf_view(&s->seen));
    base_buf_clear(&s->seen);
    tls_session_feed(s->session, base_buf_view(&hello), s->now);
    base_buf_release(&hello);
    stage_take(s);
}

/* --- looking --- */

static const char *content(struct stage *s, int fd) {
    send_transcript_flush(&s->transcript);
    off_t size = lseek(fd, 0, SEEK_END);
    base_buf_clear(&s->shown);
    uint8_t *room = base_buf_reserve(&s->shown, (size_t)size + 1);
    ssize_t n = pread(fd, room, (size_t)size, 0);
    assert_int_equal(n, size);
    base_buf_commit(&s->shown, (size_t)n);
    return base_buf_cstr(&s->shown);
}

const char *stage_out(struct stage *s) {
    return content(s, s->out_fd);
}

const char *stage_err(struct stage *s) {
    return content(s, s->err_fd);
}

void stage_to_data(struct stage *s, const char *ehlo) {
    stage_say(s, "220 mx ESMTP\r\n");
    stage_say(s, ehlo);
    stage_say(s, "250 sender\r\n");
    stage_say(s, "250 recipient\r\n");
    stage_say(s, "354 go\r\n");
}
