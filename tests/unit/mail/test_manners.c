/* SPDX-License-Identifier: Apache-2.0 */
/* The reply reader's other manners: patient, and as swaks reads. Every text is read whole, byte by
 * byte and cut at every offset, with the same result. */
#include "mail/reply.h"
#include "ways.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* One reading of `in`, in pieces of `first` bytes, then `piece`; lines are kept in *out if given.
 */
static enum mail_reply_state read_by(enum mail_reply_manner manner, enum mail_reply_form form,
                                     struct base_bytes in, size_t first, size_t piece,
                                     struct base_arena *arena, struct facts_reply *out,
                                     struct mail_answer *answer, size_t *used) {
    struct mail_reply_reader r;
    enum mail_reply_state state = MAIL_REPLY_MORE;
    mail_reply_init(&r, manner, arena);
    mail_reply_begin(&r, form, "a1", out);
    *used = 0;
    for (size_t n = first; state == MAIL_REPLY_MORE && *used < in.len; n = piece) {
        struct base_bytes part = base_bytes_slice(in, *used, n);
        size_t before = part.len;
        state = mail_reply_feed(&r, &part);
        *used += before - part.len;
    }
    *answer = r.answer;
    mail_reply_release(&r);
    return state;
}

static void expect_same(const struct mail_answer *a, const struct mail_answer *b) {
    assert_int_equal(a->agreement, b->agreement);
    assert_int_equal(a->code, b->code);
    assert_int_equal(a->noise, b->noise);
    assert_int_equal(a->leaving, b->leaving);
    assert_true(a->bytes == b->bytes);
    assert_string_equal(a->text, b->text);
    assert_string_equal(a->enhanced, b->enhanced);
}

/* The patient reading of a text, the same however it comes; `used`: the bytes that it took. */
static enum mail_reply_state patient(enum mail_reply_form form, struct base_bytes in,
                                     struct mail_answer *answer, size_t *used) {
    enum mail_reply_state state =
        read_by(MAIL_PATIENT, form, in, in.len, in.len, NULL, NULL, answer, used);
    for (size_t first = 1; first < in.len; first++)
        for (size_t piece = first == 1 ? 1 : in.len; piece != 0; piece = 0) {
            struct mail_answer other;
            size_t other_used;
            assert_int_equal(
                read_by(MAIL_PATIENT, form, in, first, piece, NULL, NULL, &other, &other_used),
                state);
            assert_int_equal(other_used, *used);
            expect_same(answer, &other);
        }
    return state;
}

static void patient_answers(void **state) {
    static const struct {
        enum mail_reply_form form;
        const char *in;
        const char *rest; /* what stands behind the reply */
        const char *text;
        enum mail_agreement agreement;
        int code;
        const char *enhanced;
        bool noise, leaving;
    } rows[] = {
        {MAIL_REPLY_SMTP, "250-a\r\n250 2.1.5 b\r\nX", "X", "250 2.1.5 b", MAIL_YES, 250, "", 0, 0},
        {MAIL_REPLY_SMTP, "550-5.7.1 a\r\n550 b\r\n", "", "550 b", MAIL_NO, 550, "5.7.1", 0, 0},
        {MAIL_REPLY_SMTP, "354 go\r\n", "", "354 go", MAIL_GO_ON, 354, "", 0, 0},
        {MAIL_REPLY_SMTP, "421 4.3.2 bye\n", "", "421 4.3.2 bye", MAIL_NO, 421, "4.3.2", 0, 1},
        {MAIL_REPLY_SMTP, "login:\r\n199 x\r\n600 y\r\n250\r\n", "", "250", MAIL_YES, 250, "", 1,
         0},
        {MAIL_REPLY_SMTP, "\x16\x03\x01\r\n250 ok\r\n", "", "250 ok", MAIL_YES, 250, "", 1, 0},
        {MAIL_REPLY_SMTP, "250 a\rb\r\n", "", "250 a\rb", MAIL_YES, 250, "", 0, 0},
        {MAIL_REPLY_IMAP_GREETING, "* OK hi\r\n", "", "OK hi", MAIL_YES, 0, "", 0, 0},
        {MAIL_REPLY_IMAP_GREETING, "* FINE hi\r\n", "", "FINE hi", MAIL_YES, 0, "", 0, 0},
        {MAIL_REPLY_IMAP_GREETING, "junk\r\n* BYE no\r\n", "", "BYE no", MAIL_NO, 0, "", 1, 1},
        {MAIL_REPLY_IMAP, "* X {4}\r\na1 O\r\na1 OK d\r\nz", "z", "OK d", MAIL_YES, 0, "", 0, 0},
        {MAIL_REPLY_IMAP, "A1 OK not ours\r\na1 NO d\r\n", "", "NO d", MAIL_NO, 0, "", 1, 0},
        {MAIL_REPLY_IMAP, "a1 WHAT d\r\n", "", "WHAT d", MAIL_NO, 0, "", 0, 0},
        {MAIL_REPLY_IMAP, "* BYE\r\na1 OK d\r\n", "", "OK d", MAIL_YES, 0, "", 0, 1},
        {MAIL_REPLY_IMAP, "* BAD what\r\nz", "z", "BAD what", MAIL_NO, 0, "", 0, 0},
        {MAIL_REPLY_IMAP, "+ go\r\n", "", "+ go", MAIL_GO_ON, 0, "", 0, 0},
        {MAIL_REPLY_IMAP, "+\r\n", "", "+", MAIL_GO_ON, 0, "", 0, 0},
        {MAIL_REPLY_POP3, "+OK x\r\nz", "z", "+OK x", MAIL_YES, 0, "", 0, 0},
        {MAIL_REPLY_POP3, "-err x\r\n", "", "-err x", MAIL_NO, 0, "", 0, 0},
        {MAIL_REPLY_POP3, "+ YQ==\r\n", "", "+ YQ==", MAIL_GO_ON, 0, "", 0, 0},
        {MAIL_REPLY_POP3_LIST, "+OK l\r\n+OK no end\r\n..\r\n.\r\nz", "z", "+OK l", MAIL_YES, 0, "",
         0, 0},
        {MAIL_REPLY_POP3_LIST, "-ERR no\r\nz", "z", "-ERR no", MAIL_NO, 0, "", 0, 0},
        {MAIL_REPLY_SIEVE, "\"OK\"\r\n{2}\r\nOK\r\nOK d\r\n", "", "OK d", MAIL_YES, 0, "", 0, 0},
        {MAIL_REPLY_SIEVE, "what\r\nBYE d\r\n", "", "BYE d", MAIL_NO, 0, "", 1, 1},
        {MAIL_REPLY_SIEVE_CHALLENGE, "\"YQ==\"\r\nz", "z", "\"YQ==\"", MAIL_GO_ON, 0, "", 0, 0},
        {MAIL_REPLY_SIEVE_CHALLENGE, "{3}\r\na\r\n\r\n", "", "{3}a\r\n", MAIL_GO_ON, 0, "", 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct base_bytes in = base_bytes_of_str(rows[i].in);
        struct mail_answer a;
        size_t used;
        assert_int_equal(patient(rows[i].form, in, &a, &used), MAIL_REPLY_DONE);
        assert_string_equal(rows[i].in + used, rows[i].rest);
        assert_string_equal(a.text, rows[i].text);
        assert_int_equal(a.agreement, rows[i].agreement);
        assert_int_equal(a.code, rows[i].code);
        assert_string_equal(a.enhanced, rows[i].enhanced);
        assert_int_equal(a.noise, rows[i].noise);
        assert_int_equal(a.leaving, rows[i].leaving);
        assert_int_equal(a.bytes, used);
    }
}

/* A reply of any size ends where it ends, in bounded memory. */
static void patient_readers_know_no_limit(void **state) {
    struct base_buf text;
    struct base_arena arena;
    struct facts_reply out;
    struct mail_answer a;
    size_t used;
    (void)state;
    base_buf_init(&text, (size_t)64 << 20);
    while (text.len < (size_t)2 * MAIL_REPLY_BYTES)
        base_buf_append_str(&text, "250-a line of a message that goes on and on\r\n");
    base_buf_append_str(&text, "250 end\r\n250 next\r\n");
    base_arena_init(&arena, (size_t)64 << 20);
    assert_int_equal(read_by(MAIL_PATIENT, MAIL_REPLY_SMTP, base_buf_view(&text), 7, 65536, &arena,
                             &out, &a, &used),
                     MAIL_REPLY_DONE);
    assert_string_equal(base_buf_cstr(&text) + used, "250 next\r\n");
    assert_string_equal(a.text, "250 end");
    assert_true(out.received);
    assert_int_equal(out.line_count, MAIL_REPLY_LINES);
    assert_true(out.lines_dropped > 90000);
    assert_true(arena.used < (size_t)1 << 20);
    base_arena_release(&arena);
    base_buf_release(&text);
}

/* Bytes that nobody asked for are followed, so that their line is not taken for the answer. */
static void a_line_that_began_before_is_no_answer(void **state) {
    static const struct {
        const char *before, *after, *text;
    } rows[] = {
        {"* 1 EX", "ISTS\r\na1 OK x\r\n", "OK x"},
        {"a1 OK ear", "ly\r\na1 NO x\r\n", "NO x"},
        {"* 1 {9}\r\na1 OK", " no\r\n)\r\na1 OK x\r\n", "OK x"},
        {"* done\r\n", "a1 OK x\r\n", "OK x"},
        {"\r", "\na1 OK x\r\n", "OK x"},
        {"", "a1 OK x\r\n", "OK x"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mail_reply_reader r;
        struct base_bytes before = base_bytes_of_str(rows[i].before);
        struct base_bytes after = base_bytes_of_str(rows[i].after);
        mail_reply_init(&r, MAIL_PATIENT, NULL);
        mail_reply_begin(&r, MAIL_REPLY_IMAP, "a0", NULL);
        struct base_bytes first = base_bytes_of_str("a0 OK first\r\n");
        assert_int_equal(mail_reply_feed(&r, &first), MAIL_REPLY_DONE);
        assert_int_equal(mail_reply_feed(&r, &before), MAIL_REPLY_MORE);
        mail_reply_begin(&r, MAIL_REPLY_IMAP, "a1", NULL);
        assert_int_equal(mail_reply_feed(&r, &after), MAIL_REPLY_DONE);
        assert_int_equal(after.len, 0);
        assert_string_equal(r.answer.text, rows[i].text);
        mail_reply_begin(&r, MAIL_REPLY_IMAP, r.tag, NULL);
        assert_string_equal(r.tag, "a1");
        mail_reply_release(&r);
    }
}

/* As swaks: what is no reply line is passed over, and whatever has three digits ends a reply. */
static void swaks_takes_any_three_digits(void **state) {
    static const struct {
        const char *in, *rest;
        int code; /* -1: not complete */
        const char *lines;
    } rows[] = {
        {"250-a\r\n250 b\r\nX", "X", 250, "a|b"},
        {"junk\r\n250 b\r\n", "", 250, "b"},
        {"100 x\r\n", "", 100, "x"},
        {"000 x\r\n", "", 0, "x"},
        {"999\r\n", "", 999, ""},
        {"250-a\r\n000 x\r\n", "", 0, "a|x"},
        {"100-x\r\n250 y\r\n", "", 250, "y"},
        {"250_x\r\n2500 x\r\n", "", -1, ""},
        {"\x16\x03\x01", "", -1, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct base_bytes in = base_bytes_of_str(rows[i].in);
        for (size_t first = 1; first <= in.len; first++) {
            struct base_arena arena;
            struct facts_reply out;
            struct mail_answer a;
            struct base_buf lines;
            size_t used;
            base_arena_init(&arena, 1 << 20);
            base_buf_init(&lines, 256);
            enum mail_reply_state got = read_by(MAIL_AS_SWAKS, MAIL_REPLY_SMTP, in, first,
                                                first == 1 ? 1 : in.len, &arena, &out, &a, &used);
            assert_int_equal(got, rows[i].code < 0 ? MAIL_REPLY_MORE : MAIL_REPLY_DONE);
            assert_string_equal(rows[i].in + used, rows[i].rest);
            for (size_t k = 0; k < out.line_count; k++) {
                base_buf_append_str(&lines, k ? "|" : "");
                base_buf_append_bytes(&lines, out.lines[k]);
            }
            assert_string_equal(base_buf_cstr(&lines), rows[i].lines);
            if (rows[i].code >= 0) {
                assert_int_equal(out.code, rows[i].code);
                assert_int_equal(a.code, rows[i].code);
            }
            base_buf_release(&lines);
            base_arena_release(&arena);
        }
    }
}

/* A literal that announces more than can ever come is followed, and its number never wraps. */
static void announcements(void **state) {
    static const struct {
        const char *text;
        bool announced, plus;
        uint64_t n;
    } rows[] = {
        {"a {12}", true, false, 12}, {"a {12+}", true, true, 12},
        {"{0}", true, false, 0},     {"{}", false, false, 0},
        {"{+}", false, false, 0},    {"{1++}", false, false, 0},
        {"{1}x", false, false, 0},   {"{1}{23}", true, false, 23},
        {"{{4}", true, false, 4},    {"{99999999999999999999999999}", true, false, UINT64_MAX},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mail_literal l = {0};
        for (const char *c = rows[i].text; *c; c++)
            mail_literal_follow(&l, base_bytes_view(c, 1));
        assert_int_equal(l.mark == MAIL_MARK_CLOSED, rows[i].announced);
        if (!rows[i].announced)
            continue;
        assert_int_equal(l.plus, rows[i].plus);
        if (rows[i].n == UINT64_MAX)
            assert_true(l.announced >= MAIL_LITERAL_MAX);
        else
            assert_true(l.announced == rows[i].n);
    }
}

static void expectations(void **state) {
    struct mail_answer smtp = {.code = 250, .text = "250 2.1.5 fine"};
    struct mail_answer imap = {.text = "OK done"};
    struct mail_answer pop3 = {.text = "-ERR no"};
    (void)state;
    assert_true(mail_answer_is(&smtp, "250"));
    assert_true(mail_answer_is(&smtp, "2xx"));
    assert_true(mail_answer_is(&smtp, "354|250"));
    assert_true(mail_answer_is(&smtp, "250 2.1"));
    assert_false(mail_answer_is(&smtp, "251"));
    assert_false(mail_answer_is(&smtp, "250 2.2"));
    assert_true(mail_answer_is(&imap, "ok"));
    assert_false(mail_answer_is(&imap, "NO"));
    assert_true(mail_answer_is(&pop3, "err"));
    assert_true(mail_answer_is(&pop3, "-ERR"));
    assert_false(mail_answer_is(&pop3, "OK"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patient_answers),
        cmocka_unit_test(patient_readers_know_no_limit),
        cmocka_unit_test(a_line_that_began_before_is_no_answer),
        cmocka_unit_test(swaks_takes_any_three_digits),
        cmocka_unit_test(announcements),
        cmocka_unit_test(expectations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
