/* SPDX-License-Identifier: Apache-2.0 */
/* facts_names - the words that options, JSON, text and docs share, each spelled once. */
#include "facts/names.h"

/* A value outside its enum is a defect of ours; it is named as such rather than read past the end.
 */
#define NAME_OF(names, value)                                                                      \
    ((size_t)(value) < sizeof(names) / sizeof((names)[0]) && (names)[value] ? (names)[value]       \
                                                                            : "invalid")

const char *facts_protocol_name(enum facts_protocol p) {
    static const char *const names[] = {
        [FACTS_PROTOCOL_SMTP] = "smtp",   [FACTS_PROTOCOL_LMTP] = "lmtp",
        [FACTS_PROTOCOL_IMAP] = "imap",   [FACTS_PROTOCOL_POP3] = "pop3",
        [FACTS_PROTOCOL_SIEVE] = "sieve",
    };
    return NAME_OF(names, p);
}

const char *facts_connect_state_name(enum facts_connect_state s) {
    static const char *const names[] = {
        [FACTS_CONNECT_NOT_TRIED] = "not_tried",     [FACTS_CONNECT_OK] = "ok",
        [FACTS_CONNECT_REFUSED] = "refused",         [FACTS_CONNECT_TIMEOUT] = "timeout",
        [FACTS_CONNECT_UNREACHABLE] = "unreachable", [FACTS_CONNECT_RESET] = "reset",
        [FACTS_CONNECT_CLOSED] = "closed",           [FACTS_CONNECT_ERROR] = "error",
    };
    return NAME_OF(names, s);
}

const char *facts_step_name(enum facts_step s) {
    static const char *const names[] = {
        [FACTS_STEP_CONNECT] = "connect",     [FACTS_STEP_GREETING] = "greeting",
        [FACTS_STEP_EHLO] = "ehlo",           [FACTS_STEP_STARTTLS] = "starttls",
        [FACTS_STEP_HANDSHAKE] = "handshake", [FACTS_STEP_EHLO_TLS] = "ehlo_tls",
        [FACTS_STEP_QUIT] = "quit",           [FACTS_STEP_DONE] = "done",
    };
    return NAME_OF(names, s);
}

const char *facts_stop_name(enum facts_stop s) {
    static const char *const names[] = {
        [FACTS_STOP_NONE] = "none",         [FACTS_STOP_NO_STARTTLS] = "no_starttls",
        [FACTS_STOP_REFUSED] = "refused",   [FACTS_STOP_TIMEOUT] = "timeout",
        [FACTS_STOP_DEADLINE] = "deadline", [FACTS_STOP_CLOSED] = "closed",
        [FACTS_STOP_RESET] = "reset",       [FACTS_STOP_NOT_PROTOCOL] = "not_protocol",
        [FACTS_STOP_LIMIT] = "limit",       [FACTS_STOP_HANDSHAKE] = "handshake",
        [FACTS_STOP_LOCAL] = "local",
    };
    return NAME_OF(names, s);
}

const char *facts_handshake_end_name(enum facts_handshake_end e) {
    static const char *const names[] = {
        [FACTS_HANDSHAKE_NONE] = "none",       [FACTS_HANDSHAKE_ALERT] = "alert",
        [FACTS_HANDSHAKE_LOCAL] = "local",     [FACTS_HANDSHAKE_PLAINTEXT] = "plaintext",
        [FACTS_HANDSHAKE_CLOSED] = "closed",   [FACTS_HANDSHAKE_RESET] = "reset",
        [FACTS_HANDSHAKE_TIMEOUT] = "timeout",
    };
    return NAME_OF(names, e);
}

const char *facts_target_kind_name(enum facts_target_kind k) {
    static const char *const names[] = {
        [FACTS_TARGET_DOMAIN] = "domain",
        [FACTS_TARGET_HOST] = "host",
        [FACTS_TARGET_ADDRESS] = "address",
        [FACTS_TARGET_SOCKET] = "socket",
    };
    return NAME_OF(names, k);
}

const char *facts_dnssec_name(enum facts_dnssec d) {
    static const char *const names[] = {
        [FACTS_DNSSEC_NOT_ASKED] = "not_asked",         [FACTS_DNSSEC_SECURE] = "secure",
        [FACTS_DNSSEC_INSECURE] = "insecure",           [FACTS_DNSSEC_BOGUS] = "bogus",
        [FACTS_DNSSEC_INDETERMINATE] = "indeterminate",
    };
    return NAME_OF(names, d);
}

const char *facts_dns_result_name(enum facts_dns_result r) {
    static const char *const names[] = {
        [FACTS_DNS_NOT_ASKED] = "not_asked", [FACTS_DNS_DATA] = "data",
        [FACTS_DNS_NODATA] = "nodata",       [FACTS_DNS_NXDOMAIN] = "nxdomain",
        [FACTS_DNS_SERVFAIL] = "servfail",   [FACTS_DNS_BOGUS] = "bogus",
        [FACTS_DNS_TIMEOUT] = "timeout",     [FACTS_DNS_ERROR] = "error",
        [FACTS_DNS_OVERRIDE] = "override",
    };
    return NAME_OF(names, r);
}

const char *facts_verdict_name(enum facts_verdict v) {
    static const char *const names[] = {
        [FACTS_VERDICT_OK] = "ok",
        [FACTS_VERDICT_PROBLEMS] = "problems",
        [FACTS_VERDICT_NO_STARTTLS] = "no_starttls",
        [FACTS_VERDICT_UNKNOWN] = "unknown",
    };
    return NAME_OF(names, v);
}

const char *facts_severity_name(enum facts_severity s) {
    static const char *const names[] = {
        [FACTS_SEVERITY_INFO] = "info",
        [FACTS_SEVERITY_WARNING] = "warning",
        [FACTS_SEVERITY_ERROR] = "error",
    };
    return NAME_OF(names, s);
}

const char *facts_answer_name(enum facts_answer a) {
    static const char *const names[] = {
        [FACTS_NOT_TESTED] = "not_tested",
        [FACTS_YES] = "yes",
        [FACTS_NO] = "no",
        [FACTS_UNKNOWN] = "unknown",
    };
    return NAME_OF(names, a);
}

const char *facts_san_kind_name(enum facts_san_kind k) {
    static const char *const names[] = {
        [FACTS_SAN_DNS] = "dns", [FACTS_SAN_IP] = "ip",       [FACTS_SAN_EMAIL] = "email",
        [FACTS_SAN_URI] = "uri", [FACTS_SAN_OTHER] = "other",
    };
    return NAME_OF(names, k);
}

const char *facts_identity_name(enum facts_identity i) {
    static const char *const names[] = {
        [FACTS_IDENTITY_NONE] = "none",
        [FACTS_IDENTITY_MX] = "mx",
        [FACTS_IDENTITY_DOMAIN] = "domain",
        [FACTS_IDENTITY_GIVEN] = "given",
    };
    return NAME_OF(names, i);
}

const char *facts_tlsa_state_name(enum facts_tlsa_state s) {
    static const char *const names[] = {
        [FACTS_TLSA_NOT_ASKED] = "not_asked", [FACTS_TLSA_USABLE] = "usable",
        [FACTS_TLSA_UNUSABLE] = "unusable",   [FACTS_TLSA_NONE] = "none",
        [FACTS_TLSA_INSECURE] = "insecure",   [FACTS_TLSA_UNKNOWN] = "could_not_tell",
    };
    return NAME_OF(names, s);
}

const char *facts_sts_state_name(enum facts_sts_state s) {
    static const char *const names[] = {
        [FACTS_STS_NOT_ASKED] = "not_asked",
        [FACTS_STS_FOUND] = "found",
        [FACTS_STS_NONE] = "none",
        [FACTS_STS_BROKEN] = "broken",
        [FACTS_STS_UNKNOWN] = "could_not_tell",
    };
    return NAME_OF(names, s);
}

const char *facts_sts_mode_name(enum facts_sts_mode m) {
    static const char *const names[] = {
        [FACTS_STS_MODE_NONE] = "none",
        [FACTS_STS_MODE_TESTING] = "testing",
        [FACTS_STS_MODE_ENFORCE] = "enforce",
    };
    return NAME_OF(names, m);
}
