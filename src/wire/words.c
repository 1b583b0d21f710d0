/* SPDX-License-Identifier: Apache-2.0 */
/* wire/words - lines of text about a message
 *
 * Indents, joins lists with commas and folds them, escapes what a peer sent, and keeps the text
 * bounded whatever the message holds: a list is cut after some hundred entries and the whole after
 * a given length. Both are said in the text.
 *
 * Writes into the caller's buffer and owns nothing. */
#include "wire/words.h"

#include "base/text.h"
#include "know/tls_suite.h"

#define COLUMNS 80
#define TEXT_SHOWN 255
#define EXCERPT 32
#define HEX_LINE 32

void wire_words_init(struct wire_words *w, struct base_buf *out, size_t most, bool bytes) {
    *w = (struct wire_words){.out = out, .end = out->len + most, .bytes = bytes};
    base_buf_init(&w->sink, 0);
}

const char *wire_words_plural(size_t n) {
    return n == 1 ? "" : "s";
}

static struct base_buf *target(struct wire_words *w) {
    return w->cut ? &w->sink : w->out;
}

static void end_line(struct wire_words *w) {
    if (w->open)
        base_buf_append_byte(target(w), '\n');
    w->open = false;
}

static void begin_line(struct wire_words *w, unsigned depth) {
    end_line(w);
    w->cut |= w->out->len >= w->end;
    w->open = true;
    w->line_start = w->out->len;
    for (unsigned i = 0; i < depth; i++)
        base_buf_append_str(target(w), "  ");
}

void wire_words_finish(struct wire_words *w) {
    end_line(w);
    if (w->cut)
        base_buf_append_str(w->out, "  (the rest of this message is not shown)\n");
    base_buf_release(&w->sink);
}

void wire_words_line(struct wire_words *w, const char *fmt, ...) {
    va_list ap;

    begin_line(w, w->depth);
    va_start(ap, fmt);
    base_buf_vprintf(target(w), fmt, ap);
    va_end(ap);
}

void wire_words_add(struct wire_words *w, const char *fmt, ...) {
    va_list ap;

    va_start(ap, fmt);
    base_buf_vprintf(target(w), fmt, ap);
    va_end(ap);
}

void wire_words_add_text(struct wire_words *w, struct base_bytes text) {
    base_text_escape(target(w), base_bytes_slice(text, 0, TEXT_SHOWN));
    if (text.len > TEXT_SHOWN)
        wire_words_add(w, "... (%zu bytes)", text.len);
}

static void add_size(struct wire_words *w, size_t n) {
    wire_words_add(w, "%zu byte%s", n, wire_words_plural(n));
}

static void add_hex_lines(struct wire_words *w, struct base_bytes b) {
    for (size_t at = 0; at < b.len && !w->cut; at += HEX_LINE) {
        begin_line(w, w->depth);
        base_text_hex(target(w), base_bytes_slice(b, at, HEX_LINE));
    }
}

void wire_words_add_hex(struct wire_words *w, struct base_bytes b) {
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

void wire_words_add_opaque(struct wire_words *w, struct base_bytes b) {
    add_size(w, b.len);
    if (w->bytes)
        add_hex_lines(w, b);
}

/* --- lists --- */

/* Behind a comma, on a new line when it would pass the edge. */
static void add_entry(struct wire_words *w, bool first, struct base_bytes text) {
    size_t used = w->out->len - w->line_start;

    if (!first && used + 2 + text.len > COLUMNS - 1) {
        base_buf_append_byte(target(w), ',');
        begin_line(w, w->depth);
    } else if (!first) {
        base_buf_append_str(target(w), ", ");
    }
    base_buf_append_bytes(target(w), text);
}

bool wire_words_entry(struct wire_words *w, size_t index, const char *fmt, ...) {
    struct base_buf text;
    va_list ap;

    if (index >= WIRE_WORDS_LIST_MAX || w->cut)
        return false;
    base_buf_init(&text, 1024);
    va_start(ap, fmt);
    base_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    add_entry(w, index == 0, base_buf_view(&text));
    base_buf_release(&text);
    return true;
}

bool wire_words_number(struct wire_words *w, size_t index, const char *name, uint16_t number) {
    if (name[0] != '\0')
        return wire_words_entry(w, index, "%s (0x%04x)", name, number);
    if (know_tls_is_grease(number))
        return wire_words_entry(w, index, "GREASE (0x%04x)", number);
    return wire_words_entry(w, index, "unknown (0x%04x)", number);
}

void wire_words_numbers(struct wire_words *w, struct base_reader *list, const char *what,
                        const char *(*name)(uint16_t)) {
    size_t index = 0;

    while (base_reader_left(list) >= 2) {
        uint16_t number = base_reader_u16(list, what);
        if (!wire_words_number(w, index++, name(number), number)) {
            size_t more = base_reader_left(list) / 2;
            wire_words_add(w, " and %zu more", more + 1);
            base_reader_skip(list, more * 2, what);
        }
    }
    if (index == 0)
        wire_words_add(w, "none");
}

void wire_words_small_numbers(struct wire_words *w, struct base_reader *list,
                              const char *(*name)(uint8_t)) {
    size_t index = 0;

    while (base_reader_left(list) > 0) {
        uint8_t number = base_reader_u8(list, "number");
        const char *known = name(number);
        (void)wire_words_entry(w, index++, "%s (%u)", known[0] != '\0' ? known : "unknown", number);
    }
    if (index == 0)
        wire_words_add(w, "none");
}

/* --- trouble --- */

static bool told_before(struct wire_words *w, const char *what, size_t at) {
    bool same = w->told == what && w->told_at == at;

    w->told = what;
    w->told_at = at;
    return same;
}

void wire_words_check(struct wire_words *w, const struct base_reader *r, const char *what) {
    size_t left = r->len - r->pos;

    if (r->failed && !told_before(w, r->fail_what, r->fail_at))
        wire_words_line(w, "! %s: does not fit at byte %zu", r->fail_what, r->fail_at);
    else if (!r->failed && left > 0)
        wire_words_line(w, "! %s: %zu byte%s left at byte %zu", what, left, wire_words_plural(left),
                        r->base + r->pos);
}
