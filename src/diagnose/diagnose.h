/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_DIAGNOSE_DIAGNOSE_H
#define WAXSEAL_DIAGNOSE_DIAGNOSE_H

#include "base/arena.h"
#include "facts/client.h"
#include "facts/target.h"

struct diagnose_config {
    int64_t now;                       /* seconds since 1970 */
    int expiring_days;                 /* below this many days left: "expiring soon" (21) */
    const struct facts_client *client; /* what our side was told to offer; NULL: everything */
};

/* Facts x rule table -> target->findings (sorted: severity, endpoint, rule order; equal findings of
 * several endpoints collapsed into one with `also`) and target->verdict. */
void diagnose_target(struct facts_target *target, const struct diagnose_config *c,
                     struct base_arena *arena);

/* The worse of two verdicts: no STARTTLS, could not tell, problems, fine. */
enum facts_verdict diagnose_worse(enum facts_verdict a, enum facts_verdict b);
/* The exit code of a run whose worst verdict this is: 0 all fine, 1 problems found, 2 can't
 * STARTTLS or verify where required, 3 could not tell. */
int diagnose_exit_code(enum facts_verdict worst);

/* All rule ids, for docs and tests: index 0..n-1, NULL behind the last. */
const char *diagnose_rule_id(size_t index);
const char *diagnose_rule_summary(size_t index);

#endif
