/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_PROBE_AGAIN_H
#define WAXSEAL_PROBE_AGAIN_H

#include "facts/client.h"
#include "probe/way.h"

/* What another look at the same endpoint offers: all that this machine can, but for these. */
struct probe_again {
    uint16_t min_version;
    uint16_t max_version; /* 0x0304: no limit */
    bool send_sni;
};

/* After a handshake that failed: visits `tried` again, up to the TLS session and no further, with
 * `config` but for what is offered (tls, sni, early_data and stay are not looked at); *open has
 * what was taken. With a limit to the version, when nothing is taken then either, a third look is
 * without it; where that one stands, suites, groups and signatures did not matter and are struck
 * out of *client (what the first look was told). Its own failure is in the facts; an error is
 * local. Blocks. */
WS_MUST_USE enum ws_err probe_look_again(const struct probe_config *config,
                                         const struct probe_route *route,
                                         const struct probe_again *how,
                                         const struct facts_endpoint *tried,
                                         struct base_arena *arena, struct facts_endpoint *open,
                                         struct facts_client *client, struct base_error *e);

#endif
