/* SPDX-License-Identifier: Apache-2.0 */
/* Options resolved: what becomes of them, in which order they are asked for and found wrong. */
#include "case.h"
#include "swaks/process_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define BIT(section) (1u << SWAKS_SECTION_##section)

static struct options_case c;

static int set_up(void **state) {
    (void)state;
    options_case_init(&c, SWAKS_MANNER_SWAKS);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    options_case_release(&c);
    return 0;
}

static int process(const char *words, const char *input) {
    enum swaks_manner manner = c.args.manner;
    options_case_release(&c);
    options_case_init(&c, manner);
    assert_true(options_case_parse(&c, words, NULL));
    return options_case_process(&c, input);
}

/* With everything given that must be. */
static void resolves(const char *words) {
    const char *all = base_arena_printf(&c.arena, "-t|a@b|-f|f@g|-s|h|--helo|me|%s", words);
    char copy[4096];
    strncpy(copy, all, sizeof copy - 1);
    copy[sizeof copy - 1] = '\0';
    assert_int_equal(process(copy, ""), SEND_EXIT_OK);
}

static void fails(const char *words, int code, const char *text) {
    assert_int_equal(process(words, "1\n2\n3\n4\n"), code);
    assert_string_equal(c.printed, text);
}

static void test_questions_in_order(void **state) {
    (void)state;
    assert_int_equal(process("--server|--port|-li|-lp|--to|--cc|--bcc|--from|--helo|--timeout|"
                             "--data|--body|-au|-ap|--xclient-addr|--xclient|--proxy",
                             "s\nf\ni\n1\nh\n2\nt\nc\nb\n\n9x\n9\nbo\nda\nxa\nxs\nps\nu\n\n"),
                     SEND_EXIT_OK);
    assert_string_equal(c.printed, "Server: From: Interface: Local Port: Helo: Port: To: Cc: Bcc: "
                                   "Timeout: Timeout: Timeout: Body: Data: XCLIENT addr: XCLIENT "
                                   "string: PROXY string: Username: Password: ");
    assert_string_equal(c.settings.plan.target.port, "2");
    assert_string_equal(c.settings.all_recipients, "t,c,b");
    assert_int_equal(c.settings.plan.recipient_count, 3);
    assert_int_equal(c.settings.plan.timeout, 9 * BASE_SECOND);
    assert_string_equal(c.settings.plan.auth.who.password, "");
}

static void test_empty_answers(void **state) {
    (void)state;
    assert_int_equal(process("--server|h|--to|a@b|--from|--helo|--timeout|--dump", "\n\n\n9\n"),
                     SEND_EXIT_OK);
    assert_string_equal(c.printed, "From: Helo: Timeout: Timeout: ");
    assert_non_null(strchr(c.settings.plan.from, '@'));
    assert_string_equal(c.settings.plan.helo, c.settings.fqdn);
}

static void test_input_that_ends(void **state) {
    (void)state;
    assert_int_equal(process("-s|h|--dump", ""), SEND_EXIT_OPTION);
    assert_int_equal(process("-t|a|--body", "\n\n\n"), SEND_EXIT_OPTION);
    assert_non_null(strstr(c.printed, "Body: Body: Body: Body: *** "));
    c.args.manner = SWAKS_MANNER_WAXSEAL;
    assert_int_equal(process("-t|a|-s|h|-a", ""), SEND_EXIT_OPTION);
}

static void test_first_mistake_counts(void **state) {
    (void)state;
    fails("-s|h|--pipe|p|--protocol|x|-q|y", 1,
          "*** Multiple transport types specified, exiting\n");
    fails("-s|h|--protocol|X|-q|y", 1, "*** Unknown protocol x specified, exiting\n");
    fails("-s|h|-q|dot|-da|y", 1, "*** Unknown quit_after value dot, exiting\n");
    fails("-s|h|-da|Y|-stl|q", 1, "*** Unknown drop_after value y, exiting\n");
    fails("-s|h|-lp|zz|-t|a|--port|yy", 1,
          "*** unable to resolve service name zz into a port, exiting\n");
    fails("-t|a|-s|::1|-4|--timeout|q", 1,
          "*** Option -4 is set but server appears to be ipv6, cannot proceed\n");
    fails("-t|a|-s|h|--timeout|2g|--attach", 1, "*** Unknown timeout format '2g'\n");
    fails("-t|a|-s|h|--attach|--data|@/nonexistent", 1,
          "*** Option processing error: option attach specified with no argument\n");
    fails("-t|a|-s|h|--header|-tls|--tls-cert|x", 1,
          "*** Option processing error: option header specified with no argument\n");
    fails("-t|a|-s|h|-tls|--tls-cert|x|-p|yy", 1,
          "*** --tls-cert and --tls-key require each other.  Exiting\n");
    fails("-t|a|-s|h|--proxy-dest|x|-au|u|-ap|p|-am|y", SEND_EXIT_PROXY_OPTION,
          "*** Incomplete set of --proxy-* options (missing family, source, source_port, "
          "dest_port)\n");
    fails("-t|a|-s|h|-au|u|-ap|p|-a|foo", SEND_EXIT_MISSING,
          "*** FOO is not a recognized auth type, skipping\n*** No auth types supported\n");
}

/* As swaks: where it looks for a word anywhere, where it keeps a blank, and that files which can't
 * be written are told whatever is hidden. */
static void test_blanks_and_hiding(void **state) {
    (void)state;
    resolves("-q| FIRST-EHLO");
    assert_int_equal(c.settings.plan.quit_after, SEND_STOP_FIRST_HELO);
    fails("-s|h|-q| EHLO", 1, "*** Unknown quit_after value  ehlo, exiting\n");
    resolves("-au|u|-ap|p|-am| FOO=LOGIN , BAR=LOGIN,BAZ=LOGIN ");
    for (size_t i = 0; i < c.settings.auth_row_count; i++) {
        const struct swaks_auth_row *row = &c.settings.auth_rows[i];
        if (strcmp(row->type, "LOGIN") == 0) {
            assert_string_equal(row->aliases.items[0], " FOO");
            assert_string_equal(row->aliases.items[1], "BAR");
        }
        if (strcmp(row->type, "LOGIN ") == 0)
            assert_string_equal(row->aliases.items[0], "BAZ");
    }
    assert_int_equal(c.settings.auth_row_count, 7);
    fails("-s|h|-t|a|--silent|3|--hide-all|--output|/nonexistent/file", 1,
          "*** Unable to open /nonexistent/file for writing\n");
    c.args.manner = SWAKS_MANNER_WAXSEAL;
    assert_int_equal(process("-s|h|-t|a|-q| FIRST-EHLO", ""), SEND_EXIT_OPTION);
}

static void test_hosts_and_ports(void **state) {
    (void)state;
    static const struct {
        const char *text, *host, *port;
    } rows[] = {
        {"h", "h", NULL},
        {"h:25", "h", "25"},
        {"h/smtp", "h", "smtp"},
        {"[::1]:26", "::1", "26"},
        {"[::1]/26", "::1", "26"},
        {"[x]", "x", NULL},
        {"::1", "::1", NULL},
        {"::1/25", "::1", "25"},
        {"::1:25", "::1:25", NULL},
        {"h:", "h:", NULL},
        {":25", ":25", NULL},
        {"h/", "h/", NULL},
        {"[x", "[x", NULL},
        {"[]", "[]", NULL},
        {"[::1]9", "[::1]9", NULL},
        {"x/1:2", "x/1", "2"},
        {"", "", NULL},
        {"[", "[", NULL},
        {"a:b:c", "a:b:c", NULL},
        {"[]:1", "[]", "1"},
        {"/9", "", "9"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *host, *port;
        swaks_host_split(&c.arena, rows[i].text, &host, &port);
        assert_string_equal(host, rows[i].host);
        assert_true(!port == !rows[i].port);
        if (port)
            assert_string_equal(port, rows[i].port);
    }
    resolves("-s|h:smtp");
    assert_string_equal(c.settings.plan.target.port, "25");
    resolves("--protocol|ssmtp");
    assert_string_equal(c.settings.plan.target.port, "465");
    resolves("--protocol|LMTPSA|-au|u|-ap|p");
    assert_string_equal(c.settings.plan.target.port, "24");
    assert_int_equal(c.settings.plan.tls.demand, SEND_REQUIRED);
    assert_true(c.settings.plan.lmtp);
}

static void test_recipients_are_needed_or_not(void **state) {
    (void)state;
    assert_int_equal(process("-s|h|-q|mail", ""), SEND_EXIT_OK);
    assert_true(c.settings.server_only);
    assert_int_equal(c.settings.plan.recipient_count, 0);
    assert_int_equal(process("-s|h|-q|rcpt", "x@y\n"), SEND_EXIT_OK);
    assert_string_equal(c.printed, "To: ");
    assert_int_equal(process("--copy-routing|[192.0.2.1]|-q|mail", "x@y\n"), SEND_EXIT_OK);
    assert_string_equal(c.printed, "To: ");
    assert_string_equal(c.settings.plan.target.server, "192.0.2.1");
}

static void test_tls_demands(void **state) {
    (void)state;
    static const struct {
        const char *words;
        enum send_demand demand;
        bool on_connect;
    } rows[] = {
        {"-tls", SEND_REQUIRED, false},
        {"-tlsc", SEND_REQUIRED, true},
        {"-tlsc|-tls", SEND_REQUIRED, false},
        {"-tlsos|-tlso", SEND_OPTIONAL_STRICT, false},
        {"--protocol|esmtps|-tlsc", SEND_REQUIRED, true},
        {"--protocol|ssmtp|-tlso", SEND_OPTIONAL, false},
        {"--tls-verify", SEND_NOT_WANTED, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        resolves(rows[i].words);
        assert_int_equal(c.settings.plan.tls.demand, rows[i].demand);
        assert_int_equal(c.settings.plan.tls.on_connect, rows[i].on_connect);
    }
    resolves("-tls|-tlsp|no_tlsv1,no_tlsv1_3");
    assert_int_equal(c.settings.plan.tls.wish.setting_count, 2);
    assert_string_equal(c.settings.plan.tls.wish.settings[1].command, "no_tls1_3");
    resolves("-tls|-tlsp|TLSv1_2,bad");
    assert_int_equal(c.settings.plan.tls.wish.setting_count, 4);
    assert_non_null(strstr(c.printed, "*** bad in --tls-protocol is not"));
}

static void test_mechanisms(void **state) {
    (void)state;
    resolves("-au|u|-ap|p|-am|FOO=LOGIN,BAR=NOTHING|-ae|domain=d");
    const struct send_auth *a = &c.settings.plan.auth;
    assert_true(a->any);
    assert_int_equal(a->name_count, 10); /* swaks' nine and FOO, not BAR */
    assert_string_equal(a->names[3].name, "FOO");
    assert_int_equal(a->names[3].mechanism, SASL_LOGIN);
    assert_string_equal(a->who.realm, "d");
    assert_string_equal(a->who.domain, "d");
    resolves("-a|xoauth2,SPA,login-initial|-au|<>|-ap|<>|-ahp");
    assert_int_equal(a->name_count, 3);
    assert_int_equal(a->names[0].mechanism, SASL_XOAUTH2);
    assert_int_equal(a->names[1].mechanism, SASL_NTLM);
    assert_int_equal(a->names[2].mechanism, SASL_LOGIN_INITIAL);
    assert_string_equal(a->who.user, "");
    assert_string_equal(a->show.hide_password, "PROVIDED_BUT_REMOVED");
    resolves("-ao|foo");
    assert_int_equal(a->demand, SEND_NOT_WANTED);
}

static void test_parts(void **state) {
    (void)state;
    resolves("--attach-type|a/b|--attach-name|n|--attach|x|--attach|@/dev/null|--attach-body|b|"
             "--attach|@@at|--attach-name|--attach-file|/dev/null");
    const struct message_input *m = &c.settings.message;
    assert_int_equal(m->part_count, 5);
    assert_string_equal(m->parts[0].type, "a/b");
    assert_string_equal(m->parts[0].name, "n");
    assert_true(base_bytes_equal_str(m->parts[0].bytes, "x"));
    assert_null(m->parts[1].name);
    assert_string_equal(m->parts[1].path, "/dev/null");
    assert_int_equal(m->parts[2].kind, MESSAGE_PART_BODY);
    assert_null(m->parts[3].type); /* a body ends the type */
    assert_true(base_bytes_equal_str(m->parts[3].bytes, "@at"));
    assert_string_equal(m->parts[4].name, "");
    assert_true(m->parts[4].guess_type);
}

static void test_standard_input_is_kept(void **state) {
    (void)state;
    assert_int_equal(process("-t|a|-s|h|--from|--body|-|--data|-", "me\nthe\nrest"), SEND_EXIT_OK);
    assert_string_equal(c.settings.plan.from, "me");
    assert_true(base_bytes_equal_str(c.settings.message.body, "the\nrest"));
    assert_true(base_bytes_equal_str(c.settings.message.data, "the\nrest"));
}

static void test_proxy(void **state) {
    (void)state;
    struct base_error e = {0};
    resolves("--proxy|base64:UFJPWFkgVENQNCAxIDI=");
    assert_true(base_bytes_equal_str(c.settings.proxy_raw, "TCP4 1 2"));
    assert_true(swaks_process_proxy_header(&c.settings, &e));
    assert_true(base_bytes_equal_str(c.settings.plan.proxy_header, "PROXY TCP4 1 2\r\n"));
    resolves("--proxy|base64:%%%");
    assert_false(c.settings.proxy_wanted);
    resolves("--proxy-version|2|--proxy-family|AF_INET|--proxy-source|1|--proxy-source-port|2|"
             "--proxy-dest|x|--proxy-dest-port|4");
    assert_false(swaks_process_proxy_header(&c.settings, &e)); /* no address: known before we go */
}

static void test_beyond(void **state) {
    (void)state;
    resolves("--dsn-notify|success,delay|--dsn-orcpt|a@b|--chunking|1000|--expect|MAIL=250\\|25x|"
             "--repeat|3|--xforward-name|x y");
    const struct send_plan *p = &c.settings.plan;
    assert_string_equal(p->extensions.dsn_notify, "SUCCESS,DELAY");
    assert_string_equal(p->extensions.dsn_orcpt, "rfc822;a@b");
    assert_int_equal(p->extensions.chunk_size, 1000);
    assert_string_equal(p->expectations[0].step, "mail");
    assert_int_equal(p->repeat, 3);
    assert_string_equal(p->extensions.xforward->arguments, "NAME=x+20y");
    static const char *const wrong[] = {
        "--dsn-notify|NEVER,DELAY",
        "--dsn-ret|x",
        "--chunking|0",
        "--chunking|1k",
        "--repeat|0",
        "--repeat|1e9",
        "--expect|mail",
        "--expect|mail=9",
        "--expect|foo=250",
        "--all-mx",
        "--expect|mail=25",
        "--concurrency|5000",
        "--tls-policy|strict",
        "--expect|=250",
        "--expect|rcpt=250\\|",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        const char *words = base_arena_printf(&c.arena, "-t|a@b|-s|h|%s", wrong[i]);
        char copy[512];
        strncpy(copy, words, sizeof copy - 1);
        copy[sizeof copy - 1] = '\0';
        if (process(copy, "") != SEND_EXIT_OPTION)
            fail_msg("accepted: %s", wrong[i]);
    }
}

static void test_dump(void **state) {
    (void)state;
    resolves("-au|u|-ap|it's|--xclient-addr|1|--xclient-delim|--xclient-addr|2|-S|7");
    assert_string_equal(options_case_dump(&c, BIT(XCLIENT)),
                        "XCLIENT Info:\n  xclient         = required\n"
                        "  no_verify       = FALSE\n  before starttls = FALSE\n"
                        "  strings         = XCLIENT ADDR=2\n");
    const char *app = options_case_dump(&c, BIT(APP));
    assert_non_null(strstr(app, "swaks --from 'f@g' --to 'a@b' --helo 'me' --server 'h' "
                                "--auth-user 'u' --auth-password 'it'\\''s' --silent '1' "
                                "--xclient-delim --xclient-addr '2'\n"));
    assert_int_equal(swaks_dump_parse(&c.arena, "tls , APP,foo"), BIT(TLS) | BIT(APP));
    assert_int_equal(swaks_dump_parse(&c.arena, ","), ~0u);
}

static void test_secrets_are_hidden(void **state) {
    (void)state;
    c.args.manner = SWAKS_MANNER_WAXSEAL;
    resolves("-au|u|-ap|hunter2");
    const char *text = options_case_dump(&c, ~0u);
    assert_null(strstr(text, "hunter2"));
    assert_true(c.settings.plan.auth.show.hide_all);
    resolves("-au|u|-ap|hunter2|--show-secrets");
    assert_non_null(strstr(options_case_dump(&c, ~0u), "hunter2"));
    assert_false(c.settings.plan.auth.show.hide_all);
}

static void test_addresses(void **state) {
    static const char *const bad[] = {"<a@b>", "a b@c", "a@b\r\nX", "\"a@b", "\xff@b", "a\x01@b"};
    static const char *const good[] = {"", "a", "a@b", "\"a b\"@c", "\"a\\\"<b\"@c", "\xc3\xbc@b"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_non_null(swaks_address_fault(bad[i]));
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_null(swaks_address_fault(good[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_questions_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_empty_answers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_input_that_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_first_mistake_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_blanks_and_hiding, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hosts_and_ports, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_recipients_are_needed_or_not, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tls_demands, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_mechanisms, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_parts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_standard_input_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_proxy, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_beyond, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_dump, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_secrets_are_hidden, set_up, tear_down),
        cmocka_unit_test(test_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
