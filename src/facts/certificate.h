/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_FACTS_CERTIFICATE_H
#define WAXSEAL_FACTS_CERTIFICATE_H

#include "facts/reply.h"

#include <stdint.h>

enum facts_san_kind {
    FACTS_SAN_DNS,
    FACTS_SAN_IP,
    FACTS_SAN_EMAIL,
    FACTS_SAN_URI,
    FACTS_SAN_OTHER
};

struct facts_san {
    enum facts_san_kind kind;
    const char *value;   /* A-label as in the certificate, control bytes escaped; IP in text form */
    const char *unicode; /* U-label form when it differs, else "" */
};

/* One certificate, in the order the server sent it. Names and serial are printable. */
struct facts_certificate {
    struct base_bytes der;
    bool parsed; /* false: the bytes are no certificate; `error` says why */
    const char *error;
    const char *subject;    /* RFC 2253-like one line: "CN=mx.example.org,O=..." */
    const char *subject_cn; /* first CN, "" none */
    const char *issuer;
    struct facts_san *sans;
    size_t san_count;
    const char *serial; /* lower-case hex */
    int64_t not_before; /* seconds since 1970 */
    int64_t not_after;
    int days_left;        /* whole days until not_after, negative when past */
    const char *key_type; /* "RSA", "EC", "Ed25519", "Ed448", "DSA", "RSA-PSS", ... */
    int key_bits;
    const char *key_curve;          /* "P-256", "P-384", ... or "" */
    const char *signature;          /* OpenSSL long name "ecdsa-with-SHA256" */
    const char *signature_hash;     /* "SHA1", "SHA256", "" for Ed25519 */
    const char *sha256;             /* lower-case hex of the DER */
    const char *spki_sha256;        /* lower-case hex of the SubjectPublicKeyInfo */
    const char *key_usage;          /* "digitalSignature,keyEncipherment" or "" */
    const char *extended_key_usage; /* "serverAuth,clientAuth" or "" */
    bool is_ca;
    bool self_issued;       /* subject equals issuer */
    bool self_signed;       /* and its own key verifies its signature */
    bool must_staple;       /* RFC 7633 status_request */
    unsigned scts;          /* embedded signed certificate timestamps */
    const char *ca_issuers; /* AIA caIssuers URL, "" none */
    const char *ocsp_url;
};

/* The chain as sent, judged only by itself. */
struct facts_chain {
    bool in_order; /* each certificate is issued by the next one */
    bool complete; /* leads to a root: the last one is self-signed, or its issuer is in the store */
    bool includes_root; /* a self-signed CA was sent along */
    size_t superfluous; /* certificates that are on no path from the leaf */
    const char
        *missing_issuer; /* issuer name of the last one on the path when it is nowhere, or "" */
};

enum facts_identity {
    FACTS_IDENTITY_NONE,
    FACTS_IDENTITY_MX,
    FACTS_IDENTITY_DOMAIN,
    FACTS_IDENTITY_GIVEN
};

/* PKIX verification (RFC 5280) and server identity (RFC 9525). */
struct facts_verification {
    bool done;
    bool ok; /* chain and name are both good */
    bool chain_ok;
    int code; /* OpenSSL X509_V_ERR_*, 0 fine; 62 when only the name is wrong */
    const char
        *reason;    /* OpenSSL's text, "ok"; code, reason, depth as `openssl s_client` has them */
    int depth;      /* where `code` was met; 0 the leaf */
    int first_code; /* the first error met: the cause, when it is another */
    const char *first_reason;
    bool name_ok;                /* `reference` matched */
    const char *reference;       /* the name the certificate must bear */
    const char *matched_name;    /* the SAN that matched, "" none */
    enum facts_identity matched; /* which reference identity matched */
    bool domain_matches;         /* the mail domain matches too */
    const char *trust;           /* which store: "system" or the file/dir given */
};

#endif
