/* SPDX-License-Identifier: Apache-2.0 */
/* report/trace_words - lines of text about a message
 *
 * Indents, joins lists with commas and folds them, escapes what a peer sent, and keeps the text
 * bounded whatever the message holds: a list is cut after some hundred entries and the whole after
 * a given length. Both are said in the text.
 *
 * Writes into the caller's buffer and owns nothing. */
#include "report/trace_parts.h"

#include "base/text.h"
#include "know/tls_suite.h"

#define COLUMNS 80
#define TEXT_SHOWN 255
#define EXCERPT 32
#define HEX_LINE 32

void report_trace_begin(struct report_words *w, struct base_buf *out, size_t most, bool bytes) {
    *w = (struct report_words){.out = out, .end = out->len + most, .bytes = bytes};
    base_buf_init(&w->sink, 0);
}

const char *report_trace_plural(size_t n) {
    return n == 1 ? "" : "s";
}

static struct base_buf *target(struct report_words *w) {
    return w->cut ? &w->sink : w->out;
}

static void end_line(struct report_words *w) {
    if (w->open)
        base_buf_append_byte(target(w), '\n');
    w->open = false;
}

static void begin_line(struct report_words *w, unsigned depth) {
    end_line(w);
    w->cut |= w->out->len >= w->end;
    w->open = true;
    w->line_start = w->out->len;
    for (unsigned i = 0; i < depth; i++)
        base_buf_append_str(target(w), "  ");
}

void report_trace_finish(struct report_words *w) {
    end_line(w);
    if (w->cut)
        base_buf_append_str(w->out, "  (the rest of this message is not shown)\n");
    base_buf_release(&w->sink);
}

void report_trace_line(struct report_words *w, const char *fmt, ...) {
    va_list ap;

    begin_line(w, w->depth);
    va_start(ap, fmt);
    base_buf_vprintf(target(w), fmt, ap);
    va_end(ap);
}

void report_trace_add(struct report_words *w, const char *fmt, ...) {
    va_list ap;

    va_start(ap, fmt);
    base_buf_vprintf(target(w), fmt, ap);
    va_end(ap);
}

void report_trace_add_text(struct report_words *w, struct base_bytes text) {
    base_text_escape(target(w), base_bytes_slice(text, 0, TEXT_SHOWN));
    if (text.len > TEXT_SHOWN)
        report_trace_add(w, "... (%zu bytes)", text.len);
}

static void add_size(struct report_words *w, size_t n) {
    report_trace_add(w, "%zu byte%s", n, report_trace_plural(n));
}

static void add_hex_lines(struct report_words *w, struct base_bytes b) {
    for (size_t at = 0; at < b.len && !w->cut; at += HEX_LINE) {
        begin_line(w, w->depth);
        base_text_hex(target(w), base_bytes_slice(b, at, HEX_LINE));
    }
}

void report_trace_add_hex(struct report_words *w, struct base_bytes b) {
    add_size(w, b.len);
    if (w->bytes && b.len > EXCERPT) {
        add_hex_lines(w, b);
    } else if (b.len > 0) {
        base_buf_append_str(target(w), ", ");
        base_text_hex(target(w), base_bytes_slice(b, 0, EXCERPT));
        if (b.len > EXCERPT)
            base_buf_append_str(target(w), "...");
    }
}

void report_trace_add_opaque(struct report_words *w, struct base_bytes b) {
    add_size(w, b.len);
    if (w->bytes)
        add_hex_lines(w, b);
}

/* --- lists --- */

/* Behind a comma, on a new line when it would pass the edge. */
static void add_entry(struct report_words *w, bool first, struct base_bytes text) {
    size_t used = w->out->len - w->line_start;

    if (!first && used + 2 + text.len > COLUMNS - 1) {
        base_buf_append_byte(target(w), ',');
        begin_line(w, w->depth);
    } else if (!first) {
        base_buf_append_str(target(w), ", ");
    }
    base_buf_append_bytes(target(w), text);
}

bool report_trace_entry(struct report_words *w, size_t index, const char *fmt, ...) {
    struct base_buf text;
    va_list ap;

    if (index >= REPORT_TRACE_LIST_MAX || w->cut)
        return false;
    base_buf_init(&text, 1024);
    va_start(ap, fmt);
    base_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    add_entry(w, index == 0, base_buf_view(&text));
    base_buf_release(&text);
    return true;
}

bool report_trace_number(struct report_words *w, size_t index, const char *name, uint16_t number) {
    if (name[0] != '\0')
        return report_trace_entry(w, index, "%s (0x%04x)", name, number);
    if (know_tls_is_grease(number))
        return report_trace_entry(w, index, "GREASE (0x%04x)", number);
    return report_trace_entry(w, index, "unknown (0x%04x)", number);
}

void report_trace_numbers(struct report_words *w, struct base_reader *list, const char *what,
                          const char *(*name)(uint16_t)) {
    size_t index = 0;

    while (base_reader_left(list) >= 2) {
        uint16_t number = base_reader_u16(list, what);
        if (!report_trace_number(w, index++, name(number), number)) {
            size_t more = base_reader_left(list) / 2;
            report_trace_add(w, " and %zu more", more + 1);
            base_reader_skip(list, more * 2, what);
        }
    }
    if (index == 0)
        report_trace_add(w, "none");
}

void report_trace_small_numbers(struct report_words *w, struct base_reader *list,
                                const char *(*name)(uint8_t)) {
    size_t index = 0;

    while (base_reader_left(list) > 0) {
        uint8_t number = base_reader_u8(list, "number");
        const char *known = name(number);
        (void)report_trace_entry(w, index++, "%s (%u)", known[0] != '\0' ? known : "unknown",
                                 number);
    }
    if (index == 0)
        report_trace_add(w, "none");
}

/* --- trouble --- */

static bool told_before(struct report_words *w, const char *what, size_t at) {
    bool same = w->told == what && w->told_at == at;

    w->told = what;
    w->told_at = at;
    return same;
}

void report_trace_check(struct report_words *w, const struct base_reader *r, const char *what) {
    size_t left = r->len - r->pos;

    if (r->failed && !told_before(w, r->fail_what, r->fail_at))
        report_trace_line(w, "! %s: does not fit at byte %zu", r->fail_what, r->fail_at);
    else if (!r->failed && left > 0)
        report_trace_line(w, "! %s: %zu byte%s left at byte %zu", what, left,
                          report_trace_plural(left), r->base + r->pos);
}
