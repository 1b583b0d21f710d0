/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_MAIL_EHLO_H
#define WAXSEAL_MAIL_EHLO_H

#include "base/arena.h"
#include "facts/endpoint.h"

#define MAIL_KEYWORDS 1024u /* of a hello that are kept */

/* Reads the keywords out of ehlo->reply, which must be complete: SMTP and LMTP from the second line
 * on (RFC 5321 4.1.1.1), IMAP from untagged CAPABILITY lines or the response code, POP3 from CAPA's
 * list, ManageSieve from its lines of strings. At most MAIL_KEYWORDS are kept. */
void mail_ehlo_read(struct facts_ehlo *ehlo, enum facts_protocol protocol,
                    struct base_arena *arena);
/* IMAP: the same from the "[CAPABILITY ...]" of another reply, such as the greeting (RFC 3501 7.1).
 */
void mail_ehlo_read_code(struct facts_ehlo *ehlo, const struct facts_reply *from,
                         struct base_arena *arena);
/* Parts of the list were lost to our limits: what is not in it may still be offered. */
bool mail_ehlo_was_cut(const struct facts_ehlo *ehlo, enum facts_protocol protocol);
/* Whether STARTTLS (POP3: STLS) is among the keywords, in which spelling, or masked. */
void mail_ehlo_find_starttls(const struct facts_ehlo *ehlo, enum facts_protocol protocol,
                             struct base_arena *arena, struct facts_starttls *out);

#endif
