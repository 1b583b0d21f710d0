/* SPDX-License-Identifier: Apache-2.0 */
/* pki/forge - freshly made certificates for the demo and for tests
 *
 * Makes a key pair and a certificate (X.509 version 3) signed by another forged one or by itself.
 * The result is as a public authority would issue it, or broken in exactly the way the request says
 * (expired, SHA-1, RSA 1024). Nothing here guards secrets: keys live as long as the process.
 *
 * An EC P-256 pair takes well under a millisecond, RSA 2048 about a tenth of a second. RFC 5280. */
#include "pki/forge.h"

#include "pki/internal.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

struct pki_forged {
    EVP_PKEY *key;
    X509 *certificate;
};

void pki_forged_free(struct pki_forged *f) {
    if (!f)
        return;
    EVP_PKEY_free(f->key);
    X509_free(f->certificate);
    free(f);
}

static bool set_serial(X509 *x) {
    unsigned char raw[16];
    ASN1_INTEGER *serial = X509_get_serialNumber(x);

    if (RAND_bytes(raw, sizeof(raw)) != 1)
        return false;
    raw[0] = (unsigned char)((raw[0] & 0x3fu) | 0x40u); /* positive, always 16 bytes */
    return ASN1_STRING_set(serial, raw, sizeof(raw)) == 1;
}

static bool set_names(X509 *x, const char *common_name, const X509 *issuer) {
    X509_NAME *name = X509_get_subject_name(x);

    if (X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8,
                                   (const unsigned char *)common_name, -1, -1, 0) != 1)
        return false;
    return X509_set_issuer_name(x, issuer ? X509_get_subject_name(issuer) : name) == 1;
}

static bool set_validity(X509 *x, int64_t from, int64_t until) {
    return ASN1_TIME_set(X509_getm_notBefore(x), (time_t)from) &&
           ASN1_TIME_set(X509_getm_notAfter(x), (time_t)until);
}

static bool add_value(X509 *x, int nid, void *value, bool critical) {
    return X509_add1_ext_i2d(x, nid, value, critical ? 1 : 0, X509V3_ADD_DEFAULT) == 1;
}

static bool add_constraints(X509 *x, bool ca) {
    BASIC_CONSTRAINTS *constraints = BASIC_CONSTRAINTS_new();
    bool ok;

    if (!constraints)
        return false;
    constraints->ca = ca ? 0xff : 0;
    ok = add_value(x, NID_basic_constraints, constraints, true);
    BASIC_CONSTRAINTS_free(constraints);
    return ok;
}

static bool add_key_usage(X509 *x, bool ca) {
    ASN1_BIT_STRING *usage = ASN1_BIT_STRING_new();
    bool rsa = EVP_PKEY_get_base_id(X509_get0_pubkey(x)) == EVP_PKEY_RSA;
    bool ok = usage && ASN1_BIT_STRING_set_bit(usage, ca ? 5 : 0, 1) == 1;

    if (ok && ca)
        ok = ASN1_BIT_STRING_set_bit(usage, 6, 1) == 1; /* cRLSign */
    if (ok && !ca && rsa)
        ok = ASN1_BIT_STRING_set_bit(usage, 2, 1) == 1; /* keyEncipherment */
    ok = ok && add_value(x, NID_key_usage, usage, true);
    ASN1_BIT_STRING_free(usage);
    return ok;
}

static bool add_extended_usage(X509 *x) {
    EXTENDED_KEY_USAGE *usage = sk_ASN1_OBJECT_new_null();
    bool ok = usage && sk_ASN1_OBJECT_push(usage, OBJ_nid2obj(NID_server_auth)) > 0 &&
              add_value(x, NID_ext_key_usage, usage, false);

    EXTENDED_KEY_USAGE_free(usage);
    return ok;
}

/* A DNS name, or an IP name when the text is an address. */
static GENERAL_NAME *make_name(const char *text) {
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_STRING *value = NULL;
    uint8_t address[16];
    int family = strchr(text, ':') ? AF_INET6 : AF_INET;
    bool is_address = inet_pton(family, text, address) == 1;

    value = is_address ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
    if (!name || !value ||
        ASN1_STRING_set(value, is_address ? (const void *)address : (const void *)text,
                        is_address ? (family == AF_INET ? 4 : 16) : (int)strlen(text)) != 1) {
        ASN1_STRING_free(value);
        GENERAL_NAME_free(name);
        return NULL;
    }
    GENERAL_NAME_set0_value(name, is_address ? GEN_IPADD : GEN_DNS, value);
    return name;
}

static bool add_alternative_names(X509 *x, const char *const *texts) {
    GENERAL_NAMES *names;
    bool ok;

    if (!texts || !texts[0])
        return true;
    names = GENERAL_NAMES_new();
    ok = names != NULL;
    for (size_t i = 0; ok && texts[i]; i++) {
        GENERAL_NAME *name = make_name(texts[i]);
        ok = name && sk_GENERAL_NAME_push(names, name) > 0;
        if (!ok)
            GENERAL_NAME_free(name);
    }
    ok = ok && add_value(x, NID_subject_alt_name, names, false);
    GENERAL_NAMES_free(names);
    return ok;
}

/* Key identifiers join the chain's links unmistakably. */
static bool add_key_identifiers(X509 *x, const X509 *issuer) {
    X509V3_CTX ctx;
    static const int nids[] = {NID_subject_key_identifier, NID_authority_key_identifier};
    static const char *const values[] = {"hash", "keyid"};

    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, (X509 *)(uintptr_t)(issuer ? issuer : x), x, NULL, NULL, 0);
    for (int i = 0; i < (issuer ? 2 : 1); i++) {
        X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nids[i], values[i]);
        bool ok = ext && X509_add_ext(x, ext, -1) == 1;
        X509_EXTENSION_free(ext);
        if (!ok)
            return false;
    }
    return true;
}

static bool build(const struct pki_forge_request *r, const struct pki_forged *issuer,
                  struct pki_forged *f) {
    const EVP_MD *digest = EVP_get_digestbyname(r->digest ? r->digest : "SHA256");
    const X509 *issuing = issuer ? issuer->certificate : NULL;
    X509 *x = f->certificate = X509_new();

    f->key = r->rsa_bits != 0 ? EVP_RSA_gen(r->rsa_bits) : EVP_EC_gen("P-256");
    return digest && x && f->key && X509_set_version(x, 2) == 1 && set_serial(x) &&
           set_names(x, r->common_name, issuing) && set_validity(x, r->not_before, r->not_after) &&
           X509_set_pubkey(x, f->key) == 1 && add_constraints(x, r->ca) &&
           add_key_usage(x, r->ca) && (r->ca || add_extended_usage(x)) &&
           add_alternative_names(x, r->dns_names) && add_key_identifiers(x, issuing) &&
           X509_sign(x, issuer ? issuer->key : f->key, digest) > 0;
}

enum ws_err pki_forge(const struct pki_forge_request *r, const struct pki_forged *issuer,
                      struct pki_forged **out, struct base_error *e) {
    struct pki_forged *f = calloc(1, sizeof(*f));

    *out = NULL;
    if (!f)
        return base_error_set(e, WS_NOMEM, "out of memory");
    ERR_clear_error();
    if (!build(r, issuer, f)) {
        pki_forged_free(f);
        return base_error_set(e, WS_LIBRARY, "making a certificate for \"%s\": %s", r->common_name,
                              pki_error_reason("the library refused"));
    }
    *out = f;
    return WS_OK;
}

/* Moves what was written to `bio` to `out`; frees the BIO. */
static enum ws_err move_pem(BIO *bio, bool written, struct base_buf *out) {
    char *data = NULL;
    long len = written ? BIO_get_mem_data(bio, &data) : 0;

    if (len > 0)
        base_buf_append(out, data, (size_t)len);
    BIO_free(bio);
    ERR_clear_error();
    if (len <= 0)
        return WS_LIBRARY;
    return out->failed ? WS_NOMEM : WS_OK;
}

enum ws_err pki_forged_certificate_pem(const struct pki_forged *f, struct base_buf *out) {
    BIO *bio = BIO_new(BIO_s_mem());

    return move_pem(bio, bio && PEM_write_bio_X509(bio, f->certificate) == 1, out);
}

enum ws_err pki_forged_key_pem(const struct pki_forged *f, struct base_buf *out) {
    BIO *bio = BIO_new(BIO_s_mem());

    return move_pem(
        bio, bio && PEM_write_bio_PKCS8PrivateKey(bio, f->key, NULL, NULL, 0, NULL, NULL) == 1,
        out);
}
