/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_POLICY_FIND_PRIVATE_H
#define WAXSEAL_POLICY_FIND_PRIVATE_H

#include "policy/find.h"

#include <sys/queue.h>

/* What the engine, the phases of its two kinds of track and their helpers share. */

/* --- find.c --- */

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

/* --- fetch.c --- */

/* Files over HTTPS by libcurl on the loop; libcurl is loaded with the first one. */
struct policy_web;
struct policy_transfer;

struct policy_fetch {
    const char *host; /* "mta-sts.example.org" */
    const char *path; /* "/.well-known/mta-sts.txt" */
    unsigned port;
    const char *const *addresses; /* where the host is: the DNS was asked before */
    size_t address_count;
};

/* Lives only during the call. A redirect is not followed and is no failure. */
struct policy_fetched {
    const char *why; /* nothing came: one sentence, printable; "" it came */
    long status;     /* of HTTP */
    const char *content_type;
    struct base_bytes body;
    double ms;
};

WS_MUST_USE enum ws_err policy_web_new(struct net_loop *loop, const struct policy_web_config *c,
                                       struct policy_web **out, struct base_error *e);
/* Transfers under way are dropped without a call. NULL is fine. */
void policy_web_free(struct policy_web *w);
/* `done` is called once, from the loop and never inside this; it may free the policy_web. Texts of
 * `f` live until then. NULL without memory. */
struct policy_transfer *
policy_fetch_start(struct policy_web *w, const struct policy_fetch *f,
                   void (*done)(void *arg, const struct policy_fetched *got), void *arg);
/* Not after `done`. */
void policy_fetch_cancel(struct policy_transfer *t);

/* --- what was found, read: pure functions --- */

#define POLICY_STS_MX_MAX 256u
#define POLICY_STS_BYTES_MAX ((size_t)65536) /* RFC 8461 section 3.3 suggests it */

/* A TXT string of "_mta-sts.DOMAIN": does it claim to be a record ("v=STSv1")? */
bool policy_sts_is_record(struct base_bytes text);
/* Its id; "" (and *why) when the record breaks section 3.1. */
const char *policy_sts_record_id(struct base_bytes text, struct base_arena *arena,
                                 const char **why);
/* The policy file: fills mode, mx, max_age; false with out->why when it breaks section 3.2. */
bool policy_sts_parse(struct base_bytes text, struct base_arena *arena, struct facts_sts *out);
/* The data of one TLSA record, and whether a sender of mail can use it (RFC 7672 section 3.1). */
void policy_tlsa_read(struct base_bytes data, struct base_arena *arena,
                      struct facts_tlsa_record *out);

#endif
