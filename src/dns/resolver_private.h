/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_DNS_RESOLVER_PRIVATE_H
#define WAXSEAL_DNS_RESOLVER_PRIVATE_H

#include "dns/context.h"
#include "dns/hosts.h"
#include "dns/packet.h"
#include "dns/resolver.h"
#include "dns/settings.h"

#include <sys/queue.h>

/* What resolver.c (questions) and job.c (targets) share. */

struct dns_job;
struct dns_question;
TAILQ_HEAD(dns_questions, dns_question);
LIST_HEAD(dns_jobs, dns_job);
TAILQ_HEAD(dns_ready_jobs, dns_job);

/* One question: waits, runs, is answered; then its job reads the outcome. */
struct dns_question {
    TAILQ_ENTRY(dns_question) in_resolver;
    struct dns_questions *list; /* the resolver's list it stands in; NULL: none any more */
    TAILQ_ENTRY(dns_question) in_job;
    struct dns_resolver *resolver;
    struct dns_job *job; /* NULL: the resolver's own */
    const char *name;
    unsigned type;
    size_t host;    /* whom it is about: index into the target's hosts */
    size_t address; /* index into the host's addresses */
    struct dns_context *context;
    struct dns_asked asked;
    struct net_timer *timer;
    base_usec started;
    struct base_arena scratch; /* holds the packet and the texts of the answer */
    struct facts_dns_answer answer;
    struct dns_packet packet;
};

struct dns_resolver {
    struct net_loop *loop;
    const struct base_log *log;
    struct base_arena arena;
    bool ipv4, ipv6, ptr;
    base_usec timeout;
    unsigned at_once;
    base_usec (*now)(void);
    bool forwarders_given;
    bool forwarders_known; /* resolv.conf was read */
    struct dns_forwarders forwarders;
    const char *anchor_file; /* NULL: none, so no validation */
    const char *anchor_zone;
    const char *unvalidated; /* why statuses are indeterminate, or "" */
    const char *drops;       /* that reason for a forwarder; NULL until needed */
    struct dns_hosts hosts;
    struct dns_context *context; /* NULL until needed */
    struct dns_passing passing;
    struct dns_context *probe_context; /* without validation */
    struct dns_question *probe;
    struct dns_questions waiting, running, answered, held;
    size_t running_count;
    struct dns_jobs jobs;        /* all */
    struct dns_ready_jobs ready; /* those that wait for no answer */
    struct net_timer *wake;
};

/* Allocates a question of `job` and puts it in the queue; NULL without memory. */
struct dns_question *dns_resolver_ask(struct dns_resolver *r, struct dns_job *job, const char *name,
                                      unsigned type);
/* Frees a question, and takes it back where it has no answer yet. */
void dns_question_free(struct dns_question *q);
/* Takes the job in: it is advanced from the loop, soon. */
WS_MUST_USE enum ws_err dns_resolver_add(struct dns_resolver *r, struct dns_job *j);

/* One target on its way. `outstanding` counts questions without an answer. */
struct dns_job {
    LIST_ENTRY(dns_job) in_resolver;
    TAILQ_ENTRY(dns_job) in_ready;
    bool ready; /* in that list */
    struct dns_resolver *resolver;
    struct facts_target *target; /* NULL: `lookup` is wanted */
    struct dns_lookup *lookup;
    struct facts_host *host; /* only the addresses of the target are wanted, and here */
    struct base_arena *arena;
    void (*done)(void *arg);
    void *arg;
    unsigned phase; /* enum of job.c */
    size_t outstanding;
    size_t ptr_count;
    struct dns_questions questions; /* of this phase, in the order of asking */
};

/* Goes as far as it can without waiting; true when the target is resolved. */
bool dns_job_advance(struct dns_job *j);
/* The same for a lookup: its question was asked when the job was made. */
void dns_lookup_finish(struct dns_job *j);
/* Frees the job with its questions. */
void dns_job_free(struct dns_job *j);

#endif
