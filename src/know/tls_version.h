/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_KNOW_TLS_VERSION_H
#define WAXSEAL_KNOW_TLS_VERSION_H

#include <stddef.h>
#include <stdint.h>

/* A protocol version as it stands on the wire. */
struct know_tls_version {
    uint16_t id;        /* 0x0304 */
    const char *name;   /* "TLSv1.3": the spelling of facts and of OpenSSL */
    const char *spec;   /* "RFC 8446" */
    unsigned published; /* year */
    unsigned obsoleted; /* year in which the IETF said "must not", 0: not so */
};

/* All rows, sorted by id. */
const struct know_tls_version *know_tls_versions(size_t *count);
/* "TLSv1.3", or "" for an unknown id. */
const char *know_tls_version_name(uint16_t id);

#endif
