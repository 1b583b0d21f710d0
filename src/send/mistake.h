/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_MISTAKE_H
#define WAXSEAL_SEND_MISTAKE_H

#include "base/buf.h"
#include "send/args.h"
#include "send/exit.h"

/* What can be wrong with options and their values: one table of texts, as swaks words them and as
 * waxseal send does. */
enum send_mistake {
    /* of words: without a prefix in swaks' manner */
    SEND_MISTAKE_UNKNOWN,     /* name */
    SEND_MISTAKE_SIMILAR,     /* name, the nearest one */
    SEND_MISTAKE_AMBIGUOUS,   /* name, the candidates */
    SEND_MISTAKE_NO_ARGUMENT, /* name */
    SEND_MISTAKE_ARGUMENT,    /* name, what its value is */
    SEND_MISTAKE_LEFT,        /* where, the words */
    SEND_MISTAKE_CONFIG,      /* file, reason */
    /* of values */
    SEND_MISTAKE_EMPTY,     /* option */
    SEND_MISTAKE_INPUT_END, /* option */
    SEND_MISTAKE_FILE,      /* file, option, reason */
    SEND_MISTAKE_OUTPUT,    /* file, reason */
    SEND_MISTAKE_TRANSPORTS,
    SEND_MISTAKE_PROTOCOL,   /* name */
    SEND_MISTAKE_QUIT_AFTER, /* value */
    SEND_MISTAKE_DROP_AFTER,
    SEND_MISTAKE_DROP_AFTER_SEND,
    SEND_MISTAKE_LAPSE, /* value */
    SEND_MISTAKE_RECIPIENT,
    SEND_MISTAKE_4_AND_6,
    SEND_MISTAKE_4_SERVER,
    SEND_MISTAKE_4_LOCAL,
    SEND_MISTAKE_6_SERVER,
    SEND_MISTAKE_6_LOCAL,
    SEND_MISTAKE_SERVER_4,
    SEND_MISTAKE_SERVER_6,
    SEND_MISTAKE_PORT,    /* name */
    SEND_MISTAKE_TIMEOUT, /* value */
    SEND_MISTAKE_TLS_CERT_AND_KEY,
    SEND_MISTAKE_TLS_CHAIN,
    SEND_MISTAKE_TLS_CA_PATH,  /* path */
    SEND_MISTAKE_TLS_PROTOCOL, /* name */
    SEND_MISTAKE_TLS_MIX,
    SEND_MISTAKE_TLS_NONE,
    SEND_MISTAKE_PROXY_MIX,
    SEND_MISTAKE_PROXY_VERSION,  /* value */
    SEND_MISTAKE_PROXY_MISSING,  /* names */
    SEND_MISTAKE_PROXY_PROTOCOL, /* value */
    SEND_MISTAKE_PROXY_COMMAND,  /* value */
    SEND_MISTAKE_PROXY_FAMILY,   /* value, version */
    SEND_MISTAKE_AUTH_MAP,       /* pair */
    SEND_MISTAKE_AUTH_EXTRA,     /* pair */
    SEND_MISTAKE_AUTH_TYPE,      /* name */
    SEND_MISTAKE_AUTH_NONE,
    SEND_MISTAKE_COUNT
};

/* Appends the text, without prefix and line end. Values that the text has no use for are NULL. */
void send_mistake_text(enum send_mistake m, enum send_manner manner, const char *a, const char *b,
                       const char *c, struct base_buf *out);
enum send_exit send_mistake_exit(enum send_mistake m);
#define SEND_MISTAKE_PREFIX "waxseal send: "
/* A whole line for standard error, before there is a transcript. */
void send_mistake_line(enum send_mistake m, enum send_manner manner, const char *a, const char *b,
                       struct base_buf *out);

#endif
