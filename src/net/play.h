/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_NET_PLAY_H
#define WAXSEAL_NET_PLAY_H

#include "net/address.h"
#include "net/engine.h"

/* One connection and its engine, played step by step beside something else that is waited for: a
 * terminal or a pipe. */
struct net_play;

/* Connects (blocking, until `connect_timeout`), then tells the engine. That it is not connected is
 * told to the engine and is not an error: the play is over then. */
WS_MUST_USE enum ws_err net_play_connect(const struct net_address *remote,
                                         const struct net_address *source,
                                         base_usec connect_timeout, struct net_engine *engine,
                                         struct net_play **out, struct base_error *e);
/* Over a stream socket that is connected already (for a child process: one end of a socketpair);
 * takes it over, also on failure. WS_USAGE when it is no socket. */
WS_MUST_USE enum ws_err net_play_open(int fd, struct net_engine *engine, struct net_play **out,
                                      struct base_error *e);
void net_play_free(struct net_play *p); /* closes */

enum net_play_event {
    NET_PLAY_STEP,   /* something happened on the connection: look at the engine */
    NET_PLAY_FD,     /* `fd` is readable (or at its end) */
    NET_PLAY_TIME,   /* `until` has come */
    NET_PLAY_OVER,   /* the engine is done and the connection closed; `fd` is not looked at */
    NET_PLAY_SIGNAL, /* a signal's handler ran (window size, interrupt) */
};
/* Plays until one of these happens. `fd` -1: nothing else to wait for; BASE_NEVER: no time. */
enum net_play_event net_play_step(struct net_play *p, int fd, base_usec until);
/* The engine has new output although nothing came in: sends it. */
void net_play_poke(struct net_play *p);

#endif
