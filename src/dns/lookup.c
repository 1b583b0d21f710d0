/* SPDX-License-Identifier: Apache-2.0 */
/* lookup - one question by itself
 *
 * For what is no step of the way to a mail server: TLSA and TXT. The question waits in the
 * resolver's queue beside those of targets and ends as they do, with DNSSEC status and reason.
 *
 * Ownership: answer and records are copied to the caller's arena. */
#include "dns/resolver_private.h"

#include <stdlib.h>

static void keep_records(struct dns_job *j, const struct dns_packet *p) {
    struct dns_lookup *out = j->lookup;
    out->records = base_arena_array(j->arena, p->count, sizeof *out->records);
    for (size_t i = 0; out->records && i < p->count; i++)
        out->records[out->count++] = (struct dns_record){
            .text = base_arena_str(j->arena, p->records[i].text),
            .preference = p->records[i].preference,
            .data = base_arena_bytes(j->arena, p->records[i].data),
        };
}

void dns_lookup_finish(struct dns_job *j) {
    struct dns_question *q = TAILQ_FIRST(&j->questions);
    if (!q)
        return;
    j->lookup->answer = q->answer;
    j->lookup->answer.why = base_arena_str(j->arena, q->answer.why);
    j->lookup->answer.canonical = base_arena_str(j->arena, q->answer.canonical);
    if (q->answer.result == FACTS_DNS_DATA)
        keep_records(j, &q->packet);
}

enum ws_err dns_resolve_name(struct dns_resolver *r, const char *name, unsigned type,
                             struct base_arena *arena, struct dns_lookup *out,
                             void (*done)(void *arg), void *arg, struct base_error *e) {
    struct dns_job *j = calloc(1, sizeof *j);
    *out = (struct dns_lookup){.answer = {.result = FACTS_DNS_ERROR, .why = "", .canonical = ""}};
    if (!j)
        return base_error_set(e, WS_NOMEM, "out of memory");
    j->resolver = r;
    j->lookup = out;
    j->arena = arena;
    j->done = done;
    j->arg = arg;
    TAILQ_INIT(&j->questions);
    if (dns_resolver_ask(r, j, name, type) && dns_resolver_add(r, j) == WS_OK)
        return WS_OK;
    dns_job_free(j);
    return base_error_set(e, WS_NOMEM, "out of memory");
}
