/* SPDX-License-Identifier: Apache-2.0 */
/* scene_faults - one fault at a time, so that each finding's words stand in a golden file. */
#include "scene.h"

#include <stddef.h>

#define FAULT(name)                                                                                \
    static void name(struct scene *s, struct facts_target *t, struct facts_endpoint *e)
#define UNUSED ((void)s, (void)t, (void)e)

static void port(struct facts_target *t, struct facts_endpoint *e, unsigned number) {
    t->port = e->port = number;
    t->port_given = true;
}

static void bad_chain(struct facts_endpoint *e, int code, const char *reason) {
    e->verification.ok = e->verification.chain_ok = false;
    e->verification.code = e->verification.first_code = code;
    e->verification.reason = e->verification.first_reason = reason;
}

static void handshake_end(struct facts_endpoint *e, enum facts_handshake_end end) {
    scene_stop(e, FACTS_STEP_HANDSHAKE, FACTS_STOP_HANDSHAKE, "the TLS handshake failed");
    e->session.end = end;
}

FAULT(refused) {
    UNUSED;
    scene_unconnected(e, FACTS_CONNECT_REFUSED, "Connection refused", 0.5);
}

FAULT(timeout_elsewhere) {
    UNUSED;
    port(t, e, 587);
    scene_unconnected(e, FACTS_CONNECT_TIMEOUT, "", 30000);
}

FAULT(no_source) {
    UNUSED;
    scene_unconnected(e, FACTS_CONNECT_ERROR, "Cannot assign requested address", 0);
}

FAULT(hung_up) {
    UNUSED;
    scene_stop(e, FACTS_STEP_GREETING, FACTS_STOP_CLOSED,
               "the server closed the connection while waiting for the greeting");
    e->connect.state = FACTS_CONNECT_CLOSED;
}

FAULT(tarpit) {
    UNUSED;
    scene_stop(e, FACTS_STEP_GREETING, FACTS_STOP_TIMEOUT,
               "nothing complete came within 30.0 s while waiting for the greeting");
}

FAULT(slow) {
    UNUSED;
    e->greeting.ms = 21000;
}

FAULT(blocklisted) {
    scene_stop(e, FACTS_STEP_GREETING, FACTS_STOP_REFUSED, "");
    e->greeting = scene_reply(s, 554, "5.7.1 Service unavailable; client host is on a list");
    (void)t;
}

FAULT(tls_first) {
    UNUSED;
    scene_stop(e, FACTS_STEP_GREETING, FACTS_STOP_NOT_PROTOCOL,
               "the server sent TLS records where text was expected; this port may want TLS from "
               "the first byte (--implicit-tls)");
    e->unread = base_bytes_view("\x15\x03\x01\x00\x02\x02\x46", 7);
}

FAULT(ehlo_refused) {
    scene_stop(e, FACTS_STEP_EHLO, FACTS_STOP_REFUSED, "");
    e->ehlo.reply = scene_reply(s, 550, "5.7.1 Invalid HELO name");
    (void)t;
}

FAULT(helo_only) {
    scene_stop(e, FACTS_STEP_STARTTLS, FACTS_STOP_NO_STARTTLS, "");
    e->ehlo.ehlo_rejected = true;
    e->ehlo.verb = "HELO";
    e->ehlo.rejection = scene_reply(s, 502, "5.5.1 Command unrecognized");
    e->ehlo.keyword_count = 0;
    e->starttls.offered = false;
    (void)t;
}

FAULT(not_offered) {
    scene_stop(e, FACTS_STEP_STARTTLS, FACTS_STOP_NO_STARTTLS, "");
    scene_keywords(s, &e->ehlo, "PIPELINING;SIZE 10240000;8BITMIME");
    e->starttls.offered = false;
    (void)t;
}

FAULT(not_offered_to_people) {
    not_offered(s, t, e);
    port(t, e, 587);
    scene_keywords(s, &e->ehlo, "PIPELINING;AUTH PLAIN LOGIN");
}

FAULT(masked) {
    scene_stop(e, FACTS_STEP_STARTTLS, FACTS_STOP_NO_STARTTLS, "");
    e->greeting = scene_reply(s, 220, "**********************************************");
    scene_keywords(s, &e->ehlo, "SIZE 10240000;XXXXXXXA;8BITMIME");
    e->starttls.offered = false;
    e->starttls.offered_masked = true;
    (void)t;
}

FAULT(starttls_454) {
    scene_stop(e, FACTS_STEP_STARTTLS, FACTS_STOP_REFUSED, "");
    e->starttls.reply = scene_reply(s, 454, "4.7.0 TLS not available due to local problem");
    (void)t;
}

FAULT(alert) {
    UNUSED;
    handshake_end(e, FACTS_HANDSHAKE_ALERT);
    e->session.alert = 40;
    e->session.alert_name = "handshake_failure";
}

FAULT(alert_wants_certificate) {
    UNUSED;
    alert(s, t, e);
    e->session.client_certificate_asked = true;
}

FAULT(cleartext) {
    UNUSED;
    handshake_end(e, FACTS_HANDSHAKE_PLAINTEXT);
    e->session.junk = base_bytes_of_str("454 4.7.0 TLS not available\r\n");
}

FAULT(own_refusal) {
    UNUSED;
    handshake_end(e, FACTS_HANDSHAKE_LOCAL);
    e->session.error = "bad signature";
    e->session.alert_sent = 51;
    e->session.alert_sent_name = "decrypt_error";
}

FAULT(closed_in_handshake) {
    UNUSED;
    handshake_end(e, FACTS_HANDSHAKE_CLOSED);
}

FAULT(stuck_handshake) {
    UNUSED;
    handshake_end(e, FACTS_HANDSHAKE_TIMEOUT);
}

FAULT(early) {
    UNUSED;
    e->starttls.early = base_bytes_of_str("250 2.0.0 injected\r\n");
    e->starttls.early_bytes = 20;
}

FAULT(late_client_certificate) {
    UNUSED;
    e->step = FACTS_STEP_EHLO_TLS;
    e->stop = FACTS_STOP_CLOSED;
    e->error = "the server closed the connection while waiting for the answer to EHLO inside TLS";
    e->ehlo_tls = (struct facts_ehlo){.asked = true, .verb = "EHLO", .domain = ""};
    e->ehlo_tls.reply.status = "";
    e->session.client_certificate_asked = true;
    e->session.alert = 116;
    e->session.alert_name = "certificate_required";
}

FAULT(expired) {
    UNUSED;
    e->certificates[0].not_after = SCENE_NOW - 10 * SCENE_DAY;
    e->certificates[0].days_left = -10;
    bad_chain(e, 10, "certificate has expired");
}

FAULT(expired_for_people) {
    expired(s, t, e);
    port(t, e, 587);
}

FAULT(self_signed_and_expired) {
    expired(s, t, e);
    e->certificate_count = 1;
    e->certificates[0].issuer = e->certificates[0].subject;
    e->certificates[0].self_issued = e->certificates[0].self_signed = true;
    e->verification.first_code = 18;
    e->verification.first_reason = "self-signed certificate";
}

FAULT(wrong_name) {
    e->certificates[0].san_count = 0;
    scene_san(s, &e->certificates[0], "www.example.com", "");
    scene_san(s, &e->certificates[0], "example.com", "");
    e->verification.ok = e->verification.name_ok = false;
    e->verification.code = e->verification.first_code = 62;
    e->verification.reason = e->verification.first_reason = "hostname mismatch";
    e->verification.matched = FACTS_IDENTITY_NONE;
    e->verification.matched_name = "";
    (void)t;
}

FAULT(incomplete) {
    UNUSED;
    e->certificate_count = 1;
    e->chain.complete = false;
    e->chain.missing_issuer = e->certificates[0].issuer;
    bad_chain(e, 20, "unable to get local issuer certificate");
}

FAULT(private_ca) {
    UNUSED;
    bad_chain(e, 19, "self-signed certificate in certificate chain");
    e->chain.includes_root = true;
}

FAULT(small_key) {
    UNUSED;
    e->certificates[0].key_type = "RSA";
    e->certificates[0].key_bits = 1024;
    e->certificates[0].key_curve = "";
}

FAULT(old_protocol) {
    UNUSED;
    e->greeting = scene_reply(s, 220, "mx.example.org Microsoft ESMTP MAIL Service ready");
    e->session.protocol = "TLSv1";
    e->session.version = 0x0301;
    e->session.cipher_suite = "TLS_RSA_WITH_3DES_EDE_CBC_SHA";
    e->session.openssl_name = "DES-CBC3-SHA";
    e->session.cipher_bits = 112;
    e->session.key_exchange = "RSA";
    e->session.group = e->session.signature_scheme = "";
    e->session.secure_renegotiation = e->session.extended_master_secret = false;
    e->session.default_client_refuses = "TLSv1, 3DES";
}

FAULT(auth_in_clear) {
    port(t, e, 587);
    e->greeting = scene_reply(s, 220, "mx.example.org ESMTP Exim 4.96");
    scene_keywords(s, &e->ehlo, "SIZE 52428800;AUTH PLAIN LOGIN;STARTTLS");
    scene_keywords(s, &e->ehlo_tls, "SIZE 52428800;AUTH PLAIN LOGIN");
}

FAULT(lost_keywords) {
    scene_keywords(s, &e->ehlo_tls, "PIPELINING;8BITMIME");
    (void)t;
}

const struct scene_fault scene_faults[] = {
    {"refused", refused},
    {"timeout-587", timeout_elsewhere},
    {"no-source-address", no_source},
    {"hung-up", hung_up},
    {"tarpit", tarpit},
    {"slow-greeting", slow},
    {"blocklisted", blocklisted},
    {"tls-first", tls_first},
    {"ehlo-refused", ehlo_refused},
    {"helo-only", helo_only},
    {"starttls-not-offered", not_offered},
    {"starttls-not-offered-587", not_offered_to_people},
    {"masked", masked},
    {"starttls-454", starttls_454},
    {"alert", alert},
    {"alert-client-certificate", alert_wants_certificate},
    {"cleartext", cleartext},
    {"own-refusal", own_refusal},
    {"closed-in-handshake", closed_in_handshake},
    {"stuck-handshake", stuck_handshake},
    {"early-plaintext", early},
    {"late-client-certificate", late_client_certificate},
    {"expired", expired},
    {"expired-587", expired_for_people},
    {"self-signed-and-expired", self_signed_and_expired},
    {"wrong-name", wrong_name},
    {"incomplete-chain", incomplete},
    {"private-ca", private_ca},
    {"small-key", small_key},
    {"old-protocol", old_protocol},
    {"auth-in-clear", auth_in_clear},
    {"lost-keywords", lost_keywords},
    {NULL, NULL},
};
