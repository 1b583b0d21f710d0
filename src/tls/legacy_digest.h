/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TLS_LEGACY_DIGEST_H
#define WAXSEAL_TLS_LEGACY_DIGEST_H

#include "base/bytes.h"

/* The arithmetic of old SASL mechanisms, from the TLS library. All return false when the library
 * does not have it (MD4 and DES live in OpenSSL's legacy provider). */

#define TLS_MD4_BYTES 16
#define TLS_DIGEST_MAX 64
#define TLS_DES_BYTES 8

bool tls_md4(struct base_bytes in, uint8_t out[TLS_MD4_BYTES]);
/* One block with the 56-bit key in 7 bytes, parity added as NTLM wants it. */
bool tls_des_block(const uint8_t key7[7], const uint8_t in[TLS_DES_BYTES],
                   uint8_t out[TLS_DES_BYTES]);
/* Lower-case hex of HMAC-MD5 or HMAC-SHA1 (RFC 2104), as CRAM wants it. */
#define TLS_HMAC_HEX 129
bool tls_hmac_hex(const char *digest, struct base_bytes key, struct base_bytes in,
                  char out[TLS_HMAC_HEX]);

/* The same as bytes, and what else SCRAM needs (RFC 5802 section 2.2); `digest` is "SHA512" and the
 * like. The number of bytes, 0 when the library refuses. */
size_t tls_digest(const char *digest, struct base_bytes in, uint8_t out[TLS_DIGEST_MAX]);
size_t tls_hmac(const char *digest, struct base_bytes key, struct base_bytes in,
                uint8_t out[TLS_DIGEST_MAX]);
size_t tls_pbkdf2(const char *digest, struct base_bytes password, struct base_bytes salt,
                  unsigned iterations, uint8_t out[TLS_DIGEST_MAX]);
bool tls_random(uint8_t *out, size_t len);
/* Takes the same time wherever they differ. */
bool tls_same(const uint8_t *a, const uint8_t *b, size_t len);

#endif
