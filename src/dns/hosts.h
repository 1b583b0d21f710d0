/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_DNS_HOSTS_H
#define WAXSEAL_DNS_HOSTS_H

#include "base/arena.h"

/* Names whose addresses are given and not asked for: the lines of an /etc/hosts-like file. */

struct dns_hosts_entry {
    const char *name;                   /* A-labels, lower case, no final dot */
    const char *address;                /* usual text form */
    bool ipv6;                          /* the address */
    const struct dns_hosts_entry *next; /* of the same name, in the order given; NULL: the last */
};

/* One entry for each name and address, found by either (search trees of the C library). */
struct dns_hosts {
    struct base_arena arena;
    void *names;     /* the first entry of each name, and the last one below */
    void *addresses; /* the first entry of each address */
    void *pairs;
    size_t count;
    size_t max;
};

/* `max`: most entries it takes (WS_LIMIT beyond). */
void dns_hosts_init(struct dns_hosts *h, size_t max);
void dns_hosts_release(struct dns_hosts *h);

WS_MUST_USE enum ws_err dns_hosts_add(struct dns_hosts *h, const char *name, const char *address,
                                      struct base_error *e);
/* Reads "ADDRESS NAME..." lines; the message of an error begins with FILE:LINE. */
WS_MUST_USE enum ws_err dns_hosts_read(struct dns_hosts *h, const char *file, struct base_error *e);
/* The same from memory; `file` is for messages. */
WS_MUST_USE enum ws_err dns_hosts_read_text(struct dns_hosts *h, struct base_bytes text,
                                            const char *file, struct base_error *e);

/* The first entry of a name as the entries have it, or NULL. */
const struct dns_hosts_entry *dns_hosts_find(const struct dns_hosts *h, const char *name);
/* The first name that has this address (usual text form), or NULL. */
const char *dns_hosts_name_of(const struct dns_hosts *h, const char *address);

/* An address in its usual text form, or "" when `text` is none. Zone ids are not for here. */
const char *dns_address_usual(struct base_arena *arena, const char *text, bool *ipv6);

#endif
