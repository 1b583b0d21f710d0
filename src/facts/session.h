/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_FACTS_SESSION_H
#define WAXSEAL_FACTS_SESSION_H

#include "facts/reply.h"

#include <stdint.h>

/* Why a handshake ended without a session. */
enum facts_handshake_end {
    FACTS_HANDSHAKE_NONE,      /* it succeeded, or was never begun */
    FACTS_HANDSHAKE_ALERT,     /* the server sent a fatal alert */
    FACTS_HANDSHAKE_LOCAL,     /* our side refused what the server sent */
    FACTS_HANDSHAKE_PLAINTEXT, /* the server sent something that is not TLS */
    FACTS_HANDSHAKE_CLOSED,    /* end of stream inside the handshake */
    FACTS_HANDSHAKE_RESET,
    FACTS_HANDSHAKE_TIMEOUT,
};

/* The TLS session, as negotiated, or how far it came. Names are IANA's unless said otherwise; ""
 * means "does not apply or not known". All memory is the arena's or static. */
struct facts_session {
    bool started;     /* a ClientHello was sent */
    bool established; /* the handshake completed */
    enum facts_handshake_end end;
    int alert;              /* alert number received, -1 none */
    const char *alert_name; /* RFC 8446 name, "handshake_failure" */
    int alert_sent;         /* alert number our side sent, -1 none */
    const char *alert_sent_name;
    const char *error;      /* the TLS library's reason, "wrong version number" */
    struct base_bytes junk; /* first bytes that came instead of TLS */

    const char *protocol;     /* "TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1" */
    uint16_t version;         /* 0x0304 ... */
    const char *cipher_suite; /* "TLS_AES_256_GCM_SHA384" */
    const char *openssl_name; /* "ECDHE-RSA-AES256-GCM-SHA384" */
    uint16_t cipher_suite_id;
    int cipher_bits;
    const char *key_exchange;     /* "ECDHE", "DHE", "RSA", "any" (TLS 1.3) ... */
    const char *group;            /* "x25519", "secp256r1", "ffdhe2048"; "dhe" for custom DH */
    int group_bits;               /* DH prime bits or curve bits; 0 unknown */
    const char *signature_scheme; /* "ecdsa_secp256r1_sha256", "rsa_pss_rsae_sha256" */
    const char *sni;              /* what we sent, "" none */
    const char *alpn;             /* what was negotiated, "" none */
    bool secure_renegotiation;    /* RFC 5746; TLS 1.3 always true */
    bool extended_master_secret;  /* RFC 7627; TLS 1.3 always true */
    bool encrypt_then_mac;
    bool compression;
    enum facts_answer ticket; /* a session ticket was sent */
    uint32_t ticket_lifetime; /* seconds, hint of the server */
    bool session_id;          /* TLS <= 1.2: a resumable session id was given */
    bool resumed;
    bool ocsp_staple;
    const char *ocsp_status; /* "good", "revoked", "unknown", "unparsable", "" */
    unsigned scts;           /* signed certificate timestamps in the TLS extension */
    bool client_certificate_asked;
    unsigned client_ca_names; /* how many acceptable CA names came with the request */
    double ms;                /* ClientHello sent -> Finished received */
    double hello_ms;          /* ClientHello sent -> first message of the answer; 0 none came */
    double certificate_ms;    /* ClientHello sent -> the server's Certificate whole; 0 none came */
    struct base_bytes hello;  /* the (first) ClientHello message sent, with its 4 byte header */
    uint64_t bytes_read;      /* of the handshake */
    uint64_t bytes_written;
    /* What a client with its library's defaults (OpenSSL 3, security level 1 or 2) would refuse of
     * this session although we, looking at level 0, accepted it. "" when nothing. */
    const char *default_client_refuses;
};

#endif
