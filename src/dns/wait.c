/* SPDX-License-Identifier: Apache-2.0 */
/* wait - the DNS for those who have no loop
 *
 * A terminal session and a single transaction want an address, or a policy, before anything else
 * can happen. This is the one place that turns an asynchronous job into a call that blocks.
 *
 * Limits: six questions one after the other, each with its resolver's time; whatever keeps a target
 * longer than that is given up.
 *
 * Ownership: the caller closes; facts are the arena's. */
#include "dns/wait.h"

#include "dns/resolver_private.h"

#define QUESTIONS_IN_A_ROW 6u

enum ws_err dns_wait_open(struct dns_wait *w, const struct dns_config *c,
                          const struct base_log *log, struct base_error *e) {
    *w = (struct dns_wait){.loop = NULL};
    enum ws_err err = net_loop_new(&w->loop, e);
    if (err == WS_OK)
        err = dns_resolver_new(c, w->loop, log, &w->resolver, e);
    if (err == WS_OK)
        w->limit = QUESTIONS_IN_A_ROW * w->resolver->timeout;
    else
        dns_wait_close(w);
    return err;
}

void dns_wait_close(struct dns_wait *w) {
    dns_resolver_free(w->resolver);
    net_loop_free(w->loop);
    w->resolver = NULL;
    w->loop = NULL;
}

void dns_wait_over(void *wait) {
    struct dns_wait *w = wait;
    w->over = true;
    net_loop_stop(w->loop);
}

static void on_limit(void *arg) {
    struct dns_wait *w = arg;
    w->late = true;
    net_loop_stop(w->loop);
}

bool dns_wait_run(struct dns_wait *w, base_usec limit, struct base_error *e) {
    w->over = w->late = false;
    struct net_timer *end = net_timer_start(w->loop, limit, on_limit, w);
    enum ws_err err = end ? net_loop_run(w->loop, e) : base_error_set(e, WS_NOMEM, "out of memory");
    net_timer_stop(end);
    return err == WS_OK && w->over;
}

/* Nothing came of it. */
static void give_up(struct dns_wait *w, struct base_arena *arena, const struct base_error *e,
                    struct facts_dns_answer *out) {
    dns_resolve_cancel(w->resolver, w);
    *out = (struct facts_dns_answer){
        .result = w->late ? FACTS_DNS_TIMEOUT : FACTS_DNS_ERROR,
        .status = FACTS_DNSSEC_INDETERMINATE,
        .canonical = "",
        .why = w->late ? base_arena_printf(arena, "no answer within %.3g s",
                                           (double)w->limit / BASE_SECOND)
                       : base_arena_str(arena, base_error_message(e))};
}

void dns_wait_target(struct dns_wait *w, struct facts_target *t, struct base_arena *arena) {
    struct base_error e = {0};
    w->late = false;
    if (dns_resolve_target(w->resolver, t, NULL, 0, arena, dns_wait_over, w, &e) != WS_OK ||
        !dns_wait_run(w, w->limit, &e))
        give_up(w, arena, &e, &t->dns.mx);
}

void dns_wait_name(struct dns_wait *w, const char *name, unsigned type, struct base_arena *arena,
                   struct dns_lookup *out) {
    struct base_error e = {0};
    w->late = false;
    if (dns_resolve_name(w->resolver, name, type, arena, out, dns_wait_over, w, &e) != WS_OK ||
        !dns_wait_run(w, w->limit, &e))
        give_up(w, arena, &e, &out->answer);
}
