/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_LISTEN_DEMO_H
#define WAXSEAL_LISTEN_DEMO_H

#include "net/loop.h"
#include "base/log.h"

/* A street of small mail servers, good and bad, on loopback with freshly made certificates. */
struct listen_demo;

struct listen_house {
    const char *name;    /* "healthy.demo.invalid" */
    const char *what;    /* "healthy", "TLS 1.2 only", "expired certificate" ... */
    const char *finding; /* id of the finding that the check must report, NULL for healthy ones */
    unsigned port;
    bool silent; /* accepts and never says a word: nobody need wait long to see it */
};

/* `log` may be NULL and must outlive the street. */
WS_MUST_USE enum ws_err listen_demo_new(struct net_loop *loop, const struct base_log *log,
                                        struct listen_demo **out, struct base_error *e);
void listen_demo_free(struct listen_demo *d); /* before the loop */
size_t listen_demo_count(const struct listen_demo *d);
/* NULL when there is no house i. */
const struct listen_house *listen_demo_house(const struct listen_demo *d, size_t i);
/* The root certificate that clients must trust, PEM. */
struct base_bytes listen_demo_root_pem(const struct listen_demo *d);

#endif
