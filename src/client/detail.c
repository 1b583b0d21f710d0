/* SPDX-License-Identifier: Apache-2.0 */
/* client/detail - a session in the words of s_client's users
 *
 * Field by field what the linked release of `openssl s_client` prints, so that its users find the
 * same facts under the same names. Text that a server chose is escaped. All memory is the arena's
 * or static; what does not apply is "". */
#include "client/internal.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#define LIST_MAX ((size_t)64 * 1024)
#define CA_NAMES_MAX 1000
#define EXPORT_MAX 4096u
#define OPENSSL_3_2 0x30200000ul
#define DANE_TAIL 12u

static void set_empty(struct facts_detail *d) {
    *d = (struct facts_detail){
        .library = OpenSSL_version(OPENSSL_VERSION),
        .library_number = (uint32_t)OpenSSL_version_num(),
        .verify_text = "",
        .verified_name = "",
        .dane = "",
        .client_certificate_types = "",
        .requested_schemes = "",
        .shared_schemes = "",
        .peer_digest = "",
        .peer_signature_type = "",
        .temp_key = "",
        .group = "",
        .point_formats = "",
        .version_name = "",
        .cipher_version = "",
        .cipher_name = "",
        .compression = "NONE",
        .expansion = "NONE",
        .alpn = "",
        .session = "",
        .export_label = "",
        .status = "",
        .scts = "",
        .errors = "",
    };
}

/* The list's text into the arena; the buffer is released. */
static const char *keep_list(struct base_buf *list, struct base_arena *arena) {
    const char *text = base_arena_str(arena, base_buf_cstr(list));

    base_buf_release(list);
    return text;
}

static const char *curve_name(EVP_PKEY *key, struct base_arena *arena) {
    char name[80] = "";
    size_t len = 0;

    if (EVP_PKEY_get_group_name(key, name, sizeof(name), &len) != 1)
        (void)base_bytes_copy(name, sizeof(name) - 1, base_bytes_of_str("?"));
    ERR_clear_error();
    return base_arena_str(arena, name);
}

/* "rsaEncryption, 2048 (bit)"; releases since 3.2 name the curve instead of the bits. */
static const char *key_text(X509 *x, struct base_arena *arena) {
    EVP_PKEY *key = X509_get0_pubkey(x);

    if (!key)
        return "";
    if (OpenSSL_version_num() < OPENSSL_3_2)
        return base_arena_printf(arena, "%s, %d (bit)", OBJ_nid2sn(EVP_PKEY_get_base_id(key)),
                                 EVP_PKEY_get_bits(key));
    if (EVP_PKEY_is_a(key, "EC") == 1)
        return base_arena_printf(arena, "EC, (%s)", curve_name(key, arena));
    return base_arena_printf(arena, "%s, %d (bit)", EVP_PKEY_get0_type_name(key),
                             EVP_PKEY_get_bits(key));
}

static const char *pem_text(X509 *x, struct base_arena *arena) {
    BIO *bio = BIO_new(BIO_s_mem());
    const char *text = "";

    if (bio && PEM_write_bio_X509(bio, x) == 1)
        text = client_bio_text(bio, arena);
    BIO_free(bio);
    return text;
}

static void read_certificate(const struct client_context *c, X509 *x, struct base_arena *arena,
                             struct facts_detail_certificate *out) {
    *out = (struct facts_detail_certificate){
        .subject = client_name_text(c, X509_get_subject_name(x), arena),
        .issuer = client_name_text(c, X509_get_issuer_name(x), arena),
        .key = key_text(x, arena),
        .signature = OBJ_nid2sn(X509_get_signature_nid(x)),
        .not_before = client_time_text(X509_get0_notBefore(x), arena),
        .not_after = client_time_text(X509_get0_notAfter(x), arena),
        .pem = pem_text(x, arena),
    };
}

/* A resumed session brings no chain; the leaf is remembered in it. */
static void read_chain(const struct tls_session *s, struct base_arena *arena,
                       struct facts_detail *d) {
    SSL *ssl = tls_session_ssl(s);
    STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);
    X509 *leaf = SSL_get0_peer_certificate(ssl);
    int count = chain ? sk_X509_num(chain) : 0;

    if (!leaf && count == 0)
        return;
    d->peer_known = leaf != NULL;
    d->chain_recalled = count == 0;
    if (count == 0)
        count = 1;
    d->chain = base_arena_array(arena, (size_t)count, sizeof(*d->chain));
    if (!d->chain)
        return;
    d->chain_count = (size_t)count;
    for (int i = 0; i < count; i++)
        read_certificate(client_context_of(s), chain ? sk_X509_value(chain, i) : leaf, arena,
                         &d->chain[i]);
    if (leaf)
        d->server_key_bits = EVP_PKEY_get_bits(X509_get0_pubkey(leaf));
}

static const char *dane_text(SSL *ssl, struct base_arena *arena) {
    uint8_t usage = 0, selector = 0, matching = 0;
    const unsigned char *data = NULL;
    EVP_PKEY *signer = NULL;
    size_t len = 0;
    struct base_buf hex;
    int depth;

    if (SSL_get0_dane_authority(ssl, NULL, &signer) < 0)
        return "";
    depth = SSL_get0_dane_tlsa(ssl, &usage, &selector, &matching, &data, &len);
    if (depth < 0)
        return "";
    base_buf_init(&hex, 256);
    base_buf_printf(&hex, "TLSA %d %d %d %s", usage, selector, matching,
                    len > DANE_TAIL ? "..." : "");
    for (size_t i = len > DANE_TAIL ? len - DANE_TAIL : 0; i < len; i++)
        base_buf_printf(&hex, "%02x", data[i]);
    bool terse = OpenSSL_version_num() < OPENSSL_3_2; /* s_client's words changed */
    base_buf_printf(&hex, " %s certificate at depth %d",
                    signer      ? (terse ? "signed the" : "signed the peer")
                    : depth > 0 ? (terse ? "matched TA" : "matched the TA")
                                : (terse ? "matched EE" : "matched the EE"),
                    depth);
    return keep_list(&hex, arena);
}

static void read_verification(const struct tls_session *s, struct base_arena *arena,
                              struct facts_detail *d) {
    const struct client_session *n = client_session_of(s);
    SSL *ssl = tls_session_ssl(s);
    long code = SSL_get_verify_result(ssl);
    const char *name = code == X509_V_OK ? SSL_get0_peername(ssl) : NULL;
    size_t count = n ? n->step_count : 0;

    d->verify_code = (int)code;
    d->verify_text = X509_verify_cert_error_string(code);
    d->verified_name = client_escaped(name, arena);
    d->dane = dane_text(ssl, arena);
    d->steps = base_arena_array(arena, count, sizeof(*d->steps));
    if (!d->steps)
        return;
    for (size_t i = 0; i < count; i++) {
        const struct facts_verify_step *from = &n->steps[i];
        d->steps[i] = *from;
        d->steps[i].subject = base_arena_str(arena, from->subject);
        d->steps[i].issuer = base_arena_str(arena, from->issuer);
        d->steps[i].not_before = base_arena_str(arena, from->not_before);
        d->steps[i].not_after = base_arena_str(arena, from->not_after);
        d->steps[i].policies = base_arena_str(arena, from->policies);
    }
    d->step_count = d->steps_cap = count;
}

static void read_ca_names(const struct tls_session *s, struct base_arena *arena,
                          struct facts_detail *d) {
    const STACK_OF(X509_NAME) *names = SSL_get0_peer_CA_list(tls_session_ssl(s));
    int count = names ? sk_X509_NAME_num(names) : 0;

    if (count > CA_NAMES_MAX)
        count = CA_NAMES_MAX;
    d->ca_names = count > 0 ? base_arena_array(arena, (size_t)count, sizeof(*d->ca_names)) : NULL;
    if (!d->ca_names)
        return;
    for (int i = 0; i < count; i++)
        d->ca_names[i] =
            client_name_text(client_context_of(s), sk_X509_NAME_value(names, i), arena);
    d->ca_name_count = (size_t)count;
}

static void read_cipher(SSL *ssl, struct facts_detail *d) {
    const SSL_CIPHER *c = SSL_get_current_cipher(ssl);

    d->version_name = SSL_get_version(ssl);
    d->cipher_version = SSL_CIPHER_get_version(c);
    d->cipher_name = SSL_CIPHER_get_name(c);
    d->reused = SSL_session_reused(ssl) == 1;
    d->renegotiation_forbidden = SSL_version(ssl) >= TLS1_3_VERSION;
    d->secure_renegotiation = SSL_get_secure_renegotiation_support(ssl) == 1;
#ifndef OPENSSL_NO_COMP
    const COMP_METHOD *in = SSL_get_current_expansion(ssl);
    const COMP_METHOD *out = SSL_get_current_compression(ssl);
    d->compression = out ? SSL_COMP_get_name(out) : "NONE";
    d->expansion = in ? SSL_COMP_get_name(in) : "NONE";
#endif
}

static void read_protocol(SSL *ssl, struct base_arena *arena, struct facts_detail *d) {
    const unsigned char *alpn = NULL;
    unsigned len = 0;

    SSL_get0_alpn_selected(ssl, &alpn, &len);
    d->alpn = client_escaped_bytes(base_bytes_view(alpn, len), arena);
    switch (SSL_get_early_data_status(ssl)) {
    case SSL_EARLY_DATA_ACCEPTED:
        d->early_data = FACTS_EARLY_DATA_ACCEPTED;
        break;
    case SSL_EARLY_DATA_REJECTED:
        d->early_data = FACTS_EARLY_DATA_REJECTED;
        break;
    default:
        d->early_data = FACTS_EARLY_DATA_NOT_SENT;
        break;
    }
#if OPENSSL_VERSION_NUMBER >= 0x30200000L
    d->server_raw_key = SSL_get_negotiated_server_cert_type(ssl) == TLSEXT_cert_type_rpk;
    d->client_raw_key = SSL_get_negotiated_client_cert_type(ssl) == TLSEXT_cert_type_rpk;
#endif
}

static void read_export(const struct tls_session *s, struct base_arena *arena,
                        struct facts_detail *d) {
    const struct client_context *c = client_context_of(s);
    const struct client_wish *w = c ? c->wish : NULL;
    uint8_t *key;
    size_t len;

    if (!w || !w->export_label || !tls_session_view(s).established)
        return;
    len = w->export_length > EXPORT_MAX ? EXPORT_MAX : w->export_length;
    key = base_arena_alloc(arena, len);
    d->export_label = client_escaped(w->export_label, arena);
    if (key && SSL_export_keying_material(tls_session_ssl(s), key, len, w->export_label,
                                          strlen(w->export_label), NULL, 0, 0) == 1)
        d->export_key = base_bytes_view(key, len);
    ERR_clear_error();
}

static void read_sessions(const struct tls_session *s, struct base_arena *arena,
                          struct facts_detail *d) {
    const SSL_SESSION *session = SSL_get_session(tls_session_ssl(s));
    const struct client_session *n = client_session_of(s);
    size_t count = n ? n->ticket_count : 0;

    if (session)
        d->session = client_session_text(s, session, arena);
    d->tickets = base_arena_array(arena, count, sizeof(*d->tickets));
    if (!d->tickets)
        return;
    for (size_t i = 0; i < count; i++)
        d->tickets[i] = client_session_text(s, n->tickets[i], arena);
    d->ticket_count = d->tickets_cap = count;
}

void client_read_detail(const struct tls_session *s, uint64_t received_before, uint64_t sent_before,
                        struct base_arena *arena, struct facts_detail *out) {
    struct tls_view view = tls_session_view(s);
    SSL *ssl = tls_session_ssl(s);

    set_empty(out);
    out->bytes_read = received_before + view.bytes_in;
    out->bytes_written = sent_before + view.bytes_out;
    read_cipher(ssl, out);
    read_chain(s, arena, out);
    read_verification(s, arena, out);
    read_ca_names(s, arena, out);
    client_detail_read_signatures(ssl, arena, out);
    client_detail_read_key_exchange(s, arena, out);
    read_protocol(ssl, arena, out);
    client_detail_read_proofs(s, arena, out);
    read_sessions(s, arena, out);
    read_export(s, arena, out);
    out->errors = base_arena_str(arena, view.queue);
    ERR_clear_error();
}
