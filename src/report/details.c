/* SPDX-License-Identifier: Apache-2.0 */
/* report_details - the evidence: one line per step of an endpoint, more with -v. */
#include "report/text_parts.h"

#include "base/clock.h"
#include "base/text.h"
#include "facts/names.h"

#include <string.h>

#define TEXT_SHOWN 200u
#define KEYWORDS_SHOWN 100u
#define NAMES_SHOWN 100u

static const char *bytes_text(struct base_arena *a, struct base_bytes b) {
    struct base_buf out;
    base_buf_init(&out, (size_t)1 << 16);
    base_text_escape(&out, base_bytes_slice(b, 0, TEXT_SHOWN));
    const char *s = base_arena_str_bytes(a, base_buf_view(&out));
    base_buf_release(&out);
    return s;
}

/* A text that a server may have made as long as it likes. */
static const char *cut(struct base_arena *a, const char *s) {
    struct base_bytes b = base_bytes_of_str(s);
    return b.len <= TEXT_SHOWN ? s : base_arena_printf(a, "%s...", bytes_text(a, b));
}

static const char *reply_text(struct base_arena *a, const struct facts_reply *r) {
    const char *first = r->line_count ? bytes_text(a, r->lines[0]) : "";
    const char *more = r->line_count > 1 ? " ..." : "";
    if (r->code)
        return base_arena_printf(a, "%d %s%s", r->code, first, more);
    return base_arena_printf(a, "%s %s%s", r->status, first, more);
}

static const char *day(struct base_arena *a, int64_t t) {
    char text[BASE_CLOCK_RFC3339];
    base_clock_rfc3339((time_t)t, text);
    return base_arena_str_bytes(a, base_bytes_slice(base_bytes_of_str(text), 0, 10));
}

const char *report_details_name(struct base_arena *a, const struct facts_endpoint *e) {
    if (e->address[0] == '/')
        return e->address;
    if (strcmp(e->host, e->address) == 0)
        return strchr(e->address, ':') ? base_arena_printf(a, "[%s]:%u", e->address, e->port)
                                       : base_arena_printf(a, "%s:%u", e->address, e->port);
    return base_arena_printf(a, "%s [%s]:%u", e->host, e->address, e->port);
}

/* --- connection and dialogue --- */

void report_details_connection(const struct report_painter *p, struct base_arena *a,
                               const struct facts_endpoint *e) {
    if (e->connect.state == FACTS_CONNECT_TIMEOUT) {
        report_paint_field(p, "connection",
                           base_arena_printf(a, "timed out after %.1f s", e->connect.ms / 1000.0));
        return;
    }
    if (e->connect.state != FACTS_CONNECT_OK) {
        const char *error = e->connect.error && e->connect.error[0] ? e->connect.error : e->error;
        report_paint_field(
            p, "connection",
            error && error[0]
                ? base_arena_printf(a, "%s: %s", facts_connect_state_name(e->connect.state), error)
                : facts_connect_state_name(e->connect.state));
        return;
    }
    if (e->greeting.received)
        report_paint_field(p, "greeting", reply_text(a, &e->greeting));
    else if (e->stop != FACTS_STOP_NONE && (!e->implicit_tls || e->session.established))
        report_paint_field(p, "greeting",
                           e->error && e->error[0] ? e->error : facts_stop_name(e->stop));
}

static const char *hello_trouble(struct base_arena *a, const struct facts_endpoint *e) {
    if (e->ehlo.reply.received)
        return base_arena_printf(a, "%s answered with \"%s\"", e->ehlo.verb,
                                 reply_text(a, &e->ehlo.reply));
    return e->error && e->error[0] ? e->error : facts_stop_name(e->stop);
}

void report_details_starttls(const struct report_painter *p, struct base_arena *a,
                             const struct facts_endpoint *e) {
    const struct facts_starttls *s = &e->starttls;
    if (!e->ehlo.asked || e->implicit_tls)
        return;
    if (e->step == FACTS_STEP_EHLO && e->stop != FACTS_STOP_NONE)
        report_paint_field(p, "hello", hello_trouble(a, e));
    else if (!s->offered)
        report_paint_field(p, "STARTTLS",
                           s->offered_masked ? "not offered; its place is masked" : "not offered");
    else if (!s->reply.received)
        report_paint_field(p, "STARTTLS",
                           base_arena_printf(a, "offered; %s", e->error ? e->error : "no answer"));
    else if (e->stop == FACTS_STOP_REFUSED && e->step == FACTS_STEP_STARTTLS)
        report_paint_field(
            p, "STARTTLS",
            base_arena_printf(a, "offered, then refused: %s", reply_text(a, &s->reply)));
    else
        report_paint_field(p, "STARTTLS",
                           s->early_bytes
                               ? base_arena_printf(a,
                                                   "offered and accepted, with %zu bytes in clear "
                                                   "behind (dropped)",
                                                   s->early_bytes)
                               : "offered and accepted");
}

/* --- TLS --- */

const char *report_details_handshake(struct base_arena *a, const struct facts_session *s) {
    switch (s->end) {
    case FACTS_HANDSHAKE_ALERT:
        return base_arena_printf(a, "handshake failed: alert %d, %s", s->alert, s->alert_name);
    case FACTS_HANDSHAKE_LOCAL:
        return base_arena_printf(a, "handshake failed on this side: %s", s->error);
    case FACTS_HANDSHAKE_PLAINTEXT:
        return base_arena_printf(a, "no TLS came, but \"%s\"", bytes_text(a, s->junk));
    case FACTS_HANDSHAKE_CLOSED:
        return "handshake failed: the server closed the connection";
    case FACTS_HANDSHAKE_RESET:
        return "handshake failed: the connection was reset";
    case FACTS_HANDSHAKE_TIMEOUT:
        return "handshake not finished in time";
    case FACTS_HANDSHAKE_NONE:
        break;
    }
    return "handshake not finished";
}

void report_details_session(const struct report_painter *p, struct base_arena *a,
                            const struct facts_endpoint *e) {
    const struct facts_session *s = &e->session;
    if (!s->started)
        return;
    if (!s->established) {
        report_paint_field(p, "session", report_details_handshake(a, s));
        return;
    }
    report_paint_field(p, "session",
                       base_arena_printf(a, "%s, %s%s%s%s%s (%.1f ms)", s->protocol,
                                         s->cipher_suite, s->group[0] ? ", " : "", s->group,
                                         s->signature_scheme[0] ? ", " : "", s->signature_scheme,
                                         s->ms));
    if (e->stop != FACTS_STOP_NONE && e->step == FACTS_STEP_EHLO_TLS)
        report_paint_field(p, "inside TLS",
                           e->error && e->error[0] ? e->error : reply_text(a, &e->ehlo_tls.reply));
}

static const char *verification_text(struct base_arena *a, const struct facts_verification *v) {
    const char *named = !v->reference || !v->reference[0] ? ""
                        : v->name_ok ? base_arena_printf(a, ", named %s", v->matched_name)
                                     : base_arena_printf(a, ", not named %s", v->reference);
    if (v->chain_ok)
        return base_arena_printf(a, "trusted (roots: %s)%s", v->trust, named);
    return base_arena_printf(a, "not trusted: %s (code %d)%s", v->first_reason, v->first_code,
                             named);
}

void report_details_verification(const struct report_painter *p, struct base_arena *a,
                                 const struct facts_endpoint *e) {
    if (e->verification.done)
        report_paint_field(p, "verification", verification_text(a, &e->verification));
}

static const char *key_text(struct base_arena *a, const struct facts_certificate *c) {
    if (c->key_curve && c->key_curve[0])
        return base_arena_printf(a, "%s %s", c->key_type, c->key_curve);
    return base_arena_printf(a, "%s %d", c->key_type, c->key_bits);
}

/* The day that the facts were taken is not_after less the days left, rounded up. */
static bool not_yet_valid(const struct facts_certificate *c) {
    return c->not_before > c->not_after - c->days_left * INT64_C(86400);
}

static const char *validity_text(struct base_arena *a, const struct facts_certificate *c) {
    if (c->days_left < 0)
        return base_arena_printf(a, "expired %s", day(a, c->not_after));
    if (not_yet_valid(c))
        return base_arena_printf(a, "not valid before %s", day(a, c->not_before));
    return base_arena_printf(a, "valid until %s (%d days)", day(a, c->not_after), c->days_left);
}

/* With both ends. */
static const char *period_text(struct base_arena *a, const struct facts_certificate *c) {
    const char *period =
        base_arena_printf(a, "valid %s to %s", day(a, c->not_before), day(a, c->not_after));
    if (c->days_left < 0)
        return base_arena_printf(a, "%s, expired %d days ago", period, -c->days_left);
    return not_yet_valid(c) ? base_arena_printf(a, "%s, not yet", period)
                            : base_arena_printf(a, "%s, %d days left", period, c->days_left);
}

void report_details_certificate(const struct report_painter *p, struct base_arena *a,
                                const struct facts_endpoint *e) {
    if (e->certificate_count == 0)
        return;
    const struct facts_certificate *c = &e->certificates[0];
    report_paint_field(p, "certificate",
                       c->parsed ? base_arena_printf(a, "%s, by %s, %s, %s", cut(a, c->subject),
                                                     c->self_signed ? "itself" : cut(a, c->issuer),
                                                     key_text(a, c), validity_text(a, c))
                                 : base_arena_printf(a, "unreadable: %s", c->error));
    report_details_verification(p, a, e);
}

/* --- verbose --- */

void report_details_keywords(const struct report_painter *p, struct base_arena *a,
                             const char *label, const struct facts_ehlo *e) {
    struct base_buf list;
    if (!e->reply.received)
        return;
    base_buf_init(&list, (size_t)1 << 17);
    for (size_t i = 0; i < e->keyword_count && i < KEYWORDS_SHOWN; i++)
        base_buf_printf(&list, "%s%s%s%s", i ? "; " : "", e->keywords[i].name,
                        e->keywords[i].params[0] ? " " : "", cut(a, e->keywords[i].params));
    if (e->keyword_count > KEYWORDS_SHOWN)
        base_buf_printf(&list, "; and %zu more", e->keyword_count - KEYWORDS_SHOWN);
    report_paint_field(p, label, e->keyword_count ? base_buf_cstr(&list) : "no keywords");
    base_buf_release(&list);
}

static const char *san_text(struct base_arena *a, const struct facts_san *s) {
    if (s->unicode && s->unicode[0])
        return base_arena_printf(a, "%s: %s (%s)", facts_san_kind_name(s->kind), s->value,
                                 s->unicode);
    return base_arena_printf(a, "%s: %s", facts_san_kind_name(s->kind), s->value);
}

void report_details_chain(const struct report_painter *p, struct base_arena *a,
                          const struct facts_endpoint *e) {
    for (size_t i = 0; i < e->certificate_count; i++) {
        const struct facts_certificate *c = &e->certificates[i];
        if (!c->parsed)
            continue;
        report_paint_field(p, base_arena_printf(a, "chain %zu", i),
                           base_arena_printf(a, "%s, by %s, %s, %s", cut(a, c->subject),
                                             c->self_signed ? "itself" : cut(a, c->issuer),
                                             key_text(a, c), c->signature));
        report_paint_field(p, "", period_text(a, c));
        for (size_t k = 0; k < c->san_count && k < NAMES_SHOWN; k++)
            report_paint_field(p, "", san_text(a, &c->sans[k]));
        report_paint_field(p, "", base_arena_printf(a, "serial %s", c->serial));
        /* lined up so that a whole fingerprint fits on a line of 80 columns */
        report_paint_paragraph(p, "      SHA-256 ", REPORT_DIM, 14, c->sha256);
        report_paint_paragraph(p, "      of key  ", REPORT_DIM, 14, c->spki_sha256);
    }
}

static const char *yes_no(bool b) {
    return b ? "yes" : "no";
}

static void paint_session_details(const struct report_painter *p, struct base_arena *a,
                                  const struct facts_session *s) {
    report_paint_field(
        p, "details",
        base_arena_printf(a,
                          "%s, %d bits; server name sent: %s; extended master secret: %s; secure "
                          "renegotiation: %s; ticket: %s; OCSP staple: %s; SCTs: %u; client "
                          "certificate asked: %s; %llu bytes read, %llu written",
                          s->openssl_name, s->cipher_bits, s->sni[0] ? s->sni : "none",
                          yes_no(s->extended_master_secret), yes_no(s->secure_renegotiation),
                          facts_answer_name(s->ticket), yes_no(s->ocsp_staple), s->scts,
                          yes_no(s->client_certificate_asked), (unsigned long long)s->bytes_read,
                          (unsigned long long)s->bytes_written));
}

/* Only the steps that were done. */
void report_details_times(const struct report_painter *p, struct base_arena *a,
                          const struct facts_endpoint *e) {
    const struct {
        bool done;
        const char *name;
        double ms;
    } steps[] = {
        {e->greeting.received, "greeting", e->greeting.ms},
        {e->ehlo.reply.received, "hello", e->ehlo.reply.ms},
        {e->starttls.reply.received, "STARTTLS", e->starttls.reply.ms},
        {e->session.established, "handshake", e->session.ms},
        {e->ehlo_tls.reply.received, "hello inside TLS", e->ehlo_tls.reply.ms},
    };
    const char *list = base_arena_printf(a, "connection %.1f ms", e->connect.ms);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (steps[i].done)
            list = base_arena_printf(a, "%s, %s %.1f", list, steps[i].name, steps[i].ms);
    report_paint_field(
        p, "times",
        base_arena_printf(a, "%s; %u round trips, %.1f ms in all", list, e->round_trips, e->ms));
}

void report_details_verbose(const struct report_painter *p, struct base_arena *a,
                            const struct facts_endpoint *e) {
    report_details_keywords(p, a, "in clear", &e->ehlo);
    if (e->session.established)
        paint_session_details(p, a, &e->session);
    report_details_keywords(p, a, "inside TLS", &e->ehlo_tls);
    report_details_chain(p, a, e);
    if (e->ptr && e->ptr[0])
        report_paint_field(p, "PTR",
                           base_arena_printf(a, "%s (leads back: %s)", e->ptr,
                                             facts_answer_name(e->ptr_confirmed)));
    report_details_times(p, a, e);
}

static void paint_answer(const struct report_painter *p, struct base_arena *a, const char *label,
                         const char *name, const struct facts_dns_answer *d) {
    if (d->result == FACTS_DNS_NOT_ASKED)
        return;
    bool why = d->why && d->why[0];
    report_paint_field(p, label,
                       base_arena_printf(a, "%s: %s, DNSSEC %s%s%s (%.1f ms)", name,
                                         facts_dns_result_name(d->result),
                                         facts_dnssec_name(d->status), why ? ": " : "",
                                         why ? d->why : "", d->ms));
}

void report_details_dns(const struct report_painter *p, struct base_arena *a,
                        const struct facts_target *t) {
    if (!t->name)
        return;
    paint_answer(p, a, "MX", t->name, &t->dns.mx);
    for (size_t i = 0; i < t->dns.host_count; i++) {
        paint_answer(p, a, "A", t->dns.hosts[i].name, &t->dns.hosts[i].a);
        paint_answer(p, a, "AAAA", t->dns.hosts[i].name, &t->dns.hosts[i].aaaa);
    }
}

/* --- a finding: what was seen, whom it hurts, how to mend it --- */

#define PART_INDENT 11u

static void severity_look(const struct report_style *s, enum facts_severity v, const char **lead,
                          enum report_colour *colour) {
    switch (v) {
    case FACTS_SEVERITY_ERROR:
        *lead = s->ascii ? "  X " : "  \u2718 ";
        *colour = REPORT_RED;
        return;
    case FACTS_SEVERITY_WARNING:
        *lead = "  ! ";
        *colour = REPORT_YELLOW;
        return;
    case FACTS_SEVERITY_INFO:
        break;
    }
    *lead = s->ascii ? "  i " : "  \u2139 ";
    *colour = REPORT_PLAIN;
}

/* At which endpoints; nothing when there is only one. */
static const char *places(struct base_arena *a, const struct facts_target *t,
                          const struct facts_finding *f) {
    if (f->endpoint < 0 || t->endpoint_count < 2)
        return "";
    if (f->also_count + 1 == t->endpoint_count)
        return " (at every address)";
    const char *list = t->endpoints[f->endpoint].address;
    for (size_t i = 0; i < f->also_count && i < 6; i++)
        list = base_arena_printf(a, "%s, %s", list, t->endpoints[f->also[i]].address);
    return base_arena_printf(a, " (%s%s)", list, f->also_count > 6 ? " ..." : "");
}

/* A sentence begins with a capital, unless it begins with a host name, a setting and the like. */
static const char *capital(struct base_arena *a, const char *s) {
    size_t word = 0;
    while (s[word] >= 'a' && s[word] <= 'z')
        word++;
    if (s[word] != ' ' && s[word] != ',' && s[word] != 0)
        return s;
    return base_arena_printf(a, "%c%s", (int)base_ascii_upper((uint8_t)s[0]), s[0] ? s + 1 : "");
}

/* "    Fix:   " and a text of one or more lines; nothing for none. */
static void paint_part(const struct report_painter *p, struct base_arena *a, const char *lead,
                       const char *text) {
    struct base_bytes rest = base_bytes_of_str(text);
    bool many = base_bytes_find(rest, '\n') < rest.len;
    while (rest.len > 0) {
        struct base_bytes line = base_bytes_slice(rest, 0, base_bytes_find(rest, '\n'));
        report_paint_paragraph(p, lead, REPORT_DIM, many ? PART_INDENT + 2 : PART_INDENT,
                               base_arena_str_bytes(a, line));
        rest = base_bytes_slice(rest, line.len + 1, rest.len);
        lead = "           ";
    }
}

void report_finding(const struct report_painter *p, struct base_arena *a,
                    const struct facts_target *t, const struct facts_finding *f) {
    const char *lead;
    enum report_colour colour;
    severity_look(p->style, f->severity, &lead, &colour);
    report_paint_blank(p);
    report_paint_paragraph(p, lead, colour, 4,
                           base_arena_printf(a, "%s%s  [%s]", f->title, places(a, t, f), f->id));
    report_paint_paragraph(p, "    Seen:  ", REPORT_DIM, PART_INDENT, capital(a, f->evidence));
    report_paint_paragraph(p, "    Hurts: ", REPORT_DIM, PART_INDENT, capital(a, f->impact));
    paint_part(p, a, "    Fix:   ", capital(a, f->fix));
    paint_part(p, a, "    Ask:   ", f->ask ? capital(a, f->ask) : NULL);
    paint_part(p, a, "    Logs:  ", f->logs);
    paint_part(p, a, "    Next:  ", f->next ? capital(a, f->next) : NULL);
}
