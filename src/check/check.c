/* SPDX-License-Identifier: Apache-2.0 */
/* check - the main job: targets -> dns -> probe -> facts -> diagnose, many at once on one loop.
 *
 * Targets are resolved a few ahead of the probes; each address becomes an endpoint, each endpoint a
 * visit. Visits run in parallel within two bounds: all together, and to one address, since mail
 * servers limit connections per client. Results are handed out in the order the targets were given.
 *
 * Ownership: facts live in the caller's arena; visits, resolver and TLS context are the run's. */
#include "check/check.h"

#include "probe/endpoints.h"
#include "diagnose/diagnose.h"

#include <stdlib.h>
#include <string.h>

#define RESOLVE_AHEAD 32

/* One endpoint on its way: waiting, visiting, visited. */
struct job {
    struct run *run;
    struct slot *slot;
    struct facts_endpoint *facts;
    struct probe_visit *visit;
    enum { JOB_WAITING, JOB_VISITING, JOB_VISITED } state;
};

/* One target on its way. */
struct slot {
    struct run *run;
    struct facts_target *facts;
    struct probe_config probe;
    struct job *jobs;
    size_t job_count;
    size_t jobs_left;
    base_usec begun;
    bool resolving;
    bool complete;
    bool reported;
};

struct run {
    struct net_loop *loop;
    const struct check_config *config;
    struct base_arena *arena;
    struct facts_report *report;
    struct dns_resolver *resolver;
    struct tls_context *tls;
    struct pki_trust *own_trust;
    struct net_address source;
    struct net_timer *starter; /* starts visits from the loop, never from inside a callback */
    struct slot *slots;
    size_t slot_count;
    size_t next_slot; /* the first one not begun */
    size_t under_way; /* begun and not complete */
    size_t complete;
    size_t reported;
    unsigned visiting;
    base_usec deadline;
    bool interrupted;
    struct base_error *error;
    enum ws_err failure;
};

void check_config_defaults(struct check_config *c) {
    *c = (struct check_config){
        .target = {.protocol = FACTS_PROTOCOL_SMTP},
        .dns = {.ipv4 = true, .ipv6 = true, .ptr = true, .timeout = 10 * BASE_SECOND},
        .connect_timeout = 10 * BASE_SECOND,
        .timeouts = {.greeting = 30 * BASE_SECOND,
                     .command = 30 * BASE_SECOND,
                     .quit = 2 * BASE_SECOND},
        .handshake_timeout = 20 * BASE_SECOND,
        .overall = 120 * BASE_SECOND,
        .deadline = BASE_NEVER,
        .parallel = 8,
        .per_address = 2,
        .expiring_days = 21,
    };
}

static void begin_targets(struct run *r);
static void start_visits(void *arg);

/* A failure of this machine ends the run; the first one is kept. */
static void fail_run(struct run *r, enum ws_err err) {
    if (r->failure == WS_OK)
        r->failure = err;
    net_loop_stop(r->loop);
}

/* --- targets completed --- */

static void diagnose_slot(struct run *r, struct slot *s) {
    struct diagnose_config d = {.now = r->report->started,
                                .expiring_days = r->config->expiring_days};
    s->facts->ms = base_clock_ms(base_clock_now() - s->begun);
    diagnose_target(s->facts, &d, r->arena);
}

/* Hands out finished targets in the order they were given. */
static void report_finished(struct run *r) {
    while (r->reported < r->slot_count && r->slots[r->reported].complete) {
        struct slot *s = &r->slots[r->reported++];
        if (r->config->target_done)
            r->config->target_done(r->config->arg, r->report, s->facts);
    }
}

static void complete_slot(struct run *r, struct slot *s) {
    diagnose_slot(r, s);
    s->complete = true;
    r->complete++;
    r->under_way--;
    report_finished(r);
    if (r->config->progress)
        r->config->progress(r->config->arg, s->facts->input, r->complete, r->slot_count);
    if (r->complete == r->slot_count)
        net_loop_stop(r->loop);
    else
        begin_targets(r);
}

/* --- visits --- */

/* Certificates name hosts in A-labels; people read U-labels (pki/ knows no IDN). */
static void add_unicode_names(struct run *r, struct facts_endpoint *e) {
    for (size_t i = 0; i < e->certificate_count; i++)
        for (size_t k = 0; k < e->certificates[i].san_count; k++) {
            struct facts_san *san = &e->certificates[i].sans[k];
            if (san->kind == FACTS_SAN_DNS)
                san->unicode = dns_name_to_unicode(r->arena, san->value);
        }
}

/* Called once from the loop when a visit's socket is closed. */
static void visit_done(void *arg) {
    struct job *j = arg;
    struct run *r = j->run;
    j->state = JOB_VISITED;
    probe_visit_free(j->visit);
    j->visit = NULL;
    add_unicode_names(r, j->facts);
    r->visiting--;
    if (--j->slot->jobs_left == 0)
        complete_slot(r, j->slot);
    start_visits(r);
}

/* An endpoint that can't be visited at all is a fact about this machine, told with its reason. */
static void job_not_started(struct job *j, enum facts_stop why, const char *error) {
    j->state = JOB_VISITED;
    j->facts->step = FACTS_STEP_CONNECT;
    j->facts->stop = why;
    j->facts->connect.state =
        why == FACTS_STOP_DEADLINE ? FACTS_CONNECT_NOT_TRIED : FACTS_CONNECT_ERROR;
    j->facts->connect.error = base_arena_str(j->run->arena, error);
    j->facts->error = j->facts->connect.error;
    if (--j->slot->jobs_left == 0)
        complete_slot(j->run, j->slot);
}

static void start_job(struct run *r, struct job *j, base_usec now) {
    struct base_error e = {0};
    struct net_dial dial = {
        .source = r->config->source ? &r->source : NULL,
        .connect_timeout = r->config->connect_timeout,
        .done = visit_done,
        .arg = j,
    };
    if (now >= r->deadline) {
        job_not_started(j, FACTS_STOP_DEADLINE, "the deadline of the whole run came first");
        return;
    }
    if (r->deadline != BASE_NEVER && r->deadline - now < j->slot->probe.overall)
        j->slot->probe.overall = r->deadline - now;
    if (net_address_of(j->facts, &dial.remote) != WS_OK) {
        job_not_started(j, FACTS_STOP_LOCAL, "this is no address that can be connected to");
        return;
    }
    enum ws_err err = probe_visit_new(&j->slot->probe, j->facts, r->arena, now, &j->visit, &e);
    if (err == WS_OK) {
        dial.engine = probe_visit_engine(j->visit);
        err = net_dial_start(r->loop, &dial, &e);
    }
    if (err != WS_OK) {
        probe_visit_free(j->visit);
        j->visit = NULL;
        job_not_started(j, FACTS_STOP_LOCAL, base_error_message(&e));
        return;
    }
    j->state = JOB_VISITING;
    r->visiting++;
}

static unsigned visiting_address(const struct run *r, const char *address) {
    unsigned n = 0;
    for (size_t i = r->reported; i < r->next_slot; i++)
        for (size_t k = 0; k < r->slots[i].job_count; k++)
            if (r->slots[i].jobs[k].state == JOB_VISITING &&
                strcmp(r->slots[i].jobs[k].facts->address, address) == 0)
                n++;
    return n;
}

/* The first waiting endpoint whose address has room. */
static struct job *next_job(struct run *r) {
    for (size_t i = r->reported; i < r->next_slot; i++)
        for (size_t k = 0; k < r->slots[i].job_count; k++) {
            struct job *j = &r->slots[i].jobs[k];
            if (j->state == JOB_WAITING &&
                visiting_address(r, j->facts->address) < r->config->per_address)
                return j;
        }
    return NULL;
}

/* Made when the first connections are on their way: what it costs passes while the servers think
 * about their greeting, and a run that connects nowhere does not pay it. */
static void open_tls(struct run *r) {
    struct tls_client_config tls = {0};
    if (r->tls || r->visiting == 0)
        return;
    enum ws_err err = tls_client_context_new(&tls, &r->tls, r->error);
    if (err != WS_OK)
        fail_run(r, err);
    for (size_t i = 0; i < r->slot_count; i++)
        r->slots[i].probe.tls = r->tls;
}

static void start_visits(void *arg) {
    struct run *r = arg;
    struct job *j;
    while (r->failure == WS_OK && r->visiting < r->config->parallel && (j = next_job(r)) != NULL)
        start_job(r, j, base_clock_now());
    open_tls(r);
}

static void start_visits_soon(void *arg) {
    struct run *r = arg;
    net_timer_stop(r->starter);
    r->starter = NULL;
    start_visits(r);
}

/* --- targets begun --- */

static void prepare_jobs(struct run *r, struct slot *s) {
    struct facts_target *t = s->facts;
    s->jobs = base_arena_array(r->arena, t->endpoint_count, sizeof *s->jobs);
    if (!s->jobs) {
        fail_run(r,
                 base_error_set(r->error, WS_NOMEM, "no memory for the endpoints of %s", t->input));
        return;
    }
    s->job_count = s->jobs_left = t->endpoint_count;
    for (size_t i = 0; i < t->endpoint_count; i++)
        s->jobs[i] = (struct job){.run = r, .slot = s, .facts = &t->endpoints[i]};
}

/* Called from the loop when the names of a target are known. */
static void target_resolved(void *arg) {
    struct slot *s = arg;
    struct run *r = s->run;
    s->resolving = false;
    if (probe_endpoints_build(s->facts, r->arena) != WS_OK) {
        fail_run(r, base_error_set(r->error, WS_NOMEM, "no memory for the endpoints of %s",
                                   s->facts->input));
        return;
    }
    if (s->facts->endpoint_count == 0) {
        complete_slot(r, s);
        return;
    }
    prepare_jobs(r, s);
    start_visits(r);
}

static void configure_probe(struct run *r, struct slot *s, const struct pki_trust *trust) {
    const struct check_config *c = r->config;
    s->probe = (struct probe_config){
        .helo = r->report->helo,
        .sni = c->sni,
        .verify_name = c->verify_name,
        .timeouts = c->timeouts,
        .handshake_timeout = c->handshake_timeout,
        .overall = c->overall,
        .plain_only = c->plain_only,
        .trust = trust,
        .wall_now = r->report->started,
        .log = c->log,
    };
}

static void begin_target(struct run *r, struct slot *s) {
    s->begun = base_clock_now();
    r->under_way++;
    if (dns_target_parse(s->facts->input, &r->config->target, r->arena, s->facts) != WS_OK) {
        complete_slot(r, s);
        return;
    }
    if (s->facts->kind == FACTS_TARGET_DOMAIN)
        s->probe.domain = s->facts->name;
    s->resolving = true;
    enum ws_err err =
        dns_resolve_target(r->resolver, s->facts, r->config->mx_hosts, r->config->mx_count,
                           r->arena, target_resolved, s, r->error);
    if (err != WS_OK)
        fail_run(r, err);
}

static void begin_targets(struct run *r) {
    while (r->failure == WS_OK && r->next_slot < r->slot_count && r->under_way < RESOLVE_AHEAD)
        begin_target(r, &r->slots[r->next_slot++]);
}

/* --- the run --- */

static enum ws_err open_source(struct run *r) {
    const char *source = r->config->source;
    if (source && net_address_parse(source, 0, &r->source) != WS_OK)
        return base_error_set(r->error, WS_USAGE,
                              "--source %s: not an address of this machine; give an IPv4 or IPv6 "
                              "address",
                              source);
    return WS_OK;
}

static enum ws_err open_resolver(struct run *r, const struct check_overrides *overrides,
                                 size_t override_count) {
    enum ws_err err =
        dns_resolver_new(&r->config->dns, r->loop, r->config->log, &r->resolver, r->error);
    if (err == WS_IO) /* a file that the user named can't be read */
        err = WS_USAGE;
    for (size_t i = 0; err == WS_OK && i < override_count; i++)
        err = dns_resolver_override(r->resolver, overrides[i].name, overrides[i].address, r->error);
    return err;
}

static enum ws_err open_trust(struct run *r, const struct pki_trust **trust) {
    if (*trust)
        return WS_OK;
    enum ws_err err = pki_trust_new(r->config->ca_file, r->config->ca_dir, &r->own_trust, r->error);
    *trust = r->own_trust;
    return err;
}

static enum ws_err prepare_slots(struct run *r, const char *const *targets, size_t count,
                                 const struct pki_trust *trust) {
    r->report->targets = base_arena_array(r->arena, count ? count : 1, sizeof *r->report->targets);
    r->slots = calloc(count ? count : 1, sizeof *r->slots);
    if (!r->report->targets || !r->slots)
        return base_error_set(r->error, WS_NOMEM, "no memory for %zu targets", count);
    r->slot_count = r->report->target_count = count;
    for (size_t i = 0; i < count; i++) {
        r->report->targets[i].input = base_arena_str(r->arena, targets[i]);
        r->slots[i] = (struct slot){.run = r, .facts = &r->report->targets[i]};
        configure_probe(r, &r->slots[i], trust);
    }
    return WS_OK;
}

static void prepare_report(struct run *r) {
    r->report->version = WAXSEAL_VERSION;
    r->report->started = (int64_t)time(NULL);
    r->report->helo = r->config->helo ? r->config->helo : dns_own_name(r->arena);
}

/* Ctrl-C: what is known so far is still reported, the rest says that it was not waited for. */
static void interrupt_run(void *arg) {
    struct run *r = arg;
    r->interrupted = true;
    net_loop_stop(r->loop);
}

static void close_unfinished(struct run *r) {
    for (size_t i = r->reported; i < r->slot_count; i++) {
        struct slot *s = &r->slots[i];
        if (s->complete)
            continue;
        if (!s->facts->name &&
            dns_target_parse(s->facts->input, &r->config->target, r->arena, s->facts) != WS_OK)
            base_log_line(r->config->log, BASE_LOG_INFO, NULL, "%s", s->facts->error);
        for (size_t k = 0; k < s->job_count; k++)
            if (s->jobs[k].state != JOB_VISITED) {
                s->jobs[k].facts->stop = FACTS_STOP_DEADLINE;
                s->jobs[k].facts->error = "interrupted";
            }
        diagnose_slot(r, s);
        s->complete = true;
    }
    report_finished(r);
}

static void close_run(struct run *r) {
    net_timer_stop(r->starter);
    for (size_t i = 0; i < r->slot_count; i++)
        for (size_t k = 0; k < r->slots[i].job_count; k++)
            probe_visit_free(r->slots[i].jobs[k].visit);
    dns_resolver_free(r->resolver);
    tls_context_free(r->tls);
    pki_trust_free(r->own_trust);
    free(r->slots);
}

enum ws_err check_run(struct net_loop *loop, const struct check_config *c,
                      const char *const *targets, size_t target_count,
                      const struct pki_trust *trust, const struct check_overrides *overrides,
                      size_t override_count, struct base_arena *arena, struct facts_report *report,
                      struct base_error *e) {
    struct base_error local = {0};
    struct run r = {
        .loop = loop, .config = c, .arena = arena, .report = report, .error = e ? e : &local};
    base_usec begun = base_clock_now();
    r.deadline = c->deadline == BASE_NEVER ? BASE_NEVER : begun + c->deadline;

    prepare_report(&r);
    /* before anything else touches OpenSSL: its first user decides how it starts */
    enum ws_err err = tls_library_start()
                          ? open_source(&r)
                          : base_error_set(r.error, WS_LIBRARY, "OpenSSL could not be started");
    if (err == WS_OK)
        err = open_resolver(&r, overrides, override_count);
    if (err == WS_OK)
        err = open_trust(&r, &trust);
    if (err == WS_OK)
        err = prepare_slots(&r, targets, target_count, trust);
    if (err == WS_OK)
        err = net_loop_on_interrupt(loop, interrupt_run, &r, r.error);
    if (err == WS_OK && target_count > 0) {
        begin_targets(&r);
        r.starter = net_timer_start(loop, 0, start_visits_soon, &r);
        if (r.failure == WS_OK && r.complete < r.slot_count)
            err = net_loop_run(loop, r.error);
        if (err == WS_OK)
            err = r.failure;
        close_unfinished(&r);
    }
    close_run(&r);
    report->ms = base_clock_ms(base_clock_now() - begun);
    if (err == WS_OK && arena->failed)
        err = base_error_set(r.error, WS_NOMEM, "out of memory for the report");
    return err;
}
