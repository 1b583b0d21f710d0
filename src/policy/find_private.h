/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_POLICY_FIND_PRIVATE_H
#define WAXSEAL_POLICY_FIND_PRIVATE_H

#include "policy/find.h"

#include <sys/queue.h>

/* What the engine and the phases of its two kinds of track share. */

/* A chain of questions of a job, each of which depends on the last answer: one for the policy, one
 * for each host. */
struct policy_track {
    struct policy_job *job;
    unsigned phase; /* enum of its file */
    bool ended;
    struct policy_host host;           /* TLSA: whose records */
    struct facts_tlsa *tlsa;           /* where they go */
    struct facts_host addresses;       /* of the host, or of the policy's web server */
    struct dns_lookup found;           /* the last answer */
    struct policy_transfer *transfer;  /* NULL: none under way */
    const struct policy_fetched *file; /* what came of it; only while that is told */
};

struct policy_job {
    LIST_ENTRY(policy_job) entry;
    struct policy_engine *engine;
    struct policy_wish wish;
    struct base_arena *arena;
    struct facts_policy *out;
    void (*done)(void *arg);
    void *arg;
    struct net_timer *timer; /* begins it, then limits it */
    size_t outstanding;      /* tracks that have not ended */
    struct policy_track sts, *hosts;
};

/* Each goes on with the answer that has come, to the next question or to the end. */
void policy_sts_step(struct policy_track *t);
void policy_tlsa_step(struct policy_track *t);
/* What could not be found out: `why` is the reason. */
void policy_sts_give_up(struct policy_track *t, const char *why);
void policy_tlsa_give_up(struct policy_track *t, const char *why);

/* The next question of a track; its step comes with the answer. False: this machine failed, and
 * the track is told so. */
bool policy_track_ask(struct policy_track *t, const char *name, unsigned type);
bool policy_track_ask_host(struct policy_track *t, const char *name);
bool policy_track_fetch(struct policy_track *t, const char *host, const char *path);

#endif
