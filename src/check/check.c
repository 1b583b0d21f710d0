/* SPDX-License-Identifier: Apache-2.0 */
/* check - the main job: targets -> dns -> probe -> facts -> diagnose, many at once on one loop.
 *
 * A target is resolved; each of its addresses becomes an endpoint; an endpoint is visited until its
 * planner wants no more of it (today: once). Visits run in parallel within two bounds, all together
 * and to one address, since mail servers limit connections per client.
 *
 * Events of connections and resolver only note what happened and order a turn; a turn of the loop
 * hands out what is complete, starts visits and asks for more. So no callback runs inside a call of
 * somebody's engine, and the caller may do in it what it likes.
 *
 * Ownership: what the engine keeps of a target lives in the target's own arena. */
#include "check/check.h"

#include "check/queue.h"
#include "diagnose/diagnose.h"
#include "probe/endpoints.h"

#include <stdlib.h>
#include <time.h>

/* Targets resolved ahead of the visits, beyond as many as may run: a slow name server must not
 * leave connections unused. */
#define AHEAD 32u

#define NO_TLS "TLS could not be set up"
#define TOO_LARGE "what was seen takes more memory than one target may have"

/* One endpoint on its way. */
struct job {
    struct check_waiter waiter; /* first */
    struct slot *slot;
    struct facts_endpoint *facts;
    struct probe_visit *visit; /* the one under way, or NULL */
    unsigned visits;           /* begun */
    bool known;                /* nothing more will be asked */
    bool over;
};

/* One target on its way. */
struct slot {
    TAILQ_ENTRY(slot) entry; /* of all that are not done */
    TAILQ_ENTRY(slot) in_news;
    struct check *check;
    struct check_target target;
    struct probe_config probe;
    struct job *jobs;
    size_t job_count;
    size_t jobs_left;    /* not over */
    size_t jobs_waiting; /* for their first visit */
    size_t jobs_known;
    base_usec begun;
    bool resolving;
    bool ahead; /* counts for check_has_room */
    bool has_news;
    bool judged;
    bool told_known;
    bool complete;
};
TAILQ_HEAD(slots, slot);

struct check {
    struct check_tools tools;
    struct check_config config;
    struct net_address source;
    struct tls_context *tls; /* NULL until it was needed */
    bool no_tls;             /* it was, and there is none */
    struct check_queue queue;
    struct slots slots;
    struct slots news; /* known or complete, to be told in the next turn */
    size_t unfinished;
    size_t ahead;
    unsigned visiting;
    base_usec deadline;
    struct net_timer *turn;
    bool in_turn;
    bool freed; /* in a turn: it goes when the turn ends */
};

void check_config_defaults(struct check_config *c) {
    *c = (struct check_config){
        .target = {.protocol = FACTS_PROTOCOL_SMTP},
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

static void take_turn(void *arg);

static void order_turn(struct check *c) {
    if (!c->turn)
        c->turn = net_timer_start(c->tools.loop, 0, take_turn, c);
    if (!c->turn)
        base_log_line(c->config.log, BASE_LOG_ERROR, "check", "out of memory");
}

/* --- what has become of a target --- */

static void note_news(struct slot *s) {
    if (!s->has_news)
        TAILQ_INSERT_TAIL(&s->check->news, s, in_news);
    s->has_news = true;
    order_turn(s->check);
}

static void complete(struct slot *s) {
    s->complete = true;
    note_news(s);
}

/* It no longer stands before the visits. */
static void count_off(struct slot *s) {
    if (s->ahead)
        s->check->ahead--;
    s->ahead = false;
}

/* Certificates name hosts in A-labels; people read U-labels (pki/ knows no IDN). */
static void add_unicode_names(const struct facts_endpoint *e, struct base_arena *arena) {
    for (size_t i = 0; i < e->certificate_count; i++)
        for (size_t k = 0; k < e->certificates[i].san_count; k++) {
            struct facts_san *san = &e->certificates[i].sans[k];
            if (san->kind == FACTS_SAN_DNS)
                san->unicode = dns_name_to_unicode(arena, san->value);
        }
}

/* Findings and verdict, once. */
static void judge(struct slot *s) {
    struct facts_target *t = s->target.facts;
    const struct diagnose_config d = {.now = s->probe.wall_now,
                                      .expiring_days = s->check->config.expiring_days};
    if (s->judged)
        return;
    s->judged = true;
    for (size_t i = 0; i < s->job_count; i++) {
        if (s->jobs[i].visit)
            probe_visit_judge(s->jobs[i].visit);
        add_unicode_names(s->jobs[i].facts, s->target.arena);
    }
    t->ms = base_clock_ms(base_clock_now() - s->begun);
    diagnose_target(t, &d, s->target.arena);
}

/* One target must not take the others' memory: it ends, and says why. */
static void give_up_on_memory(struct slot *s) {
    struct facts_target *t = s->target.facts;
    t->error = TOO_LARGE;
    t->endpoint_count = t->finding_count = 0;
    t->verdict = FACTS_VERDICT_UNKNOWN;
}

static void tell_known(struct slot *s) {
    if (!s->target.known || s->told_known || s->complete)
        return;
    judge(s);
    if (s->target.arena->failed)
        return; /* its end is told with `done` */
    s->told_known = true;
    s->target.known(s->target.arg);
}

/* Nothing of it is touched after `done`. */
static void tell_done(struct slot *s) {
    struct check *c = s->check;
    void (*done)(void *arg) = s->target.done;
    void *arg = s->target.arg;
    judge(s);
    if (s->target.arena->failed && !s->told_known)
        give_up_on_memory(s);
    if (s->target.known && !s->told_known) {
        s->told_known = true;
        s->target.known(arg);
        if (c->freed)
            return;
    }
    count_off(s);
    TAILQ_REMOVE(&c->slots, s, entry);
    c->unfinished--;
    done(arg);
}

/* Only what there is now: whoever hears of it may add targets that are complete at once, and the
 * loop must see signals and connections between them. */
static void tell_news(struct check *c) {
    struct slot *s = NULL;
    const struct slot *last = TAILQ_LAST(&c->news, slots);
    for (bool more = last; more && !c->freed && (s = TAILQ_FIRST(&c->news));) {
        more = s != last;
        TAILQ_REMOVE(&c->news, s, in_news);
        s->has_news = false;
        if (s->complete)
            tell_done(s);
        else
            tell_known(s);
    }
}

/* --- visits --- */

enum plan { PLAN_LOOK, PLAN_NOTHING };

/* What an endpoint needs next, asked before its first visit and after each. */
static enum plan plan_next(const struct job *j) {
    return j->visits == 0 ? PLAN_LOOK : PLAN_NOTHING;
}

static void note_known(struct job *j) {
    if (!j->known && ++j->slot->jobs_known == j->slot->job_count)
        note_news(j->slot);
    j->known = true;
}

static void end_job(struct job *j) {
    struct slot *s = j->slot;
    j->over = true;
    note_known(j);
    if (--s->jobs_left == 0)
        complete(s);
}

static void fail_job(struct job *j, enum facts_stop why, const char *error) {
    j->facts->stop = why;
    j->facts->error = error;
    end_job(j);
}

/* Waits for its next visit, or has had all. */
static void go_on(struct job *j) {
    if (plan_next(j) == PLAN_NOTHING)
        end_job(j);
    else if (!check_queue_join(&j->slot->check->queue, &j->waiter, j->facts->address))
        fail_job(j, FACTS_STOP_LOCAL, "out of memory");
}

/* Called from inside a visit's engine: it has only the goodbye left. */
static void visit_known(void *arg) {
    struct job *j = arg;
    if (plan_next(j) == PLAN_NOTHING)
        note_known(j);
}

/* Called once from the loop when a visit's socket is closed. */
static void visit_done(void *arg) {
    struct job *j = arg;
    struct check *c = j->slot->check;
    probe_visit_free(j->visit);
    j->visit = NULL;
    c->visiting--;
    check_queue_leave(&c->queue, &j->waiter);
    go_on(j);
    order_turn(c);
}

/* An endpoint that can't be visited at all is a fact about this machine, told with its reason. */
static void job_not_started(struct job *j, enum facts_stop why, const char *error) {
    struct facts_endpoint *e = j->facts;
    check_queue_leave(&j->slot->check->queue, &j->waiter);
    e->step = FACTS_STEP_CONNECT;
    e->connect.state = why == FACTS_STOP_DEADLINE ? FACTS_CONNECT_NOT_TRIED : FACTS_CONNECT_ERROR;
    e->connect.error = base_arena_str(j->slot->target.arena, error);
    fail_job(j, why, e->connect.error);
}

static enum ws_err open_visit(struct check *c, struct job *j, base_usec now, struct base_error *e) {
    struct slot *s = j->slot;
    struct net_dial dial = {
        .source = c->config.source ? &c->source : NULL,
        .connect_timeout = c->config.connect_timeout,
        .done = visit_done,
        .arg = j,
    };
    if (net_address_of(j->facts, &dial.remote) != WS_OK)
        return base_error_set(e, WS_SYNTAX, "this is no address that can be connected to");
    if (c->deadline != BASE_NEVER && c->deadline - now < s->probe.overall)
        s->probe.overall = c->deadline - now;
    s->probe.tls = c->tls;
    enum ws_err err = probe_visit_new(&s->probe, j->facts, s->target.arena, now, &j->visit, e);
    if (err != WS_OK)
        return err;
    probe_visit_when_known(j->visit, visit_known, j);
    dial.engine = probe_visit_engine(j->visit);
    err = net_dial_start(c->tools.loop, &dial, e);
    if (err != WS_OK) {
        probe_visit_free(j->visit);
        j->visit = NULL;
    }
    return err;
}

static void start_visit(struct check *c, struct job *j, base_usec now) {
    struct base_error e = {0};
    if (j->visits++ == 0 && --j->slot->jobs_waiting == 0)
        count_off(j->slot);
    if (now >= c->deadline)
        job_not_started(j, FACTS_STOP_DEADLINE, "the deadline of the whole run came first");
    else if (c->no_tls)
        job_not_started(j, FACTS_STOP_LOCAL, NO_TLS);
    else if (open_visit(c, j, now, &e) != WS_OK)
        job_not_started(j, FACTS_STOP_LOCAL, base_error_message(&e));
    else
        c->visiting++;
}

static void end_now(struct slot *s, enum facts_stop why, const char *error);

static void need_tls(struct check *c) {
    struct slot *s = NULL;
    if (c->tls || c->no_tls || c->visiting == 0)
        return;
    c->tls = c->tools.tls(c->tools.tls_arg);
    c->no_tls = !c->tls;
    TAILQ_FOREACH(s, &c->slots, entry) {
        s->probe.tls = c->tls;
        if (c->no_tls && !s->resolving)
            end_now(s, FACTS_STOP_LOCAL, NO_TLS);
    }
}

static void start_visits(struct check *c) {
    struct check_waiter *w = NULL;
    while (c->visiting < c->config.parallel && (w = check_queue_next(&c->queue)))
        start_visit(c, (struct job *)(void *)w, base_clock_now());
    need_tls(c);
}

static void take_turn(void *arg) {
    struct check *c = arg;
    net_timer_stop(c->turn);
    c->turn = NULL;
    c->in_turn = true;
    tell_news(c);
    if (!c->freed)
        start_visits(c);
    if (!c->freed && c->config.room && check_has_room(c))
        c->config.room(c->config.arg);
    c->in_turn = false;
    if (c->freed)
        free(c);
}

/* --- targets --- */

static bool prepare_jobs(struct slot *s) {
    struct facts_target *t = s->target.facts;
    if (probe_endpoints_build(t, s->target.arena) != WS_OK)
        return false;
    s->jobs = base_arena_array(s->target.arena, t->endpoint_count, sizeof *s->jobs);
    if (!s->jobs)
        return false;
    s->job_count = s->jobs_left = s->jobs_waiting = t->endpoint_count;
    for (size_t i = 0; i < s->job_count; i++)
        s->jobs[i] = (struct job){.slot = s, .facts = &t->endpoints[i]};
    return true;
}

/* Called from the loop when the names of a target are known. */
static void target_resolved(void *arg) {
    struct slot *s = arg;
    s->resolving = false;
    if (!prepare_jobs(s) || s->job_count == 0) {
        complete(s); /* without memory: the arena says so */
        return;
    }
    for (size_t i = 0; i < s->job_count; i++)
        go_on(&s->jobs[i]);
    order_turn(s->check);
}

static void configure_probe(struct slot *s) {
    const struct check *c = s->check;
    s->probe = (struct probe_config){
        .helo = c->config.helo,
        .sni = c->config.sni,
        .verify_name = c->config.verify_name,
        .timeouts = c->config.timeouts,
        .handshake_timeout = c->config.handshake_timeout,
        .overall = c->config.overall,
        .plain_only = c->config.plain_only,
        .tls = c->tls,
        .trust = c->tools.trust,
        .wall_now = (int64_t)time(NULL),
        .log = c->config.log,
    };
    if (s->target.greeting > 0)
        s->probe.timeouts.greeting = s->target.greeting;
    if (s->target.facts->kind == FACTS_TARGET_DOMAIN)
        s->probe.domain = s->target.facts->name;
}

/* Reads the text; false when it is no target. */
static bool parse(struct slot *s) {
    const struct check_target *t = &s->target;
    size_t index = t->facts->index;
    enum ws_err err =
        dns_target_parse(t->facts->input, &s->check->config.target, t->arena, t->facts);
    t->facts->index = index;
    if (t->wrong)
        t->facts->error = t->wrong;
    bool wrong = err != WS_OK || t->wrong;
    if (wrong && t->where)
        t->facts->error = base_arena_printf(t->arena, "%s (%s)", t->facts->error, t->where);
    return !wrong;
}

enum ws_err check_add(struct check *c, const struct check_target *t, struct base_error *e) {
    struct slot *s = base_arena_alloc(t->arena, sizeof *s);
    enum ws_err err = WS_OK;
    if (!s)
        return base_error_set(e, WS_NOMEM, "no memory for one more target");
    *s = (struct slot){.check = c, .target = *t, .begun = base_clock_now(), .ahead = true};
    bool good = parse(s);
    configure_probe(s);
    if (good)
        err = dns_resolve_target(c->tools.resolver, t->facts, c->config.mx_hosts,
                                 c->config.mx_count, t->arena, target_resolved, s, e);
    if (err != WS_OK)
        return err;
    s->resolving = good;
    TAILQ_INSERT_TAIL(&c->slots, s, entry);
    c->unfinished++;
    c->ahead++;
    if (!good)
        complete(s);
    return WS_OK;
}

bool check_has_room(const struct check *c) {
    return c->ahead < c->config.parallel + AHEAD;
}

size_t check_unfinished(const struct check *c) {
    return c->unfinished;
}

/* --- life --- */

enum ws_err check_new(const struct check_tools *tools, const struct check_config *config,
                      struct check **out, struct base_error *e) {
    struct check *c = calloc(1, sizeof *c);
    *out = NULL;
    if (!c)
        return base_error_set(e, WS_NOMEM, "no memory for a check");
    c->tools = *tools;
    c->config = *config;
    c->deadline = config->deadline == BASE_NEVER ? BASE_NEVER : base_clock_now() + config->deadline;
    TAILQ_INIT(&c->slots);
    TAILQ_INIT(&c->news);
    check_queue_init(&c->queue, config->per_address);
    if (config->source && net_address_parse(config->source, 0, &c->source) != WS_OK) {
        free(c);
        return base_error_set(e, WS_USAGE,
                              "--source %s: not an address of this machine; give an IPv4 or IPv6 "
                              "address",
                              config->source);
    }
    *out = c;
    return WS_OK;
}

/* Takes back the connection or the place in the queue. */
static void withdraw(struct check *c, struct job *j) {
    check_queue_leave(&c->queue, &j->waiter);
    if (!j->visit)
        return;
    net_dial_cancel(c->tools.loop, probe_visit_engine(j->visit));
    c->visiting--;
    if (j->known)
        probe_visit_judge(j->visit);
    probe_visit_free(j->visit);
    j->visit = NULL;
}

static void end_target(struct slot *s, enum facts_stop why, const char *error) {
    if (s->resolving)
        dns_resolve_cancel(s->check->tools.resolver, s);
    s->resolving = false;
    for (size_t i = 0; i < s->job_count; i++) {
        struct job *j = &s->jobs[i];
        if (j->over)
            continue;
        withdraw(s->check, j);
        j->over = true;
        if (!j->known) {
            j->facts->stop = why;
            j->facts->error = error;
        }
    }
    s->jobs_left = 0;
}

static void end_now(struct slot *s, enum facts_stop why, const char *error) {
    if (s->complete)
        return;
    end_target(s, why, error);
    complete(s);
}

void check_cancel(struct check *c) {
    struct slot *s = NULL;
    TAILQ_FOREACH(s, &c->slots, entry) {
        end_now(s, FACTS_STOP_DEADLINE, "interrupted");
    }
}

void check_free(struct check *c) {
    struct slot *s = NULL;
    if (!c || c->freed)
        return;
    TAILQ_FOREACH(s, &c->slots, entry) {
        end_target(s, FACTS_STOP_DEADLINE, "");
    }
    check_queue_release(&c->queue);
    net_timer_stop(c->turn);
    c->turn = NULL;
    c->freed = true;
    if (!c->in_turn)
        free(c);
}
