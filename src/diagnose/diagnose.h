/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_DIAGNOSE_DIAGNOSE_H
#define WAXSEAL_DIAGNOSE_DIAGNOSE_H

#include "base/arena.h"
#include "base/error.h"
#include "facts/client.h"
#include "facts/target.h"

struct diagnose_config {
    int64_t now;                       /* seconds since 1970 */
    int expiring_days;                 /* below this many days left: "expiring soon" (21) */
    const struct facts_client *client; /* what our side was told to offer; NULL: everything */
};

/* Facts x rule table -> target->findings (sorted: severity, endpoint, rule order; equal findings of
 * several endpoints collapsed into one with `also`) and target->verdict. */
void diagnose_target(struct facts_target *target, const struct diagnose_config *c,
                     struct base_arena *arena);

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

/* The worse of two verdicts: no STARTTLS, could not tell, problems, fine. */
enum facts_verdict diagnose_worse(enum facts_verdict a, enum facts_verdict b);
/* The exit code of a run whose worst verdict this is: 0 all fine, 1 problems found, 2 can't
 * STARTTLS or verify where required, 3 could not tell. */
int diagnose_exit_code(enum facts_verdict worst);

#endif
