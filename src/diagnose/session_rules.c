/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose_session_rules - the TLS handshake, and what it came to. */
#include "diagnose/rule_private.h"

#define TLS_1_2 0x0303
#define TLS_1_3 0x0304
#define SMALLEST_DH 2048

/* What was negotiated says something about the server only when it was offered better. */
static bool offered_newest(const struct diagnose_case *c) {
    return !c->client || c->client->max_version >= TLS_1_3;
}

static bool offered_good_suites(const struct diagnose_case *c) {
    return !c->client || !c->client->cipher || !c->client->cipher[0];
}

static bool weak_cipher(struct diagnose_case *c) {
    static const char *const parts[] = {"_RC4_",  "_3DES_", "_DES_", "_DES40_",
                                        "_NULL_", "EXPORT", "_anon_"};
    const struct facts_session *s = &c->endpoint->session;
    struct base_bytes suite = base_bytes_of_str(s->cipher_suite);
    bool weak = false;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        weak |= base_bytes_find_str(suite, parts[i]) < suite.len;
    if (!s->established || !weak || !offered_good_suites(c))
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
    if (!s->established || s->version >= TLS_1_2 || !offered_newest(c))
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
    if (!s->established || s->version != TLS_1_2 || !offered_newest(c))
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
