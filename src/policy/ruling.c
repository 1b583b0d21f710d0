/* SPDX-License-Identifier: Apache-2.0 */
/* ruling - what published policies come to for one delivery
 *
 * The rules of RFC 7672 (DANE) and RFC 8461 (MTA-STS) in one place, for a transaction that keeps
 * to them and for a report that tells whether others can. */
#include "policy/ruling.h"

enum policy_ruling policy_dane_mx(const struct facts_dns_answer *mx) {
    bool answered = mx->result == FACTS_DNS_DATA || mx->result == FACTS_DNS_NODATA ||
                    mx->result == FACTS_DNS_NXDOMAIN;
    if (!answered || mx->status == FACTS_DNSSEC_INDETERMINATE)
        return POLICY_MUST_WAIT;
    return mx->status == FACTS_DNSSEC_SECURE ? POLICY_ASKS_PROOF : POLICY_ASKS_NOTHING;
}

enum policy_ruling policy_dane_host(const struct facts_tlsa *t) {
    switch (t->state) {
    case FACTS_TLSA_USABLE:
        return POLICY_ASKS_PROOF;
    case FACTS_TLSA_UNUSABLE:
        return POLICY_ASKS_TLS;
    case FACTS_TLSA_UNKNOWN:
        return POLICY_MUST_WAIT;
    case FACTS_TLSA_NOT_ASKED:
    case FACTS_TLSA_NONE:
    case FACTS_TLSA_INSECURE:
        break;
    }
    return POLICY_ASKS_NOTHING;
}

enum policy_ruling policy_sts_domain(const struct facts_sts *s) {
    if (s->state == FACTS_STS_UNKNOWN)
        return POLICY_MUST_WAIT;
    if (s->state != FACTS_STS_FOUND || s->mode == FACTS_STS_MODE_NONE)
        return POLICY_ASKS_NOTHING;
    return s->mode == FACTS_STS_MODE_TESTING ? POLICY_ONLY_REPORTS : POLICY_ASKS_PROOF;
}

enum policy_ruling policy_sts_host(const struct facts_sts *s, const char *host) {
    enum policy_ruling r = policy_sts_domain(s);
    return r == POLICY_ASKS_PROOF && !policy_sts_allows(s, host) ? POLICY_FORBIDS : r;
}
