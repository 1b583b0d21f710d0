/* SPDX-License-Identifier: Apache-2.0 */
/* The client's own certificate, in every form a user may have it in, and every way to get it wrong.
 */
#include "wished.h"

#include "client/internal.h"
#include "tls/internal.h"

#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define PHRASE "open sesame"

static struct wished w;
static struct pair p;
static X509 *cert;

static void expect_in(const char *text, const char *part) {
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", text, part);
}

/* All forms are made before the first test by another process, because making them fills the TLS
 * library's table of ciphers, which a client that starts lean does not have. */
enum form {
    CERT_PEM,
    CERT_DER,
    BOTH_PEM,
    KEY_PEM,
    KEY_TRADITIONAL,
    KEY_DER,
    ENCRYPTED_PKCS8,
    ENCRYPTED_AES,
    ENCRYPTED_DES3,
    ENCRYPTED_DER,
    P12_PHRASE,
    P12_EMPTY,
    P12_OLD,
    ROOT_PEM,
    OTHER_KEY,
    FORMS
};
static const char *const form_names[FORMS] = {
    "cert.pem", "cert.der", "both.pem", "key.pem",   "trad.pem", "key.der",  "pkcs8.pem", "aes.pem",
    "des3.pem", "enc.der",  "a.p12",    "empty.p12", "old.p12",  "root.pem", "other.pem",
};
static const char *files[FORMS];
static bool old_made; /* some systems keep the old ciphers in a package of their own */

static void need(bool ok, int line) {
    if (ok)
        return;
    fprintf(stderr, "line %d: a form could not be made\n", line);
    _exit(1);
}
#define NEED(ok) need((ok) > 0, __LINE__)

static int write_traditional(BIO *bio, EVP_PKEY *k, const EVP_CIPHER *cipher) {
    return PEM_write_bio_PrivateKey_traditional(bio, k, cipher, (unsigned char *)(uintptr_t)PHRASE,
                                                (int)strlen(PHRASE), NULL, NULL);
}

static int write_pkcs12(BIO *bio, const char *phrase, X509 *x, EVP_PKEY *k, X509 *above, int nid) {
    STACK_OF(X509) *chain = sk_X509_new_null();
    PKCS12 *p12;

    sk_X509_push(chain, above);
    p12 = PKCS12_create(phrase, "own", k, x, chain, nid, nid, 0, 0, 0);
    return p12 != NULL ? i2d_PKCS12_bio(bio, p12) : 0;
}

static int write_form(enum form form, BIO *bio, X509 *x, EVP_PKEY *k, X509 *above, EVP_PKEY *o) {
    const int len = (int)strlen(PHRASE);

    switch (form) {
    case CERT_PEM:
        return PEM_write_bio_X509(bio, x);
    case CERT_DER:
        return i2d_X509_bio(bio, x);
    case BOTH_PEM:
        return PEM_write_bio_X509(bio, x) &&
               PEM_write_bio_PrivateKey(bio, k, NULL, NULL, 0, NULL, NULL);
    case KEY_PEM:
        return PEM_write_bio_PrivateKey(bio, k, NULL, NULL, 0, NULL, NULL);
    case KEY_TRADITIONAL:
        return write_traditional(bio, k, NULL);
    case KEY_DER:
        return i2d_PrivateKey_bio(bio, k);
    case ENCRYPTED_PKCS8:
        return PEM_write_bio_PKCS8PrivateKey(bio, k, EVP_aes_256_cbc(), PHRASE, len, NULL, NULL);
    case ENCRYPTED_AES:
        return write_traditional(bio, k, EVP_aes_128_cbc());
    case ENCRYPTED_DES3:
        return write_traditional(bio, k, EVP_des_ede3_cbc());
    case ENCRYPTED_DER:
        return i2d_PKCS8PrivateKey_bio(bio, k, EVP_aes_256_cbc(), PHRASE, len, NULL, NULL);
    case P12_PHRASE:
        return write_pkcs12(bio, PHRASE, x, k, above, 0);
    case P12_EMPTY:
        return write_pkcs12(bio, "", x, k, above, 0);
    case P12_OLD:
        return write_pkcs12(bio, PHRASE, x, k, above, NID_pbe_WithSHA1And40BitRC2_CBC);
    case ROOT_PEM:
        return PEM_write_bio_X509(bio, above);
    case OTHER_KEY:
        return PEM_write_bio_PrivateKey(bio, o, NULL, NULL, 0, NULL, NULL);
    default:
        return 0;
    }
}

static EVP_PKEY *new_key(void) {
    return EVP_EC_gen("P-256");
}

static X509 *new_certificate(const char *name, EVP_PKEY *k, X509 *issuer, EVP_PKEY *issuer_key) {
    X509 *x = X509_new();
    X509_NAME *subject = X509_get_subject_name(x);

    NEED(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1,
                                    -1, 0));
    NEED(X509_set_issuer_name(x, issuer != NULL ? X509_get_subject_name(issuer) : subject));
    NEED(X509_set_version(x, 2));
    NEED(ASN1_TIME_set(X509_getm_notBefore(x), PAIR_NOW - PAIR_DAY) != NULL);
    NEED(ASN1_TIME_set(X509_getm_notAfter(x), PAIR_NOW + 90 * PAIR_DAY) != NULL);
    NEED(X509_set_pubkey(x, k));
    if (issuer == NULL) {
        X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "CA:TRUE");
        NEED(ext != NULL && X509_add_ext(x, ext, -1));
        X509_EXTENSION_free(ext);
    }
    NEED(X509_sign(x, issuer_key, EVP_sha256()));
    return x;
}

static void make_forms(void) {
    EVP_PKEY *above_key = new_key(), *k = new_key(), *o = new_key();
    X509 *above = new_certificate("Client Root", above_key, NULL, above_key);
    X509 *x = new_certificate("client.example.org", k, above, above_key);

    NEED(OSSL_PROVIDER_load(NULL, "default") != NULL);
    for (enum form f = 0; f < FORMS; f++) {
        BIO *bio = BIO_new_file(files[f], "wb");
        NEED(bio != NULL);
        if (f != P12_OLD || OSSL_PROVIDER_load(NULL, "legacy") != NULL)
            need(write_form(f, bio, x, k, above, o) > 0, (int)f);
        BIO_free(bio);
    }
}

static void make_files(void) {
    struct stat st;
    int status = 0;
    pid_t pid;

    for (enum form f = 0; f < FORMS; f++)
        files[f] = wished_path(form_names[f]);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        make_forms();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    old_made = stat(files[P12_OLD], &st) == 0 && st.st_size > 0;
}

static int accept_all(int ok, X509_STORE_CTX *ctx) {
    (void)ok;
    (void)ctx;
    return 1;
}

/* A server that demands a certificate must see ours; the number of certificates sent. */
static int shake(void) {
    STACK_OF(X509) * sent;
    int count;

    pair_open(&p, &(struct pair_options){.wish = &w.wish});
    SSL_CTX_set_verify(p.server_context->ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                       accept_all);
    pair_renew(&p, NULL);
    pair_run(&p);
    assert_int_equal(tls_session_state(p.server), TLS_UP);
    assert_int_equal(X509_cmp(SSL_get0_peer_certificate(p.server->ssl), cert), 0);
    sent = SSL_get_peer_cert_chain(p.server->ssl);
    count = 1 + (sent != NULL ? sk_X509_num(sent) : 0); /* a server's chain lacks the leaf */
    pair_close(&p);
    return count;
}

static void begin(const char *certificate, const char *key_path, const char *pass) {
    wished_init(&w);
    w.wish.no_ca_file = w.wish.no_ca_dir = w.wish.no_ca_store = true;
    w.wish.certificate = certificate;
    w.wish.key = key_path;
    w.wish.pass = pass;
}

static void plain_files(void **state) {
    static const enum form keys[] = {KEY_PEM, KEY_TRADITIONAL, KEY_DER, BOTH_PEM};

    (void)state;
    begin(files[BOTH_PEM], NULL, NULL);
    assert_int_equal(shake(), 1);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        begin(files[CERT_PEM], files[keys[i]], NULL);
        assert_int_equal(shake(), 1);
        begin(files[CERT_DER], files[keys[i]], "not needed");
        assert_int_equal(shake(), 1);
    }
}

static void encrypted_keys(void **state) {
    static const enum form keys[] = {ENCRYPTED_PKCS8, ENCRYPTED_AES, ENCRYPTED_DES3,
                                     ENCRYPTED_DER,   P12_PHRASE,    P12_OLD};

    (void)state;
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (keys[i] == P12_OLD && !old_made)
            continue;
        begin(files[CERT_PEM], files[keys[i]], PHRASE);
        assert_int_equal(shake(), 1);
        begin(files[CERT_PEM], files[keys[i]], NULL);
        expect_in(wished_error(&w), "is encrypted: it needs its pass phrase (-pass)");
        begin(files[CERT_PEM], files[keys[i]], "guess");
        expect_in(wished_error(&w), "-key ");
        expect_in(w.error.message, "the pass phrase is wrong");
        assert_null(strstr(w.error.message, "guess"));
    }
}

static void pkcs12(void **state) {
    (void)state;
    begin(files[P12_PHRASE], NULL, PHRASE);
    assert_int_equal(shake(), 2);
    if (old_made) {
        begin(files[P12_OLD], NULL, PHRASE);
        assert_int_equal(shake(), 2);
    }
    begin(files[P12_EMPTY], NULL, NULL);
    assert_int_equal(shake(), 2);
    begin(files[P12_PHRASE], NULL, NULL);
    expect_in(wished_error(&w), "is encrypted: it needs its pass phrase (-pass)");
    begin(files[P12_PHRASE], NULL, "guess");
    expect_in(wished_error(&w), "the pass phrase is wrong");
    begin(files[P12_PHRASE], NULL, PHRASE);
    w.wish.certificate_format = "PEM";
    expect_in(wished_error(&w), "a.p12: no certificate inside");
    w.wish.certificate_format = "p12";
    assert_int_equal(shake(), 2);
}

static void chains(void **state) {
    (void)state;
    begin(files[BOTH_PEM], NULL, NULL);
    w.wish.certificate_chain = files[ROOT_PEM];
    assert_int_equal(shake(), 2);
    w.wish.certificate_chain = files[BOTH_PEM]; /* the leaf is not sent twice */
    assert_int_equal(shake(), 1);
    w.wish.certificate_chain = files[KEY_PEM];
    expect_in(wished_error(&w), "key.pem: no certificate inside");
    w.wish.certificate_chain = "/nonexistent";
    assert_string_equal(wished_error(&w), "-cert_chain /nonexistent: No such file or directory");
    w.wish.certificate_chain = NULL;
    w.wish.build_chain = true;
    expect_in(wished_error(&w), "-build_chain: no chain from ");
    w.wish.no_ca_file = w.wish.no_ca_dir = w.wish.no_ca_store = false;
    w.wish.ca_file = files[ROOT_PEM];
    assert_int_equal(shake(), 2);
}

static void wrong_files(void **state) {
    const char *pem = files[CERT_PEM];
    const char *strange = files[OTHER_KEY];
    const char *text = wished_file("text", "hello\n", 6);
    const char *broken =
        wished_file("broken", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", 59);

    (void)state;
    begin("/nonexistent", NULL, NULL);
    assert_string_equal(wished_error(&w), "-cert /nonexistent: No such file or directory");
    begin("/", NULL, NULL);
    assert_string_equal(wished_error(&w), "-cert /: is a directory, not a file");
    begin(pem, "/nonexistent", NULL);
    assert_string_equal(wished_error(&w), "-key /nonexistent: No such file or directory");
    begin(text, NULL, NULL);
    expect_in(wished_error(&w), "text: neither PEM, DER nor PKCS #12");
    begin(broken, NULL, NULL);
    expect_in(wished_error(&w), "broken: the certificate is malformed (");
    begin(strange, NULL, NULL);
    expect_in(wished_error(&w), "other.pem: no certificate inside (BEGIN CERTIFICATE is expected)");
    begin(pem, NULL, NULL);
    expect_in(wished_error(&w), "cert.pem: no private key inside (name its file with -key)");
    begin(pem, text, NULL);
    expect_in(wished_error(&w), "text: no private key inside");
    begin(pem, strange, NULL);
    expect_in(wished_error(&w), "other.pem: is not the key of the certificate in ");
    begin(NULL, strange, NULL);
    assert_string_equal(wished_error(&w), "-key: needs -cert too");
    begin(pem, strange, NULL);
    w.wish.certificate_format = "TXT";
    assert_string_equal(wished_error(&w), "-certform TXT: PEM, DER or P12 is possible");
    w.wish.certificate_format = NULL;
    w.wish.key_format = "ENGINE";
    assert_string_equal(wished_error(&w), "-keyform ENGINE: PEM, DER or P12 is possible");
    w.wish.key_format = "DER";
    expect_in(wished_error(&w), "other.pem: no private key inside");
}

/* A key below the security level is refused with its reason, before any connection. */
static void a_weak_key_is_refused(void **state) {
    struct pki_forge_request r = {.common_name = "weak",
                                  .not_before = PAIR_NOW - PAIR_DAY,
                                  .not_after = PAIR_NOW + PAIR_DAY,
                                  .rsa_bits = 1024};
    struct pki_forged *weak = NULL;

    (void)state;
    assert_int_equal(pki_forge(&r, pair_root(), &weak, NULL), WS_OK);
    begin(wished_pem_file("weak.pem", weak, true, true), NULL, NULL);
    wished_set(&w, "-cipher", "DEFAULT:@SECLEVEL=2");
    expect_in(wished_error(&w), "ee key too small");
    pki_forged_free(weak);
}

static int setup(void **state) {
    BIO *bio;

    (void)state;
    make_files();
    assert_true(tls_library_start());
    bio = BIO_new_file(files[CERT_PEM], "rb");
    assert_non_null(bio);
    cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    assert_non_null(cert);
    BIO_free(bio);
    return 0;
}

static int release(void **state) {
    (void)state;
    X509_free(cert);
    wished_remove_files();
    pair_release_root();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_files), cmocka_unit_test(encrypted_keys),
        cmocka_unit_test(pkcs12),      cmocka_unit_test(chains),
        cmocka_unit_test(wrong_files), cmocka_unit_test(a_weak_key_is_refused),
    };

    return cmocka_run_group_tests(tests, setup, release);
}
