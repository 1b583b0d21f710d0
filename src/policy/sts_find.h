/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_POLICY_STS_FIND_H
#define WAXSEAL_POLICY_STS_FIND_H

#include "policy/lookup.h"
#include "policy/sts.h"

/* How the policy is fetched. */
struct policy_sts_config {
    const char *ca_file, *ca_dir; /* both NULL: the system's roots */
    const char *proxy;            /* "socks5://HOST:PORT", "http://..."; NULL none */
    const char *proxy_user, *proxy_secret;
    unsigned port;     /* 0: 443 */
    base_usec timeout; /* 0: 15 s */
};

/* Record, then policy of `domain` (A-labels). Blocks. */
void policy_sts_find(struct policy_lookup *l, const char *domain, const struct policy_sts_config *c,
                     struct facts_sts *out);

#endif
