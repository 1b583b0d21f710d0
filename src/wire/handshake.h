/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_WIRE_HANDSHAKE_H
#define WAXSEAL_WIRE_HANDSHAKE_H

#include "base/reader.h"

#define WIRE_EXTENSIONS_MAX 64 /* more different ones in one hello are counted, not kept */

enum wire_message {
    WIRE_MESSAGE_HELLO_REQUEST = 0,
    WIRE_MESSAGE_CLIENT_HELLO = 1,
    WIRE_MESSAGE_SERVER_HELLO = 2,
    WIRE_MESSAGE_NEW_SESSION_TICKET = 4,
    WIRE_MESSAGE_END_OF_EARLY_DATA = 5,
    WIRE_MESSAGE_ENCRYPTED_EXTENSIONS = 8,
    WIRE_MESSAGE_CERTIFICATE = 11,
    WIRE_MESSAGE_SERVER_KEY_EXCHANGE = 12,
    WIRE_MESSAGE_CERTIFICATE_REQUEST = 13,
    WIRE_MESSAGE_SERVER_HELLO_DONE = 14,
    WIRE_MESSAGE_CERTIFICATE_VERIFY = 15,
    WIRE_MESSAGE_CLIENT_KEY_EXCHANGE = 16,
    WIRE_MESSAGE_FINISHED = 20,
    WIRE_MESSAGE_CERTIFICATE_STATUS = 22,
    WIRE_MESSAGE_KEY_UPDATE = 24,
    WIRE_MESSAGE_COMPRESSED_CERTIFICATE = 25,
};

/* "ServerHello"; "unknown message" for a number that is none. */
const char *wire_message_name(uint8_t type);

/* One handshake message from a byte stream (RFC 8446 4): its type and body. False when the bytes
 * end before it does; nothing is taken from `r` then. */
bool wire_handshake_next(struct base_reader *r, uint8_t *type, struct base_bytes *body);

/* What a ServerHello or HelloRetryRequest says (RFC 8446 4.1.3, 4.1.4; RFC 5246 7.4.1.3). */
struct wire_server_hello {
    uint16_t version;          /* legacy_version field */
    uint16_t selected_version; /* the version in truth: supported_versions, else `version` */
    bool retry_request;        /* the random is that of a HelloRetryRequest */
    uint16_t downgrade;        /* RFC 8446 4.1.3 sentinel: 0x0303, 0x0302, or 0 when absent */
    struct base_bytes random;
    struct base_bytes session_id;
    uint16_t suite;
    uint8_t compression;
    bool key_share; /* a key_share extension was there; `group` is its group */
    uint16_t group;
    bool pre_shared_key; /* TLS 1.3 resumption was accepted */
    bool cookie;
    bool extended_master_secret;              /* RFC 7627 */
    bool encrypt_then_mac;                    /* RFC 7366 */
    bool renegotiation_info;                  /* RFC 5746 */
    bool session_ticket;                      /* RFC 5077: a ticket will follow */
    bool status_request;                      /* RFC 6066: a CertificateStatus may follow */
    bool server_name;                         /* RFC 6066: the name was used */
    bool scts;                                /* RFC 6962 extension */
    struct base_bytes alpn;                   /* RFC 7301 choice, empty when none */
    uint16_t extensions[WIRE_EXTENSIONS_MAX]; /* in the order sent */
    size_t extension_count;                   /* all of them */
    const char *error;                        /* what did not fit, "" when all was well */
    size_t error_at;                          /* offset in the body */
};

/* `body` is the message without its header; the views in `out` borrow from it. False with `error`
 * set when it is malformed; what was read before stays in `out`. */
bool wire_server_hello_parse(struct base_bytes body, struct wire_server_hello *out);

enum wire_exchange { WIRE_EXCHANGE_ECDHE, WIRE_EXCHANGE_DHE };

/* What a ServerKeyExchange says (RFC 5246 7.4.3, RFC 8422 5.4). */
struct wire_key_exchange {
    uint16_t group;          /* ECDHE with a named curve, else 0 */
    struct base_bytes prime; /* DHE: p, leading zeros removed */
    unsigned prime_bits;     /* DHE */
    bool is_signed;          /* a signature follows the parameters */
    uint16_t scheme;         /* TLS 1.2: {hash, signature}; 0 before and for unsigned ones */
    const char *error;       /* "" when all was well */
};

/* For suites with a certificate; `version` as negotiated. */
bool wire_key_exchange_parse(struct base_bytes body, enum wire_exchange kind, uint16_t version,
                             struct wire_key_exchange *out);

/* The scheme at the start of a CertificateVerify (TLS 1.2 and 1.3), 0 when there is none. */
uint16_t wire_certificate_verify_scheme(struct base_bytes body);

struct wire_ticket {
    uint32_t lifetime; /* seconds */
    size_t length;     /* of the ticket; 0: the server changed its mind */
};
/* NewSessionTicket (RFC 5077 3.3, RFC 8446 4.6.1); false when malformed. */
bool wire_ticket_parse(struct base_bytes body, uint16_t version, struct wire_ticket *out);

#endif
