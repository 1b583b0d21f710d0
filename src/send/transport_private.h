/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_TRANSPORT_PRIVATE_H
#define WAXSEAL_SEND_TRANSPORT_PRIVATE_H

#include "dns/wait.h"
#include "net/address.h"
#include "net/proxy.h"
#include "send/record.h"
#include "send/transport.h"

/* What the files of the transport share. */

/* --via-proxy: whom to ask, and where that is; texts are the arena's. */
struct send_proxy_url {
    struct net_proxy_url proxy;
    const char *host;
    const char *port;
};
/* WS_SYNTAX names the text and what is possible. */
WS_MUST_USE enum ws_err send_proxy_url_parse(const char *text, struct base_arena *arena,
                                             struct send_proxy_url *out, struct base_error *e);

/* The addresses of a host, in the system's order, of the plan's family and found as it says; their
 * memory is the arena's. */
struct send_addresses {
    struct net_address *items;
    size_t count;
    const char *why; /* "" or why there is none */
};
void send_addresses_find(const char *host, const char *port, const struct send_plan *plan,
                         struct base_arena *arena, struct send_addresses *out);
/* The local end that the target asks for, for a remote address; false with *why when it has none of
 * that family. *out is NULL when the system may choose. */
bool send_addresses_source(const struct send_target *target, const struct net_address *remote,
                           struct net_address *room, const struct net_address **out,
                           const char **why);

/* --tls-policy for one run: what was found for the domain and for the server at hand. */
struct send_policy_run {
    struct send_plan *plan;    /* changed as the policy asks */
    struct send_beyond beyond; /* plan->beyond from now on */
    struct send_transcript *transcript;
    struct base_arena *arena;
    struct send_tls own; /* what the user said, before the policy */
    struct send_policy_facts facts;
    struct facts_sts sts;
    struct facts_tlsa tlsa;
    struct dns_wait wait; /* for all that is looked up; opened when needed */
};
/* Looks up what the domain says. On failure the reason has been written. */
enum send_exit send_policy_begin(struct send_policy_run *p, struct send_plan *plan,
                                 struct send_transcript *t, struct base_arena *arena);
/* The same for plan->target.server, before each connection. */
enum send_exit send_policy_server(struct send_policy_run *p);
void send_policy_end(struct send_policy_run *p);

/* plan->repeat transactions, plan->concurrency at a time, and what came of them. */
enum send_exit send_transport_many(const struct send_plan *plan);

#endif
