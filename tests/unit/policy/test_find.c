/* SPDX-License-Identifier: Apache-2.0 */
/* Policies looked up over a scripted name server and a web server on loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../dns/server.h"
#include "dns/packet.h"
#include "dns/wait.h"
#include "policy/find_private.h"
#include "web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAMES_MAX 64
#define RECORD "v=STSv1; id=20260101;"
#define RECORD_311                                                                                 \
    "\3\1\1"                                                                                       \
    "0123456789abcdef0123456789abcdef"

/* An anchor of an island: all names outside of it are known to be unsigned. */
#define ISLAND                                                                                     \
    "island.test. IN DS 20326 8 2 "                                                                \
    "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n"

static struct web web;

struct fixture {
    struct net_loop *loop;
    struct server *server;
    struct dns_resolver *resolver;
    struct policy_engine *engine;
    struct base_arena arena;
    struct base_error e;
    struct server_row rows[4 * NAMES_MAX];
    char texts[2 * NAMES_MAX][64];
    size_t row_count, text_count;
    const char *forwarder;
    unsigned done;
    unsigned wanted;
    char anchor[32];
};

static const char *name_of(struct fixture *f, const char *lead, const char *name) {
    char *text = f->texts[f->text_count++];
    snprintf(text, sizeof f->texts[0], "%s%s.example", lead, name);
    return text;
}

static void row(struct fixture *f, const char *name, enum server_row_kind kind, const char *text,
                unsigned number) {
    assert_true(f->row_count + 1 < sizeof f->rows / sizeof f->rows[0]);
    f->rows[f->row_count++] = (struct server_row){name, kind, text, number};
}

/* A domain with a record, and a web server. */
static void publish(struct fixture *f, const char *name) {
    row(f, name_of(f, "_mta-sts.", name), SERVER_TXT, RECORD, 0);
    row(f, name_of(f, "mta-sts.", name), SERVER_ADDRESS, "127.0.0.1", 0);
}

static void begin(struct fixture *f, const struct policy_config *c, bool island) {
    f->server = server_start(f->loop, f->rows);
    f->forwarder = server_address(f->server);
    const struct dns_config dns = {.forwarders = &f->forwarder,
                                   .forwarder_count = 1,
                                   .trust_anchor_file = island ? f->anchor : NULL,
                                   .ipv4 = true,
                                   .ptr = true,
                                   .timeout = 60 * BASE_SECOND}; /* the machine may be slow */
    if (dns_resolver_new(&dns, f->loop, NULL, &f->resolver, &f->e) != WS_OK)
        fail_msg("%s", f->e.message);
    assert_int_equal(policy_engine_new(c, f->loop, f->resolver, &f->engine, &f->e), WS_OK);
}

static struct policy_config trusting(void) {
    return (struct policy_config){.web = {.ca_file = web.roots, .timeout = 200 * BASE_SECOND},
                                  .web_port = web.port,
                                  .limit = 250 * BASE_SECOND};
}

static void on_done(void *arg) {
    struct fixture *f = arg;
    if (++f->done == f->wanted)
        net_loop_stop(f->loop);
}

static void on_stop(void *arg) {
    net_loop_stop(arg);
}

static void run_for(struct fixture *f, base_usec limit) {
    struct net_timer *end = net_timer_start(f->loop, limit, on_stop, f->loop);
    assert_int_equal(net_loop_run(f->loop, &f->e), WS_OK);
    net_timer_stop(end);
}

static void run(struct fixture *f) {
    run_for(f, 300 * BASE_SECOND);
    assert_int_equal(f->done, f->wanted);
    assert_false(f->arena.failed);
}

static struct policy_job *ask(struct fixture *f, const struct policy_wish *wish,
                              struct facts_policy *out) {
    struct policy_job *job = NULL;
    unsigned before = f->done;
    assert_int_equal(policy_find(f->engine, wish, &f->arena, out, on_done, f, &job, &f->e), WS_OK);
    assert_int_equal(f->done, before); /* never inside the call */
    f->wanted++;
    return job;
}

static struct facts_policy find_sts(struct fixture *f, const char *domain) {
    const struct policy_wish wish = {.domain = domain};
    struct facts_policy out;
    (void)ask(f, &wish, &out);
    run(f);
    return out;
}

static int set_up(void **state) {
    struct fixture *f = calloc(1, sizeof *f);
    base_arena_init(&f->arena, 4 << 20);
    assert_int_equal(net_loop_new(&f->loop, &f->e), WS_OK);
    strcpy(f->anchor, "/tmp/wsXXXXXX");
    int fd = mkstemp(f->anchor);
    assert_int_equal(write(fd, ISLAND, strlen(ISLAND)), strlen(ISLAND));
    close(fd);
    *state = f;
    return 0;
}

static void end(struct fixture *f) {
    policy_engine_free(f->engine);
    dns_resolver_free(f->resolver);
    if (f->server)
        server_stop(f->server);
    f->engine = NULL;
    f->resolver = NULL;
    f->server = NULL;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    end(f);
    net_loop_free(f->loop);
    base_arena_release(&f->arena);
    unlink(f->anchor);
    free(f);
    return 0;
}

/* --- MTA-STS --- */

static void a_policy(void **state) {
    struct fixture *f = *state;
    struct policy_config c = trusting();
    publish(f, "good");
    begin(f, &c, false);
    struct facts_policy p = find_sts(f, "good.example");
    if (p.sts.state != FACTS_STS_FOUND)
        fail_msg("%d: %s", p.sts.state, p.sts.why);
    assert_string_equal(p.sts.why, "");
    assert_string_equal(p.sts.domain, "good.example");
    assert_string_equal(p.sts.id, "20260101");
    assert_string_equal(p.sts.url, "https://mta-sts.good.example/.well-known/mta-sts.txt");
    assert_int_equal(p.sts.mode, FACTS_STS_MODE_ENFORCE);
    assert_int_equal(p.sts.mx_count, 1);
    assert_string_equal(p.sts.mx[0], "*.example");
    assert_int_equal(p.sts.max_age, 86400);
    assert_true(p.sts.ms > 0);
    assert_int_equal(p.sts.txt.result, FACTS_DNS_DATA);
    assert_int_equal(p.tlsa_count, 0);
    /* nobody asks who the web server's address belongs to */
    assert_int_equal(server_asked(f->server, "1.0.0.127.in-addr.arpa", DNS_TYPE_PTR), 0);
}

static void records(void **state) {
    static const struct {
        const char *domain;
        enum facts_sts_state state;
        const char *why;
    } cases[] = {
        {"none.example", FACTS_STS_NONE, "there is no record _mta-sts.none.example"},
        {"other.example", FACTS_STS_NONE, "there is no record"},
        {"two.example", FACTS_STS_BROKEN, "there are 2 records"},
        {"noid.example", FACTS_STS_BROKEN, "no id"},
        {"fails.example", FACTS_STS_UNKNOWN, "SERVFAIL"},
        {"nowhere.example", FACTS_STS_UNKNOWN, "mta-sts.nowhere.example has no address"},
    };
    enum { COUNT = sizeof cases / sizeof cases[0] };
    struct fixture *f = *state;
    struct policy_config c = trusting();
    struct facts_policy out[COUNT];
    row(f, "_mta-sts.other.example", SERVER_TXT, "hello", 0);
    row(f, "_mta-sts.two.example", SERVER_TXT, RECORD, 0);
    row(f, "_mta-sts.two.example", SERVER_TXT, RECORD, 0);
    row(f, "_mta-sts.noid.example", SERVER_TXT, "v=STSv1;", 0);
    row(f, "_mta-sts.fails.example", SERVER_CODE, "", 2);
    row(f, "_mta-sts.nowhere.example", SERVER_TXT, RECORD, 0);
    begin(f, &c, false);
    for (size_t i = 0; i < COUNT; i++)
        (void)ask(f, &(struct policy_wish){.domain = cases[i].domain}, &out[i]);
    run(f);
    for (size_t i = 0; i < COUNT; i++)
        if (out[i].sts.state != cases[i].state || !strstr(out[i].sts.why, cases[i].why))
            fail_msg("%s: %d %s", cases[i].domain, out[i].sts.state, out[i].sts.why);
}

/* What web servers do, all at once; each comes to its own end. */
static void hostile_web_servers(void **state) {
    static const struct {
        const char *name;
        enum facts_sts_state state;
        const char *why;
    } cases[] = {
        {"huge", FACTS_STS_UNKNOWN, "longer than 64 KiB"},
        {"large", FACTS_STS_UNKNOWN, "longer than 64 KiB"},
        {"headers", FACTS_STS_UNKNOWN, "the header of the answer does not end"},
        {"hundred", FACTS_STS_UNKNOWN, "the header of the answer does not end"},
        {"long-header", FACTS_STS_UNKNOWN, "could not be fetched"},
        {"garbage", FACTS_STS_UNKNOWN, "could not be fetched"},
        {"moved", FACTS_STS_BROKEN, "leads elsewhere (HTTP 302)"},
        {"missing", FACTS_STS_BROKEN, "HTTP 404"},
        {"busy", FACTS_STS_UNKNOWN, "HTTP 503"},
        {"html", FACTS_STS_BROKEN, "not of type text/plain"},
        {"cut", FACTS_STS_UNKNOWN, "could not be fetched"},
        {"empty", FACTS_STS_UNKNOWN, "could not be fetched"},
        {"stranger", FACTS_STS_UNKNOWN, "could not be fetched"}, /* not in the certificate */
        {"good", FACTS_STS_FOUND, ""},
    };
    enum { COUNT = sizeof cases / sizeof cases[0] };
    struct fixture *f = *state;
    struct policy_config c = trusting();
    struct facts_policy out[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        publish(f, cases[i].name);
    begin(f, &c, false);
    for (size_t i = 0; i < COUNT; i++)
        (void)ask(f, &(struct policy_wish){.domain = name_of(f, "", cases[i].name)}, &out[i]);
    run(f);
    for (size_t i = 0; i < COUNT; i++)
        if (out[i].sts.state != cases[i].state || !strstr(out[i].sts.why, cases[i].why))
            fail_msg("%s: %d %s", cases[i].name, out[i].sts.state, out[i].sts.why);
}

/* A byte now and then keeps nothing alive. */
static void slow_web_servers(void **state) {
    static const char *const slow[] = {"drip", "silent"};
    struct fixture *f = *state;
    struct policy_config c = trusting();
    c.web.timeout = 500 * BASE_MSEC;
    for (size_t i = 0; i < 2; i++)
        publish(f, slow[i]);
    begin(f, &c, false);
    for (size_t i = 0; i < 2; i++) {
        struct facts_policy p = find_sts(f, name_of(f, "", slow[i]));
        assert_int_equal(p.sts.state, FACTS_STS_UNKNOWN);
        assert_non_null(strstr(p.sts.why, "imed out"));
    }
}

/* The certificate is judged by the roots that are given, and by no others. */
static void not_trusted(void **state) {
    struct fixture *f = *state;
    struct policy_config c = trusting();
    c.web.ca_file = NULL;
    publish(f, "good");
    begin(f, &c, false);
    struct facts_policy p = find_sts(f, "good.example");
    assert_int_equal(p.sts.state, FACTS_STS_UNKNOWN);
    assert_non_null(strstr(p.sts.why, "could not be fetched"));
}

static void on_fetched(void *arg, const struct policy_fetched *got) {
    struct fixture *f = arg;
    snprintf(f->texts[0], sizeof f->texts[0], "%.60s", got->why);
    net_loop_stop(f->loop);
}

/* libcurl goes where our resolver found the host; without an address it goes nowhere. */
static void no_other_address(void **state) {
    struct fixture *f = *state;
    const struct policy_web_config c = {.max = 65536, .ca_file = web.roots};
    const struct policy_fetch want = {.host = "localhost", .path = "/", .port = web.port};
    struct policy_web *w;
    assert_int_equal(policy_web_new(f->loop, &c, &w, &f->e), WS_OK);
    assert_non_null(policy_fetch_start(w, &want, on_fetched, f));
    run_for(f, 300 * BASE_SECOND);
    assert_non_null(strstr(f->texts[0], "RESOLVE")); /* and not: its certificate has another name */
    policy_web_free(w);
}

static void many_at_once(void **state) {
    struct fixture *f = *state;
    struct policy_config c = trusting();
    struct facts_policy out[WEB_MANY];
    struct facts_host known = {.name = "mx.example"};
    const struct policy_host hosts[] = {{"mx.example", &known}, {"[192.0.2.1]", NULL}};
    known.a = known.aaaa = (struct facts_dns_answer){.why = "", .canonical = ""};
    known.a.result = FACTS_DNS_DATA;
    known.a.status = FACTS_DNSSEC_SECURE;
    c.web.at_once = 3;
    for (unsigned i = 0; i < WEB_MANY; i++) {
        char name[32];
        snprintf(name, sizeof name, "many%u", i);
        publish(f, name);
    }
    begin(f, &c, false);
    for (unsigned i = 0; i < WEB_MANY; i++) {
        const struct policy_wish wish = {.domain = f->rows[2 * i].name + strlen("_mta-sts."),
                                         .hosts = hosts,
                                         .host_count = 2,
                                         .port = 25};
        (void)ask(f, &wish, &out[i]);
    }
    run(f);
    for (unsigned i = 0; i < WEB_MANY; i++) {
        if (out[i].sts.state != FACTS_STS_FOUND)
            fail_msg("%u: %d %s", i, out[i].sts.state, out[i].sts.why);
        assert_int_equal(out[i].tlsa_count, 2);
        assert_int_equal(out[i].tlsa[1].state, FACTS_TLSA_NONE);
    }
}

/* --- time and life --- */

static void the_limit(void **state) {
    struct fixture *f = *state;
    struct policy_config c = trusting();
    const struct policy_host host = {.name = "silent.example"};
    const struct policy_wish wish = {
        .domain = "drip.example", .hosts = &host, .host_count = 1, .port = 25};
    struct facts_policy out;
    c.limit = 400 * BASE_MSEC;
    publish(f, "drip");
    row(f, "silent.example", SERVER_SILENT, "", 0);
    begin(f, &c, false);
    (void)ask(f, &wish, &out);
    run(f);
    assert_int_equal(out.sts.state, FACTS_STS_UNKNOWN);
    assert_string_equal(out.sts.why, "it could not be found out within 0.4 s");
    assert_int_equal(out.tlsa[0].state, FACTS_TLSA_UNKNOWN);
    assert_string_equal(out.tlsa[0].why, "it could not be found out within 0.4 s");
    run_for(f, 100 * BASE_MSEC);
    assert_int_equal(f->done, 1);
}

/* At any moment: before the first question, while it is asked, while the file comes. */
static void cancelled(void **state) {
    struct fixture *f = *state;
    struct policy_config c = trusting();
    const struct policy_host host = {.name = "silent.example"};
    const char *const domains[] = {"drip.example", "good.example", "silent.example"};
    publish(f, "drip");
    publish(f, "good");
    publish(f, "silent");
    row(f, "silent.example", SERVER_SILENT, "", 0);
    begin(f, &c, false);
    for (unsigned ms = 0; ms < 200; ms += ms < 20 ? 2 : 45) {
        struct policy_job *jobs[3];
        struct base_arena arena;
        struct facts_policy out[3];
        base_arena_init(&arena, 1 << 20);
        f->done = 0;
        f->wanted = 100;
        for (size_t i = 0; i < 3; i++) {
            const struct policy_wish wish = {
                .domain = domains[i], .hosts = &host, .host_count = 1, .port = 25};
            assert_int_equal(
                policy_find(f->engine, &wish, &arena, &out[i], on_done, f, &jobs[i], &f->e), WS_OK);
        }
        run_for(f, ms * BASE_MSEC);
        assert_int_equal(f->done, 0); /* the host is silent */
        for (size_t i = 0; i < 3; i++)
            policy_cancel(jobs[i]);
        base_arena_release(&arena); /* nothing is written any more */
        run_for(f, 20 * BASE_MSEC);
        assert_int_equal(f->done, 0);
    }
    f->done = f->wanted = 0; /* and the engine is as good as before */
    assert_int_equal(find_sts(f, "good.example").sts.state, FACTS_STS_FOUND);
}

static void freed_under_way(void **state) {
    struct fixture *f = *state;
    struct policy_config c = trusting();
    struct facts_policy out[3];
    publish(f, "drip");
    publish(f, "good");
    for (unsigned ms = 0; ms < 160; ms += 40) {
        begin(f, &c, false);
        (void)ask(f, &(struct policy_wish){.domain = "drip.example"}, &out[0]);
        (void)ask(f, &(struct policy_wish){.domain = "drip.example"}, &out[1]);
        run_for(f, ms * BASE_MSEC);
        end(f);
        assert_int_equal(f->done, 0);
    }
}

static void free_all(void *arg) {
    struct fixture *f = arg;
    policy_engine_free(f->engine);
    dns_resolver_free(f->resolver);
    f->engine = NULL;
    f->resolver = NULL;
    net_loop_stop(f->loop);
}

static void freed_inside_done(void **state) {
    static const char *const domains[] = {"good.example", "none.example"};
    struct fixture *f = *state;
    struct policy_config c = trusting();
    struct policy_job *job;
    struct facts_policy out, other;
    publish(f, "good");
    publish(f, "drip");
    for (size_t i = 0; i < 2; i++) {
        begin(f, &c, false);
        (void)ask(f, &(struct policy_wish){.domain = "drip.example"}, &other);
        assert_int_equal(policy_find(f->engine, &(struct policy_wish){.domain = domains[i]},
                                     &f->arena, &out, free_all, f, &job, &f->e),
                         WS_OK);
        run_for(f, 300 * BASE_SECOND);
        assert_null(f->engine);
        assert_int_equal(out.sts.state, i == 0 ? FACTS_STS_FOUND : FACTS_STS_NONE);
        end(f);
    }
}

/* No memory is no policy: it could not be told. */
static void a_small_arena(void **state) {
    struct fixture *f = *state;
    struct policy_config c = trusting();
    publish(f, "good");
    begin(f, &c, false);
    for (size_t limit = 0; limit < 3000; limit += 100) {
        struct base_arena arena;
        struct facts_policy out;
        struct policy_job *job;
        base_arena_init(&arena, limit);
        f->done = 0;
        f->wanted = 1;
        assert_int_equal(policy_find(f->engine, &(struct policy_wish){.domain = "good.example"},
                                     &arena, &out, on_done, f, &job, &f->e),
                         WS_OK);
        run_for(f, 300 * BASE_SECOND);
        assert_int_equal(f->done, 1);
        assert_int_equal(out.sts.state, arena.failed ? FACTS_STS_UNKNOWN : FACTS_STS_FOUND);
        base_arena_release(&arena);
    }
}

/* --- TLSA --- */

static struct facts_tlsa find_tlsa(struct fixture *f, const struct policy_host *host) {
    const struct policy_wish wish = {.hosts = host, .host_count = 1, .port = 25};
    struct facts_policy out;
    (void)ask(f, &wish, &out);
    run(f);
    assert_int_equal(out.sts.state, FACTS_STS_NOT_ASKED);
    assert_int_equal(out.tlsa_count, 1);
    return out.tlsa[0];
}

/* Nothing is proven here (see the tests with a real name server for what is), and that is told. */
static void unsigned_zones(void **state) {
    struct fixture *f = *state;
    struct policy_config c = trusting();
    row(f, "mx.example", SERVER_ADDRESS, "127.0.0.1", 0);
    row(f, "alias.example", SERVER_CNAME, "mx.example", 0);
    row(f, "_25._tcp.mx.example", SERVER_TLSA, RECORD_311, 35);
    row(f, "dead.example", SERVER_CODE, "", 2);
    begin(f, &c, true);
    struct facts_tlsa t = find_tlsa(f, &(struct policy_host){.name = "mx.example"});
    assert_int_equal(t.state, FACTS_TLSA_INSECURE);
    assert_string_equal(t.why, "the zone of mx.example is not signed with DNSSEC");
    assert_int_equal(t.addresses, FACTS_DNSSEC_INSECURE);
    assert_int_equal(server_asked(f->server, "_25._tcp.mx.example", DNS_TYPE_TLSA), 0);
    t = find_tlsa(f, &(struct policy_host){.name = "alias.example"});
    assert_int_equal(t.state, FACTS_TLSA_INSECURE);
    assert_string_equal(t.base, "alias.example");
    t = find_tlsa(f, &(struct policy_host){.name = "dead.example"});
    assert_int_equal(t.state, FACTS_TLSA_UNKNOWN);
    assert_non_null(strstr(t.why, "the addresses of dead.example could not be looked up"));
    t = find_tlsa(f, &(struct policy_host){.name = "192.0.2.1"});
    assert_int_equal(t.state, FACTS_TLSA_NONE);
    assert_non_null(strstr(t.why, "is no host name"));
}

/* What is known of the host is not asked again; the name behind its aliases comes first. */
static void known_hosts(void **state) {
    struct fixture *f = *state;
    struct policy_config c = trusting();
    struct facts_host known = {.name = "alias.example"};
    row(f, "_25._tcp.mx.example", SERVER_TLSA, RECORD_311, 35);
    row(f, "_25._tcp.alias.example", SERVER_TLSA, RECORD_311, 35);
    known.a = known.aaaa = (struct facts_dns_answer){.why = "", .canonical = ""};
    known.a = (struct facts_dns_answer){.result = FACTS_DNS_DATA,
                                        .status = FACTS_DNSSEC_SECURE,
                                        .why = "",
                                        .canonical = "mx.example"};
    begin(f, &c, true);
    struct facts_tlsa t = find_tlsa(f, &(struct policy_host){"alias.example", &known});
    assert_int_equal(t.addresses, FACTS_DNSSEC_SECURE);
    assert_int_equal(t.state, FACTS_TLSA_INSECURE);
    assert_string_equal(t.base, "alias.example");
    assert_string_equal(t.name, "_25._tcp.alias.example");
    assert_int_equal(server_asked(f->server, "_25._tcp.mx.example", DNS_TYPE_TLSA), 1);
    assert_int_equal(server_asked(f->server, "alias.example", DNS_TYPE_A), 0);
    assert_int_equal(t.count, 0); /* what is not proven is no record */
}

/* Without any anchor nothing can be told, not even that a zone is unsigned. */
static void not_validated(void **state) {
    struct fixture *f = *state;
    struct policy_config c = trusting();
    row(f, "mx.example", SERVER_ADDRESS, "127.0.0.1", 0);
    row(f, "_25._tcp.mx.example", SERVER_TLSA, RECORD_311, 35);
    begin(f, &c, false);
    struct facts_tlsa t = find_tlsa(f, &(struct policy_host){.name = "mx.example"});
    assert_int_equal(t.state, FACTS_TLSA_UNKNOWN);
    assert_non_null(strstr(t.why, "DNSSEC could not be checked"));
}

/* --- for those without a loop --- */

static void waited_for(void **state) {
    struct fixture *f = *state;
    struct policy_config c = trusting();
    struct dns_wait wait = {.loop = f->loop};
    struct facts_policy out;
    struct policy_job *job;
    publish(f, "good");
    publish(f, "drip");
    begin(f, &c, false);
    wait.resolver = f->resolver;
    assert_int_equal(policy_find(f->engine, &(struct policy_wish){.domain = "good.example"},
                                 &f->arena, &out, dns_wait_over, &wait, &job, &f->e),
                     WS_OK);
    assert_true(dns_wait_run(&wait, BASE_NEVER, &f->e));
    assert_int_equal(out.sts.state, FACTS_STS_FOUND);
    assert_int_equal(policy_find(f->engine, &(struct policy_wish){.domain = "drip.example"},
                                 &f->arena, &out, dns_wait_over, &wait, &job, &f->e),
                     WS_OK);
    assert_false(dns_wait_run(&wait, 100 * BASE_MSEC, &f->e));
    assert_true(wait.late);
    policy_cancel(job);
}

static int start(void **state) {
    (void)state;
    web_start(&web);
    return 0;
}

static int stop(void **state) {
    (void)state;
    web_stop(&web);
    return 0;
}

int main(void) {
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_policy),         TEST(records),           TEST(hostile_web_servers),
        TEST(slow_web_servers), TEST(not_trusted),       TEST(no_other_address),
        TEST(many_at_once),     TEST(the_limit),         TEST(cancelled),
        TEST(freed_under_way),  TEST(freed_inside_done), TEST(a_small_arena),
        TEST(unsigned_zones),   TEST(known_hosts),       TEST(not_validated),
        TEST(waited_for),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
