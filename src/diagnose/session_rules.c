/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose_session_rules - the TLS handshake, and what it came to. */
#include "diagnose/rule.h"
#include "diagnose/software.h"

#define TLS_1_2 0x0303
#define TLS_1_3 0x0304
#define SMALLEST_DH 2048

static const char no_tls[] =
    "opportunistic senders fall back to clear text or give up; senders that require TLS (MTA-STS, "
    "DANE, Postfix's `encrypt`) can't deliver";

static bool failed(const struct facts_endpoint *e) {
    return e->stop == FACTS_STOP_HANDSHAKE || (e->session.started && !e->session.established);
}

static const char *alert_text(struct diagnose_case *c) {
    const struct facts_session *s = &c->endpoint->session;
    return base_arena_printf(c->arena, "the server ended the handshake with alert %d (%s)",
                             s->alert, s->alert_name);
}

/* What an alert most likely means here, where everything was offered. */
static const char *alert_fix(int alert) {
    switch (alert) {
    case 40: /* handshake_failure */
        return "a server that offers STARTTLS and finds nothing in common with a client that "
               "offers "
               "everything mostly has no usable certificate: check that certificate and key are "
               "readable and belong together; its log names the cause";
    case 70: /* protocol_version */
        return "the server speaks only versions older than TLS 1.0 or none at all: update it";
    case 80: /* internal_error */
        return "the server's TLS library failed: read its log; an update of the mail server that "
               "does not fit its TLS library looks like this";
    case 112: /* unrecognized_name */
        return "the server has no certificate for this name: add one, or set a default; try "
               "--no-sni "
               "and --sni NAME";
    default:
        return "read the server's log for this moment: it names the cause; then look again";
    }
}

static bool plaintext(struct diagnose_case *c) {
    const struct facts_session *s = &c->endpoint->session;
    if (!failed(c->endpoint) || s->end != FACTS_HANDSHAKE_PLAINTEXT)
        return false;
    return diagnose_say(c,
                        base_arena_printf(c->arena, "where TLS was expected came text: \"%s\"",
                                          diagnose_quote(c->arena, s->junk)),
                        no_tls,
                        c->endpoint->implicit_tls
                            ? "this port speaks clear text first: use STARTTLS (--starttls)"
                            : "the server said yes to STARTTLS and then went on in clear: a TLS "
                              "engine that failed to "
                              "start, or a device between; read the server's log");
}

static bool handshake_dies(struct diagnose_case *c) {
    const struct facts_session *s = &c->endpoint->session;
    if (!failed(c->endpoint) || diagnose_wants_client_certificate(c->endpoint))
        return false;
    switch (s->end) {
    case FACTS_HANDSHAKE_ALERT:
        return diagnose_say(c, alert_text(c), no_tls, alert_fix(s->alert));
    case FACTS_HANDSHAKE_LOCAL:
        return diagnose_say(
            c,
            base_arena_printf(c->arena, "this side gave up: %s%s%s", s->error,
                              s->alert_sent >= 0 ? "; alert sent: " : "",
                              s->alert_sent >= 0 ? s->alert_sent_name : ""),
            no_tls,
            "the server's answer breaks the rules of TLS or uses what nobody accepts any more; "
            "update its TLS library");
    case FACTS_HANDSHAKE_CLOSED:
    case FACTS_HANDSHAKE_RESET:
        return diagnose_say(
            c,
            s->end == FACTS_HANDSHAKE_CLOSED
                ? "the server closed the connection inside the handshake, without an alert"
                : "the connection was reset inside the handshake",
            no_tls,
            "the server's process crashed, has no certificate, or a device on the way dislikes the "
            "handshake: read the server's log; if it shows nothing, look at what stands between");
    case FACTS_HANDSHAKE_TIMEOUT:
        return diagnose_say(
            c, "the server did not finish the handshake in time", no_tls,
            "packets that are too large may be lost on the way (MTU), or a device swallows the "
            "ClientHello: compare from another network; read the server's log");
    case FACTS_HANDSHAKE_PLAINTEXT: /* a rule of its own */
    case FACTS_HANDSHAKE_NONE:
        break;
    }
    return false;
}

/* TLS 1.3 tells only after the handshake, TLS 1.2 inside it. 42 bad_certificate, 40
 * handshake_failure and 116 certificate_required are what servers send for a missing one. */
bool diagnose_wants_client_certificate(const struct facts_endpoint *e) {
    const struct facts_session *s = &e->session;
    bool hint = s->alert == 40 || s->alert == 42 || s->alert == 116;
    bool ended = s->established
                     ? e->step == FACTS_STEP_EHLO_TLS && (e->stop == FACTS_STOP_CLOSED || hint)
                     : s->end == FACTS_HANDSHAKE_ALERT && hint;
    return ended && (s->client_certificate_asked || s->alert == 116);
}

static bool wants_client_certificate(struct diagnose_case *c) {
    const struct facts_session *s = &c->endpoint->session;
    if (!diagnose_wants_client_certificate(c->endpoint))
        return false;
    return diagnose_say(
        c,
        s->alert >= 0
            ? base_arena_printf(c->arena,
                                "the server asked for a client certificate, got none, and ended "
                                "with alert %d (%s)",
                                s->alert, s->alert_name)
            : "the server asked for a client certificate, got none, and closed the connection",
        "senders without a certificate that this server knows can't deliver over TLS: on a public "
        "MX that is nearly everybody",
        "ask for a certificate, but do not require it (Postfix: smtpd_tls_req_ccert = no; Exim: "
        "tls_try_verify_hosts instead of tls_verify_hosts)");
}

static bool weak_cipher(struct diagnose_case *c) {
    static const char *const parts[] = {"_RC4_",  "_3DES_", "_DES_", "_DES40_",
                                        "_NULL_", "EXPORT", "_anon_"};
    const struct facts_session *s = &c->endpoint->session;
    struct base_bytes suite = base_bytes_of_str(s->cipher_suite);
    bool weak = false;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        weak |= base_bytes_find_str(suite, parts[i]) < suite.len;
    if (!s->established || !weak)
        return false;
    return diagnose_say(
        c,
        base_arena_printf(c->arena, "%s was negotiated with a client that offers every good suite",
                          s->cipher_suite),
        "clients of today do not offer it and find nothing in common: they deliver in clear, or "
        "not "
        "at all; whoever listens may break it",
        "allow AES-GCM and ChaCha20-Poly1305 suites with ECDHE on the server, and switch this one "
        "off");
}

static bool old_protocol(struct diagnose_case *c) {
    const struct facts_session *s = &c->endpoint->session;
    if (!s->established || s->version >= TLS_1_2)
        return false;
    return diagnose_say(
        c,
        base_arena_printf(c->arena, "%s was negotiated with a client that offers up to TLS 1.3",
                          s->protocol),
        "senders that want TLS 1.2 or newer (most, by default: RFC 8996) can't use TLS here: they "
        "deliver in clear, or not at all",
        diagnose_remedy_for(diagnose_software_of(c->endpoint), DIAGNOSE_REMEDY_PROTOCOLS));
}

static bool no_tls13(struct diagnose_case *c) {
    const struct facts_session *s = &c->endpoint->session;
    if (!s->established || s->version != TLS_1_2)
        return false;
    return diagnose_say(
        c, "TLSv1.2 was negotiated with a client that offers TLS 1.3",
        "a sender or smarthost that speaks TLS 1.3 alone can't deliver here; all others can",
        base_arena_printf(
            c->arena, "nothing urgent. %s",
            diagnose_remedy_for(diagnose_software_of(c->endpoint), DIAGNOSE_REMEDY_PROTOCOLS)));
}

static bool weak_group(struct diagnose_case *c) {
    const struct facts_session *s = &c->endpoint->session;
    bool dhe = base_bytes_equal_str(base_bytes_of_str(s->group), "dhe") ||
               base_bytes_starts_with_nocase(base_bytes_of_str(s->group), "ffdhe");
    if (!s->established || !dhe || s->group_bits == 0 || s->group_bits >= SMALLEST_DH)
        return false;
    return diagnose_say(
        c, base_arena_printf(c->arena, "Diffie-Hellman with a prime of %d bits", s->group_bits),
        "OpenSSL at Debian's security level, and others, refuse it (\"dh key too "
        "small\")",
        "use 2048 bits or more, or let ECDHE go first");
}

static bool no_renegotiation_info(struct diagnose_case *c) {
    const struct facts_session *s = &c->endpoint->session;
    if (!s->established || s->version >= TLS_1_3 || s->secure_renegotiation)
        return false;
    return diagnose_say(c, "the server does not know secure renegotiation (RFC 5746)",
                        "clients on OpenSSL 3 refuse it (\"unsafe legacy renegotiation disabled\")",
                        "update the server's TLS library, or the device that speaks TLS for it");
}

static bool default_client(struct diagnose_case *c) {
    const struct facts_session *s = &c->endpoint->session;
    if (!s->established || !s->default_client_refuses || !s->default_client_refuses[0])
        return false;
    return diagnose_say(c, s->default_client_refuses,
                        "this look accepts everything; a client with the defaults of OpenSSL 3 on "
                        "Debian ends the handshake",
                        "bring the server to TLS 1.2 or 1.3 with keys of 2048 bits and SHA-256");
}

static bool compressed(struct diagnose_case *c) {
    if (!c->endpoint->session.established || !c->endpoint->session.compression)
        return false;
    return diagnose_say(c, "TLS compression was negotiated",
                        "what is compressed can be guessed by its length (CRIME)",
                        "switch compression off in the server's TLS library");
}

const struct diagnose_rule diagnose_session_rules[] = {
    {"handshake-plaintext", FACTS_SEVERITY_ERROR, "Clear text where TLS should begin",
     "the peer goes on in clear after it agreed to TLS", plaintext},
    {"handshake-failed", FACTS_SEVERITY_ERROR, "The TLS handshake fails",
     "alert, close, reset, time-out or nonsense inside the handshake", handshake_dies},
    {"client-certificate-required", FACTS_SEVERITY_ERROR,
     "The server insists on a client certificate",
     "the session ended for lack of a client certificate", wants_client_certificate},
    {"protocol-old", FACTS_SEVERITY_ERROR, "The newest protocol is too old",
     "TLS 1.0 or 1.1 negotiated although newer was offered", old_protocol},
    {"protocol-no-tls13", FACTS_SEVERITY_INFO, "No TLS 1.3",
     "TLS 1.2 negotiated although 1.3 was offered", no_tls13},
    {"cipher-weak", FACTS_SEVERITY_WARNING, "The cipher suite is weak",
     "RC4, DES, 3DES, NULL, export or anonymous suite negotiated", weak_cipher},
    {"group-weak", FACTS_SEVERITY_WARNING, "The Diffie-Hellman group is small",
     "a finite-field group below 2048 bits", weak_group},
    {"renegotiation-insecure", FACTS_SEVERITY_WARNING, "No secure renegotiation",
     "TLS 1.2 or older without RFC 5746", no_renegotiation_info},
    {"default-client-refuses", FACTS_SEVERITY_WARNING, "Default clients refuse this session",
     "accepted here at security level 0 only", default_client},
    {"compression", FACTS_SEVERITY_WARNING, "TLS compression is on", "compression negotiated",
     compressed},
    {.id = NULL},
};
