/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose_clash_local - this side ends the handshake: what the server answered, or showed, is not
 * good enough for this client. The TLS library's reason tells what; the facts tell how far it was
 * off. RFC 5746, RFC 7919, RFC 8446, RFC 9155. */
#include "diagnose/clash_private.h"

#include <string.h>

static const char *client_logs(struct diagnose_case *c, const struct diagnose_log *client) {
    return diagnose_logs_of_client(c->arena, c->endpoint, client);
}

/* --- nothing went out --- */

bool diagnose_clash_nothing_to_offer(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    const struct facts_client *k = diagnose_client(c);
    bool suites = diagnose_local_error(e, "no ciphers available");
    if (!suites && !diagnose_local_error(e, "no protocols available"))
        return false;
    return diagnose_say(
        c,
        suites ? base_arena_printf(c->arena,
                                   "no cipher suite is left for %s to %s (\"%s\"): no ClientHello "
                                   "went out",
                                   diagnose_version_words(k->min_version),
                                   diagnose_version_words(k->max_version),
                                   diagnose_short(c->arena, e->session.error))
               : "no protocol version is left: no ClientHello went out",
        "the fault is in this client's own settings; of the server nothing is known",
        suites ? "choose suites that fit the protocol versions (-cipher up to TLS 1.2, "
                 "-ciphersuites for TLS 1.3) and the security level"
               : "choose at least one protocol version that this TLS library has and its security "
                 "level allows");
}

/* --- signatures and primes below the security level --- */

bool diagnose_clash_legacy_signature(struct diagnose_case *c) {
    static const struct diagnose_log client = {
        "error:0A00014D:SSL routines::legacy sigalg disallowed or unsupported", NULL};
    const struct facts_session *s = &c->endpoint->session;
    if (!diagnose_local_error(c->endpoint, "legacy sigalg disallowed"))
        return false;
    const char *version = diagnose_version_words(s->version);
    (void)diagnose_say(
        c,
        base_arena_printf(c->arena,
                          "this server chose %s, where the server signs with MD5 and SHA-1; this "
                          "client's security level (%d) forbids that (\"%s\")",
                          version, diagnose_client(c)->security_level,
                          diagnose_short(c->arena, s->error)),
        base_arena_printf(c->arena,
                          "every client with OpenSSL 3 and its defaults ends the handshake; GnuTLS "
                          "takes it where it still allows %s. Whoever may, delivers in clear",
                          version),
        diagnose_case_advice(c, DIAGNOSE_ADVICE_LEVEL, ""));
    return diagnose_say_more(c, client_logs(c, &client),
                             base_arena_printf(c->arena, "TLS 1.2 or newer on the server. %s",
                                               diagnose_case_remedy(c, DIAGNOSE_REMEDY_PROTOCOLS)));
}

bool diagnose_clash_small_dh(struct diagnose_case *c) {
    static const struct diagnose_log client = {
        "error:0A00018A:SSL routines::dh key too small",
        "The Diffie-Hellman prime sent by the server is not acceptable (not long enough)."};
    const struct facts_session *s = &c->endpoint->session;
    if (!diagnose_local_error(c->endpoint, "dh key too small"))
        return false;
    const char *bits = s->group_bits > 0 ? base_arena_printf(c->arena, "of %d bits", s->group_bits)
                                         : "that is too small";
    (void)diagnose_say(
        c,
        base_arena_printf(
            c->arena,
            "this server sent a Diffie-Hellman prime %s; this client's security level "
            "(%d) wants more (\"dh key too small\")",
            bits, diagnose_client(c)->security_level),
        "clients at OpenSSL's security level 2 (Debian, Ubuntu, RHEL: sendmail, scripts, checks) "
        "refuse it; Postfix goes by its own level and takes it, GnuTLS takes 1024 bits",
        diagnose_case_advice(c, DIAGNOSE_ADVICE_DH,
                             s->group_bits > 0 ? base_arena_printf(c->arena, "%d", s->group_bits)
                                               : "1024"));
    return diagnose_say_more(c, client_logs(c, &client),
                             diagnose_case_remedy(c, DIAGNOSE_REMEDY_DH));
}

bool diagnose_clash_renegotiation(struct diagnose_case *c) {
    static const struct diagnose_log client = {
        "error:0A000152:SSL routines::unsafe legacy renegotiation disabled",
        "Safe renegotiation failed."};
    if (!diagnose_local_error(c->endpoint, "unsafe legacy renegotiation disabled"))
        return false;
    (void)diagnose_say(
        c,
        "the server's hello has no renegotiation_info: it does not know secure renegotiation (RFC "
        "5746), and this client insists on it",
        "every client with OpenSSL 3 and its defaults refuses; older OpenSSL and GnuTLS do not "
        "mind",
        diagnose_case_advice(c, DIAGNOSE_ADVICE_RENEGOTIATION, ""));
    return diagnose_say_more(c, client_logs(c, &client),
                             "an update of the server's TLS library, or of the device that speaks "
                             "TLS for it (RFC 5746 is of 2010)");
}

/* RFC 8446 4.1.3: the random of the ServerHello says that the server could do better. */
bool diagnose_clash_downgrade(struct diagnose_case *c) {
    static const struct diagnose_log client = {
        "error:0A000175:SSL routines::inappropriate fallback", NULL};
    if (!diagnose_local_error(c->endpoint, "inappropriate fallback"))
        return false;
    (void)diagnose_say(
        c,
        base_arena_printf(c->arena,
                          "the answer is %s, and says in its random that the server would have "
                          "taken a newer version, which this client did offer",
                          diagnose_version_words(c->endpoint->session.version)),
        "something between here and the server changes the ClientHello: what passes through it can "
        "be read there",
        "look again from another network; find the device that opens TLS (firewall, mail gateway, "
        "virus scanner) and let it pass mail untouched or update it");
    return diagnose_say_more(c, client_logs(c, &client), NULL);
}
