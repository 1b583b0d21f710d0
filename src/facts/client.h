/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_FACTS_CLIENT_H
#define WAXSEAL_FACTS_CLIENT_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

/* What our own client was told to allow, so that a failed handshake can be laid at the right door.
 * Texts are as the user typed them; "" means: not restricted. All memory is the arena's or the
 * command line's. What was really offered stands in the hello. */
struct facts_client {
    uint16_t min_version;          /* oldest protocol offered, 0x0301 ... */
    uint16_t max_version;          /* newest protocol offered, ... 0x0304 */
    bool versions_limited;         /* by the user, not by the library */
    const char *cipher;            /* -cipher: suites up to TLS 1.2 */
    const char *ciphersuites;      /* -ciphersuites: suites of TLS 1.3 */
    const char *groups;            /* -groups, -curves */
    const char *signature_schemes; /* -sigalgs */
    int security_level;            /* in force, 0 to 5 */
    const char *sni;               /* sent, "" none */
    bool sni_withheld;             /* -noservername, or an address without a name */
    bool certificate_given;        /* -cert */
    bool verification_required;    /* -verify_return_error: our side refuses a bad chain */
    bool legacy_renegotiation;     /* -legacy_server_connect: servers without RFC 5746 are taken */
    int verify_error;              /* X509_V_ERR_* at which our side ended the handshake, 0 none */
    int verify_depth;              /* of the certificate it was met at; 0 the leaf */
    const char *verify_text;       /* the library's words for it */
    const char *verify_subject;    /* that certificate's */
    struct base_bytes hello; /* the (first) ClientHello message sent, with its 4 byte header */
};

#endif
