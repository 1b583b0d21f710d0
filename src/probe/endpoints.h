/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_PROBE_ENDPOINTS_H
#define WAXSEAL_PROBE_ENDPOINTS_H

#include "base/arena.h"
#include "facts/target.h"

/* One endpoint for each address of each host of a resolved target, in order of preference; the same
 * address under two MX names is two endpoints, since name and certificate may differ. */
WS_MUST_USE enum ws_err probe_endpoints_build(struct facts_target *t, struct base_arena *arena);

#endif
