/* SPDX-License-Identifier: Apache-2.0 */
/* What servers say that they can do, and above all: whether they said STARTTLS. */
#include "mail/dialogue.h"
#include "mail/ehlo.h"
#include "mail/internal.h"
#include "ways.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

struct heard {
    struct reading reading;
    struct facts_ehlo ehlo;
    struct facts_starttls starttls;
};

static enum mail_reply_form form_of(enum facts_protocol p) {
    return p == FACTS_PROTOCOL_IMAP    ? MAIL_REPLY_IMAP
           : p == FACTS_PROTOCOL_POP3  ? MAIL_REPLY_POP3_LIST
           : p == FACTS_PROTOCOL_SIEVE ? MAIL_REPLY_SIEVE
                                       : MAIL_REPLY_SMTP;
}

static struct heard hear(enum facts_protocol p, struct base_bytes text) {
    struct heard h = {.reading = read_every_way(form_of(p), text)};
    assert_int_equal(h.reading.state, MAIL_REPLY_DONE);
    h.ehlo.reply = h.reading.reply;
    mail_ehlo_read(&h.ehlo, p, &h.reading.arena);
    mail_ehlo_find_starttls(&h.ehlo, p, &h.reading.arena, &h.starttls);
    assert_false(h.reading.arena.failed);
    return h;
}

/* Keywords as "NAME=params|NAME=". */
static void expect_keywords(enum facts_protocol p, struct base_bytes text, const char *wanted) {
    struct heard h = hear(p, text);
    struct base_buf got;
    base_buf_init(&got, 1 << 16);
    for (size_t i = 0; i < h.ehlo.keyword_count; i++)
        base_buf_printf(&got, "%s%s=%s", i ? "|" : "", h.ehlo.keywords[i].name,
                        h.ehlo.keywords[i].params);
    assert_string_equal(base_buf_cstr(&got), wanted);
    base_buf_release(&got);
    reading_release(&h.reading);
}

static void expect_offer(enum facts_protocol p, struct base_bytes text, bool offered, bool masked,
                         const char *as) {
    struct heard h = hear(p, text);
    assert_int_equal(h.starttls.offered, offered);
    assert_int_equal(h.starttls.offered_masked, masked);
    assert_string_equal(h.starttls.offered_as, as);
    reading_release(&h.reading);
}

static void keywords_are_first_tokens(void **state) {
    const enum facts_protocol smtp = FACTS_PROTOCOL_SMTP;
    (void)state;
    expect_keywords(smtp, BYTES("250 mx.example\r\n"), "");
    expect_keywords(smtp, BYTES("250-mx SIZE 1\r\n250-size 10 20\r\n250 Dsn\r\n"),
                    "SIZE=10 20|DSN=");
    expect_keywords(smtp, BYTES("250-mx\r\n250-AUTH=LOGIN PLAIN\r\n250 AUTH LOGIN\r\n"),
                    "AUTH=LOGIN PLAIN|AUTH=LOGIN");
    expect_keywords(smtp, BYTES("250-mx\r\n250-  \r\n250-\r\n250  A \t b  \r\n"), "A=b");
    expect_keywords(smtp, BYTES("250-mx\r\n250-A\0B x\0y\r\n250 \xff\x1b Z\r\n"),
                    "A\\x00B=x\\x00y|\\xFF\\x1B=Z");
    expect_keywords(FACTS_PROTOCOL_LMTP, BYTES("250-mx\r\n250 PIPELINING\r\n"), "PIPELINING=");
}

static void long_names_are_bounded(void **state) {
    struct heard h;
    struct base_buf text;
    (void)state;
    base_buf_init(&text, 1 << 16);
    base_buf_append_str(&text, "250-mx\r\n250 ");
    for (int i = 0; i < 3000; i++)
        base_buf_append_str(&text, "\x01");
    base_buf_append_str(&text, "\r\n");
    h = hear(FACTS_PROTOCOL_SMTP, base_buf_view(&text));
    assert_int_equal(h.ehlo.keyword_count, 1);
    assert_true(strlen(h.ehlo.keywords[0].name) <= 4 * 64);
    base_buf_release(&text);
    reading_release(&h.reading);
}

static void starttls_is_a_whole_word(void **state) {
    const enum facts_protocol smtp = FACTS_PROTOCOL_SMTP;
    (void)state;
    expect_offer(smtp, BYTES("250-mx\r\n250 STARTTLS\r\n"), true, false, "");
    expect_offer(smtp, BYTES("250-mx\r\n250 starttls\r\n"), true, false, "starttls");
    expect_offer(smtp, BYTES("250-mx\r\n250 StartTLS\r\n"), true, false, "StartTLS");
    expect_offer(smtp, BYTES("250-mx\r\n250 STARTTLS \r\n"), true, false, "STARTTLS ");
    expect_offer(smtp, BYTES("250-mx\r\n250  STARTTLS\r\n"), true, false, " STARTTLS");
    expect_offer(smtp, BYTES("250-mx\r\n250 STARTTLS\t\r\n"), true, false, "STARTTLS\\t");
    expect_offer(smtp, BYTES("250-mx\r\n250 STARTTLS required\r\n"), true, false,
                 "STARTTLS required");
    expect_offer(smtp, BYTES("250-mx\r\n250 STARTTLSX\r\n"), false, false, "");
    expect_offer(smtp, BYTES("250-mx\r\n250 XSTARTTLS\r\n"), false, false, "");
    expect_offer(smtp, BYTES("250-mx\r\n250 X-STARTTLS STARTTLS\r\n"), false, false, "");
    expect_offer(smtp, BYTES("250-mx\r\n250 STARTTLS=1\r\n"), false, false, "");
    expect_offer(smtp, BYTES("250-mx\r\n250 STARTTLS\0\r\n"), false, false, "");
    expect_offer(smtp, BYTES("250-mx\r\n250 START TLS\r\n"), false, false, "");
    expect_offer(smtp, BYTES("250-mx\r\n250 STARTTL\xc5\xa0\r\n"), false, false, "");
    expect_offer(smtp, BYTES("250 STARTTLS\r\n"), false, false, "");
    expect_offer(smtp, BYTES("250-mx\r\n250 STLS\r\n"), false, false, "");
}

static void firewalls_write_x(void **state) {
    const enum facts_protocol smtp = FACTS_PROTOCOL_SMTP;
    (void)state;
    expect_offer(smtp, BYTES("250-mx\r\n250 XXXXXXXA\r\n"), false, true, "");
    expect_offer(smtp, BYTES("250-mx\r\n250 XXXXXXXX\r\n"), false, true, "");
    expect_offer(smtp, BYTES("250-mx\r\n250-XXXXXXXA\r\n250 STARTTLS\r\n"), true, false, "");
    expect_offer(smtp, BYTES("250-mx\r\n250 XXXXXXA\r\n"), false, false, "");
    expect_offer(smtp, BYTES("250-mx\r\n250 XXXXXXXXA\r\n"), false, false, "");
    expect_offer(smtp, BYTES("250-mx\r\n250 XXXXXXX1\r\n"), false, false, "");
    expect_offer(smtp, BYTES("250-mx\r\n250 X-MASKED\r\n"), false, false, "");
}

static void imap_capabilities(void **state) {
    const enum facts_protocol imap = FACTS_PROTOCOL_IMAP;
    (void)state;
    expect_keywords(imap,
                    BYTES("* CAPABILITY IMAP4rev1  STARTTLS AUTH=PLAIN \r\n* OK x\r\nw1 OK y\r\n"),
                    "IMAP4REV1=|STARTTLS=|AUTH=PLAIN");
    expect_keywords(imap, BYTES("w1 OK [CAPABILITY IMAP4rev1 X] AUTH=NO\r\n"), "IMAP4REV1=|X=");
    expect_keywords(imap, BYTES("* CAPABILITY A\r\nw1 OK [CAPABILITY A B] x\r\n"), "A=");
    expect_keywords(imap, BYTES("w1 OK [CAPABILITY A B\r\n"), "A=|B=");
    expect_keywords(imap, BYTES("* CAPABILITY\r\n* XCAPABILITY A\r\nw1 OK x\r\n"), "");
    expect_keywords(imap, BYTES("* CAPABILITY A\r\nw1 OK CAPABILITY completed\r\n"), "A=");
    expect_keywords(imap, BYTES("* [CAPABILITY A]\r\nw1 OK CAPABILITY STARTTLS\r\n"), "");
    expect_offer(imap, BYTES("* CAPABILITY IMAP4rev1 starttls\r\nw1 OK\r\n"), true, false, "");
    expect_offer(imap, BYTES("* CAPABILITY IMAP4rev1 STARTTLS=X\r\nw1 OK\r\n"), false, false, "");
    expect_offer(imap, BYTES("* OK STARTTLS\r\nw1 OK STARTTLS\r\n"), false, false, "");
    expect_offer(imap, BYTES("* X {20}\r\n* CAPABILITY STARTTLS\r\nw1 OK\r\n"), false, false, "");
}

static void pop3_capabilities(void **state) {
    const enum facts_protocol pop3 = FACTS_PROTOCOL_POP3;
    (void)state;
    expect_keywords(pop3, BYTES("+OK STLS\r\nSASL PLAIN\r\n..X\r\n.\r\n"), "SASL=PLAIN|.X=");
    expect_offer(pop3, BYTES("+OK\r\nSTLS\r\n.\r\n"), true, false, "");
    expect_offer(pop3, BYTES("+OK\r\nStls \r\n.\r\n"), true, false, "Stls ");
    expect_offer(pop3, BYTES("+OK\r\nSTARTTLS\r\n.\r\n"), false, false, "");
    expect_offer(pop3, BYTES("+OK STLS\r\n.\r\n"), false, false, "");
}

static void sieve_capabilities(void **state) {
    const enum facts_protocol sieve = FACTS_PROTOCOL_SIEVE;
    (void)state;
    expect_keywords(sieve, BYTES("\"SIEVE\" \"a b\"\r\n\"STARTTLS\"\r\nOK\r\n"),
                    "SIEVE=a b|STARTTLS=");
    expect_keywords(sieve, BYTES("\"A\"\r\nOK \"Dovecot ready.\"\r\n"), "A=");
    expect_keywords(sieve, BYTES("OK \"alone\"\r\n"), "");
    expect_keywords(sieve, BYTES("\"A\" \"x\\\"y\\\\\"\r\nOK\r\n"), "A=x\"y\\");
    expect_keywords(sieve, BYTES("{1}\r\nA {3+}\r\nb\r\n\r\nOK\r\n"), "A=b\\r\\n");
    expect_keywords(sieve, BYTES("\"A\" {2}\r\n\"x\r\n{0}\r\n\r\nOK\r\n"), "A=\"x");
    expect_keywords(sieve, BYTES("\"A\r\n\"\r\n\"\" \"b\"\r\n\"C\"x\r\n\"D\" \"\\\r\nOK\r\n"),
                    "A=|C=x|D=\\");
    expect_keywords(sieve, BYTES("\"A B\" \"c\"\r\nOK \"STARTTLS\"\r\n"), "A=c");
    expect_offer(sieve, BYTES("\"starttls\"\r\nOK\r\n"), true, false, "");
    expect_offer(sieve, BYTES("{8}\r\nSTARTTLS\r\nOK\r\n"), true, false, "");
    expect_offer(sieve, BYTES("\"SIEVE\" \"STARTTLS\"\r\nOK\r\n"), false, false, "");
    expect_offer(sieve, BYTES("\"X\" {10}\r\n\"STARTTLS\"\r\nOK\r\n"), false, false, "");
}

static void a_greeting_may_tell(void **state) {
    struct reading r = read_every_way(MAIL_REPLY_IMAP_GREETING,
                                      BYTES("* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n"));
    struct facts_ehlo e = {0};
    (void)state;
    mail_ehlo_read_code(&e, &r.reply, &r.arena);
    assert_int_equal(e.keyword_count, 2);
    assert_string_equal(e.keywords[1].name, "STARTTLS");
    reading_release(&r);
}

/* More than is kept: counted, said, and memory stays small. */
static void lists_are_bounded_and_say_so(void **state) {
    struct base_arena arena;
    struct base_bytes lines_of_reply[2];
    struct facts_ehlo e = {0};
    struct facts_reply *r = &e.reply;
    struct base_buf words;
    (void)state;
    base_arena_init(&arena, (size_t)16 << 20);
    base_buf_init(&words, 1 << 16);
    base_buf_append_str(&words, "CAPABILITY");
    for (int i = 0; i < 1500; i++)
        base_buf_append_str(&words, " A");
    lines_of_reply[0] = base_buf_view(&words);
    lines_of_reply[1] = base_bytes_of_str("done");
    *r = (struct facts_reply){
        .received = true, .status = "OK", .lines = lines_of_reply, .line_count = 2};
    mail_ehlo_read(&e, FACTS_PROTOCOL_IMAP, &arena);
    assert_int_equal(e.keyword_count, MAIL_KEYWORDS);
    assert_int_equal(e.keywords_dropped, 1500 - MAIL_KEYWORDS);
    assert_true(mail_ehlo_was_cut(&e, FACTS_PROTOCOL_IMAP));
    assert_true(arena.used < 1 << 18);
    base_buf_release(&words);
    base_arena_release(&arena);

    struct facts_ehlo fine = {0}, lines = {.reply.lines_dropped = 1},
                      cut = {.reply.truncated_line = true};
    assert_false(mail_ehlo_was_cut(&fine, FACTS_PROTOCOL_IMAP));
    assert_true(mail_ehlo_was_cut(&lines, FACTS_PROTOCOL_SMTP));
    assert_true(mail_ehlo_was_cut(&cut, FACTS_PROTOCOL_IMAP));
    assert_false(mail_ehlo_was_cut(&cut, FACTS_PROTOCOL_SMTP)); /* one line, one keyword */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keywords_are_first_tokens),
        cmocka_unit_test(long_names_are_bounded),
        cmocka_unit_test(starttls_is_a_whole_word),
        cmocka_unit_test(firewalls_write_x),
        cmocka_unit_test(imap_capabilities),
        cmocka_unit_test(pop3_capabilities),
        cmocka_unit_test(sieve_capabilities),
        cmocka_unit_test(a_greeting_may_tell),
        cmocka_unit_test(lists_are_bounded_and_say_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
