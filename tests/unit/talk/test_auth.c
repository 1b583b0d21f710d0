/* SPDX-License-Identifier: Apache-2.0 */
/* --auth on each protocol: what the server hears to the byte, with the secret typed at a terminal
 * of its own. The conversation runs in a child, whose /dev/tty that terminal is. */
#include "fake.h"

#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct login {
    enum facts_protocol protocol;
    const char *user, *secret;
    enum talk_end end;
    struct fake_turn turns[8];
};

/* clang-format off */
static const struct login logins[] = {
    {FACTS_PROTOCOL_SMTP, "u", "p", TALK_END_QUIT, {
        {"EHLO localhost\r\n", "250-x\r\n250 AUTH LOGIN PLAIN\r\n", false},
        {"AUTH PLAIN AHUAcA==\r\n", "235 2.7.0 in\r\n", false},
        {"QUIT\r\n", "221 bye\r\n", true}}},
    {FACTS_PROTOCOL_SMTP, "u", "p", TALK_END_QUIT, {
        {"EHLO localhost\r\n", "250-x\r\n250 AUTH CRAM-MD5 LOGIN\r\n", false},
        {"AUTH LOGIN\r\n", "334 VXNlcm5hbWU6\r\n", false},
        {"dQ==\r\n", "334 UGFzc3dvcmQ6\r\n", false},
        {"cA==\r\n", "235 in\r\n", false},
        {"QUIT\r\n", "221 bye\r\n", true}}},
    {FACTS_PROTOCOL_SMTP, "tim", "tanstaaftanstaaf", TALK_END_QUIT, { /* RFC 2195 section 2 */
        {"EHLO localhost\r\n", "250-x\r\n250 AUTH CRAM-MD5\r\n", false},
        {"AUTH CRAM-MD5\r\n",
         "334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\r\n", false},
        {"dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\r\n", "235 in\r\n", false},
        {"QUIT\r\n", "221 bye\r\n", true}}},
    {FACTS_PROTOCOL_SMTP, "u", "p", TALK_END_AUTH_FAILED, {
        {"EHLO localhost\r\n", "250-x\r\n250 AUTH PLAIN\r\n", false},
        {"AUTH PLAIN AHUAcA==\r\n", "334 more\r\n", false}, /* there is no more */
        {"*\r\n", "501 gone\r\n", false}}},
    {FACTS_PROTOCOL_SMTP, "u", "p", TALK_END_AUTH_FAILED, {
        {"EHLO localhost\r\n", "250-x\r\n250 AUTH LOGIN\r\n", false},
        {"AUTH LOGIN\r\n", "235 without a password\r\n", false}}},
    {FACTS_PROTOCOL_LMTP, "u", "p", TALK_END_AUTH_FAILED, {
        {"LHLO localhost\r\n", "250-x\r\n250 AUTH PLAIN\r\n", false},
        {"AUTH PLAIN AHUAcA==\r\n", "535 no\r\n", false}}},
    {FACTS_PROTOCOL_IMAP, "u", "p", TALK_END_QUIT, {
        {"w1 CAPABILITY\r\n", "* CAPABILITY IMAP4rev1 AUTH=LOGIN AUTH=PLAIN\r\nw1 OK done\r\n", false},
        {"w2 AUTHENTICATE PLAIN\r\n", "+ \r\n", false},
        {"AHUAcA==\r\n", "w2 OK in\r\n", false},
        {"w3 LOGOUT\r\n", "* BYE\r\nw3 OK done\r\n", true}}},
    {FACTS_PROTOCOL_IMAP, "u\"", "p\\", TALK_END_QUIT, {
        {"w1 CAPABILITY\r\n", "* CAPABILITY IMAP4rev1 AUTH=CRAM-MD5\r\nw1 OK done\r\n", false},
        {"w2 LOGIN \"u\\\"\" \"p\\\\\"\r\n", "w2 OK in\r\n", false},
        {"w3 LOGOUT\r\n", "* BYE\r\nw3 OK done\r\n", true}}},
    {FACTS_PROTOCOL_IMAP, "tim", "tanstaaftanstaaf", TALK_END_QUIT, {
        {"w1 CAPABILITY\r\n", "* CAPABILITY LOGINDISABLED AUTH=CRAM-MD5\r\nw1 OK done\r\n", false},
        {"w2 AUTHENTICATE CRAM-MD5\r\n",
         "+ PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\r\n", false},
        {"dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\r\n", "w2 OK in\r\n", false},
        {"w3 LOGOUT\r\n", "* BYE\r\nw3 OK done\r\n", true}}},
    {FACTS_PROTOCOL_POP3, "u", "p", TALK_END_QUIT, {
        {"CAPA\r\n", "+OK\r\nSASL PLAIN\r\n.\r\n", false},
        {"AUTH PLAIN\r\n", "+ \r\n", false},
        {"AHUAcA==\r\n", "+OK in\r\n", false}}},
    {FACTS_PROTOCOL_POP3, "u", "p", TALK_END_QUIT, {
        {"CAPA\r\n", "-ERR what?\r\n", false},
        {"USER u\r\n", "+OK\r\n", false},
        {"PASS p\r\n", "+OK in\r\n", false}}},
    {FACTS_PROTOCOL_POP3, "u", "p", TALK_END_AUTH_FAILED, {
        {"CAPA\r\n", "+OK\r\n.\r\n", false},
        {"USER u\r\n", "-ERR nobody\r\n", false}}},
    {FACTS_PROTOCOL_SIEVE, "u", "p", TALK_END_QUIT, {
        {"CAPABILITY\r\n", "\"SASL\" \"PLAIN LOGIN\"\r\nOK\r\n", false},
        {"AUTHENTICATE \"PLAIN\" \"AHUAcA==\"\r\n", "OK\r\n", false},
        {"LOGOUT\r\n", "OK\r\n", true}}},
    {FACTS_PROTOCOL_SIEVE, "tim", "tanstaaftanstaaf", TALK_END_QUIT, {
        {"CAPABILITY\r\n", "\"SASL\" \"CRAM-MD5\"\r\nOK\r\n", false},
        {"AUTHENTICATE \"CRAM-MD5\"\r\n",
         "\"PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\"\r\n", false},
        {"\"dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\"\r\n", "OK\r\n", false},
        {"LOGOUT\r\n", "OK\r\n", true}}},
};
/* clang-format on */

/* The child's part: its exit status says what went wrong. */
static int talk(const struct login *l) {
    struct fake fake = {0};
    struct talk_stream s;
    fake_open(&fake, l->turns, "");
    fake_stream(&fake, &s);
    struct talk_config t = fake_talk(&fake, l->protocol);
    t.auth_user = l->user;
    if (talk_run(&t, &s) != l->end)
        return 1;
    const struct fake_turn *turn = &fake.turns[fake.at];
    if (turn->hears || fake.heard != fake.sent.len || fake.talked_over)
        return 2;
    fake_look(&fake);
    return strstr(fake.shown, "EHLO") || strstr(fake.shown, l->secret[1] ? l->secret : "cA==") ? 3
                                                                                               : 0;
}

static void await_text(int fd, const char *text) {
    char seen[1024];
    size_t len = 0;
    ssize_t n;
    do {
        n = read(fd, seen + len, sizeof seen - 1 - len);
        assert_true(n > 0);
        len += (size_t)n;
        seen[len] = '\0';
    } while (!strstr(seen, text));
}

static void each_protocol_logs_in_its_way(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof logins / sizeof logins[0]; i++) {
        const struct login *l = &logins[i];
        int terminal, status;
        pid_t child = forkpty(&terminal, NULL, NULL, NULL);
        assert_true(child >= 0);
        if (child == 0)
            _exit(talk(l));
        await_text(terminal, "Password of ");
        assert_int_equal(write(terminal, l->secret, strlen(l->secret)), strlen(l->secret));
        assert_int_equal(write(terminal, "\n", 1), 1);
        assert_int_equal(waitpid(child, &status, 0), child);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
            fail_msg("login %zu: status %d", i, WEXITSTATUS(status));
        close(terminal);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_protocol_logs_in_its_way)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
