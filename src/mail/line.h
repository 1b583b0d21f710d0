/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_MAIL_LINE_H
#define WAXSEAL_MAIL_LINE_H

#include "base/buf.h"

/* Cuts a stream of hostile bytes into lines. Linear time however the bytes arrive. */
struct mail_line_reader {
    struct base_buf line; /* the line so far, without its end; at most MAIL_LINE_MAX bytes */
    size_t literal_left;  /* IMAP, ManageSieve: bytes of a literal still to come */
    size_t announced;     /* the n of a "{n}" that is being read */
    enum mail_line_mark { MARK_NONE, MARK_OPEN, MARK_DIGIT, MARK_PLUS, MARK_CLOSED } mark;
    bool literals; /* "{n}" at the end of a line announces n raw bytes */
    bool cr_pending;
    bool truncated;
    bool bare_lf;
    bool bare_cr;
    bool control_bytes;
};

void mail_line_init(struct mail_line_reader *r, bool literals);
void mail_line_release(struct mail_line_reader *r);
/* Takes bytes from the front of *in until a line is complete (true: it is in r->line, flags tell
 * how it was; call mail_line_next before going on) or *in is empty (false). */
bool mail_line_feed(struct mail_line_reader *r, struct base_bytes *in);
void mail_line_next(struct mail_line_reader *r);

#endif
