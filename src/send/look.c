/* SPDX-License-Identifier: Apache-2.0 */
/* look - the same address once more, without the user's restrictions
 *
 * After a handshake that failed in a way that may depend on what was offered, one more connection
 * goes to the same address, up to the TLS session and no further. Its own failure explains less and
 * is no error. The first look's transaction is over by then.
 *
 * Limits: five seconds. Blocks. */
#include "net/play.h"
#include "probe/visit.h"
#include "send/explain.h"

#include <time.h>

#define LOOK_TIME (5 * BASE_SECOND)

static void go(struct probe_visit *v, const struct net_address *remote,
               const struct net_address *source) {
    struct net_play *play = NULL;
    struct base_error ignored = {0};
    if (net_play_connect(remote, source, LOOK_TIME, probe_visit_engine(v), &play, &ignored) !=
        WS_OK)
        return;
    while (net_play_step(play, -1, BASE_NEVER) != NET_PLAY_OVER)
        ;
    net_play_free(play);
}

static bool look(struct send_transaction *t, const struct diagnose_second_look *how,
                 const struct net_address *remote, const struct net_address *source,
                 struct facts_endpoint *open) {
    const struct facts_endpoint *first = t->record.endpoint;
    const struct tls_client_config offer = {.min_version = how->min_version,
                                            .max_version = how->max_version};
    struct probe_config c = {
        .helo = t->plan->helo && t->plan->helo[0] ? t->plan->helo : "localhost",
        .sni = how->send_sni ? NULL : "",
        .timeouts = {.greeting = LOOK_TIME, .command = LOOK_TIME, .quit = BASE_SECOND},
        .handshake_timeout = LOOK_TIME,
        .overall = LOOK_TIME,
        .wall_now = (int64_t)time(NULL),
        .log = t->plan->log,
    };
    struct probe_visit *v = NULL;
    struct base_error e = {0};
    facts_endpoint_again(open, first);
    enum ws_err err = tls_client_context_new(&offer, &c.tls, &e);
    if (err == WS_OK)
        err = probe_visit_new(&c, open, &t->kept, base_clock_now(), &v, &e);
    if (err == WS_OK)
        go(v, remote, source);
    probe_visit_free(v);
    tls_context_free(c.tls);
    return err == WS_OK;
}

void send_explain_look(struct send_transaction *t, const struct net_address *remote,
                       const struct net_address *source) {
    struct diagnose_second_look how;
    struct facts_endpoint open;
    if (!t->record.endpoint || t->record.endpoint->session.established)
        return;
    bool looked =
        remote && send_explain_wants_look(t, &how) && look(t, &how, remote, source, &open);
    send_explain_again(t, looked ? &open : NULL);
    send_explain_show(t);
}
