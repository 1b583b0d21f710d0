/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TLS_CLIENT_H
#define WAXSEAL_TLS_CLIENT_H

#include "facts/client.h"
#include "facts/detail.h"
#include "tls/session.h"

/* A client as its user asks: everything that `openssl s_client` and swaks can set. In contrast to
 * tls_client_context_new it begins with the TLS library's own defaults (suites, groups, security
 * level), because the user wants to see what such a client meets. */

/* An option with one dash and its value as typed; NULL where it takes none. */
struct tls_setting {
    const char *name;
    const char *value;
};

/* What passes is shown while it passes, one call for each line, already printable. */
enum tls_watch_kind {
    TLS_WATCH_STATE,      /* -state: "SSL_connect:SSLv3/TLS write client hello" */
    TLS_WATCH_MESSAGE,    /* -msg: ">>> TLS 1.3, Handshake [length 0200], ClientHello" and hex */
    TLS_WATCH_EXTENSION,  /* -tlsextdebug */
    TLS_WATCH_SECURITY,   /* -security_debug */
    TLS_WATCH_VERIFY,     /* depth=..., verify error:..., verify return: */
    TLS_WATCH_SERVERINFO, /* -serverinfo: the answer as PEM, many lines */
    TLS_WATCH_TICKET,     /* a TLS 1.3 ticket came: its session's print, many lines in one text */
};
struct tls_watch {
    bool state, messages, extensions, security, security_verbose, verify;
    void (*text)(void *arg, enum tls_watch_kind kind, const char *text);
    /* every handshake message, alert and change_cipher_spec in plaintext, for --trace; NULL: not */
    void (*message)(void *arg, bool sent, uint16_t version, uint8_t content_type,
                    struct base_bytes bytes);
    void *arg;
};

/* Zero-initialised: the library's defaults, nothing demanded of the certificate. Texts and files
 * are as typed and must outlive the context. */
struct tls_wish {
    const struct tls_setting *settings; /* SSL_CONF commands: "-cipher", "-groups", "-no_tls1_3" */
    size_t setting_count;
    uint16_t min_version, max_version; /* -tls1 ... -tls1_3; 0 not given */
    const struct tls_setting
        *checks; /* path checks: "-purpose", "-verify_hostname", "-x509_strict",
                    "-attime", "-crl_check", "-partial_chain" ... */
    size_t check_count;
    bool verify;              /* -verify, -verify_return_error */
    int verify_depth;         /* -verify N; -1 not given */
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
    const char *ct_log_file; /* -ctlogfile; NULL: the library's place, when there is a list */
    const char *serverinfo;
    unsigned max_fragment_length; /* 512, 1024, 2048, 4096; 0 none */
    unsigned max_send_fragment, split_send_fragment, max_pipelines, read_buffer;
    bool fallback_scsv, post_handshake_auth, ignore_unexpected_eof;
    const char *dane_domain;
    const char *const *dane_records;
    size_t dane_count;
    bool dane_no_ee_names;
    const char *const *dane_names; /* more names that count with DANE-TA, beside dane_domain */
    size_t dane_name_count;
    const char *keylog_file; /* appended to */
    const char *name_format; /* -nameopt */
    const char *export_label;
    unsigned export_length; /* 20 */
    bool show_secrets;      /* master secrets in facts_detail.session */
    struct tls_watch watch;
};

/* Errors are one line and name option, file and reason. `wish` must outlive the context. */
WS_MUST_USE enum ws_err tls_wished_context_new(const struct tls_wish *wish,
                                               struct tls_context **out, struct base_error *e);

/* Of a session made with such a context; call once it is UP or FAILED. `received_before` and
 * `sent_before` are the bytes of the connection before TLS. */
void tls_session_read_detail(const struct tls_session *s, uint64_t received_before,
                             uint64_t sent_before, struct base_arena *arena,
                             struct facts_detail *out);
/* What the client was told and what it offered; call once the ClientHello has gone out. */
void tls_session_read_client(const struct tls_session *s, struct base_arena *arena,
                             struct facts_client *out);

/* What s_client's letters do. WS_LIBRARY with the reason when the session can't. */
WS_MUST_USE enum ws_err tls_session_renegotiate(struct tls_session *s, base_usec now,
                                                struct base_error *e);
WS_MUST_USE enum ws_err tls_session_key_update(struct tls_session *s, bool ask_peer,
                                               struct base_error *e);
/* Writes the newest session as PEM (what -sess_in reads), as soon as there is one: at the end. */
WS_MUST_USE enum ws_err tls_session_save(const struct tls_session *s, const char *path,
                                         struct base_error *e);
/* The next session made from this context resumes this one (-reconnect). */
void tls_session_offer_again(const struct tls_session *s);
/* Early data (TLS 1.3, a session from -sess_in or -psk_session that allows it): to be called
 * between tls_session_new and tls_session_start; at most what the session allows is taken. */
WS_MUST_USE enum ws_err tls_session_set_early_data(struct tls_session *s, struct base_bytes data,
                                                   struct base_error *e);

#endif
