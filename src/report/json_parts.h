/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_REPORT_JSON_PARTS_H
#define WAXSEAL_REPORT_JSON_PARTS_H

#include "base/json.h"
#include "facts/target.h"

/* The parts of which JSON documents are made, for the files of this folder. */

/* A text that may not apply: null when it is NULL or empty. */
void report_json_text(struct base_json *j, const char *key, const char *s);
/* "target": what was asked for. */
void report_json_target_head(struct base_json *j, const struct facts_target *t);
/* "dns": what the names led to. */
void report_json_dns(struct base_json *j, const struct facts_dns *d);
void report_json_endpoint(struct base_json *j, const char *key, const struct facts_endpoint *e);
void report_json_finding(struct base_json *j, const struct facts_finding *f);

#endif
