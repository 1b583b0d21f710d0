/* SPDX-License-Identifier: Apache-2.0 */
/* stream - the message as a stream of pieces
 *
 * One piece at a time is made in one buffer: some text with its line ends and dots seen to, or a
 * chunk of an attachment in base64. So a message of any size takes the same memory. */
#include "message/private.h"

#include "message/mime_encode.h"

#define CHUNK ((size_t)512 * MESSAGE_BASE64_LINE) /* whole lines of base64 */

/* --- line ends and dots --- */

/* A bare LF becomes CRLF, a dot at the start of a line is doubled; a bare CR stays, as it can't be
 * known what it was meant to be (RFC 5321 2.3.8, 4.5.2). Here one line, or what there is of it; how
 * much of `in` that is. */
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

/* --- pieces --- */

static bool is_shown(const struct message *m) {
    return m->form == MESSAGE_FORM_DUMP || m->form == MESSAGE_FORM_MAIL;
}

enum ws_err message_start(struct message *m, enum message_form form, struct base_error *e) {
    (void)e;
    m->form = form;
    m->segment = 0;
    m->at = 0;
    m->tail_given = false;
    m->lines = (struct message_lines){
        .raw = m->no_fixup,
        .stuff = form != MESSAGE_FORM_CHUNK && !(m->exact && form == MESSAGE_FORM_MAIL),
        .line_start = true,
    };
    for (size_t i = 0; i < m->holes.count; i++)
        message_source_rewind(&m->holes.list[i].source);
    return WS_OK;
}

/* A chunk of what fills the hole; *end tells that there is no more. */
static enum ws_err fill_hole(struct message *m, struct message_hole *hole, bool *end,
                             struct base_error *e) {
    uint8_t chunk[CHUNK];
    size_t got = 0;
    enum ws_err err = message_source_read(&hole->source, chunk, sizeof chunk, &got, e);
    struct base_bytes in = base_bytes_view(chunk, got);
    *end = got == 0;
    if (err != WS_OK || got == 0)
        return err;
    if (hole->kind == MESSAGE_HOLE_BASE64) {
        message_mime_base64(&m->out, in);
        m->lines.line_start = true;
        m->lines.after_cr = false;
    } else if (hole->kind == MESSAGE_HOLE_VERBATIM && is_shown(m)) {
        struct message_lines as_is = {.raw = true};
        message_lines_append(&as_is, &m->out, in);
        m->lines.line_start = as_is.line_start;
        m->lines.after_cr = as_is.after_cr;
    } else {
        message_lines_append(&m->lines, &m->out, in);
    }
    return WS_OK;
}

/* How much the user's own dot takes at the end: "LF dot", where an LF may follow that stays. */
static size_t own_dot(struct base_bytes text) {
    size_t end = text.len;
    if (end > 0 && text.data[end - 1] == '\n')
        end--;
    return end > 1 && text.data[end - 1] == '.' && text.data[end - 2] == '\n' ? 2 : 0;
}

/* swaks --dump-mail takes the dot off with the LF before it, and leaves the CR. */
static struct base_bytes segment_text(const struct message *m) {
    struct base_bytes text = m->segments[m->segment].text;
    if (m->form != MESSAGE_FORM_MAIL || !m->as_swaks || m->exact ||
        m->segment + 1 < m->segment_count || text.len == 0)
        return text;
    return base_bytes_slice(text, 0, text.len - (m->no_fixup ? own_dot(text) : 1));
}

enum ws_err message_fill(struct message *m, struct base_error *e) {
    struct message_segment *s = &m->segments[m->segment];
    bool end;
    enum ws_err err = WS_OK;
    if (s->hole) {
        if (m->at == 0)
            message_source_rewind(&s->hole->source);
        m->at = 1;
        err = fill_hole(m, s->hole, &end, e);
        if (end)
            message_source_rewind(&s->hole->source);
    } else {
        struct base_bytes in = base_bytes_slice(segment_text(m), m->at, CHUNK);
        message_lines_append(&m->lines, &m->out, in);
        m->at += in.len;
        end = in.len == 0;
    }
    if (end) {
        m->segment++;
        m->at = 0;
    }
    return err;
}

/* The dot at the end, or as much of it as this form has. */
static void append_tail(struct message *m) {
    static const char *const fixed[] = {[MESSAGE_FORM_DATA] = ".\r\n",
                                        [MESSAGE_FORM_CHUNK] = "",
                                        [MESSAGE_FORM_DUMP] = ".",
                                        [MESSAGE_FORM_MAIL] = ""};
    m->tail_given = true;
    if (m->no_fixup) {
        base_buf_append_str(&m->out, m->form == MESSAGE_FORM_DATA ? "\r\n" : "");
        return;
    }
    if (!m->lines.line_start && (m->form == MESSAGE_FORM_DATA || m->form == MESSAGE_FORM_DUMP))
        base_buf_append_str(&m->out, "\r\n");
    base_buf_append_str(&m->out, fixed[m->form]);
}

enum ws_err message_next(struct message *m, struct base_bytes *piece, struct base_error *e) {
    *piece = BASE_BYTES_EMPTY;
    base_buf_clear(&m->out);
    while (m->out.len == 0 && !m->tail_given) {
        if (m->segment == m->segment_count) {
            append_tail(m);
            continue;
        }
        enum ws_err err = message_fill(m, e);
        if (err != WS_OK)
            return err;
    }
    if (m->out.failed)
        return base_error_set(e, WS_NOMEM, "out of memory");
    *piece = base_buf_view(&m->out);
    return WS_OK;
}
