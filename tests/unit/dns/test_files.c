/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts files, resolv.conf, resolver addresses, trust anchor files, the machine's own name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns/hosts.h"
#include "dns/lines.h"
#include "dns/own_name.h"
#include "dns/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct base_bytes text(const char *s) {
    return base_bytes_of_str(s);
}

/* --- hosts --- */

static void hosts_good(void **state) {
    struct dns_hosts h;
    struct base_error e = {0};
    (void)state;
    dns_hosts_init(&h, 100);
    enum ws_err err = dns_hosts_read_text(&h,
                                          text("# comment\n"
                                               "\n"
                                               "127.0.0.1\tMX1.Example.Org.  mx2.example.org # x\n"
                                               "   2001:DB8:0:0::1 mx1.example.org\r\n"
                                               "127.0.0.1 mx1.example.org\n"
                                               "192.0.2.9 m\xc3\xbcnchen.example\n"
                                               "192.0.2.7 last"),
                                          "f", &e);
    assert_string_equal(e.message, "");
    assert_int_equal(err, WS_OK);
    assert_int_equal(h.count, 5); /* the repeated one counts once */
    assert_non_null(dns_hosts_find(&h, "mx1.example.org"));
    assert_non_null(dns_hosts_find(&h, "xn--mnchen-3ya.example"));
    assert_non_null(dns_hosts_find(&h, "last"));
    assert_null(dns_hosts_find(&h, "example.org"));
    assert_string_equal(dns_hosts_name_of(&h, "127.0.0.1"), "mx1.example.org");
    assert_string_equal(dns_hosts_name_of(&h, "2001:db8::1"), "mx1.example.org");
    assert_null(dns_hosts_name_of(&h, "127.0.0.2"));
    dns_hosts_release(&h);
}

static void hosts_bad(void **state) {
    static const struct {
        const char *text;
        const char *says;
    } cases[] = {
        {"127.0.0.1\n", "f:1: a line is an address"},
        {"\n\n127.0.0.1 # nothing\n", "f:3: a line is an address"},
        {"localhost 127.0.0.1\n", "f:1: 'localhost' is no IPv4"},
        {"127.0.0.1 ok\n127.0.0 x\n", "f:2: '127.0.0' is no IPv4"},
        {"127.0.0.1.1 x\n", "f:1:"},
        {"1.2.3.4:25 x\n", "f:1: '1.2.3.4:25' is no"},
        {"[::1] x\n", "f:1: '[::1]' is no"},
        {"fe80::1%eth0 x\n", "f:1:"},
        {"127.0.0.1 a..b\n", "f:1: 'a..b': it has an empty label"},
        {"127.0.0.1 -x\n", "hyphen"},
        {"127.0.0.1 x\x1b[2J\n", "\\x1B"},
        {"127.0.0.1 x \xff\xfe\n", "UTF-8"},
        {"\x1b[31m x\n", "'\\x1B[31m' is no"},
        {"127.0.0.1 *.example.org\n", "letters, digits"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct dns_hosts h;
        struct base_error e = {0};
        dns_hosts_init(&h, 100);
        assert_int_equal(dns_hosts_read_text(&h, text(cases[i].text), "f", &e), WS_SYNTAX);
        if (!strstr(e.message, cases[i].says))
            fail_msg("%s", e.message);
        for (const char *c = e.message; *c; c++)
            assert_true((unsigned char)*c >= ' ');
        dns_hosts_release(&h);
    }
}

static void hosts_nul_and_long(void **state) {
    struct dns_hosts h;
    struct base_error e = {0};
    char line[3000];
    (void)state;
    dns_hosts_init(&h, 100);
    assert_int_equal(dns_hosts_read_text(&h, base_bytes_view("127.0.0.1 a\0b\n", 14), "f", &e),
                     WS_SYNTAX);
    assert_non_null(strstr(e.message, "NUL"));
    memset(line, 'a', sizeof line - 1);
    line[sizeof line - 1] = '\0';
    base_error_clear(&e);
    assert_int_equal(dns_hosts_read_text(&h, text(line), "f", &e), WS_SYNTAX);
    assert_true(strlen(e.message) < 200);
    dns_hosts_release(&h);
}

static void hosts_limit(void **state) {
    struct dns_hosts h;
    struct base_error e = {0};
    char name[32];
    (void)state;
    dns_hosts_init(&h, 3);
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "h%d", i);
        assert_int_equal(dns_hosts_add(&h, name, "127.0.0.1", &e), WS_OK);
    }
    assert_int_equal(dns_hosts_add(&h, "h0", "127.0.0.1", &e), WS_OK);
    assert_int_equal(dns_hosts_add(&h, "h4", "127.0.0.1", &e), WS_LIMIT);
    dns_hosts_release(&h);
}

/* Many entries, many of one name, many names of one address; each of both is found. */
static void hosts_by_the_thousand(void **state) {
    struct dns_hosts h;
    struct base_error e = {0};
    char name[32], address[32];
    size_t chained = 0;
    (void)state;
    dns_hosts_init(&h, 100000);
    for (int i = 0; i < 30000; i++) {
        (void)snprintf(name, sizeof name, "h%d.example", i);
        (void)snprintf(address, sizeof address, "10.%d.%d.1", i / 256, i % 256);
        assert_int_equal(dns_hosts_add(&h, name, address, &e), WS_OK);
        assert_int_equal(dns_hosts_add(&h, name, address, &e), WS_OK);
        assert_int_equal(dns_hosts_add(&h, "one.example", address, &e), WS_OK);
        assert_int_equal(dns_hosts_add(&h, name, "10.255.255.1", &e), WS_OK);
    }
    assert_int_equal(h.count, 90000);
    assert_string_equal(dns_hosts_find(&h, "h29999.example")->address, "10.117.47.1");
    assert_string_equal(dns_hosts_find(&h, "h29999.example")->next->address, "10.255.255.1");
    assert_null(dns_hosts_find(&h, "h29999.example")->next->next);
    assert_string_equal(dns_hosts_name_of(&h, "10.117.47.1"), "h29999.example");
    assert_string_equal(dns_hosts_name_of(&h, "10.255.255.1"), "h0.example");
    for (const struct dns_hosts_entry *n = dns_hosts_find(&h, "one.example"); n; n = n->next)
        chained++;
    assert_int_equal(chained, 30000);
    dns_hosts_release(&h);
}

static void hosts_files(void **state) {
    struct dns_hosts h;
    struct base_error e = {0};
    char path[] = "/tmp/wsXXXXXX";
    (void)state;
    dns_hosts_init(&h, 10);
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "127.0.0.1 a\nbad\n", 16), 16);
    assert_int_equal(dns_hosts_read(&h, path, &e), WS_SYNTAX);
    assert_non_null(strstr(e.message, path));
    assert_non_null(strstr(e.message, ":2: "));
    base_error_clear(&e);
    assert_int_equal(ftruncate(fd, (off_t)DNS_HOSTS_FILE_MAX + 1), 0);
    assert_int_equal(dns_hosts_read(&h, path, &e), WS_LIMIT);
    base_error_clear(&e);
    assert_int_equal(dns_hosts_read(&h, "/nonexistent/hosts", &e), WS_IO);
    assert_non_null(strstr(e.message, "/nonexistent/hosts: No such file"));
    base_error_clear(&e);
    assert_int_equal(dns_hosts_read(&h, "/tmp", &e), WS_IO);
    base_error_clear(&e);
    assert_int_equal(dns_hosts_read(&h, "/dev/zero", &e), WS_IO);
    close(fd);
    unlink(path);
    dns_hosts_release(&h);
}

/* Every text of a few bytes from the alphabet of such files: no crash, an entry or an error. */
static void hosts_small_texts(void **state) {
    static const char alphabet[] = "1.: #\na\t";
    (void)state;
    for (unsigned n = 0; n < 8 * 8 * 8 * 8 * 8; n++) {
        char s[6] = "";
        struct dns_hosts h;
        struct base_error e = {0};
        for (unsigned i = 0, m = n; i < 5; i++, m /= 8)
            s[i] = alphabet[m % 8];
        dns_hosts_init(&h, 4);
        enum ws_err err = dns_hosts_read_text(&h, text(s), "f", &e);
        assert_true(err == WS_OK || (err == WS_SYNTAX && e.message[0]));
        dns_hosts_release(&h);
    }
}

/* --- resolvers --- */

static void forwarders_good(void **state) {
    static const char *const cases[][2] = {
        {"192.0.2.53", "192.0.2.53@53"},
        {"192.0.2.53:5353", "192.0.2.53@5353"},
        {"127.0.0.1@5353", "127.0.0.1@5353"},
        {"::1", "::1@53"},
        {"::1@5300", "::1@5300"},
        {"[::1]", "::1@53"},
        {"[::1]:5300", "::1@5300"},
        {"[2001:db8::1]@53", "2001:db8::1@53"},
        {"fe80::1%1", "fe80::1%1@53"},
        {"fe80::1%lo", "fe80::1%1@53"},
    };
    struct base_arena arena;
    (void)state;
    base_arena_init(&arena, 65536);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct dns_forwarders f = {0};
        struct base_error e = {0};
        if (dns_forwarders_add(&f, cases[i][0], &arena, &e) != WS_OK)
            fail_msg("%s", e.message);
        assert_string_equal(f.at[0], cases[i][1]);
    }
    base_arena_release(&arena);
}

static void forwarders_bad(void **state) {
    static const char *const cases[] = {
        "",
        "localhost",
        "192.0.2",
        "192.0.2.1:",
        "192.0.2.1@",
        "192.0.2.1@0",
        "192.0.2.1@x",
        "192.0.2.1@65536",
        "[::1",
        "[::1]x53",
        "[::1]:",
        "::1@53@53",
        "@53",
        ":53",
        "[]",
        "1.2.3.4 ",
        "1.2.3.4@-1",
        "fe80::1%nosuchif",
    };
    struct base_arena arena;
    (void)state;
    base_arena_init(&arena, 65536);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct dns_forwarders f = {0};
        struct base_error e = {0};
        if (dns_forwarders_add(&f, cases[i], &arena, &e) != WS_USAGE)
            fail_msg("'%s' was taken", cases[i]);
        assert_int_equal(f.count, 0);
        assert_non_null(strstr(e.message, "resolver '"));
    }
    base_arena_release(&arena);
}

static void resolv_conf(void **state) {
    struct base_arena arena;
    struct dns_forwarders f = {0};
    (void)state;
    base_arena_init(&arena, 65536);
    dns_forwarders_from_resolv_conf(&f,
                                    text("; comment\n# another\nsearch example.org\n"
                                         "options ndots:2\nnameserver\nnameserver nonsense\n"
                                         "nameserver\t192.0.2.1\n nameserver 2001:db8::1 # x\n"
                                         "nameserverx 192.0.2.5\n"
                                         "nameserver 192.0.2.2\nnameserver 192.0.2.3\n"),
                                    &arena);
    assert_int_equal(f.count, 3);
    assert_string_equal(f.at[0], "192.0.2.1@53");
    assert_string_equal(f.at[1], "2001:db8::1@53");
    assert_string_equal(f.at[2], "192.0.2.2@53");
    assert_string_equal(dns_forwarders_text(&f, &arena), "192.0.2.1 and 2001:db8::1 and 192.0.2.2");
    f = (struct dns_forwarders){0};
    dns_forwarders_from_resolv_conf(&f, text("search example.org\n"), &arena);
    assert_int_equal(f.count, 0);
    base_arena_release(&arena);
}

static void anchors(void **state) {
    static const struct {
        const char *text;
        const char *zone;
        unsigned bad_line;
    } cases[] = {
        {"; DS in a comment\n. 172800 IN DNSKEY 257 3 8 AwEA+/==\n", ".", 0},
        {"test.\tIN DS 1 13 2 00aF\n. IN DS 1 13 2 00\n", "test.", 0},
        {". DNSKEY 257 3 8 AwEA\n", ".", 0},
        {". 1 IN SOA a. b. 1 2 3 4 5\n. 1 IN DNSKEY 257 3 8 (AwEA\n BBBB )\n", ".", 0},
        {"; . IN DS 1\n", NULL, 0},
        {"", NULL, 0},
        {"DS\nDNSKEY\n", NULL, 0},
        {"trusted-keys { . 257 3 8 \"AwEA\" }\n", NULL, 0},
        {". IN DNSKEY 257 3 8\n", NULL, 1},
        {". IN DNSKEY 257 3 8 !!!!\n", NULL, 1},
        {". IN DS 1 13 2 00\n\n. IN DS 1 13 2 0g\n", NULL, 3},
        {". IN DS 1 13 SHA256 00\n", NULL, 1},
        {". IN DS 99999 13 2 00\n", NULL, 1},
    };
    struct base_arena arena;
    struct base_error e = {0};
    const char *zone = NULL;
    unsigned bad_line = 0;
    (void)state;
    base_arena_init(&arena, 65536);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        zone = dns_anchor_zone_of_text(text(cases[i].text), &arena, &bad_line);
        if (cases[i].zone)
            assert_string_equal(zone, cases[i].zone);
        else
            assert_null(zone);
        assert_int_equal(bad_line, cases[i].bad_line);
    }
    assert_int_equal(dns_anchor_zone("/nonexistent/key", &arena, &zone, &e), WS_IO);
    assert_non_null(strstr(e.message, "trust anchor file /nonexistent/key: No such file"));
    base_arena_release(&arena);
}

/* --- own name --- */

static void own_name(void **state) {
    static const char hosts[] = "127.0.0.1 localhost\n"
                                "127.0.1.1 other.example.net other\n"
                                "192.0.2.1 # vm\n"
                                "192.0.2.1 VM Vm.Example.ORG vm2.example.org\n"
                                "192.0.2.2 odd localhost.localdomain\n"
                                "192.0.2.3 bad b@d.example worse.example\n";
    struct base_arena arena;
    (void)state;
    base_arena_init(&arena, 65536);
    assert_string_equal(dns_own_name_from(&arena, "vm", text(hosts)), "vm.example.org");
    assert_string_equal(dns_own_name_from(&arena, "Full.Example.org", text(hosts)),
                        "full.example.org");
    assert_string_equal(dns_own_name_from(&arena, "odd", text(hosts)), "[127.0.0.1]");
    assert_string_equal(dns_own_name_from(&arena, "bad", text(hosts)), "worse.example");
    assert_string_equal(dns_own_name_from(&arena, "unknown", text(hosts)), "[127.0.0.1]");
    assert_string_equal(dns_own_name_from(&arena, "", text("")), "[127.0.0.1]");
    assert_string_equal(dns_own_name_from(&arena, "a b.c", text(hosts)), "[127.0.0.1]");
    base_arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hosts_good),
        cmocka_unit_test(hosts_bad),
        cmocka_unit_test(hosts_nul_and_long),
        cmocka_unit_test(hosts_limit),
        cmocka_unit_test(hosts_by_the_thousand),
        cmocka_unit_test(hosts_files),
        cmocka_unit_test(hosts_small_texts),
        cmocka_unit_test(forwarders_good),
        cmocka_unit_test(forwarders_bad),
        cmocka_unit_test(resolv_conf),
        cmocka_unit_test(anchors),
        cmocka_unit_test(own_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
