/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_REPORT_TEXT_PARTS_H
#define WAXSEAL_REPORT_TEXT_PARTS_H

#include "base/arena.h"
#include "report/report.h"

/* The parts of which texts for people are made, for the files of this folder. */

/* --- paint.c --- */

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

/* --- details.c --- */

/* "mx.example.org [192.0.2.1]:25", or the path of a socket. */
const char *report_details_name(struct base_arena *a, const struct facts_endpoint *e);
/* How a handshake ended that did not succeed: "handshake failed: alert 70, protocol_version". */
const char *report_details_handshake(struct base_arena *a, const struct facts_session *s);
/* The lines of an endpoint's block, by subject; `a` is scratch memory. */
void report_details_connection(const struct report_painter *p, struct base_arena *a,
                               const struct facts_endpoint *e);
void report_details_starttls(const struct report_painter *p, struct base_arena *a,
                             const struct facts_endpoint *e);
void report_details_session(const struct report_painter *p, struct base_arena *a,
                            const struct facts_endpoint *e);
void report_details_certificate(const struct report_painter *p, struct base_arena *a,
                                const struct facts_endpoint *e);
void report_details_verification(const struct report_painter *p, struct base_arena *a,
                                 const struct facts_endpoint *e);
void report_details_keywords(const struct report_painter *p, struct base_arena *a,
                             const char *label, const struct facts_ehlo *e);
void report_details_chain(const struct report_painter *p, struct base_arena *a,
                          const struct facts_endpoint *e);
void report_details_times(const struct report_painter *p, struct base_arena *a,
                          const struct facts_endpoint *e);
/* -v: keywords, the whole chain, times, session details. */
void report_details_verbose(const struct report_painter *p, struct base_arena *a,
                            const struct facts_endpoint *e);
/* -v: the DNS answers. */
void report_details_dns(const struct report_painter *p, struct base_arena *a,
                        const struct facts_target *t);
/* A paragraph for a finding of `t`, with a blank line before it; `a` is scratch memory. */
void report_finding(const struct report_painter *p, struct base_arena *a,
                    const struct facts_target *t, const struct facts_finding *f);

/* --- timing.c: the steps of a connection, for JSON too --- */

#define REPORT_TIMES_MAX 10

/* One step of a connection, one after the other. */
struct report_time {
    const char *name; /* "DNS", "TCP", "greeting", "EHLO", "STARTTLS", "hello", ... */
    const char *key;  /* the same for JSON: "dns", "tcp", "ehlo_tls" */
    double start_ms;  /* since the beginning */
    double ms;
};

/* The steps that were done, in order; returns how many. `dns_ms` below 0: no name was asked for. */
size_t report_times(const struct facts_endpoint *e, double dns_ms,
                    struct report_time times[REPORT_TIMES_MAX]);

#endif
