/* SPDX-License-Identifier: Apache-2.0 */
/* report_paint - lines for a terminal or a pipe.
 *
 * Every text passes base_text_escape here, whoever made it; --ascii escapes what is beyond ASCII.
 * Words longer than a line are cut, so that no line is wider than the style allows. */
#include "report/text_parts.h"

#include "base/text.h"

#define LABEL_WIDTH 13u
#define FIELD_INDENT 4u
#define TEXT_MAX ((size_t)1 << 20)

static const char *colour_code(enum report_colour c) {
    static const char *const codes[] = {
        [REPORT_PLAIN] = "",          [REPORT_BOLD] = "\033[1m", [REPORT_GREEN] = "\033[32m",
        [REPORT_YELLOW] = "\033[33m", [REPORT_RED] = "\033[31m", [REPORT_DIM] = "\033[2m",
    };
    return codes[c];
}

void report_paint_coloured(const struct report_painter *p, enum report_colour c, const char *s) {
    bool on = p->style->colour && c != REPORT_PLAIN;
    if (on)
        base_buf_append_str(p->out, colour_code(c));
    base_buf_append_str(p->out, s);
    if (on)
        base_buf_append_str(p->out, "\033[0m");
}

/* Bytes and columns of the first character. */
static size_t step(struct base_bytes b, size_t *columns) {
    uint32_t cp = 0;
    size_t n = base_text_utf8_next(b, &cp);
    char one[8] = {0};
    *columns = 1;
    if (n <= 1)
        return 1;
    (void)base_bytes_copy(one, sizeof one - 1, base_bytes_slice(b, 0, n));
    *columns = base_text_width(one);
    return n;
}

/* As many bytes of `b` as take at most `columns`, whole characters only and at least one. */
static size_t fit(struct base_bytes b, size_t columns) {
    size_t at = 0, used = 0;
    while (at < b.len) {
        size_t w, n = step(base_bytes_slice(b, at, b.len), &w);
        if (used + w > columns && at > 0)
            break;
        used += w;
        at += n;
    }
    return at;
}

static size_t width_of(struct base_bytes b) {
    size_t columns = 0;
    while (b.len > 0) {
        size_t w, n = step(b, &w);
        columns += w;
        b = base_bytes_slice(b, n, b.len);
    }
    return columns;
}

static void new_line(const struct report_painter *p, size_t indent) {
    base_buf_printf(p->out, "\n%*s", (int)indent, "");
}

/* One word, cut into pieces when it is wider than a line. Returns the column it ends at. */
static size_t put_word(const struct report_painter *p, struct base_bytes word, size_t at,
                       size_t indent) {
    while (word.len > 0 && at + width_of(word) > p->style->columns) {
        size_t room = p->style->columns > at ? p->style->columns - at : 1;
        size_t n = fit(word, room);
        base_buf_append_bytes(p->out, base_bytes_slice(word, 0, n));
        word = base_bytes_slice(word, n, word.len);
        new_line(p, indent);
        at = indent;
    }
    base_buf_append_bytes(p->out, word);
    return at + width_of(word);
}

/* Spaces between words stay as they are, but none begins or ends a line. */
static void put_words(const struct report_painter *p, struct base_bytes text, size_t at,
                      size_t indent) {
    size_t spaces = 0;
    bool line_has_words = false;
    for (; text.len > 0; spaces++) {
        struct base_bytes word = base_bytes_slice(text, 0, base_bytes_find(text, ' '));
        text = base_bytes_slice(text, word.len + 1, text.len);
        if (word.len == 0)
            continue;
        if (line_has_words && at + spaces + width_of(word) > p->style->columns) {
            new_line(p, indent);
            at = indent;
        } else if (line_has_words) {
            base_buf_printf(p->out, "%*s", (int)spaces, "");
            at += spaces;
        }
        at = put_word(p, word, at, indent);
        line_has_words = true;
        spaces = 0;
    }
}

void report_paint_paragraph(const struct report_painter *p, const char *lead,
                            enum report_colour colour, size_t indent, const char *text) {
    struct base_buf safe;
    base_buf_init(&safe, TEXT_MAX);
    if (p->style->ascii)
        base_text_escape_ascii(&safe, base_bytes_of_str(text));
    else
        base_text_escape(&safe, base_bytes_of_str(text));
    report_paint_coloured(p, colour, lead);
    put_words(p, base_buf_view(&safe), base_text_width(lead), indent);
    base_buf_append_byte(p->out, '\n');
    base_buf_release(&safe);
}

void report_paint_field(const struct report_painter *p, const char *label, const char *text) {
    struct base_buf lead;
    base_buf_init(&lead, 1024);
    base_buf_printf(&lead, "%*s%-*s", (int)FIELD_INDENT, "", (int)LABEL_WIDTH, label);
    report_paint_paragraph(p, base_buf_cstr(&lead), REPORT_DIM, FIELD_INDENT + LABEL_WIDTH, text);
    base_buf_release(&lead);
}

void report_paint_blank(const struct report_painter *p) {
    base_buf_append_byte(p->out, '\n');
}

void report_paint_heading(const struct report_painter *p, size_t indent, const char *text) {
    struct base_buf line, safe;
    base_buf_init(&line, TEXT_MAX);
    base_buf_init(&safe, TEXT_MAX);
    struct report_painter plain = {
        &(struct report_style){.columns = p->style->columns, .ascii = p->style->ascii}, &line};
    base_buf_printf(&safe, "%*s", (int)indent, "");
    report_paint_paragraph(&plain, base_buf_cstr(&safe), REPORT_PLAIN, indent + 2, text);
    base_buf_truncate(&line, line.len - 1);
    report_paint_coloured(p, REPORT_BOLD, base_buf_cstr(&line));
    base_buf_append_byte(p->out, '\n');
    base_buf_release(&line);
    base_buf_release(&safe);
}

/* --- the answer --- */

static const char *mark(const struct report_style *s, enum facts_verdict v) {
    static const char *const symbols[] = {
        [FACTS_VERDICT_OK] = "\u2714 ",
        [FACTS_VERDICT_PROBLEMS] = "! ",
        [FACTS_VERDICT_NO_STARTTLS] = "\u2718 ",
        [FACTS_VERDICT_UNKNOWN] = "? ",
    };
    static const char *const words[] = {
        [FACTS_VERDICT_OK] = "OK ",
        [FACTS_VERDICT_PROBLEMS] = "! ",
        [FACTS_VERDICT_NO_STARTTLS] = "X ",
        [FACTS_VERDICT_UNKNOWN] = "? ",
    };
    return s->ascii ? words[v] : symbols[v];
}

static enum report_colour colour_of(enum facts_verdict v) {
    static const enum report_colour colours[] = {
        [FACTS_VERDICT_OK] = REPORT_GREEN,
        [FACTS_VERDICT_PROBLEMS] = REPORT_YELLOW,
        [FACTS_VERDICT_NO_STARTTLS] = REPORT_RED,
        [FACTS_VERDICT_UNKNOWN] = REPORT_YELLOW,
    };
    return colours[v];
}

void report_paint_answer(const struct report_painter *p, enum facts_verdict v, const char *text) {
    report_paint_paragraph(p, mark(p->style, v), colour_of(v), 2, text);
}
