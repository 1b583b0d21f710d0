/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_POLICY_FETCH_H
#define WAXSEAL_POLICY_FETCH_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"

/* A file over HTTPS by libcurl, which is loaded when this is first called. */
struct policy_fetch {
    const char *host; /* "mta-sts.example.org" */
    const char *path; /* "/.well-known/mta-sts.txt" */
    unsigned port;
    const char *const *addresses; /* where the host is: the DNS was asked before */
    size_t address_count;
    const char *ca_file, *ca_dir; /* both NULL: the system's; every file of the directory counts */
    const char *proxy;            /* "socks5://HOST:PORT", "http://..."; NULL: none */
    const char *proxy_user, *proxy_secret; /* NULL: none */
    size_t max;                            /* bytes */
    base_usec timeout;                     /* of the whole */
};

struct policy_fetched {
    long status; /* of HTTP */
    const char *content_type;
    struct base_bytes body;
    double ms;
};

/* WS_IO: what went wrong, in one sentence. Redirects are not followed and are no error. */
WS_MUST_USE enum ws_err policy_fetch(const struct policy_fetch *f, struct base_arena *arena,
                                     struct policy_fetched *out, struct base_error *e);

#endif
