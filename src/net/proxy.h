/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_NET_PROXY_H
#define WAXSEAL_NET_PROXY_H

#include "base/arena.h"
#include "base/error.h"
#include "net/engine.h"

/* An engine around another: asks a proxy for the way to the server, then lets the inner engine talk
 * as if it were connected itself. */

enum net_proxy_kind {
    NET_PROXY_HTTP /* CONNECT, RFC 9110 9.3.6 */,
    NET_PROXY_SOCKS5 /* RFC 1928 */
};

struct net_proxy_config {
    enum net_proxy_kind kind;
    const char *host; /* of the server: a name, which the proxy resolves, or an address */
    unsigned port;
    const char *user; /* NULL: none */
    const char *secret;
    base_usec timeout; /* for the proxy's answer */
};

/* "[SCHEME://][USER[:PASSWORD]@]HOST[:PORT][/...]" taken apart, but for host and port; schemes are
 * http, socks5, socks5h and socks. */
struct net_proxy_url {
    bool scheme_given;
    enum net_proxy_kind kind; /* HTTP where no scheme is given */
    unsigned default_port;
    const char *user; /* NULL: none */
    const char *secret;
    const char *place; /* "HOST[:PORT]", may be anything */
};
void net_proxy_url_parse(const char *text, struct base_arena *arena, struct net_proxy_url *out);

struct net_proxy;

/* Borrows the inner engine; the config is copied, its texts are borrowed. WS_USAGE when a name is
 * longer than the protocol allows, or holds control characters. */
WS_MUST_USE enum ws_err net_proxy_new(const struct net_proxy_config *config,
                                      struct net_engine *inner, struct net_proxy **out,
                                      struct base_error *e);
void net_proxy_free(struct net_proxy *p);
/* What the driver plays. When the proxy refuses, the inner engine is told that it is not connected,
 * with the proxy's words. */
struct net_engine *net_proxy_engine(struct net_proxy *p);

#endif
