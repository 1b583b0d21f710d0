/* SPDX-License-Identifier: Apache-2.0 */
/* mail_line - the one reader of text lines from a mail server.
 *
 * CRLF ends a line (RFC 5321 section 2.3.8). A lone LF ends it too and is noted, a CR inside stays
 * and is noted, as are NUL and other control bytes. What is beyond MAIL_LINE_MAX is read and not
 * kept. Literals (RFC 3501 section 4.3, RFC 5804 section 4) become part of their line; they are
 * watched for byte by byte, so that one behind a line too long to keep is followed as well, and the
 * bytes of a literal never announce another. */
#include "mail/line.h"

void mail_line_init(struct mail_line_reader *r, bool literals) {
    *r = (struct mail_line_reader){.literals = literals};
    base_buf_init(&r->line, MAIL_LINE_MAX);
}

void mail_line_release(struct mail_line_reader *r) {
    base_buf_release(&r->line);
}

void mail_line_next(struct mail_line_reader *r) {
    base_buf_clear(&r->line);
    r->truncated = r->bare_lf = r->bare_cr = r->control_bytes = r->cr_pending = r->begun = false;
    r->literal = (struct mail_literal){0};
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

static enum mail_literal_mark next_mark(struct mail_literal *l, uint8_t c) {
    bool number = l->mark == MAIL_MARK_OPEN || l->mark == MAIL_MARK_DIGIT;
    if (c == '{') {
        l->announced = 0;
        l->plus = false;
        return MAIL_MARK_OPEN;
    }
    if (number && base_ascii_is_digit(c)) {
        if (l->announced < MAIL_LITERAL_MAX)
            l->announced = l->announced * 10 + (uint64_t)(c - '0');
        return MAIL_MARK_DIGIT;
    }
    if (l->mark == MAIL_MARK_DIGIT && c == '+') {
        l->plus = true;
        return MAIL_MARK_PLUS;
    }
    if ((l->mark == MAIL_MARK_DIGIT || l->mark == MAIL_MARK_PLUS) && c == '}')
        return MAIL_MARK_CLOSED;
    return MAIL_MARK_NONE;
}

void mail_literal_follow(struct mail_literal *l, struct base_bytes text) {
    for (size_t i = 0; i < text.len; i++)
        l->mark = next_mark(l, text.data[i]);
}

/* Text of a line, outside literals. */
static void take_text(struct mail_line_reader *r, struct base_bytes text) {
    keep(r, text);
    if (r->literals)
        mail_literal_follow(&r->literal, text);
}

static void keep_pending_cr(struct mail_line_reader *r) {
    if (!r->cr_pending)
        return;
    r->cr_pending = false;
    r->bare_cr = true;
    take_text(r, base_bytes_of_str("\r"));
}

static void take_literal(struct mail_line_reader *r, struct base_bytes *in) {
    size_t most = r->literal_left < in->len ? (size_t)r->literal_left : in->len;
    struct base_bytes part = base_bytes_slice(*in, 0, most);
    keep(r, part);
    r->literal_left -= part.len;
    *in = base_bytes_slice(*in, part.len, in->len);
}

bool mail_line_feed(struct mail_line_reader *r, struct base_bytes *in) {
    while (in->len > 0) {
        r->begun = true;
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
        if (r->literal.mark != MAIL_MARK_CLOSED)
            return true;
        r->literal_left = r->literal.announced;
        r->literal.mark = MAIL_MARK_NONE;
    }
    return false;
}
