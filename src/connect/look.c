/* SPDX-License-Identifier: Apache-2.0 */
/* connect_look - one visit, played until TLS stands or it is over. */
#include "connect/run.h"

#include "base/clock.h"

#define TICKET_PATIENCE BASE_SECOND

/* --- a way to the server --- */

static enum ws_err dial(struct connect_run *r, const struct facts_endpoint *at,
                        struct net_engine *engine, struct net_play **out) {
    struct net_address remote;
    if (net_address_of(at, &remote) != WS_OK)
        return base_error_set(r->error, WS_USAGE, "%s can't be connected to", at->address);
    return net_play_connect(&remote, r->options->bind ? &r->source : NULL,
                            r->options->connect_timeout, engine, out, r->error);
}

enum ws_err connect_way_open(struct connect_run *r, const struct probe_config *probe,
                             struct facts_endpoint *e, struct connect_way *out) {
    *out = (struct connect_way){0};
    enum ws_err err = probe_visit_new(probe, e, &r->arena, base_clock_now(), &out->visit, r->error);
    if (err != WS_OK)
        return err;
    struct net_engine *engine = probe_visit_engine(out->visit);
    if (r->proxy.endpoint_count == 0)
        return dial(r, e, engine, &out->play);
    err = net_proxy_new(&r->through, engine, &out->proxy, r->error);
    if (err == WS_OK)
        err = dial(r, r->proxy.endpoints, net_proxy_engine(out->proxy), &out->play);
    return err;
}

/* Leaves a session that is staying, politely. */
static void leave(struct connect_way *w) {
    if (!w->visit || !w->play || !probe_visit_is_staying(w->visit))
        return;
    probe_visit_leave(w->visit, base_clock_now());
    net_play_poke(w->play);
    while (net_play_step(w->play, -1, BASE_NEVER) != NET_PLAY_OVER)
        ;
}

void connect_way_close(struct connect_way *w) {
    leave(w);
    net_play_free(w->play);
    net_proxy_free(w->proxy);
    probe_visit_free(w->visit);
    *w = (struct connect_way){0};
}

/* --- looking --- */

void connect_way_play(struct connect_way *w) {
    while (!probe_visit_is_staying(w->visit))
        if (net_play_step(w->play, -1, BASE_NEVER) == NET_PLAY_OVER)
            return;
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
    enum ws_err err = connect_way_open(r, &r->probe, e, &r->way);
    if (err == WS_OK)
        connect_way_play(&r->way);
    e->connect.by_proxy = r->way.proxy && e->connect.state != FACTS_CONNECT_OK;
    return err;
}

void connect_look_end(struct connect_run *r) {
    connect_way_close(&r->way);
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
