/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TLS_LEGACY_DIGEST_H
#define WAXSEAL_TLS_LEGACY_DIGEST_H

#include "base/bytes.h"

/* The arithmetic of old SASL mechanisms, from the TLS library. All return false when the library
 * does not have it (MD4 and DES live in OpenSSL's legacy provider). */

#define TLS_MD4_BYTES 16
#define TLS_DES_BYTES 8

bool tls_md4(struct base_bytes in, uint8_t out[TLS_MD4_BYTES]);
/* One block with the 56-bit key in 7 bytes, parity added as NTLM wants it. */
bool tls_des_block(const uint8_t key7[7], const uint8_t in[TLS_DES_BYTES],
                   uint8_t out[TLS_DES_BYTES]);
/* Lower-case hex of HMAC-MD5 or HMAC-SHA1 (RFC 2104), as CRAM wants it. */
#define TLS_HMAC_HEX 129
bool tls_hmac_hex(const char *digest, struct base_bytes key, struct base_bytes in,
                  char out[TLS_HMAC_HEX]);

#endif
