/* SPDX-License-Identifier: Apache-2.0 */
/* probe_visit - one look at one endpoint.
 *
 * Joins the mail dialogue (mail/) and the TLS session (tls/) into one engine without I/O, which a
 * driver of net/ plays: bytes from the server go to the dialogue in clear, or through the session;
 * what the dialogue wants to say goes the other way. Whatever is seen ends in the endpoint's facts.
 *
 * The certificate chain is judged after the last byte was sent, so that the server never waits for
 * our arithmetic.
 *
 * Ownership: the visit owns dialogue, session and output buffer; the facts are the caller's, their
 * memory the arena's. Limits: output at most 1 MiB; the dialogue and the session have their own. */
#include "probe/visit.h"

#include "tls/client.h"

#include <stdlib.h>

#define OUTPUT_MAX (1u << 20)

enum phase { PHASE_CONNECT, PHASE_PLAIN, PHASE_HANDSHAKE, PHASE_TLS, PHASE_STAY, PHASE_DONE };

static const char *const phase_names[] = {
    [PHASE_CONNECT] = "connect", [PHASE_PLAIN] = "plain", [PHASE_HANDSHAKE] = "handshake",
    [PHASE_TLS] = "tls",         [PHASE_STAY] = "stay",   [PHASE_DONE] = "done",
};

struct probe_visit {
    struct net_engine engine; /* first: the driver's handle is the visit */
    const struct probe_config *config;
    struct facts_endpoint *facts;
    struct base_arena *arena;
    struct mail_dialogue *dialogue;
    struct tls_session *session;
    struct base_buf out;
    enum phase phase;
    const char *who;
    base_usec begun;
    base_usec handshake_deadline;
    base_usec overall_deadline;
    uint64_t clear_in, clear_out; /* bytes before TLS */
    bool judged;                  /* the chain was judged already */
    bool heard;                   /* while staying: the server said something */
    enum probe_stay_end stay_end;
    bool awaiting; /* something was asked and no answer has come yet: a round trip */
};

static struct probe_visit *visit_of(struct net_engine *e) {
    return (struct probe_visit *)(void *)e;
}

static const struct probe_visit *const_visit_of(const struct net_engine *e) {
    return (const struct probe_visit *)(const void *)e;
}

static void set_phase(struct probe_visit *v, enum phase next) {
    if (v->phase == next)
        return;
    base_log_line(v->config->log, BASE_LOG_DEBUG, v->who, "visit: %s -> %s", phase_names[v->phase],
                  phase_names[next]);
    v->phase = next;
}

/* The name to ask for: the MX host by default, never an address (RFC 6066 section 3). */
static const char *sni_of(const struct probe_visit *v) {
    if (v->config->sni)
        return v->config->sni;
    if (v->config->verify_name)
        return v->config->verify_name;
    struct net_address a;
    if (net_address_parse(v->facts->host, 0, &a) == WS_OK)
        return "";
    return v->facts->host;
}

static void abort_visit(struct probe_visit *v, enum facts_stop why, const char *error) {
    mail_dialogue_abort(v->dialogue, why, base_arena_str(v->arena, error));
}

static void start_tls(struct probe_visit *v, base_usec now) {
    struct base_error e = {0};
    set_phase(v, PHASE_HANDSHAKE);
    v->facts->step = FACTS_STEP_HANDSHAKE;
    v->handshake_deadline = now + v->config->handshake_timeout;
    if (tls_session_new(v->config->tls, sni_of(v), v->config->log, v->who, &v->session, &e) !=
        WS_OK) {
        abort_visit(v, FACTS_STOP_LOCAL, base_error_message(&e));
        return;
    }
    if (v->config->early_data.len > 0 &&
        tls_session_set_early_data(v->session, v->config->early_data, &e) != WS_OK) {
        abort_visit(v, FACTS_STOP_LOCAL, base_error_message(&e));
        return;
    }
    tls_session_start(v->session, now);
}

static void judge_chain(struct probe_visit *v);

/* The session is the caller's from now on. */
static void stay(struct probe_visit *v, base_usec now) {
    judge_chain(v);
    v->overall_deadline = BASE_NEVER;
    v->facts->step = FACTS_STEP_DONE;
    v->facts->ms = base_clock_ms(now - v->begun);
    set_phase(v, PHASE_STAY);
}

/* What the session has become after new bytes, a close or a time-out. */
static void follow_session(struct probe_visit *v, base_usec now) {
    if (v->phase != PHASE_HANDSHAKE)
        return;
    switch (tls_session_state(v->session)) {
    case TLS_HANDSHAKING:
        return;
    case TLS_FAILED:
        tls_session_read_facts(v->session, v->arena, &v->facts->session);
        v->handshake_deadline = BASE_NEVER;
        mail_dialogue_tls_failed(v->dialogue, now);
        return;
    case TLS_UP:
    case TLS_CLOSED:
        tls_session_read_facts(v->session, v->arena, &v->facts->session);
        v->handshake_deadline = BASE_NEVER;
        if (v->config->stay) {
            stay(v, now);
            return;
        }
        set_phase(v, PHASE_TLS);
        mail_dialogue_tls_up(v->dialogue, now);
        return;
    }
}

static void feed_plain_from_session(struct probe_visit *v, base_usec now) {
    if (v->phase != PHASE_TLS)
        return;
    struct base_buf *plain = tls_session_plain(v->session);
    if (plain->len > 0) {
        mail_dialogue_feed(v->dialogue, base_buf_view(plain), now);
        base_buf_clear(plain);
    }
}

/* The dialogue's words go out in clear, or through the session. */
static void carry_words(struct probe_visit *v) {
    struct base_buf *words = mail_dialogue_output(v->dialogue);
    if (words->len == 0)
        return;
    if (v->phase == PHASE_PLAIN) {
        v->clear_out += words->len;
        base_buf_append_bytes(&v->out, base_buf_view(words));
    } else if (v->phase == PHASE_TLS &&
               tls_session_write(v->session, base_buf_view(words)) != WS_OK) {
        abort_visit(v, FACTS_STOP_LOCAL, "the TLS session took no more data");
    }
    base_buf_clear(words);
}

static void carry_records(struct probe_visit *v) {
    if (!v->session)
        return;
    struct base_buf *records = tls_session_output(v->session);
    if (records->len > 0) {
        base_buf_append_bytes(&v->out, base_buf_view(records));
        base_buf_clear(records);
    }
}

static void judge_chain(struct probe_visit *v) {
    if (!v->session || !v->facts->session.started || v->judged || !v->config->trust)
        return;
    v->judged = true;
    const struct probe_config *c = v->config;
    bool given = c->verify_name && c->verify_name[0];
    struct pki_names names = {
        .reference = given ? c->verify_name : v->facts->host,
        .reference_given = given,
        .domain = c->domain,
    };
    tls_session_read_tickets(v->session, &v->facts->session);
    if (tls_session_judge_chain(v->session, c->trust, &names, c->wall_now, v->arena, v->facts) !=
        WS_OK)
        v->arena->failed = true;
}

static void finish(struct probe_visit *v, base_usec now) {
    if (v->phase == PHASE_DONE)
        return;
    judge_chain(v);
    v->facts->ms = base_clock_ms(now - v->begun);
    set_phase(v, PHASE_DONE);
}

/* Brings everything as far as it goes: called after each event. */
static void pump(struct probe_visit *v, base_usec now) {
    if (v->phase == PHASE_DONE)
        return;
    if (v->phase == PHASE_STAY) {
        carry_records(v);
        return;
    }
    follow_session(v, now);
    feed_plain_from_session(v, now);
    carry_words(v);
    if (v->phase == PHASE_PLAIN && mail_dialogue_want(v->dialogue) == MAIL_WANT_TLS)
        start_tls(v, now);
    if (v->phase == PHASE_TLS && mail_dialogue_want(v->dialogue) == MAIL_WANT_CLOSE)
        tls_session_close(v->session);
    carry_records(v);
    if (v->out.failed)
        abort_visit(v, FACTS_STOP_LOCAL, "out of memory");
    if (v->out.len > 0)
        v->awaiting = true;
    if (mail_dialogue_want(v->dialogue) == MAIL_WANT_DONE)
        finish(v, now);
}

/* --- the driver's side --- */

static void on_connected(struct net_engine *e, double ms, base_usec now) {
    struct probe_visit *v = visit_of(e);
    v->facts->connect.state = FACTS_CONNECT_OK;
    v->facts->connect.ms = ms;
    v->facts->connections = 1;
    v->facts->round_trips = 1;
    v->awaiting = true;
    set_phase(v, PHASE_PLAIN);
    mail_dialogue_start(v->dialogue, now);
    pump(v, now);
}

static void on_not_connected(struct net_engine *e, enum facts_connect_state state,
                             const char *error, double ms, base_usec now) {
    struct probe_visit *v = visit_of(e);
    v->facts->connect.state = state;
    v->facts->connect.ms = ms;
    v->facts->connect.error = base_arena_str(v->arena, error);
    v->facts->connections = 1;
    v->facts->step = FACTS_STEP_CONNECT;
    v->facts->stop = state == FACTS_CONNECT_TIMEOUT ? FACTS_STOP_TIMEOUT
                     : state == FACTS_CONNECT_RESET ? FACTS_STOP_RESET
                     : state == FACTS_CONNECT_ERROR ? FACTS_STOP_LOCAL
                                                    : FACTS_STOP_REFUSED;
    v->facts->ms = base_clock_ms(now - v->begun);
    set_phase(v, PHASE_DONE);
}

/* The server ended a stay. Where it had not said a word, the session was refused after all (TLS 1.3
 * tells only now that it wanted a client certificate): the facts say so as without a stay. */
static void end_stay(struct probe_visit *v, enum facts_stop how, enum probe_stay_end end) {
    v->stay_end = end;
    if (tls_session_state(v->session) == TLS_FAILED) {
        tls_session_read_facts(v->session, v->arena, &v->facts->session);
        v->stay_end = PROBE_STAY_BROKEN;
    }
    if (v->heard)
        return;
    v->facts->step = v->facts->implicit_tls ? FACTS_STEP_GREETING : FACTS_STEP_EHLO_TLS;
    v->facts->stop = how;
}

/* While staying: close_notify, a broken record or a late alert end it; what came is still read. */
static void follow_stay(struct probe_visit *v, base_usec now) {
    if (v->phase != PHASE_STAY)
        return;
    v->heard = v->heard || tls_session_plain(v->session)->len > 0;
    if (tls_session_state(v->session) == TLS_UP)
        return;
    end_stay(v, FACTS_STOP_CLOSED, PROBE_STAY_CLOSED);
    probe_visit_leave(v, now);
}

static void on_received(struct net_engine *e, struct base_bytes in, base_usec now) {
    struct probe_visit *v = visit_of(e);
    if (v->awaiting) {
        v->facts->round_trips++;
        v->awaiting = false;
    }
    if (v->phase == PHASE_PLAIN) {
        v->clear_in += in.len;
        mail_dialogue_feed(v->dialogue, in, now);
    } else if (v->session) {
        tls_session_feed(v->session, in, now);
    }
    pump(v, now);
    follow_stay(v, now);
    if (v->phase == PHASE_TLS && tls_session_state(v->session) != TLS_UP) {
        /* close_notify, a broken record, or a late alert (TLS 1.3 tells only now that it wanted a
         * client certificate): nothing more will come through this session */
        if (tls_session_state(v->session) == TLS_FAILED)
            tls_session_read_facts(v->session, v->arena, &v->facts->session);
        mail_dialogue_closed(v->dialogue, MAIL_CLOSED_EOF, now);
        pump(v, now);
    }
}

/* A close before any greeting is a matter of the connection: it is told apart there as well. */
static void note_early_close(struct probe_visit *v, bool reset) {
    if (!v->facts->greeting.received && v->facts->step <= FACTS_STEP_GREETING &&
        v->facts->unread.len == 0 && v->phase == PHASE_PLAIN)
        v->facts->connect.state = reset ? FACTS_CONNECT_RESET : FACTS_CONNECT_CLOSED;
}

static void on_closed(struct net_engine *e, bool reset, base_usec now) {
    struct probe_visit *v = visit_of(e);
    if (v->phase == PHASE_DONE)
        return;
    if (v->phase == PHASE_STAY) {
        tls_session_peer_closed(v->session, reset, now);
        end_stay(v, reset ? FACTS_STOP_RESET : FACTS_STOP_CLOSED,
                 reset ? PROBE_STAY_RESET : PROBE_STAY_CUT);
        set_phase(v, PHASE_DONE);
        return;
    }
    if (v->phase == PHASE_HANDSHAKE) {
        tls_session_peer_closed(v->session, reset, now);
        pump(v, now);
    }
    if (v->phase != PHASE_DONE) {
        note_early_close(v, reset);
        mail_dialogue_closed(v->dialogue, reset ? MAIL_CLOSED_RESET : MAIL_CLOSED_EOF, now);
        pump(v, now);
    }
    finish(v, now);
}

static void on_tick(struct net_engine *e, base_usec now) {
    struct probe_visit *v = visit_of(e);
    if (now >= v->overall_deadline) {
        if (v->phase == PHASE_HANDSHAKE)
            tls_session_timeout(v->session, now);
        abort_visit(v, FACTS_STOP_DEADLINE, "the overall deadline came");
        if (v->phase == PHASE_HANDSHAKE)
            tls_session_read_facts(v->session, v->arena, &v->facts->session);
        finish(v, now);
        return;
    }
    if (v->phase == PHASE_HANDSHAKE && now >= v->handshake_deadline)
        tls_session_timeout(v->session, now);
    else if (now >= mail_dialogue_deadline(v->dialogue))
        mail_dialogue_tick(v->dialogue, now);
    pump(v, now);
}

static struct base_buf *on_output(struct net_engine *e) {
    return &visit_of(e)->out;
}

static base_usec min_usec(base_usec a, base_usec b) {
    return a < b ? a : b;
}

static base_usec on_deadline(const struct net_engine *e) {
    const struct probe_visit *v = const_visit_of(e);
    if (v->phase == PHASE_STAY)
        return BASE_NEVER;
    base_usec own =
        v->phase == PHASE_HANDSHAKE ? v->handshake_deadline : mail_dialogue_deadline(v->dialogue);
    return min_usec(own, v->overall_deadline);
}

static bool on_done(const struct net_engine *e) {
    return const_visit_of(e)->phase == PHASE_DONE;
}

static const struct net_engine_ops visit_ops = {
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

enum ws_err probe_visit_new(const struct probe_config *config, struct facts_endpoint *facts,
                            struct base_arena *arena, base_usec now, struct probe_visit **out,
                            struct base_error *e) {
    struct probe_visit *v = calloc(1, sizeof *v);
    if (!v)
        return base_error_set(e, WS_NOMEM, "no memory to visit %s", facts->host);
    v->engine.ops = &visit_ops;
    v->config = config;
    v->facts = facts;
    v->arena = arena;
    v->begun = now;
    v->handshake_deadline = BASE_NEVER;
    v->overall_deadline = config->overall == BASE_NEVER ? BASE_NEVER : now + config->overall;
    v->who = base_arena_printf(arena, "%s[%s]:%u", facts->host, facts->address, facts->port);
    base_buf_init(&v->out, OUTPUT_MAX);
    facts->session.alert = -1;
    facts->session.alert_sent = -1;

    struct mail_config mail = {
        .protocol = facts->protocol,
        .helo = config->helo,
        .implicit_tls = facts->implicit_tls,
        .plain_only = config->plain_only,
        .ask_anyway = config->ask_anyway,
        .timeouts = config->timeouts,
    };
    enum ws_err err = mail_dialogue_new(&mail, facts, arena, config->log, v->who, &v->dialogue, e);
    if (err != WS_OK) {
        probe_visit_free(v);
        return err;
    }
    *out = v;
    return WS_OK;
}

void probe_visit_free(struct probe_visit *v) {
    if (!v)
        return;
    if (v->dialogue)
        mail_dialogue_release(v->dialogue);
    if (v->session)
        tls_session_free(v->session);
    base_buf_release(&v->out);
    free(v);
}

struct net_engine *probe_visit_engine(struct probe_visit *v) {
    return &v->engine;
}

/* --- a stay --- */

bool probe_visit_is_staying(const struct probe_visit *v) {
    return v->phase == PHASE_STAY;
}

enum probe_stay_end probe_visit_stay_end(const struct probe_visit *v) {
    return v->stay_end;
}

struct base_buf *probe_visit_plain(struct probe_visit *v) {
    return tls_session_plain(v->session);
}

enum ws_err probe_visit_say(struct probe_visit *v, struct base_bytes bytes) {
    if (v->phase != PHASE_STAY)
        return WS_LIBRARY;
    enum ws_err err = tls_session_write(v->session, bytes);
    carry_records(v);
    if (err == WS_OK && v->out.failed)
        err = WS_LIMIT;
    return err;
}

void probe_visit_leave(struct probe_visit *v, base_usec now) {
    if (v->phase != PHASE_STAY)
        return;
    tls_session_close(v->session);
    carry_records(v);
    v->facts->ms = base_clock_ms(now - v->begun);
    set_phase(v, PHASE_DONE);
}

void probe_visit_carry(struct probe_visit *v, base_usec now) {
    (void)now;
    carry_records(v);
}

struct tls_session *probe_visit_session(struct probe_visit *v) {
    return v->session;
}

void probe_visit_judge(struct probe_visit *v) {
    judge_chain(v);
}

void probe_visit_clear_bytes(const struct probe_visit *v, uint64_t *received, uint64_t *sent) {
    *received = v->clear_in;
    *sent = v->clear_out;
}
