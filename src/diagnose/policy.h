/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_DIAGNOSE_POLICY_H
#define WAXSEAL_DIAGNOSE_POLICY_H

#include "base/arena.h"
#include "facts/policy.h"

/* The certificates shown match none of the host's TLSA records: the finding. False when nothing can
 * be said (no certificate came, or no record is usable). */
bool diagnose_tlsa_mismatch(const struct facts_tlsa *tlsa, const struct facts_endpoint *e,
                            struct base_arena *arena, struct facts_finding *out);

#endif
