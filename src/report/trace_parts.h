/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_REPORT_TRACE_PARTS_H
#define WAXSEAL_REPORT_TRACE_PARTS_H

#include "base/reader.h"
#include "report/trace.h"

/* What the files of report/trace share. */

/* --- lines --- */

#define REPORT_TRACE_LIST_MAX 256 /* entries of a list that are shown */

/* The lines of one message in words. A line is begun with `depth` of its own, which is then raised
 * by one for what belongs to it: folded lists, hex, trouble. */
struct report_words {
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
void report_trace_begin(struct report_words *w, struct base_buf *out, size_t most, bool bytes);
/* Ends the open line, and says so when something was cut. */
void report_trace_finish(struct report_words *w);

/* Begins a line; the one before is ended. */
void report_trace_line(struct report_words *w, const char *fmt, ...) WS_PRINTF(2, 3);
/* Adds to the open line. */
void report_trace_add(struct report_words *w, const char *fmt, ...) WS_PRINTF(2, 3);
/* Adds what a peer sent, escaped, at most 255 bytes of it. */
void report_trace_add_text(struct report_words *w, struct base_bytes text);
/* Adds "N bytes" and the first 32 in hex; all when `bytes` is set. */
void report_trace_add_hex(struct report_words *w, struct base_bytes b);
/* Adds "N bytes"; all in hex, on lines of their own, when `bytes` is set. */
void report_trace_add_opaque(struct report_words *w, struct base_bytes b);

/* One entry of a list on the open line, behind a comma; a line that would pass 80 columns goes on
 * below. `index` counts from 0; false when no more are to be shown. */
bool report_trace_entry(struct report_words *w, size_t index, const char *fmt, ...) WS_PRINTF(3, 4);
/* The same for "name (0x1234)"; `name` "" for a number without one. */
bool report_trace_number(struct report_words *w, size_t index, const char *name, uint16_t number);
/* A list of two-byte numbers up to the reader's end. */
void report_trace_numbers(struct report_words *w, struct base_reader *list, const char *what,
                          const char *(*name)(uint16_t));
/* A list of one-byte numbers up to the reader's end. */
void report_trace_small_numbers(struct report_words *w, struct base_reader *list,
                                const char *(*name)(uint8_t));

/* Tells on a line of its own what failed in `r` or that bytes are left in it; each trouble once. */
void report_trace_check(struct report_words *w, const struct base_reader *r, const char *what);

const char *report_trace_plural(size_t n); /* "" or "s" */

/* --- extensions --- */

/* The message that an extension stands in decides its form. */
enum report_place {
    REPORT_PLACE_CLIENT_HELLO,
    REPORT_PLACE_SERVER_HELLO,
    REPORT_PLACE_RETRY_REQUEST,
    REPORT_PLACE_ENCRYPTED_EXTENSIONS,
    REPORT_PLACE_CERTIFICATE,
    REPORT_PLACE_CERTIFICATE_REQUEST,
    REPORT_PLACE_TICKET,
};

/* The vector of extensions that comes next in `r`, with its length; lines at the words' depth. */
void report_trace_extensions(struct report_words *w, enum report_place place,
                             struct base_reader *r);

/* Names for lists of numbers; "" when unknown. */
const char *report_trace_name_group(uint16_t id);
const char *report_trace_name_scheme(uint16_t id);
const char *report_trace_name_suite(uint16_t id);
const char *report_trace_name_certificate_compression(uint16_t id);
/* A list of distinguished names with its length of two bytes (RFC 8446 4.2.4, RFC 5246 7.4.4): how
 * many, and their sizes, on the open line. */
void report_trace_authorities(struct report_words *w, struct base_reader *r);
/* An OCSP response with its type (RFC 6066 8), on the open line. */
void report_trace_status(struct report_words *w, struct base_reader *r);

/* --- key exchange --- */

/* Bodies of messages that carry keys, in the form that the state's suite and version ask for. */
void report_trace_server_exchange(struct report_trace *state, struct report_words *w,
                                  struct base_reader *r);
void report_trace_client_exchange(struct report_trace *state, struct report_words *w,
                                  struct base_reader *r);
/* CertificateVerify, and the end of a signed ServerKeyExchange. */
void report_trace_signature(struct report_trace *state, struct report_words *w,
                            struct base_reader *r);

#endif
