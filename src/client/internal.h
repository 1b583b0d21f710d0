/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CLIENT_INTERNAL_H
#define WAXSEAL_CLIENT_INTERNAL_H

#include "client/client.h"
#include "tls/inside.h"

/* What the files of client/ share; for nobody else. */

#define CLIENT_PSK_MAX 512
#define CLIENT_TICKETS_MAX 16

/* What is kept of a context. */
struct client_context {
    const struct client_wish *wish;
    struct pki_trust *trust;
    unsigned long name_flags;          /* of wish->name_format */
    SSL_SESSION *offer;                /* the next session resumes it */
    SSL_SESSION *psk_session;          /* its key is offered */
    unsigned char psk[CLIENT_PSK_MAX]; /* the key that was given in hex */
    size_t psk_len;
    int keylog; /* -1 none */
    /* the library's own, behind the watcher's */
    int (*security)(const SSL *, const SSL_CTX *, int, int, int, void *, void *);
};

/* What is kept of one session. */
struct client_session {
    struct base_arena arena; /* of the steps */
    struct facts_verify_step *steps;
    size_t step_count, steps_cap;
    SSL_SESSION *tickets[CLIENT_TICKETS_MAX]; /* of TLS 1.3, as they came; the last is the newest */
    size_t ticket_count;
    SSL_SESSION *newest;   /* the newest that can be resumed, NULL none yet */
    struct base_buf early; /* early data that waits for the start */
};

/* Both of a session made by client_context_new; NULL for any other session. */
struct client_context *client_context_of(const struct tls_session *s);
struct client_session *client_session_of(const struct tls_session *s);

/* --- errors: "-option value: reason", in one line, in the words of whoever wished --- */

/* An option of the wish, as its user spells it; its value, or NULL. */
enum ws_err client_error(const struct client_wish *w, enum client_option option, const char *value,
                         struct base_error *e, const char *fmt, ...) WS_PRINTF(5, 6);
/* A setting or check, with or without its value. */
enum ws_err client_setting_error(const struct client_setting *set, bool with_value,
                                 struct base_error *e, const char *fmt, ...) WS_PRINTF(4, 5);
/* The spelling, NULL where the user has no such option. */
const char *client_option_name(const struct client_wish *w, enum client_option option);

/* --- parts of a context --- */

WS_MUST_USE enum ws_err client_apply_settings(SSL_CTX *ssl, const struct client_wish *w,
                                              struct base_error *e);
WS_MUST_USE enum ws_err client_apply_checks(SSL_CTX *ssl, const struct client_wish *w,
                                            struct base_error *e);
WS_MUST_USE enum ws_err client_apply_trust(SSL_CTX *ssl, struct client_context *c,
                                           struct base_error *e);
WS_MUST_USE enum ws_err client_apply_name_format(struct client_context *c, struct base_error *e);
/* The client's own certificate and key. */
WS_MUST_USE enum ws_err client_apply_certificate(SSL_CTX *ssl, const struct client_wish *w,
                                                 struct base_error *e);
/* Sessions, tickets and keys shared before. */
WS_MUST_USE enum ws_err client_apply_resumption(SSL_CTX *ssl, struct client_context *c,
                                                struct base_error *e);
WS_MUST_USE enum ws_err client_apply_dane(SSL_CTX *ssl, const struct client_wish *w,
                                          struct base_error *e);
/* ALPN, and extensions by number. */
WS_MUST_USE enum ws_err client_apply_extensions(SSL_CTX *ssl, const struct client_wish *w,
                                                struct base_error *e);
WS_MUST_USE enum ws_err client_apply_scts(SSL_CTX *ssl, const struct client_wish *w,
                                          struct base_error *e);
WS_MUST_USE enum ws_err client_apply_keylog(SSL_CTX *ssl, struct client_context *c,
                                            struct base_error *e);
void client_apply_watch(SSL_CTX *ssl, struct client_context *c);

/* --- parts of a session --- */

void client_attach_watch(struct tls_session *s);
/* The early data that waits. */
void client_send_early(struct tls_session *s);
/* A message passed: shown to the watcher. */
void client_message(struct tls_session *s, bool sent, int version, int content_type,
                    struct base_bytes bytes);
/* A ticket of TLS 1.3 came. */
void client_note_ticket(struct tls_session *s, SSL_SESSION *session);
/* The verify callback, and what came of it. */
int client_verify_step(int ok, X509_STORE_CTX *ctx);
const struct pki_trust *client_judge(const struct tls_session *s, struct pki_verdict *verdict);
/* Certificate timestamps in the TLS extension, when they were asked for. */
void client_read_scts(const struct tls_session *s, struct facts_session *facts);

/* --- parts of facts_detail --- */

/* Digests, signature types, what was asked of a client certificate. */
void client_detail_read_signatures(SSL *ssl, struct base_arena *arena, struct facts_detail *d);
/* The server's temporary key, the group, point formats. */
void client_detail_read_key_exchange(const struct tls_session *s, struct base_arena *arena,
                                     struct facts_detail *d);
/* The OCSP response and the certificate timestamps. */
void client_detail_read_proofs(const struct tls_session *s, struct base_arena *arena,
                               struct facts_detail *d);

/* --- text that is safe to show --- */

/* A distinguished name as the wish formats it; `c` may be NULL. */
const char *client_name_text(const struct client_context *c, const X509_NAME *name,
                             struct base_arena *arena);
/* "Nov 23 18:51:53 2026 GMT" */
const char *client_time_text(const ASN1_TIME *t, struct base_arena *arena);
/* SSL_SESSION_print, with the secrets hidden unless they are wanted. */
const char *client_session_text(const struct tls_session *s, const SSL_SESSION *session,
                                struct base_arena *arena);
/* One line; NULL gives "". */
const char *client_escaped(const char *text, struct base_arena *arena);
const char *client_escaped_bytes(struct base_bytes raw, struct base_arena *arena);
/* Lines kept; and the same of what a memory BIO holds. */
const char *client_lines(struct base_bytes raw, struct base_arena *arena);
const char *client_bio_text(BIO *bio, struct base_arena *arena);
/* 0 to 15, or -1. */
int client_hex_digit(uint8_t c);

#endif
