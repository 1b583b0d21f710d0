/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose_starttls_rules - is STARTTLS offered, accepted, and clean. */
#include "diagnose/rule.h"
#include "diagnose/software.h"

#include <string.h>

static const char in_clear[] = "opportunistic senders deliver in clear, readable on the way; "
                               "senders that require TLS (MTA-STS, "
                               "DANE, `encrypt` policies) can't deliver at all";

static const char *remedy(struct diagnose_case *c, enum diagnose_remedy r) {
    return diagnose_remedy_for(diagnose_software_of(c->endpoint), r);
}

static bool stars_in_greeting(const struct facts_endpoint *e) {
    for (size_t i = 0; i < e->greeting.line_count; i++)
        if (base_bytes_find_str(e->greeting.lines[i], "****") < e->greeting.lines[i].len)
            return true;
    return false;
}

static bool not_offered(const struct facts_endpoint *e) {
    return e->stop == FACTS_STOP_NO_STARTTLS && !e->ehlo.ehlo_rejected;
}

static bool is_masked(const struct facts_endpoint *e) {
    return e->starttls.offered_masked || stars_in_greeting(e);
}

static bool masked(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    if (!not_offered(e) || !is_masked(e))
        return false;
    return diagnose_say(
        c,
        e->starttls.offered_masked && stars_in_greeting(e)
            ? "a keyword of X's stands where STARTTLS would, and the greeting is written over with "
              "asterisks"
        : e->starttls.offered_masked
            ? "a keyword of eight letters, X's but for the last, stands where STARTTLS would"
            : "the greeting is written over with asterisks",
        in_clear,
        "a firewall on the way inspects SMTP and hides STARTTLS: on Cisco ASA/PIX `no inspect "
        "esmtp`, "
        "or `allow-tls` in the esmtp policy; look again from inside that firewall");
}

static bool absent(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    if (!not_offered(e) || is_masked(e))
        return false;
    bool people = !diagnose_is_opportunistic(e);
    return diagnose_say(
        c,
        base_arena_printf(c->arena, "%s is not among the %zu keywords in the answer to %s",
                          e->protocol == FACTS_PROTOCOL_POP3 ? "STLS" : "STARTTLS",
                          e->ehlo.keyword_count, e->ehlo.verb),
        people ? "passwords and mail cross the network in clear; modern mail programs refuse"
               : in_clear,
        remedy(c, DIAGNOSE_REMEDY_ENABLE_STARTTLS));
}

static bool turned_down(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    if (e->step != FACTS_STEP_STARTTLS || e->stop != FACTS_STOP_REFUSED)
        return false;
    return diagnose_say(
        c,
        base_arena_printf(c->arena, "STARTTLS was offered and answered with \"%s\"",
                          diagnose_reply(c->arena, &e->starttls.reply)),
        in_clear,
        base_arena_printf(c->arena,
                          "the server most likely can't read its certificate or key (path, "
                          "permissions, a certificate without its key); its log says which. %s",
                          remedy(c, DIAGNOSE_REMEDY_CERTIFICATE)));
}

static bool unanswered(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    if (e->step != FACTS_STEP_STARTTLS ||
        (e->stop != FACTS_STOP_TIMEOUT && e->stop != FACTS_STOP_CLOSED &&
         e->stop != FACTS_STOP_RESET))
        return false;
    return diagnose_say(c, e->error, in_clear,
                        "look at the server's log for this moment; a process that crashes on "
                        "STARTTLS or a device that blocks the command look like this");
}

static bool early_bytes(struct diagnose_case *c) {
    const struct facts_starttls *s = &c->endpoint->starttls;
    if (s->early_bytes == 0)
        return false;
    return diagnose_say(
        c,
        base_arena_printf(c->arena, "%zu bytes in clear followed the STARTTLS reply: \"%s\"",
                          s->early_bytes, diagnose_quote(c->arena, s->early)),
        "a client that keeps them takes words of somebody on the way for words of the server "
        "(STARTTLS injection); careful clients hang up",
        "update the server; if it is current, look for a device that adds bytes to the connection");
}

static bool odd_spelling(struct diagnose_case *c) {
    const struct facts_starttls *s = &c->endpoint->starttls;
    if (!s->offered || !s->offered_as || !s->offered_as[0])
        return false;
    return diagnose_say(c, base_arena_printf(c->arena, "offered as \"%s\"", s->offered_as),
                        "clients that compare to the letter do not see it and deliver in clear",
                        "let the server write STARTTLS plainly");
}

static bool ehlo_tls_fails(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    if (e->step != FACTS_STEP_EHLO_TLS || e->stop == FACTS_STOP_NONE ||
        e->stop == FACTS_STOP_DEADLINE)
        return false;
    return diagnose_say(
        c,
        e->stop == FACTS_STOP_REFUSED
            ? base_arena_printf(c->arena, "the hello inside TLS is answered with \"%s\"",
                                diagnose_reply(c->arena, &e->ehlo_tls.reply))
            : e->error,
        "TLS stands but no mail can be sent through it",
        e->session.client_certificate_asked ? "the server asked for a client certificate and got "
                                              "none: make it optional on a public "
                                              "MX (Postfix: smtpd_tls_req_ccert = no)"
                                            : "look at the server's log for this connection");
}

static bool auth_in_clear(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    bool offered = diagnose_has_keyword(&e->ehlo, "AUTH");
    if (e->protocol == FACTS_PROTOCOL_IMAP)
        offered = offered && !diagnose_has_keyword(&e->ehlo, "LOGINDISABLED");
    if (e->implicit_tls || !offered)
        return false;
    return diagnose_say(
        c, "AUTH is offered before TLS",
        "a mail program that is set up carelessly, or tricked, sends its password in "
        "clear",
        remedy(c, DIAGNOSE_REMEDY_AUTH_AFTER_TLS));
}

static bool lost_keywords(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    struct base_buf list;
    if (!e->ehlo_tls.reply.received || e->ehlo_tls.keyword_count == 0 || e->implicit_tls)
        return false;
    base_buf_init(&list, 1024);
    for (size_t i = 0; i < e->ehlo.keyword_count; i++) {
        const char *name = e->ehlo.keywords[i].name;
        if (strcmp(name, "STARTTLS") == 0 || strcmp(name, "STLS") == 0 ||
            strcmp(name, "LOGINDISABLED") == 0 || diagnose_has_keyword(&e->ehlo_tls, name))
            continue;
        base_buf_printf(&list, "%s%s", list.len ? ", " : "", name);
    }
    bool lost = list.len > 0;
    if (lost)
        (void)diagnose_say(
            c,
            base_arena_printf(c->arena, "offered in clear, gone inside TLS: %s",
                              base_buf_cstr(&list)),
            "senders that use TLS lose these features",
            "offer the same inside TLS; different services may answer before and after");
    base_buf_release(&list);
    return lost;
}

const struct diagnose_rule diagnose_starttls_rules[] = {
    {"starttls-masked", FACTS_SEVERITY_ERROR, "A firewall hides STARTTLS",
     "X's in place of STARTTLS, or asterisks over the greeting", masked},
    {"starttls-not-offered", FACTS_SEVERITY_ERROR, "STARTTLS is not offered",
     "the hello does not list STARTTLS", absent},
    {"starttls-refused", FACTS_SEVERITY_ERROR, "STARTTLS is offered, then refused",
     "the STARTTLS command got another answer than yes", turned_down},
    {"starttls-unanswered", FACTS_SEVERITY_ERROR, "STARTTLS is offered, then not answered",
     "no reply, or a closed connection, after STARTTLS", unanswered},
    {"early-plaintext", FACTS_SEVERITY_ERROR, "Text is slipped in behind the STARTTLS reply",
     "bytes in clear between the STARTTLS reply and TLS", early_bytes},
    {"starttls-odd-spelling", FACTS_SEVERITY_WARNING, "STARTTLS is spelled oddly",
     "odd case, spaces or parameters", odd_spelling},
    {"ehlo-tls-failed", FACTS_SEVERITY_ERROR, "The hello inside TLS fails",
     "TLS stands, but the dialogue does not go on", ehlo_tls_fails},
    {"auth-in-clear", FACTS_SEVERITY_WARNING, "Passwords may be sent in clear",
     "AUTH offered before TLS", auth_in_clear},
    {"ehlo-lost-keywords", FACTS_SEVERITY_INFO, "Features are lost inside TLS",
     "keywords offered in clear are gone after STARTTLS", lost_keywords},
    {.id = NULL},
};
