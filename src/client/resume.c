/* SPDX-License-Identifier: Apache-2.0 */
/* client/resume - sessions that are taken up again, keys shared before, early data
 *
 * As s_client has them; renegotiation and key update inside a session. The session file holds
 * secrets and is written with mode 0600. RFC 8446 2.2, 4.2.10, 4.6.3; RFC 5746; RFC 4279. */
#include "client/internal.h"

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
    struct client_session *n = client_session_of(s);

    if (!n)
        return 0;
    if (SSL_SESSION_up_ref(session) == 1) {
        SSL_SESSION_free(n->newest);
        n->newest = session;
    }
    if (SSL_version(ssl) == TLS1_3_VERSION)
        client_note_ticket(s, session);
    return 0;
}

static SSL_SESSION *read_session(const struct client_wish *w, enum client_option option,
                                 const char *path, struct base_error *e) {
    BIO *bio = BIO_new_file(path, "r");
    SSL_SESSION *session = NULL;

    if (!bio) {
        (void)client_error(w, option, path, e, "%s", strerror(errno));
        return NULL;
    }
    session = PEM_read_bio_SSL_SESSION(bio, NULL, NULL, NULL);
    BIO_free(bio);
    if (!session)
        (void)client_error(w, option, path, e,
                           "no session inside (a file that %s wrote is expected)",
                           client_option_name(w, CLIENT_OPTION_SESSION_OUT));
    return session;
}

static enum ws_err read_psk(struct client_context *c, struct base_error *e) {
    struct base_bytes hex = base_bytes_of_str(c->wish->psk);

    /* the value is a secret: it stays out of the message */
    if (hex.len == 0 || hex.len % 2 != 0 || hex.len / 2 > sizeof(c->psk))
        return client_error(c->wish, CLIENT_OPTION_PSK, NULL, e,
                            "2 to %zu hexadecimal digits in pairs are expected, without 0x",
                            2 * sizeof(c->psk));
    for (size_t i = 0; i < hex.len; i++) {
        int digit = client_hex_digit(hex.data[i]);
        if (digit < 0)
            return client_error(c->wish, CLIENT_OPTION_PSK, NULL, e,
                                "byte %zu is no hexadecimal digit", i + 1);
        c->psk[i / 2] = (unsigned char)(c->psk[i / 2] << 4 | digit);
    }
    c->psk_len = hex.len / 2;
    return WS_OK;
}

static const char *identity_of(const struct client_context *c) {
    return c->wish->psk_identity ? c->wish->psk_identity : default_identity;
}

/* TLS 1.2 and older. */
static unsigned give_psk(SSL *ssl, const char *hint, char *identity, unsigned identity_max,
                         unsigned char *psk, unsigned psk_max) {
    const struct client_context *c = client_context_of(tls_session_of(ssl));
    size_t len;

    (void)hint;
    if (!c || c->psk_len > psk_max || strlen(identity_of(c)) >= identity_max)
        return 0;
    len = base_bytes_copy(identity, identity_max - 1, base_bytes_of_str(identity_of(c)));
    identity[len] = '\0';
    return (unsigned)base_bytes_copy(psk, psk_max, base_bytes_view(c->psk, c->psk_len));
}

/* A session made of nothing but the key, for SHA-256 suites (RFC 8446 4.2.11). */
static SSL_SESSION *psk_as_session(SSL *ssl, const struct client_context *c) {
    static const unsigned char suite_id[2] = {0x13, 0x01};
    const SSL_CIPHER *suite = SSL_CIPHER_find(ssl, suite_id);
    SSL_SESSION *session = suite ? SSL_SESSION_new() : NULL;

    if (session && SSL_SESSION_set1_master_key(session, c->psk, c->psk_len) == 1 &&
        SSL_SESSION_set_cipher(session, suite) == 1 &&
        SSL_SESSION_set_protocol_version(session, TLS1_3_VERSION) == 1)
        return session;
    SSL_SESSION_free(session);
    return NULL;
}

static SSL_SESSION *psk_for(SSL *ssl, const struct client_context *c) {
    if (c->psk_session)
        return SSL_SESSION_up_ref(c->psk_session) == 1 ? c->psk_session : NULL;
    return psk_as_session(ssl, c);
}

static int give_psk_session(SSL *ssl, const EVP_MD *md, const unsigned char **id, size_t *id_len,
                            SSL_SESSION **session) {
    const struct client_context *c = client_context_of(tls_session_of(ssl));
    const SSL_CIPHER *suite;

    *id = NULL;
    *id_len = 0;
    *session = c ? psk_for(ssl, c) : NULL;
    if (!*session)
        return c ? 0 : 1;
    suite = SSL_SESSION_get0_cipher(*session);
    /* a second hello asks for one hash; a key for another is not offered then */
    if (!suite || (md && SSL_CIPHER_get_handshake_digest(suite) != md)) {
        SSL_SESSION_free(*session);
        *session = NULL;
        return suite != NULL;
    }
    *id = (const unsigned char *)identity_of(c);
    *id_len = strlen(identity_of(c));
    return 1;
}

static enum ws_err set_psk(SSL_CTX *ssl, struct client_context *c, struct base_error *e) {
    enum ws_err err = WS_OK;

    if (strlen(identity_of(c)) > PSK_MAX_IDENTITY_LEN)
        return client_error(c->wish, CLIENT_OPTION_PSK_IDENTITY, NULL, e, "at most %d bytes",
                            PSK_MAX_IDENTITY_LEN);
    if (c->wish->psk) {
        err = read_psk(c, e);
#ifdef OPENSSL_NO_PSK
        (void)give_psk;
#else
        SSL_CTX_set_psk_client_callback(ssl, give_psk);
#endif
    }
    if (err == WS_OK && c->wish->psk_session) {
        c->psk_session = read_session(c->wish, CLIENT_OPTION_PSK_SESSION, c->wish->psk_session, e);
        err = c->psk_session ? WS_OK : WS_USAGE;
    }
    if (err == WS_OK)
        SSL_CTX_set_psk_use_session_callback(ssl, give_psk_session);
    return err;
}

enum ws_err client_apply_resumption(SSL_CTX *ssl, struct client_context *c, struct base_error *e) {
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
    SSL_CTX_sess_set_new_cb(ssl, note_session);
    if (c->wish->session_in) {
        c->offer = read_session(c->wish, CLIENT_OPTION_SESSION_IN, c->wish->session_in, e);
        if (!c->offer)
            return WS_USAGE;
    }
    return c->wish->psk || c->wish->psk_session ? set_psk(ssl, c, e) : WS_OK;
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

/* The newest session; NULL: none. */
static SSL_SESSION *newest(const struct tls_session *s) {
    const struct client_session *n = client_session_of(s);

    if (!n || !tls_session_view(s).established)
        return NULL;
    return n->newest ? n->newest : SSL_get_session(tls_session_ssl(s));
}

static int write_session(SSL_SESSION *session, int fd) {
    BIO *bio = BIO_new_fd(fd, BIO_NOCLOSE);
    bool ok = bio && PEM_write_bio_SSL_SESSION(bio, session) == 1;
    int wrong = ok ? 0 : errno;

    BIO_free(bio);
    if (close(fd) != 0 && ok)
        wrong = errno;
    ERR_clear_error();
    return ok || wrong != 0 ? wrong : EIO;
}

enum ws_err client_save_session(const struct tls_session *s, const char *path,
                                struct base_error *e) {
    const struct client_context *c = client_context_of(s);
    const char *option = c ? client_option_name(c->wish, CLIENT_OPTION_SESSION_OUT) : "";
    SSL_SESSION *session = newest(s);
    int fd, wrong;

    if (!session || SSL_SESSION_is_resumable(session) != 1)
        return base_error_set(e, WS_IO, "%s %s: the server gave no session that can be resumed",
                              option, path);
    fd = open_private(path);
    errno = fd < 0 ? errno : 0;
    wrong = fd < 0 ? errno : write_session(session, fd);
    return wrong == 0 ? WS_OK
                      : base_error_set(e, WS_IO, "%s %s: %s", option, path, strerror(wrong));
}

void client_offer_again(const struct tls_session *s) {
    struct client_context *c = client_context_of(s);
    SSL_SESSION *session = newest(s);

    /* a copy: the library spoils the session of a connection that ended without close_notify */
    session = session ? SSL_SESSION_dup(session) : NULL;
    if (!session)
        return;
    SSL_SESSION_free(c->offer);
    c->offer = session;
}

static uint32_t early_allowance(const SSL_SESSION *session, const struct client_context *c) {
    uint32_t allowed = session ? SSL_SESSION_get_max_early_data(session) : 0;

    if (allowed == 0 && c->psk_session)
        allowed = SSL_SESSION_get_max_early_data(c->psk_session);
    return allowed;
}

enum ws_err client_set_early_data(struct tls_session *s, struct base_bytes data,
                                  struct base_error *e) {
    const struct client_context *c = client_context_of(s);
    struct client_session *n = client_session_of(s);
    const SSL_SESSION *session = SSL_get0_session(tls_session_ssl(s));
    const char *option;
    uint32_t allowed;

    if (!c || tls_session_view(s).started)
        return base_error_set(e, WS_LIBRARY, "early data belongs before the handshake");
    option = client_option_name(c->wish, CLIENT_OPTION_EARLY_DATA);
    if (!session && !c->psk_session)
        return base_error_set(e, WS_LIBRARY, "%s needs a session (%s, %s)", option,
                              client_option_name(c->wish, CLIENT_OPTION_SESSION_IN),
                              client_option_name(c->wish, CLIENT_OPTION_PSK_SESSION));
    allowed = early_allowance(session, c);
    if (allowed == 0)
        return base_error_set(e, WS_LIBRARY, "%s: this session does not allow it", option);
    base_buf_clear(&n->early);
    base_buf_append_bytes(&n->early, base_bytes_slice(data, 0, allowed));
    return n->early.failed ? base_error_set(e, WS_LIMIT, "%s: too much", option) : WS_OK;
}

/* When it can't be sent the handshake behind it tells why. */
void client_send_early(struct tls_session *s) {
    struct base_buf *early = &client_session_of(s)->early;
    struct base_bytes data = base_buf_view(early);
    size_t done = 0;

    if (data.len > 0 && SSL_write_early_data(tls_session_ssl(s), data.data, data.len, &done) == 1)
        base_buf_clear(early);
}

enum ws_err client_renegotiate(struct tls_session *s, struct base_error *e) {
    SSL *ssl = tls_session_ssl(s);
    const struct client_context *c = client_context_of(s);

    if (tls_session_state(s) != TLS_UP)
        return base_error_set(e, WS_LIBRARY, "no session is up");
    if (SSL_version(ssl) >= TLS1_3_VERSION)
        return base_error_set(e, WS_LIBRARY, "TLS 1.3 has no renegotiation, only key updates");
    if ((SSL_get_options(ssl) & SSL_OP_NO_RENEGOTIATION) != 0)
        return base_error_set(e, WS_LIBRARY, "renegotiation is switched off%s%s%s", c ? " (" : "",
                              c ? client_option_name(c->wish, CLIENT_OPTION_NO_RENEGOTIATION) : "",
                              c ? ")" : "");
    ERR_clear_error();
    if (SSL_renegotiate(ssl) != 1)
        return base_error_set(e, WS_LIBRARY, "no renegotiation: %s",
                              tls_library_reason("the TLS library refused"));
    if (!tls_session_push(s))
        return base_error_set(e, WS_LIBRARY, "the renegotiation failed: %s",
                              tls_session_view(s).error);
    return WS_OK;
}

enum ws_err client_key_update(struct tls_session *s, bool ask_peer, struct base_error *e) {
    SSL *ssl = tls_session_ssl(s);

    if (tls_session_state(s) != TLS_UP)
        return base_error_set(e, WS_LIBRARY, "no session is up");
    if (SSL_version(ssl) < TLS1_3_VERSION)
        return base_error_set(e, WS_LIBRARY, "%s has no key updates, only renegotiation",
                              SSL_get_version(ssl));
    ERR_clear_error();
    if (SSL_key_update(ssl, ask_peer ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED) !=
        1)
        return base_error_set(e, WS_LIBRARY, "no key update: %s",
                              tls_library_reason("the TLS library refused"));
    if (!tls_session_push(s))
        return base_error_set(e, WS_LIBRARY, "the key update failed: %s",
                              tls_session_view(s).error);
    return WS_OK;
}
