/* SPDX-License-Identifier: Apache-2.0 */
/* message - the mail that is sent: made once, given out as often as it is needed
 *
 * text.c makes its text, mime.c its parts, stream.c gives it out; here it is put
 * together and measured.
 *
 * Ownership: the input's texts are borrowed, files are opened when they are read. Limits: 1 GiB of
 * text; attachments and --message files as large as files may be. RFC 5322, 1870. */
#include "message/message.h"

#include "message/private.h"

#include <stdlib.h>

static enum ws_err add_segment(struct message *m, struct base_bytes text, struct message_hole *hole,
                               struct base_error *e) {
    if (m->segment_count == m->segment_cap) {
        size_t cap = m->segment_cap ? m->segment_cap * 2 : 8;
        struct message_segment *list = reallocarray(m->segments, cap, sizeof *list);
        if (!list)
            return base_error_set(e, WS_NOMEM, "out of memory");
        m->segments = list;
        m->segment_cap = cap;
    }
    m->segments[m->segment_count++] = (struct message_segment){.text = text, .hole = hole};
    return WS_OK;
}

static enum ws_err cut_at_marks(struct message *m, struct base_error *e) {
    struct base_bytes rest = base_buf_view(&m->text);
    enum ws_err err = WS_OK;
    while (rest.len > 0 && err == WS_OK) {
        size_t at = base_bytes_find_str(rest, m->holes.prefix), len = 0;
        err = add_segment(m, base_bytes_slice(rest, 0, at), NULL, e);
        rest = base_bytes_slice(rest, at, rest.len);
        if (err != WS_OK || rest.len == 0)
            break;
        struct message_hole *hole = message_holes_find(&m->holes, rest, &len);
        err = hole ? add_segment(m, BASE_BYTES_EMPTY, hole, e)
                   : base_error_set(e, WS_INTERNAL, "the message holds a mark of nothing");
        rest = base_bytes_slice(rest, len, rest.len);
    }
    return err;
}

/* Where the message begins in a file that may start with the "From " line of a mailbox. */
static enum ws_err skip_from_line(struct message_source *source, struct base_error *e) {
    uint8_t start[4096];
    size_t len = 0;
    enum ws_err err = message_source_read(source, start, sizeof start, &len, e);
    struct base_bytes in = base_bytes_view(start, len);
    size_t end = base_bytes_find(in, '\n');
    if (err == WS_OK && base_bytes_equal_str(base_bytes_slice(in, 0, 5), "From ") && end < len)
        source->start = end + 1;
    message_source_rewind(source);
    return err;
}

static enum ws_err take_exact(struct message *m, const struct message_input *in,
                              struct base_error *e) {
    struct message_source source;
    struct base_error why = {0};
    enum ws_err err = message_source_of_file(&source, in->message_path, &why);
    if (err != WS_OK)
        (void)base_error_set(e, err, "--message: %s", base_error_message(&why));
    if (err == WS_OK && !in->no_strip_from)
        err = skip_from_line(&source, e);
    if (err != WS_OK) {
        message_source_release(&source);
        return err;
    }
    struct message_hole *hole = message_holes_add(&m->holes, MESSAGE_HOLE_TEXT, &m->text);
    if (!hole) {
        message_source_release(&source);
        return base_error_set(e, WS_NOMEM, "out of memory");
    }
    hole->source = source;
    m->exact = true;
    return WS_OK;
}

enum ws_err message_new(struct message **out, const struct message_input *in,
                        struct base_error *e) {
    struct message *m = calloc(1, sizeof *m);
    *out = NULL;
    if (!m)
        return base_error_set(e, WS_NOMEM, "out of memory");
    base_buf_init(&m->text, MESSAGE_TEXT_MAX);
    base_buf_init(&m->out, MESSAGE_TEXT_MAX);
    message_holes_init(&m->holes);
    m->as_swaks = in->as_swaks;
    m->no_fixup = in->no_data_fixup && !in->message_path;
    enum ws_err err = in->message_path ? take_exact(m, in, e) : message_compose(m, in, e);
    if (err == WS_OK)
        err = cut_at_marks(m, e);
    if (err == WS_OK)
        err = message_start(m, MESSAGE_FORM_DATA, e);
    if (err != WS_OK) {
        message_free(m);
        return err;
    }
    *out = m;
    return WS_OK;
}

void message_free(struct message *m) {
    if (!m)
        return;
    message_holes_release(&m->holes);
    base_buf_release(&m->text);
    base_buf_release(&m->out);
    free(m->segments);
    free(m);
}
