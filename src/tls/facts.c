/* SPDX-License-Identifier: Apache-2.0 */
/* tls/facts - a session as facts
 *
 * Copies what was negotiated, or how far the handshake came, into the model. Numbers that passed on
 * the wire (tls/observe) are named by know/'s tables; the library is asked for what it alone knows.
 * A number without a name is shown in hex. Text is static or the arena's. */
#include "know/tls_alert.h"
#include "know/tls_group.h"
#include "know/tls_scheme.h"
#include "know/tls_version.h"
#include "tls/internal.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>

static void set_empty(struct facts_session *f) {
    *f = (struct facts_session){
        .alert = -1,
        .alert_sent = -1,
        .alert_name = "",
        .alert_sent_name = "",
        .error = "",
        .protocol = "",
        .cipher_suite = "",
        .openssl_name = "",
        .key_exchange = "",
        .group = "",
        .signature_scheme = "",
        .sni = "",
        .alpn = "",
        .ocsp_status = "",
        .default_client_refuses = "",
    };
}

/* From the ClientHello to `event`, 0 when it did not happen. */
static double since(const struct tls_session *s, base_usec event) {
    return event > s->begun ? base_clock_ms(event - s->begun) : 0;
}

static void read_ending(const struct tls_session *s, struct base_arena *arena,
                        struct facts_session *f) {
    f->started = s->started;
    f->established = s->established;
    f->end = s->end;
    f->alert = s->seen.alert_in;
    f->alert_name = know_tls_alert_name(f->alert);
    f->alert_sent = s->seen.alert_out;
    f->alert_sent_name = know_tls_alert_name(f->alert_sent);
    f->error = base_arena_str(arena, s->error);
    if (s->end == FACTS_HANDSHAKE_PLAINTEXT)
        f->junk = base_arena_bytes(arena, base_bytes_view(s->first, s->first_len));
    f->sni = base_arena_str(arena, s->sni);
    f->hello = base_arena_bytes(arena, base_buf_view(&s->hello));
    f->hello_ms = since(s, s->seen.answered);
    f->certificate_ms = since(s, s->seen.certified);
    f->ms = s->ended > s->begun ? base_clock_ms(s->ended - s->begun) : 0;
    f->bytes_read = s->ended != 0 ? s->handshake_in : s->bytes_in;
    f->bytes_written = s->ended != 0 ? s->handshake_out : s->bytes_out;
}

static const char *key_exchange_name(const SSL_CIPHER *suite) {
    switch (SSL_CIPHER_get_kx_nid(suite)) {
    case NID_kx_any:
        return "any";
    case NID_kx_ecdhe:
        return "ECDHE";
    case NID_kx_dhe:
        return "DHE";
    case NID_kx_rsa:
        return "RSA";
    default:
        return "other";
    }
}

static const SSL_CIPHER *chosen_suite(const struct tls_session *s) {
    const unsigned char id[2] = {(unsigned char)(s->seen.suite >> 8),
                                 (unsigned char)(s->seen.suite & 0xff)};
    const SSL_CIPHER *suite = SSL_get_current_cipher(s->ssl);

    return suite ? suite : SSL_CIPHER_find(s->ssl, id);
}

static void read_suite(const struct tls_session *s, struct base_arena *arena,
                       struct facts_session *f) {
    const SSL_CIPHER *suite = chosen_suite(s);
    const char *name;

    f->cipher_suite_id = s->seen.suite;
    if (!suite) {
        f->cipher_suite = base_arena_printf(arena, "0x%04x", s->seen.suite);
        return;
    }
    name = SSL_CIPHER_standard_name(suite);
    f->cipher_suite_id = SSL_CIPHER_get_protocol_id(suite);
    f->openssl_name = SSL_CIPHER_get_name(suite);
    f->cipher_suite = name ? name : f->openssl_name;
    f->cipher_bits = SSL_CIPHER_get_bits(suite, NULL);
    f->key_exchange = key_exchange_name(suite);
}

/* A prime of RFC 7919 has a name; any other is the server's own. */
static const char *prime_name(const struct tls_session *s) {
    const struct know_tls_group *group = NULL;
    EVP_PKEY *key = NULL;
    char name[80] = "";
    size_t len = 0;

    if (SSL_get_peer_tmp_key(s->ssl, &key) == 1 && key &&
        EVP_PKEY_get_group_name(key, name, sizeof(name), &len) == 1)
        group = know_tls_group_find_name(name);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return group && group->kind == KNOW_TLS_GROUP_FFDHE ? group->name : "dhe";
}

static void read_group(const struct tls_session *s, struct base_arena *arena,
                       struct facts_session *f) {
    const struct know_tls_group *group;

    if (s->seen.prime_bits != 0) {
        f->group = prime_name(s);
        f->group_bits = (int)s->seen.prime_bits;
        return;
    }
    if (s->seen.group == 0)
        return;
    group = know_tls_group_find(s->seen.group);
    f->group = group ? group->name : base_arena_printf(arena, "0x%04x", s->seen.group);
    f->group_bits = group ? group->bits : 0;
}

/* TLS 1.0 and 1.1 leave no choice: the kind of key decides. */
static const char *old_scheme_name(const struct tls_session *s) {
    const SSL_CIPHER *suite = chosen_suite(s);
    int auth = suite ? SSL_CIPHER_get_auth_nid(suite) : NID_undef;

    if (!s->seen.is_signed)
        return "";
    if (auth == NID_auth_rsa)
        return "rsa_pkcs1_md5_sha1";
    if (auth == NID_auth_ecdsa)
        return "ecdsa_sha1";
    return auth == NID_auth_dss ? "dsa_sha1" : "";
}

static const char *scheme_name(const struct tls_session *s, struct base_arena *arena) {
    const struct know_tls_scheme *scheme = know_tls_scheme_find(s->seen.scheme);

    if (s->seen.scheme == 0)
        return old_scheme_name(s);
    return scheme ? scheme->name : base_arena_printf(arena, "0x%04x", s->seen.scheme);
}

static void read_extensions(const struct tls_session *s, struct base_arena *arena,
                            struct facts_session *f) {
    const unsigned char *alpn = NULL;
    unsigned alpn_len = 0;
    bool new_enough = f->version >= TLS1_3_VERSION;

    f->secure_renegotiation = new_enough || s->seen.renegotiation_info;
    f->extended_master_secret = new_enough || s->seen.extended_master_secret;
    f->encrypt_then_mac = s->seen.encrypt_then_mac;
    f->session_id = !new_enough && s->seen.session_id;
    f->resumed = SSL_session_reused(s->ssl) == 1;
    f->compression = SSL_get_current_compression(s->ssl) != NULL;
    f->scts = s->seen.scts;
    SSL_get0_alpn_selected(s->ssl, &alpn, &alpn_len);
    f->alpn = base_arena_str_bytes(arena, base_bytes_view(alpn, alpn_len));
}

static void read_client_request(const struct tls_session *s, struct facts_session *f) {
    const STACK_OF(X509_NAME) * names;

    f->client_certificate_asked = s->seen.certificate_request;
    if (!f->client_certificate_asked || s->context->server)
        return;
    names = SSL_get0_peer_CA_list(s->ssl);
    f->client_ca_names = names ? (unsigned)sk_X509_NAME_num(names) : 0;
}

/* The worst status of the single responses inside. */
static const char *basic_status(OCSP_BASICRESP *basic) {
    static const char *const words[] = {"good", "revoked", "unknown"};
    int worst = -1;

    for (int i = 0; i < OCSP_resp_count(basic) && i < 64; i++) {
        int status = OCSP_single_get0_status(OCSP_resp_get0(basic, i), NULL, NULL, NULL, NULL);
        if (status == V_OCSP_CERTSTATUS_REVOKED || worst < 0)
            worst = status;
    }
    return worst >= 0 && worst <= 2 ? words[worst] : "unparsable";
}

static const char *staple_status(struct base_bytes der) {
    const unsigned char *at = der.data;
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &at, (long)der.len);
    OCSP_BASICRESP *basic = NULL;
    const char *status = "unparsable";

    if (response && OCSP_response_status(response) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
        status = OCSP_response_status_str(OCSP_response_status(response));
    else if (response && (basic = OCSP_response_get1_basic(response)) != NULL)
        status = basic_status(basic);
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(response);
    ERR_clear_error();
    return status;
}

static void read_staple(const struct tls_session *s, struct facts_session *f) {
    const unsigned char *der = NULL;
    long len;

    if (s->context->server)
        return;
    len = SSL_get_tlsext_status_ocsp_resp(s->ssl, &der);
    if (len <= 0 || !der)
        return;
    f->ocsp_staple = true;
    f->ocsp_status = staple_status(base_bytes_view(der, (size_t)len));
}

void tls_session_read_tickets(const struct tls_session *s, struct facts_session *out) {
    if (!s->established) {
        out->ticket = FACTS_UNKNOWN;
        return;
    }
    out->ticket = s->seen.tickets > 0 ? FACTS_YES : FACTS_NO;
    out->ticket_lifetime = s->seen.ticket_lifetime;
}

void tls_session_read_facts(const struct tls_session *s, struct base_arena *arena,
                            struct facts_session *out) {
    set_empty(out);
    read_ending(s, arena, out);
    if (!s->seen.hello && !s->established)
        return;
    out->version = s->established ? (uint16_t)SSL_version(s->ssl) : s->seen.version;
    out->protocol = know_tls_version_name(out->version);
    read_suite(s, arena, out);
    read_group(s, arena, out);
    out->signature_scheme = scheme_name(s, arena);
    read_extensions(s, arena, out);
    read_client_request(s, out);
    read_staple(s, out);
    tls_session_read_tickets(s, out);
    /* In TLS 1.3 tickets follow the handshake, so none so far is no answer yet. */
    if (out->ticket == FACTS_NO && out->version >= TLS1_3_VERSION)
        out->ticket = FACTS_UNKNOWN;
    if (s->context->hooks->read)
        s->context->hooks->read(s, out);
    if (s->established)
        out->default_client_refuses = tls_refused_by_default(s, out, arena);
}

enum ws_err tls_session_judge_chain(const struct tls_session *s, const struct pki_trust *trust,
                                    const struct pki_names *names, int64_t now,
                                    struct base_arena *arena, struct facts_endpoint *out) {
    STACK_OF(X509) *sent = SSL_get_peer_cert_chain(s->ssl);
    struct pki_verdict verdict;

    if (!s->context->hooks->judge)
        return pki_chain_judge(trust, sent, names, now, arena, &out->certificates,
                               &out->certificate_count, &out->chain, &out->verification);
    return pki_chain_note(s->context->hooks->judge(s, &verdict), sent, names, &verdict, now, arena,
                          &out->certificates, &out->certificate_count, &out->chain,
                          &out->verification);
}
