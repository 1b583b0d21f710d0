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
    enum sasl_then then;
};

struct sasl_mechanism_row {
    enum sasl_mechanism id;
    bool initial; /* the first answer needs no challenge */
    /* The answer number `step` (0 the first) to a decoded challenge. False: x->error. */
    bool (*answer)(struct sasl_exchange *x, unsigned step, struct base_bytes challenge,
                   struct sasl_answer *a);
};

struct sasl_exchange {
    const struct sasl_credentials *who;
    struct sasl_peer peer;
    const struct sasl_show *show;
    struct base_arena *arena;
    const struct sasl_mechanism_row *row;
    unsigned step;
    const char *error;
    struct base_buf line, shown; /* what was said last */
    struct sasl_gsasl *gsasl;
    struct sasl_scram *scram;
};

bool sasl_fail(struct sasl_exchange *x, const char *why);
/* An answer that a password was mixed into: hidden, when nothing of the kind is to be shown. */
void sasl_hide_all(const struct sasl_exchange *x, struct sasl_answer *a);

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
bool sasl_gsasl_agreed(struct sasl_exchange *x);
void sasl_gsasl_release(struct sasl_gsasl *s);

#endif
