/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_POLICY_FETCH_H
#define WAXSEAL_POLICY_FETCH_H

#include "base/arena.h"
#include "net/loop.h"

/* Files over HTTPS by libcurl on the loop; libcurl is loaded with the first one. */
struct policy_web;
struct policy_transfer;

/* The way through a proxy, which libcurl does not look up either. */
struct policy_proxy {
    bool http; /* CONNECT; else SOCKS5 */
    const char *host;
    unsigned port;
    const char *const *addresses;
    size_t address_count;
    const char *user, *secret; /* NULL: none */
};

/* Texts outlive the policy_web. */
struct policy_web_config {
    const char *ca_file, *ca_dir; /* both NULL: the system's; every file of the directory counts */
    const struct policy_proxy *proxy; /* NULL: none */
    base_usec timeout;                /* of one file as a whole, from its start; 0: 15 s */
    unsigned at_once;                 /* transfers under way, the others wait; 0: 32 */
    size_t max;                       /* bytes of a file */
};

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

#endif
