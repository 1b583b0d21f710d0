/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

/* --- timers --- */

struct order {
    char seen[16];
    size_t n;
};

struct mark {
    struct order *order;
    char name;
    struct net_timer *timer;
    base_usec due;
};

static void note(void *arg) {
    struct mark *m = arg;
    assert_true(base_clock_now() >= m->due);
    m->order->seen[m->order->n++] = m->name;
    net_timer_stop(m->timer); /* from inside its own function */
    m->timer = NULL;
}

static void start_mark(struct net_loop *l, struct mark *m, base_usec delay) {
    m->due = base_clock_now() + delay;
    m->timer = net_timer_start(l, delay, note, m);
    assert_non_null(m->timer);
}

static void timers_fire_in_order(void **state) {
    struct base_error e = {0};
    struct net_loop *l;
    struct order o = {0};
    struct mark marks[4] = {
        {&o, 'c', NULL, 0}, {&o, 'a', NULL, 0}, {&o, 'b', NULL, 0}, {&o, 'd', NULL, 0}};
    (void)state;
    assert_int_equal(net_loop_new(&l, &e), WS_OK);
    start_mark(l, &marks[0], 60 * BASE_MSEC);
    start_mark(l, &marks[1], 0);
    start_mark(l, &marks[2], 30 * BASE_MSEC);
    start_mark(l, &marks[3], 40 * BASE_MSEC);
    net_timer_stop(marks[3].timer);               /* before it fires */
    assert_int_equal(net_loop_run(l, &e), WS_OK); /* ends: nothing is left to wait for */
    assert_string_equal(o.seen, "abc");
    net_loop_free(l);
}

static void nothing_to_wait_for(void **state) {
    struct base_error e = {0};
    struct net_loop *l;
    (void)state;
    assert_int_equal(net_loop_new(&l, &e), WS_OK);
    assert_int_equal(net_loop_run(l, &e), WS_OK);
    assert_non_null(net_loop_event_base(l));
    net_loop_free(l);
    net_loop_free(NULL);
    net_timer_stop(NULL);
}

static void never(void *arg) {
    (void)arg;
    fail();
}

static void timers_far_away(void **state) {
    struct base_error e = {0};
    struct net_loop *l;
    struct order o = {0};
    struct mark m = {&o, 'x', NULL, 0};
    (void)state;
    assert_int_equal(net_loop_new(&l, &e), WS_OK);
    assert_non_null(net_timer_start(l, BASE_NEVER, never, NULL));
    assert_non_null(net_timer_start(l, 4000000 * BASE_SECOND, never, NULL));
    start_mark(l, &m, BASE_MSEC);
    struct net_timer *stop = net_timer_start(l, 10 * BASE_MSEC, (void (*)(void *))net_loop_stop, l);
    assert_int_equal(net_loop_run(l, &e), WS_OK);
    assert_string_equal(o.seen, "x");
    net_timer_stop(stop);
    net_loop_free(l); /* the two that are left over go with it */
}

/* --- descriptors of others --- */

struct watched {
    struct net_watch *watch;
    char seen[32];
    size_t n;
};

/* 'w': it takes bytes, 'r': they came; then it looks at the other end, and in the end at none. */
static void on_ready(void *arg, int fd, bool readable, bool writable) {
    struct watched *w = arg;
    char c = 0;
    if (writable) {
        w->seen[w->n++] = 'w';
        assert_int_equal(net_watch_want(w->watch, true, false), WS_OK);
    }
    if (readable && read(fd, &c, 1) == 1)
        w->seen[w->n++] = c;
    if (c == 'z') {
        net_watch_stop(w->watch); /* from inside its own function */
        w->watch = NULL;
    }
}

static void a_descriptor_is_watched(void **state) {
    struct base_error e = {0};
    struct net_loop *l;
    struct watched w = {0};
    int fds[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    assert_int_equal(net_loop_new(&l, &e), WS_OK);
    w.watch = net_watch_start(l, fds[0], on_ready, &w);
    assert_non_null(w.watch);
    assert_int_equal(net_loop_run(l, &e), WS_OK); /* nothing is wanted yet */
    assert_int_equal(write(fds[1], "az", 2), 2);
    assert_int_equal(net_watch_want(w.watch, false, false), WS_OK);
    assert_int_equal(net_loop_run(l, &e), WS_OK);
    assert_string_equal(w.seen, "");
    assert_int_equal(net_watch_want(w.watch, false, true), WS_OK);
    assert_int_equal(net_loop_run(l, &e), WS_OK); /* ends with the watch */
    assert_string_equal(w.seen, "waz");
    w.watch = net_watch_start(l, fds[0], on_ready, &w);
    assert_int_equal(net_watch_want(w.watch, true, true), WS_OK);
    net_watch_stop(NULL);
    net_loop_free(l); /* the one that is left over goes with it */
    close(fds[0]);
    close(fds[1]);
}

/* --- signals --- */

struct interrupted {
    struct net_loop *loop;
    unsigned times;
};

static void on_interrupt(void *arg) {
    struct interrupted *i = arg;
    i->times++;
    net_loop_stop(i->loop);
}

static void send_signal(void *arg) {
    raise(*(int *)arg);
}

static void interrupts(void **state) {
    int signals[] = {SIGINT, SIGTERM};
    struct base_error e = {0};
    struct interrupted i = {0};
    (void)state;
    signal(SIGINT, SIG_DFL); /* what a shell runs in the background ignores it */
    assert_int_equal(net_loop_new(&i.loop, &e), WS_OK);
    for (unsigned k = 0; k < 2; k++) {
        assert_int_equal(net_loop_on_interrupt(i.loop, on_interrupt, &i, &e), WS_OK);
        struct net_timer *t = net_timer_start(i.loop, BASE_MSEC, send_signal, &signals[k]);
        struct net_timer *other = net_timer_start(i.loop, 300 * BASE_SECOND, never, NULL);
        assert_int_equal(net_loop_run(i.loop, &e), WS_OK);
        assert_int_equal(i.times, k + 1);
        net_timer_stop(t);
        net_timer_stop(other);
    }
    net_loop_free(i.loop);
    assert_true(signal(SIGINT, SIG_DFL) == SIG_DFL); /* handlers are gone with the loop */
}

/* A handler alone does not keep the loop waiting. */
static void signals_are_nothing_to_wait_for(void **state) {
    struct base_error e = {0};
    struct interrupted i = {0};
    struct order o = {0};
    struct mark m = {&o, 'x', NULL, 0};
    (void)state;
    assert_int_equal(net_loop_new(&i.loop, &e), WS_OK);
    assert_int_equal(net_loop_on_interrupt(i.loop, on_interrupt, &i, &e), WS_OK);
    start_mark(i.loop, &m, BASE_MSEC);
    assert_int_equal(net_loop_run(i.loop, &e), WS_OK);
    assert_string_equal(o.seen, "x");
    assert_int_equal(net_loop_on_interrupt(i.loop, NULL, NULL, &e), WS_OK);
    net_loop_free(i.loop);
}

/* --- listeners --- */

#define HOUSE_GUESTS 64

struct house {
    struct stage stage;
    struct net_listener *listener;
    struct net_address at;
    unsigned accepted, released, present, most;
    unsigned turn_away;         /* how many of the next are given no engine */
    unsigned stop_when_present; /* 0: never */
    size_t done_after;
    char peer[NET_ADDRESS_TEXT];
};

static struct net_engine *welcome(void *arg, const char *peer) {
    struct house *h = arg;
    snprintf(h->peer, sizeof h->peer, "%s", peer);
    if (h->turn_away > 0) {
        h->turn_away--;
        return NULL;
    }
    struct actor *a = malloc(sizeof *a);
    assert_non_null(a);
    actor_init(a);
    a->opening = "220 hi\r\n";
    a->echo = true;
    a->done_after = h->done_after;
    h->accepted++;
    if (++h->present > h->most)
        h->most = h->present;
    if (h->present == h->stop_when_present)
        net_loop_stop(h->stage.loop);
    return &a->engine;
}

static void goodbye(void *arg, struct net_engine *e) {
    struct house *h = arg;
    struct actor *a = (struct actor *)(void *)e;
    h->released++;
    h->present--;
    actor_release(a);
    free(a);
}

static void house_open(struct house *h, const char *address, unsigned max) {
    struct base_error e = {0};
    *h = (struct house){.done_after = 5};
    stage_open(&h->stage);
    struct net_listen c = {.max_connections = max, .accept = welcome, .release = goodbye, .arg = h};
    assert_int_equal(net_address_parse(address, 0, &c.local), WS_OK);
    assert_int_equal(net_listener_new(h->stage.loop, &c, &h->listener, &e), WS_OK);
    assert_in_range(net_listener_port(h->listener), 1024, 65535);
    assert_int_equal(net_address_parse(address, net_listener_port(h->listener), &h->at), WS_OK);
}

static void house_close(struct house *h) {
    net_listener_free(h->listener);
    assert_int_equal(h->accepted, h->released);
    stage_close(&h->stage);
}

static void visit(struct house *h, struct actor *a) {
    actor_init(a);
    a->opening = "hello";
    stage_dial(&h->stage, &h->at, a);
}

static void a_guest_is_served(void **state) {
    static const char *const homes[] = {"127.0.0.1", "::1"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct house h;
        struct actor a;
        int fd = socket(i ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
        if (fd < 0)
            continue; /* a kernel without IPv6 */
        close(fd);
        house_open(&h, homes[i], 4);
        visit(&h, &a);
        stage_run(&h.stage);
        assert_string_equal(base_buf_cstr(&a.seen), "220 hi\r\nhello");
        assert_int_equal(a.closed, 1);
        assert_false(a.reset);
        assert_int_equal(h.accepted, 1);
        assert_int_equal(strncmp(h.peer, i ? "[::1]:" : "127.0.0.1:", i ? 6 : 10), 0);
        actor_release(&a);
        house_close(&h);
    }
}

static void no_more_than_the_house_holds(void **state) {
    struct house h;
    struct actor guests[HOUSE_GUESTS];
    (void)state;
    house_open(&h, "127.0.0.1", 3);
    for (size_t i = 0; i < HOUSE_GUESTS; i++)
        visit(&h, &guests[i]);
    stage_run(&h.stage);
    assert_int_equal(h.accepted, HOUSE_GUESTS);
    assert_int_equal(h.most, 3);
    for (size_t i = 0; i < HOUSE_GUESTS; i++) {
        assert_string_equal(base_buf_cstr(&guests[i].seen), "220 hi\r\nhello");
        actor_release(&guests[i]);
    }
    house_close(&h);
}

static void turned_away(void **state) {
    struct house h;
    struct actor a, b;
    (void)state;
    house_open(&h, "127.0.0.1", 3);
    h.turn_away = 1;
    visit(&h, &a);
    stage_run(&h.stage);
    assert_int_equal(a.closed, 1);
    assert_int_equal(a.seen.len, 0);
    visit(&h, &b);
    stage_run(&h.stage);
    assert_string_equal(base_buf_cstr(&b.seen), "220 hi\r\nhello");
    actor_release(&a);
    actor_release(&b);
    house_close(&h);
}

/* The house closes while guests are inside: all are released, none is told. */
static void freed_with_guests_inside(void **state) {
    struct house h;
    struct actor a[5];
    (void)state;
    house_open(&h, "127.0.0.1", 8);
    h.done_after = 0;
    for (size_t i = 0; i < 5; i++)
        visit(&h, &a[i]);
    h.stop_when_present = 5;
    stage_run(&h.stage);
    assert_int_equal(h.present, 5);
    house_close(&h);
    for (size_t i = 0; i < 5; i++)
        actor_release(&a[i]);
}

/* A guest who still talks when the server is done gets the server's last words, not a reset. */
static void last_words_reach_a_talking_guest(void **state) {
    struct house h;
    struct actor a;
    (void)state;
    house_open(&h, "127.0.0.1", 8);
    actor_init(&a);
    a.opening = "0123456789abcdef";
    a.opening_repeats = (1u << 20) / 16;
    stage_dial(&h.stage, &h.at, &a);
    stage_run(&h.stage);
    assert_int_equal(a.closed, 1);
    assert_false(a.reset);
    assert_true(a.seen.len > 8);
    assert_memory_equal(base_buf_cstr(&a.seen), "220 hi\r\n0123", 12);
    actor_release(&a);
    house_close(&h);
}

static void port_that_is_taken(void **state) {
    struct base_error e = {0};
    struct net_listener *second = (struct net_listener *)&e;
    struct house h;
    (void)state;
    house_open(&h, "127.0.0.1", 1);
    struct net_listen c = {.local = h.at, .accept = welcome, .release = goodbye, .arg = &h};
    assert_int_equal(net_listener_new(h.stage.loop, &c, &second, &e), WS_SYSTEM);
    assert_null(second);
    assert_non_null(strstr(e.message, "127.0.0.1:"));
    assert_non_null(strstr(e.message, "Address already in use"));
    base_error_clear(&e);
    assert_int_equal(net_address_parse("192.0.2.77", 0, &c.local), WS_OK);
    assert_int_equal(net_listener_new(h.stage.loop, &c, &second, &e), WS_SYSTEM);
    net_listener_free(NULL);
    house_close(&h);
}

static void listener_on_a_unix_socket(void **state) {
    char folder[] = "/tmp/wsnetXXXXXX", path[64];
    struct base_error e = {0};
    struct house h = {.done_after = 5};
    struct actor a;
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/s", folder);
    stage_open(&h.stage);
    struct net_listen c = {.max_connections = 2, .accept = welcome, .release = goodbye, .arg = &h};
    assert_int_equal(net_address_unix(path, &c.local), WS_OK);
    assert_int_equal(net_listener_new(h.stage.loop, &c, &h.listener, &e), WS_OK);
    h.at = c.local;
    visit(&h, &a);
    stage_run(&h.stage);
    assert_string_equal(base_buf_cstr(&a.seen), "220 hi\r\nhello");
    assert_string_equal(h.peer, "unix:");
    actor_release(&a);
    house_close(&h);
    unlink(path);
    rmdir(folder);
}

/* How many bytes could be read. */
static ssize_t peeked(int fd) {
    char heard[16];
    return recv(fd, heard, sizeof heard, MSG_PEEK | MSG_DONTWAIT);
}

/* No descriptor is left to accept with: the house waits a little, does not spin, and serves the
 * guest when there is one again. */
static void out_of_descriptors(void **state) {
    enum { LIMIT = 200 };
    struct rlimit before, low = {.rlim_cur = LIMIT};
    struct base_error e = {0};
    struct house h;
    int taken[LIMIT];
    size_t n = 0;
    char heard[16] = "";
    (void)state;
    house_open(&h, "127.0.0.1", 8);
    int guest = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(guest, (struct sockaddr *)&h.at.storage, h.at.len), 0);
    peer_say(guest, "hello");
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    low.rlim_max = before.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    while (n < LIMIT && (taken[n] = dup(guest)) >= 0)
        n++;
    struct net_timer *t = net_timer_start(h.stage.loop, 150 * BASE_MSEC,
                                          (void (*)(void *))net_loop_stop, h.stage.loop);
    clock_t cpu = clock();
    assert_int_equal(net_loop_run(h.stage.loop, &e), WS_OK);
    assert_true(clock() - cpu < CLOCKS_PER_SEC / 10);
    assert_int_equal(h.accepted, 0);
    net_timer_stop(t);
    while (n > 0)
        close(taken[--n]);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    int second = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(second, (struct sockaddr *)&h.at.storage, h.at.len), 0);
    peer_say(second, "hello");
    for (int i = 0; i < 3000 && peeked(second) < 13; i++) {
        t = net_timer_start(h.stage.loop, 100 * BASE_MSEC, (void (*)(void *))net_loop_stop,
                            h.stage.loop);
        assert_int_equal(net_loop_run(h.stage.loop, &e), WS_OK);
        net_timer_stop(t);
    }
    assert_in_range(h.accepted, 1, 2); /* valgrind's accept drops the first one */
    assert_int_equal(recv(second, heard, sizeof heard, 0), 13);
    assert_memory_equal(heard, "220 hi\r\nhello", 13);
    close(guest);
    close(second);
    house_close(&h);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timers_fire_in_order),
        cmocka_unit_test(nothing_to_wait_for),
        cmocka_unit_test(timers_far_away),
        cmocka_unit_test(a_descriptor_is_watched),
        cmocka_unit_test(interrupts),
        cmocka_unit_test(signals_are_nothing_to_wait_for),
        cmocka_unit_test(a_guest_is_served),
        cmocka_unit_test(no_more_than_the_house_holds),
        cmocka_unit_test(turned_away),
        cmocka_unit_test(freed_with_guests_inside),
        cmocka_unit_test(last_words_reach_a_talking_guest),
        cmocka_unit_test(port_that_is_taken),
        cmocka_unit_test(listener_on_a_unix_socket),
        cmocka_unit_test(out_of_descriptors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
