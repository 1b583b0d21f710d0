/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SWAKS_MISTAKE_H
#define WAXSEAL_SWAKS_MISTAKE_H

#include "base/buf.h"
#include "send/exit.h"
#include "swaks/args.h"

/* What can be wrong with options and their values: one table of texts, as swaks words them and as
 * waxseal send does. */
enum swaks_mistake {
    /* of words: without a prefix in swaks' manner */
    SWAKS_MISTAKE_UNKNOWN,     /* name */
    SWAKS_MISTAKE_SIMILAR,     /* name, the nearest one */
    SWAKS_MISTAKE_AMBIGUOUS,   /* name, the candidates */
    SWAKS_MISTAKE_NO_ARGUMENT, /* name */
    SWAKS_MISTAKE_ARGUMENT,    /* name, what its value is */
    SWAKS_MISTAKE_LEFT,        /* where, the words */
    SWAKS_MISTAKE_CONFIG,      /* file, reason */
    /* of values */
    SWAKS_MISTAKE_EMPTY,     /* option */
    SWAKS_MISTAKE_INPUT_END, /* option */
    SWAKS_MISTAKE_FILE,      /* file, option, reason */
    SWAKS_MISTAKE_OUTPUT,    /* file, reason */
    SWAKS_MISTAKE_TRANSPORTS,
    SWAKS_MISTAKE_PROTOCOL,   /* name */
    SWAKS_MISTAKE_QUIT_AFTER, /* value */
    SWAKS_MISTAKE_DROP_AFTER,
    SWAKS_MISTAKE_DROP_AFTER_SEND,
    SWAKS_MISTAKE_LAPSE, /* value */
    SWAKS_MISTAKE_RECIPIENT,
    SWAKS_MISTAKE_4_AND_6,
    SWAKS_MISTAKE_4_SERVER,
    SWAKS_MISTAKE_4_LOCAL,
    SWAKS_MISTAKE_6_SERVER,
    SWAKS_MISTAKE_6_LOCAL,
    SWAKS_MISTAKE_SERVER_4,
    SWAKS_MISTAKE_SERVER_6,
    SWAKS_MISTAKE_PORT,    /* name */
    SWAKS_MISTAKE_TIMEOUT, /* value */
    SWAKS_MISTAKE_TLS_CERT_AND_KEY,
    SWAKS_MISTAKE_TLS_CHAIN,
    SWAKS_MISTAKE_TLS_CA_PATH,  /* path */
    SWAKS_MISTAKE_TLS_PROTOCOL, /* name */
    SWAKS_MISTAKE_TLS_MIX,
    SWAKS_MISTAKE_TLS_NONE,
    SWAKS_MISTAKE_PROXY_MIX,
    SWAKS_MISTAKE_PROXY_VERSION,  /* value */
    SWAKS_MISTAKE_PROXY_MISSING,  /* names */
    SWAKS_MISTAKE_PROXY_PROTOCOL, /* value */
    SWAKS_MISTAKE_PROXY_COMMAND,  /* value */
    SWAKS_MISTAKE_PROXY_FAMILY,   /* value, version */
    SWAKS_MISTAKE_AUTH_MAP,       /* pair */
    SWAKS_MISTAKE_AUTH_EXTRA,     /* pair */
    SWAKS_MISTAKE_AUTH_TYPE,      /* name */
    SWAKS_MISTAKE_AUTH_NONE,
    SWAKS_MISTAKE_COUNT
};

/* Appends the text, without prefix and line end. Values that the text has no use for are NULL. */
void swaks_mistake_text(enum swaks_mistake m, enum swaks_manner manner, const char *a,
                        const char *b, const char *c, struct base_buf *out);
enum send_exit swaks_mistake_exit(enum swaks_mistake m);
#define SWAKS_MISTAKE_PREFIX "waxseal send: "
/* A whole line for standard error, before there is a transcript. */
void swaks_mistake_line(enum swaks_mistake m, enum swaks_manner manner, const char *a,
                        const char *b, struct base_buf *out);

#endif
