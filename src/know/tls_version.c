/* SPDX-License-Identifier: Apache-2.0 */
/* know/tls_version - the versions of SSL and TLS
 *
 * One row per version a peer may name, oldest first. The draft numbers of TLS 1.3 and GREASE values
 * (RFC 8701) are no versions and have no row. RFC 6176, RFC 7568 and RFC 8996 are the documents
 * that forbid SSL 2, SSL 3, and TLS 1.0 with 1.1. */
#include "know/tls_version.h"

static const struct know_tls_version versions[] = {
    {0x0002, "SSLv2", "SSL 2.0", 1995, 2011},  {0x0300, "SSLv3", "RFC 6101", 1996, 2015},
    {0x0301, "TLSv1", "RFC 2246", 1999, 2021}, {0x0302, "TLSv1.1", "RFC 4346", 2006, 2021},
    {0x0303, "TLSv1.2", "RFC 5246", 2008, 0},  {0x0304, "TLSv1.3", "RFC 8446", 2018, 0},
};

const struct know_tls_version *know_tls_versions(size_t *count) {
    *count = sizeof(versions) / sizeof(versions[0]);
    return versions;
}

static const struct know_tls_version *find(uint16_t id) {
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
        if (versions[i].id == id)
            return &versions[i];
    return NULL;
}

const char *know_tls_version_name(uint16_t id) {
    const struct know_tls_version *v = find(id);
    return v ? v->name : "";
}
