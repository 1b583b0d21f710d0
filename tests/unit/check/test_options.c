/* SPDX-License-Identifier: Apache-2.0 */
/* The option table of check and what its values mean together; endpoints from resolved facts. */
#include "probe/endpoints.h"
#include "check/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static enum ws_err apply(struct check_options *o, struct base_error *e, int argc,
                         const char **argv) {
    const char *operands[8];
    size_t count = 0;
    check_options_defaults(o);
    *e = (struct base_error){0};
    enum ws_err err = base_option_parse(check_option_table(), o, argc, (char *const *)argv,
                                        operands, 8, &count, e);
    return err == WS_OK ? check_options_apply(o, e) : err;
}

static void table_is_sound(void **state) {
    const struct base_option *t = check_option_table();
    (void)state;
    for (size_t i = 0; t[i].kind != BASE_OPTION_END; i++) {
        assert_non_null(t[i].help);
        if (t[i].kind == BASE_OPTION_HEADING)
            continue;
        assert_non_null(t[i].name);
        assert_true(t[i].offset < sizeof(struct check_options));
        bool takes = t[i].kind != BASE_OPTION_FLAG && t[i].kind != BASE_OPTION_CLEAR &&
                     t[i].kind != BASE_OPTION_COUNT;
        assert_int_equal(takes, t[i].arg != NULL);
        for (size_t k = 0; k < i; k++) {
            assert_true(!t[k].name || strcmp(t[k].name, t[i].name) != 0);
            assert_true(!t[i].letter || t[k].letter != t[i].letter);
        }
    }
}

static void values_reach_the_config(void **state) {
    struct check_options o;
    struct base_error e;
    const char *argv[] = {"--port=587",
                          "-protocol",
                          "imap",
                          "-4",
                          "--helo",
                          "me.example",
                          "--resolver=192.0.2.1",
                          "--resolver",
                          "192.0.2.2",
                          "--mx",
                          "a.example",
                          "--connect-timeout",
                          "500ms",
                          "--no-sni",
                          "--expiring-days=3"};
    (void)state;
    assert_int_equal(apply(&o, &e, 15, argv), WS_OK);
    assert_int_equal(o.config.target.port, 587);
    assert_int_equal(o.config.target.protocol, FACTS_PROTOCOL_IMAP);
    assert_true(o.dns.ipv4);
    assert_false(o.dns.ipv6);
    assert_string_equal(o.config.helo, "me.example");
    assert_int_equal(o.dns.forwarder_count, 2);
    assert_string_equal(o.dns.forwarders[1], "192.0.2.2");
    assert_int_equal(o.config.mx_count, 1);
    assert_int_equal(o.config.connect_timeout, 500 * BASE_MSEC);
    assert_string_equal(o.config.sni, "");
    assert_int_equal(o.config.expiring_days, 3);
}

static void contradictions_are_refused(void **state) {
    static const char *rows[][4] = {
        {"-4", "-6"},
        {"--json", "--jsonl"},
        {"--implicit-tls", "--starttls"},
        {"--sni=a", "--no-sni"},
        {"--mx=a", "--no-mx"},
        {"--protocol=sieve", "--implicit-tls"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct check_options o;
        struct base_error e;
        assert_int_equal(apply(&o, &e, 2, rows[i]), WS_USAGE);
        assert_string_not_equal(base_error_message(&e), base_error_text(WS_USAGE));
    }
}

static void names_cannot_carry_commands(void **state) {
    static const char *const bad[] = {
        "--helo=a\rb", "--helo=a\nb", "--helo=", "--helo=a b", "--sni=\x7f", "--verify-name=a\tb"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct check_options o;
        struct base_error e;
        const char *argv[] = {bad[i]};
        assert_int_equal(apply(&o, &e, 1, argv), WS_USAGE);
    }
}

static void endpoints_follow_hosts_and_addresses(void **state) {
    struct base_arena arena;
    struct facts_address first[] = {{.text = "192.0.2.1"}, {.text = "2001:db8::1", .ipv6 = true}};
    struct facts_address second[] = {{.text = "192.0.2.1", .ptr = "x.example"}};
    struct facts_host hosts[] = {
        {.name = "a.example", .preference = 10, .addresses = first, .address_count = 2},
        {.name = "none.example", .preference = 20},
        {.name = "b.example", .preference = 30, .addresses = second, .address_count = 1},
    };
    struct facts_target t = {.port = 25, .dns = {.hosts = hosts, .host_count = 3}};
    (void)state;
    base_arena_init(&arena, 1 << 20);
    assert_int_equal(probe_endpoints_build(&t, &arena), WS_OK);
    assert_int_equal(t.endpoint_count, 3);
    assert_string_equal(t.endpoints[1].address, "2001:db8::1");
    assert_string_equal(t.endpoints[2].host, "b.example");
    assert_string_equal(t.endpoints[2].ptr, "x.example");
    assert_int_equal(t.endpoints[2].mx_preference, 30);
    assert_int_equal(t.endpoints[0].session.alert, -1);
    assert_string_equal(t.endpoints[0].verification.reason, "");
    base_arena_release(&arena);
}

static void no_address_gives_no_endpoint(void **state) {
    struct base_arena arena;
    struct facts_target t = {.port = 25};
    (void)state;
    base_arena_init(&arena, 1 << 20);
    assert_int_equal(probe_endpoints_build(&t, &arena), WS_OK);
    assert_int_equal(t.endpoint_count, 0);
    base_arena_release(&arena);
}

static void no_memory_is_an_error(void **state) {
    struct base_arena arena;
    struct facts_address one[] = {{.text = "192.0.2.1"}};
    struct facts_host hosts[] = {{.name = "a.example", .addresses = one, .address_count = 1}};
    struct facts_target t = {.dns = {.hosts = hosts, .host_count = 1}};
    (void)state;
    base_arena_init(&arena, 16);
    assert_int_equal(probe_endpoints_build(&t, &arena), WS_NOMEM);
    base_arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_sound),
        cmocka_unit_test(values_reach_the_config),
        cmocka_unit_test(contradictions_are_refused),
        cmocka_unit_test(names_cannot_carry_commands),
        cmocka_unit_test(endpoints_follow_hosts_and_addresses),
        cmocka_unit_test(no_address_gives_no_endpoint),
        cmocka_unit_test(no_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
