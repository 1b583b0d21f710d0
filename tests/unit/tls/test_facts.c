/* SPDX-License-Identifier: Apache-2.0 */
/* What a session tells: each field of the facts, on servers that were set up to show it. */
#include "pair.h"

#include "tls/internal.h"

#include <openssl/ocsp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(text) base_bytes_view(text, sizeof(text) - 1)

static struct facts_session up(struct pair *p) {
    pair_renew(p, NULL);
    pair_run(p);
    assert_int_equal(tls_session_state(p->client), TLS_UP);
    return pair_facts(p);
}

static void a_modern_session(void **state) {
    struct facts_session f;
    struct pair p;

    (void)state;
    pair_open(&p, NULL);
    tls_session_start(p.server, p.now);
    tls_session_start(p.client, p.now);
    pair_carry(&p, false);
    pair_carry(&p, true);
    assert_int_equal(tls_session_state(p.client), TLS_UP);
    f = pair_facts(&p);
    assert_true(f.started && f.established);
    assert_int_equal(f.end, FACTS_HANDSHAKE_NONE);
    assert_int_equal(f.alert, -1);
    assert_string_equal(f.alert_name, "");
    assert_int_equal(f.alert_sent, -1);
    assert_string_equal(f.error, "");
    assert_int_equal(f.version, 0x0304);
    assert_string_equal(f.protocol, "TLSv1.3");
    assert_string_equal(f.cipher_suite, "TLS_AES_256_GCM_SHA384");
    assert_string_equal(f.openssl_name, "TLS_AES_256_GCM_SHA384");
    assert_int_equal(f.cipher_suite_id, 0x1302);
    assert_int_equal(f.cipher_bits, 256);
    assert_string_equal(f.key_exchange, "any");
    if (OpenSSL_version_num() < 0x30500000ul) {
        assert_string_equal(f.group, "x25519");
        assert_int_equal(f.group_bits, 253);
    }
    assert_string_equal(f.signature_scheme, "ecdsa_secp256r1_sha256");
    assert_string_equal(f.alpn, "");
    assert_true(f.secure_renegotiation && f.extended_master_secret);
    assert_false(f.encrypt_then_mac || f.compression || f.session_id || f.resumed);
    assert_false(f.ocsp_staple || f.client_certificate_asked);
    assert_string_equal(f.ocsp_status, "");
    assert_int_equal(f.scts, 0);
    assert_string_equal(f.default_client_refuses, "");
    /* tickets follow the handshake */
    assert_int_equal(f.ticket, FACTS_UNKNOWN);
    pair_carry(&p, false);
    pair_carry(&p, true);
    tls_session_read_tickets(p.client, &f);
    assert_int_equal(f.ticket, FACTS_YES);
    assert_int_equal(f.ticket_lifetime, 7200);
    pair_close(&p);
}

static void tls13_without_tickets(void **state) {
    struct facts_session f;
    struct pair p;

    (void)state;
    pair_open(&p, NULL);
    SSL_CTX_set_num_tickets(p.server_context->ssl, 0);
    f = up(&p);
    assert_int_equal(f.ticket, FACTS_UNKNOWN);
    tls_session_read_tickets(p.client, &f);
    assert_int_equal(f.ticket, FACTS_NO);
    pair_close(&p);
}

static void an_ecdsa_session_of_tls12(void **state) {
    struct facts_session f;
    struct pair p;

    (void)state;
    pair_open(&p, &(struct pair_options){.server_max = 0x0303});
    f = up(&p);
    assert_string_equal(f.protocol, "TLSv1.2");
    assert_string_equal(f.cipher_suite, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
    assert_string_equal(f.openssl_name, "ECDHE-ECDSA-AES256-GCM-SHA384");
    assert_string_equal(f.key_exchange, "ECDHE");
    assert_string_equal(f.signature_scheme, "ecdsa_secp256r1_sha256");
    assert_true(f.secure_renegotiation && f.extended_master_secret);
    assert_int_equal(f.ticket, FACTS_YES);
    assert_int_equal(f.ticket_lifetime, 7200);
    assert_string_equal(f.default_client_refuses, "");
    SSL_CTX_set_options(p.server_context->ssl, SSL_OP_NO_TICKET | SSL_OP_NO_EXTENDED_MASTER_SECRET);
    f = up(&p);
    assert_int_equal(f.ticket, FACTS_NO);
    assert_true(f.session_id);
    assert_false(f.extended_master_secret);
    pair_close(&p);
}

static void groups_have_their_names(void **state) {
    static const struct {
        const char *set;
        const char *name;
        int bits;
    } rows[] = {
        {"P-256", "secp256r1", 256},
        {"P-384", "secp384r1", 384},
        {"P-521", "secp521r1", 521},
        {"X25519", "x25519", 253},
        {"X448", "x448", 448},
        {"ffdhe2048", "ffdhe2048", 2048},
        {"ffdhe3072", "ffdhe3072", 3072},
    };
    struct pair p, old;

    (void)state;
    pair_open(&p, NULL);
    pair_open(&old, &(struct pair_options){.server_max = 0x0303});
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct facts_session f;
        char set[32] = "";
        (void)base_bytes_copy(set, sizeof(set) - 1, base_bytes_of_str(rows[i].set));
        assert_int_equal(SSL_CTX_set1_groups_list(p.server_context->ssl, set), 1);
        f = up(&p); /* most of them take a HelloRetryRequest */
        assert_string_equal(f.group, rows[i].name);
        assert_int_equal(f.group_bits, rows[i].bits);
        if (strncmp(set, "ffdhe", 5) == 0)
            continue;
        assert_int_equal(SSL_CTX_set1_groups_list(old.server_context->ssl, set), 1);
        f = up(&old);
        assert_string_equal(f.group, rows[i].name);
    }
    pair_close(&p);
    pair_close(&old);
}

static void key_exchange_by_rsa_alone(void **state) {
    struct facts_session f;
    struct pair p;

    (void)state;
    pair_open(&p, &(struct pair_options){.server_max = 0x0303, .rsa_bits = 2048});
    assert_int_equal(SSL_CTX_set_cipher_list(p.server_context->ssl, "AES128-SHA:@SECLEVEL=0"), 1);
    f = up(&p);
    assert_string_equal(f.cipher_suite, "TLS_RSA_WITH_AES_128_CBC_SHA");
    assert_string_equal(f.key_exchange, "RSA");
    assert_string_equal(f.group, "");
    assert_string_equal(f.signature_scheme, "");
    assert_true(f.encrypt_then_mac);
    assert_string_equal(f.default_client_refuses, "");
    SSL_CTX_set_options(p.server_context->ssl, SSL_OP_NO_ENCRYPT_THEN_MAC);
    assert_false(up(&p).encrypt_then_mac);
    pair_close(&p);
}

static void rsa_signatures(void **state) {
    struct facts_session f;
    struct pair p;

    (void)state;
    pair_open(&p, &(struct pair_options){.rsa_bits = 2048});
    f = up(&p);
    assert_string_equal(f.signature_scheme, "rsa_pss_rsae_sha256");
    assert_int_equal(SSL_CTX_set_max_proto_version(p.server_context->ssl, TLS1_2_VERSION), 1);
    f = up(&p);
    assert_string_equal(f.signature_scheme, "rsa_pss_rsae_sha256");
    assert_int_equal(SSL_CTX_set1_sigalgs_list(p.client_context->ssl, "RSA+SHA1"), 1);
    f = up(&p);
    assert_string_equal(f.signature_scheme, "rsa_pkcs1_sha1");
    assert_non_null(strstr(f.default_client_refuses, "signed with SHA-1 (rsa_pkcs1_sha1)"));
    assert_int_equal(SSL_CTX_set_max_proto_version(p.server_context->ssl, TLS1_1_VERSION), 1);
    f = up(&p);
    assert_string_equal(f.signature_scheme, "rsa_pkcs1_md5_sha1");
    assert_non_null(strstr(f.default_client_refuses, "TLSv1.1, older than TLSv1.2"));
    pair_close(&p);

    pair_open(&p, &(struct pair_options){.server_max = 0x0301});
    f = up(&p);
    assert_string_equal(f.protocol, "TLSv1");
    assert_string_equal(f.signature_scheme, "ecdsa_sha1");
    pair_close(&p);
}

static void a_short_prime_and_a_short_key(void **state) {
    struct facts_session f;
    struct pair p;

    (void)state;
    pair_open(&p, &(struct pair_options){.server_max = 0x0303, .rsa_bits = 1024});
    assert_int_equal(
        SSL_CTX_set_cipher_list(p.server_context->ssl, "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0"), 1);
    f = up(&p);
    assert_string_equal(f.key_exchange, "DHE");
    assert_string_equal(f.group, "dhe");
    assert_int_equal(f.group_bits, 1024);
    assert_non_null(strstr(f.default_client_refuses, "prime has 1024 bits, fewer than 2048"));
    assert_non_null(strstr(f.default_client_refuses,
                           "when it verifies, also: the key of certificate 0 has 1024"));
    pair_close(&p);
}

static void a_prime_with_a_name(void **state) {
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
    EVP_PKEY *params = NULL;
    struct facts_session f;
    struct pair p;

    (void)state;
    assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_group_name(ctx, "ffdhe2048"), 1);
    assert_int_equal(EVP_PKEY_keygen(ctx, &params), 1);
    EVP_PKEY_CTX_free(ctx);
    pair_open(&p, &(struct pair_options){.server_max = 0x0303, .rsa_bits = 2048});
    assert_int_equal(
        SSL_CTX_set_cipher_list(p.server_context->ssl, "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0"), 1);
    SSL_CTX_set_dh_auto(p.server_context->ssl, 0);
    assert_int_equal(SSL_CTX_set0_tmp_dh_pkey(p.server_context->ssl, params), 1);
    f = up(&p);
    assert_string_equal(f.group, "ffdhe2048");
    assert_int_equal(f.group_bits, 2048);
    pair_close(&p);
}

static void a_weak_suite_is_named(void **state) {
    struct facts_session f;
    struct pair p;

    (void)state;
    pair_open(&p, &(struct pair_options){.server_max = 0x0303, .rsa_bits = 2048});
    if (SSL_CTX_set_cipher_list(p.server_context->ssl, "CAMELLIA128-SHA:@SECLEVEL=0") == 1) {
        f = up(&p);
        assert_non_null(
            strstr(f.default_client_refuses, "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA is switched off"));
    }
    pair_close(&p);
}

static void a_weak_signature_in_the_chain(void **state) {
    struct facts_session f;
    struct pair p;

    (void)state;
    pair_open(&p, &(struct pair_options){.digest = "SHA1"});
    f = up(&p);
    assert_string_equal(f.default_client_refuses,
                        "when it verifies: certificate 0 is signed with SHA1");
    pair_close(&p);
}

static void a_client_certificate_is_asked_for(void **state) {
    static const uint16_t versions[] = {0x0303, 0x0304};

    (void)state;
    for (size_t v = 0; v < 2; v++) {
        STACK_OF(X509_NAME) *names = sk_X509_NAME_new_null();
        struct facts_session f;
        struct pair p;
        for (int i = 0; i < 3; i++)
            sk_X509_NAME_push(names, X509_NAME_new());
        for (int i = 0; i < 3; i++)
            X509_NAME_add_entry_by_NID(sk_X509_NAME_value(names, i), NID_commonName, MBSTRING_ASC,
                                       (const unsigned char *)"Some Authority", -1, -1, 0);
        pair_open(&p, &(struct pair_options){.server_max = versions[v]});
        SSL_CTX_set_verify(p.server_context->ssl, SSL_VERIFY_PEER, NULL);
        f = up(&p);
        assert_true(f.client_certificate_asked);
        assert_int_equal(f.client_ca_names, 0);
        SSL_CTX_set_client_CA_list(p.server_context->ssl, names);
        f = up(&p);
        assert_true(f.client_certificate_asked);
        assert_int_equal(f.client_ca_names, 3);
        pair_close(&p);
    }
}

static void a_client_certificate_that_is_required(void **state) {
    struct facts_session f;
    struct pair p;

    (void)state;
    pair_open(&p, &(struct pair_options){.server_max = 0x0303});
    SSL_CTX_set_verify(p.server_context->ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       NULL);
    pair_renew(&p, NULL);
    pair_run(&p);
    f = pair_facts(&p);
    assert_int_equal(f.end, FACTS_HANDSHAKE_ALERT);
    assert_true(f.client_certificate_asked);
    assert_string_equal(f.protocol, "TLSv1.2");
    pair_close(&p);

    /* TLS 1.3: the refusal comes behind our Finished */
    pair_open(&p, NULL);
    SSL_CTX_set_verify(p.server_context->ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       NULL);
    pair_renew(&p, NULL);
    pair_run(&p);
    assert_int_equal(tls_session_state(p.client), TLS_FAILED);
    f = pair_facts(&p);
    assert_true(f.established);
    assert_int_equal(f.alert, 116);
    assert_string_equal(f.alert_name, "certificate_required");
    pair_close(&p);
}

struct staple {
    unsigned char *der;
    int len;
};

static int give_staple(SSL *ssl, void *arg) {
    struct staple *s = arg;
    unsigned char *copy = OPENSSL_memdup(s->der, (size_t)s->len);

    SSL_set_tlsext_status_ocsp_resp(ssl, copy, s->len);
    return SSL_TLSEXT_ERR_OK;
}

static struct staple make_staple(int status) {
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    ASN1_OCTET_STRING *hash = ASN1_OCTET_STRING_new();
    ASN1_INTEGER *serial = ASN1_INTEGER_new();
    X509_NAME *name = X509_NAME_new();
    ASN1_BIT_STRING *key = ASN1_BIT_STRING_new();
    ASN1_TIME *now = ASN1_TIME_set(NULL, PAIR_NOW);
    OCSP_CERTID *id = OCSP_cert_id_new(EVP_sha1(), name, key, serial);
    OCSP_RESPONSE *response;
    struct staple s = {NULL, 0};

    assert_non_null(OCSP_basic_add1_status(basic, id, status, 0, now, now, NULL));
    {
        EVP_PKEY *signer_key = EVP_EC_gen("P-256");
        X509 *signer = X509_new();
        X509_set_pubkey(signer, signer_key);
        X509_sign(signer, signer_key, EVP_sha256());
        assert_int_equal(
            OCSP_basic_sign(basic, signer, signer_key, EVP_sha256(), NULL, OCSP_NOCERTS), 1);
        X509_free(signer);
        EVP_PKEY_free(signer_key);
    }
    response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    s.len = i2d_OCSP_RESPONSE(response, &s.der);
    assert_true(s.len > 0);
    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
    OCSP_CERTID_free(id);
    ASN1_TIME_free(now);
    ASN1_BIT_STRING_free(key);
    X509_NAME_free(name);
    ASN1_INTEGER_free(serial);
    ASN1_OCTET_STRING_free(hash);
    return s;
}

static void expect_staple(struct pair *p, struct staple s, const char *status) {
    struct facts_session f;

    SSL_CTX_set_tlsext_status_cb(p->server_context->ssl, give_staple);
    SSL_CTX_set_tlsext_status_arg(p->server_context->ssl, &s);
    f = up(p);
    assert_true(f.ocsp_staple);
    assert_string_equal(f.ocsp_status, status);
    OPENSSL_free(s.der);
}

static void staples_are_read(void **state) {
    static const uint16_t versions[] = {0x0303, 0x0304};

    (void)state;
    for (size_t v = 0; v < 2; v++) {
        OCSP_RESPONSE *later = OCSP_response_create(OCSP_RESPONSE_STATUS_TRYLATER, NULL);
        struct staple s = {NULL, 0};
        struct pair p;
        pair_open(&p, &(struct pair_options){.server_max = versions[v]});
        expect_staple(&p, make_staple(V_OCSP_CERTSTATUS_GOOD), "good");
        expect_staple(&p, make_staple(V_OCSP_CERTSTATUS_REVOKED), "revoked");
        expect_staple(&p, make_staple(V_OCSP_CERTSTATUS_UNKNOWN), "unknown");
        s.len = i2d_OCSP_RESPONSE(later, &s.der);
        expect_staple(&p, s, "trylater");
        s.der = OPENSSL_memdup("rubbish", 7);
        s.len = 7;
        expect_staple(&p, s, "unparsable");
        OCSP_RESPONSE_free(later);
        pair_close(&p);
    }
}

static const unsigned char *sct_list;
static size_t sct_list_len;

static int add_scts(SSL *ssl, unsigned type, unsigned context, const unsigned char **out,
                    size_t *len, X509 *x, size_t index, int *alert, void *arg) {
    (void)ssl, (void)type, (void)context, (void)x, (void)index, (void)alert, (void)arg;
    *out = sct_list;
    *len = sct_list_len;
    return 1;
}

static int take_any(SSL *ssl, unsigned type, unsigned context, const unsigned char *in, size_t len,
                    X509 *x, size_t index, int *alert, void *arg) {
    (void)ssl, (void)type, (void)context, (void)x, (void)index, (void)alert, (void)arg, (void)in;
    assert_int_equal(len, 0); /* the client's question is empty */
    return 1;
}

static void timestamps_are_counted(void **state) {
    static const struct {
        struct base_bytes list;
        unsigned count;
    } rows[] = {
        {{(const uint8_t *)"\x00\x06\x00\x01"
                           "a\x00\x01"
                           "b",
          8},
         2},
        {{(const uint8_t *)"\x00\x00", 2}, 0},
        {{(const uint8_t *)"\x00\x06\x00\x01"
                           "a\x00\x09"
                           "b",
          8},
         1}, /* the second does not fit */
        {{(const uint8_t *)"\xff", 1}, 0},
    };
    static const uint16_t versions[] = {0x0303, 0x0304};

    (void)state;
    for (size_t v = 0; v < 2; v++) {
        struct pair p;
        pair_open(&p, &(struct pair_options){.server_max = versions[v]});
        assert_int_equal(SSL_CTX_add_custom_ext(p.server_context->ssl, 18,
                                                SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO |
                                                    SSL_EXT_TLS1_3_CERTIFICATE,
                                                add_scts, NULL, NULL, take_any, NULL),
                         1);
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
            sct_list = rows[i].list.data;
            sct_list_len = rows[i].list.len;
            assert_int_equal(up(&p).scts, rows[i].count);
        }
        pair_close(&p);
    }
}

static void the_chain_is_judged(void **state) {
    static const uint16_t versions[] = {0x0301, 0x0303, 0x0304};
    struct pki_names names = {.reference = "mx.example.org", .domain = "example.org"};
    struct pki_trust *trust = NULL;
    struct base_buf pem;

    (void)state;
    base_buf_init(&pem, 1 << 16);
    assert_int_equal(pki_forged_certificate_pem(pair_root(), &pem), WS_OK);
    assert_int_equal(pki_trust_new_pem(base_buf_view(&pem), "test", &trust, NULL), WS_OK);
    for (size_t v = 0; v < 3; v++) {
        struct facts_endpoint endpoint = {0};
        struct pair p;
        pair_open(&p, &(struct pair_options){.server_max = versions[v]});
        (void)up(&p);
        assert_int_equal(
            tls_session_judge_chain(p.client, trust, &names, PAIR_NOW, &p.arena, &endpoint), WS_OK);
        assert_int_equal(endpoint.certificate_count, 1);
        assert_string_equal(endpoint.certificates[0].subject, "CN=mx.example.org");
        assert_true(endpoint.verification.ok);
        assert_true(endpoint.chain.complete && endpoint.chain.in_order);
        pair_close(&p);
    }
    /* before a certificate came there is nothing to judge */
    {
        struct facts_endpoint endpoint = {0};
        struct pair p;
        pair_open(&p, NULL);
        assert_int_equal(
            tls_session_judge_chain(p.client, trust, &names, PAIR_NOW, &p.arena, &endpoint), WS_OK);
        assert_int_equal(endpoint.certificate_count, 0);
        assert_false(endpoint.verification.done);
        assert_string_equal(endpoint.verification.reason, "");
        pair_close(&p);
    }
    pki_trust_free(trust);
    base_buf_release(&pem);
}

static int release(void **state) {
    (void)state;
    pair_release_root();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_modern_session),
        cmocka_unit_test(tls13_without_tickets),
        cmocka_unit_test(an_ecdsa_session_of_tls12),
        cmocka_unit_test(groups_have_their_names),
        cmocka_unit_test(key_exchange_by_rsa_alone),
        cmocka_unit_test(rsa_signatures),
        cmocka_unit_test(a_short_prime_and_a_short_key),
        cmocka_unit_test(a_prime_with_a_name),
        cmocka_unit_test(a_weak_suite_is_named),
        cmocka_unit_test(a_weak_signature_in_the_chain),
        cmocka_unit_test(a_client_certificate_is_asked_for),
        cmocka_unit_test(a_client_certificate_that_is_required),
        cmocka_unit_test(staples_are_read),
        cmocka_unit_test(timestamps_are_counted),
        cmocka_unit_test(the_chain_is_judged),
    };

    return cmocka_run_group_tests(tests, NULL, release);
}
