/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_LISTEN_LINE_H
#define WAXSEAL_LISTEN_LINE_H

#include "base/buf.h"

/* Cuts what a client sends into lines, with bounded memory. */

#define LISTEN_LINE_MAX                                                                            \
    2048u /* bytes of a line that are kept (RFC 5321 4.5.3.1.4 asks for 512)                       \
           */

struct listen_line {
    struct base_bytes text; /* without its end; valid until the next call */
    bool crlf;              /* ended in CR LF, not in a bare LF */
    bool overlong;          /* was longer than the limit: `text` is its start */
    size_t size;            /* all bytes of the line, its end included */
};

struct listen_line_reader {
    struct base_buf kept;
    size_t size;
    bool cr;    /* the last byte was CR */
    bool ended; /* the line was handed out */
};

void listen_line_reader_init(struct listen_line_reader *r);
void listen_line_reader_release(struct listen_line_reader *r);
/* Forgets a line begun. */
void listen_line_reader_reset(struct listen_line_reader *r);
/* Takes bytes from the front of *in up to the end of a line. True: *out is that line, the rest
 * stays in *in. False: *in was used up, the line goes on. */
bool listen_line_next(struct listen_line_reader *r, struct base_bytes *in, struct listen_line *out);

#endif
