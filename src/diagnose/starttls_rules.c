/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose_starttls_rules - is STARTTLS offered, accepted, and clean. */
#include "diagnose/rule_private.h"

#include <string.h>

#define LISTED_KEYWORDS 12u

static const char in_clear[] = "opportunistic senders deliver in clear, readable on the way; "
                               "senders that require TLS (MTA-STS, "
                               "DANE, Postfix's `encrypt`) can't deliver at all";

static const char *remedy(struct diagnose_case *c, enum diagnose_remedy r) {
    return diagnose_remedy_for(diagnose_software_of(c->endpoint), r);
}

static bool has_keyword(const struct facts_ehlo *e, const char *name) {
    for (size_t i = 0; i < e->keyword_count; i++)
        if (base_bytes_equal_nocase(base_bytes_of_str(e->keywords[i].name), name))
            return true;
    return false;
}

static bool stars_in_greeting(const struct facts_endpoint *e) {
    for (size_t i = 0; i < e->greeting.line_count; i++)
        if (base_bytes_find_str(e->greeting.lines[i], "****") < e->greeting.lines[i].len)
            return true;
    return false;
}

/* Some clients ask for it nevertheless. */
static bool refused_unoffered(const struct facts_endpoint *e) {
    return e->step == FACTS_STEP_STARTTLS && e->stop == FACTS_STOP_REFUSED &&
           !e->starttls.offered && e->ehlo.reply.received;
}

static bool not_offered(const struct facts_endpoint *e) {
    return (e->stop == FACTS_STOP_NO_STARTTLS || refused_unoffered(e)) && !e->ehlo.ehlo_rejected;
}

static bool is_masked(const struct facts_endpoint *e) {
    return e->starttls.offered_masked || stars_in_greeting(e);
}

/* What a sender that requires TLS writes; `connect` has such a client in mind. */
static bool required_logs(struct diagnose_case *c, const char *postfix, const char *exim,
                          const char *next) {
    if (!c->client)
        return true;
    c->out->logs = base_arena_printf(c->arena,
                                     "Postfix (client), queue: \"TLS is required, but %s\"\n"
                                     "Exim (client): \"a TLS session is required, but %s\"",
                                     postfix, exim);
    c->out->next = next;
    return true;
}

static bool masked(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    if (!not_offered(e) || !is_masked(e))
        return false;
    (void)diagnose_say(
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
    return required_logs(c, "was not offered by host ...", "the server did not offer TLS support",
                         NULL);
}

/* "; asked for nevertheless, it answers ..." */
static const char *nevertheless(struct diagnose_case *c) {
    if (!refused_unoffered(c->endpoint))
        return "";
    return base_arena_printf(c->arena, "; asked for nevertheless, the server answers \"%s\"",
                             diagnose_reply(c->arena, &c->endpoint->starttls.reply));
}

static const char *keyword_list(struct diagnose_case *c, const struct facts_ehlo *e) {
    const char *list = e->keyword_count ? e->keywords[0].name : "nothing at all";
    for (size_t i = 1; i < e->keyword_count && i < LISTED_KEYWORDS; i++)
        list = base_arena_printf(c->arena, "%s, %s", list, e->keywords[i].name);
    return e->keyword_count > LISTED_KEYWORDS
               ? base_arena_printf(c->arena, "%s and %zu more", list,
                                   e->keyword_count - LISTED_KEYWORDS)
               : list;
}

static bool absent(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    if (!not_offered(e) || is_masked(e))
        return false;
    bool people = !diagnose_is_opportunistic(e);
    (void)diagnose_say(
        c,
        base_arena_printf(c->arena, "the answer to %s lists no %s, but %s%s", e->ehlo.verb,
                          e->protocol == FACTS_PROTOCOL_POP3 ? "STLS" : "STARTTLS",
                          keyword_list(c, &e->ehlo), nevertheless(c)),
        people ? "passwords and mail cross the network in clear; modern mail programs refuse"
               : in_clear,
        remedy(c, DIAGNOSE_REMEDY_ENABLE_STARTTLS));
    return required_logs(
        c, "was not offered by host ...", "the server did not offer TLS support",
        "some servers hide STARTTLS from unknown or listed clients, or on one address only: look "
        "with another -name, from another network, over IPv4 and IPv6, and at port 587");
}

static bool turned_down(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    if (e->step != FACTS_STEP_STARTTLS || e->stop != FACTS_STOP_REFUSED || not_offered(e))
        return false;
    (void)diagnose_say(
        c,
        base_arena_printf(c->arena, "STARTTLS was offered and answered with \"%s\"",
                          diagnose_reply(c->arena, &e->starttls.reply)),
        in_clear,
        base_arena_printf(c->arena,
                          "the server most likely can't read its certificate or key (path, "
                          "permissions, a certificate without its key); its log says which. %s",
                          remedy(c, DIAGNOSE_REMEDY_CERTIFICATE)));
    const char *reply = diagnose_reply(c->arena, &c->endpoint->starttls.reply);
    return required_logs(
        c, base_arena_printf(c->arena, "host ... refused to start TLS: %s", reply),
        "an attempt to start TLS failed",
        c->endpoint->starttls.reply.code >= 500
            ? "a 5xx reply makes senders that require TLS give the mail back at once"
            : "a 4xx reply makes senders that require TLS try again later");
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
        e->stop == FACTS_STOP_DEADLINE || diagnose_wants_client_certificate(e))
        return false;
    return diagnose_say(
        c,
        e->stop == FACTS_STOP_REFUSED
            ? base_arena_printf(c->arena, "the hello inside TLS is answered with \"%s\"",
                                diagnose_reply(c->arena, &e->ehlo_tls.reply))
            : e->error,
        "TLS stands, but nothing can be sent through it: senders that use TLS can't deliver",
        "look at the server's log for this connection");
}

/* The mechanisms that hand over the secret itself. Challenges (CRAM, SCRAM, GSSAPI) do not. */
static bool hands_over_secret(const char *mechanisms) {
    static const char *const names[] = {"PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"};
    struct base_bytes rest = base_bytes_of_str(mechanisms);
    while (rest.len > 0) {
        struct base_bytes word = base_bytes_slice(rest, 0, base_bytes_find(rest, ' '));
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
            if (base_bytes_equal_nocase(word, names[i]))
                return true;
        rest = base_bytes_slice(rest, word.len + 1, rest.len);
    }
    return false;
}

/* What is offered in clear that would send a password, or NULL. */
static const char *password_in_clear(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    for (size_t i = 0; i < e->ehlo.keyword_count; i++) {
        const struct facts_keyword *k = &e->ehlo.keywords[i];
        bool auth = strcmp(k->name, "AUTH") == 0 || strcmp(k->name, "SASL") == 0;
        if (auth && hands_over_secret(k->params))
            return base_arena_printf(c->arena, "%s %s is offered before TLS", k->name, k->params);
        if (e->protocol == FACTS_PROTOCOL_POP3 && strcmp(k->name, "USER") == 0)
            return "USER is offered before TLS";
    }
    if (e->protocol == FACTS_PROTOCOL_IMAP && e->ehlo.keyword_count > 0 &&
        !has_keyword(&e->ehlo, "LOGINDISABLED"))
        return "LOGIN is allowed before TLS (LOGINDISABLED is not announced)";
    return NULL;
}

static bool auth_in_clear(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    const char *what = e->implicit_tls ? NULL : password_in_clear(c);
    if (!what)
        return false;
    return diagnose_say(
        c, what,
        "a mail program that is set up carelessly, or tricked, sends its password in "
        "clear",
        remedy(c, DIAGNOSE_REMEDY_AUTH_AFTER_TLS));
}

static bool lost_keywords(struct diagnose_case *c) {
    const struct facts_endpoint *e = c->endpoint;
    struct base_buf list;
    size_t lost = 0;
    if (!e->ehlo_tls.reply.received || e->ehlo_tls.keyword_count == 0 || e->implicit_tls)
        return false;
    base_buf_init(&list, (size_t)1 << 16);
    for (size_t i = 0; i < e->ehlo.keyword_count; i++) {
        const char *name = e->ehlo.keywords[i].name;
        if (strcmp(name, "STARTTLS") == 0 || strcmp(name, "STLS") == 0 ||
            strcmp(name, "LOGINDISABLED") == 0 || has_keyword(&e->ehlo_tls, name))
            continue;
        if (lost++ < LISTED_KEYWORDS)
            base_buf_printf(&list, "%s%s", list.len ? ", " : "", name);
    }
    if (lost > LISTED_KEYWORDS)
        base_buf_printf(&list, " and %zu more", lost - LISTED_KEYWORDS);
    if (lost > 0)
        (void)diagnose_say(
            c,
            base_arena_printf(c->arena, "offered in clear, gone inside TLS: %s",
                              base_buf_cstr(&list)),
            "senders that use TLS lose these features",
            "offer the same inside TLS; different services may answer before and after");
    base_buf_release(&list);
    return lost > 0;
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
     "a password may be sent before TLS (AUTH PLAIN and the like)", auth_in_clear},
    {"ehlo-lost-keywords", FACTS_SEVERITY_INFO, "Features are lost inside TLS",
     "keywords offered in clear are gone after STARTTLS", lost_keywords},
    {.id = NULL},
};
