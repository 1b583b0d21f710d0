/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_AUTH_PRIVATE_H
#define WAXSEAL_SEND_AUTH_PRIVATE_H

#include "send/auth.h"

/* What the mechanisms share. */

struct send_sasl;  /* a GNU SASL session: auth_sasl.c */
struct send_scram; /* auth_scram.c */

/* What a mechanism answers: raw bytes, and what stands for them in the transcript. */
struct send_auth_answer {
    struct base_buf *bytes; /* to be base64-encoded */
    struct base_buf *shown; /* the same with secrets replaced, when they are to be hidden */
    bool secret;            /* `shown` counts */
    int expected, expected_too;
};

struct send_mechanism_row {
    enum send_mechanism id;
    bool initial; /* the first answer goes with the AUTH command */
    /* The answer number `step` (0 the first) to a decoded challenge. False: x->error. */
    bool (*answer)(struct send_auth_exchange *x, unsigned step, struct base_bytes challenge,
                   struct send_auth_answer *a);
};

struct send_auth_exchange {
    const struct send_auth *auth;
    const struct send_auth_name *name;
    struct send_auth_peer peer;
    struct base_arena *arena;
    const struct send_mechanism_row *row;
    unsigned step;
    const char *error;
    struct send_sasl *sasl;
    struct send_scram *scram;
};

bool send_auth_fail(struct send_auth_exchange *x, const char *why);

/* auth_ntlm.c */
bool send_ntlm_answer(struct send_auth_exchange *x, unsigned step, struct base_bytes challenge,
                      struct send_auth_answer *a);
/* auth_scram.c: SCRAM-SHA-512 and -PLUS */
bool send_scram_answer(struct send_auth_exchange *x, unsigned step, struct base_bytes challenge,
                       struct send_auth_answer *a);
bool send_scram_agreed(struct send_auth_exchange *x);
/* auth_sasl.c: mechanisms of GNU SASL */
bool send_sasl_answer(struct send_auth_exchange *x, unsigned step, struct base_bytes challenge,
                      struct send_auth_answer *a);
bool send_sasl_agreed(struct send_auth_exchange *x, struct base_bytes text);
void send_sasl_release(struct send_sasl *s);

#endif
