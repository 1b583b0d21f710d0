/* SPDX-License-Identifier: Apache-2.0 */
/* client/context - the client context that its user asked for
 *
 * Begins with the TLS library's own defaults and applies what was wished, in the order in which
 * `openssl s_client` does it, so that the same options lead to the same ClientHello. Everything
 * that can be wrong with an option, a value or a file is found here, before any connection, and
 * is told in one line.
 *
 * The machine's openssl.cnf is not read (tls/context says why). The wish is borrowed; what was
 * read from its files is owned by the context. */
#include "client/internal.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "who value: reason" */
static enum ws_err WS_PRINTF(4, 0)
    refuse(const char *who, const char *value, struct base_error *e, const char *fmt, va_list ap) {
    struct base_buf text;
    enum ws_err err;

    base_buf_init(&text, 4096);
    base_buf_vprintf(&text, fmt, ap);
    err = base_error_set(e, WS_USAGE, "%s%s%s: %s", who, who[0] && value ? " " : "",
                         value ? value : "", base_buf_cstr(&text));
    base_buf_release(&text);
    ERR_clear_error();
    return err;
}

enum ws_err client_error(const struct client_wish *w, enum client_option option, const char *value,
                         struct base_error *e, const char *fmt, ...) {
    enum ws_err err;
    va_list ap;

    va_start(ap, fmt);
    err = refuse(client_option_name(w, option), value, e, fmt, ap);
    va_end(ap);
    return err;
}

enum ws_err client_setting_error(const struct client_setting *set, bool with_value,
                                 struct base_error *e, const char *fmt, ...) {
    enum ws_err err;
    va_list ap;

    va_start(ap, fmt);
    err = refuse(set->option, with_value ? set->value : NULL, e, fmt, ap);
    va_end(ap);
    return err;
}

const char *client_option_name(const struct client_wish *w, enum client_option option) {
    const char *name = w->option_names ? w->option_names[option] : NULL;

    return name ? name : "";
}

int client_hex_digit(uint8_t c) {
    if (base_ascii_is_digit(c))
        return c - '0';
    c = base_ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void context_free(void *room) {
    struct client_context *c = room;

    pki_trust_free(c->trust);
    SSL_SESSION_free(c->offer);
    SSL_SESSION_free(c->psk_session);
    OPENSSL_cleanse(c->psk, sizeof(c->psk));
    if (c->keylog >= 0)
        (void)close(c->keylog);
    free(c);
}

static enum ws_err wrong_number(const struct client_wish *w, enum client_option option,
                                unsigned value, const char *range, struct base_error *e) {
    char text[16];

    (void)snprintf(text, sizeof(text), "%u", value);
    return client_error(w, option, text, e, "%s", range);
}

static enum ws_err wrong_split(const struct client_wish *w, struct base_error *e) {
    char range[80];

    (void)snprintf(range, sizeof(range), "from 1 up to %s (16384) is possible",
                   client_option_name(w, CLIENT_OPTION_MAX_SEND_FRAGMENT));
    return wrong_number(w, CLIENT_OPTION_SPLIT_SEND_FRAGMENT, w->split_send_fragment, range, e);
}

static uint8_t fragment_code(unsigned length) {
    switch (length) {
    case 512:
        return TLSEXT_max_fragment_length_512;
    case 1024:
        return TLSEXT_max_fragment_length_1024;
    case 2048:
        return TLSEXT_max_fragment_length_2048;
    case 4096:
        return TLSEXT_max_fragment_length_4096;
    default:
        return TLSEXT_max_fragment_length_DISABLED;
    }
}

static enum ws_err set_sizes(SSL_CTX *ssl, const struct client_wish *w, struct base_error *e) {
    uint8_t code = fragment_code(w->max_fragment_length);

    if (w->max_fragment_length > 0 && (code == TLSEXT_max_fragment_length_DISABLED ||
                                       SSL_CTX_set_tlsext_max_fragment_length(ssl, code) != 1))
        return wrong_number(w, CLIENT_OPTION_MAX_FRAGMENT_LENGTH, w->max_fragment_length,
                            "512, 1024, 2048 or 4096 is possible (RFC 6066)", e);
    if (w->max_send_fragment > 0 && SSL_CTX_set_max_send_fragment(ssl, w->max_send_fragment) != 1)
        return wrong_number(w, CLIENT_OPTION_MAX_SEND_FRAGMENT, w->max_send_fragment,
                            "512 to 16384 is possible", e);
    if (w->split_send_fragment > 0 &&
        SSL_CTX_set_split_send_fragment(ssl, w->split_send_fragment) != 1)
        return wrong_split(w, e);
    if (w->max_pipelines > 0 && SSL_CTX_set_max_pipelines(ssl, w->max_pipelines) != 1)
        return wrong_number(w, CLIENT_OPTION_MAX_PIPELINES, w->max_pipelines, "1 to 32 is possible",
                            e);
    if (w->read_buffer > 0)
        SSL_CTX_set_default_read_buffer_len(ssl, w->read_buffer);
    return WS_OK;
}

static enum ws_err set_requests(SSL_CTX *ssl, const struct client_wish *w, struct base_error *e) {
    if (w->ignore_unexpected_eof)
        SSL_CTX_set_options(ssl, SSL_OP_IGNORE_UNEXPECTED_EOF);
    if (w->post_handshake_auth)
        SSL_CTX_set_post_handshake_auth(ssl, 1);
    if (w->fallback_scsv)
        SSL_CTX_set_mode(ssl, SSL_MODE_SEND_FALLBACK_SCSV);
    if (w->ask_status && SSL_CTX_set_tlsext_status_type(ssl, TLSEXT_STATUSTYPE_ocsp) != 1)
        return client_error(w, CLIENT_OPTION_STATUS, NULL, e, "the TLS library cannot ask for it");
    if (w->ask_scts) {
        enum ws_err err = client_apply_scts(ssl, w, e);
        if (err != WS_OK)
            return err;
    }
    return client_apply_extensions(ssl, w, e);
}

static enum ws_err apply(SSL_CTX *ssl, struct client_context *c, struct base_error *e) {
    const struct client_wish *wish = c->wish;
    enum ws_err err;

    SSL_CTX_set_verify(
        ssl, wish->verify || wish->verify_return_error ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
        client_verify_step);
    client_apply_watch(ssl, c);
    if ((err = client_apply_settings(ssl, wish, e)) != WS_OK ||
        (err = client_apply_checks(ssl, wish, e)) != WS_OK ||
        (err = client_apply_name_format(c, e)) != WS_OK ||
        (err = set_sizes(ssl, wish, e)) != WS_OK || (err = set_requests(ssl, wish, e)) != WS_OK ||
        (err = client_apply_trust(ssl, c, e)) != WS_OK ||
        (err = client_apply_certificate(ssl, wish, e)) != WS_OK ||
        (err = client_apply_resumption(ssl, c, e)) != WS_OK ||
        (err = client_apply_dane(ssl, wish, e)) != WS_OK)
        return err;
    return client_apply_keylog(ssl, c, e);
}

static void session_free(void *own) {
    struct client_session *n = own;

    base_arena_release(&n->arena);
    base_buf_release(&n->early);
    for (size_t i = 0; i < n->ticket_count; i++)
        SSL_SESSION_free(n->tickets[i]);
    SSL_SESSION_free(n->newest);
    free(n);
}

/* The parts that are set for each session. */
static enum ws_err attach(struct tls_session *s, void **own, struct base_error *e) {
    struct client_context *c = client_context_of(s);
    struct client_session *n = calloc(1, sizeof(*n));

    *own = n;
    if (!n)
        return base_error_set(e, WS_NOMEM, "out of memory");
    base_arena_init(&n->arena, (size_t)4 * 1024 * 1024);
    base_buf_init(&n->early, (size_t)16 * 1024 * 1024);
    if (c->offer && SSL_set_session(tls_session_ssl(s), c->offer) != 1)
        return base_error_set(e, WS_LIBRARY, "the session cannot be resumed: %s",
                              tls_library_reason("the TLS library refused it"));
    client_attach_watch(s);
    return client_hold_dane(s, &c->wish->dane, e);
}

static const struct tls_hooks hooks = {
    .attach = attach,
    .start = client_send_early,
    .message = client_message,
    .read = client_read_scts,
    .judge = client_judge,
    .release = session_free,
    .free = context_free,
};

struct client_context *client_context_of(const struct tls_session *s) {
    return s ? tls_session_room(s, &hooks) : NULL;
}

struct client_session *client_session_of(const struct tls_session *s) {
    return client_context_of(s) ? tls_session_own(s) : NULL;
}

enum ws_err client_context_new(const struct client_wish *wish, struct tls_context **out,
                               struct base_error *e) {
    struct client_context *c = calloc(1, sizeof(*c));
    enum ws_err err;

    *out = NULL;
    if (!c)
        return base_error_set(e, WS_NOMEM, "out of memory");
    c->wish = wish;
    c->keylog = -1;
    err = tls_hooked_context_new(&hooks, c, out, e);
    if (err != WS_OK) {
        context_free(c);
        return err;
    }
    err = apply(tls_context_ssl(*out), c, e);
    if (err != WS_OK) {
        tls_context_free(*out);
        *out = NULL;
    }
    ERR_clear_error();
    return err;
}
