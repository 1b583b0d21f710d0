/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TALK_FOLLOW_H
#define WAXSEAL_TALK_FOLLOW_H

#include "base/bytes.h"

/* Follows the server's bytes to the end of a reply without keeping them: a reply may be a message
 * of any size. mail/reply.h keeps whole replies, and so has a limit. */

/* The last bytes of a text that comes in pieces: where "{123}" announces a literal. */
struct talk_tail {
    uint8_t bytes[32];
    size_t len;
};

void talk_tail_add(struct talk_tail *t, struct base_bytes piece);
/* Whether it ends in "{n}" or "{n+}" (RFC 3501 section 4.3, RFC 7888). */
bool talk_tail_announces(const struct talk_tail *t, uint64_t *n, bool *plus);

enum talk_form {
    TALK_FORM_SMTP,
    TALK_FORM_IMAP_GREETING,
    TALK_FORM_IMAP, /* up to the line with our tag, or "+" */
    TALK_FORM_POP3,
    TALK_FORM_POP3_LIST, /* after +OK lines up to "." */
    TALK_FORM_SIEVE,
    TALK_FORM_SIEVE_CHALLENGE, /* a string alone is a challenge (RFC 5804 section 2.1) */
};

enum talk_answer {
    TALK_ANSWER_YES,
    TALK_ANSWER_NO,
    TALK_ANSWER_MORE, /* the server wants more first: 3xx, "+", a challenge */
};

struct talk_reply {
    enum talk_answer answer;
    int code;          /* SMTP; 0 otherwise */
    bool noise;        /* lines came that are no reply of this protocol */
    bool leaving;      /* 421, BYE: the server will close */
    uint64_t bytes;    /* so far */
    char text[256];    /* the last line, without an IMAP tag; raw, cut at its end */
    char enhanced[16]; /* "5.7.1" of the first line, or "" */
};

/* Whether it is as expected: a pattern of codes ("250", "2xx", "250|251"), or how it begins ("2",
 * "250 2.1.5", "OK", "NO", "ERR"; case is ignored). */
bool talk_reply_is(const struct talk_reply *r, const char *expected);

struct talk_follower {
    enum talk_form form;
    char tag[64];
    uint8_t head[512]; /* the start of the line that is being read */
    size_t head_len;
    struct talk_tail tail;
    uint64_t literal_left;
    bool in_line;   /* bytes of an unfinished line have come */
    bool skip_line; /* it began before the reply was asked for */
    bool awaiting;
    bool in_list;
    struct talk_reply reply;
};

/* Zero-initialised: no reply is awaited, and the bytes that come are nobody's. */
void talk_follower_begin(struct talk_follower *f, enum talk_form form, struct base_bytes tag);
/* Takes bytes from the front of *in; stops behind the reply (true: it is in f->reply). */
bool talk_follower_feed(struct talk_follower *f, struct base_bytes *in);

#endif
