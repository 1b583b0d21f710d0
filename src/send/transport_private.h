/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_TRANSPORT_PRIVATE_H
#define WAXSEAL_SEND_TRANSPORT_PRIVATE_H

#include "net/address.h"
#include "net/proxy.h"
#include "send/transport.h"

/* What the files of the transport share. */

/* "socks5://[user[:password]@]host[:port]", "http://..." taken apart; texts are the arena's. */
struct send_proxy_url {
    enum net_proxy_kind kind;
    const char *host;
    const char *port;
    const char *user; /* NULL none */
    const char *password;
};
/* WS_SYNTAX names the text and what is possible. */
WS_MUST_USE enum ws_err send_proxy_url_parse(const char *text, struct base_arena *arena,
                                             struct send_proxy_url *out, struct base_error *e);

/* The addresses of a host, in the system's order; their memory is the arena's. */
struct send_addresses {
    struct net_address *items;
    size_t count;
    const char *why; /* "" or why there is none */
};
void send_addresses_find(const char *host, const char *port, enum send_family family,
                         struct base_arena *arena, struct send_addresses *out);
/* The local end that the target asks for, for a remote address; false with *why when it has none of
 * that family. *out is NULL when the system may choose. */
bool send_addresses_source(const struct send_target *target, const struct net_address *remote,
                           struct net_address *room, const struct net_address **out,
                           const char **why);

/* plan->repeat transactions, plan->concurrency at a time, and what came of them. */
enum send_exit send_transport_many(const struct send_plan *plan);

#endif
