/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TLS_WISH_H
#define WAXSEAL_TLS_WISH_H

#include "tls/internal.h"

/* What the files of a client as its user asks share; for nobody else. */

#define TLS_PSK_MAX 512
#define TLS_DANE_MAX 64

/* One -dane_tlsa_rrdata. */
struct tls_dane_record {
    uint8_t usage, selector, matching;
    uint8_t *data; /* owned */
    size_t len;
};

struct tls_wished {
    const struct tls_wish *wish;
    struct pki_trust *trust;
    unsigned long name_flags;       /* -nameopt */
    SSL_SESSION *offer;             /* the next session resumes it: -sess_in, -reconnect */
    SSL_SESSION *psk_session;       /* -psk_session */
    unsigned char psk[TLS_PSK_MAX]; /* -psk */
    size_t psk_len;
    int keylog; /* -1 none */
    struct tls_dane_record dane[TLS_DANE_MAX];
    size_t dane_count;
    int (*security)(const SSL *, const SSL_CTX *, int, int, int, void *,
                    void *); /* the library's */
};

/* "-option value: reason" */
enum ws_err tls_wish_error(struct base_error *e, const char *option, const char *value,
                           const char *fmt, ...) WS_PRINTF(4, 5);

/* 0 to 15, or -1. */
int tls_hex_digit(uint8_t c);
/* SSL_CONF settings and protocol versions. */
WS_MUST_USE enum ws_err tls_wish_settings(SSL_CTX *ssl, const struct tls_wish *wish,
                                          struct base_error *e);
/* Path checks and what may be trusted. */
WS_MUST_USE enum ws_err tls_wish_checks(SSL_CTX *ssl, const struct tls_wish *wish,
                                        struct base_error *e);
WS_MUST_USE enum ws_err tls_wish_trust(SSL_CTX *ssl, struct tls_wished *w, struct base_error *e);
/* -nameopt */
WS_MUST_USE enum ws_err tls_wish_name_format(struct tls_wished *w, struct base_error *e);
/* The client's own certificate and key. */
WS_MUST_USE enum ws_err tls_wish_certificate(SSL_CTX *ssl, const struct tls_wish *wish,
                                             struct base_error *e);
/* -sess_in, -psk, -psk_session, tickets. */
WS_MUST_USE enum ws_err tls_wish_resumption(SSL_CTX *ssl, struct tls_wished *w,
                                            struct base_error *e);
WS_MUST_USE enum ws_err tls_wish_dane(SSL_CTX *ssl, struct tls_wished *w, struct base_error *e);
/* -alpn, -serverinfo */
WS_MUST_USE enum ws_err tls_wish_extensions(SSL_CTX *ssl, const struct tls_wish *w,
                                            struct base_error *e);
/* -ct */
WS_MUST_USE enum ws_err tls_wish_scts(SSL_CTX *ssl, const struct tls_wish *w, struct base_error *e);
/* A ticket of TLS 1.3 came. */
void tls_wish_note_ticket(struct tls_session *s, SSL_SESSION *session);
/* What passes is shown. */
void tls_wish_watch(SSL_CTX *ssl, struct tls_wished *w);
WS_MUST_USE enum ws_err tls_wish_keylog(SSL_CTX *ssl, struct tls_wished *w, struct base_error *e);

/* The parts that are set for each session. */
WS_MUST_USE enum ws_err tls_wish_dane_attach(struct tls_session *s, struct base_error *e);
void tls_wish_watch_attach(struct tls_session *s);

/* The verify callback. */
int tls_wish_verify(int ok, X509_STORE_CTX *ctx);

/* A distinguished name as -nameopt wants it, printable. */
const char *tls_wish_name(const struct tls_wished *w, const X509_NAME *name,
                          struct base_arena *arena);
/* SSL_SESSION_print, with the secrets hidden unless they are wanted; printable. */
const char *tls_session_print(const struct tls_session *s, const SSL_SESSION *session,
                              struct base_arena *arena);
/* Appends hex and text, 16 bytes a line, each line with a line end in front. */
void tls_wish_dump(struct base_buf *out, struct base_bytes b);
/* One line, printable; NULL gives "". */
const char *tls_escaped(const char *text, struct base_arena *arena);
const char *tls_escaped_bytes(struct base_bytes raw, struct base_arena *arena);
/* Printable, lines kept; and the same of what a memory BIO holds. */
const char *tls_lines(struct base_bytes raw, struct base_arena *arena);
const char *tls_wish_text(BIO *bio, struct base_arena *arena);

#endif
