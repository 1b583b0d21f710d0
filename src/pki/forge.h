/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_PKI_FORGE_H
#define WAXSEAL_PKI_FORGE_H

#include "base/buf.h"
#include "base/error.h"

#include <stdint.h>

/* Makes certificates for the demo and for tests: a key pair and a certificate signed by `issuer`
 * (NULL: self-signed). */
struct pki_forged; /* owns key and certificate */

struct pki_forge_request {
    const char *common_name;
    const char *const *dns_names; /* NULL-terminated SANs, or NULL */
    int64_t not_before;           /* seconds since 1970 */
    int64_t not_after;
    bool ca;
    unsigned rsa_bits;  /* 0: EC P-256 */
    const char *digest; /* "SHA256" when NULL */
};

WS_MUST_USE enum ws_err pki_forge(const struct pki_forge_request *r,
                                  const struct pki_forged *issuer, struct pki_forged **out,
                                  struct base_error *e);
void pki_forged_free(struct pki_forged *f);
/* Appends PEM. */
WS_MUST_USE enum ws_err pki_forged_certificate_pem(const struct pki_forged *f,
                                                   struct base_buf *out);
WS_MUST_USE enum ws_err pki_forged_key_pem(const struct pki_forged *f, struct base_buf *out);

#endif
