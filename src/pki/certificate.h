/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_PKI_CERTIFICATE_H
#define WAXSEAL_PKI_CERTIFICATE_H

#include "base/arena.h"
#include "facts/certificate.h"

struct x509_st; /* OpenSSL's X509 */

/* Reads one certificate from DER. Bytes that are no certificate give parsed = false and `error`;
 * that is a fact, not a failure. `now` (seconds since 1970) is for days_left. */
void pki_certificate_read(struct base_bytes der, int64_t now, struct base_arena *arena,
                          struct facts_certificate *out);
/* The same from a parsed certificate (saves a second d2i, 80 us in OpenSSL 3.0). */
void pki_certificate_read_x509(struct x509_st *x, int64_t now, struct base_arena *arena,
                               struct facts_certificate *out);

/* How many signed certificate timestamps a list holds (RFC 6962 3.3); stops at the first that does
 * not fit. */
unsigned pki_sct_count(struct base_bytes list);

#endif
