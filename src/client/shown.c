/* SPDX-License-Identifier: Apache-2.0 */
/* client/shown - a session in swaks' words
 *
 * Names on one line as OpenSSL has always written them, alternative names as X509V3 prints them,
 * the end of validity in ISO 8601. Bytes of a certificate that are not printable come escaped.
 * Also the channel binding that SCRAM-*-PLUS needs. */
#include "base/text.h"
#include "client/internal.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#define TEXT_MAX ((size_t)256 * 1024)
#define EXPORTER_BYTES 32

static const char *arena_escaped(struct base_arena *arena, struct base_bytes text) {
    struct base_buf b;
    const char *s;

    base_buf_init(&b, TEXT_MAX);
    base_text_escape(&b, text);
    s = base_arena_str_bytes(arena, base_buf_view(&b));
    base_buf_release(&b);
    return s;
}

static const char *subject_of(X509 *x, struct base_arena *arena) {
    char *line = X509_NAME_oneline(X509_get_subject_name(x), NULL, 0);
    const char *s = line ? arena_escaped(arena, base_bytes_of_str(line)) : "";

    OPENSSL_free(line);
    return s;
}

static const char *common_name_of(X509 *x, struct base_arena *arena) {
    X509_NAME *name = X509_get_subject_name(x);
    int at = -1, last = -1;
    unsigned char *utf8 = NULL;
    const char *s = "";
    int len;

    while ((at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0)
        last = at;
    if (last < 0)
        return "";
    len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
    if (len > 0)
        s = arena_escaped(arena, base_bytes_view(utf8, (size_t)len));
    OPENSSL_free(utf8);
    return s;
}

static const char *alt_names_of(X509 *x, struct base_arena *arena) {
    GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
    BIO *bio = BIO_new(BIO_s_mem());
    const char *s = "";
    char *text = NULL;
    long len;

    for (int i = 0; bio && names && i < sk_GENERAL_NAME_num(names); i++) {
        if (i > 0)
            (void)BIO_puts(bio, ", ");
        (void)GENERAL_NAME_print(bio, sk_GENERAL_NAME_value(names, i));
    }
    if (bio && (len = BIO_get_mem_data(bio, &text)) > 0 && len < (long)TEXT_MAX)
        s = arena_escaped(arena, base_bytes_view(text, (size_t)len));
    BIO_free(bio);
    GENERAL_NAMES_free(names);
    return s;
}

static const char *not_after_of(X509 *x, struct base_arena *arena) {
    struct tm tm;

    if (ASN1_TIME_to_tm(X509_get0_notAfter(x), &tm) != 1)
        return "";
    return base_arena_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
                             tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static const char *pem_of(X509 *x, struct base_arena *arena) {
    BIO *bio = BIO_new(BIO_s_mem());
    const char *s = "";
    char *text = NULL;
    long len;

    if (bio && PEM_write_bio_X509(bio, x) == 1 && (len = BIO_get_mem_data(bio, &text)) > 0)
        s = base_arena_str_bytes(arena, base_bytes_view(text, (size_t)len));
    BIO_free(bio);
    return s;
}

static void show_one(X509 *x, struct base_arena *arena, struct client_shown_certificate *out) {
    *out = (struct client_shown_certificate){
        .subject = subject_of(x, arena),
        .common_name = common_name_of(x, arena),
        .alt_names = alt_names_of(x, arena),
        .not_after = not_after_of(x, arena),
        .pem = pem_of(x, arena),
    };
}

/* The leaf on its own (own side: OpenSSL keeps it apart from its chain), then the rest. */
size_t client_show_chain(const struct tls_session *s, bool own, struct base_arena *arena,
                         struct client_shown_certificate **out) {
    STACK_OF(X509) *rest = NULL;
    SSL *ssl = tls_session_ssl(s);
    X509 *leaf = own ? SSL_get_certificate(ssl) : NULL;
    size_t count = 0, more;

    if (own && leaf)
        (void)SSL_get0_chain_certs(ssl, &rest);
    else if (!own)
        rest = SSL_get_peer_cert_chain(ssl);
    more = rest ? (size_t)sk_X509_num(rest) : 0;
    *out = base_arena_array(arena, more + 1, sizeof(**out));
    if (!*out)
        return 0;
    if (leaf)
        show_one(leaf, arena, &(*out)[count++]);
    for (size_t i = 0; i < more; i++)
        show_one(sk_X509_value(rest, (int)i), arena, &(*out)[count++]);
    ERR_clear_error();
    return count;
}

/* The first error is the cause; what SSL_get_verify_result keeps is often its consequence. */
const char *client_verify_error(const struct tls_session *s) {
    long code = SSL_get_verify_result(tls_session_ssl(s));
    const struct client_session *n = client_session_of(s);

    for (size_t i = 0; n && i < n->step_count; i++)
        if (n->steps[i].error != X509_V_OK)
            return X509_verify_cert_error_string(n->steps[i].error);
    return code == X509_V_OK ? "" : X509_verify_cert_error_string(code);
}

bool client_names_host(const struct tls_session *s, const char *host) {
    X509 *leaf = SSL_get1_peer_certificate(tls_session_ssl(s));
    bool matches = false;

    if (leaf)
        matches = X509_check_ip_asc(leaf, host, 0) == 1 ||
                  X509_check_host(leaf, host, strlen(host), 0, NULL) == 1;
    X509_free(leaf);
    ERR_clear_error();
    return matches;
}

/* --- channel binding --- */

/* RFC 9266 section 2; before TLS 1.3 only with the extended master secret. */
bool client_bind_exporter(const struct tls_session *s, struct base_buf *out) {
    static const char label[] = "EXPORTER-Channel-Binding";
    unsigned char key[EXPORTER_BYTES];
    SSL *ssl = tls_session_ssl(s);
    bool done = tls_session_state(s) == TLS_UP &&
                (SSL_version(ssl) >= TLS1_3_VERSION || SSL_get_extms_support(ssl) == 1) &&
                SSL_export_keying_material(ssl, key, sizeof(key), label, sizeof(label) - 1, NULL, 0,
                                           1) == 1;

    if (done)
        base_buf_append(out, key, sizeof(key));
    ERR_clear_error();
    return done;
}
