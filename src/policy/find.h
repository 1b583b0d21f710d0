/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_POLICY_FIND_H
#define WAXSEAL_POLICY_FIND_H

#include "base/arena.h"
#include "dns/resolver.h"
#include "facts/policy.h"
#include "net/loop.h"

/* What domains publish on how their mail servers are to be trusted, looked up on somebody's loop.
 */
struct policy_engine;
struct policy_job;

/* The way through a proxy, which libcurl does not look up either. */
struct policy_proxy {
    bool http; /* CONNECT; else SOCKS5 */
    const char *host;
    unsigned port;
    const char *const *addresses;
    size_t address_count;
    const char *user, *secret; /* NULL: none */
};

/* How files are fetched. Texts outlive the engine. */
struct policy_web_config {
    const char *ca_file, *ca_dir; /* both NULL: the system's; every file of the directory counts */
    const struct policy_proxy *proxy; /* NULL: none */
    base_usec timeout;                /* of one file as a whole, from its start; 0: 15 s */
    unsigned at_once;                 /* transfers under way, the others wait; 0: 32 */
    size_t max;                       /* bytes of a file */
};

/* Texts outlive the engine. */
struct policy_config {
    struct policy_web_config web; /* how policies are fetched; `max` is set here */
    unsigned web_port;            /* 0: 443 */
    base_usec limit; /* of one job, waiting for its turn included; 0: 60 s. What is not found out by
                        then could not be told */
};

/* `resolver` and `loop` are the caller's and outlive the engine. */
WS_MUST_USE enum ws_err policy_engine_new(const struct policy_config *c, struct net_loop *loop,
                                          struct dns_resolver *resolver, struct policy_engine **out,
                                          struct base_error *e);
/* Jobs under way are dropped without a call. NULL is fine. */
void policy_engine_free(struct policy_engine *p);

/* A mail host whose TLSA records are wanted. */
struct policy_host {
    const char *name;               /* as in the MX record */
    const struct facts_host *known; /* its addresses, where they were looked up; NULL: not yet */
};

/* Texts and arrays live until `done`. */
struct policy_wish {
    const char *domain; /* whose MTA-STS policy (A-labels); NULL: not wanted */
    const struct policy_host *hosts;
    size_t host_count;
    unsigned port; /* of the hosts: "_25._tcp" */
};

/* All at once. `out` and its memory are the caller's and the arena's; it is complete when `done` is
 * called, once, from the loop and never inside this. `done` may free the engine. *job is for
 * policy_cancel and lives until then. */
WS_MUST_USE enum ws_err policy_find(struct policy_engine *p, const struct policy_wish *wish,
                                    struct base_arena *arena, struct facts_policy *out,
                                    void (*done)(void *arg), void *arg, struct policy_job **job,
                                    struct base_error *e);
/* `done` is not called, and nothing is written any more. */
void policy_cancel(struct policy_job *j);

#endif
