/* SPDX-License-Identifier: Apache-2.0 */
/* connect_resolve - the addresses of the server.
 *
 * An address or a socket needs no resolver and no loop; a name takes both for a moment. */
#include "connect/run.h"

#include "base/clock.h"
#include "base/text.h"
#include "probe/endpoints.h"

static void stop_loop(void *arg) {
    net_loop_stop(arg);
}

static struct dns_config config_of(const struct connect_options *o) {
    return (struct dns_config){
        .forwarders = o->resolvers.items,
        .forwarder_count = o->resolvers.count,
        .hosts_file = o->hosts_file,
        .ipv4 = !o->only_ipv6,
        .ipv6 = !o->only_ipv4,
        .timeout = o->dns_timeout,
    };
}

static enum ws_err ask(struct connect_run *r, struct facts_target *t, struct net_loop *loop) {
    struct dns_config c = config_of(r->options);
    struct dns_resolver *resolver = NULL;
    enum ws_err err = dns_resolver_new(&c, loop, r->log, &resolver, r->error);
    if (err == WS_IO) /* a file that the user named can't be read */
        err = WS_USAGE;
    if (err == WS_OK)
        err = dns_resolve_target(resolver, t, NULL, 0, &r->arena, stop_loop, loop, r->error);
    if (err == WS_OK)
        err = net_loop_run(loop, r->error);
    dns_resolver_free(resolver);
    return err;
}

static enum ws_err resolve_name(struct connect_run *r, struct facts_target *t) {
    struct net_loop *loop = NULL;
    base_usec begun = base_clock_now();
    enum ws_err err = net_loop_new(&loop, r->error);
    if (err != WS_OK)
        return err;
    err = ask(r, t, loop);
    net_loop_free(loop);
    r->dns_ms = base_clock_ms(base_clock_now() - begun);
    return err;
}

static bool is_wanted(const struct connect_options *o, const struct facts_endpoint *e) {
    struct net_address a;
    if (net_address_parse(e->address, e->port, &a) != WS_OK)
        return true;
    return !(net_address_is_ipv6(&a) ? o->only_ipv4 : o->only_ipv6);
}

static enum ws_err build_literal(struct connect_run *r, struct facts_target *t) {
    struct facts_endpoint *e = base_arena_array(&r->arena, 1, sizeof *e);
    if (!e)
        return base_error_set(r->error, WS_NOMEM, "out of memory");
    facts_endpoint_init(e);
    e->host = e->address = t->name;
    e->port = t->port;
    e->protocol = t->protocol;
    e->implicit_tls = t->implicit_tls;
    t->endpoints = e;
    t->endpoint_count = t->endpoints_cap = 1;
    if (is_wanted(r->options, e))
        return WS_OK;
    return base_error_set(r->error, WS_USAGE, "%s is no IPv%c address; leave out -%c", e->host,
                          r->options->only_ipv4 ? '4' : '6', r->options->only_ipv4 ? '4' : '6');
}

static enum ws_err resolve(struct connect_run *r, struct facts_target *t) {
    enum ws_err err = WS_OK;
    if (t->kind == FACTS_TARGET_ADDRESS)
        return build_literal(r, t);
    if (t->kind != FACTS_TARGET_SOCKET)
        err = resolve_name(r, t);
    if (err == WS_OK && probe_endpoints_build(t, &r->arena) != WS_OK)
        err = base_error_set(r->error, WS_NOMEM, "out of memory");
    return err;
}

static void note_no_proxy(const struct connect_run *r) {
    struct base_buf text;
    base_buf_init(&text, 1024);
    base_buf_append_str(&text, "waxseal: -proxy ");
    base_text_escape(&text, base_bytes_of_str(r->options->proxy));
    base_buf_append_str(&text, ": no address is known for it\n");
    (void)connect_put(r->io.err, &text);
    base_buf_release(&text);
}

/* Through a proxy: it resolves the server's name, we only its own. */
static enum ws_err resolve_proxy(struct connect_run *r) {
    enum ws_err err = resolve(r, &r->proxy);
    r->nowhere = err == WS_OK && r->proxy.endpoint_count == 0;
    if (r->nowhere)
        note_no_proxy(r);
    return err == WS_OK ? build_literal(r, r->target) : err;
}

enum ws_err connect_resolve(struct connect_run *r) {
    return r->options->proxy ? resolve_proxy(r) : resolve(r, r->target);
}
