/* SPDX-License-Identifier: Apache-2.0 */
/* client/detail_proofs - what the server sent along to prove its certificate good
 *
 * The stapled OCSP response (RFC 6066 8) and signed certificate timestamps (RFC 6962) as the
 * library prints them, and a session's own print with its secrets hidden. */
#include "base/text.h"
#include "client/internal.h"

#include <errno.h>
#include <openssl/ct.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <string.h>
#include <unistd.h>

#define SCTS_MAX 64
#define PRINT_MAX ((size_t)1024 * 1024)

/* Asks for timestamps and judges them against the logs the machine knows; a machine without a list
 * of logs can tell no more than that they are there. */
enum ws_err client_apply_scts(SSL_CTX *ssl, const struct client_wish *w, struct base_error *e) {
#ifdef OPENSSL_NO_CT
    (void)ssl;
    (void)w;
    return client_error(w, CLIENT_OPTION_SCTS, NULL, e,
                        "%s was built without certificate transparency",
                        OpenSSL_version(OPENSSL_VERSION));
#else
    if (SSL_CTX_enable_ct(ssl, SSL_CT_VALIDATION_PERMISSIVE) != 1 ||
        SSL_CTX_set_tlsext_status_type(ssl, TLSEXT_STATUSTYPE_ocsp) != 1)
        return client_error(w, CLIENT_OPTION_SCTS, NULL, e, "%s",
                            tls_library_reason("the TLS library cannot ask for it"));
    if (w->ct_log_file && SSL_CTX_set_ctlog_list_file(ssl, w->ct_log_file) != 1)
        return client_error(w, CLIENT_OPTION_CT_LOG_FILE, w->ct_log_file, e, "%s",
                            access(w->ct_log_file, R_OK) != 0
                                ? strerror(errno)
                                : "no list of logs (see CTLOG_STORE_new(3))");
    if (!w->ct_log_file)
        (void)SSL_CTX_set_default_ctlog_list_file(ssl);
    ERR_clear_error();
    return WS_OK;
#endif
}

static const char *ocsp_text(SSL *ssl, struct base_arena *arena) {
    const unsigned char *der = NULL;
    long len = SSL_get_tlsext_status_ocsp_resp(ssl, &der);
    OCSP_RESPONSE *response = NULL;
    const char *text = "response parse error";
    BIO *bio;

    if (len <= 0 || !der)
        return "";
    response = d2i_OCSP_RESPONSE(NULL, &der, len);
    bio = BIO_new(BIO_s_mem());
    if (bio && response && OCSP_RESPONSE_print(bio, response, 0) > 0)
        text = client_bio_text(bio, arena);
    BIO_free(bio);
    OCSP_RESPONSE_free(response);
    ERR_clear_error();
    return text;
}

#ifndef OPENSSL_NO_CT
static void read_scts(SSL *ssl, struct base_arena *arena, struct facts_detail *d) {
    const STACK_OF(SCT) *list = SSL_get0_peer_scts(ssl);
    const CTLOG_STORE *logs = SSL_CTX_get0_ctlog_store(SSL_get_SSL_CTX(ssl));
    int count = list ? sk_SCT_num(list) : 0;
    BIO *bio = BIO_new(BIO_s_mem());

    if (!bio)
        return;
    d->sct_count = (unsigned)count;
    for (int i = 0; i < count && i < SCTS_MAX; i++) {
        const SCT *sct = sk_SCT_value(list, i);
        (void)BIO_printf(bio, "SCT validation status: %s\n", SCT_validation_status_string(sct));
        SCT_print(sct, bio, 0, logs);
        (void)BIO_puts(bio, i + 1 < count ? "\n---\n" : "\n");
    }
    d->scts = client_bio_text(bio, arena);
    BIO_free(bio);
}
#endif

void client_read_scts(const struct tls_session *s, struct facts_session *facts) {
    facts->scts = 0;
#ifndef OPENSSL_NO_CT
    const STACK_OF(SCT) *list =
        client_context_of(s)->wish->ask_scts ? SSL_get0_peer_scts(tls_session_ssl(s)) : NULL;

    for (int i = 0; list && i < sk_SCT_num(list); i++)
        facts->scts += SCT_get_source(sk_SCT_value(list, i)) == SCT_SOURCE_TLS_EXTENSION ? 1 : 0;
    ERR_clear_error();
#endif
}

void client_detail_read_proofs(const struct tls_session *s, struct base_arena *arena,
                               struct facts_detail *d) {
    const struct client_context *c = client_context_of(s);
    SSL *ssl = tls_session_ssl(s);

    d->status_asked = !c || c->wish->ask_status;
    d->status = ocsp_text(ssl, arena);
    d->scts_asked = c && c->wish->ask_scts;
#ifndef OPENSSL_NO_CT
    if (d->scts_asked)
        read_scts(ssl, arena, d);
#endif
    ERR_clear_error();
}

/* Lines of SSL_SESSION_print that hold a secret keep their label. */
static void hide_secrets(struct base_bytes text, struct base_buf *out) {
    while (text.len > 0) {
        size_t end = base_bytes_find(text, '\n');
        struct base_bytes line = base_bytes_slice(text, 0, end);
        struct base_bytes label =
            base_bytes_trim(base_bytes_slice(line, 0, base_bytes_find(line, ':')));
        if (base_bytes_equal_str(label, "Master-Key") ||
            base_bytes_equal_str(label, "Resumption PSK")) {
            base_buf_append_bytes(out, base_bytes_slice(line, 0, base_bytes_find(line, ':') + 1));
            base_buf_append_str(out, " (hidden)");
        } else {
            base_buf_append_bytes(out, line);
        }
        if (end < text.len)
            base_buf_append_byte(out, '\n');
        text = base_bytes_slice(text, end + 1, text.len);
    }
}

/* The hint of a server for keys shared before is its own text: line ends in it would forge lines.
 */
static void escape_hint(struct base_bytes text, const char *hint, struct base_buf *out) {
    size_t at = hint && hint[0] != '\0' ? base_bytes_find_str(text, hint) : text.len;

    base_buf_append_bytes(out, base_bytes_slice(text, 0, at));
    if (at == text.len)
        return;
    base_text_escape(out, base_bytes_of_str(hint));
    base_buf_append_bytes(out, base_bytes_slice(text, at + strlen(hint), text.len));
}

const char *client_session_text(const struct tls_session *s, const SSL_SESSION *session,
                                struct base_arena *arena) {
    const struct client_context *c = client_context_of(s);
    bool secrets = c && c->wish->show_secrets;
    BIO *bio = BIO_new(BIO_s_secmem());
    struct base_buf raw, kept;
    const char *text = "";
    char *data = NULL;
    long len;

    base_buf_init(&raw, PRINT_MAX);
    base_buf_init(&kept, PRINT_MAX);
    if (!bio || SSL_SESSION_print(bio, session) != 1)
        goto out;
    len = BIO_get_mem_data(bio, &data);
    if (len <= 0)
        goto out;
    if (secrets)
        base_buf_append(&kept, data, (size_t)len);
    else
        hide_secrets(base_bytes_view(data, (size_t)len), &kept);
    escape_hint(base_buf_view(&kept), SSL_get_psk_identity_hint(tls_session_ssl(s)), &raw);
    if (!kept.failed && !raw.failed)
        text = client_lines(base_buf_view(&raw), arena);
out:
    BIO_free(bio);
    base_buf_release(&raw);
    base_buf_release(&kept);
    ERR_clear_error();
    return text;
}
