/* SPDX-License-Identifier: Apache-2.0 */
/* explain - why TLS came to nothing
 *
 * The facts of the failed session become those of one endpoint, and the rules of diagnose/ judge
 * them. A session whose certificate was not good enough has findings on the certificate, told where
 * it failed. A handshake that failed is a clash between two offers, told when all is over: then the
 * same address may have been visited again without the user's restrictions (probe/again), and what
 * was taken there tells what clashed. swaks says none of it, so as swaks nothing is added.
 *
 * Ownership: findings live as long as the transaction. */
#include "send/explain.h"

#include "diagnose/diagnose.h"
#include "diagnose/policy.h"
#include "probe/again.h"
#include "report/connect.h"

#include <string.h>
#include <time.h>

#define COLUMNS 76u /* "=== " stands in front */
#define TEXT_MAX ((size_t)256 << 10)
#define EXPIRING_DAYS 21
#define LOOK_TIME (5 * BASE_SECOND)
#define NAME_MISMATCH 62 /* X509_V_ERR_HOSTNAME_MISMATCH */

/* One endpoint, without what was seen there. */
static void place_of(const struct send_transaction *t, struct facts_target *target,
                     struct facts_endpoint *e) {
    const struct send_target *at = &t->plan->target;
    uint64_t port = 0;
    (void)base_bytes_to_uint(base_bytes_of_str(at->port), UINT16_MAX, &port);
    e->host = at->transport == SEND_TCP && at->server ? at->server : "";
    e->port = (unsigned)port;
    e->protocol = t->plan->lmtp ? FACTS_PROTOCOL_LMTP : FACTS_PROTOCOL_SMTP;
    e->implicit_tls = t->plan->tls.on_connect;
    e->connect.state = FACTS_CONNECT_OK;
    e->ehlo = t->hello;
    e->starttls.offered = e->starttls.asked = !e->implicit_tls;
    *target = (struct facts_target){.input = e->host,
                                    .kind = FACTS_TARGET_HOST,
                                    .name = e->host,
                                    .unicode = "",
                                    .protocol = e->protocol,
                                    .implicit_tls = e->implicit_tls,
                                    .port = e->port,
                                    .port_given = true,
                                    .error = "",
                                    .endpoints = e,
                                    .endpoint_count = 1};
    target->dns.mx.why = target->dns.mx.canonical = "";
}

static void look_at_session(struct send_transaction *t, struct facts_endpoint *e, int64_t now) {
    const struct pki_names names = {.reference = t->plan->tls.verify_name, .reference_given = true};
    e->step = FACTS_STEP_HANDSHAKE;
    tls_session_read_facts(t->tls, &t->kept, &e->session);
    if (tls_session_judge_chain(t->tls, NULL, &names, now, &t->kept, e) != WS_OK)
        e->certificate_count = 0;
    if (e->verification.code == NAME_MISMATCH)
        e->verification.chain_ok = true; /* DANE checks the name with the chain */
    if (!e->session.established)
        e->stop = FACTS_STOP_HANDSHAKE;
}

static void keep(struct send_transaction *t, const struct facts_finding *f) {
    struct send_record *r = &t->record;
    struct facts_finding *list = base_arena_array(&t->kept, r->finding_count + 1, sizeof *list);
    if (!list)
        return;
    for (size_t i = 0; i < r->finding_count; i++)
        list[i] = r->findings[i];
    list[r->finding_count++] = *f;
    r->findings = list;
}

/* A session that stands: only what spoke against the certificate counts. */
static void keep_certificate_findings(struct send_transaction *t,
                                      const struct facts_target *target) {
    for (size_t i = 0; i < target->finding_count; i++)
        if (strncmp(target->findings[i].id, "certificate-", 12) == 0 &&
            target->findings[i].severity != FACTS_SEVERITY_INFO &&
            strcmp(target->findings[i].id, "certificate-expiring") != 0)
            keep(t, &target->findings[i]);
}

static void judge_certificate(struct send_transaction *t, struct facts_target *target,
                              const struct facts_client *client, int64_t now) {
    const struct diagnose_config c = {.now = now, .expiring_days = EXPIRING_DAYS, .client = client};
    const struct facts_tlsa *tlsa = t->plan->beyond ? t->plan->beyond->tlsa : NULL;
    struct facts_finding f;
    if (tlsa && diagnose_tlsa_mismatch(tlsa, &target->endpoints[0], &t->kept, &f)) {
        keep(t, &f);
        return;
    }
    diagnose_target(target, &c, &t->kept);
    keep_certificate_findings(t, target);
}

/* The handshake failed: two offers clash. `open` is the second look, or NULL. */
static void judge_clash(struct send_transaction *t, const struct facts_endpoint *open) {
    struct send_record *r = &t->record;
    struct facts_target target;
    place_of(t, &target, r->endpoint);
    r->finding_count = 0;
    if (diagnose_clash(&r->client, open, &target, 0, &t->kept) != WS_OK)
        return;
    for (size_t i = 0; i < target.finding_count; i++)
        keep(t, &target.findings[i]);
}

/* The session's facts into the record; false when nobody is to be told. */
static bool keep_endpoint(struct send_transaction *t, struct facts_target *target, int64_t now) {
    struct facts_endpoint *e;
    if (t->plan->as_swaks || !t->tls || t->record.endpoint ||
        (t->plan->beyond && t->plan->beyond->no_explain))
        return false;
    e = base_arena_alloc(&t->kept, sizeof *e);
    if (!e)
        return false;
    facts_endpoint_init(e);
    place_of(t, target, e);
    look_at_session(t, e, now);
    client_read_told(t->tls, &t->kept, &t->record.client);
    t->record.endpoint = e;
    return true;
}

void send_explain_keep(struct send_transaction *t) {
    struct facts_target target;
    int64_t now = (int64_t)time(NULL); /* certificates go by the calendar */
    if (keep_endpoint(t, &target, now) && target.endpoints->session.established)
        judge_certificate(t, &target, &t->record.client, now);
}

void send_explain_taken_back(struct send_transaction *t) {
    struct facts_target target;
    struct facts_endpoint *e;
    if (!keep_endpoint(t, &target, (int64_t)time(NULL)))
        return;
    e = t->record.endpoint;
    e->step = e->implicit_tls ? FACTS_STEP_GREETING : FACTS_STEP_EHLO_TLS;
    e->stop = FACTS_STOP_CLOSED;
    if (e->session.alert > 0 || e->session.client_certificate_asked)
        judge_clash(t, NULL);
    send_explain_show(t);
}

void send_explain_show(struct send_transaction *t) {
    const struct report_style style = {.ascii = true, .columns = COLUMNS};
    const struct send_record *r = &t->record;
    struct base_buf text;
    if (r->finding_count == 0)
        return;
    base_buf_init(&text, TEXT_MAX);
    report_connect_findings(r->findings, r->finding_count, r->endpoint, &style, &text);
    struct base_bytes shown = base_buf_view(&text);
    while (shown.len > 0 && shown.data[0] == '\n')
        shown = base_bytes_slice(shown, 1, shown.len);
    send_transcript_text(t->transcript, SEND_LINE_INFO, false, shown);
    base_buf_release(&text);
}

/* --- the second look --- */

static bool look_again(struct send_transaction *t, const struct diagnose_second_look *how,
                       const struct net_address *remote, const struct net_address *source,
                       struct facts_endpoint *open) {
    const struct send_record *r = &t->record;
    const struct probe_again again = {how->min_version, how->max_version, how->send_sni};
    const struct probe_route route = {.remote = *remote, .source = source, .timeout = LOOK_TIME};
    const struct probe_config c = {
        .helo = t->plan->helo && t->plan->helo[0] ? t->plan->helo : "localhost",
        .timeouts = {.greeting = LOOK_TIME, .command = LOOK_TIME, .quit = BASE_SECOND},
        .handshake_timeout = LOOK_TIME,
        .overall = LOOK_TIME,
        .wall_now = (int64_t)time(NULL),
        .log = t->plan->log,
    };
    struct base_error ignored = {0}; /* it only explains less */
    return probe_look_again(&c, &route, &again, r->endpoint, &t->kept, open, &t->record.client,
                            &ignored) == WS_OK;
}

void send_explain_look(struct send_transaction *t, const struct net_address *remote,
                       const struct net_address *source) {
    const struct send_record *r = &t->record;
    struct diagnose_second_look how;
    struct facts_endpoint open;
    if (!r->endpoint || r->endpoint->session.established)
        return;
    bool looked = remote && diagnose_clash_second_look(&r->client, r->endpoint, &how) &&
                  look_again(t, &how, remote, source, &open);
    judge_clash(t, looked ? &open : NULL);
    send_explain_show(t);
}
