/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose_clash_alert - alerts that say more than "no", and certificates asked of the client.
 *
 * TLS 1.2 tells inside the handshake that it wanted a client certificate (OpenSSL with alert 40,
 * GnuTLS with 50), TLS 1.3 only after the client believes the session to stand. RFC 6066, RFC 7301,
 * RFC 7507, RFC 8446 6.2. */
#include "diagnose/clash_private.h"

static const char *ending(struct diagnose_case *c) {
    return diagnose_ending_words(c->arena, c->endpoint);
}

static const char *server_logs(struct diagnose_case *c, const struct diagnose_log *server) {
    return diagnose_logs_of_server(c->arena, c->endpoint, server);
}

/* --- client certificates --- */

static bool is_one_of(int alert, const int *list, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (list[i] == alert)
            return true;
    return false;
}

/* no_certificate, bad_certificate, handshake_failure (OpenSSL), decode_error (GnuTLS),
 * certificate_required are what servers send for a missing one. */
static bool is_missing_alert(int alert) {
    static const int list[] = {40, 41, 42, 50, 116};
    return is_one_of(alert, list, sizeof list / sizeof list[0]);
}

static bool is_refusal_alert(int alert) {
    static const int list[] = {40, 42, 43, 44, 45, 46, 48, 49, 51};
    return is_one_of(alert, list, sizeof list / sizeof list[0]);
}

/* The first words inside TLS never came. */
static bool ended_late(const struct facts_endpoint *e) {
    return e->session.established &&
           e->step == (e->implicit_tls ? FACTS_STEP_GREETING : FACTS_STEP_EHLO_TLS);
}

/* Postfix lets the handshake pass and says it in a reply. */
static bool says_so(const struct facts_endpoint *e) {
    const struct facts_reply *r = &e->ehlo_tls.reply;
    for (size_t i = 0; r->received && r->code >= 400 && i < r->line_count; i++)
        if (base_bytes_find_str(r->lines[i], "client certificate") < r->lines[i].len)
            return true;
    return false;
}

bool diagnose_wants_client_certificate(const struct facts_endpoint *e) {
    const struct facts_session *s = &e->session;
    if (s->established && says_so(e))
        return true;
    bool hint = is_missing_alert(s->alert);
    bool cut = s->alert < 0 && s->version < DIAGNOSE_TLS_1_3 &&
               (s->end == FACTS_HANDSHAKE_CLOSED || s->end == FACTS_HANDSHAKE_RESET);
    bool late = e->stop == FACTS_STOP_CLOSED || e->stop == FACTS_STOP_RESET || hint;
    bool ended =
        s->established ? ended_late(e) && late : cut || (s->end == FACTS_HANDSHAKE_ALERT && hint);
    return ended && (s->client_certificate_asked || s->alert == 116);
}

bool diagnose_clash_client_certificate(struct diagnose_case *c) {
    static const struct diagnose_log server = {
        "error:0A0000C7:SSL routines::peer did not return a certificate",
        "No certificate was found.\" or \"Certificate is required."};
    const struct facts_session *s = &c->endpoint->session;
    if (!diagnose_wants_client_certificate(c->endpoint) || diagnose_client(c)->certificate_given)
        return false;
    (void)diagnose_say(
        c,
        says_so(c->endpoint)
            ? base_arena_printf(c->arena,
                                "the server asked for a client certificate, got none, and answers "
                                "\"%s\"",
                                diagnose_reply(c->arena, &c->endpoint->ehlo_tls.reply))
        : s->alert >= 0
            ? base_arena_printf(c->arena,
                                "the server asked for a client certificate, got none, and ended "
                                "with alert %d (%s)",
                                s->alert, s->alert_name)
            : "the server asked for a client certificate, got none, and closed the connection",
        "senders without a certificate that this server knows can't deliver over TLS: on a public "
        "MX that is nearly everybody",
        c->client ? diagnose_case_advice(c, DIAGNOSE_ADVICE_CERTIFICATE, "")
                  : "ask for a certificate, but do not require it (Postfix: smtpd_tls_req_ccert = "
                    "no; Exim: tls_try_verify_hosts instead of tls_verify_hosts)");
    if (!c->client)
        return true;
    c->out->next = "look again with a certificate (waxseal connect -cert FILE -key FILE): any at "
                   "all tells whether the server "
                   "wants one, or one that it knows";
    return diagnose_say_more(c, server_logs(c, &server),
                             diagnose_case_remedy(c, DIAGNOSE_REMEDY_CLIENT_CERTIFICATE));
}

bool diagnose_clash_client_certificate_refused(struct diagnose_case *c) {
    static const struct diagnose_log server = {
        "error:0A000086:SSL routines::certificate verify failed",
        "Error in the certificate verification."};
    const struct facts_endpoint *e = c->endpoint;
    const struct facts_session *s = &e->session;
    bool ended = s->established ? ended_late(e) : s->end == FACTS_HANDSHAKE_ALERT;
    if (!ended || !s->client_certificate_asked || !diagnose_client(c)->certificate_given ||
        !is_refusal_alert(s->alert))
        return false;
    (void)diagnose_say(
        c,
        base_arena_printf(c->arena,
                          "the server asked for a client certificate, got one, and answered with "
                          "alert %d (%s)%s",
                          s->alert, s->alert_name,
                          s->alert == 48   ? ": it does not know the issuer"
                          : s->alert == 45 ? ": it has expired"
                          : s->alert == 44 ? ": it was revoked"
                                           : ""),
        "this client's certificate does not satisfy this server; senders without one may fare "
        "better, if it only asks",
        "show a certificate that the server knows: of an issuer it trusts, not expired, with its "
        "chain (-cert_chain) and made for clients (extended key usage clientAuth)");
    return diagnose_say_more(
        c, server_logs(c, &server),
        "which issuers the server accepts, and whether a certificate is needed at all");
}

/* --- names --- */

#define ALERT_UNRECOGNIZED_NAME 112

bool diagnose_clash_server_name(struct diagnose_case *c) {
    static const struct diagnose_log server = {"error:0A0000EA:SSL routines::callback failed",
                                               "The SNI host name not recognised."};
    const struct facts_session *s = &c->endpoint->session;
    bool sent = s->sni[0] != '\0';
    if (!diagnose_alert_is(c->endpoint, ALERT_UNRECOGNIZED_NAME))
        return false;
    const char *open = "";
    if (diagnose_open_succeeded(c))
        open = c->open->session.sni[0]
                   ? base_arena_printf(c->arena, "; with the name %s it succeeds",
                                       diagnose_short(c->arena, c->open->session.sni))
                   : "; without a name it succeeds";
    (void)diagnose_say(
        c,
        sent ? base_arena_printf(c->arena,
                                 "the server does not know the name %s that was sent (SNI): %s%s",
                                 diagnose_short(c->arena, s->sni), ending(c), open)
             : base_arena_printf(c->arena, "no server name (SNI) was sent: %s%s", ending(c), open),
        sent ? "senders that send this name (Exim and all that use DANE or MTA-STS) can't deliver "
               "over TLS; Postfix sends none by default and may succeed"
             : "senders that send no name (Postfix by default) can't deliver over TLS",
        sent ? "send the name that the server's certificate bears (-servername NAME), or none "
               "(-noservername); look at the MX record: the name sent is that of the MX host"
             : diagnose_case_advice(c, DIAGNOSE_ADVICE_SNI, ""));
    return diagnose_say_more(c, server_logs(c, &server),
                             diagnose_case_remedy(c, DIAGNOSE_REMEDY_SNI));
}

/* The offer was good and only the name was missing. */
bool diagnose_clash_name_missing(struct diagnose_case *c) {
    if (!diagnose_handshake_failed(c->endpoint) || !diagnose_client(c)->sni_withheld ||
        c->endpoint->session.end == FACTS_HANDSHAKE_LOCAL || c->endpoint->session.version != 0 ||
        !diagnose_open_succeeded(c) || !c->open->session.sni[0])
        return false;
    (void)diagnose_say(
        c,
        base_arena_printf(c->arena,
                          "without a server name (SNI) the handshake fails (%s); with the name %s "
                          "it succeeds (%s)",
                          ending(c), diagnose_short(c->arena, c->open->session.sni),
                          diagnose_open_words(c)),
        "senders that send no name (Postfix by default) can't deliver over TLS",
        diagnose_case_advice(c, DIAGNOSE_ADVICE_SNI, ""));
    return diagnose_say_more(
        c, diagnose_logs_of_server(c->arena, c->endpoint, &(struct diagnose_log){NULL, NULL}),
        diagnose_case_remedy(c, DIAGNOSE_REMEDY_SNI));
}

/* --- what was asked for beside --- */

#define ALERT_FALLBACK 86
#define ALERT_ALPN 120
#define ALERT_UNKNOWN_PSK 115

bool diagnose_clash_fallback(struct diagnose_case *c) {
    static const struct diagnose_log server = {
        "error:0A000175:SSL routines::inappropriate fallback",
        "A connection with inappropriate fallback was attempted."};
    if (!diagnose_alert_is(c->endpoint, ALERT_FALLBACK))
        return false;
    (void)diagnose_say(
        c,
        base_arena_printf(c->arena,
                          "the hello said that %s is a second attempt after a failure (fallback "
                          "signal, RFC 7507), and the server speaks something newer%s: %s",
                          diagnose_version_words(diagnose_client(c)->max_version),
                          diagnose_open_succeeded(c)
                              ? base_arena_printf(c->arena, " (%s)",
                                                  diagnose_version_words(c->open->session.version))
                              : "",
                          ending(c)),
        "the server does right: somebody could have broken the first attempt to get the older "
        "version",
        "offer the newest version at once, or leave -fallback_scsv out");
    return diagnose_say_more(c, server_logs(c, &server), NULL);
}

bool diagnose_clash_psk(struct diagnose_case *c) {
    static const struct diagnose_log server = {
        "error:0A0000DF:SSL routines::psk identity not found\" or \"0A000119 decryption failed or "
        "bad record mac",
        "Decryption has failed."};
    struct diagnose_offer o;
    int alert = c->endpoint->session.alert;
    bool other = alert == 20 || alert == 47 || alert == 51;
    if (c->endpoint->session.end != FACTS_HANDSHAKE_ALERT || (alert != ALERT_UNKNOWN_PSK && !other))
        return false;
    diagnose_offer_of(c->client, c->endpoint, &o);
    bool offered =
        o.known && (o.hello.pre_shared_key || diagnose_offer_count_auth(&o, KNOW_TLS_AUTH_PSK) > 0);
    if (alert != ALERT_UNKNOWN_PSK && !offered)
        return false;
    (void)diagnose_say(
        c,
        base_arena_printf(c->arena, "a pre-shared key, or an old session, was offered: %s%s",
                          ending(c),
                          alert == ALERT_UNKNOWN_PSK ? " (it does not know the identity)"
                                                     : " (identity or key are not the server's)"),
        "mail servers on the Internet use no pre-shared keys; clients without one are not hurt",
        "check -psk_identity and -psk (hexadecimal) against the server's; for a session, leave "
        "-sess_in out");
    return diagnose_say_more(c, server_logs(c, &server), NULL);
}

bool diagnose_clash_alpn(struct diagnose_case *c) {
    static const struct diagnose_log server = {
        "error:0A0000EB:SSL routines::no application protocol",
        "No common application protocol could be negotiated."};
    if (!diagnose_alert_is(c->endpoint, ALERT_ALPN))
        return false;
    (void)diagnose_say(c,
                       base_arena_printf(c->arena,
                                         "none of the protocols offered by ALPN is the "
                                         "server's: %s",
                                         ending(c)),
                       "SMTP has no ALPN name: mail servers ignore the list, so something else may "
                       "answer here (a web server, a proxy)",
                       "leave -alpn out, and check host and port");
    return diagnose_say_more(c, server_logs(c, &server), NULL);
}

/* illegal_parameter, missing_extension, unsupported_extension: something in the hello itself. */
bool diagnose_clash_extension(struct diagnose_case *c) {
    struct diagnose_offer o;
    int alert = c->endpoint->session.alert;
    if (!c->client || !diagnose_handshake_failed(c->endpoint) ||
        c->endpoint->session.end != FACTS_HANDSHAKE_ALERT ||
        (alert != 47 && alert != 109 && alert != 110))
        return false;
    diagnose_offer_of(c->client, c->endpoint, &o);
    (void)diagnose_say(
        c,
        base_arena_printf(c->arena, "the server objects to something in the ClientHello: %s%s%s",
                          ending(c),
                          o.known && o.hello.max_fragment != 0
                              ? "; it asks for short records (-maxfraglen, RFC 6066)"
                              : "",
                          diagnose_open_succeeded(c) ? "; a plain hello succeeds" : ""),
        "clients with their software's defaults do not send such a hello, unless the plain one "
        "failed as well",
        "leave -maxfraglen, -serverinfo, -early_data, -sess_in and the like out, one at a time");
    return diagnose_say_more(
        c, diagnose_logs_of_server(c->arena, c->endpoint, &(struct diagnose_log){NULL, NULL}),
        NULL);
}

#define ALERT_INTERNAL_ERROR 80

bool diagnose_clash_internal_error(struct diagnose_case *c) {
    static const struct diagnose_log server = {"EVP lib\" or \"internal error", NULL};
    if (!c->client || !diagnose_alert_is(c->endpoint, ALERT_INTERNAL_ERROR))
        return false;
    bool both = diagnose_open_failed(c);
    (void)diagnose_say(
        c,
        base_arena_printf(c->arena, "the server's TLS fails by itself: %s%s", ending(c),
                          both ? "; offered everything, it did no better"
                          : diagnose_open_succeeded(c)
                              ? base_arena_printf(c->arena, "; offered everything, it took %s",
                                                  diagnose_open_words(c))
                              : ""),
        both ? "the fault is the server's own: nobody can use TLS here; opportunistic senders "
               "deliver in clear or give up"
             : "the server's TLS library failed on this offer; clients that offer more may fare "
               "better",
        both ? "nothing on the client's side helps but delivery without TLS:\n"
             : "take the restrictions back for this destination");
    if (both)
        c->out->fix = base_arena_printf(c->arena, "%s%s", c->out->fix,
                                        diagnose_case_advice(c, DIAGNOSE_ADVICE_CLEAR, ""));
    return diagnose_say_more(
        c, server_logs(c, &server),
        "to read the server's log for this moment: a key that can't be read or used, or a mail "
        "server that does not fit its TLS library after an update (OpenSMTPD 6.8 with OpenSSL 3)");
}
