/* SPDX-License-Identifier: Apache-2.0 */
/* scene - facts made by hand: the stones of which the scenes are built. */
#include "scene.h"

#include "diagnose/diagnose.h"

#include <string.h>

#define EXPIRING_DAYS 21

void scene_init(struct scene *s) {
    *s = (struct scene){.report = {.version = "0.0.0", .started = SCENE_NOW, .helo = "test.local"}};
    base_arena_init(&s->arena, (size_t)8 << 20);
    s->report.ms = 1234.5;
}

void scene_release(struct scene *s) {
    base_arena_release(&s->arena);
}

void scene_judge(struct scene *s) {
    struct diagnose_config c = {.now = SCENE_NOW, .expiring_days = EXPIRING_DAYS};
    for (size_t i = 0; i < s->report.target_count; i++)
        diagnose_target(&s->report.targets[i], &c, &s->arena);
}

static struct facts_dns_answer answer(enum facts_dns_result result) {
    return (struct facts_dns_answer){.result = result,
                                     .status = FACTS_DNSSEC_INSECURE,
                                     .why = "",
                                     .canonical = "",
                                     .ms = 1.5,
                                     .ttl = 300};
}

struct facts_target *scene_domain(struct scene *s, const char *name) {
    struct facts_target *t = base_arena_append(
        &s->arena, &s->report.targets, &s->report.target_count, &s->report.targets_cap, sizeof *t);
    *t = (struct facts_target){.input = name,
                               .index = s->report.target_count - 1,
                               .kind = FACTS_TARGET_DOMAIN,
                               .name = name,
                               .unicode = "",
                               .port = 25,
                               .error = "",
                               .ms = 321.125};
    t->dns.mx = answer(FACTS_DNS_DATA);
    t->dns.status = FACTS_DNSSEC_INSECURE;
    return t;
}

struct facts_host *scene_host(struct scene *s, struct facts_target *t, const char *name,
                              int preference) {
    struct facts_host *h = base_arena_append(&s->arena, &t->dns.hosts, &t->dns.host_count,
                                             &t->dns.hosts_cap, sizeof *h);
    *h = (struct facts_host){.name = name,
                             .unicode = "",
                             .preference = preference,
                             .a = answer(FACTS_DNS_DATA),
                             .aaaa = answer(FACTS_DNS_DATA)};
    return h;
}

static struct base_bytes *add_line(struct scene *s, struct facts_reply *r) {
    return base_arena_append(&s->arena, &r->lines, &r->line_count, &r->lines_cap, sizeof *r->lines);
}

struct facts_reply scene_reply_bytes(struct scene *s, int code, struct base_bytes text) {
    struct facts_reply r = {
        .received = true, .code = code, .status = "", .enhanced = "", .ms = 3.125};
    for (;;) {
        size_t end = base_bytes_find(text, '\n');
        *add_line(s, &r) = base_bytes_slice(text, 0, end);
        if (end >= text.len)
            return r;
        text = base_bytes_slice(text, end + 1, text.len);
    }
}

struct facts_reply scene_reply(struct scene *s, int code, const char *lines) {
    return scene_reply_bytes(s, code, base_bytes_of_str(lines));
}

void scene_keywords(struct scene *s, struct facts_ehlo *e, const char *list) {
    struct base_bytes rest = base_bytes_of_str(list);
    e->keywords = NULL;
    e->keyword_count = e->keywords_cap = 0;
    while (rest.len > 0) {
        struct base_bytes one = base_bytes_slice(rest, 0, base_bytes_find(rest, ';'));
        size_t space = base_bytes_find(one, ' ');
        struct facts_keyword *k = base_arena_append(&s->arena, &e->keywords, &e->keyword_count,
                                                    &e->keywords_cap, sizeof *k);
        k->name = base_arena_str_bytes(&s->arena, base_bytes_slice(one, 0, space));
        k->params = base_arena_str_bytes(&s->arena, base_bytes_slice(one, space + 1, one.len));
        *add_line(s, &e->reply) = one;
        rest = base_bytes_slice(rest, one.len + 1, rest.len);
    }
}

void scene_san(struct scene *s, struct facts_certificate *c, const char *value,
               const char *unicode) {
    struct facts_san *more = base_arena_array(&s->arena, c->san_count + 1, sizeof *more);
    for (size_t i = 0; i < c->san_count; i++)
        more[i] = c->sans[i];
    more[c->san_count++] = (struct facts_san){FACTS_SAN_DNS, value, unicode};
    c->sans = more;
}

void scene_certificate(struct scene *s, struct facts_certificate *c, const char *name) {
    *c = (struct facts_certificate){
        .parsed = true,
        .error = "",
        .subject = base_arena_printf(&s->arena, "CN=%s", name),
        .subject_cn = name,
        .issuer = "CN=Example Issuing CA,O=Example Trust,C=NL",
        .serial = "0a1b2c3d4e5f",
        .not_before = SCENE_NOW - 30 * SCENE_DAY,
        .not_after = SCENE_NOW + 60 * SCENE_DAY,
        .days_left = 60,
        .key_type = "EC",
        .key_bits = 256,
        .key_curve = "P-256",
        .signature = "ecdsa-with-SHA256",
        .signature_hash = "SHA256",
        .sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        .spki_sha256 = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210",
        .key_usage = "digitalSignature",
        .extended_key_usage = "serverAuth",
        .ca_issuers = "http://ca.example.net/issuing.crt",
        .ocsp_url = "",
    };
    scene_san(s, c, name, "");
}

static void good_chain(struct scene *s, struct facts_endpoint *e) {
    e->certificates = base_arena_array(&s->arena, 2, sizeof *e->certificates);
    e->certificate_count = 2;
    scene_certificate(s, &e->certificates[0], e->host);
    scene_certificate(s, &e->certificates[1], "Example Issuing CA");
    struct facts_certificate *ca = &e->certificates[1];
    ca->subject = e->certificates[0].issuer;
    ca->issuer = "CN=Example Root CA,O=Example Trust,C=NL";
    ca->san_count = 0;
    ca->key_type = "RSA";
    ca->key_bits = 4096;
    ca->key_curve = "";
    ca->signature = "sha256WithRSAEncryption";
    ca->key_usage = "keyCertSign,cRLSign";
    ca->is_ca = true;
    ca->not_after = SCENE_NOW + 1500 * SCENE_DAY;
    ca->days_left = 1500;
    ca->sha256 = "11223344556677881122334455667788112233445566778811223344556677ff";
    e->chain = (struct facts_chain){.in_order = true, .complete = true, .missing_issuer = ""};
    e->verification = (struct facts_verification){.done = true,
                                                  .ok = true,
                                                  .chain_ok = true,
                                                  .reason = "ok",
                                                  .first_reason = "ok",
                                                  .name_ok = true,
                                                  .reference = e->host,
                                                  .matched_name = e->host,
                                                  .matched = FACTS_IDENTITY_MX,
                                                  .trust = "system"};
}

static void good_session(struct facts_session *s, const char *sni) {
    s->started = s->established = true;
    s->protocol = "TLSv1.3";
    s->version = 0x0304;
    s->cipher_suite = s->openssl_name = "TLS_AES_256_GCM_SHA384";
    s->cipher_suite_id = 0x1302;
    s->cipher_bits = 256;
    s->key_exchange = "any";
    s->group = "x25519";
    s->group_bits = 253;
    s->signature_scheme = "ecdsa_secp256r1_sha256";
    s->sni = sni;
    s->secure_renegotiation = s->extended_master_secret = true;
    s->ticket = FACTS_YES;
    s->ticket_lifetime = 7200;
    s->ms = 8.75;
    s->bytes_read = 2304;
    s->bytes_written = 412;
}

struct facts_endpoint *scene_endpoint(struct scene *s, struct facts_target *t,
                                      const char *address) {
    struct facts_host *h = &t->dns.hosts[t->dns.host_count - 1];
    struct facts_address *a = base_arena_append(&s->arena, &h->addresses, &h->address_count,
                                                &h->addresses_cap, sizeof *a);
    *a = (struct facts_address){.text = address,
                                .ipv6 = strchr(address, ':') != NULL,
                                .ptr = h->name,
                                .ptr_answer = answer(FACTS_DNS_DATA),
                                .ptr_confirmed = FACTS_YES};
    struct facts_endpoint *e = base_arena_append(&s->arena, &t->endpoints, &t->endpoint_count,
                                                 &t->endpoints_cap, sizeof *e);
    facts_endpoint_init(e);
    e->host = h->name;
    e->address = address;
    e->port = t->port;
    e->protocol = t->protocol;
    e->implicit_tls = t->implicit_tls;
    e->mx_preference = h->preference;
    e->ptr = a->ptr;
    e->ptr_confirmed = a->ptr_confirmed;
    e->connect = (struct facts_connect){.state = FACTS_CONNECT_OK, .ms = 12.25, .error = ""};
    e->greeting =
        scene_reply(s, 220, base_arena_printf(&s->arena, "%s ESMTP Postfix (Debian)", h->name));
    e->ehlo.asked = e->ehlo_tls.asked = true;
    e->ehlo.verb = e->ehlo_tls.verb = "EHLO";
    e->ehlo.domain = e->ehlo_tls.domain = h->name;
    e->ehlo.reply = scene_reply(s, 250, h->name);
    e->ehlo_tls.reply = scene_reply(s, 250, h->name);
    scene_keywords(s, &e->ehlo, "PIPELINING;SIZE 10240000;STARTTLS;8BITMIME;SMTPUTF8");
    scene_keywords(s, &e->ehlo_tls, "PIPELINING;SIZE 10240000;8BITMIME;SMTPUTF8");
    e->starttls.offered = e->starttls.asked = true;
    e->starttls.reply = scene_reply(s, 220, "2.0.0 Ready to start TLS");
    e->starttls.reply.enhanced = "2.0.0";
    good_session(&e->session, h->name);
    good_chain(s, e);
    e->quit = scene_reply(s, 221, "2.0.0 Bye");
    e->step = FACTS_STEP_DONE;
    e->ms = 61.5;
    e->connections = 1;
    e->round_trips = 7;
    return e;
}

struct facts_endpoint *scene_single(struct scene *s) {
    struct facts_target *t = scene_domain(s, "example.org");
    (void)scene_host(s, t, "mx.example.org", 10);
    return scene_endpoint(s, t, "192.0.2.1");
}

void scene_stop(struct facts_endpoint *e, enum facts_step step, enum facts_stop stop,
                const char *error) {
    struct facts_endpoint bare;
    facts_endpoint_init(&bare);
    e->step = step;
    e->stop = stop;
    e->error = error;
    e->quit = bare.quit;
    e->ehlo_tls = bare.ehlo_tls;
    e->session = bare.session;
    e->session.started = step >= FACTS_STEP_HANDSHAKE;
    e->certificate_count = 0;
    e->chain = bare.chain;
    e->verification = bare.verification;
    if (step <= FACTS_STEP_STARTTLS) {
        e->starttls.asked = step == FACTS_STEP_STARTTLS && stop != FACTS_STOP_NO_STARTTLS;
        e->starttls.reply = bare.starttls.reply;
    }
    if (step <= FACTS_STEP_EHLO) {
        e->starttls = bare.starttls;
        e->ehlo.keyword_count = 0;
        e->ehlo.reply = bare.ehlo.reply;
    }
    if (step <= FACTS_STEP_GREETING) {
        e->ehlo = bare.ehlo;
        e->greeting = bare.greeting;
    }
}

void scene_unconnected(struct facts_endpoint *e, enum facts_connect_state state, const char *error,
                       double ms) {
    scene_stop(e, FACTS_STEP_CONNECT,
               state == FACTS_CONNECT_TIMEOUT ? FACTS_STOP_TIMEOUT : FACTS_STOP_REFUSED, error);
    e->connect = (struct facts_connect){.state = state, .ms = ms, .error = error};
    e->ms = ms;
    e->round_trips = 0;
}
