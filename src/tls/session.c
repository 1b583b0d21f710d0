/* SPDX-License-Identifier: Apache-2.0 */
/* tls/session - a real TLS session without I/O
 *
 * Ciphertext goes in by feed, comes out of `output`; plaintext collects in `plain`. The driver owns
 * the connection and the time. A session begins HANDSHAKING and ends UP, then CLOSED, or FAILED;
 * how it failed (alert, our own refusal, something that is not TLS, end of stream, time) is kept as
 * a fact.
 *
 * One feed handles everything in it: the handshake may complete on its first call, and data behind
 * the Finished in the same segment is decrypted in the same call. Buffers are bounded: a peer that
 * floods fails the session. The log, the context and `who` (copied) outlive or equal the session.
 * RFC 8446. */
#include "tls/session.h"

#include "tls/internal.h"
#include "wire/record.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#define PLAIN_MAX ((size_t)4 * 1024 * 1024)
#define OUTPUT_MAX ((size_t)8 * 1024 * 1024)
#define READ_CHUNK 4096

static const char *state_name(enum tls_state state) {
    static const char *const names[] = {"handshaking", "up", "failed", "closed"};

    return names[state];
}

static void set_state(struct tls_session *s, enum tls_state next) {
    if (next == s->state)
        return;
    base_log_line(s->log, BASE_LOG_DEBUG, s->who, "tls: %s -> %s", state_name(s->state),
                  state_name(next));
    s->state = next;
}

/* --- for the room above (tls/inside.h) --- */

struct tls_session *tls_session_of(const SSL *ssl) {
    return ssl ? SSL_get_app_data(ssl) : NULL;
}

SSL *tls_session_ssl(const struct tls_session *s) {
    return s->ssl;
}

void *tls_session_room(const struct tls_session *s, const struct tls_hooks *hooks) {
    return s->context->hooks == hooks ? s->context->room : NULL;
}

void *tls_session_own(const struct tls_session *s) {
    return s->own;
}

struct tls_view tls_session_view(const struct tls_session *s) {
    bool over = s->ended != 0;

    return (struct tls_view){
        .log = s->log,
        .who = s->who,
        .sni = s->sni,
        .hello = base_buf_view(&s->hello),
        .started = s->started,
        .established = s->established,
        .bytes_in = over ? s->handshake_in : s->bytes_in,
        .bytes_out = over ? s->handshake_out : s->bytes_out,
        .error = s->error,
        .queue = s->library_queue,
    };
}

/* --- making and freeing --- */

void tls_session_free(struct tls_session *s) {
    if (!s)
        return;
    SSL_free(s->ssl);
    base_buf_release(&s->output);
    base_buf_release(&s->plain);
    base_buf_release(&s->waiting);
    base_buf_release(&s->hello);
    if (s->context->hooks->release && s->own)
        s->context->hooks->release(s->own);
    free(s);
}

static bool set_name(struct tls_session *s) {
    return s->sni[0] == '\0' || SSL_set_tlsext_host_name(s->ssl, s->sni) == 1;
}

static bool attach(struct tls_session *s) {
    BIO *bio = tls_bio_new(s);

    if (!bio)
        return false;
    SSL_set_bio(s->ssl, bio, bio);
    SSL_set_app_data(s->ssl, s);
    SSL_set_mode(s->ssl, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER); /* what waits may be copied */
    SSL_set_msg_callback(s->ssl, tls_observe_message);
    SSL_set_msg_callback_arg(s->ssl, s);
    if (s->context->server) {
        SSL_set_accept_state(s->ssl);
        return true;
    }
    SSL_set_connect_state(s->ssl);
    return set_name(s);
}

enum ws_err tls_session_new(struct tls_context *c, const char *sni, const struct base_log *log,
                            const char *who, struct tls_session **out, struct base_error *e) {
    struct tls_session *s;
    enum ws_err err = WS_OK;

    *out = NULL;
    if (sni && strlen(sni) > TLSEXT_MAXLEN_host_name)
        return base_error_set(e, WS_USAGE, "the server name for TLS is longer than %d bytes",
                              TLSEXT_MAXLEN_host_name);
    s = calloc(1, sizeof(*s));
    if (!s)
        return base_error_set(e, WS_NOMEM, "out of memory");
    s->context = c;
    s->log = log;
    s->seen.alert_in = s->seen.alert_out = -1;
    (void)base_bytes_copy(s->who, sizeof(s->who) - 1, base_bytes_of_str(who));
    (void)base_bytes_copy(s->sni, sizeof(s->sni) - 1, base_bytes_of_str(c->server ? "" : sni));
    base_buf_init(&s->output, OUTPUT_MAX);
    base_buf_init(&s->plain, PLAIN_MAX);
    base_buf_init(&s->waiting, PLAIN_MAX);
    base_buf_init(&s->hello, TLS_HELLO_MAX);
    ERR_clear_error();
    s->ssl = SSL_new(c->ssl);
    if (!s->ssl || !attach(s)) {
        tls_session_free(s);
        ERR_clear_error();
        return base_error_set(e, WS_LIBRARY, "the TLS library could not make a session");
    }
    if (c->hooks->attach)
        err = c->hooks->attach(s, &s->own, e);
    if (err != WS_OK) {
        tls_session_free(s);
        return err;
    }
    /* the hook may have set a name where there was none, as DANE does */
    if (s->sni[0] == '\0' && !c->server)
        (void)base_bytes_copy(s->sni, sizeof(s->sni) - 1,
                              base_bytes_of_str(SSL_get_servername(s->ssl, 0)));
    *out = s;
    return WS_OK;
}

/* One line of the error queue goes behind the others; those that do not fit are left out. */
static int keep_queued(const char *line, size_t len, void *arg) {
    struct tls_session *s = arg;
    size_t used = strlen(s->library_queue);

    if (len < sizeof(s->library_queue) - used)
        (void)base_bytes_copy((uint8_t *)s->library_queue + used, len, base_bytes_view(line, len));
    return 1;
}

static void keep_error(struct tls_session *s, const char *fallback) {
    const char *reason = ERR_reason_error_string(ERR_peek_error());

    if (s->library_error[0] == '\0' && ERR_peek_error() != 0) {
        ERR_error_string_n(ERR_peek_error(), s->library_error, sizeof(s->library_error));
        ERR_print_errors_cb(keep_queued, s);
    }
    if (s->error[0] == '\0')
        (void)base_bytes_copy(s->error, sizeof(s->error) - 1,
                              base_bytes_of_str(reason ? reason : fallback));
    ERR_clear_error();
}

static void finish_handshake(struct tls_session *s, base_usec now) {
    if (s->established || s->ended != 0)
        return;
    s->ended = now;
    s->handshake_in = s->bytes_in;
    s->handshake_out = s->bytes_out;
}

static void fail(struct tls_session *s, enum facts_handshake_end end, base_usec now) {
    if (s->state == TLS_FAILED || s->state == TLS_CLOSED)
        return;
    finish_handshake(s, now);
    if (!s->established)
        s->end = end;
    set_state(s, TLS_FAILED);
}

/* What the first bytes say counts more than how the connection ended. */
static enum facts_handshake_end judge_first(struct tls_session *s, enum facts_handshake_end end) {
    struct wire_first first = wire_record_classify(base_bytes_view(s->first, s->first_len));

    if (wire_start_is_foreign(first.start))
        return FACTS_HANDSHAKE_PLAINTEXT;
    if (first.start != WIRE_START_SSLV2)
        return end;
    keep_error(s, "the answer is an SSL 2.0 record");
    return FACTS_HANDSHAKE_LOCAL;
}

static void fail_by_library(struct tls_session *s, int ssl_error, base_usec now) {
    if (s->output.failed)
        keep_error(s, "more output waits than the limit allows");
    else if (ssl_error == SSL_ERROR_ZERO_RETURN)
        keep_error(s, "the peer closed the session inside the handshake");
    else
        keep_error(s, "the TLS library gave no reason");
    if (ssl_error == SSL_ERROR_ZERO_RETURN)
        fail(s, FACTS_HANDSHAKE_CLOSED, now);
    else if (s->seen.alert_in_fatal)
        fail(s, FACTS_HANDSHAKE_ALERT, now);
    else
        fail(s, judge_first(s, FACTS_HANDSHAKE_LOCAL), now);
}

static void drive_handshake(struct tls_session *s, base_usec now) {
    int rc, ssl_error;

    ERR_clear_error();
    if (s->bytes_out == 0 && s->context->hooks->start)
        s->context->hooks->start(s);
    rc = SSL_do_handshake(s->ssl);
    if (rc == 1) {
        finish_handshake(s, now);
        s->established = true;
        set_state(s, TLS_UP);
        return;
    }
    ssl_error = SSL_get_error(s->ssl, rc);
    if (ssl_error != SSL_ERROR_WANT_READ && ssl_error != SSL_ERROR_WANT_WRITE)
        fail_by_library(s, ssl_error, now);
}

static void drive_reading(struct tls_session *s, base_usec now) {
    while (s->state == TLS_UP) {
        uint8_t *room = base_buf_reserve(&s->plain, READ_CHUNK);
        size_t got = 0;
        int ssl_error;

        if (!room) {
            keep_error(s, "more decrypted data waits than the limit allows");
            fail(s, FACTS_HANDSHAKE_NONE, now);
            return;
        }
        ERR_clear_error();
        if (SSL_read_ex(s->ssl, room, READ_CHUNK, &got) == 1) {
            base_buf_commit(&s->plain, got);
            continue;
        }
        ssl_error = SSL_get_error(s->ssl, 0);
        if (ssl_error == SSL_ERROR_ZERO_RETURN)
            set_state(s, TLS_CLOSED);
        else if (ssl_error != SSL_ERROR_WANT_READ)
            fail_by_library(s, ssl_error, now);
        else
            return;
    }
}

enum written { WRITTEN, WRITE_LATER, WRITE_FAILED };

/* Encrypts; in the middle of a renegotiation the library takes nothing. */
static enum written encrypt(struct tls_session *s, struct base_bytes plain) {
    size_t done = 0;
    int rc;

    if (plain.len == 0)
        return WRITTEN;
    ERR_clear_error();
    rc = SSL_write_ex(s->ssl, plain.data, plain.len, &done);
    if (rc == 1 && done == plain.len)
        return WRITTEN;
    if (rc != 1 && SSL_get_error(s->ssl, rc) == SSL_ERROR_WANT_READ)
        return WRITE_LATER;
    keep_error(s, "the TLS library could not encrypt");
    return WRITE_FAILED;
}

static void drive_waiting(struct tls_session *s, base_usec now) {
    switch (encrypt(s, base_buf_view(&s->waiting))) {
    case WRITTEN:
        base_buf_clear(&s->waiting);
        break;
    case WRITE_FAILED:
        fail(s, FACTS_HANDSHAKE_NONE, now);
        break;
    case WRITE_LATER:
        break;
    }
}

static void drive(struct tls_session *s, base_usec now) {
    s->now = now;
    if (s->state == TLS_HANDSHAKING && s->started)
        drive_handshake(s, now);
    if (s->state == TLS_UP)
        drive_reading(s, now);
    if (s->state == TLS_UP && s->waiting.len > 0)
        drive_waiting(s, now);
}

void tls_session_start(struct tls_session *s, base_usec now) {
    if (s->started)
        return;
    s->started = true;
    s->begun = now;
    base_log_line(s->log, BASE_LOG_DEBUG, s->who, "tls: handshake begins, server name %s",
                  s->sni[0] != '\0' ? s->sni : "not sent");
    drive(s, now);
}

/* The start of what the peer sent is kept, to show it when it is not TLS. */
static void keep_first(struct tls_session *s, struct base_bytes in) {
    s->first_len += base_bytes_copy(s->first + s->first_len, sizeof(s->first) - s->first_len, in);
}

void tls_session_feed(struct tls_session *s, struct base_bytes in, base_usec now) {
    keep_first(s, in);
    if (s->state == TLS_FAILED || s->state == TLS_CLOSED)
        return;
    s->in = in;
    drive(s, now);
    s->in = BASE_BYTES_EMPTY;
}

void tls_session_peer_closed(struct tls_session *s, bool reset, base_usec now) {
    enum facts_handshake_end end = reset ? FACTS_HANDSHAKE_RESET : FACTS_HANDSHAKE_CLOSED;

    if (s->state == TLS_UP)
        set_state(s, TLS_CLOSED);
    if (s->state == TLS_HANDSHAKING)
        fail(s, judge_first(s, end), now);
}

void tls_session_timeout(struct tls_session *s, base_usec now) {
    if (s->state == TLS_HANDSHAKING)
        fail(s, judge_first(s, FACTS_HANDSHAKE_TIMEOUT), now);
}

bool tls_session_push(struct tls_session *s) {
    int rc;

    ERR_clear_error();
    rc = SSL_do_handshake(s->ssl);
    if (rc == 1 || SSL_get_error(s->ssl, rc) == SSL_ERROR_WANT_READ)
        return true;
    fail_by_library(s, SSL_get_error(s->ssl, rc), s->now);
    return false;
}

const char *tls_session_library_error(const struct tls_session *s) {
    return s->library_error;
}

enum tls_state tls_session_state(const struct tls_session *s) {
    return s->state;
}

struct base_buf *tls_session_output(struct tls_session *s) {
    return &s->output;
}

struct base_buf *tls_session_plain(struct tls_session *s) {
    return &s->plain;
}

enum ws_err tls_session_write(struct tls_session *s, struct base_bytes plain) {
    enum written written = WRITE_LATER;

    if (s->state != TLS_UP)
        return WS_LIBRARY;
    if (s->waiting.len == 0)
        written = encrypt(s, plain);
    if (written == WRITE_FAILED)
        return s->output.failed ? WS_LIMIT : WS_LIBRARY;
    if (written == WRITE_LATER)
        base_buf_append_bytes(&s->waiting, plain);
    return s->waiting.failed ? WS_LIMIT : WS_OK;
}

void tls_session_close(struct tls_session *s) {
    if (s->state != TLS_UP && !(s->state == TLS_CLOSED && s->established))
        return;
    ERR_clear_error();
    (void)SSL_shutdown(s->ssl);
    ERR_clear_error();
}
