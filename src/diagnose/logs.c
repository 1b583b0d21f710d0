/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose_logs - what the logs of both sides say about a failed handshake.
 *
 * The side that gives up names its reason; the other one sees an alert, or the end of the
 * connection. The texts are those of OpenSSL 3 (Postfix, sendmail, Haraka; OpenSMTPD's LibreSSL is
 * alike) and GnuTLS 3.7 (Exim on Debian), measured between their own programs. OpenSSL numbers an
 * alert from the peer as reason 1000 + alert. */
#include "diagnose/clash_private.h"

#include "base/buf.h"

#define OPENSSL_SSL 0x0a000000u
#define OPENSSL_ALERTS 1000

struct alert_words {
    int alert;
    const char *openssl;
    const char *gnutls;
};

static const struct alert_words alerts[] = {
    {10, "sslv3 alert unexpected message", "Unexpected message"},
    {20, "sslv3 alert bad record mac", "Bad record MAC"},
    {40, "sslv3 alert handshake failure", "Handshake failed"},
    {42, "sslv3 alert bad certificate", "Certificate is bad"},
    {43, "sslv3 alert unsupported certificate", "Certificate is not supported"},
    {44, "sslv3 alert certificate revoked", "Certificate was revoked"},
    {45, "sslv3 alert certificate expired", "Certificate is expired"},
    {46, "sslv3 alert certificate unknown", "Unknown certificate"},
    {47, "sslv3 alert illegal parameter", "Illegal parameter"},
    {48, "tlsv1 alert unknown ca", "CA is unknown"},
    {49, "tlsv1 alert access denied", "Access was denied"},
    {50, "tlsv1 alert decode error", "Decode error"},
    {51, "tlsv1 alert decrypt error", "Decrypt error"},
    {70, "tlsv1 alert protocol version", "Error in protocol version"},
    {71, "tlsv1 alert insufficient security", "Insufficient security"},
    {80, "tlsv1 alert internal error", "Internal error"},
    {86, "tlsv1 alert inappropriate fallback", "Inappropriate fallback"},
    {109, "tlsv13 alert missing extension", "An extension was expected but was not seen"},
    {110, "tlsv1 unsupported extension", "An unsupported extension was sent"},
    {112, "tlsv1 unrecognized name", "The server name sent was not recognized"},
    {115, "tlsv1 alert unknown psk identity", "The SRP/PSK username is missing or not known"},
    {116, "tlsv13 alert certificate required", "Certificate is required"},
    {120, "tlsv1 alert no application protocol",
     "No supported application protocol could be negotiated"},
};

static const struct alert_words *words_of(int alert) {
    for (size_t i = 0; i < sizeof alerts / sizeof alerts[0]; i++)
        if (alerts[i].alert == alert)
            return &alerts[i];
    return NULL;
}

/* Exim names the function before GnuTLS's words. */
static void add_gnutls(struct base_buf *b, const char *who, const char *text) {
    if (who && text)
        base_buf_printf(b, "%s%s: \"%s%s\"", b->len ? "\n" : "", who,
                        text[0] == '(' ? "" : "(gnutls_handshake): ", text);
}

static void add(struct base_buf *b, const char *who, const char *text) {
    if (who && text)
        base_buf_printf(b, "%s%s: \"%s\"", b->len ? "\n" : "", who, text);
}

static void add_alert(struct base_buf *b, const char *openssl_side, const char *gnutls_side,
                      int alert) {
    const struct alert_words *w = words_of(alert);
    if (w && openssl_side)
        base_buf_printf(b, "%s%s: \"error:%08X:SSL routines::%s ... SSL alert number %d\"",
                        b->len ? "\n" : "", openssl_side,
                        OPENSSL_SSL + OPENSSL_ALERTS + (unsigned)alert, w->openssl, alert);
    add_gnutls(b, gnutls_side, w ? w->gnutls : NULL);
}

static const char client_openssl[] = "client with OpenSSL (Postfix, Sendmail)";
static const char client_gnutls[] = "client with GnuTLS (Exim on Debian)";

/* Who writes the server's lines; NULL: software with another TLS library. */
struct server_names {
    const char *openssl, *gnutls;
};

static struct server_names server_names_of(const struct facts_endpoint *e) {
    switch (diagnose_software_of(e)) {
    case DIAGNOSE_SOFTWARE_POSTFIX:
        return (struct server_names){"Postfix (server), behind \"SSL_accept error from ...: -1\"",
                                     NULL};
    case DIAGNOSE_SOFTWARE_EXIM:
        return (struct server_names){"Exim with OpenSSL (server)", "Exim with GnuTLS (server)"};
    case DIAGNOSE_SOFTWARE_SENDMAIL:
        return (struct server_names){"Sendmail", NULL};
    case DIAGNOSE_SOFTWARE_OPENSMTPD:
        return (struct server_names){"OpenSMTPD", NULL};
    case DIAGNOSE_SOFTWARE_DOVECOT:
        return (struct server_names){"Dovecot", NULL};
    case DIAGNOSE_SOFTWARE_EXCHANGE:
        return (struct server_names){NULL, NULL};
    default:
        return (struct server_names){"server with OpenSSL", "server with GnuTLS"};
    }
}

/* TLS 1.3: the client believed the session to stand. */
static void add_late_ending(struct base_buf *b, const struct facts_session *s) {
    if (s->alert >= 0)
        add_alert(b, client_openssl, client_gnutls, s->alert);
    add(b, "Postfix (client)", "lost connection with ... while performing the EHLO handshake");
    if (s->alert < 0)
        add_gnutls(b, client_gnutls, "The TLS connection was non-properly terminated.");
}

/* What senders write whatever the reason was. */
static void add_senders(struct base_buf *b) {
    add(b, "Postfix (client), queue", "Cannot start TLS: handshake failure");
    add(b, "Sendmail (client)", "403 4.7.0 TLS handshake failed.");
    add(b, "Exchange (client)", "TLS negotiation failed with error SocketError");
}

/* What a client writes when the handshake ends under it. */
static void add_client_ending(struct base_buf *b, const struct facts_session *s) {
    if (s->established) {
        add_late_ending(b, s);
        return;
    }
    switch (s->end) {
    case FACTS_HANDSHAKE_ALERT:
        add_alert(b, client_openssl, client_gnutls, s->alert);
        break;
    case FACTS_HANDSHAKE_CLOSED:
        add(b, "Postfix (client)", "SSL_connect error to ...: lost connection");
        add_gnutls(b, client_gnutls, "The TLS connection was non-properly terminated.");
        break;
    case FACTS_HANDSHAKE_RESET:
        add(b, "Postfix (client)", "SSL_connect error to ...: Connection reset by peer");
        add_gnutls(b, client_gnutls, "Error in the pull function.");
        break;
    case FACTS_HANDSHAKE_TIMEOUT:
        add(b, "Postfix (client)", "SSL_connect error to ...: Connection timed out");
        add_gnutls(b, client_gnutls, "timed out");
        break;
    case FACTS_HANDSHAKE_PLAINTEXT:
        add(b, client_openssl, "error:0A00010B:SSL routines::wrong version number");
        add_gnutls(b, client_gnutls, "An unexpected TLS packet was received.");
        break;
    case FACTS_HANDSHAKE_LOCAL:
    case FACTS_HANDSHAKE_NONE:
        break;
    }
}

static const char *finish(struct base_arena *arena, struct base_buf *b) {
    const char *text = base_arena_str(arena, base_buf_cstr(b));
    base_buf_release(b);
    return text;
}

const char *diagnose_logs_of_server(struct base_arena *arena, const struct facts_endpoint *e,
                                    const struct diagnose_log *server) {
    struct server_names names = server_names_of(e);
    struct base_buf b;
    base_buf_init(&b, 4096);
    add_client_ending(&b, &e->session);
    if (!e->session.established && e->session.end != FACTS_HANDSHAKE_PLAINTEXT)
        add_senders(&b);
    add(&b, names.openssl, server->openssl);
    add_gnutls(&b, names.gnutls, server->gnutls);
    return finish(arena, &b);
}

/* What the server writes when the client sends an alert. */
static void add_server_ending(struct base_buf *b, const struct facts_endpoint *e) {
    const struct facts_session *s = &e->session;
    struct server_names names = server_names_of(e);
    add_alert(b, names.openssl, NULL, s->alert_sent);
    /* in TLS 1.3 the client's alert may still be unencrypted, which GnuTLS can't read */
    if (s->alert_sent >= 0)
        add_gnutls(b, names.gnutls,
                   s->version >= 0x0304 ? "Decryption has failed."
                                        : "A TLS fatal alert has been received.");
}

const char *diagnose_logs_of_client(struct base_arena *arena, const struct facts_endpoint *e,
                                    const struct diagnose_log *client) {
    struct base_buf b;
    base_buf_init(&b, 4096);
    add(&b, client_openssl, client->openssl);
    add_gnutls(&b, client_gnutls, client->gnutls);
    add_senders(&b);
    add_server_ending(&b, e);
    return finish(arena, &b);
}

/* Postfix ends no handshake for a certificate: it hangs up before the mail. */
const char *diagnose_logs_of_verification(struct base_arena *arena,
                                          const struct facts_endpoint *e) {
    struct base_buf b;
    base_buf_init(&b, 4096);
    add(&b, client_openssl, "error:0A000086:SSL routines::certificate verify failed");
    add_gnutls(&b, client_gnutls, "(certificate verification failed): certificate invalid");
    add(&b, "Postfix (client), queue", "Server certificate not verified");
    add_server_ending(&b, e);
    return finish(arena, &b);
}
