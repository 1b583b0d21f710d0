/* SPDX-License-Identifier: Apache-2.0 */
/* client/trust - whom the check may trust, and what is revoked
 *
 * The system's roots are looked up one by one in the hashed directory (pki/trust), not loaded.
 * What the user names stands in their place. Revocation lists are read whole. */
#include "client/internal.h"
#include "pki/file.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#define CRL_FILE_MAX ((size_t)64 * 1024 * 1024)

static enum ws_err open_trust(struct client_context *c, struct base_error *e) {
    const struct client_wish *wish = c->wish;
    const struct pki_trust_config config = {
        .file = wish->ca_file,
        .dir = wish->ca_dir,
        .store = wish->ca_store,
        .no_file = wish->no_ca_file,
        .no_dir = wish->no_ca_dir,
        .no_store = wish->no_ca_store,
        .dir_any_names = wish->ca_dir_any_names,
        .file_option = client_option_name(wish, CLIENT_OPTION_CA_FILE),
        .dir_option = client_option_name(wish, CLIENT_OPTION_CA_DIR),
        .store_option = client_option_name(wish, CLIENT_OPTION_CA_STORE),
    };

    return pki_trust_open(&config, &c->trust, e);
}

static enum ws_err add_pem_crls(X509_STORE *store, BIO *bio, unsigned *count) {
    X509_CRL *crl;

    while ((crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL)) != NULL) {
        int added = X509_STORE_add_crl(store, crl);
        X509_CRL_free(crl);
        if (added != 1)
            return WS_LIBRARY;
        ++*count;
    }
    return ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE ? WS_OK : WS_SYNTAX;
}

static enum ws_err add_der_crl(X509_STORE *store, struct base_bytes der, unsigned *count) {
    const unsigned char *at = der.data;
    X509_CRL *crl = d2i_X509_CRL(NULL, &at, (long)der.len);
    enum ws_err err = WS_SYNTAX;

    if (crl)
        err = X509_STORE_add_crl(store, crl) == 1 ? WS_OK : WS_LIBRARY;
    X509_CRL_free(crl);
    *count += err == WS_OK ? 1 : 0;
    return err;
}

static enum ws_err add_crls(X509_STORE *store, const struct client_wish *w, const char *path,
                            struct base_error *e) {
    struct base_buf file;
    unsigned count = 0;
    enum ws_err err;
    BIO *bio = NULL;

    base_buf_init(&file, CRL_FILE_MAX);
    err = pki_file_read(client_option_name(w, CLIENT_OPTION_CRL), path, &file, e);
    if (err != WS_OK)
        goto out;
    ERR_clear_error();
    if (!pki_file_is_pem(base_buf_view(&file)))
        err = add_der_crl(store, base_buf_view(&file), &count);
    else if ((bio = BIO_new_mem_buf(base_buf_view(&file).data, (int)file.len)) != NULL)
        err = add_pem_crls(store, bio, &count);
    if (err != WS_OK)
        err = client_error(w, CLIENT_OPTION_CRL, path, e, "revocation list %u is malformed (%s)",
                           count + 1, tls_library_reason("neither PEM nor DER"));
    else if (count == 0)
        err = client_error(w, CLIENT_OPTION_CRL, path, e,
                           "no revocation list inside (BEGIN X509 CRL or DER)");
out:
    BIO_free(bio);
    base_buf_release(&file);
    return err;
}

/* Names that go into the hello's certificate_authorities (RFC 8446 4.2.4). */
static enum ws_err request_cas(SSL_CTX *ssl, const struct client_wish *w, struct base_error *e) {
    const char *path = w->request_ca_file;
    STACK_OF(X509_NAME) *names = sk_X509_NAME_new_null();
    struct base_buf file;
    enum ws_err err;

    base_buf_init(&file, CRL_FILE_MAX);
    err = pki_file_read(client_option_name(w, CLIENT_OPTION_REQUEST_CA_FILE), path, &file, e);
    base_buf_release(&file);
    if (err == WS_OK && (!names || SSL_add_file_cert_subjects_to_stack(names, path) != 1 ||
                         sk_X509_NAME_num(names) == 0))
        err = client_error(w, CLIENT_OPTION_REQUEST_CA_FILE, path, e,
                           "no certificate inside (PEM is expected)");
    if (err != WS_OK) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return err;
    }
    SSL_CTX_set0_CA_list(ssl, names);
    return WS_OK;
}

static enum ws_err check_crl_format(const struct client_wish *w, struct base_error *e) {
    const char *format = w->crl_format;

    if (!format || base_bytes_equal_nocase(base_bytes_of_str(format), "PEM") ||
        base_bytes_equal_nocase(base_bytes_of_str(format), "DER"))
        return WS_OK;
    return client_error(w, CLIENT_OPTION_CRL_FORMAT, format, e, "PEM or DER is possible");
}

enum ws_err client_apply_trust(SSL_CTX *ssl, struct client_context *c, struct base_error *e) {
    const struct client_wish *wish = c->wish;
    enum ws_err err = open_trust(c, e);
    X509_STORE *store;

    if (err == WS_OK)
        err = check_crl_format(wish, e);
    if (err != WS_OK)
        return err;
    store = pki_trust_store(c->trust);
    SSL_CTX_set1_cert_store(ssl, store);
    for (size_t i = 0; i < wish->crl_count && err == WS_OK; i++)
        err = add_crls(store, wish, wish->crl_files[i], e);
    if (err == WS_OK && wish->request_ca_file)
        err = request_cas(ssl, wish, e);
    return err;
}
