/* SPDX-License-Identifier: Apache-2.0 */
/* lookup - questions to the DNS that are waited for
 *
 * A policy is a chain of few questions, each of which depends on the last answer. They are played
 * on a loop of their own; each has its resolver's time.
 *
 * Ownership: the caller closes; facts are the arena's. */
#include "policy/lookup.h"

#include <string.h>

enum ws_err policy_lookup_open(struct policy_lookup *l, const struct dns_config *c,
                               const struct base_log *log, struct base_arena *arena,
                               struct base_error *e) {
    *l = (struct policy_lookup){.arena = arena};
    enum ws_err err = net_loop_new(&l->loop, e);
    if (err == WS_OK)
        err = dns_resolver_new(c, l->loop, log, &l->resolver, e);
    if (err != WS_OK)
        policy_lookup_close(l);
    return err;
}

void policy_lookup_close(struct policy_lookup *l) {
    dns_resolver_free(l->resolver);
    net_loop_free(l->loop);
    l->resolver = NULL;
    l->loop = NULL;
}

static void stop(void *arg) {
    net_loop_stop(arg);
}

static void fail(struct policy_lookup *l, struct facts_dns_answer *a, const struct base_error *e) {
    a->result = FACTS_DNS_ERROR;
    a->status = FACTS_DNSSEC_INDETERMINATE;
    a->why = base_arena_str(l->arena, base_error_message(e));
}

void policy_lookup_ask(struct policy_lookup *l, const char *name, unsigned type,
                       struct dns_lookup *out) {
    struct base_error e = {0};
    if (dns_resolve_name(l->resolver, name, type, l->arena, out, stop, l->loop, &e) != WS_OK ||
        net_loop_run(l->loop, &e) != WS_OK)
        fail(l, &out->answer, &e);
}

void policy_lookup_target(struct policy_lookup *l, struct facts_target *target) {
    struct base_error e = {0};
    if (dns_resolve_target(l->resolver, target, NULL, 0, l->arena, stop, l->loop, &e) != WS_OK ||
        net_loop_run(l->loop, &e) != WS_OK)
        fail(l, &target->dns.mx, &e);
}
