/* SPDX-License-Identifier: Apache-2.0 */
/* What the scripted peers do not look at: names, deadlines, every split of a reply. */
#include "mail/dialogue.h"
#include "mail/reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct mail_timeouts patience = {5 * BASE_SECOND, 7 * BASE_SECOND, 2 * BASE_SECOND};

static void names_that_could_carry_commands(void **state) {
    static const char *const bad[] = {"", "a\r\nMAIL FROM:<>", "a\nb", "\r", NULL};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct facts_endpoint f;
        struct base_arena a;
        struct mail_dialogue *d = NULL;
        struct base_error e = {0};
        struct mail_config c = {.helo = bad[i], .timeouts = patience};
        facts_endpoint_init(&f);
        base_arena_init(&a, 1 << 20);
        assert_int_equal(mail_dialogue_new(&c, &f, &a, NULL, "test", &d, &e), WS_USAGE);
        assert_true(e.message[0]);
        base_arena_release(&a);
    }
}

static void hear(struct mail_dialogue *d, const char *text, base_usec now) {
    mail_dialogue_feed(d, base_bytes_of_str(text), now);
}

static void expect_state(struct mail_dialogue *d, const char *name, enum mail_want want,
                         base_usec deadline, const char *said) {
    assert_string_equal(mail_dialogue_state(d), name);
    assert_int_equal(mail_dialogue_want(d), want);
    assert_true(mail_dialogue_deadline(d) == deadline);
    assert_string_equal(base_buf_cstr(mail_dialogue_output(d)), said);
    base_buf_clear(mail_dialogue_output(d));
}

/* Each state has its patience, counted from when it was entered. */
static void every_state_has_its_deadline(void **state) {
    struct facts_endpoint f;
    struct base_arena a;
    struct mail_dialogue *d = NULL;
    struct mail_config c = {.helo = "me.example", .timeouts = patience};
    const base_usec s = BASE_SECOND;
    (void)state;
    facts_endpoint_init(&f);
    base_arena_init(&a, 1 << 20);
    assert_int_equal(mail_dialogue_new(&c, &f, &a, NULL, "test", &d, NULL), WS_OK);
    expect_state(d, "connect", MAIL_WANT_READ, BASE_NEVER, "");
    mail_dialogue_start(d, 10 * s);
    expect_state(d, "greeting", MAIL_WANT_READ, 15 * s, "");
    mail_dialogue_tick(d, 14 * s); /* too early: nothing happens */
    hear(d, "220-a\r\n", 14 * s);
    expect_state(d, "greeting", MAIL_WANT_READ, 15 * s, "");
    hear(d, "220 b\r\n", 14 * s);
    expect_state(d, "hello", MAIL_WANT_READ, 21 * s, "EHLO me.example\r\n");
    hear(d, "250-b\r\n250 STARTTLS\r\n", 15 * s);
    expect_state(d, "starttls", MAIL_WANT_READ, 22 * s, "STARTTLS\r\n");
    hear(d, "220 go\r\n", 16 * s);
    expect_state(d, "tls", MAIL_WANT_TLS, BASE_NEVER, "");
    mail_dialogue_tls_up(d, 20 * s);
    expect_state(d, "hello-tls", MAIL_WANT_READ, 27 * s, "EHLO me.example\r\n");
    hear(d, "250 b\r\n", 21 * s);
    expect_state(d, "quit", MAIL_WANT_READ, 23 * s, "QUIT\r\n");
    hear(d, "221 bye\r\n", 22 * s);
    expect_state(d, "close", MAIL_WANT_CLOSE, 24 * s, "");
    mail_dialogue_tick(d, 24 * s);
    expect_state(d, "done", MAIL_WANT_DONE, BASE_NEVER, "");
    assert_int_equal(f.step, FACTS_STEP_DONE);
    assert_int_equal(f.stop, FACTS_STOP_NONE);
    mail_dialogue_release(d);
    base_arena_release(&a);
}

/* A reply cut at every two offsets reads the same. */
static void every_split_reads_the_same(void **state) {
    static const char text[] = "250-mx \r odd\r\n250-SIZE 10\n250-\x01\r\n250 4.7.1 end\r\nrest";
    struct base_bytes in = base_bytes_of_str(text);
    (void)state;
    for (size_t i = 0; i <= in.len; i++)
        for (size_t k = i; k <= in.len; k++) {
            struct base_arena a;
            struct facts_reply r;
            struct mail_reply_reader reader;
            struct base_bytes parts[] = {base_bytes_slice(in, 0, i), base_bytes_slice(in, i, k - i),
                                         base_bytes_slice(in, k, in.len)};
            size_t left = 0;
            enum mail_reply_state s = MAIL_REPLY_MORE;
            base_arena_init(&a, 1 << 20);
            mail_reply_init(&reader, MAIL_STRICT, &a);
            mail_reply_begin(&reader, MAIL_REPLY_SMTP, NULL, &r);
            for (size_t p = 0; p < 3; p++) {
                if (s == MAIL_REPLY_MORE)
                    s = mail_reply_feed(&reader, &parts[p]);
                left += parts[p].len;
            }
            assert_int_equal(s, MAIL_REPLY_DONE);
            assert_int_equal(left, 4); /* "rest" is not the reply's */
            assert_int_equal(r.code, 250);
            assert_int_equal(r.line_count, 4);
            assert_true(r.bare_cr && r.bare_lf && r.control_bytes && !r.mixed_codes);
            assert_true(base_bytes_equal_str(r.lines[0], "mx \r odd"));
            assert_true(base_bytes_equal_str(r.lines[3], "4.7.1 end"));
            mail_reply_release(&reader);
            base_arena_release(&a);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_could_carry_commands),
        cmocka_unit_test(every_state_has_its_deadline),
        cmocka_unit_test(every_split_reads_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
