/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_POLICY_STS_H
#define WAXSEAL_POLICY_STS_H

#include "base/arena.h"
#include "facts/policy.h"

/* MTA-STS texts: pure functions (RFC 8461). */

#define POLICY_STS_MX_MAX 256u
#define POLICY_STS_BYTES_MAX ((size_t)65536) /* RFC 8461 section 3.3 suggests it */

/* A TXT string of "_mta-sts.DOMAIN": does it claim to be a record ("v=STSv1")? */
bool policy_sts_is_record(struct base_bytes text);
/* Its id; "" (and *why) when the record breaks section 3.1. */
const char *policy_sts_record_id(struct base_bytes text, struct base_arena *arena,
                                 const char **why);
/* The policy file: fills mode, mx, max_age; false with out->why when it breaks section 3.2. */
bool policy_sts_parse(struct base_bytes text, struct base_arena *arena, struct facts_sts *out);
/* Does the policy allow this mail host? "*.example.org" stands for exactly one label (4.1). */
bool policy_sts_allows(const struct facts_sts *policy, const char *host);

#endif
