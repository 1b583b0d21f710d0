/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_KNOW_TLS_SCHEME_H
#define WAXSEAL_KNOW_TLS_SCHEME_H

#include <stddef.h>
#include <stdint.h>

/* How a peer signs in the handshake: a row of IANA's registry "TLS SignatureScheme", and the older
 * {hash, signature} pairs of RFC 5246 that share its numbers. */
struct know_tls_scheme {
    uint16_t id;
    const char *name; /* IANA's spelling; for the pairs without one, "rsa_pkcs1_sha224" alike */
    const char *key;  /* "RSA", "EC", "DSA", "Ed25519", "RSA-PSS", "ML-DSA" ... */
    const char *hash; /* "SHA256", "" when the scheme has its own */
};

/* All rows, sorted by id. */
const struct know_tls_scheme *know_tls_schemes(size_t *count);
/* NULL when there is no such scheme. */
const struct know_tls_scheme *know_tls_scheme_find(uint16_t id);

#endif
