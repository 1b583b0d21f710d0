/* SPDX-License-Identifier: Apache-2.0 */
/* tls/legacy_digest - MD4, DES, HMAC and key derivation for SASL mechanisms
 *
 * NTLM needs MD4 and DES, which OpenSSL 3 keeps in a provider of its own. It is loaded into a
 * library context that nothing else uses, when the first block is asked for, and stays. */
#include "tls/legacy_digest.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <limits.h>

static OSSL_LIB_CTX *legacy_context(void) {
    static OSSL_LIB_CTX *context;
    static bool tried;

    if (!tried) {
        tried = true;
        context = OSSL_LIB_CTX_new();
        if (context && !OSSL_PROVIDER_load(context, "legacy")) {
            OSSL_LIB_CTX_free(context);
            context = NULL;
        }
        ERR_clear_error();
    }
    return context;
}

bool tls_md4(struct base_bytes in, uint8_t out[TLS_MD4_BYTES]) {
    OSSL_LIB_CTX *context = legacy_context();
    EVP_MD *md = context ? EVP_MD_fetch(context, "MD4", NULL) : NULL;
    bool done = md && EVP_Digest(in.data, in.len, out, NULL, md, NULL) == 1;

    EVP_MD_free(md);
    ERR_clear_error();
    return done;
}

/* 7 bytes become 8 with the lowest bit of each left for parity, which DES does not look at. */
static void spread_key(const uint8_t key7[7], uint8_t key[8]) {
    uint64_t bits = 0;

    for (int i = 0; i < 7; i++)
        bits = bits << 8 | key7[i];
    for (int i = 0; i < 8; i++)
        key[i] = (uint8_t)(bits >> (49 - 7 * i) << 1);
}

bool tls_des_block(const uint8_t key7[7], const uint8_t in[TLS_DES_BYTES],
                   uint8_t out[TLS_DES_BYTES]) {
    OSSL_LIB_CTX *context = legacy_context();
    EVP_CIPHER *des = context ? EVP_CIPHER_fetch(context, "DES-ECB", NULL) : NULL;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    uint8_t key[8], block[2 * TLS_DES_BYTES];
    int len = 0;
    bool done;

    spread_key(key7, key);
    done = des && c && EVP_EncryptInit_ex2(c, des, key, NULL, NULL) == 1 &&
           EVP_EncryptUpdate(c, block, &len, in, TLS_DES_BYTES) == 1 && len == TLS_DES_BYTES;
    if (done)
        (void)base_bytes_copy(out, TLS_DES_BYTES, base_bytes_view(block, TLS_DES_BYTES));
    EVP_CIPHER_CTX_free(c);
    EVP_CIPHER_free(des);
    OPENSSL_cleanse(key, sizeof(key));
    ERR_clear_error();
    return done;
}

size_t tls_digest(const char *digest, struct base_bytes in, uint8_t out[TLS_DIGEST_MAX]) {
    const EVP_MD *md = EVP_get_digestbyname(digest);
    unsigned len = 0;
    bool done = md && EVP_Digest(in.data, in.len, out, &len, md, NULL) == 1;

    ERR_clear_error();
    return done ? len : 0;
}

size_t tls_hmac(const char *digest, struct base_bytes key, struct base_bytes in,
                uint8_t out[TLS_DIGEST_MAX]) {
    const EVP_MD *md = EVP_get_digestbyname(digest);
    const void *bytes = key.data ? (const void *)key.data : "";
    unsigned len = 0;
    bool done =
        md && key.len <= INT_MAX && HMAC(md, bytes, (int)key.len, in.data, in.len, out, &len);

    ERR_clear_error();
    return done ? len : 0;
}

size_t tls_pbkdf2(const char *digest, struct base_bytes password, struct base_bytes salt,
                  unsigned iterations, uint8_t out[TLS_DIGEST_MAX]) {
    const EVP_MD *md = EVP_get_digestbyname(digest);
    const char *bytes = password.data ? (const char *)password.data : "";
    int len = md ? EVP_MD_get_size(md) : 0;
    bool done = len > 0 && len <= TLS_DIGEST_MAX && password.len <= INT_MAX &&
                salt.len <= INT_MAX && iterations <= INT_MAX &&
                PKCS5_PBKDF2_HMAC(bytes, (int)password.len, salt.data, (int)salt.len,
                                  (int)iterations, md, len, out) == 1;

    ERR_clear_error();
    return done ? (size_t)len : 0;
}

bool tls_random(uint8_t *out, size_t len) {
    bool done = len <= INT_MAX && RAND_bytes(out, (int)len) == 1;

    ERR_clear_error();
    return done;
}

bool tls_same(const uint8_t *a, const uint8_t *b, size_t len) {
    return CRYPTO_memcmp(a, b, len) == 0;
}

bool tls_hmac_hex(const char *digest, struct base_bytes key, struct base_bytes in,
                  char out[TLS_HMAC_HEX]) {
    static const char hex[] = "0123456789abcdef";
    uint8_t mac[TLS_DIGEST_MAX];
    size_t len = tls_hmac(digest, key, in, mac);

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = hex[mac[i] >> 4];
        out[2 * i + 1] = hex[mac[i] & 15];
    }
    out[2 * len] = '\0';
    return len > 0;
}
