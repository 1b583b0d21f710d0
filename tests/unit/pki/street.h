/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TESTS_PKI_STREET_H
#define WAXSEAL_TESTS_PKI_STREET_H

#include "pki/certificate.h"
#include "pki/forge.h"
#include "pki/trust.h"

#include <openssl/x509.h>

#define STREET_NOW INT64_C(1795000000)
#define STREET_DAY INT64_C(86400)

/* A root, an intermediate and leaves, made once for all tests of a program. */
struct street {
    struct pki_forged *root, *intermediate, *leaf, *stranger; /* stranger: another root */
    struct pki_trust *trust;                                  /* of the root */
    struct base_arena arena;
};

int street_open(void **state); /* cmocka group setup: *state is a struct street */
int street_close(void **state);

/* Forges or fails the test. */
struct pki_forged *street_forge(const struct pki_forge_request *r, const struct pki_forged *issuer);
/* A leaf for mx.example.org with this validity and these names, under `issuer`. */
struct pki_forged *street_leaf(const struct pki_forged *issuer, const char *const *names,
                               int64_t from, int64_t until);
X509 *street_x509(const struct pki_forged *f); /* the caller frees */
/* DER of a certificate, in the arena. */
struct base_bytes street_der(struct street *s, const struct pki_forged *f);
/* A stack of these, NULL ends the list; free with street_stack_free. */
STACK_OF(X509) * street_stack(const struct pki_forged *const *list);
void street_stack_free(STACK_OF(X509) * stack);

#endif
