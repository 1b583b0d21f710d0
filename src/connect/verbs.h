/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CONNECT_VERBS_H
#define WAXSEAL_CONNECT_VERBS_H

#include "facts/endpoint.h"

/* The commands of the mail protocols: what follows them, and what a person may want completed. */

/* What the server's agreement to a command leads to. */
enum connect_follow {
    CONNECT_FOLLOW_NONE,
    CONNECT_FOLLOW_HELLO,      /* the reply lists what the server can do */
    CONNECT_FOLLOW_MAIL,       /* a transaction begins anew: LMTP counts its recipients from here */
    CONNECT_FOLLOW_RCPT,       /* one more recipient */
    CONNECT_FOLLOW_MESSAGE,    /* lines up to "." */
    CONNECT_FOLLOW_CHUNK,      /* as many bytes as the command says, sent without waiting */
    CONNECT_FOLLOW_CHALLENGE,  /* the server asks, each line is an answer */
    CONNECT_FOLLOW_LIST,       /* POP3: lines up to "." */
    CONNECT_FOLLOW_LIST_ALONE, /* POP3: the same, but only without an argument */
    CONNECT_FOLLOW_CLOSE,      /* the server closes */
};

struct connect_verb {
    const char *name;        /* one word, upper case */
    const char *rest;        /* what completion puts behind it: " FROM:<", " ", "" */
    unsigned char protocols; /* CONNECT_IN bits */
    enum connect_follow follow;
    bool secret;       /* the line may hold a secret: never remembered, never shown again */
    const char *needs; /* completed only when this was offered; NULL: always */
};

#define CONNECT_IN(protocol) (1u << (protocol))

const struct connect_verb *connect_verbs(size_t *count);
/* The row of a command word, any case; NULL when the protocol has none. */
const struct connect_verb *connect_verb_find(enum facts_protocol protocol, struct base_bytes word);

/* What may stand behind a command when the server offers it: "MAIL FROM:<> SIZE=". */
struct connect_parameter {
    const char *verb;  /* "MAIL" */
    const char *text;  /* "BODY=8BITMIME" */
    const char *needs; /* "8BITMIME" */
};

const struct connect_parameter *connect_parameters(size_t *count);

#endif
