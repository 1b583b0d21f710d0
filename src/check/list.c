/* SPDX-License-Identifier: Apache-2.0 */
/* check_list - the caller of an engine that the command, the demo and the library share: the
 * standard tools, a source of targets, each with its own memory, one run of the loop.
 *
 * Targets are taken from their source as the engine has room, so that a list may be longer than
 * memory. Whoever serves or surveys gives an engine its targets in his own way. */
#include "check/list.h"

#include "check/source.h"
#include "check/standard.h"
#include "diagnose/diagnose.h"

#include <stdlib.h>

/* Of one target: the most that hosts, addresses and words of a hostile domain may come to. */
#define ARENA_MAX ((size_t)256 << 20)

struct check_list {
    const struct check_list_config *config;
    struct net_loop *loop;
    struct check_standard standard;
    struct check *check;
    struct check_source *source;
    struct check_list_result *result;
    struct check_items under_way;
    struct net_timer *deadline;
    size_t taken;
    bool ended; /* no more targets come */
    bool done;
    enum ws_err failure; /* the first one, with its words in `error` */
    struct base_error *error;
};

void check_item_free(struct check_item *item) {
    if (!item)
        return;
    base_arena_release(&item->arena);
    free(item);
}

/* Nothing more is begun; what is under way goes on. */
static void fail(struct check_list *l, enum ws_err err) {
    if (l->failure == WS_OK)
        l->failure = err;
    l->ended = true;
}

static void feed(struct check_list *l);

static void on_known(void *arg) {
    struct check_item *item = arg;
    item->list->config->known(item->list->config->arg, item);
}

static void on_done(void *arg) {
    struct check_item *item = arg;
    struct check_list *l = item->list;
    struct check_list_result *r = l->result;
    TAILQ_REMOVE(&l->under_way, item, entry);
    r->count++;
    r->worst = diagnose_worse(r->worst, item->facts.verdict);
    if (item->arena.failed)
        r->too_large++;
    else if (item->facts.error[0])
        r->wrong++;
    l->config->done(l->config->arg, item);
    feed(l);
}

static enum ws_err add(struct check_list *l, const struct check_source_target *t) {
    const struct check_list_config *c = l->config;
    struct check_item *item = calloc(1, sizeof *item);
    if (!item)
        return base_error_set(l->error, WS_NOMEM, "no memory for one more target");
    base_arena_init(&item->arena, ARENA_MAX);
    item->list = l;
    item->facts.input = base_arena_str(&item->arena, t->text);
    item->facts.index = l->taken;
    struct check_target target = {
        .facts = &item->facts,
        .arena = &item->arena,
        .where = t->where ? base_arena_str(&item->arena, t->where) : NULL,
        .wrong = t->wrong,
        .greeting = c->greeting ? c->greeting(c->arg, l->taken) : 0,
        .known = c->known ? on_known : NULL,
        .done = on_done,
        .arg = item,
    };
    enum ws_err err = check_add(l->check, &target, l->error);
    if (err != WS_OK) {
        check_item_free(item);
        return err;
    }
    TAILQ_INSERT_TAIL(&l->under_way, item, entry);
    l->taken++;
    return WS_OK;
}

/* What is known so far is still handed out, the rest says that it was not waited for. */
static void stop(struct check_list *l) {
    l->ended = true;
    check_cancel(l->check);
}

static bool may_go_on(struct check_list *l) {
    enum check_pace pace = l->config->pace ? l->config->pace(l->config->arg) : CHECK_GO_ON;
    if (pace == CHECK_STOP && !l->ended)
        stop(l);
    return pace == CHECK_GO_ON && !l->ended && check_has_room(l->check);
}

/* Takes targets while there is room for them; the end of the list is the end of the loop. */
static void feed(struct check_list *l) {
    struct check_source_target t;
    while (may_go_on(l)) {
        enum check_source_state state = check_source_next(l->source, &t, l->error);
        if (state == CHECK_SOURCE_WAIT)
            return;
        if (state == CHECK_SOURCE_END)
            l->ended = true;
        else if (state == CHECK_SOURCE_FAILED || add(l, &t) != WS_OK)
            fail(l, l->error->code);
    }
    l->done = l->ended && check_unfinished(l->check) == 0;
    if (l->done)
        net_loop_stop(l->loop);
}

static void feed_more(void *arg) {
    feed(arg);
}

/* Nothing more is read. */
static void cut(struct check_list *l, const char *why) {
    if (check_source_drop_file(l->source) && !l->ended)
        l->result->cut = why;
}

/* The targets of the command line are all told, the rest of a file is not read. */
static void interrupt(void *arg) {
    struct check_list *l = arg;
    struct check_source_target t;
    cut(l, "interrupted");
    while (!l->ended && check_source_next(l->source, &t, l->error) == CHECK_SOURCE_TARGET)
        if (add(l, &t) != WS_OK)
            fail(l, l->error->code);
    stop(l);
    feed(l);
}

/* Visits end by themselves, but a file, or the wait for one, might not. */
static void on_deadline(void *arg) {
    struct check_list *l = arg;
    net_timer_stop(l->deadline);
    l->deadline = NULL;
    cut(l, "the deadline came");
    feed(l);
}

static enum ws_err open_all(struct check_list *l) {
    const struct check_list_config *c = l->config;
    enum ws_err err = check_standard_open(&l->standard, l->loop, c->options, c->trust, l->error);
    for (size_t i = 0; err == WS_OK && i < c->override_count; i++)
        err = dns_resolver_override(l->standard.tools.resolver, c->overrides[i].name,
                                    c->overrides[i].address, l->error);
    struct check_config engine = c->options->config;
    engine.helo = l->standard.report.helo;
    engine.room = feed_more;
    engine.arg = l;
    if (err == WS_OK)
        err = check_new(&l->standard.tools, &engine, &l->check, l->error);
    if (err == WS_OK)
        err = check_source_new(l->loop, c->targets, c->target_count, c->options->targets_file,
                               feed_more, l, &l->source, l->error);
    if (err == WS_OK && c->interruptible)
        err = net_loop_on_interrupt(l->loop, interrupt, l, l->error);
    return err;
}

static enum ws_err run(struct check_list *l) {
    base_usec deadline = l->config->options->config.deadline;
    l->config->begin(l->config->arg, &l->standard.report);
    if (deadline != BASE_NEVER)
        l->deadline = net_timer_start(l->loop, deadline, on_deadline, l);
    feed(l);
    enum ws_err err = l->done ? WS_OK : net_loop_run(l->loop, l->error);
    if (err == WS_OK && l->failure == WS_OK && l->standard.failure != WS_OK)
        fail(l, base_error_set(l->error, l->standard.failure, "%s",
                               base_error_message(&l->standard.error)));
    return err == WS_OK ? l->failure : err;
}

enum ws_err check_list_run(struct net_loop *loop, const struct check_list_config *c,
                           struct check_list_result *out, struct base_error *e) {
    struct base_error local = {0};
    struct check_list l = {.config = c, .loop = loop, .result = out, .error = e ? e : &local};
    base_usec begun = base_clock_now();
    TAILQ_INIT(&l.under_way);
    *out = (struct check_list_result){.worst = FACTS_VERDICT_OK};
    enum ws_err err = open_all(&l);
    if (err == WS_OK)
        err = run(&l);
    out->ms = base_clock_ms(base_clock_now() - begun);
    net_timer_stop(l.deadline);
    check_source_free(l.source);
    check_free(l.check);
    check_standard_close(&l.standard);
    for (struct check_item *i; (i = TAILQ_FIRST(&l.under_way));) { /* the loop failed */
        TAILQ_REMOVE(&l.under_way, i, entry);
        check_item_free(i);
    }
    return err;
}
