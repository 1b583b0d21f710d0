/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_FACTS_NAMES_H
#define WAXSEAL_FACTS_NAMES_H

#include "facts/policy.h"

/* The words that options, JSON, text and docs share; all static, never NULL. */
const char *facts_protocol_name(enum facts_protocol p);           /* "smtp" */
const char *facts_connect_state_name(enum facts_connect_state s); /* "ok", "refused" ... */
const char *facts_step_name(enum facts_step s);                   /* "greeting", "handshake" ... */
const char *facts_stop_name(enum facts_stop s);                   /* "no_starttls", "timeout" ... */
const char *facts_handshake_end_name(enum facts_handshake_end e); /* "alert", "plaintext" ... */
const char *facts_target_kind_name(enum facts_target_kind k);     /* "domain" ... */
const char *facts_dnssec_name(enum facts_dnssec d);               /* "secure" ... */
const char *facts_dns_result_name(enum facts_dns_result r);       /* "data", "nxdomain" ... */
const char *facts_verdict_name(enum facts_verdict v);             /* "ok", "problems" ... */
const char *facts_severity_name(enum facts_severity s);           /* "error" ... */
const char *facts_tlsa_state_name(enum facts_tlsa_state s);       /* "usable", "none" ... */
const char *facts_sts_state_name(enum facts_sts_state s);         /* "found", "broken" ... */
const char *facts_sts_mode_name(enum facts_sts_mode m);           /* "none", "testing", "enforce" */
const char *facts_answer_name(enum facts_answer a);     /* "yes", "no", "unknown", "not_tested" */
const char *facts_san_kind_name(enum facts_san_kind k); /* "dns", "ip" ... */
const char *facts_identity_name(enum facts_identity i); /* "none", "mx", "domain", "given" */

#endif
