/* SPDX-License-Identifier: Apache-2.0 */
/* connect_explain - what went wrong, and what the server would have taken.
 *
 * The rules are diagnose/'s. After a failure that depends on what a client offers, the same
 * endpoint is visited once more without the user's restrictions; what was taken then tells what
 * clashed. */
#include "connect/run.h"

#include "diagnose/clash.h"
#include "diagnose/diagnose.h"

#define NEWEST 0x0304 /* no limit */

/* The second look; its own failure is no error of the run: it only explains less. */
static enum ws_err look_openly(struct connect_run *r, const struct diagnose_second_look *how,
                               struct facts_endpoint *open) {
    struct tls_client_config c = {.min_version = how->min_version, .max_version = how->max_version};
    struct probe_config probe = r->probe;
    struct connect_way way;
    facts_endpoint_again(open, r->endpoint);
    enum ws_err err = tls_client_context_new(&c, &probe.tls, r->error);
    if (err != WS_OK)
        return err;
    probe.stay = true; /* what was negotiated is all that is asked */
    probe.early_data = BASE_BYTES_EMPTY;
    probe.sni = how->send_sni ? NULL : "";
    err = connect_way_open(r, &probe, open, &way);
    if (err == WS_OK)
        connect_way_play(&way);
    connect_way_close(&way);
    tls_context_free(probe.tls);
    return err;
}

/* Nothing was connected to, or the names led nowhere: the rules of `check` tell. */
static void explain_target(struct connect_run *r) {
    struct diagnose_config c = {
        .now = r->report.started, .expiring_days = 21, .client = &r->client};
    diagnose_target(r->target, &c, &r->arena);
}

/* The second look. Where suites, groups or signatures were narrowed it stays with the client's
 * newest version; if the server takes nothing then either, a third look allows newer ones. What did
 * not matter is struck out of *client. */
static enum ws_err look_again(struct connect_run *r, struct diagnose_second_look *how,
                              struct facts_endpoint *open, struct facts_client *client) {
    enum ws_err err = look_openly(r, how, open);
    if (err != WS_OK || open->session.established || how->max_version >= NEWEST)
        return err;
    how->max_version = NEWEST;
    err = look_openly(r, how, open);
    if (err == WS_OK && open->session.established)
        client->cipher = client->groups = client->signature_schemes = NULL;
    return err;
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
