/* SPDX-License-Identifier: Apache-2.0 */
/* know/tls_scheme - signature schemes
 *
 * The names under which the server's handshake signature is reported. In TLS 1.2 the same two bytes
 * mean {hash, signature} (RFC 5246 7.4.1.4.1), so 0x0403 there is ECDSA on any curve with SHA-256;
 * the IANA name of the number is used for both. TLS 1.0 and 1.1 have no number: RSA signs MD5 and
 * SHA-1 together, DSA and ECDSA sign SHA-1. */
#include "know/tls_scheme.h"

/* clang-format off */
static const struct know_tls_scheme schemes[] = {
    {0x0101, "rsa_pkcs1_md5", "RSA", "MD5"},
    {0x0201, "rsa_pkcs1_sha1", "RSA", "SHA1"},
    {0x0202, "dsa_sha1", "DSA", "SHA1"},
    {0x0203, "ecdsa_sha1", "EC", "SHA1"},
    {0x0301, "rsa_pkcs1_sha224", "RSA", "SHA224"},
    {0x0302, "dsa_sha224", "DSA", "SHA224"},
    {0x0303, "ecdsa_sha224", "EC", "SHA224"},
    {0x0401, "rsa_pkcs1_sha256", "RSA", "SHA256"},
    {0x0402, "dsa_sha256", "DSA", "SHA256"},
    {0x0403, "ecdsa_secp256r1_sha256", "EC", "SHA256"},
    {0x0420, "rsa_pkcs1_sha256_legacy", "RSA", "SHA256"},
    {0x0501, "rsa_pkcs1_sha384", "RSA", "SHA384"},
    {0x0502, "dsa_sha384", "DSA", "SHA384"},
    {0x0503, "ecdsa_secp384r1_sha384", "EC", "SHA384"},
    {0x0520, "rsa_pkcs1_sha384_legacy", "RSA", "SHA384"},
    {0x0601, "rsa_pkcs1_sha512", "RSA", "SHA512"},
    {0x0602, "dsa_sha512", "DSA", "SHA512"},
    {0x0603, "ecdsa_secp521r1_sha512", "EC", "SHA512"},
    {0x0620, "rsa_pkcs1_sha512_legacy", "RSA", "SHA512"},
    {0x0704, "eccsi_sha256", "ECCSI", "SHA256"},
    {0x0705, "iso_ibs1", "IBS", ""},
    {0x0706, "iso_ibs2", "IBS", ""},
    {0x0707, "iso_chinese_ibs", "IBS", ""},
    {0x0708, "sm2sig_sm3", "SM2", "SM3"},
    {0x0709, "gostr34102012_256a", "GOST", ""},
    {0x070a, "gostr34102012_256b", "GOST", ""},
    {0x070b, "gostr34102012_256c", "GOST", ""},
    {0x070c, "gostr34102012_256d", "GOST", ""},
    {0x070d, "gostr34102012_512a", "GOST", ""},
    {0x070e, "gostr34102012_512b", "GOST", ""},
    {0x070f, "gostr34102012_512c", "GOST", ""},
    {0x0804, "rsa_pss_rsae_sha256", "RSA", "SHA256"},
    {0x0805, "rsa_pss_rsae_sha384", "RSA", "SHA384"},
    {0x0806, "rsa_pss_rsae_sha512", "RSA", "SHA512"},
    {0x0807, "ed25519", "Ed25519", ""},
    {0x0808, "ed448", "Ed448", ""},
    {0x0809, "rsa_pss_pss_sha256", "RSA-PSS", "SHA256"},
    {0x080a, "rsa_pss_pss_sha384", "RSA-PSS", "SHA384"},
    {0x080b, "rsa_pss_pss_sha512", "RSA-PSS", "SHA512"},
    {0x081a, "ecdsa_brainpoolP256r1tls13_sha256", "EC", "SHA256"},
    {0x081b, "ecdsa_brainpoolP384r1tls13_sha384", "EC", "SHA384"},
    {0x081c, "ecdsa_brainpoolP512r1tls13_sha512", "EC", "SHA512"},
    {0x0904, "mldsa44", "ML-DSA", ""},
    {0x0905, "mldsa65", "ML-DSA", ""},
    {0x0906, "mldsa87", "ML-DSA", ""},
};
/* clang-format on */

const struct know_tls_scheme *know_tls_schemes(size_t *count) {
    *count = sizeof(schemes) / sizeof(schemes[0]);
    return schemes;
}

const struct know_tls_scheme *know_tls_scheme_find(uint16_t id) {
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
        if (schemes[i].id == id)
            return &schemes[i];
    return NULL;
}
