/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_REPORT_PAINT_H
#define WAXSEAL_REPORT_PAINT_H

#include "report/report.h"

/* Where lines are painted: wraps at the style's columns, colours when it says so, and lets nothing
 * through that is not fit for a terminal. */
struct report_painter {
    const struct report_style *style;
    struct base_buf *out;
};

enum report_colour {
    REPORT_PLAIN,
    REPORT_BOLD,
    REPORT_GREEN,
    REPORT_YELLOW,
    REPORT_RED,
    REPORT_DIM
};

/* A text of our own, as it is. */
void report_paint_coloured(const struct report_painter *p, enum report_colour c, const char *text);
/* A paragraph: `lead` (with its own width counted) and then `text`, wrapped; the lines after the
 * first are indented by `indent`. Text is escaped here; `lead` is ours. */
void report_paint_paragraph(const struct report_painter *p, const char *lead,
                            enum report_colour colour, size_t indent, const char *text);
/* "    label        text" */
void report_paint_field(const struct report_painter *p, const char *label, const char *text);
/* The first line of a report, with a mark for the verdict. */
void report_paint_answer(const struct report_painter *p, enum facts_verdict v, const char *text);
void report_paint_blank(const struct report_painter *p);
void report_paint_heading(const struct report_painter *p, size_t indent, const char *text);

#endif
