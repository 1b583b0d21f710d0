/* SPDX-License-Identifier: Apache-2.0 */
/* What random dialogues against swaks have brought up: each test is a case that once differed. */
#include "send/transaction_private.h"
#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <stdio.h>

static void assert_exit(struct stage *s, enum send_exit code) {
    assert_true(s->engine->ops->done(s->engine));
    assert_int_equal(send_transaction_exit(s->transaction), code);
}

static size_t count_of(const char *text, const char *what) {
    size_t n = 0;
    for (const char *at = strstr(text, what); at; at = strstr(at + 1, what))
        n++;
    return n;
}

/* The time that passed is shown of an answer that never came, too. */
static void test_lapse_of_lost(void **state) {
    struct stage s;
    (void)state;
    stage_open(&s);
    s.plan.output.lapse = SEND_LAPSE;
    stage_begin(&s);
    stage_say(&s, "220 x\r\n");
    stage_say(&s, "250-half\r\n");
    stage_hang_up(&s, false);
    assert_exit(&s, SEND_EXIT_LOST);
    assert_int_equal(count_of(stage_out(&s), "=== response in 0.000s\n"), 2);
    assert_non_null(strstr(stage_out(&s), "=== response in 0.000s\n<** 250-half\n"));
    stage_close(&s);
}

/* Any three digits and a space end a reply. */
static void test_code_of_zeros(void **state) {
    struct stage s;
    (void)state;
    stage_open(&s);
    stage_begin(&s);
    stage_say(&s, "000 x\r\n");
    assert_string_equal(stage_heard(&s), "QUIT\r\n");
    assert_non_null(strstr(stage_out(&s), "<** 000 x\n"));
    stage_close(&s);
}

/* CR is no part of what is shown of a reply, wherever it stands. */
static void test_cr_in_reply(void **state) {
    struct stage s;
    (void)state;
    stage_open(&s);
    stage_begin(&s);
    stage_say(&s, "220 a\rb\r\r\n");
    assert_non_null(strstr(stage_out(&s), "<-  220 ab\n"));
    stage_close(&s);
}

/* An envelope in one go is one write, in the raw dump as well. */
static void test_raw_pipeline(void **state) {
    struct stage s;
    (void)state;
    stage_open(&s);
    s.plan.pipeline = true;
    s.plan.output.raw = true;
    stage_begin(&s);
    stage_say(&s, "220 x\r\n");
    (void)stage_heard(&s);
    stage_say(&s, "250-mx\r\n250 PIPELINING\r\n");
    assert_string_equal(stage_heard(&s), "MAIL FROM:<from@example.org>\r\n"
                                         "RCPT TO:<to@example.org>\r\nDATA\r\n");
    const char *envelope = strstr(stage_out(&s), " -> MAIL");
    assert_non_null(envelope);
    assert_int_equal(count_of(envelope, "  > 0000: "), 1);
    assert_non_null(strstr(envelope, " -> DATA\n  > 0000: 4D 41 49 4C "));
    stage_close(&s);
}

/* The message is dumped whole, in rows that go on from piece to piece. */
static void test_raw_message(void **state) {
    struct stage s;
    (void)state;
    stage_open(&s);
    s.plan.output.raw = true;
    stage_begin(&s);
    stage_to_data(&s, "250 mx\r\n");
    const char *sent = stage_heard(&s), *text = strstr(sent, "DATA\r\n");
    assert_non_null(text);
    size_t len = strlen(text + 6);
    const char *dump = strstr(stage_out(&s), "\n -> .\n  > 0000: ");
    assert_non_null(dump);
    assert_int_equal(count_of(dump, "\n  > "), (len + 15) / 16);
    char last[32];
    (void)snprintf(last, sizeof last, "\n  > %04zu: ", (len - 1) / 16 * 16);
    assert_int_equal(count_of(dump, last), 1);
    stage_close(&s);
}

/* A step that can't be taken: what is sent next is QUIT, and that is dropped after. */
static void test_drop_after_unsent(void **state) {
    static const struct send_auth_name login = {"LOGIN", SASL_LOGIN};
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct stage s;
        stage_open(&s);
        s.plan.drop_after_send = i == 0 ? SEND_STOP_TLS : i == 1 ? SEND_STOP_AUTH : SEND_STOP_MAIL;
        s.plan.tls.demand = i == 0 ? SEND_REQUIRED : SEND_NOT_WANTED;
        s.plan.auth.demand = i == 1 ? SEND_REQUIRED : SEND_NOT_WANTED;
        s.plan.auth.names = &login;
        s.plan.auth.name_count = 1;
        s.plan.prdr = i == 2;
        stage_begin(&s);
        stage_say(&s, "220 x\r\n");
        (void)stage_heard(&s);
        stage_say(&s, "250 mx\r\n");
        assert_string_equal(stage_heard(&s), "QUIT\r\n");
        assert_exit(&s, SEND_EXIT_OK);
        assert_non_null(strstr(stage_out(&s), " -> QUIT\n=== Dropping connection\n"));
        assert_non_null(strstr(stage_err(&s), "*** Host did not advertise "));
        stage_close(&s);
    }
}

/* AUTH without a name is no offer; any type wanted strictly and none known is a failure. */
static void test_auth_offers(void **state) {
    static const struct send_auth_name login = {"LOGIN", SASL_LOGIN};
    static const struct {
        const char *ehlo;
        enum send_demand demand;
        bool any;
        const char *error;
        const char *said;
    } cases[] = {
        {"250-x\r\n250 AUTH\r\n", SEND_REQUIRED, true,
         "*** Host did not advertise authentication\n", "QUIT\r\n"},
        {"250-x\r\n250 AUTH FOO\r\n", SEND_OPTIONAL_STRICT, true,
         "*** Auth not attempted, no advertised types available\n", "QUIT\r\n"},
        {"250-x\r\n250 AUTH FOO\r\n", SEND_OPTIONAL_STRICT, false,
         "*** Auth not attempted, requested type not available\n",
         "MAIL FROM:<from@example.org>\r\n"},
        {"250-x\r\n250 AUTH FOO\r\n", SEND_OPTIONAL, true,
         "*** Auth not attempted, no advertised types available\n",
         "MAIL FROM:<from@example.org>\r\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stage s;
        stage_open(&s);
        s.plan.auth.demand = cases[i].demand;
        s.plan.auth.any = cases[i].any;
        s.plan.auth.names = &login;
        s.plan.auth.name_count = 1;
        stage_begin(&s);
        stage_say(&s, "220 x\r\n");
        (void)stage_heard(&s);
        stage_say(&s, cases[i].ehlo);
        assert_string_equal(stage_heard(&s), cases[i].said);
        assert_string_equal(stage_err(&s), cases[i].error);
        stage_close(&s);
    }
}

/* A hidden password is hidden when it is empty, too. */
static void test_hidden_empty_password(void **state) {
    static const struct send_auth_name login = {"LOGIN", SASL_LOGIN};
    struct stage s;
    (void)state;
    stage_open(&s);
    s.plan.auth.demand = SEND_REQUIRED;
    s.plan.auth.names = &login;
    s.plan.auth.name_count = 1;
    s.plan.auth.who.user = "user";
    s.plan.auth.who.password = "";
    s.plan.auth.show.hide_password = "X";
    stage_begin(&s);
    stage_say(&s, "220 x\r\n");
    stage_say(&s, "250-x\r\n250 AUTH LOGIN\r\n");
    stage_say(&s, "334 VXNlcm5hbWU6\r\n");
    (void)stage_heard(&s);
    stage_say(&s, "334 UGFzc3dvcmQ6\r\n");
    assert_string_equal(stage_heard(&s), "\r\n");
    assert_non_null(strstr(stage_out(&s), " -> WA==\n"));
    stage_close(&s);
}

/* LMTP with PRDR: 353 counts as the first recipient's consent. */
static void test_lmtp_prdr(void **state) {
    struct stage s;
    (void)state;
    stage_open(&s);
    s.plan.hello = SEND_LHLO;
    s.plan.lmtp = true;
    s.plan.prdr = true;
    stage_begin(&s);
    stage_say(&s, "220 x\r\n");
    stage_say(&s, "250-x\r\n250 PRDR\r\n");
    stage_say(&s, "250 a\r\n");
    stage_say(&s, "250 b\r\n");
    stage_say(&s, "354 c\r\n");
    stage_say(&s, "353 d\r\n");
    assert_non_null(strstr(stage_out(&s), "<-  353 d\n -> QUIT\n"));
    stage_say(&s, "221 x\r\n");
    assert_exit(&s, SEND_EXIT_OK);
    stage_close(&s);
}

/* --auth-plaintext: one word behind the code is base64, more are text. */
static void test_decoded_replies(void **state) {
    static const struct {
        const char *reply, *shown;
    } cases[] = {
        {"334 VXNlcm5hbWU6\n", "334 Username:"},
        {"334  VXNlcm5hbWU6\n", "334 Username:"},
        {"334 \n", "334 "},
        {"535 not with me\n", "535 not with me"},
        {"535-VXNlcm5hbWU6\n535 VXNlcm5hbWU6\n", "535-VXNlcm5hbWU6\n535 VXNlcm5hbWU6"},
        {"535-a\n535 \n", "535-a\n535 "},
        {"", " "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct base_buf b;
        base_buf_init(&b, 1024);
        send_auth_decode_reply(base_bytes_of_str(cases[i].reply), &b);
        assert_string_equal(base_buf_cstr(&b), cases[i].shown);
        base_buf_release(&b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lapse_of_lost), cmocka_unit_test(test_code_of_zeros),
        cmocka_unit_test(test_cr_in_reply),   cmocka_unit_test(test_raw_pipeline),
        cmocka_unit_test(test_raw_message),   cmocka_unit_test(test_drop_after_unsent),
        cmocka_unit_test(test_auth_offers),   cmocka_unit_test(test_hidden_empty_password),
        cmocka_unit_test(test_lmtp_prdr),     cmocka_unit_test(test_decoded_replies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
