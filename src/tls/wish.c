/* SPDX-License-Identifier: Apache-2.0 */
/* tls/wish - the client context that its user asked for
 *
 * Begins with the TLS library's own defaults and applies what was wished, in the order in which
 * `openssl s_client` does it, so that the same options lead to the same ClientHello. Everything
 * that can be wrong with an option, a value or a file is found here, before any connection, and
 * is told in one line.
 *
 * The machine's openssl.cnf is not read (tls/context says why). The wish is borrowed; what was
 * read from its files is owned by the context. */
#include "tls/wish.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum ws_err tls_wish_error(struct base_error *e, const char *option, const char *value,
                           const char *fmt, ...) {
    struct base_buf text;
    enum ws_err err;
    va_list ap;

    base_buf_init(&text, 4096);
    va_start(ap, fmt);
    base_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    err = base_error_set(e, WS_USAGE, "%s%s%s: %s", option, value ? " " : "", value ? value : "",
                         base_buf_cstr(&text));
    base_buf_release(&text);
    ERR_clear_error();
    return err;
}

int tls_hex_digit(uint8_t c) {
    if (base_ascii_is_digit(c))
        return c - '0';
    c = base_ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void tls_wished_free(struct tls_wished *w) {
    if (!w)
        return;
    pki_trust_free(w->trust);
    SSL_SESSION_free(w->offer);
    SSL_SESSION_free(w->psk_session);
    OPENSSL_cleanse(w->psk, sizeof(w->psk));
    for (size_t i = 0; i < w->dane_count; i++)
        free(w->dane[i].data);
    if (w->keylog >= 0)
        (void)close(w->keylog);
    free(w);
}

const struct pki_trust *tls_wished_trust(const struct tls_wished *w) {
    return w->trust;
}

static enum ws_err set_number(bool ok, const char *option, unsigned value, const char *range,
                              struct base_error *e) {
    char text[16];
    struct base_buf b;

    if (ok)
        return WS_OK;
    base_buf_init(&b, sizeof(text));
    base_buf_printf(&b, "%u", value);
    (void)tls_wish_error(e, option, base_buf_cstr(&b), "%s", range);
    base_buf_release(&b);
    return WS_USAGE;
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

static enum ws_err set_max_fragment(SSL_CTX *ssl, unsigned length, struct base_error *e) {
    uint8_t code = fragment_code(length);

    if (length == 0)
        return WS_OK;
    return set_number(code != TLSEXT_max_fragment_length_DISABLED &&
                          SSL_CTX_set_tlsext_max_fragment_length(ssl, code) == 1,
                      "-maxfraglen", length, "512, 1024, 2048 or 4096 is possible (RFC 6066)", e);
}

static enum ws_err set_sizes(SSL_CTX *ssl, const struct tls_wish *w, struct base_error *e) {
    enum ws_err err = set_max_fragment(ssl, w->max_fragment_length, e);

    if (err == WS_OK && w->max_send_fragment > 0)
        err = set_number(SSL_CTX_set_max_send_fragment(ssl, w->max_send_fragment) == 1,
                         "-max_send_frag", w->max_send_fragment, "512 to 16384 is possible", e);
    if (err == WS_OK && w->split_send_fragment > 0)
        err = set_number(SSL_CTX_set_split_send_fragment(ssl, w->split_send_fragment) == 1,
                         "-split_send_frag", w->split_send_fragment,
                         "from 1 up to -max_send_frag (16384) is possible", e);
    if (err == WS_OK && w->max_pipelines > 0)
        err = set_number(SSL_CTX_set_max_pipelines(ssl, w->max_pipelines) == 1, "-max_pipelines",
                         w->max_pipelines, "1 to 32 is possible", e);
    if (err == WS_OK && w->read_buffer > 0)
        SSL_CTX_set_default_read_buffer_len(ssl, w->read_buffer);
    return err;
}

static enum ws_err set_requests(SSL_CTX *ssl, const struct tls_wish *w, struct base_error *e) {
    if (w->ignore_unexpected_eof)
        SSL_CTX_set_options(ssl, SSL_OP_IGNORE_UNEXPECTED_EOF);
    if (w->post_handshake_auth)
        SSL_CTX_set_post_handshake_auth(ssl, 1);
    if (w->fallback_scsv)
        SSL_CTX_set_mode(ssl, SSL_MODE_SEND_FALLBACK_SCSV);
    if (w->ask_status && SSL_CTX_set_tlsext_status_type(ssl, TLSEXT_STATUSTYPE_ocsp) != 1)
        return tls_wish_error(e, "-status", NULL, "the TLS library cannot ask for it");
    if (w->ask_scts) {
        enum ws_err err = tls_wish_scts(ssl, w, e);
        if (err != WS_OK)
            return err;
    }
    return tls_wish_extensions(ssl, w, e);
}

static enum ws_err apply(struct tls_context *c, struct base_error *e) {
    struct tls_wished *w = c->wished;
    const struct tls_wish *wish = w->wish;
    enum ws_err err;

    SSL_CTX_set_verify(
        c->ssl, wish->verify || wish->verify_return_error ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
        tls_wish_verify);
    tls_wish_watch(c->ssl, w);
    if ((err = tls_wish_settings(c->ssl, wish, e)) != WS_OK ||
        (err = tls_wish_checks(c->ssl, wish, e)) != WS_OK ||
        (err = tls_wish_name_format(w, e)) != WS_OK ||
        (err = set_sizes(c->ssl, wish, e)) != WS_OK ||
        (err = set_requests(c->ssl, wish, e)) != WS_OK ||
        (err = tls_wish_trust(c->ssl, w, e)) != WS_OK ||
        (err = tls_wish_certificate(c->ssl, wish, e)) != WS_OK ||
        (err = tls_wish_resumption(c->ssl, w, e)) != WS_OK ||
        (err = tls_wish_dane(c->ssl, w, e)) != WS_OK)
        return err;
    return tls_wish_keylog(c->ssl, w, e);
}

enum ws_err tls_wished_context_new(const struct tls_wish *wish, struct tls_context **out,
                                   struct base_error *e) {
    struct tls_context *c = tls_context_alloc(false);
    enum ws_err err;

    *out = NULL;
    if (!c)
        return base_error_set(e, WS_LIBRARY, "starting the TLS library: %s",
                              tls_library_reason("it refused"));
    c->wished = calloc(1, sizeof(*c->wished));
    if (!c->wished) {
        tls_context_free(c);
        return base_error_set(e, WS_NOMEM, "out of memory");
    }
    c->wished->wish = wish;
    c->wished->keylog = -1;
    err = apply(c, e);
    if (err != WS_OK)
        tls_context_free(c);
    else
        *out = c;
    ERR_clear_error();
    return err;
}

void tls_notes_release(struct tls_notes *n) {
    base_arena_release(&n->arena);
    base_buf_release(&n->early);
    for (size_t i = 0; i < n->ticket_count; i++)
        SSL_SESSION_free(n->tickets[i]);
    SSL_SESSION_free(n->newest);
    *n = (struct tls_notes){0};
}

enum ws_err tls_wished_attach(struct tls_session *s, struct base_error *e) {
    struct tls_wished *w = s->context->wished;

    base_arena_init(&s->notes.arena, (size_t)4 * 1024 * 1024);
    base_buf_init(&s->notes.early, (size_t)16 * 1024 * 1024);
    if (w->offer && SSL_set_session(s->ssl, w->offer) != 1)
        return base_error_set(e, WS_LIBRARY, "the session cannot be resumed: %s",
                              tls_library_reason("the TLS library refused it"));
    tls_wish_watch_attach(s);
    if (tls_wish_dane_attach(s, e) != WS_OK)
        return WS_LIBRARY;
    /* DANE sets the server name when there is none */
    if (s->sni[0] == '\0')
        (void)base_bytes_copy(s->sni, sizeof(s->sni) - 1,
                              base_bytes_of_str(SSL_get_servername(s->ssl, 0)));
    return WS_OK;
}
