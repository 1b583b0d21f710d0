/* SPDX-License-Identifier: Apache-2.0 */
/* client/extensions - extensions of the hello that the user names
 *
 * Protocols (ALPN, RFC 7301), and extensions by number whose answers are shown. */
#include "base/writer.h"
#include "client/internal.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#define SERVERINFO_MAX 100

/* "smtp,imap" to length-prefixed names (RFC 7301 3.1). */
static enum ws_err set_alpn(SSL_CTX *ssl, const struct client_wish *w, struct base_error *e) {
    const char *list = w->alpn;
    struct base_bytes rest = base_bytes_of_str(list);
    struct base_buf wire;
    enum ws_err err = WS_OK;

    if (!list)
        return WS_OK;
    base_buf_init(&wire, 65535);
    for (bool more = true; more && err == WS_OK;) {
        size_t len = base_bytes_find(rest, ',');
        more = len < rest.len;
        if (len == 0 || len > 255) {
            err = client_error(w, CLIENT_OPTION_ALPN, list, e,
                               "each protocol name has 1 to 255 bytes");
        } else {
            base_buf_append_byte(&wire, (uint8_t)len);
            base_buf_append_bytes(&wire, base_bytes_slice(rest, 0, len));
        }
        rest = base_bytes_slice(rest, len + 1, rest.len);
    }
    if (err == WS_OK && (wire.failed || SSL_CTX_set_alpn_protos(ssl, base_buf_view(&wire).data,
                                                                (unsigned)wire.len) != 0))
        err =
            client_error(w, CLIENT_OPTION_ALPN, list, e, "the TLS library does not take this list");
    base_buf_release(&wire);
    return err;
}

/* An answer as PEM, with type and length in front, as SSL_CTX_use_serverinfo reads it. */
static int show_answer(SSL *ssl, unsigned type, const unsigned char *in, size_t len, int *alert,
                       void *arg) {
    const struct client_watch *watch = arg;
    struct base_buf block, name;
    BIO *bio = BIO_new(BIO_s_mem());
    char *pem = NULL;
    long pem_len;

    (void)ssl;
    (void)alert;
    base_buf_init(&block, 65536 + 8);
    base_buf_init(&name, 64);
    base_writer_u16(&block, (uint16_t)type);
    base_writer_u16(&block, (uint16_t)len);
    base_buf_append(&block, in, len);
    base_buf_printf(&name, "SERVERINFO FOR EXTENSION %u", type);
    if (bio && watch->text && !block.failed &&
        PEM_write_bio(bio, base_buf_cstr(&name), "", base_buf_view(&block).data, (long)block.len) >
            0 &&
        BIO_write(bio, "", 1) == 1) {
        pem_len = BIO_get_mem_data(bio, &pem);
        if (pem_len > 1)
            pem[pem_len - 2] = '\0'; /* no line end behind the last line */
        watch->text(watch->arg, CLIENT_WATCH_SERVERINFO, pem);
    }
    BIO_free(bio);
    base_buf_release(&name);
    base_buf_release(&block);
    return 1;
}

static enum ws_err ask_for(SSL_CTX *ssl, const struct client_wish *w, struct base_bytes number,
                           struct base_error *e) {
    uint64_t type = 0;

    if (!base_bytes_to_uint(number, UINT16_MAX, &type))
        return client_error(w, CLIENT_OPTION_SERVERINFO, w->serverinfo, e,
                            "numbers of extensions, 0 to 65535, are expected");
    if (SSL_CTX_add_client_custom_ext(ssl, (unsigned)type, NULL, NULL, NULL, show_answer,
                                      (void *)(uintptr_t)&w->watch) != 1)
        return client_error(w, CLIENT_OPTION_SERVERINFO, w->serverinfo, e,
                            "the TLS library handles extension %u itself, or it stands twice",
                            (unsigned)type);
    return WS_OK;
}

static enum ws_err set_serverinfo(SSL_CTX *ssl, const struct client_wish *w, struct base_error *e) {
    struct base_bytes rest = base_bytes_of_str(w->serverinfo);
    enum ws_err err = WS_OK;

    for (unsigned i = 0; rest.len > 0 && err == WS_OK; i++) {
        struct base_bytes one = base_bytes_slice(rest, 0, base_bytes_find(rest, ','));
        if (i == SERVERINFO_MAX)
            return client_error(w, CLIENT_OPTION_SERVERINFO, w->serverinfo, e,
                                "at most %d extensions", SERVERINFO_MAX);
        err = ask_for(ssl, w, one, e);
        rest = base_bytes_slice(rest, one.len + 1, rest.len);
    }
    return err;
}

enum ws_err client_apply_extensions(SSL_CTX *ssl, const struct client_wish *w,
                                    struct base_error *e) {
    enum ws_err err = set_alpn(ssl, w, e);

    return err == WS_OK && w->serverinfo ? set_serverinfo(ssl, w, e) : err;
}
