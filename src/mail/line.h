/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_MAIL_LINE_H
#define WAXSEAL_MAIL_LINE_H

#include "base/buf.h"

#define MAIL_LINE_MAX                                                                              \
    4096u /* bytes of a line that are kept; what is beyond is read and dropped                     \
           */

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

void mail_line_init(struct mail_line_reader *r, bool literals);
void mail_line_release(struct mail_line_reader *r);
/* Takes bytes from the front of *in until a line is complete (true: it is in r->line, flags tell
 * how it was; call mail_line_next before going on) or *in is empty (false). */
bool mail_line_feed(struct mail_line_reader *r, struct base_bytes *in);
void mail_line_next(struct mail_line_reader *r);

#endif
