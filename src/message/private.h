/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_MESSAGE_PRIVATE_H
#define WAXSEAL_MESSAGE_PRIVATE_H

#include "base/buf.h"
#include "message/message.h"

/* Between the files of this folder. */

/* --- source.c --- */

/* Bytes that are read again and again from the start: memory, or a file of known size. */
struct message_source {
    struct base_bytes bytes; /* memory */
    char *path;              /* file: opened when it is read, owned */
    int spool;               /* a nameless copy of what can be read only once, or -1 */
    int fd;                  /* open file, or -1 */
    uint64_t size;
    uint64_t start; /* where reading begins */
    uint64_t at;    /* next byte to be read */
};

void message_source_of_bytes(struct message_source *s, struct base_bytes bytes); /* borrows */
/* A file; one that can be read only once (a pipe, "-" for standard input) is copied to a nameless
 * file in $TMPDIR first. A path that is gone is looked for as a Maildir entry: "cur" in place of
 * "new", and other flags behind the colon. WS_IO names the file. */
WS_MUST_USE enum ws_err message_source_of_file(struct message_source *s, const char *path,
                                               struct base_error *e);
/* The file, or where `path` is NULL the bytes. */
WS_MUST_USE enum ws_err message_source_open(struct message_source *s, struct base_bytes bytes,
                                            const char *path, struct base_error *e);
void message_source_release(struct message_source *s);

/* Back to `start`; closes the file. */
void message_source_rewind(struct message_source *s);
/* Fills dst with `cap` bytes, fewer only at the end; *got 0 is the end. WS_IO when it can't be read
 * or has become shorter or longer. */
WS_MUST_USE enum ws_err message_source_read(struct message_source *s, uint8_t *dst, size_t cap,
                                            size_t *got, struct base_error *e);
/* All of it, appended. */
WS_MUST_USE enum ws_err message_source_read_all(struct message_source *s, struct base_buf *out,
                                                struct base_error *e);
/* The same from start to end. */
WS_MUST_USE enum ws_err message_source_read_whole(struct base_bytes bytes, const char *path,
                                                  struct base_buf *out, struct base_error *e);

/* --- holes.c --- */

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
    size_t cap;
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

/* The hole whose mark `text`, which begins with the prefix, begins with; *len is that of the mark.
 * NULL: it is the mark of nothing. */
struct message_hole *message_holes_find(const struct message_holes *h, struct base_bytes text,
                                        size_t *len);

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
    size_t segment_cap;
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

/* --- stream.c --- */

/* The next stretch into m->out; at most a chunk, may be nothing. */
WS_MUST_USE enum ws_err message_fill(struct message *m, struct base_error *e);

/* --- text.c --- */

/* Fills in m->text and m->holes. */
WS_MUST_USE enum ws_err message_compose(struct message *m, const struct message_input *in,
                                        struct base_error *e);
/* \n, %NEWLINE% and the tokens that stand for addresses, time and version. */
void message_expand_tokens(const struct message_input *in, struct base_buf *text);

/* Replaces %NAME% and ..NAME.. (upper case, exactly) in the first *end bytes, of which there are
 * *end afterwards; NULL: everywhere. What was put in is not looked at again. Failure is the
 * buffer's sticky `failed`. */
void message_tokens_replace(struct base_buf *text, size_t *end, const char *name,
                            struct base_bytes value);
/* A backslash and an n become CRLF. */
void message_tokens_expand_newlines(struct base_buf *text);

/* --- header.c --- */

/* What is to be done with the header of a message. Each text is "Name: value"; a backslash and an n
 * in it are a line feed. */
struct message_header_wish {
    const char *first;      /* whole lines that go before `add`; NULL or "" none */
    const char *const *add; /* go to %NEW_HEADERS%, else to the end of the header */
    size_t add_count;
    /* Each takes the place of the last field of its name (and its continuation lines); where there
     * is none it is added behind `add`. A \n that no blank follows begins another field. */
    const char *const *replace;
    size_t replace_count;
    bool nocase;      /* names match without regard to case */
    const char *stop; /* no field is replaced from this text on; NULL: up to the first empty line */
};

/* Rewrites the header section of the message, which ends at the first empty line. A message without
 * one is all header, and gets one. Failure is the buffer's sticky `failed`. */
void message_header_apply(struct base_buf *message, const struct message_header_wish *wish);

/* --- mime.c --- */

/* The body of the message and the header fields that say what it is. A message without parts and
 * charset is its --body alone and needs no fields. Fields end in a backslash and an n, as the
 * message is not expanded yet. Contents that must stay as they are become holes. */
WS_MUST_USE enum ws_err message_mime_compose(const struct message_input *in,
                                             struct message_holes *holes, struct base_buf *fields,
                                             struct base_buf *body, struct base_error *e);

/* --- mime_type.c --- */

/* The type by the end of a file's name ("report.pdf" -> "application/pdf"); NULL not known. */
const char *message_mime_type_of_name(struct base_bytes name);
/* The type of content by libmagic, which is loaded for it; valid until the next call, NULL when
 * there is no libmagic or it does not know. `start` is the start of the content. */
const char *message_mime_type_of_content(struct base_bytes start);

#endif
