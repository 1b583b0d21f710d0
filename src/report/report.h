/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_REPORT_REPORT_H
#define WAXSEAL_REPORT_REPORT_H

#include "base/buf.h"
#include "facts/target.h"

/* Pure functions of the report: facts + findings -> text or JSON. The only place that formats. */
struct report_style {
    bool colour;
    bool ascii;       /* no symbols or letters beyond ASCII */
    unsigned columns; /* 80 */
    bool verbose;     /* -v: every certificate, every keyword, timing */
};

void report_text_target(const struct facts_report *r, const struct facts_target *t,
                        const struct report_style *s, struct base_buf *out);
/* After several targets: one line per target. Nothing for a single one. */
void report_text_summary(const struct facts_report *r, const struct report_style *s,
                         struct base_buf *out);
/* The same in parts, for who does not keep the targets: the line of one, and what stands above the
 * lines of `count`. */
void report_text_line(const struct facts_target *t, const struct report_style *s,
                      struct base_buf *out);
void report_text_above_lines(size_t count, double ms, const struct report_style *s,
                             struct base_buf *out);
/* One document, schema waxseal/1 (docs/json.md). */
void report_json(const struct facts_report *r, struct base_buf *out);
/* The same in parts: what stands before the first target, each target in its turn, what stands
 * behind the last (`none`: there was no target). */
void report_json_begin(const struct facts_report *r, struct base_buf *out);
void report_json_target(const struct facts_target *t, bool first, struct base_buf *out);
void report_json_end(const struct facts_report *r, bool none, struct base_buf *out);
/* One line for one target (--jsonl): the same object with schema, version, started beside it. */
void report_json_line(const struct facts_report *r, const struct facts_target *t,
                      struct base_buf *out);

#endif
