/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_WIRE_CLIENT_HELLO_H
#define WAXSEAL_WIRE_CLIENT_HELLO_H

#include "base/reader.h"
#include "know/tls_extension.h"

#define WIRE_HELLO_EXTENSIONS_MAX 64 /* more are counted, not kept in `extensions` */

/* What a ClientHello offers (RFC 8446 4.1.2, RFC 5246 7.4.1.2). All views borrow from the body.
 * Lists of numbers are two bytes each, read with wire_list_count and wire_list_at; of a list of odd
 * length the last byte is left out. A list is empty when its extension is absent or malformed. */
struct wire_client_hello {
    uint16_t version;     /* legacy_version field */
    uint16_t max_version; /* the newest offered: supported_versions, else `version`; no GREASE */
    struct base_bytes random;
    struct base_bytes session_id;
    struct base_bytes suites;
    struct base_bytes compression; /* one byte each */

    uint16_t extensions[WIRE_HELLO_EXTENSIONS_MAX]; /* numbers in the order sent */
    size_t extension_count;                         /* all of them */
    struct base_bytes extension_block;              /* see wire_extension_find */

    struct base_bytes versions;            /* supported_versions */
    struct base_bytes groups;              /* supported_groups */
    struct base_bytes schemes;             /* signature_algorithms */
    struct base_bytes certificate_schemes; /* signature_algorithms_cert */
    struct base_bytes key_shares;          /* see wire_key_share_next */
    struct base_bytes server_name;         /* the first host_name, as sent */
    struct base_bytes alpn;                /* see wire_alpn_next */
    struct base_bytes point_formats;       /* one byte each */
    struct base_bytes psk_modes;           /* one byte each: 0 psk_ke, 1 psk_dhe_ke */
    struct base_bytes session_ticket;      /* RFC 5077; empty: a new one is asked for */
    uint8_t max_fragment;                  /* RFC 6066 code 1 to 4, 0 when not asked for */

    bool has_versions, has_groups, has_schemes, has_key_share; /* the extension is there */
    bool has_server_name, has_alpn, has_session_ticket;
    bool extended_master_secret; /* RFC 7627 */
    bool encrypt_then_mac;       /* RFC 7366 */
    bool renegotiation_info;     /* RFC 5746: the extension or its SCSV */
    bool fallback;               /* RFC 7507 SCSV */
    bool status_request;         /* RFC 6066 or RFC 6961: an OCSP answer is asked for */
    bool scts;                   /* RFC 6962 extension */
    bool pre_shared_key;
    bool early_data;
    bool post_handshake_auth;
    bool padding; /* RFC 7685 */
    bool grease;  /* RFC 8701 values stand among suites, groups, versions or extensions */

    const char *error; /* the first thing that did not fit, "" when all was well */
    size_t error_at;   /* offset in the body */
};

/* `body` is the message without its header. False with `error` set when it is malformed; what could
 * be read stays in `out`: an extension that is wrong inside does not hide those behind it. */
bool wire_client_hello_parse(struct base_bytes body, struct wire_client_hello *out);

/* The body of the first extension of this number in a block of extensions without its length; false
 * when it is absent. */
bool wire_extension_find(struct base_bytes block, uint16_t type, struct base_bytes *body);

bool wire_client_hello_has_suite(const struct wire_client_hello *h, uint16_t suite);
/* In supported_groups. */
bool wire_client_hello_has_group(const struct wire_client_hello *h, uint16_t group);
/* In signature_algorithms. */
bool wire_client_hello_has_scheme(const struct wire_client_hello *h, uint16_t scheme);
/* In supported_versions; without that extension the legacy version and all below it, down to SSL 3,
 * count as offered. */
bool wire_client_hello_has_version(const struct wire_client_hello *h, uint16_t version);

/* Lists of two-byte numbers. */
size_t wire_list_count(struct base_bytes list);
uint16_t wire_list_at(struct base_bytes list, size_t index); /* 0 beyond the end */

/* Takes the first share from *shares; false at the end, or when what is left is malformed. */
bool wire_key_share_next(struct base_bytes *shares, uint16_t *group, struct base_bytes *key);
/* Takes the first protocol name from *names; false at the end, or when what is left is malformed.
 */
bool wire_alpn_next(struct base_bytes *names, struct base_bytes *name);

#endif
