/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_MAIL_EHLO_H
#define WAXSEAL_MAIL_EHLO_H

#include "base/arena.h"
#include "facts/endpoint.h"

/* Reads the keywords out of ehlo->reply, which must be complete: SMTP and LMTP from the second line
 * on (RFC 5321 4.1.1.1), IMAP from untagged CAPABILITY lines, POP3 from CAPA's list, ManageSieve
 * from its quoted lines. */
void mail_ehlo_read(struct facts_ehlo *ehlo, enum facts_protocol protocol,
                    struct base_arena *arena);
/* Whether STARTTLS (POP3: STLS) is among the keywords, in which spelling, or masked. */
void mail_ehlo_find_starttls(const struct facts_ehlo *ehlo, enum facts_protocol protocol,
                             struct base_arena *arena, struct facts_starttls *out);

#endif
