/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_BEYOND_H
#define WAXSEAL_SEND_BEYOND_H

#include <stdbool.h>

/* How the way to the server, and the trust in it, go beyond swaks. Texts outlive the
 * transaction. */
struct send_beyond {
    bool all_mx;           /* one transaction with each host of the route */
    bool try_next_mx;      /* the next host when one can't be reached */
    const char *route;     /* the domain to look up for these two */
    const char *via_proxy; /* "socks5://[USER:PASSWORD@]HOST:PORT", "http://..."; NULL none */
    enum send_policy {
        SEND_POLICY_NONE,
        SEND_POLICY_DANE,
        SEND_POLICY_MTA_STS,
        SEND_POLICY_PKIX
    } policy;                /* --tls-policy: what must hold */
    const char *session_out; /* file for the TLS session; NULL none */
};

#endif
