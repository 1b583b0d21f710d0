/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CHECK_CHECK_H
#define WAXSEAL_CHECK_CHECK_H

#include "base/arena.h"
#include "base/error.h"
#include "base/log.h"
#include "dns/resolver.h"
#include "dns/target.h"
#include "net/loop.h"
#include "probe/visit.h"

/* The main job as an engine on somebody's loop: targets go in one by one, the facts and findings of
 * each come out when it is complete. It never runs or stops the loop, takes no signal and makes
 * nothing that its callers may want to share; several may live on one loop. All callbacks come from
 * the loop, never from inside a call of the engine, and may call the engine: check_free too. */
struct check;

/* What the engine works with; all of it is borrowed and outlives it. */
struct check_tools {
    struct net_loop *loop;
    struct dns_resolver *resolver;
    const struct pki_trust *trust;
    /* Asked once, when the first connections are on their way: what it costs to make one passes
     * while the servers think about their greeting. NULL: there is none, and every target ends. */
    struct tls_context *(*tls)(void *arg);
    void *tls_arg;
};

/* Everything an engine may be told. Strings are borrowed. */
struct check_config {
    struct dns_target_defaults target;
    const char *const *mx_hosts; /* --mx: skip the MX lookup */
    size_t mx_count;
    const char *source; /* address to connect from, or NULL */
    const char *helo;
    const char *sni; /* as probe_config.sni */
    const char *verify_name;
    base_usec connect_timeout;
    struct mail_timeouts timeouts;
    base_usec handshake_timeout;
    base_usec overall;    /* per endpoint */
    base_usec deadline;   /* no visit begins later than this after check_new; BASE_NEVER */
    unsigned parallel;    /* connections at once (8) */
    unsigned per_address; /* at once to one address (2) */
    bool plain_only;
    int expiring_days;
    const struct base_log *log;
    void (*room)(void *arg); /* check_has_room. May be NULL */
    void *arg;
};

/* All but helo. */
void check_config_defaults(struct check_config *c);

/* WS_USAGE: `source` is no address. */
WS_MUST_USE enum ws_err check_new(const struct check_tools *tools,
                                  const struct check_config *config, struct check **out,
                                  struct base_error *e);

/* One target. Facts, arena and texts are the caller's until `done`. */
struct check_target {
    struct facts_target *facts; /* `input` and `index` are set by the caller, the rest is filled */
    struct base_arena *arena;   /* of its facts; when it is full the target ends with `error` */
    const char *where;          /* "FILE:17", stands behind what is wrong with the text; or NULL */
    const char *wrong;          /* why the text is no target, when that is known; or NULL */
    base_usec greeting;         /* patience for its greeting; 0: as for all */
    /* All that findings and verdict hang on is known, and they are there; to come are the answers
     * to our goodbye (`quit`, `step`, `ms` and `round_trips` of the endpoints) and the closes. The
     * memory is still in use. May be NULL. Comes once, before `done`. */
    void (*known)(void *arg);
    /* Complete, and forgotten by the engine: its memory may be freed. */
    void (*done)(void *arg);
    void *arg;
};

/* Wrong targets become facts with `error`; only a local failure or a wrong mx_hosts is an error,
 * and then the target was not added. */
WS_MUST_USE enum ws_err check_add(struct check *c, const struct check_target *t,
                                  struct base_error *e);
/* Whether one more target would be begun soon: few enough are being resolved or wait. What is added
 * beyond that only takes memory. */
bool check_has_room(const struct check *c);
/* Targets added and not done. */
size_t check_unfinished(const struct check *c);
/* Ends all that is unfinished now: connections are closed, what was not seen is told as
 * interrupted, and each target's `done` comes soon. */
void check_cancel(struct check *c);
/* Forgets what is unfinished without telling; before the targets' arenas are freed. NULL is fine.
 */
void check_free(struct check *c);

#endif
