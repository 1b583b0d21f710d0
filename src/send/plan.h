/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_PLAN_H
#define WAXSEAL_SEND_PLAN_H

#include "base/clock.h"
#include "client/client.h"
#include "facts/policy.h"
#include "sasl/exchange.h"

/* Everything that one transaction needs, resolved: nothing is asked or looked up afterwards but the
 * server's addresses. Filled in by the command line (swaks/); texts and arrays outlive the
 * transaction. Zero-initialise, then send_plan_init. */

struct message;     /* message/message.h */
struct send_script; /* send/script.h */

enum send_transport { SEND_TCP, SEND_UNIX, SEND_PIPE };
enum send_family { SEND_ANY_FAMILY, SEND_IPV4, SEND_IPV6 };

/* One host to connect to. */
struct send_target {
    enum send_transport transport;
    enum send_family family;
    const char *server;          /* TCP: host name or address, as typed or from MX */
    const char *port;            /* TCP: number or service name */
    const char *local_interface; /* TCP: address or host name, NULL or "" none */
    const char *local_port;      /* TCP: NULL or "" none */
    const char *socket_path;     /* UNIX */
    const char *command;         /* PIPE: for the shell */
};

/* How hard something is wanted: --tls, --tls-optional-strict, --tls-optional; for AUTH, XCLIENT
 * too. STRICT: go on when it is not advertised, stop when it fails. */
enum send_demand { SEND_NOT_WANTED, SEND_REQUIRED, SEND_OPTIONAL, SEND_OPTIONAL_STRICT };

enum send_hello { SEND_HELO, SEND_EHLO, SEND_LHLO }; /* EHLO falls back to HELO */

/* Where --quit-after, --drop-after and --drop-after-send stop. CONNECT is also BANNER. */
enum send_stop {
    SEND_STOP_NOWHERE,
    SEND_STOP_PROXY,
    SEND_STOP_CONNECT,
    SEND_STOP_FIRST_HELO,
    SEND_STOP_XCLIENT,
    SEND_STOP_XCLIENT_HELO,
    SEND_STOP_TLS,
    SEND_STOP_HELO,
    SEND_STOP_AUTH,
    SEND_STOP_MAIL,
    SEND_STOP_RCPT,
    SEND_STOP_DATA,
    SEND_STOP_DOT,
};

/* --- TLS --- */

/* The TLS context of all transactions of a run, made by the first that needs it: loading the
 * trusted roots costs more than a transaction. Zero-initialise; tls_context_free(tls) at the end.
 */
struct send_tls_context {
    struct client_wish wish; /* as the context has it */
    struct tls_context *tls;
};

struct send_tls {
    enum send_demand demand;
    bool on_connect;
    struct client_wish wish; /* certificate, key, chain, CA file or directory, protocols, ciphers */
    struct send_tls_context *context; /* the run's; NULL: each transaction has its own */
    struct client_dane dane;          /* the records of the server at hand; no domain: no DANE */
    const char *sni;                  /* NULL: none is sent */
    bool verify_ca;
    bool verify_host;
    const char *verify_name;     /* --tls-verify-target, else the server's name; NULL none */
    bool show_peer_cert;         /* --tls-get-peer-cert: into the transcript ... */
    const char *peer_cert_file;  /* ... or into this file (NULL: transcript) */
    bool show_peer_chain;        /* --tls-get-peer-chain */
    const char *peer_chain_file; /* NULL: transcript */
};

/* --- AUTH --- */

/* A name as servers advertise it and what it means: {"SPA", SASL_NTLM}. */
struct send_auth_name {
    const char *name;
    enum sasl_mechanism mechanism;
};

struct send_auth {
    enum send_demand demand;
    const struct send_auth_name *names; /* in the order to try; each only if advertised */
    size_t name_count;
    bool any; /* no types were asked for by name */
    struct sasl_credentials who;
    struct sasl_show show;
    bool even_unadvertised; /* lax: ask for the first name though it is not advertised */
};

/* --- XCLIENT, PROXY --- */

/* One XCLIENT command. */
struct send_xclient_group {
    const char *arguments;         /* "ADDR=192.0.2.1 NAME=a+2Bb" */
    const char *const *attributes; /* "ADDR", "NAME": must be advertised; none when given raw */
    size_t attribute_count;
};

struct send_xclient {
    enum send_demand demand;
    const struct send_xclient_group *groups;
    size_t group_count;
    bool no_verify;
    bool before_starttls;
};

/* --- extensions that swaks does not know --- */

struct send_extensions {
    const char *dsn_notify; /* "NEVER", "SUCCESS,FAILURE" (RFC 3461 4.1); NULL none */
    const char *dsn_ret;    /* "FULL", "HDRS" (4.3) */
    const char *dsn_envid;  /* plain; becomes xtext (4.4) */
    const char *dsn_orcpt;  /* "rfc822;user@example.org"; the address becomes xtext (4.2) */
    bool smtputf8;          /* RFC 6531; must be advertised */
    bool requiretls;        /* RFC 8689; must be advertised inside TLS */
    bool chunking;          /* BDAT (RFC 3030) */
    size_t chunk_size;      /* 0: as we like */
    const struct send_xclient_group *xforward; /* one command; NULL none */
    unsigned lax; /* SEND_LAX_...: the rules that are broken on purpose */
};

/* --lax: what is done although a client must not. */
enum {
    SEND_LAX_UNADVERTISED = 1, /* use what the server does not offer, or not for clear text */
    SEND_LAX_BANNER = 2,       /* go on after a greeting other than 220 */
    SEND_LAX_HELLO = 4,        /* ... after a refused hello */
    SEND_LAX_MAIL = 8,         /* ... after a refused sender */
    SEND_LAX_RCPT = 16,        /* ... though no recipient was accepted */
    SEND_LAX_DATA = 32,        /* send the message though DATA was refused */
    SEND_LAX_SYNTAX = 64,      /* addresses and header fields that are none */
    SEND_LAX_ALL = 127
};

/* --expect STEP=CODE. Steps are the names of states: "banner", "hello", "starttls", "auth", "mail",
 * "rcpt", "data", "dot", "quit". CODE: "250", "2xx", "250|251". */
struct send_expectation {
    const char *step;
    const char *code;
};

/* --- the way there, and trust in it --- */

/* How the way to the server, and the trust in it, go beyond swaks. Texts outlive the
 * transaction. */
struct send_beyond {
    bool all_mx;           /* one transaction with each host of the route */
    bool try_next_mx;      /* the next host when one can't be reached */
    const char *route;     /* the domain to look up for these two */
    const char *via_proxy; /* "socks5://[USER:PASSWORD@]HOST:PORT", "http://..."; NULL none */
    enum send_policy {
        SEND_POLICY_NONE,
        SEND_POLICY_DANE,
        SEND_POLICY_MTA_STS,
        SEND_POLICY_PKIX
    } policy;                      /* --tls-policy: what must hold */
    const char *policy_domain;     /* the domain that mail is for; "" none */
    const struct facts_tlsa *tlsa; /* DANE: what the server at hand must prove; NULL not asked */
    /* How names are looked up; all NULL: as every program of the system does it. */
    const char *resolver;     /* name servers, separated by commas: "127.0.0.1@5353" */
    const char *trust_anchor; /* file with the root's key for DNSSEC */
    const char *hosts;        /* file with addresses, in the format of /etc/hosts */
    bool no_explain;          /* TLS failures are not explained, and not looked at again */
    const char *session_out;  /* file for the TLS session; NULL none */
};

/* --- output --- */

enum send_silence {
    SEND_TALKATIVE,
    SEND_FROM_FIRST_ERROR, /* --silent 1: everything from the first error on */
    SEND_ERRORS_ONLY,      /* --silent 2 */
    SEND_SILENT            /* --silent 3 */
};

enum send_lapse { SEND_NO_LAPSE, SEND_LAPSE, SEND_LAPSE_WHOLE_SECONDS };

struct send_output {
    int out_fd; /* 1, or a file's: --output-file, --output-file-stdout */
    int err_fd; /* 2, or a file's; may be the same as out_fd */
    bool no_info_hints, no_send_hints, no_receive_hints;
    bool hide_informational, hide_send, hide_receive, hide_all;
    enum send_silence silence;
    enum send_lapse lapse;
    bool raw;           /* --show-raw-text */
    bool suppress_data; /* " -> 12 lines sent" */
    bool json;          /* nothing but a JSON object at the end */
    bool escape; /* control bytes that the server sent are shown as \xNN (not as swaks does) */
};

/* --- the whole --- */

struct send_plan {
    struct send_target target;

    enum send_hello hello;
    bool lmtp; /* one reply for each accepted recipient after the dot */
    const char *helo;
    const char *from; /* without angle brackets; "" the null sender */
    const char *const *recipients;
    size_t recipient_count;
    bool pipeline;
    bool prdr;
    base_usec timeout; /* for each reply and the TLS handshake; 0 none */
    enum send_stop quit_after, drop_after, drop_after_send;
    bool quit_counts; /* a bad reply to QUIT is exit code 27; swaks says 0 whatever it documents */

    struct base_bytes proxy_header; /* PROXY v1 line with CRLF or v2 header; empty: none */
    bool proxy_shown_as_base64;     /* v2 */
    struct send_tls tls;
    struct send_xclient xclient;
    struct send_auth auth;
    struct send_extensions extensions;
    const struct send_expectation *expectations;
    size_t expectation_count;
    const char *script; /* a file: this dialogue in place of the transaction; NULL none */
    const struct send_script *script_read; /* the same, read already; NULL: when it begins */
    unsigned repeat;                       /* transactions, 0 and 1: one */
    unsigned concurrency;
    struct message *message; /* NULL: none is sent (a stop comes before) */
    /* With `repeat`: makes a message for the transaction `sequence` (0 the first), the caller frees
     * it; NULL after an error. */
    struct message *(*make_message)(void *arg, unsigned sequence, struct base_error *e);
    void *make_message_arg;
    struct send_output output;
    const struct send_beyond *beyond; /* NULL: nothing but what swaks does */
    bool as_swaks;                    /* failures are told in swaks' words */
    const char *program;              /* argv[0], for one message of swaks that names it */
    const struct base_log *log;       /* may be NULL */
};

/* A value inside an SMTP command as xtext (RFC 3461 section 4): what is not printable ASCII, "+"
 * and
 * "=" become +XX. `eight_bit`: bytes above 127 stay as they are. */
const char *send_xtext(struct base_arena *arena, const char *value, bool eight_bit);

/* The defaults: TCP, EHLO, timeout 30 s, output to 1 and 2, nothing wanted. */
void send_plan_init(struct send_plan *p);

#endif
