/* SPDX-License-Identifier: Apache-2.0 */
/* route - where mail for a domain goes
 *
 * MX by the project's resolver on a loop of its own (RFC 5321 section 5.1). A domain without MX, or
 * whose MX can't be found out, is its own host: the connection will tell. Hosts of equal preference
 * stand in the order of their names. */
#include "send/route.h"

#include "dns/resolver.h"
#include "dns/target.h"
#include "net/loop.h"

#include <string.h>

#define QUESTION_TIME (5 * BASE_SECOND)

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

static void stop_loop(void *arg) {
    net_loop_stop(arg);
}

/* Asks for the MX of target->name; what fails leaves no hosts. */
static void ask(struct facts_target *target, struct base_arena *arena, const struct base_log *log) {
    const struct dns_config config = {.timeout = QUESTION_TIME};
    struct net_loop *loop = NULL;
    struct dns_resolver *resolver = NULL;
    struct base_error e = {0};
    if (net_loop_new(&loop, &e) == WS_OK &&
        dns_resolver_new(&config, loop, log, &resolver, &e) == WS_OK &&
        dns_resolve_target(resolver, target, NULL, 0, arena, stop_loop, loop, &e) == WS_OK &&
        net_loop_run(loop, &e) == WS_OK)
        base_error_clear(&e);
    if (e.code != WS_OK)
        base_log_line(log, BASE_LOG_INFO, "route", "%s", base_error_message(&e));
    dns_resolver_free(resolver);
    net_loop_free(loop);
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

size_t send_route_servers(struct base_arena *arena, const char *domain, const struct base_log *log,
                          const char *const **out) {
    const struct dns_target_defaults defaults = {.protocol = FACTS_PROTOCOL_SMTP};
    struct facts_target target;
    size_t count = 0;
    const char *address = literal(arena, domain);
    if (address || !domain[0]) {
        (void)one_host(arena, address ? address : "localhost", out, &count);
        return count;
    }
    if (dns_target_parse(domain, &defaults, arena, &target) == WS_OK &&
        target.kind == FACTS_TARGET_DOMAIN)
        ask(&target, arena, log);
    else
        target.dns.host_count = 0;
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
                              const struct base_log *log) {
    const char *const *hosts = NULL;
    return send_route_servers(arena, domain, log, &hosts) > 0 ? hosts[0] : "localhost";
}
