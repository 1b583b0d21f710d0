/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_PKI_INTERNAL_H
#define WAXSEAL_PKI_INTERNAL_H

#include "base/arena.h"
#include "facts/certificate.h"
#include "pki/trust.h"

#include <openssl/x509.h>

/* What the files of pki/ share; for nobody else. */

/* Printable one-line form of a distinguished name, most specific part first; never NULL. */
const char *pki_name_text(const X509_NAME *name, struct base_arena *arena);
/* The value of an ASN.1 string, control bytes escaped; never NULL. */
const char *pki_string_text(const ASN1_STRING *s, struct base_arena *arena);
/* First commonName, "" when there is none. */
const char *pki_name_common(const X509_NAME *name, struct base_arena *arena);
/* "digitalSignature" style name of an object identifier, or its dotted form. */
const char *pki_object_text(const ASN1_OBJECT *o, struct base_arena *arena);
/* OpenSSL's reason for the oldest queued error, or `fallback`; empties the queue. Static text. */
const char *pki_error_reason(const char *fallback);

/* Fills sans, key usages, must-staple, SCTs and AIA from the extensions. */
void pki_extensions_read(const X509 *x, struct base_arena *arena, struct facts_certificate *out);

/* Name match of the leaf's SANs: fills name_ok, matched_name, matched, domain_matches. */
void pki_identity_judge(const struct facts_certificate *leaf, const struct pki_names *names,
                        struct base_arena *arena, struct facts_verification *v);

/* RFC 9525 match of a presented SAN against a reference name: case-insensitive, a wildcard stands
 * for exactly the left-most label, IDN compared as A-labels, no CN fallback. */
bool pki_name_matches(const char *pattern, const char *reference);
/* "192.0.2.1" or "2001:db8::1" rather than a name. */
bool pki_name_is_address(const char *text);

const char *pki_trust_name(const struct pki_trust *t);

#endif
