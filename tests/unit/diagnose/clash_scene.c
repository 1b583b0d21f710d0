/* SPDX-License-Identifier: Apache-2.0 */
#include "clash_scene.h"

#include "know/tls_version.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const uint16_t usual_versions[] = {0x0304, 0x0303, 0};
static const uint16_t usual_suites[] = {0x1301, 0xc02b, 0xc02f, 0};
static const uint16_t usual_groups[] = {0x001d, 0x0017, 0};
static const uint16_t usual_schemes[] = {0x0403, 0x0804, 0x0401, 0};

static size_t put(uint8_t *room, size_t at, size_t size, unsigned value, unsigned width) {
    assert_true(at + width <= size);
    for (unsigned i = 0; i < width; i++)
        room[at + i] = (uint8_t)(value >> (8 * (width - 1 - i)));
    return at + width;
}

static size_t put_list(uint8_t *room, size_t at, size_t size, const uint16_t *list,
                       unsigned width) {
    size_t n = 0;
    while (list[n])
        n++;
    at = put(room, at, size, (unsigned)(2 * n), width);
    for (size_t i = 0; i < n; i++)
        at = put(room, at, size, list[i], 2);
    return at;
}

/* Type and length around what `list` (with its own prefix of `width` bytes) takes. */
static size_t put_extension(uint8_t *room, size_t at, size_t size, unsigned type,
                            const uint16_t *list, unsigned width) {
    if (!list)
        return at;
    at = put(room, at, size, type, 2);
    size_t begin = put(room, at, size, 0, 2);
    size_t end = put_list(room, begin, size, list, width);
    put(room, at, size, (unsigned)(end - begin), 2);
    return end;
}

static size_t put_empty(uint8_t *room, size_t at, size_t size, unsigned type, size_t length) {
    at = put(room, at, size, type, 2);
    at = put(room, at, size, (unsigned)length, 2);
    for (size_t i = 0; i < length; i++)
        at = put(room, at, size, 0, 1);
    return at;
}

struct base_bytes clash_hello_write(uint8_t *room, size_t size, const struct clash_hello *h) {
    size_t at = put(room, 0, size, 1, 1);
    at = put(room, at, size, 0, 3);
    at = put(room, at, size, 0x0303, 2);
    for (int i = 0; i < 32; i++)
        at = put(room, at, size, 0x55, 1);
    at = put(room, at, size, 0, 1);
    at = put_list(room, at, size, h->suites, 2);
    at = put(room, at, size, 0x0100, 2);
    size_t extensions = at;
    at = put(room, at, size, 0, 2);
    if (h->sni) {
        at = put_empty(room, at, size, 0, 6); /* one host_name, "a" */
        room[at - 5] = 4;
        room[at - 2] = 1;
        room[at - 1] = 'a';
    }
    if (h->max_fragment) {
        at = put_empty(room, at, size, 1, 1);
        room[at - 1] = (uint8_t)h->max_fragment;
    }
    at = put_extension(room, at, size, 10, h->groups, 2);
    at = put_extension(room, at, size, 13, h->schemes, 2);
    at = put_extension(room, at, size, 43, h->versions, 1);
    if (h->padding)
        at = put_empty(room, at, size, 21, h->padding);
    if (h->psk)
        at = put_empty(room, at, size, 41, 4);
    put(room, extensions, size, (unsigned)(at - extensions - 2), 2);
    put(room, 1, size, (unsigned)(at - 4), 3);
    return base_bytes_view(room, at);
}

void clash_scene_hello(struct clash_scene *s, const struct clash_hello *h) {
    s->client.hello = clash_hello_write(s->hello, sizeof s->hello, h);
    s->tried[0].session.hello = s->client.hello;
}

static void set_endpoint(struct clash_scene *s, struct facts_endpoint *e) {
    facts_endpoint_init(e);
    e->host = "mx.example.org";
    e->address = "192.0.2.1";
    e->port = 25;
    e->connect.state = FACTS_CONNECT_OK;
    e->greeting = (struct facts_reply){.received = true,
                                       .code = 220,
                                       .status = "",
                                       .enhanced = "",
                                       .lines = s->greeting,
                                       .line_count = 1};
    e->starttls.offered = e->starttls.asked = true;
    e->session.started = true;
    e->session.sni = "mx.example.org";
}

void clash_scene_end(struct clash_scene *s, enum facts_handshake_end end, int alert) {
    struct facts_endpoint *e = &s->tried[0];
    e->step = FACTS_STEP_HANDSHAKE;
    e->stop = FACTS_STOP_HANDSHAKE;
    e->session.end = end;
    e->session.alert = alert;
    e->session.alert_name = alert == 40   ? "handshake_failure"
                            : alert == 70 ? "protocol_version"
                            : alert >= 0  ? "some_alert"
                                          : "";
}

void clash_scene_local(struct clash_scene *s, const char *error, int alert_sent) {
    clash_scene_end(s, FACTS_HANDSHAKE_LOCAL, -1);
    s->tried[0].session.error = error;
    s->tried[0].session.alert_sent = alert_sent;
    s->tried[0].session.alert_sent_name = alert_sent >= 0 ? "some_alert" : "";
}

void clash_scene_took(struct clash_scene *s, uint16_t version, uint16_t suite, const char *group,
                      const char *scheme, const char *key_type) {
    struct facts_session *t = &s->open.session;
    t->established = true;
    t->version = version;
    t->protocol = know_tls_version_name(version);
    t->cipher_suite_id = suite;
    t->cipher_suite = suite == 0x1301   ? "TLS_AES_128_GCM_SHA256"
                      : suite == 0x002f ? "TLS_RSA_WITH_AES_128_CBC_SHA"
                                        : "TLS_SOME_SUITE";
    t->openssl_name = suite == 0x002f ? "AES128-SHA" : "SOME-SUITE";
    t->group = group;
    t->signature_scheme = scheme;
    s->chain[0].key_type = key_type;
}

void clash_scene_open_fails(struct clash_scene *s, enum facts_handshake_end end, int alert) {
    s->open.session.established = false;
    s->open.certificate_count = 0;
    s->open.step = FACTS_STEP_HANDSHAKE;
    s->open.stop = FACTS_STOP_HANDSHAKE;
    s->open.session.end = end;
    s->open.session.alert = alert;
}

static void set_chain(struct clash_scene *s) {
    struct facts_certificate good = {.parsed = true,
                                     .error = "",
                                     .subject = "CN=mx.example.org",
                                     .issuer = "CN=CA",
                                     .key_type = "EC",
                                     .key_bits = 256,
                                     .signature_hash = "SHA256"};
    s->chain[0] = s->chain[1] = good;
    s->chain[1].subject = "CN=CA";
    s->open.certificates = s->chain;
    s->open.certificate_count = 2;
    s->open.chain = (struct facts_chain){.in_order = true, .complete = true, .missing_issuer = ""};
    s->open.verification = (struct facts_verification){.done = true,
                                                       .ok = true,
                                                       .chain_ok = true,
                                                       .reason = "ok",
                                                       .first_reason = "ok",
                                                       .name_ok = true,
                                                       .reference = "mx.example.org",
                                                       .matched_name = "mx.example.org",
                                                       .trust = "system"};
}

void clash_scene_set(struct clash_scene *s) {
    struct clash_hello usual = {.versions = usual_versions,
                                .suites = usual_suites,
                                .groups = usual_groups,
                                .schemes = usual_schemes,
                                .sni = true};
    memset(s, 0, sizeof *s);
    base_arena_init(&s->arena, 1 << 20);
    s->greeting[0] = base_bytes_of_str("mx.example.org ESMTP Postfix");
    set_endpoint(s, &s->tried[0]);
    set_endpoint(s, &s->open);
    set_chain(s);
    s->client = (struct facts_client){.min_version = 0x0303,
                                      .max_version = 0x0304,
                                      .cipher = "",
                                      .ciphersuites = "",
                                      .groups = "",
                                      .signature_schemes = "",
                                      .security_level = 2,
                                      .sni = "mx.example.org"};
    clash_scene_hello(s, &usual);
    s->open.session.hello = clash_hello_write(s->open_hello, sizeof s->open_hello, &usual);
    clash_scene_end(s, FACTS_HANDSHAKE_ALERT, 40);
    clash_scene_took(s, 0x0304, 0x1301, "x25519", "ecdsa_secp256r1_sha256", "EC");
    s->target = (struct facts_target){.input = "example.org",
                                      .kind = FACTS_TARGET_DOMAIN,
                                      .name = "example.org",
                                      .unicode = "",
                                      .port = 25,
                                      .error = "",
                                      .endpoints = s->tried,
                                      .endpoint_count = 1};
}

void clash_scene_release(struct clash_scene *s) {
    base_arena_release(&s->arena);
}

const struct facts_finding *clash_scene_judge(struct clash_scene *s) {
    s->target.finding_count = 0;
    assert_int_equal(diagnose_clash(s->no_client ? NULL : &s->client, s->no_open ? NULL : &s->open,
                                    &s->target, 0, &s->arena),
                     WS_OK);
    return s->target.finding_count ? &s->target.findings[0] : NULL;
}
