/* SPDX-License-Identifier: Apache-2.0 */
/* net_loop - one event loop for one process: libevent underneath, no threads.
 *
 * The base is made without locks and with epoll's changes collected, so that what a connection
 * switches on and off between two waits costs one system call. Time-outs use the coarse clock
 * (4 ms); each callback looks at the real time and waits on when it was woken early.
 *
 * Ownership: a timer is its starter's until net_timer_stop, which may be called from inside its own
 * function; the loop frees those left over; watches likewise. Signal handlers do not keep the loop
 * running. */
#include "net/loop.h"

#include "net/loop_private.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

struct net_timer {
    struct net_loop *loop;
    base_usec at;
    void (*fn)(void *arg);
    void *arg;
    struct event event;
    LIST_ENTRY(net_timer) entry;
};

struct net_watch {
    struct net_loop *loop;
    void (*ready)(void *arg, int fd, bool readable, bool writable);
    void *arg;
    int fd;
    struct event event;
    LIST_ENTRY(net_watch) entry;
};

enum ws_err net_loop_new(struct net_loop **out, struct base_error *e) {
    struct event_config *config = event_config_new();
    struct net_loop *l = calloc(1, sizeof *l);
    *out = NULL;
    if (config && l) {
        event_config_set_flag(config,
                              EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
        l->base = event_base_new_with_config(config);
    }
    if (config)
        event_config_free(config);
    if (!l || !l->base) {
        free(l);
        return base_error_set(e, WS_SYSTEM, "can't make an event loop");
    }
    LIST_INIT(&l->dialings);
    LIST_INIT(&l->timers);
    LIST_INIT(&l->watches);
    *out = l;
    return WS_OK;
}

static void remove_signals(struct net_loop *l) {
    for (size_t i = 0; l->signals_added && i < 2; i++)
        event_del(&l->signals[i]);
    l->signals_added = false;
}

void net_loop_free(struct net_loop *l) {
    if (!l)
        return;
    net_dialings_close(l);
    for (struct net_timer *t = LIST_FIRST(&l->timers), *next; t; t = next) {
        next = LIST_NEXT(t, entry);
        net_timer_stop(t);
    }
    for (struct net_watch *w = LIST_FIRST(&l->watches), *next; w; w = next) {
        next = LIST_NEXT(w, entry);
        net_watch_stop(w);
    }
    remove_signals(l);
    event_base_free(l->base);
    free(l);
}

/* libevent would wait for signals for ever; they alone are nothing to wait for. */
static bool anything_to_wait_for(const struct net_loop *l) {
    int signals = l->signals_added ? 2 : 0;
    return event_base_get_num_events(l->base, EVENT_BASE_COUNT_ADDED) > signals ||
           event_base_get_num_events(l->base, EVENT_BASE_COUNT_ACTIVE) > 0;
}

enum ws_err net_loop_run(struct net_loop *l, struct base_error *e) {
    l->stopped = false;
    while (!l->stopped && anything_to_wait_for(l))
        if (event_base_loop(l->base, EVLOOP_ONCE) < 0)
            return base_error_set(e, WS_SYSTEM, "the event loop failed");
    return WS_OK;
}

void net_loop_stop(struct net_loop *l) {
    l->stopped = true;
    event_base_loopbreak(l->base);
}

struct event_base *net_loop_event_base(struct net_loop *l) {
    return l->base;
}

struct timeval net_loop_timeval(base_usec d) {
    const base_usec most = 1000000 * BASE_SECOND; /* 11 days: whoever waits longer is woken twice */
    if (d > most)
        d = most;
    return (struct timeval){.tv_sec = (time_t)(d / BASE_SECOND),
                            .tv_usec = (suseconds_t)(d % BASE_SECOND)};
}

/* --- timers --- */

static int arm_timer(struct net_timer *t, base_usec now) {
    struct timeval tv = net_loop_timeval(t->at > now ? t->at - now : 0);
    return event_add(&t->event, &tv);
}

static void on_timer(evutil_socket_t fd, short what, void *arg) {
    struct net_timer *t = arg;
    base_usec now = base_clock_now();
    (void)fd;
    (void)what;
    if (now < t->at && arm_timer(t, now) == 0)
        return;
    t->fn(t->arg); /* may stop, and so free, the timer */
}

struct net_timer *net_timer_start(struct net_loop *l, base_usec delay, void (*fn)(void *arg),
                                  void *arg) {
    struct net_timer *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    base_usec now = base_clock_now();
    t->loop = l;
    t->at = delay > BASE_NEVER - now ? BASE_NEVER : now + delay;
    t->fn = fn;
    t->arg = arg;
    if (event_assign(&t->event, l->base, -1, 0, on_timer, t) != 0 || arm_timer(t, now) != 0) {
        free(t);
        return NULL;
    }
    LIST_INSERT_HEAD(&l->timers, t, entry);
    return t;
}

void net_timer_stop(struct net_timer *t) {
    if (!t)
        return;
    event_del(&t->event);
    LIST_REMOVE(t, entry);
    free(t);
}

/* --- descriptors of others --- */

static void on_ready(evutil_socket_t fd, short what, void *arg) {
    struct net_watch *w = arg;
    w->ready(w->arg, fd, what & EV_READ, what & EV_WRITE);
}

struct net_watch *net_watch_start(struct net_loop *l, int fd,
                                  void (*ready)(void *arg, int fd, bool readable, bool writable),
                                  void *arg) {
    struct net_watch *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    w->loop = l;
    w->ready = ready;
    w->arg = arg;
    w->fd = fd;
    (void)event_assign(&w->event, l->base, fd, EV_PERSIST, on_ready,
                       w); /* no event yet: never added */
    LIST_INSERT_HEAD(&l->watches, w, entry);
    return w;
}

enum ws_err net_watch_want(struct net_watch *w, bool read, bool write) {
    short what = (short)((read ? EV_READ : 0) | (write ? EV_WRITE : 0));
    event_del(&w->event);
    if (what == 0)
        return WS_OK;
    return event_assign(&w->event, w->loop->base, w->fd, (short)(what | EV_PERSIST), on_ready, w) ==
                       0 &&
                   event_add(&w->event, NULL) == 0
               ? WS_OK
               : WS_SYSTEM;
}

/* libevent collects what it asks of the kernel, so net_watch_want can't tell. */
bool net_watch_is_possible(int fd) {
    struct epoll_event e = {.events = EPOLLIN};
    int poll = epoll_create1(EPOLL_CLOEXEC);
    bool can = poll < 0 || epoll_ctl(poll, EPOLL_CTL_ADD, fd, &e) == 0 || errno != EPERM;
    if (poll >= 0)
        close(poll);
    return can;
}

void net_watch_stop(struct net_watch *w) {
    if (!w)
        return;
    event_del(&w->event);
    LIST_REMOVE(w, entry);
    free(w);
}

/* --- signals --- */

static void on_signal(evutil_socket_t fd, short what, void *arg) {
    struct net_loop *l = arg;
    (void)fd;
    (void)what;
    l->on_interrupt(l->interrupt_arg);
}

enum ws_err net_loop_on_interrupt(struct net_loop *l, void (*fn)(void *arg), void *arg,
                                  struct base_error *e) {
    static const int numbers[2] = {SIGINT, SIGTERM};
    remove_signals(l);
    l->on_interrupt = fn;
    l->interrupt_arg = arg;
    if (!fn)
        return WS_OK;
    for (size_t i = 0; i < 2; i++) {
        if (evsignal_assign(&l->signals[i], l->base, numbers[i], on_signal, l) != 0 ||
            evsignal_add(&l->signals[i], NULL) != 0) {
            if (i == 1)
                event_del(&l->signals[0]);
            return base_error_set(e, WS_SYSTEM, "can't handle signal %d", numbers[i]);
        }
    }
    l->signals_added = true;
    return WS_OK;
}
