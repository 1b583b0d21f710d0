/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_DNS_RESOLVER_H
#define WAXSEAL_DNS_RESOLVER_H

#include "base/arena.h"
#include "base/error.h"
#include "base/log.h"
#include "facts/target.h"
#include "net/loop.h"

/* libunbound on the project's event loop. The libunbound context is made on the first question that
 * needs it, so address targets cost nothing. */
struct dns_resolver;
struct dns_record;

#define DNS_OVERRIDES_MAX 4000000

struct dns_config {
    const char *const
        *forwarders; /* "192.0.2.53", "127.0.0.1@5353", "[::1]:53"; count 0: resolv.conf */
    size_t forwarder_count;
    const char *trust_anchor_file; /* NULL: Debian's /usr/share/dns/root.key when it is there */
    const char *hosts_file;        /* /etc/hosts format overrides, or NULL */
    bool ipv4;                     /* ask A */
    bool ipv6;                     /* ask AAAA */
    bool ptr;                      /* ask PTR and confirm */
    base_usec timeout;             /* of one question */
    unsigned at_once;              /* questions under way, each with a socket; 0: 256 */
    base_usec memory; /* how long is believed that a forwarder drops or passes DNSSEC; 0: 10 min */
    base_usec (*now)(void); /* the clock for that; NULL: the machine's */
};

WS_MUST_USE enum ws_err dns_resolver_new(const struct dns_config *c, struct net_loop *loop,
                                         const struct base_log *log, struct dns_resolver **out,
                                         struct base_error *e);
void dns_resolver_free(struct dns_resolver *r);
/* Adds one override as --hosts lines do (used by the demo). */
WS_MUST_USE enum ws_err dns_resolver_override(struct dns_resolver *r, const char *name,
                                              const char *address, struct base_error *e);

/* Resolves a parsed target into target->dns: MX (domains; `mx_hosts` non-empty: --mx was given and
 * the lookup is skipped), addresses of every host, PTRs. `done` is called exactly once from the
 * loop (never inside this call), even when everything is known at once. Facts memory: arena. */
WS_MUST_USE enum ws_err dns_resolve_target(struct dns_resolver *r, struct facts_target *target,
                                           const char *const *mx_hosts, size_t mx_count,
                                           struct base_arena *arena, void (*done)(void *arg),
                                           void *arg, struct base_error *e);
/* The addresses of one host by themselves, no PTR; `name` and `done` as for dns_resolve_name. Those
 * of --hosts count; *out is complete when `done` is called. */
WS_MUST_USE enum ws_err dns_resolve_host(struct dns_resolver *r, const char *name,
                                         struct base_arena *arena, struct facts_host *out,
                                         void (*done)(void *arg), void *arg, struct base_error *e);
/* One question by itself. `name` is asked as it is (A-labels, no final dot). */
struct dns_lookup {
    struct facts_dns_answer answer;
    struct dns_record *records; /* packet.h */
    size_t count;
};
/* `done` is called exactly once from the loop. `out` and its memory: the caller's and arena's. */
WS_MUST_USE enum ws_err dns_resolve_name(struct dns_resolver *r, const char *name, unsigned type,
                                         struct base_arena *arena, struct dns_lookup *out,
                                         void (*done)(void *arg), void *arg, struct base_error *e);
/* Drops everything that was asked with this `arg`: `done` is not called, nothing is written any
 * more. Fine when there is nothing. */
void dns_resolve_cancel(struct dns_resolver *r, const void *arg);
/* The machine's own fully qualified name for EHLO: gethostname + its canonical name; else an
 * address literal "[127.0.0.1]". Never blocks on the network: /etc/hosts only. */
const char *dns_own_name(struct base_arena *arena);

#endif
