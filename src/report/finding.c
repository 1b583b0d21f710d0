/* SPDX-License-Identifier: Apache-2.0 */
/* report_finding - one finding as a paragraph: what was seen, whom it hurts, how to mend it. */
#include "report/finding.h"

#define PART_INDENT 11u

static void severity_look(const struct report_style *s, enum facts_severity v, const char **lead,
                          enum report_colour *colour) {
    switch (v) {
    case FACTS_SEVERITY_ERROR:
        *lead = s->ascii ? "  X " : "  \u2718 ";
        *colour = REPORT_RED;
        return;
    case FACTS_SEVERITY_WARNING:
        *lead = "  ! ";
        *colour = REPORT_YELLOW;
        return;
    case FACTS_SEVERITY_INFO:
        break;
    }
    *lead = s->ascii ? "  i " : "  \u2139 ";
    *colour = REPORT_PLAIN;
}

/* At which endpoints; nothing when there is only one. */
static const char *places(struct base_arena *a, const struct facts_target *t,
                          const struct facts_finding *f) {
    if (f->endpoint < 0 || t->endpoint_count < 2)
        return "";
    if (f->also_count + 1 == t->endpoint_count)
        return " (at every address)";
    const char *list = t->endpoints[f->endpoint].address;
    for (size_t i = 0; i < f->also_count && i < 6; i++)
        list = base_arena_printf(a, "%s, %s", list, t->endpoints[f->also[i]].address);
    return base_arena_printf(a, " (%s%s)", list, f->also_count > 6 ? " ..." : "");
}

/* A sentence begins with a capital, unless it begins with a host name, a setting and the like. */
static const char *capital(struct base_arena *a, const char *s) {
    size_t word = 0;
    while (s[word] >= 'a' && s[word] <= 'z')
        word++;
    if (s[word] != ' ' && s[word] != ',' && s[word] != 0)
        return s;
    return base_arena_printf(a, "%c%s", (int)base_ascii_upper((uint8_t)s[0]), s[0] ? s + 1 : "");
}

/* "    Fix:   " and a text of one or more lines; nothing for none. */
static void paint_part(const struct report_painter *p, struct base_arena *a, const char *lead,
                       const char *text) {
    struct base_bytes rest = base_bytes_of_str(text);
    bool many = base_bytes_find(rest, '\n') < rest.len;
    while (rest.len > 0) {
        struct base_bytes line = base_bytes_slice(rest, 0, base_bytes_find(rest, '\n'));
        report_paint_paragraph(p, lead, REPORT_DIM, many ? PART_INDENT + 2 : PART_INDENT,
                               base_arena_str_bytes(a, line));
        rest = base_bytes_slice(rest, line.len + 1, rest.len);
        lead = "           ";
    }
}

void report_finding(const struct report_painter *p, struct base_arena *a,
                    const struct facts_target *t, const struct facts_finding *f) {
    const char *lead;
    enum report_colour colour;
    severity_look(p->style, f->severity, &lead, &colour);
    report_paint_blank(p);
    report_paint_paragraph(p, lead, colour, 4,
                           base_arena_printf(a, "%s%s  [%s]", f->title, places(a, t, f), f->id));
    report_paint_paragraph(p, "    Seen:  ", REPORT_DIM, PART_INDENT, capital(a, f->evidence));
    report_paint_paragraph(p, "    Hurts: ", REPORT_DIM, PART_INDENT, capital(a, f->impact));
    paint_part(p, a, "    Fix:   ", capital(a, f->fix));
    paint_part(p, a, "    Ask:   ", f->ask ? capital(a, f->ask) : NULL);
    paint_part(p, a, "    Logs:  ", f->logs);
    paint_part(p, a, "    Next:  ", f->next ? capital(a, f->next) : NULL);
}
