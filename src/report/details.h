/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_REPORT_DETAILS_H
#define WAXSEAL_REPORT_DETAILS_H

#include "base/arena.h"
#include "report/paint.h"

/* The lines of an endpoint's block, by subject; `a` is scratch memory. */
void report_details_connection(const struct report_painter *p, struct base_arena *a,
                               const struct facts_endpoint *e);
void report_details_starttls(const struct report_painter *p, struct base_arena *a,
                             const struct facts_endpoint *e);
void report_details_session(const struct report_painter *p, struct base_arena *a,
                            const struct facts_endpoint *e);
void report_details_certificate(const struct report_painter *p, struct base_arena *a,
                                const struct facts_endpoint *e);
/* -v: keywords, the whole chain, times, session details. */
void report_details_verbose(const struct report_painter *p, struct base_arena *a,
                            const struct facts_endpoint *e);
/* -v: the DNS answers. */
void report_details_dns(const struct report_painter *p, struct base_arena *a,
                        const struct facts_target *t);

#endif
