/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_DNS_WAIT_H
#define WAXSEAL_DNS_WAIT_H

#include "dns/resolver.h"

/* For those who have no loop and want one thing after the other: a loop and a resolver of their
 * own, on which one job at a time is played until it is done. */
struct dns_wait {
    struct net_loop *loop;
    struct dns_resolver *resolver;
    base_usec limit; /* what dns_wait_target may take; set by dns_wait_open, may be changed */
    bool over;       /* the job is done */
    bool late;       /* the limit came first */
};

/* `c` as for dns_resolver_new, and its mistakes are the error's. */
WS_MUST_USE enum ws_err dns_wait_open(struct dns_wait *w, const struct dns_config *c,
                                      const struct base_log *log, struct base_error *e);
/* Fine for one that is zeroed, failed to open or is closed. */
void dns_wait_close(struct dns_wait *w);

/* `done` of the job that is waited for, with the wait as its `arg`. */
void dns_wait_over(void *wait);
/* Plays what was started until then. False, and `late` or *e: it is not done, and has to be
 * cancelled before the wait is used again. */
WS_MUST_USE bool dns_wait_run(struct dns_wait *w, base_usec limit, struct base_error *e);

/* Resolves a target; what fails on this machine is an answer too (FACTS_DNS_ERROR, or
 * FACTS_DNS_TIMEOUT). */
void dns_wait_target(struct dns_wait *w, struct facts_target *t, struct base_arena *arena);
/* One question, likewise. */
void dns_wait_name(struct dns_wait *w, const char *name, unsigned type, struct base_arena *arena,
                   struct dns_lookup *out);

#endif
