/* SPDX-License-Identifier: Apache-2.0 */
/* mail_line - the one reader of text lines from a mail server.
 *
 * CRLF ends a line (RFC 5321 section 2.3.8). A lone LF ends it too and is noted, a CR inside stays
 * and is noted, as are NUL and other control bytes. What is beyond MAIL_LINE_MAX is read and not
 * kept. Literals (RFC 3501 section 4.3, RFC 5804 section 4) become part of their line. */
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

static void keep_pending_cr(struct mail_line_reader *r) {
    if (!r->cr_pending)
        return;
    r->cr_pending = false;
    r->bare_cr = true;
    keep(r, base_bytes_of_str("\r"));
}

/* The n of "{n}" or "{n+}" at the end of the line; 0 when there is none. */
static size_t announced_literal(const struct mail_line_reader *r) {
    struct base_bytes line = base_buf_view(&r->line);
    uint64_t n = 0;
    if (!r->literals || r->truncated || line.len < 3 || line.data[line.len - 1] != '}')
        return 0;
    size_t to = line.len - 1;
    if (line.data[to - 1] == '+')
        to--;
    size_t from = to;
    while (from > 0 && base_ascii_is_digit(line.data[from - 1]))
        from--;
    if (from == 0 || line.data[from - 1] != '{' ||
        !base_bytes_to_uint(base_bytes_slice(line, from, to - from), MAIL_REPLY_BYTES, &n))
        return 0;
    return (size_t)n;
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
            keep(r, base_bytes_slice(*in, 0, end));
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
        r->literal_left = announced_literal(r);
        if (r->literal_left == 0)
            return true;
    }
    return false;
}
