/* SPDX-License-Identifier: Apache-2.0 */
/* scene_connect - one session in full: the stones of which scene_connect_rows is built. */
#include "scene_connect.h"

static const char session_print[] = "SSL-Session:\n"
                                    "    Protocol  : TLSv1.3\n"
                                    "    Cipher    : TLS_AES_256_GCM_SHA384\n"
                                    "    Session-ID: 00112233\n"
                                    "    Session-ID-ctx: \n"
                                    "    Resumption PSK: (hidden)\n"
                                    "    TLS session ticket lifetime hint: 7200 (seconds)\n"
                                    "    TLS session ticket:\n"
                                    "    0000 - a3 eb 87 22 60 ef e5 3d-d3 9d 0a b1 05 bd 82 f8"
                                    "   ...\"`..=........\n"
                                    "\n"
                                    "    Start Time: 1800000000\n"
                                    "    Verify return code: 0 (ok)\n"
                                    "    Max Early Data: 0\n";

static struct facts_detail_certificate certificate(const char *subject, const char *issuer,
                                                   const char *key, const char *pem) {
    return (struct facts_detail_certificate){
        .subject = subject,
        .issuer = issuer,
        .key = key,
        .signature = "RSA-SHA256",
        .not_before = "Dec 16 08:00:00 2026 GMT",
        .not_after = "Mar 16 08:00:00 2027 GMT",
        .pem = pem,
    };
}

static void good_detail(struct scene_session *s) {
    struct base_arena *a = &s->scene.arena;
    struct facts_detail *d = &s->detail;
    d->chain = base_arena_array(a, 2, sizeof *d->chain);
    d->chain_count = 2;
    d->chain[0] =
        certificate("CN = mx.example.org", "CN = Example Issuing CA, O = Example Trust, C = NL",
                    "id-ecPublicKey, 256 (bit)",
                    "-----BEGIN CERTIFICATE-----\nTEVBRg==\n-----END CERTIFICATE-----\n");
    d->chain[1] =
        certificate("CN = Example Issuing CA, O = Example Trust, C = NL",
                    "CN = Example Root CA, O = Example Trust, C = NL", "rsaEncryption, 4096 (bit)",
                    "-----BEGIN CERTIFICATE-----\nSVNTVUVS\n-----END CERTIFICATE-----\n");
    d->server_key_bits = 256;
    d->peer_digest = "SHA256";
    d->peer_signature_type = "ECDSA";
    d->temp_key = "X25519, 253 bits";
    d->version_name = d->cipher_version = "TLSv1.3";
    d->cipher_name = "TLS_AES_256_GCM_SHA384";
    d->renegotiation_forbidden = true;
    d->session = session_print;
    d->tickets = base_arena_array(a, 1, sizeof *d->tickets);
    d->tickets[d->ticket_count++] = session_print;
    d->bytes_read = 2541;
    d->bytes_written = 433;
}

void scene_session_init(struct scene_session *s) {
    *s = (struct scene_session){.dns_ms = 21.5};
    scene_init(&s->scene);
    s->endpoint = scene_single(&s->scene);
    s->target = &s->scene.report.targets[0];
    s->detail = (struct facts_detail){
        .library = "OpenSSL 3.0.22 25 Aug 2026",
        .library_number = 0x30000160,
        .verify_text = "ok",
        .verified_name = "",
        .dane = "",
        .client_certificate_types = "",
        .requested_schemes = "",
        .shared_schemes = "",
        .group = "",
        .point_formats = "",
        .compression = "NONE",
        .expansion = "NONE",
        .alpn = "",
        .export_label = "",
        .status = "",
        .scts = "",
    };
    good_detail(s);
    scene_session_step(s, 2, 0, "CN = Example Root CA, O = Example Trust, C = NL", true);
    scene_session_step(s, 1, 0, "CN = Example Issuing CA, O = Example Trust, C = NL", true);
    scene_session_step(s, 0, 0, "CN = mx.example.org", true);
    s->client = (struct facts_client){.min_version = 0x0301,
                                      .max_version = 0x0304,
                                      .cipher = "",
                                      .ciphersuites = "",
                                      .groups = "",
                                      .signature_schemes = "",
                                      .security_level = 2,
                                      .sni = "mx.example.org",
                                      .hello = base_bytes_of_str("\x01\x02\x03")};
    s->endpoint->session.hello_ms = 4.25;
    s->endpoint->session.certificate_ms = 6.5;
}

void scene_session_release(struct scene_session *s) {
    scene_release(&s->scene);
}

void scene_session_step(struct scene_session *s, int depth, int error, const char *text, bool ok) {
    struct facts_detail *d = &s->detail;
    struct facts_verify_step *step =
        base_arena_append(&s->scene.arena, &d->steps, &d->step_count, &d->steps_cap, sizeof *step);
    *step = (struct facts_verify_step){
        .depth = depth,
        .error = error,
        .error_text = error ? text : "ok",
        .subject = error ? s->detail.chain[0].subject : text,
        .issuer = "",
        .not_before = "",
        .not_after = "",
        .policies = "",
        .ok = ok,
    };
}

void scene_session_finding(struct scene_session *s, struct facts_finding f) {
    struct facts_target *t = s->target;
    *(struct facts_finding *)base_arena_append(&s->scene.arena, &t->findings, &t->finding_count,
                                               &t->findings_cap, sizeof f) = f;
}
