/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TALK_EXCHANGE_H
#define WAXSEAL_TALK_EXCHANGE_H

#include "base/buf.h"
#include "mail/reply.h"
#include "talk/verbs.h"

/* The user's bytes and the server's, in turn: an engine without I/O. */

/* Whose turn it is, and what the user's next bytes are. */
enum talk_turn {
    TALK_TURN_COMMAND,
    TALK_TURN_ANSWER,  /* a line that answers a challenge, or ends IDLE */
    TALK_TURN_MESSAGE, /* lines up to "." */
    TALK_TURN_REFUSED, /* the same, but the server did not agree to them: not sent */
    TALK_TURN_BYTES,   /* a known number of bytes: BDAT, a literal */
    TALK_TURN_REPLY,   /* the server's */
};

/* What the reply that is awaited is about. */
enum talk_about {
    TALK_ABOUT_GREETING,
    TALK_ABOUT_COMMAND,
    TALK_ABOUT_MESSAGE, /* DATA: may the message come? */
    TALK_ABOUT_LITERAL, /* {n}: may the literal come? */
    TALK_ABOUT_TAKEN,   /* the message's end: did it take it? LMTP: once for each recipient */
};

#define TALK_LINE_MAX 4096u

struct talk_exchange {
    enum facts_protocol protocol;
    bool stuff;        /* a line of a message that begins with "." gets another one */
    bool skip_refused; /* a message that the server does not want is skipped in the input */
    enum talk_turn turn;
    enum talk_about about;
    const struct talk_verb *verb; /* of the last command; NULL: unknown */
    struct mail_reply_reader reader;
    uint8_t line[TALK_LINE_MAX]; /* the user's line, until it ends or does not fit */
    size_t line_len;
    bool line_passes;            /* it did not fit: its bytes go out as they come */
    bool cr;                     /* a CR came last */
    bool continued;              /* the line goes on behind a literal */
    bool discard;                /* what follows belongs to a command that was refused */
    bool last_chunk;             /* BDAT LAST: the reply is about the message */
    bool early;                  /* the reply came while the command was still going out */
    struct mail_literal literal; /* at the end of the line, in IMAP and ManageSieve */
    uint64_t bytes_left;         /* of TURN_BYTES */
    uint64_t skipped;            /* lines of TURN_REFUSED */
    size_t recipients;           /* LMTP: agreed to */
    size_t replies_left;         /* beyond the one awaited */
    unsigned tags;               /* given so far */
    unsigned asked;              /* replies that were asked for so far */
    struct mail_answer reply;    /* the last one that was asked for */
    bool leaving;                /* the server said that it closes: 421, BYE */
    bool goodbye;                /* it agreed to QUIT or LOGOUT */
};

/* `server_first`: a reply that nobody asked for comes first. Of a zeroed one, or one in use: then
 * it begins anew. */
void talk_exchange_init(struct talk_exchange *x, enum facts_protocol protocol, bool server_first);
void talk_exchange_release(struct talk_exchange *x);
/* Takes the user's bytes from the front of *in until they are used up or it is the server's turn;
 * what goes to the server is appended to `out`. A line ends in LF or CRLF, and goes out with CRLF;
 * an empty line where a command is expected is dropped. */
void talk_exchange_take(struct talk_exchange *x, struct base_bytes *in, struct base_buf *out);
/* Takes the server's bytes from the front of *in. True: the reply that was awaited is in
 * x->reply, *in stands behind it, and `turn` says what comes next. */
bool talk_exchange_feed(struct talk_exchange *x, struct base_bytes *in);
/* The command that leaves, with its CRLF; the exchange must be at a command. */
const char *talk_exchange_goodbye(const struct talk_exchange *x);

#endif
