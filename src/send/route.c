/* SPDX-License-Identifier: Apache-2.0 */
/* route - where mail for a domain goes
 *
 * MX by the project's resolver (RFC 5321 section 5.1). A domain without MX, or
 * whose MX can't be found out, is its own host: the connection will tell. Hosts of equal preference
 * stand in the order of their names. */
#include "send/route.h"

#include "dns/target.h"
#include "send/names.h"

#include <string.h>

const char *send_route_domain(struct base_arena *arena, const char *address) {
    const char *at = strrchr(address, '@');
    if (!at)
        return "";
    struct base_bytes domain = base_bytes_of_str(at + 1);
    while (domain.len > 0 &&
           (domain.data[domain.len - 1] == '>' || base_ascii_is_space(domain.data[domain.len - 1])))
        domain.len--;
    return base_arena_str_bytes(arena, domain);
}

/* "[192.0.2.1]" and "#3221225985" (RFC 821); NULL when it is neither. */
static const char *literal(struct base_arena *arena, const char *domain) {
    struct base_bytes d = base_bytes_of_str(domain);
    uint64_t number = 0;
    if (d.len > 2 && d.data[0] == '[' && d.data[d.len - 1] == ']') {
        struct base_bytes inside = base_bytes_slice(d, 1, d.len - 2);
        bool tagged = base_bytes_starts_with_nocase(inside, "IPv6:");
        return base_arena_str_bytes(arena, base_bytes_slice(inside, tagged ? 5 : 0, inside.len));
    }
    if (d.len > 1 && d.data[0] == '#' &&
        base_bytes_to_uint(base_bytes_slice(d, 1, d.len), UINT32_MAX, &number))
        return base_arena_printf(arena, "%u.%u.%u.%u", (unsigned)(number >> 24 & 255),
                                 (unsigned)(number >> 16 & 255), (unsigned)(number >> 8 & 255),
                                 (unsigned)(number & 255));
    return NULL;
}

/* The MX of a domain; false when it is none. */
static bool look(struct base_arena *arena, const char *domain, const struct send_beyond *b,
                 const struct base_log *log, struct facts_target *target) {
    const struct dns_target_defaults defaults = {.protocol = FACTS_PROTOCOL_SMTP};
    struct dns_wait wait;
    struct base_error e = {0};
    if (dns_target_parse(domain, &defaults, arena, target) != WS_OK ||
        target->kind != FACTS_TARGET_DOMAIN)
        return false;
    enum ws_err err = send_names_open(b, NULL, log, arena, &wait, &e);
    if (err == WS_OK) {
        dns_wait_target(&wait, target, arena);
        dns_wait_close(&wait);
    } else {
        base_log_line(log, BASE_LOG_INFO, "route", "%s", base_error_message(&e));
        target->dns.mx.result = FACTS_DNS_ERROR;
        target->dns.mx.why = base_arena_str(arena, base_error_message(&e));
    }
    return true;
}

static bool one_host(struct base_arena *arena, const char *host, const char *const **out,
                     size_t *count) {
    const char **hosts = base_arena_array(arena, 1, sizeof *hosts);
    *count = hosts ? 1 : 0;
    *out = hosts;
    if (hosts)
        hosts[0] = host;
    return hosts != NULL;
}

static bool is_mx_answer(const struct facts_dns *dns) {
    return dns->mx.result == FACTS_DNS_DATA && !dns->null_mx && dns->host_count > 0;
}

size_t send_route_servers(struct base_arena *arena, const char *domain, const struct send_beyond *b,
                          const struct base_log *log, const char *const **out) {
    struct facts_target target;
    size_t count = 0;
    const char *address = literal(arena, domain);
    if (address || !domain[0]) {
        (void)one_host(arena, address ? address : "localhost", out, &count);
        return count;
    }
    if (!look(arena, domain, b, log, &target))
        target.dns = (struct facts_dns){0};
    if (target.dns.null_mx) {
        *out = NULL;
        return 0;
    }
    const char **hosts = base_arena_array(arena, target.dns.host_count + 1, sizeof *hosts);
    if (!hosts || !is_mx_answer(&target.dns)) {
        (void)one_host(arena, base_arena_str(arena, domain), out, &count);
        return count;
    }
    for (size_t i = 0; i < target.dns.host_count; i++)
        hosts[count++] = target.dns.hosts[i].name;
    *out = hosts;
    return count;
}

const char *send_route_server(struct base_arena *arena, const char *domain,
                              const struct send_beyond *b, const struct base_log *log) {
    const char *const *hosts = NULL;
    return send_route_servers(arena, domain, b, log, &hosts) > 0 ? hosts[0] : "";
}
