/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_NET_LOOP_PRIVATE_H
#define WAXSEAL_NET_LOOP_PRIVATE_H

#include "net/conn.h"
#include "net/loop.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <sys/queue.h>

/* What the files of the loop driver share. */

struct net_dialing;
struct net_link;

LIST_HEAD(net_dialings, net_dialing);
LIST_HEAD(net_timers, net_timer);
LIST_HEAD(net_watches, net_watch);

struct net_loop {
    struct event_base *base;
    struct net_dialings dialings;
    struct net_timers timers;
    struct net_watches watches;
    struct event signals[2]; /* SIGINT, SIGTERM */
    bool signals_added;
    bool stopped;
    void (*on_interrupt)(void *arg);
    void *interrupt_arg;
    uint8_t scratch[NET_CONN_READ];
};

/* Closes all outgoing connections without telling their engines (they may be gone). */
void net_dialings_close(struct net_loop *l);

/* Microseconds for libevent. */
struct timeval net_loop_timeval(base_usec d);

/* A connected socket on the loop: a net_conn with its events. */
struct net_link {
    struct net_conn conn;
    struct net_loop *loop;
    void (*over)(struct net_link *link); /* called last, the descriptor is closed */
    struct event read, write, timer;
    bool reading, writing;
    base_usec armed; /* when `timer` fires; BASE_NEVER: not armed */
};

/* Takes over `fd` and plays the engine from now on. May call `over` before it returns. */
void net_link_open(struct net_link *link, struct net_loop *l, int fd, struct net_engine *engine,
                   base_usec linger, double ms, base_usec now);
/* Closes at once, tells nobody. */
void net_link_close(struct net_link *link);

#endif
