/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_REPORT_FINDING_H
#define WAXSEAL_REPORT_FINDING_H

#include "base/arena.h"
#include "report/paint.h"

/* A paragraph for a finding of `t`, with a blank line before it; `a` is scratch memory. */
void report_finding(const struct report_painter *p, struct base_arena *a,
                    const struct facts_target *t, const struct facts_finding *f);

#endif
