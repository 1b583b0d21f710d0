/* SPDX-License-Identifier: Apache-2.0 */
/* tls/told - what our client was told to allow
 *
 * The options as typed, the protocol versions that the hello really offered, and the hello itself,
 * so that a handshake that failed can be laid at the right door. */
#include "tls/wish.h"
#include "wire/handshake.h"

#include <string.h>

#define EXT_SUPPORTED_VERSIONS 43

struct offered {
    uint16_t min, max;
};

static void widen(struct offered *o, uint16_t version) {
    if (version < SSL3_VERSION || version > TLS1_3_VERSION)
        return; /* GREASE and drafts */
    if (o->min == 0 || version < o->min)
        o->min = version;
    if (version > o->max)
        o->max = version;
}

static void read_versions(struct base_reader *extensions, struct offered *o) {
    while (base_reader_left(extensions) > 0 && !extensions->failed) {
        uint16_t type = base_reader_u16(extensions, "type");
        struct base_reader body = base_reader_sub16(extensions, "extension");
        if (type != EXT_SUPPORTED_VERSIONS)
            continue;
        struct base_reader list = base_reader_sub8(&body, "versions");
        *o = (struct offered){0};
        while (base_reader_left(&list) >= 2)
            widen(o, base_reader_u16(&list, "version"));
    }
}

/* The hello's own words; without the extension only its newest version (RFC 8446 4.2.1). */
static struct offered read_hello(struct base_bytes hello) {
    struct offered o = {0};
    struct base_reader r, extensions;
    struct base_bytes body;
    uint8_t type;

    base_reader_init(&r, hello);
    if (!wire_handshake_next(&r, &type, &body))
        return o;
    base_reader_init(&r, body);
    widen(&o, base_reader_u16(&r, "version"));
    base_reader_skip(&r, 32, "random");
    (void)base_reader_sub8(&r, "session id");
    (void)base_reader_sub16(&r, "suites");
    (void)base_reader_sub8(&r, "compression");
    if (base_reader_left(&r) == 0)
        return o;
    extensions = base_reader_sub16(&r, "extensions");
    read_versions(&extensions, &o);
    return o;
}

static uint64_t off_switch(uint16_t version) {
    switch (version) {
    case TLS1_3_VERSION:
        return SSL_OP_NO_TLSv1_3;
    case TLS1_2_VERSION:
        return SSL_OP_NO_TLSv1_2;
    case TLS1_1_VERSION:
        return SSL_OP_NO_TLSv1_1;
    default:
        return SSL_OP_NO_TLSv1;
    }
}

/* The security level may forbid a version; the library's own callback knows, not the watcher's. */
static bool is_secure(const struct tls_session *s, uint16_t version) {
    const struct tls_wished *w = s->context->wished;
    int (*judge)(const SSL *, const SSL_CTX *, int, int, int, void *, void *) =
        w && w->security ? w->security : SSL_get_security_callback(s->ssl);

    return !judge || judge(s->ssl, NULL, SSL_SECOP_VERSION, 0, version, NULL, NULL) == 1;
}

static bool allows(const struct tls_session *s, uint16_t version) {
    long min = SSL_get_min_proto_version(s->ssl);
    long max = SSL_get_max_proto_version(s->ssl);

    return (min == 0 || version >= min) && (max == 0 || version <= max) &&
           (SSL_get_options(s->ssl) & off_switch(version)) == 0 && is_secure(s, version);
}

/* Up to TLS 1.2 the hello names the newest version alone: the oldest that we would take is ours to
 * say. */
static void complete_versions(const struct tls_session *s, struct offered *o) {
    if (o->max == 0)
        for (uint16_t v = TLS1_3_VERSION; v >= TLS1_VERSION && o->max == 0; v--)
            o->max = allows(s, v) ? v : 0;
    if (o->min == 0 || o->max <= TLS1_2_VERSION) {
        o->min = o->max;
        while (o->min > TLS1_VERSION && allows(s, (uint16_t)(o->min - 1)))
            o->min--;
    }
}

static const char *last_setting(const struct tls_wish *w, const char *name, const char *other) {
    const char *value = "";

    for (size_t i = 0; i < w->setting_count; i++)
        if (strcmp(w->settings[i].name, name) == 0 || strcmp(w->settings[i].name, other) == 0)
            value = w->settings[i].value ? w->settings[i].value : "";
    return value;
}

static bool limits_versions(const struct tls_wish *w) {
    static const char *const names[] = {"-no_ssl3",   "-no_tls1",      "-no_tls1_1",   "-no_tls1_2",
                                        "-no_tls1_3", "-min_protocol", "-max_protocol"};

    for (size_t i = 0; i < w->setting_count; i++)
        for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
            if (strcmp(w->settings[i].name, names[n]) == 0)
                return true;
    return w->min_version != 0 || w->max_version != 0;
}

static void read_wish(const struct tls_wish *w, struct facts_client *out) {
    out->versions_limited = limits_versions(w);
    out->cipher = last_setting(w, "-cipher", "-cipher");
    out->ciphersuites = last_setting(w, "-ciphersuites", "-ciphersuites");
    out->groups = last_setting(w, "-groups", "-curves");
    out->signature_schemes = last_setting(w, "-sigalgs", "-sigalgs");
    out->certificate_given = w->certificate != NULL;
    out->verification_required = w->verify_return_error;
}

/* The step at which the path check ended the handshake. */
static void read_refusal(const struct tls_session *s, struct base_arena *arena,
                         struct facts_client *out) {
    for (size_t i = 0; i < s->notes.step_count; i++) {
        const struct facts_verify_step *step = &s->notes.steps[i];
        if (step->ok || step->error == X509_V_OK)
            continue;
        out->verify_error = step->error;
        out->verify_depth = step->depth;
        out->verify_text = base_arena_str(arena, step->error_text);
        out->verify_subject = base_arena_str(arena, step->subject);
    }
}

void tls_session_read_client(const struct tls_session *s, struct base_arena *arena,
                             struct facts_client *out) {
    struct offered offered = read_hello(base_buf_view(&s->hello));

    *out = (struct facts_client){.cipher = "",
                                 .ciphersuites = "",
                                 .groups = "",
                                 .signature_schemes = "",
                                 .sni = "",
                                 .verify_text = "",
                                 .verify_subject = ""};
    complete_versions(s, &offered);
    out->min_version = offered.min;
    out->max_version = offered.max;
    out->security_level = SSL_get_security_level(s->ssl);
    out->sni = base_arena_str(arena, s->sni);
    out->sni_withheld = s->sni[0] == '\0';
    out->legacy_renegotiation = (SSL_get_options(s->ssl) & SSL_OP_LEGACY_SERVER_CONNECT) != 0;
    out->hello = base_arena_bytes(arena, base_buf_view(&s->hello));
    read_refusal(s, arena, out);
    if (s->context->wished)
        read_wish(s->context->wished->wish, out);
}
