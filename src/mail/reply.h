/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_MAIL_REPLY_H
#define WAXSEAL_MAIL_REPLY_H

#include "base/arena.h"
#include "base/buf.h"
#include "facts/reply.h"

/* Bytes of a line that are kept; what is beyond is read and dropped. */
#define MAIL_LINE_MAX 4096u

/* "{n}" or "{n+}" at the end of a line announces n raw bytes (RFC 3501 section 4.3, RFC 7888, RFC
 * 5804 section 4). It is followed byte by byte, so that a line of any length needs no memory. */
struct mail_literal {
    enum mail_literal_mark {
        MAIL_MARK_NONE,
        MAIL_MARK_OPEN,
        MAIL_MARK_DIGIT,
        MAIL_MARK_PLUS,
        MAIL_MARK_CLOSED /* the text so far ends in an announcement */
    } mark;
    bool plus;          /* "{n+}": the bytes follow without being asked for */
    uint64_t announced; /* a number too large to be counted stays MAIL_LITERAL_MAX or more */
};

#define MAIL_LITERAL_MAX (UINT64_MAX / 16)

/* More text of the line. A new line begins with a zeroed one. */
void mail_literal_follow(struct mail_literal *l, struct base_bytes text);

/* Cuts a stream of hostile bytes into lines. Linear time however the bytes arrive. */
struct mail_line_reader {
    struct base_buf line;  /* the line so far, without its end; at most MAIL_LINE_MAX bytes */
    uint64_t literal_left; /* bytes of a literal still to come */
    struct mail_literal literal;
    bool literals; /* IMAP, ManageSieve: literals belong to their line */
    bool begun;    /* bytes of the line have come, kept or not */
    bool cr_pending;
    bool truncated;
    bool bare_lf;
    bool bare_cr;
    bool control_bytes;
};

/* Limits of a reply that is kept; what is beyond is read, counted and not kept. */
#define MAIL_REPLY_LINES 512u       /* lines */
#define MAIL_REPLY_BYTES (4u << 20) /* then the reading stops, but for a patient reader's */

/* The forms a reply can have. */
enum mail_reply_form {
    MAIL_REPLY_SMTP,            /* 250-text ... 250 text (RFC 5321 4.2) */
    MAIL_REPLY_IMAP_GREETING,   /* one untagged line (RFC 3501 7.1) */
    MAIL_REPLY_IMAP,            /* untagged lines, then the tagged one; BYE may come before it */
    MAIL_REPLY_POP3,            /* +OK or -ERR (RFC 1939 3) */
    MAIL_REPLY_POP3_LIST,       /* the same, then lines up to "." after +OK */
    MAIL_REPLY_SIEVE,           /* lines, then OK, NO or BYE (RFC 5804 1.3) */
    MAIL_REPLY_SIEVE_CHALLENGE, /* the same; a string alone is a challenge (RFC 5804 2.1) */
};

/* What is done with a line that is none of the reply's form, and with much of it. */
enum mail_reply_manner {
    MAIL_STRICT,   /* the reading ends: MAIL_REPLY_BAD */
    MAIL_AS_SWAKS, /* SMTP: the line belongs to the reply that follows; any three digits and a
                    * blank end a reply */
    MAIL_PATIENT,  /* the line is noted and passed over, a reply may be of any size, and a server
                    * that asks back ("+", a challenge) has replied. Bytes that no one asked for
                    * are followed as well, so that a line that began before the question is never
                    * taken for the start of its reply */
};

enum mail_reply_state {
    MAIL_REPLY_MORE, /* needs more bytes */
    MAIL_REPLY_DONE,
    MAIL_REPLY_BAD,   /* the bytes are no reply of this protocol: see `odd` */
    MAIL_REPLY_LIMIT, /* larger than MAIL_REPLY_BYTES, or announces to be */
};

/* The end of a reply in short: all that is needed of one whose lines nobody keeps. */
struct mail_answer {
    enum mail_agreement {
        MAIL_YES,
        MAIL_NO,
        MAIL_GO_ON, /* the server wants more first: 3xx, "+", a challenge */
    } agreement;
    int code;          /* SMTP; 0 otherwise */
    bool noise;        /* lines came that are no reply of this protocol */
    bool leaving;      /* 421, BYE: the server will close */
    uint64_t bytes;    /* so far */
    char text[256];    /* the last line, without an IMAP tag; raw, cut at its end */
    char enhanced[16]; /* "5.7.1" of the first line, or "" (RFC 3463 section 2, RFC 2034) */
};

/* Whether it is as expected: a pattern of codes ("250", "2xx", "250|251"), or how it begins ("2",
 * "250 2.1.5", "OK", "NO", "ERR"; case is ignored). */
bool mail_answer_is(const struct mail_answer *a, const char *expected);

#define MAIL_TAG_MAX 64 /* of an IMAP command, with its NUL */

struct mail_reply_reader {
    struct mail_line_reader lines;
    enum mail_reply_manner manner;
    enum mail_reply_form form;
    struct base_arena *arena;
    struct facts_reply *out; /* NULL: lines are not kept */
    char tag[MAIL_TAG_MAX];  /* MAIL_REPLY_IMAP */
    bool awaiting;           /* a reply is being read */
    bool passes_line;        /* patient: the line under way began before the reply was asked for */
    bool in_list;
    struct mail_answer answer;
    struct base_bytes odd; /* BAD: the line that made no sense, at most 256 bytes; arena */
};

/* `arena` holds kept lines; it may be NULL for a patient reader that keeps none. */
void mail_reply_init(struct mail_reply_reader *r, enum mail_reply_manner manner,
                     struct base_arena *arena);
void mail_reply_release(struct mail_reply_reader *r);
/* The next bytes belong to a new reply, which is read into *out (NULL: only into r->answer). `tag`
 * NULL or "" outside of IMAP; copied, and may be r->tag. */
void mail_reply_begin(struct mail_reply_reader *r, enum mail_reply_form form, const char *tag,
                      struct facts_reply *out);
/* The lines of the reply under way are kept from here on. */
void mail_reply_keep(struct mail_reply_reader *r, struct base_arena *arena,
                     struct facts_reply *out);
/* Takes bytes from the front of *in; stops behind the reply. */
enum mail_reply_state mail_reply_feed(struct mail_reply_reader *r, struct base_bytes *in);

#endif
