/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SASL_MECHANISM_H
#define WAXSEAL_SASL_MECHANISM_H

#include "sasl/exchange.h"

/* What the mechanisms share. */

struct sasl_gsasl; /* a GNU SASL session: gsasl.c */
struct sasl_scram; /* scram.c */

/* What a mechanism answers: raw bytes, and what stands for them in the transcript. */
struct sasl_answer {
    struct base_buf *bytes; /* to be base64-encoded */
    struct base_buf *shown; /* the same with secrets replaced, when they are to be hidden */
    bool secret;            /* `shown` counts */
    int expected, expected_too;
};

struct sasl_mechanism_row {
    enum sasl_mechanism id;
    bool initial; /* the first answer goes with the AUTH command */
    /* The answer number `step` (0 the first) to a decoded challenge. False: x->error. */
    bool (*answer)(struct sasl_exchange *x, unsigned step, struct base_bytes challenge,
                   struct sasl_answer *a);
};

struct sasl_exchange {
    const struct send_auth *auth;
    const struct sasl_name *name;
    struct sasl_peer peer;
    struct base_arena *arena;
    const struct sasl_mechanism_row *row;
    unsigned step;
    const char *error;
    struct sasl_gsasl *sasl;
    struct sasl_scram *scram;
};

bool sasl_fail(struct sasl_exchange *x, const char *why);

/* ntlm.c */
bool sasl_ntlm_answer(struct sasl_exchange *x, unsigned step, struct base_bytes challenge,
                      struct sasl_answer *a);
/* scram.c: SCRAM-SHA-512 and -PLUS */
bool sasl_scram_answer(struct sasl_exchange *x, unsigned step, struct base_bytes challenge,
                       struct sasl_answer *a);
bool sasl_scram_agreed(struct sasl_exchange *x);
/* gsasl.c: mechanisms of GNU SASL */
bool sasl_gsasl_answer(struct sasl_exchange *x, unsigned step, struct base_bytes challenge,
                       struct sasl_answer *a);
bool sasl_gsasl_agreed(struct sasl_exchange *x, struct base_bytes text);
void sasl_gsasl_release(struct sasl_gsasl *s);

#endif
