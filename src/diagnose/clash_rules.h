/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_DIAGNOSE_CLASH_RULES_H
#define WAXSEAL_DIAGNOSE_CLASH_RULES_H

#include "diagnose/clash_case.h"

/* The checks of the table in clash_rules.c. */

/* clash_version.c: no protocol version in common */
bool diagnose_clash_server_older(struct diagnose_case *c);
bool diagnose_clash_server_newer(struct diagnose_case *c);
bool diagnose_clash_version(struct diagnose_case *c);

/* clash_offer.c: what was offered in the ClientHello */
bool diagnose_clash_key_type(struct diagnose_case *c);
bool diagnose_clash_suite(struct diagnose_case *c);
bool diagnose_clash_group(struct diagnose_case *c);
bool diagnose_clash_scheme(struct diagnose_case *c);
bool diagnose_clash_offer(struct diagnose_case *c); /* several of these remain possible */
/* Of all that was offered only the version can be what the server did not take. */
bool diagnose_clash_is_version_alone(const struct diagnose_case *c);

/* clash_local.c: this side ends the handshake */
bool diagnose_clash_nothing_to_offer(struct diagnose_case *c);
bool diagnose_clash_legacy_signature(struct diagnose_case *c);
bool diagnose_clash_small_dh(struct diagnose_case *c);
bool diagnose_clash_renegotiation(struct diagnose_case *c);
bool diagnose_clash_downgrade(struct diagnose_case *c);
bool diagnose_clash_weak_certificate(struct diagnose_case *c);
bool diagnose_clash_verification(struct diagnose_case *c);

/* clash_alert.c: alerts with a meaning of their own */
bool diagnose_clash_client_certificate(struct diagnose_case *c);
bool diagnose_clash_client_certificate_refused(struct diagnose_case *c);
bool diagnose_clash_server_name(struct diagnose_case *c);
bool diagnose_clash_name_missing(struct diagnose_case *c);
bool diagnose_clash_fallback(struct diagnose_case *c);
bool diagnose_clash_psk(struct diagnose_case *c);
bool diagnose_clash_alpn(struct diagnose_case *c);
bool diagnose_clash_extension(struct diagnose_case *c);
bool diagnose_clash_internal_error(struct diagnose_case *c);

/* clash_silence.c: no alert, or no answer to any client */
bool diagnose_clash_plaintext(struct diagnose_case *c);
bool diagnose_clash_no_certificate(struct diagnose_case *c);
bool diagnose_clash_hello_dropped(struct diagnose_case *c);
bool diagnose_clash_unknown(struct diagnose_case *c);

#endif
