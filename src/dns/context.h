/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_DNS_CONTEXT_H
#define WAXSEAL_DNS_CONTEXT_H

#include "base/bytes.h"
#include "base/error.h"

/* libunbound behind four functions; nothing else in the program includes its headers. */
struct dns_context;
struct event_base;

struct dns_context_config {
    struct event_base *base;
    const char *const *forwarders; /* "ADDRESS@PORT"; none: from the root downwards */
    size_t forwarder_count;
    bool forwarders_given;   /* by the user: they are asked even for names that stay at home */
    const char *anchor_file; /* NULL: no validation */
    unsigned at_once;        /* questions, each with a socket */
};

enum dns_security { DNS_SECURITY_NONE, DNS_SECURITY_BOGUS, DNS_SECURITY_PROVEN };

/* An answer; everything in it lives only during the call. */
struct dns_reply {
    unsigned rcode;
    struct base_bytes packet; /* empty when there is none */
    enum dns_security security;
    const char *why; /* of BOGUS, or "" */
};

WS_MUST_USE enum ws_err dns_context_new(const struct dns_context_config *c,
                                        struct dns_context **out, struct base_error *e);
/* Not to be called from inside an answer. Questions outstanding are dropped without a call. */
void dns_context_free(struct dns_context *c);

/* A question on its way: the caller's memory until it is answered or cancelled. */
struct dns_asked {
    void (*answered)(void *arg, const struct dns_reply *r);
    void *arg;
    int id; /* set by dns_context_ask */
};
/* `answered` is called once, perhaps before this returns. */
WS_MUST_USE enum ws_err dns_context_ask(struct dns_context *c, const char *name, unsigned type,
                                        struct dns_asked *asked, struct base_error *e);
/* No call will come any more. */
void dns_context_cancel(struct dns_context *c, const struct dns_asked *asked);

#endif
