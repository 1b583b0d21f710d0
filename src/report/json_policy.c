/* SPDX-License-Identifier: Apache-2.0 */
/* report_json_policy - what a domain publishes on the trust in its servers, as JSON. */
#include "facts/names.h"
#include "report/json_parts.h"

void report_json_tlsa(struct base_json *j, const struct facts_tlsa *t) {
    base_json_object(j, "tlsa");
    base_json_str(j, "state", facts_tlsa_state_name(t->state));
    report_json_text(j, "host", t->host);
    report_json_text(j, "base_domain", t->base);
    report_json_text(j, "name", t->name);
    base_json_str(j, "dnssec", facts_dnssec_name(t->answer.status));
    base_json_array(j, "records");
    for (size_t i = 0; i < t->count; i++) {
        base_json_object(j, NULL);
        base_json_str(j, "record", t->items[i].text);
        base_json_bool(j, "usable", !t->items[i].why[0]);
        report_json_text(j, "why", t->items[i].why);
        base_json_end(j);
    }
    base_json_end(j);
    report_json_text(j, "why", t->why);
    base_json_end(j);
}

void report_json_sts(struct base_json *j, const struct facts_sts *s) {
    bool found = s->state == FACTS_STS_FOUND;
    base_json_object(j, "mta_sts");
    base_json_str(j, "state", facts_sts_state_name(s->state));
    report_json_text(j, "domain", s->domain);
    report_json_text(j, "id", s->id);
    report_json_text(j, "url", s->url);
    base_json_str(j, "mode", found ? facts_sts_mode_name(s->mode) : NULL);
    base_json_array(j, "mx");
    for (size_t i = 0; i < s->mx_count; i++)
        base_json_str(j, NULL, s->mx[i]);
    base_json_end(j);
    if (found)
        base_json_int(j, "max_age", s->max_age);
    report_json_text(j, "why", s->why);
    base_json_ms(j, "ms", s->ms);
    base_json_end(j);
}
