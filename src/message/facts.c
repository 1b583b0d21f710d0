/* SPDX-License-Identifier: Apache-2.0 */
/* facts - what MAIL FROM has to say about a message: SIZE=, BODY=, SMTPUTF8
 *
 * The text is read through as it will be sent; what base64 makes of an attachment is known without
 * reading it. RFC 1870 (SIZE), 6152 (8BITMIME), 3030 (BINARYMIME), 6531 (SMTPUTF8). */
#include "message/private.h"

#include "message/mime_encode.h"

#define LINE_MAX_LEN 998u /* RFC 5321 4.5.3.1.6, without CRLF */

struct scan {
    struct message_facts *facts;
    size_t line; /* bytes of the current line */
    bool after_cr;
    bool in_header;
};

static void scan_byte(struct scan *s, uint8_t c) {
    struct message_facts *f = s->facts;
    bool line_end = c == '\n' && s->after_cr;
    if (c > 127) {
        f->eight_bit = true;
        f->utf8_headers = f->utf8_headers || s->in_header;
    }
    if (c == '\0' || (s->after_cr && c != '\n') || (c == '\n' && !s->after_cr))
        f->binary = true;
    if (line_end && s->line == 1) /* the CR alone */
        s->in_header = false;
    s->line = c == '\n' ? 0 : s->line + 1;
    s->after_cr = c == '\r';
    if (s->line - s->after_cr > LINE_MAX_LEN)
        f->binary = true;
}

static void scan_bytes(struct scan *s, struct base_bytes in) {
    for (size_t i = 0; i < in.len; i++)
        scan_byte(s, in.data[i]);
    s->facts->size += in.len;
}

/* An attachment that will be coded; false when the current segment is something else. */
static bool skip_base64(struct message *m, struct scan *s) {
    struct message_hole *hole = m->segments[m->segment].hole;
    if (!hole || hole->kind != MESSAGE_HOLE_BASE64)
        return false;
    s->facts->size += message_mime_base64_size(hole->source.size - hole->source.start);
    s->line = 0;
    s->after_cr = false;
    m->lines.line_start = true;
    m->segment++;
    return true;
}

enum ws_err message_facts(struct message *m, struct message_facts *facts, struct base_error *e) {
    struct scan scan = {.facts = facts, .in_header = true};
    *facts = (struct message_facts){.size_known = true};
    enum ws_err err = message_start(m, MESSAGE_FORM_CHUNK, e);
    while (err == WS_OK && m->segment < m->segment_count) {
        base_buf_clear(&m->out);
        if (skip_base64(m, &scan))
            continue;
        err = message_fill(m, e);
        scan_bytes(&scan, base_buf_view(&m->out));
    }
    facts->binary = facts->binary || scan.after_cr;
    if (!m->lines.line_start || m->no_fixup)
        facts->size += 2; /* the CRLF before the dot */
    return err;
}
