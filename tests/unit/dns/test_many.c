/* SPDX-License-Identifier: Apache-2.0 */
/* Many jobs of one resolver: how many at once, dropped ones, what is forgotten, waiting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dns/packet.h"
#include "dns/target.h"
#include "dns/wait.h"
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
    {"example.org", SERVER_MX, "10 mxa.example.org", 0},
    {"mxa.example.org", SERVER_ADDRESS, "192.0.2.1", 0},
    {"mxa.example.org", SERVER_ADDRESS, "2001:db8::1", 0},
    {"mxb.example.org", SERVER_ADDRESS, "192.0.2.3", 0},
    {"mxb.example.org", SERVER_DELAY, "", 80},
    {"mx2.example.org", SERVER_CNAME, "real.example.net", 0},
    {"real.example.net", SERVER_ADDRESS, "192.0.2.4", 0},
    {"nomx.example", SERVER_ADDRESS, "192.0.2.5", 0},
    {"silent.example", SERVER_SILENT, "", 0},
    {NULL, SERVER_END, NULL, 0},
};

static const struct server_row forged[] = {
    {"", SERVER_SIGNED_KEY, "", 0},
    {".", SERVER_SIGNED_KEY, "", 0},
    {"example.org", SERVER_MX, "10 mx.example.org", 0},
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

static struct facts_target *ask(struct fixture *f, const char *input) {
    const struct dns_target_defaults d = {.protocol = FACTS_PROTOCOL_SMTP};
    struct facts_target *t = base_arena_alloc(&f->arena, sizeof *t);
    assert_int_equal(dns_target_parse(input, &d, &f->arena, t), WS_OK);
    assert_int_equal(dns_resolve_target(f->resolver, t, NULL, 0, &f->arena, on_done, f, &f->e),
                     WS_OK);
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
    struct facts_target *t = ask(f, input);
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

static base_usec handed_now;

static base_usec handed_clock(void) {
    return handed_now;
}

static enum facts_dns_result mx_result(struct fixture *f) {
    return resolve(f, "example.org")->dns.mx.result;
}

/* Whoever mends a forwarder, or breaks it, is noticed without a new start. */
static void what_is_learned_expires(void **state) {
    struct fixture *f = *state;
    struct dns_config c = config_of(f);
    c.trust_anchor_file = f->anchor;
    c.memory = 600 * BASE_SECOND;
    c.now = handed_clock;
    handed_now = 1000 * BASE_SECOND;
    begin_with(f, &c);
    assert_int_equal(mx_result(f), FACTS_DNS_DATA); /* it drops the signatures */
    server_change(f->server, forged);               /* now it passes them on */
    handed_now += 599 * BASE_SECOND;
    assert_int_equal(mx_result(f), FACTS_DNS_DATA); /* which nobody knows yet */
    handed_now += 2 * BASE_SECOND;
    assert_int_equal(mx_result(f), FACTS_DNS_BOGUS); /* the forged ones prove nothing */
    unsigned probes = server_asked(f->server, ".", DNS_TYPE_DNSKEY);
    assert_int_equal(mx_result(f), FACTS_DNS_BOGUS);
    assert_int_equal(server_asked(f->server, ".", DNS_TYPE_DNSKEY), probes);
    server_change(f->server, zone); /* and drops them again */
    handed_now += 599 * BASE_SECOND;
    assert_int_equal(mx_result(f), FACTS_DNS_BOGUS);
    handed_now += 2 * BASE_SECOND;
    const struct facts_dns *d = &resolve(f, "example.org")->dns;
    assert_int_equal(d->mx.result, FACTS_DNS_DATA);
    assert_int_equal(d->mx.status, FACTS_DNSSEC_INDETERMINATE);
    assert_non_null(strstr(d->mx.why, "does not pass on DNSSEC records"));
}

static void on_late_done(void *arg) {
    unsigned *count = arg;
    (*count)++;
}

/* One is dropped, its memory too; the others come to their end, and its place is free. */
static void cancelled(void **state) {
    struct fixture *f = *state;
    struct dns_config c = config_of(f);
    struct base_arena arena;
    struct dns_lookup out[2];
    struct facts_host host;
    const struct dns_target_defaults d = {.protocol = FACTS_PROTOCOL_SMTP};
    struct facts_target t;
    unsigned late = 0;
    c.at_once = 2;
    c.timeout = 60 * BASE_SECOND;
    begin_with(f, &c);
    for (unsigned ms = 0; ms < 60; ms += 20) {
        base_arena_init(&arena, 1 << 20);
        for (size_t i = 0; i < 2; i++)
            assert_int_equal(dns_resolve_name(f->resolver, "silent.example", DNS_TYPE_TXT, &arena,
                                              &out[i], on_late_done, &late, &f->e),
                             WS_OK);
        assert_int_equal(dns_resolve_host(f->resolver, "silent.example", &arena, &host,
                                          on_late_done, &late, &f->e),
                         WS_OK);
        assert_int_equal(dns_target_parse("silent.example", &d, &arena, &t), WS_OK);
        assert_int_equal(
            dns_resolve_target(f->resolver, &t, NULL, 0, &arena, on_late_done, &late, &f->e),
            WS_OK);
        const struct facts_target *other = ask(f, "nomx.example");
        struct net_timer *end = net_timer_start(f->loop, ms * BASE_MSEC, on_stop, f->loop);
        assert_int_equal(net_loop_run(f->loop, &f->e), WS_OK);
        net_timer_stop(end);
        dns_resolve_cancel(f->resolver, &late);
        dns_resolve_cancel(f->resolver, &late); /* nothing is left */
        base_arena_release(&arena);
        run(f);
        assert_int_equal(other->dns.host_count, 1);
        assert_int_equal(late, 0);
    }
}

/* Two at a time: six late answers take three times as long as one. */
static void so_many_at_once(void **state) {
    struct fixture *f = *state;
    struct dns_config c = config_of(f);
    struct dns_lookup out[6];
    c.at_once = 2;
    begin_with(f, &c);
    base_usec start = base_clock_now();
    for (size_t i = 0; i < 6; i++) { /* of six types, so that none answers another */
        static const unsigned types[] = {A, AAAA, MX, PTR, DNS_TYPE_TXT, DNS_TYPE_TLSA};
        assert_int_equal(dns_resolve_name(f->resolver, "mxb.example.org", types[i], &f->arena,
                                          &out[i], on_done, f, &f->e),
                         WS_OK);
        f->pending++;
    }
    run(f);
    assert_true(base_clock_now() - start >= 3 * 79 * BASE_MSEC);
}

/* A host's addresses by themselves: no PTR, those of --hosts count. */
static void one_host(void **state) {
    static const char *const names[] = {"mxa.example.org", "mx2.example.org", "demo.example",
                                        "gone.example", "silent.example"};
    struct facts_host out[5];
    struct fixture *f = *state;
    struct dns_config c = config_of(f);
    c.ptr = true;
    c.timeout = 2 * BASE_SECOND;
    begin_with(f, &c);
    assert_int_equal(dns_resolver_override(f->resolver, "demo.example", "127.0.0.7", &f->e), WS_OK);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(
            dns_resolve_host(f->resolver, names[i], &f->arena, &out[i], on_done, f, &f->e), WS_OK);
        f->pending++;
    }
    run(f);
    assert_string_equal(out[0].name, "mxa.example.org");
    assert_int_equal(out[0].address_count, 2);
    assert_string_equal(out[1].a.canonical, "real.example.net");
    assert_string_equal(out[2].addresses[0].text, "127.0.0.7");
    assert_int_equal(out[2].a.result, FACTS_DNS_OVERRIDE);
    assert_int_equal(out[3].a.result, FACTS_DNS_NXDOMAIN);
    assert_int_equal(out[3].address_count, 0);
    assert_int_equal(out[4].a.result, FACTS_DNS_TIMEOUT);
    assert_int_equal(server_asked(f->server, "1.2.0.192.in-addr.arpa", PTR), 0);
}

/* The wait has its own loop, so the server must not stand on the test's: nobody answers. */
static void waits_no_longer_than_the_limit(void **state) {
    struct fixture *f = *state;
    struct dns_config c = config_of(f);
    const struct dns_target_defaults d = {.protocol = FACTS_PROTOCOL_SMTP};
    struct facts_target t;
    struct dns_lookup found;
    struct dns_wait wait;
    c.timeout = 60 * BASE_SECOND;
    assert_int_equal(dns_wait_open(&wait, &c, NULL, &f->e), WS_OK);
    assert_true(wait.limit >= c.timeout);
    wait.limit = 100 * BASE_MSEC;
    assert_int_equal(dns_target_parse("example.org", &d, &f->arena, &t), WS_OK);
    dns_wait_target(&wait, &t, &f->arena);
    assert_int_equal(t.dns.mx.result, FACTS_DNS_TIMEOUT);
    assert_string_equal(t.dns.mx.why, "no answer within 0.1 s");
    dns_wait_name(&wait, "example.org", MX, &f->arena, &found);
    assert_int_equal(found.answer.result, FACTS_DNS_TIMEOUT);
    assert_int_equal(found.answer.status, FACTS_DNSSEC_INDETERMINATE);
    assert_int_equal(dns_target_parse("localhost:25", &d, &f->arena, &t), WS_OK);
    dns_wait_target(&wait, &t, &f->arena); /* known without asking */
    assert_int_equal(t.dns.hosts[0].address_count, 2);
    dns_wait_close(&wait);
    dns_wait_close(&wait);
}

int main(void) {
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_is_learned_expires),
        TEST(cancelled),
        TEST(so_many_at_once),
        TEST(one_host),
        TEST(waits_no_longer_than_the_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
