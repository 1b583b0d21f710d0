/* SPDX-License-Identifier: Apache-2.0 */
/* Walks the dialogue's state table and the protocol rows, and watches what is logged. The table is
 * private to the dialogue, so the test is built from its source. */
#include "mail/dialogue.c" /* NOLINT(bugprone-suspicious-include) */

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

static void every_row_is_whole(void **state) {
    (void)state;
    for (size_t i = 0; i < STATE_COUNT; i++) {
        const struct mail_state_row *r = &rows[i];
        assert_non_null(r->name);
        assert_true(r->name[0] && r->doing && r->doing[0]);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(r->name, rows[k].name);
        /* a state that waits for a reply begins it, reads, and does not wait for ever */
        assert_int_equal(r->enter != NULL, r->reply != NULL);
        if (r->reply) {
            assert_int_equal(r->want, MAIL_WANT_READ);
            assert_int_not_equal(r->timeout, NO_TIME);
        }
        if (r->want == MAIL_WANT_CLOSE)
            assert_int_not_equal(r->timeout, NO_TIME);
        /* somebody else keeps the time of TLS, and the end needs none */
        if (r->want == MAIL_WANT_TLS || r->want == MAIL_WANT_DONE)
            assert_int_equal(r->timeout, NO_TIME);
    }
    assert_int_equal(rows[STATE_DONE].want, MAIL_WANT_DONE);
    assert_int_equal(rows[STATE_TLS].want, MAIL_WANT_TLS);
}

/* Steps never go back along the order of the states. */
static void steps_follow_the_states(void **state) {
    (void)state;
    for (size_t i = 1; i < STATE_COUNT; i++)
        assert_true(rows[i - 1].step <= rows[i].step);
    assert_int_equal(rows[STATE_DONE].step, FACTS_STEP_DONE);
}

static void expect_command(const char *command, const char *tag) {
    if (!command)
        return;
    struct base_bytes b = base_bytes_of_str(command);
    assert_true(b.len > 2 && b.len < 512);
    assert_int_equal(base_bytes_find_str(b, "\r\n"), b.len - 2); /* one command, one line */
    size_t percent = base_bytes_find(b, '%');
    if (percent < b.len)
        assert_true(b.data[percent + 1] == 's' &&
                    base_bytes_find(base_bytes_slice(b, percent + 1, b.len), '%') ==
                        b.len - percent - 1);
    if (tag)
        assert_true(base_bytes_starts_with_nocase(b, tag) && b.data[strlen(tag)] == ' ');
}

static void every_protocol_is_whole(void **state) {
    (void)state;
    for (int id = FACTS_PROTOCOL_SMTP; id <= FACTS_PROTOCOL_SIEVE; id++) {
        const struct mail_protocol *p = mail_protocol_of((enum facts_protocol)id);
        assert_non_null(p);
        assert_int_equal(p->id, id);
        assert_non_null(p->hello_verb);
        assert_true(p->starttls && p->quit);
        assert_int_equal(p->hello != NULL, p->hello_again != NULL);
        assert_int_equal(p->old_hello != NULL, p->old_verb != NULL);
        expect_command(p->hello, p->hello_tag);
        expect_command(p->old_hello, NULL);
        expect_command(p->starttls, p->starttls_tag);
        expect_command(p->hello_again, p->again_tag);
        expect_command(p->quit, p->quit_tag);
        bool tagged = p->hello_form == MAIL_REPLY_IMAP;
        assert_int_equal(p->hello_tag && p->starttls_tag && p->again_tag && p->quit_tag, tagged);
        if (tagged) { /* each command has a tag of its own */
            const char *tags[] = {p->hello_tag, p->starttls_tag, p->again_tag, p->quit_tag};
            for (size_t i = 0; i < 4; i++)
                for (size_t k = 0; k < i; k++)
                    assert_string_not_equal(tags[i], tags[k]);
        }
    }
    assert_null(mail_protocol_of((enum facts_protocol)99));
}

/* --- what is logged --- */

static char logged[8192];

static void keep_line_of_log(void *arg, enum base_log_level level, const char *line) {
    (void)arg;
    (void)level;
    size_t n = strlen(logged);
    base_bytes_copy(logged + n, sizeof logged - n - 2, base_bytes_of_str(line));
    logged[strlen(logged)] = '\n';
}

static void every_step_is_logged(void **state) {
    static const struct base_log log = {BASE_LOG_DEBUG, keep_line_of_log, NULL};
    struct mail_config c = {.helo = "me.example",
                            .timeouts = {BASE_SECOND, BASE_SECOND, BASE_SECOND}};
    struct facts_endpoint f;
    struct base_arena a;
    struct mail_dialogue *d = NULL;
    (void)state;
    facts_endpoint_init(&f);
    base_arena_init(&a, 1 << 20);
    memset(logged, 0, sizeof logged);
    assert_int_equal(mail_dialogue_new(&c, &f, &a, &log, "mx", &d, NULL), WS_OK);
    mail_dialogue_start(d, 1);
    mail_dialogue_feed(d, base_bytes_of_str("220 a\x1b[2J\r\n"), 2);
    base_buf_clear(mail_dialogue_output(d));
    mail_dialogue_feed(d, base_bytes_of_str("421 bye\r\n"), 3);
    mail_dialogue_closed(d, MAIL_CLOSED_EOF, 4);
    assert_non_null(strstr(logged, "mx: mail: connect -> greeting\n"));
    assert_non_null(strstr(logged, "mx: < 220 a\\x1B[2J\\r\\n\n"));
    assert_non_null(strstr(logged, "mx: mail: greeting -> hello\n"));
    assert_non_null(strstr(logged, "mx: > EHLO me.example\\r\\n\n"));
    assert_non_null(strstr(logged, "mx: mail: hello -> close\n"));
    assert_non_null(strstr(logged, "mx: mail: close -> done\n"));
    assert_null(strchr(logged, '\x1b'));
    mail_dialogue_release(d);
    base_arena_release(&a);
}

/* --- events at odd moments --- */

/* Every event in every state that a dialogue can reach: it ends, and says where and why. */
static const char *const healthy[] = {
    "220 hi\r\n", "250-mx\r\n250 STARTTLS\r\n", "220 go\r\n", NULL, "250 mx\r\n", "221 bye\r\n"};

static struct mail_dialogue *advance(size_t replies, struct facts_endpoint *f,
                                     struct base_arena *a) {
    struct mail_dialogue *d = NULL;
    struct mail_config c = {.helo = "me.example",
                            .timeouts = {BASE_SECOND, BASE_SECOND, BASE_SECOND}};
    facts_endpoint_init(f);
    base_arena_init(a, 1 << 20);
    assert_int_equal(mail_dialogue_new(&c, f, a, NULL, "mx", &d, NULL), WS_OK);
    mail_dialogue_start(d, 1);
    for (size_t i = 0; i < replies; i++) {
        if (healthy[i])
            mail_dialogue_feed(d, base_bytes_of_str(healthy[i]), 2);
        else
            mail_dialogue_tls_up(d, 2);
    }
    return d;
}

static void events_in_every_state(void **state) {
    enum { EOF_COMES, RESET_COMES, TIME_ENDS, ABORTED, EVENTS };
    static const enum facts_stop stops[EVENTS] = {FACTS_STOP_CLOSED, FACTS_STOP_RESET,
                                                  FACTS_STOP_TIMEOUT, FACTS_STOP_DEADLINE};
    static const enum facts_step steps[] = {
        FACTS_STEP_GREETING, FACTS_STEP_EHLO, FACTS_STEP_STARTTLS, FACTS_STEP_HANDSHAKE,
        FACTS_STEP_EHLO_TLS, FACTS_STEP_DONE, FACTS_STEP_DONE};
    (void)state;
    for (size_t replies = 0; replies < sizeof steps / sizeof steps[0]; replies++)
        for (int event = 0; event < EVENTS; event++) {
            struct facts_endpoint f;
            struct base_arena a;
            struct mail_dialogue *d = advance(replies, &f, &a);
            if (event == EOF_COMES || event == RESET_COMES)
                mail_dialogue_closed(d, event == EOF_COMES ? MAIL_CLOSED_EOF : MAIL_CLOSED_RESET,
                                     3);
            else if (event == ABORTED)
                mail_dialogue_abort(d, FACTS_STOP_DEADLINE, "out of time");
            else if (mail_dialogue_deadline(d) == BASE_NEVER)
                mail_dialogue_tls_failed(d, 3); /* TLS keeps its own time */
            else
                mail_dialogue_tick(d, mail_dialogue_deadline(d));
            bool over = steps[replies] == FACTS_STEP_DONE;
            bool tls = event == TIME_ENDS && steps[replies] == FACTS_STEP_HANDSHAKE;
            assert_int_equal(mail_dialogue_want(d), MAIL_WANT_DONE);
            assert_int_equal(f.step, steps[replies]);
            assert_int_equal(f.stop, over  ? FACTS_STOP_NONE
                                     : tls ? FACTS_STOP_HANDSHAKE
                                           : stops[event]);
            assert_true(over || tls || f.error[0]);
            /* the end is the end */
            mail_dialogue_feed(d, base_bytes_of_str("250 late\r\n"), 9);
            mail_dialogue_closed(d, MAIL_CLOSED_RESET, 9);
            mail_dialogue_tick(d, 9 * BASE_SECOND);
            mail_dialogue_abort(d, FACTS_STOP_LOCAL, "late");
            assert_int_equal(f.stop, over  ? FACTS_STOP_NONE
                                     : tls ? FACTS_STOP_HANDSHAKE
                                           : stops[event]);
            assert_string_equal(mail_dialogue_state(d), "done");
            mail_dialogue_release(d);
            base_arena_release(&a);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_whole),      cmocka_unit_test(steps_follow_the_states),
        cmocka_unit_test(every_protocol_is_whole), cmocka_unit_test(every_step_is_logged),
        cmocka_unit_test(events_in_every_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
