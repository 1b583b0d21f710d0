/* SPDX-License-Identifier: Apache-2.0 */
/* client/detail_keys - who signed what with which key, in s_client's words */
#include "client/internal.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <string.h>

#define LIST_MAX ((size_t)64 * 1024)
#define SCHEMES_MAX 256

/* The library's short names are not what s_client shows for these. */
static const char *signature_name(int nid) {
    switch (nid) {
    case EVP_PKEY_RSA:
        return "RSA";
    case EVP_PKEY_RSA_PSS:
        return "RSA-PSS";
    case EVP_PKEY_DSA:
        return "DSA";
    case EVP_PKEY_EC:
        return "ECDSA";
    case NID_ED25519:
        return "ed25519";
    case NID_ED448:
        return "ed448";
    default:
        return nid != NID_undef ? OBJ_nid2sn(nid) : NULL;
    }
}

static const char *certificate_type(uint8_t type) {
    switch (type) {
    case TLS_CT_RSA_SIGN:
        return "RSA sign";
    case TLS_CT_DSS_SIGN:
        return "DSA sign";
    case TLS_CT_RSA_FIXED_DH:
        return "RSA fixed DH";
    case TLS_CT_DSS_FIXED_DH:
        return "DSS fixed DH";
    case TLS_CT_ECDSA_SIGN:
        return "ECDSA sign";
    case TLS_CT_RSA_FIXED_ECDH:
        return "RSA fixed ECDH";
    case TLS_CT_ECDSA_FIXED_ECDH:
        return "ECDSA fixed ECDH";
    default:
        return NULL;
    }
}

static const char *certificate_types(SSL *ssl, struct base_arena *arena) {
    const unsigned char *types = NULL;
    size_t count = (size_t)SSL_get0_certificate_types(ssl, &types);
    struct base_buf list;
    const char *text;

    base_buf_init(&list, LIST_MAX);
    for (size_t i = 0; i < count; i++) {
        const char *name = certificate_type(types[i]);
        base_buf_append_str(&list, i > 0 ? ", " : "");
        if (name)
            base_buf_append_str(&list, name);
        else
            base_buf_printf(&list, "UNKNOWN (%u),", types[i]);
    }
    text = base_arena_str(arena, base_buf_cstr(&list));
    base_buf_release(&list);
    return text;
}

/* Schemes whose kind and hash alone would be taken for others. */
static const char *scheme_name(const unsigned char raw[2]) {
    switch (raw[1] << 8 | raw[0]) {
    case 0x0809:
        return "rsa_pss_pss_sha256";
    case 0x080a:
        return "rsa_pss_pss_sha384";
    case 0x080b:
        return "rsa_pss_pss_sha512";
    case 0x081a:
        return "ecdsa_brainpoolP256r1_sha256";
    case 0x081b:
        return "ecdsa_brainpoolP384r1_sha384";
    case 0x081c:
        return "ecdsa_brainpoolP512r1_sha512";
    default:
        return NULL;
    }
}

/* `raw` is signature and hash, as the library gives them. */
static void add_scheme(struct base_buf *list, int sign, int hash, const unsigned char raw[2]) {
    const char *name = signature_name(sign);

    if (list->len > 0)
        base_buf_append_byte(list, ':');
    if (scheme_name(raw)) {
        base_buf_append_str(list, scheme_name(raw));
        return;
    }
    if (name)
        base_buf_append_str(list, name);
    else
        base_buf_printf(list, "0x%02X", raw[0]);
    if (hash != NID_undef)
        base_buf_printf(list, "+%s", OBJ_nid2sn(hash));
    else if (!name)
        base_buf_printf(list, "+0x%02X", raw[1]);
}

/* What the server takes as signature of a client certificate: all of it, or what we share. */
static const char *schemes(SSL *ssl, bool shared, struct base_arena *arena) {
    int count = shared ? SSL_get_shared_sigalgs(ssl, 0, NULL, NULL, NULL, NULL, NULL)
                       : SSL_get_sigalgs(ssl, -1, NULL, NULL, NULL, NULL, NULL);
    struct base_buf list;
    const char *text;

    base_buf_init(&list, LIST_MAX);
    for (int i = 0; i < count && i < SCHEMES_MAX; i++) {
        unsigned char raw[2] = {0, 0};
        int sign = NID_undef, hash = NID_undef;
        if (shared)
            (void)SSL_get_shared_sigalgs(ssl, i, &sign, &hash, NULL, &raw[0], &raw[1]);
        else
            (void)SSL_get_sigalgs(ssl, i, &sign, &hash, NULL, &raw[0], &raw[1]);
        add_scheme(&list, sign, hash, raw);
    }
    text = base_arena_str(arena, base_buf_cstr(&list));
    base_buf_release(&list);
    return text;
}

static const char *peer_signature(SSL *ssl) {
    int nid = NID_undef;

#if OPENSSL_VERSION_NUMBER >= 0x30500000L
    const char *name = NULL;
    if (SSL_get0_peer_signature_name(ssl, &name) == 1 && name)
        return name;
#endif
    if (SSL_get_peer_signature_type_nid(ssl, &nid) != 1 || nid == NID_undef)
        return "";
    return signature_name(nid);
}

void client_detail_read_signatures(SSL *ssl, struct base_arena *arena, struct facts_detail *d) {
    int nid = NID_undef;

    d->client_certificate_types = certificate_types(ssl, arena);
    d->requested_schemes = schemes(ssl, false, arena);
    d->shared_schemes = schemes(ssl, true, arena);
    /* undefined for Ed25519 and Ed448 */
    if (SSL_get_peer_signature_nid(ssl, &nid) == 1)
        d->peer_digest = OBJ_nid2sn(nid);
    d->peer_signature_type = base_arena_str(arena, peer_signature(ssl));
}

static const char *temp_key(EVP_PKEY *key, struct base_arena *arena) {
    char name[80] = "?";
    size_t len = 0;
    int bits = EVP_PKEY_get_bits(key);

    switch (EVP_PKEY_get_id(key)) {
    case EVP_PKEY_RSA:
        return base_arena_printf(arena, "RSA, %d bits", bits);
    case EVP_PKEY_DH:
        return base_arena_printf(arena, "DH, %d bits", bits);
    case EVP_PKEY_EC:
        (void)EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name, sizeof(name),
                                             &len);
        return base_arena_printf(arena, "ECDH, %s, %d bits", name, bits);
    default:
        return base_arena_printf(arena, "%s, %d bits",
                                 EVP_PKEY_get_id(key) > 0 ? OBJ_nid2sn(EVP_PKEY_get_id(key))
                                                          : EVP_PKEY_get0_type_name(key),
                                 bits);
    }
}

static const char *point_formats(SSL *ssl, struct base_arena *arena) {
    const char *formats = NULL;
    struct base_buf list;
    const char *text;
    long count = SSL_get0_ec_point_formats(ssl, &formats);

    base_buf_init(&list, LIST_MAX);
    for (long i = 0; i < count; i++) {
        static const char *const names[] = {"uncompressed", "ansiX962_compressed_prime",
                                            "ansiX962_compressed_char2"};
        unsigned format = (unsigned char)formats[i];
        base_buf_append_str(&list, i > 0 ? ":" : "");
        if (format < 3)
            base_buf_append_str(&list, names[format]);
        else
            base_buf_printf(&list, "unknown(%u)", format);
    }
    text = base_arena_str(arena, base_buf_cstr(&list));
    base_buf_release(&list);
    return text;
}

void client_detail_read_key_exchange(const struct tls_session *s, struct base_arena *arena,
                                     struct facts_detail *d) {
    SSL *ssl = tls_session_ssl(s);
    EVP_PKEY *key = NULL;

    if (SSL_get_peer_tmp_key(ssl, &key) == 1 && key)
        d->temp_key = temp_key(key, arena);
    else if (tls_session_view(s).established && SSL_version(ssl) >= TLS1_3_VERSION)
        d->group =
            base_arena_str(arena, SSL_group_to_name(ssl, (int)SSL_get_negotiated_group(ssl)));
    EVP_PKEY_free(key);
    d->point_formats = point_formats(ssl, arena);
    ERR_clear_error();
}
