/* SPDX-License-Identifier: Apache-2.0 */
/* What people type as a target, good and bad, and names in other scripts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "dns/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define DOMAIN FACTS_TARGET_DOMAIN
#define HOST FACTS_TARGET_HOST
#define ADDRESS FACTS_TARGET_ADDRESS
#define SMTP FACTS_PROTOCOL_SMTP
#define LMTP FACTS_PROTOCOL_LMTP
#define IMAP FACTS_PROTOCOL_IMAP
#define POP3 FACTS_PROTOCOL_POP3
#define SIEVE FACTS_PROTOCOL_SIEVE

struct good {
    const char *input;
    enum facts_target_kind kind;
    const char *name;
    unsigned port;
    enum facts_protocol protocol;
    bool implicit_tls;
};

#define L10 "abcdefghij"
#define L60 L10 L10 L10 L10 L10 L10
#define L63 L60 "abc"

static const struct good goods[] = {
    {"example.org", DOMAIN, "example.org", 25, SMTP, false},
    {"EXAMPLE.Org", DOMAIN, "example.org", 25, SMTP, false},
    {"example.org.", DOMAIN, "example.org", 25, SMTP, false},
    {"localhost", DOMAIN, "localhost", 25, SMTP, false},
    {"a", DOMAIN, "a", 25, SMTP, false},
    {"3com.example", DOMAIN, "3com.example", 25, SMTP, false},
    {"1.2.3.example", DOMAIN, "1.2.3.example", 25, SMTP, false},
    {"_mail.example.org", DOMAIN, "_mail.example.org", 25, SMTP, false},
    {"a--b.example", DOMAIN, "a--b.example", 25, SMTP, false},
    {L63 ".example", DOMAIN, L63 ".example", 25, SMTP, false},
    {"user@example.org", DOMAIN, "example.org", 25, SMTP, false},
    {"first.last+tag@Example.Org", DOMAIN, "example.org", 25, SMTP, false},
    {"\"a@b\"@example.org", DOMAIN, "example.org", 25, SMTP, false},
    {"a/b@example.org", DOMAIN, "example.org", 25, SMTP, false},
    {"user@[192.0.2.1]", ADDRESS, "192.0.2.1", 25, SMTP, false},
    {"user@[IPv6:2001:db8::1]", ADDRESS, "2001:db8::1", 25, SMTP, false},
    {"mx.example.org:25", HOST, "mx.example.org", 25, SMTP, false},
    {"mx.example.org:587", HOST, "mx.example.org", 587, SMTP, false},
    {"mx.example.org:465", HOST, "mx.example.org", 465, SMTP, true},
    {"mx.example.org:2525", HOST, "mx.example.org", 2525, SMTP, false},
    {"mx.example.org:1", HOST, "mx.example.org", 1, SMTP, false},
    {"mx.example.org:65535", HOST, "mx.example.org", 65535, SMTP, false},
    {"mx.example.org.:25", HOST, "mx.example.org", 25, SMTP, false},
    {"mx.example.org:993", HOST, "mx.example.org", 993, IMAP, true},
    {"mx.example.org:143", HOST, "mx.example.org", 143, IMAP, false},
    {"mx.example.org:995", HOST, "mx.example.org", 995, POP3, true},
    {"mx.example.org:110", HOST, "mx.example.org", 110, POP3, false},
    {"mx.example.org:4190", HOST, "mx.example.org", 4190, SIEVE, false},
    {"mx.example.org:24", HOST, "mx.example.org", 24, LMTP, false},
    {"mx.example.org:smtp", HOST, "mx.example.org", 25, SMTP, false},
    {"mx.example.org:SMTP", HOST, "mx.example.org", 25, SMTP, false},
    {"mx.example.org:submission", HOST, "mx.example.org", 587, SMTP, false},
    {"mx.example.org:submissions", HOST, "mx.example.org", 465, SMTP, true},
    {"mx.example.org:smtps", HOST, "mx.example.org", 465, SMTP, true},
    {"mx.example.org:imap", HOST, "mx.example.org", 143, IMAP, false},
    {"mx.example.org:imaps", HOST, "mx.example.org", 993, IMAP, true},
    {"mx.example.org:pop3", HOST, "mx.example.org", 110, POP3, false},
    {"mx.example.org:pop3s", HOST, "mx.example.org", 995, POP3, true},
    {"mx.example.org:sieve", HOST, "mx.example.org", 4190, SIEVE, false},
    {"mx.example.org:lmtp", HOST, "mx.example.org", 24, LMTP, false},
    {"192.0.2.1", ADDRESS, "192.0.2.1", 25, SMTP, false},
    {"192.0.2.1:465", ADDRESS, "192.0.2.1", 465, SMTP, true},
    {"[192.0.2.1]", ADDRESS, "192.0.2.1", 25, SMTP, false},
    {"[192.0.2.1]:587", ADDRESS, "192.0.2.1", 587, SMTP, false},
    {"2001:db8::1", ADDRESS, "2001:db8::1", 25, SMTP, false},
    {"2001:DB8:0:0:0:0:0:1", ADDRESS, "2001:db8::1", 25, SMTP, false},
    {"2001:db8::25", ADDRESS, "2001:db8::25", 25, SMTP, false},
    {"2001:db8::1:2", ADDRESS, "2001:db8::1:2", 25, SMTP, false},
    {"::1", ADDRESS, "::1", 25, SMTP, false},
    {"::ffff:192.0.2.1", ADDRESS, "::ffff:192.0.2.1", 25, SMTP, false},
    {"[2001:db8::1]", ADDRESS, "2001:db8::1", 25, SMTP, false},
    {"[2001:db8::1]:25", ADDRESS, "2001:db8::1", 25, SMTP, false},
    {"[2001:db8::1]:smtps", ADDRESS, "2001:db8::1", 465, SMTP, true},
    {"[2001:db8::1:25]", ADDRESS, "2001:db8::1:25", 25, SMTP, false},
    {"[IPv6:2001:db8::1]", ADDRESS, "2001:db8::1", 25, SMTP, false},
    {"fe80::1%eth0", ADDRESS, "fe80::1%eth0", 25, SMTP, false},
    {"[fe80::1%2]:25", ADDRESS, "fe80::1%2", 25, SMTP, false},
    {"[mx.example.org]", HOST, "mx.example.org", 25, SMTP, false},
    {"[mx.example.org]:submission", HOST, "mx.example.org", 587, SMTP, false},
    {"smtp://mx.example.org", HOST, "mx.example.org", 25, SMTP, false},
    {"smtp://mx.example.org/", HOST, "mx.example.org", 25, SMTP, false},
    {"SMTP://mx.example.org:2525", HOST, "mx.example.org", 2525, SMTP, false},
    {"smtps://mx.example.org", HOST, "mx.example.org", 465, SMTP, true},
    {"smtps://mx.example.org:4465", HOST, "mx.example.org", 4465, SMTP, true},
    {"submission://mx.example.org", HOST, "mx.example.org", 587, SMTP, false},
    {"imap://mail.example.org", HOST, "mail.example.org", 143, IMAP, false},
    {"imaps://[2001:db8::1]", ADDRESS, "2001:db8::1", 993, IMAP, true},
    {"pop3s://192.0.2.1:1995", ADDRESS, "192.0.2.1", 1995, POP3, true},
    {"lmtp://mail.example.org:2424", HOST, "mail.example.org", 2424, LMTP, false},
    {"sieve://mail.example.org", HOST, "mail.example.org", 4190, SIEVE, false},
    {"m\xc3\xbcnchen.example", DOMAIN, "xn--mnchen-3ya.example", 25, SMTP, false},
    {"M\xc3\x9cNCHEN.example", DOMAIN, "xn--mnchen-3ya.example", 25, SMTP, false},
    {"mu\xcc\x88nchen.example", DOMAIN, "xn--mnchen-3ya.example", 25, SMTP, false},
    {"stra\xc3\x9f"
     "e.example:25",
     HOST, "xn--strae-oqa.example", 25, SMTP, false},
    {"\xe4\xbe\x8b\xe3\x81\x88\xe3\x80\x82\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88", DOMAIN,
     "xn--r8jz45g.xn--zckzah", 25, SMTP, false},
    {"user@m\xc3\xbcnchen.example", DOMAIN, "xn--mnchen-3ya.example", 25, SMTP, false},
    {"xn--mnchen-3ya.example", DOMAIN, "xn--mnchen-3ya.example", 25, SMTP, false},
    {"XN--MNCHEN-3YA.example", DOMAIN, "xn--mnchen-3ya.example", 25, SMTP, false},
    {"xn--i-7iq.example", DOMAIN, "xn--i-7iq.example", 25, SMTP, false},
};

struct bad {
    const char *input;
    const char *says; /* part of the message */
};

static const struct bad bads[] = {
    {"", "nothing here"},
    {" ", "space"},
    {" example.org", "space"},
    {"example.org ", "space"},
    {"example .org", "space"},
    {"a\tb", "space"},
    {"example.org\n", "control"},
    {"example.org\r\nRCPT", "control"},
    {"\x1b[31mred", "control"},
    {"\x7f.example", "control"},
    {".", "empty label"},
    {"..", "empty label"},
    {".example.org", "empty label"},
    {"example..org", "empty label"},
    {"example.org..", "empty label"},
    {L63 "d.example", "63"},
    {L63 "." L63 "." L63 "." L63, "253"},
    {L63 "." L63 "." L63 "." L60 "ab", "253"},
    {"-example.org", "hyphen"},
    {"example-.org", "hyphen"},
    {"--help", "hyphen"},
    {"exa mple", "space"},
    {"example.org:0", "1 to 65535"},
    {"example.org:65536", "1 to 65535"},
    {"example.org:99999999999999999999", "1 to 65535"},
    {"example.org:25x", "1 to 65535"},
    {"example.org:2.5", "1 to 65535"},
    {"example.org:abc", "neither a number"},
    {"example.org:http", "neither a number"},
    {"example.org:-25", "neither a number"},
    {"example.org:+25", "neither a number"},
    {"example.org:", "no port after"},
    {":25", "host name is missing"},
    {":", "host name is missing"},
    {"[2001:db8::1", "closing"},
    {"[", "closing"},
    {"[]", "host name is missing"},
    {"[]:25", "host name is missing"},
    {"2001:db8::1]", "bracket"},
    {"example.org]", "bracket"},
    {"exa[mple.org", "bracket"},
    {"[2001:db8::1]25", "only a colon"},
    {"[2001:db8::1]:", "no port after"},
    {"[2001:db8::1]:0", "1 to 65535"},
    {"[2001:db8::g]", "no valid IPv6"},
    {"[1:2:3:4:5:6:7:8:9]", "no valid IPv6"},
    {"[example.org:25]", "no valid IPv6"},
    {"[[::1]]", "no valid IPv6"},
    {"2001:db8::1:25", "[2001:db8::1]:25 or [2001:db8::1:25]"},
    {"2001:db8::1:2525", "[2001:db8::1]:2525"},
    {"2001:db8:0:0:0:0:0:1:25", "[ADDRESS]:PORT"},
    {"2001:db8::1::2", "no valid IPv6"},
    {"a:b:c", "no valid IPv6"},
    {"192.0.2.1:25:25", "no valid IPv6"},
    {"fe80::1%", "no valid IPv6"},
    {"2001:db8::1%eth0", "no valid IPv6"},
    {"fe80::1%averyverylonginterface", "no valid IPv6"},
    {"192.0.2.256", "IPv4"},
    {"192.0.2", "IPv4"},
    {"192.0.2.1.5", "IPv4"},
    {"192.0.2.1.", "IPv4"},
    {"010.0.0.1", "IPv4"},
    {"25", "IPv4"},
    {"example.123", "IPv4"},
    {"http://example.org", "web page"},
    {"https://example.org/x", "web page"},
    {"ftp://example.org", "unknown scheme"},
    {"://example.org", "unknown scheme"},
    {"smtp://", "host name is missing"},
    {"smtp://user@example.org", "user names"},
    {"smtp://example.org/path", "path"},
    {"example.org/path", "path"},
    {"example.org/", "path"},
    {"@example.org", "USER@DOMAIN"},
    {"user@", "USER@DOMAIN"},
    {"user@example.org:25", "no port"},
    {"user@.org", "empty label"},
    {"exa$mple.org", "letters, digits"},
    {"example.org;id", "letters, digits"},
    {"*.example.org", "letters, digits"},
    {"exam\\ple.org", "letters, digits"},
    {"\xff\xfe.example", "UTF-8"},
    {"\xc3.example", "UTF-8"},
    {"\xed\xa0\x80.example", "UTF-8"},
    {"a\xe2\x80\xae"
     "b.example",
     "internationalized"},
    {"\xcc\x88"
     "a.example",
     "internationalized"},
    {"\xf0\x9f\x92\x8c\xe2\x80\x8d.example", "internationalized"},
    {"/nonexistent/socket", "no such socket"},
    {"/dev/null", "not a socket"},
    {"/", "directory"},
    {"./", "directory"},
    {"unix:", "no such socket"},
    {"unix:/nonexistent", "no such socket"},
    {"/" L60 L60, "107"},
};

static enum ws_err parse(const char *input, struct base_arena *arena, struct facts_target *t) {
    const struct dns_target_defaults d = {.protocol = SMTP};
    return dns_target_parse(input, &d, arena, t);
}

static void good_inputs(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof goods / sizeof goods[0]; i++) {
        const struct good *g = &goods[i];
        struct base_arena arena;
        struct facts_target t;
        base_arena_init(&arena, 65536);
        if (parse(g->input, &arena, &t) != WS_OK)
            fail_msg("%s", t.error);
        assert_string_equal(t.error, "");
        assert_string_equal(t.input, g->input);
        assert_string_equal(t.name, g->name);
        if (t.kind != g->kind || t.port != g->port || t.protocol != g->protocol ||
            t.implicit_tls != g->implicit_tls)
            fail_msg("%s: kind %d port %u protocol %d implicit %d", g->input, t.kind, t.port,
                     t.protocol, t.implicit_tls);
        base_arena_release(&arena);
    }
}

static void assert_one_printable_line(const char *text) {
    assert_true(strlen(text) < 1000);
    for (const char *c = text; *c; c++)
        assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
}

static void bad_inputs(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bads / sizeof bads[0]; i++) {
        struct base_arena arena;
        struct facts_target t;
        base_arena_init(&arena, 65536);
        if (parse(bads[i].input, &arena, &t) != WS_SYNTAX)
            fail_msg("'%s' was taken as %s", bads[i].input, t.name);
        if (!strstr(t.error, bads[i].says))
            fail_msg("'%s' gives: %s", bads[i].input, t.error);
        assert_one_printable_line(t.error);
        base_arena_release(&arena);
    }
}

static void long_inputs(void **state) {
    char big[5000];
    struct base_arena arena;
    struct facts_target t;
    (void)state;
    for (int c = 1; c < 256; c++) {
        for (size_t len = 1000; len < sizeof big; len += 1300) {
            base_arena_init(&arena, 65536);
            memset(big, c, len);
            big[len] = '\0';
            assert_int_equal(parse(big, &arena, &t), WS_SYNTAX);
            assert_one_printable_line(t.error);
            base_arena_release(&arena);
        }
    }
}

/* Every single byte anywhere, every pair at the start: never a crash, always a name or a line. */
static void all_bytes(void **state) {
    (void)state;
    for (int a = 1; a < 256; a++) {
        for (int b = 0; b < 256; b++) {
            char text[3] = {(char)a, (char)b, '\0'};
            struct base_arena arena;
            struct facts_target t;
            base_arena_init(&arena, 16384);
            enum ws_err err = parse(text, &arena, &t);
            assert_true(err == WS_OK || err == WS_SYNTAX);
            assert_true((err == WS_OK) == (t.error[0] == '\0'));
            assert_one_printable_line(t.error);
            base_arena_release(&arena);
        }
    }
}

static void defaults_of_the_command_line(void **state) {
    struct base_arena arena;
    struct facts_target t;
    (void)state;
    base_arena_init(&arena, 65536);
    struct dns_target_defaults d = {.protocol = SMTP, .no_mx = true};
    assert_int_equal(dns_target_parse("mx.example.org", &d, &arena, &t), WS_OK);
    assert_int_equal(t.kind, HOST);
    assert_false(t.port_given);

    d = (struct dns_target_defaults){.protocol = IMAP};
    assert_int_equal(dns_target_parse("mx.example.org", &d, &arena, &t), WS_OK);
    assert_int_equal(t.kind, HOST);
    assert_int_equal(t.port, 143);

    d = (struct dns_target_defaults){
        .protocol = IMAP, .implicit_tls = true, .implicit_tls_given = true};
    assert_int_equal(dns_target_parse("mx.example.org", &d, &arena, &t), WS_OK);
    assert_int_equal(t.port, 993);
    assert_true(t.implicit_tls);

    d = (struct dns_target_defaults){.protocol = SMTP, .port = 2525};
    assert_int_equal(dns_target_parse("example.org", &d, &arena, &t), WS_OK);
    assert_int_equal(t.kind, DOMAIN);
    assert_int_equal(t.port, 2525);
    assert_true(t.port_given);
    assert_int_equal(dns_target_parse("example.org:26", &d, &arena, &t), WS_OK);
    assert_int_equal(t.port, 26);

    d = (struct dns_target_defaults){.protocol = SMTP, .implicit_tls_given = true};
    assert_int_equal(dns_target_parse("mx.example.org:465", &d, &arena, &t), WS_OK);
    assert_false(t.implicit_tls);

    d = (struct dns_target_defaults){.protocol = LMTP};
    assert_int_equal(dns_target_parse("mx.example.org:993", &d, &arena, &t), WS_OK);
    assert_int_equal(t.protocol, LMTP);
    base_arena_release(&arena);
}

static void default_ports(void **state) {
    (void)state;
    assert_int_equal(dns_target_default_port(SMTP, false), 25);
    assert_int_equal(dns_target_default_port(SMTP, true), 465);
    assert_int_equal(dns_target_default_port(LMTP, false), 24);
    assert_int_equal(dns_target_default_port(LMTP, true), 24);
    assert_int_equal(dns_target_default_port(IMAP, false), 143);
    assert_int_equal(dns_target_default_port(IMAP, true), 993);
    assert_int_equal(dns_target_default_port(POP3, false), 110);
    assert_int_equal(dns_target_default_port(POP3, true), 995);
    assert_int_equal(dns_target_default_port(SIEVE, true), 4190);
}

static void a_socket(void **state) {
    char dir[] = "/tmp/wsXXXXXX", path[64], text[80];
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    struct base_arena arena;
    struct facts_target t;
    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/lmtp", dir);
    snprintf(un.sun_path, sizeof un.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof un), 0);
    base_arena_init(&arena, 65536);
    const struct dns_target_defaults d = {.protocol = LMTP, .port = 25};
    assert_int_equal(dns_target_parse(path, &d, &arena, &t), WS_OK);
    assert_int_equal(t.kind, FACTS_TARGET_SOCKET);
    assert_string_equal(t.name, path);
    assert_int_equal(t.protocol, LMTP);
    assert_int_equal(t.port, 0);
    snprintf(text, sizeof text, "unix:%s", path);
    assert_int_equal(dns_target_parse(text, &d, &arena, &t), WS_OK);
    assert_string_equal(t.name, path);
    base_arena_release(&arena);
    close(fd);
    unlink(path);
    rmdir(dir);
}

static void unicode_back(void **state) {
    struct base_arena arena;
    struct facts_target t;
    (void)state;
    base_arena_init(&arena, 65536);
    assert_int_equal(parse("M\xc3\x9cNCHEN.example", &arena, &t), WS_OK);
    assert_string_equal(t.unicode, "m\xc3\xbcnchen.example");
    assert_string_equal(dns_name_to_unicode(&arena, "example.org"), "");
    assert_string_equal(dns_name_to_unicode(&arena, "xn--mnchen-3ya.example"),
                        "m\xc3\xbcnchen.example");
    assert_string_equal(dns_name_to_unicode(&arena, "xn--.example"), "");
    assert_string_equal(dns_name_to_unicode(&arena, "xn--\x7f.example"), "");
    assert_string_equal(dns_name_to_unicode(&arena, "xn--zzzzzzzzzzzzzz99999999.example"), "");
    /* A-labels that hide a direction override, a C1 control, a bare joiner, an unnormalised letter
     * and a symbol */
    static const char *const hiding[] = {"xn--ab-g4t", "xn--a-la", "xn--1ug", "xn--a-xbb",
                                         "xn--i-7iq"};
    for (size_t i = 0; i < sizeof hiding / sizeof hiding[0]; i++)
        assert_string_equal(dns_name_to_unicode(&arena, hiding[i]), "");
    base_arena_release(&arena);
}

static void no_memory(void **state) {
    (void)state;
    for (size_t limit = 0; limit < 600; limit += 7) {
        struct base_arena arena;
        struct facts_target t;
        base_arena_init(&arena, limit);
        enum ws_err err = parse("user@m\xc3\xbcnchen.example", &arena, &t);
        assert_true(err == WS_OK ? !arena.failed : err == WS_NOMEM);
        base_arena_release(&arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_inputs),   cmocka_unit_test(bad_inputs),
        cmocka_unit_test(long_inputs),   cmocka_unit_test(all_bytes),
        cmocka_unit_test(default_ports), cmocka_unit_test(defaults_of_the_command_line),
        cmocka_unit_test(a_socket),      cmocka_unit_test(unicode_back),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
