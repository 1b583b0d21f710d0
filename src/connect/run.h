/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CONNECT_RUN_H
#define WAXSEAL_CONNECT_RUN_H

#include "connect/connect.h"
#include "connect/options.h"
#include "facts/target.h"
#include "pki/trust.h"
#include "probe/way.h"
#include "report/report.h"
#include "report/trace.h"
#include "talk/talk.h"

/* What the files of connect/ share: one run of the command. */
struct connect_run {
    const struct connect_options *options;
    const struct report_style *style;
    const struct base_log *log;
    struct connect_io io;
    struct base_arena arena;
    struct facts_report report; /* one target */
    struct facts_target *target;
    struct facts_target proxy;       /* -proxy: where it is; no endpoints without one */
    struct net_proxy_config through; /* what it is asked */
    bool nowhere;                    /* no address is known for the proxy: told already */
    struct facts_endpoint *endpoint; /* the one that was connected to, or the last one tried */
    struct facts_detail detail;
    struct facts_client client;
    struct pki_trust *trust;
    struct tls_context *tls;
    int write_error; /* errno of standard output that could not be written, else 0 */
    struct net_address source;
    struct base_bytes early_data;
    struct probe_config probe;
    struct probe_way way;
    double dns_ms;
    int message_fd;             /* of -msgfile; else io.out */
    struct report_trace traced; /* --trace: what the present connection has said so far */
    base_usec trace_begun;
    struct base_error *error;
};

/* TARGET, -connect and its like -> r->target; -bind -> r->source; -proxy -> r->proxy, r->through
 * (the target's name is left to it then). `operand` may be NULL. */
WS_MUST_USE enum ws_err connect_target_parse(struct connect_run *r, const char *operand);
/* Names and addresses -> target->endpoints. Asks no DNS question for addresses and sockets. */
WS_MUST_USE enum ws_err connect_resolve(struct connect_run *r);

/* Visits one endpoint after the other until one can be connected to; with `stay` the session is
 * handed over once TLS stands. The facts are in r->endpoint afterwards, detail and client too. */
WS_MUST_USE enum ws_err connect_look(struct connect_run *r, bool stay);
/* The way to `e`, or to the proxy that is asked for it. */
WS_MUST_USE enum ws_err connect_route(const struct connect_run *r, const struct facts_endpoint *e,
                                      struct probe_route *out);
/* Ends the visit: close_notify, close; frees. */
void connect_look_end(struct connect_run *r);
/* The facts of the session read anew (tickets come late). */
void connect_read_detail(struct connect_run *r);

/* While staying: waits a moment for the ticket that the next connection can resume with. */
void connect_await_ticket(struct connect_run *r);

/* Why the session broke off, in words; NULL when the server ended it as it should, or has not. */
const char *connect_broken(struct connect_run *r);

/* The stream that the conversation uses. */
void connect_stream_open(struct connect_run *r, struct talk_stream *out);

/* Findings for what was seen; after a failed handshake asks once more without the restrictions. */
WS_MUST_USE enum ws_err connect_explain(struct connect_run *r);

/* Findings anew: only why the server took back what the client held for a session, if it did. */
WS_MUST_USE enum ws_err connect_explain_taken_back(struct connect_run *r, bool *refused);

/* After a conversation: shows what ended it, in words when `untold`. `refused`: the server said no
 * word, and the findings tell that it never was a session to it. */
WS_MUST_USE enum ws_err connect_explain_end(struct connect_run *r, bool untold, bool *refused);

/* Watching: what passes is printed while it passes; opens -msgfile. */
WS_MUST_USE enum ws_err connect_watch_install(struct connect_run *r, struct client_wish *wish);
void connect_watch_begin(struct connect_run *r); /* a new connection */
void connect_watch_release(struct connect_run *r);

/* Everything that is printed goes out here, whole; empties `text`. False when it can't be written.
 */
bool connect_put(int fd, struct base_buf *text);
/* `again`: the session was resumed by -reconnect. */
void connect_show_session(struct connect_run *r, bool again);
void connect_show_failure(struct connect_run *r);
/* How the server ended the session: the library's errors, the target's findings; with `untold` in
 * words as well, as nobody has told yet. */
void connect_show_late_end(struct connect_run *r, bool untold);
/* Tickets that came late, and -prexit. */
void connect_show_end(struct connect_run *r);
void connect_show_json(struct connect_run *r);
/* --hello FILE: written to `fd`. */
WS_MUST_USE enum ws_err connect_show_hello(const char *path, int fd, struct base_error *e);
/* --save-hello, when it is asked for and a ClientHello was sent; and that none was. */
WS_MUST_USE enum ws_err connect_save_hello(const struct connect_run *r, struct base_error *e);
void connect_note_no_hello(const struct connect_run *r);
/* A small file as a whole; WS_USAGE names it, and the option, when it can't be read. */
WS_MUST_USE enum ws_err connect_read_file(const char *option, const char *path,
                                          struct base_arena *arena, struct base_bytes *out,
                                          struct base_error *e);

#endif
