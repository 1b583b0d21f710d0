/* SPDX-License-Identifier: Apache-2.0 */
/* client/told - what our client was told to allow
 *
 * The options as typed, the protocol versions that the hello really offered, and the hello itself,
 * so that a handshake that failed can be laid at the right door. */
#include "client/internal.h"
#include "wire/client_hello.h"
#include "wire/handshake.h"

#include <string.h>

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

/* The hello's own words; without the extension only its newest version (RFC 8446 4.2.1). */
static struct offered read_hello(struct base_bytes message) {
    struct offered o = {0};
    struct wire_client_hello hello;
    struct base_reader r;
    struct base_bytes body;
    uint8_t type;

    base_reader_init(&r, message);
    if (!wire_handshake_next(&r, &type, &body))
        return o;
    (void)wire_client_hello_parse(body, &hello);
    if (!hello.has_versions)
        widen(&o, hello.version);
    for (size_t i = 0; i < wire_list_count(hello.versions); i++)
        widen(&o, wire_list_at(hello.versions, i));
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
static bool is_secure(SSL *ssl, uint16_t version) {
    const struct client_context *c = client_context_of(tls_session_of(ssl));
    int (*judge)(const SSL *, const SSL_CTX *, int, int, int, void *, void *) =
        c && c->security ? c->security : SSL_get_security_callback(ssl);

    return !judge || judge(ssl, NULL, SSL_SECOP_VERSION, 0, version, NULL, NULL) == 1;
}

static bool allows(SSL *ssl, uint16_t version) {
    long min = SSL_get_min_proto_version(ssl);
    long max = SSL_get_max_proto_version(ssl);

    return (min == 0 || version >= min) && (max == 0 || version <= max) &&
           (SSL_get_options(ssl) & off_switch(version)) == 0 && is_secure(ssl, version);
}

/* Up to TLS 1.2 the hello names the newest version alone: the oldest that we would take is ours to
 * say. */
static void complete_versions(SSL *ssl, struct offered *o) {
    if (o->max == 0)
        for (uint16_t v = TLS1_3_VERSION; v >= TLS1_VERSION && o->max == 0; v--)
            o->max = allows(ssl, v) ? v : 0;
    if (o->min == 0 || o->max <= TLS1_2_VERSION) {
        o->min = o->max;
        while (o->min > TLS1_VERSION && allows(ssl, (uint16_t)(o->min - 1)))
            o->min--;
    }
}

static const char *last_setting(const struct client_wish *w, const char *command,
                                const char *other) {
    const char *value = "";

    for (size_t i = 0; i < w->setting_count; i++)
        if (strcmp(w->settings[i].command, command) == 0 ||
            strcmp(w->settings[i].command, other) == 0)
            value = w->settings[i].value ? w->settings[i].value : "";
    return value;
}

static bool limits_versions(const struct client_wish *w) {
    static const char *const commands[] = {"no_ssl3",   "no_tls1",      "no_tls1_1",   "no_tls1_2",
                                           "no_tls1_3", "min_protocol", "max_protocol"};

    for (size_t i = 0; i < w->setting_count; i++)
        for (size_t n = 0; n < sizeof(commands) / sizeof(commands[0]); n++)
            if (strcmp(w->settings[i].command, commands[n]) == 0)
                return true;
    return w->min_version != 0 || w->max_version != 0;
}

static void read_wish(const struct client_wish *w, struct facts_client *out) {
    out->versions_limited = limits_versions(w);
    out->cipher = last_setting(w, "cipher", "cipher");
    out->ciphersuites = last_setting(w, "ciphersuites", "ciphersuites");
    out->groups = last_setting(w, "groups", "curves");
    out->signature_schemes = last_setting(w, "sigalgs", "sigalgs");
    out->certificate_given = w->certificate != NULL;
    out->verification_required = w->verify_return_error;
}

/* The step at which the path check ended the handshake. */
static void read_refusal(const struct client_session *n, struct base_arena *arena,
                         struct facts_client *out) {
    for (size_t i = 0; i < n->step_count; i++) {
        const struct facts_verify_step *step = &n->steps[i];
        if (step->ok || step->error == X509_V_OK)
            continue;
        out->verify_error = step->error;
        out->verify_depth = step->depth;
        out->verify_text = base_arena_str(arena, step->error_text);
        out->verify_subject = base_arena_str(arena, step->subject);
    }
}

void client_read_told(const struct tls_session *s, struct base_arena *arena,
                      struct facts_client *out) {
    const struct client_context *c = client_context_of(s);
    struct tls_view view = tls_session_view(s);
    struct offered offered = read_hello(view.hello);
    SSL *ssl = tls_session_ssl(s);

    *out = (struct facts_client){.cipher = "",
                                 .ciphersuites = "",
                                 .groups = "",
                                 .signature_schemes = "",
                                 .sni = "",
                                 .verify_text = "",
                                 .verify_subject = ""};
    complete_versions(ssl, &offered);
    out->min_version = offered.min;
    out->max_version = offered.max;
    out->security_level = SSL_get_security_level(ssl);
    out->sni = base_arena_str(arena, view.sni);
    out->sni_withheld = view.sni[0] == '\0';
    out->legacy_renegotiation = (SSL_get_options(ssl) & SSL_OP_LEGACY_SERVER_CONNECT) != 0;
    out->hello = base_arena_bytes(arena, view.hello);
    if (!c)
        return;
    read_refusal(client_session_of(s), arena, out);
    read_wish(c->wish, out);
}
