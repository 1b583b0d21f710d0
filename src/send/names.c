/* SPDX-License-Identifier: Apache-2.0 */
/* names - whom to ask for names
 *
 * MX, TLSA and TXT always come from the project's resolver; addresses from the system, as for every
 * other program, unless --resolver, --trust-anchor or --hosts say otherwise.
 *
 * Limits: five seconds for a question. Blocks. */
#include "send/names.h"

#define QUESTION_TIME (5 * BASE_SECOND)
#define SERVERS_MAX 8u
#define CHECK_MAX ((size_t)1 << 20)

bool send_names_given(const struct send_beyond *b) {
    return b && (b->resolver || b->trust_anchor || b->hosts);
}

/* "a,b" */
static size_t split(const char *list, struct base_arena *arena, const char **out) {
    struct base_bytes rest = base_bytes_of_str(list);
    size_t n = 0;
    while (rest.len > 0 && n < SERVERS_MAX) {
        size_t end = base_bytes_find(rest, ',');
        out[n++] = base_arena_str_bytes(arena, base_bytes_trim(base_bytes_slice(rest, 0, end)));
        rest = base_bytes_slice(rest, end + 1, rest.len);
    }
    return n;
}

enum ws_err send_names_open(const struct send_beyond *b, const enum send_family *family,
                            const struct base_log *log, struct base_arena *arena,
                            struct dns_wait *out, struct base_error *e) {
    const char *servers[SERVERS_MAX];
    const struct dns_config c = {
        .forwarders = servers,
        .forwarder_count = split(b ? b->resolver : NULL, arena, servers),
        .trust_anchor_file = b ? b->trust_anchor : NULL,
        .hosts_file = b ? b->hosts : NULL,
        .ipv4 = family && *family != SEND_IPV6,
        .ipv6 = family && *family != SEND_IPV4,
        .timeout = QUESTION_TIME,
    };
    return dns_wait_open(out, &c, log, e);
}

bool send_names_check(const struct send_beyond *b, const struct base_log *log,
                      struct base_error *e) {
    struct dns_wait wait;
    struct base_arena arena;
    if (!send_names_given(b))
        return true;
    base_arena_init(&arena, CHECK_MAX);
    enum ws_err err = send_names_open(b, NULL, log, &arena, &wait, e);
    if (err == WS_OK)
        dns_wait_close(&wait);
    base_arena_release(&arena);
    return err == WS_OK;
}
