/* SPDX-License-Identifier: Apache-2.0 */
/* Each rule fires on facts made for it, and all are quiet about a healthy server. */
#include "diagnose/diagnose.h"
#include "diagnose/rule_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(1800000000)
#define DAY INT64_C(86400)

/* Two addresses of one healthy MX host, to be spoilt by the rows below. */
struct scene {
    struct base_arena arena;
    struct facts_target target;
    struct facts_host hosts[2];
    struct facts_endpoint endpoints[2];
    struct facts_certificate chain[2];
    struct facts_certificate other[1];
    struct facts_san sans[1];
    struct facts_keyword keywords[3];
    struct facts_keyword tls_keywords[2];
    struct base_bytes greeting[1];
    struct base_bytes answer[1];
};

static void healthy_endpoint(struct scene *s, size_t i, const char *address) {
    struct facts_endpoint *e = &s->endpoints[i];
    facts_endpoint_init(e);
    e->host = "mx.example.org";
    e->address = address;
    e->port = 25;
    e->mx_preference = 10;
    e->connect.state = FACTS_CONNECT_OK;
    e->greeting = (struct facts_reply){.received = true,
                                       .code = 220,
                                       .status = "",
                                       .enhanced = "",
                                       .lines = s->greeting,
                                       .line_count = 1};
    e->ehlo.asked = e->ehlo_tls.asked = true;
    e->ehlo.verb = e->ehlo_tls.verb = "EHLO";
    e->ehlo.reply = e->ehlo_tls.reply = (struct facts_reply){.received = true,
                                                             .code = 250,
                                                             .status = "",
                                                             .enhanced = "",
                                                             .lines = s->answer,
                                                             .line_count = 1};
    e->ehlo.keywords = s->keywords;
    e->ehlo.keyword_count = 2;
    e->ehlo_tls.keywords = s->tls_keywords;
    e->ehlo_tls.keyword_count = 1;
    e->starttls.offered = e->starttls.asked = true;
    e->starttls.reply = (struct facts_reply){.received = true,
                                             .code = 220,
                                             .status = "",
                                             .enhanced = "",
                                             .lines = s->answer,
                                             .line_count = 1};
    e->session.started = e->session.established = true;
    e->session.protocol = "TLSv1.3";
    e->session.version = 0x0304;
    e->session.group = "x25519";
    e->session.group_bits = 253;
    e->session.cipher_suite = "TLS_AES_128_GCM_SHA256";
    e->session.secure_renegotiation = true;
    e->certificates = s->chain;
    e->certificate_count = 2;
    e->chain = (struct facts_chain){.in_order = true, .complete = true, .missing_issuer = ""};
    e->verification = (struct facts_verification){.done = true,
                                                  .ok = true,
                                                  .chain_ok = true,
                                                  .reason = "ok",
                                                  .first_reason = "ok",
                                                  .name_ok = true,
                                                  .reference = "mx.example.org",
                                                  .matched_name = "mx.example.org",
                                                  .trust = "system"};
    e->step = FACTS_STEP_DONE;
}

static void set_scene(struct scene *s) {
    memset(s, 0, sizeof *s);
    base_arena_init(&s->arena, 1 << 20);
    s->greeting[0] = base_bytes_of_str("mx.example.org ESMTP Postfix");
    s->answer[0] = base_bytes_of_str("mx.example.org");
    s->keywords[0] = (struct facts_keyword){"SIZE", "1000"};
    s->keywords[1] = (struct facts_keyword){"STARTTLS", ""};
    s->keywords[2] = (struct facts_keyword){"AUTH", "PLAIN"};
    s->tls_keywords[0] = (struct facts_keyword){"SIZE", "1000"};
    s->sans[0] = (struct facts_san){FACTS_SAN_DNS, "mx.example.org", ""};
    struct facts_certificate good = {.parsed = true,
                                     .error = "",
                                     .subject = "CN=mx.example.org",
                                     .issuer = "CN=CA",
                                     .sans = s->sans,
                                     .san_count = 1,
                                     .not_before = NOW - DAY,
                                     .not_after = NOW + 60 * DAY,
                                     .days_left = 60,
                                     .key_type = "EC",
                                     .key_bits = 256,
                                     .key_curve = "P-256",
                                     .signature = "ecdsa-with-SHA256",
                                     .signature_hash = "SHA256",
                                     .sha256 = "aa01"};
    s->chain[0] = s->chain[1] = s->other[0] = good;
    s->chain[1].subject = "CN=CA";
    s->other[0].sha256 = "bb02";
    healthy_endpoint(s, 0, "192.0.2.1");
    healthy_endpoint(s, 1, "192.0.2.2");
    s->hosts[0] =
        (struct facts_host){.name = "mx.example.org",
                            .unicode = "",
                            .preference = 10,
                            .address_count = 2,
                            .a = {.result = FACTS_DNS_DATA, .why = "", .canonical = ""},
                            .aaaa = {.result = FACTS_DNS_NODATA, .why = "", .canonical = ""}};
    s->hosts[1] = s->hosts[0];
    s->hosts[1].name = "mx2.example.org";
    s->target =
        (struct facts_target){.input = "example.org",
                              .kind = FACTS_TARGET_DOMAIN,
                              .name = "example.org",
                              .unicode = "",
                              .port = 25,
                              .error = "",
                              .endpoints = s->endpoints,
                              .endpoint_count = 2,
                              .dns = {.mx = {.result = FACTS_DNS_DATA, .why = "", .canonical = ""},
                                      .hosts = s->hosts,
                                      .host_count = 1}};
}

static void judge(struct scene *s) {
    struct diagnose_config c = {.now = NOW, .expiring_days = 21};
    diagnose_target(&s->target, &c, &s->arena);
    assert_false(s->arena.failed);
}

static const struct facts_finding *find(const struct scene *s, const char *id) {
    for (size_t i = 0; i < s->target.finding_count; i++)
        if (strcmp(s->target.findings[i].id, id) == 0)
            return &s->target.findings[i];
    return NULL;
}

#define E0 (&s->endpoints[0])

static void no_session(struct facts_endpoint *e, enum facts_step step, enum facts_stop stop) {
    e->session.started = step >= FACTS_STEP_HANDSHAKE;
    e->session.established = false;
    e->certificate_count = 0;
    e->verification.done = false;
    e->step = step;
    e->stop = stop;
    e->error = "the words of the step";
}

static void handshake_end(struct facts_endpoint *e, enum facts_handshake_end end) {
    no_session(e, FACTS_STEP_HANDSHAKE, FACTS_STOP_HANDSHAKE);
    e->session.end = end;
}

static void not_connected(struct facts_endpoint *e, enum facts_connect_state state) {
    facts_endpoint_init(e);
    e->host = "mx.example.org";
    e->address = "192.0.2.1";
    e->port = 25;
    e->connect.state = state;
    e->connect.error = "the system's words";
    e->stop = state == FACTS_CONNECT_TIMEOUT ? FACTS_STOP_TIMEOUT : FACTS_STOP_REFUSED;
}

static void bad_chain(struct facts_endpoint *e, int first, int code) {
    e->verification.ok = e->verification.chain_ok = false;
    e->verification.first_code = first;
    e->verification.code = code;
    e->verification.first_reason = e->verification.reason = "some reason";
}

#define SPOIL(name, ...)                                                                           \
    static void name(struct scene *s) {                                                            \
        __VA_ARGS__                                                                                \
    }

SPOIL(spoil_invalid, s->target.error = "no target"; s->target.endpoint_count = 0;)
SPOIL(spoil_null_mx, s->target.dns.null_mx = true; s->target.endpoint_count = 0;
      s->target.dns.host_count = 0;)
SPOIL(spoil_null_mixed, s->target.dns.null_mx_mixed = true;)
SPOIL(spoil_nxdomain, s->target.dns.mx.result = FACTS_DNS_NXDOMAIN; s->target.endpoint_count = 0;
      s->target.dns.host_count = 0;)
SPOIL(spoil_nxdomain_host, s->target.kind = FACTS_TARGET_HOST; s->target.dns.host_count = 1;
      s->target.endpoint_count = 0; s->hosts[0].address_count = 0; s->hosts[0].preference = -1;
      s->hosts[0].a.result = s->hosts[0].aaaa.result = FACTS_DNS_NXDOMAIN;)
SPOIL(spoil_bogus, s->target.dns.mx.result = FACTS_DNS_BOGUS; s->target.dns.mx.why = "expired";
      s->target.endpoint_count = 0; s->target.dns.host_count = 0;)
SPOIL(spoil_servfail, s->hosts[0].a.result = FACTS_DNS_SERVFAIL;)
SPOIL(spoil_no_address, s->target.dns.host_count = 2; s->hosts[1].address_count = 0;
      s->hosts[1].a.result = FACTS_DNS_NODATA;)
SPOIL(spoil_alias, s->hosts[0].a.canonical = "real.example.org";)
SPOIL(spoil_mx_address, s->hosts[0].name = "192.0.2.7";)
SPOIL(spoil_port_25, not_connected(E0, FACTS_CONNECT_TIMEOUT);
      not_connected(&s->endpoints[1], FACTS_CONNECT_TIMEOUT);)
SPOIL(spoil_refused, not_connected(E0, FACTS_CONNECT_REFUSED);)
SPOIL(spoil_proxy, not_connected(E0, FACTS_CONNECT_REFUSED); E0->connect.by_proxy = true;)
SPOIL(spoil_timeout, not_connected(E0, FACTS_CONNECT_TIMEOUT);)
SPOIL(spoil_unreachable, not_connected(E0, FACTS_CONNECT_UNREACHABLE);)
SPOIL(spoil_local, not_connected(E0, FACTS_CONNECT_ERROR);)
SPOIL(spoil_deadline, no_session(E0, FACTS_STEP_EHLO, FACTS_STOP_DEADLINE);)
SPOIL(spoil_closed, not_connected(E0, FACTS_CONNECT_CLOSED);)
SPOIL(spoil_silent, no_session(E0, FACTS_STEP_GREETING, FACTS_STOP_TIMEOUT);)
SPOIL(spoil_slow, E0->greeting.ms = 12000;)
SPOIL(spoil_greeting, E0->greeting.code = 554;
      no_session(E0, FACTS_STEP_GREETING, FACTS_STOP_REFUSED);)
SPOIL(spoil_strange, no_session(E0, FACTS_STEP_GREETING, FACTS_STOP_NOT_PROTOCOL);
      E0->unread = base_bytes_of_str("\x16\x03\x01");)
SPOIL(spoil_large, no_session(E0, FACTS_STEP_GREETING, FACTS_STOP_LIMIT);)
SPOIL(spoil_ehlo, no_session(E0, FACTS_STEP_EHLO, FACTS_STOP_REFUSED);)
SPOIL(spoil_helo, no_session(E0, FACTS_STEP_STARTTLS, FACTS_STOP_NO_STARTTLS);
      E0->ehlo.ehlo_rejected = true;)
SPOIL(spoil_lines, E0->greeting.bare_lf = true;)
SPOIL(spoil_unsolicited, E0->unsolicited_bytes = 3;)
SPOIL(spoil_masked, no_session(E0, FACTS_STEP_STARTTLS, FACTS_STOP_NO_STARTTLS);
      E0->starttls.offered_masked = true;)
SPOIL(spoil_absent, no_session(E0, FACTS_STEP_STARTTLS, FACTS_STOP_NO_STARTTLS);)
SPOIL(spoil_454, no_session(E0, FACTS_STEP_STARTTLS, FACTS_STOP_REFUSED);)
SPOIL(spoil_unanswered, no_session(E0, FACTS_STEP_STARTTLS, FACTS_STOP_TIMEOUT);)
SPOIL(spoil_early, E0->starttls.early_bytes = 4; E0->starttls.early = base_bytes_of_str("evil");)
SPOIL(spoil_spelling, E0->starttls.offered_as = "starttls ";)
SPOIL(spoil_ehlo_tls, E0->step = FACTS_STEP_EHLO_TLS; E0->stop = FACTS_STOP_CLOSED;
      E0->error = "the words of the step";)
SPOIL(spoil_auth, E0->ehlo.keyword_count = 3; s->tls_keywords[1] = s->keywords[2];
      E0->ehlo_tls.keyword_count = 2;)
SPOIL(spoil_lost, s->tls_keywords[0].name = "HELP";)
SPOIL(spoil_plaintext, handshake_end(E0, FACTS_HANDSHAKE_PLAINTEXT);)
SPOIL(spoil_alert, handshake_end(E0, FACTS_HANDSHAKE_ALERT); E0->session.alert = 40;)
SPOIL(spoil_tls10, E0->session.version = 0x0301; E0->session.protocol = "TLSv1";)
SPOIL(spoil_tls12, E0->session.version = 0x0303; E0->session.protocol = "TLSv1.2";)
SPOIL(spoil_dh, E0->session.group = "dhe"; E0->session.group_bits = 1024;)
SPOIL(spoil_renegotiation, E0->session.version = 0x0303; E0->session.secure_renegotiation = false;)
SPOIL(spoil_default, E0->session.default_client_refuses = "TLSv1.0";)
SPOIL(spoil_compression, E0->session.compression = true;)
SPOIL(spoil_unreadable, s->chain[1].parsed = false; s->chain[1].error = "not DER";)
SPOIL(spoil_expired, s->chain[0].not_after = NOW - DAY; s->chain[0].days_left = -1;
      bad_chain(E0, 10, 10);)
SPOIL(spoil_expiring, s->chain[0].not_after = NOW + 3 * DAY; s->chain[0].days_left = 3;)
SPOIL(spoil_not_yet, s->chain[0].not_before = NOW + DAY; bad_chain(E0, 9, 9);)
SPOIL(spoil_self, s->chain[0].self_signed = true; bad_chain(E0, 18, 18);)
SPOIL(spoil_incomplete, E0->certificate_count = 1; E0->chain.complete = false;
      bad_chain(E0, 20, 21);)
SPOIL(spoil_untrusted, bad_chain(E0, 19, 19);)
SPOIL(spoil_order, E0->chain.in_order = false;)
SPOIL(spoil_superfluous, E0->chain.superfluous = 1;)
SPOIL(spoil_name, E0->verification.ok = E0->verification.name_ok = false;
      E0->verification.code = 62;)
SPOIL(spoil_no_san, spoil_name(s); s->chain[0].san_count = 0;)
SPOIL(spoil_client_certificate, E0->step = FACTS_STEP_EHLO_TLS; E0->stop = FACTS_STOP_CLOSED;
      E0->session.client_certificate_asked = true; E0->session.alert = 116;)
SPOIL(spoil_cipher, E0->session.cipher_suite = "TLS_RSA_WITH_RC4_128_SHA";)
SPOIL(spoil_key, s->chain[0].key_type = "RSA"; s->chain[0].key_bits = 1024;)
SPOIL(spoil_signature, s->chain[0].signature_hash = "SHA1";)
SPOIL(spoil_staple, s->chain[0].must_staple = true;)
SPOIL(spoil_differ_starttls, no_session(E0, FACTS_STEP_STARTTLS, FACTS_STOP_NO_STARTTLS);)
SPOIL(spoil_differ_certificate, E0->certificates = s->other; E0->certificate_count = 1;)
SPOIL(spoil_differ_software, E0->greeting.lines = s->answer;)

static const struct {
    const char *id;
    void (*spoil)(struct scene *s);
    enum facts_verdict verdict;
} rows[] = {
    {"target-invalid", spoil_invalid, FACTS_VERDICT_UNKNOWN},
    {"null-mx", spoil_null_mx, FACTS_VERDICT_OK},
    {"null-mx-mixed", spoil_null_mixed, FACTS_VERDICT_PROBLEMS},
    {"dns-nxdomain", spoil_nxdomain, FACTS_VERDICT_UNKNOWN},
    {"dns-nxdomain", spoil_nxdomain_host, FACTS_VERDICT_UNKNOWN},
    {"dns-bogus", spoil_bogus, FACTS_VERDICT_UNKNOWN},
    {"dns-lookup-failed", spoil_servfail, FACTS_VERDICT_PROBLEMS},
    {"mx-no-address", spoil_no_address, FACTS_VERDICT_PROBLEMS},
    {"mx-is-alias", spoil_alias, FACTS_VERDICT_PROBLEMS},
    {"mx-is-address", spoil_mx_address, FACTS_VERDICT_PROBLEMS},
    {"port-25-blocked", spoil_port_25, FACTS_VERDICT_UNKNOWN},
    {"proxy-failed", spoil_proxy, FACTS_VERDICT_PROBLEMS},
    {"connect-refused", spoil_refused, FACTS_VERDICT_PROBLEMS},
    {"connect-timeout", spoil_timeout, FACTS_VERDICT_PROBLEMS},
    {"connect-unreachable", spoil_unreachable, FACTS_VERDICT_PROBLEMS},
    {"connect-failed", spoil_local, FACTS_VERDICT_PROBLEMS},
    {"deadline", spoil_deadline, FACTS_VERDICT_PROBLEMS},
    {"closed-before-greeting", spoil_closed, FACTS_VERDICT_PROBLEMS},
    {"greeting-timeout", spoil_silent, FACTS_VERDICT_PROBLEMS},
    {"greeting-slow", spoil_slow, FACTS_VERDICT_PROBLEMS},
    {"greeting-refused", spoil_greeting, FACTS_VERDICT_PROBLEMS},
    {"not-mail-protocol", spoil_strange, FACTS_VERDICT_PROBLEMS},
    {"reply-too-large", spoil_large, FACTS_VERDICT_PROBLEMS},
    {"ehlo-failed", spoil_ehlo, FACTS_VERDICT_PROBLEMS},
    {"helo-only", spoil_helo, FACTS_VERDICT_NO_STARTTLS},
    {"reply-malformed", spoil_lines, FACTS_VERDICT_OK},
    {"unsolicited-bytes", spoil_unsolicited, FACTS_VERDICT_PROBLEMS},
    {"starttls-masked", spoil_masked, FACTS_VERDICT_NO_STARTTLS},
    {"starttls-not-offered", spoil_absent, FACTS_VERDICT_NO_STARTTLS},
    {"starttls-refused", spoil_454, FACTS_VERDICT_NO_STARTTLS},
    {"starttls-unanswered", spoil_unanswered, FACTS_VERDICT_PROBLEMS},
    {"early-plaintext", spoil_early, FACTS_VERDICT_PROBLEMS},
    {"starttls-odd-spelling", spoil_spelling, FACTS_VERDICT_PROBLEMS},
    {"ehlo-tls-failed", spoil_ehlo_tls, FACTS_VERDICT_PROBLEMS},
    {"auth-in-clear", spoil_auth, FACTS_VERDICT_PROBLEMS},
    {"ehlo-lost-keywords", spoil_lost, FACTS_VERDICT_OK},
    {"handshake-plaintext", spoil_plaintext, FACTS_VERDICT_NO_STARTTLS},
    {"handshake-failed", spoil_alert, FACTS_VERDICT_NO_STARTTLS},
    {"protocol-old", spoil_tls10, FACTS_VERDICT_PROBLEMS},
    {"protocol-no-tls13", spoil_tls12, FACTS_VERDICT_PROBLEMS},
    {"group-weak", spoil_dh, FACTS_VERDICT_PROBLEMS},
    {"renegotiation-insecure", spoil_renegotiation, FACTS_VERDICT_PROBLEMS},
    {"default-client-refuses", spoil_default, FACTS_VERDICT_PROBLEMS},
    {"compression", spoil_compression, FACTS_VERDICT_PROBLEMS},
    {"certificate-unreadable", spoil_unreadable, FACTS_VERDICT_PROBLEMS},
    {"certificate-expired", spoil_expired, FACTS_VERDICT_PROBLEMS},
    {"certificate-expiring", spoil_expiring, FACTS_VERDICT_PROBLEMS},
    {"certificate-not-yet-valid", spoil_not_yet, FACTS_VERDICT_PROBLEMS},
    {"certificate-self-signed", spoil_self, FACTS_VERDICT_PROBLEMS},
    {"certificate-chain-incomplete", spoil_incomplete, FACTS_VERDICT_PROBLEMS},
    {"certificate-untrusted", spoil_untrusted, FACTS_VERDICT_PROBLEMS},
    {"certificate-chain-order", spoil_order, FACTS_VERDICT_PROBLEMS},
    {"certificate-superfluous", spoil_superfluous, FACTS_VERDICT_OK},
    {"certificate-no-san", spoil_no_san, FACTS_VERDICT_PROBLEMS},
    {"client-certificate-required", spoil_client_certificate, FACTS_VERDICT_PROBLEMS},
    {"cipher-weak", spoil_cipher, FACTS_VERDICT_PROBLEMS},
    {"certificate-name-mismatch", spoil_name, FACTS_VERDICT_PROBLEMS},
    {"certificate-weak-key", spoil_key, FACTS_VERDICT_PROBLEMS},
    {"certificate-weak-signature", spoil_signature, FACTS_VERDICT_PROBLEMS},
    {"must-staple-unmet", spoil_staple, FACTS_VERDICT_PROBLEMS},
    {"addresses-differ-starttls", spoil_differ_starttls, FACTS_VERDICT_NO_STARTTLS},
    {"addresses-differ-protocol", spoil_tls12, FACTS_VERDICT_PROBLEMS},
    {"addresses-differ-certificate", spoil_differ_certificate, FACTS_VERDICT_OK},
    {"addresses-differ-software", spoil_differ_software, FACTS_VERDICT_OK},
};

static void healthy_servers_have_no_findings(void **state) {
    struct scene s;
    (void)state;
    set_scene(&s);
    judge(&s);
    for (size_t i = 0; i < s.target.finding_count; i++)
        print_error("unexpected: %s\n", s.target.findings[i].id);
    assert_int_equal(s.target.finding_count, 0);
    assert_int_equal(s.target.verdict, FACTS_VERDICT_OK);
    base_arena_release(&s.arena);
}

static void each_rule_fires_on_its_facts(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct scene s;
        set_scene(&s);
        rows[i].spoil(&s);
        judge(&s);
        const struct facts_finding *f = find(&s, rows[i].id);
        if (!f || s.target.verdict != rows[i].verdict)
            print_error("%s: %s, verdict %d\n", rows[i].id, f ? "fired" : "silent",
                        (int)s.target.verdict);
        assert_non_null(f);
        assert_int_equal(s.target.verdict, rows[i].verdict);
        assert_true(f->title[0] && f->evidence[0] && f->impact[0] && f->fix[0]);
        base_arena_release(&s.arena);
    }
}

/* Failed handshakes are the matter of test_clash. */
static bool is_clash_rule(const char *id) {
    for (const struct diagnose_rule *r = diagnose_clash_rules; r->id; r++)
        if (strcmp(r->id, id) == 0)
            return true;
    return false;
}

static void every_rule_has_a_row(void **state) {
    (void)state;
    for (size_t r = 0; diagnose_rule_id(r); r++) {
        bool found = is_clash_rule(diagnose_rule_id(r));
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
            found |= strcmp(rows[i].id, diagnose_rule_id(r)) == 0;
        if (!found)
            print_error("no row for %s\n", diagnose_rule_id(r));
        assert_true(found);
        assert_true(diagnose_rule_summary(r)[0]);
        for (size_t k = 0; k < r; k++)
            assert_string_not_equal(diagnose_rule_id(k), diagnose_rule_id(r));
    }
}

/* A cause is told once: what follows from it is not a finding of its own. */
static void causes_silence_their_consequences(void **state) {
    static const struct {
        void (*spoil)(struct scene *s);
        const char *says, *silent;
    } cases[] = {
        {spoil_proxy, "proxy-failed", "connect-refused"},
        {spoil_nxdomain_host, "dns-nxdomain", "mx-no-address"},
        {spoil_incomplete, "certificate-chain-incomplete", "certificate-untrusted"},
        {spoil_self, "certificate-self-signed", "certificate-untrusted"},
        {spoil_expired, "certificate-expired", "certificate-untrusted"},
        {spoil_expired, "certificate-expired", "certificate-expiring"},
        {spoil_no_san, "certificate-no-san", "certificate-name-mismatch"},
        {spoil_masked, "starttls-masked", "starttls-not-offered"},
        {spoil_helo, "helo-only", "starttls-not-offered"},
        {spoil_plaintext, "handshake-plaintext", "handshake-failed"},
        {spoil_client_certificate, "client-certificate-required", "ehlo-tls-failed"},
        {spoil_port_25, "port-25-blocked", "connect-timeout"},
        {spoil_tls10, "protocol-old", "protocol-no-tls13"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scene s;
        set_scene(&s);
        cases[i].spoil(&s);
        judge(&s);
        if (!find(&s, cases[i].says) || find(&s, cases[i].silent))
            print_error("%s beside %s\n", cases[i].silent, cases[i].says);
        assert_non_null(find(&s, cases[i].says));
        assert_null(find(&s, cases[i].silent));
        base_arena_release(&s.arena);
    }
}

/* Challenges hand over no password; private addresses pass no provider; an address has no name. */
static void no_alarm_without_cause(void **state) {
    struct scene s;
    (void)state;
    set_scene(&s);
    spoil_auth(&s);
    s.keywords[2].params = "CRAM-MD5 GSSAPI NTLM";
    judge(&s);
    assert_null(find(&s, "auth-in-clear"));
    base_arena_release(&s.arena);
    set_scene(&s);
    spoil_port_25(&s);
    s.endpoints[0].address = s.endpoints[1].address = "10.0.0.1";
    judge(&s);
    assert_null(find(&s, "port-25-blocked"));
    assert_non_null(find(&s, "connect-timeout"));
    base_arena_release(&s.arena);
    set_scene(&s);
    spoil_name(&s);
    s.target.kind = FACTS_TARGET_ADDRESS;
    s.endpoints[0].host = s.endpoints[0].verification.reference = "192.0.2.1";
    judge(&s);
    assert_int_equal(find(&s, "certificate-name-mismatch")->severity, FACTS_SEVERITY_INFO);
    base_arena_release(&s.arena);
}

static void people_verify_on_their_ports(void **state) {
    struct scene s;
    (void)state;
    for (unsigned port = 25; port <= 587; port += 562) {
        set_scene(&s);
        spoil_expired(&s);
        s.endpoints[0].port = s.endpoints[1].port = s.target.port = port;
        judge(&s);
        assert_int_equal(find(&s, "certificate-expired")->severity,
                         port == 25 ? FACTS_SEVERITY_WARNING : FACTS_SEVERITY_ERROR);
        base_arena_release(&s.arena);
    }
}

static void equal_findings_become_one(void **state) {
    struct scene s;
    (void)state;
    set_scene(&s);
    spoil_expiring(&s); /* both endpoints show the same chain */
    judge(&s);
    const struct facts_finding *f = find(&s, "certificate-expiring");
    assert_non_null(f);
    assert_int_equal(f->endpoint, 0);
    assert_int_equal(f->also_count, 1);
    assert_int_equal(f->also[0], 1);
    base_arena_release(&s.arena);
}

static void worst_findings_come_first(void **state) {
    struct scene s;
    (void)state;
    set_scene(&s);
    spoil_lost(&s);
    spoil_early(&s);
    spoil_expiring(&s);
    judge(&s);
    for (size_t i = 1; i < s.target.finding_count; i++)
        assert_true(s.target.findings[i - 1].severity >= s.target.findings[i].severity);
    assert_string_equal(s.target.findings[0].id, "early-plaintext");
    base_arena_release(&s.arena);
}

static void unknown_is_never_no(void **state) {
    static void (*const spoils[])(struct scene *) = {spoil_refused, spoil_timeout,  spoil_silent,
                                                     spoil_closed,  spoil_greeting, spoil_deadline};
    (void)state;
    for (size_t i = 0; i < sizeof spoils / sizeof spoils[0]; i++) {
        struct scene s;
        set_scene(&s);
        s.target.endpoint_count = 1;
        spoils[i](&s);
        judge(&s);
        assert_int_equal(s.target.verdict, FACTS_VERDICT_UNKNOWN);
        base_arena_release(&s.arena);
    }
}

static void the_worst_target_gives_the_exit_code(void **state) {
    static const struct {
        enum facts_verdict a, b;
        int code;
    } cases[] = {
        {FACTS_VERDICT_OK, FACTS_VERDICT_OK, 0},
        {FACTS_VERDICT_OK, FACTS_VERDICT_PROBLEMS, 1},
        {FACTS_VERDICT_UNKNOWN, FACTS_VERDICT_PROBLEMS, 3},
        {FACTS_VERDICT_UNKNOWN, FACTS_VERDICT_NO_STARTTLS, 2},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(diagnose_exit_code(diagnose_worse(cases[i].a, cases[i].b)), cases[i].code);
        assert_int_equal(diagnose_exit_code(diagnose_worse(cases[i].b, cases[i].a)), cases[i].code);
    }
}

static void hostile_words_are_escaped(void **state) {
    struct scene s;
    (void)state;
    set_scene(&s);
    spoil_early(&s);
    s.endpoints[0].starttls.early = base_bytes_of_str("\x1b[2J\r\n\xff");
    judge(&s);
    const struct facts_finding *f = find(&s, "early-plaintext");
    assert_non_null(f);
    assert_null(strchr(f->evidence, 0x1b));
    assert_non_null(strstr(f->evidence, "\\x1B[2J\\r\\n\\xFF"));
    base_arena_release(&s.arena);
}

/* docs/findings.md names every rule with its summary. */
static void every_rule_is_documented(void **state) {
    const char *root = getenv("WAXSEAL_SOURCE");
    char path[4096];
    static char text[1 << 17];
    (void)state;
    assert_non_null(root);
    snprintf(path, sizeof path, "%s/docs/findings.md", root);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = 0;
    fclose(f);
    for (size_t r = 0; diagnose_rule_id(r); r++) {
        char row[512];
        snprintf(row, sizeof row, "| `%s` | %s |", diagnose_rule_id(r), diagnose_rule_summary(r));
        if (!strstr(text, row))
            print_error("missing: %s\n", row);
        assert_non_null(strstr(text, row));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(healthy_servers_have_no_findings),
        cmocka_unit_test(each_rule_fires_on_its_facts),
        cmocka_unit_test(every_rule_has_a_row),
        cmocka_unit_test(causes_silence_their_consequences),
        cmocka_unit_test(no_alarm_without_cause),
        cmocka_unit_test(people_verify_on_their_ports),
        cmocka_unit_test(equal_findings_become_one),
        cmocka_unit_test(worst_findings_come_first),
        cmocka_unit_test(unknown_is_never_no),
        cmocka_unit_test(the_worst_target_gives_the_exit_code),
        cmocka_unit_test(hostile_words_are_escaped),
        cmocka_unit_test(every_rule_is_documented),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
