/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_FACTS_TARGET_H
#define WAXSEAL_FACTS_TARGET_H

#include "facts/endpoint.h"
#include "facts/finding.h"

enum facts_target_kind {
    FACTS_TARGET_DOMAIN,
    FACTS_TARGET_HOST,
    FACTS_TARGET_ADDRESS,
    FACTS_TARGET_SOCKET
};

enum facts_dnssec {
    FACTS_DNSSEC_NOT_ASKED,
    FACTS_DNSSEC_SECURE,
    FACTS_DNSSEC_INSECURE,
    FACTS_DNSSEC_BOGUS,
    FACTS_DNSSEC_INDETERMINATE
};

/* What a DNS question came to. OVERRIDE: answered from --hosts, --mx or an address literal. */
enum facts_dns_result {
    FACTS_DNS_NOT_ASKED,
    FACTS_DNS_DATA,
    FACTS_DNS_NODATA, /* the name exists, not this type */
    FACTS_DNS_NXDOMAIN,
    FACTS_DNS_SERVFAIL, /* the servers did not answer usefully: not a "no" */
    FACTS_DNS_BOGUS,    /* DNSSEC validation failed: not a "no" */
    FACTS_DNS_TIMEOUT,
    FACTS_DNS_ERROR, /* local failure */
    FACTS_DNS_OVERRIDE,
};

/* One question and its outcome. */
struct facts_dns_answer {
    enum facts_dns_result result;
    enum facts_dnssec status;
    const char *why;       /* why_bogus, or what failed; "" */
    const char *canonical; /* the name at the end of the CNAME chain when it differs, or "" */
    double ms;
    unsigned ttl;
};

struct facts_address {
    const char *text; /* "192.0.2.1", "2001:db8::1" */
    bool ipv6;
    const char *ptr; /* "" none or not asked */
    struct facts_dns_answer ptr_answer;
    enum facts_answer ptr_confirmed;
};

/* An MX host, or the host asked for. */
struct facts_host {
    const char *name;    /* A-labels, lower case, no final dot */
    const char *unicode; /* U-labels when different, or "" */
    int preference;      /* -1 when not from MX */
    bool implicit;       /* no MX: the domain itself (RFC 5321 5.1) */
    struct facts_dns_answer a;
    struct facts_dns_answer aaaa;
    struct facts_address *addresses; /* IPv6 and IPv4 as answered, duplicates removed */
    size_t address_count;
    size_t addresses_cap;
};

struct facts_dns {
    struct facts_dns_answer mx; /* NOT_ASKED for hosts and addresses */
    bool null_mx;               /* RFC 7505: a single "0 ." */
    bool null_mx_mixed;         /* "." stands beside real MX records: an error of the domain */
    struct facts_host *hosts;   /* sorted by preference, then name */
    size_t host_count;
    size_t hosts_cap;
    enum facts_dnssec status; /* the weakest of all answers that the mail path used */
};

enum facts_verdict {
    FACTS_VERDICT_OK,
    FACTS_VERDICT_PROBLEMS,    /* STARTTLS works, with problems */
    FACTS_VERDICT_NO_STARTTLS, /* at least one endpoint that answers can't do TLS */
    FACTS_VERDICT_UNKNOWN,     /* could not tell (network, DNS) */
};

struct facts_policy;

struct facts_target {
    const char *input; /* as typed */
    size_t index;      /* position in the order given, from 0 */
    enum facts_target_kind kind;
    const char *name;    /* A-labels (domain, host), or the address, or the socket path */
    const char *unicode; /* U-labels when different, or "" */
    enum facts_protocol protocol;
    bool implicit_tls;
    unsigned port;
    bool port_given;
    const char *error; /* target syntax error: nothing else was done; "" */
    struct facts_dns dns;
    struct facts_endpoint *endpoints;
    size_t endpoint_count;
    size_t endpoints_cap;
    struct facts_policy *policy; /* what the domain publishes; NULL: not looked up */
    struct facts_finding *findings;
    size_t finding_count;
    size_t findings_cap;
    enum facts_verdict verdict;
    double ms;
};

/* One run over all targets. Who hands each out as it is complete keeps none of them here. */
struct facts_report {
    const char *version; /* of waxseal */
    int64_t started;     /* seconds since 1970 */
    const char *helo;    /* the name we gave */
    struct facts_target *targets;
    size_t target_count;
    size_t targets_cap;
    double ms;
};

#endif
