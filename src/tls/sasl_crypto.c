/* SPDX-License-Identifier: Apache-2.0 */
/* sasl_crypto - MD4, DES, HMAC and key derivation for SASL mechanisms
 *
 * NTLM needs MD4 and DES, which OpenSSL 3 keeps in a provider of its own. It is loaded into a
 * library context that nothing else uses, when the first block is asked for, and stays. */
#include "tls/sasl_crypto.h"

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

static bool md4(struct base_bytes in, uint8_t out[SASL_MD4_BYTES]) {
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

static bool des(const uint8_t key7[7], const uint8_t in[SASL_DES_BYTES],
                uint8_t out[SASL_DES_BYTES]) {
    OSSL_LIB_CTX *context = legacy_context();
    EVP_CIPHER *cipher = context ? EVP_CIPHER_fetch(context, "DES-ECB", NULL) : NULL;
    EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
    uint8_t key[8], block[2 * SASL_DES_BYTES];
    int len = 0;
    bool done;

    spread_key(key7, key);
    done = cipher && c && EVP_EncryptInit_ex2(c, cipher, key, NULL, NULL) == 1 &&
           EVP_EncryptUpdate(c, block, &len, in, SASL_DES_BYTES) == 1 && len == SASL_DES_BYTES;
    if (done)
        (void)base_bytes_copy(out, SASL_DES_BYTES, base_bytes_view(block, SASL_DES_BYTES));
    EVP_CIPHER_CTX_free(c);
    EVP_CIPHER_free(cipher);
    OPENSSL_cleanse(key, sizeof(key));
    ERR_clear_error();
    return done;
}

static size_t digest(const char *name, struct base_bytes in, uint8_t out[SASL_DIGEST_MAX]) {
    const EVP_MD *md = EVP_get_digestbyname(name);
    unsigned len = 0;
    bool done = md && EVP_Digest(in.data, in.len, out, &len, md, NULL) == 1;

    ERR_clear_error();
    return done ? len : 0;
}

static size_t hmac(const char *name, struct base_bytes key, struct base_bytes in,
                   uint8_t out[SASL_DIGEST_MAX]) {
    const EVP_MD *md = EVP_get_digestbyname(name);
    const void *bytes = key.data ? (const void *)key.data : "";
    unsigned len = 0;
    bool done =
        md && key.len <= INT_MAX && HMAC(md, bytes, (int)key.len, in.data, in.len, out, &len);

    ERR_clear_error();
    return done ? len : 0;
}

static size_t pbkdf2(const char *name, struct base_bytes password, struct base_bytes salt,
                     unsigned iterations, uint8_t out[SASL_DIGEST_MAX]) {
    const EVP_MD *md = EVP_get_digestbyname(name);
    const char *bytes = password.data ? (const char *)password.data : "";
    int len = md ? EVP_MD_get_size(md) : 0;
    bool done = len > 0 && len <= SASL_DIGEST_MAX && password.len <= INT_MAX &&
                salt.len <= INT_MAX && iterations <= INT_MAX &&
                PKCS5_PBKDF2_HMAC(bytes, (int)password.len, salt.data, (int)salt.len,
                                  (int)iterations, md, len, out) == 1;

    ERR_clear_error();
    return done ? (size_t)len : 0;
}

static bool random_bytes(uint8_t *out, size_t len) {
    bool done = len <= INT_MAX && RAND_bytes(out, (int)len) == 1;

    ERR_clear_error();
    return done;
}

static bool same(const uint8_t *a, const uint8_t *b, size_t len) {
    return CRYPTO_memcmp(a, b, len) == 0;
}

const struct sasl_crypto tls_sasl_crypto = {
    .md4 = md4,
    .des = des,
    .digest = digest,
    .hmac = hmac,
    .pbkdf2 = pbkdf2,
    .random = random_bytes,
    .same = same,
};
