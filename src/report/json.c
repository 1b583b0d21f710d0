/* SPDX-License-Identifier: Apache-2.0 */
/* report_json - the report as JSON, schema waxseal/1 (docs/json.md, docs/waxseal.schema.json).
 *
 * The names are those of the facts. A step that was not reached is null, as is a text that does not
 * apply. Times are RFC 3339 in UTC, durations milliseconds, key sizes bits. */
#include "report/report.h"

#include "base/clock.h"
#include "facts/names.h"
#include "report/json_parts.h"

#include <math.h>
#include <time.h>

void report_json_text(struct base_json *j, const char *key, const char *s) {
    base_json_str(j, key, s && s[0] ? s : NULL);
}

static void when(struct base_json *j, const char *key, int64_t t) {
    char out[BASE_CLOCK_RFC3339];
    base_clock_rfc3339((time_t)t, out);
    base_json_str(j, key, out);
}

static void answer(struct base_json *j, const char *key, enum facts_answer a) {
    base_json_str(j, key, facts_answer_name(a));
}

/* --- names --- */

void report_json_target_head(struct base_json *j, const struct facts_target *t) {
    bool invalid = t->error && t->error[0];
    base_json_object(j, "target");
    base_json_str(j, "input", t->input);
    base_json_str(j, "kind", invalid ? NULL : facts_target_kind_name(t->kind));
    report_json_text(j, "name", invalid ? NULL : t->name);
    report_json_text(j, "unicode", t->unicode);
    base_json_str(j, "protocol", facts_protocol_name(t->protocol));
    base_json_bool(j, "implicit_tls", t->implicit_tls);
    base_json_uint(j, "port", t->port);
    report_json_text(j, "error", t->error);
    base_json_end(j);
}

static void write_answer(struct base_json *j, const char *key, const struct facts_dns_answer *a) {
    if (a->result == FACTS_DNS_NOT_ASKED) {
        base_json_null(j, key);
        return;
    }
    base_json_object(j, key);
    base_json_str(j, "result", facts_dns_result_name(a->result));
    base_json_str(j, "status", facts_dnssec_name(a->status));
    report_json_text(j, "why", a->why);
    report_json_text(j, "canonical", a->canonical);
    base_json_uint(j, "ttl", a->ttl);
    base_json_ms(j, "ms", a->ms);
    base_json_end(j);
}

static void write_address(struct base_json *j, const struct facts_address *a) {
    base_json_object(j, NULL);
    base_json_str(j, "address", a->text);
    report_json_text(j, "ptr", a->ptr);
    answer(j, "ptr_confirmed", a->ptr_confirmed);
    base_json_end(j);
}

static void write_host(struct base_json *j, const struct facts_host *h) {
    base_json_object(j, NULL);
    base_json_str(j, "host", h->name);
    report_json_text(j, "unicode", h->unicode);
    if (h->preference >= 0)
        base_json_int(j, "preference", h->preference);
    else
        base_json_null(j, "preference");
    base_json_bool(j, "implicit", h->implicit);
    write_answer(j, "a", &h->a);
    write_answer(j, "aaaa", &h->aaaa);
    base_json_array(j, "addresses");
    for (size_t i = 0; i < h->address_count; i++)
        write_address(j, &h->addresses[i]);
    base_json_end(j);
    base_json_end(j);
}

void report_json_dns(struct base_json *j, const struct facts_dns *d) {
    base_json_object(j, "dns");
    base_json_array(j, "mx");
    for (size_t i = 0; i < d->host_count; i++) {
        if (d->hosts[i].preference < 0)
            continue;
        base_json_object(j, NULL);
        base_json_str(j, "host", d->hosts[i].name);
        base_json_int(j, "preference", d->hosts[i].preference);
        base_json_end(j);
    }
    base_json_end(j);
    base_json_bool(j, "null_mx", d->null_mx);
    base_json_bool(j, "null_mx_mixed", d->null_mx_mixed);
    base_json_str(j, "status", facts_dnssec_name(d->status));
    write_answer(j, "mx_answer", &d->mx);
    base_json_array(j, "hosts");
    for (size_t i = 0; i < d->host_count; i++)
        write_host(j, &d->hosts[i]);
    base_json_end(j);
    base_json_end(j);
}

/* --- the dialogue --- */

static void write_reply_members(struct base_json *j, const struct facts_reply *r) {
    if (r->code)
        base_json_int(j, "code", r->code);
    else
        base_json_null(j, "code");
    report_json_text(j, "status", r->status);
    report_json_text(j, "enhanced", r->enhanced);
    base_json_array(j, "text");
    for (size_t i = 0; i < r->line_count; i++)
        base_json_bytes(j, NULL, r->lines[i]);
    base_json_end(j);
    base_json_uint(j, "lines_dropped", r->lines_dropped);
    base_json_bool(j, "bare_lf", r->bare_lf);
    base_json_bool(j, "bare_cr", r->bare_cr);
    base_json_bool(j, "control_bytes", r->control_bytes);
    base_json_bool(j, "mixed_codes", r->mixed_codes);
    base_json_bool(j, "truncated_line", r->truncated_line);
    base_json_ms(j, "ms", r->ms);
}

static void write_reply(struct base_json *j, const char *key, const struct facts_reply *r) {
    if (!r->received) {
        base_json_null(j, key);
        return;
    }
    base_json_object(j, key);
    write_reply_members(j, r);
    base_json_end(j);
}

static void write_ehlo(struct base_json *j, const char *key, const struct facts_ehlo *e) {
    if (!e->reply.received) {
        base_json_null(j, key);
        return;
    }
    base_json_object(j, key);
    base_json_str(j, "verb", e->verb);
    report_json_text(j, "domain", e->domain);
    base_json_array(j, "keywords");
    for (size_t i = 0; i < e->keyword_count; i++) {
        base_json_object(j, NULL);
        base_json_str(j, "name", e->keywords[i].name);
        base_json_str(j, "params", e->keywords[i].params);
        base_json_end(j);
    }
    base_json_end(j);
    write_reply_members(j, &e->reply);
    write_reply(j, "rejection", &e->rejection);
    base_json_end(j);
}

static void write_starttls(struct base_json *j, const struct facts_endpoint *e) {
    const struct facts_starttls *s = &e->starttls;
    if (!e->ehlo.reply.received) {
        base_json_null(j, "starttls");
        return;
    }
    base_json_object(j, "starttls");
    base_json_bool(j, "offered", s->offered);
    base_json_bool(j, "offered_masked", s->offered_masked);
    report_json_text(j, "offered_as", s->offered_as);
    base_json_bool(j, "asked", s->asked);
    write_reply_members(j, &s->reply);
    base_json_uint(j, "early_bytes", s->early_bytes);
    base_json_bytes(j, "early", s->early);
    base_json_end(j);
}

/* --- TLS --- */

static void write_alert(struct base_json *j, const char *key, int number, const char *name) {
    if (number < 0) {
        base_json_null(j, key);
        return;
    }
    base_json_object(j, key);
    base_json_int(j, "number", number);
    base_json_str(j, "name", name);
    base_json_end(j);
}

static void write_session_facts(struct base_json *j, const struct facts_session *s) {
    report_json_text(j, "protocol", s->protocol);
    report_json_text(j, "cipher_suite", s->cipher_suite);
    report_json_text(j, "openssl_name", s->openssl_name);
    base_json_uint(j, "cipher_bits", (uint64_t)(s->cipher_bits > 0 ? s->cipher_bits : 0));
    report_json_text(j, "key_exchange", s->key_exchange);
    report_json_text(j, "group", s->group);
    base_json_uint(j, "group_bits", (uint64_t)(s->group_bits > 0 ? s->group_bits : 0));
    report_json_text(j, "signature_scheme", s->signature_scheme);
    report_json_text(j, "sni", s->sni);
    report_json_text(j, "alpn", s->alpn);
    base_json_bool(j, "secure_renegotiation", s->secure_renegotiation);
    base_json_bool(j, "extended_master_secret", s->extended_master_secret);
    base_json_bool(j, "encrypt_then_mac", s->encrypt_then_mac);
    base_json_bool(j, "compression", s->compression);
    answer(j, "ticket", s->ticket);
    base_json_uint(j, "ticket_lifetime", s->ticket_lifetime);
    base_json_bool(j, "session_id", s->session_id);
    base_json_bool(j, "resumed", s->resumed);
    base_json_bool(j, "ocsp_staple", s->ocsp_staple);
    report_json_text(j, "ocsp_status", s->ocsp_status);
    base_json_uint(j, "scts", s->scts);
    base_json_bool(j, "client_certificate_asked", s->client_certificate_asked);
    base_json_uint(j, "client_ca_names", s->client_ca_names);
    report_json_text(j, "default_client_refuses", s->default_client_refuses);
}

static void write_session(struct base_json *j, const struct facts_session *s) {
    if (!s->started) {
        base_json_null(j, "session");
        return;
    }
    base_json_object(j, "session");
    base_json_bool(j, "established", s->established);
    base_json_str(j, "end", facts_handshake_end_name(s->end));
    write_alert(j, "alert", s->alert, s->alert_name);
    write_alert(j, "alert_sent", s->alert_sent, s->alert_sent_name);
    report_json_text(j, "error", s->error);
    base_json_bytes(j, "junk", s->junk);
    write_session_facts(j, s);
    base_json_ms(j, "ms", s->ms);
    base_json_ms(j, "hello_ms", s->hello_ms > 0 ? s->hello_ms : NAN);
    base_json_ms(j, "certificate_ms", s->certificate_ms > 0 ? s->certificate_ms : NAN);
    base_json_uint(j, "bytes_read", s->bytes_read);
    base_json_uint(j, "bytes_written", s->bytes_written);
    base_json_end(j);
}

static void write_key(struct base_json *j, const struct facts_certificate *c) {
    base_json_object(j, "key");
    report_json_text(j, "type", c->key_type);
    base_json_int(j, "bits", c->key_bits);
    report_json_text(j, "curve", c->key_curve);
    base_json_end(j);
}

static void write_sans(struct base_json *j, const struct facts_certificate *c) {
    base_json_array(j, "sans");
    for (size_t i = 0; i < c->san_count; i++)
        base_json_str(j, NULL, c->sans[i].value);
    base_json_end(j);
    base_json_array(j, "san_details");
    for (size_t i = 0; i < c->san_count; i++) {
        base_json_object(j, NULL);
        base_json_str(j, "kind", facts_san_kind_name(c->sans[i].kind));
        base_json_str(j, "value", c->sans[i].value);
        report_json_text(j, "unicode", c->sans[i].unicode);
        base_json_end(j);
    }
    base_json_end(j);
}

static void write_certificate(struct base_json *j, const struct facts_certificate *c) {
    base_json_object(j, NULL);
    base_json_bool(j, "parsed", c->parsed);
    report_json_text(j, "error", c->error);
    if (c->parsed) {
        base_json_str(j, "subject", c->subject);
        report_json_text(j, "subject_cn", c->subject_cn);
        base_json_str(j, "issuer", c->issuer);
        write_sans(j, c);
        report_json_text(j, "serial", c->serial);
        when(j, "not_before", c->not_before);
        when(j, "not_after", c->not_after);
        base_json_int(j, "days_left", c->days_left);
        write_key(j, c);
        report_json_text(j, "signature", c->signature);
        report_json_text(j, "signature_hash", c->signature_hash);
        report_json_text(j, "key_usage", c->key_usage);
        report_json_text(j, "extended_key_usage", c->extended_key_usage);
        base_json_bool(j, "is_ca", c->is_ca);
        base_json_bool(j, "self_issued", c->self_issued);
        base_json_bool(j, "self_signed", c->self_signed);
        base_json_bool(j, "must_staple", c->must_staple);
        base_json_uint(j, "scts", c->scts);
        report_json_text(j, "ca_issuers", c->ca_issuers);
        report_json_text(j, "ocsp_url", c->ocsp_url);
    }
    report_json_text(j, "sha256", c->sha256);
    report_json_text(j, "spki_sha256", c->spki_sha256);
    base_json_end(j);
}

static void write_chain(struct base_json *j, const struct facts_endpoint *e) {
    base_json_array(j, "certificates");
    for (size_t i = 0; i < e->certificate_count; i++)
        write_certificate(j, &e->certificates[i]);
    base_json_end(j);
    if (e->certificate_count == 0) {
        base_json_null(j, "chain");
        return;
    }
    base_json_object(j, "chain");
    base_json_bool(j, "in_order", e->chain.in_order);
    base_json_bool(j, "complete", e->chain.complete);
    base_json_bool(j, "includes_root", e->chain.includes_root);
    base_json_uint(j, "superfluous", e->chain.superfluous);
    report_json_text(j, "missing_issuer", e->chain.missing_issuer);
    base_json_end(j);
}

static void write_verification(struct base_json *j, const struct facts_verification *v) {
    if (!v->done) {
        base_json_null(j, "verification");
        return;
    }
    base_json_object(j, "verification");
    base_json_bool(j, "ok", v->ok);
    base_json_int(j, "code", v->code);
    base_json_str(j, "reason", v->reason);
    base_json_int(j, "depth", v->depth);
    base_json_int(j, "first_code", v->first_code);
    base_json_str(j, "first_reason", v->first_reason);
    base_json_bool(j, "chain_ok", v->chain_ok);
    base_json_bool(j, "name_ok", v->name_ok);
    report_json_text(j, "reference", v->reference);
    report_json_text(j, "matched_name", v->matched_name);
    base_json_str(j, "matched", facts_identity_name(v->matched));
    base_json_bool(j, "domain_matches", v->domain_matches);
    report_json_text(j, "trust", v->trust);
    base_json_end(j);
}

/* --- endpoints and findings --- */

static void write_endpoint_head(struct base_json *j, const struct facts_endpoint *e) {
    base_json_str(j, "host", e->host);
    base_json_str(j, "address", e->address);
    base_json_uint(j, "port", e->port);
    base_json_str(j, "protocol", facts_protocol_name(e->protocol));
    base_json_bool(j, "implicit_tls", e->implicit_tls);
    if (e->mx_preference >= 0)
        base_json_int(j, "mx_preference", e->mx_preference);
    else
        base_json_null(j, "mx_preference");
    report_json_text(j, "ptr", e->ptr);
    answer(j, "ptr_confirmed", e->ptr_confirmed);
    base_json_object(j, "connect");
    base_json_str(j, "state", facts_connect_state_name(e->connect.state));
    base_json_ms(j, "ms", e->connect.ms);
    report_json_text(j, "error", e->connect.error);
    base_json_end(j);
}

void report_json_endpoint(struct base_json *j, const char *key, const struct facts_endpoint *e) {
    base_json_object(j, key);
    write_endpoint_head(j, e);
    write_reply(j, "greeting", &e->greeting);
    write_ehlo(j, "ehlo", &e->ehlo);
    write_starttls(j, e);
    write_session(j, &e->session);
    write_ehlo(j, "ehlo_tls", &e->ehlo_tls);
    write_chain(j, e);
    write_verification(j, &e->verification);
    write_reply(j, "quit", &e->quit);
    base_json_str(j, "step", facts_step_name(e->step));
    base_json_str(j, "stop", facts_stop_name(e->stop));
    report_json_text(j, "error", e->error);
    base_json_bytes(j, "unread", e->unread);
    base_json_uint(j, "unsolicited_bytes", e->unsolicited_bytes);
    base_json_ms(j, "ms", e->ms);
    base_json_uint(j, "connections", e->connections);
    base_json_uint(j, "round_trips", e->round_trips);
    base_json_end(j);
}

void report_json_finding(struct base_json *j, const struct facts_finding *f) {
    base_json_object(j, NULL);
    base_json_str(j, "id", f->id);
    base_json_str(j, "severity", facts_severity_name(f->severity));
    if (f->endpoint >= 0)
        base_json_int(j, "endpoint", f->endpoint);
    else
        base_json_null(j, "endpoint");
    base_json_array(j, "also");
    for (size_t i = 0; i < f->also_count; i++)
        base_json_uint(j, NULL, f->also[i]);
    base_json_end(j);
    base_json_str(j, "title", f->title);
    base_json_str(j, "evidence", f->evidence);
    base_json_str(j, "impact", f->impact);
    base_json_str(j, "fix", f->fix);
    report_json_text(j, "logs", f->logs);
    report_json_text(j, "ask", f->ask);
    report_json_text(j, "next", f->next);
    base_json_end(j);
}

void report_json_reason(struct base_json *j, const struct facts_finding *f) {
    base_json_object(j, NULL);
    base_json_str(j, "id", f->id);
    base_json_str(j, "severity", facts_severity_name(f->severity));
    base_json_str(j, "title", f->title);
    report_json_text(j, "evidence", f->evidence);
    report_json_text(j, "impact", f->impact);
    report_json_text(j, "fix", f->fix);
    report_json_text(j, "next", f->next);
    base_json_end(j);
}

static void write_target(struct base_json *j, const struct facts_target *t) {
    base_json_uint(j, "index", t->index);
    report_json_target_head(j, t);
    base_json_str(j, "verdict", facts_verdict_name(t->verdict));
    report_json_dns(j, &t->dns);
    base_json_array(j, "endpoints");
    for (size_t i = 0; i < t->endpoint_count; i++)
        report_json_endpoint(j, NULL, &t->endpoints[i]);
    base_json_end(j);
    base_json_array(j, "findings");
    for (size_t i = 0; i < t->finding_count; i++)
        report_json_finding(j, &t->findings[i]);
    base_json_end(j);
    base_json_ms(j, "ms", t->ms);
}

static void write_head(struct base_json *j, const struct facts_report *r) {
    base_json_str(j, "schema", "waxseal/1");
    base_json_str(j, "version", r->version);
    when(j, "started", r->started);
    report_json_text(j, "helo", r->helo);
}

#define DEPTH_OF_TARGETS 2 /* the document, and the list in it */

void report_json_begin(const struct facts_report *r, struct base_buf *out) {
    struct base_json j;
    base_json_init(&j, out, true);
    base_json_object(&j, NULL);
    write_head(&j, r);
    base_json_array(&j, "targets");
}

void report_json_target(const struct facts_target *t, bool first, struct base_buf *out) {
    struct base_json j;
    base_json_resume(&j, out, true, DEPTH_OF_TARGETS, first);
    base_json_object(&j, NULL);
    write_target(&j, t);
    base_json_end(&j);
}

void report_json_end(const struct facts_report *r, bool none, struct base_buf *out) {
    struct base_json j;
    base_json_resume(&j, out, true, DEPTH_OF_TARGETS, none);
    base_json_end(&j);
    base_json_ms(&j, "ms", r->ms);
    base_json_end(&j);
    base_buf_append_byte(out, '\n');
}

void report_json(const struct facts_report *r, struct base_buf *out) {
    report_json_begin(r, out);
    for (size_t i = 0; i < r->target_count; i++)
        report_json_target(&r->targets[i], i == 0, out);
    report_json_end(r, r->target_count == 0, out);
}

void report_json_line(const struct facts_report *r, const struct facts_target *t,
                      struct base_buf *out) {
    struct base_json j;
    base_json_init(&j, out, false);
    base_json_object(&j, NULL);
    write_head(&j, r);
    write_target(&j, t);
    base_json_end(&j);
    base_buf_append_byte(out, '\n');
}
