/* SPDX-License-Identifier: Apache-2.0 */
/* AUTH inside a transaction: each mechanism against known answers, what is hidden, who is tried
 * when, and servers that lie. */
#include "stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void open_auth(struct stage *s, const struct send_auth_name *names, size_t count,
                      const char *ehlo) {
    stage_open(s);
    s->plan.auth.demand = SEND_REQUIRED;
    s->plan.auth.names = names;
    s->plan.auth.name_count = count;
    s->plan.auth.who.user = "user";
    s->plan.auth.who.password = "pass";
    s->plan.quit_after = SEND_STOP_AUTH;
    (void)ehlo;
}

static void to_auth(struct stage *s, const char *ehlo) {
    stage_begin(s);
    stage_say(s, "220 x\r\n");
    (void)stage_heard(s);
    stage_say(s, ehlo);
}

static void assert_exit(struct stage *s, enum send_exit code) {
    stage_say(s, "221 x\r\n");
    assert_true(s->engine->ops->done(s->engine));
    assert_int_equal(send_transaction_exit(s->transaction), code);
}

/* Challenges as the server sends them, and what must come back to each. */
struct dialogue {
    struct send_auth_name name;
    const char *user, *password;
    const char *command;
    const char *turns[6]; /* challenge, answer, ... ; NULL ends */
};

static void play(const struct dialogue *d) {
    struct stage s;
    struct base_buf ehlo;
    base_buf_init(&ehlo, 1024);
    base_buf_printf(&ehlo, "250-x\r\n250 AUTH FOO %s\r\n",
                    d->name.mechanism == SASL_LOGIN_INITIAL ? "LOGIN" : d->name.name);
    open_auth(&s, &d->name, 1, "");
    s.plan.auth.who.user = d->user;
    s.plan.auth.who.password = d->password;
    to_auth(&s, base_buf_cstr(&ehlo));
    assert_string_equal(stage_heard(&s), d->command);
    for (size_t i = 0; i < 6 && d->turns[i]; i += 2) {
        stage_say(&s, d->turns[i]);
        assert_string_equal(stage_heard(&s), d->turns[i + 1]);
    }
    stage_say(&s, "235 welcome\r\n");
    assert_string_equal(stage_heard(&s), "QUIT\r\n");
    assert_exit(&s, SEND_EXIT_OK);
    assert_string_equal(stage_err(&s), "");
    stage_close(&s);
    base_buf_release(&ehlo);
}

static void test_mechanisms(void **state) {
    static const struct dialogue cases[] = {
        {{"PLAIN", SASL_PLAIN}, "user", "pass", "AUTH PLAIN AHVzZXIAcGFzcw==\r\n", {NULL}},
        {{"X-P", SASL_PLAIN}, "", "", "AUTH X-P AAA=\r\n", {NULL}},
        {{"LOGIN", SASL_LOGIN},
         "user",
         "pass",
         "AUTH LOGIN\r\n",
         {"334 VXNlcm5hbWU6\r\n", "dXNlcg==\r\n", "334 anything at all\r\n", "cGFzcw==\r\n"}},
        {{"LOGIN-INITIAL", SASL_LOGIN_INITIAL},
         "user",
         "pass",
         "AUTH LOGIN dXNlcg==\r\n",
         {"334 \r\n", "cGFzcw==\r\n"}},
        /* RFC 2195 section 2 */
        {{"CRAM-MD5", SASL_CRAM_MD5},
         "tim",
         "tanstaaftanstaaf",
         "AUTH CRAM-MD5\r\n",
         {"334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\r\n",
          "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\r\n"}},
        {{"CRAM-MD5", SASL_CRAM_MD5},
         "user",
         "pass",
         "AUTH CRAM-MD5\r\n",
         {"334\r\n", "dXNlciA2ZjZmNzg2NjQ0MzJlNzYzMmJiODk5ODQ1YzQ3ODJiYQ==\r\n"}},
        /* a challenge that was never encoded */
        {{"CRAM-MD5", SASL_CRAM_MD5},
         "tim",
         "tanstaaftanstaaf",
         "AUTH CRAM-MD5\r\n",
         {"334 <1896.697170952@postoffice.reston.mci.net>\r\n",
          "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\r\n"}},
        {{"CRAM-SHA1", SASL_CRAM_SHA1},
         "validuser",
         "validpassword",
         "AUTH CRAM-SHA1\r\n",
         {"334 PDI2NDYuMTYwNzQ3MzI2MUBub2RlLmV4YW1wbGUuY29tPg==\r\n",
          "dmFsaWR1c2VyIGIwYzY0NTk4NGRjZGRhZjIzMGMwYmM3MzA0ZTUwNWUwMzg1ZWM1MDk=\r\n"}},
        {{"XOAUTH2", SASL_XOAUTH2},
         "user",
         "token",
         "AUTH XOAUTH2 dXNlcj11c2VyAWF1dGg9QmVhcmVyIHRva2VuAQE=\r\n",
         {"334 eyJzdGF0dXMiOiI0MDEifQ==\r\n", "\r\n"}},
        {{"OAUTHBEARER", SASL_OAUTHBEARER},
         "user",
         "token",
         "AUTH OAUTHBEARER "
         "bixhPXVzZXIsAWhvc3Q9bXgudGVzdC5leGFtcGxlAXBvcnQ9MjUBYXV0aD1CZWFyZXIgdG9rZW4BAQ=="
         "\r\n",
         {"334 eyJzdGF0dXMiOiI0MDEifQ==\r\n", "AQ==\r\n"}},
        {{"EXTERNAL", SASL_EXTERNAL}, "", "", "AUTH EXTERNAL =\r\n", {NULL}},
        {{"EXTERNAL", SASL_EXTERNAL}, "me", "", "AUTH EXTERNAL bWU=\r\n", {NULL}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        play(&cases[i]);
}

/* Message 3 as old clients make it: names after the responses, the server's target as domain. */
static void test_ntlm(void **state) {
    static const struct {
        const char *user, *password, *challenge, *answer;
    } cases[] = {
        {"validuser", "validpassword",
         "334 TlRMTVNTUAACAAAAAAAAAAAoAAABggAAbco4uro6HnYAAAAAAAAAAAAAAAAAAAAA\r\n",
         "TlRMTVNTUAADAAAAGAAYAEAAAAAYABgAWAAAAAAAAAAwAAAAEgASAHAAAAASABIAggAAAAAAAABUAAAAAYIAAF04"
         "y7oOxMnniToro6WZVuz8Bc24XZ+nsDstHGUVU8b9U5zbT/L3SSnejSWJflzS2HYAYQBsAGkAZAB1AHMAZQByAHYA"
         "YQBsAGkAZAB1AHMAZQByAA==\r\n"},
        {"user", "pass",
         "334 TlRMTVNTUAACAAAABgAGADAAAAABggAAiHdmVUQzIhEAAAAAAAAAAAAAAAA2AAAAUwBSAFYA\r\n",
         "TlRMTVNTUAADAAAAGAAYAEAAAAAYABgAWAAAAAYABgBwAAAACAAIAHYAAAAIAAgAfgAAAAAAAABGAAAAAYIAABZy"
         "HwBjg6qX/KpCYWB3Ca65uFqrNdQCPLm6PcaNKBHU2JyFqMYR7YiW444QlqzRzFMAUgBWAHUAcwBlAHIAdQBzAGUA"
         "cgA=\r\n"},
        {"", "", "334 TlRMTVNTUAACAAAAAAAAAAAoAAABggAAbco4uro6HnYAAAAAAAAAAAAAAAAAAAAA\r\n",
         "TlRMTVNTUAADAAAAGAAYAEAAAAAYABgAWAAAAAAAAAAwAAAAAAAAADAAAAAAAAAAMAAAAAAAAAAwAAAAAYIAAKZb"
         "SR0YlAEEvWy9rvdUd+9XIGwoAI+yMOr109GkfKJQj79mBN6QKqaTTuoAsWQT0g==\r\n"},
        {"user", "averyveryverylongpassword1234567890",
         "334 TlRMTVNTUAACAAAAAAAAAAAoAAABggAAbco4uro6HnYAAAAAAAAAAAAAAAAAAAAA\r\n",
         "TlRMTVNTUAADAAAAGAAYAEAAAAAYABgAWAAAAAAAAAAwAAAACAAIAHAAAAAIAAgAeAAAAAAAAABAAAAAAYIAAD"
         "nNP2XCc89T3s0+jtFH/7e/"
         "eEQbWbkfUFBdCDETGT82rNOIUI+YLDWegDj8hYTrKHUAcwBlAHIAdQBzAGUAcgA=\r\n"},
        /* a message 2 that is none */
        {"user", "pass", "334 YWJj\r\n",
         "TlRMTVNTUAADAAAAGAAYAEAAAAAYABgAWAAAAAAAAAAwAAAACAAIAHAAAAAIAAgAeAAAAAAAAABAAAAAAAAAAPMo"
         "3Vm8jaZ92BdprBjtkwhX6aG3lUDDdPEUxccW+hv5nFy8vijtGZKNyvuPto2wv3UAcwBlAHIAdQBzAGUAcgA="
         "\r\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct dialogue d = {
            {"SPA", SASL_NTLM},
            cases[i].user,
            cases[i].password,
            "AUTH SPA\r\n",
            {"334 NTLM supported\r\n", "TlRMTVNTUAABAAAAB6IAAAAAAAAAAAAAAAAAAAAAAAA=\r\n",
             cases[i].challenge, cases[i].answer},
        };
        play(&d);
    }
}

/* Offsets and lengths of message 2 that point anywhere. */
static void test_ntlm_hostile(void **state) {
    static const char *const challenges[] = {
        "334 TlRMTVNTUAACAAAA////////////////////////////////////////////////\r\n",
        "334 TlRMTVNTUAACAAAA/////zAAAAABggAAiHdmVUQzIhEAAAAAAAAAAAAAAAA2AAAAUwBSAFYA\r\n",
        "334 =\r\n",
        "334 ====\r\n",
    };
    static const struct send_auth_name name = {"NTLM", SASL_NTLM};
    (void)state;
    for (size_t i = 0; i < sizeof challenges / sizeof challenges[0]; i++) {
        struct stage s;
        open_auth(&s, &name, 1, "");
        to_auth(&s, "250-x\r\n250 AUTH NTLM\r\n");
        stage_say(&s, "334 \r\n");
        (void)stage_heard(&s);
        stage_say(&s, challenges[i]);
        assert_int_equal(strncmp(stage_heard(&s), "TlRMTVNTUAADAAAA", 16), 0);
        stage_close(&s);
    }
}

/* --- what is shown --- */

static void shown(const struct send_auth_name *name, bool plaintext, const char *hide,
                  const char *line, const char *expected) {
    struct stage s;
    open_auth(&s, name, 1, "");
    s.plan.auth.show.plaintext = plaintext;
    s.plan.auth.show.hide_password = hide;
    to_auth(&s, "250-x\r\n250 AUTH PLAIN LOGIN CRAM-MD5\r\n");
    if (line) {
        stage_say(&s, "334 VXNlcm5hbWU6\r\n");
        stage_say(&s, line);
    }
    stage_say(&s, "235 UGFzc3dvcmQ6\r\n");
    assert_non_null(strstr(stage_out(&s), expected));
    if (hide) {
        assert_null(strstr(stage_out(&s), "cGFzcw=="));
        assert_null(strstr(stage_out(&s), "pass\n"));
    }
    stage_close(&s);
}

static void test_shown(void **state) {
    static const struct send_auth_name plain = {"PLAIN", SASL_PLAIN};
    static const struct send_auth_name login = {"LOGIN", SASL_LOGIN};
    static const char ask[] = "334 UGFzc3dvcmQ6\r\n";
    (void)state;
    shown(&plain, false, NULL, NULL, " -> AUTH PLAIN AHVzZXIAcGFzcw==\n<-  235 UGFzc3dvcmQ6\n");
    shown(&plain, true, NULL, NULL, " -> AUTH PLAIN \\0user\\0pass\n");
    shown(&plain, false, "FOO", NULL, " -> AUTH PLAIN AHVzZXIARk9P\n");
    shown(&plain, true, "FOO", NULL, " -> AUTH PLAIN \\0user\\0FOO\n");
    shown(&login, false, NULL, ask, " -> cGFzcw==\n");
    shown(&login, true, NULL, ask,
          "<-  334 Username:\n -> user\n<-  334 Password:\n -> pass\n<-  235 UGFzc3dvcmQ6\n");
    shown(&login, true, "X", ask, "<-  334 Password:\n -> X\n");
}

/* --- who is tried --- */

static const struct send_auth_name all[] = {
    {"CRAM-MD5", SASL_CRAM_MD5},
    {"LOGIN", SASL_LOGIN},
    {"PLAIN", SASL_PLAIN},
};

static void test_order(void **state) {
    struct stage s;
    (void)state;
    open_auth(&s, all, 3, "");
    to_auth(&s, "250-x\r\n250-auth=login\r\n250 Auth plain FOO\r\n");
    assert_string_equal(stage_heard(&s), "AUTH LOGIN\r\n");
    stage_say(&s, "535 no\r\n");
    assert_string_equal(stage_heard(&s), "AUTH PLAIN AHVzZXIAcGFzcw==\r\n");
    stage_say(&s, "535 no\r\n");
    assert_string_equal(stage_heard(&s), "QUIT\r\n");
    assert_string_equal(stage_err(&s), "*** No authentication type succeeded\n");
    assert_exit(&s, SEND_EXIT_AUTH);
    stage_close(&s);
}

static void test_demands(void **state) {
    static const struct {
        enum send_demand demand;
        const char *ehlo;
        const char *error;
        enum send_exit code;
    } cases[] = {
        {SEND_REQUIRED, "250 x\r\n", "*** Host did not advertise authentication\n", SEND_EXIT_AUTH},
        {SEND_OPTIONAL, "250 x\r\n", "*** Host did not advertise authentication\n", SEND_EXIT_OK},
        {SEND_OPTIONAL_STRICT, "250 x\r\n", "*** Host did not advertise authentication\n",
         SEND_EXIT_OK},
        {SEND_REQUIRED, "250-x\r\n250 AUTH FOO\r\n",
         "*** Auth not attempted, requested type not available\n", SEND_EXIT_AUTH},
        {SEND_OPTIONAL_STRICT, "250-x\r\n250 AUTH FOO\r\n",
         "*** Auth not attempted, requested type not available\n", SEND_EXIT_OK},
        {SEND_OPTIONAL, "250-x\r\n250 AUTH PLAIN\r\n", "*** No authentication type succeeded\n",
         SEND_EXIT_OK},
        {SEND_OPTIONAL_STRICT, "250-x\r\n250 AUTH PLAIN\r\n",
         "*** No authentication type succeeded\n", SEND_EXIT_AUTH},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stage s;
        open_auth(&s, all, 3, "");
        s.plan.auth.demand = cases[i].demand;
        to_auth(&s, cases[i].ehlo);
        if (strstr(stage_heard(&s), "AUTH"))
            stage_say(&s, "535 no\r\n");
        assert_string_equal(stage_err(&s), cases[i].error);
        assert_exit(&s, cases[i].code);
        stage_close(&s);
    }
}

/* 235 where a challenge is due is no success, 334 where a verdict is due neither. */
static void test_out_of_turn(void **state) {
    struct stage s;
    (void)state;
    open_auth(&s, &all[1], 1, "");
    to_auth(&s, "250-x\r\n250 AUTH LOGIN\r\n");
    stage_say(&s, "235 come in\r\n");
    assert_exit(&s, SEND_EXIT_AUTH);
    stage_close(&s);
    open_auth(&s, &all[2], 1, "");
    to_auth(&s, "250-x\r\n250 AUTH PLAIN\r\n");
    stage_say(&s, "334 more\r\n");
    assert_exit(&s, SEND_EXIT_AUTH);
    stage_close(&s);
}

/* --- SCRAM and DIGEST-MD5 --- */

/* A server that does not know the password can't prove that it does. */
static void test_scram_unproved(void **state) {
    static const struct send_auth_name name = {"SCRAM-SHA-1", SASL_SCRAM_SHA_1};
    struct stage s;
    (void)state;
    open_auth(&s, &name, 1, "");
    to_auth(&s, "250-x\r\n250 AUTH SCRAM-SHA-1\r\n");
    assert_int_equal(strncmp(stage_heard(&s), "AUTH SCRAM-SHA-1 biws", 21), 0); /* "n,," */
    stage_say(&s, "235 come in\r\n");
    assert_exit(&s, SEND_EXIT_AUTH);
    stage_close(&s);
    open_auth(&s, &name, 1, "");
    to_auth(&s, "250-x\r\n250 AUTH SCRAM-SHA-1\r\n");
    (void)stage_heard(&s);
    stage_say(&s, "334 cj1mb3JlaWduLHM9YWJjLGk9NDA5Ng==\r\n"); /* not our nonce */
    assert_string_equal(stage_heard(&s), "*\r\n");
    stage_say(&s, "501 cancelled\r\n");
    assert_exit(&s, SEND_EXIT_AUTH);
    stage_close(&s);
}

static void test_digest(void **state) {
    static const struct send_auth_name name = {"DIGEST-MD5", SASL_DIGEST_MD5};
    struct stage s;
    (void)state;
    open_auth(&s, &name, 1, "");
    s.plan.auth.show.plaintext = true;
    s.plan.auth.who.dmd5_host = "ho";
    s.plan.auth.who.dmd5_serv_type = "st";
    s.plan.auth.who.dmd5_serv_name = "sn";
    to_auth(&s, "250-x\r\n250 AUTH DIGEST-MD5\r\n");
    assert_string_equal(stage_heard(&s), "AUTH DIGEST-MD5\r\n");
    stage_say(&s, "334 cmVhbG09InJlYWxtIixub25jZT0iTk9OQ0UiLHFvcD0iYXV0aCIsY2hhcnNldD11dGYtOCxhbG"
                  "dvcml0aG09bWQ1LXNlc3M=\r\n");
    assert_non_null(strstr(stage_out(&s), "digest-uri=\"st/ho/sn\""));
    assert_non_null(strstr(stage_out(&s), "realm=\"realm\""));
    (void)stage_heard(&s);
    stage_say(&s, "334 cnNwYXV0aD0wMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMA==\r\n");
    assert_string_equal(stage_heard(&s), "*\r\n"); /* rspauth is wrong */
    stage_say(&s, "235 welcome nevertheless\r\n");
    assert_exit(&s, SEND_EXIT_AUTH);
    stage_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mechanisms),   cmocka_unit_test(test_ntlm),
        cmocka_unit_test(test_ntlm_hostile), cmocka_unit_test(test_shown),
        cmocka_unit_test(test_order),        cmocka_unit_test(test_demands),
        cmocka_unit_test(test_out_of_turn),  cmocka_unit_test(test_scram_unproved),
        cmocka_unit_test(test_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
