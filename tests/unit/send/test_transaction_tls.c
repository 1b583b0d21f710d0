/* SPDX-License-Identifier: Apache-2.0 */
/* STARTTLS and TLS on connect inside a transaction, with a real server session: what is shown, what
 * verification demands, injected plaintext, silence and garbage in place of a handshake. */
#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define EHLO_TLS "250-mx\r\n250 starttls\r\n"

static void assert_exit(struct stage *s, enum send_exit code) {
    assert_true(s->engine->ops->done(s->engine));
    assert_int_equal(send_transaction_exit(s->transaction), code);
}

/* The root's certificate in a file that --tls-ca-path could name. */
static void write_root(const struct base_buf *pem, char path[32]) {
    static const char template[] = "/tmp/send_root_XXXXXX";
    (void)base_bytes_copy(path, 32, base_bytes_view(template, sizeof template));
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, base_buf_view(pem).data, pem->len), (ssize_t)pem->len);
    close(fd);
}

struct tls_case {
    struct stage s;
    struct base_buf root;
    char root_file[32];
};

static void open_case(struct tls_case *c) {
    stage_open(&c->s);
    stage_tls(&c->s, &c->root);
    write_root(&c->root, c->root_file);
    c->s.plan.tls.demand = SEND_REQUIRED;
    c->s.plan.tls.wish.ca_file = c->root_file;
    c->s.plan.tls.verify_name = "mx.test.example";
}

static void close_case(struct tls_case *c) {
    unlink(c->root_file);
    base_buf_release(&c->root);
    stage_close(&c->s);
}

static void to_starttls(struct stage *s) {
    stage_begin(s);
    stage_say(s, "220 x\r\n");
    (void)stage_heard(s);
    stage_say(s, EHLO_TLS);
    assert_string_equal(stage_heard(s), "STARTTLS\r\n");
}

static void starttls(size_t chunk) {
    struct tls_case c;
    open_case(&c);
    c.s.chunk = chunk;
    c.s.plan.tls.verify_ca = c.s.plan.tls.verify_host = true;
    to_starttls(&c.s);
    stage_say(&c.s, "220 go\r\n");
    stage_start_tls(&c.s);
    assert_string_equal(stage_heard(&c.s), "EHLO client.example\r\n");
    stage_say(&c.s, "250-mx\r\n250 HELP\r\n");
    assert_string_equal(stage_heard(&c.s), "MAIL FROM:<from@example.org>\r\n");
    stage_say(&c.s, "250 x\r\n");
    stage_say(&c.s, "250 x\r\n");
    stage_say(&c.s, "354 x\r\n");
    assert_non_null(strstr(stage_heard(&c.s), "\r\n.\r\n"));
    stage_say(&c.s, "250 x\r\n");
    stage_say(&c.s, "221 x\r\n");
    assert_exit(&c.s, SEND_EXIT_OK);
    assert_non_null(strstr(stage_out(&c.s),
                           "=== TLS peer certificate passed CA verification, passed host "
                           "verification (using host mx.test.example to verify)\n"
                           " ~> EHLO client.example\n<~  250-mx\n"));
    assert_non_null(strstr(stage_out(&c.s), "subject=[/CN=mx.test.example]\n===               "
                                            "commonName=[mx.test.example], "
                                            "subjectAltName=[DNS:mx.test.example] notAfter=["));
    assert_non_null(strstr(stage_out(&c.s), "<~  221 x\n"));
    close_case(&c);
}

static void test_starttls(void **state) {
    (void)state;
    starttls(0);
    starttls(1);
}

/* The roots are read by the first transaction of a run, and serve the others. */
static void test_one_context_for_a_run(void **state) {
    struct send_tls_context shared = {0};
    struct tls_case c;
    (void)state;
    open_case(&c);
    c.s.plan.tls.verify_ca = c.s.plan.tls.verify_host = true;
    c.s.plan.tls.context = &shared;
    for (int i = 0; i < 2; i++) {
        if (i > 0) {
            unlink(c.root_file);
            send_transaction_free(c.s.transaction);
            send_transcript_release(&c.s.transcript);
            tls_session_free(c.s.session);
            c.s.session = NULL;
        }
        to_starttls(&c.s);
        stage_say(&c.s, "220 go\r\n");
        stage_start_tls(&c.s);
        assert_string_equal(stage_heard(&c.s), "EHLO client.example\r\n");
    }
    close_case(&c);
    tls_context_free(shared.tls);
}

static void test_on_connect(void **state) {
    struct tls_case c;
    (void)state;
    open_case(&c);
    c.s.plan.tls.on_connect = true;
    stage_begin(&c.s);
    stage_start_tls(&c.s);
    assert_string_equal(stage_heard(&c.s), "");
    stage_say(&c.s, "220 x\r\n");
    assert_string_equal(stage_heard(&c.s), "EHLO client.example\r\n");
    close_case(&c);
}

/* RFC 3207 section 6: what came in clear behind the reply must not be taken as if it had been
 * protected. */
static void test_injected(void **state) {
    struct tls_case c;
    (void)state;
    open_case(&c);
    to_starttls(&c.s);
    stage_say(&c.s, "220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n250 injected\r\n");
    stage_start_tls(&c.s);
    assert_string_equal(stage_heard(&c.s), "EHLO client.example\r\n");
    assert_null(strstr(stage_out(&c.s), "evil"));
    stage_say(&c.s, "250-mx\r\n250 HELP\r\n");
    assert_string_equal(stage_heard(&c.s), "MAIL FROM:<from@example.org>\r\n");
    close_case(&c);
}

/* What was advertised in clear is forgotten: AUTH must be offered again. */
static void test_features_forgotten(void **state) {
    static const struct send_auth_name plain = {"PLAIN", SASL_PLAIN};
    struct tls_case c;
    (void)state;
    open_case(&c);
    c.s.plan.auth.demand = SEND_REQUIRED;
    c.s.plan.auth.names = &plain;
    c.s.plan.auth.name_count = 1;
    stage_begin(&c.s);
    stage_say(&c.s, "220 x\r\n");
    stage_say(&c.s, "250-mx\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n");
    (void)stage_heard(&c.s);
    stage_say(&c.s, "220 go\r\n");
    stage_start_tls(&c.s);
    (void)stage_heard(&c.s);
    stage_say(&c.s, "250-mx\r\n250 HELP\r\n");
    assert_string_equal(stage_heard(&c.s), "QUIT\r\n");
    assert_string_equal(stage_err(&c.s), "*** Host did not advertise authentication\n");
    close_case(&c);
}

static void verification(const char *ca_file, const char *name, bool ca, bool host,
                         const char *error) {
    struct tls_case c;
    open_case(&c);
    if (!ca_file)
        c.s.plan.tls.wish.ca_file = NULL;
    c.s.plan.tls.verify_name = name;
    c.s.plan.tls.verify_ca = ca;
    c.s.plan.tls.verify_host = host;
    to_starttls(&c.s);
    stage_say(&c.s, "220 go\r\n");
    stage_start_tls(&c.s);
    if (error) {
        assert_exit(&c.s, SEND_EXIT_TLS);
        assert_non_null(strstr(stage_err(&c.s), error));
        assert_non_null(strstr(stage_err(&c.s), "*** STARTTLS attempted but failed\n"));
        assert_string_equal(stage_heard(&c.s), ""); /* not even QUIT */
    } else {
        assert_string_equal(stage_heard(&c.s), "EHLO client.example\r\n");
    }
    close_case(&c);
}

static void test_verification(void **state) {
    static const char unknown[] =
        "*** TLS startup failed (connect(): certificate verification failed (unable to get local "
        "issuer certificate)";
    (void)state;
    verification(NULL, "mx.test.example", false, false, NULL);
    verification(NULL, "mx.test.example", false, true, NULL);
    verification(NULL, "mx.test.example", true, false, unknown);
    verification("", "other.example", true, false, NULL);
    verification("", "other.example", true, true,
                 "(connect(): server certificate did not match target host other.example)\n");
    verification("", NULL, false, true, "(connect(): no host available for host verification)\n");
    verification("", "", false, true, "(connect(): no host available for host verification)\n");
    verification(NULL, NULL, true, false, "), no host available for host verification)\n");
}

static void test_refused(void **state) {
    static const enum send_demand demands[] = {SEND_REQUIRED, SEND_OPTIONAL_STRICT, SEND_OPTIONAL};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct tls_case c;
        open_case(&c);
        c.s.plan.tls.demand = demands[i];
        to_starttls(&c.s);
        stage_say(&c.s, "454 not now\r\n");
        assert_string_equal(stage_err(&c.s), "*** STARTTLS attempted but failed\n");
        if (demands[i] == SEND_OPTIONAL)
            assert_string_equal(stage_heard(&c.s), "MAIL FROM:<from@example.org>\r\n");
        else
            assert_exit(&c.s, SEND_EXIT_TLS);
        close_case(&c);
    }
}

static void test_not_advertised(void **state) {
    static const enum send_demand demands[] = {SEND_REQUIRED, SEND_OPTIONAL_STRICT, SEND_OPTIONAL};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct tls_case c;
        open_case(&c);
        c.s.plan.tls.demand = demands[i];
        stage_begin(&c.s);
        stage_say(&c.s, "220 x\r\n");
        (void)stage_heard(&c.s);
        stage_say(&c.s, "250-mx\r\n250 XSTARTTLS\r\n");
        assert_string_equal(stage_err(&c.s), "*** Host did not advertise STARTTLS\n");
        if (demands[i] != SEND_REQUIRED) {
            assert_string_equal(stage_heard(&c.s), "MAIL FROM:<from@example.org>\r\n");
        } else {
            assert_string_equal(stage_heard(&c.s), "QUIT\r\n");
            stage_say(&c.s, "221 x\r\n");
            assert_exit(&c.s, SEND_EXIT_TLS);
        }
        close_case(&c);
    }
}

/* A server that says "220 go" and then nothing, something else, or goodbye. */
static void test_no_handshake(void **state) {
    (void)state;
    for (int what = 0; what < 3; what++) {
        struct tls_case c;
        open_case(&c);
        c.s.plan.timeout = 2 * BASE_SECOND;
        to_starttls(&c.s);
        stage_say(&c.s, "220 go\r\n");
        assert_false(c.s.engine->ops->done(c.s.engine));
        if (what == 0)
            stage_pass(&c.s, 2 * BASE_SECOND);
        else if (what == 1)
            stage_say(&c.s, "hello, this is no TLS\r\n");
        else
            stage_hang_up(&c.s, false);
        assert_exit(&c.s, SEND_EXIT_TLS);
        assert_non_null(strstr(stage_err(&c.s), "*** TLS startup failed (connect(): "));
        assert_non_null(strstr(stage_err(&c.s), "*** STARTTLS attempted but failed\n"));
        if (what == 0)
            assert_non_null(strstr(stage_err(&c.s), "no answer within 2 secs"));
        if (what == 1)
            assert_non_null(strstr(stage_err(&c.s), "error:0A00010B:SSL routines::"));
        close_case(&c);
    }
}

static void test_bad_wish(void **state) {
    struct tls_case c;
    (void)state;
    open_case(&c);
    c.s.plan.tls.wish.certificate = "/nonexistent";
    to_starttls(&c.s);
    stage_say(&c.s, "220 go\r\n");
    assert_exit(&c.s, SEND_EXIT_TLS);
    assert_non_null(strstr(stage_err(&c.s), "/nonexistent"));
    close_case(&c);
}

/* A close_notify in the middle is the end of the connection. */
static void test_closed_inside(void **state) {
    struct tls_case c;
    (void)state;
    open_case(&c);
    to_starttls(&c.s);
    stage_say(&c.s, "220 go\r\n");
    stage_start_tls(&c.s);
    tls_session_close(c.s.session);
    stage_take(&c.s);
    assert_exit(&c.s, SEND_EXIT_LOST);
    close_case(&c);
}

static void test_stop_points(void **state) {
    (void)state;
    for (int on_connect = 0; on_connect < 2; on_connect++) {
        struct tls_case c;
        open_case(&c);
        c.s.plan.tls.on_connect = on_connect;
        c.s.plan.quit_after = SEND_STOP_TLS;
        if (on_connect) {
            stage_begin(&c.s);
        } else {
            to_starttls(&c.s);
            stage_say(&c.s, "220 go\r\n");
        }
        stage_start_tls(&c.s);
        assert_string_equal(stage_heard(&c.s), "QUIT\r\n");
        stage_say(&c.s, "220 too late\r\n");
        assert_exit(&c.s, SEND_EXIT_OK);
        close_case(&c);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_starttls),
        cmocka_unit_test(test_one_context_for_a_run),
        cmocka_unit_test(test_on_connect),
        cmocka_unit_test(test_injected),
        cmocka_unit_test(test_features_forgotten),
        cmocka_unit_test(test_verification),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_not_advertised),
        cmocka_unit_test(test_no_handshake),
        cmocka_unit_test(test_bad_wish),
        cmocka_unit_test(test_closed_inside),
        cmocka_unit_test(test_stop_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
