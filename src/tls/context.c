/* SPDX-License-Identifier: Apache-2.0 */
/* tls/context - what a client that looks, and a server of the demo, are made of
 *
 * The client offers what `openssl s_client` with its defaults offers, in the same order, so that a
 * server chooses alike; older protocol versions, suites, groups and SHA-1 stand behind that and are
 * taken only when nothing better is common. Anonymous suites are left out: a certificate must be
 * seen. Nothing is verified inside the handshake (pki/ judges afterwards) and no CA is loaded here.
 *
 * The machine's openssl.cnf is not read: it must not change what a look shows, and reading it takes
 * a third of a millisecond at each start. That holds for the process when this is the first use of
 * OpenSSL in it (tls_library_start). One context per process and role; it must outlive its
 * sessions. */
#include "base/reader.h"
#include "pki/certificate.h"
#include "tls/internal.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>

#define EXT_SCT 18
#define OPENSSL_3_5 0x30500000ul

/* What the DEFAULT list leaves out goes to the end. */
static const char client_suites[] = "ALL:+COMPLEMENTOFDEFAULT:!aNULL:!eNULL:!PSK:!SRP:@SECLEVEL=0";
static const char server_suites[] = "ALL:!aNULL:!eNULL:!PSK:!SRP:@SECLEVEL=0";

const char *tls_library_reason(const char *fallback) {
    const char *reason = ERR_reason_error_string(ERR_peek_error());

    ERR_clear_error();
    return reason ? reason : fallback;
}

static enum ws_err library_error(struct base_error *e, const char *what) {
    return base_error_set(e, WS_LIBRARY, "%s: %s", what,
                          tls_library_reason("the TLS library refused"));
}

bool tls_library_start(void) {
    /* Names of ciphers are looked up by nobody here; making that table takes half a millisecond. */
    const uint64_t options =
        OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT | OPENSSL_INIT_NO_ADD_ALL_CIPHERS;

    return OPENSSL_init_ssl(options, NULL) == 1;
}

void tls_context_free(struct tls_context *c) {
    if (!c)
        return;
    SSL_CTX_free(c->ssl);
    if (c->hooks->free)
        c->hooks->free(c->room);
    BIO_meth_free(c->bio);
    free(c);
}

/* A context with nothing set, NULL when the library refuses. */
static struct tls_context *context_alloc(bool server) {
    static const struct tls_hooks none;
    struct tls_context *c = tls_library_start() ? calloc(1, sizeof(*c)) : NULL;

    if (!c)
        return NULL;
    ERR_clear_error();
    c->server = server;
    c->hooks = &none;
    c->bio = tls_bio_method();
    c->ssl = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
    if (!c->bio || !c->ssl) {
        tls_context_free(c);
        return NULL;
    }
    return c;
}

enum ws_err tls_hooked_context_new(const struct tls_hooks *hooks, void *room,
                                   struct tls_context **out, struct base_error *e) {
    struct tls_context *c = context_alloc(false);

    *out = c;
    if (!c)
        return library_error(e, "starting the TLS library");
    c->hooks = hooks;
    c->room = room;
    return WS_OK;
}

SSL_CTX *tls_context_ssl(const struct tls_context *c) {
    return c->ssl;
}

static bool set_versions(SSL_CTX *ssl, uint16_t min, uint16_t max) {
    return SSL_CTX_set_min_proto_version(ssl, min != 0 ? min : TLS1_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(ssl, max) == 1;
}

/* OpenSSL's own preference, then groups that are off by default. Release 3.5 knows the first part
 * as DEFAULT and passes over unknown names behind a question mark. Groups differ between builds;
 * the library's own list is the last resort. */
static bool set_modern_groups(SSL_CTX *ssl) {
    char list[] = "DEFAULT:?brainpoolP256r1:?brainpoolP384r1:?brainpoolP512r1:?secp256k1:"
                  "?secp224r1";

    return OpenSSL_version_num() >= OPENSSL_3_5 && SSL_CTX_set1_groups_list(ssl, list) == 1;
}

static bool set_older_groups(SSL_CTX *ssl) {
    char list[] = "X25519:P-256:X448:P-521:P-384:ffdhe2048:ffdhe3072:ffdhe4096:ffdhe6144:"
                  "ffdhe8192:brainpoolP256r1:brainpoolP384r1:brainpoolP512r1:secp256k1:P-224";

    return SSL_CTX_set1_groups_list(ssl, list) == 1;
}

static void set_client_groups(SSL_CTX *ssl) {
    (void)(set_modern_groups(ssl) || set_older_groups(ssl));
    ERR_clear_error();
}

/* The chain is judged after the handshake, with all its errors. */
static int accept_any_chain(X509_STORE_CTX *ctx, void *arg) {
    (void)ctx;
    (void)arg;
    return 1;
}

static int read_scts(SSL *ssl, unsigned type, unsigned context, const unsigned char *in, size_t len,
                     X509 *x, size_t chain_index, int *alert, void *arg) {
    struct tls_session *s = tls_session_of(ssl);

    (void)type;
    (void)context;
    (void)x;
    (void)alert;
    (void)arg;
    if (s && chain_index == 0)
        s->seen.scts = pki_sct_count(base_bytes_view(in, len));
    return 1;
}

/* Sends the empty extension that asks for timestamps (RFC 6962 3.3.1). */
static bool ask_for_scts(SSL_CTX *ssl) {
    const unsigned where =
        SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO | SSL_EXT_TLS1_3_CERTIFICATE;

    return SSL_CTX_add_custom_ext(ssl, EXT_SCT, where, NULL, NULL, NULL, read_scts, NULL) == 1;
}

enum ws_err tls_client_context_new(const struct tls_client_config *config, struct tls_context **out,
                                   struct base_error *e) {
    struct tls_context *c = context_alloc(false);

    *out = NULL;
    if (!c)
        return library_error(e, "starting the TLS library");
    /* SSL_OP_ALL pads the ClientHello past the lengths at which some appliances hang; Postfix sends
     * it so too. */
    SSL_CTX_set_options(c->ssl, SSL_OP_ALL | SSL_OP_LEGACY_SERVER_CONNECT |
                                    SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(c->ssl, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(c->ssl, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(c->ssl, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_cert_verify_callback(c->ssl, accept_any_chain, NULL);
    set_client_groups(c->ssl);
    if (!set_versions(c->ssl, config->min_version, config->max_version) ||
        SSL_CTX_set_cipher_list(c->ssl, client_suites) != 1 ||
        SSL_CTX_set_tlsext_status_type(c->ssl, TLSEXT_STATUSTYPE_ocsp) != 1 ||
        !ask_for_scts(c->ssl)) {
        tls_context_free(c);
        return library_error(e, "setting up the TLS client");
    }
    *out = c;
    return WS_OK;
}

static BIO *pem_open(struct base_bytes pem) {
    return pem.len > 0 && pem.len <= INT_MAX ? BIO_new_mem_buf(pem.data, (int)pem.len) : NULL;
}

/* The leaf, then what is sent along, in the order given. */
static bool use_chain(SSL_CTX *ssl, struct base_bytes pem) {
    BIO *bio = pem_open(pem);
    X509 *x = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    bool ok = x && SSL_CTX_use_certificate(ssl, x) == 1;

    X509_free(x);
    while (ok && (x = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        ok = SSL_CTX_add1_chain_cert(ssl, x) == 1;
        X509_free(x);
    }
    BIO_free(bio);
    if (ok)
        ERR_clear_error(); /* "no start line" ended the loop */
    return ok;
}

static bool use_key(SSL_CTX *ssl, struct base_bytes pem) {
    BIO *bio = pem_open(pem);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    bool ok = key && SSL_CTX_use_PrivateKey(ssl, key) == 1;

    EVP_PKEY_free(key);
    BIO_free(bio);
    return ok;
}

enum ws_err tls_server_context_new(const struct tls_server_config *config, struct tls_context **out,
                                   struct base_error *e) {
    struct tls_context *c = context_alloc(true);
    bool ok;

    *out = NULL;
    if (!c)
        return library_error(e, "starting the TLS library");
    SSL_CTX_set_options(c->ssl, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_mode(c->ssl, SSL_MODE_RELEASE_BUFFERS);
    ok = set_versions(c->ssl, config->min_version, config->max_version) &&
         SSL_CTX_set_cipher_list(c->ssl, server_suites) == 1 &&
         SSL_CTX_set_dh_auto(c->ssl, 1) == 1 && use_chain(c->ssl, config->chain_pem) &&
         use_key(c->ssl, config->key_pem) && SSL_CTX_check_private_key(c->ssl) == 1;
    if (!ok) {
        tls_context_free(c);
        return library_error(e, "setting up the TLS server");
    }
    *out = c;
    return WS_OK;
}
