/* SPDX-License-Identifier: Apache-2.0 */
/* base_option_help - one table, shown as help, man page and completion. */
#include "base/option.h"

#include <stdio.h>
#include <string.h>

#define HELP_COLUMN 29u
#define SPEC_SIZE 256

/* "  -p, --port=PORT" */
static void spec_of(const struct base_option *o, char out[SPEC_SIZE]) {
    char letter[8] = "    ";
    if (o->letter)
        snprintf(letter, sizeof letter, "-%c, ", o->letter);
    snprintf(out, SPEC_SIZE, "  %s--%s%s%s", letter, o->name, o->arg ? "=" : "",
             o->arg ? o->arg : "");
}

/* Words of `text` wrapped at `columns`, each line after the first indented. */
static void wrap(struct base_buf *out, const char *text, size_t at, size_t indent, size_t columns) {
    struct base_bytes rest = base_bytes_of_str(text);
    bool first = true;
    while (rest.len > 0) {
        size_t len = base_bytes_find(rest, ' ');
        if (!first && at + 1 + len > columns) {
            base_buf_printf(out, "\n%*s", (int)indent, "");
            at = indent;
        } else if (!first) {
            base_buf_append_byte(out, ' ');
            at++;
        }
        base_buf_append_bytes(out, base_bytes_slice(rest, 0, len));
        at += len;
        first = false;
        rest = base_bytes_slice(rest, len + 1, rest.len);
    }
    base_buf_append_byte(out, '\n');
}

void base_option_help(const struct base_option *table, struct base_buf *out, unsigned columns) {
    char spec[SPEC_SIZE];
    bool first = true;
    for (; table->kind != BASE_OPTION_END; table++) {
        if (table->kind == BASE_OPTION_HEADING) {
            base_buf_printf(out, "%s%s:\n", first ? "" : "\n", table->help);
            first = false;
            continue;
        }
        if (table->kind == BASE_OPTION_REFUSED)
            continue;
        spec_of(table, spec);
        base_buf_append_str(out, spec);
        if (strlen(spec) + 2 > HELP_COLUMN)
            base_buf_printf(out, "\n%*s", HELP_COLUMN, "");
        else
            base_buf_printf(out, "%*s", (int)(HELP_COLUMN - strlen(spec)), "");
        wrap(out, table->help, HELP_COLUMN, HELP_COLUMN, columns);
        first = false;
    }
}

/* Text for roff: a leading dot or quote would be a request, a dash must stay a dash. */
static void man_text(struct base_buf *out, const char *s) {
    if (*s == '.' || *s == '\'')
        base_buf_append_str(out, "\\&");
    for (; *s; s++) {
        if (*s == '\\')
            base_buf_append_str(out, "\\e");
        else if (*s == '-')
            base_buf_append_str(out, "\\-");
        else
            base_buf_append_byte(out, (uint8_t)*s);
    }
}

void base_option_man(const struct base_option *table, struct base_buf *out) {
    for (; table->kind != BASE_OPTION_END; table++) {
        if (table->kind == BASE_OPTION_HEADING) {
            base_buf_printf(out, ".PP\n.I %s\n", table->help);
            continue;
        }
        if (table->kind == BASE_OPTION_REFUSED)
            continue;
        base_buf_append_str(out, ".TP\n");
        if (table->letter)
            base_buf_printf(out, "\\fB\\-%c\\fR, ", table->letter);
        base_buf_append_str(out, "\\fB\\-\\-");
        man_text(out, table->name);
        base_buf_append_str(out, "\\fR");
        if (table->arg)
            base_buf_printf(out, "=\\fI%s\\fR", table->arg);
        base_buf_append_str(out, "\n");
        man_text(out, table->help);
        base_buf_append_str(out, "\n");
    }
}

void base_option_bash(const struct base_option *table, struct base_buf *out) {
    for (; table->kind != BASE_OPTION_END; table++)
        if (table->name && table->kind != BASE_OPTION_REFUSED)
            base_buf_printf(out, "--%s ", table->name);
}

/* Help inside a single-quoted zsh spec: brackets and colons end parts, quotes end the word. */
static void zsh_text(struct base_buf *out, const char *s) {
    for (; *s; s++) {
        if (*s == '\'')
            base_buf_append_str(out, "'\\''");
        else if (*s == '[' || *s == ']' || *s == ':')
            base_buf_printf(out, "\\%c", *s);
        else
            base_buf_append_byte(out, (uint8_t)*s);
    }
}

static const char *zsh_action(const struct base_option *o) {
    if (!o->complete)
        return "";
    if (strcmp(o->complete, "file") == 0)
        return "_files";
    if (strcmp(o->complete, "dir") == 0)
        return "_files -/";
    return strcmp(o->complete, "host") == 0 ? "_hosts" : "";
}

void base_option_zsh(const struct base_option *table, struct base_buf *out) {
    for (; table->kind != BASE_OPTION_END; table++) {
        if (!table->name || table->kind == BASE_OPTION_REFUSED)
            continue;
        base_buf_printf(out, "            {-,--}'%s%s[", table->name, table->arg ? "=" : "");
        zsh_text(out, table->help);
        base_buf_append_byte(out, ']');
        if (table->arg && table->choices) {
            base_buf_append_byte(out, ':');
            zsh_text(out, table->arg);
            base_buf_append_str(out, ":(");
            for (size_t i = 0; table->choices[i]; i++)
                base_buf_printf(out, "%s%s", i ? " " : "", table->choices[i]);
            base_buf_append_byte(out, ')');
        } else if (table->arg) {
            base_buf_append_byte(out, ':');
            zsh_text(out, table->arg);
            base_buf_printf(out, ":%s", zsh_action(table));
        }
        base_buf_append_str(out, "' \\\n");
    }
}
