/* SPDX-License-Identifier: Apache-2.0 */
/* net_dial - one outgoing connection on the loop: connect, play the engine, close, tell.
 *
 * The engine is never called from inside net_dial_start: what fails at once is told by the next
 * turn of the loop. A connection attempt ends at its own time-out or at the engine's deadline,
 * whichever comes first. `done` is called when everything of the connection is gone, so it may free
 * the engine and start the next one. */
#include "net/loop_private.h"

#include "net/connect.h"

#include <stdlib.h>
#include <unistd.h>

struct net_dialing {
    struct net_link link; /* first: `over` gets the link */
    struct net_dial dial;
    struct net_connect connect;
    base_usec begun;
    base_usec connect_by;
    bool linked; /* connected: the link has its own events */
    LIST_ENTRY(net_dialing) entry;
};

/* Everything is closed: forget the dialing, then tell. */
static void end(struct net_dialing *d) {
    void (*done)(void *arg) = d->dial.done;
    void *arg = d->dial.arg;
    LIST_REMOVE(d, entry);
    free(d);
    if (done)
        done(arg);
}

static void link_over(struct net_link *link) {
    end((struct net_dialing *)(void *)link);
}

static void connect_ended(struct net_dialing *d, base_usec now) {
    double ms = base_clock_ms(now - d->begun);
    struct net_engine *engine = d->dial.engine;
    event_del(&d->link.write);
    event_del(&d->link.timer);
    if (d->connect.state == FACTS_CONNECT_OK) {
        d->linked = true;
        net_link_open(&d->link, d->link.loop, d->connect.fd, engine, 0, ms, now);
        return;
    }
    engine->ops->not_connected(engine, d->connect.state, d->connect.error, ms, now);
    end(d);
}

static void on_connectable(evutil_socket_t fd, short what, void *arg) {
    struct net_dialing *d = arg;
    (void)fd;
    (void)what;
    net_connect_finish(&d->connect, &d->dial.remote);
    connect_ended(d, base_clock_now());
}

static base_usec connect_deadline(const struct net_dialing *d) {
    const struct net_engine *engine = d->dial.engine;
    base_usec deadline = engine->ops->deadline(engine);
    return deadline < d->connect_by ? deadline : d->connect_by;
}

static int arm(struct net_dialing *d, base_usec now) {
    base_usec deadline = connect_deadline(d);
    bool waiting = d->connect.state == FACTS_CONNECT_NOT_TRIED;
    if (waiting && deadline == BASE_NEVER)
        return 0;
    struct timeval tv = net_loop_timeval(waiting && deadline > now ? deadline - now : 0);
    return event_add(&d->link.timer, &tv);
}

/* The time is over, or the outcome was known at once. */
static void on_timer(evutil_socket_t fd, short what, void *arg) {
    struct net_dialing *d = arg;
    base_usec now = base_clock_now();
    (void)fd;
    (void)what;
    if (d->connect.state == FACTS_CONNECT_NOT_TRIED) {
        if (now < connect_deadline(d) && arm(d, now) == 0)
            return;
        event_del(&d->link.write);
        net_connect_give_up(&d->connect);
    }
    connect_ended(d, now);
}

static bool wait_for_outcome(struct net_dialing *d) {
    struct event_base *base = d->link.loop->base;
    (void)event_assign(&d->link.write, base, d->connect.fd, EV_WRITE, on_connectable, d);
    (void)event_assign(&d->link.timer, base, -1, 0, on_timer, d);
    if (d->connect.state == FACTS_CONNECT_NOT_TRIED && event_add(&d->link.write, NULL) != 0)
        return false;
    if (arm(d, d->begun) == 0)
        return true;
    event_del(&d->link.write);
    return false;
}

enum ws_err net_dial_start(struct net_loop *l, const struct net_dial *dial, struct base_error *e) {
    struct net_dialing *d = calloc(1, sizeof *d);
    if (!d)
        return base_error_set(e, WS_NOMEM, "no memory for a connection");
    d->dial = *dial;
    d->link.loop = l;
    d->link.over = link_over;
    d->begun = base_clock_now();
    d->connect_by = dial->connect_timeout > BASE_NEVER - d->begun
                        ? BASE_NEVER
                        : d->begun + dial->connect_timeout;
    net_connect_begin(&d->connect, &dial->remote, dial->source);
    if (!wait_for_outcome(d)) {
        if (d->connect.fd >= 0)
            close(d->connect.fd);
        free(d);
        return base_error_set(e, WS_SYSTEM, "the event loop took no more connections");
    }
    LIST_INSERT_HEAD(&l->dialings, d, entry);
    return WS_OK;
}

/* Closes it, tells nobody. */
static void drop(struct net_dialing *d) {
    LIST_REMOVE(d, entry);
    if (d->linked) {
        net_link_close(&d->link);
    } else {
        event_del(&d->link.write);
        event_del(&d->link.timer);
        if (d->connect.fd >= 0)
            close(d->connect.fd);
    }
    free(d);
}

void net_dial_cancel(struct net_loop *l, const struct net_engine *engine) {
    struct net_dialing *d = NULL;
    LIST_FOREACH(d, &l->dialings, entry) {
        if (d->dial.engine == engine) {
            drop(d);
            return;
        }
    }
}

void net_dialings_close(struct net_loop *l) {
    for (struct net_dialing *d = LIST_FIRST(&l->dialings), *next; d; d = next) {
        next = LIST_NEXT(d, entry);
        drop(d);
    }
}
