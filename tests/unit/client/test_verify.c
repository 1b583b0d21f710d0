/* SPDX-License-Identifier: Apache-2.0 */
/* The path check that the user wished: its verdicts, its steps, and what may be trusted. */
#include "../tls/hello.h"
#include "wished.h"

#include "client/internal.h"
#include "tls/internal.h"

#include <openssl/pem.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char *root_file;
static struct wished w;
static struct pair p;
static struct facts_detail detail;
static struct facts_session session;
static struct facts_endpoint endpoint;

/* A whole handshake as wished, and all its facts. */
static void shake(void) {
    struct pki_names names = {.reference = "mx.example.org"};

    pair_open(&p, &(struct pair_options){.wish = &w.wish, .sni = "mx.example.org"});
    pair_run(&p);
    client_read_detail(p.client, 100, 50, &p.arena, &detail);
    tls_session_read_facts(p.client, &p.arena, &session);
    assert_int_equal(tls_session_judge_chain(p.client, NULL, &names, PAIR_NOW, &p.arena, &endpoint),
                     WS_OK);
    assert_false(p.arena.failed);
}

static void begin(void) {
    wished_init(&w);
    w.wish.ca_file = root_file;
}

static void expect_code(int code) {
    if (detail.verify_code != code)
        fail_msg("%d (%s), not %d", detail.verify_code, detail.verify_text, code);
    assert_int_equal(endpoint.verification.code, code);
    assert_string_equal(endpoint.verification.reason, detail.verify_text);
    assert_int_equal(endpoint.verification.chain_ok, code == 0);
}

static void at(const char *seconds) {
    wished_check(&w, "-attime", seconds);
}

static void expect_in(const char *text, const char *part) {
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", text, part);
}

static void a_known_root_verifies(void **state) {
    (void)state;
    begin();
    w.wish.watch.verify = true;
    shake();
    expect_code(0);
    assert_int_equal(detail.step_count, 2);
    assert_int_equal(detail.steps[0].depth, 1);
    assert_int_equal(detail.steps[0].error, 0);
    expect_in(detail.steps[0].subject, "Test Root");
    assert_int_equal(detail.steps[1].depth, 0);
    assert_true(detail.steps[1].ok);
    assert_int_equal(endpoint.certificate_count, 1);
    assert_true(endpoint.chain.complete);
    assert_true(endpoint.verification.ok);
    assert_string_equal(endpoint.verification.matched_name, "mx.example.org");
    assert_string_equal(endpoint.verification.trust, root_file);
    expect_in(w.told, "4 depth=1 ");
    expect_in(w.told, "4 verify return:1\n");
    pair_close(&p);
}

static void an_unknown_root_is_told_and_passed_over(void **state) {
    (void)state;
    wished_init(&w);
    w.wish.no_ca_file = w.wish.no_ca_dir = w.wish.no_ca_store = true;
    shake();
    assert_int_equal(tls_session_state(p.client), TLS_UP);
    expect_code(21);
    assert_int_equal(endpoint.verification.first_code, 20);
    assert_true(detail.step_count >= 2);
    assert_int_equal(detail.steps[0].error, 20);
    assert_true(detail.steps[0].ok);
    assert_string_equal(endpoint.verification.trust, "none");
    assert_false(endpoint.chain.complete);
    expect_in(endpoint.chain.missing_issuer, "Test Root");
    pair_close(&p);
}

static void verify_return_error_ends_the_handshake(void **state) {
    (void)state;
    wished_init(&w);
    w.wish.no_ca_file = w.wish.no_ca_dir = w.wish.no_ca_store = true;
    w.wish.verify_return_error = true;
    shake();
    assert_int_equal(tls_session_state(p.client), TLS_FAILED);
    assert_int_equal(session.end, FACTS_HANDSHAKE_LOCAL);
    assert_int_equal(session.alert_sent, 48);
    expect_in(session.error, "certificate verify failed");
    assert_int_equal(detail.verify_code, 20);
    assert_false(detail.steps[0].ok);
    pair_close(&p);
}

/* -verify alone shows errors; only those deeper than its number end the handshake. */
static void verify_depth_limits_what_is_forgiven(void **state) {
    (void)state;
    for (int depth = 0; depth < 2; depth++) {
        begin();
        w.wish.verify = true;
        w.wish.verify_depth = depth;
        at("2000000000"); /* the root's time is over too */
        shake();
        assert_int_equal(tls_session_state(p.client), depth == 0 ? TLS_FAILED : TLS_UP);
        assert_int_equal(detail.verify_code, 10);
        pair_close(&p);
    }
}

static void names(void **state) {
    (void)state;
    begin();
    wished_check(&w, "-verify_hostname", "mx.example.org");
    shake();
    expect_code(0);
    assert_string_equal(detail.verified_name, "mx.example.org");
    pair_close(&p);
    begin();
    wished_check(&w, "-verify_hostname", "other.example.org");
    shake();
    expect_code(62);
    assert_string_equal(detail.verified_name, "");
    pair_close(&p);
    begin();
    wished_check(&w, "-verify_ip", "192.0.2.1");
    shake();
    expect_code(64);
    pair_close(&p);
    begin();
    wished_check(&w, "-verify_email", "a@example.org");
    shake();
    expect_code(63);
    pair_close(&p);
}

static void times(void **state) {
    (void)state;
    begin();
    at("1805000000");
    w.wish.watch.verify = true;
    w.wish.verify_quiet = true;
    shake();
    expect_code(10);
    assert_int_equal(detail.steps[1].error, 10);
    expect_in(detail.steps[1].not_after, " 2027 GMT");
    assert_string_equal(detail.steps[1].not_before, "");
    expect_in(w.told, "4 verify error:num=10:certificate has expired\n");
    expect_in(w.told, "4 notAfter=");
    assert_null(strstr(w.told, "verify return"));
    assert_null(strstr(w.told, "depth=1"));
    pair_close(&p);
    begin();
    at("1794000000");
    shake();
    expect_code(9);
    expect_in(detail.steps[1].not_before, " 2026 GMT");
    pair_close(&p);
    begin();
    w.wish.check_count = 0; /* -attime counts more */
    wished_check(&w, "-no_check_time", NULL);
    shake();
    expect_code(0);
    pair_close(&p);
}

static void levels_depths_and_purposes(void **state) {
    (void)state;
    begin();
    wished_check(&w, "-auth_level", "4");
    shake();
    /* the keys of root and leaf have 128 bits of security */
    assert_true(detail.verify_code == 66 || detail.verify_code == 67);
    pair_close(&p);
    begin();
    wished_check(&w, "-purpose", "timestampsign");
    shake();
    expect_code(26);
    pair_close(&p);
    begin();
    wished_check(&w, "-verify_depth", "0");
    shake();
    expect_code(0); /* a root directly above the leaf is no intermediate */
    pair_close(&p);
    begin();
    wished_check(&w, "-explicit_policy", NULL);
    shake();
    expect_code(43);
    expect_in(detail.steps[detail.step_count - 1].policies, "Require explicit Policy: True");
    pair_close(&p);
}

/* The security level of -cipher is the path check's too. */
static void a_weak_key_against_the_security_level(void **state) {
    (void)state;
    for (int strict = 0; strict < 2; strict++) {
        struct facts_client told;
        begin();
        wished_set(&w, "-cipher", strict == 1 ? "DEFAULT:@SECLEVEL=2" : "DEFAULT:@SECLEVEL=0");
        pair_open(&p, &(struct pair_options){.wish = &w.wish, .rsa_bits = 1024});
        pair_run(&p);
        client_read_detail(p.client, 0, 0, &p.arena, &detail);
        client_read_told(p.client, &p.arena, &told);
        assert_int_equal(told.security_level, strict == 1 ? 2 : 0);
        assert_int_equal(detail.verify_code, strict == 1 ? 66 : 0);
        pair_close(&p);
    }
}

/* The leaf of the running server. */
static const char *leaf_file(void) {
    BIO *bio = BIO_new(BIO_s_mem());
    const char *path;
    char *data = NULL;
    long len;

    assert_int_equal(PEM_write_bio_X509(bio, SSL_CTX_get0_certificate(p.server_context->ssl)), 1);
    len = BIO_get_mem_data(bio, &data);
    path = wished_file("leaf.pem", data, (size_t)len);
    BIO_free(bio);
    return path;
}

/* Trust in the leaf itself counts only with -partial_chain. */
static void partial_chains(void **state) {
    (void)state;
    for (int partial = 0; partial < 2; partial++) {
        struct tls_context *own = NULL;
        begin();
        pair_open(&p, &(struct pair_options){.wish = &w.wish});
        w.wish.ca_file = leaf_file();
        if (partial == 1)
            wished_check(&w, "-partial_chain", NULL);
        assert_int_equal(client_context_new(&w.wish, &own, NULL), WS_OK);
        tls_session_free(p.client);
        p.client = NULL;
        tls_context_free(p.client_context);
        p.client_context = own;
        pair_renew(&p, NULL);
        pair_run(&p);
        client_read_detail(p.client, 0, 0, &p.arena, &detail);
        assert_int_equal(detail.verify_code, partial == 1 ? 0 : 21);
        if (partial == 0)
            assert_int_equal(detail.steps[0].error, 20);
        pair_close(&p);
    }
}

static EVP_PKEY *root_key(void) {
    struct base_buf pem;
    EVP_PKEY *key;
    BIO *bio;

    base_buf_init(&pem, 1 << 16);
    assert_int_equal(pki_forged_key_pem(pair_root(), &pem), WS_OK);
    bio = BIO_new_mem_buf(base_buf_view(&pem).data, (int)pem.len);
    key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    base_buf_release(&pem);
    assert_non_null(key);
    return key;
}

/* A list of the root, with this serial number revoked or none. */
static const char *crl_file(const char *name, const ASN1_INTEGER *revoked, bool der) {
    X509_CRL *crl = X509_CRL_new();
    X509_NAME *issuer = X509_NAME_new();
    ASN1_TIME *t = ASN1_TIME_set(NULL, PAIR_NOW - PAIR_DAY);
    EVP_PKEY *key = root_key();
    BIO *bio = BIO_new(BIO_s_mem());
    const char *path;
    char *data = NULL;
    long len;

    X509_NAME_add_entry_by_txt(issuer, "CN", MBSTRING_ASC, (const unsigned char *)"Test Root", -1,
                               -1, 0);
    X509_CRL_set_version(crl, 1);
    X509_CRL_set_issuer_name(crl, issuer);
    X509_CRL_set1_lastUpdate(crl, t);
    ASN1_TIME_set(t, PAIR_NOW + PAIR_DAY);
    X509_CRL_set1_nextUpdate(crl, t);
    if (revoked != NULL) {
        X509_REVOKED *r = X509_REVOKED_new();
        X509_REVOKED_set_serialNumber(r, (ASN1_INTEGER *)(uintptr_t)revoked);
        ASN1_TIME_set(t, PAIR_NOW - PAIR_DAY);
        X509_REVOKED_set_revocationDate(r, t);
        X509_CRL_add0_revoked(crl, r);
    }
    assert_true(X509_CRL_sign(crl, key, EVP_sha256()) > 0);
    assert_int_equal(der ? i2d_X509_CRL_bio(bio, crl) : PEM_write_bio_X509_CRL(bio, crl), 1);
    len = BIO_get_mem_data(bio, &data);
    path = wished_file(name, data, (size_t)len);
    BIO_free(bio);
    EVP_PKEY_free(key);
    ASN1_TIME_free(t);
    X509_NAME_free(issuer);
    X509_CRL_free(crl);
    return path;
}

static void renew_client(void) {
    tls_session_free(p.client);
    p.client = NULL;
    tls_context_free(p.client_context);
    assert_int_equal(client_context_new(&w.wish, &p.client_context, NULL), WS_OK);
    pair_renew(&p, NULL);
    pair_run(&p);
    client_read_detail(p.client, 0, 0, &p.arena, &detail);
}

static void revocation_lists(void **state) {
    const char *none[1], *revoked[1];

    (void)state;
    begin();
    wished_check(&w, "-crl_check", NULL);
    shake();
    expect_code(3);
    none[0] = crl_file("none.crl", NULL, false);
    revoked[0] =
        crl_file("revoked.der",
                 X509_get0_serialNumber(SSL_CTX_get0_certificate(p.server_context->ssl)), true);
    w.wish.crl_files = none;
    w.wish.crl_count = 1;
    renew_client();
    assert_int_equal(detail.verify_code, 0);
    w.wish.crl_files = revoked;
    w.wish.crl_format = "der";
    renew_client();
    assert_int_equal(detail.verify_code, 23);
    pair_close(&p);
}

static void the_environment_names_the_systems_roots(void **state) {
    (void)state;
    wished_init(&w);
    setenv("SSL_CERT_FILE", root_file, 1);
    setenv("SSL_CERT_DIR", "/nonexistent:/neither", 1);
    shake();
    expect_code(0);
    assert_string_equal(endpoint.verification.trust, "system");
    pair_close(&p);
    w.wish.no_ca_file = true;
    shake();
    expect_code(21);
    pair_close(&p);
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
}

static void wrong_files_are_named(void **state) {
    const char *text = wished_file("text.pem", "hello\n", 6);
    const char *broken = wished_file(
        "broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", 59);
    const char *empty = wished_file("empty.pem", "", 0);
    const char *crls[1];

    (void)state;
    wished_init(&w);
    w.wish.ca_file = "/nonexistent";
    assert_string_equal(wished_error(&w), "-CAfile /nonexistent: No such file or directory");
    w.wish.ca_file = text;
    expect_in(wished_error(&w), "text.pem: no certificate inside");
    w.wish.ca_file = broken;
    expect_in(wished_error(&w), "broken.pem: certificate 1 is malformed");
    w.wish.ca_file = "/";
    assert_string_equal(wished_error(&w), "-CAfile /: is a directory, not a file");
    w.wish.ca_file = NULL;
    w.wish.ca_dir = "/nonexistent";
    assert_string_equal(wished_error(&w), "-CApath /nonexistent: No such file or directory");
    w.wish.ca_dir = "/proc/self/task";
    expect_in(wished_error(&w), "run \"openssl rehash /proc/self/task\"");
    w.wish.ca_dir = NULL;
    w.wish.ca_store = "/nonexistent";
    assert_string_equal(wished_error(&w), "-CAstore /nonexistent: No such file or directory");
    w.wish.ca_store = "nosuch:store";
    expect_in(wished_error(&w), "-CAstore nosuch:store: ");
    w.wish.ca_store = NULL;
    w.wish.crl_files = crls;
    w.wish.crl_count = 1;
    crls[0] = "/nonexistent";
    assert_string_equal(wished_error(&w), "-CRL /nonexistent: No such file or directory");
    crls[0] = empty;
    expect_in(wished_error(&w), "empty.pem: is empty");
    crls[0] = text;
    expect_in(wished_error(&w), "text.pem: revocation list 1 is malformed");
    crls[0] = root_file;
    expect_in(wished_error(&w), "no revocation list inside");
    w.wish.crl_format = "XML";
    expect_in(wished_error(&w), "-CRLform XML: PEM or DER is possible");
    w.wish.crl_format = NULL;
    w.wish.crl_count = 0;
    w.wish.request_ca_file = text;
    expect_in(wished_error(&w), "-requestCAfile");
    w.wish.request_ca_file = "/nonexistent";
    assert_string_equal(wished_error(&w), "-requestCAfile /nonexistent: No such file or directory");
}

static void wrong_checks_say_what_is_possible(void **state) {
    static const struct {
        const char *name, *value, *part;
    } rows[] = {
        {"-purpose", "mail", "-purpose mail: no such purpose (there are sslclient, sslserver"},
        {"-purpose", NULL, "-purpose: needs a value"},
        {"-verify_name", "mx.example.org",
         "-verify_name mx.example.org: no such set of checks (there are "},
        {"-verify_depth", "many", "-verify_depth many: a number from 0 to 100"},
        {"-verify_depth", "-1", "a number from 0 to 100"},
        {"-auth_level", "6", "a security level from 0 to 5"},
        {"-attime", "yesterday", "-attime yesterday: seconds since 1970"},
        {"-attime", "99999999999999999999", "seconds since 1970"},
        {"-attime", "-", "seconds since 1970"},
        {"-verify_ip", "mx.example.org", "no IPv4 or IPv6 address"},
        {"-verify_hostname", "", "-verify_hostname: needs a value"},
        {"-policy", "any policy", "-policy any policy: no object identifier"},
        {"-strict", NULL, "-strict: no such check of the certificate path"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect_in(wished_check_error(rows[i].name, rows[i].value), rows[i].part);
}

static void every_check_without_a_value_is_taken(void **state) {
    static const char *const flags[] = {
        "-ignore_critical", "-issuer_checks",   "-crl_check",     "-crl_check_all",
        "-policy_check",    "-inhibit_any",     "-inhibit_map",   "-x509_strict",
        "-extended_crl",    "-use_deltas",      "-policy_print",  "-check_ss_sig",
        "-trusted_first",   "-suiteB_128_only", "-suiteB_128",    "-suiteB_192",
        "-partial_chain",   "-no_alt_chains",   "-no_check_time", "-allow_proxy_certs",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        struct tls_context *c = NULL;
        begin();
        wished_check(&w, flags[i], NULL);
        assert_int_equal(client_context_new(&w.wish, &c, NULL), WS_OK);
        tls_context_free(c);
    }
}

static void wanted_cas_stand_in_the_hello(void **state) {
    struct hello h;

    (void)state;
    begin();
    w.wish.request_ca_file = root_file;
    pair_open(&p, &(struct pair_options){.wish = &w.wish});
    hello_of(p.client, 1000, &h);
    assert_true(hello_has(&h.extensions, 47));
    pair_close(&p);
}

static int setup(void **state) {
    (void)state;
    root_file = wished_pem_file("root.pem", pair_root(), true, false);
    return 0;
}

static int release(void **state) {
    (void)state;
    wished_remove_files();
    pair_release_root();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_root_verifies),
        cmocka_unit_test(an_unknown_root_is_told_and_passed_over),
        cmocka_unit_test(verify_return_error_ends_the_handshake),
        cmocka_unit_test(verify_depth_limits_what_is_forgiven),
        cmocka_unit_test(names),
        cmocka_unit_test(times),
        cmocka_unit_test(levels_depths_and_purposes),
        cmocka_unit_test(a_weak_key_against_the_security_level),
        cmocka_unit_test(partial_chains),
        cmocka_unit_test(revocation_lists),
        cmocka_unit_test(the_environment_names_the_systems_roots),
        cmocka_unit_test(wrong_files_are_named),
        cmocka_unit_test(wrong_checks_say_what_is_possible),
        cmocka_unit_test(every_check_without_a_value_is_taken),
        cmocka_unit_test(wanted_cas_stand_in_the_hello),
    };

    return cmocka_run_group_tests(tests, setup, release);
}
