/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose_clash_silence - no TLS came back, no alert, or no client gets through.
 *
 * Here the causes lie close together: a crashed process, a missing certificate, a device on the
 * way that dislikes the hello, packets that are too large for the path. What two looks can tell is
 * told; the rest is named with the look that tells it apart. */
#include "diagnose/clash_private.h"

#include "wire/record.h"

#define ALERT_HANDSHAKE_FAILURE 40
#define ONE_SEGMENT 1400 /* bytes of a hello that fit one packet of a common path */

static const char no_tls[] =
    "opportunistic senders fall back to clear text or give up; senders that require TLS (MTA-STS, "
    "DANE, Postfix's `encrypt`) can't deliver";

static const char *ending(struct diagnose_case *c) {
    return diagnose_ending_words(c->arena, c->endpoint);
}

static const char *server_logs(struct diagnose_case *c, const char *openssl, const char *gnutls) {
    return diagnose_logs_of_server(c->arena, c->endpoint, &(struct diagnose_log){openssl, gnutls});
}

/* --- not TLS --- */

static bool is_mail(enum wire_start start) {
    return start == WIRE_START_SMTP || start == WIRE_START_IMAP || start == WIRE_START_POP3 ||
           start == WIRE_START_SIEVE;
}

static const char *plaintext_fix(const struct facts_endpoint *e, enum wire_start start) {
    if (start == WIRE_START_HTTP)
        return "a web server answers here: check host and port";
    if (start == WIRE_START_SSH)
        return "an SSH server answers here: check host and port";
    if (e->implicit_tls)
        return "this port speaks clear text first: use STARTTLS (--starttls)";
    return "the server said yes to STARTTLS and then went on in clear: a TLS engine that failed to "
           "start, or a device between; read the server's log";
}

bool diagnose_clash_plaintext(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    if (!diagnose_handshake_failed(e) || e->session.end != FACTS_HANDSHAKE_PLAINTEXT)
        return false;
    struct wire_first first = wire_record_classify(e->session.junk);
    const char *fix = plaintext_fix(e, first.start);
    (void)diagnose_say(c,
                       base_arena_printf(c->arena, "where TLS was expected came %s: \"%s\"",
                                         first.start == WIRE_START_BINARY ? "other bytes" : "text",
                                         diagnose_quote(c->arena, e->session.junk)),
                       no_tls, fix);
    if (!c->client)
        return true;
    if (e->implicit_tls && is_mail(first.start))
        c->out->fix = base_arena_printf(c->arena, "use STARTTLS on this port (-starttls %s)\n%s",
                                        e->protocol == FACTS_PROTOCOL_IMAP   ? "imap"
                                        : e->protocol == FACTS_PROTOCOL_POP3 ? "pop3"
                                                                             : "smtp",
                                        diagnose_case_advice(c, DIAGNOSE_ADVICE_IMPLICIT, ""));
    return diagnose_say_more(
        c,
        base_arena_printf(c->arena, "%s%s", server_logs(c, NULL, NULL),
                          e->implicit_tls && is_mail(first.start)
                              ? "\nPostfix (server): \"improper command pipelining after CONNECT "
                                "from ...: \\026\\003\\001\"\nExim (server): \"SMTP protocol "
                                "synchronization error (input sent without waiting for greeting) "
                                "... input=\\026\\003\\001\""
                              : ""),
        NULL);
}

/* --- nobody gets through --- */

bool diagnose_clash_no_certificate(struct diagnose_case *c) {
    if (!c->client || !diagnose_alert_is(c->endpoint, ALERT_HANDSHAKE_FAILURE) ||
        !diagnose_open_failed(c) || !diagnose_alert_is(c->open, ALERT_HANDSHAKE_FAILURE) ||
        c->open->session.client_certificate_asked)
        return false;
    (void)diagnose_say(
        c,
        base_arena_printf(c->arena,
                          "at the first look %s; at the second, which offered every version, "
                          "suite, group and signature scheme, it answered alike",
                          ending(c)),
        "nobody can use TLS here: opportunistic senders deliver in clear or give up, senders that "
        "require TLS can't deliver. A server that finds nothing in common with a client that "
        "offers everything mostly has no usable certificate: it offers STARTTLS although it could "
        "not load one",
        base_arena_printf(c->arena,
                          "nothing on the client's side helps but delivery without TLS\n%s",
                          diagnose_case_advice(c, DIAGNOSE_ADVICE_CLEAR, "")));
    c->out->next =
        "likely, not proven: the server's log at its start, or at this moment, names the "
        "file that it can't read; certificate and key must be readable, and belong "
        "together";
    return diagnose_say_more(c,
                             server_logs(c, "error:0A0000C1:SSL routines::no shared cipher",
                                         "No supported cipher suites have been found."),
                             diagnose_case_remedy(c, DIAGNOSE_REMEDY_CERTIFICATE));
}

/* --- one hello is answered, the other is not --- */

static bool is_silent(enum facts_handshake_end end) {
    return end == FACTS_HANDSHAKE_CLOSED || end == FACTS_HANDSHAKE_RESET ||
           end == FACTS_HANDSHAKE_TIMEOUT;
}

bool diagnose_clash_hello_dropped(struct diagnose_case *c) {
    struct diagnose_offer mine, theirs;
    const struct facts_session *s = &c->endpoint->session;
    if (!c->client || !diagnose_handshake_failed(c->endpoint) || !is_silent(s->end) ||
        s->version != 0 || !diagnose_open_succeeded(c))
        return false;
    diagnose_offer_of(c->client, c->endpoint, &mine);
    diagnose_offer_of(NULL, c->open, &theirs);
    bool large = mine.length > ONE_SEGMENT && theirs.length > 0 && theirs.length < mine.length;
    (void)diagnose_say(
        c,
        base_arena_printf(c->arena,
                          "the ClientHello of %zu bytes got no answer (%s); another one of %zu "
                          "bytes was answered (%s)",
                          mine.length, ending(c), theirs.length, diagnose_open_words(c)),
        large ? "most likely a hello that does not fit one packet (post-quantum key shares make it "
                "so) is lost on the way or in the server: modern clients fail, old ones do not"
              : "the server, or a device on the way, drops this hello in place of an answer; or it "
                "was chance",
        large ? diagnose_case_advice(c, DIAGNOSE_ADVICE_SMALL_HELLO, "")
              : "take back what makes this hello different");
    c->out->next = large
                       ? "-groups X25519 gives a small hello, -groups X25519MLKEM768 a large one: "
                         "small ones pass and large ones do not"
                       : "first the same look again (chance?); then -noservername, -tls1_2, "
                         "-groups X25519, one at a time; a reset that comes sooner than the "
                         "server's other answers is from a device on the way";
    return diagnose_say_more(
        c, server_logs(c, NULL, NULL),
        "an update of the firewall or TLS library that can't take a ClientHello "
        "in two packets, or does not know its contents");
}

/* --- what remains --- */

static const char *alert_fix(int alert) {
    switch (alert) {
    case ALERT_HANDSHAKE_FAILURE:
        return "a server that offers STARTTLS and finds nothing in common with a client that "
               "offers everything mostly has no usable certificate: check that certificate and key "
               "are readable and belong together; its log names the cause";
    case 80: /* internal_error */
        return "the server's TLS library failed: read its log; an update of the mail server that "
               "does not fit its TLS library looks like this";
    default:
        return "read the server's log for this moment: it names the cause; then look again";
    }
}

/* "; a second look that offered everything fared no better: ..." */
static const char *second_look(struct diagnose_case *c) {
    if (!c->client || !c->open)
        return "";
    if (diagnose_open_failed(c))
        return base_arena_printf(c->arena,
                                 "; a second look that offered everything fared no better: %s",
                                 diagnose_ending_words(c->arena, c->open));
    return diagnose_open_succeeded(c) ? "; a second look that offered everything succeeded"
                                      : "; a second look did not come as far as TLS";
}

static bool ended_by_alert(struct diagnose_case *c) {
    const struct facts_session *s = &c->endpoint->session;
    return diagnose_say(c,
                        base_arena_printf(c->arena,
                                          "the server ended the handshake with alert %d (%s)%s",
                                          s->alert, s->alert_name, second_look(c)),
                        no_tls, alert_fix(s->alert));
}

static bool ended_here(struct diagnose_case *c) {
    const struct facts_session *s = &c->endpoint->session;
    return diagnose_say(
        c,
        base_arena_printf(c->arena, "this side gave up: %s%s%s", diagnose_short(c->arena, s->error),
                          s->alert_sent >= 0 ? "; alert sent: " : "",
                          s->alert_sent >= 0 ? s->alert_sent_name : ""),
        no_tls,
        "the server's answer breaks the rules of TLS or uses what nobody accepts any more; update "
        "its TLS library");
}

static bool cut_off(struct diagnose_case *c) {
    c->out->next = c->client
                       ? "the looks that tell: -tls1_2 (a small hello), -noservername, another "
                         "network, IPv4 and IPv6; without any look the server's log"
                       : NULL;
    return diagnose_say(
        c,
        base_arena_printf(
            c->arena, "%s%s",
            c->endpoint->session.end == FACTS_HANDSHAKE_CLOSED
                ? "the server closed the connection inside the handshake, without an alert"
                : "the connection was reset inside the handshake",
            second_look(c)),
        no_tls,
        "the server's process crashed, has no certificate, or a device on the way dislikes the "
        "handshake: read the server's log; if it shows nothing, look at what stands between");
}

/* The server's certificates are its first packets of full size. */
static bool out_of_time(struct diagnose_case *c) {
    const struct facts_session *s = &c->endpoint->session;
    if (s->version != 0)
        return diagnose_say(
            c,
            base_arena_printf(
                c->arena, "the answer began (%s, %llu bytes) and did not come to its end in time%s",
                diagnose_version_words(s->version), (unsigned long long)s->bytes_read,
                second_look(c)),
            no_tls,
            "full packets from the server are lost on the way (a tunnel or VPN with a smaller MTU, "
            "ICMP blocked): clamp the MSS at the router, let ICMP \"fragmentation needed\" pass");
    return diagnose_say(
        c,
        base_arena_printf(c->arena, "the server did not finish the handshake in time%s",
                          second_look(c)),
        no_tls,
        "packets that are too large may be lost on the way (MTU), or a device swallows the "
        "ClientHello: compare from another network; read the server's log");
}

bool diagnose_clash_unknown(struct diagnose_case *c) {
    if (!diagnose_handshake_failed(c->endpoint))
        return false;
    if (c->client)
        c->out->logs = server_logs(c, NULL, NULL);
    switch (c->endpoint->session.end) {
    case FACTS_HANDSHAKE_ALERT:
        return ended_by_alert(c);
    case FACTS_HANDSHAKE_LOCAL:
        return ended_here(c);
    case FACTS_HANDSHAKE_CLOSED:
    case FACTS_HANDSHAKE_RESET:
        return cut_off(c);
    case FACTS_HANDSHAKE_TIMEOUT:
        return out_of_time(c);
    case FACTS_HANDSHAKE_PLAINTEXT: /* a rule of its own */
    case FACTS_HANDSHAKE_NONE:
        break;
    }
    return false;
}
