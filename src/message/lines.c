/* SPDX-License-Identifier: Apache-2.0 */
/* lines - line ends and dots of a message on its way
 *
 * A bare LF becomes CRLF, a dot at the start of a line is doubled; a bare CR stays, as it can't be
 * known what it was meant to be. Works on pieces cut anywhere. RFC 5321 2.3.8, 4.5.2. */
#include "message/private.h"

/* One line, or what there is of it; how much of `in` that is. */
static size_t append_line(struct message_lines *l, struct base_buf *out, struct base_bytes in) {
    size_t len = base_bytes_find(in, '\n');
    if (l->line_start && l->stuff && in.data[0] == '.')
        base_buf_append_byte(out, '.');
    base_buf_append(out, in.data, len);
    bool after_cr = len > 0 ? in.data[len - 1] == '\r' : l->after_cr;
    l->line_start = len < in.len;
    l->after_cr = after_cr && !l->line_start;
    if (!l->line_start)
        return len;
    base_buf_append_str(out, after_cr ? "\n" : "\r\n");
    return len + 1;
}

void message_lines_append(struct message_lines *l, struct base_buf *out, struct base_bytes in) {
    if (in.len == 0)
        return;
    if (l->raw) {
        base_buf_append_bytes(out, in);
        l->line_start = in.data[in.len - 1] == '\n';
        l->after_cr = in.data[in.len - 1] == '\r';
        return;
    }
    for (size_t at = 0; at < in.len;)
        at += append_line(l, out, base_bytes_slice(in, at, in.len));
}
