/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_POLICY_TLSA_H
#define WAXSEAL_POLICY_TLSA_H

#include "base/arena.h"
#include "facts/policy.h"

/* The data of one TLSA record, and whether a sender of mail can use it (RFC 7672 section 3.1). */
void policy_tlsa_read(struct base_bytes data, struct base_arena *arena,
                      struct facts_tlsa_record *out);

#endif
