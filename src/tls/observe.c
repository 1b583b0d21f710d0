/* SPDX-License-Identifier: Apache-2.0 */
/* tls/observe - notes what passes in the handshake
 *
 * OpenSSL hands every handshake message to a callback, decrypted. What the server chose is read
 * here from its own words (wire/handshake), which gives exact numbers for groups and signature
 * schemes in every release of the library, and is logged by name; bytes in hex on request. */
#include "know/tls_alert.h"
#include "tls/internal.h"
#include "wire/handshake.h"
#include "wire/record.h"

static void note_server_hello(struct tls_session *s, struct base_bytes body) {
    struct tls_seen *seen = &s->seen;
    struct wire_server_hello hello;

    if (!wire_server_hello_parse(body, &hello)) {
        base_log_line(s->log, BASE_LOG_DEBUG, s->who, "ServerHello: %s does not fit at byte %zu",
                      hello.error, hello.error_at);
        return;
    }
    seen->version = hello.selected_version;
    seen->suite = hello.suite;
    seen->group = hello.group;
    if (hello.retry_request)
        return;
    seen->hello = true;
    seen->extended_master_secret = hello.extended_master_secret;
    seen->encrypt_then_mac = hello.encrypt_then_mac;
    seen->renegotiation_info = hello.renegotiation_info;
    seen->session_id = hello.session_id.len > 0;
}

static void note_key_exchange(struct tls_session *s, SSL *ssl, struct base_bytes body) {
    const unsigned char id[2] = {(unsigned char)(s->seen.suite >> 8),
                                 (unsigned char)(s->seen.suite & 0xff)};
    const SSL_CIPHER *suite = SSL_CIPHER_find(ssl, id);
    struct wire_key_exchange exchange;
    bool ecdhe = suite && SSL_CIPHER_get_kx_nid(suite) == NID_kx_ecdhe;

    if (!suite || (!ecdhe && SSL_CIPHER_get_kx_nid(suite) != NID_kx_dhe))
        return;
    if (!wire_key_exchange_parse(body, ecdhe ? WIRE_EXCHANGE_ECDHE : WIRE_EXCHANGE_DHE,
                                 s->seen.version, &exchange))
        return;
    s->seen.group = exchange.group;
    s->seen.prime_bits = exchange.prime_bits;
    s->seen.scheme = exchange.scheme;
    s->seen.is_signed = exchange.is_signed;
}

static void note_ticket(struct tls_session *s, struct base_bytes body) {
    struct wire_ticket ticket;

    if (!wire_ticket_parse(body, s->seen.version, &ticket) || ticket.length == 0)
        return;
    s->seen.tickets++;
    s->seen.ticket_lifetime = ticket.lifetime;
}

static void note_handshake(struct tls_session *s, SSL *ssl, bool from_server, uint8_t type,
                           struct base_bytes body) {
    if (!from_server)
        return;
    if (s->seen.answered == 0)
        s->seen.answered = s->now;
    if (type == WIRE_MESSAGE_CERTIFICATE && s->seen.certified == 0)
        s->seen.certified = s->now;
    switch (type) {
    case WIRE_MESSAGE_SERVER_HELLO:
        note_server_hello(s, body);
        break;
    case WIRE_MESSAGE_SERVER_KEY_EXCHANGE:
        note_key_exchange(s, ssl, body);
        break;
    case WIRE_MESSAGE_CERTIFICATE_VERIFY:
        s->seen.scheme = wire_certificate_verify_scheme(body);
        break;
    case WIRE_MESSAGE_CERTIFICATE_REQUEST:
        s->seen.certificate_request = true;
        break;
    case WIRE_MESSAGE_NEW_SESSION_TICKET:
        note_ticket(s, body);
        break;
    default:
        break;
    }
}

/* Every alert of TLS 1.3 but these two ends the connection, whatever its level says (RFC 8446 6).
 */
static bool alert_is_fatal(const struct tls_session *s, uint8_t level, uint8_t description) {
    if (description == 0 || description == 90)
        return false;
    return level == 2 || s->seen.version >= 0x0304;
}

static void note_alert(struct tls_session *s, bool out, struct base_bytes b) {
    uint8_t level = b.data[0], description = b.data[1];
    int *kept = out ? &s->seen.alert_out : &s->seen.alert_in;
    bool *kept_fatal = out ? &s->seen.alert_out_fatal : &s->seen.alert_in_fatal;
    bool fatal = alert_is_fatal(s, level, description);

    if (out == s->context->server && s->seen.answered == 0)
        s->seen.answered = s->now;
    base_log_line(s->log, BASE_LOG_DEBUG, s->who, "%s alert %u %s (%s)", out ? ">" : "<",
                  description, know_tls_alert_name(description), fatal ? "fatal" : "warning");
    /* The close_notify at the end of a good session is no event. */
    if ((s->established && !fatal) || *kept_fatal)
        return;
    *kept = description;
    *kept_fatal = fatal;
}

static void log_handshake(const struct tls_session *s, bool out, struct base_bytes message,
                          const char *name) {
    base_log_line(s->log, BASE_LOG_DEBUG, s->who, "%s %s, %zu bytes", out ? ">" : "<", name,
                  message.len);
    base_log_hex(s->log, s->who, out ? "> " : "< ", message);
}

static bool is_retry(uint8_t type, struct base_bytes body) {
    struct wire_server_hello hello;

    return type == WIRE_MESSAGE_SERVER_HELLO && wire_server_hello_parse(body, &hello) &&
           hello.retry_request;
}

void tls_observe_message(int write_p, int version, int content_type, const void *buf, size_t len,
                         SSL *ssl, void *arg) {
    struct tls_session *s = arg;
    struct base_bytes message = base_bytes_view(buf, len);
    struct base_bytes body;
    struct base_reader r;
    bool out = write_p != 0;
    uint8_t type;

    if (s->context->hooks->message)
        s->context->hooks->message(s, out, version, content_type, message);
    base_reader_init(&r, message);
    if (content_type == WIRE_CONTENT_ALERT && len == 2) {
        note_alert(s, out, message);
    } else if (content_type == WIRE_CONTENT_HANDSHAKE && wire_handshake_next(&r, &type, &body)) {
        if (base_log_wants(s->log, BASE_LOG_DEBUG))
            log_handshake(s, out, message,
                          is_retry(type, body) ? "HelloRetryRequest" : wire_message_name(type));
        if (type == WIRE_MESSAGE_CLIENT_HELLO && s->hello.len == 0)
            base_buf_append_bytes(&s->hello, message);
        note_handshake(s, ssl, out == s->context->server, type, body);
    }
}
