/* SPDX-License-Identifier: Apache-2.0 */
/* client/watch - what passes, told while it passes
 *
 * The handshake's states, its messages with their bytes, extensions, security decisions and
 * tickets, in the lines that s_client's users know; and the secrets, for a packet analyser. The
 * watcher gets text that is safe to show; decoding messages in words is done elsewhere, from the
 * same bytes. */
#include "know/tls_alert.h"
#include "client/internal.h"
#include "wire/handshake.h"
#include "wire/record.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_BYTES ((size_t)1024 * 1024)

struct number_name {
    int number;
    const char *name;
};

static const char *find_name(const struct number_name *list, size_t count, int number,
                             const char *fallback) {
    for (size_t i = 0; i < count; i++)
        if (list[i].number == number)
            return list[i].name;
    return fallback;
}
#define FIND(list, number, fallback)                                                               \
    find_name(list, sizeof(list) / sizeof((list)[0]), number, fallback)

static const struct number_name versions[] = {
    {SSL3_VERSION, "SSL 3.0"},   {TLS1_VERSION, "TLS 1.0"},   {TLS1_1_VERSION, "TLS 1.1"},
    {TLS1_2_VERSION, "TLS 1.2"}, {TLS1_3_VERSION, "TLS 1.3"},
};

static const struct number_name contents[] = {
    {SSL3_RT_CHANGE_CIPHER_SPEC, "ChangeCipherSpec"},
    {SSL3_RT_ALERT, "Alert"},
    {SSL3_RT_HANDSHAKE, "Handshake"},
    {SSL3_RT_APPLICATION_DATA, "ApplicationData"},
    {SSL3_RT_HEADER, "RecordHeader"},
    {SSL3_RT_INNER_CONTENT_TYPE, "InnerContent"},
};

static const struct number_name extensions[] = {
    {TLSEXT_TYPE_server_name, "server name"},
    {TLSEXT_TYPE_max_fragment_length, "max fragment length"},
    {TLSEXT_TYPE_status_request, "status request"},
    {TLSEXT_TYPE_supported_groups, "supported_groups"},
    {TLSEXT_TYPE_ec_point_formats, "EC point formats"},
    {TLSEXT_TYPE_signature_algorithms, "signature algorithms"},
    {TLSEXT_TYPE_use_srtp, "use SRTP"},
    {TLSEXT_TYPE_application_layer_protocol_negotiation, "application layer protocol negotiation"},
    {TLSEXT_TYPE_signed_certificate_timestamp, "signed certificate timestamps"},
    {19, "client cert type"},
    {20, "server cert type"},
    {TLSEXT_TYPE_padding, "TLS padding"},
    {TLSEXT_TYPE_encrypt_then_mac, "encrypt-then-mac"},
    {TLSEXT_TYPE_extended_master_secret, "extended master secret"},
    {27, "compress certificate"},
    {TLSEXT_TYPE_session_ticket, "session ticket"},
    {TLSEXT_TYPE_psk, "psk"},
    {TLSEXT_TYPE_early_data, "early data"},
    {TLSEXT_TYPE_supported_versions, "supported versions"},
    {TLSEXT_TYPE_psk_kex_modes, "psk kex modes"},
    {TLSEXT_TYPE_certificate_authorities, "certificate authorities"},
    {TLSEXT_TYPE_post_handshake_auth, "post handshake auth"},
    {TLSEXT_TYPE_key_share, "key share"},
    {TLSEXT_TYPE_renegotiate, "renegotiation info"},
};

static const struct number_name decisions[] = {
    {SSL_SECOP_CIPHER_SUPPORTED, "Supported Ciphersuite"},
    {SSL_SECOP_CIPHER_SHARED, "Shared Ciphersuite"},
    {SSL_SECOP_CIPHER_CHECK, "Check Ciphersuite"},
    {SSL_SECOP_TMP_DH, "Temp DH key bits"},
    {SSL_SECOP_CURVE_SUPPORTED, "Supported Curve"},
    {SSL_SECOP_CURVE_SHARED, "Shared Curve"},
    {SSL_SECOP_CURVE_CHECK, "Check Curve"},
    {SSL_SECOP_SIGALG_SUPPORTED, "Supported Signature Algorithm"},
    {SSL_SECOP_SIGALG_SHARED, "Shared Signature Algorithm"},
    {SSL_SECOP_SIGALG_CHECK, "Check Signature Algorithm"},
    {SSL_SECOP_SIGALG_MASK, "Signature Algorithm mask"},
    {SSL_SECOP_EE_KEY, "Certificate chain EE key"},
    {SSL_SECOP_CA_KEY, "Certificate chain CA key"},
    {SSL_SECOP_PEER_EE_KEY, "Peer Chain EE key"},
    {SSL_SECOP_PEER_CA_KEY, "Peer Chain CA key"},
    {SSL_SECOP_CA_MD, "Certificate chain CA digest"},
    {SSL_SECOP_PEER_CA_MD, "Peer chain CA digest"},
    {SSL_SECOP_COMPRESSION, "SSL compression"},
    {SSL_SECOP_TICKET, "Session ticket"},
    {SSL_SECOP_VERSION, "Version"},
};

static const struct client_watch *watch_of(const struct tls_session *s) {
    const struct client_context *c = client_context_of(s);

    return c && c->wish->watch.text ? &c->wish->watch : NULL;
}

static void tell(const struct client_watch *watch, enum client_watch_kind kind,
                 struct base_buf *text) {
    watch->text(watch->arg, kind, base_buf_cstr(text));
    base_buf_release(text);
}

/* Waiting for bytes is no error: s_client reads a blocking socket and never sees it. The state in
 * which it was waited for is told a second time then. */
static bool is_waiting(const SSL *ssl, int where, int ret) {
    return (where & SSL_CB_EXIT) != 0 && ret < 0 && SSL_want(ssl) != SSL_NOTHING;
}

static void show_state(const SSL *ssl, int where, int ret) {
    const struct client_watch *watch = watch_of(tls_session_of(ssl));
    const char *side = (where & SSL_ST_CONNECT) != 0  ? "SSL_connect"
                       : (where & SSL_ST_ACCEPT) != 0 ? "SSL_accept"
                                                      : "undefined";
    struct base_buf line;

    if (!watch || is_waiting(ssl, where, ret))
        return;
    base_buf_init(&line, 4096);
    if ((where & SSL_CB_LOOP) != 0)
        base_buf_printf(&line, "%s:%s", side, SSL_state_string_long(ssl));
    else if ((where & SSL_CB_ALERT) != 0)
        base_buf_printf(&line, "SSL3 alert %s:%s:%s", (where & SSL_CB_READ) != 0 ? "read" : "write",
                        SSL_alert_type_string_long(ret), SSL_alert_desc_string_long(ret));
    else if ((where & SSL_CB_EXIT) != 0 && ret <= 0)
        base_buf_printf(&line, "%s:%s in %s", side, ret == 0 ? "failed" : "error",
                        SSL_state_string_long(ssl));
    if (line.len > 0)
        tell(watch, CLIENT_WATCH_STATE, &line);
    else
        base_buf_release(&line);
}

static void add_detail(struct base_buf *line, int content_type, struct base_bytes b) {
    if (content_type == SSL3_RT_ALERT && b.len == 2)
        base_buf_printf(line, ", %s %s",
                        b.data[0] == 1   ? "warning"
                        : b.data[0] == 2 ? "fatal"
                                         : "???",
                        know_tls_alert_name(b.data[1]));
    else if (content_type == SSL3_RT_HANDSHAKE && b.len > 0)
        base_buf_printf(line, ", %s", wire_message_name(b.data[0]));
}

static void add_hex(struct base_buf *line, struct base_bytes b) {
    for (size_t i = 0; i < b.len; i++)
        base_buf_printf(line, "%s%02x", i % 16 == 0 ? "\n    " : " ", b.data[i]);
}

static void show_message(const struct client_watch *watch, bool sent, int version, int content_type,
                         struct base_bytes b) {
    struct base_buf line;

    base_buf_init(&line, LINE_MAX_BYTES);
    base_buf_printf(&line, "%s %s, %s [length %04zx]", sent ? ">>>" : "<<<",
                    FIND(versions, version, "Not TLS data or unknown version"),
                    FIND(contents, content_type, "Unknown"), b.len);
    add_detail(&line, content_type, b);
    add_hex(&line, b);
    tell(watch, CLIENT_WATCH_MESSAGE, &line);
}

void client_message(struct tls_session *s, bool sent, int version, int content_type,
                    struct base_bytes bytes) {
    const struct client_watch *watch = &client_context_of(s)->wish->watch;

    if (watch->messages && watch->text)
        show_message(watch, sent, version, content_type, bytes);
    if (watch->message && content_type <= UINT8_MAX)
        watch->message(watch->arg, sent, (uint16_t)version, (uint8_t)content_type, bytes);
}

/* Appends hex and text, 16 bytes a line, each line with a line end in front. */
static void dump(struct base_buf *out, struct base_bytes b) {
    BIO *bio = BIO_new(BIO_s_mem());
    char *data = NULL;
    long len = 0;

    if (bio && b.len > 0 && BIO_dump(bio, b.data, (int)b.len) > 0)
        len = BIO_get_mem_data(bio, &data);
    if (len > 0 && data[len - 1] == '\n')
        len--;
    if (len > 0) {
        base_buf_append_byte(out, '\n');
        base_buf_append(out, data, (size_t)len);
    }
    BIO_free(bio);
}

static void show_extension(SSL *ssl, int from_server, int type, const unsigned char *data, int len,
                           void *arg) {
    const struct client_watch *watch = watch_of(tls_session_of(ssl));
    struct base_buf text;

    (void)arg;
    if (!watch || len < 0)
        return;
    base_buf_init(&text, LINE_MAX_BYTES);
    base_buf_printf(&text, "TLS %s extension \"%s\" (id=%d), len=%d",
                    from_server != 0 ? "server" : "client", FIND(extensions, type, "unknown"), type,
                    len);
    dump(&text, base_bytes_view(data, (size_t)len));
    tell(watch, CLIENT_WATCH_EXTENSION, &text);
}

/* What was judged, in words. */
static void add_subject(struct base_buf *line, int op, int nid, void *other) {
    switch ((unsigned)op & (unsigned)SSL_SECOP_OTHER_TYPE) {
    case SSL_SECOP_OTHER_CIPHER:
        base_buf_append_str(line, SSL_CIPHER_get_name(other));
        break;
    case SSL_SECOP_OTHER_CERT:
        if (op == SSL_SECOP_CA_MD || op == SSL_SECOP_PEER_CA_MD)
            base_buf_append_str(line, OBJ_nid2sn(X509_get_signature_nid(other)));
        else
            base_buf_printf(line, "%s, bits=%d",
                            OBJ_nid2sn(EVP_PKEY_get_base_id(X509_get0_pubkey(other))),
                            EVP_PKEY_get_bits(X509_get0_pubkey(other)));
        break;
    case SSL_SECOP_OTHER_CURVE:
        base_buf_append_str(line, OBJ_nid2sn(nid));
        break;
    case SSL_SECOP_OTHER_SIGALG:
        if (other) {
            const unsigned char *id = other;
            base_buf_printf(line, "scheme %02x%02x", id[0], id[1]);
        } else {
            base_buf_printf(line, "algorithm mask %d", nid);
        }
        break;
    default:
        break;
    }
}

static int show_security(const SSL *ssl, const SSL_CTX *ctx, int op, int bits, int nid, void *other,
                         void *ex) {
    const struct client_context *c = ex;
    const struct client_watch *watch = &c->wish->watch;
    int answer = c->security(ssl, ctx, op, bits, nid, other, NULL);
    struct base_buf line;

    if (!watch->text || (answer == 1 && !watch->security_verbose))
        return answer;
    base_buf_init(&line, 4096);
    base_buf_printf(&line, "Security callback: %s=", FIND(decisions, op, "other"));
    if (op == SSL_SECOP_VERSION)
        base_buf_append_str(&line, FIND(versions, nid, "???"));
    else
        add_subject(&line, op, nid, other);
    if (op != SSL_SECOP_VERSION && op != SSL_SECOP_TICKET && op != SSL_SECOP_COMPRESSION)
        base_buf_printf(&line, ", security bits=%d", bits);
    base_buf_printf(&line, ": %s", answer == 1 ? "yes" : "no");
    tell(watch, CLIENT_WATCH_SECURITY, &line);
    return answer;
}

void client_note_ticket(struct tls_session *s, SSL_SESSION *session) {
    const struct client_watch *watch = watch_of(s);
    struct client_session *n = client_session_of(s);
    struct base_arena arena;

    if (n->ticket_count < CLIENT_TICKETS_MAX && SSL_SESSION_up_ref(session) == 1)
        n->tickets[n->ticket_count++] = session;
    if (!watch)
        return;
    base_arena_init(&arena, LINE_MAX_BYTES);
    watch->text(watch->arg, CLIENT_WATCH_TICKET, client_session_text(s, session, &arena));
    base_arena_release(&arena);
}

void client_apply_watch(SSL_CTX *ssl, struct client_context *c) {
    const struct client_watch *watch = &c->wish->watch;

    if (watch->state)
        SSL_CTX_set_info_callback(ssl, show_state);
    if (watch->security || watch->security_verbose) {
        c->security = SSL_CTX_get_security_callback(ssl);
        SSL_CTX_set0_security_ex_data(ssl, c);
        SSL_CTX_set_security_callback(ssl, show_security);
    }
}

void client_attach_watch(struct tls_session *s) {
    if (client_context_of(s)->wish->watch.extensions)
        SSL_set_tlsext_debug_callback(tls_session_ssl(s), show_extension);
}

/* --- the session's secrets, in the NSS key log format --- */

static void log_secret(const SSL *ssl, const char *line) {
    const struct tls_session *s = tls_session_of(ssl);
    const struct client_context *c = client_context_of(s);
    struct base_buf text;

    if (!c || c->keylog < 0)
        return;
    base_buf_init(&text, 4096);
    base_buf_printf(&text, "%s\n", line);
    /* one write, so that sessions side by side do not mix their lines */
    if (write(c->keylog, base_buf_cstr(&text), text.len) != (ssize_t)text.len) {
        struct tls_view view = tls_session_view(s);
        base_log_line(view.log, BASE_LOG_WARN, view.who, "%s %s: %s",
                      client_option_name(c->wish, CLIENT_OPTION_KEYLOG_FILE), c->wish->keylog_file,
                      strerror(errno));
    }
    OPENSSL_cleanse(text.data, text.cap);
    base_buf_release(&text);
}

/* Appended to; a new file has mode 0600, an older one keeps what it holds. */
enum ws_err client_apply_keylog(SSL_CTX *ssl, struct client_context *c, struct base_error *e) {
    const char *path = c->wish->keylog_file;

    if (!path)
        return WS_OK;
    c->keylog = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (c->keylog < 0)
        return client_error(c->wish, CLIENT_OPTION_KEYLOG_FILE, path, e, "%s", strerror(errno));
    SSL_CTX_set_keylog_callback(ssl, log_secret);
    return WS_OK;
}
