/* SPDX-License-Identifier: Apache-2.0 */
/* addresses - where a host is, and from where we go there
 *
 * Names are the system's affair (getaddrinfo: /etc/hosts, DNS, whatever nsswitch.conf says), as for
 * every other program on the machine, unless the user says whom to ask (names.h). */
#include "send/transport_private.h"

#include "dns/target.h"
#include "send/names.h"

#include <netdb.h>
#include <string.h>

static int family_of(enum send_family f) {
    return f == SEND_IPV4 ? AF_INET : f == SEND_IPV6 ? AF_INET6 : AF_UNSPEC;
}

static int look_up(const char *host, const char *port, int family, int flags,
                   struct addrinfo **out) {
    const struct addrinfo hints = {
        .ai_family = family, .ai_socktype = SOCK_STREAM, .ai_flags = flags};
    *out = NULL;
    return getaddrinfo(host && host[0] ? host : NULL, port && port[0] ? port : NULL, &hints, out);
}

static void address_of(const struct addrinfo *a, struct net_address *out) {
    *out = (struct net_address){.len = a->ai_addrlen};
    (void)base_bytes_copy(&out->storage, sizeof out->storage,
                          base_bytes_view(a->ai_addr, a->ai_addrlen));
}

static bool take_literal(const char *host, uint64_t port, struct base_arena *arena,
                         struct send_addresses *out) {
    struct net_address a;
    if (net_address_parse(host, (unsigned)port, &a) != WS_OK)
        return false;
    out->items = base_arena_alloc(arena, sizeof *out->items);
    if (!out->items)
        return false;
    *out->items = a;
    out->count = 1;
    return true;
}

static void take_addresses(const struct facts_host *h, uint64_t port, struct base_arena *arena,
                           struct send_addresses *out) {
    size_t cap = 0;
    for (size_t i = 0; i < h->address_count; i++) {
        struct net_address a;
        if (net_address_parse(h->addresses[i].text, (unsigned)port, &a) != WS_OK)
            continue;
        struct net_address *slot =
            base_arena_append(arena, &out->items, &out->count, &cap, sizeof *slot);
        if (slot)
            *slot = a;
    }
}

/* As --resolver, --trust-anchor and --hosts say. */
static void find_by_names(const char *host, const char *port, const struct send_plan *plan,
                          struct base_arena *arena, struct send_addresses *out) {
    const struct dns_target_defaults defaults = {.protocol = FACTS_PROTOCOL_SMTP, .no_mx = true};
    struct facts_target t;
    struct dns_wait wait;
    struct base_error e = {0};
    uint64_t number = 0;
    *out = (struct send_addresses){.why = "Name or service not known"};
    if (!base_bytes_to_uint(base_bytes_of_str(port), UINT16_MAX, &number) ||
        take_literal(host, number, arena, out))
        return;
    if (dns_target_parse(host, &defaults, arena, &t) != WS_OK || t.kind == FACTS_TARGET_SOCKET)
        return;
    if (send_names_open(plan->beyond, &plan->target.family, plan->log, arena, &wait, &e) != WS_OK) {
        out->why = base_arena_str(arena, base_error_message(&e));
        return;
    }
    dns_wait_target(&wait, &t, arena);
    dns_wait_close(&wait);
    if (t.dns.host_count == 0)
        return;
    take_addresses(&t.dns.hosts[0], number, arena, out);
    const char *why = t.dns.hosts[0].a.why[0] ? t.dns.hosts[0].a.why : t.dns.hosts[0].aaaa.why;
    if (out->count > 0)
        out->why = "";
    else if (why[0])
        out->why = why;
}

void send_addresses_find(const char *host, const char *port, const struct send_plan *plan,
                         struct base_arena *arena, struct send_addresses *out) {
    struct addrinfo *found;
    if (send_names_given(plan->beyond)) {
        find_by_names(host, port, plan, arena, out);
        return;
    }
    size_t cap = 0;
    int error = look_up(host, port, family_of(plan->target.family), 0, &found);
    *out = (struct send_addresses){.why = error ? gai_strerror(error) : ""};
    for (const struct addrinfo *a = found; a; a = a->ai_next) {
        struct net_address *slot =
            base_arena_append(arena, &out->items, &out->count, &cap, sizeof *slot);
        if (slot)
            address_of(a, slot);
    }
    if (found)
        freeaddrinfo(found);
}

bool send_addresses_source(const struct send_target *target, const struct net_address *remote,
                           struct net_address *room, const struct net_address **out,
                           const char **why) {
    const char *interface = target->local_interface ? target->local_interface : "";
    const char *port = target->local_port && target->local_port[0] ? target->local_port : "0";
    struct addrinfo *found;
    *out = NULL;
    if (!interface[0] && strcmp(port, "0") == 0)
        return true;
    int family = net_address_is_ipv6(remote) ? AF_INET6 : AF_INET;
    int error = look_up(interface, port, family, AI_PASSIVE, &found);
    if (error != 0) {
        *why = gai_strerror(error);
        return false;
    }
    address_of(found, room);
    freeaddrinfo(found);
    *out = room;
    return true;
}

/* --- proxies --- */

enum ws_err send_proxy_url_parse(const char *text, struct base_arena *arena,
                                 struct send_proxy_url *out, struct base_error *e) {
    struct dns_target_defaults d = {.no_mx = true};
    struct facts_target place;
    const char *at = strrchr(text, '@'); /* what stands in front of it is a secret */
    net_proxy_url_parse(text, arena, &out->proxy);
    d.port = out->proxy.default_port;
    if (!out->proxy.scheme_given ||
        dns_target_parse(out->proxy.place, &d, arena, &place) != WS_OK ||
        place.kind == FACTS_TARGET_SOCKET)
        return base_error_set(
            e, WS_SYNTAX,
            "--via-proxy %s: a proxy is written socks5://HOST[:PORT] or http://HOST[:PORT], with "
            "USER:PASSWORD@ in front of HOST where it asks for them",
            at ? at + 1 : text);
    out->host = place.name;
    out->port = base_arena_printf(arena, "%u", place.port);
    return WS_OK;
}
