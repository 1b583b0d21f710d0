/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_MESSAGE_PRIVATE_H
#define WAXSEAL_SEND_MESSAGE_PRIVATE_H

#include "base/buf.h"
#include "send/message.h"
#include "send/source.h"

/* Between the files of message*.c and mime*.c. */

#define SEND_TEXT_MAX ((size_t)1 << 30)
#define SEND_MARK_MAX 48

/* What does not stand in the text of a message itself but is put in while it is sent. */
enum send_hole_kind {
    SEND_HOLE_STOP,     /* nothing: the end of the header that may be rewritten */
    SEND_HOLE_TEXT,     /* text that is ready: line ends and dots are still seen to */
    SEND_HOLE_VERBATIM, /* the same; shown (DUMP, MAIL) as it is */
    SEND_HOLE_BASE64
};

struct send_hole {
    enum send_hole_kind kind;
    struct send_source source;
    struct base_buf owned; /* what `source` reads, where it is not the caller's */
};

/* While the text is put together a hole is a mark in it: bytes that no rule of the text touches and
 * that occur nowhere else, as they hold 64 random bits. */
struct send_holes {
    char prefix[SEND_MARK_MAX];
    struct send_hole *list;
    size_t count;
};

void send_holes_init(struct send_holes *h);
void send_holes_release(struct send_holes *h);
/* A new hole; its mark is appended to `text`. NULL without memory (the text then has failed). */
struct send_hole *send_holes_add(struct send_holes *h, enum send_hole_kind kind,
                                 struct base_buf *text);
/* The same for a text, of which the hole takes over the memory. */
void send_holes_add_text(struct send_holes *h, enum send_hole_kind kind, struct base_buf *owned,
                         struct base_buf *text);
/* The mark of hole `index`, for finding it. */
void send_holes_mark(const struct send_holes *h, size_t index, char mark[SEND_MARK_MAX]);

/* A stretch of the message: text of its own, or a hole. */
struct send_segment {
    struct base_bytes text;
    struct send_hole *hole; /* NULL: text */
};

/* Line ends and dots, however the pieces are cut. */
struct send_lines {
    bool raw;        /* let everything pass */
    bool stuff;      /* double the dots */
    bool line_start; /* the next byte begins a line */
    bool after_cr;   /* the last byte was CR */
};
void send_lines_append(struct send_lines *l, struct base_buf *out, struct base_bytes in);

struct send_message {
    struct base_buf text;
    struct send_holes holes;
    struct send_segment *segments;
    size_t segment_count;
    bool no_fixup; /* --no-data-fixup */
    bool exact;    /* --message */
    bool as_swaks;

    enum send_message_form form;
    size_t segment;  /* being sent */
    size_t at;       /* in its text */
    bool tail_given; /* the last dot is out */
    struct send_lines lines;
    struct base_buf out;
};

/* message_stream.c: the next stretch into m->out; at most a chunk, may be nothing. */
WS_MUST_USE enum ws_err send_message_fill(struct send_message *m, struct base_error *e);

/* message_text.c: fills in m->text and m->holes. */
WS_MUST_USE enum ws_err send_message_compose(struct send_message *m,
                                             const struct send_message_input *in,
                                             struct base_error *e);
/* \n, %NEWLINE% and the tokens that stand for addresses, time and version. */
void send_message_expand_tokens(const struct send_message_input *in, struct base_buf *text);

#endif
