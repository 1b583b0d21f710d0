/* SPDX-License-Identifier: Apache-2.0 */
/* Each failed handshake is laid at the right door, and at none when the facts do not tell. */
#include "clash_scene.h"

#include "diagnose/diagnose.h"
#include "diagnose/clash_private.h"
#include "diagnose/rule_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SPOIL(name, ...)                                                                           \
    static void name(struct clash_scene *s) {                                                      \
        __VA_ARGS__                                                                                \
    }
#define LIST(...)                                                                                  \
    (const uint16_t[]) {                                                                           \
        __VA_ARGS__, 0                                                                             \
    }
#define SESSION s->tried[0].session

/* --- protocols --- */

SPOIL(only_tls13, s->client.versions_limited = true; s->client.min_version = 0x0304;
      clash_scene_hello(s, &(struct clash_hello){.versions = LIST(0x0304),
                                                 .suites = LIST(0x1301),
                                                 .groups = LIST(0x001d),
                                                 .schemes = LIST(0x0403, 0x0804),
                                                 .sni = true});)
SPOIL(older, only_tls13(s); clash_scene_end(s, FACTS_HANDSHAKE_ALERT, 70);
      clash_scene_took(s, 0x0303, 0x002f, "", "", "RSA");)
/* GnuTLS says 40 where others say 70 */
SPOIL(older_gnutls, older(s); clash_scene_end(s, FACTS_HANDSHAKE_ALERT, 40);)
SPOIL(older_silent, older(s); clash_scene_end(s, FACTS_HANDSHAKE_CLOSED, -1);)
SPOIL(older_unseen, older(s); s->no_open = true;)
SPOIL(older_answered, clash_scene_local(s, "unsupported protocol", 70); SESSION.version = 0x0301;
      s->no_open = true;)
SPOIL(older_tls10, older(s); clash_scene_took(s, 0x0301, 0x002f, "", "", "RSA");)

SPOIL(only_tls12, s->client.versions_limited = true; s->client.max_version = 0x0303;
      clash_scene_hello(s, &(struct clash_hello){.versions = LIST(0x0303),
                                                 .suites = LIST(0xc02b, 0xc02f),
                                                 .groups = LIST(0x001d),
                                                 .schemes = LIST(0x0403, 0x0804, 0x0401),
                                                 .sni = true});)
SPOIL(newer, only_tls12(s); clash_scene_end(s, FACTS_HANDSHAKE_ALERT, 70);)
SPOIL(newer_gnutls, only_tls12(s);)
SPOIL(which_version, only_tls12(s); clash_scene_end(s, FACTS_HANDSHAKE_ALERT, 70);
      s->no_open = true;)

/* --- offers --- */

SPOIL(suites, s->client.ciphersuites = "TLS_CHACHA20_POLY1305_SHA256";
      clash_scene_hello(s, &(struct clash_hello){.versions = LIST(0x0304, 0x0303),
                                                 .suites = LIST(0x1303, 0xc02b),
                                                 .groups = LIST(0x001d),
                                                 .schemes = LIST(0x0403, 0x0804)});)
SPOIL(suites_12, s->client.cipher = "ECDHE-RSA-AES256-GCM-SHA384"; s->client.max_version = 0x0303;
      s->client.versions_limited = true;
      clash_scene_hello(s, &(struct clash_hello){.versions = LIST(0x0303),
                                                 .suites = LIST(0xc030),
                                                 .groups = LIST(0x001d),
                                                 .schemes = LIST(0x0401)});
      clash_scene_took(s, 0x0303, 0x002f, "", "", "RSA");)
SPOIL(suites_unseen, s->client.cipher = "AES128-SHA"; s->no_open = true;)
SPOIL(rsa_only, s->client.cipher = "aRSA"; s->client.max_version = 0x0303;
      clash_scene_hello(s, &(struct clash_hello){.versions = LIST(0x0303),
                                                 .suites = LIST(0xc02f, 0x009c),
                                                 .groups = LIST(0x001d),
                                                 .schemes = LIST(0x0403, 0x0401)});
      clash_scene_took(s, 0x0303, 0xc02b, "x25519", "ecdsa_secp256r1_sha256", "EC");)
SPOIL(ecdsa_only, s->client.cipher = "aECDSA"; s->client.max_version = 0x0303;
      clash_scene_hello(s, &(struct clash_hello){.versions = LIST(0x0303),
                                                 .suites = LIST(0xc02b),
                                                 .groups = LIST(0x001d),
                                                 .schemes = LIST(0x0403, 0x0401)});
      clash_scene_took(s, 0x0303, 0xc02f, "x25519", "rsa_pkcs1_sha256", "RSA");)
SPOIL(rsa_schemes, s->client.signature_schemes = "rsa_pss_rsae_sha256";
      clash_scene_hello(s, &(struct clash_hello){.versions = LIST(0x0304),
                                                 .suites = LIST(0x1301),
                                                 .groups = LIST(0x001d),
                                                 .schemes = LIST(0x0804)});)
SPOIL(groups, s->client.groups = "X448";
      clash_scene_hello(s, &(struct clash_hello){.versions = LIST(0x0304),
                                                 .suites = LIST(0x1301),
                                                 .groups = LIST(0x001e),
                                                 .schemes = LIST(0x0403)});)
SPOIL(groups_unseen, groups(s); s->no_open = true;)
SPOIL(schemes, s->client.signature_schemes = "RSA+SHA256"; s->client.max_version = 0x0303;
      clash_scene_hello(s, &(struct clash_hello){.versions = LIST(0x0303),
                                                 .suites = LIST(0xc02f),
                                                 .groups = LIST(0x001d),
                                                 .schemes = LIST(0x0401)});
      clash_scene_took(s, 0x0303, 0xc02f, "x25519", "rsa_pkcs1_sha512", "RSA");)
SPOIL(scheme_unoffered, clash_scene_local(s, "wrong signature type", 47); SESSION.version = 0x0303;
      SESSION.signature_scheme = "rsa_pkcs1_sha512";)
SPOIL(group_unoffered, clash_scene_local(s, "wrong curve", 47); SESSION.version = 0x0303;
      SESSION.group = "secp384r1";)
SPOIL(suites_dropped, suites(s); clash_scene_end(s, FACTS_HANDSHAKE_RESET, -1);)
SPOIL(suite_and_group, s->client.groups = "X448"; s->client.ciphersuites = "TLS_AES_256_GCM_SHA384";
      clash_scene_hello(s, &(struct clash_hello){.versions = LIST(0x0304),
                                                 .suites = LIST(0x1302),
                                                 .groups = LIST(0x001e),
                                                 .schemes = LIST(0x0403)});)
SPOIL(suite_or_version, suites_12(s);
      clash_scene_took(s, 0x0304, 0x1301, "x25519", "rsa_pss_rsae_sha256", "RSA");)
SPOIL(nothing_seen, s->client.versions_limited = true; s->no_open = true;)

/* --- this side --- */

SPOIL(no_suites, clash_scene_local(s, "no ciphers available", 80); s->no_open = true;)
SPOIL(no_versions, clash_scene_local(s, "no protocols available", 80); s->no_open = true;)
SPOIL(legacy, clash_scene_local(s, "legacy sigalg disallowed or unsupported", 80);
      SESSION.version = 0x0301; s->client.min_version = 0x0301;
      clash_scene_took(s, 0x0301, 0x0033, "dhe", "rsa_pkcs1_md5_sha1", "RSA");)
SPOIL(small_dh, clash_scene_local(s, "dh key too small", 40); SESSION.version = 0x0303;
      SESSION.group = "dhe"; SESSION.group_bits = 1024;)
SPOIL(renegotiation, clash_scene_local(s, "unsafe legacy renegotiation disabled", 40);
      SESSION.version = 0x0303;)
SPOIL(downgrade, clash_scene_local(s, "inappropriate fallback", 47); SESSION.version = 0x0303;)
SPOIL(weak_key, clash_scene_local(s, "certificate verify failed", 42); s->chain[0].key_type = "RSA";
      s->chain[0].key_bits = 1024;)
SPOIL(weak_digest, clash_scene_local(s, "ca md too weak", 42); s->chain[0].signature_hash = "SHA1";)
SPOIL(refuse, clash_scene_local(s, "certificate verify failed", 48);
      s->client.verification_required = true; s->open.verification.ok = false;
      s->open.verification.chain_ok = false; s->open.verification.reason = "some reason";)
SPOIL(refuse_expired, refuse(s); s->open.verification.code = 10;)
SPOIL(refuse_early, refuse(s); s->open.verification.code = 9;)
SPOIL(refuse_self, refuse(s); s->open.verification.code = 18;)
SPOIL(refuse_private, refuse(s); s->open.verification.code = 19;)
SPOIL(refuse_missing, refuse(s); s->open.verification.code = 20; s->open.chain.complete = false;
      s->open.chain.missing_issuer = "CN=Intermediate";)
SPOIL(refuse_name, refuse(s); s->open.verification.chain_ok = true; s->open.verification.code = 62;
      s->open.verification.name_ok = false;)
SPOIL(refuse_tlsa, refuse(s); s->open.verification.code = 65;)
SPOIL(refuse_revoked, refuse(s); s->open.verification.code = 23;)
SPOIL(refuse_strange, refuse(s); s->open.verification.code = 26;)
SPOIL(refuse_own, clash_scene_local(s, "certificate verify failed", 42);)
SPOIL(refuse_without_name, clash_scene_local(s, "certificate verify failed", 42);
      s->client.sni = SESSION.sni = ""; s->client.sni_withheld = true;)
SPOIL(refuse_told, clash_scene_local(s, "certificate verify failed", 45); s->no_open = true;
      s->client.verify_error = 10; s->client.verify_depth = 1; s->client.verify_text = "expired";
      s->client.verify_subject = "CN = Old CA";)
SPOIL(refuse_told_purpose, refuse_without_name(s); s->client.verify_error = 26;
      s->client.verify_text = "unsuitable certificate purpose"; s->client.verify_subject = "";)
SPOIL(refuse_told_weak, refuse_told(s); s->client.verify_error = 66; s->client.verify_depth = 0;)
SPOIL(refuse_unseen, clash_scene_local(s, "certificate verify failed", 45); s->no_open = true;)

/* --- alerts --- */

SPOIL(wants_certificate, SESSION.client_certificate_asked = true; SESSION.version = 0x0303;)
SPOIL(wants_certificate_gnutls, wants_certificate(s);
      clash_scene_end(s, FACTS_HANDSHAKE_ALERT, 50);)
SPOIL(wants_certificate_closed, wants_certificate(s);
      clash_scene_end(s, FACTS_HANDSHAKE_CLOSED, -1);)
SPOIL(wants_certificate_late, SESSION.established = true; SESSION.end = FACTS_HANDSHAKE_NONE;
      SESSION.client_certificate_asked = true; SESSION.alert = 116;
      SESSION.alert_name = "certificate_required"; s->tried[0].step = FACTS_STEP_EHLO_TLS;
      s->tried[0].stop = FACTS_STOP_CLOSED; s->tried[0].error = "closed";)
SPOIL(wants_certificate_late_implicit, wants_certificate_late(s); s->tried[0].implicit_tls = true;
      s->tried[0].step = FACTS_STEP_GREETING;)
SPOIL(wants_certificate_in_words, SESSION.established = true; SESSION.end = FACTS_HANDSHAKE_NONE;
      SESSION.alert = -1; s->tried[0].step = FACTS_STEP_EHLO_TLS;
      s->tried[0].stop = FACTS_STOP_REFUSED; s->tried[0].ehlo_tls.reply.received = true;
      s->tried[0].ehlo_tls.reply.code = 421; s->tried[0].ehlo_tls.reply.line_count = 1;
      s->greeting[0] = base_bytes_of_str("4.7.1 No client certificate presented");
      s->tried[0].ehlo_tls.reply.lines = s->greeting;)
SPOIL(wrong_certificate, wants_certificate(s); s->client.certificate_given = true;
      clash_scene_end(s, FACTS_HANDSHAKE_ALERT, 48);)
SPOIL(name_refused, clash_scene_end(s, FACTS_HANDSHAKE_ALERT, 112); s->open.session.sni = "";)
SPOIL(name_missing_112, clash_scene_end(s, FACTS_HANDSHAKE_ALERT, 112); SESSION.sni = "";
      s->client.sni_withheld = true;)
SPOIL(name_missing, SESSION.sni = ""; s->client.sni_withheld = true;)
SPOIL(fallback, clash_scene_end(s, FACTS_HANDSHAKE_ALERT, 86); s->client.max_version = 0x0303;)
SPOIL(alpn, clash_scene_end(s, FACTS_HANDSHAKE_ALERT, 120);)
SPOIL(psk, clash_scene_end(s, FACTS_HANDSHAKE_ALERT, 115);)
SPOIL(psk_key, clash_scene_end(s, FACTS_HANDSHAKE_ALERT, 47);
      clash_scene_hello(s, &(struct clash_hello){.versions = LIST(0x0304),
                                                 .suites = LIST(0x1301),
                                                 .groups = LIST(0x001d),
                                                 .schemes = LIST(0x0403),
                                                 .psk = true});)
SPOIL(extension, clash_scene_end(s, FACTS_HANDSHAKE_ALERT, 47);
      clash_scene_hello(s, &(struct clash_hello){.versions = LIST(0x0304, 0x0303),
                                                 .suites = LIST(0x1301, 0xc02b),
                                                 .groups = LIST(0x001d, 0x0017),
                                                 .schemes = LIST(0x0403, 0x0804),
                                                 .max_fragment = 1});)
SPOIL(internal, clash_scene_end(s, FACTS_HANDSHAKE_ALERT, 80);)
SPOIL(internal_twice, clash_scene_end(s, FACTS_HANDSHAKE_ALERT, 80);
      clash_scene_open_fails(s, FACTS_HANDSHAKE_ALERT, 80);)

/* --- silence --- */

SPOIL(text, clash_scene_end(s, FACTS_HANDSHAKE_PLAINTEXT, -1);
      SESSION.junk = base_bytes_of_str("454 4.7.0 no\r\n");)
SPOIL(text_implicit, text(s); s->tried[0].implicit_tls = true;
      SESSION.junk = base_bytes_of_str("220 mx ESMTP\r\n");)
SPOIL(text_http, text(s); SESSION.junk = base_bytes_of_str("HTTP/1.1 400 Bad Request\r\n");)
SPOIL(text_ssh, text(s); SESSION.junk = base_bytes_of_str("SSH-2.0-x\r\n");)
SPOIL(nobody, clash_scene_open_fails(s, FACTS_HANDSHAKE_ALERT, 40);)
SPOIL(dropped, clash_scene_end(s, FACTS_HANDSHAKE_RESET, -1);)
SPOIL(dropped_large, clash_scene_end(s, FACTS_HANDSHAKE_TIMEOUT, -1);
      clash_scene_hello(s, &(struct clash_hello){.versions = LIST(0x0304, 0x0303),
                                                 .suites = LIST(0x1301, 0xc02b),
                                                 .groups = LIST(0x11ec, 0x001d, 0x0017),
                                                 .schemes = LIST(0x0403, 0x0804),
                                                 .padding = 1500});)
SPOIL(closed_twice, clash_scene_end(s, FACTS_HANDSHAKE_CLOSED, -1);
      clash_scene_open_fails(s, FACTS_HANDSHAKE_CLOSED, -1);)
SPOIL(cut_in_answer, clash_scene_end(s, FACTS_HANDSHAKE_TIMEOUT, -1); SESSION.version = 0x0304;
      SESSION.bytes_read = 1200; clash_scene_open_fails(s, FACTS_HANDSHAKE_TIMEOUT, -1);)
SPOIL(bad_signature, clash_scene_local(s, "bad signature", 51);)
SPOIL(other_alert, clash_scene_end(s, FACTS_HANDSHAKE_ALERT, 49); s->no_open = true;)

static const struct row {
    void (*spoil)(struct clash_scene *s);
    const char *id;
    const char *evidence; /* words that must be there, "" any */
    const char *fix;
    const char *logs;
} rows[] = {
    {older, "clash-protocol-older", "this server's highest protocol is TLS 1.2",
     "`example.org encrypt protocols=>=TLSv1.2`", "0A00042E"},
    {older_gnutls, "clash-protocol-older", "answered alert 40, handshake failure",
     "Exim: ", "0A000410"},
    {older_silent, "clash-protocol-older", "it closed the connection", "", "lost connection"},
    {older_unseen, "clash-protocol-older", "does not speak TLS 1.3", "TLSv1.2", "0A000102"},
    {older_answered, "clash-protocol-older", "answered with TLS 1.0", "@SECLEVEL=0", NULL},
    {older_tls10, "clash-protocol-older", "TLS 1.0", "protocols=>=TLSv1`", NULL},
    {newer, "clash-protocol-newer", "wants something newer than TLS 1.2", "no !TLSv1.3", NULL},
    {newer_gnutls, "clash-protocol-newer", "most likely", "", NULL},
    {which_version, "clash-protocol", "no protocol version in common", "", NULL},
    {suites, "clash-cipher", "TLS_AES_128_GCM_SHA256", "ciphers=medium", "no shared cipher"},
    {suites_12, "clash-cipher", "ECDHE-RSA-AES256-GCM-SHA384", "AES128-SHA", NULL},
    {suites_unseen, "clash-cipher", "-cipher AES128-SHA", "", NULL},
    {rsa_only, "clash-certificate-type", "type ECDSA", "no aECDSA", NULL},
    {ecdsa_only, "clash-certificate-type", "type RSA", "", NULL},
    {rsa_schemes, "clash-certificate-type", "rsa_pss_rsae_sha256", "", NULL},
    {groups, "clash-group", "x448", "tls_eecdh_auto_curves", "no suitable key share"},
    {groups_unseen, "clash-group", "x448", "", NULL},
    {schemes, "clash-signature-scheme", "rsa_pkcs1_sha512", "SignatureAlgorithms", NULL},
    {scheme_unoffered, "clash-signature-scheme", "uses the signature scheme rsa_pkcs1_sha512", "",
     NULL},
    {group_unoffered, "clash-group", "uses the group secp384r1", "", NULL},
    {suites_dropped, "clash-cipher", "the connection was reset", "", NULL},
    {suite_and_group, "clash-offer", "TLS 1.3", "", NULL},
    {suite_or_version, "clash-offer", "", "", NULL},
    {nothing_seen, "clash-offer", "", "", NULL},
    {no_suites, "clash-nothing-to-offer", "no cipher suite", "-ciphersuites", NULL},
    {no_versions, "clash-nothing-to-offer", "no protocol version", "", NULL},
    {legacy, "clash-legacy-signature", "MD5 and SHA-1", "@SECLEVEL=0", "0A00014D"},
    {small_dh, "clash-dh-small", "of 1024 bits", "tls_dh_min_bits = 1024", "0A00018A"},
    {renegotiation, "clash-renegotiation", "RFC 5746", "LEGACY_SERVER_CONNECT", "0A000152"},
    {downgrade, "clash-downgrade", "newer version", "", NULL},
    {weak_key, "clash-certificate-weak", "RSA with 1024 bits", "", NULL},
    {weak_digest, "clash-certificate-weak", "SHA1", "", NULL},
    {refuse_expired, "clash-verification", "has expired", "smtp_tls_CAfile", "0A000086"},
    {refuse_early, "clash-verification", "not yet valid", "", NULL},
    {refuse_self, "clash-verification", "self-signed", "", "0A000418"},
    {refuse_private, "clash-verification", "root that is not trusted", "", NULL},
    {refuse_missing, "clash-verification", "intermediate certificate is missing", "", NULL},
    {refuse_name, "clash-verification", "not for the name asked for, mx.example.org", "", NULL},
    {refuse_tlsa, "clash-verification", "TLSA", "", NULL},
    {refuse_revoked, "clash-verification", "revoked", "", NULL},
    {refuse_strange, "clash-verification", "some reason", "", NULL},
    {refuse_own, "clash-verification", "own demands", "", NULL},
    {refuse_without_name, "clash-verification", "another certificate", "smtp_tls_servername", NULL},
    {refuse_told, "clash-verification", "a certificate of the chain (CN = Old CA) has expired", "",
     NULL},
    {refuse_told_purpose, "clash-verification", "unsuitable certificate purpose", "", NULL},
    {refuse_told_weak, "clash-certificate-weak", "is too weak", "", NULL},
    {refuse_unseen, "clash-verification", "has expired", "", NULL},
    {wants_certificate, "client-certificate-required", "alert 40", "smtp_tls_chain_files",
     "peer did not return a certificate"},
    {wants_certificate_gnutls, "client-certificate-required", "alert 50", "", NULL},
    {wants_certificate_closed, "client-certificate-required", "closed the connection", "", NULL},
    {wants_certificate_late, "client-certificate-required", "alert 116", "", "0A00045C"},
    {wants_certificate_late_implicit, "client-certificate-required", "alert 116", "", NULL},
    {wants_certificate_in_words, "client-certificate-required", "421 4.7.1 No client", "", NULL},
    {wrong_certificate, "client-certificate-refused", "does not know the issuer", "", NULL},
    {name_refused, "clash-server-name", "without a name it succeeds", "-servername", NULL},
    {name_missing_112, "clash-server-name", "no server name", "smtp_tls_servername", NULL},
    {name_missing, "clash-server-name-needed", "with the name mx.example.org", "tls_sni", NULL},
    {fallback, "clash-fallback", "TLS 1.2 is a second attempt", "-fallback_scsv", "0A000175"},
    {alpn, "clash-alpn", "ALPN", "-alpn", NULL},
    {psk, "clash-psk", "does not know the identity", "", NULL},
    {psk_key, "clash-psk", "identity or key", "", NULL},
    {extension, "clash-extension", "-maxfraglen", "", NULL},
    {internal, "server-internal-error", "offered everything, it took TLS 1.3", "", "0A000438"},
    {internal_twice, "server-internal-error", "did no better", "example.org none", NULL},
    {text, "handshake-plaintext", "454 4.7.0 no", "went on in clear", "wrong version number"},
    {text_implicit, "handshake-plaintext", "220 mx", "smtp_tls_wrappermode", "\\026\\003\\001"},
    {text_http, "handshake-plaintext", "HTTP/1.1", "web server", NULL},
    {text_ssh, "handshake-plaintext", "SSH-2.0", "SSH server", NULL},
    {nobody, "server-no-certificate", "it answered alike", "none", NULL},
    {dropped, "hello-dropped", "got no answer", "", "Connection reset"},
    {dropped_large, "hello-dropped", "got no answer", "X25519MLKEM768", "timed out"},
    {closed_twice, "handshake-failed", "fared no better: it closed the connection", "", NULL},
    {cut_in_answer, "handshake-failed", "1200 bytes", "MSS", NULL},
    {bad_signature, "handshake-failed", "bad signature", "", NULL},
    {other_alert, "handshake-failed", "alert 49", "", NULL},
};

static bool has(const char *text, const char *words) {
    return !words || (text && strstr(text, words));
}

static void each_cause_is_named(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        struct clash_scene s;
        clash_scene_set(&s);
        r->spoil(&s);
        const struct facts_finding *f = clash_scene_judge(&s);
        bool good = f && strcmp(f->id, r->id) == 0 && has(f->evidence, r->evidence) &&
                    has(f->fix, r->fix) && has(f->logs, r->logs);
        if (!good)
            print_error("row %zu, %s: %s\n  %s\n  %s\n  %s\n", i, r->id, f ? f->id : "nothing",
                        f ? f->evidence : "", f ? f->fix : "", f && f->logs ? f->logs : "");
        assert_true(good);
        assert_int_equal(s.target.finding_count, 1);
        assert_true(f->title[0] && f->impact[0] && f->fix[0]);
        assert_int_equal(f->endpoint, 0);
        clash_scene_release(&s);
    }
}

static void every_rule_of_the_family_has_a_row(void **state) {
    (void)state;
    for (const struct diagnose_rule *r = diagnose_clash_rules; r->id; r++) {
        bool found = false;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
            found |= strcmp(rows[i].id, r->id) == 0;
        if (!found)
            print_error("no row for %s\n", r->id);
        assert_true(found);
    }
}

/* --- not when it is not known --- */

static void expect(void (*spoil)(struct clash_scene *), void (*more)(struct clash_scene *),
                   const char *id) {
    struct clash_scene s;
    clash_scene_set(&s);
    spoil(&s);
    if (more)
        more(&s);
    const struct facts_finding *f = clash_scene_judge(&s);
    if (!f || strcmp(f->id, id) != 0)
        print_error("%s, not %s\n", f ? f->id : "nothing", id);
    assert_non_null(f);
    assert_string_equal(f->id, id);
    clash_scene_release(&s);
}

SPOIL(hello_lost, s->client.hello = BASE_BYTES_EMPTY; SESSION.hello = BASE_BYTES_EMPTY;)
SPOIL(hello_cut, s->client.hello.len = 60;)
SPOIL(look_lost, s->no_open = true;)
SPOIL(look_fails, clash_scene_open_fails(s, FACTS_HANDSHAKE_ALERT, 40);)
SPOIL(look_silent, clash_scene_open_fails(s, FACTS_HANDSHAKE_TIMEOUT, -1);)
SPOIL(as_check, s->no_client = true; s->no_open = true;)

/* Without the hello nothing is said to be missing from it. */
static void an_unread_hello_accuses_nobody(void **state) {
    (void)state;
    expect(groups, hello_lost, "clash-group"); /* the user's own words are left, and the look */
    expect(name_missing, hello_lost, "clash-server-name-needed");
    expect(extension, hello_cut, "clash-extension");
    struct clash_scene s;
    clash_scene_set(&s);
    hello_cut(&s);
    const struct facts_finding *f = clash_scene_judge(&s);
    assert_string_equal(f->id, "handshake-failed");
    clash_scene_release(&s);
}

/* The second look failed as well: the client's restrictions are not to blame. */
static void two_failures_accuse_the_server(void **state) {
    (void)state;
    expect(groups, look_fails, "server-no-certificate");
    expect(suites, look_fails, "server-no-certificate");
    expect(rsa_only, look_silent, "handshake-failed");
    expect(dropped, look_silent, "handshake-failed");
    expect(name_missing, look_fails, "server-no-certificate");
    expect(older, look_fails, "clash-protocol-older"); /* alert 70 to TLS 1.3 alone is enough */
}

/* Nobody is accused of what a second look would have shown. */
static void one_look_says_less(void **state) {
    (void)state;
    expect(dropped, look_lost, "handshake-failed");
    expect(name_missing, look_lost, "handshake-failed");
    expect(newer_gnutls, look_lost, "clash-offer");
    expect(older_gnutls, look_lost, "clash-offer");
    expect(suite_and_group, look_lost, "clash-offer");
    struct clash_scene s;
    clash_scene_set(&s);
    nothing_seen(&s);
    const struct facts_finding *f = clash_scene_judge(&s);
    assert_non_null(strstr(f->impact, "protocol versions, or a server without a usable"));
    assert_non_null(f->next);
    clash_scene_release(&s);
}

/* A server that only closes gives no proof. */
static void doubt_is_said(void **state) {
    struct clash_scene s;
    (void)state;
    clash_scene_set(&s);
    suites_dropped(&s);
    const struct facts_finding *f = clash_scene_judge(&s);
    assert_non_null(f->next);
    assert_non_null(strstr(f->impact, "most likely"));
    clash_scene_release(&s);
    clash_scene_set(&s);
    suites(&s);
    f = clash_scene_judge(&s);
    assert_null(f->next);
    assert_null(strstr(f->impact, "likely"));
    clash_scene_release(&s);
}

/* What remains possible is named, with the look that tells it apart. */
static void several_causes_are_all_named(void **state) {
    struct clash_scene s;
    (void)state;
    clash_scene_set(&s);
    suite_and_group(&s);
    const struct facts_finding *f = clash_scene_judge(&s);
    assert_non_null(strstr(f->impact, "the cipher suites and the groups"));
    assert_non_null(strstr(f->next, "-cipher"));
    clash_scene_release(&s);
    clash_scene_set(&s);
    suite_or_version(&s);
    f = clash_scene_judge(&s);
    assert_non_null(strstr(f->impact, "the protocol versions and the cipher suites"));
    assert_non_null(strstr(f->next, "protocol options"));
    clash_scene_release(&s);
}

/* `check` offers everything: there are no restrictions to blame. */
static void check_blames_no_client(void **state) {
    (void)state;
    expect(groups, as_check, "handshake-failed");
    expect(suites, as_check, "handshake-failed");
    expect(internal, as_check, "handshake-failed");
    expect(dropped, as_check, "handshake-failed");
    expect(name_refused, as_check, "clash-server-name");
    expect(renegotiation, as_check, "clash-renegotiation");
    expect(wants_certificate, as_check, "client-certificate-required");
    expect(text, as_check, "handshake-plaintext");
    struct clash_scene s;
    clash_scene_set(&s);
    clash_scene_end(&s, FACTS_HANDSHAKE_ALERT, 70);
    as_check(&s);
    assert_string_equal(clash_scene_judge(&s)->id, "clash-protocol");
    clash_scene_release(&s);
}

static void a_good_session_clashes_with_nothing(void **state) {
    struct clash_scene s;
    (void)state;
    clash_scene_set(&s);
    s.tried[0].session = s.open.session;
    s.tried[0].step = FACTS_STEP_DONE;
    s.tried[0].stop = FACTS_STOP_NONE;
    assert_null(clash_scene_judge(&s));
    clash_scene_release(&s);
}

/* What never came to a handshake is told by the rules of `check`; only what is to blame. */
static void earlier_failures_are_told(void **state) {
    struct clash_scene s;
    struct facts_keyword words[2] = {{"SIZE", ""}, {"AUTH", "PLAIN"}};
    (void)state;
    clash_scene_set(&s);
    facts_endpoint_init(&s.tried[0]);
    s.tried[0].host = "mx.example.org";
    s.tried[0].connect.state = FACTS_CONNECT_OK;
    s.tried[0].ehlo.verb = "EHLO";
    s.tried[0].ehlo.keywords = words;
    s.tried[0].ehlo.keyword_count = 2;
    s.tried[0].step = FACTS_STEP_STARTTLS;
    s.tried[0].stop = FACTS_STOP_NO_STARTTLS;
    const struct facts_finding *f = clash_scene_judge(&s);
    assert_string_equal(f->id, "starttls-not-offered");
    assert_int_equal(s.target.finding_count, 1); /* passwords in clear are another matter */
    clash_scene_release(&s);
}

/* --- the second look --- */

static void the_second_look_is_worth_it(void **state) {
    static const struct {
        void (*spoil)(struct clash_scene *s);
        bool worth;
        uint16_t newest;
        bool sni;
    } cases[] = {
        {older, true, 0x0304, true},
        {newer, true, 0x0304, true},
        {suites_12, true, 0x0303, true},
        {suites, true, 0x0304, true},
        {newer_gnutls, true, 0x0304, true},
        {name_refused, true, 0x0304, false},
        {name_missing_112, true, 0x0304, true},
        {text, false, 0x0304, true},
        {no_suites, false, 0x0304, true},
        {wants_certificate, false, 0x0304, true},
        {refuse_expired, true, 0x0304, true},
        {dropped, true, 0x0304, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct clash_scene s;
        struct diagnose_second_look look;
        clash_scene_set(&s);
        cases[i].spoil(&s);
        bool worth = diagnose_clash_second_look(&s.client, &s.tried[0], &look);
        if (worth != cases[i].worth || look.max_version != cases[i].newest)
            print_error("case %zu: %d, newest %04x\n", i, worth, look.max_version);
        assert_int_equal(worth, cases[i].worth);
        assert_int_equal(look.max_version, cases[i].newest);
        assert_int_equal(look.send_sni, cases[i].sni);
        assert_int_equal(look.min_version, 0x0301);
        clash_scene_release(&s);
    }
    /* alert 70: suites are not the matter */
    struct clash_scene s;
    struct diagnose_second_look look;
    clash_scene_set(&s);
    suites_12(&s);
    clash_scene_end(&s, FACTS_HANDSHAKE_ALERT, 70);
    assert_true(diagnose_clash_second_look(&s.client, &s.tried[0], &look));
    assert_int_equal(look.max_version, 0x0304);
    clash_scene_release(&s);
}

/* --- the offer --- */

static void read_offer(struct base_bytes hello, struct diagnose_offer *o) {
    struct facts_client client = {.hello = hello};
    struct facts_endpoint e;
    facts_endpoint_init(&e);
    diagnose_offer_of(&client, &e, o);
}

static void an_offer_is_counted(void **state) {
    uint8_t room[1024];
    struct diagnose_offer o;
    struct base_arena arena;
    (void)state;
    base_arena_init(&arena, 1 << 16);
    read_offer(clash_hello_write(
                   room, sizeof room,
                   &(struct clash_hello){.versions = LIST(0x2a2a, 0x0304, 0x0303),
                                         .suites = LIST(0x0a0a, 0x1301, 0xc02b, 0x009c, 0x5600),
                                         .groups = LIST(0x0a0a, 0x001d, 0x0017, 0x1234),
                                         .schemes = LIST(0x0403, 0x0804, 0x0401, 0x0203),
                                         .max_fragment = 2}),
               &o);
    assert_true(o.known);
    assert_int_equal(diagnose_offer_count_auth(&o, KNOW_TLS_AUTH_ECDSA), 1);
    assert_int_equal(diagnose_offer_count_auth(&o, KNOW_TLS_AUTH_RSA), 1);
    assert_int_equal(diagnose_offer_count_schemes(&o, "RSA", true), 1); /* PSS alone */
    assert_int_equal(diagnose_offer_count_schemes(&o, "RSA", false), 2);
    assert_int_equal(diagnose_offer_count_schemes(&o, "EC", true), 1); /* not with SHA-1 */
    assert_int_equal(diagnose_offer_count_schemes(&o, "EC", false), 2);
    assert_string_equal(diagnose_offer_suites(&arena, &o, 9),
                        "TLS_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 and "
                        "TLS_RSA_WITH_AES_128_GCM_SHA256");
    assert_string_equal(diagnose_offer_groups(&arena, &o, 2), "x25519, secp256r1 and 1 more");
    assert_string_equal(diagnose_offer_groups(&arena, &o, 9), "x25519, secp256r1 and 0x1234");
    base_arena_release(&arena);
}

/* Cut at every byte it is not known; spoilt at every byte it harms nobody. */
static void a_hostile_hello_is_harmless(void **state) {
    uint8_t room[512], copy[512];
    struct diagnose_offer o;
    (void)state;
    struct base_bytes good = clash_hello_write(room, sizeof room,
                                               &(struct clash_hello){.versions = LIST(0x0304),
                                                                     .suites = LIST(0x1301),
                                                                     .groups = LIST(0x001d),
                                                                     .schemes = LIST(0x0403)});
    for (size_t cut = 0; cut < good.len; cut++) {
        read_offer(base_bytes_slice(good, 0, cut), &o);
        assert_false(o.known);
    }
    for (size_t i = 0; i < good.len; i++) {
        struct clash_scene s;
        memcpy(copy, room, sizeof copy);
        copy[i] ^= 0xff;
        clash_scene_set(&s);
        s.client.hello = base_bytes_view(copy, good.len);
        assert_non_null(clash_scene_judge(&s));
        clash_scene_release(&s);
    }
}

/* Words of the server, of the library and of the user are made printable. */
static void hostile_words_are_escaped(void **state) {
    struct clash_scene s;
    (void)state;
    clash_scene_set(&s);
    suites_unseen(&s);
    s.client.cipher = "AES\x1b[2J";
    const struct facts_finding *f = clash_scene_judge(&s);
    assert_null(strchr(f->evidence, 0x1b));
    clash_scene_release(&s);
    clash_scene_set(&s);
    text(&s);
    s.tried[0].session.junk = base_bytes_of_str("\x1b[2J no TLS");
    f = clash_scene_judge(&s);
    assert_null(strchr(f->evidence, 0x1b));
    assert_non_null(strstr(f->evidence, "\\x1B"));
    clash_scene_release(&s);
}

/* What a limited client negotiated says nothing about the server's best. */
static void limits_of_the_client_are_not_the_servers(void **state) {
    struct clash_scene s;
    struct diagnose_config c = {.now = 1, .expiring_days = 21};
    (void)state;
    for (int limited = 0; limited < 2; limited++) {
        bool found = false;
        clash_scene_set(&s);
        s.tried[0].session = s.open.session;
        s.tried[0].session.version = 0x0303;
        s.tried[0].step = FACTS_STEP_DONE;
        s.tried[0].stop = FACTS_STOP_NONE;
        s.client.max_version = limited ? 0x0303 : 0x0304;
        c.client = &s.client;
        diagnose_target(&s.target, &c, &s.arena);
        for (size_t i = 0; i < s.target.finding_count; i++)
            found |= strcmp(s.target.findings[i].id, "protocol-no-tls13") == 0;
        assert_int_equal(found, !limited);
        clash_scene_release(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cause_is_named),
        cmocka_unit_test(every_rule_of_the_family_has_a_row),
        cmocka_unit_test(an_unread_hello_accuses_nobody),
        cmocka_unit_test(two_failures_accuse_the_server),
        cmocka_unit_test(one_look_says_less),
        cmocka_unit_test(doubt_is_said),
        cmocka_unit_test(several_causes_are_all_named),
        cmocka_unit_test(check_blames_no_client),
        cmocka_unit_test(a_good_session_clashes_with_nothing),
        cmocka_unit_test(earlier_failures_are_told),
        cmocka_unit_test(the_second_look_is_worth_it),
        cmocka_unit_test(an_offer_is_counted),
        cmocka_unit_test(a_hostile_hello_is_harmless),
        cmocka_unit_test(hostile_words_are_escaped),
        cmocka_unit_test(limits_of_the_client_are_not_the_servers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
