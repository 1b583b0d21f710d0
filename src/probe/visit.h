/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_PROBE_VISIT_H
#define WAXSEAL_PROBE_VISIT_H

#include "base/arena.h"
#include "base/log.h"
#include "facts/target.h"
#include "mail/dialogue.h"
#include "net/address.h"
#include "net/engine.h"
#include "tls/session.h"

/* One look at one endpoint: a door (probe/door.h) with a TLS session behind it, as a net_engine
 * that either driver plays. All that is seen goes into the endpoint's facts. */
struct probe_visit;

struct probe_config {
    const char *helo;
    const char *sni;         /* NULL: the endpoint's host unless it is an address; "": none */
    const char *verify_name; /* NULL: the endpoint's host */
    const char *domain;      /* mail domain of the target, or NULL */
    struct mail_timeouts timeouts;
    base_usec handshake_timeout;
    base_usec overall; /* whole visit, from the connection attempt */
    bool plain_only;
    bool ask_anyway;       /* STARTTLS is asked for even where it is not offered */
    bool skip_hello;       /* as mail_config.skip_hello */
    enum mail_leave leave; /* zero: QUIT, and wait */
    struct mail_pace pace; /* zero: no pause */
    bool stay; /* once TLS stands, the session is the caller's: see probe_visit_is_staying */
    struct base_bytes early_data; /* TLS 1.3, sent with the ClientHello; usually empty */
    struct tls_context *tls;
    const struct pki_trust *trust; /* NULL: the chain is not judged, but by probe_visit_judge */
    int64_t wall_now;              /* seconds since 1970 */
    const struct base_log *log;
};

/* `facts` is of facts_endpoint_init, with host, address, port, protocol and implicit_tls filled in
 * by the caller. The config and what it points to must outlive the visit. */
WS_MUST_USE enum ws_err probe_visit_new(const struct probe_config *config,
                                        struct facts_endpoint *facts, struct base_arena *arena,
                                        base_usec now, struct probe_visit **out,
                                        struct base_error *e);
void probe_visit_free(struct probe_visit *v);
struct net_engine *probe_visit_engine(struct probe_visit *v);

/* As probe_door_when_known; probe_visit_judge then makes the facts complete but for `quit`, `step`,
 * `ms` and `round_trips`. */
void probe_visit_when_known(struct probe_visit *v, void (*known)(void *arg), void *arg);

/* With `stay`: TLS stands, facts are complete up to there, and what the server says from now on
 * collects in `plain` for the caller, who consumes it. The overall deadline no longer counts. When
 * the server ends the stay before it said a word, the facts have its step, stop and alert. */
bool probe_visit_is_staying(const struct probe_visit *v);
struct base_buf *probe_visit_plain(struct probe_visit *v);
/* To the server; the driver must be poked. WS_LIBRARY or WS_LIMIT when it can't be sent. */
WS_MUST_USE enum ws_err probe_visit_say(struct probe_visit *v, struct base_bytes bytes);
/* How the server ended the stay. */
enum probe_stay_end {
    PROBE_STAY_NOT_ENDED,
    PROBE_STAY_CLOSED, /* with close_notify */
    PROBE_STAY_CUT,    /* the connection closed without one */
    PROBE_STAY_RESET,
    PROBE_STAY_BROKEN, /* by an alert, or what came was no valid TLS: facts->session says what */
};
enum probe_stay_end probe_visit_stay_end(const struct probe_visit *v);
/* Ends the stay: close_notify goes out, then the connection is closed. */
void probe_visit_leave(struct probe_visit *v, base_usec now);
/* The TLS session, NULL before it is begun; borrowed. */
struct tls_session *probe_visit_session(struct probe_visit *v);
/* Judges the chain now, with a trust that the config got later. */
void probe_visit_judge(struct probe_visit *v);
/* Bytes in clear, received and sent before TLS. */
void probe_visit_clear_bytes(const struct probe_visit *v, uint64_t *received, uint64_t *sent);

#endif
