/* SPDX-License-Identifier: Apache-2.0 */
/* connect_proxy - what -proxy, -proxy_user and -proxy_pass mean.
 *
 * "host:port" and "http://host:port" as s_client has them; "socks5://host:port" besides. */
#include "connect/run.h"

#include "dns/target.h"

#include <string.h>

#define HTTP_PORT 3128u
#define SOCKS_PORT 1080u

static const char *without_scheme(const char *text, enum net_proxy_kind *kind) {
    static const struct {
        const char *scheme;
        enum net_proxy_kind kind;
    } known[] = {{"http://", NET_PROXY_HTTP},
                 {"socks5://", NET_PROXY_SOCKS5},
                 {"socks5h://", NET_PROXY_SOCKS5}};
    *kind = NET_PROXY_HTTP;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (base_bytes_starts_with_nocase(base_bytes_of_str(text), known[i].scheme)) {
            *kind = known[i].kind;
            return text + strlen(known[i].scheme);
        }
    return text;
}

static const char *without_path(const char *text, struct base_arena *arena) {
    struct base_bytes b = base_bytes_of_str(text);
    return base_arena_str_bytes(arena, base_bytes_slice(b, 0, base_bytes_find(b, '/')));
}

enum ws_err connect_proxy_parse(struct connect_run *r) {
    const struct connect_options *o = r->options;
    struct dns_target_defaults d = {.no_mx = true};
    struct net_proxy_config *c = &r->through;
    if (!o->proxy)
        return WS_OK;
    *c = (struct net_proxy_config){.host = r->target->name,
                                   .port = r->target->port,
                                   .user = o->proxy_user,
                                   .timeout = o->connect_timeout};
    const char *place = without_path(without_scheme(o->proxy, &c->kind), &r->arena);
    d.port = c->kind == NET_PROXY_HTTP ? HTTP_PORT : SOCKS_PORT;
    if (dns_target_parse(place, &d, &r->arena, &r->proxy) != WS_OK)
        return base_error_set(r->error, WS_USAGE, "-proxy: %s", r->proxy.error);
    if (o->proxy_pass && !o->proxy_user)
        return base_error_set(r->error, WS_USAGE, "-proxy_pass needs -proxy_user NAME");
    c->secret = o->proxy_pass ? o->proxy_pass_text : NULL;
    return WS_OK;
}
