/* SPDX-License-Identifier: Apache-2.0 */
/* probe_again - the same endpoint once more, without the user's restrictions
 *
 * After a handshake that failed in a way that may depend on what was offered: what is taken now
 * tells what clashed. */
#include "probe/again.h"

#define NEWEST 0x0304 /* no limit */

static enum ws_err look(const struct probe_config *config, const struct probe_route *route,
                        const struct probe_again *how, const struct facts_endpoint *tried,
                        struct base_arena *arena, struct facts_endpoint *open,
                        struct base_error *e) {
    const struct tls_client_config offer = {.min_version = how->min_version,
                                            .max_version = how->max_version};
    struct probe_config c = *config;
    struct probe_way way;
    facts_endpoint_again(open, tried);
    enum ws_err err = tls_client_context_new(&offer, &c.tls, e);
    if (err != WS_OK)
        return err;
    c.stay = true; /* what was negotiated is all that is asked */
    c.early_data = BASE_BYTES_EMPTY;
    c.sni = how->send_sni ? NULL : "";
    err = probe_way_open(&c, route, open, arena, &way, e);
    if (err == WS_OK)
        probe_way_play(&way);
    probe_way_close(&way);
    tls_context_free(c.tls);
    return err;
}

enum ws_err probe_look_again(const struct probe_config *config, const struct probe_route *route,
                             const struct probe_again *how, const struct facts_endpoint *tried,
                             struct base_arena *arena, struct facts_endpoint *open,
                             struct facts_client *client, struct base_error *e) {
    struct probe_again newest = *how;
    enum ws_err err = look(config, route, how, tried, arena, open, e);
    if (err != WS_OK || open->session.established || how->max_version >= NEWEST)
        return err;
    newest.max_version = NEWEST;
    err = look(config, route, &newest, tried, arena, open, e);
    if (err == WS_OK && open->session.established)
        client->cipher = client->groups = client->signature_schemes = NULL;
    return err;
}
