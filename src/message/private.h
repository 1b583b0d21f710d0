/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_MESSAGE_PRIVATE_H
#define WAXSEAL_MESSAGE_PRIVATE_H

#include "base/buf.h"
#include "message/message.h"
#include "message/source.h"

/* Between the files of this folder. */

#define MESSAGE_TEXT_MAX ((size_t)1 << 30)
#define MESSAGE_MARK_MAX 48

/* What does not stand in the text of a message itself but is put in while it is sent. */
enum message_hole_kind {
    MESSAGE_HOLE_STOP,     /* nothing: the end of the header that may be rewritten */
    MESSAGE_HOLE_TEXT,     /* text that is ready: line ends and dots are still seen to */
    MESSAGE_HOLE_VERBATIM, /* the same; shown (DUMP, MAIL) as it is */
    MESSAGE_HOLE_BASE64
};

struct message_hole {
    enum message_hole_kind kind;
    struct message_source source;
    struct base_buf owned; /* what `source` reads, where it is not the caller's */
};

/* While the text is put together a hole is a mark in it: bytes that no rule of the text touches and
 * that occur nowhere else, as they hold 64 random bits. */
struct message_holes {
    char prefix[MESSAGE_MARK_MAX];
    struct message_hole *list;
    size_t count;
};

void message_holes_init(struct message_holes *h);
void message_holes_release(struct message_holes *h);
/* A new hole; its mark is appended to `text`. NULL without memory (the text then has failed). */
struct message_hole *message_holes_add(struct message_holes *h, enum message_hole_kind kind,
                                       struct base_buf *text);
/* The same for a text, of which the hole takes over the memory. */
void message_holes_add_text(struct message_holes *h, enum message_hole_kind kind,
                            struct base_buf *owned, struct base_buf *text);
/* The mark of hole `index`, for finding it. */
void message_holes_mark(const struct message_holes *h, size_t index, char mark[MESSAGE_MARK_MAX]);

/* A stretch of the message: text of its own, or a hole. */
struct message_segment {
    struct base_bytes text;
    struct message_hole *hole; /* NULL: text */
};

/* Line ends and dots, however the pieces are cut. */
struct message_lines {
    bool raw;        /* let everything pass */
    bool stuff;      /* double the dots */
    bool line_start; /* the next byte begins a line */
    bool after_cr;   /* the last byte was CR */
};
void message_lines_append(struct message_lines *l, struct base_buf *out, struct base_bytes in);

struct message {
    struct base_buf text;
    struct message_holes holes;
    struct message_segment *segments;
    size_t segment_count;
    bool no_fixup; /* --no-data-fixup */
    bool exact;    /* --message */
    bool as_swaks;

    enum message_form form;
    size_t segment;  /* being sent */
    size_t at;       /* in its text */
    bool tail_given; /* the last dot is out */
    struct message_lines lines;
    struct base_buf out;
};

/* stream.c: the next stretch into m->out; at most a chunk, may be nothing. */
WS_MUST_USE enum ws_err message_fill(struct message *m, struct base_error *e);

/* text.c: fills in m->text and m->holes. */
WS_MUST_USE enum ws_err message_compose(struct message *m, const struct message_input *in,
                                        struct base_error *e);
/* \n, %NEWLINE% and the tokens that stand for addresses, time and version. */
void message_expand_tokens(const struct message_input *in, struct base_buf *text);

#endif
