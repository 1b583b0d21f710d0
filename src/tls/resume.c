/* SPDX-License-Identifier: Apache-2.0 */
/* tls/resume - sessions that are taken up again, keys shared before, early data
 *
 * -sess_in, -sess_out, -reconnect, -psk, -psk_identity, -psk_session, -early_data as in s_client;
 * renegotiation and key update inside a session. The session file holds secrets and is written with
 * mode 0600. RFC 8446 2.2, 4.2.10, 4.6.3; RFC 5746; RFC 4279. */
#include "tls/wish.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char default_identity[] = "Client_identity";

/* The library calls for each session that can be resumed; a reference is kept. */
static int note_session(SSL *ssl, SSL_SESSION *session) {
    struct tls_session *s = tls_session_of(ssl);

    if (!s || !s->context->wished)
        return 0;
    if (SSL_SESSION_up_ref(session) == 1) {
        SSL_SESSION_free(s->notes.newest);
        s->notes.newest = session;
    }
    if (SSL_version(ssl) == TLS1_3_VERSION)
        tls_wish_note_ticket(s, session);
    return 0;
}

static SSL_SESSION *read_session(const char *option, const char *path, struct base_error *e) {
    BIO *bio = BIO_new_file(path, "r");
    SSL_SESSION *session = NULL;

    if (!bio) {
        (void)tls_wish_error(e, option, path, "%s", strerror(errno));
        return NULL;
    }
    session = PEM_read_bio_SSL_SESSION(bio, NULL, NULL, NULL);
    BIO_free(bio);
    if (!session)
        (void)tls_wish_error(e, option, path,
                             "no session inside (a file that -sess_out wrote is expected)");
    return session;
}

static enum ws_err read_psk(struct tls_wished *w, struct base_error *e) {
    struct base_bytes hex = base_bytes_of_str(w->wish->psk);

    /* the value is a secret: it stays out of the message */
    if (hex.len == 0 || hex.len % 2 != 0 || hex.len / 2 > sizeof(w->psk))
        return tls_wish_error(e, "-psk", NULL,
                              "2 to %zu hexadecimal digits in pairs are expected, without 0x",
                              2 * sizeof(w->psk));
    for (size_t i = 0; i < hex.len; i++) {
        int digit = tls_hex_digit(hex.data[i]);
        if (digit < 0)
            return tls_wish_error(e, "-psk", NULL, "byte %zu is no hexadecimal digit", i + 1);
        w->psk[i / 2] = (unsigned char)(w->psk[i / 2] << 4 | digit);
    }
    w->psk_len = hex.len / 2;
    return WS_OK;
}

static const char *identity_of(const struct tls_wished *w) {
    return w->wish->psk_identity ? w->wish->psk_identity : default_identity;
}

/* TLS 1.2 and older. */
static unsigned give_psk(SSL *ssl, const char *hint, char *identity, unsigned identity_max,
                         unsigned char *psk, unsigned psk_max) {
    struct tls_session *s = tls_session_of(ssl);
    const struct tls_wished *w = s ? s->context->wished : NULL;
    size_t len;

    (void)hint;
    if (!w || w->psk_len > psk_max || strlen(identity_of(w)) >= identity_max)
        return 0;
    len = base_bytes_copy(identity, identity_max - 1, base_bytes_of_str(identity_of(w)));
    identity[len] = '\0';
    return (unsigned)base_bytes_copy(psk, psk_max, base_bytes_view(w->psk, w->psk_len));
}

/* A session made of nothing but the key, for SHA-256 suites (RFC 8446 4.2.11). */
static SSL_SESSION *psk_as_session(SSL *ssl, const struct tls_wished *w) {
    static const unsigned char suite_id[2] = {0x13, 0x01};
    const SSL_CIPHER *suite = SSL_CIPHER_find(ssl, suite_id);
    SSL_SESSION *session = suite ? SSL_SESSION_new() : NULL;

    if (session && SSL_SESSION_set1_master_key(session, w->psk, w->psk_len) == 1 &&
        SSL_SESSION_set_cipher(session, suite) == 1 &&
        SSL_SESSION_set_protocol_version(session, TLS1_3_VERSION) == 1)
        return session;
    SSL_SESSION_free(session);
    return NULL;
}

static SSL_SESSION *psk_for(SSL *ssl, const struct tls_wished *w) {
    if (w->psk_session)
        return SSL_SESSION_up_ref(w->psk_session) == 1 ? w->psk_session : NULL;
    return psk_as_session(ssl, w);
}

static int give_psk_session(SSL *ssl, const EVP_MD *md, const unsigned char **id, size_t *id_len,
                            SSL_SESSION **session) {
    struct tls_session *s = tls_session_of(ssl);
    const struct tls_wished *w = s ? s->context->wished : NULL;
    const SSL_CIPHER *suite;

    *id = NULL;
    *id_len = 0;
    *session = w ? psk_for(ssl, w) : NULL;
    if (!*session)
        return w ? 0 : 1;
    suite = SSL_SESSION_get0_cipher(*session);
    /* a second hello asks for one hash; a key for another is not offered then */
    if (!suite || (md && SSL_CIPHER_get_handshake_digest(suite) != md)) {
        SSL_SESSION_free(*session);
        *session = NULL;
        return suite != NULL;
    }
    *id = (const unsigned char *)identity_of(w);
    *id_len = strlen(identity_of(w));
    return 1;
}

static enum ws_err set_psk(SSL_CTX *ssl, struct tls_wished *w, struct base_error *e) {
    enum ws_err err = WS_OK;

    if (strlen(identity_of(w)) > PSK_MAX_IDENTITY_LEN)
        return tls_wish_error(e, "-psk_identity", NULL, "at most %d bytes", PSK_MAX_IDENTITY_LEN);
    if (w->wish->psk) {
        err = read_psk(w, e);
#ifdef OPENSSL_NO_PSK
        (void)give_psk;
#else
        SSL_CTX_set_psk_client_callback(ssl, give_psk);
#endif
    }
    if (err == WS_OK && w->wish->psk_session) {
        w->psk_session = read_session("-psk_session", w->wish->psk_session, e);
        err = w->psk_session ? WS_OK : WS_USAGE;
    }
    if (err == WS_OK)
        SSL_CTX_set_psk_use_session_callback(ssl, give_psk_session);
    return err;
}

enum ws_err tls_wish_resumption(SSL_CTX *ssl, struct tls_wished *w, struct base_error *e) {
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
    SSL_CTX_sess_set_new_cb(ssl, note_session);
    if (w->wish->session_in) {
        w->offer = read_session("-sess_in", w->wish->session_in, e);
        if (!w->offer)
            return WS_USAGE;
    }
    return w->wish->psk || w->wish->psk_session ? set_psk(ssl, w, e) : WS_OK;
}

/* For the owner alone, also when the file was there before; pipes are left as they are. */
static int open_private(const char *path) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
    struct stat st;

    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
        fchmod(fd, S_IRUSR | S_IWUSR) != 0) {
        int kept = errno;
        (void)close(fd);
        errno = kept;
        return -1;
    }
    return fd;
}

static enum ws_err write_session(SSL_SESSION *session, int fd, const char *path,
                                 struct base_error *e) {
    BIO *bio = BIO_new_fd(fd, BIO_NOCLOSE);
    bool ok = bio && PEM_write_bio_SSL_SESSION(bio, session) == 1;
    int kept = ok ? 0 : errno;

    BIO_free(bio);
    if (close(fd) != 0 && ok)
        kept = errno;
    ERR_clear_error();
    if (ok && kept == 0)
        return WS_OK;
    return base_error_set(e, WS_IO, "-sess_out %s: %s", path,
                          kept != 0 ? strerror(kept) : "cannot be written");
}

enum ws_err tls_session_save(const struct tls_session *s, const char *path, struct base_error *e) {
    SSL_SESSION *session = s->notes.newest ? s->notes.newest : SSL_get_session(s->ssl);
    int fd;

    if (!s->established || !session || SSL_SESSION_is_resumable(session) != 1)
        return base_error_set(e, WS_IO,
                              "-sess_out %s: the server gave no session that can be resumed", path);
    fd = open_private(path);
    if (fd < 0)
        return base_error_set(e, WS_IO, "-sess_out %s: %s", path, strerror(errno));
    errno = 0;
    return write_session(session, fd, path, e);
}

void tls_session_offer_again(const struct tls_session *s) {
    struct tls_wished *w = s->context->wished;
    SSL_SESSION *session;

    if (!w || !s->established)
        return;
    session = s->notes.newest ? s->notes.newest : SSL_get_session(s->ssl);
    /* a copy: the library spoils the session of a connection that ended without close_notify */
    session = session ? SSL_SESSION_dup(session) : NULL;
    if (!session)
        return;
    SSL_SESSION_free(w->offer);
    w->offer = session;
}

static uint32_t early_allowance(const struct tls_session *s) {
    const struct tls_wished *w = s->context->wished;
    const SSL_SESSION *session = SSL_get0_session(s->ssl);
    uint32_t allowed = session ? SSL_SESSION_get_max_early_data(session) : 0;

    if (allowed == 0 && w->psk_session)
        allowed = SSL_SESSION_get_max_early_data(w->psk_session);
    return allowed;
}

enum ws_err tls_session_set_early_data(struct tls_session *s, struct base_bytes data,
                                       struct base_error *e) {
    const struct tls_wished *w = s->context->wished;
    uint32_t allowed;

    if (!w || s->started)
        return base_error_set(e, WS_LIBRARY, "early data belongs before the handshake");
    if (!SSL_get0_session(s->ssl) && !w->psk_session)
        return base_error_set(e, WS_LIBRARY,
                              "-early_data needs a session (-sess_in, -psk_session)");
    allowed = early_allowance(s);
    if (allowed == 0)
        return base_error_set(e, WS_LIBRARY, "-early_data: this session does not allow it");
    base_buf_clear(&s->notes.early);
    base_buf_append_bytes(&s->notes.early, base_bytes_slice(data, 0, allowed));
    return s->notes.early.failed ? base_error_set(e, WS_LIMIT, "-early_data: too much") : WS_OK;
}

int tls_wished_send_early(struct tls_session *s) {
    struct base_bytes data = base_buf_view(&s->notes.early);
    size_t done = 0;

    if (SSL_write_early_data(s->ssl, data.data, data.len, &done) != 1)
        return SSL_do_handshake(s->ssl);
    s->notes.early_sent = true;
    base_buf_clear(&s->notes.early);
    return SSL_do_handshake(s->ssl);
}

enum ws_err tls_session_renegotiate(struct tls_session *s, base_usec now, struct base_error *e) {
    if (s->state != TLS_UP)
        return base_error_set(e, WS_LIBRARY, "no session is up");
    if (SSL_version(s->ssl) >= TLS1_3_VERSION)
        return base_error_set(e, WS_LIBRARY, "TLS 1.3 has no renegotiation, only key updates");
    if ((SSL_get_options(s->ssl) & SSL_OP_NO_RENEGOTIATION) != 0)
        return base_error_set(e, WS_LIBRARY, "renegotiation is switched off (-no_renegotiation)");
    ERR_clear_error();
    if (SSL_renegotiate(s->ssl) != 1)
        return base_error_set(e, WS_LIBRARY, "no renegotiation: %s",
                              tls_library_reason("the TLS library refused"));
    if (!tls_session_push(s, now))
        return base_error_set(e, WS_LIBRARY, "the renegotiation failed: %s", s->error);
    return WS_OK;
}

enum ws_err tls_session_key_update(struct tls_session *s, bool ask_peer, struct base_error *e) {
    if (s->state != TLS_UP)
        return base_error_set(e, WS_LIBRARY, "no session is up");
    if (SSL_version(s->ssl) < TLS1_3_VERSION)
        return base_error_set(e, WS_LIBRARY, "%s has no key updates, only renegotiation",
                              SSL_get_version(s->ssl));
    ERR_clear_error();
    if (SSL_key_update(s->ssl,
                       ask_peer ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED) != 1)
        return base_error_set(e, WS_LIBRARY, "no key update: %s",
                              tls_library_reason("the TLS library refused"));
    if (!tls_session_push(s, s->now))
        return base_error_set(e, WS_LIBRARY, "the key update failed: %s", s->error);
    return WS_OK;
}
