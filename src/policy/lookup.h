/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_POLICY_LOOKUP_H
#define WAXSEAL_POLICY_LOOKUP_H

#include "dns/packet.h"
#include "dns/resolver.h"

/* A resolver that is asked one thing after the other, and waited for. */
struct policy_lookup {
    struct net_loop *loop;
    struct dns_resolver *resolver;
    struct base_arena *arena; /* of all facts */
};

/* `c` as for dns_resolver_new. Its mistakes are the error's. */
WS_MUST_USE enum ws_err policy_lookup_open(struct policy_lookup *l, const struct dns_config *c,
                                           const struct base_log *log, struct base_arena *arena,
                                           struct base_error *e);
void policy_lookup_close(struct policy_lookup *l);
/* One question; what fails here on this machine is an answer too (FACTS_DNS_ERROR). */
void policy_lookup_ask(struct policy_lookup *l, const char *name, unsigned type,
                       struct dns_lookup *out);
/* MX and addresses of a domain, or the addresses of a host. */
void policy_lookup_target(struct policy_lookup *l, struct facts_target *target);

#endif
