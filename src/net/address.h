/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_NET_ADDRESS_H
#define WAXSEAL_NET_ADDRESS_H

#include "base/error.h"
#include "facts/endpoint.h"

#include <stdbool.h>
#include <sys/socket.h>

/* A socket address: IPv4, IPv6 (with scope) or a unix path. */
struct net_address {
    struct sockaddr_storage storage;
    socklen_t len;
};

/* Longest text of net_address_text with its NUL: "[address%scope]:port" or "unix:" and a path. */
#define NET_ADDRESS_TEXT 128

/* From text ("192.0.2.1", "2001:db8::1", "fe80::1%eth0") and port; WS_SYNTAX when it is no address.
 */
WS_MUST_USE enum ws_err net_address_parse(const char *text, unsigned port, struct net_address *out);
/* From the path of a unix socket; WS_SYNTAX when it is empty or longer than the system allows. */
WS_MUST_USE enum ws_err net_address_unix(const char *path, struct net_address *out);
/* Where an endpoint is: its address and port, or the path of its socket (which has no port). */
WS_MUST_USE enum ws_err net_address_of(const struct facts_endpoint *e, struct net_address *out);
bool net_address_is_ipv6(const struct net_address *a);
bool net_address_is_unix(const struct net_address *a);
unsigned net_address_port(const struct net_address *a); /* 0 for unix */
/* "192.0.2.1:25", "[2001:db8::1]:25", "unix:/path" or "unix:" for a peer without a name. */
void net_address_text(const struct net_address *a, char out[NET_ADDRESS_TEXT]);

#endif
