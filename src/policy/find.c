/* SPDX-License-Identifier: Apache-2.0 */
/* find - TLSA records and MTA-STS policies, looked up on somebody's loop
 *
 * A job is a bundle of tracks that run beside each other: one for the policy (find_sts.c), one for
 * each host (find_tlsa.c). A track asks one question at a time; its step function reads the answer
 * and asks the next. The job is done when its last track has ended, or when its time is over.
 *
 * What runs at once is limited where it runs: questions in the resolver, transfers in policy_web.
 *
 * Ownership: jobs are the engine's until `done`; facts are the caller's arena's. */
#include "policy/find.h"

#include "policy/find_private.h"

#include <stdlib.h>

#define LIMIT (60 * BASE_SECOND)
#define HTTPS 443u

LIST_HEAD(policy_jobs, policy_job);

struct policy_engine {
    struct net_loop *loop;
    struct dns_resolver *resolver;
    struct policy_config config;
    struct policy_web *web;
    struct policy_jobs jobs;
};

/* --- life --- */

enum ws_err policy_engine_new(const struct policy_config *c, struct net_loop *loop,
                              struct dns_resolver *resolver, struct policy_engine **out,
                              struct base_error *e) {
    struct policy_engine *p = calloc(1, sizeof *p);
    *out = NULL;
    if (!p)
        return base_error_set(e, WS_NOMEM, "out of memory");
    p->loop = loop;
    p->resolver = resolver;
    p->config = *c;
    p->config.web.max = POLICY_STS_BYTES_MAX;
    if (p->config.web_port == 0)
        p->config.web_port = HTTPS;
    if (p->config.limit == 0)
        p->config.limit = LIMIT;
    LIST_INIT(&p->jobs);
    enum ws_err err = policy_web_new(loop, &p->config.web, &p->web, e);
    if (err == WS_OK)
        *out = p;
    else
        free(p);
    return err;
}

void policy_engine_free(struct policy_engine *p) {
    if (!p)
        return;
    for (struct policy_job *j = LIST_FIRST(&p->jobs), *next; j; j = next) {
        next = LIST_NEXT(j, entry);
        policy_cancel(j);
    }
    policy_web_free(p->web);
    free(p);
}

/* --- tracks --- */

static void free_job(struct policy_job *j) {
    LIST_REMOVE(j, entry);
    net_timer_stop(j->timer);
    free(j->hosts);
    free(j);
}

static void give_up(struct policy_track *t, const char *why) {
    t->ended = true;
    if (t == &t->job->sts)
        policy_sts_give_up(t, why);
    else
        policy_tlsa_give_up(t, why);
}

/* Facts with holes are none. */
static void give_up_all(struct policy_job *j, const char *why) {
    for (size_t i = 0; i < j->wish.host_count; i++)
        give_up(&j->hosts[i], why);
    if (j->wish.domain)
        give_up(&j->sts, why);
}

/* One less to wait for; after the last the job is gone, and perhaps the engine. */
static void let_go(struct policy_job *j) {
    if (--j->outstanding > 0)
        return;
    if (j->arena->failed)
        give_up_all(j, "out of memory");
    void (*done)(void *) = j->done;
    void *arg = j->arg;
    free_job(j);
    done(arg);
}

static void go_on(struct policy_track *t) {
    if (t == &t->job->sts)
        policy_sts_step(t);
    else
        policy_tlsa_step(t);
    if (t->ended)
        let_go(t->job);
}

static void on_answer(void *arg) {
    go_on(arg);
}

static void on_file(void *arg, const struct policy_fetched *got) {
    struct policy_track *t = arg;
    t->transfer = NULL;
    t->file = got;
    go_on(t);
}

static bool started(struct policy_track *t, enum ws_err err, const struct base_error *e) {
    if (err != WS_OK)
        give_up(t, base_arena_str(t->job->arena, base_error_message(e)));
    return err == WS_OK;
}

bool policy_track_ask(struct policy_track *t, const char *name, unsigned type) {
    struct policy_job *j = t->job;
    struct base_error e = {0};
    return started(
        t, dns_resolve_name(j->engine->resolver, name, type, j->arena, &t->found, on_answer, t, &e),
        &e);
}

bool policy_track_ask_host(struct policy_track *t, const char *name) {
    struct policy_job *j = t->job;
    struct base_error e = {0};
    return started(
        t, dns_resolve_host(j->engine->resolver, name, j->arena, &t->addresses, on_answer, t, &e),
        &e);
}

bool policy_track_fetch(struct policy_track *t, const char *host, const char *path) {
    struct policy_job *j = t->job;
    size_t count = t->addresses.address_count;
    const char **addresses = base_arena_array(j->arena, count, sizeof *addresses);
    struct policy_fetch f = {
        .host = host, .path = path, .port = j->engine->config.web_port, .address_count = count};
    struct base_error e = {.code = WS_NOMEM};
    for (size_t i = 0; addresses && i < count; i++)
        addresses[i] = t->addresses.addresses[i].text;
    f.addresses = addresses;
    if (addresses)
        t->transfer = policy_fetch_start(j->engine->web, &f, on_file, t);
    return started(t, t->transfer ? WS_OK : WS_NOMEM, &e);
}

static void stop_track(struct policy_track *t) {
    if (t->ended)
        return;
    if (t->transfer)
        policy_fetch_cancel(t->transfer);
    else
        dns_resolve_cancel(t->job->engine->resolver, t);
    t->transfer = NULL;
}

/* --- jobs --- */

static void stop_tracks(struct policy_job *j) {
    stop_track(&j->sts);
    for (size_t i = 0; i < j->wish.host_count; i++)
        stop_track(&j->hosts[i]);
}

void policy_cancel(struct policy_job *j) {
    stop_tracks(j);
    free_job(j);
}

static void give_up_late(struct policy_track *t) {
    if (!t->ended)
        give_up(t, base_arena_printf(t->job->arena, "it could not be found out within %.3g s",
                                     (double)t->job->engine->config.limit / BASE_SECOND));
}

static void on_limit(void *arg) {
    struct policy_job *j = arg;
    stop_tracks(j);
    give_up_late(&j->sts);
    for (size_t i = 0; i < j->wish.host_count; i++)
        give_up_late(&j->hosts[i]);
    j->outstanding = 1;
    let_go(j);
}

static void begin(void *arg) {
    struct policy_job *j = arg;
    net_timer_stop(j->timer);
    j->timer = net_timer_start(j->engine->loop, j->engine->config.limit, on_limit, j);
    j->outstanding = 1; /* this function: a track may end at once */
    for (size_t i = 0; i < j->wish.host_count; i++) {
        j->outstanding++;
        go_on(&j->hosts[i]);
    }
    if (!j->sts.ended) {
        j->outstanding++;
        go_on(&j->sts);
    }
    let_go(j);
}

static bool make_tracks(struct policy_job *j) {
    size_t count = j->wish.host_count;
    struct facts_policy *out = j->out;
    j->sts.job = j;
    j->sts.ended = !j->wish.domain;
    out->sts = (struct facts_sts){.domain = j->wish.domain ? j->wish.domain : "",
                                  .id = "",
                                  .url = "",
                                  .why = "",
                                  .txt = {.why = "", .canonical = ""}};
    j->hosts = calloc(count > 0 ? count : 1, sizeof *j->hosts);
    out->tlsa = count > 0 ? base_arena_array(j->arena, count, sizeof *out->tlsa) : NULL;
    if (!j->hosts || (count > 0 && !out->tlsa))
        return false;
    out->tlsa_count = count;
    for (size_t i = 0; i < count; i++) {
        j->hosts[i] =
            (struct policy_track){.job = j, .host = j->wish.hosts[i], .tlsa = &out->tlsa[i]};
        out->tlsa[i] = (struct facts_tlsa){.host = j->wish.hosts[i].name,
                                           .base = "",
                                           .name = "",
                                           .why = "",
                                           .answer = {.why = "", .canonical = ""}};
    }
    return true;
}

enum ws_err policy_find(struct policy_engine *p, const struct policy_wish *wish,
                        struct base_arena *arena, struct facts_policy *out, void (*done)(void *arg),
                        void *arg, struct policy_job **job, struct base_error *e) {
    struct policy_job *j = calloc(1, sizeof *j);
    *out = (struct facts_policy){.tlsa = NULL};
    *job = j;
    if (!j)
        return base_error_set(e, WS_NOMEM, "out of memory");
    j->engine = p;
    j->wish = *wish;
    j->arena = arena;
    j->out = out;
    j->done = done;
    j->arg = arg;
    LIST_INSERT_HEAD(&p->jobs, j, entry);
    if (make_tracks(j) && (j->timer = net_timer_start(p->loop, 0, begin, j)))
        return WS_OK;
    free_job(j);
    *job = NULL;
    return base_error_set(e, WS_NOMEM, "out of memory");
}
