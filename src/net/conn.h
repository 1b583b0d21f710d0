/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_NET_CONN_H
#define WAXSEAL_NET_CONN_H

#include "net/engine.h"

/* Plays one engine over one connected stream socket. It knows no loop: a driver waits for what it
 * wants, wakes it with what has happened, and closes the descriptor when it is over. */

#define NET_CONN_READ 16384u /* bytes read at a time, the size of `scratch` */

enum net_conn_phase {
    NET_CONN_OPEN,   /* the engine is played */
    NET_CONN_FLUSH,  /* the engine is done: its last output goes out, what comes in is dropped */
    NET_CONN_LINGER, /* all is sent: the peer has a moment to close first */
    NET_CONN_OVER,   /* close the descriptor */
};

struct net_conn {
    struct net_engine *engine; /* borrowed; untouched once OVER */
    uint8_t *scratch;          /* NET_CONN_READ bytes, shared by all connections of a driver */
    base_usec linger;          /* how long to wait for the peer's close at the end; 0: not */
    base_usec close_by;        /* end of FLUSH and LINGER */
    int fd;                    /* borrowed */
    enum net_conn_phase phase;
    bool wants_write;    /* the kernel took no more: wait until it does */
    bool peer_closed;    /* nothing more comes in */
    bool broken;         /* nothing more goes out */
    bool reset;          /* ... because the peer reset the connection */
    bool unacknowledged; /* bytes came and nothing was said since */
};

void net_conn_init(struct net_conn *c, int fd, struct net_engine *engine, uint8_t *scratch,
                   base_usec linger);
/* Tells the engine that the connection stands; `ms` is how long it took. */
void net_conn_begin(struct net_conn *c, double ms, base_usec now);
/* The descriptor became readable (bytes, end or error) or writable. */
void net_conn_wake(struct net_conn *c, bool readable, bool writable, base_usec now);
/* To be called when net_conn_deadline has passed; does nothing before. */
void net_conn_tick(struct net_conn *c, base_usec now);
/* The engine has something new to say although nothing came in. */
void net_conn_poke(struct net_conn *c, base_usec now);
/* To be called before the driver waits: tells the peer at once that its bytes came, unless an
 * answer did. A server that writes twice in a row (session ticket, then the answer to EHLO) and
 * gathers small segments holds the second back until then; the kernel's delay would cost 40 ms. */
void net_conn_acknowledge(struct net_conn *c);

bool net_conn_wants_read(const struct net_conn *c);
bool net_conn_wants_write(const struct net_conn *c);
base_usec net_conn_deadline(const struct net_conn *c); /* BASE_NEVER: none */
bool net_conn_is_over(const struct net_conn *c);

#endif
