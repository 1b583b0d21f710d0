/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_NAMES_H
#define WAXSEAL_SEND_NAMES_H

#include "dns/wait.h"
#include "send/plan.h"

/* The project's resolver as --resolver, --trust-anchor and --hosts say. */

/* Is it to be asked for addresses too, in place of the system? `b` may be NULL. */
bool send_names_given(const struct send_beyond *b);
/* Are the options good? Costs nothing when none is given. */
bool send_names_check(const struct send_beyond *b, const struct base_log *log,
                      struct base_error *e);
/* For MX, TLSA and TXT and, unless `family` is NULL, addresses of that family. */
WS_MUST_USE enum ws_err send_names_open(const struct send_beyond *b, const enum send_family *family,
                                        const struct base_log *log, struct base_arena *arena,
                                        struct dns_wait *out, struct base_error *e);

#endif
