/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TLS_SESSION_H
#define WAXSEAL_TLS_SESSION_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "facts/endpoint.h"
#include "pki/trust.h"

/* The real TLS session: OpenSSL over memory BIOs, no I/O. Client and server side. */

struct tls_context; /* one SSL_CTX per process and role */

/* Starts the TLS library with only what is needed, and without the machine's openssl.cnf. Making a
 * context does it too; call it before another library that uses OpenSSL (libunbound) when the
 * context is made later. False when the library cannot start. */
bool tls_library_start(void);

/* A client that looks: TLS 1.0 to 1.3, security level 0, legacy servers accepted, no verification
 * inside the handshake (pki/ judges afterwards), all groups and signature schemes OpenSSL knows,
 * OCSP status and SCTs asked for, SSL_MODE_RELEASE_BUFFERS. */
struct tls_client_config {
    uint16_t min_version; /* 0: TLS 1.0 */
    uint16_t max_version; /* 0: newest */
};
WS_MUST_USE enum ws_err tls_client_context_new(const struct tls_client_config *c,
                                               struct tls_context **out, struct base_error *e);

/* A server for the demo and tests. `chain_pem` holds the leaf first. */
struct tls_server_config {
    struct base_bytes chain_pem;
    struct base_bytes key_pem;
    uint16_t min_version; /* 0: TLS 1.0 */
    uint16_t max_version;
};
WS_MUST_USE enum ws_err tls_server_context_new(const struct tls_server_config *c,
                                               struct tls_context **out, struct base_error *e);
void tls_context_free(struct tls_context *c);

enum tls_state { TLS_HANDSHAKING, TLS_UP, TLS_FAILED, TLS_CLOSED /* peer's close_notify */ };

struct tls_session;

/* `sni` NULL or "" sends none; ignored on the server side. `who` for logs. */
WS_MUST_USE enum ws_err tls_session_new(struct tls_context *c, const char *sni,
                                        const struct base_log *log, const char *who,
                                        struct tls_session **out, struct base_error *e);
void tls_session_free(struct tls_session *s);

/* Begins: a client's ClientHello is in the output afterwards. */
void tls_session_start(struct tls_session *s, base_usec now);
/* Ciphertext from the peer. Handles everything in it; plaintext collects in tls_session_plain. */
void tls_session_feed(struct tls_session *s, struct base_bytes in, base_usec now);
/* The peer's end of the connection: ends a handshake as CLOSED or RESET, or closes the session. */
void tls_session_peer_closed(struct tls_session *s, bool reset, base_usec now);
/* The handshake's time ran out. */
void tls_session_timeout(struct tls_session *s, base_usec now);
enum tls_state tls_session_state(const struct tls_session *s);
struct base_buf *
tls_session_output(struct tls_session *s);                 /* ciphertext to send; driver consumes */
struct base_buf *tls_session_plain(struct tls_session *s); /* decrypted bytes; caller consumes */
/* Encrypts; WS_LIBRARY when the session is not up. */
WS_MUST_USE enum ws_err tls_session_write(struct tls_session *s, struct base_bytes plain);
void tls_session_close(struct tls_session *s); /* close_notify into the output */

/* Copies what was negotiated, or how it failed, into facts; call once, when UP or FAILED (tickets
 * of TLS 1.3 arrive later: call tls_session_read_tickets at the end of the visit). */
void tls_session_read_facts(const struct tls_session *s, struct base_arena *arena,
                            struct facts_session *out);
void tls_session_read_tickets(const struct tls_session *s, struct facts_session *out);
/* Certificates, chain and verification of the peer. Where a room above had the chain judged inside
 * the handshake (tls/inside.h) code, reason and depth are that check's, and `trust` may be NULL. */
WS_MUST_USE enum ws_err tls_session_judge_chain(const struct tls_session *s,
                                                const struct pki_trust *trust,
                                                const struct pki_names *names, int64_t now,
                                                struct base_arena *arena,
                                                struct facts_endpoint *out);
/* Why it failed as the library writes it, "error:0A000410:SSL routines::sslv3 alert handshake
 * failure", or "" when the library said nothing. */
const char *tls_session_library_error(const struct tls_session *s);

#endif
