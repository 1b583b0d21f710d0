/* SPDX-License-Identifier: Apache-2.0 */
/* The engine beside the servers it looks at, all on one loop. */
#include "check/standard.h"
#include "listen/sink.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { TARGETS = 24 };

/* A server of one manner on a port of its own. */
struct house {
    struct listen_sink_config sink;
    struct net_listener *listener;
    unsigned now, most; /* connections */
};

struct stage {
    struct net_loop *loop;
    struct net_timer *guard;
    struct house plain, silent;
    struct check_options options;
    struct check_standard standard;
    struct check *check;
    struct facts_target targets[TARGETS];
    struct base_arena arenas[TARGETS];
    char texts[TARGETS][64];
    size_t added, wanted;
    size_t order[TARGETS]; /* of completion */
    size_t done, known;
    void (*on_done)(struct stage *s, size_t which);
    bool overrun;
};

static struct net_engine *let_in(void *arg, const char *peer) {
    struct house *h = arg;
    struct listen_sink *sink = NULL;
    assert_int_equal(listen_sink_new(&h->sink, peer, &sink), WS_OK);
    h->now++;
    h->most = h->now > h->most ? h->now : h->most;
    return listen_sink_engine(sink);
}

static void let_out(void *arg, struct net_engine *e) {
    struct house *h = arg;
    h->now--;
    listen_sink_free(listen_sink_of(e));
}

static void open_house(struct stage *s, struct house *h, enum listen_fault fault) {
    struct base_error e = {0};
    struct net_listen c = {.max_connections = 100, .accept = let_in, .release = let_out, .arg = h};
    *h = (struct house){
        .sink = {.name = "mx.test", .fault = fault, .idle_timeout = 60 * BASE_SECOND}};
    assert_int_equal(net_address_parse("127.0.0.1", 0, &c.local), WS_OK);
    assert_int_equal(net_listener_new(s->loop, &c, &h->listener, &e), WS_OK);
}

static void overrun(void *arg) {
    struct stage *s = arg;
    s->overrun = true;
    net_loop_stop(s->loop);
}

static void open_check(struct stage *s, struct check **out) {
    struct base_error e = {0};
    struct check_config c = s->options.config;
    c.helo = "client.test";
    assert_int_equal(check_new(&s->standard.tools, &c, out, &e), WS_OK);
}

static void open_stage(struct stage *s) {
    struct base_error e = {0};
    *s = (struct stage){0};
    assert_int_equal(net_loop_new(&s->loop, &e), WS_OK);
    s->guard = net_timer_start(s->loop, 300 * BASE_SECOND, overrun, s);
    open_house(s, &s->plain, LISTEN_NO_STARTTLS);
    open_house(s, &s->silent, LISTEN_TARPIT);
    check_options_defaults(&s->options);
    s->options.dns.ptr = false;
    s->options.config.timeouts.greeting = 2 * BASE_SECOND;
    for (size_t i = 0; i < TARGETS; i++)
        base_arena_init(&s->arenas[i], 1 << 20);
    assert_int_equal(check_standard_open(&s->standard, s->loop, &s->options, NULL, &e), WS_OK);
}

static void close_stage(struct stage *s) {
    check_free(s->check);
    check_standard_close(&s->standard);
    net_listener_free(s->plain.listener);
    net_listener_free(s->silent.listener);
    net_timer_stop(s->guard);
    net_loop_free(s->loop);
    for (size_t i = 0; i < TARGETS; i++)
        base_arena_release(&s->arenas[i]);
}

/* Which target this argument of a callback is. */
struct which {
    struct stage *stage;
    size_t number;
};
static struct which whichs[TARGETS];

static void on_done(void *arg) {
    struct which *w = arg;
    struct stage *s = w->stage;
    s->order[s->done++] = w->number;
    if (s->on_done)
        s->on_done(s, w->number);
    else if (s->done == s->wanted)
        net_loop_stop(s->loop);
}

static void on_known(void *arg) {
    struct which *w = arg;
    struct stage *s = w->stage;
    assert_int_equal(s->done, 0);
    assert_int_equal(s->targets[w->number].verdict, FACTS_VERDICT_NO_STARTTLS);
    assert_int_equal(s->targets[w->number].endpoints[0].quit.received, false);
    s->known++;
}

static struct check_target target_of(struct stage *s, const char *text) {
    size_t i = s->added;
    whichs[i] = (struct which){s, i};
    s->targets[i] = (struct facts_target){.input = text, .index = i};
    return (struct check_target){
        .facts = &s->targets[i], .arena = &s->arenas[i], .done = on_done, .arg = &whichs[i]};
}

static void add_to(struct stage *s, struct check *c, const char *text) {
    struct base_error e = {0};
    struct check_target t = target_of(s, text);
    assert_int_equal(check_add(c, &t, &e), WS_OK);
    s->added++;
    s->wanted++;
}

static const char *at(struct stage *s, const struct house *h, const char *address) {
    char *text = s->texts[s->added];
    snprintf(text, sizeof s->texts[0], "%s:%u", address, net_listener_port(h->listener));
    return text;
}

static void run(struct stage *s) {
    struct base_error e = {0};
    assert_int_equal(s->done, 0); /* nothing is told before the loop turns */
    assert_int_equal(net_loop_run(s->loop, &e), WS_OK);
    assert_false(s->overrun);
}

/* --- the tests --- */

static void targets_come_out_as_they_complete(void **state) {
    struct stage s;
    (void)state;
    open_stage(&s);
    open_check(&s, &s.check);
    add_to(&s, s.check, at(&s, &s.silent, "127.0.0.1"));
    add_to(&s, s.check, at(&s, &s.plain, "127.0.0.1"));
    add_to(&s, s.check, "no target at all");
    assert_int_equal(check_unfinished(s.check), 3);
    run(&s);
    assert_int_equal(s.order[0], 2);
    assert_int_equal(s.order[1], 1);
    assert_int_equal(s.order[2], 0);
    assert_int_equal(check_unfinished(s.check), 0);
    assert_non_null(strstr(s.targets[2].error, "space"));
    assert_int_equal(s.targets[1].verdict, FACTS_VERDICT_NO_STARTTLS);
    assert_true(s.targets[1].endpoints[0].quit.received);
    assert_int_equal(s.targets[1].endpoints[0].step, FACTS_STEP_STARTTLS);
    assert_int_equal(s.targets[0].endpoints[0].stop, FACTS_STOP_TIMEOUT);
    assert_int_equal(s.targets[0].index, 0);
    assert_string_equal(s.targets[0].input, s.texts[0]);
    close_stage(&s);
}

static void what_is_known_comes_before_the_end(void **state) {
    struct base_error e = {0};
    struct stage s;
    (void)state;
    open_stage(&s);
    open_check(&s, &s.check);
    struct check_target t = target_of(&s, at(&s, &s.plain, "127.0.0.1"));
    t.known = on_known;
    assert_int_equal(check_add(s.check, &t, &e), WS_OK);
    s.wanted = 1;
    run(&s);
    assert_int_equal(s.known, 1);
    assert_true(s.targets[0].endpoints[0].quit.received);
    assert_int_equal(s.targets[0].finding_count, 1);
    close_stage(&s);
}

static void a_patience_of_its_own(void **state) {
    struct base_error e = {0};
    struct stage s;
    (void)state;
    open_stage(&s);
    s.options.config.timeouts.greeting = 3600 * BASE_SECOND;
    open_check(&s, &s.check);
    struct check_target t = target_of(&s, at(&s, &s.silent, "127.0.0.1"));
    t.greeting = 50 * BASE_MSEC;
    assert_int_equal(check_add(s.check, &t, &e), WS_OK);
    s.wanted = 1;
    run(&s);
    assert_int_equal(s.targets[0].endpoints[0].stop, FACTS_STOP_TIMEOUT);
    close_stage(&s);
}

static void both_bounds_are_kept(void **state) {
    static const struct {
        unsigned parallel, per_address, addresses, most;
    } cases[] = {{8, 2, 1, 2}, {3, 2, 4, 3}, {TARGETS, 1, 4, 4}, {TARGETS, TARGETS, 1, TARGETS}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stage s;
        char address[32];
        open_stage(&s);
        s.options.config.parallel = cases[i].parallel;
        s.options.config.per_address = cases[i].per_address;
        s.options.config.timeouts.greeting = 200 * BASE_MSEC;
        net_listener_free(s.silent.listener);
        struct net_listen c = {
            .max_connections = 100, .accept = let_in, .release = let_out, .arg = &s.silent};
        struct base_error e = {0};
        assert_int_equal(net_address_parse("0.0.0.0", 0, &c.local), WS_OK);
        assert_int_equal(net_listener_new(s.loop, &c, &s.silent.listener, &e), WS_OK);
        open_check(&s, &s.check);
        for (unsigned k = 0; k < TARGETS; k++) {
            snprintf(address, sizeof address, "127.0.0.%u", 1 + k % cases[i].addresses);
            add_to(&s, s.check, at(&s, &s.silent, address));
        }
        run(&s);
        assert_int_equal(s.done, TARGETS);
        assert_true(s.silent.most <= cases[i].most);
        close_stage(&s);
    }
}

/* Silent servers must not keep others from being begun: room hangs on the bound on connections. */
static void room_is_for_what_waits(void **state) {
    struct stage s;
    (void)state;
    open_stage(&s);
    s.options.config.parallel = 1;
    open_check(&s, &s.check);
    size_t room = 0;
    for (; room < TARGETS && check_has_room(s.check); room++)
        add_to(&s, s.check, at(&s, &s.plain, "127.0.0.1"));
    assert_int_equal(room, TARGETS); /* one, and some ahead of it */
    run(&s);
    assert_true(check_has_room(s.check));
    close_stage(&s);
}

static void two_engines_on_one_loop(void **state) {
    struct check *other = NULL;
    struct stage s;
    (void)state;
    open_stage(&s);
    open_check(&s, &s.check);
    open_check(&s, &other);
    for (int i = 0; i < 4; i++) {
        add_to(&s, s.check, at(&s, &s.plain, "127.0.0.1"));
        add_to(&s, other, at(&s, i ? &s.plain : &s.silent, "127.0.0.1"));
    }
    run(&s);
    assert_int_equal(s.done, 8);
    assert_int_equal(s.order[7], 1); /* the silent one */
    check_free(other);
    close_stage(&s);
}

/* --- ends in the middle --- */

static void cancel_at_first(struct stage *s, size_t which) {
    if (s->done == 1) {
        assert_int_equal(which, 1);
        check_cancel(s->check);
    }
    if (s->done == s->wanted)
        net_loop_stop(s->loop);
}

static void what_is_cancelled_is_told_with_what_is_known(void **state) {
    struct stage s;
    (void)state;
    open_stage(&s);
    s.options.config.timeouts.greeting = 3600 * BASE_SECOND;
    s.options.config.per_address = 1;
    open_check(&s, &s.check);
    add_to(&s, s.check, at(&s, &s.silent, "127.0.0.1"));
    add_to(&s, s.check, at(&s, &s.plain, "127.0.0.2"));
    net_listener_free(s.plain.listener); /* refused: the first to end */
    open_house(&s, &s.plain, LISTEN_NO_STARTTLS);
    add_to(&s, s.check, at(&s, &s.silent, "127.0.0.1")); /* waits for the first */
    s.on_done = cancel_at_first;
    run(&s);
    assert_int_equal(s.done, 3);
    for (size_t i = 0; i < 3; i += 2) {
        assert_int_equal(s.targets[i].endpoints[0].stop, FACTS_STOP_DEADLINE);
        assert_string_equal(s.targets[i].endpoints[0].error, "interrupted");
        assert_int_equal(s.targets[i].verdict, FACTS_VERDICT_UNKNOWN);
    }
    assert_int_equal(s.targets[0].endpoints[0].connect.state, FACTS_CONNECT_OK);
    assert_int_equal(s.targets[2].endpoints[0].connect.state, FACTS_CONNECT_NOT_TRIED);
    assert_int_equal(check_unfinished(s.check), 0);
    close_stage(&s);
}

static void stop_loop(void *arg) {
    net_loop_stop(arg);
}

static void free_in_done(struct stage *s, size_t which) {
    (void)which;
    check_free(s->check);
    s->check = NULL;
    for (size_t i = 0; i < TARGETS; i++) /* nothing of them is touched again */
        base_arena_release(&s->arenas[i]);
    assert_non_null(net_timer_start(s->loop, 100 * BASE_MSEC, stop_loop, s->loop));
}

static void it_may_be_freed_in_a_callback(void **state) {
    struct stage s;
    (void)state;
    open_stage(&s);
    open_check(&s, &s.check);
    for (int i = 0; i < 6; i++)
        add_to(&s, s.check, at(&s, i % 2 ? &s.silent : &s.plain, "127.0.0.1"));
    add_to(&s, s.check, "still.being.resolved.test");
    s.on_done = free_in_done;
    run(&s);
    assert_int_equal(s.done, 1);
    close_stage(&s);
}

static void it_may_be_freed_at_any_time(void **state) {
    (void)state;
    for (base_usec when = 0; when < 20 * BASE_MSEC; when += 2 * BASE_MSEC) {
        struct base_error e = {0};
        struct stage s;
        open_stage(&s);
        open_check(&s, &s.check);
        for (int i = 0; i < 6; i++)
            add_to(&s, s.check, at(&s, i % 2 ? &s.silent : &s.plain, "127.0.0.1"));
        if (when > 0) {
            assert_non_null(net_timer_start(s.loop, when, stop_loop, s.loop));
            assert_int_equal(net_loop_run(s.loop, &e), WS_OK);
        }
        size_t done = s.done;
        check_free(s.check);
        s.check = NULL;
        assert_non_null(net_timer_start(s.loop, 20 * BASE_MSEC, stop_loop, s.loop));
        assert_int_equal(net_loop_run(s.loop, &e), WS_OK);
        assert_int_equal(s.done, done);
        close_stage(&s);
    }
}

static void more_may_be_added_in_done(struct stage *s, size_t which) {
    (void)which;
    if (s->added < TARGETS)
        add_to(s, s->check, at(s, &s->plain, "127.0.0.1"));
    else if (s->done == s->wanted)
        net_loop_stop(s->loop);
}

static void it_goes_on_as_long_as_targets_come(void **state) {
    struct stage s;
    (void)state;
    open_stage(&s);
    open_check(&s, &s.check);
    add_to(&s, s.check, at(&s, &s.plain, "127.0.0.1"));
    s.on_done = more_may_be_added_in_done;
    run(&s);
    assert_int_equal(s.done, TARGETS);
    close_stage(&s);
}

/* --- failures of this machine --- */

static struct tls_context *no_tls(void *arg) {
    (*(unsigned *)arg)++;
    return NULL;
}

static void without_tls_every_target_ends(void **state) {
    unsigned asked = 0;
    struct stage s;
    (void)state;
    open_stage(&s);
    s.standard.tools.tls = no_tls;
    s.standard.tools.tls_arg = &asked;
    s.options.config.parallel = 1;
    open_check(&s, &s.check);
    for (int i = 0; i < 3; i++)
        add_to(&s, s.check, at(&s, &s.plain, "127.0.0.1"));
    run(&s);
    assert_int_equal(asked, 1);
    for (int i = 0; i < 3; i++)
        assert_int_equal(s.targets[i].endpoints[0].stop, FACTS_STOP_LOCAL);
    close_stage(&s);
}

static void one_target_that_needs_too_much_ends_alone(void **state) {
    struct stage s;
    (void)state;
    open_stage(&s);
    base_arena_init(&s.arenas[0], 3000); /* for the target, hardly for what is seen */
    open_check(&s, &s.check);
    add_to(&s, s.check, at(&s, &s.plain, "127.0.0.1"));
    add_to(&s, s.check, at(&s, &s.plain, "127.0.0.1"));
    run(&s);
    assert_non_null(strstr(s.targets[0].error, "memory"));
    assert_int_equal(s.targets[0].verdict, FACTS_VERDICT_UNKNOWN);
    assert_int_equal(s.targets[1].verdict, FACTS_VERDICT_NO_STARTTLS);
    close_stage(&s);
}

static void wrong_options_are_told_at_once(void **state) {
    static const char *const mx[] = {"a b"};
    struct base_error e = {0};
    struct check *c = NULL;
    struct stage s;
    (void)state;
    open_stage(&s);
    struct check_config config = s.options.config;
    config.helo = "client.test";
    config.source = "nowhere";
    assert_int_equal(check_new(&s.standard.tools, &config, &c, &e), WS_USAGE);
    assert_null(c);
    base_error_clear(&e);
    s.options.config.mx_hosts = mx;
    s.options.config.mx_count = 1;
    open_check(&s, &s.check);
    struct check_target t = target_of(&s, "example.test");
    assert_int_equal(check_add(s.check, &t, &e), WS_USAGE);
    assert_non_null(strstr(base_error_message(&e), "--mx"));
    assert_int_equal(check_unfinished(s.check), 0);
    close_stage(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_come_out_as_they_complete),
        cmocka_unit_test(what_is_known_comes_before_the_end),
        cmocka_unit_test(a_patience_of_its_own),
        cmocka_unit_test(both_bounds_are_kept),
        cmocka_unit_test(room_is_for_what_waits),
        cmocka_unit_test(two_engines_on_one_loop),
        cmocka_unit_test(what_is_cancelled_is_told_with_what_is_known),
        cmocka_unit_test(it_may_be_freed_in_a_callback),
        cmocka_unit_test(it_may_be_freed_at_any_time),
        cmocka_unit_test(it_goes_on_as_long_as_targets_come),
        cmocka_unit_test(without_tls_every_target_ends),
        cmocka_unit_test(one_target_that_needs_too_much_ends_alone),
        cmocka_unit_test(wrong_options_are_told_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
