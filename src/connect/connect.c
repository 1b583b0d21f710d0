/* SPDX-License-Identifier: Apache-2.0 */
/* connect - one TLS session looked at in full, then a conversation inside it.
 *
 * target -> addresses -> a visit that stays once TLS stands -> facts -> what is shown -> the
 * conversation. When no session comes about, the failure is explained instead (explain.c).
 *
 * One connection at a time; everything is the run's and is given back at its end. */
#include "connect/connect.h"

#include "connect/run.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ARENA_MAX ((size_t)512 << 20)
#define RECONNECTS 5

/* --- preparing --- */

static enum ws_err prepare_target(struct connect_run *r, const char *operand) {
    const struct connect_options *o = r->options;
    r->target = base_arena_array(&r->arena, 1, sizeof *r->target);
    if (!r->target)
        return base_error_set(r->error, WS_NOMEM, "out of memory");
    r->report = (struct facts_report){.version = WAXSEAL_VERSION,
                                      .started = (int64_t)time(NULL),
                                      .helo = o->helo ? o->helo : dns_own_name(&r->arena),
                                      .targets = r->target,
                                      .target_count = 1};
    return connect_target_parse(r, operand);
}

/* s_client's own lines show what the library made of the chain: ours need not be asked as well. */
static bool shows_judgement(const struct connect_options *o) {
    return o->json || !(o->brief || o->quiet);
}

static enum ws_err open_trust(struct connect_run *r) {
    enum ws_err err =
        pki_trust_new(r->options->wish.ca_file, r->options->wish.ca_dir, &r->trust, r->error);
    r->probe.trust = r->trust;
    return err;
}

static enum ws_err prepare_tls(struct connect_run *r, struct client_wish *wish) {
    if (!tls_library_start())
        return base_error_set(r->error, WS_LIBRARY, "OpenSSL could not be started");
    *wish = r->options->wish;
    enum ws_err err = connect_watch_install(r, wish);
    if (err == WS_OK)
        err = client_context_new(wish, &r->tls, r->error);
    if (err == WS_OK && shows_judgement(r->options))
        err = open_trust(r);
    if (err == WS_OK && r->options->early_data)
        err = connect_read_file("-early_data", r->options->early_data, &r->arena, &r->early_data,
                                r->error);
    return err == WS_IO ? WS_USAGE : err;
}

static const char *wanted_name(const struct connect_options *o) {
    for (size_t i = 0; i < o->checks.count; i++)
        if (strcmp(o->checks.items[i].name, "verify_hostname") == 0)
            return o->checks.items[i].value;
    return o->servername;
}

/* s_client's rule: the host when it is a name, nothing for an address. */
static const char *server_name(const struct connect_run *r) {
    const struct connect_options *o = r->options;
    if (o->no_servername)
        return "";
    if (o->servername)
        return o->servername;
    if (o->wish.dane.domain)
        return o->wish.dane.domain;
    return r->target->kind == FACTS_TARGET_ADDRESS ? "" : NULL;
}

static void prepare_probe(struct connect_run *r) {
    const struct connect_options *o = r->options;
    r->probe = (struct probe_config){
        .helo = r->report.helo,
        .sni = server_name(r),
        .verify_name = wanted_name(o),
        .timeouts = o->timeouts,
        .handshake_timeout = o->handshake_timeout,
        .overall = BASE_NEVER,
        .ask_anyway = true,
        .early_data = r->early_data,
        .tls = r->tls,
        .trust = r->trust,
        .wall_now = r->report.started,
        .log = r->log,
    };
    if (r->probe.verify_name && !r->probe.sni)
        r->probe.sni = r->target->kind == FACTS_TARGET_SOCKET ? "localhost" : r->target->name;
}

/* --- the session --- */

/* --json looks as `check` does, up to QUIT; everything else may talk. */
static bool has_conversation(const struct connect_options *o) {
    return !o->json && !o->no_interactive;
}

static struct talk_config talk_of(struct connect_run *r) {
    const struct connect_options *o = r->options;
    bool terminal = isatty(r->io.in);
    return (struct talk_config){
        .protocol = r->endpoint->protocol,
        .offered = &r->endpoint->ehlo,
        .server_first = r->endpoint->implicit_tls || r->endpoint->protocol == FACTS_PROTOCOL_SIEVE,
        .in = r->io.in,
        .out = r->io.out,
        .in_step = !terminal && !o->as_s_client,
        .through = o->as_s_client,
        .crlf = o->crlf,
        .letters = o->as_s_client && !o->no_commands && !o->quiet && !o->ignore_eof,
        .ignore_eof = (o->ignore_eof || (o->quiet && o->as_s_client)) && !o->no_ignore_eof,
        .quiet = o->quiet || (o->brief && o->as_s_client),
        .colour = r->style->colour,
        .ascii = r->style->ascii,
        .columns = r->style->columns,
        .reply_timeout = o->reply_timeout,
        .expect = o->expect.items,
        .expect_count = o->expect.count,
        .helo = r->report.helo,
        .auth_user = o->auth_user,
        .history_file = o->history,
        .write_error = &r->write_error,
    };
}

static int exit_of_talk(enum talk_end end) {
    return end == TALK_END_QUIT || end == TALK_END_CLOSED ? CONNECT_EXIT_OK : CONNECT_EXIT_REPLY;
}

/* A session that the server took back before it said a word is none. */
static enum ws_err converse(struct connect_run *r, int *exit_code) {
    struct talk_config talk = talk_of(r);
    struct talk_stream stream;
    bool refused;
    connect_stream_open(r, &stream);
    *exit_code = exit_of_talk(talk_run(&talk, &stream));
    enum ws_err err = connect_explain_end(r, talk.through, &refused);
    if (err == WS_OK && (refused || (talk.through && connect_broken(r))))
        *exit_code = CONNECT_EXIT_NO_SESSION;
    return err;
}

/* -reconnect: after the first connection five more that resume its session; the last one stays. */
static enum ws_err reconnect(struct connect_run *r) {
    enum ws_err err = WS_OK;
    for (int i = 0; err == WS_OK && i < RECONNECTS; i++) {
        err = connect_look(r, true);
        if (err != WS_OK || !r->endpoint->session.established)
            return err;
        connect_await_ticket(r);
        if (!r->options->json)
            connect_show_session(r, i > 0);
        client_offer_again(probe_visit_session(r->way.visit));
        connect_look_end(r);
    }
    return err;
}

static enum ws_err end_session(struct connect_run *r) {
    if (r->options->session_out)
        connect_await_ticket(r);
    connect_read_detail(r);
    if (!r->options->json)
        connect_show_end(r);
    if (!r->options->session_out)
        return WS_OK;
    return client_save_session(probe_visit_session(r->way.visit), r->options->session_out,
                               r->error);
}

static enum ws_err use_session(struct connect_run *r, int *exit_code) {
    bool refused = false;
    *exit_code = CONNECT_EXIT_OK;
    enum ws_err err = r->trust ? connect_explain(r) : WS_OK;
    if (err != WS_OK)
        return err;
    if (r->options->json) {
        connect_show_json(r);
        err = connect_explain_taken_back(r, &refused);
    } else {
        connect_show_session(r, r->options->reconnect);
    }
    if (refused)
        *exit_code = CONNECT_EXIT_NO_SESSION;
    if (has_conversation(r->options) && r->write_error == 0)
        err = converse(r, exit_code);
    return err == WS_OK ? end_session(r) : err;
}

static int exit_of_failure(const struct connect_run *r) {
    const struct facts_endpoint *e = r->endpoint;
    if (!e || e->connect.state != FACTS_CONNECT_OK)
        return CONNECT_EXIT_UNKNOWN;
    return CONNECT_EXIT_NO_SESSION;
}

static enum ws_err explain_failure(struct connect_run *r, int *exit_code) {
    *exit_code = exit_of_failure(r);
    enum ws_err err = r->trust ? WS_OK : open_trust(r);
    if (err == WS_OK && r->way.visit)
        probe_visit_judge(r->way.visit);
    if (err == WS_OK)
        err = connect_explain(r);
    if (err != WS_OK)
        return err;
    if (!r->options->json)
        connect_show_failure(r);
    else
        connect_show_json(r);
    connect_note_no_hello(r);
    return WS_OK;
}

static enum ws_err look_and_talk(struct connect_run *r, int *exit_code) {
    enum ws_err err = WS_OK;
    if (r->options->reconnect)
        err = reconnect(r);
    if (err == WS_OK)
        err = connect_look(r, !r->options->json);
    if (err == WS_OK)
        err = connect_save_hello(r, r->error);
    if (err != WS_OK)
        return err;
    if (r->endpoint && r->endpoint->session.established)
        return use_session(r, exit_code);
    return explain_failure(r, exit_code);
}

/* A reader that has left (`| head`) knows it. */
static enum ws_err complain_of_output(struct connect_run *r, int *exit_code) {
    *exit_code = CONNECT_EXIT_OUTPUT;
    if (r->write_error == EPIPE)
        return WS_OK;
    return base_error_set(r->error, WS_IO, "the output could not be written: %s",
                          strerror(r->write_error));
}

static void release(struct connect_run *r) {
    connect_look_end(r);
    connect_watch_release(r);
    tls_context_free(r->tls);
    pki_trust_free(r->trust);
    base_arena_release(&r->arena);
}

enum ws_err connect_run_command(const struct connect_options *o, const char *operand,
                                const struct report_style *style, const struct base_log *log,
                                const struct connect_io *io, int *exit_code, struct base_error *e) {
    struct connect_run r = {.options = o,
                            .style = style,
                            .log = log,
                            .io = *io,
                            .error = e,
                            .dns_ms = -1,
                            .message_fd = io->out};
    struct client_wish wish;
    *exit_code = CONNECT_EXIT_OK;
    if (o->show_hello)
        return connect_show_hello(o->show_hello, io->out, e);
    base_arena_init(&r.arena, ARENA_MAX);
    enum ws_err err = prepare_target(&r, operand);
    if (err == WS_OK)
        err = prepare_tls(&r, &wish);
    if (err == WS_OK)
        err = connect_resolve(&r);
    if (err == WS_OK && r.nowhere) {
        *exit_code = CONNECT_EXIT_UNKNOWN;
    } else if (err == WS_OK) {
        prepare_probe(&r);
        err = look_and_talk(&r, exit_code);
    }
    if (err == WS_OK && r.write_error != 0)
        err = complain_of_output(&r, exit_code);
    if (err == WS_OK && r.arena.failed)
        err = base_error_set(e, WS_NOMEM, "out of memory");
    release(&r);
    return err;
}
