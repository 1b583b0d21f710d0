/* SPDX-License-Identifier: Apache-2.0 */
/* What the Tab key offers, out of tables and out of what servers say they can do. */
#include "talk/complete.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct talk_offers offers;

/* The words for `typed`, behind each other, and where they begin: "0:EHLO HELP". */
static const char *words(enum facts_protocol protocol, const char *typed) {
    static char text[8192];
    struct talk_completion c;
    talk_completion_init(&c);
    talk_complete(&c, protocol, &offers, "me.example", base_bytes_of_str(typed));
    text[0] = '\0';
    size_t len = c.count ? (size_t)snprintf(text, sizeof text, "%zu:", c.from) : 0;
    for (size_t i = 0; i < c.count; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", i ? "|" : "", c.words[i]);
    talk_completion_release(&c);
    return text;
}

static void offer(struct facts_ehlo *ehlo, struct facts_keyword *keywords, size_t count) {
    *ehlo = (struct facts_ehlo){.asked = true, .keywords = keywords, .keyword_count = count};
}

static void commands_are_completed(void **state) {
    (void)state;
    talk_offers_init(&offers, NULL, FACTS_PROTOCOL_SMTP);
    assert_string_equal(words(FACTS_PROTOCOL_SMTP, "m"), "0:MAIL FROM:<");
    assert_string_equal(words(FACTS_PROTOCOL_SMTP, "Mail f"), "0:MAIL FROM:<");
    assert_string_equal(words(FACTS_PROTOCOL_SMTP, "MAIL FROM:<"), "");
    assert_string_equal(words(FACTS_PROTOCOL_SMTP, "HE"), "0:HELO |HELP");
    assert_string_equal(words(FACTS_PROTOCOL_SMTP, "QUIT"), "");
    assert_string_equal(words(FACTS_PROTOCOL_SMTP, "EHLO "), "5:me.example");
    assert_string_equal(words(FACTS_PROTOCOL_LMTP, "L"), "0:LHLO ");
    assert_string_equal(words(FACTS_PROTOCOL_LMTP, "EH"), "");
    assert_string_equal(words(FACTS_PROTOCOL_SMTP, "nosuch arg"), "");
    assert_string_equal(words(FACTS_PROTOCOL_SMTP, ".re"), "0:.reconnect|.renegotiate");
    assert_string_equal(words(FACTS_PROTOCOL_IMAP, "fe"), "0:FETCH ");
    assert_string_equal(words(FACTS_PROTOCOL_IMAP, "a1 fe"), "3:FETCH ");
    assert_string_equal(words(FACTS_PROTOCOL_POP3, "R"), "0:RETR |RSET");
    assert_string_equal(words(FACTS_PROTOCOL_SIEVE, "puts"), "0:PUTSCRIPT \"");
    talk_offers_release(&offers);
}

static void only_what_is_offered(void **state) {
    struct facts_keyword keywords[] = {
        {"SIZE", "100"}, {"8BITMIME", ""}, {"AUTH", "PLAIN SCRAM-SHA-256 \\x1B[2J "}, {"DSN", ""}};
    struct facts_ehlo ehlo;
    (void)state;
    offer(&ehlo, keywords, 4);
    talk_offers_init(&offers, &ehlo, FACTS_PROTOCOL_SMTP);
    assert_string_equal(words(FACTS_PROTOCOL_SMTP, "b"), ""); /* no CHUNKING, no BURL */
    assert_string_equal(words(FACTS_PROTOCOL_SMTP, "AUTH S"), "5:SCRAM-SHA-256");
    assert_string_equal(words(FACTS_PROTOCOL_SMTP, "AUTH PL"), "5:PLAIN");
    assert_string_equal(words(FACTS_PROTOCOL_SMTP, "mail from:<> B"), "13:BODY=7BIT|BODY=8BITMIME");
    assert_string_equal(words(FACTS_PROTOCOL_SMTP, "mail from:<> SIZE=1 R"),
                        "20:RET=FULL|RET=HDRS");
    assert_string_equal(words(FACTS_PROTOCOL_SMTP, "RCPT TO:<x> N"),
                        "12:NOTIFY=DELAY|NOTIFY=FAILURE|NOTIFY=NEVER|NOTIFY=SUCCESS");
    talk_offers_release(&offers);
}

static void mechanisms_of_other_protocols(void **state) {
    struct facts_keyword imap[] = {
        {"AUTH", "PLAIN"}, {"AUTH", ""}, {"AUTH", "X\x1b"}, {"IDLE", ""}};
    struct facts_keyword sieve[] = {{"SASL", "\"PLAIN LOGIN\""}};
    struct facts_ehlo ehlo;
    (void)state;
    offer(&ehlo, imap, 4);
    talk_offers_init(&offers, &ehlo, FACTS_PROTOCOL_IMAP);
    assert_string_equal(words(FACTS_PROTOCOL_IMAP, "a AUTHENTICATE "), "15:PLAIN");
    assert_string_equal(words(FACTS_PROTOCOL_IMAP, "AUTHENTICATE "), "13:PLAIN");
    assert_string_equal(words(FACTS_PROTOCOL_IMAP, "id"), "0:IDLE");
    talk_offers_release(&offers);
    offer(&ehlo, sieve, 1);
    talk_offers_init(&offers, &ehlo, FACTS_PROTOCOL_SIEVE);
    assert_string_equal(words(FACTS_PROTOCOL_SIEVE, "AUTHENTICATE \"L"), "13:\"LOGIN\"");
    talk_offers_release(&offers);
}

static void common_parts(void **state) {
    struct talk_completion c = {.words = {"BODY=7BIT", "body=8BITMIME"}, .count = 2};
    (void)state;
    assert_int_equal(talk_completion_common(&c), 5);
    c.count = 1;
    assert_int_equal(talk_completion_common(&c), 9);
    c.count = 0;
    assert_int_equal(talk_completion_common(&c), 0);
}

/* A server that offers ten thousand mechanisms of any kind. */
static void many_words_have_a_limit(void **state) {
    static char list[200000];
    struct facts_keyword keywords[] = {{"AUTH", list}};
    struct facts_ehlo ehlo;
    struct talk_completion c;
    size_t len = 0;
    (void)state;
    for (int i = 0; i < 10000; i++)
        len += (size_t)snprintf(list + len, sizeof list - len, "M%d ", i);
    offer(&ehlo, keywords, 1);
    talk_offers_init(&offers, &ehlo, FACTS_PROTOCOL_SMTP);
    talk_completion_init(&c);
    talk_complete(&c, FACTS_PROTOCOL_SMTP, &offers, NULL, base_bytes_of_str("AUTH "));
    assert_int_equal(c.count, TALK_WORDS_MAX);
    talk_completion_release(&c);
    talk_offers_release(&offers);
}

/* --- the list that passes --- */

static bool hear(struct talk_exchange *x, const char *text) {
    struct base_bytes in = base_bytes_of_str(text);
    talk_offers_look(&offers, x);
    bool whole = talk_exchange_feed(x, &in);
    if (whole)
        talk_offers_take(&offers, x);
    return whole;
}

static void say(struct talk_exchange *x, const char *line) {
    struct base_bytes in = base_bytes_of_str(line);
    struct base_buf out;
    base_buf_init(&out, 4096);
    talk_exchange_take(x, &in, &out);
    base_buf_release(&out);
}

static void a_list_is_overheard(void **state) {
    struct facts_keyword old[] = {{"AUTH", "OLD"}};
    struct facts_ehlo ehlo;
    struct talk_exchange x = {0};
    (void)state;
    offer(&ehlo, old, 1);
    talk_offers_init(&offers, &ehlo, FACTS_PROTOCOL_SMTP);
    talk_exchange_init(&x, FACTS_PROTOCOL_SMTP, false);
    assert_string_equal(talk_offers_find(&offers, "AUTH"), "OLD");
    say(&x, "NOOP\n");
    assert_true(hear(&x, "250-AUTH WRONG\r\n250 SIZE 1\r\n")); /* no list */
    assert_string_equal(talk_offers_find(&offers, "AUTH"), "OLD");
    say(&x, "ehlo me\n");
    assert_false(hear(&x, "250-hi\r\n250-AUTH NE"));
    assert_true(hear(&x, "W PLAIN\r\n250 SIZE 1\r\n"));
    assert_string_equal(talk_offers_find(&offers, "AUTH"), "NEW PLAIN");
    assert_string_equal(talk_offers_find(&offers, "SIZE"), "1");
    say(&x, "EHLO again\n");
    assert_false(hear(&x, "nonsense\r\n")); /* what was heard before stays */
    assert_true(hear(&x, "250 hi\r\n"));
    assert_string_equal(talk_offers_find(&offers, "AUTH"), "NEW PLAIN");
    talk_offers_forget(&offers);
    assert_string_equal(talk_offers_find(&offers, "AUTH"), "OLD");
    talk_offers_release(&offers);
    talk_exchange_release(&x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_are_completed),        cmocka_unit_test(only_what_is_offered),
        cmocka_unit_test(mechanisms_of_other_protocols), cmocka_unit_test(common_parts),
        cmocka_unit_test(many_words_have_a_limit),       cmocka_unit_test(a_list_is_overheard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
