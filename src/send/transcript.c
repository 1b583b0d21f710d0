/* SPDX-License-Identifier: Apache-2.0 */
/* transcript - the dialogue as the user sees it
 *
 * One row per kind of line says which prefix it has, what hides it, and whether it counts as an
 * error for --silent. The prefixes are a language that people paste into tickets; they are swaks'.
 * Lines wait in two buffers until the driver is about to wait for the network; what goes to the
 * other stream comes after them, so that both streams are in order on one terminal.
 *
 * Ownership: the buffers; the descriptors are the caller's. */
#include "send/transcript.h"

#include "base/file.h"
#include "base/text.h"

#define STREAM_MAX ((size_t)1 << 30)
#define FLUSH_AT ((size_t)64 << 10)
#define DUMP_WIDTH SEND_TRANSCRIPT_ROW

enum side { SIDE_INFO, SIDE_SEND, SIDE_RECEIVE };

struct line_row {
    const char *prefix;
    const char *tls_prefix;
    enum side side;
    bool error;     /* --silent 1 and 2 show it */
    bool to_stderr; /* and only --hide-all hides it */
};

static const struct line_row rows[] = {
    [SEND_LINE_INFO] = {"=== ", "=== ", SIDE_INFO, false, false},
    [SEND_LINE_ERROR] = {"*** ", "*** ", SIDE_INFO, true, true},
    [SEND_LINE_SENT] = {" -> ", " ~> ", SIDE_SEND, false, false},
    [SEND_LINE_RECEIVED] = {"<-  ", "<~  ", SIDE_RECEIVE, false, false},
    [SEND_LINE_UNEXPECTED] = {"<** ", "<~* ", SIDE_RECEIVE, true, false},
    [SEND_LINE_RAW_SENT] = {"  > ", "  > ", SIDE_SEND, false, false},
    [SEND_LINE_RAW_RECEIVED] = {"<   ", "<   ", SIDE_RECEIVE, false, false},
};

/* --- life --- */

void send_transcript_init(struct send_transcript *t, const struct send_output *output) {
    *t = (struct send_transcript){.output = output};
    base_buf_init(&t->out, STREAM_MAX);
    base_buf_init(&t->err, STREAM_MAX);
    base_buf_init(&t->errors, STREAM_MAX);
}

static void write_all(struct send_transcript *t, int fd, struct base_buf *b) {
    if (!t->failed && !base_file_write(fd, base_buf_view(b)))
        t->failed = true;
    base_buf_clear(b);
}

void send_transcript_flush(struct send_transcript *t) {
    write_all(t, t->output->out_fd, &t->out);
    write_all(t, t->output->err_fd, &t->err);
}

void send_transcript_release(struct send_transcript *t) {
    send_transcript_flush(t);
    base_buf_release(&t->out);
    base_buf_release(&t->err);
    base_buf_release(&t->errors);
}

/* --- what is shown --- */

static bool is_hidden(const struct send_output *o, const struct line_row *row) {
    if (o->hide_all || row->to_stderr)
        return o->hide_all;
    return (row->side == SIDE_INFO && o->hide_informational) ||
           (row->side == SIDE_SEND && o->hide_send) ||
           (row->side == SIDE_RECEIVE && o->hide_receive);
}

static bool is_silenced(struct send_transcript *t, const struct line_row *row) {
    switch (t->output->silence) {
    case SEND_TALKATIVE:
        return false;
    case SEND_FROM_FIRST_ERROR:
        t->error_seen |= row->error;
        return !t->error_seen;
    case SEND_ERRORS_ONLY:
        return !row->error;
    case SEND_SILENT:
        return true;
    }
    return false;
}

static bool is_shown(struct send_transcript *t, const struct line_row *row) {
    return !t->output->json && !is_hidden(t->output, row) && !is_silenced(t, row);
}

static bool has_hint(const struct send_output *o, const struct line_row *row) {
    return (row->side != SIDE_INFO || !o->no_info_hints) &&
           (row->side != SIDE_SEND || !o->no_send_hints) &&
           (row->side != SIDE_RECEIVE || !o->no_receive_hints);
}

/* The buffer for a line; whatever waits for the other stream goes first. */
static struct base_buf *stream_of(struct send_transcript *t, bool err) {
    struct base_buf *other = err ? &t->out : &t->err;
    struct base_buf *own = err ? &t->err : &t->out;
    if (other->len > 0 || own->len > FLUSH_AT)
        send_transcript_flush(t);
    return own;
}

static void put_prefix(struct send_transcript *t, struct base_buf *b, enum send_line kind,
                       bool in_tls) {
    if (has_hint(t->output, &rows[kind]))
        base_buf_append_str(b, in_tls ? rows[kind].tls_prefix : rows[kind].prefix);
}

static void put_line(struct send_transcript *t, struct base_buf *b, struct base_bytes line) {
    if (t->output->escape)
        base_text_escape(b, line);
    else
        base_buf_append_bytes(b, line);
}

void send_transcript_text(struct send_transcript *t, enum send_line kind, bool in_tls,
                          struct base_bytes text) {
    if (t->output->json && kind == SEND_LINE_ERROR) {
        base_buf_append_bytes(&t->errors, text);
        base_buf_append_byte(&t->errors, '\n');
    }
    if (!is_shown(t, &rows[kind]))
        return;
    struct base_buf *b = stream_of(t, rows[kind].to_stderr);
    do {
        size_t lf = base_bytes_find(text, '\n');
        put_prefix(t, b, kind, in_tls);
        put_line(t, b, base_bytes_slice(text, 0, lf));
        base_buf_append_byte(b, '\n');
        text = base_bytes_slice(text, lf + 1, text.len);
    } while (text.len > 0);
}

static void WS_PRINTF(3, 0)
    put_formatted(struct send_transcript *t, enum send_line kind, const char *fmt, va_list ap) {
    struct base_buf b;
    base_buf_init(&b, STREAM_MAX);
    base_buf_vprintf(&b, fmt, ap);
    send_transcript_text(t, kind, false, base_buf_view(&b));
    base_buf_release(&b);
}

void send_transcript_info(struct send_transcript *t, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    put_formatted(t, SEND_LINE_INFO, fmt, ap);
    va_end(ap);
}

void send_transcript_error(struct send_transcript *t, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    put_formatted(t, SEND_LINE_ERROR, fmt, ap);
    va_end(ap);
}

void send_transcript_lapse(struct send_transcript *t, base_usec lapse) {
    if (t->output->lapse == SEND_LAPSE)
        send_transcript_info(t, "response in %.3fs", base_clock_ms(lapse) / 1000.0);
    else if (t->output->lapse == SEND_LAPSE_WHOLE_SECONDS)
        send_transcript_info(t, "response in %us", (unsigned)(lapse / BASE_SECOND));
}

/* --- hexdump --- */

/* "0016: 0A                                                    .               " */
static void put_dump_line(struct base_buf *b, size_t at, struct base_bytes row) {
    base_buf_printf(b, "%04zu: ", at);
    for (size_t i = 0; i < DUMP_WIDTH; i++) {
        if (i < row.len)
            base_buf_printf(b, "%02X ", row.data[i]);
        else
            base_buf_append_str(b, "   ");
        if (i % 4 == 3)
            base_buf_append_byte(b, ' ');
    }
    base_buf_append_str(b, "  ");
    for (size_t i = 0; i < DUMP_WIDTH; i++) {
        bool visible = i < row.len && row.data[i] > ' ' && row.data[i] < 0x7f;
        base_buf_append_byte(b, i >= row.len ? ' ' : visible ? row.data[i] : '.');
    }
    base_buf_append_byte(b, '\n');
}

static void put_dump(struct send_transcript *t, enum send_line kind, size_t before,
                     struct base_bytes bytes) {
    if (!t->output->raw || !is_shown(t, &rows[kind]))
        return;
    for (size_t at = 0; at < bytes.len; at += DUMP_WIDTH) {
        struct base_buf *b = stream_of(t, false);
        put_prefix(t, b, kind, false);
        put_dump_line(b, before + at, base_bytes_slice(bytes, at, DUMP_WIDTH));
    }
}

void send_transcript_raw(struct send_transcript *t, bool sent, struct base_bytes bytes) {
    put_dump(t, sent ? SEND_LINE_RAW_SENT : SEND_LINE_RAW_RECEIVED, 0, bytes);
}

void send_transcript_raw_sent_at(struct send_transcript *t, size_t at, struct base_bytes bytes) {
    put_dump(t, SEND_LINE_RAW_SENT, at, bytes);
}

/* --- a text in pieces --- */

/* A line's end is kept back until more comes: of the last one only the line feed is shown, of the
 * others the CR as well. */
static void put_kept_end(struct base_buf *b, struct send_transcript_stream *s) {
    if (s->kept_cr)
        base_buf_append_byte(b, '\r');
    if (s->kept_lf)
        base_buf_append_byte(b, '\n');
    s->kept_cr = s->kept_lf = false;
}

/* The part of a line that is in `line`; its CR at the very end is kept back. */
static void put_part(struct base_buf *b, struct send_transcript_stream *s, struct base_bytes line) {
    if (line.len == 0)
        return;
    put_kept_end(b, s);
    s->kept_cr = line.data[line.len - 1] == '\r';
    base_buf_append_bytes(b, base_bytes_slice(line, 0, line.len - (s->kept_cr ? 1 : 0)));
}

void send_transcript_piece(struct send_transcript *t, struct send_transcript_stream *s,
                           struct base_bytes piece) {
    if (!s->begun)
        s->shown = is_shown(t, &rows[SEND_LINE_SENT]);
    s->begun = true;
    while (s->shown && piece.len > 0) {
        struct base_buf *b = stream_of(t, false);
        size_t lf = base_bytes_find(piece, '\n');
        if (!s->in_line) {
            put_kept_end(b, s);
            put_prefix(t, b, SEND_LINE_SENT, s->in_tls);
        }
        put_part(b, s, base_bytes_slice(piece, 0, lf));
        s->in_line = lf == piece.len;
        s->kept_lf = !s->in_line;
        piece = base_bytes_slice(piece, lf + 1, piece.len);
    }
}

void send_transcript_end(struct send_transcript *t, struct send_transcript_stream *s) {
    if (s->shown && (s->in_line || s->kept_lf))
        base_buf_append_byte(stream_of(t, false), '\n');
    s->in_line = s->kept_cr = s->kept_lf = false;
}
