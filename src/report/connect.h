/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_REPORT_CONNECT_H
#define WAXSEAL_REPORT_CONNECT_H

#include "facts/client.h"
#include "facts/detail.h"
#include "report/report.h"

/* What `waxseal connect` shows first: one endpoint in full, the answer in the first line. `d` may
 * be NULL or all zero: then only what the endpoint tells is shown. */
void report_connect(const struct facts_endpoint *e, const struct facts_detail *d,
                    const struct report_style *style, struct base_buf *out);
/* Findings on that endpoint, as `check` prints them. Nothing when there are none. */
void report_connect_findings(const struct facts_finding *f, size_t count,
                             const struct facts_endpoint *e, const struct report_style *style,
                             struct base_buf *out);

/* A waterfall: a bar for each step, as long as it took and beginning where the last one ended. */
void report_timing(const struct facts_endpoint *e, double dns_ms, const struct report_style *style,
                   struct base_buf *out);

/* One document for one session (`connect`): target and endpoint as above, and what only `connect`
 * knows. `e` (nothing was connected to), `d` and `c` may be NULL; `dns_ms` as in report_timing. */
void report_json_connect(const struct facts_target *t, const struct facts_endpoint *e,
                         const struct facts_detail *d, const struct facts_client *c, double dns_ms,
                         const struct facts_finding *f, size_t findings, struct base_buf *out);

#endif
