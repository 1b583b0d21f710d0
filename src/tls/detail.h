/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TLS_DETAIL_H
#define WAXSEAL_TLS_DETAIL_H

#include "tls/wish.h"

/* Parts of facts_detail, for tls/detail alone. */

/* Digests, signature types, what was asked of a client certificate. */
void tls_detail_read_signatures(const struct tls_session *s, struct base_arena *arena,
                                struct facts_detail *d);
/* The server's temporary key, the group, point formats. */
void tls_detail_read_key_exchange(const struct tls_session *s, struct base_arena *arena,
                                  struct facts_detail *d);
/* The OCSP response and the certificate timestamps. */
void tls_detail_read_proofs(const struct tls_session *s, struct base_arena *arena,
                            struct facts_detail *d);

#endif
