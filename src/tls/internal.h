/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TLS_INTERNAL_H
#define WAXSEAL_TLS_INTERNAL_H

#include "tls/inside.h"

/* What the files of tls/ share; for nobody else. */

struct tls_context {
    SSL_CTX *ssl;
    BIO_METHOD *bio;
    bool server;
    const struct tls_hooks *hooks; /* of the room above; never NULL */
    void *room;
};

/* What went by in the handshake, noted as it passed (tls/observe). */
struct tls_seen {
    bool hello; /* a ServerHello (not a HelloRetryRequest) */
    uint16_t version;
    uint16_t suite;
    uint16_t group; /* key_share or named curve, 0 none */
    unsigned prime_bits;
    uint16_t scheme; /* of the server's signature, 0 none */
    bool is_signed;  /* TLS 1.0 and 1.1: the key exchange was signed, without a scheme */
    bool extended_master_secret, encrypt_then_mac, renegotiation_info;
    bool session_id; /* not empty */
    bool certificate_request;
    unsigned tickets;
    uint32_t ticket_lifetime;
    unsigned scts;
    int alert_in, alert_out; /* -1 none */
    bool alert_in_fatal, alert_out_fatal;
    base_usec answered;  /* the first message from the server, 0 none yet */
    base_usec certified; /* its Certificate message was complete */
};

#define TLS_FIRST_MAX 256
#define TLS_HELLO_MAX ((size_t)64 * 1024)

struct tls_session {
    struct tls_context *context;
    SSL *ssl;
    const struct base_log *log;
    char who[160];
    char sni[256];
    enum tls_state state;
    bool started, established;
    enum facts_handshake_end end;
    char error[160];              /* the library's reason */
    char library_error[256];      /* the same as the library writes it, with its number */
    char library_queue[2048];     /* the whole error queue, as the library prints it */
    uint8_t first[TLS_FIRST_MAX]; /* first bytes from the peer */
    size_t first_len;
    struct base_bytes in; /* what the library may read now; inside feed only */
    struct base_buf output, plain;
    struct base_buf waiting; /* plaintext to send once a handshake inside the session is over */
    uint64_t bytes_in, bytes_out; /* taken and given by the library so far */
    uint64_t handshake_in, handshake_out;
    base_usec begun, ended; /* of the handshake */
    base_usec now;          /* as the driver said last */
    struct base_buf hello;  /* the first ClientHello sent, with its header */
    struct tls_seen seen;
    void *own; /* what the room above keeps */
};

/* The transport: the library reads from `in` and writes to `output` of the session. */
BIO_METHOD *tls_bio_method(void);
BIO *tls_bio_new(struct tls_session *s);

/* Notes what passes; set as the SSL's message callback with the session as argument. */
void tls_observe_message(int write_p, int version, int content_type, const void *buf, size_t len,
                         SSL *ssl, void *arg);

/* One sentence for facts_session.default_client_refuses, "" when there is nothing to say. */
const char *tls_refused_by_default(const struct tls_session *s, const struct facts_session *f,
                                   struct base_arena *arena);

#endif
