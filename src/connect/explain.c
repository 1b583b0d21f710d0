/* SPDX-License-Identifier: Apache-2.0 */
/* connect_explain - what went wrong, and what the server would have taken.
 *
 * The rules are diagnose/'s. After a failure that depends on what a client offers, the same
 * endpoint is visited once more without the user's restrictions; what was taken then tells what
 * clashed. */
#include "connect/run.h"

#include "diagnose/diagnose.h"
#include "probe/again.h"

/* Nothing was connected to, or the names led nowhere: the rules of `check` tell. */
static void explain_target(struct connect_run *r) {
    struct diagnose_config c = {
        .now = r->report.started, .expiring_days = 21, .client = &r->client};
    diagnose_target(r->target, &c, &r->arena);
}

static enum ws_err look_again(struct connect_run *r, const struct diagnose_second_look *how,
                              struct facts_endpoint *open, struct facts_client *client) {
    const struct probe_again again = {how->min_version, how->max_version, how->send_sni};
    struct probe_route route;
    enum ws_err err = connect_route(r, r->endpoint, &route);
    if (err != WS_OK)
        return err;
    return probe_look_again(&r->probe, &route, &again, r->endpoint, &r->arena, open, client,
                            r->error);
}

enum ws_err connect_explain(struct connect_run *r) {
    struct diagnose_second_look how;
    struct facts_client client = r->client;
    struct facts_endpoint open;
    bool looked = false;
    enum ws_err err = WS_OK;
    if (!r->endpoint || r->endpoint->connect.state != FACTS_CONNECT_OK ||
        r->endpoint->session.established) {
        explain_target(r);
        return WS_OK;
    }
    if (!r->options->no_explain && diagnose_clash_second_look(&r->client, r->endpoint, &how)) {
        err = look_again(r, &how, &open, &client);
        looked = err == WS_OK;
    }
    if (err == WS_OK)
        err = diagnose_clash(&client, looked ? &open : NULL, r->target,
                             (size_t)(r->endpoint - r->target->endpoints), &r->arena);
    return err;
}

/* The server took back what the client held for a session. */
static bool may_be_taken_back(const struct facts_endpoint *e) {
    return e->stop != FACTS_STOP_NONE && e->step <= FACTS_STEP_EHLO_TLS &&
           (e->session.alert > 0 || e->session.client_certificate_asked);
}

enum ws_err connect_explain_taken_back(struct connect_run *r, bool *refused) {
    enum ws_err err = WS_OK;
    r->target->findings = NULL; /* what was shown before is not shown again */
    r->target->finding_count = r->target->findings_cap = 0;
    if (may_be_taken_back(r->endpoint))
        err = diagnose_clash(&r->client, NULL, r->target,
                             (size_t)(r->endpoint - r->target->endpoints), &r->arena);
    *refused = r->target->finding_count > 0;
    return err;
}

enum ws_err connect_explain_end(struct connect_run *r, bool untold, bool *refused) {
    enum ws_err err = connect_explain_taken_back(r, refused);
    if (err == WS_OK)
        connect_show_late_end(r, untold && !*refused);
    return err;
}
