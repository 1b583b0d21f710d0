/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_REPORT_TIMING_H
#define WAXSEAL_REPORT_TIMING_H

#include "report/report.h"

#define REPORT_TIMES_MAX 10

/* One step of a connection, one after the other. */
struct report_time {
    const char *name; /* "DNS", "TCP", "greeting", "EHLO", "STARTTLS", "hello", ... */
    const char *key;  /* the same for JSON: "dns", "tcp", "ehlo_tls" */
    double start_ms;  /* since the beginning */
    double ms;
};

/* How long the questions for the target took that led to this endpoint; -1: none was asked. */
double report_times_dns(const struct facts_target *t, const struct facts_endpoint *e);
/* The steps that were done, in order; returns how many. `dns_ms` below 0: no name was asked for. */
size_t report_times(const struct facts_endpoint *e, double dns_ms,
                    struct report_time times[REPORT_TIMES_MAX]);

/* A waterfall: a bar for each step, as long as it took and beginning where the last one ended. */
void report_timing(const struct facts_endpoint *e, double dns_ms, const struct report_style *style,
                   struct base_buf *out);

#endif
