/* SPDX-License-Identifier: Apache-2.0 */
#include "net/address.h"
#include "net/connect.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void what_is_no_address(void **state) {
    static const char *const rows[] = {
        "",
        " ",
        "localhost",
        "127.1",
        "127.0.0.1 ",
        " 127.0.0.1",
        "127.0.0.256",
        "127.0.0.1.1",
        "0x7f.0.0.1",
        "1.2.3.4:25",
        "[::1]",
        "::1]",
        ":",
        ":::",
        "::1::",
        "1:2:3:4:5:6:7:8:9",
        "::1%",
        "::1%no-such-if0",
        "::1%0",
        "::1%4294967296",
        "fe80::1%1%1",
        "%1",
        "127.0.0.1%1",
        "::ffff:1.2.3.400",
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct net_address a;
        if (net_address_parse(rows[i], 25, &a) == WS_OK)
            fail_msg("taken for an address: \"%s\"", rows[i]);
        assert_int_equal(a.len, 0);
    }
    struct net_address a;
    assert_int_equal(net_address_parse(NULL, 25, &a), WS_SYNTAX);
    assert_int_equal(net_address_parse("127.0.0.1", 65536, &a), WS_SYNTAX);
}

static void a_very_long_text_is_no_address(void **state) {
    char text[4096];
    struct net_address a;
    (void)state;
    memset(text, ':', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_int_equal(net_address_parse(text, 25, &a), WS_SYNTAX);
    text[40] = '%';
    assert_int_equal(net_address_parse(text, 25, &a), WS_SYNTAX);
}

static void addresses_there_and_back(void **state) {
    static const struct {
        const char *text;
        unsigned port;
        bool ipv6;
        const char *shown;
    } rows[] = {
        {"192.0.2.1", 25, false, "192.0.2.1:25"},
        {"0.0.0.0", 0, false, "0.0.0.0:0"},
        {"255.255.255.255", 65535, false, "255.255.255.255:65535"},
        {"2001:DB8::1", 587, true, "[2001:db8::1]:587"},
        {"::", 1, true, "[::]:1"},
        {"::ffff:192.0.2.1", 25, true, "[::ffff:192.0.2.1]:25"},
        {"fe80::1%1", 25, true, "[fe80::1%1]:25"},
        {"fe80::1%lo", 25, true, "[fe80::1%1]:25"},
        {"fe80::1%4294967295", 25, true, "[fe80::1%4294967295]:25"},
        {"2001:0db8:1111:2222:3333:4444:5555:6666", 25, true,
         "[2001:db8:1111:2222:3333:4444:5555:6666]:25"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct net_address a;
        char shown[NET_ADDRESS_TEXT];
        assert_int_equal(net_address_parse(rows[i].text, rows[i].port, &a), WS_OK);
        assert_int_equal(net_address_is_ipv6(&a), rows[i].ipv6);
        assert_false(net_address_is_unix(&a));
        assert_int_equal(net_address_port(&a), rows[i].port);
        net_address_text(&a, shown);
        assert_string_equal(shown, rows[i].shown);
    }
}

static void unix_paths(void **state) {
    struct net_address a;
    char shown[NET_ADDRESS_TEXT], path[110];
    (void)state;
    assert_int_equal(net_address_unix("/run/smtp", &a), WS_OK);
    assert_true(net_address_is_unix(&a));
    assert_int_equal(net_address_port(&a), 0);
    net_address_text(&a, shown);
    assert_string_equal(shown, "unix:/run/smtp");
    assert_int_equal(net_address_unix("", &a), WS_SYNTAX);
    assert_int_equal(net_address_unix(NULL, &a), WS_SYNTAX);
    memset(path, 'x', sizeof path);
    path[107] = '\0';
    assert_int_equal(net_address_unix(path, &a), WS_OK);
    net_address_text(&a, shown);
    assert_int_equal(strlen(shown), 107 + strlen("unix:"));
    path[107] = 'x';
    path[108] = '\0';
    assert_int_equal(net_address_unix(path, &a), WS_SYNTAX);
}

static void what_an_errno_says(void **state) {
    static const struct {
        int error;
        enum facts_connect_state v4, v6;
    } rows[] = {
        {ECONNREFUSED, FACTS_CONNECT_REFUSED, FACTS_CONNECT_REFUSED},
        {ETIMEDOUT, FACTS_CONNECT_TIMEOUT, FACTS_CONNECT_TIMEOUT},
        {EHOSTUNREACH, FACTS_CONNECT_UNREACHABLE, FACTS_CONNECT_UNREACHABLE},
        {ENETUNREACH, FACTS_CONNECT_UNREACHABLE, FACTS_CONNECT_UNREACHABLE},
        {ECONNRESET, FACTS_CONNECT_RESET, FACTS_CONNECT_RESET},
        {EADDRNOTAVAIL, FACTS_CONNECT_ERROR, FACTS_CONNECT_UNREACHABLE},
        {EPERM, FACTS_CONNECT_ERROR, FACTS_CONNECT_ERROR},
        {EINVAL, FACTS_CONNECT_ERROR, FACTS_CONNECT_ERROR},
        {0, FACTS_CONNECT_ERROR, FACTS_CONNECT_ERROR},
    };
    struct net_address v4, v6;
    (void)state;
    assert_int_equal(net_address_parse("192.0.2.1", 25, &v4), WS_OK);
    assert_int_equal(net_address_parse("2001:db8::1", 25, &v6), WS_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(net_connect_state_of(rows[i].error, &v4), rows[i].v4);
        assert_int_equal(net_connect_state_of(rows[i].error, &v6), rows[i].v6);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_address),
        cmocka_unit_test(a_very_long_text_is_no_address),
        cmocka_unit_test(addresses_there_and_back),
        cmocka_unit_test(unix_paths),
        cmocka_unit_test(what_an_errno_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
