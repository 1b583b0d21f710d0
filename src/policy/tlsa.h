/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_POLICY_TLSA_H
#define WAXSEAL_POLICY_TLSA_H

#include "facts/policy.h"
#include "policy/lookup.h"

/* The data of one TLSA record, and whether a sender of mail can use it (RFC 7672 section 3.1). */
void policy_tlsa_read(struct base_bytes data, struct base_arena *arena,
                      struct facts_tlsa_record *out);

/* Looks for the records of a mail host: address records must be secure, then "_PORT._tcp" in front
 * of the host's name (of the one at the end of its aliases first, RFC 7672 section 2.2.3). */
void policy_tlsa_find(struct policy_lookup *l, const char *host, unsigned port,
                      struct facts_tlsa *out);

/* "DNSSEC secure", for people. */
const char *policy_dnssec_word(enum facts_dnssec status);

#endif
