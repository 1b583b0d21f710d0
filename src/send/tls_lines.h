/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_TLS_LINES_H
#define WAXSEAL_SEND_TLS_LINES_H

#include "base/arena.h"
#include "send/plan.h"
#include "send/transcript.h"

/* "=== TLS started with cipher ..." and what follows, for a session that is up. */
void send_tls_lines(struct send_transcript *t, const struct send_plan *plan,
                    const struct tls_session *s, struct base_arena *arena);
/* Why the certificate is not good enough for what was demanded, "" when it is. */
const char *send_tls_objection(const struct send_plan *plan, const struct tls_session *s,
                               struct base_arena *arena);

/* Why no context could be made: as swaks says it, or with the option's name as it is here. */
const char *send_tls_trouble(const struct send_plan *plan, const char *message,
                             struct base_arena *arena);

#endif
