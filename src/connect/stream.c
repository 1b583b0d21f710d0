/* SPDX-License-Identifier: Apache-2.0 */
/* connect_stream - the session as the conversation sees it: bytes in, bytes out, and what
 * s_client's letters did, as dot commands. */
#include "connect/run.h"

#include "base/clock.h"
#include "report/connect.h"

#include <string.h>

static enum net_play_event wait(void *arg, int fd, base_usec until) {
    struct connect_run *r = arg;
    return net_play_step(r->way.play, fd, until);
}

static struct base_buf *incoming(void *arg) {
    struct connect_run *r = arg;
    return probe_visit_plain(r->way.visit);
}

static bool is_open(void *arg) {
    struct connect_run *r = arg;
    return probe_visit_is_staying(r->way.visit);
}

const char *connect_broken(struct connect_run *r) {
    const struct facts_session *s = &r->endpoint->session;
    enum probe_stay_end end =
        r->way.visit ? probe_visit_stay_end(r->way.visit) : PROBE_STAY_NOT_ENDED;
    switch (end) {
    case PROBE_STAY_NOT_ENDED:
    case PROBE_STAY_CLOSED:
        return NULL;
    case PROBE_STAY_CUT:
        return r->options->wish.ignore_unexpected_eof
                   ? NULL
                   : "the server hung up without ending TLS (no close_notify)";
    case PROBE_STAY_RESET:
        return "the server reset the connection";
    case PROBE_STAY_BROKEN:
        break;
    }
    if (s->alert > 0)
        return base_arena_printf(&r->arena, "the server sent alert %d (%s)", s->alert,
                                 s->alert_name);
    return base_arena_printf(&r->arena, "what the server sent is no valid TLS (%s)", s->error);
}

static const char *broken(void *arg) {
    return connect_broken(arg);
}

static size_t unsent(void *arg) {
    struct connect_run *r = arg;
    struct net_engine *e = probe_visit_engine(r->way.visit);
    return e->ops->output(e)->len;
}

/* What can't be sent shows at the next wait: the session is not open any more. */
static void say(void *arg, struct base_bytes bytes) {
    struct connect_run *r = arg;
    if (probe_visit_say(r->way.visit, bytes) != WS_OK)
        probe_visit_leave(r->way.visit, base_clock_now());
    net_play_poke(r->way.play);
}

/* --- dot commands --- */

static void renegotiate(struct connect_run *r, struct base_buf *out) {
    struct base_error e = {0};
    if (client_renegotiate(probe_visit_session(r->way.visit), &e) != WS_OK) {
        base_buf_printf(out, "no renegotiation: %s\n", base_error_message(&e));
        return;
    }
    net_play_poke(r->way.play);
    base_buf_append_str(out, "renegotiation asked for\n");
}

static void key_update(struct connect_run *r, bool ask_peer, struct base_buf *out) {
    struct base_error e = {0};
    if (client_key_update(probe_visit_session(r->way.visit), ask_peer, &e) != WS_OK) {
        base_buf_printf(out, "no key update: %s\n", base_error_message(&e));
        return;
    }
    net_play_poke(r->way.play);
    base_buf_append_str(out,
                        ask_peer ? "keys updated, and the server's asked for\n" : "keys updated\n");
}

static void show_session(struct connect_run *r, struct base_buf *out) {
    connect_read_detail(r);
    report_connect(r->endpoint, &r->detail, r->style, out);
}

static void show_certificates(struct connect_run *r, struct base_buf *out) {
    for (size_t i = 0; i < r->detail.chain_count; i++)
        base_buf_printf(out, " %zu s:%s\n   i:%s\n%s", i, r->detail.chain[i].subject,
                        r->detail.chain[i].issuer, r->detail.chain[i].pem);
}

static void reconnect(struct connect_run *r, struct base_buf *out) {
    client_offer_again(probe_visit_session(r->way.visit));
    connect_look_end(r);
    r->probe.stay = true;
    if (connect_look(r, true) != WS_OK || !probe_visit_is_staying(r->way.visit)) {
        base_buf_append_str(out, "the server could not be reached again\n");
        return;
    }
    base_buf_printf(out, "connected again: %s, %s, %s session\n", r->detail.version_name,
                    r->detail.cipher_name, r->detail.reused ? "resumed" : "new");
}

static bool command(void *arg, const char *name, const char *rest, struct base_buf *out) {
    struct connect_run *r = arg;
    if (strcmp(name, "renegotiate") == 0)
        renegotiate(r, out);
    else if (strcmp(name, "keyupdate") == 0)
        key_update(r, strcmp(rest, "ask") == 0, out);
    else if (strcmp(name, "session") == 0)
        show_session(r, out);
    else if (strcmp(name, "certificate") == 0)
        show_certificates(r, out);
    else if (strcmp(name, "reconnect") == 0)
        reconnect(r, out);
    else
        return false;
    return true;
}

void connect_stream_open(struct connect_run *r, struct talk_stream *out) {
    *out = (struct talk_stream){.arg = r,
                                .wait = wait,
                                .incoming = incoming,
                                .send = say,
                                .open = is_open,
                                .unsent = unsent,
                                .broken = broken,
                                .command = command};
}
