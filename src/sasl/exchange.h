/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SASL_EXCHANGE_H
#define WAXSEAL_SASL_EXCHANGE_H

#include "base/arena.h"
#include "base/buf.h"
#include "send/plan.h"

/* One attempt to authenticate with one mechanism (RFC 4954), without I/O. */
struct sasl_exchange;

/* What the mechanism must know about the connection. */
struct sasl_peer {
    const char *host;              /* for names of services; "" unknown */
    const char *port;              /* number or name; NULL unknown */
    const struct tls_session *tls; /* NULL: in clear */
};

/* The next line of the client, and what is expected as answer. */
struct sasl_say {
    const char *line;        /* "AUTH PLAIN AHUAcA==", or base64 */
    struct base_bytes shown; /* for the transcript */
    int expected;            /* 334 or 235 */
    int expected_too;        /* 235, or 0 */
};

/* Memory from the arena; release frees what is not. */
struct sasl_exchange *sasl_new(const struct send_auth *auth, const struct sasl_name *name,
                               const struct sasl_peer *peer, struct base_arena *arena);
void sasl_release(struct sasl_exchange *x); /* NULL is fine */
/* The name that is advertised and sent: LOGIN for LOGIN-INITIAL. */
const char *sasl_wire_name(const struct sasl_name *name);
/* The AUTH command. False: the mechanism can't be used here, sasl_error says why. */
bool sasl_first(struct sasl_exchange *x, struct sasl_say *out);
/* The answer to a challenge (the text after "334 "). False: as above; the exchange must be
 * cancelled with "*". */
bool sasl_step(struct sasl_exchange *x, struct base_bytes challenge, struct sasl_say *out);
/* The server says 235: whether it has proved what the mechanism asks of it. */
bool sasl_agreed(struct sasl_exchange *x, struct base_bytes text);
/* --auth-plaintext: a reply with its base64 decoded: the one word that follows the code. More words
 * are taken for plain text. */
void sasl_decode_reply(struct base_bytes reply, struct base_buf *out);
const char *sasl_error(const struct sasl_exchange *x); /* "" none */

#endif
