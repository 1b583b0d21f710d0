/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_DIAGNOSE_CLASH_H
#define WAXSEAL_DIAGNOSE_CLASH_H

#include "base/arena.h"
#include "base/error.h"
#include "facts/client.h"
#include "facts/target.h"

/* Explains why `target->endpoints[index]` ended without TLS: the look of a client that was told
 * `client` (NULL: one that offers everything, as `check` does). `open` is the second look, without
 * those restrictions, or NULL when none was made. Adds findings to the target, worst first, from
 * the connection to the handshake; none when the session stands. The verdict is left alone.
 * WS_NOMEM when the arena is full. */
WS_MUST_USE enum ws_err diagnose_clash(const struct facts_client *client,
                                       const struct facts_endpoint *open,
                                       struct facts_target *target, size_t index,
                                       struct base_arena *arena);

/* How the second look should differ from a client without restrictions, so that it tells most. */
struct diagnose_second_look {
    uint16_t min_version; /* 0x0301 ... */
    uint16_t max_version; /* 0x0304: no limit */
    bool send_sni;        /* the name the first look would have sent, or withheld */
};

/* True when a second look can tell more about the failure of `tried`: its handshake failed in a way
 * that may depend on what the client offers. `out` is filled in anyway. */
bool diagnose_clash_second_look(const struct facts_client *client,
                                const struct facts_endpoint *tried,
                                struct diagnose_second_look *out);

#endif
