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

#endif
