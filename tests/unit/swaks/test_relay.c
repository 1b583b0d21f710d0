/* SPDX-License-Identifier: Apache-2.0 */
/* XCLIENT commands and PROXY headers. */
#include "swaks/proxy.h"
#include "swaks/xclient.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_xclient(void **state) {
    struct base_arena a;
    struct swaks_xclient_builder b = {0};
    struct send_xclient x = {0};
    (void)state;
    base_arena_init(&a, 1 << 20);
    swaks_xclient_delimit(&b, &a);
    swaks_xclient_attribute(&b, &a, "ADDR", "192.0.2.1");
    swaks_xclient_attribute(&b, &a, "REVERSE_NAME", "a b+c=d\r\n");
    swaks_xclient_delimit(&b, &a);
    swaks_xclient_delimit(&b, &a);
    swaks_xclient_attribute(&b, &a, "HELO", "");
    swaks_xclient_raw(&b, &a, "FOO=a b");
    swaks_xclient_attribute(&b, &a, "PORT", "1");
    swaks_xclient_finish(&b, &a, &x);
    assert_int_equal(x.group_count, 4);
    assert_string_equal(x.groups[0].arguments, "ADDR=192.0.2.1 REVERSE_NAME=a+20b+2Bc+3Dd+0D+0A");
    assert_int_equal(x.groups[0].attribute_count, 2);
    assert_string_equal(x.groups[0].attributes[1], "REVERSE_NAME");
    assert_string_equal(x.groups[1].arguments, "HELO=");
    assert_string_equal(x.groups[2].arguments, "FOO=a b");
    assert_int_equal(x.groups[2].attribute_count, 0);
    assert_string_equal(x.groups[3].arguments, "PORT=1");
    base_arena_release(&a);
}

#define SIGNATURE "\x0d\x0a\x0d\x0a\x00\x0d\x0a\x51\x55\x49\x54\x0a"

static void v2(const struct swaks_proxy *p, const void *expected, size_t len) {
    struct base_buf b;
    struct base_error e = {0};
    base_buf_init(&b, 4096);
    assert_int_equal(swaks_proxy_v2(p, &b, &e), WS_OK);
    assert_int_equal(b.len, len);
    assert_memory_equal(base_buf_view(&b).data, expected, len);
    base_buf_release(&b);
}

static void test_proxy(void **state) {
    struct swaks_proxy p = {"TCP4", NULL, NULL, "192.0.2.1", "4711", "192.0.2.2", "25"};
    struct base_buf b;
    struct base_error e = {0};
    (void)state;
    base_buf_init(&b, 4096);
    swaks_proxy_v1(&p, &b);
    assert_string_equal(base_buf_cstr(&b), "PROXY TCP4 192.0.2.1 192.0.2.2 4711 25\r\n");
    p.family = "AF_INET";
    p.protocol = "STREAM";
    p.command = "PROXY";
    v2(&p, SIGNATURE "\x21\x11\x00\x0c\xc0\x00\x02\x01\xc0\x00\x02\x02\x12\x67\x00\x19", 28);
    p.command = "LOCAL"; /* no addresses, and well formed */
    v2(&p, SIGNATURE "\x20\x00\x00\x00", 16);
    p.command = "PROXY";
    p.family = "AF_UNSPEC";
    v2(&p, SIGNATURE "\x21\x01\x00\x00", 16);
    p.family = "AF_INET6"; /* but the addresses are of version 4 */
    assert_int_equal(swaks_proxy_v2(&p, &b, &e), WS_SYNTAX);
    p.source = p.dest = "2001:db8::1";
    p.source_port = "65536";
    assert_int_equal(swaks_proxy_v2(&p, &b, &e), WS_SYNTAX);
    base_buf_release(&b);
}

static void test_proxy_unix(void **state) {
    const struct swaks_proxy p = {"AF_UNIX", "STREAM", "PROXY", "/a", NULL, "/b", NULL};
    uint8_t expected[16 + 216] = {0};
    (void)state;
    (void)base_bytes_copy(expected, 16, base_bytes_view(SIGNATURE "\x21\x31\x00\xd8", 16));
    (void)base_bytes_copy(expected + 16, 2, base_bytes_of_str("/a"));
    (void)base_bytes_copy(expected + 124, 2, base_bytes_of_str("/b"));
    v2(&p, expected, sizeof expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xclient),
        cmocka_unit_test(test_proxy),
        cmocka_unit_test(test_proxy_unix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
