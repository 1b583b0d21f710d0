/* SPDX-License-Identifier: Apache-2.0 */
/* connect_look - one visit, played until TLS stands or it is over. */
#include "connect/run.h"

#include "base/clock.h"

#define TICKET_PATIENCE BASE_SECOND

enum ws_err connect_route(const struct connect_run *r, const struct facts_endpoint *e,
                          struct probe_route *out) {
    bool by_proxy = r->proxy.endpoint_count > 0;
    const struct facts_endpoint *at = by_proxy ? r->proxy.endpoints : e;
    *out = (struct probe_route){.source = r->options->bind ? &r->source : NULL,
                                .proxy = by_proxy ? &r->through : NULL,
                                .timeout = r->options->connect_timeout};
    if (net_address_of(at, &out->remote) != WS_OK)
        return base_error_set(r->error, WS_USAGE, "%s can't be connected to", at->address);
    return WS_OK;
}

void connect_read_detail(struct connect_run *r) {
    struct tls_session *s = probe_visit_session(r->way.visit);
    uint64_t received, sent;
    if (!s)
        return;
    probe_visit_clear_bytes(r->way.visit, &received, &sent);
    client_read_detail(s, received, sent, &r->arena, &r->detail);
    client_read_told(s, &r->arena, &r->client);
    tls_session_read_tickets(s, &r->endpoint->session);
}

static enum ws_err visit(struct connect_run *r, struct facts_endpoint *e) {
    r->endpoint = e;
    facts_endpoint_again(e, e);
    connect_watch_begin(r);
    struct probe_route route;
    enum ws_err err = connect_route(r, e, &route);
    if (err == WS_OK)
        err = probe_way_open(&r->probe, &route, e, &r->arena, &r->way, r->error);
    if (err == WS_OK)
        probe_way_play(&r->way);
    e->connect.by_proxy = r->way.proxy && e->connect.state != FACTS_CONNECT_OK;
    return err;
}

void connect_look_end(struct connect_run *r) {
    probe_way_close(&r->way);
}

/* TLS 1.3 sends its tickets when it pleases, usually at once. */
void connect_await_ticket(struct connect_run *r) {
    base_usec until = base_clock_now() + TICKET_PATIENCE;
    if (r->endpoint->session.version < 0x0304)
        return;
    while (probe_visit_is_staying(r->way.visit) && r->endpoint->session.ticket != FACTS_YES &&
           base_clock_now() < until) {
        (void)net_play_step(r->way.play, -1, until);
        tls_session_read_tickets(probe_visit_session(r->way.visit), &r->endpoint->session);
    }
}

enum ws_err connect_look(struct connect_run *r, bool stay) {
    enum ws_err err = WS_OK;
    r->probe.stay = stay;
    for (size_t i = 0; err == WS_OK && i < r->target->endpoint_count; i++) {
        connect_look_end(r);
        err = visit(r, &r->target->endpoints[i]);
        if (err == WS_OK && r->endpoint->connect.state == FACTS_CONNECT_OK)
            break;
    }
    if (err == WS_OK && r->way.visit)
        connect_read_detail(r);
    return err;
}
