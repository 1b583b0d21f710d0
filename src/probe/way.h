/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_PROBE_WAY_H
#define WAXSEAL_PROBE_WAY_H

#include "net/play.h"
#include "net/proxy.h"
#include "probe/visit.h"

/* One visit that is waited for: its connection, directly or through a proxy, played step by step.
 * Blocks. */

struct probe_route {
    struct net_address remote;            /* of the server, or of the proxy */
    const struct net_address *source;     /* NULL: the system's choice */
    const struct net_proxy_config *proxy; /* NULL: directly */
    base_usec timeout;                    /* of the connection attempt */
};

struct probe_way {
    struct probe_visit *visit;
    struct net_proxy *proxy; /* NULL: directly */
    struct net_play *play;
};

/* Begins to visit `facts` (as probe_visit_new has them) and connects. That it is not connected
 * stands in the facts. On an error too, probe_way_close gives back what there is. */
WS_MUST_USE enum ws_err probe_way_open(const struct probe_config *config,
                                       const struct probe_route *route,
                                       struct facts_endpoint *facts, struct base_arena *arena,
                                       struct probe_way *out, struct base_error *e);
/* Plays until the session is handed over (config.stay) or the visit is over. */
void probe_way_play(struct probe_way *w);
/* Leaves what stays politely, closes, frees. */
void probe_way_close(struct probe_way *w);

#endif
