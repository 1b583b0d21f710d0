/* SPDX-License-Identifier: Apache-2.0 */
/* report_s_client - what `openssl s_client` prints, line by line.
 *
 * People read these lines, and scripts pick from them, so they stay as they are: the words, the
 * order, and the stream each goes to. OpenSSL 3.0 is the pattern; what later versions print
 * otherwise is marked with the version that began it and chosen by the linked library.
 *
 * Texts may be a server's: each passes base_text_escape, those of several lines line by line. */
#include "report/s_client.h"

#include "base/text.h"

#include <string.h>

/* Seen in 3.0, 3.5, 3.6 and 4.0; for changes between 3.0 and 3.5 the version is that of the release
 * whose printed sessions show them first. */
#define OPENSSL_3_1 0x30100000u
#define OPENSSL_3_2 0x30200000u
#define OPENSSL_3_3 0x30300000u
#define OPENSSL_3_5 0x30500000u
#define OPENSSL_3_6 0x30600000u
#define OPENSSL_4_0 0x40000000u

static bool since(const struct facts_detail *d, uint32_t version) {
    return d->library_number >= version;
}

static bool is_tls13(const struct facts_detail *d) {
    return d->version_name && strcmp(d->version_name, "TLSv1.3") == 0;
}

/* The certificate that a session stands on; none after one that our side turned down. */
static const struct facts_detail_certificate *peer_of(const struct facts_endpoint *e,
                                                      const struct facts_detail *d) {
    bool refused = e->session.end == FACTS_HANDSHAKE_LOCAL && d->verify_code != 0;
    return d->chain_count && !refused ? &d->chain[0] : NULL;
}

static bool has(const char *s) {
    return s && s[0];
}

static void put(struct base_buf *out, const char *s) {
    base_text_escape(out, base_bytes_of_str(s));
}

/* "label" and a text, unless there is none. */
static void put_line(struct base_buf *out, const char *label, const char *s) {
    if (!has(s))
        return;
    base_buf_append_str(out, label);
    put(out, s);
    base_buf_append_byte(out, '\n');
}

/* A text of several lines. */
static void put_lines(struct base_buf *out, const char *s) {
    struct base_bytes rest = base_bytes_of_str(s);
    while (rest.len > 0) {
        struct base_bytes line = base_bytes_slice(rest, 0, base_bytes_find(rest, '\n'));
        base_text_escape(out, line);
        base_buf_append_byte(out, '\n');
        rest = base_bytes_slice(rest, line.len + 1, rest.len);
    }
}

static void rule(struct base_buf *out) {
    base_buf_append_str(out, "---\n");
}

/* --- before the session --- */

void report_s_client_connecting(const struct facts_endpoint *e, const struct facts_detail *d,
                                struct base_buf *err) {
    bool answered = e->session.established || d->step_count > 0;
    if (since(d, OPENSSL_3_2) && e->address[0] != '/')
        put_line(err, "Connecting to ", e->address);
    if (answered && !has(e->session.sni))
        base_buf_append_str(err, "Can't use SSL_get_servername\n");
}

void report_s_client_connected(int fd, struct base_buf *out) {
    base_buf_printf(out, "CONNECTED(%08X)\n", (unsigned)fd);
}

void report_s_client_reconnecting(struct base_buf *out) {
    base_buf_append_str(out, "drop connection and then reconnect\n");
}

static void put_step(const struct facts_verify_step *s, bool quiet, struct base_buf *err) {
    if (!quiet || s->error) {
        base_buf_printf(err, "depth=%d ", s->depth);
        put(err, has(s->subject) ? s->subject : "<no cert>");
        base_buf_append_byte(err, '\n');
    }
    if (s->error) {
        base_buf_printf(err, "verify error:num=%d:", s->error);
        put_line(err, "", s->error_text);
    }
    put_line(err, "issuer= ", s->issuer);
    put_line(err, "notBefore=", s->not_before);
    put_line(err, "notAfter=", s->not_after);
    if (!quiet && s->policies)
        put_lines(err, s->policies);
    if (s->ok && !quiet)
        base_buf_append_str(err, "verify return:1\n");
}

void report_s_client_verify(const struct facts_detail *d, bool quiet, struct base_buf *err) {
    for (size_t i = 0; i < d->step_count; i++)
        put_step(&d->steps[i], quiet, err);
}

void report_s_client_errors(const struct facts_detail *d, struct base_buf *err) {
    if (has(d->errors))
        put_lines(err, d->errors);
}

/* --- what both forms show --- */

/* The key of this session alone. A KEM has none that could be shown, nor has PSK alone; since 3.5
 * the group's name stands in its place, even when there is none. */
static void put_temp_key(const struct facts_detail *d, struct base_buf *out) {
    if (has(d->temp_key))
        put_line(out, since(d, OPENSSL_3_5) ? "Peer Temp Key: " : "Server Temp Key: ", d->temp_key);
    else if (has(d->group) && since(d, OPENSSL_3_5))
        put_line(out, "Negotiated TLS1.3 group: ", d->group);
    else if (is_tls13(d) && since(d, OPENSSL_3_5))
        base_buf_append_str(out, since(d, OPENSSL_4_0) ? "Negotiated TLS1.3 group NID: 0\n"
                                                       : "Negotiated TLS1.3 group: <NULL>\n");
}

static void put_verification(const struct facts_detail *d, struct base_buf *out) {
    if (d->verify_code)
        put_line(out, "Verification error: ", d->verify_text);
    else
        base_buf_append_str(out, "Verification: OK\n");
    if (!d->verify_code)
        put_line(out, "Verified peername: ", d->verified_name);
    put_line(out, "DANE ", d->dane);
}

/* --- -brief --- */

/* A signature without a hash of its own (Ed25519) shows the library's word for none. */
static void put_signature(const struct facts_detail *d, struct base_buf *err) {
    if (has(d->peer_digest))
        put_line(err, "Hash used: ", d->peer_digest);
    else if (has(d->peer_signature_type))
        base_buf_append_str(err, "Hash used: UNDEF\n");
}

static void put_peer(const struct facts_endpoint *e, const struct facts_detail *d,
                     struct base_buf *err) {
    const struct facts_detail_certificate *peer = peer_of(e, d);
    if (!peer && !d->server_raw_key) {
        base_buf_append_str(err, since(d, OPENSSL_3_2) ? "No peer certificate or raw public key\n"
                                                       : "No peer certificate\n");
        return;
    }
    if (peer) {
        put_line(err, "Peer certificate: ", peer->subject);
        put_signature(d, err);
    } else {
        base_buf_append_str(err, "Peer used raw public key\n");
    }
    put_line(err, "Signature type: ", d->peer_signature_type);
    put_verification(d, err);
}

void report_s_client_brief(const struct facts_endpoint *e, const struct facts_detail *d,
                           struct base_buf *err) {
    if (!e->session.established)
        return;
    base_buf_append_str(err, "CONNECTION ESTABLISHED\n");
    put_line(err, "Protocol version: ", d->version_name);
    put_line(err, "Ciphersuite: ", d->cipher_name);
    put_line(err, "Requested Signature Algorithms: ", d->requested_schemes);
    put_peer(e, d, err);
    put_line(err, "Supported Elliptic Curve Point Formats: ", d->point_formats);
    put_temp_key(d, err);
}

/* --- the full form --- */

/* Printed when the server's part of a full handshake is over. */
static bool had_status(const struct facts_endpoint *e, const struct facts_detail *d) {
    return d->status_asked && !d->reused && (e->session.established || peer_of(e, d));
}

static void put_status(const struct facts_endpoint *e, const struct facts_detail *d,
                       struct base_buf *out) {
    static const char frame[] = "======================================\n";
    bool many = is_tls13(d) && since(d, OPENSSL_3_6);
    bool came = has(d->status);
    if (!had_status(e, d))
        return;
    base_buf_append_str(out, many ? "OCSP responses: " : "OCSP response: ");
    if (!came) {
        base_buf_append_str(out, many                    ? "no responses sent\n"
                                 : since(d, OPENSSL_3_6) ? "no OCSP response received\n"
                                                         : "no response sent\n");
        return;
    }
    base_buf_printf(out, "%s\n%s", many ? "number of responses: 1" : "", frame);
    put_lines(out, d->status);
    base_buf_printf(out, "%s%s", since(d, OPENSSL_3_6) ? "\n" : "", frame);
}

static void put_chain(const struct facts_detail *d, bool pem, struct base_buf *out) {
    base_buf_append_str(out, "Certificate chain\n");
    for (size_t i = 0; i < d->chain_count; i++) {
        const struct facts_detail_certificate *c = &d->chain[i];
        base_buf_printf(out, "%2zu s:", i);
        put(out, c->subject);
        base_buf_append_str(out, "\n   i:");
        put(out, c->issuer);
        if (has(c->key)) {
            base_buf_append_str(out, "\n   a:PKEY: ");
            put(out, c->key);
            base_buf_append_str(out, "; sigalg: ");
            put(out, c->signature);
        }
        base_buf_append_str(out, "\n   v:NotBefore: ");
        put(out, c->not_before);
        base_buf_append_str(out, "; NotAfter: ");
        put(out, c->not_after);
        base_buf_append_byte(out, '\n');
        if (pem)
            put_lines(out, c->pem);
    }
}

/* The certificate itself was shown with the chain when all were. */
static void put_certificate(const struct facts_endpoint *e, const struct facts_detail *d,
                            bool showcerts, struct base_buf *out) {
    const struct facts_detail_certificate *peer = peer_of(e, d);
    rule(out);
    if (d->chain_count && !d->chain_recalled) {
        put_chain(d, showcerts, out);
        rule(out);
    }
    if (!peer) {
        base_buf_append_str(out, "no peer certificate available\n");
    } else {
        base_buf_append_str(out, "Server certificate\n");
        if (!showcerts || d->chain_recalled)
            put_lines(out, peer->pem);
        base_buf_append_str(out, "subject=");
        put(out, peer->subject);
        base_buf_append_str(out, "\nissuer=");
        put(out, peer->issuer);
        base_buf_append_byte(out, '\n');
    }
    if (d->client_raw_key)
        base_buf_append_str(out, "Client-to-server raw public key negotiated\n");
    if (d->server_raw_key)
        base_buf_append_str(out, "Server-to-client raw public key negotiated\n");
}

static void put_request(const struct facts_detail *d, struct base_buf *out) {
    rule(out);
    if (d->ca_name_count)
        base_buf_append_str(out, "Acceptable client certificate CA names\n");
    else
        base_buf_append_str(out, "No client certificate CA names sent\n");
    for (size_t i = 0; i < d->ca_name_count; i++) {
        put(out, d->ca_names[i]);
        base_buf_append_byte(out, '\n');
    }
    put_line(out, "Client Certificate Types: ", d->client_certificate_types);
    put_line(out, "Requested Signature Algorithms: ", d->requested_schemes);
    put_line(out, "Shared Requested Signature Algorithms: ", d->shared_schemes);
    if (has(d->peer_digest) && strcmp(d->peer_digest, "UNDEF") != 0)
        put_line(out, "Peer signing digest: ", d->peer_digest);
    put_line(out, "Peer signature type: ", d->peer_signature_type);
    put_temp_key(d, out);
}

/* Asked for with -ct; a resumed session brings none. */
static void put_scts(const struct facts_endpoint *e, const struct facts_detail *d,
                     struct base_buf *out) {
    if (!d->scts_asked || d->reused || !peer_of(e, d))
        return;
    rule(out);
    base_buf_printf(out, "SCTs present (%u)\n", d->sct_count);
    if (d->sct_count) {
        rule(out);
        put_lines(out, d->scts);
    }
}

static void put_renegotiation(const struct facts_detail *d, struct base_buf *out) {
    if (d->renegotiation_forbidden && since(d, OPENSSL_3_1))
        base_buf_append_str(out, "This TLS version forbids renegotiation.\n");
    else
        base_buf_printf(out, "Secure Renegotiation IS%s supported\n",
                        d->secure_renegotiation ? "" : " NOT");
}

static void put_cipher(const struct facts_endpoint *e, const struct facts_detail *d, bool again,
                       struct base_buf *out) {
    rule(out);
    base_buf_append_str(out, d->reused ? "Reused, " : "New, ");
    put(out, has(d->cipher_version) ? d->cipher_version : "(NONE)");
    base_buf_append_str(out, ", Cipher is ");
    put(out, has(d->cipher_name) ? d->cipher_name : "(NONE)");
    base_buf_append_byte(out, '\n');
    if (since(d, OPENSSL_3_3))
        put_line(out, "Protocol: ", d->version_name);
    if (!again && peer_of(e, d))
        base_buf_printf(out, "Server public key is %d bit\n", d->server_key_bits);
    put_renegotiation(d, out);
    put_line(out, "Compression: ", has(d->compression) ? d->compression : "NONE");
    put_line(out, "Expansion: ", has(d->expansion) ? d->expansion : "NONE");
    if (has(d->alpn))
        put_line(out, "ALPN protocol: ", d->alpn);
    else
        base_buf_append_str(out, "No ALPN negotiated\n");
}

static void put_session(const struct facts_detail *d, struct base_buf *out) {
    static const char *const early[] = {
        [FACTS_EARLY_DATA_NOT_SENT] = "not sent",
        [FACTS_EARLY_DATA_REJECTED] = "rejected",
        [FACTS_EARLY_DATA_ACCEPTED] = "accepted",
    };
    if (is_tls13(d)) {
        base_buf_printf(out, "Early data was %s\n", early[d->early_data]);
        base_buf_printf(out, "Verify return code: %d (", d->verify_code);
        put(out, has(d->verify_text) ? d->verify_text : "ok");
        base_buf_append_str(out, ")\n");
    } else if (has(d->session)) {
        put_lines(out, d->session);
    }
}

static void put_export(const struct facts_detail *d, struct base_buf *out) {
    if (!has(d->export_label))
        return;
    base_buf_append_str(out, "Keying material exporter:\n    Label: '");
    put(out, d->export_label);
    if (d->export_key.len == 0) {
        base_buf_append_str(out, "'\n    Error\n");
        return;
    }
    base_buf_printf(out, "'\n    Length: %zu bytes\n    Keying material: ", d->export_key.len);
    for (size_t i = 0; i < d->export_key.len; i++)
        base_buf_printf(out, "%02X", d->export_key.data[i]);
    base_buf_append_byte(out, '\n');
}

void report_s_client_full(const struct facts_endpoint *e, const struct facts_detail *d,
                          const struct report_s_client_flags *f, struct base_buf *out) {
    if (!f->again) {
        put_status(e, d, out);
        put_certificate(e, d, f->showcerts, out);
        put_request(d, out);
        put_scts(e, d, out);
        rule(out);
        base_buf_printf(out, "SSL handshake has read %llu bytes and written %llu bytes\n",
                        (unsigned long long)d->bytes_read, (unsigned long long)d->bytes_written);
    }
    put_verification(d, out);
    put_cipher(e, d, f->again, out);
    put_session(d, out);
    put_export(d, out);
    rule(out);
    if (since(d, OPENSSL_4_0)) {
        base_buf_append_str(out, "ECH: NOT CONFIGURED: -103\n");
        rule(out);
    }
}

void report_s_client_ticket(const char *text, struct base_buf *out) {
    rule(out);
    base_buf_append_str(out, "Post-Handshake New Session Ticket arrived:\n");
    put_lines(out, text);
    rule(out);
}
