/* SPDX-License-Identifier: Apache-2.0 */
/* probe_way - one visit, played until TLS stands or it is over. */
#include "probe/way.h"

#include "base/clock.h"

enum ws_err probe_way_open(const struct probe_config *config, const struct probe_route *route,
                           struct facts_endpoint *facts, struct base_arena *arena,
                           struct probe_way *out, struct base_error *e) {
    *out = (struct probe_way){0};
    enum ws_err err = probe_visit_new(config, facts, arena, base_clock_now(), &out->visit, e);
    if (err != WS_OK)
        return err;
    struct net_engine *engine = probe_visit_engine(out->visit);
    if (route->proxy) {
        err = net_proxy_new(route->proxy, engine, &out->proxy, e);
        if (err != WS_OK)
            return err;
        engine = net_proxy_engine(out->proxy);
    }
    return net_play_connect(&route->remote, route->source, route->timeout, engine, &out->play, e);
}

void probe_way_play(struct probe_way *w) {
    while (!probe_visit_is_staying(w->visit))
        if (net_play_step(w->play, -1, BASE_NEVER) == NET_PLAY_OVER)
            return;
}

static void leave(struct probe_way *w) {
    if (!w->visit || !w->play || !probe_visit_is_staying(w->visit))
        return;
    probe_visit_leave(w->visit, base_clock_now());
    net_play_poke(w->play);
    while (net_play_step(w->play, -1, BASE_NEVER) != NET_PLAY_OVER)
        ;
}

void probe_way_close(struct probe_way *w) {
    leave(w);
    net_play_free(w->play);
    net_proxy_free(w->proxy);
    probe_visit_free(w->visit);
    *w = (struct probe_way){0};
}
