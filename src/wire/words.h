/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_WIRE_WORDS_H
#define WAXSEAL_WIRE_WORDS_H

#include "base/buf.h"
#include "base/reader.h"

#define WIRE_WORDS_LIST_MAX 256 /* entries of a list that are shown */

/* The lines of one message in words; inner to wire/describe. A line is begun with `depth` of its
 * own, which is then raised by one for what belongs to it: folded lists, hex, trouble. */
struct wire_words {
    struct base_buf *out;
    struct base_buf sink; /* takes what comes after the end; holds nothing */
    size_t end;           /* no line begins when `out` is this long */
    unsigned depth;       /* of the next line, two spaces each */
    bool open;            /* a line has no end yet */
    bool cut;
    bool bytes;        /* contents in hex */
    size_t line_start; /* in `out` */
    const char *told;  /* the trouble told last, and where */
    size_t told_at;
};

/* Ends `most` bytes behind what `out` already holds. */
void wire_words_init(struct wire_words *w, struct base_buf *out, size_t most, bool bytes);
/* Ends the open line, and says so when something was cut. */
void wire_words_finish(struct wire_words *w);

/* Begins a line; the one before is ended. */
void wire_words_line(struct wire_words *w, const char *fmt, ...) WS_PRINTF(2, 3);
/* Adds to the open line. */
void wire_words_add(struct wire_words *w, const char *fmt, ...) WS_PRINTF(2, 3);
/* Adds what a peer sent, escaped, at most 255 bytes of it. */
void wire_words_add_text(struct wire_words *w, struct base_bytes text);
/* Adds "N bytes" and the first 32 in hex; all when `bytes` is set. */
void wire_words_add_hex(struct wire_words *w, struct base_bytes b);
/* Adds "N bytes"; all in hex, on lines of their own, when `bytes` is set. */
void wire_words_add_opaque(struct wire_words *w, struct base_bytes b);

/* One entry of a list on the open line, behind a comma; a line that would pass 80 columns goes on
 * below. `index` counts from 0; false when no more are to be shown. */
bool wire_words_entry(struct wire_words *w, size_t index, const char *fmt, ...) WS_PRINTF(3, 4);
/* The same for "name (0x1234)"; `name` "" for a number without one. */
bool wire_words_number(struct wire_words *w, size_t index, const char *name, uint16_t number);
/* A list of two-byte numbers up to the reader's end. */
void wire_words_numbers(struct wire_words *w, struct base_reader *list, const char *what,
                        const char *(*name)(uint16_t));
/* A list of one-byte numbers up to the reader's end. */
void wire_words_small_numbers(struct wire_words *w, struct base_reader *list,
                              const char *(*name)(uint8_t));

/* Tells on a line of its own what failed in `r` or that bytes are left in it; each trouble once. */
void wire_words_check(struct wire_words *w, const struct base_reader *r, const char *what);

const char *wire_words_plural(size_t n); /* "" or "s" */

#endif
