/* SPDX-License-Identifier: Apache-2.0 */
/* mail_line - the one reader of text lines from a mail server.
 *
 * CRLF ends a line (RFC 5321 section 2.3.8). A lone LF ends it too and is noted, a CR inside stays
 * and is noted, as are NUL and other control bytes. What is beyond MAIL_LINE_MAX is read and not
 * kept. Literals (RFC 3501 section 4.3, RFC 5804 section 4) become part of their line; they are
 * watched for byte by byte, so that one behind a line too long to keep is followed as well, and the
 * bytes of a literal never announce another. */
#include "mail/line.h"

#include "mail/dialogue.h"

void mail_line_init(struct mail_line_reader *r, bool literals) {
    *r = (struct mail_line_reader){.literals = literals};
    base_buf_init(&r->line, MAIL_LINE_MAX);
}

void mail_line_release(struct mail_line_reader *r) {
    base_buf_release(&r->line);
}

void mail_line_next(struct mail_line_reader *r) {
    base_buf_clear(&r->line);
    r->truncated = r->bare_lf = r->bare_cr = r->control_bytes = r->cr_pending = false;
    r->mark = MARK_NONE;
}

static void keep(struct mail_line_reader *r, struct base_bytes b) {
    size_t room = MAIL_LINE_MAX - r->line.len;
    if (b.len > room)
        r->truncated = true;
    base_buf_append_bytes(&r->line, base_bytes_slice(b, 0, room));
    for (size_t i = 0; i < b.len && !r->control_bytes; i++)
        r->control_bytes =
            (b.data[i] < ' ' && b.data[i] != '\t' && b.data[i] != '\r') || b.data[i] == 0x7f;
}

/* Follows "{digits}" and "{digits+}"; MARK_CLOSED means that the text so far ends in one. A number
 * too large to be kept stays too large. */
static enum mail_line_mark next_mark(struct mail_line_reader *r, uint8_t c) {
    bool number = r->mark == MARK_OPEN || r->mark == MARK_DIGIT;
    if (c == '{') {
        r->announced = 0;
        return MARK_OPEN;
    }
    if (number && base_ascii_is_digit(c)) {
        if (r->announced <= MAIL_REPLY_BYTES)
            r->announced = r->announced * 10 + (size_t)(c - '0');
        return MARK_DIGIT;
    }
    if (r->mark == MARK_DIGIT && c == '+')
        return MARK_PLUS;
    if ((r->mark == MARK_DIGIT || r->mark == MARK_PLUS) && c == '}')
        return MARK_CLOSED;
    return MARK_NONE;
}

/* Text of a line, outside literals. */
static void take_text(struct mail_line_reader *r, struct base_bytes text) {
    keep(r, text);
    for (size_t i = 0; r->literals && i < text.len; i++)
        r->mark = next_mark(r, text.data[i]);
}

static void keep_pending_cr(struct mail_line_reader *r) {
    if (!r->cr_pending)
        return;
    r->cr_pending = false;
    r->bare_cr = true;
    take_text(r, base_bytes_of_str("\r"));
}

static void take_literal(struct mail_line_reader *r, struct base_bytes *in) {
    struct base_bytes part = base_bytes_slice(*in, 0, r->literal_left);
    keep(r, part);
    r->literal_left -= part.len;
    *in = base_bytes_slice(*in, part.len, in->len);
}

bool mail_line_feed(struct mail_line_reader *r, struct base_bytes *in) {
    while (in->len > 0) {
        if (r->literal_left > 0) {
            take_literal(r, in);
            continue;
        }
        size_t end = 0;
        while (end < in->len && in->data[end] != '\n' && in->data[end] != '\r')
            end++;
        if (end > 0) {
            keep_pending_cr(r);
            take_text(r, base_bytes_slice(*in, 0, end));
        }
        if (end == in->len) {
            *in = BASE_BYTES_EMPTY;
            return false;
        }
        bool lf = in->data[end] == '\n';
        *in = base_bytes_slice(*in, end + 1, in->len);
        if (!lf) {
            keep_pending_cr(r);
            r->cr_pending = true;
            continue;
        }
        if (!r->cr_pending)
            r->bare_lf = true;
        r->cr_pending = false;
        if (r->mark != MARK_CLOSED)
            return true;
        r->literal_left = r->announced;
        r->mark = MARK_NONE;
    }
    return false;
}
