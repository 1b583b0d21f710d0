/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_NET_ENGINE_H
#define WAXSEAL_NET_ENGINE_H

#include "base/buf.h"
#include "base/clock.h"
#include "facts/endpoint.h"

/* What a driver runs: an engine without I/O. Embed as the first member, set ops. The driver calls;
 * after each call it sends what output() holds, re-arms deadline() and closes when done(). */
struct net_engine;

struct net_engine_ops {
    void (*connected)(struct net_engine *e, double ms, base_usec now);
    /* Not connected: state is REFUSED, TIMEOUT, UNREACHABLE, RESET or ERROR; `error` = the system's
     * words. */
    void (*not_connected)(struct net_engine *e, enum facts_connect_state state, const char *error,
                          double ms, base_usec now);
    void (*received)(struct net_engine *e, struct base_bytes in, base_usec now);
    void (*closed)(struct net_engine *e, bool reset, base_usec now); /* peer's FIN or RST */
    void (*tick)(struct net_engine *e, base_usec now);               /* deadline passed */
    /* What to send; asked for again whenever all of it went out, so a long text may come in parts.
     */
    struct base_buf *(*output)(struct net_engine *e);
    base_usec (*deadline)(const struct net_engine *e); /* BASE_NEVER: none */
    bool (*done)(const struct net_engine *e);
};

struct net_engine {
    const struct net_engine_ops *ops;
};

#endif
