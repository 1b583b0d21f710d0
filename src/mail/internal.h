/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_MAIL_INTERNAL_H
#define WAXSEAL_MAIL_INTERNAL_H

#include "facts/endpoint.h"
#include "mail/reply.h"

/* What the files of mail/ share; for nobody else. */

/* --- protocol.c --- */

/* What differs between the protocols; the dialogue itself is the same for all. Commands may hold
 * one %s: the name we give. Tags of IMAP are part of the command. */
struct mail_protocol {
    enum facts_protocol id;
    enum mail_reply_form greeting;
    const char *hello;      /* NULL: the greeting itself lists what the server can do */
    const char *hello_verb; /* for facts_ehlo.verb */
    const char *hello_tag;
    enum mail_reply_form hello_form;
    const char *old_hello; /* when `hello` is refused for good, or NULL */
    const char *old_verb;
    const char *starttls;
    const char *starttls_tag;
    enum mail_reply_form starttls_form;
    const char *hello_again; /* inside TLS; NULL: the server speaks first */
    const char *again_tag;
    const char *quit;
    const char *quit_tag;
    enum mail_reply_form quit_form;
};

const struct mail_protocol *mail_protocol_of(enum facts_protocol id);

/* A reply says yes: 2xx (SMTP, LMTP), OK or PREAUTH, +OK. */
bool mail_protocol_agrees(const struct facts_reply *reply);
/* A reply says that the connection will be closed: 421, BYE. */
bool mail_protocol_leaves(const struct facts_reply *reply);

/* --- ehlo.c --- */

/* mail_ehlo_read, IMAP: from the "[CAPABILITY ...]" of another reply, such as the greeting (RFC
 * 3501 7.1). */
void mail_ehlo_read_code(struct facts_ehlo *ehlo, const struct facts_reply *from,
                         struct base_arena *arena);
/* Parts of the list were lost to our limits: what is not in it may still be offered. */
bool mail_ehlo_was_cut(const struct facts_ehlo *ehlo, enum facts_protocol protocol);
/* Whether STARTTLS (POP3: STLS) is among the keywords, in which spelling, or masked. */
void mail_ehlo_find_starttls(const struct facts_ehlo *ehlo, enum facts_protocol protocol,
                             struct base_arena *arena, struct facts_starttls *out);

#endif
