/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_DIAGNOSE_POLICY_H
#define WAXSEAL_DIAGNOSE_POLICY_H

#include "base/arena.h"
#include "facts/policy.h"

/* The certificates shown match none of the host's TLSA records: the finding. False when nothing can
 * be said (no certificate came, or no record is usable). */
bool diagnose_tlsa_mismatch(const struct facts_tlsa *tlsa, const struct facts_endpoint *e,
                            struct base_arena *arena, struct facts_finding *out);

/* What keeps published policies from protecting mail, as a finding; false: nothing does. `fix` is
 * what the owner of the domain or host has to do. */
bool diagnose_dane_mx(const char *domain, const struct facts_dns_answer *mx,
                      struct base_arena *arena, struct facts_finding *out);
bool diagnose_dane_host(const struct facts_tlsa *tlsa, unsigned port, struct base_arena *arena,
                        struct facts_finding *out);
bool diagnose_sts_domain(const struct facts_sts *sts, struct facts_finding *out);
bool diagnose_sts_host(const struct facts_sts *sts, const char *host, struct base_arena *arena,
                       struct facts_finding *out);

#endif
