/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_DNS_PACKET_H
#define WAXSEAL_DNS_PACKET_H

#include "base/arena.h"

/* Reading a DNS answer (RFC 1035 4). */

enum dns_type {
    DNS_TYPE_A = 1,
    DNS_TYPE_CNAME = 5,
    DNS_TYPE_PTR = 12,
    DNS_TYPE_MX = 15,
    DNS_TYPE_TXT = 16,
    DNS_TYPE_AAAA = 28,
    DNS_TYPE_RRSIG = 46,
    DNS_TYPE_DNSKEY = 48,
    DNS_TYPE_TLSA = 52,
};
#define DNS_RCODE_NOERROR 0u
#define DNS_RCODE_SERVFAIL 2u
#define DNS_RCODE_NXDOMAIN 3u
#define DNS_RECORDS_MAX 1024

/* One record of the type asked for. */
struct dns_record {
    const char *text;       /* A, AAAA: the address; MX, PTR: the name, "." for the root */
    unsigned preference;    /* MX */
    struct base_bytes data; /* TLSA: all of it; TXT: its strings put together */
};

struct dns_packet {
    unsigned rcode;
    const char *canonical; /* the end of the CNAME chain, or "" when there was none */
    struct dns_record *records;
    size_t count;
    size_t cap;
    bool truncated;     /* more than DNS_RECORDS_MAX */
    bool is_signed;     /* a signature over the type asked for stands beside it */
    unsigned malformed; /* records of the type asked for that can't be read */
    unsigned ttl;       /* the smallest of what was used */
};

/* Reads the records of `type` at the end of the CNAME chain that starts at `name` (text form).
 * false when the message as a whole can't be read. Names come out in lower case, without final dot,
 * strange bytes as \DDD. All memory: arena. */
bool dns_packet_read(struct base_bytes message, const char *name, unsigned type,
                     struct base_arena *arena, struct dns_packet *out);

/* A name at `*at` of the message, text form; NULL when it is malformed (loops included). Moves *at
 * behind it. */
#define DNS_NAME_TEXT 1024
const char *dns_packet_name(struct base_bytes message, size_t *at, char out[DNS_NAME_TEXT]);

#endif
