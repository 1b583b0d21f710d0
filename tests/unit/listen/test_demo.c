/* SPDX-License-Identifier: Apache-2.0 */
#include "listen/demo.h"
#include "pki/trust.h"
#include "tls/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define HOUSES 12

/* A client for one house: follows a fixed script up to TLS, remembers how far it came. */
struct caller {
    struct net_engine engine; /* first */
    struct street *street;
    const struct listen_house *house;
    struct tls_session *session;
    struct base_buf out;
    struct base_buf heard;
    base_usec deadline;
    enum { GREETING, EHLO, STARTTLS, HANDSHAKE, SECURE, ENDED } step;
    bool closed, timed_out, reset;
    const char *ended_in;
};

struct street {
    struct net_loop *loop;
    struct listen_demo *demo;
    struct tls_context *tls;
    struct caller callers[HOUSES];
    unsigned left;
};

static const char *const step_names[] = {"greeting", "ehlo", "starttls", "handshake", "secure"};

static struct caller *caller_of(struct net_engine *e) {
    return (struct caller *)(void *)e;
}

static void end(struct caller *c) {
    if (c->step == ENDED)
        return;
    c->ended_in = step_names[c->step];
    c->step = ENDED;
}

static void on_connected(struct net_engine *e, double ms, base_usec now) {
    struct caller *c = caller_of(e);
    (void)ms;
    bool silent = strcmp(c->house->name, "tarpit.demo.invalid") == 0;
    c->deadline = now + (silent ? 300 * BASE_MSEC : 300 * BASE_SECOND);
}

static void on_not_connected(struct net_engine *e, enum facts_connect_state state,
                             const char *error, double ms, base_usec now) {
    (void)e;
    (void)state;
    (void)ms;
    (void)now;
    fail_msg("not connected: %s", error);
}

/* True when a whole reply has come. */
static bool replied(struct caller *c) {
    const char *text = base_buf_cstr(&c->heard);
    const char *line = text;
    for (const char *next = strchr(line, '\n'); next; line = next + 1, next = strchr(line, '\n'))
        if (strlen(line) > 3 && line[3] == ' ')
            return true;
    return false;
}

static void start_tls(struct caller *c, base_usec now) {
    struct base_error e = {0};
    assert_int_equal(
        tls_session_new(c->street->tls, c->house->name, NULL, c->house->name, &c->session, &e),
        WS_OK);
    tls_session_start(c->session, now);
    c->step = HANDSHAKE;
}

static void follow(struct caller *c, base_usec now) {
    const char *text = base_buf_cstr(&c->heard);
    if (c->step == GREETING) {
        base_buf_append_str(&c->out, "EHLO client.test.example\r\n");
        c->step = EHLO;
    } else if (c->step == EHLO) {
        if (!strstr(text, "250-STARTTLS\r\n"))
            end(c);
        base_buf_append_str(&c->out, "STARTTLS\r\n");
        if (c->step == EHLO)
            c->step = STARTTLS;
    } else if (c->step == STARTTLS) {
        if (strncmp(text, "220", 3) == 0)
            start_tls(c, now);
        else
            end(c);
    }
}

static void on_received(struct net_engine *e, struct base_bytes in, base_usec now) {
    struct caller *c = caller_of(e);
    if (c->session) {
        tls_session_feed(c->session, in, now);
        if (tls_session_state(c->session) == TLS_UP) {
            c->step = SECURE;
            end(c);
        }
    } else {
        base_buf_append_bytes(&c->heard, in);
        if (replied(c)) {
            follow(c, now);
            base_buf_clear(&c->heard);
        }
    }
    if (c->session) {
        base_buf_append_bytes(&c->out, base_buf_view(tls_session_output(c->session)));
        base_buf_clear(tls_session_output(c->session));
    }
}

static void on_closed(struct net_engine *e, bool reset, base_usec now) {
    struct caller *c = caller_of(e);
    (void)now;
    c->closed = true;
    c->reset = reset;
    end(c);
}

static void on_tick(struct net_engine *e, base_usec now) {
    (void)now;
    caller_of(e)->timed_out = true;
    end(caller_of(e));
}

static struct base_buf *on_output(struct net_engine *e) {
    return &caller_of(e)->out;
}

static base_usec on_deadline(const struct net_engine *e) {
    return ((const struct caller *)(const void *)e)->deadline;
}

static bool on_done(const struct net_engine *e) {
    return ((const struct caller *)(const void *)e)->step == ENDED;
}

static const struct net_engine_ops ops = {
    .connected = on_connected,
    .not_connected = on_not_connected,
    .received = on_received,
    .closed = on_closed,
    .tick = on_tick,
    .output = on_output,
    .deadline = on_deadline,
    .done = on_done,
};

static void caller_ended(void *arg) {
    struct street *s = arg;
    if (--s->left == 0)
        net_loop_stop(s->loop);
}

static void call(struct street *s, struct caller *c, const struct listen_house *h) {
    struct base_error e = {0};
    *c = (struct caller){.engine.ops = &ops, .street = s, .house = h, .deadline = BASE_NEVER};
    base_buf_init(&c->out, 1 << 16);
    base_buf_init(&c->heard, 1 << 16);
    struct net_dial d = {
        .connect_timeout = 300 * BASE_SECOND, .engine = &c->engine, .done = caller_ended, .arg = s};
    assert_int_equal(net_address_parse("127.0.0.1", h->port, &d.remote), WS_OK);
    assert_int_equal(net_dial_start(s->loop, &d, &e), WS_OK);
    s->left++;
}

static void hang_up(struct caller *c) {
    if (c->session)
        tls_session_free(c->session);
    base_buf_release(&c->out);
    base_buf_release(&c->heard);
}

static void open_street(struct street *s) {
    struct base_error e = {0};
    struct tls_client_config client = {0};
    *s = (struct street){0};
    assert_int_equal(net_loop_new(&s->loop, &e), WS_OK);
    assert_int_equal(listen_demo_new(s->loop, NULL, &s->demo, &e), WS_OK);
    assert_int_equal(tls_client_context_new(&client, &s->tls, &e), WS_OK);
    assert_int_equal(listen_demo_count(s->demo), HOUSES);
}

static void close_street(struct street *s) {
    listen_demo_free(s->demo);
    net_loop_free(s->loop);
    tls_context_free(s->tls);
}

/* What each house must turn out to be. `code`: of the verification, 0 fine. */
static const struct expected {
    const char *name;
    const char *finding;
    const char *ended_in;
    const char *protocol;
    int code;
} expected[HOUSES] = {
    {"healthy.demo.invalid", NULL, "secure", "TLSv1.3", 0},
    {"tls12-only.demo.invalid", NULL, "secure", "TLSv1.2", 0},
    {"tls13-only.demo.invalid", NULL, "secure", "TLSv1.3", 0},
    {"expired.demo.invalid", "certificate-expired", "secure", "TLSv1.3", 10},
    {"wrong-name.demo.invalid", "certificate-name-mismatch", "secure", "TLSv1.3", 62},
    {"incomplete-chain.demo.invalid", "certificate-chain-incomplete", "secure", "TLSv1.3", 20},
    {"no-starttls.demo.invalid", "starttls-not-offered", "ehlo", NULL, 0},
    {"starttls-fails.demo.invalid", "starttls-refused", "starttls", NULL, 0},
    {"handshake-dies.demo.invalid", "handshake-failed", "handshake", NULL, 0},
    {"tarpit.demo.invalid", "greeting-timeout", "greeting", NULL, 0},
    {"early-plaintext.demo.invalid", "early-plaintext", "secure", "TLSv1.3", 0},
    {"masked.demo.invalid", "starttls-masked", "ehlo", NULL, 0},
};

static void check_session(const struct street *s, struct caller *c, const struct expected *x) {
    struct pki_names names = {.reference = c->house->name};
    struct facts_endpoint facts;
    struct base_arena arena;
    struct pki_trust *trust;
    struct base_error e = {0};
    facts_endpoint_init(&facts);
    base_arena_init(&arena, 1 << 20);
    assert_int_equal(pki_trust_new_pem(listen_demo_root_pem(s->demo), "demo", &trust, &e), WS_OK);
    tls_session_read_facts(c->session, &arena, &facts.session);
    assert_string_equal(facts.session.protocol, x->protocol);
    assert_int_equal(
        tls_session_judge_chain(c->session, trust, &names, (int64_t)time(NULL), &arena, &facts),
        WS_OK);
    assert_int_equal(facts.verification.first_code, x->code);
    assert_int_equal(facts.verification.ok, x->code == 0);
    pki_trust_free(trust);
    base_arena_release(&arena);
}

static void each_house_is_what_it_says(void **state) {
    struct street s;
    (void)state;
    open_street(&s);
    for (size_t i = 0; i < HOUSES; i++)
        call(&s, &s.callers[i], listen_demo_house(s.demo, i));
    struct base_error e = {0};
    assert_int_equal(net_loop_run(s.loop, &e), WS_OK);
    assert_int_equal(s.left, 0);
    for (size_t i = 0; i < HOUSES; i++) {
        const struct expected *x = &expected[i];
        struct caller *c = &s.callers[i];
        assert_string_equal(c->house->name, x->name);
        assert_int_equal(c->house->finding != NULL, x->finding != NULL);
        if (x->finding)
            assert_string_equal(c->house->finding, x->finding);
        assert_string_equal(c->ended_in, x->ended_in);
        assert_int_equal(c->timed_out, strcmp(x->ended_in, "greeting") == 0);
        if (x->protocol)
            check_session(&s, c, x);
        if (strcmp(x->ended_in, "handshake") == 0) {
            assert_true(c->closed);
            assert_false(c->reset); /* an orderly close */
        }
        hang_up(c);
    }
    close_street(&s);
}

static void the_street_opens_fast(void **state) {
    struct street s;
    clock_t begun = clock();
    (void)state;
    open_street(&s);
    double took = 1000.0 * (double)(clock() - begun) / CLOCKS_PER_SEC;
    /* 100 ms is the aim; under valgrind everything takes fifty times as long */
    assert_true(took < 5000);
    assert_non_null(listen_demo_house(s.demo, 0));
    assert_null(listen_demo_house(s.demo, HOUSES));
    for (size_t i = 0; i < HOUSES; i++) {
        const struct listen_house *h = listen_demo_house(s.demo, i);
        assert_in_range(h->port, 1024, 65535);
        assert_non_null(strstr(h->name, ".demo.invalid"));
        assert_true(strlen(h->what) > 0);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(h->name, listen_demo_house(s.demo, k)->name);
            assert_string_not_equal(h->what, listen_demo_house(s.demo, k)->what);
        }
    }
    print_message("# the street opened in %.1f ms of CPU time\n", took);
    close_street(&s);
    listen_demo_free(NULL);
}

/* The street closes while callers are inside, and a second one may open. */
static void closed_with_callers_inside(void **state) {
    struct base_error e = {0};
    (void)state;
    for (unsigned round = 0; round < 2; round++) {
        struct street s;
        open_street(&s);
        for (size_t i = 0; i < HOUSES; i++)
            call(&s, &s.callers[i], listen_demo_house(s.demo, i));
        struct net_timer *t = net_timer_start(s.loop, (round + 1) * BASE_MSEC,
                                              (void (*)(void *))net_loop_stop, s.loop);
        assert_non_null(t);
        assert_int_equal(net_loop_run(s.loop, &e), WS_OK);
        for (size_t i = 0; i < HOUSES; i++)
            hang_up(&s.callers[i]);
        close_street(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_street_opens_fast),
        cmocka_unit_test(each_house_is_what_it_says),
        cmocka_unit_test(closed_with_callers_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
