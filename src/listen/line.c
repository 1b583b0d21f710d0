/* SPDX-License-Identifier: Apache-2.0 */
/* listen_line - the lines of a client, one at a time.
 *
 * Nothing beyond the line's end is taken, so the caller may throw away what stands behind STARTTLS
 * without knowing what it is. A line that is too long is read to its end and kept in part; whether
 * a bare LF ends a line is told and not decided here (RFC 5321 section 2.3.8). */
#include "listen/line.h"

void listen_line_reader_init(struct listen_line_reader *r) {
    *r = (struct listen_line_reader){0};
    base_buf_init(&r->kept, LISTEN_LINE_MAX);
}

void listen_line_reader_release(struct listen_line_reader *r) {
    base_buf_release(&r->kept);
}

void listen_line_reader_reset(struct listen_line_reader *r) {
    base_buf_clear(&r->kept);
    r->size = 0;
    r->cr = r->ended = false;
}

static void keep(struct listen_line_reader *r, struct base_bytes part) {
    if (part.len == 0)
        return;
    base_buf_append_bytes(&r->kept, base_bytes_slice(part, 0, LISTEN_LINE_MAX - r->kept.len));
    r->size += part.len;
    r->cr = part.data[part.len - 1] == '\r';
}

bool listen_line_next(struct listen_line_reader *r, struct base_bytes *in,
                      struct listen_line *out) {
    if (r->ended)
        listen_line_reader_reset(r);
    size_t end = base_bytes_find(*in, '\n');
    keep(r, base_bytes_slice(*in, 0, end));
    if (end == in->len) {
        *in = BASE_BYTES_EMPTY;
        return false;
    }
    *in = base_bytes_slice(*in, end + 1, in->len);
    *out = (struct listen_line){.text = base_buf_view(&r->kept),
                                .crlf = r->cr,
                                .overlong = r->size > LISTEN_LINE_MAX,
                                .size = r->size + 1};
    if (r->cr && !out->overlong)
        out->text = base_bytes_slice(out->text, 0, out->text.len - 1);
    r->ended = true;
    return true;
}
