/* SPDX-License-Identifier: Apache-2.0 */
/* The reply reader of each protocol, hostile bytes first. Every text is read whole, byte by byte
 * and cut at every offset, with the same result. */
#include "mail/dialogue.h"
#include "ways.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static void expect_bad(enum mail_reply_form form, struct base_bytes in) {
    struct reading r = read_every_way(form, in);
    assert_int_equal(r.state, MAIL_REPLY_BAD);
    assert_false(r.reply.received);
    assert_true(r.odd.len <= 256);
    reading_release(&r);
}

static void expect_more(enum mail_reply_form form, struct base_bytes in) {
    struct reading r = read_every_way(form, in);
    assert_int_equal(r.state, MAIL_REPLY_MORE);
    assert_false(r.reply.received);
    assert_int_equal(r.used, in.len);
    reading_release(&r);
}

/* `lines` joined by '|'. */
static void expect_done(enum mail_reply_form form, struct base_bytes in, int code,
                        const char *status, const char *lines) {
    struct reading r = read_every_way(form, in);
    struct base_buf joined;
    base_buf_init(&joined, 1 << 16);
    for (size_t i = 0; i < r.reply.line_count; i++) {
        base_buf_append_str(&joined, i ? "|" : "");
        base_buf_append_bytes(&joined, r.reply.lines[i]);
    }
    assert_int_equal(r.state, MAIL_REPLY_DONE);
    assert_true(r.reply.received);
    assert_int_equal(r.reply.code, code);
    assert_string_equal(r.reply.status, status);
    assert_string_equal(base_buf_cstr(&joined), lines);
    base_buf_release(&joined);
    reading_release(&r);
}

static void smtp_codes_are_three_digits_and_a_separator(void **state) {
    static const char *const bad[] = {
        "",      "2",        "22",    "2 20",      " 220 x", "220x",
        "2200",  "220\tx",   "22a x", "+20 x",     "-20 x",  "0x2 x",
        "199 x", "000 x",    "600 x", "999 x",     "220_x",  "\xb2\xb2\xb0 x",
        "HELO",  "220\x01x", "* OK",  "+OK ready", "{3}",    "\"OK\""};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char line[64];
        size_t n = base_bytes_copy(line, sizeof line - 2, base_bytes_of_str(bad[i]));
        line[n++] = '\r';
        line[n++] = '\n';
        expect_bad(MAIL_REPLY_SMTP, base_bytes_view(line, n));
    }
    expect_bad(MAIL_REPLY_SMTP, BYTES("\0\0\0 x\r\n"));
    expect_bad(MAIL_REPLY_SMTP, BYTES("2\0"
                                      "20 x\r\n"));
    expect_bad(MAIL_REPLY_SMTP, BYTES("250-a\r\nno code\r\n250 b\r\n"));
    expect_done(MAIL_REPLY_SMTP, BYTES("220\r\n"), 220, "", "");
    expect_done(MAIL_REPLY_SMTP, BYTES("220 \r\n"), 220, "", "");
    expect_done(MAIL_REPLY_SMTP, BYTES("599 x\r\n"), 599, "", "x");
    expect_done(MAIL_REPLY_SMTP, BYTES("250-\r\n250-b\r\n250\r\nnext"), 250, "", "|b|");
}

static void an_unfinished_reply_is_none(void **state) {
    (void)state;
    expect_more(MAIL_REPLY_SMTP, BYTES("220 x"));
    expect_more(MAIL_REPLY_SMTP, BYTES("220 x\r"));
    expect_more(MAIL_REPLY_SMTP, BYTES("220-x\r\n"));
    expect_more(MAIL_REPLY_SMTP, BYTES("220-x\r\n220"));
    expect_more(MAIL_REPLY_IMAP, BYTES("* OK x\r\nw1 OK"));
    expect_more(MAIL_REPLY_IMAP, BYTES("* X {3}\r\nab"));
    expect_more(MAIL_REPLY_POP3_LIST, BYTES("+OK\r\nSTLS\r\n.\r"));
    expect_more(MAIL_REPLY_SIEVE, BYTES("\"STARTTLS\"\r\nOK"));
}

/* The state of the lines is a fact, and the next reply does not inherit it. */
static void flaws_are_noted(void **state) {
    static const struct {
        const char *text;
        size_t len;
        const char *flags; /* lf, cr, ctl, mixed */
    } rows[] = {
#define ROW(text, flags) {text, sizeof(text) - 1, flags}
        ROW("250 fine\r\n", ""),
        ROW("250 tab\tis fine\r\n", ""),
        ROW("250 \xc3\xa9t\xc3\xa9\r\n", ""),
        ROW("250 x\n", "lf "),
        ROW("250-x\n250 y\r\n", "lf "),
        ROW("250 a\rb\r\n", "cr "),
        ROW("250 a\r\r\n", "cr "),
        ROW("250 \r\r\r\r\n", "cr "),
        ROW("250 a\rb\n", "lf cr "),
        ROW("250 a\0b\r\n", "ctl "),
        ROW("250 \x1b[2J\x07\r\n", "ctl "),
        ROW("250 \x7f\r\n", "ctl "),
        ROW("250-a\r\n251 b\r\n", "mixed "),
        ROW("250-a\r\n550-b\r\n250 c\r\n", "mixed "),
        ROW("220-\x01\n\r221 x\r\n", NULL), /* "\r221": no code */
#undef ROW
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct reading r =
            read_every_way(MAIL_REPLY_SMTP, base_bytes_view(rows[i].text, rows[i].len));
        struct base_buf flags;
        base_buf_init(&flags, 64);
        base_buf_printf(&flags, "%s%s%s%s", r.reply.bare_lf ? "lf " : "",
                        r.reply.bare_cr ? "cr " : "", r.reply.control_bytes ? "ctl " : "",
                        r.reply.mixed_codes ? "mixed " : "");
        assert_int_equal(r.state, rows[i].flags ? MAIL_REPLY_DONE : MAIL_REPLY_BAD);
        if (rows[i].flags)
            assert_string_equal(base_buf_cstr(&flags), rows[i].flags);
        base_buf_release(&flags);
        reading_release(&r);
    }
}

static void enhanced_status_is_strict(void **state) {
    static const struct {
        const char *text, *status;
    } rows[] = {
        {"4.7.1 later", "4.7.1"},
        {"5.7.123", "5.7.123"},
        {"2.0.0\tok", "2.0.0"},
        {"3.0.0 no", ""},
        {"4.7", ""},
        {"4.7.", ""},
        {"4.7.1x", ""},
        {"44.7.1 x", ""},
        {"4.7.1234 x", ""},
        {"", ""},
        {"4..1 x", ""},
        {" 4.7.1", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct base_buf line;
        base_buf_init(&line, 64);
        base_buf_printf(&line, "250 %s\r\n", rows[i].text);
        struct reading r = read_every_way(MAIL_REPLY_SMTP, base_buf_view(&line));
        assert_int_equal(r.state, MAIL_REPLY_DONE);
        assert_string_equal(r.reply.enhanced, rows[i].status);
        reading_release(&r);
        base_buf_release(&line);
    }
}

static void other_protocols_are_recognised(void **state) {
    struct reading r;
    (void)state;
    /* a TLS record needs no line end to be known; one byte of it is not enough */
    struct mail_reply_reader reader;
    struct facts_reply out;
    struct base_arena arena;
    static const char *const records[] = {"\x16\x03", "\x15\x03", NULL};
    for (size_t i = 0; records[i]; i++) {
        struct base_bytes two = base_bytes_of_str(records[i]);
        struct base_bytes first = base_bytes_slice(two, 0, 1), second = base_bytes_slice(two, 1, 1);
        base_arena_init(&arena, 1 << 20);
        mail_reply_init(&reader, MAIL_STRICT, &arena);
        mail_reply_begin(&reader, MAIL_REPLY_SMTP, NULL, &out);
        assert_int_equal(mail_reply_feed(&reader, &first), MAIL_REPLY_MORE);
        assert_int_equal(mail_reply_feed(&reader, &second), MAIL_REPLY_BAD);
        assert_true(base_bytes_equal(reader.odd, two));
        mail_reply_release(&reader);
        base_arena_release(&arena);
    }
    r = read_every_way(MAIL_REPLY_SMTP, BYTES("SSH-2.0-OpenSSH_9.2\r\n"));
    assert_int_equal(r.state, MAIL_REPLY_BAD);
    assert_true(base_bytes_equal_str(r.odd, "SSH-2.0-OpenSSH_9.2"));
    reading_release(&r);
    expect_bad(MAIL_REPLY_IMAP_GREETING, BYTES("220 mx ESMTP\r\n"));
    expect_bad(MAIL_REPLY_POP3, BYTES("* OK imap\r\n"));
    expect_bad(MAIL_REPLY_SIEVE, BYTES("+OK pop\r\n"));
}

static void imap_wants_its_own_tag(void **state) {
    (void)state;
    expect_done(MAIL_REPLY_IMAP, BYTES("* A\r\n+ go\r\nw1 ok fine\r\n"), 0, "OK", "A|go|fine");
    expect_done(MAIL_REPLY_IMAP, BYTES("w1 NO\r\n"), 0, "NO", "");
    expect_done(MAIL_REPLY_IMAP, BYTES("w1 BAD x\r\n"), 0, "BAD", "x");
    expect_bad(MAIL_REPLY_IMAP, BYTES("W1 OK x\r\n")); /* curl and others compare exactly */
    expect_bad(MAIL_REPLY_IMAP, BYTES("w2 OK x\r\n"));
    expect_bad(MAIL_REPLY_IMAP, BYTES("w1OK x\r\n"));
    expect_bad(MAIL_REPLY_IMAP, BYTES("w1\r\n"));
    expect_bad(MAIL_REPLY_IMAP, BYTES("w1 OKAY x\r\n"));
    expect_bad(MAIL_REPLY_IMAP, BYTES("w11 OK x\r\n"));
    expect_bad(MAIL_REPLY_IMAP, BYTES("*OK x\r\n"));
    expect_bad(MAIL_REPLY_IMAP, BYTES("\r\n"));
}

static void imap_greetings(void **state) {
    (void)state;
    expect_done(MAIL_REPLY_IMAP_GREETING, BYTES("* OK hi\r\n"), 0, "OK", "hi");
    expect_done(MAIL_REPLY_IMAP_GREETING, BYTES("* preauth\r\n"), 0, "PREAUTH", "");
    expect_done(MAIL_REPLY_IMAP_GREETING, BYTES("* BYE no {5}\r\n"), 0, "BYE", "no {5}");
    expect_bad(MAIL_REPLY_IMAP_GREETING, BYTES("* NO\r\n"));
    expect_bad(MAIL_REPLY_IMAP_GREETING, BYTES("*\r\n"));
}

/* A goodbye among the untagged lines is remembered until the tagged one comes. */
static void imap_goodbye(void **state) {
    struct reading r = read_every_way(MAIL_REPLY_IMAP, BYTES("* BYE leaving\r\n"));
    (void)state;
    assert_int_equal(r.state, MAIL_REPLY_MORE);
    assert_string_equal(r.reply.status, "BYE");
    reading_release(&r);
    r = read_every_way(MAIL_REPLY_IMAP, BYTES("* BYEBYE x\r\n"));
    assert_string_equal(r.reply.status, "");
    reading_release(&r);
    expect_done(MAIL_REPLY_IMAP, BYTES("* BYE leaving\r\nw1 OK done\r\n"), 0, "OK",
                "BYE leaving|done");
}

static void literals_belong_to_their_line(void **state) {
    (void)state;
    expect_done(MAIL_REPLY_IMAP, BYTES("* X {4}\r\n\r\n\r\n y\r\nw1 OK\r\n"), 0, "OK",
                "X {4}\r\n\r\n y|");
    expect_done(MAIL_REPLY_IMAP, BYTES("* X {0}\r\n y\r\nw1 OK\r\n"), 0, "OK", "X {0} y|");
    /* the tagged line inside a literal is data */
    expect_done(MAIL_REPLY_IMAP, BYTES("* X {8}\r\nw1 BAD\r\n\r\nw1 OK\r\n"), 0, "OK",
                "X {8}w1 BAD\r\n|");
    /* what ends a literal announces none */
    expect_done(MAIL_REPLY_IMAP, BYTES("* X {4}\r\n{99}\r\nw1 OK\r\n"), 0, "OK", "X {4}{99}|");
    /* two of them */
    expect_done(MAIL_REPLY_IMAP, BYTES("* X {1}\r\na {1+}\r\nb\r\nw1 OK\r\n"), 0, "OK",
                "X {1}a {1+}b|");
    /* these announce nothing */
    expect_done(MAIL_REPLY_IMAP, BYTES("* {5} x\r\n* {}\r\n* {+}\r\n* {a}\r\n* {5}}\r\nw1 OK\r\n"),
                0, "OK", "{5} x|{}|{+}|{a}|{5}}|");
    expect_done(MAIL_REPLY_IMAP, BYTES("* {5}\r \r\n* {5++}\r\n* {5\r}\r\nw1 OK\r\n"), 0, "OK",
                "{5}\r |{5++}|{5\r}|");
    expect_done(MAIL_REPLY_SIEVE, BYTES("{8+}\r\nSTARTTLS\r\nOK {2}\r\nhi\r\n"), 0, "OK",
                "{8+}STARTTLS|{2}hi");
    /* SMTP and POP3 know no literals */
    expect_done(MAIL_REPLY_SMTP, BYTES("250 {5}\r\n"), 250, "", "{5}");
    expect_done(MAIL_REPLY_POP3_LIST, BYTES("+OK\r\nX {5}\r\n.\r\n"), 0, "+OK", "|X {5}");
}

static void announced_too_large(void **state) {
    static const char *const texts[] = {"* X {4194304}\r\n", "* X {4294967296}\r\n",
                                        "* X {18446744073709551616}\r\n",
                                        "* X {99999999999999999999999999999999}\r\n", NULL};
    (void)state;
    for (size_t i = 0; texts[i]; i++) {
        struct reading r = read_every_way(MAIL_REPLY_IMAP, base_bytes_of_str(texts[i]));
        assert_int_equal(r.state, MAIL_REPLY_LIMIT);
        reading_release(&r);
    }
    expect_more(MAIL_REPLY_IMAP, BYTES("* X {4194289}\r\n"));
}

static void pop3_lists_end_with_a_dot(void **state) {
    (void)state;
    expect_done(MAIL_REPLY_POP3, BYTES("+OK x\r\n"), 0, "+OK", "x");
    expect_done(MAIL_REPLY_POP3, BYTES("-err x\r\n"), 0, "-ERR", "x");
    expect_done(MAIL_REPLY_POP3_LIST, BYTES("-ERR no\r\n"), 0, "-ERR", "no");
    expect_done(MAIL_REPLY_POP3_LIST, BYTES("+OK\r\n.\r\n"), 0, "+OK", "");
    expect_done(MAIL_REPLY_POP3_LIST, BYTES("+OK\r\n..\r\n..a\r\n.b\r\n\r\n.\r\n.\r\n"), 0, "+OK",
                "|.|.a|b|");
    expect_bad(MAIL_REPLY_POP3, BYTES("+OKAY\r\n"));
    expect_bad(MAIL_REPLY_POP3, BYTES("OK\r\n"));
    expect_bad(MAIL_REPLY_POP3, BYTES("+\r\n"));
}

static void sieve_lines(void **state) {
    (void)state;
    expect_done(MAIL_REPLY_SIEVE, BYTES("\"A\" \"b\"\r\nOK\r\n"), 0, "OK", "\"A\" \"b\"|");
    expect_done(MAIL_REPLY_SIEVE, BYTES("no (QUOTA) \"x\"\r\n"), 0, "NO", "(QUOTA) \"x\"");
    expect_done(MAIL_REPLY_SIEVE, BYTES("BYE \"x\"\r\n"), 0, "BYE", "\"x\"");
    expect_bad(MAIL_REPLY_SIEVE, BYTES("A b\r\n"));
    expect_bad(MAIL_REPLY_SIEVE, BYTES("\r\n"));
}

/* --- limits --- */

/* Reads `total` bytes that repeat `unit`, in pieces of `piece` bytes. */
static enum mail_reply_state read_repeated(struct facts_reply *out, struct base_arena *arena,
                                           enum mail_reply_form form, const char *unit,
                                           size_t total, size_t piece) {
    enum mail_reply_state state = MAIL_REPLY_MORE;
    struct mail_reply_reader reader;
    struct base_buf all;
    base_buf_init(&all, (size_t)8 << 20);
    while (all.len < total)
        base_buf_append_str(&all, unit);
    base_arena_init(arena, (size_t)64 << 20);
    mail_reply_init(&reader, MAIL_STRICT, arena);
    mail_reply_begin(&reader, form, "w1", out);
    struct base_bytes in = base_buf_view(&all);
    for (size_t at = 0; at < in.len && state == MAIL_REPLY_MORE; at += piece) {
        struct base_bytes part = base_bytes_slice(in, at, piece);
        state = mail_reply_feed(&reader, &part);
    }
    mail_reply_release(&reader);
    base_buf_release(&all);
    return state;
}

static void long_lines_are_kept_in_part(void **state) {
    static const size_t lengths[] = {MAIL_LINE_MAX - 5, MAIL_LINE_MAX - 4, MAIL_LINE_MAX - 3,
                                     MAIL_LINE_MAX + 1, 100000};
    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct base_buf text;
        base_buf_init(&text, 1 << 20);
        base_buf_append_str(&text, "250-");
        for (size_t k = 0; k < lengths[i]; k++)
            base_buf_append_byte(&text, 'x');
        base_buf_append_str(&text, "\r\n250 end\r\n");
        struct mail_reply_reader reader;
        struct facts_reply out;
        struct base_arena arena;
        struct base_bytes in = base_buf_view(&text);
        base_arena_init(&arena, 1 << 20);
        mail_reply_init(&reader, MAIL_STRICT, &arena);
        mail_reply_begin(&reader, MAIL_REPLY_SMTP, NULL, &out);
        assert_int_equal(mail_reply_feed(&reader, &in), MAIL_REPLY_DONE);
        bool cut = lengths[i] + 4 > MAIL_LINE_MAX;
        assert_int_equal(out.truncated_line, cut);
        assert_int_equal(out.lines[0].len, cut ? MAIL_LINE_MAX - 4 : lengths[i]);
        assert_true(base_bytes_equal_str(out.lines[1], "end"));
        mail_reply_release(&reader);
        base_arena_release(&arena);
        base_buf_release(&text);
    }
}

static void many_lines_are_counted(void **state) {
    struct facts_reply out;
    struct base_arena arena;
    (void)state;
    assert_int_equal(
        read_repeated(&out, &arena, MAIL_REPLY_SMTP, "250-x\r\n", 7 * (MAIL_REPLY_LINES + 3), 4096),
        MAIL_REPLY_MORE);
    assert_int_equal(out.line_count, MAIL_REPLY_LINES);
    assert_int_equal(out.lines_dropped, 3);
    assert_false(arena.failed);
    base_arena_release(&arena);
}

static void endless_replies_stop(void **state) {
    static const struct {
        enum mail_reply_form form;
        const char *unit;
    } rows[] = {{MAIL_REPLY_SMTP, "220-x\r\n"},
                {MAIL_REPLY_SMTP, "x"},
                {MAIL_REPLY_SMTP, "\r"},
                {MAIL_REPLY_IMAP, "* x\r\n"},
                {MAIL_REPLY_IMAP, "* x {20}\r\n"},
                {MAIL_REPLY_SIEVE, "\"x\"\r\n"},
                {MAIL_REPLY_IMAP_GREETING, "* OK "},
                {MAIL_REPLY_POP3, "+OK "}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct facts_reply out;
        struct base_arena arena;
        assert_int_equal(
            read_repeated(&out, &arena, rows[i].form, rows[i].unit, MAIL_REPLY_BYTES + 64, 65536),
            MAIL_REPLY_LIMIT);
        assert_false(out.received);
        assert_true(arena.used < (size_t)4 << 20); /* what it kept is bounded as well */
        base_arena_release(&arena);
    }
}

static double seconds_for(const char *unit, size_t total) {
    struct facts_reply out;
    struct base_arena arena;
    double best = 1e9;
    for (int round = 0; round < 3; round++) {
        struct timespec a, b;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
        assert_int_equal(read_repeated(&out, &arena, MAIL_REPLY_IMAP, unit, total, 1),
                         MAIL_REPLY_MORE);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
        base_arena_release(&arena);
        double s = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
        best = s < best ? s : best;
    }
    return best;
}

/* Byte by byte, eight times the bytes may not cost 64 times the time; half of that is allowed, for
 * slow and busy machines. */
static void time_is_linear(void **state) {
    static const char *const units[] = {"x", "\r", "{", "1", "* x\r\n", "* {1}\r\n{", NULL};
    (void)state;
    for (size_t i = 0; units[i]; i++) {
        double small = seconds_for(units[i], 1 << 15), large = seconds_for(units[i], 1 << 18);
        assert_true(large < 32 * small + 0.05);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smtp_codes_are_three_digits_and_a_separator),
        cmocka_unit_test(an_unfinished_reply_is_none),
        cmocka_unit_test(flaws_are_noted),
        cmocka_unit_test(enhanced_status_is_strict),
        cmocka_unit_test(other_protocols_are_recognised),
        cmocka_unit_test(imap_wants_its_own_tag),
        cmocka_unit_test(imap_greetings),
        cmocka_unit_test(imap_goodbye),
        cmocka_unit_test(literals_belong_to_their_line),
        cmocka_unit_test(announced_too_large),
        cmocka_unit_test(pop3_lists_end_with_a_dot),
        cmocka_unit_test(sieve_lines),
        cmocka_unit_test(long_lines_are_kept_in_part),
        cmocka_unit_test(many_lines_are_counted),
        cmocka_unit_test(endless_replies_stop),
        cmocka_unit_test(time_is_linear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
