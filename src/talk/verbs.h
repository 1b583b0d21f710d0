/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TALK_VERBS_H
#define WAXSEAL_TALK_VERBS_H

#include "facts/endpoint.h"

/* The commands of the mail protocols: what follows them, and what a person may want completed. */

/* What the server's agreement to a command leads to. */
enum talk_follow {
    TALK_FOLLOW_NONE,
    TALK_FOLLOW_HELLO,      /* the reply lists what the server can do */
    TALK_FOLLOW_MAIL,       /* a transaction begins anew: LMTP counts its recipients from here */
    TALK_FOLLOW_RCPT,       /* one more recipient */
    TALK_FOLLOW_MESSAGE,    /* lines up to "." */
    TALK_FOLLOW_CHUNK,      /* as many bytes as the command says, sent without waiting */
    TALK_FOLLOW_CHALLENGE,  /* the server asks, each line is an answer */
    TALK_FOLLOW_LIST,       /* POP3: lines up to "." */
    TALK_FOLLOW_LIST_ALONE, /* POP3: the same, but only without an argument */
    TALK_FOLLOW_CLOSE,      /* the server closes */
};

struct talk_verb {
    const char *name;        /* one word, upper case */
    const char *rest;        /* what completion puts behind it: " FROM:<", " ", "" */
    unsigned char protocols; /* TALK_IN bits */
    enum talk_follow follow;
    bool secret;       /* the line may hold a secret: never remembered, never shown again */
    const char *needs; /* completed only when this was offered; NULL: always */
};

#define TALK_IN(protocol) (1u << (protocol))

const struct talk_verb *talk_verbs(size_t *count);
/* The row of a command word, any case; NULL when the protocol has none. */
const struct talk_verb *talk_verb_find(enum facts_protocol protocol, struct base_bytes word);

/* What may stand behind a command when the server offers it: "MAIL FROM:<> SIZE=". */
struct talk_parameter {
    const char *verb;  /* "MAIL" */
    const char *text;  /* "BODY=8BITMIME" */
    const char *needs; /* "8BITMIME" */
};

const struct talk_parameter *talk_parameters(size_t *count);

#endif
