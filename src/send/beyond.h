/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_BEYOND_H
#define WAXSEAL_SEND_BEYOND_H

#include "facts/policy.h"

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
    } policy;                      /* --tls-policy: what must hold */
    const char *policy_domain;     /* the domain that mail is for; "" none */
    const struct facts_tlsa *tlsa; /* DANE: what the server at hand must prove; NULL not asked */
    /* How names are looked up; all NULL: as every program of the system does it. */
    const char *resolver;     /* name servers, separated by commas: "127.0.0.1@5353" */
    const char *trust_anchor; /* file with the root's key for DNSSEC */
    const char *hosts;        /* file with addresses, in the format of /etc/hosts */
    bool no_explain;          /* TLS failures are not explained, and not looked at again */
    const char *session_out;  /* file for the TLS session; NULL none */
};

#endif
