/* SPDX-License-Identifier: Apache-2.0 */
/* A script talks in step with a server that follows one too; to each protocol, to servers that do
 * not play by the rules, and in sizes that must not matter. */
#include "fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct fake fake;

static enum talk_end run(const struct talk_config *t) {
    struct talk_stream s;
    fake_stream(&fake, &s);
    enum talk_end end = talk_run(t, &s);
    fake_look(&fake);
    return end;
}

static void assert_sent(const char *text) {
    assert_string_equal(base_buf_cstr(&fake.sent), text);
}

/* All of the script was played, and nothing more was said. */
static void assert_played(void) {
    const struct fake_turn *t = &fake.turns[fake.at];
    assert_true(!t->hears && !t->says && !t->closes);
    assert_int_equal(fake.heard, fake.sent.len);
    assert_false(fake.talked_over);
}

static const struct fake_turn mail_turns[] = {
    {"EHLO a.example\r\n", "250-b.example\r\n250-SIZE 1000\r\n250 HELP\r\n", false},
    {"MAIL FROM:<>\r\n", "250 2.1.0 Ok\r\n", false},
    {"RCPT TO:<x@b.example>\r\n", "250 2.1.5 Ok\r\n", false},
    {"DATA\r\n", "354 go\r\n", false},
    {"Subject: x\r\n\r\n..y\r\n.\r\n", "250 2.0.0 queued\r\n", false},
    {"QUIT\r\n", "221 2.0.0 Bye\r\n", true},
    {0}};

static const char mail_input[] = "EHLO a.example\nMAIL FROM:<>\nRCPT TO:<x@b.example>\nDATA\n"
                                 "Subject: x\n\n..y\n.\nQUIT\n";

static void a_message_goes_in_step(void **state) {
    (void)state;
    for (fake.piece = 0; fake.piece < 9; fake.piece++) {
        fake_open(&fake, mail_turns, mail_input);
        struct talk_config t = fake_talk(&fake, FACTS_PROTOCOL_SMTP);
        assert_int_equal(run(&t), TALK_END_CLOSED);
        assert_played();
        assert_string_equal(fake.shown, "250-b.example\n250-SIZE 1000\n250 HELP\n250 2.1.0 Ok\n"
                                        "250 2.1.5 Ok\n354 go\n250 2.0.0 queued\n221 2.0.0 Bye\n");
        fake_close(&fake);
    }
    fake.piece = 0;
}

static void line_ends_of_the_input_do_not_matter(void **state) {
    static const struct fake_turn turns[] = {{"NOOP\r\n", "250 Ok\r\n", false},
                                             {"a\rb\r\n", "500 no\r\n", false},
                                             {"QUIT\r\n", "221 Bye\r\n", true},
                                             {0}};
    (void)state;
    fake_open(&fake, turns, "\r\n\nNOOP\r\n\na\rb\nQUIT"); /* the last line has no end */
    struct talk_config t = fake_talk(&fake, FACTS_PROTOCOL_SMTP);
    assert_int_equal(run(&t), TALK_END_CLOSED);
    assert_played();
    fake_close(&fake);
}

static void the_end_of_the_input_says_goodbye(void **state) {
    static const struct fake_turn smtp[] = {
        {"NOOP\r\n", "250 Ok\r\n", false}, {"QUIT\r\n", "221 Bye\r\n", true}, {0}};
    static const struct fake_turn pop3[] = {{"DELE 1\r\n", "+OK gone\r\n", false}, {0}};
    (void)state;
    fake_open(&fake, smtp, "NOOP\n");
    struct talk_config t = fake_talk(&fake, FACTS_PROTOCOL_SMTP);
    assert_int_equal(run(&t), TALK_END_QUIT);
    assert_played();
    fake_close(&fake);
    fake_open(&fake, pop3, "DELE 1\n"); /* QUIT would carry the deletion out */
    t = fake_talk(&fake, FACTS_PROTOCOL_POP3);
    assert_int_equal(run(&t), TALK_END_QUIT);
    assert_played();
    fake_close(&fake);
}

static void a_refused_message_is_no_commands(void **state) {
    static const struct fake_turn turns[] = {{"DATA\r\n", "554 5.5.1 no recipients\r\n", false},
                                             {"NOOP\r\n", "250 Ok\r\n", false},
                                             {"QUIT\r\n", "221 Bye\r\n", true},
                                             {0}};
    (void)state;
    fake_open(&fake, turns, "DATA\nRCPT TO:<victim@example>\nQUIT\n.\nNOOP\nQUIT\n");
    struct talk_config t = fake_talk(&fake, FACTS_PROTOCOL_SMTP);
    assert_int_equal(run(&t), TALK_END_CLOSED);
    assert_played();
    fake_close(&fake);
}

static void a_message_without_its_end_is_not_sent(void **state) {
    static const struct fake_turn turns[] = {{"DATA\r\n", "354 go\r\n", false}, {0}};
    (void)state;
    fake_open(&fake, turns, "DATA\nSubject: x\n\nhalf");
    struct talk_config t = fake_talk(&fake, FACTS_PROTOCOL_SMTP);
    assert_int_equal(run(&t), TALK_END_CUT);
    assert_sent("DATA\r\nSubject: x\r\n\r\nhalf\r\n");
    fake_close(&fake);
}

static void a_login_is_a_dialogue(void **state) {
    static const struct fake_turn turns[] = {{"AUTH LOGIN\r\n", "334 VXNlcm5hbWU6\r\n", false},
                                             {"dQ==\r\n", "334 UGFzc3dvcmQ6\r\n", false},
                                             {"\r\n", "535 5.7.8 no\r\n", false},
                                             {"AUTH CRAM-MD5\r\n", "334 PDE+\r\n", false},
                                             {"*\r\n", "501 gave up\r\n", false},
                                             {"QUIT\r\n", "221 Bye\r\n", true},
                                             {0}};
    (void)state;
    fake_open(&fake, turns, "AUTH LOGIN\ndQ==\n\nAUTH CRAM-MD5\n*\nQUIT\n");
    struct talk_config t = fake_talk(&fake, FACTS_PROTOCOL_SMTP);
    assert_int_equal(run(&t), TALK_END_CLOSED);
    assert_played();
    fake_close(&fake);
}

static void chunks_are_bytes(void **state) {
    static const struct fake_turn turns[] = {{"BDAT 5\r\na\nb\r\n", "250 5 bytes\r\n", false},
                                             {"bdat 3 LAST\r\n.\n.", "250 queued\r\n", false},
                                             {"BDAT 0 LAST\r\n", "503 no\r\n", false},
                                             {"BDAT x\r\n", "501 no\r\n", false},
                                             {"QUIT\r\n", "221 Bye\r\n", true},
                                             {0}};
    (void)state;
    fake_open(&fake, turns, "BDAT 5\na\nb\r\nbdat 3 LAST\n.\n.BDAT 0 LAST\nBDAT x\nQUIT\n");
    struct talk_config t = fake_talk(&fake, FACTS_PROTOCOL_SMTP);
    assert_int_equal(run(&t), TALK_END_CLOSED);
    assert_played();
    fake_close(&fake);
    fake_open(&fake, turns, "BDAT 5\na\nb");
    t = fake_talk(&fake, FACTS_PROTOCOL_SMTP);
    assert_int_equal(run(&t), TALK_END_CUT);
    assert_sent("BDAT 5\r\na\nb");
    fake_close(&fake);
}

/* The server has its answer before the last byte: it counts, once. */
static void an_early_reply_counts(void **state) {
    static const struct fake_turn turns[] = {
        {"a APPEND x {40000+}\r\n", "a NO no such box\r\n", false},
        {"w1 LOGOUT\r\n", "w1 OK\r\n", true},
        {0}};
    char input[41000] = "a APPEND x {40000+}\n";
    (void)state;
    memset(input + 20, '.', 40000);
    input[40020] = '\n';
    fake_open_bytes(&fake, turns, input, 40021);
    fake.forgives = 40002;
    struct talk_config t = fake_talk(&fake, FACTS_PROTOCOL_IMAP);
    assert_int_equal(run(&t), TALK_END_QUIT);
    assert_string_equal(fake.shown, "a NO no such box\nw1 OK\n");
    fake_close(&fake);
}

static void lmtp_answers_for_each_recipient(void **state) {
    static const struct fake_turn turns[] = {{"LHLO a\r\n", "250 b\r\n", false},
                                             {"MAIL FROM:<>\r\n", "250 Ok\r\n", false},
                                             {"RCPT TO:<x>\r\n", "250 Ok\r\n", false},
                                             {"RCPT TO:<y>\r\n", "550 5.1.1 no\r\n", false},
                                             {"RCPT TO:<z>\r\n", "250 Ok\r\n", false},
                                             {"DATA\r\n", "354 go\r\n", false},
                                             {".\r\n", "250 x\r\n452 4.2.2 z is full\r\n", false},
                                             {"RCPT TO:<z>\r\n", "250 Ok\r\n", false},
                                             {"BDAT 1 LAST\r\n!", "250 z\r\n", false},
                                             {"QUIT\r\n", "221 Bye\r\n", true},
                                             {0}};
    (void)state;
    fake.piece = 3;
    fake_open(&fake, turns,
              "LHLO a\nMAIL FROM:<>\nRCPT TO:<x>\nRCPT TO:<y>\nRCPT TO:<z>\nDATA\n.\n"
              "RCPT TO:<z>\nBDAT 1 LAST\n!QUIT\n");
    struct talk_config t = fake_talk(&fake, FACTS_PROTOCOL_LMTP);
    assert_int_equal(run(&t), TALK_END_CLOSED);
    assert_played();
    fake.piece = 0;
    fake_close(&fake);
}

static void imap_goes_by_tag(void **state) {
    static const struct fake_turn turns[] = {
        {NULL, "* OK [CAPABILITY IMAP4rev1] hello\r\n", false},
        {"a LOGIN u p\r\n", "* CAPABILITY IMAP4rev1\r\na OK in\r\n", false},
        {"b FETCH 1 BODY[]\r\n",
         "* 1 FETCH (BODY[] {32}\r\nb OK not the end\r\nb NO neither\r\n)\r\nb OK done\r\n", false},
        {"c APPEND x {3}\r\n", "+ go on\r\n", false},
        {"\nQ\n\r\n", "c OK added\r\n", false},
        {"d APPEND x {3+}\r\nabc\r\n", "d OK added\r\n", false},
        {"e APPEND nosuch {4}\r\n", "e NO [TRYCREATE] no\r\n", false},
        {"f IDLE\r\n", "+ idling\r\n* 4 EXISTS\r\n", false},
        {"DONE\r\n", "f OK done\r\n", false},
        {"w1 NOOP\r\n", "w1 OK\r\n", false},
        {"x\r\n", "* BAD no command\r\n", false},
        {"w2 LOGOUT\r\n", "* BYE\r\nw2 OK\r\n", true},
        {0}};
    (void)state;
    for (fake.piece = 0; fake.piece < 5; fake.piece++) {
        fake_open(&fake, turns,
                  "a LOGIN u p\nb FETCH 1 BODY[]\nc APPEND x {3}\n\nQ\n\nd APPEND x {3+}\nabc\n"
                  "e APPEND nosuch {4}\n\nno\n\nf IDLE\nDONE\nNOOP\nx\n");
        struct talk_config t = fake_talk(&fake, FACTS_PROTOCOL_IMAP);
        t.server_first = true;
        assert_int_equal(run(&t), TALK_END_QUIT);
        assert_int_equal(fake.heard, fake.sent.len);
        assert_int_equal(fake.at, 12);
        fake_close(&fake);
    }
    fake.piece = 0;
}

static void pop3_lists_end_with_a_dot(void **state) {
    static const struct fake_turn turns[] = {
        {"CAPA\r\n", "+OK\r\nTOP\r\n.\r\n", false},
        {"LIST 1\r\n", "+OK 1 120\r\n", false},
        {"LIST\r\n", "+OK\r\n1 120\r\n.\r\n", false},
        {"RETR 1\r\n", "+OK\r\n-ERR is text\r\n..\r\n+OK\r\n.\r\n", false},
        {"RETR 9\r\n", "-ERR no such message\r\n", false},
        {"AUTH PLAIN\r\n", "+ \r\n", false},
        {"AHUAcA==\r\n", "+OK\r\n", false},
        {"QUIT\r\n", "+OK\r\n", true},
        {0}};
    (void)state;
    fake.piece = 2;
    fake_open(&fake, turns, "CAPA\nLIST 1\nLIST\nRETR 1\nRETR 9\nAUTH PLAIN\nAHUAcA==\nQUIT\n");
    struct talk_config t = fake_talk(&fake, FACTS_PROTOCOL_POP3);
    assert_int_equal(run(&t), TALK_END_CLOSED);
    assert_played();
    fake.piece = 0;
    fake_close(&fake);
}

static void sieve_has_strings_and_literals(void **state) {
    static const struct fake_turn turns[] = {
        {NULL, "\"SIEVE\" \"fileinto\"\r\n\"SASL\" \"PLAIN\"\r\nOK ready\r\n", false},
        {"AUTHENTICATE \"PLAIN\"\r\n", "\"\"\r\n", false},
        {"\"AHUAcA==\"\r\n", "OK in\r\n", false},
        {"PUTSCRIPT \"x\" {7+}\r\nkeep;\r\n\r\n", "OK\r\n", false},
        {"GETSCRIPT \"x\"\r\n", "{10}\r\nOK\r\nNO no\r\n\r\nOK\r\n", false},
        {"LOGOUT\r\n", "OK\r\n", true},
        {0}};
    (void)state;
    fake.piece = 1;
    fake_open(&fake, turns,
              "AUTHENTICATE \"PLAIN\"\n\"AHUAcA==\"\nPUTSCRIPT \"x\" {7+}\nkeep;\r\n\n"
              "GETSCRIPT \"x\"\n");
    struct talk_config t = fake_talk(&fake, FACTS_PROTOCOL_SIEVE);
    t.server_first = true;
    assert_int_equal(run(&t), TALK_END_QUIT);
    assert_played();
    fake.piece = 0;
    fake_close(&fake);
}

/* --- servers that do not play by the rules --- */

static void a_server_that_goes_is_noticed(void **state) {
    static const struct fake_turn silent[] = {{"NOOP\r\n", NULL, true}, {0}};
    static const struct fake_turn half[] = {{"NOOP\r\n", "250-half\r\n25", true}, {0}};
    static const struct fake_turn busy[] = {{"NOOP\r\n", "421 4.3.2 later\r\n", true}, {0}};
    static const struct fake_turn early[] = {{"NOOP\r\n", "250 Ok\r\n", true}, {0}};
    static const struct fake_turn *all[] = {silent, half, busy, early};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        fake_open(&fake, all[i], "NOOP\nNOOP\n");
        struct talk_config t = fake_talk(&fake, FACTS_PROTOCOL_SMTP);
        t.quiet = true;
        assert_int_equal(run(&t), TALK_END_CUT);
        fake_close(&fake);
    }
    fake_open(&fake, early, "NOOP\n"); /* nobody was waiting for anything any more */
    struct talk_config t = fake_talk(&fake, FACTS_PROTOCOL_SMTP);
    assert_int_equal(run(&t), TALK_END_CLOSED);
    fake_close(&fake);
}

static void a_reply_that_never_comes_has_its_time(void **state) {
    static const struct fake_turn none[] = {{"NOOP\r\n", NULL, false}, {0}};
    static const struct fake_turn half[] = {{"NOOP\r\n", "250-half\r\n", false}, {0}};
    static const struct fake_turn other[] = {{"a NOOP\r\n", "b OK\r\n* OK\r\n", false}, {0}};
    (void)state;
    for (int i = 0; i < 3; i++) {
        fake_open(&fake, i == 0 ? none : i == 1 ? half : other, i == 2 ? "a NOOP\n" : "NOOP\n");
        struct talk_config t = fake_talk(&fake, i == 2 ? FACTS_PROTOCOL_IMAP : FACTS_PROTOCOL_SMTP);
        t.quiet = true;
        t.reply_timeout = 30 * BASE_MSEC;
        assert_int_equal(run(&t), TALK_END_CUT);
        fake_close(&fake);
    }
}

static void noise_is_passed_over(void **state) {
    static const struct fake_turn turns[] = {
        {"NOOP\r\n", "what?\r\n25\r\n2500 x\r\n250_x\r\n600 y\r\n199 z\r\n\r\n250 Ok\r\n", false},
        {"QUIT\r\n", "221\r\n", true},
        {0}};
    (void)state;
    fake_open(&fake, turns, "NOOP\nQUIT\n");
    struct talk_config t = fake_talk(&fake, FACTS_PROTOCOL_SMTP);
    assert_int_equal(run(&t), TALK_END_CLOSED);
    assert_played();
    fake_close(&fake);
}

/* 354 and 334 where nothing can be asked: the next line is a command all the same. */
static void questions_out_of_place_get_no_answer(void **state) {
    static const struct fake_turn turns[] = {{"EHLO a\r\n", "354 give me more\r\n", false},
                                             {"NOOP\r\n", "334 cGFzc3dvcmQ=\r\n", false},
                                             {"DATA\r\n", "250 fine\r\n", false},
                                             {"QUIT\r\n", "221 Bye\r\n", true},
                                             {0}};
    (void)state;
    fake_open(&fake, turns, "EHLO a\nNOOP\nDATA\nnot sent\n.\nQUIT\n");
    struct talk_config t = fake_talk(&fake, FACTS_PROTOCOL_SMTP);
    assert_int_equal(run(&t), TALK_END_CLOSED);
    assert_played();
    fake_close(&fake);
}

static void what_could_drive_a_terminal_is_escaped(void **state) {
    static const struct fake_turn turns[] = {
        {"NOOP\r\n", "250 \x1b[2J\x1b]0;x\x07\ttab \xc3\xa4 \xff\rcr\r\n", false},
        {"QUIT\r\n", "221 \xe2\x80\xae\r\n", true},
        {0}};
    (void)state;
    for (fake.piece = 0; fake.piece < 4; fake.piece++) {
        fake_open(&fake, turns, "NOOP\nQUIT\n");
        struct talk_config t = fake_talk(&fake, FACTS_PROTOCOL_SMTP);
        assert_int_equal(run(&t), TALK_END_CLOSED);
        assert_string_equal(fake.shown, "250 \\x1B[2J\\x1B]0;x\\x07\ttab \xc3\xa4 \\xFF\\rcr\n"
                                        "221 \\xE2\\x80\\xAE\n");
        fake_close(&fake);
        fake_open(&fake, turns, "NOOP\nQUIT\n");
        t = fake_talk(&fake, FACTS_PROTOCOL_SMTP);
        t.quiet = true; /* nothing but the server's own bytes */
        assert_int_equal(run(&t), TALK_END_CLOSED);
        assert_string_equal(fake.shown, "250 \x1b[2J\x1b]0;x\x07\ttab \xc3\xa4 \xff\rcr\r\n"
                                        "221 \xe2\x80\xae\r\n");
        fake_close(&fake);
    }
    fake.piece = 0;
}

static void a_greeting_may_come_first_and_send_away(void **state) {
    static const struct fake_turn fine[] = {
        {NULL, "220-b\r\n220 ESMTP\r\n", false}, {"QUIT\r\n", "221 Bye\r\n", true}, {0}};
    static const struct fake_turn busy[] = {{NULL, "421 not now\r\n", true}, {0}};
    (void)state;
    fake_open(&fake, fine, "QUIT\n");
    struct talk_config t = fake_talk(&fake, FACTS_PROTOCOL_SMTP);
    t.server_first = true;
    assert_int_equal(run(&t), TALK_END_CLOSED);
    assert_played();
    fake_close(&fake);
    fake_open(&fake, busy, "EHLO a\nQUIT\n");
    t = fake_talk(&fake, FACTS_PROTOCOL_SMTP);
    t.server_first = t.quiet = true;
    assert_int_equal(run(&t), TALK_END_CUT);
    assert_sent("");
    fake_close(&fake);
}

/* --- --expect --- */

static void expected_replies(void **state) {
    const struct fake_turn short_turns[] = {mail_turns[0], mail_turns[1], mail_turns[5], {0}};
    static const char *const right[] = {"250", "2", "250 2.1", "354", "2xx", "250|221"};
    static const char *const wrong[] = {"250", "251"};
    (void)state;
    fake_open(&fake, mail_turns, mail_input);
    struct talk_config t = fake_talk(&fake, FACTS_PROTOCOL_SMTP);
    t.expect = right;
    t.expect_count = 6;
    assert_int_equal(run(&t), TALK_END_CLOSED);
    assert_played();
    fake_close(&fake);
    fake_open(&fake, mail_turns, "EHLO a.example\nMAIL FROM:<>\n"); /* fewer than expected */
    t = fake_talk(&fake, FACTS_PROTOCOL_SMTP);
    t.expect = right;
    t.expect_count = 6;
    t.quiet = true;
    fake.turns = short_turns;
    assert_int_equal(run(&t), TALK_END_UNEXPECTED);
    fake_close(&fake);
    fake_open(&fake, mail_turns, mail_input); /* the second is another: the rest is not sent */
    fake.turns = short_turns;
    t = fake_talk(&fake, FACTS_PROTOCOL_SMTP);
    t.expect = wrong;
    t.expect_count = 2;
    t.quiet = true;
    assert_int_equal(run(&t), TALK_END_UNEXPECTED);
    assert_played();
    fake_close(&fake);
}

static void expected_words_of_other_protocols(void **state) {
    static const char *const imap[] = {"ok", "NO"};
    static const char *const pop3[] = {"OK", "-ERR"};
    static const struct fake_turn imap_turns[] = {{"a NOOP\r\n", "a OK\r\n", false},
                                                  {"b SELECT x\r\n", "b NO\r\n", false},
                                                  {"w1 LOGOUT\r\n", "w1 OK\r\n", true},
                                                  {0}};
    static const struct fake_turn pop3_turns[] = {
        {"CAPA\r\n", "+OK\r\n.\r\n", false}, {"USER u\r\n", "-ERR no\r\n", false}, {0}};
    (void)state;
    fake_open(&fake, imap_turns, "a NOOP\nb SELECT x\n");
    struct talk_config t = fake_talk(&fake, FACTS_PROTOCOL_IMAP);
    t.expect = imap;
    t.expect_count = 2;
    assert_int_equal(run(&t), TALK_END_QUIT);
    fake_close(&fake);
    fake_open(&fake, pop3_turns, "CAPA\nUSER u\n");
    t = fake_talk(&fake, FACTS_PROTOCOL_POP3);
    t.expect = pop3;
    t.expect_count = 2;
    assert_int_equal(run(&t), TALK_END_QUIT);
    fake_close(&fake);
}

/* --- sizes --- */

static void a_message_of_ten_megabytes(void **state) {
    static const struct fake_turn turns[] = {{"DATA\r\n", "354 go\r\n", false}, {0}};
    const size_t size = (size_t)10 << 20;
    char *input = malloc(size);
    (void)state;
    memset(input, 'm', size); /* half in lines, half in a single one */
    memcpy(input, "DATA\n", 5);
    for (size_t i = 100; i < size / 2; i += 77)
        input[i] = '\n';
    fake_open_bytes(&fake, turns, input, size);
    struct talk_config t = fake_talk(&fake, FACTS_PROTOCOL_SMTP);
    t.quiet = true;
    assert_int_equal(run(&t), TALK_END_CUT); /* it never ended */
    assert_in_range(fake.sent.len, size + 60000, size + 80000);
    assert_in_range(fake.most_unsent, 1, (size_t)256 << 10);
    fake_close(&fake);
    free(input);
}

static void a_reply_of_ten_megabytes(void **state) {
    static const struct fake_turn turns[] = {{"RETR 1\r\n", "+OK\r\n\r\n.\r\n", false}, {0}};
    const size_t size = (size_t)10 << 20;
    (void)state;
    fake.flood = size;
    fake_open(&fake, turns, "RETR 1\n");
    struct talk_config t = fake_talk(&fake, FACTS_PROTOCOL_POP3);
    assert_int_equal(run(&t), TALK_END_QUIT);
    assert_played();
    assert_int_equal(fake.shown_len, size + 4 + 3);
    fake_close(&fake);
}

static void a_command_of_any_length(void **state) {
    const size_t size = 100000;
    char *input = calloc(1, size + 64), *heard = calloc(1, size + 64);
    (void)state;
    memset(input, 'v', size);
    memcpy(input, "VRFY ", 5);
    memcpy(heard, input, size);
    memcpy(heard + size, "\r\n", 2);
    memcpy(input + size, "\nQUIT\n", 6);
    const struct fake_turn turns[] = {
        {heard, "500 5.5.2 too long\r\n", false}, {"QUIT\r\n", "221 Bye\r\n", true}, {0}};
    fake_open(&fake, turns, input);
    struct talk_config t = fake_talk(&fake, FACTS_PROTOCOL_SMTP);
    assert_int_equal(run(&t), TALK_END_CLOSED);
    assert_played();
    fake_close(&fake);
    free(input);
    free(heard);
}

/* --- dot commands, and s_client's way --- */

static void dot_commands_are_ours(void **state) {
    static const struct fake_turn turns[] = {{"DATA\r\n", "354 go\r\n", false},
                                             {".session\r\n.\r\n", "250 Ok\r\n", false},
                                             {"QUIT\r\n", "221 Bye\r\n", true},
                                             {0}};
    (void)state;
    fake_open(&fake, turns,
              ".session\n.KEYUPDATE  ask \nDATA\n.session\n.\n.help\n.nosuch\n.certificate\n"
              ".quit\nNOOP\n");
    struct talk_config t = fake_talk(&fake, FACTS_PROTOCOL_SMTP);
    assert_int_equal(run(&t), TALK_END_UNEXPECTED); /* .nosuch */
    assert_played();
    assert_string_equal(fake.commands, "session ;keyupdate ask;certificate ;");
    assert_non_null(strstr(fake.shown, "did session\n"));
    assert_non_null(strstr(fake.shown, ".renegotiate"));
    fake_close(&fake);
}

static enum talk_end run_stream(const char *input, bool letters, bool ignore_eof, bool crlf) {
    static const struct fake_turn closing[] = {{"x\n", "\x1b[y\r\n", true}, {0}};
    static const struct fake_turn silent[] = {{0}};
    fake_open(&fake, ignore_eof ? closing : silent, input);
    struct talk_config t = fake_talk(&fake, FACTS_PROTOCOL_SMTP);
    t.through = t.quiet = true;
    t.in_step = false;
    t.letters = letters;
    t.ignore_eof = ignore_eof;
    t.crlf = crlf;
    return run(&t);
}

static void a_stream_is_as_with_s_client(void **state) {
    (void)state;
    assert_int_equal(run_stream("x\n", false, true, false), TALK_END_CLOSED);
    assert_string_equal(fake.shown, "\x1b[y\r\n");
    fake_close(&fake);
    assert_int_equal(run_stream("x\n", false, false, false), TALK_END_QUIT);
    assert_sent("x\n");
    fake_close(&fake);
    assert_int_equal(run_stream("a\n\r\nb", false, false, true), TALK_END_QUIT);
    assert_sent("a\r\n\r\r\nb"); /* s_client turns CRLF into CR CRLF too */
    fake_close(&fake);
}

static void letters_are_commands_in_a_stream(void **state) {
    (void)state;
    assert_int_equal(run_stream("Quit\n", true, false, false), TALK_END_QUIT);
    assert_sent("");
    fake_close(&fake);
    assert_int_equal(run_stream("RCPT TO:<x>\n", true, false, false), TALK_END_QUIT);
    assert_sent("");
    assert_string_equal(fake.commands, "renegotiate ;");
    fake_close(&fake);
    assert_int_equal(run_stream("K\n", true, false, false), TALK_END_QUIT);
    assert_string_equal(fake.commands, "keyupdate ask;");
    fake_close(&fake);
    assert_int_equal(run_stream("k\n", true, false, false), TALK_END_QUIT);
    assert_string_equal(fake.commands, "keyupdate ;");
    fake_close(&fake);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_goes_in_step),
        cmocka_unit_test(line_ends_of_the_input_do_not_matter),
        cmocka_unit_test(the_end_of_the_input_says_goodbye),
        cmocka_unit_test(a_refused_message_is_no_commands),
        cmocka_unit_test(a_message_without_its_end_is_not_sent),
        cmocka_unit_test(a_login_is_a_dialogue),
        cmocka_unit_test(chunks_are_bytes),
        cmocka_unit_test(an_early_reply_counts),
        cmocka_unit_test(lmtp_answers_for_each_recipient),
        cmocka_unit_test(imap_goes_by_tag),
        cmocka_unit_test(pop3_lists_end_with_a_dot),
        cmocka_unit_test(sieve_has_strings_and_literals),
        cmocka_unit_test(a_server_that_goes_is_noticed),
        cmocka_unit_test(a_reply_that_never_comes_has_its_time),
        cmocka_unit_test(noise_is_passed_over),
        cmocka_unit_test(questions_out_of_place_get_no_answer),
        cmocka_unit_test(what_could_drive_a_terminal_is_escaped),
        cmocka_unit_test(a_greeting_may_come_first_and_send_away),
        cmocka_unit_test(expected_replies),
        cmocka_unit_test(expected_words_of_other_protocols),
        cmocka_unit_test(a_message_of_ten_megabytes),
        cmocka_unit_test(a_reply_of_ten_megabytes),
        cmocka_unit_test(a_command_of_any_length),
        cmocka_unit_test(dot_commands_are_ours),
        cmocka_unit_test(a_stream_is_as_with_s_client),
        cmocka_unit_test(letters_are_commands_in_a_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
