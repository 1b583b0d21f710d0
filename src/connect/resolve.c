/* SPDX-License-Identifier: Apache-2.0 */
/* connect_resolve - the addresses of the server.
 *
 * An address or a socket needs no resolver and no loop; a name takes both for a moment (dns/wait).
 */
#include "connect/run.h"

#include "base/clock.h"
#include "base/text.h"
#include "dns/wait.h"
#include "probe/endpoints.h"

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

static enum ws_err resolve_name(struct connect_run *r, struct facts_target *t) {
    struct dns_config c = config_of(r->options);
    struct dns_wait wait;
    base_usec begun = base_clock_now();
    enum ws_err err = dns_wait_open(&wait, &c, r->log, r->error);
    if (err == WS_OK)
        dns_wait_target(&wait, t, &r->arena);
    dns_wait_close(&wait);
    r->dns_ms = base_clock_ms(base_clock_now() - begun);
    return err == WS_IO ? WS_USAGE : err; /* a file that the user named can't be read */
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
    facts_endpoint_begin(e, t, t->name, t->name);
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
    base_text_escape(&text, base_bytes_of_str(r->proxy.input));
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
