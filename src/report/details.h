/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_REPORT_DETAILS_H
#define WAXSEAL_REPORT_DETAILS_H

#include "base/arena.h"
#include "report/paint.h"

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

#endif
