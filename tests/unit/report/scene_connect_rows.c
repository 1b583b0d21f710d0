/* SPDX-License-Identifier: Apache-2.0 */
/* scene_connect_rows - sessions of every kind, and those that did not come about. */
#include "scene_connect.h"

static void tls13(struct scene_session *s) {
    (void)s;
}

/* TLS 1.2 with an RSA certificate that no root vouches for; a client certificate is asked for. */
static void tls12(struct scene_session *s) {
    struct facts_session *f = &s->endpoint->session;
    struct facts_detail *d = &s->detail;
    f->protocol = "TLSv1.2";
    f->version = 0x0303;
    f->cipher_suite = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384";
    f->openssl_name = "ECDHE-RSA-AES256-GCM-SHA384";
    f->key_exchange = "ECDHE";
    f->signature_scheme = "rsa_pss_rsae_sha256";
    f->client_certificate_asked = true;
    f->client_ca_names = 2;
    f->session_id = true;
    s->endpoint->verification.ok = s->endpoint->verification.chain_ok = false;
    s->endpoint->verification.code = s->endpoint->verification.first_code = 21;
    s->endpoint->verification.first_reason = "unable to verify the first certificate";
    s->endpoint->chain.complete = false;
    s->endpoint->chain.missing_issuer = "CN=Example Root CA,O=Example Trust,C=NL";
    d->version_name = d->cipher_version = "TLSv1.2";
    d->cipher_name = "ECDHE-RSA-AES256-GCM-SHA384";
    d->renegotiation_forbidden = false;
    d->secure_renegotiation = true;
    d->peer_signature_type = "RSA-PSS";
    d->client_certificate_types = "RSA sign, DSA sign, ECDSA sign";
    d->requested_schemes = "ECDSA+SHA256:RSA-PSS+SHA256:RSA+SHA256";
    d->shared_schemes = "ECDSA+SHA256:RSA-PSS+SHA256";
    d->point_formats = "uncompressed:ansiX962_compressed_prime";
    d->ca_names = base_arena_array(&s->scene.arena, 2, sizeof *d->ca_names);
    d->ca_names[d->ca_name_count++] = "CN = Example Client CA, O = Example Trust";
    d->ca_names[d->ca_name_count++] = "CN = Another Client CA";
    d->verify_code = 21;
    d->verify_text = "unable to verify the first certificate";
    d->session = "SSL-Session:\n    Protocol  : TLSv1.2\n    Verify return code: 21 (unable to "
                 "verify the first certificate)\n";
    d->ticket_count = 0;
    d->status_asked = true;
    d->step_count = 0;
    scene_session_step(s, 0, 20, "unable to get local issuer certificate", true);
    scene_session_step(s, 0, 21, "unable to verify the first certificate", true);
    scene_session_step(s, 0, 0, "CN = mx.example.org", true);
}

/* Everything that can be asked for came: DANE, a verified name, OCSP, SCTs, ALPN, keying material.
 */
static void extras(struct scene_session *s) {
    struct facts_detail *d = &s->detail;
    struct facts_session *f = &s->endpoint->session;
    s->showcerts = true;
    d->verified_name = "mx.example.org";
    d->dane = "TLSA 3 1 1 ...89abcdef0123456789abcdef matched the EE certificate at depth 0";
    d->alpn = f->alpn = "smtp";
    d->status_asked = true;
    d->status = "OCSP Response Data:\n    OCSP Response Status: successful (0x0)\n\n    Cert "
                "Status: good\n";
    f->ocsp_staple = true;
    f->ocsp_status = "good";
    d->scts_asked = true;
    d->sct_count = f->scts = 2;
    d->scts = "SCT validation status: valid\nSigned Certificate Timestamp:\n    Version   : v1 "
              "(0x0)\n---\nSCT validation status: unknown log\nSigned Certificate Timestamp:\n    "
              "Version   : v1 (0x0)\n";
    d->export_label = "EXPORTER-example";
    d->export_key = base_bytes_of_str("\x01\x02\xfe\xff");
    d->early_data = FACTS_EARLY_DATA_ACCEPTED;
    s->endpoint->certificates[0].scts = 3;
    s->client.certificate_given = true;
}

/* Expired, and not the name. */
static void expired(struct scene_session *s) {
    struct facts_endpoint *e = s->endpoint;
    struct facts_detail *d = &s->detail;
    e->certificates[0].not_after = SCENE_NOW - 10 * SCENE_DAY;
    e->certificates[0].days_left = -10;
    e->certificates[1].not_before = SCENE_NOW + 5 * SCENE_DAY;
    e->verification.ok = e->verification.chain_ok = e->verification.name_ok = false;
    e->verification.code = 62;
    e->verification.reason = "hostname mismatch";
    e->verification.first_code = 10;
    e->verification.first_reason = "certificate has expired";
    e->verification.reference = "mail.example.com";
    e->verification.matched_name = "";
    d->verify_code = 10;
    d->verify_text = "certificate has expired";
    d->step_count = 0;
    scene_session_step(s, 0, 10, "certificate has expired", true);
    d->steps[0].not_after = "Jan  5 08:00:00 2027 GMT";
    scene_session_step(s, 0, 0, "CN = mx.example.org", true);
    d->steps[1].not_after = "Jan  5 08:00:00 2027 GMT";
}

/* Resumed over a KEM group. */
static void resumed(struct scene_session *s) {
    s->endpoint->session.resumed = s->detail.reused = true;
    s->endpoint->session.group = "X25519MLKEM768";
    s->endpoint->session.group_bits = 0;
    s->endpoint->session.signature_scheme = "";
    s->endpoint->session.sni = "";
    s->endpoint->session.certificate_ms = 0;
    s->endpoint->certificate_count = 0;
    s->endpoint->verification.done = false;
    s->detail.library = "OpenSSL 3.5.9 29 Sep 2026";
    s->detail.library_number = 0x30500090;
    s->detail.temp_key = "";
    s->detail.group = "X25519MLKEM768";
    s->detail.peer_digest = s->detail.peer_signature_type = "";
    s->detail.chain_count = 1;
    s->detail.chain_recalled = true;
    s->detail.step_count = 0;
    s->detail.status_asked = true;
    s->showcerts = true;
}

static void ed25519(struct scene_session *s) {
    s->detail.peer_digest = "UNDEF";
    s->detail.peer_signature_type = "ed25519";
    s->endpoint->session.signature_scheme = "ed25519";
}

static void anonymous(struct scene_session *s) {
    struct facts_session *f = &s->endpoint->session;
    tls12(s);
    f->cipher_suite = "TLS_DH_anon_WITH_AES_256_GCM_SHA384";
    f->openssl_name = s->detail.cipher_name = "ADH-AES256-GCM-SHA384";
    f->key_exchange = "DH_anon";
    f->group = "dhe";
    f->group_bits = 3072;
    f->signature_scheme = "";
    f->client_certificate_asked = false;
    f->secure_renegotiation = s->detail.secure_renegotiation = false;
    s->endpoint->certificate_count = 0;
    s->endpoint->verification.done = false;
    s->detail.chain_count = s->detail.step_count = s->detail.ca_name_count = 0;
    s->detail.peer_digest = s->detail.peer_signature_type = "";
    s->detail.client_certificate_types = s->detail.requested_schemes = "";
    s->detail.shared_schemes = s->detail.point_formats = "";
    s->detail.temp_key = "DH, 3072 bits";
    s->detail.verify_code = 0;
    s->detail.verify_text = "ok";
}

/* No session: the negotiated things are not known. */
static void no_session(struct scene_session *s, enum facts_handshake_end end) {
    struct facts_detail *d = &s->detail;
    scene_stop(s->endpoint, FACTS_STEP_HANDSHAKE, FACTS_STOP_HANDSHAKE, "");
    s->endpoint->session.end = end;
    d->cipher_version = d->cipher_name = "(NONE)";
    d->peer_digest = d->peer_signature_type = d->temp_key = d->session = "";
    d->ticket_count = 0;
    d->bytes_read = 7;
    d->bytes_written = 225;
}

static void alert(struct scene_session *s) {
    no_session(s, FACTS_HANDSHAKE_ALERT);
    s->endpoint->session.alert = 70;
    s->endpoint->session.alert_name = "protocol_version";
    s->endpoint->session.ms = s->endpoint->session.hello_ms = 3.5;
    s->detail.chain_count = s->detail.step_count = 0;
    s->detail.errors =
        "40E7A1A2B37F0000:error:0A00042E:SSL routines:ssl3_read_bytes:tlsv1 alert protocol version:"
        "ssl/record/rec_layer_s3.c:1602:SSL alert number "
        "70\n40E7A1A2B37F0000:error:00000000:\033[2J\n";
    s->client.min_version = 0x0304;
    s->client.versions_limited = true;
    scene_session_finding(
        s, (struct facts_finding){
               .id = "clash-version",
               .severity = FACTS_SEVERITY_ERROR,
               .title = "No protocol version in common",
               .evidence = "this server's highest protocol is TLS 1.2 (alert 70, protocol_version)",
               .impact = "a client that allows only TLS 1.3 can't deliver here over TLS",
               .fix = "Postfix: in smtp_tls_policy_maps `example.org encrypt protocols=>=TLSv1.2`, "
                      "or for all mail smtp_tls_protocols\nExim: no +no_tlsv1_2 in openssl_options",
               .logs = "Postfix (client): SSL_connect error to mx.example.org[192.0.2.1]:25: -1\n"
                       "Postfix (server): error:0A000102:SSL routines::unsupported protocol",
               .ask = "TLS 1.3 on port 25",
           });
}

/* Our side turned the certificate down. */
static void refused(struct scene_session *s) {
    const struct facts_certificate *certificates = s->endpoint->certificates;
    no_session(s, FACTS_HANDSHAKE_LOCAL);
    s->endpoint->session.error = "certificate verify failed";
    s->endpoint->certificates = (struct facts_certificate *)(uintptr_t)certificates;
    s->endpoint->certificate_count = 2;
    s->detail.temp_key = "X25519, 253 bits";
    s->detail.cipher_version = "TLSv1.3";
    s->detail.cipher_name = "TLS_AES_256_GCM_SHA384";
    s->detail.verify_code = 9;
    s->detail.verify_text = "certificate is not yet valid";
    s->detail.step_count = 2;
    scene_session_step(s, 0, 9, "certificate is not yet valid", false);
    s->detail.steps[2].not_before = "Jan  1 00:00:00 2030 GMT";
    s->client.verification_required = true;
    s->client.verify_error = 9;
    s->client.verify_text = "certificate is not yet valid";
    s->client.verify_subject = "CN = mx.example.org";
}

static void no_starttls(struct scene_session *s) {
    scene_stop(s->endpoint, FACTS_STEP_STARTTLS, FACTS_STOP_NO_STARTTLS, "");
    s->endpoint->starttls.offered = false;
    s->detail = (struct facts_detail){.library = NULL};
}

static void unconnected(struct scene_session *s) {
    scene_unconnected(s->endpoint, FACTS_CONNECT_REFUSED, "Connection refused", 1.5);
    s->detail = (struct facts_detail){.library = NULL};
}

/* A server that writes escape sequences, line feeds and direction marks wherever it can. */
static void hostile(struct scene_session *s) {
    static const char bad[] = "\033[2J\033]0;own\007\nforged: line\r\xff\xc2\x9b\u202egnp";
    struct facts_detail *d = &s->detail;
    tls12(s);
    d->chain[0].subject = d->chain[1].issuer = d->chain[0].key = d->chain[0].signature = bad;
    d->chain[0].not_before = d->chain[0].not_after = d->verified_name = bad;
    d->chain[0].pem = "-----BEGIN\033[31m\nX\n";
    d->ca_names[0] = bad;
    d->client_certificate_types = d->requested_schemes = d->shared_schemes = bad;
    d->peer_digest = d->peer_signature_type = d->temp_key = d->point_formats = bad;
    d->alpn = d->verify_text = d->dane = d->session = d->status = d->scts = bad;
    d->scts_asked = true;
    d->sct_count = 1;
    d->export_label = bad;
    d->steps[0].subject = d->steps[0].issuer = d->steps[0].error_text = bad;
    d->steps[0].policies = bad;
    s->endpoint->session.alpn = bad;
    s->endpoint->certificates[0].subject = s->endpoint->certificates[0].issuer = bad;
    s->endpoint->chain.missing_issuer = bad;
    s->endpoint->verification.first_reason = bad;
    s->client.sni = bad;
    scene_session_finding(s, (struct facts_finding){.id = "hostile",
                                                    .severity = FACTS_SEVERITY_WARNING,
                                                    .title = bad,
                                                    .evidence = bad,
                                                    .impact = bad,
                                                    .fix = bad,
                                                    .logs = bad,
                                                    .ask = bad,
                                                    .next = bad});
}

const struct scene_session_row scene_session_rows[] = {
    {"connect-tls13", tls13},
    {"connect-tls12", tls12},
    {"connect-extras", extras},
    {"connect-expired", expired},
    {"connect-resumed", resumed},
    {"connect-ed25519", ed25519},
    {"connect-anonymous", anonymous},
    {"connect-alert", alert},
    {"connect-refused", refused},
    {"connect-no-starttls", no_starttls},
    {"connect-unconnected", unconnected},
    {"connect-hostile", hostile},
    {0},
};
