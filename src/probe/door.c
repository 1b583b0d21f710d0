/* SPDX-License-Identifier: Apache-2.0 */
/* probe_door - the mail dialogue up to the TLS bytes, and an engine behind it.
 *
 * Bytes go to the dialogue in clear, then to the inner engine. Where that carries the dialogue on,
 * what it decrypts goes to the dialogue again, and what the dialogue says goes through it. Each
 * event is handed to whoever has the connection at that time; `pump` then brings everything as far
 * as it goes.
 *
 * Ownership: the door owns dialogue and output; the facts are the caller's, their memory the
 * arena's. Limits: output at most 1 MiB; the dialogue and the inner engine have their own. */
#include "probe/door.h"

#include <stdlib.h>

#define OUTPUT_MAX (1u << 20)

/* Who has the connection. */
enum phase {
    PHASE_CONNECT,
    PHASE_CLEAR,  /* the dialogue */
    PHASE_INNER,  /* the inner engine: a handshake, or all it ever wanted */
    PHASE_INSIDE, /* the dialogue, through the inner engine */
    PHASE_KEPT,   /* the inner engine, to the end */
    PHASE_AFTER,  /* nobody: the inner engine is done, the close is waited for */
    PHASE_DONE
};

static const char *const phase_names[] = {
    [PHASE_CONNECT] = "connect", [PHASE_CLEAR] = "clear", [PHASE_INNER] = "inner",
    [PHASE_INSIDE] = "inside",   [PHASE_KEPT] = "kept",   [PHASE_AFTER] = "after",
    [PHASE_DONE] = "done",
};

struct probe_door {
    struct net_engine engine; /* first: the driver's handle is the door */
    struct net_engine *inner;
    const struct probe_inside *inside;
    struct facts_endpoint *facts;
    struct base_arena *arena;
    const struct base_log *log;
    const char *who;
    struct mail_dialogue *dialogue;
    enum mail_leave leave;
    struct base_buf out;
    enum phase phase;
    base_usec begun, connected;
    base_usec overall_deadline;
    uint64_t clear_in, clear_out; /* bytes before TLS */
    void (*known)(void *arg);     /* NULL: nobody wants to hear it, or was told */
    void *known_arg;
    bool awaiting; /* something was asked and no answer has come yet: a round trip */
};

static struct probe_door *door_of(struct net_engine *e) {
    return (struct probe_door *)(void *)e;
}

static const struct probe_door *const_door_of(const struct net_engine *e) {
    return (const struct probe_door *)(const void *)e;
}

static void set_phase(struct probe_door *d, enum phase next) {
    base_log_line(d->log, BASE_LOG_DEBUG, d->who, "door: %s -> %s", phase_names[d->phase],
                  phase_names[next]);
    d->phase = next;
}

void probe_door_abort(struct probe_door *d, const char *error) {
    mail_dialogue_abort(d->dialogue, FACTS_STOP_LOCAL, base_arena_str(d->arena, error));
}

static void finish(struct probe_door *d, base_usec now) {
    if (d->phase == PHASE_DONE)
        return;
    if (d->inside)
        d->inside->end(d->inner);
    d->facts->ms = base_clock_ms(now - d->begun);
    set_phase(d, PHASE_DONE);
}

/* --- as far as it goes --- */

/* The dialogue's words go out in clear, or through the inner engine. */
static void carry_words(struct probe_door *d) {
    struct base_buf *words = mail_dialogue_output(d->dialogue);
    if (words->len == 0)
        return;
    if (d->phase == PHASE_CLEAR) {
        d->clear_out += words->len;
        base_buf_append_bytes(&d->out, base_buf_view(words));
    } else if (d->phase == PHASE_INSIDE && d->inside->state(d->inner) == PROBE_INSIDE_UP &&
               d->inside->say(d->inner, base_buf_view(words)) != WS_OK) {
        probe_door_abort(d, "the TLS session took no more data");
    }
    base_buf_clear(words);
}

static void begin_inner(struct probe_door *d, base_usec now) {
    set_phase(d, PHASE_INNER);
    d->inner->ops->connected(d->inner, base_clock_ms(now - d->connected), now);
}

/* What a plain inner engine, or a handshake, has come to. */
static void follow_inner(struct probe_door *d, base_usec now) {
    if (!d->inside) {
        if (!d->inner->ops->done(d->inner))
            return;
        set_phase(d, PHASE_AFTER);
        mail_dialogue_tls_over(d->dialogue, now);
        return;
    }
    switch (d->inside->state(d->inner)) {
    case PROBE_INSIDE_BEGINS:
        return;
    case PROBE_INSIDE_FAILED:
        mail_dialogue_tls_failed(d->dialogue, now);
        return;
    case PROBE_INSIDE_KEPT:
        d->overall_deadline = BASE_NEVER;
        d->facts->ms = base_clock_ms(now - d->begun);
        set_phase(d, PHASE_KEPT);
        return;
    case PROBE_INSIDE_UP:
    case PROBE_INSIDE_CLOSED:
        set_phase(d, PHASE_INSIDE);
        mail_dialogue_tls_up(d->dialogue, now);
        return;
    }
}

/* What came through the inner engine is heard and answered. Where QUIT's answer is not waited for,
 * close_notify goes out right behind it. After the last plaintext of a session that is over
 * (close_notify, a broken record, a late alert: TLS 1.3 tells only now that it wanted a client
 * certificate) nothing more will be heard. */
static void talk_inside(struct probe_door *d, base_usec now) {
    struct base_buf *plain = d->inside->plain(d->inner);
    if (plain->len > 0) {
        mail_dialogue_feed(d->dialogue, base_buf_view(plain), now);
        base_buf_clear(plain);
    }
    carry_words(d);
    enum mail_want want = mail_dialogue_want(d->dialogue);
    if (want == MAIL_WANT_CLOSE || (want == MAIL_WANT_DONE && d->leave != MAIL_LEAVE_WAIT))
        d->inside->close(d->inner);
    if (d->inside->state(d->inner) != PROBE_INSIDE_UP)
        mail_dialogue_closed(d->dialogue, MAIL_CLOSED_EOF, now);
}

static void carry_inner(struct probe_door *d) {
    struct base_buf *bytes = d->inner->ops->output(d->inner);
    if (bytes->len == 0)
        return;
    base_buf_append_bytes(&d->out, base_buf_view(bytes));
    base_buf_clear(bytes);
}

static void tell_known(struct probe_door *d) {
    void (*known)(void *arg) = d->known;
    if (!known || !mail_dialogue_is_leaving(d->dialogue))
        return;
    d->known = NULL;
    known(d->known_arg);
}

/* Called after each event, as pump_kept. */
static void pump_dialogue(struct probe_door *d, base_usec now) {
    carry_words(d);
    if (d->phase == PHASE_CLEAR && mail_dialogue_want(d->dialogue) == MAIL_WANT_TLS)
        begin_inner(d, now);
    if (d->phase == PHASE_INNER)
        follow_inner(d, now);
    if (d->phase == PHASE_INSIDE)
        talk_inside(d, now);
    if (d->phase >= PHASE_INNER)
        carry_inner(d);
    if (d->out.failed)
        probe_door_abort(d, "out of memory");
    if (d->out.len > 0)
        d->awaiting = true;
    tell_known(d);
    if (mail_dialogue_want(d->dialogue) == MAIL_WANT_DONE)
        finish(d, now);
}

/* While the inner engine has it all, no round trips are counted: who asks whom is not known. */
static void pump_kept(struct probe_door *d, base_usec now) {
    carry_inner(d);
    if (d->inner->ops->done(d->inner))
        finish(d, now);
}

static void pump(struct probe_door *d, base_usec now) {
    if (d->phase != PHASE_DONE && d->phase != PHASE_KEPT)
        pump_dialogue(d, now);
    if (d->phase == PHASE_KEPT)
        pump_kept(d, now);
}

/* --- the driver's side --- */

static void on_connected(struct net_engine *e, double ms, base_usec now) {
    struct probe_door *d = door_of(e);
    d->facts->connect.state = FACTS_CONNECT_OK;
    d->facts->connect.ms = ms;
    d->facts->connections = 1;
    d->facts->round_trips = 1;
    d->awaiting = true;
    d->connected = now;
    set_phase(d, PHASE_CLEAR);
    mail_dialogue_start(d->dialogue, now);
    pump(d, now);
}

static void on_not_connected(struct net_engine *e, enum facts_connect_state state,
                             const char *error, double ms, base_usec now) {
    struct probe_door *d = door_of(e);
    d->facts->connect.state = state;
    d->facts->connect.ms = ms;
    d->facts->connect.error = base_arena_str(d->arena, error);
    d->facts->connections = 1;
    d->facts->step = FACTS_STEP_CONNECT;
    d->facts->stop = state == FACTS_CONNECT_TIMEOUT ? FACTS_STOP_TIMEOUT
                     : state == FACTS_CONNECT_RESET ? FACTS_STOP_RESET
                     : state == FACTS_CONNECT_ERROR ? FACTS_STOP_LOCAL
                                                    : FACTS_STOP_REFUSED;
    finish(d, now);
}

static void on_received(struct net_engine *e, struct base_bytes in, base_usec now) {
    struct probe_door *d = door_of(e);
    if (d->awaiting) {
        d->facts->round_trips++;
        d->awaiting = false;
    }
    if (d->phase == PHASE_CLEAR && d->facts->implicit_tls) {
        /* it speaks where TLS comes first: whatever that is, the inner engine tells */
        mail_dialogue_end_pause(d->dialogue, now);
        pump(d, now);
    }
    if (d->phase == PHASE_CLEAR) {
        d->clear_in += in.len;
        mail_dialogue_feed(d->dialogue, in, now);
    } else if (d->phase < PHASE_AFTER) {
        d->inner->ops->received(d->inner, in, now);
    }
    pump(d, now);
}

/* A close before any greeting is a matter of the connection: it is told apart there as well. */
static void note_early_close(struct probe_door *d, bool reset) {
    if (!d->facts->greeting.received && d->facts->step <= FACTS_STEP_GREETING &&
        d->facts->unread.len == 0 && d->phase == PHASE_CLEAR)
        d->facts->connect.state = reset ? FACTS_CONNECT_RESET : FACTS_CONNECT_CLOSED;
}

static void on_closed(struct net_engine *e, bool reset, base_usec now) {
    struct probe_door *d = door_of(e);
    if (d->phase == PHASE_INNER || d->phase == PHASE_KEPT) {
        d->inner->ops->closed(d->inner, reset, now);
        pump(d, now);
    }
    if (d->phase != PHASE_DONE) {
        note_early_close(d, reset);
        mail_dialogue_closed(d->dialogue, reset ? MAIL_CLOSED_RESET : MAIL_CLOSED_EOF, now);
        pump(d, now);
    }
    finish(d, now);
}

static void on_tick(struct net_engine *e, base_usec now) {
    struct probe_door *d = door_of(e);
    bool last = now >= d->overall_deadline;
    if (last)
        mail_dialogue_abort(d->dialogue, FACTS_STOP_DEADLINE, "the overall deadline came");
    if (d->phase == PHASE_INNER || d->phase == PHASE_KEPT)
        d->inner->ops->tick(d->inner, now);
    else if (now >= mail_dialogue_deadline(d->dialogue))
        mail_dialogue_tick(d->dialogue, now);
    pump(d, now);
    if (last)
        finish(d, now);
}

static struct base_buf *on_output(struct net_engine *e) {
    struct probe_door *d = door_of(e);
    if (d->phase == PHASE_KEPT)
        carry_inner(d); /* it may speak of its own accord */
    return &d->out;
}

static base_usec on_deadline(const struct net_engine *e) {
    const struct probe_door *d = const_door_of(e);
    bool inner = d->phase == PHASE_INNER || d->phase == PHASE_KEPT;
    base_usec own = inner ? d->inner->ops->deadline(d->inner) : mail_dialogue_deadline(d->dialogue);
    return own < d->overall_deadline ? own : d->overall_deadline;
}

static bool on_done(const struct net_engine *e) {
    return const_door_of(e)->phase == PHASE_DONE;
}

static const struct net_engine_ops door_ops = {
    .connected = on_connected,
    .not_connected = on_not_connected,
    .received = on_received,
    .closed = on_closed,
    .tick = on_tick,
    .output = on_output,
    .deadline = on_deadline,
    .done = on_done,
};

/* --- life --- */

enum ws_err probe_door_new(const struct probe_door_config *config, struct facts_endpoint *facts,
                           struct base_arena *arena, struct net_engine *inner,
                           const struct probe_inside *inside, base_usec now,
                           struct probe_door **out, struct base_error *e) {
    struct probe_door *d = calloc(1, sizeof *d);
    *out = NULL;
    if (!d)
        return base_error_set(e, WS_NOMEM, "no memory to visit %s", facts->host);
    d->engine.ops = &door_ops;
    d->inner = inner;
    d->inside = inside;
    d->facts = facts;
    d->arena = arena;
    d->log = config->log;
    d->leave = config->mail.leave;
    d->begun = now;
    d->overall_deadline = config->overall > BASE_NEVER - now ? BASE_NEVER : now + config->overall;
    d->who = base_arena_printf(arena, "%s[%s]:%u", facts->host, facts->address, facts->port);
    base_buf_init(&d->out, OUTPUT_MAX);
    struct mail_config mail = config->mail;
    mail.protocol = facts->protocol;
    mail.implicit_tls = facts->implicit_tls;
    enum ws_err err = mail_dialogue_new(&mail, facts, arena, d->log, d->who, &d->dialogue, e);
    if (err != WS_OK) {
        probe_door_free(d);
        return err;
    }
    *out = d;
    return WS_OK;
}

void probe_door_free(struct probe_door *d) {
    if (!d)
        return;
    if (d->dialogue)
        mail_dialogue_release(d->dialogue);
    base_buf_release(&d->out);
    free(d);
}

struct net_engine *probe_door_engine(struct probe_door *d) {
    return &d->engine;
}

void probe_door_when_known(struct probe_door *d, void (*known)(void *arg), void *arg) {
    d->known = known;
    d->known_arg = arg;
}

void probe_door_follow(struct probe_door *d, base_usec now) {
    pump(d, now);
}

const char *probe_door_who(const struct probe_door *d) {
    return d->who;
}

void probe_door_clear_bytes(const struct probe_door *d, uint64_t *received, uint64_t *sent) {
    *received = d->clear_in;
    *sent = d->clear_out;
}
