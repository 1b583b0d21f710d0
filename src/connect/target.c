/* SPDX-License-Identifier: Apache-2.0 */
/* connect_target - which places are meant: the server and how TLS begins there, a proxy on the way,
 * our own address.
 *
 * TARGET alone is a host (no MX is asked) and speaks as `check` would: STARTTLS in SMTP unless the
 * port or --protocol says otherwise. With -connect and its like s_client's rule holds: TLS from the
 * first byte unless -starttls is given; the well-known ports of STARTTLS (24, 25, 110, 143, 587,
 * 4190) mean STARTTLS all the same, since nothing else works there.
 *
 * -proxy takes "host:port" and "http://host:port" as s_client has them; "socks5://host:port"
 * besides. */
#include "connect/run.h"

#include "dns/target.h"

#include <string.h>

/* --- our own address --- */

/* "192.0.2.1", "192.0.2.1:1025", "2001:db8::1", "[2001:db8::1]:1025" */
static bool parse_source(const char *text, struct base_arena *arena, struct net_address *out) {
    const char *colon = strrchr(text, ':');
    uint64_t port = 0;
    if (net_address_parse(text, 0, out) == WS_OK)
        return true;
    if (!colon || !base_bytes_to_uint(base_bytes_of_str(colon + 1), UINT16_MAX, &port))
        return false;
    struct base_bytes host = base_bytes_view(text, (size_t)(colon - text));
    if (host.len > 2 && host.data[0] == '[' && host.data[host.len - 1] == ']')
        host = base_bytes_slice(host, 1, host.len - 1);
    return net_address_parse(base_arena_str_bytes(arena, host), (unsigned)port, out) == WS_OK;
}

static enum ws_err parse_bind(struct connect_run *r) {
    const char *bind = r->options->bind;
    if (!bind || parse_source(bind, &r->arena, &r->source))
        return WS_OK;
    return base_error_set(r->error, WS_USAGE,
                          "-bind %s: not an address; give an IPv4 or IPv6 address of this "
                          "machine, and a port if it matters: 192.0.2.1:1025, [2001:db8::1]:1025",
                          bind);
}

/* --- the server --- */

/* Ports on which every server waits for STARTTLS. */
static bool is_starttls_port(unsigned port, enum facts_protocol *protocol) {
    static const struct {
        unsigned port;
        enum facts_protocol protocol;
    } known[] = {
        {24, FACTS_PROTOCOL_LMTP},  {25, FACTS_PROTOCOL_SMTP},  {110, FACTS_PROTOCOL_POP3},
        {143, FACTS_PROTOCOL_IMAP}, {587, FACTS_PROTOCOL_SMTP}, {4190, FACTS_PROTOCOL_SIEVE},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].port == port) {
            *protocol = known[i].protocol;
            return true;
        }
    return false;
}

/* s_client's rule for -connect, -host and -unix. */
static void take_s_client_rule(const struct connect_options *o, struct facts_target *t) {
    if (o->starttls >= 0 || o->protocol >= 0 || o->implicit_tls)
        return;
    t->implicit_tls = !is_starttls_port(t->port, &t->protocol);
}

static struct dns_target_defaults defaults_of(const struct connect_options *o) {
    struct dns_target_defaults d = {
        .protocol = FACTS_PROTOCOL_SMTP,
        .implicit_tls = o->implicit_tls,
        .implicit_tls_given = o->implicit_tls || o->starttls >= 0,
        .port = o->port,
        .no_mx = true,
    };
    if (o->starttls >= 0)
        d.protocol = (enum facts_protocol)o->starttls;
    else if (o->protocol >= 0)
        d.protocol = (enum facts_protocol)o->protocol;
    return d;
}

static enum ws_err parse_server(const struct connect_options *o, const char *operand,
                                struct base_arena *arena, struct facts_target *out,
                                struct base_error *e) {
    struct dns_target_defaults d = defaults_of(o);
    const char *given = o->connect ? o->connect : o->host ? o->host : o->unix_path;
    if (given && operand)
        return base_error_set(e, WS_USAGE,
                              "two servers are named, '%s' and '%s'; leave one of them out", given,
                              operand);
    if (!given && !operand && o->port)
        given = "localhost"; /* as s_client has it */
    if (!given && !operand)
        return base_error_set(e, WS_USAGE,
                              "no server: give a host, host:port, an address, or -connect");
    const char *input = given ? given : operand;
    if (o->unix_path)
        input = base_arena_printf(arena, "unix:%s", o->unix_path);
    if (dns_target_parse(input, &d, arena, out) != WS_OK)
        return base_error_set(e, WS_USAGE, "%s", out->error);
    if (given)
        take_s_client_rule(o, out);
    if (out->protocol == FACTS_PROTOCOL_SIEVE && out->implicit_tls && o->implicit_tls)
        return base_error_set(e, WS_USAGE,
                              "ManageSieve has no implicit TLS; leave out "
                              "--implicit-tls");
    return WS_OK;
}

/* --- the proxy --- */

static enum ws_err parse_proxy(struct connect_run *r) {
    const struct connect_options *o = r->options;
    struct dns_target_defaults d = {.no_mx = true};
    struct net_proxy_url url;
    if (!o->proxy)
        return WS_OK;
    net_proxy_url_parse(o->proxy, &r->arena, &url);
    d.port = url.default_port;
    if (dns_target_parse(url.place, &d, &r->arena, &r->proxy) != WS_OK)
        return base_error_set(r->error, WS_USAGE, "-proxy: %s", r->proxy.error);
    if (o->proxy_pass && !o->proxy_user)
        return base_error_set(r->error, WS_USAGE, "-proxy_pass needs -proxy_user NAME");
    if (o->proxy_user) {
        url.user = o->proxy_user;
        url.secret = o->proxy_pass ? o->proxy_pass_text : NULL;
    }
    r->through = (struct net_proxy_config){.kind = url.kind,
                                           .host = r->target->name,
                                           .port = r->target->port,
                                           .user = url.user,
                                           .secret = url.secret,
                                           .timeout = o->connect_timeout};
    return WS_OK;
}

enum ws_err connect_target_parse(struct connect_run *r, const char *operand) {
    enum ws_err err = parse_bind(r);
    if (err == WS_OK)
        err = parse_server(r->options, operand, &r->arena, r->target, r->error);
    return err == WS_OK ? parse_proxy(r) : err;
}
