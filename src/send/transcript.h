/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_TRANSCRIPT_H
#define WAXSEAL_SEND_TRANSCRIPT_H

#include "base/buf.h"
#include "send/plan.h"

/* What the user sees: each line with its prefix, on its stream, or hidden as asked. Lines are kept
 * until send_transcript_flush, which the driver calls before it waits. */
struct send_transcript {
    const struct send_output *output;
    struct base_buf out;
    struct base_buf err;
    struct base_buf errors; /* --json: the lines of errors, separated by LF */
    bool error_seen;        /* --silent 1 talks from now on */
    bool failed;            /* could not be written */
};

void send_transcript_init(struct send_transcript *t, const struct send_output *output);
void send_transcript_release(struct send_transcript *t); /* flushes */
void send_transcript_flush(struct send_transcript *t);

enum send_line {
    SEND_LINE_INFO,       /* "=== " */
    SEND_LINE_ERROR,      /* "*** ", to the error stream */
    SEND_LINE_SENT,       /* " -> ", " ~> " */
    SEND_LINE_RECEIVED,   /* "<-  ", "<~  " */
    SEND_LINE_UNEXPECTED, /* "<** ", "<~* " */
    SEND_LINE_RAW_SENT,   /* "  > " */
    SEND_LINE_RAW_RECEIVED,
};

/* A text of one or more lines: each gets the prefix. */
void send_transcript_text(struct send_transcript *t, enum send_line kind, bool in_tls,
                          struct base_bytes text);
void send_transcript_info(struct send_transcript *t, const char *fmt, ...) WS_PRINTF(2, 3);
void send_transcript_error(struct send_transcript *t, const char *fmt, ...) WS_PRINTF(2, 3);
/* Bytes as they pass, for --show-raw-text. */
void send_transcript_raw(struct send_transcript *t, bool sent, struct base_bytes bytes);
/* The same for what was sent in pieces: `at` bytes came before, a multiple of the row's width. */
#define SEND_TRANSCRIPT_ROW 16u
void send_transcript_raw_sent_at(struct send_transcript *t, size_t at, struct base_bytes bytes);
/* "=== response in 0.001s", if asked for. */
void send_transcript_lapse(struct send_transcript *t, base_usec lapse);

/* Parts of one text that come one after the other (a message as it is sent): the prefix stands
 * before each line, however the pieces are cut. send_transcript_end ends the last line. */
struct send_transcript_stream {
    bool begun;
    bool in_line;
    bool kept_cr, kept_lf; /* the end of the last line, not shown yet */
    bool in_tls;
    bool shown;
};
void send_transcript_piece(struct send_transcript *t, struct send_transcript_stream *s,
                           struct base_bytes piece);
void send_transcript_end(struct send_transcript *t, struct send_transcript_stream *s);

#endif
