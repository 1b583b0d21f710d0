/* SPDX-License-Identifier: Apache-2.0 */
/* Targets resolved over a scripted name server on loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns/packet.h"
#include "dns/resolver.h"
#include "dns/target.h"
#include "server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define A DNS_TYPE_A
#define AAAA DNS_TYPE_AAAA
#define MX DNS_TYPE_MX
#define PTR DNS_TYPE_PTR

/* A digest that fits no key of the scripted server. */
#define ANCHOR                                                                                     \
    ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n"

static const struct server_row zone[] = {
    {"example.org", SERVER_MX, "20 mx2.example.org", 0},
    {"example.org", SERVER_MX, "10 mxb.example.org", 0},
    {"example.org", SERVER_MX, "10 MXA.example.org", 0},
    {"example.org", SERVER_MX, "30 mxa.example.org", 0},
    {"mxa.example.org", SERVER_ADDRESS, "192.0.2.1", 0},
    {"mxa.example.org", SERVER_ADDRESS, "192.0.2.2", 0},
    {"mxa.example.org", SERVER_ADDRESS, "192.0.2.1", 0},
    {"mxa.example.org", SERVER_ADDRESS, "2001:db8::1", 0},
    {"mxb.example.org", SERVER_ADDRESS, "192.0.2.3", 0},
    {"mxb.example.org", SERVER_DELAY, "", 80},
    {"mx2.example.org", SERVER_CNAME, "real.example.net", 0},
    {"real.example.net", SERVER_ADDRESS, "192.0.2.4", 0},
    {"null.example", SERVER_MX, "0 .", 0},
    {"mixed.example", SERVER_MX, "0 .", 0},
    {"mixed.example", SERVER_MX, "10 mxb.example.org", 0},
    {"nomx.example", SERVER_ADDRESS, "192.0.2.5", 0},
    {"nomx.example", SERVER_ADDRESS, "2001:db8::5", 0},
    {"empty.example", SERVER_PTR, "x", 0},
    {"servfail.example", SERVER_CODE, "", 2},
    {"refused.example", SERVER_CODE, "", 5},
    {"silent.example", SERVER_SILENT, "", 0},
    {"garbage.example", SERVER_GARBAGE, "", 0},
    {"truncated.example", SERVER_TRUNCATED, "", 0},
    {"late.example", SERVER_DELAY, "", 4000},
    {"late.example", SERVER_MX, "1 mxb.example.org", 0},
    {"loop1.example", SERVER_CNAME, "loop2.example", 0},
    {"loop2.example", SERVER_CNAME, "loop1.example", 0},
    {"many.example", SERVER_MANY_MX, "", 100},
    {"manyaddresses.example", SERVER_MANY_A, "", 60},
    {"badmx.example", SERVER_BAD_MX, "\0\1\xc0\xff", 4},
    {"literal.example", SERVER_MX, "5 192.0.2.77", 0},
    {"deadmx.example", SERVER_MX, "1 silent.example", 0},
    {"deadmx.example", SERVER_MX, "2 gone.example", 0},
    {"deadmx.example", SERVER_MX, "3 empty.example", 0},
    {"deadmx.example", SERVER_MX, "4 servfail.example", 0},
    {"1.2.0.192.in-addr.arpa", SERVER_PTR, "mxa.example.org", 0},
    {"2.2.0.192.in-addr.arpa", SERVER_PTR, "liar.example.net", 0},
    {"3.2.0.192.in-addr.arpa", SERVER_PTR, "zz.example.net", 0},
    {"3.2.0.192.in-addr.arpa", SERVER_PTR, "liar.example.net", 0},
    {"3.2.0.192.in-addr.arpa", SERVER_PTR, "yes.example.net", 0},
    {"4.2.0.192.in-addr.arpa", SERVER_CODE, "", 2},
    {"8.2.0.192.in-addr.arpa", SERVER_PTR, "servfail.example", 0},
    {"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", SERVER_PTR,
     "six.example.net", 0},
    {"six.example.net", SERVER_ADDRESS, "2001:db8::1", 0},
    {"liar.example.net", SERVER_ADDRESS, "198.51.100.1", 0},
    {"yes.example.net", SERVER_ADDRESS, "192.0.2.3", 0},
    {"1.0.0.127.in-addr.arpa", SERVER_PTR, "loop.example.net", 0},
    {"loop.example.net", SERVER_ADDRESS, "127.0.0.1", 0},
    {"4.3.2.10.in-addr.arpa", SERVER_PTR, "private.example.net", 0},
    {"private.example.net", SERVER_ADDRESS, "10.2.3.4", 0},
    {"lab.test", SERVER_MX, "1 mx.lab.test", 0},
    {"mx.lab.test", SERVER_ADDRESS, "127.0.0.9", 0},
    {NULL, SERVER_END, NULL, 0},
};

struct fixture {
    struct net_loop *loop;
    struct server *server;
    struct dns_resolver *resolver;
    struct base_arena arena;
    struct base_error e;
    const char *forwarder;
    unsigned pending;
    unsigned done;
    char anchor[32];
};

static void on_done(void *arg) {
    struct fixture *f = arg;
    f->done++;
    if (--f->pending == 0)
        net_loop_stop(f->loop);
}

static void on_stop(void *arg) {
    net_loop_stop(arg);
}

static struct dns_config config_of(struct fixture *f) {
    f->forwarder = server_address(f->server);
    return (struct dns_config){
        .forwarders = &f->forwarder,
        .forwarder_count = 1,
        .ipv4 = true,
        .ipv6 = true,
        .timeout = 5 * BASE_SECOND, /* machines are slow at times; silence has tests of its own */
    };
}

static void begin_with(struct fixture *f, const struct dns_config *c) {
    if (dns_resolver_new(c, f->loop, NULL, &f->resolver, &f->e) != WS_OK)
        fail_msg("%s", f->e.message);
}

static void begin(struct fixture *f, bool ptr) {
    struct dns_config c = config_of(f);
    c.ptr = ptr;
    begin_with(f, &c);
}

static struct facts_target *ask_mx(struct fixture *f, const char *input, const char *const *mx,
                                   size_t mx_count) {
    const struct dns_target_defaults d = {.protocol = FACTS_PROTOCOL_SMTP};
    struct facts_target *t = base_arena_alloc(&f->arena, sizeof *t);
    if (dns_target_parse(input, &d, &f->arena, t) != WS_OK)
        fail_msg("%s", t->error);
    unsigned before = f->done;
    if (dns_resolve_target(f->resolver, t, mx, mx_count, &f->arena, on_done, f, &f->e) != WS_OK)
        fail_msg("%s", f->e.message);
    assert_int_equal(f->done, before); /* never inside the call */
    f->pending++;
    return t;
}

static void run(struct fixture *f) {
    struct net_timer *end = net_timer_start(f->loop, 300 * BASE_SECOND, on_stop, f->loop);
    assert_int_equal(net_loop_run(f->loop, &f->e), WS_OK);
    net_timer_stop(end);
    assert_int_equal(f->pending, 0);
    assert_false(f->arena.failed);
}

static struct facts_target *resolve(struct fixture *f, const char *input) {
    struct facts_target *t = ask_mx(f, input, NULL, 0);
    run(f);
    return t;
}

static int set_up(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    base_arena_init(&f->arena, 4 << 20);
    assert_int_equal(net_loop_new(&f->loop, &f->e), WS_OK);
    f->server = server_start(f->loop, zone);
    strcpy(f->anchor, "/tmp/wsXXXXXX");
    int fd = mkstemp(f->anchor);
    assert_int_equal(write(fd, ANCHOR, strlen(ANCHOR)), strlen(ANCHOR));
    close(fd);
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    dns_resolver_free(f->resolver);
    server_stop(f->server);
    net_loop_free(f->loop);
    base_arena_release(&f->arena);
    unlink(f->anchor);
    free(f);
    return 0;
}

/* --- MX and addresses --- */

static void several_mx(void **state) {
    struct fixture *f = *state;
    begin(f, false);
    struct facts_dns *d = &resolve(f, "example.org")->dns;
    assert_int_equal(d->mx.result, FACTS_DNS_DATA);
    assert_int_equal(d->mx.ttl, 300);
    assert_int_equal(d->host_count, 3); /* mxa twice: the better preference counts */
    assert_string_equal(d->hosts[0].name, "mxa.example.org");
    assert_int_equal(d->hosts[0].preference, 10);
    assert_string_equal(d->hosts[1].name, "mxb.example.org");
    assert_string_equal(d->hosts[2].name, "mx2.example.org");
    assert_int_equal(d->hosts[2].preference, 20);

    const struct facts_host *mxa = &d->hosts[0];
    assert_int_equal(mxa->address_count, 3);
    assert_string_equal(mxa->addresses[0].text, "2001:db8::1");
    assert_true(mxa->addresses[0].ipv6);
    assert_string_equal(mxa->addresses[0].ptr, "");
    assert_int_equal(mxa->addresses[0].ptr_confirmed, FACTS_NOT_TESTED);
    assert_int_equal(mxa->a.result, FACTS_DNS_DATA);
    assert_int_equal(mxa->aaaa.result, FACTS_DNS_DATA);

    assert_int_equal(d->hosts[1].address_count, 1);
    assert_int_equal(d->hosts[1].aaaa.result, FACTS_DNS_NODATA);
    assert_true(d->hosts[1].a.ms >= 79.0);

    assert_string_equal(d->hosts[2].a.canonical, "real.example.net");
    assert_string_equal(d->hosts[2].addresses[0].text, "192.0.2.4");
    assert_false(d->null_mx);
    assert_false(d->hosts[0].implicit);
    assert_int_equal(d->status, FACTS_DNSSEC_INDETERMINATE);
}

static void null_mx(void **state) {
    struct fixture *f = *state;
    begin(f, false);
    struct facts_dns *d = &resolve(f, "null.example")->dns;
    assert_true(d->null_mx);
    assert_false(d->null_mx_mixed);
    assert_int_equal(d->host_count, 0);
    d = &resolve(f, "mixed.example")->dns;
    assert_false(d->null_mx);
    assert_true(d->null_mx_mixed);
    assert_int_equal(d->host_count, 1);
    assert_string_equal(d->hosts[0].name, "mxb.example.org");
}

static void no_mx(void **state) {
    struct fixture *f = *state;
    begin(f, false);
    struct facts_dns *d = &resolve(f, "nomx.example")->dns;
    assert_int_equal(d->mx.result, FACTS_DNS_NODATA);
    assert_int_equal(d->host_count, 1);
    assert_true(d->hosts[0].implicit);
    assert_int_equal(d->hosts[0].preference, -1);
    assert_string_equal(d->hosts[0].name, "nomx.example");
    assert_int_equal(d->hosts[0].address_count, 2);
}

static void no_such_domain(void **state) {
    struct fixture *f = *state;
    begin(f, false);
    struct facts_dns *d = &resolve(f, "gone.example")->dns;
    assert_int_equal(d->mx.result, FACTS_DNS_NXDOMAIN);
    assert_int_equal(d->host_count, 0);
}

static void host_without_addresses(void **state) {
    struct fixture *f = *state;
    begin(f, false);
    struct facts_dns *d = &resolve(f, "empty.example:25")->dns;
    assert_int_equal(d->mx.result, FACTS_DNS_NOT_ASKED);
    assert_int_equal(d->host_count, 1);
    assert_int_equal(d->hosts[0].a.result, FACTS_DNS_NODATA);
    assert_int_equal(d->hosts[0].aaaa.result, FACTS_DNS_NODATA);
    assert_int_equal(d->hosts[0].address_count, 0);
    assert_false(d->hosts[0].implicit);
}

/* None of these is a "no": no host may come of it. */
static void failures(void **state) {
    static const struct {
        const char *name;
        enum facts_dns_result result;
        const char *why;
    } cases[] = {
        {"servfail.example", FACTS_DNS_SERVFAIL, "SERVFAIL"},
        {"refused.example", FACTS_DNS_SERVFAIL, "SERVFAIL"},
        {"loop1.example", FACTS_DNS_SERVFAIL, "SERVFAIL"},
        {"badmx.example", FACTS_DNS_SERVFAIL, ""},
    };
    struct fixture *f = *state;
    begin(f, false);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct facts_dns *d = &resolve(f, cases[i].name)->dns;
        if (d->mx.result != cases[i].result || !strstr(d->mx.why, cases[i].why))
            fail_msg("%s: %d %s", cases[i].name, d->mx.result, d->mx.why);
        assert_int_equal(d->mx.status, FACTS_DNSSEC_INDETERMINATE);
        assert_int_equal(d->status, FACTS_DNSSEC_INDETERMINATE);
        assert_int_equal(d->host_count, 0);
    }
}

static void begin_impatient(struct fixture *f) {
    struct dns_config c = config_of(f);
    c.timeout = 300 * BASE_MSEC;
    begin_with(f, &c);
}

static void silence_is_not_a_no(void **state) {
    static const char *const names[] = {"silent.example", "garbage.example"};
    struct fixture *f = *state;
    begin_impatient(f);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct facts_dns *d = &resolve(f, names[i])->dns;
        assert_int_equal(d->mx.result, FACTS_DNS_TIMEOUT);
        assert_non_null(strstr(d->mx.why, "no answer within 0.3 s from 127.0.0.1@"));
        assert_int_equal(d->host_count, 0);
    }
}

static void truncated(void **state) {
    struct fixture *f = *state;
    begin(f, false);
    struct facts_dns *d = &resolve(f, "truncated.example")->dns; /* nobody listens on TCP */
    assert_true(d->mx.result == FACTS_DNS_SERVFAIL || d->mx.result == FACTS_DNS_TIMEOUT);
    assert_int_equal(d->host_count, 0);
}

static void dead_hosts(void **state) {
    struct fixture *f = *state;
    begin(f, true);
    struct facts_dns *d = &resolve(f, "deadmx.example")->dns;
    assert_int_equal(d->host_count, 4);
    /* whose patience ends first, ours or libunbound's: neither is a "no" */
    assert_true(d->hosts[0].a.result == FACTS_DNS_TIMEOUT ||
                d->hosts[0].a.result == FACTS_DNS_SERVFAIL);
    assert_int_equal(d->hosts[1].a.result, FACTS_DNS_NXDOMAIN);
    assert_int_equal(d->hosts[2].a.result, FACTS_DNS_NODATA);
    assert_int_equal(d->hosts[3].a.result, FACTS_DNS_SERVFAIL);
}

static void limits(void **state) {
    struct fixture *f = *state;
    begin(f, false);
    struct facts_dns *d = &resolve(f, "many.example")->dns;
    assert_int_equal(d->host_count, 64);
    assert_non_null(strstr(d->mx.why, "100 MX records; only the first 64"));
    for (size_t i = 1; i < d->host_count; i++)
        assert_true(d->hosts[i - 1].preference <= d->hosts[i].preference);
    d = &resolve(f, "manyaddresses.example:25")->dns;
    assert_int_equal(d->hosts[0].address_count, 32);
    assert_non_null(strstr(d->hosts[0].a.why, "28 more addresses"));
}

static void mx_names_an_address(void **state) {
    struct fixture *f = *state;
    begin(f, false);
    struct facts_dns *d = &resolve(f, "literal.example")->dns;
    assert_int_equal(d->host_count, 1);
    assert_string_equal(d->hosts[0].name, "192.0.2.77");
    assert_int_equal(d->hosts[0].a.result, FACTS_DNS_NXDOMAIN);
    assert_non_null(strstr(d->hosts[0].a.why, "names an address"));
    assert_int_equal(d->hosts[0].address_count, 0);
}

static void one_family(void **state) {
    struct fixture *f = *state;
    struct dns_config c = config_of(f);
    c.ipv6 = false;
    begin_with(f, &c);
    struct facts_dns *d = &resolve(f, "nomx.example:25")->dns;
    assert_int_equal(d->hosts[0].address_count, 1);
    assert_false(d->hosts[0].addresses[0].ipv6);
    assert_int_equal(d->hosts[0].aaaa.result, FACTS_DNS_NOT_ASKED);
    assert_string_equal(d->hosts[0].aaaa.why, "IPv6 is turned off");
    assert_int_equal(server_asked(f->server, "nomx.example", AAAA), 0);
}

static void zones_that_libunbound_keeps(void **state) {
    struct fixture *f = *state;
    begin(f, true);
    struct facts_dns *d = &resolve(f, "lab.test")->dns;
    assert_string_equal(d->hosts[0].addresses[0].text, "127.0.0.9");
    d = &resolve(f, "10.2.3.4")->dns;
    assert_string_equal(d->hosts[0].addresses[0].ptr, "private.example.net");
    d = &resolve(f, "127.0.0.1")->dns;
    assert_string_equal(d->hosts[0].addresses[0].ptr, "loop.example.net");
    assert_int_equal(d->hosts[0].addresses[0].ptr_confirmed, FACTS_YES);
}

/* --- without asking --- */

static void overrides(void **state) {
    struct fixture *f = *state;
    begin(f, true);
    assert_int_equal(dns_resolver_override(f->resolver, "Demo.example", "127.0.0.7", &f->e), WS_OK);
    assert_int_equal(dns_resolver_override(f->resolver, "demo.example", "::1", &f->e), WS_OK);
    assert_int_equal(dns_resolver_override(f->resolver, "demo.example", "x", &f->e), WS_SYNTAX);
    struct facts_dns *d = &resolve(f, "demo.example:2525")->dns;
    assert_int_equal(d->hosts[0].address_count, 2);
    assert_string_equal(d->hosts[0].addresses[0].text, "::1");
    assert_string_equal(d->hosts[0].addresses[1].text, "127.0.0.7");
    assert_int_equal(d->hosts[0].a.result, FACTS_DNS_OVERRIDE);
    assert_string_equal(d->hosts[0].addresses[1].ptr, "demo.example");
    assert_int_equal(d->hosts[0].addresses[1].ptr_confirmed, FACTS_YES);
    assert_int_equal(d->status, FACTS_DNSSEC_NOT_ASKED);
    assert_int_equal(server_questions(f->server), 0);
}

static void literals(void **state) {
    struct fixture *f = *state;
    begin(f, false);
    struct facts_dns *d = &resolve(f, "[2001:DB8::1]:25")->dns;
    assert_int_equal(d->host_count, 1);
    assert_string_equal(d->hosts[0].name, "2001:db8::1");
    assert_string_equal(d->hosts[0].addresses[0].text, "2001:db8::1");
    assert_true(d->hosts[0].addresses[0].ipv6);
    assert_int_equal(d->hosts[0].aaaa.result, FACTS_DNS_OVERRIDE);
    assert_int_equal(d->hosts[0].a.result, FACTS_DNS_NOT_ASKED);
    assert_int_equal(d->status, FACTS_DNSSEC_NOT_ASKED);
    d = &resolve(f, "localhost:25")->dns;
    assert_int_equal(d->hosts[0].address_count, 2);
    assert_int_equal(d->hosts[0].a.result, FACTS_DNS_OVERRIDE);
    assert_int_equal(server_questions(f->server), 0);
}

static void given_mx(void **state) {
    static const char *const mx[] = {"mxb.example.org:2525", "127.0.0.1", "127.0.0.1"};
    struct fixture *f = *state;
    begin(f, false);
    struct facts_target *t = ask_mx(f, "example.org", mx, 3);
    run(f);
    assert_int_equal(t->dns.mx.result, FACTS_DNS_OVERRIDE);
    assert_int_equal(t->dns.host_count, 2);
    assert_string_equal(t->dns.hosts[0].name, "mxb.example.org"); /* as given, not sorted */
    assert_string_equal(t->dns.hosts[0].addresses[0].text, "192.0.2.3");
    assert_string_equal(t->dns.hosts[1].addresses[0].text, "127.0.0.1");
    assert_int_equal(t->dns.hosts[0].preference, -1);
    assert_int_equal(t->port, 2525);
    assert_true(t->port_given);
    assert_int_equal(server_asked(f->server, "example.org", MX), 0);
}

static void bad_given_mx(void **state) {
    static const char *const cases[][2] = {
        {"a b", "a"}, {"a:1", "b:2"}, {"/dev/null", "a"}, {"", "a"}, {"a:0", "a"}};
    struct fixture *f = *state;
    const struct dns_target_defaults d = {.protocol = FACTS_PROTOCOL_SMTP};
    struct facts_target t;
    begin(f, false);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct base_error e = {0};
        assert_int_equal(dns_target_parse("example.org", &d, &f->arena, &t), WS_OK);
        assert_int_equal(
            dns_resolve_target(f->resolver, &t, cases[i], 2, &f->arena, on_done, f, &e), WS_USAGE);
        assert_non_null(strstr(e.message, "--mx"));
    }
    assert_int_equal(f->done, 0);
}

/* --- PTR --- */

static const struct facts_address *ptr_of(struct fixture *f, const char *address) {
    return &resolve(f, address)->dns.hosts[0].addresses[0];
}

static void reverse_names(void **state) {
    struct fixture *f = *state;
    begin(f, true);
    const struct facts_address *a = ptr_of(f, "192.0.2.1");
    assert_string_equal(a->ptr, "mxa.example.org");
    assert_int_equal(a->ptr_confirmed, FACTS_YES);
    assert_int_equal(a->ptr_answer.result, FACTS_DNS_DATA);
    a = ptr_of(f, "192.0.2.2");
    assert_string_equal(a->ptr, "liar.example.net");
    assert_int_equal(a->ptr_confirmed, FACTS_NO);
    a = ptr_of(f, "192.0.2.3"); /* one of three names is true */
    assert_string_equal(a->ptr, "yes.example.net");
    assert_int_equal(a->ptr_confirmed, FACTS_YES);
    a = ptr_of(f, "192.0.2.4");
    assert_string_equal(a->ptr, "");
    assert_int_equal(a->ptr_confirmed, FACTS_UNKNOWN);
    a = ptr_of(f, "192.0.2.8");
    assert_string_equal(a->ptr, "servfail.example");
    assert_int_equal(a->ptr_confirmed, FACTS_UNKNOWN);
    a = ptr_of(f, "192.0.2.99");
    assert_int_equal(a->ptr_answer.result, FACTS_DNS_NXDOMAIN);
    assert_int_equal(a->ptr_confirmed, FACTS_NO);
    a = ptr_of(f, "2001:db8::1");
    assert_string_equal(a->ptr, "six.example.net");
    assert_int_equal(a->ptr_confirmed, FACTS_YES);
    a = ptr_of(f, "fe80::1%1"); /* its scope has no place in the DNS */
    assert_int_equal(a->ptr_answer.result, FACTS_DNS_NOT_ASKED);
}

static void known_names_are_not_asked_again(void **state) {
    struct fixture *f = *state;
    begin(f, true);
    struct facts_dns *d = &resolve(f, "mxa.example.org:25")->dns;
    assert_string_equal(d->hosts[0].addresses[1].text, "192.0.2.1");
    assert_int_equal(d->hosts[0].addresses[1].ptr_confirmed, FACTS_YES);
    assert_true(server_asked(f->server, "mxa.example.org", A) <= 2); /* with and without DNSSEC */
}

/* --- DNSSEC through a forwarder --- */

static void forwarder_drops_dnssec(void **state) {
    struct fixture *f = *state;
    struct dns_config c = config_of(f);
    c.trust_anchor_file = f->anchor;
    begin_with(f, &c);
    struct facts_target *one = ask_mx(f, "example.org", NULL, 0);
    struct facts_target *two = ask_mx(f, "nomx.example", NULL, 0);
    run(f);
    assert_int_equal(one->dns.mx.result, FACTS_DNS_DATA);
    assert_int_equal(one->dns.host_count, 3);
    assert_int_equal(two->dns.mx.result, FACTS_DNS_NODATA);
    assert_int_equal(one->dns.mx.status, FACTS_DNSSEC_INDETERMINATE);
    assert_non_null(strstr(one->dns.mx.why, "the resolver 127.0.0.1@"));
    assert_non_null(strstr(one->dns.mx.why, "does not pass on DNSSEC records"));
    assert_non_null(strstr(one->dns.hosts[0].a.why, "does not pass on DNSSEC records"));
    assert_int_equal(one->dns.status, FACTS_DNSSEC_INDETERMINATE);
}

static const struct server_row forged[] = {
    {"", SERVER_SIGNED_KEY, "", 0},
    {".", SERVER_SIGNED_KEY, "", 0},
    {"example.org", SERVER_MX, "10 mx.example.org", 0},
    {NULL, SERVER_END, NULL, 0},
};

static void bogus_stays_bogus(void **state) {
    struct fixture *f = *state;
    server_stop(f->server);
    f->server = server_start(f->loop, forged);
    struct dns_config c = config_of(f);
    c.trust_anchor_file = f->anchor;
    begin_with(f, &c);
    struct facts_dns *d = &resolve(f, "example.org")->dns;
    assert_int_equal(d->mx.result, FACTS_DNS_BOGUS);
    assert_int_equal(d->mx.status, FACTS_DNSSEC_BOGUS);
    assert_int_equal(d->status, FACTS_DNSSEC_BOGUS);
    assert_true(d->mx.why[0] != '\0');
    assert_int_equal(d->host_count, 0);
}

static void write_file(const char *path, const char *text) {
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static void bad_configuration(void **state) {
    static const char *const bad_forwarder = "nonsense";
    struct fixture *f = *state;
    struct dns_config c = config_of(f);
    struct base_error e = {0};
    c.forwarders = &bad_forwarder;
    assert_int_equal(dns_resolver_new(&c, f->loop, NULL, &f->resolver, &e), WS_USAGE);
    assert_null(f->resolver);

    c = config_of(f);
    c.hosts_file = "/nonexistent/hosts";
    base_error_clear(&e);
    assert_int_equal(dns_resolver_new(&c, f->loop, NULL, &f->resolver, &e), WS_IO);

    c = config_of(f);
    c.trust_anchor_file = "/nonexistent/key";
    base_error_clear(&e);
    assert_int_equal(dns_resolver_new(&c, f->loop, NULL, &f->resolver, &e), WS_IO);
    assert_non_null(strstr(e.message, "/nonexistent/key"));

    static const char *const garbage[] = {"", "hello\n", ". IN DS 1 2 3 nonsense\n",
                                          ". IN DNSKEY 257 3 8 !!!!\n", "x DS\n"};
    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
        write_file(f->anchor, garbage[i]);
        c.trust_anchor_file = f->anchor;
        base_error_clear(&e);
        if (dns_resolver_new(&c, f->loop, NULL, &f->resolver, &e) != WS_SYNTAX)
            fail_msg("taken: %s", garbage[i]);
        assert_non_null(strstr(e.message, f->anchor));
    }
}

/* --- time and life --- */

static void late_answers(void **state) {
    struct fixture *f = *state;
    struct dns_config c = config_of(f);
    c.timeout = 2 * BASE_SECOND; /* what is asked afterwards must be answered within it */
    begin_with(f, &c);
    struct facts_dns *d = &resolve(f, "late.example")->dns;
    assert_int_equal(d->mx.result, FACTS_DNS_TIMEOUT);
    struct net_timer *end = net_timer_start(f->loop, 4 * BASE_SECOND, on_stop, f->loop);
    assert_int_equal(net_loop_run(f->loop, &f->e), WS_OK); /* the answer comes now */
    net_timer_stop(end);
    assert_int_equal(d->mx.result, FACTS_DNS_TIMEOUT);
    assert_int_equal(f->done, 1);
    assert_int_equal(resolve(f, "nomx.example")->dns.host_count, 1);
}

static void freed_while_asking(void **state) {
    struct fixture *f = *state;
    for (unsigned ms = 0; ms < 120; ms += 40) {
        begin(f, true);
        ask_mx(f, "silent.example", NULL, 0);
        ask_mx(f, "example.org", NULL, 0);
        struct net_timer *end = net_timer_start(f->loop, ms * BASE_MSEC, on_stop, f->loop);
        assert_int_equal(net_loop_run(f->loop, &f->e), WS_OK);
        net_timer_stop(end);
        dns_resolver_free(f->resolver);
        f->resolver = NULL;
        f->pending = 0;
    }
}

/* Several at once, beside a target; each fails or answers by itself. */
static void single_questions(void **state) {
    static const struct {
        const char *name;
        unsigned type;
        enum facts_dns_result result;
        size_t count;
    } cases[] = {
        {"servfail.example", DNS_TYPE_TLSA, FACTS_DNS_SERVFAIL, 0},
        {"_25._tcp.mxa.example.org", DNS_TYPE_TLSA, FACTS_DNS_NXDOMAIN, 0},
        {"mxa.example.org", DNS_TYPE_TXT, FACTS_DNS_NODATA, 0},
        {"mxa.example.org", DNS_TYPE_A, FACTS_DNS_DATA, 3},
        {"badmx.example", DNS_TYPE_MX, FACTS_DNS_SERVFAIL, 0},
        {"silent.example", DNS_TYPE_TLSA, FACTS_DNS_TIMEOUT, 0},
    };
    enum { COUNT = sizeof cases / sizeof cases[0] };
    struct dns_lookup out[COUNT];
    struct fixture *f = *state;
    struct dns_config c = config_of(f);
    c.timeout = 2 * BASE_SECOND;
    begin_with(f, &c);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(dns_resolve_name(f->resolver, cases[i].name, cases[i].type, &f->arena,
                                          &out[i], on_done, f, &f->e),
                         WS_OK);
        f->pending++;
    }
    struct facts_target *t = ask_mx(f, "example.org", NULL, 0);
    run(f);
    assert_int_equal(f->done, COUNT + 1);
    assert_true(t->dns.host_count > 0);
    for (size_t i = 0; i < COUNT; i++) {
        if (out[i].answer.result != cases[i].result || out[i].count != cases[i].count)
            fail_msg("%s: %d, %zu records", cases[i].name, out[i].answer.result, out[i].count);
        if (cases[i].count == 0 && cases[i].result == FACTS_DNS_TIMEOUT)
            assert_non_null(strstr(out[i].answer.why, "no answer within"));
    }
}

static void single_question_freed_while_asking(void **state) {
    struct dns_lookup out;
    struct fixture *f = *state;
    begin(f, false);
    assert_int_equal(dns_resolve_name(f->resolver, "silent.example", DNS_TYPE_TXT, &f->arena, &out,
                                      on_done, f, &f->e),
                     WS_OK);
    struct net_timer *end = net_timer_start(f->loop, 40 * BASE_MSEC, on_stop, f->loop);
    assert_int_equal(net_loop_run(f->loop, &f->e), WS_OK);
    net_timer_stop(end);
    assert_int_equal(f->done, 0);
}

static void free_in_done(void *arg) {
    struct fixture *f = arg;
    dns_resolver_free(f->resolver);
    f->resolver = NULL;
    net_loop_stop(f->loop);
}

static void freed_inside_done(void **state) {
    struct fixture *f = *state;
    const struct dns_target_defaults d = {.protocol = FACTS_PROTOCOL_SMTP};
    struct facts_target t;
    begin(f, false);
    ask_mx(f, "silent.example", NULL, 0);
    assert_int_equal(dns_target_parse("nomx.example", &d, &f->arena, &t), WS_OK);
    assert_int_equal(
        dns_resolve_target(f->resolver, &t, NULL, 0, &f->arena, free_in_done, f, &f->e), WS_OK);
    assert_int_equal(net_loop_run(f->loop, &f->e), WS_OK);
    assert_null(f->resolver);
    assert_int_equal(t.dns.host_count, 1);
}

static void many_targets(void **state) {
    struct facts_target *t[60];
    struct fixture *f = *state;
    begin(f, false);
    for (size_t i = 0; i < 60; i++)
        t[i] = ask_mx(f, i % 3 ? "example.org" : i % 2 ? "gone.example" : "[192.0.2.1]", NULL, 0);
    run(f);
    assert_int_equal(f->done, 60);
    for (size_t i = 0; i < 60; i++)
        assert_int_equal(t[i]->dns.host_count, i % 3 ? 3 : i % 2 ? 0 : 1);
}

static void nothing_asked_costs_nothing(void **state) {
    struct fixture *f = *state;
    struct dns_config c = {.ipv4 = true, .ipv6 = true, .ptr = true};
    clock_t start = clock();
    begin_with(f, &c);
    const struct facts_target *t = resolve(f, "127.0.0.1:25");
    assert_int_equal(t->dns.hosts[0].address_count, 1);
    assert_int_equal(t->dns.hosts[0].addresses[0].ptr_answer.result, FACTS_DNS_NOT_ASKED);
    assert_true(clock() - start < CLOCKS_PER_SEC / 5);
}

int main(void) {
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(several_mx),
        TEST(null_mx),
        TEST(no_mx),
        TEST(no_such_domain),
        TEST(host_without_addresses),
        TEST(failures),
        TEST(silence_is_not_a_no),
        TEST(truncated),
        TEST(dead_hosts),
        TEST(limits),
        TEST(mx_names_an_address),
        TEST(one_family),
        TEST(zones_that_libunbound_keeps),
        TEST(overrides),
        TEST(literals),
        TEST(given_mx),
        TEST(bad_given_mx),
        TEST(reverse_names),
        TEST(known_names_are_not_asked_again),
        TEST(forwarder_drops_dnssec),
        TEST(bogus_stays_bogus),
        TEST(bad_configuration),
        TEST(late_answers),
        TEST(freed_while_asking),
        TEST(freed_inside_done),
        TEST(single_questions),
        TEST(single_question_freed_while_asking),
        TEST(many_targets),
        TEST(nothing_asked_costs_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
