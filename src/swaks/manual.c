/* SPDX-License-Identifier: Apache-2.0 */
/* manual - the manual of waxseal send, on one long page.
 *
 * What it is, examples, the options by topic (from the table), and what one must know besides. On a
 * terminal it goes through $PAGER, as man(1) would.
 */
#include "swaks/manual.h"

#include "base/text.h"
#include "send/exit.h"
#include "swaks/args_help.h"
#include "swaks/manual_text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MANUAL_MAX (1u << 20)
#define OPTION_INDENT 8u
#define TERM_INDENT 19u
#define EXAMPLES 1 /* that section has no empty lines */
#define COLUMNS 80u
#define COLUMNS_MAX 100u

/* Words of `text` after each other, lines no longer than `columns`. */
static void wrap(struct base_buf *out, const char *text, unsigned indent, unsigned columns) {
    struct base_bytes rest = base_bytes_of_str(text);
    unsigned at = 0;
    while (rest.len > 0) {
        size_t len = base_bytes_find(rest, ' ');
        if (at > 0 && at + 1 + len > columns) {
            base_buf_append_str(out, "\n");
            at = 0;
        }
        base_buf_printf(out, "%*s", at ? 1 : (int)indent, "");
        base_buf_append_bytes(out, base_bytes_slice(rest, 0, len));
        at += (at ? 1 : indent) + (unsigned)len;
        rest = base_bytes_slice(rest, len + 1, rest.len);
    }
    base_buf_append_str(out, "\n");
}

/* "TERM<tab>TEXT", the text beside the term and below itself. */
static void put_term(struct base_buf *out, const char *row, unsigned indent, unsigned columns) {
    size_t len = strcspn(row, "\t");
    struct base_buf text;
    base_buf_init(&text, MANUAL_MAX);
    wrap(&text, row[len] ? row + len + 1 : "", TERM_INDENT, columns);
    /* the first line's indent gives way to the term */
    base_buf_printf(out, "%*s%-*.*s", (int)indent, "", (int)(TERM_INDENT - indent), (int)len, row);
    base_buf_append_bytes(out, base_bytes_slice(base_buf_view(&text), TERM_INDENT, text.len));
    base_buf_release(&text);
}

static bool is_prose(const char *paragraph) {
    return !strchr("$#|", paragraph[0]);
}

static void put_paragraph(struct base_buf *out, const struct swaks_manual_section *s,
                          const char *text, const char *program, unsigned columns) {
    if (text[0] == '$') /* an example line: as it is */
        base_buf_printf(out, "      %s%s\n", program, text + 1);
    else if (text[0] == '#')
        base_buf_printf(out, "      %s\n", text + 2);
    else if (text[0] == '|')
        put_term(out, text + 1, s->indent + 2, columns);
    else
        wrap(out, text, s->indent, columns);
}

/* "    --to, -t ADDRESS": long names with two dashes, short ones with one. */
static void put_names(struct base_buf *out, const struct base_option *o) {
    base_buf_printf(out, "    %s%s", o->name[1] ? "--" : "-", o->name);
    const char *names = o->aliases ? o->aliases : "";
    while (*names) {
        size_t len = strcspn(names, " ");
        base_buf_printf(out, ", %s%.*s", len > 5 ? "--" : "-", (int)len, names);
        names += len + strspn(names + len, " ");
    }
    base_buf_printf(out, "%s%s\n", o->arg ? " " : "", o->arg ? o->arg : "");
}

static void put_options(struct base_buf *out, unsigned columns) {
    for (const struct base_option *o = swaks_option_table(); o->kind != BASE_OPTION_END; o++) {
        if (o->kind == BASE_OPTION_HEADING) {
            base_buf_printf(out, "\n  %s\n", o->help);
        } else {
            put_names(out, o);
            wrap(out, o->help, OPTION_INDENT, columns);
        }
    }
}

void swaks_manual_text(enum swaks_manner manner, unsigned columns, struct base_buf *out) {
    const char *name = manner == SWAKS_MANNER_SWAKS ? "swaks" : "waxseal send";
    base_buf_printf(out,
                    "%s - any SMTP transaction, step by step\n\nUsage\n  %s --to ADDRESS "
                    "[OPTION...]\n",
                    name, name);
    for (const struct swaks_manual_section *s = swaks_manual_sections; s->title; s++) {
        base_buf_printf(out, "\n%s\n", s->title);
        for (const char *const *p = s->paragraphs; *p; p++) {
            bool examples = s == &swaks_manual_sections[EXAMPLES];
            if (p != s->paragraphs && is_prose(*p) && !examples)
                base_buf_append_str(out, "\n");
            put_paragraph(out, s, *p, name, columns);
        }
        if (s->options_follow)
            put_options(out, columns);
    }
}

static unsigned terminal_columns(int out) {
    struct winsize w;
    if (ioctl(out, TIOCGWINSZ, &w) != 0 || w.ws_col < 40)
        return COLUMNS;
    return w.ws_col < COLUMNS_MAX ? w.ws_col : COLUMNS_MAX;
}

static void write_out(int out, struct base_bytes text) {
    while (text.len > 0) {
        ssize_t n = write(out, text.data, text.len);
        if (n < 0 && errno != EINTR)
            return;
        if (n > 0)
            text = base_bytes_slice(text, (size_t)n, text.len);
    }
}

/* False: no pager could be started. */
static bool page(struct base_bytes text) {
    const char *pager = getenv("PAGER");
    /* $PAGER is the user's own command line, as with man(1). NOLINTNEXTLINE(cert-env33-c) */
    FILE *to = popen(pager && *pager ? pager : "less -FRX", "w");
    if (!to)
        return false;
    (void)fwrite(text.data, 1, text.len, to);
    return pclose(to) == 0;
}

int swaks_manual_show(enum swaks_manner manner, int out, bool paged) {
    struct base_buf text;
    bool terminal = paged && isatty(out);
    base_buf_init(&text, MANUAL_MAX);
    swaks_manual_text(manner, terminal ? terminal_columns(out) : COLUMNS, &text);
    if (!terminal || !page(base_buf_view(&text)))
        write_out(out, base_buf_view(&text));
    base_buf_release(&text);
    return SEND_EXIT_OK;
}
