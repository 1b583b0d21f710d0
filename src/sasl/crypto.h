/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SASL_CRYPTO_H
#define WAXSEAL_SASL_CRYPTO_H

#include "base/bytes.h"

#define SASL_MD4_BYTES 16
#define SASL_DES_BYTES 8
#define SASL_DIGEST_MAX 64

/* The arithmetic of the mechanisms that are our own, from whoever has a cryptographic library
 * (tls/sasl_crypto.h): no library is linked here. False or 0: that library does not have it (MD4
 * and DES live in OpenSSL's legacy provider). */
struct sasl_crypto {
    bool (*md4)(struct base_bytes in, uint8_t out[SASL_MD4_BYTES]);
    /* One block with the 56-bit key in 7 bytes, parity added as NTLM wants it. */
    bool (*des)(const uint8_t key7[7], const uint8_t in[SASL_DES_BYTES],
                uint8_t out[SASL_DES_BYTES]);
    /* RFC 5802 section 2.2; `digest` is "MD5", "SHA512" and the like. The number of bytes. */
    size_t (*digest)(const char *digest, struct base_bytes in, uint8_t out[SASL_DIGEST_MAX]);
    size_t (*hmac)(const char *digest, struct base_bytes key, struct base_bytes in,
                   uint8_t out[SASL_DIGEST_MAX]);
    size_t (*pbkdf2)(const char *digest, struct base_bytes password, struct base_bytes salt,
                     unsigned iterations, uint8_t out[SASL_DIGEST_MAX]);
    bool (*random)(uint8_t *out, size_t len);
    /* Takes the same time wherever they differ. */
    bool (*same)(const uint8_t *a, const uint8_t *b, size_t len);
};

#endif
