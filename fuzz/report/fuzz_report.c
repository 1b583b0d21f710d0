/* SPDX-License-Identifier: Apache-2.0 */
/* Facts made of random bytes, through the rules and every renderer: the text drives no terminal and
 * keeps to its columns, the JSON parses. */
#include "diagnose/diagnose.h"
#include "json_reader.h"
#include "report/report.h"

#include <assert.h>
#include <string.h>

#define OUT_MAX ((size_t)16 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct feed {
    struct base_bytes left;
    struct base_arena arena;
};

static unsigned pick(struct feed *f, unsigned below) {
    if (f->left.len == 0)
        return 0;
    unsigned v = f->left.data[0];
    f->left = base_bytes_slice(f->left, 1, f->left.len);
    return v % below;
}

static struct base_bytes some(struct feed *f) {
    struct base_bytes b = base_bytes_slice(f->left, 0, pick(f, 256));
    f->left = base_bytes_slice(f->left, b.len, f->left.len);
    return base_arena_bytes(&f->arena, b);
}

/* Up to the first NUL, as any string of the facts. */
static const char *words(struct feed *f) {
    return base_arena_str_bytes(&f->arena, some(f));
}

static struct facts_reply reply(struct feed *f) {
    struct facts_reply r = {.received = pick(f, 4) != 0,
                            .code = (int)pick(f, 8) * 100,
                            .status = words(f),
                            .enhanced = "",
                            .ms = pick(f, 256) * 100.0};
    r.line_count = pick(f, 4);
    r.lines = base_arena_array(&f->arena, r.line_count + 1, sizeof *r.lines);
    for (size_t i = 0; i < r.line_count; i++)
        r.lines[i] = some(f);
    r.control_bytes = pick(f, 2);
    return r;
}

static void hello(struct feed *f, struct facts_ehlo *e) {
    e->asked = pick(f, 4) != 0;
    e->verb = words(f);
    e->domain = words(f);
    e->reply = reply(f);
    e->ehlo_rejected = pick(f, 8) == 0;
    e->rejection = reply(f);
    e->keyword_count = pick(f, 5);
    e->keywords = base_arena_array(&f->arena, e->keyword_count + 1, sizeof *e->keywords);
    for (size_t i = 0; i < e->keyword_count; i++)
        e->keywords[i] = (struct facts_keyword){words(f), words(f)};
}

static void session(struct feed *f, struct facts_session *s) {
    s->started = pick(f, 4) != 0;
    s->established = s->started && pick(f, 2);
    s->end = pick(f, FACTS_HANDSHAKE_TIMEOUT + 1);
    s->alert = (int)pick(f, 128) - 1;
    s->alert_name = words(f);
    s->alert_sent = (int)pick(f, 128) - 1;
    s->alert_sent_name = words(f);
    s->error = words(f);
    s->junk = some(f);
    s->protocol = words(f);
    s->version = (uint16_t)(0x0300 + pick(f, 5));
    s->cipher_suite = words(f);
    s->group = words(f);
    s->group_bits = (int)pick(f, 256) * 16;
    s->signature_scheme = words(f);
    s->default_client_refuses = words(f);
    s->client_certificate_asked = pick(f, 2);
}

static void certificate(struct feed *f, struct facts_certificate *c) {
    *c = (struct facts_certificate){
        .parsed = pick(f, 8) != 0,
        .error = words(f),
        .subject = words(f),
        .subject_cn = words(f),
        .issuer = words(f),
        .serial = words(f),
        .not_before = (int64_t)pick(f, 256) * 10000000,
        .not_after = (int64_t)pick(f, 256) * 10000000,
        .days_left = (int)pick(f, 256) - 128,
        .key_type = words(f),
        .key_bits = (int)pick(f, 256) * 32,
        .key_curve = words(f),
        .signature = words(f),
        .signature_hash = words(f),
        .sha256 = words(f),
        .spki_sha256 = "",
        .self_signed = pick(f, 2),
        .must_staple = pick(f, 2),
    };
    c->san_count = pick(f, 3);
    struct facts_san *sans = base_arena_array(&f->arena, c->san_count + 1, sizeof *sans);
    for (size_t i = 0; i < c->san_count; i++)
        sans[i] = (struct facts_san){pick(f, FACTS_SAN_OTHER + 1), words(f), words(f)};
    c->sans = sans;
}

static void chain(struct feed *f, struct facts_endpoint *e) {
    e->certificate_count = pick(f, 3);
    e->certificates =
        base_arena_array(&f->arena, e->certificate_count + 1, sizeof *e->certificates);
    for (size_t i = 0; i < e->certificate_count; i++)
        certificate(f, &e->certificates[i]);
    e->chain.in_order = pick(f, 2);
    e->chain.complete = pick(f, 2);
    e->verification = (struct facts_verification){.done = pick(f, 2),
                                                  .chain_ok = pick(f, 2),
                                                  .code = (int)pick(f, 80),
                                                  .reason = words(f),
                                                  .first_code = (int)pick(f, 80),
                                                  .first_reason = words(f),
                                                  .name_ok = pick(f, 2),
                                                  .reference = words(f),
                                                  .matched_name = words(f),
                                                  .trust = words(f)};
}

static void endpoint(struct feed *f, struct facts_endpoint *e) {
    facts_endpoint_init(e);
    e->host = words(f);
    e->address = words(f);
    e->port = pick(f, 256);
    e->protocol = pick(f, FACTS_PROTOCOL_SIEVE + 1);
    e->implicit_tls = pick(f, 4) == 0;
    e->mx_preference = (int)pick(f, 3) - 1;
    e->ptr = words(f);
    e->connect.state = pick(f, FACTS_CONNECT_ERROR + 1);
    e->connect.error = words(f);
    e->step = pick(f, FACTS_STEP_DONE + 1);
    e->stop = pick(f, FACTS_STOP_LOCAL + 1);
    e->error = words(f);
    e->unread = some(f);
    e->greeting = reply(f);
    hello(f, &e->ehlo);
    e->starttls.offered = pick(f, 2);
    e->starttls.offered_masked = pick(f, 8) == 0;
    e->starttls.offered_as = words(f);
    e->starttls.reply = reply(f);
    e->starttls.early = some(f);
    e->starttls.early_bytes = e->starttls.early.len;
    session(f, &e->session);
    hello(f, &e->ehlo_tls);
    chain(f, e);
}

static void target(struct feed *f, struct facts_target *t) {
    *t = (struct facts_target){.input = words(f),
                               .kind = pick(f, FACTS_TARGET_SOCKET + 1),
                               .name = words(f),
                               .unicode = words(f),
                               .port = 25,
                               .error = pick(f, 8) ? "" : words(f)};
    t->dns.mx = (struct facts_dns_answer){.result = pick(f, FACTS_DNS_OVERRIDE + 1),
                                          .status = pick(f, FACTS_DNSSEC_INDETERMINATE + 1),
                                          .why = words(f),
                                          .canonical = words(f)};
    t->dns.null_mx = pick(f, 8) == 0;
    t->dns.host_count = 1;
    t->dns.hosts = base_arena_array(&f->arena, 1, sizeof *t->dns.hosts);
    t->dns.hosts[0] = (struct facts_host){
        .name = words(f), .unicode = words(f), .preference = 10, .a = t->dns.mx, .aaaa = t->dns.mx};
    t->endpoint_count = 1 + pick(f, 3);
    t->endpoints = base_arena_array(&f->arena, t->endpoint_count, sizeof *t->endpoints);
    for (size_t i = 0; i < t->endpoint_count; i++)
        endpoint(f, &t->endpoints[i]);
}

static size_t colour_length(struct base_bytes b) {
    if (b.len < 4 || b.data[0] != 0x1b || b.data[1] != '[')
        return 0;
    size_t n = 2;
    while (n < b.len && base_ascii_is_digit(b.data[n]))
        n++;
    return n < b.len && b.data[n] == 'm' && n <= 4 ? n + 1 : 0;
}

static void check_text(struct base_bytes b, const struct report_style *style) {
    size_t columns = 0;
    while (b.len > 0) {
        uint32_t cp = 0;
        size_t n = style->colour ? colour_length(b) : 0;
        if (n == 0) {
            n = base_text_utf8_next(b, &cp);
            assert(n > 0);
            assert(cp == '\n' || (cp >= 0x20 && !(cp >= 0x7f && cp <= 0x9f)));
            assert(cp < 0x202a || cp > 0x202e);
            assert(!style->ascii || cp < 0x80);
            columns = cp == '\n' ? 0 : columns + 1;
            assert(columns <= style->columns);
        }
        b = base_bytes_slice(b, n, b.len);
    }
}

static void render(const struct facts_report *r) {
    struct base_buf out;
    base_buf_init(&out, OUT_MAX);
    for (unsigned i = 0; i < 8; i++) {
        struct report_style style = {
            .colour = i & 1, .ascii = (i & 2) != 0, .verbose = (i & 4) != 0, .columns = 80};
        base_buf_clear(&out);
        report_text_target(r, &r->targets[0], &style, &out);
        report_text_summary(r, &style, &out);
        assert(!out.failed);
        check_text(base_buf_view(&out), &style);
    }
    base_buf_clear(&out);
    report_json(r, &out);
    assert(!out.failed && json_is_whole(base_buf_view(&out)));
    base_buf_clear(&out);
    report_json_line(r, &r->targets[1], &out);
    assert(!out.failed && json_is_whole(base_buf_view(&out)));
    base_buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct feed f = {.left = base_bytes_view(data, size)};
    struct facts_target targets[2];
    struct facts_report r = {
        .version = "0", .helo = "h", .targets = targets, .target_count = 2, .started = 1800000000};
    struct diagnose_config c = {.now = 1800000000, .expiring_days = 21};
    base_arena_init(&f.arena, (size_t)64 << 20);
    for (size_t i = 0; i < 2; i++) {
        target(&f, &targets[i]);
        diagnose_target(&targets[i], &c, &f.arena);
    }
    assert(!f.arena.failed);
    render(&r);
    (void)diagnose_exit_code(diagnose_worse(targets[0].verdict, targets[1].verdict));
    base_arena_release(&f.arena);
    return 0;
}
