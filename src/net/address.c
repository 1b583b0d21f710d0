/* SPDX-License-Identifier: Apache-2.0 */
/* net_address - socket addresses from text and back, without any look-up.
 *
 * Text is strict: four decimal parts for IPv4, the forms of RFC 4291 section 2.2 for IPv6, with a
 * scope (RFC 4007 section 11) that is the name or the number of an interface. */
#include "net/address.h"

#include "base/bytes.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#define PORT_MAX 65535u

static struct sockaddr_in *inet4(struct net_address *a) {
    return (struct sockaddr_in *)(void *)&a->storage;
}

static struct sockaddr_in6 *inet6(struct net_address *a) {
    return (struct sockaddr_in6 *)(void *)&a->storage;
}

static bool parse_ipv4(const char *text, unsigned port, struct net_address *out) {
    struct sockaddr_in *in = inet4(out);
    if (inet_pton(AF_INET, text, &in->sin_addr) != 1)
        return false;
    in->sin_family = AF_INET;
    in->sin_port = htons((uint16_t)port);
    out->len = sizeof *in;
    return true;
}

static bool parse_scope(const char *scope, uint32_t *out) {
    uint64_t number;
    *out = if_nametoindex(scope);
    if (*out != 0)
        return true;
    if (!base_bytes_to_uint(base_bytes_of_str(scope), UINT32_MAX, &number) || number == 0)
        return false;
    *out = (uint32_t)number;
    return true;
}

static bool parse_ipv6(const char *text, unsigned port, struct net_address *out) {
    struct sockaddr_in6 *in = inet6(out);
    char host[INET6_ADDRSTRLEN];
    struct base_bytes all = base_bytes_of_str(text);
    size_t percent = base_bytes_find(all, '%');
    if (percent >= sizeof host)
        return false;
    base_bytes_copy(host, sizeof host, base_bytes_slice(all, 0, percent));
    host[percent] = '\0';
    if (inet_pton(AF_INET6, host, &in->sin6_addr) != 1)
        return false;
    if (percent < all.len && !parse_scope(text + percent + 1, &in->sin6_scope_id))
        return false;
    in->sin6_family = AF_INET6;
    in->sin6_port = htons((uint16_t)port);
    out->len = sizeof *in;
    return true;
}

enum ws_err net_address_parse(const char *text, unsigned port, struct net_address *out) {
    *out = (struct net_address){0};
    if (!text || port > PORT_MAX)
        return WS_SYNTAX;
    if (parse_ipv4(text, port, out) || parse_ipv6(text, port, out))
        return WS_OK;
    *out = (struct net_address){0};
    return WS_SYNTAX;
}

enum ws_err net_address_unix(const char *path, struct net_address *out) {
    struct sockaddr_un *un = (struct sockaddr_un *)(void *)&out->storage;
    struct base_bytes name = base_bytes_of_str(path);
    *out = (struct net_address){0};
    if (name.len == 0 || name.len >= sizeof un->sun_path)
        return WS_SYNTAX;
    un->sun_family = AF_UNIX;
    base_bytes_copy(un->sun_path, sizeof un->sun_path - 1, name);
    out->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + name.len + 1);
    return WS_OK;
}

enum ws_err net_address_of(const struct facts_endpoint *e, struct net_address *out) {
    if (e->address[0] == '/' || e->port == 0)
        return net_address_unix(e->address, out);
    return net_address_parse(e->address, e->port, out);
}

bool net_address_is_ipv6(const struct net_address *a) {
    return a->storage.ss_family == AF_INET6;
}

bool net_address_is_unix(const struct net_address *a) {
    return a->storage.ss_family == AF_UNIX;
}

unsigned net_address_port(const struct net_address *a) {
    if (a->storage.ss_family == AF_INET)
        return ntohs(((const struct sockaddr_in *)(const void *)&a->storage)->sin_port);
    if (a->storage.ss_family == AF_INET6)
        return ntohs(((const struct sockaddr_in6 *)(const void *)&a->storage)->sin6_port);
    return 0;
}

void net_address_text(const struct net_address *a, char out[NET_ADDRESS_TEXT]) {
    char host[INET6_ADDRSTRLEN] = "";
    if (a->storage.ss_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)&a->storage;
        inet_ntop(AF_INET, &in->sin_addr, host, sizeof host);
        snprintf(out, NET_ADDRESS_TEXT, "%s:%u", host, net_address_port(a));
    } else if (a->storage.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const void *)&a->storage;
        inet_ntop(AF_INET6, &in->sin6_addr, host, sizeof host);
        if (in->sin6_scope_id != 0)
            snprintf(out, NET_ADDRESS_TEXT, "[%s%%%u]:%u", host, in->sin6_scope_id,
                     net_address_port(a));
        else
            snprintf(out, NET_ADDRESS_TEXT, "[%s]:%u", host, net_address_port(a));
    } else {
        const struct sockaddr_un *un = (const void *)&a->storage;
        size_t head = offsetof(struct sockaddr_un, sun_path);
        size_t len = a->len > head ? strnlen(un->sun_path, a->len - head) : 0;
        snprintf(out, NET_ADDRESS_TEXT, "unix:%.*s", (int)len, un->sun_path);
    }
}
