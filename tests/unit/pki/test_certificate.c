/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates as facts: good ones, hostile ones, and bytes that are none. */
#include "pki/internal.h"
#include "street.h"

#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct facts_certificate read_forged(struct street *s, const struct pki_forged *f) {
    struct facts_certificate c;

    pki_certificate_read(street_der(s, f), STREET_NOW, &s->arena, &c);
    return c;
}

static void a_leaf_is_taken_apart(void **state) {
    struct street *s = *state;
    struct facts_certificate c = read_forged(s, s->leaf);

    assert_true(c.parsed);
    assert_string_equal(c.error, "");
    assert_string_equal(c.subject, "CN=mx.example.org");
    assert_string_equal(c.subject_cn, "mx.example.org");
    assert_string_equal(c.issuer, "CN=Street Intermediate");
    assert_int_equal(c.san_count, 4);
    assert_int_equal(c.sans[0].kind, FACTS_SAN_DNS);
    assert_string_equal(c.sans[0].value, "mx.example.org");
    assert_string_equal(c.sans[0].unicode, "");
    assert_int_equal(c.sans[2].kind, FACTS_SAN_IP);
    assert_string_equal(c.sans[2].value, "192.0.2.25");
    assert_string_equal(c.sans[3].value, "2001:db8::25");
    assert_int_equal(strlen(c.serial), 32);
    assert_int_equal(c.not_before, STREET_NOW - STREET_DAY);
    assert_int_equal(c.not_after, STREET_NOW + 90 * STREET_DAY);
    assert_int_equal(c.days_left, 90);
    assert_string_equal(c.key_type, "EC");
    assert_int_equal(c.key_bits, 256);
    assert_string_equal(c.key_curve, "P-256");
    assert_string_equal(c.signature, "ecdsa-with-SHA256");
    assert_string_equal(c.signature_hash, "SHA256");
    assert_int_equal(strlen(c.sha256), 64);
    assert_int_equal(strlen(c.spki_sha256), 64);
    assert_string_not_equal(c.sha256, c.spki_sha256);
    assert_string_equal(c.key_usage, "digitalSignature");
    assert_string_equal(c.extended_key_usage, "serverAuth");
    assert_false(c.is_ca || c.self_issued || c.self_signed || c.must_staple);
    assert_int_equal(c.scts, 0);
    assert_string_equal(c.ca_issuers, "");
    assert_string_equal(c.ocsp_url, "");
    assert_true(base_bytes_equal(c.der, street_der(s, s->leaf)));
}

static void a_root_is_known_as_one(void **state) {
    struct street *s = *state;
    struct facts_certificate c = read_forged(s, s->root);

    assert_true(c.is_ca && c.self_issued && c.self_signed);
    assert_string_equal(c.key_usage, "keyCertSign,cRLSign");
    c = read_forged(s, s->intermediate);
    assert_true(c.is_ca);
    assert_false(c.self_issued || c.self_signed);
}

static void days_are_whole_and_go_below_zero(void **state) {
    static const struct {
        int64_t left;
        int days;
    } rows[] = {{0, 0}, {1, 0}, {86399, 0}, {86400, 1}, {-1, -1}, {-86400, -1}, {-86401, -2}};
    struct street *s = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pki_forged *f =
            street_leaf(s->root, NULL, STREET_NOW - 1000 * STREET_DAY, STREET_NOW + rows[i].left);
        assert_int_equal(read_forged(s, f).days_left, rows[i].days);
        pki_forged_free(f);
    }
}

static void keys_and_signatures_have_names(void **state) {
    struct street *s = *state;
    struct pki_forge_request r = {.common_name = "rsa",
                                  .not_before = STREET_NOW,
                                  .not_after = STREET_NOW + 1,
                                  .rsa_bits = 1024,
                                  .digest = "SHA1"};
    struct pki_forged *f = street_forge(&r, NULL);
    struct facts_certificate c = read_forged(s, f);

    assert_string_equal(c.key_type, "RSA");
    assert_int_equal(c.key_bits, 1024);
    assert_string_equal(c.key_curve, "");
    assert_string_equal(c.signature, "sha1WithRSAEncryption");
    assert_string_equal(c.signature_hash, "SHA1");
    assert_string_equal(c.key_usage, "digitalSignature,keyEncipherment");
    assert_true(c.self_signed);
    assert_int_equal(c.san_count, 0);
    pki_forged_free(f);
}

/* A certificate with any key, names and extensions, self-signed. */
static X509 *custom(EVP_PKEY *key, const EVP_MD *digest) {
    X509 *x = X509_new();

    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 5);
    ASN1_TIME_set(X509_getm_notBefore(x), STREET_NOW);
    ASN1_TIME_set(X509_getm_notAfter(x), STREET_NOW + STREET_DAY);
    X509_set_pubkey(x, key);
    X509_NAME_add_entry_by_NID(X509_get_subject_name(x), NID_commonName, MBSTRING_UTF8,
                               (const unsigned char *)"custom", -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(x));
    assert_true(X509_sign(x, key, digest) > 0);
    return x;
}

static void other_kinds_of_keys(void **state) {
    static const struct {
        const char *algorithm;
        const char *group;
        const char *type;
        int bits;
        const char *curve;
        const char *hash;
    } rows[] = {
        {"ED25519", NULL, "Ed25519", 256, "", ""},
        {"ED448", NULL, "Ed448", 456, "", ""},
        {"EC", "P-521", "EC", 521, "P-521", "SHA256"},
        {"EC", "brainpoolP384r1", "EC", 384, "brainpoolP384r1", "SHA256"},
        {"EC", "secp256k1", "EC", 256, "secp256k1", "SHA256"},
    };
    struct street *s = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        EVP_PKEY *key = rows[i].group != NULL
                            ? EVP_PKEY_Q_keygen(NULL, NULL, rows[i].algorithm, rows[i].group)
                            : EVP_PKEY_Q_keygen(NULL, NULL, rows[i].algorithm);
        X509 *x = custom(key, rows[i].group != NULL ? EVP_sha256() : NULL);
        struct facts_certificate c;
        pki_certificate_read_x509(x, STREET_NOW, &s->arena, &c);
        assert_string_equal(c.key_type, rows[i].type);
        assert_int_equal(c.key_bits, rows[i].bits);
        assert_string_equal(c.key_curve, rows[i].curve);
        assert_string_equal(c.signature_hash, rows[i].hash);
        assert_string_equal(c.serial, "05");
        X509_free(x);
        EVP_PKEY_free(key);
    }
}

static void add_extension(X509 *x, int nid, const char *value) {
    X509V3_CTX ctx;
    X509_EXTENSION *e;

    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
    e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    assert_non_null(e);
    assert_int_equal(X509_add_ext(x, e, -1), 1);
    X509_EXTENSION_free(e);
}

static void extensions_are_read(void **state) {
    struct street *s = *state;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = custom(key, EVP_sha256());
    struct facts_certificate c;

    add_extension(x, NID_tlsfeature, "status_request");
    add_extension(x, NID_info_access,
                  "OCSP;URI:http://ocsp.example/,caIssuers;URI:http://ca.example/i.der,"
                  "caIssuers;URI:http://second.example/");
    add_extension(x, NID_ext_key_usage, "serverAuth,1.2.3.4,clientAuth");
    add_extension(x, NID_subject_alt_name,
                  "email:a@example.org,URI:https://x.example/,otherName:1.2.3.4;UTF8:hi,RID:1.2.3");
    X509_sign(x, key, EVP_sha256());
    pki_certificate_read_x509(x, STREET_NOW, &s->arena, &c);
    assert_true(c.must_staple);
    assert_string_equal(c.ocsp_url, "http://ocsp.example/");
    assert_string_equal(c.ca_issuers, "http://ca.example/i.der");
    assert_string_equal(c.extended_key_usage, "serverAuth,1.2.3.4,clientAuth");
    assert_int_equal(c.san_count, 4);
    assert_int_equal(c.sans[0].kind, FACTS_SAN_EMAIL);
    assert_int_equal(c.sans[1].kind, FACTS_SAN_URI);
    assert_int_equal(c.sans[2].kind, FACTS_SAN_OTHER);
    assert_string_equal(c.sans[2].value, "otherName:1.2.3.4");
    assert_string_equal(c.sans[3].value, "1.2.3");
    X509_free(x);
    EVP_PKEY_free(key);
}

static void embedded_timestamps_are_counted(void **state) {
    const unsigned char value[] = {4, 10, 0, 8, 0, 1, 'a', 0, 3, 'b', 'c', 'd'};
    struct street *s = *state;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = custom(key, EVP_sha256());
    ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
    X509_EXTENSION *e;
    struct facts_certificate c;

    ASN1_OCTET_STRING_set(data, value, sizeof(value));
    e = X509_EXTENSION_create_by_NID(NULL, NID_ct_precert_scts, 0, data);
    X509_add_ext(x, e, -1);
    X509_sign(x, key, EVP_sha256());
    pki_certificate_read_x509(x, STREET_NOW, &s->arena, &c);
    assert_int_equal(c.scts, 2);
    X509_EXTENSION_free(e);
    ASN1_OCTET_STRING_free(data);
    X509_free(x);
    EVP_PKEY_free(key);
}

static bool printable(const char *text) {
    for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++)
        if (*p < 0x20 || *p == 0x7f)
            return false;
    return true;
}

static void hostile_names_are_escaped(void **state) {
    static const char hostile[] = "evil\x1b[31m\nCN=good\0tail\xe2\x80\xae\x7f";
    struct street *s = *state;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = custom(key, EVP_sha256());
    struct facts_certificate c;

    assert_int_equal(X509_NAME_add_entry_by_NID(X509_get_subject_name(x), NID_organizationName,
                                                V_ASN1_UTF8STRING, (const unsigned char *)hostile,
                                                sizeof(hostile) - 1, -1, 0),
                     1);
    X509_sign(x, key, EVP_sha256());
    pki_certificate_read_x509(x, STREET_NOW, &s->arena, &c);
    assert_true(printable(c.subject));
    assert_non_null(strstr(c.subject, "O=evil"));
    assert_non_null(strstr(c.subject, "tail"));
    assert_null(strstr(c.subject, "\xe2\x80\xae"));
    X509_free(x);

    /* the common name itself, with broken UTF-8 */
    x = custom(key, EVP_sha256());
    X509_NAME_ENTRY_free(X509_NAME_delete_entry(X509_get_subject_name(x), 0));
    X509_NAME_add_entry_by_NID(X509_get_subject_name(x), NID_commonName, V_ASN1_UTF8STRING,
                               (const unsigned char *)"a\xff\x00z", 4, -1, 0);
    X509_sign(x, key, EVP_sha256());
    pki_certificate_read_x509(x, STREET_NOW, &s->arena, &c);
    assert_true(printable(c.subject_cn) && printable(c.subject));
    assert_int_equal(c.subject_cn[0], 'a');
    X509_free(x);
    EVP_PKEY_free(key);
}

static void a_huge_name_is_cut(void **state) {
    struct street *s = *state;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = custom(key, EVP_sha256());
    struct facts_certificate c;
    size_t big = 1 << 20;
    char *name = malloc(big);

    memset(name, 'A', big);
    X509_NAME_add_entry_by_NID(X509_get_subject_name(x), NID_organizationName, V_ASN1_UTF8STRING,
                               (const unsigned char *)name, (int)big, -1, 0);
    X509_sign(x, key, EVP_sha256());
    pki_certificate_read_x509(x, STREET_NOW, &s->arena, &c);
    assert_true(c.parsed);
    assert_true(strlen(c.subject) < 20000);
    assert_string_equal(c.subject + strlen(c.subject) - 3, "...");
    free(name);
    X509_free(x);
    EVP_PKEY_free(key);
}

/* Replaces bytes in a DER copy; the signature is wrong afterwards, which no fact needs. */
static uint8_t *patched(struct base_bytes der, const char *find, size_t at, uint8_t value) {
    uint8_t *copy = malloc(der.len);
    size_t where = base_bytes_find_str(der, find);

    assert_true(where < der.len);
    memcpy(copy, der.data, der.len);
    copy[where + at] = value;
    return copy;
}

static void a_nul_inside_a_name_is_shown_and_matches_nothing(void **state) {
    static const char *const names[] = {"bank.example.Xevil.example", NULL};
    struct street *s = *state;
    struct pki_forged *f = street_leaf(s->root, names, STREET_NOW, STREET_NOW + STREET_DAY);
    struct base_bytes der = street_der(s, f);
    uint8_t *bytes = patched(der, "Xevil", 0, 0);
    struct facts_certificate c;

    pki_certificate_read(base_bytes_view(bytes, der.len), STREET_NOW, &s->arena, &c);
    assert_true(c.parsed);
    assert_int_equal(c.san_count, 1);
    assert_string_equal(c.sans[0].value, "bank.example.\\x00evil.example");
    assert_false(pki_name_matches(c.sans[0].value, "bank.example"));
    assert_false(pki_name_matches(c.sans[0].value, "bank.example."));
    free(bytes);
    pki_forged_free(f);
}

static void every_truncation_is_no_certificate(void **state) {
    struct street *s = *state;
    struct base_bytes der = street_der(s, s->leaf);

    for (size_t n = 0; n < der.len; n++) {
        struct facts_certificate c;
        uint8_t *exact = malloc(n + 1);
        memcpy(exact, der.data, n);
        pki_certificate_read(base_bytes_view(exact, n), STREET_NOW, &s->arena, &c);
        assert_false(c.parsed);
        assert_string_not_equal(c.error, "");
        assert_string_equal(c.subject, "");
        assert_int_equal(c.der.len, n);
        free(exact);
    }
}

static void bytes_behind_are_refused(void **state) {
    struct street *s = *state;
    struct base_bytes der = street_der(s, s->leaf);
    uint8_t *more = malloc(der.len + 1);
    struct facts_certificate c;

    memcpy(more, der.data, der.len);
    more[der.len] = 0;
    pki_certificate_read(base_bytes_view(more, der.len + 1), STREET_NOW, &s->arena, &c);
    assert_false(c.parsed);
    assert_string_equal(c.error, "bytes follow the certificate");
    free(more);
}

/* Whatever byte is changed: no crash, and all text is there and printable. */
static void a_changed_byte_does_no_harm(void **state) {
    struct street *s = *state;
    struct base_bytes der = street_der(s, s->leaf);
    uint8_t *copy = malloc(der.len);
    size_t parsed = 0;

    memcpy(copy, der.data, der.len);
    for (size_t at = 0; at < der.len; at++) {
        static const uint8_t masks[] = {0x01, 0x20, 0x80};
        for (size_t m = 0; m < sizeof(masks); m++) {
            struct base_arena arena;
            struct facts_certificate c;
            base_arena_init(&arena, 1 << 22);
            copy[at] ^= masks[m];
            pki_certificate_read(base_bytes_view(copy, der.len), STREET_NOW, &arena, &c);
            copy[at] ^= masks[m];
            assert_true(printable(c.subject) && printable(c.issuer) && printable(c.key_type));
            assert_true(printable(c.error) && printable(c.signature) && printable(c.serial));
            assert_true(c.parsed == (c.sha256[0] != '\0' && c.signature[0] != '\0'));
            for (size_t i = 0; i < c.san_count; i++)
                assert_true(printable(c.sans[i].value));
            parsed += c.parsed;
            base_arena_release(&arena);
        }
    }
    assert_true(parsed > der.len);
    free(copy);
}

static void rubbish_is_no_certificate(void **state) {
    struct street *s = *state;
    struct facts_certificate c;

    pki_certificate_read(BASE_BYTES_EMPTY, STREET_NOW, &s->arena, &c);
    assert_false(c.parsed);
    assert_string_not_equal(c.error, "");
    pki_certificate_read(base_bytes_of_str("220 hello"), STREET_NOW, &s->arena, &c);
    assert_false(c.parsed);
    /* a length of two gigabytes */
    pki_certificate_read(base_bytes_view("\x30\x84\x7f\xff\xff\xff", 6), STREET_NOW, &s->arena, &c);
    assert_false(c.parsed);
}

static void a_full_arena_is_noticed(void **state) {
    struct street *s = *state;
    struct base_bytes der = street_der(s, s->leaf);
    struct facts_certificate c;

    for (size_t limit = 0; limit < 3000; limit += 100) {
        struct base_arena small;
        base_arena_init(&small, limit);
        pki_certificate_read(der, STREET_NOW, &small, &c);
        assert_non_null(c.subject);
        assert_non_null(c.sha256);
        assert_true(small.failed || c.san_count == 4);
        base_arena_release(&small);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_leaf_is_taken_apart),
        cmocka_unit_test(a_root_is_known_as_one),
        cmocka_unit_test(days_are_whole_and_go_below_zero),
        cmocka_unit_test(keys_and_signatures_have_names),
        cmocka_unit_test(other_kinds_of_keys),
        cmocka_unit_test(extensions_are_read),
        cmocka_unit_test(embedded_timestamps_are_counted),
        cmocka_unit_test(hostile_names_are_escaped),
        cmocka_unit_test(a_huge_name_is_cut),
        cmocka_unit_test(a_nul_inside_a_name_is_shown_and_matches_nothing),
        cmocka_unit_test(every_truncation_is_no_certificate),
        cmocka_unit_test(bytes_behind_are_refused),
        cmocka_unit_test(a_changed_byte_does_no_harm),
        cmocka_unit_test(rubbish_is_no_certificate),
        cmocka_unit_test(a_full_arena_is_noticed),
    };

    return cmocka_run_group_tests(tests, street_open, street_close);
}
