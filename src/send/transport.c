/* SPDX-License-Identifier: Apache-2.0 */
/* transport - connects a transaction with its server
 *
 * TCP tries all addresses of the server until one answers, directly or through a proxy; with
 * several servers (MX) the next one when there was no connection, or each of them. Unix sockets and
 * child processes are played by the same driver. The transcript is flushed before each wait.
 *
 * Ownership: everything made here ends here. Blocks. */
#include "send/transport.h"

#include "net/play.h"
#include "send/explain.h"
#include "send/pipe.h"
#include "send/route.h"
#include "send/transaction.h"
#include "send/transport_private.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARENA_MAX ((size_t)16 << 20)
#define JSON_MAX ((size_t)64 << 20)

struct run {
    struct send_plan plan; /* a copy: the server changes */
    struct send_transcript transcript;
    struct send_transaction *transaction;
    struct net_proxy *proxy;
    struct net_play *play;
    struct base_arena arena;
    struct send_policy_run policy;
    struct send_tls_context tls;
    bool connected;
    bool told; /* --repeat has made its own report */
    enum send_exit exit;
};

/* --- playing --- */

static void play(struct run *r) {
    enum net_play_event event = NET_PLAY_STEP;
    while (event != NET_PLAY_OVER) {
        send_transcript_flush(&r->transcript);
        event = net_play_step(r->play, -1, BASE_NEVER);
    }
    r->exit = send_transaction_exit(r->transaction);
}

/* Is there anybody who wants to know why? */
static bool wants_reasons(const struct run *r) {
    const struct send_output *o = &r->plan.output;
    return o->json ||
           (o->silence <= SEND_FROM_FIRST_ERROR && !o->hide_all && !o->hide_informational);
}

/* A handshake that failed is explained when all else is said. `remote` NULL: not looked at again.
 */
static void explain(struct run *r, const struct net_address *remote,
                    const struct net_address *source) {
    if (!wants_reasons(r))
        return;
    send_transcript_flush(&r->transcript);
    send_explain_look(r->transaction, remote, source);
}

static bool begin(struct run *r) {
    struct base_error e = {0};
    send_transaction_free(r->transaction);
    r->transaction = NULL;
    if (send_transaction_new(&r->plan, &r->transcript, &r->transaction, &e) == WS_OK)
        return true;
    send_transcript_error(&r->transcript, "%s", base_error_message(&e));
    r->exit = SEND_EXIT_CONNECT;
    return false;
}

static void say_not_connected(struct run *r, const char *where, const char *why) {
    const char *between = r->plan.as_swaks ? ":\n\t" : ": ";
    send_transcript_error(&r->transcript, "Error connecting to %s%s%s", where, between, why);
    r->exit = SEND_EXIT_CONNECT;
}

static void end_play(struct run *r) {
    net_play_free(r->play);
    r->play = NULL;
    net_proxy_free(r->proxy);
    r->proxy = NULL;
}

static base_usec connect_time(const struct send_plan *p) {
    return p->timeout == 0 ? BASE_NEVER : p->timeout;
}

/* Connects and plays; false (and *why) when there is no connection. */
static bool try_address(struct run *r, struct net_engine *engine, const struct net_address *remote,
                        const struct net_address *source, const char **why) {
    struct base_error e = {0};
    if (net_play_connect(remote, source, connect_time(&r->plan), engine, &r->play, &e) != WS_OK) {
        *why = base_arena_str(&r->arena, base_error_message(&e));
        return false;
    }
    play(r);                /* is over at once when there is no connection */
    net_play_free(r->play); /* the server may take one connection at a time */
    r->play = NULL;
    explain(r, r->proxy ? NULL : remote, source);
    *why = base_arena_str(&r->arena, send_transaction_connect_error(r->transaction));
    return (*why)[0] == '\0';
}

/* --json: what was kept of the (last) transaction. */
static void write_json(struct run *r) {
    static const struct send_record nothing = {.connected_to = "", .verify_error = ""};
    struct base_buf out;
    struct base_json j;
    base_buf_init(&out, JSON_MAX);
    base_json_init(&j, &out, true);
    send_record_json(r->transaction ? send_transaction_record(r->transaction) : &nothing, &r->plan,
                     &r->policy.facts, r->exit, base_buf_view(&r->transcript.errors), &j);
    base_buf_append_byte(&out, '\n');
    base_buf_append_bytes(&r->transcript.out, base_buf_view(&out));
    base_buf_release(&out);
    base_buf_clear(&r->transcript.errors);
}

/* --- TCP --- */

/* The engine to play: the transaction's, or a proxy's around it. */
static enum ws_err make_engine(struct run *r, const struct send_proxy_url *url,
                               struct net_engine **out, struct base_error *e) {
    uint64_t port = 0;
    *out = send_transaction_engine(r->transaction);
    if (!url)
        return WS_OK;
    if (!base_bytes_to_uint(base_bytes_of_str(r->plan.target.port), UINT16_MAX, &port))
        return base_error_set(e, WS_USAGE, "a proxy needs the port as a number");
    const struct net_proxy_config config = {
        .kind = url->proxy.kind,
        .host = r->plan.target.server,
        .port = (unsigned)port,
        .user = url->proxy.user,
        .secret = url->proxy.secret,
        .timeout = connect_time(&r->plan),
    };
    enum ws_err err = net_proxy_new(&config, *out, &r->proxy, e);
    if (err == WS_OK)
        *out = net_proxy_engine(r->proxy);
    return err;
}

static bool try_one(struct run *r, const struct net_address *remote,
                    const struct send_proxy_url *url, const char **why) {
    struct net_address room;
    const struct net_address *source = NULL;
    struct net_engine *engine = NULL;
    struct base_error e = {0};
    bool done = false;
    if (!send_addresses_source(&r->plan.target, remote, &room, &source, why))
        return false;
    if (!begin(r))
        return true;
    if (make_engine(r, url, &engine, &e) == WS_OK)
        done = try_address(r, engine, remote, source, why);
    else
        *why = base_arena_str(&r->arena, base_error_message(&e));
    end_play(r);
    return done;
}

static const char *where_of(struct run *r, const struct send_proxy_url *url) {
    const struct send_target *t = &r->plan.target;
    if (!url)
        return base_arena_printf(&r->arena, "%s:%s", t->server, t->port);
    return base_arena_printf(&r->arena, "%s:%s through proxy %s:%s", t->server, t->port, url->host,
                             url->port);
}

/* One server, at all its addresses. */
static void run_server(struct run *r, const struct send_proxy_url *url) {
    const struct send_target *t = &r->plan.target;
    struct send_addresses found;
    const char *where = where_of(r, url);
    r->connected = false;
    r->exit = send_policy_server(&r->policy);
    if (r->exit != SEND_EXIT_OK)
        return;
    send_transcript_info(&r->transcript, "Trying %s...", where);
    send_transcript_flush(&r->transcript);
    send_addresses_find(url ? url->host : t->server, url ? url->port : t->port, &r->plan, &r->arena,
                        &found);
    const char *why = found.why;
    for (size_t i = 0; i < found.count && !r->connected; i++)
        r->connected = try_one(r, &found.items[i], url, &why);
    if (!r->connected)
        say_not_connected(r, where, why);
}

/* The next server; the certificate must bear its name now, unless another one was given. */
static void change_server(struct run *r, const char *server) {
    const char *name = r->plan.tls.verify_name;
    if (name && strcmp(name, r->plan.target.server) == 0)
        r->plan.tls.verify_name = server;
    r->plan.target.server = server;
}

/* The hosts of the route, where more than the first may be wanted. */
static size_t more_servers(struct run *r, const char *const **out) {
    const struct send_beyond *b = r->plan.beyond;
    if (!b || !b->route || (!b->all_mx && !b->try_next_mx))
        return 0;
    return send_route_servers(&r->arena, b->route, b, r->plan.log, out);
}

static void run_servers(struct run *r, const struct send_proxy_url *url) {
    const char *const *servers = NULL;
    const char *first = r->plan.target.server;
    bool all = r->plan.beyond && r->plan.beyond->all_mx;
    size_t n = more_servers(r, &servers);
    run_server(r, url);
    enum send_exit worst = r->exit;
    for (size_t i = 0; i < n && (!r->connected || all); i++) {
        if (strcmp(servers[i], first) == 0)
            continue;
        if (all && r->plan.output.json)
            write_json(r);
        change_server(r, servers[i]);
        run_server(r, url);
        worst = worst == SEND_EXIT_OK || !all ? r->exit : worst;
    }
    r->exit = worst;
}

static void run_tcp(struct run *r) {
    const char *text = r->plan.beyond ? r->plan.beyond->via_proxy : NULL;
    struct send_proxy_url url;
    struct base_error e = {0};
    if (!text) {
        run_servers(r, NULL);
    } else if (send_proxy_url_parse(text, &r->arena, &url, &e) == WS_OK) {
        run_servers(r, &url);
    } else {
        send_transcript_error(&r->transcript, "%s", base_error_message(&e));
        r->exit = SEND_EXIT_OPTION;
    }
}

/* --- sockets and children --- */

static void run_unix(struct run *r) {
    const char *path = r->plan.target.socket_path;
    struct net_address remote;
    const char *why = "File name too long";
    send_transcript_info(&r->transcript, "Trying %s...", path);
    if (net_address_unix(path, &remote) != WS_OK || !try_one(r, &remote, NULL, &why))
        say_not_connected(r, path, base_arena_printf(&r->arena, "connect: %s", why));
}

static void no_command(struct run *r, const char *command, const char *why) {
    if (!r->plan.as_swaks) {
        say_not_connected(r, command,
                          base_arena_printf(&r->arena, "the command did not start: %s", why));
        return;
    }
    const char *text =
        base_arena_printf(&r->arena, "open2: exec of %s failed: %s at %s line 1.\n\n", command, why,
                          r->plan.program ? r->plan.program : "waxseal");
    say_not_connected(r, command, text);
}

static void play_pipe(struct run *r) {
    play(r);
    explain(r, NULL, NULL);
}

static void run_pipe(struct run *r) {
    const char *command = r->plan.target.command;
    struct base_error e = {0};
    pid_t child = -1;
    int fd = -1;
    send_transcript_info(&r->transcript, "Trying pipe to %s...", command);
    send_transcript_flush(&r->transcript);
    if (send_pipe_start(command, &fd, &child, &e) != WS_OK) {
        no_command(r, command, base_error_message(&e));
        return;
    }
    if (!begin(r))
        (void)close(fd);
    else if (net_play_open(fd, send_transaction_engine(r->transaction), &r->play, &e) == WS_OK)
        play_pipe(r);
    else
        say_not_connected(r, command, base_error_message(&e));
    end_play(r);
    (void)waitpid(child, NULL, WNOHANG);
}

/* --- the whole --- */

static void run_one(struct run *r) {
    switch (r->plan.target.transport) {
    case SEND_TCP:
        run_tcp(r);
        break;
    case SEND_UNIX:
        run_unix(r);
        break;
    case SEND_PIPE:
        run_pipe(r);
        break;
    }
}

/* Many transactions: the policy is looked up once, for the server they all go to. */
static enum send_exit run_many(struct run *r) {
    r->exit = send_policy_server(&r->policy);
    if (r->exit != SEND_EXIT_OK)
        return r->exit;
    r->policy.beyond.policy = SEND_POLICY_NONE; /* is in the plan now */
    r->told = true;
    return send_transport_many(&r->plan);
}

enum send_exit send_transport_run(const struct send_plan *plan) {
    struct run r = {.plan = *plan};
    send_transcript_init(&r.transcript, &r.plan.output);
    base_arena_init(&r.arena, ARENA_MAX);
    if (!plan->tls.context && !plan->tls.wish.session_in) /* which is read each time */
        r.plan.tls.context = &r.tls;
    r.exit = send_policy_begin(&r.policy, &r.plan, &r.transcript, &r.arena);
    if (r.exit == SEND_EXIT_OK && plan->repeat > 1)
        r.exit = run_many(&r);
    else if (r.exit == SEND_EXIT_OK)
        run_one(&r);
    if (plan->output.json && !r.told)
        write_json(&r);
    send_policy_end(&r.policy);
    send_transaction_free(r.transaction);
    tls_context_free(r.tls.tls);
    send_transcript_release(&r.transcript);
    base_arena_release(&r.arena);
    return r.exit;
}
