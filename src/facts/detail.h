/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_FACTS_DETAIL_H
#define WAXSEAL_FACTS_DETAIL_H

#include "facts/reply.h"

#include <stdint.h>

/* What the users of `openssl s_client` look for beyond facts_session, in the words that program has
 * for it. Texts are "" when they do not apply, and are printable. All memory is the arena's. */

/* One call of the path check, in the order they came: `depth=2 ...`, `verify error:...`. */
struct facts_verify_step {
    int depth;
    int error; /* X509_V_ERR_*, 0 none */
    const char *error_text;
    const char *subject;
    const char *issuer;     /* errors 2, 20 ... that show it; else "" */
    const char *not_before; /* errors 9 and 13; else "" */
    const char *not_after;  /* errors 10 and 14; else "" */
    const char *policies;   /* -policy_print and error 43: the policy tree, many lines; else "" */
    bool ok;                /* what the callback answered: `verify return:` */
};

/* One certificate as sent, in s_client's words. Same order as facts_endpoint.certificates. */
struct facts_detail_certificate {
    const char *subject; /* by -nameopt, default as the linked OpenSSL prints it */
    const char *issuer;
    const char *key; /* "rsaEncryption, 2048 (bit)" */
    const char *signature;
    const char *not_before; /* "Nov 23 18:51:53 2026 GMT" */
    const char *not_after;
    const char *pem; /* with its BEGIN and END lines */
};

struct facts_detail {
    const char *library;     /* "OpenSSL 3.0.22 25 Aug 2026" */
    uint32_t library_number; /* 0x30000160 */
    struct facts_verify_step *steps;
    size_t step_count;
    size_t steps_cap;
    struct facts_detail_certificate *chain;
    size_t chain_count;
    bool peer_known;     /* the session has the server's certificate: not so when it was refused */
    bool chain_recalled; /* resumed: nothing was sent; the leaf out of the session stands alone */
    int verify_code;     /* SSL_get_verify_result of the user's own check */
    const char *verify_text;
    const char *verified_name; /* name that -verify_hostname or DANE matched */
    const char *dane;          /* "TLSA 3 1 1 ...abcd matched the EE certificate at depth 0" */

    const char **ca_names; /* acceptable to the server for client certificates */
    size_t ca_name_count;
    const char *client_certificate_types; /* "RSA sign, ECDSA sign" */
    const char *requested_schemes;        /* "ECDSA+SHA256:RSA+SHA256" */
    const char *shared_schemes;           /* the same, as far as we share them */
    const char *peer_digest;         /* "SHA256"; "UNDEF" for Ed25519 and Ed448: -brief says so,
                                        the full output leaves the line out */
    const char *peer_signature_type; /* "ECDSA", "RSA-PSS" */
    const char *temp_key;            /* "X25519, 253 bits" */
    const char *group;               /* 3.2 and later, KEM groups: "X25519MLKEM768" */
    const char *point_formats;       /* "uncompressed:..." up to TLS 1.2 */
    int server_key_bits;

    const char *version_name;   /* SSL_get_version */
    const char *cipher_version; /* SSL_CIPHER_get_version, as in "New, TLSv1.3, Cipher is" */
    const char *cipher_name;    /* OpenSSL's name */
    bool reused;
    bool renegotiation_forbidden; /* TLS 1.3 */
    bool secure_renegotiation;
    const char *compression; /* "NONE" */
    const char *expansion;
    const char *alpn;
    enum facts_early_data {
        FACTS_EARLY_DATA_NOT_SENT,
        FACTS_EARLY_DATA_REJECTED,
        FACTS_EARLY_DATA_ACCEPTED
    } early_data;
    const char *session;  /* the library's own print of the session; master secret as asked for */
    const char **tickets; /* TLS 1.3: one such print for each ticket that came later */
    size_t ticket_count;
    size_t tickets_cap;
    const char *export_label; /* -keymatexport */
    struct base_bytes export_key;
    uint64_t bytes_read; /* of the whole connection up to the end of the handshake */
    uint64_t bytes_written;
    bool status_asked;  /* -status */
    const char *status; /* decoded OCSP response, "" none came */
    bool scts_asked;
    unsigned sct_count;
    const char *scts; /* decoded, with the validation status of each */
    bool server_raw_key;
    bool client_raw_key;
    const char *errors; /* what failed, as the library prints it: its error queue, many lines */
};

#endif
