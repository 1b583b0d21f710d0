/* SPDX-License-Identifier: Apache-2.0 */
/* report_json_connect - one session as JSON: what `waxseal connect --json` prints.
 *
 * Target, endpoint and findings are those of the report of `check`, member by member; beside them
 * stand `detail` (the words of openssl s_client), `client` (what our side allowed) and `timing`. */
#include "report/connect.h"

#include "base/text.h"
#include "report/json_parts.h"
#include "report/text_parts.h"

static void put_hex(struct base_json *j, const char *key, struct base_bytes b) {
    struct base_buf hex;
    base_buf_init(&hex, (size_t)1 << 18);
    base_text_hex(&hex, b);
    report_json_text(j, key, base_buf_cstr(&hex));
    base_buf_release(&hex);
}

static void put_version(struct base_json *j, const char *key, uint16_t version) {
    static const char *const names[] = {"SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};
    bool known = version >= 0x0300 && version <= 0x0304;
    report_json_text(j, key, known ? names[version - 0x0300] : "");
}

static void put_strings(struct base_json *j, const char *key, const char *const *s, size_t n) {
    base_json_array(j, key);
    for (size_t i = 0; i < n; i++)
        base_json_str(j, NULL, s[i]);
    base_json_end(j);
}

/* --- detail --- */

static void put_step(struct base_json *j, const struct facts_verify_step *s) {
    base_json_object(j, NULL);
    base_json_int(j, "depth", s->depth);
    base_json_int(j, "error", s->error);
    report_json_text(j, "error_text", s->error_text);
    report_json_text(j, "subject", s->subject);
    report_json_text(j, "issuer", s->issuer);
    report_json_text(j, "not_before", s->not_before);
    report_json_text(j, "not_after", s->not_after);
    report_json_text(j, "policies", s->policies);
    base_json_bool(j, "ok", s->ok);
    base_json_end(j);
}

static void put_certificate(struct base_json *j, const struct facts_detail_certificate *c) {
    base_json_object(j, NULL);
    report_json_text(j, "subject", c->subject);
    report_json_text(j, "issuer", c->issuer);
    report_json_text(j, "key", c->key);
    report_json_text(j, "signature", c->signature);
    report_json_text(j, "not_before", c->not_before);
    report_json_text(j, "not_after", c->not_after);
    report_json_text(j, "pem", c->pem);
    base_json_end(j);
}

static void put_check(struct base_json *j, const struct facts_detail *d) {
    base_json_array(j, "steps");
    for (size_t i = 0; i < d->step_count; i++)
        put_step(j, &d->steps[i]);
    base_json_end(j);
    base_json_array(j, "chain");
    for (size_t i = 0; i < d->chain_count; i++)
        put_certificate(j, &d->chain[i]);
    base_json_end(j);
    base_json_bool(j, "chain_recalled", d->chain_recalled);
    base_json_int(j, "verify_code", d->verify_code);
    report_json_text(j, "verify_text", d->verify_text);
    report_json_text(j, "verified_name", d->verified_name);
    report_json_text(j, "dane", d->dane);
}

static void put_request(struct base_json *j, const struct facts_detail *d) {
    put_strings(j, "ca_names", d->ca_names, d->ca_name_count);
    report_json_text(j, "client_certificate_types", d->client_certificate_types);
    report_json_text(j, "requested_schemes", d->requested_schemes);
    report_json_text(j, "shared_schemes", d->shared_schemes);
    report_json_text(j, "peer_digest", d->peer_digest);
    report_json_text(j, "peer_signature_type", d->peer_signature_type);
    report_json_text(j, "temp_key", d->temp_key);
    report_json_text(j, "group", d->group);
    report_json_text(j, "point_formats", d->point_formats);
    base_json_int(j, "server_key_bits", d->server_key_bits);
}

static void put_negotiated(struct base_json *j, const struct facts_detail *d) {
    static const char *const early[] = {
        [FACTS_EARLY_DATA_NOT_SENT] = "not_sent",
        [FACTS_EARLY_DATA_REJECTED] = "rejected",
        [FACTS_EARLY_DATA_ACCEPTED] = "accepted",
    };
    report_json_text(j, "version_name", d->version_name);
    report_json_text(j, "cipher_version", d->cipher_version);
    report_json_text(j, "cipher_name", d->cipher_name);
    base_json_bool(j, "reused", d->reused);
    base_json_bool(j, "renegotiation_forbidden", d->renegotiation_forbidden);
    base_json_bool(j, "secure_renegotiation", d->secure_renegotiation);
    report_json_text(j, "compression", d->compression);
    report_json_text(j, "expansion", d->expansion);
    report_json_text(j, "alpn", d->alpn);
    base_json_str(j, "early_data", early[d->early_data]);
    report_json_text(j, "session", d->session);
    put_strings(j, "tickets", d->tickets, d->ticket_count);
}

static void put_extras(struct base_json *j, const struct facts_detail *d) {
    report_json_text(j, "export_label", d->export_label);
    put_hex(j, "export_key", d->export_key);
    base_json_uint(j, "bytes_read", d->bytes_read);
    base_json_uint(j, "bytes_written", d->bytes_written);
    base_json_bool(j, "status_asked", d->status_asked);
    report_json_text(j, "status", d->status);
    base_json_bool(j, "scts_asked", d->scts_asked);
    base_json_uint(j, "sct_count", d->sct_count);
    report_json_text(j, "scts", d->scts);
    base_json_bool(j, "server_raw_key", d->server_raw_key);
    base_json_bool(j, "client_raw_key", d->client_raw_key);
}

static void put_detail(struct base_json *j, const struct facts_detail *d) {
    if (!d || !d->library) {
        base_json_null(j, "detail");
        return;
    }
    base_json_object(j, "detail");
    report_json_text(j, "library", d->library);
    put_check(j, d);
    put_request(j, d);
    put_negotiated(j, d);
    put_extras(j, d);
    base_json_end(j);
}

/* --- client, timing, the whole --- */

static void put_client(struct base_json *j, const struct facts_client *c) {
    if (!c) {
        base_json_null(j, "client");
        return;
    }
    base_json_object(j, "client");
    put_version(j, "min_version", c->min_version);
    put_version(j, "max_version", c->max_version);
    base_json_bool(j, "versions_limited", c->versions_limited);
    report_json_text(j, "cipher", c->cipher);
    report_json_text(j, "ciphersuites", c->ciphersuites);
    report_json_text(j, "groups", c->groups);
    report_json_text(j, "signature_schemes", c->signature_schemes);
    base_json_int(j, "security_level", c->security_level);
    report_json_text(j, "sni", c->sni);
    base_json_bool(j, "sni_withheld", c->sni_withheld);
    base_json_bool(j, "certificate_given", c->certificate_given);
    base_json_bool(j, "verification_required", c->verification_required);
    base_json_int(j, "verify_error", c->verify_error);
    base_json_int(j, "verify_depth", c->verify_depth);
    report_json_text(j, "verify_text", c->verify_text);
    report_json_text(j, "verify_subject", c->verify_subject);
    base_json_bool(j, "legacy_renegotiation", c->legacy_renegotiation);
    put_hex(j, "hello", c->hello);
    base_json_end(j);
}

static void put_timing(struct base_json *j, const struct facts_endpoint *e, double dns_ms) {
    struct report_time times[REPORT_TIMES_MAX];
    size_t n = e ? report_times(e, dns_ms, times) : 0;
    base_json_array(j, "timing");
    for (size_t i = 0; i < n; i++) {
        base_json_object(j, NULL);
        base_json_str(j, "name", times[i].key);
        base_json_ms(j, "start_ms", times[i].start_ms);
        base_json_ms(j, "ms", times[i].ms);
        base_json_end(j);
    }
    base_json_end(j);
}

void report_json_connect(const struct facts_target *t, const struct facts_endpoint *e,
                         const struct facts_detail *d, const struct facts_client *c, double dns_ms,
                         const struct facts_finding *f, size_t findings, struct base_buf *out) {
    struct base_json j;
    base_json_init(&j, out, true);
    base_json_object(&j, NULL);
    base_json_str(&j, "schema", "waxseal-connect/1");
    base_json_str(&j, "version", WAXSEAL_VERSION);
    report_json_target_head(&j, t);
    report_json_dns(&j, &t->dns);
    if (e)
        report_json_endpoint(&j, "endpoint", e);
    else
        base_json_null(&j, "endpoint");
    put_detail(&j, d);
    put_client(&j, c);
    put_timing(&j, e, dns_ms);
    base_json_array(&j, "findings");
    for (size_t i = 0; i < findings; i++)
        report_json_finding(&j, &f[i]);
    base_json_end(&j);
    base_json_end(&j);
    base_buf_append_byte(out, '\n');
}
