/* SPDX-License-Identifier: Apache-2.0 */
/* client/certificate - the client's own certificate, key and chain
 *
 * The content of a file decides how it is read: PEM, DER or PKCS #12; a format that the user names
 * is held to. Every way in which file, key and pass phrase can miss each other has its own line.
 * What held a key or a pass phrase is overwritten before it is freed. */
#include "client/internal.h"
#include "pki/file.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <string.h>

#define FILE_MAX ((size_t)4 * 1024 * 1024)

/* What was read, from one or more files. */
struct own {
    X509 *leaf;
    EVP_PKEY *key;
    STACK_OF(X509) * chain;
};

static void own_release(struct own *o) {
    X509_free(o->leaf);
    EVP_PKEY_free(o->key);
    sk_X509_pop_free(o->chain, X509_free);
}

/* tls_library_start leaves the table of cipher names empty; encrypted keys need these. */
static void register_ciphers(void) {
    const EVP_CIPHER *const ciphers[] = {
        EVP_aes_128_cbc(),      EVP_aes_192_cbc(),      EVP_aes_256_cbc(),
        EVP_des_ede3_cbc(),     EVP_des_cbc(),
#ifndef OPENSSL_NO_CAMELLIA
        EVP_camellia_128_cbc(), EVP_camellia_192_cbc(), EVP_camellia_256_cbc(),
#endif
#ifndef OPENSSL_NO_ARIA
        EVP_aria_128_cbc(),     EVP_aria_192_cbc(),     EVP_aria_256_cbc(),
#endif
    };

    for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++)
        (void)EVP_add_cipher(ciphers[i]);
}

enum format { ANY, PEM, DER, P12 };

static enum ws_err read_format(const struct client_wish *w, enum client_option option,
                               const char *text, enum format *out, struct base_error *e) {
    struct base_bytes name = base_bytes_of_str(text);

    *out = ANY;
    if (!text)
        return WS_OK;
    if (base_bytes_equal_nocase(name, "PEM"))
        *out = PEM;
    else if (base_bytes_equal_nocase(name, "DER") || base_bytes_equal_nocase(name, "ASN1"))
        *out = DER;
    else if (base_bytes_equal_nocase(name, "P12") || base_bytes_equal_nocase(name, "PKCS12"))
        *out = P12;
    else
        return client_error(w, option, text, e, "PEM, DER or P12 is possible");
    return WS_OK;
}

static enum format detect(struct base_bytes file, enum format wanted) {
    if (wanted != ANY)
        return wanted;
    return pki_file_is_pem(file) ? PEM : DER;
}

/* The pass phrase for the library, and whether it was asked for at all. */
struct asked {
    const char *pass;
    bool asked;
};

static int give_pass(char *out, int size, int writing, void *arg) {
    struct asked *a = arg;

    (void)writing;
    a->asked = true;
    if (!a->pass || size <= 0)
        return -1;
    return (int)base_bytes_copy(out, (size_t)size, base_bytes_of_str(a->pass));
}

static enum ws_err wrong_pass(const struct client_wish *w, enum client_option option,
                              const char *path, const struct asked *a, struct base_error *e) {
    const char *name = client_option_name(w, CLIENT_OPTION_PASS);

    if (!a->pass)
        return client_error(w, option, path, e, "is encrypted: it needs its pass phrase%s%s%s",
                            name[0] ? " (" : "", name, name[0] ? ")" : "");
    return client_error(w, option, path, e, "the pass phrase is wrong, or the file is damaged (%s)",
                        tls_library_reason("it cannot be decrypted"));
}

/* True when the pass phrase, or none, fits. */
static bool find_pass(PKCS12 *p12, struct asked *a, const char **pass) {
    static const char *const none[] = {NULL, ""};

    for (size_t i = 0; i < 2; i++)
        if (PKCS12_verify_mac(p12, none[i], 0) == 1) {
            *pass = none[i];
            return true;
        }
    a->asked = true;
    *pass = a->pass;
    return a->pass && PKCS12_verify_mac(p12, a->pass, -1) == 1;
}

static bool unpack_pkcs12(PKCS12 *p12, struct asked *a, struct own *o) {
    const char *pass = NULL;

    ERR_clear_error();
    return find_pass(p12, a, &pass) && PKCS12_parse(p12, pass, &o->key, &o->leaf, &o->chain) == 1;
}

/* Files of older programs are encrypted with RC2; the library keeps that apart. */
static bool unpack_old_pkcs12(PKCS12 *p12, struct asked *a, struct own *o) {
    OSSL_PROVIDER *usual = OSSL_PROVIDER_load(NULL, "default");
    OSSL_PROVIDER *legacy = OSSL_PROVIDER_load(NULL, "legacy");
    bool ok = usual && legacy && unpack_pkcs12(p12, a, o);

    if (legacy)
        (void)OSSL_PROVIDER_unload(legacy);
    return ok;
}

static enum ws_err read_pkcs12(const struct client_wish *w, enum client_option option,
                               const char *path, struct base_bytes file, struct own *o,
                               struct base_error *e) {
    const unsigned char *at = file.data;
    PKCS12 *p12 = d2i_PKCS12(NULL, &at, (long)file.len);
    struct asked a = {.pass = w->pass};
    const char *pass = NULL;
    enum ws_err err = WS_OK;

    if (!p12)
        return client_error(w, option, path, e, "no PKCS #12 file");
    if (unpack_pkcs12(p12, &a, o) || unpack_old_pkcs12(p12, &a, o))
        err = WS_OK;
    else if (!find_pass(p12, &a, &pass))
        err = wrong_pass(w, option, path, &a, e);
    else
        err = client_error(w, option, path, e, "the PKCS #12 file cannot be opened: %s",
                           tls_library_reason("no reason given"));
    PKCS12_free(p12);
    return err;
}

static bool is_pkcs12(struct base_bytes file) {
    const unsigned char *at = file.data;
    PKCS12 *p12 = d2i_PKCS12(NULL, &at, (long)file.len);
    bool yes = p12 != NULL;

    PKCS12_free(p12);
    ERR_clear_error();
    return yes;
}

static enum ws_err read_leaf(const struct client_wish *w, struct base_bytes file, struct own *o,
                             struct base_error *e) {
    enum format format;
    enum ws_err err =
        read_format(w, CLIENT_OPTION_CERTIFICATE_FORMAT, w->certificate_format, &format, e);
    BIO *bio;

    if (err != WS_OK)
        return err;
    format = detect(file, format);
    if (format == P12 || (format == DER && !w->certificate_format && is_pkcs12(file)))
        return read_pkcs12(w, CLIENT_OPTION_CERTIFICATE, w->certificate, file, o, e);
    ERR_clear_error();
    bio = BIO_new_mem_buf(file.data, (int)file.len);
    if (bio)
        o->leaf =
            format == PEM ? PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL) : d2i_X509_bio(bio, NULL);
    BIO_free(bio);
    if (o->leaf)
        return WS_OK;
    if (ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE)
        return client_error(w, CLIENT_OPTION_CERTIFICATE, w->certificate, e,
                            "no certificate inside (BEGIN CERTIFICATE is expected)");
    if (format == DER && !w->certificate_format)
        return client_error(w, CLIENT_OPTION_CERTIFICATE, w->certificate, e,
                            "neither PEM, DER nor PKCS #12");
    return client_error(w, CLIENT_OPTION_CERTIFICATE, w->certificate, e,
                        "the certificate is malformed (%s)", tls_library_reason("no reason given"));
}

static enum ws_err read_key(const struct client_wish *w, enum client_option option,
                            const char *path, struct base_bytes file, struct own *o,
                            struct base_error *e) {
    struct asked a = {.pass = w->pass};
    enum format format;
    enum ws_err err = read_format(w, CLIENT_OPTION_KEY_FORMAT, w->key_format, &format, e);
    BIO *bio;

    if (err != WS_OK)
        return err;
    format = detect(file, format);
    if (format == P12 || (format == DER && !w->key_format && is_pkcs12(file))) {
        struct own other = {0};
        err = read_pkcs12(w, option, path, file, &other, e);
        o->key = other.key;
        other.key = NULL;
        own_release(&other);
        return err != WS_OK || o->key ? err
                                      : client_error(w, option, path, e, "no private key inside");
    }
    register_ciphers();
    ERR_clear_error();
    bio = BIO_new_mem_buf(file.data, (int)file.len);
    if (bio)
        o->key = format == PEM ? PEM_read_bio_PrivateKey(bio, NULL, give_pass, &a)
                               : d2i_PrivateKey_bio(bio, NULL);
    if (!o->key && format == DER && bio && BIO_reset(bio) == 1)
        o->key = d2i_PKCS8PrivateKey_bio(bio, NULL, give_pass, &a);
    BIO_free(bio);
    if (o->key)
        return WS_OK;
    if (a.asked)
        return wrong_pass(w, option, path, &a, e);
    if (!w->key)
        return client_error(w, option, path, e, "no private key inside (name its file with %s)",
                            client_option_name(w, CLIENT_OPTION_KEY));
    return client_error(w, option, path, e,
                        "no private key inside (BEGIN PRIVATE KEY, DER or PKCS #12 is expected)");
}

static enum ws_err read_chain(const struct client_wish *w, struct own *o, struct base_error *e) {
    struct base_buf file;
    enum ws_err err;
    int count = 0;
    X509 *x;
    BIO *bio = NULL;

    base_buf_init(&file, FILE_MAX);
    err = pki_file_read(client_option_name(w, CLIENT_OPTION_CERTIFICATE_CHAIN),
                        w->certificate_chain, &file, e);
    if (err != WS_OK)
        goto out;
    if (!o->chain)
        o->chain = sk_X509_new_null();
    bio = BIO_new_mem_buf(base_buf_view(&file).data, (int)file.len);
    if (!o->chain || !bio) {
        err = base_error_set(e, WS_NOMEM, "out of memory");
        goto out;
    }
    ERR_clear_error();
    for (; (x = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL)) != NULL; count++)
        /* a full chain file begins with the leaf, which is sent anyway */
        if (X509_cmp(x, o->leaf) == 0 || sk_X509_push(o->chain, x) == 0)
            X509_free(x);
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
        err = client_error(w, CLIENT_OPTION_CERTIFICATE_CHAIN, w->certificate_chain, e,
                           "certificate %d is malformed (%s)", count + 1,
                           tls_library_reason("not PEM"));
    else if (count == 0)
        err = client_error(w, CLIENT_OPTION_CERTIFICATE_CHAIN, w->certificate_chain, e,
                           "no certificate inside (PEM is expected)");
out:
    ERR_clear_error();
    BIO_free(bio);
    base_buf_release(&file);
    return err;
}

static enum ws_err read_own(const struct client_wish *w, struct own *o, struct base_error *e) {
    bool same = w->key == NULL;
    struct base_buf file;
    enum ws_err err;

    base_buf_init(&file, FILE_MAX);
    err = pki_file_read(client_option_name(w, CLIENT_OPTION_CERTIFICATE), w->certificate, &file, e);
    if (err == WS_OK)
        err = read_leaf(w, base_buf_view(&file), o, e);
    if (err == WS_OK && !o->leaf)
        err =
            client_error(w, CLIENT_OPTION_CERTIFICATE, w->certificate, e, "no certificate inside");
    if (err == WS_OK && !same) {
        base_buf_wipe(&file);
        base_buf_init(&file, FILE_MAX);
        EVP_PKEY_free(o->key);
        o->key = NULL;
        err = pki_file_read(client_option_name(w, CLIENT_OPTION_KEY), w->key, &file, e);
    }
    if (err == WS_OK && !o->key)
        err = read_key(w, same ? CLIENT_OPTION_CERTIFICATE : CLIENT_OPTION_KEY,
                       same ? w->certificate : w->key, base_buf_view(&file), o, e);
    base_buf_wipe(&file);
    if (err == WS_OK && w->certificate_chain)
        err = read_chain(w, o, e);
    return err;
}

static enum ws_err use_own(SSL_CTX *ssl, const struct client_wish *w, const struct own *o,
                           struct base_error *e) {
    const char *key = w->key ? w->key : w->certificate;

    ERR_clear_error();
    if (SSL_CTX_use_certificate(ssl, o->leaf) != 1)
        return client_error(w, CLIENT_OPTION_CERTIFICATE, w->certificate, e,
                            "the TLS library does not take it: %s",
                            tls_library_reason("no reason given"));
    if (X509_check_private_key(o->leaf, o->key) != 1)
        return client_error(w, CLIENT_OPTION_KEY, key, e, "is not the key of the certificate in %s",
                            w->certificate);
    if (SSL_CTX_use_PrivateKey(ssl, o->key) != 1)
        return client_error(w, CLIENT_OPTION_KEY, key, e, "the TLS library does not take it: %s",
                            tls_library_reason("no reason given"));
    if (o->chain && SSL_CTX_set1_chain(ssl, o->chain) != 1)
        return client_error(
            w, w->certificate_chain ? CLIENT_OPTION_CERTIFICATE_CHAIN : CLIENT_OPTION_CERTIFICATE,
            w->certificate_chain ? w->certificate_chain : w->certificate, e,
            "the TLS library does not take it: %s", tls_library_reason("no reason given"));
    if (w->build_chain &&
        SSL_CTX_build_cert_chain(ssl, o->chain ? SSL_BUILD_CHAIN_FLAG_CHECK : 0) <= 0)
        return client_error(w, CLIENT_OPTION_BUILD_CHAIN, NULL, e,
                            "no chain from %s to a root is known: %s", w->certificate,
                            tls_library_reason("no reason given"));
    return WS_OK;
}

enum ws_err client_apply_certificate(SSL_CTX *ssl, const struct client_wish *w,
                                     struct base_error *e) {
    struct own own = {0};
    enum ws_err err;

    if (!w->certificate) {
        if (!w->key && !w->certificate_chain)
            return WS_OK;
        return client_error(w, w->key ? CLIENT_OPTION_KEY : CLIENT_OPTION_CERTIFICATE_CHAIN, NULL,
                            e, "needs %s too", client_option_name(w, CLIENT_OPTION_CERTIFICATE));
    }
    err = read_own(w, &own, e);
    if (err == WS_OK)
        err = use_own(ssl, w, &own, e);
    own_release(&own);
    return err;
}
