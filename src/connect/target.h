/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CONNECT_TARGET_H
#define WAXSEAL_CONNECT_TARGET_H

#include "connect/options.h"
#include "facts/target.h"

/* Which server is meant: TARGET, -connect, -host and -port or -unix, and how TLS begins there.
 * TARGET alone is a host (no MX is asked) and speaks as `check` would: STARTTLS in SMTP unless the
 * port or --protocol says otherwise. With -connect and its like s_client's rule holds: TLS from the
 * first byte unless -starttls is given; the well-known ports of STARTTLS (24, 25, 110, 143, 587,
 * 4190) mean STARTTLS all the same, since nothing else works there. */
WS_MUST_USE enum ws_err connect_target_parse(const struct connect_options *o, const char *operand,
                                             struct base_arena *arena, struct facts_target *out,
                                             struct base_error *e);

#endif
