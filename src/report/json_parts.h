/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_REPORT_JSON_PARTS_H
#define WAXSEAL_REPORT_JSON_PARTS_H

#include "base/json.h"
#include "facts/policy.h"
#include "facts/target.h"

/* The parts of which JSON documents are made. */

/* A text that may not apply: null when it is NULL or empty. */
void report_json_text(struct base_json *j, const char *key, const char *s);
/* "target": what was asked for. */
void report_json_target_head(struct base_json *j, const struct facts_target *t);
/* "dns": what the names led to. */
void report_json_dns(struct base_json *j, const struct facts_dns *d);
void report_json_endpoint(struct base_json *j, const char *key, const struct facts_endpoint *e);
void report_json_finding(struct base_json *j, const struct facts_finding *f);
/* The same, where it can speak of one endpoint only: what was seen, and what to do. */
void report_json_reason(struct base_json *j, const struct facts_finding *f);
/* "tlsa" and "mta_sts": what is published. */
void report_json_tlsa(struct base_json *j, const struct facts_tlsa *t);
void report_json_sts(struct base_json *j, const struct facts_sts *s);

#endif
