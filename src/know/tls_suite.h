/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_KNOW_TLS_SUITE_H
#define WAXSEAL_KNOW_TLS_SUITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a suite agrees on keys: it decides which ServerKeyExchange and ClientKeyExchange there are.
 * The export suites are in the row of their kind. */
enum know_tls_kx {
    KNOW_TLS_KX_NONE,
    KNOW_TLS_KX_RSA, /* the client encrypts the secret to the certificate: no forward secrecy */
    KNOW_TLS_KX_DH,  /* static, from the certificate */
    KNOW_TLS_KX_DHE,
    KNOW_TLS_KX_ECDH, /* static, from the certificate */
    KNOW_TLS_KX_ECDHE,
    KNOW_TLS_KX_PSK,
    KNOW_TLS_KX_DHE_PSK,
    KNOW_TLS_KX_RSA_PSK,
    KNOW_TLS_KX_ECDHE_PSK,
    KNOW_TLS_KX_SRP,
    KNOW_TLS_KX_KRB5,
    KNOW_TLS_KX_ECCPWD,
    KNOW_TLS_KX_GOST,
    KNOW_TLS_KX_FORTEZZA,
    KNOW_TLS_KX_ANY,  /* TLS 1.3: the suite says nothing about it */
    KNOW_TLS_KX_MARK, /* no suite: a signal that only a client sends */
};

/* Whose key signs, or holds the secret. */
enum know_tls_auth {
    KNOW_TLS_AUTH_NONE,
    KNOW_TLS_AUTH_RSA,
    KNOW_TLS_AUTH_DSS,
    KNOW_TLS_AUTH_ECDSA, /* Ed25519 and Ed448 too */
    KNOW_TLS_AUTH_ANON,  /* nobody is authenticated by a certificate */
    KNOW_TLS_AUTH_PSK,
    KNOW_TLS_AUTH_KRB5,
    KNOW_TLS_AUTH_ECCPWD,
    KNOW_TLS_AUTH_GOST,
    KNOW_TLS_AUTH_FORTEZZA,
    KNOW_TLS_AUTH_ANY, /* TLS 1.3 */
};

/* A row of IANA's registry "TLS Cipher Suites". */
struct know_tls_suite {
    uint16_t id;
    enum know_tls_kx kx;
    enum know_tls_auth auth;
    const char *name;    /* IANA's spelling */
    const char *openssl; /* OpenSSL's, "" when it never had the suite */
    const char *cipher;  /* "AES_128_GCM", "RC4_128", "NULL"; "" for a mark */
    const char *hash;    /* of the MAC, with an AEAD of the key derivation; "" when not named */
};

/* All rows, sorted by id. */
extern const struct know_tls_suite know_tls_suite_table[];
extern const size_t know_tls_suite_table_count;

/* NULL when there is no such suite. */
const struct know_tls_suite *know_tls_suite_find(uint16_t id);

/* A value that clients sprinkle in to keep servers tolerant (RFC 8701), the same for suites,
 * groups, schemes, versions and extensions. */
bool know_tls_is_grease(uint16_t id);

#endif
