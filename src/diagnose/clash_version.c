/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose_clash_version - client and server have no protocol version in common.
 *
 * A server takes the newest version that both sides know, so a look that offers all tells its
 * highest. Its lowest is known only when it turns down, as too old, a client that it could have
 * answered with something older. */
#include "diagnose/clash_private.h"
#include "know/tls_version.h"

#define ALERT_PROTOCOL_VERSION 70

static bool answered_version_alert(const struct diagnose_case *c) {
    return diagnose_alert_is(c->endpoint, ALERT_PROTOCOL_VERSION);
}

static const char *logs(struct diagnose_case *c) {
    static const struct diagnose_log server = {"error:0A000102:SSL routines::unsupported protocol",
                                               "No supported cipher suites have been found."};
    return diagnose_logs_of_server(c->arena, c->endpoint, &server);
}

/* "only TLS 1.3", "TLS 1.2 and newer", "TLS 1.0 to TLS 1.2" */
static const char *allowed(struct diagnose_case *c) {
    const struct facts_client *k = diagnose_client(c);
    const char *low = diagnose_version_words(k->min_version);
    if (k->min_version >= k->max_version)
        return base_arena_printf(c->arena, "only %s", low);
    if (k->max_version >= DIAGNOSE_TLS_1_3)
        return base_arena_printf(c->arena, "only %s and newer", low);
    if (k->min_version <= DIAGNOSE_TLS_1_0)
        return base_arena_printf(c->arena, "only %s and older",
                                 diagnose_version_words(k->max_version));
    return base_arena_printf(c->arena, "only %s to %s", low,
                             diagnose_version_words(k->max_version));
}

static const char *ask_for(struct diagnose_case *c, uint16_t version) {
    return base_arena_printf(c->arena, "%s on the server. %s", diagnose_version_words(version),
                             diagnose_case_remedy(c, DIAGNOSE_REMEDY_PROTOCOLS));
}

/* --- the server is older --- */

/* The highest version of the server, when it is known to be older than the client's lowest. */
static uint16_t highest_below(const struct diagnose_case *c) {
    const struct facts_session *s = &c->endpoint->session;
    uint16_t lowest = diagnose_client(c)->min_version;
    if (s->version != 0 && s->version < lowest)
        return s->version; /* it answered with it nevertheless */
    if (diagnose_open_succeeded(c) && c->open->session.version < lowest)
        return c->open->session.version;
    return 0;
}

static const char *older_evidence(struct diagnose_case *c, uint16_t highest) {
    const char *ending = diagnose_ending_words(c->arena, c->endpoint);
    if (highest == 0)
        return base_arena_printf(c->arena, "this server does not speak TLS 1.3 (%s)", ending);
    if (!diagnose_open_succeeded(c))
        return base_arena_printf(c->arena, "this server answered with %s; %s",
                                 diagnose_version_words(highest), ending);
    return base_arena_printf(
        c->arena, "this server's highest protocol is %s (%s; offered everything, it took %s)",
        diagnose_version_words(highest), ending, c->open->session.cipher_suite);
}

/* OpenSSL 3 wants a lower security level as well, for the signatures of those versions. */
static const char *older_fix(struct diagnose_case *c, uint16_t version) {
    const char *text =
        diagnose_case_advice(c, DIAGNOSE_ADVICE_OLDER, know_tls_version_name(version));
    if (version >= DIAGNOSE_TLS_1_2)
        return text;
    return base_arena_printf(c->arena,
                             "%s\nwith OpenSSL 3, %s also needs @SECLEVEL=0 in the cipher list",
                             text, diagnose_version_words(version));
}

bool diagnose_clash_server_older(struct diagnose_case *c) {
    const struct facts_client *k = diagnose_client(c);
    uint16_t highest = highest_below(c);
    bool no_tls13 = answered_version_alert(c) && k->min_version >= DIAGNOSE_TLS_1_3 &&
                    !diagnose_open_succeeded(c);
    if (!diagnose_handshake_failed(c->endpoint) || (highest == 0 && !no_tls13))
        return false;
    (void)diagnose_say(
        c, older_evidence(c, highest),
        base_arena_printf(
            c->arena,
            "a client that allows %s can't deliver here%s; so can't any smarthost or sender with "
            "such a setting. Clients with their software's defaults %s",
            allowed(c), c->endpoint->implicit_tls ? "" : " over TLS",
            highest == 0 ? "take TLS 1.2 as well"
            : highest >= DIAGNOSE_TLS_1_2
                ? "take TLS 1.2 and are not hurt"
                : "want TLS 1.2 or newer as well and are hurt too (RFC 8996)"),
        older_fix(c, highest ? highest : DIAGNOSE_TLS_1_2));
    return diagnose_say_more(c, logs(c), ask_for(c, k->min_version));
}

/* --- the server is newer --- */

bool diagnose_clash_server_newer(struct diagnose_case *c) {
    const struct facts_client *k = diagnose_client(c);
    bool sure = answered_version_alert(c);
    if (!diagnose_handshake_failed(c->endpoint) || !diagnose_open_succeeded(c) ||
        c->open->session.version <= k->max_version ||
        (!sure && !diagnose_clash_is_version_alone(c)))
        return false;
    const char *took = diagnose_version_words(c->open->session.version);
    (void)diagnose_say(
        c,
        base_arena_printf(c->arena,
                          "this server %swants something newer than %s (%s; offered everything, "
                          "it took %s with %s)",
                          sure ? "" : "most likely ", diagnose_version_words(k->max_version),
                          diagnose_ending_words(c->arena, c->endpoint), took,
                          c->open->session.cipher_suite),
        base_arena_printf(c->arena,
                          "a client that allows %s can't deliver here over TLS; so can't software "
                          "that knows nothing newer%s",
                          allowed(c),
                          k->max_version == DIAGNOSE_TLS_1_2
                              ? ": OpenSSL before 1.1.1, GnuTLS before 3.6.5, Exchange on Windows "
                                "before Server 2022"
                              : ""),
        diagnose_case_advice(c, DIAGNOSE_ADVICE_NEWER,
                             know_tls_version_name(c->open->session.version)));
    return diagnose_say_more(c, logs(c), ask_for(c, k->max_version));
}

/* --- it can't be told which --- */

bool diagnose_clash_version(struct diagnose_case *c) {
    const struct facts_client *k = diagnose_client(c);
    if (!diagnose_handshake_failed(c->endpoint) || !answered_version_alert(c))
        return false;
    bool all = k->min_version <= DIAGNOSE_TLS_1_0 && k->max_version >= DIAGNOSE_TLS_1_3;
    (void)diagnose_say(
        c,
        base_arena_printf(c->arena, "no protocol version in common: offered were %s to %s; %s",
                          diagnose_version_words(k->min_version),
                          diagnose_version_words(k->max_version),
                          diagnose_ending_words(c->arena, c->endpoint)),
        "senders that offer the same can't use TLS here",
        all ? "the server speaks only versions older than TLS 1.0 or none at all: update it"
            : diagnose_case_advice(c, DIAGNOSE_ADVICE_OLDER, "TLSv1.2"));
    if (!all && !diagnose_open_succeeded(c))
        c->out->next = "the server may be older than this client or newer: look with -tls1_3 and, "
                       "if that fails too, with -tls1";
    return diagnose_say_more(c, logs(c), diagnose_case_remedy(c, DIAGNOSE_REMEDY_PROTOCOLS));
}
