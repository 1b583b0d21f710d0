/* SPDX-License-Identifier: Apache-2.0 */
/* probe_visit - one look at one endpoint.
 *
 * The TLS session (tls/) as the engine behind a door (probe/door.h): the dialogue goes on through
 * it up to QUIT, or, in a stay, the caller has it. Whatever is seen ends in the endpoint's facts.
 *
 * The certificate chain is judged when all is said, so that the server never waits for our
 * arithmetic.
 *
 * Ownership: the visit owns door and session; the facts are the caller's, their memory the
 * arena's. */
#include "probe/visit.h"

#include "client/client.h"
#include "probe/door.h"

#include <stdlib.h>

struct probe_visit {
    struct net_engine inner; /* first: what stands behind the door is the visit */
    const struct probe_config *config;
    struct facts_endpoint *facts;
    struct base_arena *arena;
    struct probe_door *door;
    struct tls_session *session; /* NULL before TLS begins, and when there can be none */
    struct base_buf nothing;     /* what goes out then */
    enum tls_state known;        /* the session's state that was followed last */
    base_usec overall_deadline;
    base_usec handshake_deadline;
    bool judged; /* the chain was judged already */
    bool kept;   /* the session is, or was, the caller's */
    bool staying;
    bool heard; /* while staying: the server said something */
    enum probe_stay_end stay_end;
};

static struct probe_visit *visit_of(struct net_engine *inner) {
    return (struct probe_visit *)(void *)inner;
}

static const struct probe_visit *const_visit_of(const struct net_engine *inner) {
    return (const struct probe_visit *)(const void *)inner;
}

static void judge_chain(struct probe_visit *v) {
    if (!v->session || !v->facts->session.started || !v->config->trust)
        return;
    tls_session_read_tickets(v->session, &v->facts->session); /* to the end: they may come late */
    if (v->judged)
        return;
    v->judged = true;
    const struct probe_config *c = v->config;
    bool given = c->verify_name && c->verify_name[0];
    struct pki_names names = {
        .reference = given ? c->verify_name : v->facts->host,
        .reference_given = given,
        .domain = c->domain,
    };
    if (tls_session_judge_chain(v->session, c->trust, &names, c->wall_now, v->arena, v->facts) !=
        WS_OK)
        v->arena->failed = true;
}

/* --- the session --- */

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

/* The session is the caller's from now on. */
static void begin_stay(struct probe_visit *v) {
    judge_chain(v);
    v->kept = v->staying = true;
    v->facts->step = FACTS_STEP_DONE;
}

/* What the session has become after new bytes, a close or a time-out. */
static void follow_session(struct probe_visit *v) {
    enum tls_state before = v->known;
    v->known = tls_session_state(v->session);
    if (v->known == before)
        return;
    v->handshake_deadline = BASE_NEVER;
    if (before == TLS_HANDSHAKING || v->known == TLS_FAILED)
        tls_session_read_facts(v->session, v->arena, &v->facts->session);
    if (before == TLS_HANDSHAKING && v->known != TLS_FAILED && v->config->stay)
        begin_stay(v);
}

/* The server ended a stay. Where it had not said a word, the session was refused after all (TLS 1.3
 * tells only now that it wanted a client certificate): the facts say so as without a stay. */
static void end_stay(struct probe_visit *v, enum facts_stop how, enum probe_stay_end end) {
    v->staying = false;
    v->stay_end = v->known == TLS_FAILED ? PROBE_STAY_BROKEN : end;
    if (v->heard)
        return;
    v->facts->step = v->facts->implicit_tls ? FACTS_STEP_GREETING : FACTS_STEP_EHLO_TLS;
    v->facts->stop = how;
}

static void leave(struct probe_visit *v) {
    tls_session_close(v->session);
    v->staying = false;
}

/* --- behind the door --- */

static base_usec min_usec(base_usec a, base_usec b) {
    return a < b ? a : b;
}

static enum ws_err begin_session(struct probe_visit *v, base_usec now, struct base_error *e) {
    const struct probe_config *c = v->config;
    enum ws_err err =
        tls_session_new(c->tls, sni_of(v), c->log, probe_door_who(v->door), &v->session, e);
    if (err == WS_OK && c->early_data.len > 0)
        err = client_set_early_data(v->session, c->early_data, e);
    if (err == WS_OK)
        tls_session_start(v->session, now);
    return err;
}

static void on_connected(struct net_engine *inner, double ms, base_usec now) {
    struct probe_visit *v = visit_of(inner);
    struct base_error e = {0};
    base_usec time = v->config->handshake_timeout;
    (void)ms;
    v->handshake_deadline =
        min_usec(time > BASE_NEVER - now ? BASE_NEVER : now + time, v->overall_deadline);
    if (begin_session(v, now, &e) != WS_OK)
        probe_door_abort(v->door, base_error_message(&e));
    else
        follow_session(v);
}

static void on_received(struct net_engine *inner, struct base_bytes in, base_usec now) {
    struct probe_visit *v = visit_of(inner);
    tls_session_feed(v->session, in, now);
    follow_session(v);
    if (!v->staying)
        return;
    /* close_notify, a broken record or a late alert end it; what came is still read */
    v->heard = v->heard || tls_session_plain(v->session)->len > 0;
    if (v->known != TLS_UP) {
        end_stay(v, FACTS_STOP_CLOSED, PROBE_STAY_CLOSED);
        leave(v);
    }
}

static void on_closed(struct net_engine *inner, bool reset, base_usec now) {
    struct probe_visit *v = visit_of(inner);
    tls_session_peer_closed(v->session, reset, now);
    follow_session(v);
    if (v->staying)
        end_stay(v, reset ? FACTS_STOP_RESET : FACTS_STOP_CLOSED,
                 reset ? PROBE_STAY_RESET : PROBE_STAY_CUT);
}

static void on_tick(struct net_engine *inner, base_usec now) {
    struct probe_visit *v = visit_of(inner);
    if (now < v->handshake_deadline)
        return;
    tls_session_timeout(v->session, now);
    follow_session(v);
}

static struct base_buf *on_output(struct net_engine *inner) {
    struct probe_visit *v = visit_of(inner);
    return v->session ? tls_session_output(v->session) : &v->nothing;
}

static base_usec on_deadline(const struct net_engine *inner) {
    return const_visit_of(inner)->handshake_deadline;
}

static bool on_done(const struct net_engine *inner) {
    const struct probe_visit *v = const_visit_of(inner);
    return v->kept && !v->staying;
}

static const struct net_engine_ops inner_ops = {
    .connected = on_connected,
    .received = on_received,
    .closed = on_closed,
    .tick = on_tick,
    .output = on_output,
    .deadline = on_deadline,
    .done = on_done,
};

static enum probe_inside_state inside_state(const struct net_engine *inner) {
    const struct probe_visit *v = const_visit_of(inner);
    if (v->kept)
        return PROBE_INSIDE_KEPT;
    switch (v->known) {
    case TLS_UP:
        return PROBE_INSIDE_UP;
    case TLS_CLOSED:
        return PROBE_INSIDE_CLOSED;
    case TLS_FAILED:
        return PROBE_INSIDE_FAILED;
    case TLS_HANDSHAKING:
        break;
    }
    return PROBE_INSIDE_BEGINS;
}

static struct base_buf *inside_plain(struct net_engine *inner) {
    return tls_session_plain(visit_of(inner)->session);
}

static enum ws_err inside_say(struct net_engine *inner, struct base_bytes words) {
    return tls_session_write(visit_of(inner)->session, words);
}

static void inside_close(struct net_engine *inner) {
    tls_session_close(visit_of(inner)->session);
}

static void inside_end(struct net_engine *inner) {
    judge_chain(visit_of(inner));
}

static const struct probe_inside inside = {
    .state = inside_state,
    .plain = inside_plain,
    .say = inside_say,
    .close = inside_close,
    .end = inside_end,
};

/* --- life --- */

enum ws_err probe_visit_new(const struct probe_config *config, struct facts_endpoint *facts,
                            struct base_arena *arena, base_usec now, struct probe_visit **out,
                            struct base_error *e) {
    struct probe_visit *v = calloc(1, sizeof *v);
    if (!v)
        return base_error_set(e, WS_NOMEM, "no memory to visit %s", facts->host);
    v->inner.ops = &inner_ops;
    v->config = config;
    v->facts = facts;
    v->arena = arena;
    v->handshake_deadline = BASE_NEVER;
    v->overall_deadline = config->overall > BASE_NEVER - now ? BASE_NEVER : now + config->overall;

    struct probe_door_config door = {
        .mail =
            {
                .helo = config->helo,
                .plain_only = config->plain_only,
                .ask_anyway = config->ask_anyway,
                .skip_hello = config->skip_hello,
                .leave = config->leave,
                .pace = config->pace,
                .timeouts = config->timeouts,
            },
        .overall = config->overall,
        .log = config->log,
    };
    enum ws_err err = probe_door_new(&door, facts, arena, &v->inner, &inside, now, &v->door, e);
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
    probe_door_free(v->door);
    tls_session_free(v->session);
    free(v);
}

struct net_engine *probe_visit_engine(struct probe_visit *v) {
    return probe_door_engine(v->door);
}

void probe_visit_when_known(struct probe_visit *v, void (*known)(void *arg), void *arg) {
    probe_door_when_known(v->door, known, arg);
}

/* --- a stay --- */

bool probe_visit_is_staying(const struct probe_visit *v) {
    return v->staying;
}

enum probe_stay_end probe_visit_stay_end(const struct probe_visit *v) {
    return v->stay_end;
}

struct base_buf *probe_visit_plain(struct probe_visit *v) {
    return tls_session_plain(v->session);
}

enum ws_err probe_visit_say(struct probe_visit *v, struct base_bytes bytes) {
    if (!v->staying)
        return WS_LIBRARY;
    enum ws_err err = tls_session_write(v->session, bytes);
    struct net_engine *e = probe_door_engine(v->door);
    return err == WS_OK && e->ops->output(e)->failed ? WS_LIMIT : err;
}

void probe_visit_leave(struct probe_visit *v, base_usec now) {
    if (!v->staying)
        return;
    leave(v);
    probe_door_follow(v->door, now);
}

struct tls_session *probe_visit_session(struct probe_visit *v) {
    return v->session;
}

void probe_visit_judge(struct probe_visit *v) {
    judge_chain(v);
}

void probe_visit_clear_bytes(const struct probe_visit *v, uint64_t *received, uint64_t *sent) {
    probe_door_clear_bytes(v->door, received, sent);
}
