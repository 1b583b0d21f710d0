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

/* Everything a run of checks may be told. Strings are borrowed. */
struct check_config {
    struct dns_target_defaults target;
    struct dns_config dns;
    const char *const *mx_hosts; /* --mx: skip the MX lookup */
    size_t mx_count;
    const char *source; /* --source ADDR or NULL */
    const char *helo;   /* NULL: the machine's name */
    const char *sni;    /* as probe_config.sni */
    const char *verify_name;
    const char *ca_file;
    const char *ca_dir;
    base_usec connect_timeout;
    struct mail_timeouts timeouts;
    base_usec handshake_timeout;
    base_usec overall;    /* per endpoint */
    base_usec deadline;   /* whole run; BASE_NEVER */
    unsigned parallel;    /* connections at once (8) */
    unsigned per_address; /* at once to one address (2) */
    bool plain_only;
    int expiring_days;
    const struct base_log *log;
    /* Progress: called from the loop whenever something moved. May be NULL. */
    void (*progress)(void *arg, const char *what, size_t done, size_t total);
    /* One target is complete (facts and findings), in the order given. May be NULL. */
    void (*target_done)(void *arg, const struct facts_report *r, const struct facts_target *t);
    void *arg;
};

void check_config_defaults(struct check_config *c);

/* Runs all targets on `loop` and fills `report` (memory: arena). Wrong targets become facts with
 * `error`; only local failure returns an error. `trust` NULL: from ca_file / ca_dir. `overrides`:
 * may be NULL; called once with the resolver so that the demo can add names. */
struct check_overrides {
    const char *name;
    const char *address;
};
WS_MUST_USE enum ws_err check_run(struct net_loop *loop, const struct check_config *c,
                                  const char *const *targets, size_t target_count,
                                  const struct pki_trust *trust,
                                  const struct check_overrides *overrides, size_t override_count,
                                  struct base_arena *arena, struct facts_report *report,
                                  struct base_error *e);

#endif
