/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_NET_LOOP_H
#define WAXSEAL_NET_LOOP_H

#include "net/address.h"
#include "net/engine.h"

/* The loop driver: many connections on one libevent loop, one process, no threads. */
struct net_loop;
struct event_base;

WS_MUST_USE enum ws_err net_loop_new(struct net_loop **out, struct base_error *e);
/* Closes outgoing connections without telling their engines (which may be gone already) and frees
 * timers and watches that are left over. Listeners must be freed first. */
void net_loop_free(struct net_loop *l);
/* Runs until net_loop_stop, or until nothing is left to wait for (signals do not count). */
WS_MUST_USE enum ws_err net_loop_run(struct net_loop *l, struct base_error *e);
void net_loop_stop(struct net_loop *l);
/* The one handle that dns/ passes to libunbound. */
struct event_base *net_loop_event_base(struct net_loop *l);

/* Time-outs of one's own. `fn` runs once, not before `delay` has passed, and always from the loop;
 * it may stop its own timer. NULL on failure. */
struct net_timer;
struct net_timer *net_timer_start(struct net_loop *l, base_usec delay, void (*fn)(void *arg),
                                  void *arg);
void net_timer_stop(struct net_timer *t); /* NULL is fine; frees */

/* A descriptor that a library owns. `ready` runs from the loop each time one of what is wanted is
 * possible; it may change or stop its own watch. Stop it before the descriptor is closed. */
struct net_watch;
struct net_watch *net_watch_start(struct net_loop *l, int fd,
                                  void (*ready)(void *arg, int fd, bool readable, bool writable),
                                  void *arg); /* wants nothing yet; NULL on failure */
/* Whether there is anything to wait for: a regular file can always be read, and the kernel does not
 * watch it. */
bool net_watch_is_possible(int fd);
WS_MUST_USE enum ws_err net_watch_want(struct net_watch *w, bool read, bool write);
void net_watch_stop(struct net_watch *w); /* NULL is fine; frees */

/* SIGINT and SIGTERM: `fn` runs inside the loop. Replaces what was set before; NULL: the signals'
 * default again. */
WS_MUST_USE enum ws_err net_loop_on_interrupt(struct net_loop *l, void (*fn)(void *arg), void *arg,
                                              struct base_error *e);

/* One outgoing connection that plays an engine. The attempt ends at its time-out or at the engine's
 * deadline, whichever comes first. After `closed` or `not_connected` the engine is called no more,
 * done() or not. `done` may free the engine. */
struct net_dial {
    struct net_address remote;
    const struct net_address *source; /* NULL: the system chooses */
    base_usec connect_timeout;
    struct net_engine *engine;
    /* Called once, from the loop, after the socket is closed; never inside net_dial_start. */
    void (*done)(void *arg);
    void *arg;
};
WS_MUST_USE enum ws_err net_dial_start(struct net_loop *l, const struct net_dial *d,
                                       struct base_error *e);

/* Closes the outgoing connection that plays `engine` at once; neither the engine nor `done` is
 * called any more. Not from inside a call of that engine. */
void net_dial_cancel(struct net_loop *l, const struct net_engine *engine);

/* A listening socket; each accepted connection gets an engine from `accept` (NULL: close it) and is
 * played until done; `release` then frees it. `peer` is "192.0.2.1:4711" and lives only for the
 * call. Beyond `max_connections` (0: 1) nobody is accepted until somebody leaves. */
struct net_listener;
struct net_listen {
    struct net_address local; /* port 0: the system chooses */
    unsigned max_connections;
    struct net_engine *(*accept)(void *arg, const char *peer);
    void (*release)(void *arg, struct net_engine *e);
    void *arg;
};
WS_MUST_USE enum ws_err net_listener_new(struct net_loop *l, const struct net_listen *c,
                                         struct net_listener **out, struct base_error *e);
unsigned net_listener_port(const struct net_listener *l);
/* Also closes its connections. Not from inside one of their engines. */
void net_listener_free(struct net_listener *l);

#endif
