/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_RECORD_H
#define WAXSEAL_SEND_RECORD_H

#include "base/arena.h"
#include "base/json.h"
#include "facts/finding.h"
#include "facts/reply.h"
#include "send/exit.h"
#include "send/plan.h"

/* A transaction as facts: each command with its answer, the TLS session, how it ended. */

struct send_record_step {
    const char *step; /* "banner", "rcpt" ... */
    const char *said; /* as the transcript shows it; "" nothing was said */
    bool in_tls;
    bool answered;
    bool timed_out;
    bool as_expected;
    int code;
    const char *enhanced; /* "5.7.1" or "" */
    const char *text;     /* of the reply, lines separated by LF */
    double ms;
};

/* What --tls-policy came to. */
struct send_policy_facts {
    enum send_policy policy;
    bool held;       /* what is published can be held to; the handshake then tells the rest */
    const char *why; /* it can't, or "" */
    const struct facts_tlsa *tlsa; /* NULL: not asked */
    const struct facts_sts *sts;
};

struct send_record {
    bool on; /* else nothing is kept */
    struct base_arena arena;
    struct send_record_step *steps;
    size_t count, cap;
    size_t next; /* the first that is not answered */
    const char *connected_to;
    bool tls_up;
    struct facts_session tls;
    const char *verify_error; /* "" the chain is good */
    bool name_matches;
    struct facts_finding *findings; /* why TLS failed, worst first */
    size_t finding_count;
    struct facts_endpoint *endpoint; /* what they speak of; NULL TLS did not fail */
    struct facts_client client;      /* what our side was told to offer there */
};

void send_record_init(struct send_record *r, bool on);
void send_record_release(struct send_record *r);
void send_record_said(struct send_record *r, const char *step, struct base_bytes said, bool in_tls);
/* The answer to the oldest command without one, or to nothing (a greeting). NULL: it timed out. */
void send_record_heard(struct send_record *r, const char *step, const struct facts_reply *reply,
                       bool as_expected, bool in_tls, double ms);
void send_record_tls(struct send_record *r, const struct tls_session *s, const char *verify_name);
/* `errors`: what the transcript told as such, lines separated by LF. */
void send_record_json(const struct send_record *r, const struct send_plan *plan,
                      const struct send_policy_facts *policy, enum send_exit code,
                      struct base_bytes errors, struct base_json *j);

#endif
