/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_DIAGNOSE_SOFTWARE_H
#define WAXSEAL_DIAGNOSE_SOFTWARE_H

#include "facts/endpoint.h"

/* The mail server software, as far as greeting and hello betray it. */
enum diagnose_software {
    DIAGNOSE_SOFTWARE_UNKNOWN,
    DIAGNOSE_SOFTWARE_POSTFIX,
    DIAGNOSE_SOFTWARE_EXIM,
    DIAGNOSE_SOFTWARE_SENDMAIL,
    DIAGNOSE_SOFTWARE_OPENSMTPD,
    DIAGNOSE_SOFTWARE_EXCHANGE,
    DIAGNOSE_SOFTWARE_DOVECOT,
    DIAGNOSE_SOFTWARE_COUNT
};

enum diagnose_software diagnose_software_of(const struct facts_endpoint *e);
const char *diagnose_software_name(enum diagnose_software s);

/* What there is to change on the server. */
enum diagnose_remedy {
    DIAGNOSE_REMEDY_ENABLE_STARTTLS,
    DIAGNOSE_REMEDY_CERTIFICATE, /* where chain and key are named, and how to reload */
    DIAGNOSE_REMEDY_PROTOCOLS,   /* which protocol versions are allowed */
    DIAGNOSE_REMEDY_AUTH_AFTER_TLS,
    DIAGNOSE_REMEDY_CIPHERS,            /* which suites are allowed */
    DIAGNOSE_REMEDY_KEY_TYPES,          /* an RSA certificate beside an ECDSA one */
    DIAGNOSE_REMEDY_GROUPS,             /* which groups are allowed */
    DIAGNOSE_REMEDY_DH,                 /* the finite-field prime */
    DIAGNOSE_REMEDY_SNI,                /* certificates by server name, and the default one */
    DIAGNOSE_REMEDY_CLIENT_CERTIFICATE, /* certificates asked of clients */
    DIAGNOSE_REMEDY_COUNT
};

/* A phrase naming the setting of this software ("Postfix: smtpd_tls_security_level = may"); a
 * general one when the software is not known. Static. */
const char *diagnose_remedy_for(enum diagnose_software s, enum diagnose_remedy r);

#endif
