/* SPDX-License-Identifier: Apache-2.0 */
/* A whole visit under a virtual clock: the visit is the client, this file plays the server, with a
 * real TLS session behind STARTTLS. */
#include "pki/forge.h"
#include "probe/visit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define NOW 1800000000

struct stage {
    struct base_arena arena;
    struct facts_endpoint facts;
    struct probe_config config;
    struct probe_visit *visit;
    struct net_engine *engine;
    struct tls_context *client;
    struct tls_context *server;
    struct tls_session *peer; /* the server's end, once TLS began */
    struct pki_trust *trust;
    struct base_buf seen; /* what the client said, in clear or decrypted */
    base_usec now;
    bool one_byte_at_a_time;
};

static struct base_buf pem_of(const struct pki_forged *a, const struct pki_forged *b, bool key) {
    struct base_buf out;
    base_buf_init(&out, 1 << 20);
    if (key) {
        assert_int_equal(pki_forged_key_pem(a, &out), WS_OK);
        return out;
    }
    assert_int_equal(pki_forged_certificate_pem(a, &out), WS_OK);
    if (b)
        assert_int_equal(pki_forged_certificate_pem(b, &out), WS_OK);
    return out;
}

static void open_pki(struct stage *s, uint16_t min_version, uint16_t max_version) {
    static const char *const names[] = {"mx.test.example", NULL};
    struct pki_forge_request root_request = {.common_name = "Root",
                                             .ca = true,
                                             .not_before = NOW - 86400,
                                             .not_after = NOW + 86400 * 90};
    struct pki_forge_request leaf_request = {.common_name = "mx.test.example",
                                             .dns_names = names,
                                             .not_before = NOW - 86400,
                                             .not_after = NOW + 86400 * 60};
    struct pki_forged *root = NULL, *leaf = NULL;
    struct base_error e = {0};
    assert_int_equal(pki_forge(&root_request, NULL, &root, &e), WS_OK);
    assert_int_equal(pki_forge(&leaf_request, root, &leaf, &e), WS_OK);
    struct base_buf chain = pem_of(leaf, NULL, false);
    struct base_buf key = pem_of(leaf, NULL, true);
    struct base_buf anchor = pem_of(root, NULL, false);
    struct tls_server_config sc = {.chain_pem = base_buf_view(&chain),
                                   .key_pem = base_buf_view(&key),
                                   .min_version = min_version,
                                   .max_version = max_version};
    struct tls_client_config cc = {0};
    assert_int_equal(tls_server_context_new(&sc, &s->server, &e), WS_OK);
    assert_int_equal(tls_client_context_new(&cc, &s->client, &e), WS_OK);
    assert_int_equal(pki_trust_new_pem(base_buf_view(&anchor), "test root", &s->trust, &e), WS_OK);
    base_buf_release(&chain);
    base_buf_release(&key);
    base_buf_release(&anchor);
    pki_forged_free(root);
    pki_forged_free(leaf);
}

static void prepare_stage(struct stage *s, uint16_t min_version, uint16_t max_version,
                          bool implicit) {
    *s = (struct stage){.now = 1000 * BASE_SECOND};
    base_arena_init(&s->arena, 1 << 24);
    base_buf_init(&s->seen, 1 << 20);
    open_pki(s, min_version, max_version);
    facts_endpoint_init(&s->facts);
    s->facts.host = "mx.test.example";
    s->facts.address = "127.0.0.1";
    s->facts.port = 25;
    s->facts.implicit_tls = implicit;
    s->config = (struct probe_config){
        .helo = "client.test.example",
        .domain = "test.example",
        .timeouts = {30 * BASE_SECOND, 30 * BASE_SECOND, 2 * BASE_SECOND},
        .handshake_timeout = 20 * BASE_SECOND,
        .overall = 300 * BASE_SECOND,
        .tls = s->client,
        .trust = s->trust,
        .wall_now = NOW,
    };
}

static void open_visit(struct stage *s) {
    struct base_error e = {0};
    assert_int_equal(probe_visit_new(&s->config, &s->facts, &s->arena, s->now, &s->visit, &e),
                     WS_OK);
    s->engine = probe_visit_engine(s->visit);
}

static void open_stage_as(struct stage *s, uint16_t min_version, uint16_t max_version,
                          bool implicit) {
    prepare_stage(s, min_version, max_version, implicit);
    open_visit(s);
}

static void open_stage(struct stage *s) {
    open_stage_as(s, 0, 0, false);
}

static void close_stage(struct stage *s) {
    probe_visit_free(s->visit);
    tls_session_free(s->peer);
    tls_context_free(s->client);
    tls_context_free(s->server);
    pki_trust_free(s->trust);
    base_buf_release(&s->seen);
    assert_false(s->arena.failed);
    base_arena_release(&s->arena);
}

static bool done(struct stage *s) {
    return s->engine->ops->done(s->engine);
}

static void connect_now(struct stage *s) {
    s->engine->ops->connected(s->engine, 1.5, s->now);
}

static void deliver(struct stage *s, struct base_bytes b) {
    s->now += BASE_MSEC;
    if (!s->one_byte_at_a_time) {
        s->engine->ops->received(s->engine, b, s->now);
        return;
    }
    for (size_t i = 0; i < b.len && !done(s); i++)
        s->engine->ops->received(s->engine, base_bytes_slice(b, i, 1), s->now);
}

/* Takes what the client sent; in TLS, plays the handshake until both sides rest. */
static void exchange(struct stage *s) {
    struct base_buf *out = s->engine->ops->output(s->engine);
    if (!s->peer) {
        base_buf_append_bytes(&s->seen, base_buf_view(out));
        base_buf_clear(out);
        return;
    }
    struct base_buf *back = tls_session_output(s->peer);
    while (!done(s) && (out->len > 0 || back->len > 0)) {
        if (out->len > 0) {
            tls_session_feed(s->peer, base_buf_view(out), s->now);
            base_buf_clear(out);
        }
        struct base_buf *plain = tls_session_plain(s->peer);
        base_buf_append_bytes(&s->seen, base_buf_view(plain));
        base_buf_clear(plain);
        if (back->len > 0) {
            struct base_buf copy;
            base_buf_init(&copy, 1 << 20);
            base_buf_append_bytes(&copy, base_buf_view(back));
            base_buf_clear(back);
            deliver(s, base_buf_view(&copy));
            base_buf_release(&copy);
        }
    }
}

static void say(struct stage *s, const char *text) {
    if (s->peer) {
        assert_int_equal(tls_session_write(s->peer, base_bytes_of_str(text)), WS_OK);
    } else {
        deliver(s, base_bytes_of_str(text));
    }
    exchange(s);
}

/* The client's words since the last call. */
static void expect_said(struct stage *s, const char *text) {
    assert_string_equal(base_buf_cstr(&s->seen), text);
    base_buf_clear(&s->seen);
}

static void begin_tls(struct stage *s) {
    struct base_error e = {0};
    assert_int_equal(tls_session_new(s->server, NULL, NULL, "server", &s->peer, &e), WS_OK);
    tls_session_start(s->peer, s->now);
    struct base_bytes hello = base_buf_view(&s->seen);
    if (hello.len > 0) { /* the ClientHello came with the last exchange */
        tls_session_feed(s->peer, hello, s->now);
        base_buf_clear(&s->seen);
    }
    exchange(s);
}

static void until_starttls(struct stage *s) {
    connect_now(s);
    exchange(s);
    expect_said(s, "");
    say(s, "220 mx.test.example ESMTP\r\n");
    expect_said(s, "EHLO client.test.example\r\n");
    say(s, "250-mx.test.example\r\n250-SIZE 1000\r\n250 STARTTLS\r\n");
    expect_said(s, "STARTTLS\r\n");
}

static void after_tls(struct stage *s) {
    expect_said(s, "EHLO client.test.example\r\n");
    say(s, "250-mx.test.example\r\n250-SIZE 1000\r\n250 AUTH PLAIN\r\n");
    expect_said(s, "QUIT\r\n");
    say(s, "221 bye\r\n");
    s->engine->ops->closed(s->engine, false, s->now);
    assert_true(done(s));
}

static void check_healthy(struct stage *s, const char *protocol, unsigned round_trips) {
    assert_int_equal(s->facts.step, FACTS_STEP_DONE);
    assert_int_equal(s->facts.stop, FACTS_STOP_NONE);
    assert_int_equal(s->facts.connect.state, FACTS_CONNECT_OK);
    assert_true(s->facts.session.established);
    assert_string_equal(s->facts.session.protocol, protocol);
    assert_string_equal(s->facts.session.sni, "mx.test.example");
    assert_int_equal(s->facts.certificate_count, 1);
    assert_true(s->facts.verification.ok);
    assert_string_equal(s->facts.verification.matched_name, "mx.test.example");
    assert_int_equal(s->facts.certificates[0].days_left, 60);
    if (round_trips)
        assert_int_equal(s->facts.round_trips, round_trips);
}

static void healthy_tls13(void **state) {
    (void)state;
    struct stage s;
    open_stage(&s);
    until_starttls(&s);
    say(&s, "220 go ahead\r\n");
    begin_tls(&s);
    after_tls(&s);
    /* TCP, greeting, EHLO, STARTTLS, TLS 1.3, EHLO, QUIT: not one more */
    check_healthy(&s, "TLSv1.3", 7);
    close_stage(&s);
}

static void healthy_tls12(void **state) {
    (void)state;
    struct stage s;
    open_stage_as(&s, 0x0303, 0x0303, false);
    until_starttls(&s);
    say(&s, "220 go ahead\r\n");
    begin_tls(&s);
    after_tls(&s);
    check_healthy(&s, "TLSv1.2", 8);
    close_stage(&s);
}

static void old_tls10_is_looked_at(void **state) {
    (void)state;
    struct stage s;
    open_stage_as(&s, 0x0301, 0x0301, false);
    until_starttls(&s);
    say(&s, "220 go ahead\r\n");
    begin_tls(&s);
    after_tls(&s);
    check_healthy(&s, "TLSv1", 0);
    assert_string_not_equal(s.facts.session.default_client_refuses, "");
    close_stage(&s);
}

static void one_byte_at_a_time(void **state) {
    (void)state;
    struct stage s;
    open_stage(&s);
    s.one_byte_at_a_time = true;
    until_starttls(&s);
    say(&s, "220 go ahead\r\n");
    begin_tls(&s);
    after_tls(&s);
    check_healthy(&s, "TLSv1.3", 0);
    close_stage(&s);
}

static void implicit_tls(void **state) {
    (void)state;
    struct stage s;
    open_stage_as(&s, 0, 0, true);
    connect_now(&s);
    exchange(&s);
    begin_tls(&s);
    say(&s, "220 mx.test.example ESMTP\r\n");
    after_tls(&s);
    check_healthy(&s, "TLSv1.3", 0);
    assert_false(s.facts.starttls.asked);
    close_stage(&s);
}

static void text_instead_of_server_hello(void **state) {
    (void)state;
    struct stage s;
    open_stage(&s);
    until_starttls(&s);
    say(&s, "220 go ahead\r\n");
    base_buf_clear(&s.seen);
    say(&s, "454 4.7.0 TLS is broken today\r\n");
    assert_int_equal(s.facts.stop, FACTS_STOP_HANDSHAKE);
    assert_int_equal(s.facts.step, FACTS_STEP_HANDSHAKE);
    assert_int_equal(s.facts.session.end, FACTS_HANDSHAKE_PLAINTEXT);
    assert_true(base_bytes_starts_with_nocase(s.facts.session.junk, "454 4.7.0 TLS is broken"));
    assert_false(s.facts.session.established);
    close_stage(&s);
}

static void early_plaintext_is_dropped_and_told(void **state) {
    (void)state;
    struct stage s;
    open_stage(&s);
    until_starttls(&s);
    say(&s, "220 go ahead\r\n250 injected\r\n");
    begin_tls(&s);
    after_tls(&s);
    check_healthy(&s, "TLSv1.3", 0);
    assert_int_equal(s.facts.starttls.early_bytes, strlen("250 injected\r\n"));
    close_stage(&s);
}

static void closed_in_the_handshake(void **state) {
    for (int reset = 0; reset < 2; reset++) {
        struct stage s;
        (void)state;
        open_stage(&s);
        until_starttls(&s);
        say(&s, "220 go ahead\r\n");
        s.engine->ops->closed(s.engine, reset, s.now);
        assert_true(done(&s));
        assert_int_equal(s.facts.stop, FACTS_STOP_HANDSHAKE);
        assert_int_equal(s.facts.session.end,
                         reset ? FACTS_HANDSHAKE_RESET : FACTS_HANDSHAKE_CLOSED);
        close_stage(&s);
    }
}

static void alert_from_the_server(void **state) {
    static const uint8_t alert[] = {0x15, 3, 3, 0, 2, 2, 40};
    (void)state;
    struct stage s;
    open_stage(&s);
    until_starttls(&s);
    say(&s, "220 go ahead\r\n");
    deliver(&s, base_bytes_view(alert, sizeof alert));
    assert_int_equal(s.facts.stop, FACTS_STOP_HANDSHAKE);
    assert_int_equal(s.facts.session.end, FACTS_HANDSHAKE_ALERT);
    assert_int_equal(s.facts.session.alert, 40);
    assert_string_equal(s.facts.session.alert_name, "handshake_failure");
    close_stage(&s);
}

static void silent_handshake_times_out(void **state) {
    (void)state;
    struct stage s;
    open_stage(&s);
    until_starttls(&s);
    say(&s, "220 go ahead\r\n");
    base_usec deadline = s.engine->ops->deadline(s.engine);
    assert_in_range(deadline, s.now + 19 * BASE_SECOND, s.now + 21 * BASE_SECOND);
    s.engine->ops->tick(s.engine, deadline);
    assert_int_equal(s.facts.stop, FACTS_STOP_HANDSHAKE);
    assert_int_equal(s.facts.session.end, FACTS_HANDSHAKE_TIMEOUT);
    close_stage(&s);
}

static void silent_greeting_times_out(void **state) {
    (void)state;
    struct stage s;
    open_stage(&s);
    connect_now(&s);
    base_usec deadline = s.engine->ops->deadline(s.engine);
    s.engine->ops->tick(s.engine, deadline);
    assert_true(done(&s));
    assert_int_equal(s.facts.step, FACTS_STEP_GREETING);
    assert_int_equal(s.facts.stop, FACTS_STOP_TIMEOUT);
    assert_int_equal(s.facts.connect.state, FACTS_CONNECT_OK);
    close_stage(&s);
}

static void closed_before_the_greeting(void **state) {
    for (int reset = 0; reset < 2; reset++) {
        struct stage s;
        (void)state;
        open_stage(&s);
        connect_now(&s);
        s.engine->ops->closed(s.engine, reset, s.now);
        assert_true(done(&s));
        assert_int_equal(s.facts.connect.state, reset ? FACTS_CONNECT_RESET : FACTS_CONNECT_CLOSED);
        assert_int_equal(s.facts.stop, reset ? FACTS_STOP_RESET : FACTS_STOP_CLOSED);
        close_stage(&s);
    }
}

static void overall_deadline_ends_everything(void **state) {
    (void)state;
    struct stage s;
    open_stage(&s);
    connect_now(&s);
    say(&s, "220-still coming\r\n");
    s.engine->ops->tick(s.engine, s.now + 400 * BASE_SECOND);
    assert_true(done(&s));
    assert_int_equal(s.facts.stop, FACTS_STOP_DEADLINE);
    close_stage(&s);
}

static void connection_failures_are_told_apart(void **state) {
    static const struct {
        enum facts_connect_state state;
        enum facts_stop stop;
    } rows[] = {
        {FACTS_CONNECT_REFUSED, FACTS_STOP_REFUSED},
        {FACTS_CONNECT_TIMEOUT, FACTS_STOP_TIMEOUT},
        {FACTS_CONNECT_UNREACHABLE, FACTS_STOP_REFUSED},
        {FACTS_CONNECT_RESET, FACTS_STOP_RESET},
        {FACTS_CONNECT_ERROR, FACTS_STOP_LOCAL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct stage s;
        open_stage(&s);
        s.engine->ops->not_connected(s.engine, rows[i].state, "the system's words", 3, s.now);
        assert_true(done(&s));
        assert_int_equal(s.facts.connect.state, rows[i].state);
        assert_int_equal(s.facts.stop, rows[i].stop);
        assert_string_equal(s.facts.connect.error, "the system's words");
        close_stage(&s);
    }
}

static void no_starttls_means_no_hello(void **state) {
    (void)state;
    struct stage s;
    open_stage(&s);
    connect_now(&s);
    say(&s, "220 mx.test.example ESMTP\r\n");
    base_buf_clear(&s.seen);
    say(&s, "250-mx.test.example\r\n250 SIZE 1000\r\n");
    expect_said(&s, "QUIT\r\n");
    say(&s, "221 bye\r\n");
    s.engine->ops->closed(s.engine, false, s.now);
    assert_int_equal(s.facts.stop, FACTS_STOP_NO_STARTTLS);
    assert_false(s.facts.session.started);
    assert_int_equal(s.facts.certificate_count, 0);
    close_stage(&s);
}

static void server_leaves_after_tls(void **state) {
    (void)state;
    struct stage s;
    open_stage(&s);
    until_starttls(&s);
    say(&s, "220 go ahead\r\n");
    begin_tls(&s);
    tls_session_close(s.peer);
    exchange(&s);
    assert_true(done(&s));
    assert_true(s.facts.session.established);
    assert_int_equal(s.facts.step, FACTS_STEP_EHLO_TLS);
    assert_int_equal(s.facts.stop, FACTS_STOP_CLOSED);
    assert_true(s.facts.verification.done);
    close_stage(&s);
}

static void open_stay(struct stage *s) {
    open_stage(s);
    s->config.stay = true;
    until_starttls(s);
    say(s, "220 go ahead\r\n");
    begin_tls(s);
    assert_true(probe_visit_is_staying(s->visit));
    assert_int_equal(s->facts.step, FACTS_STEP_DONE);
}

/* A session that ends before a word was no session to the server; after one it was. */
static void server_ends_a_stay(void **state) {
    (void)state;
    struct stage s;
    open_stay(&s);
    tls_session_close(s.peer);
    exchange(&s);
    assert_false(probe_visit_is_staying(s.visit));
    assert_int_equal(s.facts.step, FACTS_STEP_EHLO_TLS);
    assert_int_equal(s.facts.stop, FACTS_STOP_CLOSED);
    close_stage(&s);
    open_stay(&s);
    s.engine->ops->closed(s.engine, true, s.now);
    assert_int_equal(s.facts.step, FACTS_STEP_EHLO_TLS);
    assert_int_equal(s.facts.stop, FACTS_STOP_RESET);
    close_stage(&s);
    open_stay(&s);
    say(&s, "421 later\r\n");
    base_buf_clear(probe_visit_plain(s.visit));
    tls_session_close(s.peer);
    exchange(&s);
    assert_false(probe_visit_is_staying(s.visit));
    assert_int_equal(s.facts.step, FACTS_STEP_DONE);
    assert_int_equal(s.facts.stop, FACTS_STOP_NONE);
    close_stage(&s);
}

static void name_that_does_not_match(void **state) {
    (void)state;
    struct stage s;
    open_stage(&s);
    s.config.verify_name = "other.test.example";
    until_starttls(&s);
    say(&s, "220 go ahead\r\n");
    begin_tls(&s);
    after_tls(&s);
    assert_string_equal(s.facts.session.sni, "other.test.example");
    assert_false(s.facts.verification.ok);
    assert_true(s.facts.verification.chain_ok);
    assert_int_equal(s.facts.verification.code, 62);
    close_stage(&s);
}

/* Leaving without waiting, inside TLS: what is to be said is said, close_notify goes behind it, and
 * the facts claim nothing about an answer. */
static void leaves_without_waiting(void **state) {
    (void)state;
    for (int close = 0; close < 2; close++) {
        struct stage s;
        prepare_stage(&s, 0, 0, false);
        s.config.leave = close ? MAIL_LEAVE_CLOSE : MAIL_LEAVE_QUIT;
        open_visit(&s);
        until_starttls(&s);
        say(&s, "220 go ahead\r\n");
        begin_tls(&s);
        expect_said(&s, "EHLO client.test.example\r\n");
        say(&s, "250 mx.test.example\r\n");
        assert_true(done(&s));
        struct base_buf *out = s.engine->ops->output(s.engine);
        tls_session_feed(s.peer, base_buf_view(out), s.now);
        assert_string_equal(base_buf_cstr(tls_session_plain(s.peer)), close ? "" : "QUIT\r\n");
        assert_int_equal(tls_session_state(s.peer), TLS_CLOSED);
        assert_int_equal(s.facts.step, FACTS_STEP_DONE);
        assert_int_equal(s.facts.stop, FACTS_STOP_NONE);
        assert_false(s.facts.quit.received);
        assert_true(s.facts.verification.ok);
        close_stage(&s);
    }
}

static void skips_the_hello_that_is_known(void **state) {
    (void)state;
    struct stage s;
    prepare_stage(&s, 0, 0, false);
    s.config.skip_hello = true;
    open_visit(&s);
    connect_now(&s);
    say(&s, "220 mx.test.example ESMTP\r\n");
    expect_said(&s, "STARTTLS\r\n");
    say(&s, "220 go ahead\r\n");
    begin_tls(&s);
    after_tls(&s);
    check_healthy(&s, "TLSv1.3", 6); /* one less */
    close_stage(&s);
}

/* A session that ends in the segment that completed it: the server closed, nothing failed here. */
static void server_leaves_with_its_last_flight(void **state) {
    (void)state;
    struct stage s;
    open_stage_as(&s, 0x0303, 0x0303, false); /* TLS 1.2: the server's Finished comes last */
    struct base_error e = {0};
    until_starttls(&s);
    say(&s, "220 go ahead\r\n");
    assert_int_equal(tls_session_new(s.server, NULL, NULL, "server", &s.peer, &e), WS_OK);
    tls_session_start(s.peer, s.now);
    tls_session_feed(s.peer, base_buf_view(&s.seen), s.now); /* ClientHello */
    struct base_buf *back = tls_session_output(s.peer), *out = s.engine->ops->output(s.engine);
    deliver(&s, base_buf_view(back));
    base_buf_clear(back);
    tls_session_feed(s.peer, base_buf_view(out), s.now);
    base_buf_clear(out);
    assert_int_equal(tls_session_state(s.peer), TLS_UP);
    tls_session_close(s.peer);
    deliver(&s, base_buf_view(back));
    assert_true(done(&s));
    assert_true(s.facts.session.established);
    assert_int_equal(s.facts.step, FACTS_STEP_EHLO_TLS);
    assert_int_equal(s.facts.stop, FACTS_STOP_CLOSED);
    close_stage(&s);
}

/* There can be no session: a local failure, told and over at once. */
static void no_session_can_be_made(void **state) {
    static char name[300];
    (void)state;
    struct stage s;
    memset(name, 'a', sizeof name - 1);
    open_stage(&s);
    s.config.sni = name;
    until_starttls(&s);
    say(&s, "220 go ahead\r\n");
    assert_true(done(&s));
    assert_int_equal(s.facts.step, FACTS_STEP_HANDSHAKE);
    assert_int_equal(s.facts.stop, FACTS_STOP_LOCAL);
    assert_non_null(strstr(s.facts.error, "255"));
    expect_said(&s, "");
    close_stage(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(healthy_tls13),
        cmocka_unit_test(healthy_tls12),
        cmocka_unit_test(old_tls10_is_looked_at),
        cmocka_unit_test(one_byte_at_a_time),
        cmocka_unit_test(implicit_tls),
        cmocka_unit_test(text_instead_of_server_hello),
        cmocka_unit_test(early_plaintext_is_dropped_and_told),
        cmocka_unit_test(closed_in_the_handshake),
        cmocka_unit_test(alert_from_the_server),
        cmocka_unit_test(silent_handshake_times_out),
        cmocka_unit_test(silent_greeting_times_out),
        cmocka_unit_test(closed_before_the_greeting),
        cmocka_unit_test(overall_deadline_ends_everything),
        cmocka_unit_test(connection_failures_are_told_apart),
        cmocka_unit_test(no_starttls_means_no_hello),
        cmocka_unit_test(server_leaves_after_tls),
        cmocka_unit_test(server_ends_a_stay),
        cmocka_unit_test(name_that_does_not_match),
        cmocka_unit_test(leaves_without_waiting),
        cmocka_unit_test(skips_the_hello_that_is_known),
        cmocka_unit_test(server_leaves_with_its_last_flight),
        cmocka_unit_test(no_session_can_be_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
