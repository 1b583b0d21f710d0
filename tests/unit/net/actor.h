/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TESTS_NET_ACTOR_H
#define WAXSEAL_TESTS_NET_ACTOR_H

#include "net/address.h"
#include "net/engine.h"
#include "net/loop.h"

/* An engine for tests: says what it is told to say, remembers all that the driver did to it. */
struct actor {
    struct net_engine engine; /* first */
    struct base_buf out;
    struct base_buf seen;

    /* the part to play */
    const char *opening;    /* said when connected */
    size_t opening_repeats; /* 0 counts as 1 */
    bool echo;              /* says back all that comes */
    size_t done_after;      /* bytes received that end it; 0: none do */
    bool done_when_connected;
    bool done_when_ticked;
    base_usec tick_in; /* deadline from the connection on; 0: none */
    base_usec deadline;
    void (*on_event)(struct actor *a);
    void *arg;

    /* what happened */
    bool done;
    unsigned connected, not_connected, closed, ticks, receives;
    bool reset;
    size_t largest;
    enum facts_connect_state state;
    char error[128];
    double ms;
    base_usec connected_at, ended_at;
    bool late_call; /* an event came behind closed, not_connected or done */
};

void actor_init(struct actor *a);
void actor_release(struct actor *a);

/* Listens on 127.0.0.1, any port; the address in *at. */
int peer_listen(int backlog, struct net_address *at);
int peer_accept(int listening);
/* Blocking send of all, closes with FIN or RST, reads until the end (at most cap bytes). */
void peer_say(int fd, const char *text);
void peer_reset(int fd);
size_t peer_hear(int fd, char *buf, size_t cap);

/* A loop with a guard: net_loop_run that takes longer than 20 s fails the test. */
struct stage {
    struct net_loop *loop;
    struct net_timer *guard;
    unsigned ended; /* dials that are done */
    unsigned expected;
    bool overrun;
};
void stage_open(struct stage *s);
void stage_close(struct stage *s);
/* Dials with a connect time-out of 5 s; net_loop_run returns when all dials of the stage ended. */
void stage_dial(struct stage *s, const struct net_address *remote, struct actor *a);
void stage_dial_as(struct stage *s, const struct net_address *remote,
                   const struct net_address *source, base_usec connect_timeout, struct actor *a);
void stage_run(struct stage *s);

#endif
