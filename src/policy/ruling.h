/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_POLICY_RULING_H
#define WAXSEAL_POLICY_RULING_H

#include "facts/policy.h"

/* What a sender that honours a published policy does with mail. Pure functions over facts. */
enum policy_ruling {
    POLICY_ASKS_NOTHING, /* nothing is published that binds: mail goes as it would without */
    POLICY_ONLY_REPORTS, /* MTA-STS in testing: mail goes, and failures are reported */
    POLICY_ASKS_TLS,     /* DANE without a usable record: TLS is a must, nothing can be proven */
    POLICY_ASKS_PROOF,   /* TLS is a must, and the server has to prove itself */
    POLICY_FORBIDS,      /* no mail may go to this server */
    POLICY_MUST_WAIT,    /* could not be found out: mail waits, for somebody may be in the way */
};

/* Do TLSA records of the hosts count? Only when the MX answer that names them is proven (RFC 7672
 * section 2.2.1); ASKS_PROOF: they do. */
enum policy_ruling policy_dane_mx(const struct facts_dns_answer *mx);
/* The records of one host (RFC 7672 section 2.2): ASKS_PROOF is by a record. */
enum policy_ruling policy_dane_host(const struct facts_tlsa *t);
/* A policy for itself, before a host is known: ASKS_PROOF in mode enforce (RFC 8461 section 5). */
enum policy_ruling policy_sts_domain(const struct facts_sts *s);
/* And for one mail host: ASKS_PROOF is by name and public authority, FORBIDS that the policy does
 * not name it. */
enum policy_ruling policy_sts_host(const struct facts_sts *s, const char *host);

/* Does the policy allow this mail host? "*.example.org" stands for exactly one label (4.1). */
bool policy_sts_allows(const struct facts_sts *policy, const char *host);

#endif
