/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_PROBE_DOOR_H
#define WAXSEAL_PROBE_DOOR_H

#include "base/arena.h"
#include "base/log.h"
#include "mail/dialogue.h"
#include "net/engine.h"

/* An engine around another: speaks the mail dialogue up to the moment at which the TLS bytes begin,
 * which are the inner engine's. All that is seen on the way goes into the endpoint's facts.
 *
 * The inner engine is told connected() at that moment (`ms`: since the connection stood), then what
 * comes in, the close, its deadlines; never not_connected(). Where the moment does not come it is
 * not called at all, and the facts say why. A tick that comes before its own deadline is the last:
 * the overall deadline has come.
 *
 * A plain inner engine (a raw hello) has the rest of the connection. Once it is done() the door
 * leaves, as mail_config.leave says, but without QUIT: nobody would hear it. Its last output should
 * be an alert where a close is waited for, or the server waits as well. Facts: step DONE, stop
 * NONE; when the server closes before that, CLOSED or RESET. What it learnt is its own to keep. */
struct probe_door;

/* What the door sees in an inner engine of the other kind, a TLS session through which the dialogue
 * goes on. */
enum probe_inside_state {
    PROBE_INSIDE_BEGINS, /* the handshake is under way */
    PROBE_INSIDE_UP,     /* the dialogue goes on inside */
    PROBE_INSIDE_FAILED, /* before it was up: the visit ends. Later: as CLOSED */
    PROBE_INSIDE_CLOSED, /* was up; nothing more comes through it than what `plain` holds */
    PROBE_INSIDE_KEPT,   /* the rest of the connection is its own, without an overall deadline */
};

struct probe_inside {
    enum probe_inside_state (*state)(const struct net_engine *inner);
    /* What the server said inside; the door consumes. */
    struct base_buf *(*plain)(struct net_engine *inner);
    WS_MUST_USE enum ws_err (*say)(struct net_engine *inner, struct base_bytes words);
    void (*close)(struct net_engine *inner); /* close_notify into the output */
    /* The last call, whether TLS began or not: all bytes were exchanged. */
    void (*end)(struct net_engine *inner);
};

struct probe_door_config {
    struct mail_config mail; /* protocol and implicit_tls are the facts' */
    base_usec overall;       /* from probe_door_new to the end; BASE_NEVER: none */
    const struct base_log *log;
};

/* `facts` is of facts_endpoint_init, with host, address, port, protocol and implicit_tls filled in.
 * The config is copied; facts, arena and inner engine are borrowed. `inside` NULL: a plain one. */
WS_MUST_USE enum ws_err probe_door_new(const struct probe_door_config *config,
                                       struct facts_endpoint *facts, struct base_arena *arena,
                                       struct net_engine *inner, const struct probe_inside *inside,
                                       base_usec now, struct probe_door **out,
                                       struct base_error *e);
void probe_door_free(struct probe_door *d);
struct net_engine *probe_door_engine(struct probe_door *d);

/* Has `known` called, once and from inside a call of the engine, when the server was asked all that
 * it will be asked: only the answer to a goodbye and the close are still to come. */
void probe_door_when_known(struct probe_door *d, void (*known)(void *arg), void *arg);
/* For the inner engine's owner. It may be done though no event came; the driver must be poked. */
void probe_door_follow(struct probe_door *d, base_usec now);
/* A local failure ends it all. */
void probe_door_abort(struct probe_door *d, const char *error);
/* "mx.example[192.0.2.1]:25", for logs. */
const char *probe_door_who(const struct probe_door *d);
/* Bytes in clear, received and sent before TLS. */
void probe_door_clear_bytes(const struct probe_door *d, uint64_t *received, uint64_t *sent);

#endif
