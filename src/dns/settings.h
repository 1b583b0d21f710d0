/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_DNS_SETTINGS_H
#define WAXSEAL_DNS_SETTINGS_H

#include "base/arena.h"
#include "base/clock.h"

/* Where questions go and what is trusted, as libunbound wants it written. */

#define DNS_FORWARDERS_MAX 8

struct dns_forwarders {
    const char *at[DNS_FORWARDERS_MAX]; /* "ADDRESS@PORT" */
    size_t count;
};

/* "192.0.2.53", "192.0.2.53:5353", "127.0.0.1@5353", "[::1]:53", "::1@53". */
WS_MUST_USE enum ws_err dns_forwarders_add(struct dns_forwarders *f, const char *text,
                                           struct base_arena *arena, struct base_error *e);
/* The "nameserver" lines of a resolv.conf (at most three, as the C library does). */
void dns_forwarders_from_resolv_conf(struct dns_forwarders *f, struct base_bytes text,
                                     struct base_arena *arena);
/* "192.0.2.53 and 192.0.2.54", for messages. */
const char *dns_forwarders_text(const struct dns_forwarders *f, struct base_arena *arena);

/* What is known of a forwarder: does it pass on what validation needs? Only for a while, as its
 * owner may mend or break it. */
enum dns_passes { DNS_PASSES_UNKNOWN, DNS_PASSES_ASKED, DNS_PASSES_YES, DNS_PASSES_NO };
struct dns_passing {
    enum dns_passes passes;
    base_usec until;  /* of YES and NO */
    base_usec memory; /* how long they are believed */
};
void dns_passing_learn(struct dns_passing *p, enum dns_passes passes, base_usec now);
/* Forgets what is too old; true when it just did. */
bool dns_passing_forget(struct dns_passing *p, base_usec now);

/* The name of the zone that a trust anchor file speaks of first ("." mostly). An error when the
 * file can't be read or has no DS or DNSKEY record. */
WS_MUST_USE enum ws_err dns_anchor_zone(const char *file, struct base_arena *arena,
                                        const char **zone, struct base_error *e);
/* The same from memory; NULL when there is none, or when *bad_line (else 0) can't be read. */
const char *dns_anchor_zone_of_text(struct base_bytes text, struct base_arena *arena,
                                    unsigned *bad_line);

#endif
