/* SPDX-License-Identifier: Apache-2.0 */
/* report_connect - one endpoint in full, for people: the answer first, then all of the session.
 *
 * The lines that `check` shows too are its lines (details.c); what only a look at a single session
 * tells comes from facts_detail. Nothing here is a secret: keys and tickets are not shown. */
#include "report/connect.h"

#include "base/arena.h"
#include "facts/names.h"
#include "report/text_parts.h"

#include <string.h>

#define SCRATCH_MAX ((size_t)16 << 20)
#define CA_NAMES_SHOWN 20u

static bool has(const char *s) {
    return s && s[0];
}

static const char *yes_no(bool b) {
    return b ? "yes" : "no";
}

/* --- the answer --- */

static const char *certificate_answer(struct base_arena *a, const struct facts_endpoint *e) {
    const struct facts_verification *v = &e->verification;
    bool asked = has(v->reference);
    if (!v->done)
        return e->session.resumed ? "a resumed session, no certificate came"
                                  : "without a certificate of the server";
    if (v->chain_ok && (v->name_ok || !asked))
        return asked ? base_arena_printf(a, "certificate trusted and named %s", v->matched_name)
                     : "certificate trusted";
    if (v->chain_ok)
        return base_arena_printf(a, "certificate trusted, but not named %s", v->reference);
    return base_arena_printf(a, "certificate not trusted: %s", v->first_reason);
}

/* Why there is no session, short: the lines below say more. */
static const char *no_session(struct base_arena *a, const struct facts_endpoint *e) {
    if (e->connect.state != FACTS_CONNECT_OK)
        return base_arena_printf(a, "no connection (%s)",
                                 facts_connect_state_name(e->connect.state));
    if (e->session.started)
        return base_arena_printf(a, "no TLS: %s", report_details_handshake(a, &e->session));
    if (e->stop == FACTS_STOP_NO_STARTTLS)
        return "no TLS: STARTTLS is not offered";
    return base_arena_printf(a, "no TLS: it ended at %s (%s)", facts_step_name(e->step),
                             facts_stop_name(e->stop));
}

/* A resumed session stands on the check of the first one, which the library remembers. */
static enum facts_verdict verdict(const struct facts_endpoint *e, const struct facts_detail *d) {
    const struct facts_verification *v = &e->verification;
    bool good = v->done ? v->chain_ok && (v->name_ok || !has(v->reference))
                        : e->session.resumed && d && d->verify_code == 0;
    if (e->session.established)
        return good ? FACTS_VERDICT_OK : FACTS_VERDICT_PROBLEMS;
    return e->connect.state == FACTS_CONNECT_OK ? FACTS_VERDICT_NO_STARTTLS : FACTS_VERDICT_UNKNOWN;
}

static void paint_answer(const struct report_painter *p, struct base_arena *a,
                         const struct facts_endpoint *e, const struct facts_detail *d) {
    const char *name = report_details_name(a, e);
    const char *text = e->session.established
                           ? base_arena_printf(a, "%s: %s, %s", name, e->session.protocol,
                                               certificate_answer(a, e))
                           : base_arena_printf(a, "%s: %s", name, no_session(a, e));
    report_paint_answer(p, verdict(e, d), text);
}

/* --- the session --- */

static void paint_cipher(const struct report_painter *p, struct base_arena *a,
                         const struct facts_session *s) {
    bool other = has(s->openssl_name) && strcmp(s->openssl_name, s->cipher_suite) != 0;
    report_paint_field(p, "protocol", s->protocol);
    report_paint_field(p, "cipher suite",
                       base_arena_printf(a, "%s, %d bits", s->cipher_suite, s->cipher_bits));
    if (other)
        report_paint_field(p, "", base_arena_printf(a, "OpenSSL: %s", s->openssl_name));
}

static void paint_key_exchange(const struct report_painter *p, struct base_arena *a,
                               const struct facts_session *s, const struct facts_detail *d) {
    const char *kind =
        has(s->key_exchange) && strcmp(s->key_exchange, "any") != 0 ? s->key_exchange : "";
    const char *bits = s->group_bits > 0 ? base_arena_printf(a, ", %d bits", s->group_bits) : "";
    if (has(s->group))
        report_paint_field(
            p, "key exchange",
            base_arena_printf(a, "%s%s%s%s", kind, kind[0] ? ", " : "", s->group, bits));
    else if (d && has(d->temp_key))
        report_paint_field(p, "key exchange", d->temp_key);
    else if (kind[0])
        report_paint_field(p, "key exchange",
                           base_arena_printf(a, "%s, no key of this session alone", kind));
    if (has(s->signature_scheme))
        report_paint_field(p, "signature", s->signature_scheme);
    else if (d && has(d->peer_signature_type))
        report_paint_field(p, "signature",
                           base_arena_printf(a, "%s%s%s", d->peer_signature_type,
                                             has(d->peer_digest) ? " with " : "",
                                             has(d->peer_digest) ? d->peer_digest : ""));
}

static void paint_resumption(const struct report_painter *p, struct base_arena *a,
                             const struct facts_session *s) {
    static const char *const tickets[] = {
        [FACTS_NOT_TESTED] = "ticket not waited for",
        [FACTS_YES] = "ticket given",
        [FACTS_NO] = "no ticket",
        [FACTS_UNKNOWN] = "no ticket so far",
    };
    const char *life = s->ticket == FACTS_YES && s->ticket_lifetime
                           ? base_arena_printf(a, ", good for %u s", (unsigned)s->ticket_lifetime)
                           : "";
    /* those of TLS 1.3 come when they like */
    bool later = s->version >= 0x0304 && s->ticket == FACTS_NO;
    report_paint_field(p, "resumption",
                       base_arena_printf(a, "%s; %s%s%s",
                                         s->resumed ? "this session was resumed" : "a new session",
                                         tickets[later ? FACTS_UNKNOWN : s->ticket], life,
                                         s->session_id ? "; session id given" : ""));
}

static void paint_protections(const struct report_painter *p, struct base_arena *a,
                              const struct facts_session *s) {
    if (s->version >= 0x0304) {
        report_paint_field(p, "renegotiate", "TLS 1.3 has no renegotiation and no compression");
        return;
    }
    report_paint_field(p, "renegotiate",
                       s->secure_renegotiation ? "secure (RFC 5746)"
                                               : "not secured: the server lacks RFC 5746");
    report_paint_field(p, "extensions",
                       base_arena_printf(a,
                                         "extended master secret: %s; encrypt-then-MAC: %s; "
                                         "compression: %s",
                                         yes_no(s->extended_master_secret),
                                         yes_no(s->encrypt_then_mac), yes_no(s->compression)));
}

static void paint_staples(const struct report_painter *p, struct base_arena *a,
                          const struct facts_endpoint *e, const struct facts_detail *d) {
    const struct facts_session *s = &e->session;
    unsigned embedded = e->certificate_count ? e->certificates[0].scts : 0;
    unsigned scts = s->scts ? s->scts : d ? d->sct_count : 0;
    if (s->ocsp_staple)
        report_paint_field(p, "OCSP",
                           base_arena_printf(a, "stapled: %s",
                                             has(s->ocsp_status) ? s->ocsp_status : "a response"));
    else if (e->certificate_count)
        report_paint_field(p, "OCSP",
                           e->certificates[0].must_staple
                               ? "no response stapled, though the certificate demands one"
                               : "no response stapled");
    if (e->certificate_count)
        report_paint_field(
            p, "SCTs",
            base_arena_printf(a, "%u in the handshake, %u in the certificate", scts, embedded));
}

static void paint_session(const struct report_painter *p, struct base_arena *a,
                          const struct facts_endpoint *e, const struct facts_detail *d) {
    const struct facts_session *s = &e->session;
    paint_cipher(p, a, s);
    paint_key_exchange(p, a, s, d);
    report_paint_field(p, "server name", has(s->sni) ? s->sni : "none sent");
    if (has(s->alpn))
        report_paint_field(p, "ALPN", s->alpn);
    paint_resumption(p, a, s);
    paint_protections(p, a, s);
}

/* --- certificates --- */

static void paint_chain_judgement(const struct report_painter *p, struct base_arena *a,
                                  const struct facts_endpoint *e) {
    const struct facts_chain *c = &e->chain;
    const char *text = "";
    if (!c->complete && has(c->missing_issuer))
        text = base_arena_printf(a, "; %s is missing", c->missing_issuer);
    if (!c->in_order)
        text = base_arena_printf(a, "%s; not in order", text);
    if (c->superfluous)
        text = base_arena_printf(a, "%s; %zu of no use", text, c->superfluous);
    if (c->includes_root)
        text = base_arena_printf(a, "%s; the root was sent along", text);
    report_paint_field(p, "chain",
                       base_arena_printf(a, "%zu %s sent%s", e->certificate_count,
                                         e->certificate_count == 1 ? "certificate" : "certificates",
                                         text));
}

/* What the user's own check (-verify_hostname, -dane_tlsa_rrdata ...) came to, when it says more
 * than ours. */
static void paint_own_check(const struct report_painter *p, struct base_arena *a,
                            const struct facts_endpoint *e, const struct facts_detail *d) {
    if (!d || !has(d->library))
        return;
    const struct facts_verification *v = &e->verification;
    bool known =
        d->verify_code == 0 || d->verify_code == v->code || d->verify_code == v->first_code;
    bool same_name = has(v->matched_name) && strcmp(v->matched_name, d->verified_name) == 0;
    if (!known)
        report_paint_field(
            p, "",
            base_arena_printf(a, "as asked for: %s (code %d)", d->verify_text, d->verify_code));
    if (d->verify_code == 0 && has(d->verified_name) && !same_name)
        report_paint_field(
            p, "", base_arena_printf(a, "the name asked for matched: %s", d->verified_name));
    if (has(d->dane))
        report_paint_field(p, "DANE", d->dane);
}

static void paint_certificates(const struct report_painter *p, struct base_arena *a,
                               const struct facts_endpoint *e, const struct facts_detail *d) {
    if (e->certificate_count == 0)
        return;
    report_details_verification(p, a, e);
    paint_own_check(p, a, e, d);
    paint_chain_judgement(p, a, e);
    report_details_chain(p, a, e);
}

static void paint_request(const struct report_painter *p, struct base_arena *a,
                          const struct facts_session *s, const struct facts_detail *d) {
    if (!s->client_certificate_asked) {
        report_paint_field(p, "client cert.", "not asked for");
        return;
    }
    report_paint_field(p, "client cert.",
                       s->client_ca_names
                           ? base_arena_printf(a, "asked for, of %s%u %s",
                                               s->client_ca_names == 1 ? "" : "one of ",
                                               s->client_ca_names,
                                               s->client_ca_names == 1 ? "CA" : "CAs")
                           : "asked for, of any CA");
    for (size_t i = 0; d && i < d->ca_name_count && i < CA_NAMES_SHOWN; i++)
        report_paint_field(p, "", d->ca_names[i]);
    if (d && d->ca_name_count > CA_NAMES_SHOWN)
        report_paint_field(p, "",
                           base_arena_printf(a, "and %zu more", d->ca_name_count - CA_NAMES_SHOWN));
    if (d && has(d->requested_schemes))
        report_paint_field(p, "", base_arena_printf(a, "signed with %s", d->requested_schemes));
}

static void paint_bytes(const struct report_painter *p, struct base_arena *a,
                        const struct facts_session *s) {
    report_paint_field(p, "handshake",
                       base_arena_printf(a, "%llu bytes read, %llu written, %.1f ms",
                                         (unsigned long long)s->bytes_read,
                                         (unsigned long long)s->bytes_written, s->ms));
}

/* --- the whole --- */

static void paint_established(const struct report_painter *p, struct base_arena *a,
                              const struct facts_endpoint *e, const struct facts_detail *d) {
    paint_session(p, a, e, d);
    paint_certificates(p, a, e, d);
    paint_staples(p, a, e, d);
    paint_request(p, a, &e->session, d);
    report_details_keywords(p, a, "inside TLS", &e->ehlo_tls);
    paint_bytes(p, a, &e->session);
    report_details_times(p, a, e);
}

void report_connect(const struct facts_endpoint *e, const struct facts_detail *d,
                    const struct report_style *style, struct base_buf *out) {
    struct report_painter p = {style, out};
    struct base_arena a;
    base_arena_init(&a, SCRATCH_MAX);
    paint_answer(&p, &a, e, d);
    report_details_connection(&p, &a, e);
    report_details_starttls(&p, &a, e);
    if (style->verbose)
        report_details_keywords(&p, &a, "in clear", &e->ehlo);
    if (e->session.established) {
        paint_established(&p, &a, e, d);
    } else {
        paint_certificates(&p, &a, e, d);
    }
    if (a.failed)
        out->failed = true;
    base_arena_release(&a);
}

void report_connect_findings(const struct facts_finding *f, size_t count,
                             const struct facts_endpoint *e, const struct report_style *style,
                             struct base_buf *out) {
    struct facts_target t = {.endpoint_count = e ? 1 : 0};
    struct report_painter p = {style, out};
    struct base_arena a;
    base_arena_init(&a, SCRATCH_MAX);
    for (size_t i = 0; i < count; i++)
        report_finding(&p, &a, &t, &f[i]);
    if (a.failed)
        out->failed = true;
    base_arena_release(&a);
}
