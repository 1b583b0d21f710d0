/* SPDX-License-Identifier: Apache-2.0 */
/* pki/certificate - one X.509 certificate as facts
 *
 * Takes apart what a server presented: names, validity, key, signature, fingerprints, extensions.
 * Bytes that are no certificate are a fact too (`parsed` is false and `error` says why).
 *
 * All text goes to the caller's arena and is printable; OpenSSL's error queue is left empty. The
 * certificate itself is judged elsewhere (pki/verify, diagnose). RFC 5280. */
#include "pki/certificate.h"

#include "base/clock.h"
#include "base/text.h"
#include "pki/internal.h"

#include <limits.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#define DAY INT64_C(86400)

static void set_empty(struct facts_certificate *c) {
    *c = (struct facts_certificate){
        .error = "",
        .subject = "",
        .subject_cn = "",
        .issuer = "",
        .serial = "",
        .key_type = "",
        .key_curve = "",
        .signature = "",
        .signature_hash = "",
        .sha256 = "",
        .spki_sha256 = "",
        .key_usage = "",
        .extended_key_usage = "",
        .ca_issuers = "",
        .ocsp_url = "",
    };
}

static const char *hex_text(struct base_bytes b, struct base_arena *arena) {
    struct base_buf hex;
    const char *kept;

    base_buf_init(&hex, 1024);
    base_text_hex(&hex, base_bytes_slice(b, 0, 256));
    kept = base_arena_str(arena, base_buf_cstr(&hex));
    base_buf_release(&hex);
    return kept;
}

static const char *digest_text(struct base_bytes b, struct base_arena *arena) {
    unsigned char digest[SHA256_DIGEST_LENGTH];

    if (!SHA256(b.data, b.len, digest))
        return "";
    return hex_text(base_bytes_view(digest, sizeof(digest)), arena);
}

static const char *serial_text(const X509 *x, struct base_arena *arena) {
    const ASN1_INTEGER *serial = X509_get0_serialNumber(x);
    int len = ASN1_STRING_length(serial);
    struct base_bytes raw =
        base_bytes_view(ASN1_STRING_get0_data(serial), len > 0 ? (size_t)len : 0);
    const char *hex = raw.len > 0 ? hex_text(raw, arena) : "00";

    if (ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER)
        return base_arena_printf(arena, "-%s", hex);
    return hex;
}

static bool read_time(const ASN1_TIME *t, int64_t *out) {
    struct tm tm = {0};

    if (ASN1_TIME_to_tm(t, &tm) != 1)
        return false;
    *out = base_clock_from_utc(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
                               tm.tm_sec);
    return true;
}

/* Whole days, rounded down: one second past the end is already -1. */
static int days_between(int64_t now, int64_t then) {
    int64_t seconds = then - now;
    int64_t days = seconds / DAY - (seconds % DAY < 0 ? 1 : 0);

    if (days > INT_MAX)
        return INT_MAX;
    return days < INT_MIN ? INT_MIN : (int)days;
}

static void read_validity(const X509 *x, int64_t now, struct facts_certificate *out) {
    if (!read_time(X509_get0_notBefore(x), &out->not_before) ||
        !read_time(X509_get0_notAfter(x), &out->not_after))
        out->error = "the validity dates are malformed";
    out->days_left = days_between(now, out->not_after);
}

static const char *curve_name(const EVP_PKEY *key, struct base_arena *arena) {
    char group[80] = "";
    size_t len = 0;
    const char *nist;

    if (EVP_PKEY_get_group_name(key, group, sizeof(group), &len) != 1)
        return "";
    nist = EC_curve_nid2nist(OBJ_sn2nid(group));
    return nist ? nist : base_arena_str(arena, group);
}

static const char *key_type_name(const EVP_PKEY *key, struct base_arena *arena) {
    const char *name;

    switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
        return "RSA";
    case EVP_PKEY_RSA_PSS:
        return "RSA-PSS";
    case EVP_PKEY_EC:
        return "EC";
    case EVP_PKEY_SM2:
        return "SM2";
    case EVP_PKEY_DSA:
        return "DSA";
    case EVP_PKEY_ED25519:
        return "Ed25519";
    case EVP_PKEY_ED448:
        return "Ed448";
    default:
        name = EVP_PKEY_get0_type_name(key);
        return name ? base_arena_str(arena, name) : "unknown";
    }
}

static void read_key(const X509 *x, struct base_arena *arena, struct facts_certificate *out) {
    const EVP_PKEY *key = X509_get0_pubkey(x);
    ASN1_OBJECT *algorithm = NULL;

    if (key) {
        out->key_type = key_type_name(key, arena);
        out->key_bits = EVP_PKEY_get_bits(key);
        if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC)
            out->key_curve = curve_name(key, arena);
        return;
    }
    /* A key that OpenSSL cannot use still has a name. */
    if (X509_PUBKEY_get0_param(&algorithm, NULL, NULL, NULL, X509_get_X509_PUBKEY(x)) == 1)
        out->key_type = pki_object_text(algorithm, arena);
    if (out->error[0] == '\0')
        out->error = pki_error_reason("the public key is not usable");
}

static void read_signature(X509 *x, struct base_arena *arena, struct facts_certificate *out) {
    const X509_ALGOR *algorithm = NULL;
    const ASN1_OBJECT *object = NULL;
    int hash = NID_undef;
    int nid;

    X509_get0_signature(NULL, &algorithm, x);
    X509_ALGOR_get0(&object, NULL, NULL, algorithm);
    nid = OBJ_obj2nid(object);
    out->signature = nid == NID_undef ? pki_object_text(object, arena) : OBJ_nid2ln(nid);
    if (X509_get_signature_info(x, &hash, NULL, NULL, NULL) == 1 && hash != NID_undef)
        out->signature_hash = OBJ_nid2sn(hash);
}

static void read_encodings(const X509 *x, struct base_arena *arena, struct facts_certificate *out) {
    unsigned char *spki = NULL;
    int len = i2d_X509(x, NULL);
    unsigned char *at;
    uint8_t *der;

    if (len > 0 && (der = base_arena_alloc(arena, (size_t)len)) != NULL) {
        at = der;
        if (i2d_X509(x, &at) == len)
            out->der = base_bytes_view(der, (size_t)len);
    }
    out->sha256 = digest_text(out->der, arena);
    len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &spki);
    if (len > 0)
        out->spki_sha256 = digest_text(base_bytes_view(spki, (size_t)len), arena);
    OPENSSL_free(spki);
}

static void read_issuing(X509 *x, struct facts_certificate *out) {
    int ca = X509_check_ca(x);

    out->is_ca = ca == 1 || ca == 3; /* basicConstraints, or a self-signed one of version 1 */
    out->self_issued = X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0;
    out->self_signed = out->self_issued && X509_self_signed(x, 1) == 1;
    if ((X509_get_extension_flags(x) & EXFLAG_INVALID) != 0 && out->error[0] == '\0')
        out->error = "an extension is malformed";
}

void pki_certificate_read_x509(struct x509_st *x, int64_t now, struct base_arena *arena,
                               struct facts_certificate *out) {
    set_empty(out);
    ERR_clear_error();
    out->parsed = true;
    read_encodings(x, arena, out);
    out->subject = pki_name_text(X509_get_subject_name(x), arena);
    out->subject_cn = pki_name_common(X509_get_subject_name(x), arena);
    out->issuer = pki_name_text(X509_get_issuer_name(x), arena);
    out->serial = serial_text(x, arena);
    read_validity(x, now, out);
    read_key(x, arena, out);
    read_signature(x, arena, out);
    pki_extensions_read(x, arena, out);
    read_issuing(x, out);
    ERR_clear_error();
}

void pki_certificate_read(struct base_bytes der, int64_t now, struct base_arena *arena,
                          struct facts_certificate *out) {
    const unsigned char *at = der.data;
    X509 *x = NULL;

    set_empty(out);
    ERR_clear_error();
    if (der.len > 0 && der.len <= INT_MAX)
        x = d2i_X509(NULL, &at, (long)der.len);
    if (x && at == der.data + der.len) {
        pki_certificate_read_x509(x, now, arena, out);
    } else {
        out->der = base_arena_bytes(arena, der);
        out->sha256 = digest_text(out->der, arena);
        out->error =
            x ? "bytes follow the certificate" : pki_error_reason("these bytes are no certificate");
    }
    X509_free(x);
}
