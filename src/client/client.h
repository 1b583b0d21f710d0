/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CLIENT_CLIENT_H
#define WAXSEAL_CLIENT_CLIENT_H

#include "facts/client.h"
#include "facts/detail.h"
#include "tls/session.h"

/* A client as its user asks: everything that `openssl s_client` and swaks can set. In contrast to
 * tls_client_context_new it begins with the TLS library's own defaults (suites, groups, security
 * level), because the user wants to see what such a client meets. */

/* A command of the TLS library and how the user spelled it. */
struct client_setting {
    const char *command; /* "cipher", "no_tls1_3", "verify_hostname" */
    const char *option;  /* "-cipher", "--tls-cipher": for errors */
    const char *value;   /* as typed; NULL where it takes none */
};

/* What an error about a wish may have to name. Each program has its own words for them. */
enum client_option {
    CLIENT_OPTION_CERTIFICATE,
    CLIENT_OPTION_CERTIFICATE_FORMAT,
    CLIENT_OPTION_CERTIFICATE_CHAIN,
    CLIENT_OPTION_BUILD_CHAIN,
    CLIENT_OPTION_KEY,
    CLIENT_OPTION_KEY_FORMAT,
    CLIENT_OPTION_PASS,
    CLIENT_OPTION_CA_FILE,
    CLIENT_OPTION_CA_DIR,
    CLIENT_OPTION_CA_STORE,
    CLIENT_OPTION_REQUEST_CA_FILE,
    CLIENT_OPTION_CRL,
    CLIENT_OPTION_CRL_FORMAT,
    CLIENT_OPTION_VERIFY_HOSTNAME,
    CLIENT_OPTION_DANE_DOMAIN,
    CLIENT_OPTION_DANE_RECORD,
    CLIENT_OPTION_CIPHER,
    CLIENT_OPTION_CIPHERSUITES,
    CLIENT_OPTION_ALPN,
    CLIENT_OPTION_SERVERINFO,
    CLIENT_OPTION_MAX_FRAGMENT_LENGTH,
    CLIENT_OPTION_MAX_SEND_FRAGMENT,
    CLIENT_OPTION_SPLIT_SEND_FRAGMENT,
    CLIENT_OPTION_MAX_PIPELINES,
    CLIENT_OPTION_NO_RENEGOTIATION,
    CLIENT_OPTION_STATUS,
    CLIENT_OPTION_SCTS,
    CLIENT_OPTION_CT_LOG_FILE,
    CLIENT_OPTION_PSK,
    CLIENT_OPTION_PSK_IDENTITY,
    CLIENT_OPTION_PSK_SESSION,
    CLIENT_OPTION_SESSION_IN,
    CLIENT_OPTION_SESSION_OUT,
    CLIENT_OPTION_EARLY_DATA,
    CLIENT_OPTION_KEYLOG_FILE,
    CLIENT_OPTION_NAME_FORMAT,
    CLIENT_OPTION_COUNT
};

/* What passes is shown while it passes, one call for each line, already printable. */
enum client_watch_kind {
    CLIENT_WATCH_STATE,      /* -state: "SSL_connect:SSLv3/TLS write client hello" */
    CLIENT_WATCH_MESSAGE,    /* -msg: ">>> TLS 1.3, Handshake [length 0200], ClientHello" and hex */
    CLIENT_WATCH_EXTENSION,  /* -tlsextdebug */
    CLIENT_WATCH_SECURITY,   /* -security_debug */
    CLIENT_WATCH_VERIFY,     /* depth=..., verify error:..., verify return: */
    CLIENT_WATCH_SERVERINFO, /* -serverinfo: the answer as PEM, many lines */
    CLIENT_WATCH_TICKET, /* a TLS 1.3 ticket came: its session's print, many lines in one text */
};
struct client_watch {
    bool state, messages, extensions, security, security_verbose, verify;
    void (*text)(void *arg, enum client_watch_kind kind, const char *text);
    /* every handshake message, alert and change_cipher_spec in plaintext, for --trace; NULL: not */
    void (*message)(void *arg, bool sent, uint16_t version, uint8_t content_type,
                    struct base_bytes bytes);
    void *arg;
};

/* TLSA records to prove the server by, as a zone file has them: "3 1 1 hex". */
struct client_dane {
    const char *domain; /* the base domain, NULL: no DANE */
    const char *const *records;
    size_t count;
    const char *const *names; /* more names that count with DANE-TA, beside the domain */
    size_t name_count;
    bool no_ee_names; /* with DANE-EE names do not count (RFC 7671 section 5.1) */
};

/* Zero-initialised: the library's defaults, nothing demanded of the certificate. Texts and files
 * are as typed and must outlive the context. */
struct client_wish {
    /* CLIENT_OPTION_COUNT spellings ("-cert"), NULL for what the program does not have */
    const char *const *option_names;
    const struct client_setting *settings; /* SSL_CONF_cmd(3): cipher, groups, no_tls1_3 ... */
    size_t setting_count;
    uint16_t min_version, max_version; /* 0 not given */
    const char *version_option;        /* what set them, "-tls1_2" */
    /* openssl-verification-options(1): purpose, verify_hostname, x509_strict, attime ... */
    const struct client_setting *checks;
    size_t check_count;
    bool verify;              /* the chain is verified */
    int verify_depth;         /* at most so deep; -1 not given */
    bool verify_return_error; /* the handshake ends at the first error, with an alert */
    bool verify_quiet;

    const char *ca_file, *ca_dir, *ca_store; /* NULL: the system's */
    bool no_ca_file, no_ca_dir, no_ca_store;
    bool ca_dir_any_names; /* not only hashed names count in ca_dir */
    const char *request_ca_file;
    const char *const *crl_files;
    size_t crl_count;
    const char *crl_format; /* "PEM", "DER" or NULL */

    const char *certificate, *certificate_format;
    const char *key, *key_format;
    const char *certificate_chain;
    bool build_chain;
    const char *pass; /* the pass phrase, NULL: none known */

    const char *alpn; /* comma-separated */
    const char *psk, *psk_identity, *psk_session;
    const char *session_in;
    bool ask_status, ask_scts;
    const char *ct_log_file; /* NULL: the library's place, when there is a list */
    const char *serverinfo;
    unsigned max_fragment_length; /* 512, 1024, 2048, 4096; 0 none */
    unsigned max_send_fragment, split_send_fragment, max_pipelines, read_buffer;
    bool fallback_scsv, post_handshake_auth, ignore_unexpected_eof;
    struct client_dane dane; /* of every session; beside it client_hold_dane */
    const char *keylog_file; /* appended to */
    const char *name_format; /* openssl-namedisplay-options(1) */
    const char *export_label;
    unsigned export_length; /* 20 */
    bool show_secrets;      /* master secrets in facts_detail.session */
    struct client_watch watch;
};

/* Errors are one line and name option, file and reason. `wish` must outlive the context, which
 * tls_context_free gives back. */
WS_MUST_USE enum ws_err client_context_new(const struct client_wish *wish, struct tls_context **out,
                                           struct base_error *e);

/* Of a session made with such a context: has the server prove itself by these records, which the
 * wish of the context does not know. To be called between tls_session_new and tls_session_start.
 * WS_USAGE when a record is wrong, or none can be used. */
WS_MUST_USE enum ws_err client_hold_dane(struct tls_session *s, const struct client_dane *dane,
                                         struct base_error *e);

/* Of a session made with such a context; call once it is UP or FAILED. `received_before` and
 * `sent_before` are the bytes of the connection before TLS. */
void client_read_detail(const struct tls_session *s, uint64_t received_before, uint64_t sent_before,
                        struct base_arena *arena, struct facts_detail *out);
/* What the client was told and what it offered; call once the ClientHello has gone out. */
void client_read_told(const struct tls_session *s, struct base_arena *arena,
                      struct facts_client *out);

/* What s_client's letters do. WS_LIBRARY with the reason when the session can't. */
WS_MUST_USE enum ws_err client_renegotiate(struct tls_session *s, struct base_error *e);
WS_MUST_USE enum ws_err client_key_update(struct tls_session *s, bool ask_peer,
                                          struct base_error *e);
/* Writes the newest session as PEM (what wish.session_in reads), as soon as there is one: at the
 * end. */
WS_MUST_USE enum ws_err client_save_session(const struct tls_session *s, const char *path,
                                            struct base_error *e);
/* The next session made from this context resumes this one. */
void client_offer_again(const struct tls_session *s);
/* Early data (TLS 1.3, a session_in or psk_session that allows it): to be called
 * between tls_session_new and tls_session_start; at most what the session allows is taken. */
WS_MUST_USE enum ws_err client_set_early_data(struct tls_session *s, struct base_bytes data,
                                              struct base_error *e);

/* --- in the words of swaks --- */

/* Memory is the arena's, texts are never NULL. */

struct client_shown_certificate {
    const char *subject;     /* "/C=US/O=Example/CN=mx.example.org" */
    const char *common_name; /* the last one of the subject, "" none */
    const char *alt_names;   /* "DNS:mx.example.org, IP Address:192.0.2.1" */
    const char *not_after;   /* "2033-09-11T14:50:10Z" */
    const char *pem;         /* with its BEGIN and END lines */
};

/* The certificates that the peer sent, or (own) those that we were told to send. Returns how many.
 */
size_t client_show_chain(const struct tls_session *s, bool own, struct base_arena *arena,
                         struct client_shown_certificate **out);
/* What the path check in the handshake found; "" when all is well. */
const char *client_verify_error(const struct tls_session *s);
/* The leaf names this host or address, as OpenSSL's X509_check_host sees it (with the common name
 * when there are no alternative names). */
bool client_names_host(const struct tls_session *s, const char *host);

/* Channel binding (RFC 9266, tls-exporter): false when there is none. */
bool client_bind_exporter(const struct tls_session *s, struct base_buf *out);

#endif
