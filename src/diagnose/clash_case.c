/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose_clash_case - questions and words that the rules about failed handshakes share. */
#include "diagnose/clash_private.h"

const struct facts_client *diagnose_client(const struct diagnose_case *c) {
    static const struct facts_client everything = {
        .min_version = 0x0301,
        .max_version = 0x0304,
        .cipher = "",
        .ciphersuites = "",
        .groups = "",
        .signature_schemes = "",
        .sni = "",
        .legacy_renegotiation = true,
    };
    return c->client ? c->client : &everything;
}

bool diagnose_handshake_failed(const struct facts_endpoint *e) {
    return e->stop == FACTS_STOP_HANDSHAKE || (e->session.started && !e->session.established);
}

bool diagnose_alert_is(const struct facts_endpoint *e, int alert) {
    return e->session.end == FACTS_HANDSHAKE_ALERT && e->session.alert == alert;
}

bool diagnose_local_error(const struct facts_endpoint *e, const char *words) {
    struct base_bytes error = base_bytes_of_str(e->session.error);
    return e->session.end == FACTS_HANDSHAKE_LOCAL && base_bytes_find_str(error, words) < error.len;
}

bool diagnose_open_succeeded(const struct diagnose_case *c) {
    return c->open && c->open->session.established;
}

bool diagnose_open_failed(const struct diagnose_case *c) {
    return c->open && c->open->session.started && !c->open->session.established;
}

const char *diagnose_version_words(uint16_t version) {
    switch (version) {
    case 0x0300:
        return "SSL 3.0";
    case 0x0301:
        return "TLS 1.0";
    case 0x0302:
        return "TLS 1.1";
    case 0x0303:
        return "TLS 1.2";
    case 0x0304:
        return "TLS 1.3";
    default:
        return "an unknown version";
    }
}

/* "protocol_version" reads better as "protocol version". */
static const char *spaced(struct base_arena *arena, const char *name) {
    struct base_buf b;
    base_buf_init(&b, 256);
    for (; name && *name; name++)
        base_buf_append_byte(&b, (uint8_t)(*name == '_' ? ' ' : *name));
    const char *text = base_arena_str(arena, base_buf_cstr(&b));
    base_buf_release(&b);
    return text;
}

const char *diagnose_ending_words(struct base_arena *arena, const struct facts_endpoint *e) {
    const struct facts_session *s = &e->session;
    switch (s->end) {
    case FACTS_HANDSHAKE_ALERT:
        return base_arena_printf(arena, "it answered alert %d, %s", s->alert,
                                 spaced(arena, s->alert_name));
    case FACTS_HANDSHAKE_LOCAL:
        return base_arena_printf(arena, "this side refused its answer: %s",
                                 diagnose_short(arena, s->error));
    case FACTS_HANDSHAKE_PLAINTEXT:
        return "it answered with something that is not TLS";
    case FACTS_HANDSHAKE_CLOSED:
        return "it closed the connection without an alert";
    case FACTS_HANDSHAKE_RESET:
        return "the connection was reset";
    case FACTS_HANDSHAKE_TIMEOUT:
        return "it did not answer in time";
    case FACTS_HANDSHAKE_NONE:
        break;
    }
    return "it went no further";
}

const char *diagnose_open_words(const struct diagnose_case *c) {
    const struct facts_session *s = &c->open->session;
    return base_arena_printf(c->arena, "%s, %s", diagnose_version_words(s->version),
                             s->cipher_suite);
}

/* How the sending side would name this endpoint: "example.org", "[mx.example.org]:587". */
static const char *destination_of(const struct diagnose_case *c) {
    const struct facts_target *target = c->target;
    const struct facts_endpoint *e = c->endpoint;
    const char *name = e->host[0] ? e->host : e->address;
    if (target->kind == FACTS_TARGET_DOMAIN && target->name && target->name[0])
        return target->name;
    if (e->port == 25)
        return base_arena_printf(c->arena, "[%s]", name);
    return base_arena_printf(c->arena, "[%s]:%u", name, e->port);
}

const char *diagnose_case_advice(const struct diagnose_case *c, enum diagnose_advice topic,
                                 const char *what) {
    return diagnose_advice(c->arena, topic, what, destination_of(c));
}

const char *diagnose_case_remedy(const struct diagnose_case *c, enum diagnose_remedy remedy) {
    return diagnose_remedy_for(diagnose_software_of(c->endpoint), remedy);
}

bool diagnose_say_more(struct diagnose_case *c, const char *logs, const char *ask) {
    c->out->logs = logs;
    c->out->ask = ask;
    return true;
}

static bool narrows_offer(const struct facts_client *k) {
    return (k->cipher && k->cipher[0]) || (k->groups && k->groups[0]) ||
           (k->signature_schemes && k->signature_schemes[0]);
}

/* Older versions have suites, groups and signatures of their own, so where those are narrowed too,
 * the second look stays with the client's newest version. Alert 70 says that it is no good. */
static uint16_t newest_to_ask(const struct facts_client *k, const struct facts_endpoint *tried) {
    bool versions_alone = diagnose_alert_is(tried, 70) || !narrows_offer(k);
    return k->max_version < DIAGNOSE_TLS_1_3 && !versions_alone ? k->max_version : DIAGNOSE_TLS_1_3;
}

bool diagnose_clash_second_look(const struct facts_client *client,
                                const struct facts_endpoint *tried,
                                struct diagnose_second_look *out) {
    bool name_refused = diagnose_alert_is(tried, 112) && tried->session.sni[0] != '\0';
    *out = (struct diagnose_second_look){
        .min_version = DIAGNOSE_TLS_1_0,
        .max_version = newest_to_ask(client, tried),
        .send_sni = !name_refused,
    };
    return diagnose_handshake_failed(tried) && tried->session.end != FACTS_HANDSHAKE_PLAINTEXT &&
           !diagnose_wants_client_certificate(tried) &&
           !diagnose_local_error(tried, "no ciphers available") &&
           !diagnose_local_error(tried, "no protocols available");
}
