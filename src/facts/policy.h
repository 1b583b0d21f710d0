/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_FACTS_POLICY_H
#define WAXSEAL_FACTS_POLICY_H

#include "facts/target.h"

/* What a domain publishes on how its mail servers are to be trusted. */

/* A TLSA record as SMTP sees it (RFC 6698, RFC 7672 section 3.1). */
struct facts_tlsa_record {
    unsigned usage, selector, matching;
    struct base_bytes data;
    const char *text; /* "3 1 1 2bb183af..." */
    const char *why;  /* why a sender can't use it; "" usable */
};

enum facts_tlsa_state {
    FACTS_TLSA_NOT_ASKED,
    FACTS_TLSA_USABLE,   /* secure, and at least one record is usable */
    FACTS_TLSA_UNUSABLE, /* secure, but no record is usable: encryption without a name */
    FACTS_TLSA_NONE,     /* secure: there is no record */
    FACTS_TLSA_INSECURE, /* the zone of the host or of its records is not signed */
    FACTS_TLSA_UNKNOWN,  /* bogus, failed, not validated: mail must wait */
};

struct facts_tlsa {
    enum facts_tlsa_state state;
    const char *host;                /* the server */
    const char *base;                /* the name under which records were found, for SNI */
    const char *name;                /* "_25._tcp.mx.example.org", the last one asked for */
    enum facts_dnssec addresses;     /* status of the host's addresses */
    struct facts_dns_answer answer;  /* of `name` */
    const char *why;                 /* of any state but USABLE, one sentence without a stop */
    struct facts_tlsa_record *items; /* as answered */
    size_t count;
    size_t cap;
    size_t usable;
};

enum facts_sts_state {
    FACTS_STS_NOT_ASKED,
    FACTS_STS_FOUND,
    FACTS_STS_NONE,    /* no record in the DNS */
    FACTS_STS_BROKEN,  /* record or policy break RFC 8461 */
    FACTS_STS_UNKNOWN, /* DNS or web server could not be asked */
};

enum facts_sts_mode { FACTS_STS_MODE_NONE, FACTS_STS_MODE_TESTING, FACTS_STS_MODE_ENFORCE };

/* An MTA-STS policy (RFC 8461). */
struct facts_sts {
    enum facts_sts_state state;
    const char *domain;
    struct facts_dns_answer txt;
    const char *id;  /* of the record, "" none */
    const char *url; /* "" nothing was fetched */
    enum facts_sts_mode mode;
    const char **mx; /* patterns, lower case: "mx.example.org", "*.example.org" */
    size_t mx_count;
    size_t mx_cap;
    unsigned max_age; /* seconds */
    const char *why;  /* of any state but FOUND, one sentence without a stop */
    double ms;        /* of the fetch */
};

/* What was looked up for a mail domain and its hosts. */
struct facts_policy {
    struct facts_sts sts;    /* NOT_ASKED: not wanted */
    struct facts_tlsa *tlsa; /* one for each host, in the order asked for */
    size_t tlsa_count;
};

#endif
