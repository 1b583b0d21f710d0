/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions in clear under a virtual clock: wire order, transcript, exit codes; then servers
 * that are slow, rude, endless or gone. */
#include "mail/reply.h"
#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define EHLO "250-mx\r\n250 HELP\r\n"
#define EHLO_PIPELINING "250-mx\r\n250 PIPELINING\r\n"

static void assert_exit(struct stage *s, enum send_exit code) {
    assert_true(s->engine->ops->done(s->engine));
    assert_int_equal(send_transaction_exit(s->transaction), code);
}

/* What goes out after DATA, whatever blank lines it may end in. */
static void assert_message(const char *text) {
    static const char begin[] = "Subject: x\r\n\r\nhello\r\n..dot\r\n";
    static const char end[] = "\r\n.\r\n";
    size_t len = strlen(text);
    assert_true(len > sizeof begin && strncmp(text, begin, sizeof begin - 1) == 0);
    assert_string_equal(text + len - (sizeof end - 1), end);
}

static void whole_transaction(size_t chunk) {
    struct stage s;
    stage_open(&s);
    s.chunk = chunk;
    stage_begin(&s);
    assert_string_equal(stage_heard(&s), "");
    stage_say(&s, "220-mx\r\n220 ESMTP\r\n");
    assert_string_equal(stage_heard(&s), "EHLO client.example\r\n");
    stage_say(&s, EHLO);
    assert_string_equal(stage_heard(&s), "MAIL FROM:<from@example.org>\r\n");
    stage_say(&s, "250 ok\r\n");
    assert_string_equal(stage_heard(&s), "RCPT TO:<to@example.org>\r\n");
    stage_say(&s, "250 ok\r\n");
    assert_string_equal(stage_heard(&s), "DATA\r\n");
    stage_say(&s, "354 go\r\n");
    assert_message(stage_heard(&s));
    stage_say(&s, "250 queued\r\n");
    assert_string_equal(stage_heard(&s), "QUIT\r\n");
    assert_false(s.engine->ops->done(s.engine));
    stage_say(&s, "221 bye\r\n");
    assert_exit(&s, SEND_EXIT_OK);
    static const char before[] = "=== Connected to mx.test.example.\n"
                                 "<-  220-mx\n<-  220 ESMTP\n"
                                 " -> EHLO client.example\n"
                                 "<-  250-mx\n<-  250 HELP\n"
                                 " -> MAIL FROM:<from@example.org>\n<-  250 ok\n"
                                 " -> RCPT TO:<to@example.org>\n<-  250 ok\n"
                                 " -> DATA\n<-  354 go\n"
                                 " -> Subject: x\r\n -> \r\n -> hello\r\n -> ..dot\r\n";
    static const char after[] = " -> .\n<-  250 queued\n -> QUIT\n<-  221 bye\n"
                                "=== Connection closed with remote host.\n";
    const char *out = stage_out(&s);
    assert_int_equal(strncmp(out, before, sizeof before - 1), 0);
    assert_string_equal(out + strlen(out) - (sizeof after - 1), after);
    assert_string_equal(stage_err(&s), "");
    stage_close(&s);
}

static void test_whole_transaction(void **state) {
    (void)state;
    whole_transaction(0);
    whole_transaction(1);
    whole_transaction(3);
}

/* Each step refused: the code that scripts rely on, after a QUIT. */
static void test_refusals(void **state) {
    static const struct {
        const char *replies[6];
        enum send_exit code;
    } cases[] = {
        {{"554 no\r\n"}, SEND_EXIT_BANNER},
        {{"220 x\r\n", "550 no\r\n", "550 no\r\n"}, SEND_EXIT_HELO},
        {{"220 x\r\n", EHLO, "550 no\r\n"}, SEND_EXIT_MAIL},
        {{"220 x\r\n", EHLO, "250 x\r\n", "251 forwards\r\n"}, SEND_EXIT_RCPT},
        {{"220 x\r\n", EHLO, "250 x\r\n", "250 x\r\n", "450 no\r\n"}, SEND_EXIT_DATA},
        {{"220 x\r\n", EHLO, "250 x\r\n", "250 x\r\n", "354 x\r\n", "550 no\r\n"}, SEND_EXIT_DOT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stage s;
        stage_open(&s);
        stage_begin(&s);
        for (size_t j = 0; j < 6 && cases[i].replies[j]; j++) {
            (void)stage_heard(&s);
            stage_say(&s, cases[i].replies[j]);
        }
        assert_string_equal(stage_heard(&s), "QUIT\r\n");
        stage_hang_up(&s, false); /* a close in answer to QUIT does not hide the reason */
        assert_exit(&s, cases[i].code);
        stage_close(&s);
    }
}

/* The connection ends at each step of a good transaction: always exit code 6. */
static void test_lost(void **state) {
    static const char *const replies[] = {"220 x\r\n", EHLO,         "250 x\r\n",
                                          "250 x\r\n", "354 go\r\n", "250 done\r\n"};
    (void)state;
    for (size_t n = 0; n <= 6; n++) {
        struct stage s;
        stage_open(&s);
        stage_begin(&s);
        for (size_t i = 0; i < n; i++)
            stage_say(&s, replies[i]);
        stage_say(&s, "4");
        stage_hang_up(&s, n % 2 == 0);
        assert_exit(&s, SEND_EXIT_LOST);
        assert_string_equal(stage_err(&s), "*** Remote host closed connection unexpectedly.\n");
        stage_close(&s);
    }
}

/* Whole lines of a reply that never ended are shown, half a line is not. */
static void test_lost_in_reply(void **state) {
    struct stage s;
    (void)state;
    stage_open(&s);
    s.plan.target.transport = SEND_PIPE;
    s.plan.target.command = "x";
    stage_begin(&s);
    stage_say(&s, "220-one\r\n220-two\r\n220 thr");
    stage_hang_up(&s, false);
    assert_exit(&s, SEND_EXIT_LOST);
    assert_non_null(strstr(stage_out(&s), "<** 220-one\n<** 220-two\n"));
    assert_null(strstr(stage_out(&s), "thr"));
    assert_string_equal(stage_err(&s), "*** Child process closed connection unexpectedly.\n");
    stage_close(&s);
}

/* Silence: an unexpected reply after the time-out, and the next step goes on from there. */
static void test_timeouts(void **state) {
    struct stage s;
    (void)state;
    stage_open(&s);
    s.plan.timeout = 2 * BASE_SECOND;
    stage_begin(&s);
    stage_pass(&s, 1999 * BASE_MSEC);
    assert_string_equal(stage_heard(&s), "");
    stage_say(&s, "220-half\r\n");
    stage_pass(&s, 1 * BASE_MSEC);
    assert_string_equal(stage_heard(&s), "QUIT\r\n");
    stage_pass(&s, 2 * BASE_SECOND);
    assert_exit(&s, SEND_EXIT_BANNER);
    assert_string_equal(stage_out(&s), "=== Connected to mx.test.example.\n"
                                       "<** Timeout (2 secs) waiting for server response\n"
                                       " -> QUIT\n"
                                       "<** Timeout (2 secs) waiting for server response\n"
                                       "=== Connection closed with remote host.\n");
    stage_close(&s);
}

static void test_no_timeout(void **state) {
    struct stage s;
    (void)state;
    stage_open(&s);
    s.plan.timeout = 0;
    stage_begin(&s);
    stage_pass(&s, 100000 * BASE_SECOND);
    assert_string_equal(stage_heard(&s), "");
    stage_say(&s, "220 late\r\n");
    assert_string_equal(stage_heard(&s), "EHLO client.example\r\n");
    stage_close(&s);
}

/* A bare code is a reply (RFC 5321 4.2: the text is optional in practice); odd lines belong to the
 * reply behind them; any three digits end a reply. */
static void test_odd_replies(void **state) {
    static const struct {
        const char *bytes;
        const char *then;
    } cases[] = {
        {"220\r\n", "EHLO client.example\r\n"},
        {"220\n", "EHLO client.example\r\n"},
        {"hello\r\n\r\n220 x\r\n", "EHLO client.example\r\n"},
        {"220-a\r\nnoise\r\n220 b\r\n", "EHLO client.example\r\n"},
        {"220-a\r\n421 b\r\n", "QUIT\r\n"},
        {"100 x\r\n", "QUIT\r\n"},
        {"999 x\r\n", "QUIT\r\n"},
        {"2200 x\r\n22 x\r\n220x\r\n", ""},
        {"\026\003\001\002", ""},
        {"220 x\r\n250-early\r\n250 hello\r\n", "EHLO client.example\r\n"
                                                "MAIL FROM:<from@example.org>\r\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t chunk = 0; chunk < 3; chunk++) {
            struct stage s;
            stage_open(&s);
            s.chunk = chunk;
            stage_begin(&s);
            stage_say(&s, cases[i].bytes);
            assert_string_equal(stage_heard(&s), cases[i].then);
            stage_close(&s);
        }
}

static void test_endless_reply(void **state) {
    struct stage s;
    struct base_buf flood;
    (void)state;
    base_buf_init(&flood, 64u << 20);
    for (size_t i = 0; i < (size_t)MAIL_REPLY_BYTES + 100; i++)
        base_buf_append_byte(&flood, 'x');
    stage_open(&s);
    stage_begin(&s);
    stage_say_bytes(&s, base_buf_view(&flood));
    assert_exit(&s, SEND_EXIT_LOST);
    assert_non_null(strstr(stage_err(&s), "grew beyond"));
    stage_close(&s);
    stage_open(&s);
    stage_begin(&s);
    for (size_t i = 0; i < 60 && !s.engine->ops->done(s.engine); i++)
        stage_say_bytes(&s, base_bytes_slice(base_buf_view(&flood), 0, 100000));
    assert_exit(&s, SEND_EXIT_LOST);
    stage_close(&s);
    base_buf_release(&flood);
}

/* What the server says is shown byte by byte, but for CR; `escape` makes it safe for a terminal. */
static void test_control_bytes(void **state) {
    struct stage s;
    (void)state;
    for (int escape = 0; escape < 2; escape++) {
        stage_open(&s);
        s.plan.output.escape = escape;
        stage_begin(&s);
        stage_say(&s, "220 a\033[2Jb\rc\r\n");
        if (escape)
            assert_non_null(strstr(stage_out(&s), "<-  220 a\\x1B[2Jbc\n"));
        else
            assert_non_null(strstr(stage_out(&s), "<-  220 a\033[2Jbc\n"));
        stage_close(&s);
    }
}

static void test_quit_reply_counts(void **state) {
    (void)state;
    for (int counts = 0; counts < 2; counts++) {
        struct stage s;
        stage_open(&s);
        s.plan.quit_counts = counts;
        stage_begin(&s);
        stage_to_data(&s, EHLO);
        stage_say(&s, "250 queued\r\n");
        stage_say(&s, "500 what\r\n");
        assert_exit(&s, counts ? SEND_EXIT_QUIT : SEND_EXIT_OK);
        stage_close(&s);
    }
}

/* --- pipelining --- */

static void test_pipelining(void **state) {
    struct stage s;
    (void)state;
    stage_open(&s);
    s.plan.pipeline = true;
    stage_begin(&s);
    stage_say(&s, "220 x\r\n");
    (void)stage_heard(&s);
    stage_say(&s, EHLO_PIPELINING);
    assert_string_equal(stage_heard(&s), "MAIL FROM:<from@example.org>\r\n"
                                         "RCPT TO:<to@example.org>\r\nDATA\r\n");
    stage_say(&s, "250 a\r\n250 b\r\n354 c\r\n");
    assert_non_null(strstr(stage_heard(&s), "hello"));
    stage_say(&s, "250 queued\r\n");
    stage_say(&s, "221 bye\r\n");
    assert_exit(&s, SEND_EXIT_OK);
    stage_close(&s);
}

static void test_pipelining_not_offered(void **state) {
    struct stage s;
    (void)state;
    stage_open(&s);
    s.plan.pipeline = true;
    stage_begin(&s);
    stage_say(&s, "220 x\r\n");
    (void)stage_heard(&s);
    stage_say(&s, EHLO);
    assert_string_equal(stage_heard(&s), "MAIL FROM:<from@example.org>\r\n");
    stage_close(&s);
}

static void test_pipelining_refused(void **state) {
    static const struct {
        const char *replies;
        enum send_exit code;
    } cases[] = {
        {"550 a\r\n503 b\r\n503 c\r\n", SEND_EXIT_MAIL},
        {"250 a\r\n550 b\r\n354 c\r\n", SEND_EXIT_RCPT},
        {"250 a\r\n250 b\r\n450 c\r\n", SEND_EXIT_DATA},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stage s;
        stage_open(&s);
        s.plan.pipeline = true;
        stage_begin(&s);
        stage_say(&s, "220 x\r\n");
        stage_say(&s, EHLO_PIPELINING);
        (void)stage_heard(&s);
        stage_say(&s, cases[i].replies);
        assert_string_equal(stage_heard(&s), "QUIT\r\n");
        stage_say(&s, "221 bye\r\n");
        assert_exit(&s, cases[i].code);
        stage_close(&s);
    }
}

/* QUIT goes out with the envelope when that is where it ends. */
static void test_pipelining_quit_after(void **state) {
    struct stage s;
    (void)state;
    stage_open(&s);
    s.plan.pipeline = true;
    s.plan.quit_after = SEND_STOP_MAIL;
    stage_begin(&s);
    stage_say(&s, "220 x\r\n");
    (void)stage_heard(&s);
    stage_say(&s, "250-x\r\n250 pipelining\r\n"); /* keywords have no case */
    assert_string_equal(stage_heard(&s), "MAIL FROM:<from@example.org>\r\nQUIT\r\n");
    stage_say(&s, "250 a\r\n221 b\r\n");
    assert_exit(&s, SEND_EXIT_OK);
    stage_close(&s);
}

/* --- recipients --- */

static const char *const three[] = {"a@x", "b@x", "c@x"};

static void test_lmtp(void **state) {
    static const struct {
        const char *verdicts;
        enum send_exit code;
    } cases[] = {
        {"250 a\r\n550 c\r\n", SEND_EXIT_OK},
        {"550 a\r\n550 c\r\n", SEND_EXIT_DOT},
    };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct stage s;
        stage_open(&s);
        s.plan.hello = SEND_LHLO;
        s.plan.lmtp = true;
        s.plan.recipients = three;
        s.plan.recipient_count = 3;
        stage_begin(&s);
        stage_say(&s, "220 x\r\n");
        assert_string_equal(stage_heard(&s), "LHLO client.example\r\n");
        stage_say(&s, EHLO);
        stage_say(&s, "250 sender\r\n");
        stage_say(&s, "250 a\r\n");
        stage_say(&s, "550 b\r\n");
        stage_say(&s, "250 c\r\n");
        stage_say(&s, "354 go\r\n");
        (void)stage_heard(&s);
        stage_say(&s, cases[i].verdicts);
        assert_string_equal(stage_heard(&s), "QUIT\r\n");
        stage_say(&s, "221 x\r\n");
        assert_exit(&s, cases[i].code);
        stage_close(&s);
    }
}

static void test_prdr(void **state) {
    static const struct {
        const char *verdicts;
        enum send_exit code;
    } cases[] = {
        {"353 go\r\n250 a\r\n550 b\r\n250 c\r\n250 done\r\n", SEND_EXIT_OK},
        {"353 go\r\n250 a\r\n550 b\r\n250 c\r\n353 done\r\n", SEND_EXIT_DOT},
        {"250 done\r\n", SEND_EXIT_OK},
        {"550 no\r\n", SEND_EXIT_DOT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stage s;
        stage_open(&s);
        s.plan.prdr = true;
        s.plan.recipients = three;
        s.plan.recipient_count = 3;
        stage_begin(&s);
        stage_say(&s, "220 x\r\n");
        (void)stage_heard(&s);
        stage_say(&s, "250-x\r\n250 PRDR\r\n");
        assert_string_equal(stage_heard(&s), "MAIL FROM:<from@example.org> PRDR\r\n");
        stage_say(&s, "250 x\r\n");
        stage_say(&s, "250 x\r\n");
        stage_say(&s, "250 x\r\n");
        stage_say(&s, "250 x\r\n");
        stage_say(&s, "354 x\r\n");
        (void)stage_heard(&s);
        stage_say(&s, cases[i].verdicts);
        assert_string_equal(stage_heard(&s), "QUIT\r\n");
        stage_say(&s, "221 x\r\n");
        assert_exit(&s, cases[i].code);
        stage_close(&s);
    }
}

static void test_prdr_missing(void **state) {
    struct stage s;
    (void)state;
    stage_open(&s);
    s.plan.prdr = true;
    stage_begin(&s);
    stage_say(&s, "220 x\r\n");
    stage_say(&s, EHLO);
    stage_say(&s, "221 x\r\n");
    assert_exit(&s, SEND_EXIT_PRDR);
    stage_close(&s);
}

/* --- stop points --- */

static void test_stops(void **state) {
    static const char *const replies[] = {"220 x\r\n", EHLO,        "250 x\r\n",
                                          "250 x\r\n", "354 x\r\n", "250 x\r\n"};
    static const struct {
        enum send_stop point;
        size_t replies; /* good ones until it stops after */
    } cases[] = {
        {SEND_STOP_CONNECT, 1}, {SEND_STOP_FIRST_HELO, 2}, {SEND_STOP_HELO, 2},
        {SEND_STOP_XCLIENT, 2}, {SEND_STOP_TLS, 2},        {SEND_STOP_AUTH, 2},
        {SEND_STOP_MAIL, 3},    {SEND_STOP_RCPT, 4},       {SEND_STOP_DATA, 5},
        {SEND_STOP_DOT, 6},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stage s;
        stage_open(&s);
        s.plan.drop_after = cases[i].point;
        stage_begin(&s);
        for (size_t j = 0; j < cases[i].replies; j++) {
            assert_false(s.engine->ops->done(s.engine));
            stage_say(&s, replies[j]);
        }
        assert_exit(&s, SEND_EXIT_OK);
        assert_null(strstr(stage_heard(&s), "QUIT"));
        assert_non_null(strstr(stage_out(&s), "=== Dropping connection\n"));
        stage_close(&s);
        if (cases[i].point >= SEND_STOP_DATA)
            continue;
        stage_open(&s);
        s.plan.quit_after = cases[i].point;
        stage_begin(&s);
        for (size_t j = 0; j < cases[i].replies; j++)
            stage_say(&s, replies[j]);
        stage_say(&s, "550 nobody cares\r\n");
        assert_exit(&s, SEND_EXIT_OK);
        stage_close(&s);
    }
}

static void test_drop_after_send(void **state) {
    static const struct {
        enum send_stop point;
        const char *last; /* what was said last */
    } cases[] = {
        {SEND_STOP_CONNECT, ""},
        {SEND_STOP_FIRST_HELO, "EHLO client.example\r\n"},
        {SEND_STOP_MAIL, "MAIL FROM:<from@example.org>\r\n"},
        {SEND_STOP_RCPT, "RCPT TO:<to@example.org>\r\n"},
        {SEND_STOP_DATA, "DATA\r\n"},
        {SEND_STOP_DOT, NULL}, /* the message */
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        static const char *const replies[] = {"220 x\r\n", EHLO,        "250 x\r\n",
                                              "250 x\r\n", "354 x\r\n", NULL};
        struct stage s;
        stage_open(&s);
        s.plan.drop_after_send = cases[i].point;
        stage_begin(&s);
        for (size_t j = 0; replies[j] && !s.engine->ops->done(s.engine); j++) {
            (void)stage_heard(&s);
            stage_say(&s, replies[j]);
        }
        assert_exit(&s, SEND_EXIT_OK);
        if (cases[i].last)
            assert_string_equal(stage_heard(&s), cases[i].last);
        else
            assert_message(stage_heard(&s));
        stage_close(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_transaction),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_lost),
        cmocka_unit_test(test_lost_in_reply),
        cmocka_unit_test(test_timeouts),
        cmocka_unit_test(test_no_timeout),
        cmocka_unit_test(test_odd_replies),
        cmocka_unit_test(test_endless_reply),
        cmocka_unit_test(test_control_bytes),
        cmocka_unit_test(test_quit_reply_counts),
        cmocka_unit_test(test_pipelining),
        cmocka_unit_test(test_pipelining_not_offered),
        cmocka_unit_test(test_pipelining_refused),
        cmocka_unit_test(test_pipelining_quit_after),
        cmocka_unit_test(test_lmtp),
        cmocka_unit_test(test_prdr),
        cmocka_unit_test(test_prdr_missing),
        cmocka_unit_test(test_stops),
        cmocka_unit_test(test_drop_after_send),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
