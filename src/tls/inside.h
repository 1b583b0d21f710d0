/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TLS_INSIDE_H
#define WAXSEAL_TLS_INSIDE_H

#include "tls/session.h"

#include <openssl/ssl.h>

/* The one door for a room above that shapes the sessions itself (client/): it gets the TLS
 * library's objects, sets them as it likes, and is called back at five moments. Nobody else
 * includes this: it shows OpenSSL. */

/* A table for each kind of context; a member may be NULL. `own` is what `attach` gave for this
 * session, see tls_session_own. */
struct tls_hooks {
    /* A session was made, before anything is sent: its settings, and in *own what the room keeps
     * of it. On an error *own is released all the same. */
    enum ws_err (*attach)(struct tls_session *s, void **own, struct base_error *e);
    /* The handshake begins: early data may go out in front of its first flight. */
    void (*start)(struct tls_session *s);
    /* A message passed, as the library's message callback tells it. */
    void (*message)(struct tls_session *s, bool sent, int version, int content_type,
                    struct base_bytes bytes);
    /* The facts were read from the session: what the room alone knows goes in. */
    void (*read)(const struct tls_session *s, struct facts_session *facts);
    /* The chain was judged inside the handshake: its verdict, and the trust it was judged by
     * (borrowed). NULL: nothing is judged there. */
    const struct pki_trust *(*judge)(const struct tls_session *s, struct pki_verdict *verdict);
    /* Give back what the room keeps of a session, and of the context. */
    void (*release)(void *own);
    void (*free)(void *room);
};

/* A client context with nothing set. `room` is the caller's: `free` gets it with the context's
 * end, but not when this fails. */
WS_MUST_USE enum ws_err tls_hooked_context_new(const struct tls_hooks *hooks, void *room,
                                               struct tls_context **out, struct base_error *e);
SSL_CTX *tls_context_ssl(const struct tls_context *c);

/* The session of an SSL, for the library's callbacks; NULL: none yet. */
struct tls_session *tls_session_of(const SSL *ssl);
SSL *tls_session_ssl(const struct tls_session *s);
/* The `room` of a context with these hooks, NULL for any other; and what `attach` gave. */
void *tls_session_room(const struct tls_session *s, const struct tls_hooks *hooks);
void *tls_session_own(const struct tls_session *s);

/* What a session knows of itself; borrowed. */
struct tls_view {
    const struct base_log *log;
    const char *who;         /* for the log */
    const char *sni;         /* asked for, "" none */
    struct base_bytes hello; /* the first ClientHello message sent, with its header; or empty */
    bool started, established;
    uint64_t bytes_in, bytes_out; /* of the handshake, or so far while it lasts */
    const char *error;            /* the library's reason when it failed */
    const char *queue;            /* its whole error queue, many lines */
};
struct tls_view tls_session_view(const struct tls_session *s);

/* Goes on with a handshake inside the session (renegotiation, key update); false when that ended
 * the session. */
bool tls_session_push(struct tls_session *s);
/* The library's reason for the first queued error, or `fallback`; empties the queue. Static. */
const char *tls_library_reason(const char *fallback);

#endif
