/* SPDX-License-Identifier: Apache-2.0 */
/* transport_many - the same transaction again and again
 *
 * One after the other, or a bounded number at a time on one event loop. Their transcripts are not
 * shown, only what came of them. Each has a message of its own (--repeat gives each its
 * Message-Id). An interrupt ends it early, with the report on what was done until then.
 *
 * Through a proxy or with a child process it is one after the other in any case. */
#include "base/log.h"
#include "message/message.h"
#include "net/loop.h"
#include "send/tally.h"
#include "send/transaction.h"
#include "send/transport_private.h"

#include <signal.h>
#include <stdlib.h>

#define ARENA_MAX ((size_t)1 << 20)

struct many;

struct slot {
    struct many *many;
    struct send_plan plan; /* silent, with a message of its own */
    struct send_transcript transcript;
    struct send_transaction *transaction;
    base_usec begun;
    bool busy;
};

struct many {
    const struct send_plan *plan;
    struct send_tally tally;
    struct net_loop *loop;
    struct base_arena arena;
    struct send_addresses addresses;
    const struct net_address *source;
    struct net_address source_room;
    struct slot *slots;
    unsigned slot_count;
    unsigned begun;
    bool stopped;
    struct base_error error;
};

/* A silent copy of the plan for the transaction `sequence`. */
static enum ws_err make_plan(const struct send_plan *plan, unsigned sequence, struct send_plan *out,
                             struct base_error *e) {
    *out = *plan;
    out->repeat = 1;
    out->output.silence = SEND_SILENT;
    out->output.json = false;
    if (!plan->make_message || !plan->message)
        return WS_OK;
    out->message = plan->make_message(plan->make_message_arg, sequence, e);
    return out->message ? WS_OK : WS_NOMEM;
}

static void drop_message(const struct send_plan *plan, struct send_plan *own) {
    if (own->message != plan->message)
        message_free(own->message);
    own->message = NULL;
}

/* --- one after the other --- */

static volatile sig_atomic_t row_interrupted;

static void on_row_interrupt(int number) {
    (void)number;
    row_interrupted = 1;
}

/* The transaction under way ends as it does; a second interrupt ends it all. */
static enum ws_err run_in_row(struct many *m) {
    const struct sigaction action = {.sa_handler = on_row_interrupt,
                                     .sa_flags = (int)(SA_RESETHAND | SA_RESTART)};
    row_interrupted = 0;
    (void)sigaction(SIGINT, &action, NULL);
    for (unsigned i = 0; i < m->plan->repeat && !row_interrupted; i++) {
        struct send_plan own;
        base_usec begun = base_clock_now();
        enum ws_err err = make_plan(m->plan, i, &own, &m->error);
        if (err != WS_OK)
            return err;
        enum send_exit code = send_transport_run(&own);
        drop_message(m->plan, &own);
        base_usec now = base_clock_now();
        send_tally_add(&m->tally, code, now - begun, now);
    }
    return WS_OK;
}

/* --- many at a time --- */

static void start_next(struct slot *s);

static void finish(struct slot *s) {
    base_usec now = base_clock_now();
    enum send_exit code = send_transaction_exit(s->transaction);
    send_tally_add(&s->many->tally, code, now - s->begun, now);
    send_transaction_free(s->transaction);
    s->transaction = NULL;
    send_transcript_release(&s->transcript);
    drop_message(s->many->plan, &s->plan);
    s->busy = false;
}

static void on_done(void *arg) {
    struct slot *s = arg;
    finish(s);
    if (!s->many->stopped)
        start_next(s);
}

static void stop(struct many *m) {
    m->stopped = true;
    net_loop_stop(m->loop);
}

static enum ws_err dial(struct slot *s) {
    struct many *m = s->many;
    const struct net_dial d = {
        .remote = m->addresses.items[m->begun % m->addresses.count],
        .source = m->source,
        .connect_timeout = m->plan->timeout == 0 ? BASE_NEVER : m->plan->timeout,
        .engine = send_transaction_engine(s->transaction),
        .done = on_done,
        .arg = s,
    };
    return net_dial_start(m->loop, &d, &m->error);
}

static void start_next(struct slot *s) {
    struct many *m = s->many;
    if (m->begun >= m->plan->repeat)
        return;
    enum ws_err err = make_plan(m->plan, m->begun, &s->plan, &m->error);
    if (err == WS_OK) {
        s->busy = true;
        s->begun = base_clock_now();
        send_transcript_init(&s->transcript, &s->plan.output);
        err = send_transaction_new(&s->plan, &s->transcript, &s->transaction, &m->error);
    }
    if (err == WS_OK)
        err = dial(s);
    m->begun++;
    if (err != WS_OK)
        stop(m);
}

static void on_interrupt(void *arg) {
    stop(arg);
}

static void release_slots(struct many *m) {
    for (unsigned i = 0; i < m->slot_count; i++) {
        struct slot *s = &m->slots[i];
        if (!s->busy)
            continue;
        send_transaction_free(s->transaction);
        send_transcript_release(&s->transcript);
        drop_message(m->plan, &s->plan);
    }
    free(m->slots);
}

static enum ws_err find_addresses(struct many *m) {
    const struct send_target *t = &m->plan->target;
    const char *why = "";
    if (t->transport == SEND_UNIX) {
        m->addresses.items = base_arena_alloc(&m->arena, sizeof *m->addresses.items);
        if (!m->addresses.items)
            return WS_NOMEM;
        m->addresses.count = 1;
        return net_address_unix(t->socket_path, m->addresses.items);
    }
    send_addresses_find(t->server, t->port, m->plan, &m->arena, &m->addresses);
    if (m->addresses.count == 0)
        return base_error_set(&m->error, WS_SYSTEM, "Error connecting to %s:%s: %s", t->server,
                              t->port, m->addresses.why);
    m->addresses.count = 1; /* all go to the same place */
    if (!send_addresses_source(t, m->addresses.items, &m->source_room, &m->source, &why))
        return base_error_set(&m->error, WS_SYSTEM, "%s: %s", t->local_interface, why);
    return WS_OK;
}

static enum ws_err run_together(struct many *m) {
    enum ws_err err = find_addresses(m);
    if (err != WS_OK)
        return err;
    m->slots = calloc(m->plan->concurrency, sizeof *m->slots);
    if (!m->slots)
        return base_error_set(&m->error, WS_NOMEM, "no memory for %u transactions at a time",
                              m->plan->concurrency);
    m->slot_count = m->plan->concurrency;
    err = net_loop_new(&m->loop, &m->error);
    if (err == WS_OK)
        err = net_loop_on_interrupt(m->loop, on_interrupt, m, &m->error);
    for (unsigned i = 0; err == WS_OK && i < m->slot_count && !m->stopped; i++) {
        m->slots[i].many = m;
        start_next(&m->slots[i]);
    }
    if (err == WS_OK && !m->stopped)
        err = net_loop_run(m->loop, &m->error);
    net_loop_free(m->loop);
    release_slots(m);
    return err != WS_OK ? err : m->error.code;
}

enum send_exit send_transport_many(const struct send_plan *plan) {
    struct many m = {.plan = plan};
    struct send_transcript transcript;
    bool together = plan->concurrency > 1 && plan->target.transport != SEND_PIPE &&
                    !(plan->beyond && plan->beyond->via_proxy) &&
                    (plan->make_message || !plan->message);
    send_transcript_init(&transcript, &plan->output);
    base_arena_init(&m.arena, ARENA_MAX);
    enum ws_err err = send_tally_init(&m.tally, plan->repeat, together ? plan->concurrency : 1,
                                      base_clock_now(), &m.error);
    if (err == WS_OK)
        err = together ? run_together(&m) : run_in_row(&m);
    if (err != WS_OK)
        send_transcript_error(&transcript, "%s", base_error_message(&m.error));
    enum send_exit code = SEND_EXIT_CONNECT;
    if (m.tally.done > 0)
        code = send_tally_report(&m.tally, &transcript);
    else if (plan->output.json) /* errors and all */
        (void)send_tally_report(&m.tally, &transcript);
    send_tally_release(&m.tally);
    base_arena_release(&m.arena);
    send_transcript_release(&transcript);
    return code;
}
