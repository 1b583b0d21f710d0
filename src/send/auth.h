/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_AUTH_H
#define WAXSEAL_SEND_AUTH_H

#include "base/arena.h"
#include "base/buf.h"
#include "send/plan.h"

/* One attempt to authenticate with one mechanism (RFC 4954), without I/O. */
struct send_auth_exchange;

/* What the mechanism must know about the connection. */
struct send_auth_peer {
    const char *host;              /* for names of services; "" unknown */
    const char *port;              /* number or name; NULL unknown */
    const struct tls_session *tls; /* NULL: in clear */
};

/* The next line of the client, and what is expected as answer. */
struct send_auth_say {
    const char *line;        /* "AUTH PLAIN AHUAcA==", or base64 */
    struct base_bytes shown; /* for the transcript */
    int expected;            /* 334 or 235 */
    int expected_too;        /* 235, or 0 */
};

/* Memory from the arena; release frees what is not. */
struct send_auth_exchange *send_auth_new(const struct send_auth *auth,
                                         const struct send_auth_name *name,
                                         const struct send_auth_peer *peer,
                                         struct base_arena *arena);
void send_auth_release(struct send_auth_exchange *x); /* NULL is fine */
/* The name that is advertised and sent: LOGIN for LOGIN-INITIAL. */
const char *send_auth_wire_name(const struct send_auth_name *name);
/* The AUTH command. False: the mechanism can't be used here, send_auth_error says why. */
bool send_auth_first(struct send_auth_exchange *x, struct send_auth_say *out);
/* The answer to a challenge (the text after "334 "). False: as above; the exchange must be
 * cancelled with "*". */
bool send_auth_next(struct send_auth_exchange *x, struct base_bytes challenge,
                    struct send_auth_say *out);
/* The server says 235: whether it has proved what the mechanism asks of it. */
bool send_auth_agreed(struct send_auth_exchange *x, struct base_bytes text);
/* --auth-plaintext: a reply with its base64 decoded: the one word that follows the code. More words
 * are taken for plain text. */
void send_auth_decode_reply(struct base_bytes reply, struct base_buf *out);
const char *send_auth_error(const struct send_auth_exchange *x); /* "" none */

#endif
