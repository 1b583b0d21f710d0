/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_MAIL_REPLY_H
#define WAXSEAL_MAIL_REPLY_H

#include "base/arena.h"
#include "facts/reply.h"
#include "mail/line.h"

/* The forms a reply can have. */
enum mail_reply_form {
    MAIL_REPLY_SMTP,          /* 250-text ... 250 text (RFC 5321 4.2) */
    MAIL_REPLY_IMAP_GREETING, /* one untagged line (RFC 3501 7.1) */
    MAIL_REPLY_IMAP,          /* untagged lines, then the tagged one; status BYE after "* BYE" */
    MAIL_REPLY_POP3,          /* +OK or -ERR (RFC 1939 3) */
    MAIL_REPLY_POP3_LIST,     /* the same, then lines up to "." after +OK */
    MAIL_REPLY_SIEVE,         /* lines, then OK, NO or BYE (RFC 5804 1.3) */
};

enum mail_reply_state {
    MAIL_REPLY_MORE, /* needs more bytes */
    MAIL_REPLY_DONE,
    MAIL_REPLY_BAD,   /* the bytes are no reply of this protocol: see `odd` */
    MAIL_REPLY_LIMIT, /* larger than MAIL_REPLY_BYTES, or announces to be */
};

struct mail_reply_reader {
    struct mail_line_reader lines;
    struct base_arena *arena;
    struct facts_reply *out;
    enum mail_reply_form form;
    const char *tag;       /* MAIL_REPLY_IMAP */
    size_t bytes;          /* of this reply */
    struct base_bytes odd; /* BAD: the line that made no sense, at most 256 bytes; arena */
};

void mail_reply_init(struct mail_reply_reader *r, struct base_arena *arena);
void mail_reply_release(struct mail_reply_reader *r);
/* The next bytes belong to a new reply, which is read into *out. `tag` is borrowed. */
void mail_reply_begin(struct mail_reply_reader *r, enum mail_reply_form form, const char *tag,
                      struct facts_reply *out);
/* Takes bytes from the front of *in; stops behind the reply. */
enum mail_reply_state mail_reply_feed(struct mail_reply_reader *r, struct base_bytes *in);
/* "4.7.1" at the start of a reply text, or "" (RFC 3463 section 2, RFC 2034). */
const char *mail_enhanced_status(struct base_arena *arena, struct base_bytes text);

#endif
