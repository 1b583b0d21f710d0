/* SPDX-License-Identifier: Apache-2.0 */
/* transport - connects a transaction with its server
 *
 * TCP tries all addresses of the server in the system's order (getaddrinfo: /etc/hosts and DNS, as
 * everything else on the machine does) until one answers; unix sockets and child processes are
 * played by the same driver. The transcript is flushed before each wait.
 *
 * Ownership: everything made here ends here. Blocks. */
#include "send/transport.h"

#include "net/play.h"
#include "send/pipe.h"
#include "send/transaction.h"

#include <netdb.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct run {
    const struct send_plan *plan;
    struct send_transcript transcript;
    struct send_transaction *transaction;
    struct net_play *play;
    enum send_exit exit;
};

/* --- playing ------------------------------------------------------------------------------------
 */

static void play(struct run *r) {
    enum net_play_event event = NET_PLAY_STEP;
    while (event != NET_PLAY_OVER) {
        send_transcript_flush(&r->transcript);
        event = net_play_step(r->play, -1, BASE_NEVER);
    }
    r->exit = send_transaction_exit(r->transaction);
}

static bool begin(struct run *r) {
    struct base_error e = {0};
    send_transaction_free(r->transaction);
    if (send_transaction_new(r->plan, &r->transcript, &r->transaction, &e) == WS_OK)
        return true;
    send_transcript_error(&r->transcript, "%s", base_error_message(&e));
    r->exit = SEND_EXIT_CONNECT;
    return false;
}

static void say_not_connected(struct run *r, const char *where, const char *why) {
    send_transcript_error(&r->transcript, "Error connecting to %s:\n\t%s", where, why);
    r->exit = SEND_EXIT_CONNECT;
}

static base_usec connect_time(const struct send_plan *p) {
    return p->timeout == 0 ? BASE_NEVER : p->timeout;
}

/* Connects and plays; false (and *why) when there is no connection. */
static bool try_address(struct run *r, const struct net_address *remote,
                        const struct net_address *source, const char **why) {
    struct base_error e = {0};
    if (!begin(r))
        return true;
    struct net_engine *engine = send_transaction_engine(r->transaction);
    if (net_play_connect(remote, source, connect_time(r->plan), engine, &r->play, &e) != WS_OK) {
        say_not_connected(r, r->plan->target.server, base_error_message(&e));
        return true;
    }
    *why = send_transaction_connect_error(r->transaction);
    if ((*why)[0]) {
        net_play_free(r->play);
        r->play = NULL;
        return false;
    }
    play(r);
    return true;
}

/* --- TCP ----------------------------------------------------------------------------------------
 */

static int family_of(enum send_family f) {
    return f == SEND_IPV4 ? AF_INET : f == SEND_IPV6 ? AF_INET6 : AF_UNSPEC;
}

static int look_up(const char *host, const char *port, int family, int flags,
                   struct addrinfo **out) {
    const struct addrinfo hints = {
        .ai_family = family, .ai_socktype = SOCK_STREAM, .ai_flags = flags};
    *out = NULL;
    return getaddrinfo(host && host[0] ? host : NULL, port && port[0] ? port : NULL, &hints, out);
}

static void address_of(const struct addrinfo *a, struct net_address *out) {
    *out = (struct net_address){.len = a->ai_addrlen};
    (void)base_bytes_copy(&out->storage, sizeof out->storage,
                          base_bytes_view(a->ai_addr, a->ai_addrlen));
}

/* The local end for a remote address's family; false when there is none. */
static bool find_source(const struct send_target *target, int family, struct net_address *out,
                        const char **why) {
    struct addrinfo *found;
    const char *port = target->local_port && target->local_port[0] ? target->local_port : "0";
    int error = look_up(target->local_interface, port, family, AI_PASSIVE, &found);
    if (error != 0) {
        *why = gai_strerror(error);
        return false;
    }
    address_of(found, out);
    freeaddrinfo(found);
    return true;
}

static bool has_source(const struct send_target *target) {
    return (target->local_interface && target->local_interface[0]) ||
           (target->local_port && target->local_port[0]);
}

static bool try_one(struct run *r, const struct addrinfo *a, const char **why) {
    struct net_address remote, source;
    bool bound = has_source(&r->plan->target);
    if (bound && !find_source(&r->plan->target, a->ai_family, &source, why))
        return false;
    address_of(a, &remote);
    return try_address(r, &remote, bound ? &source : NULL, why);
}

static void run_tcp(struct run *r) {
    const struct send_target *target = &r->plan->target;
    struct addrinfo *found;
    const char *why = "";
    struct base_buf where;
    base_buf_init(&where, 4096);
    base_buf_printf(&where, "%s:%s", target->server, target->port);
    send_transcript_info(&r->transcript, "Trying %s...", base_buf_cstr(&where));
    send_transcript_flush(&r->transcript);
    int error = look_up(target->server, target->port, family_of(target->family), 0, &found);
    if (error != 0)
        why = gai_strerror(error);
    bool done = false;
    for (const struct addrinfo *a = found; a && !done; a = a->ai_next)
        done = try_one(r, a, &why);
    if (!done)
        say_not_connected(r, base_buf_cstr(&where), why);
    if (found)
        freeaddrinfo(found);
    base_buf_release(&where);
}

/* --- sockets and children -----------------------------------------------------------------------
 */

static void run_unix(struct run *r) {
    const char *path = r->plan->target.socket_path;
    struct net_address remote;
    const char *why = "File name too long";
    send_transcript_info(&r->transcript, "Trying %s...", path);
    if (net_address_unix(path, &remote) == WS_OK && try_address(r, &remote, NULL, &why))
        return;
    struct base_buf text;
    base_buf_init(&text, 4096);
    base_buf_printf(&text, "connect: %s", why);
    say_not_connected(r, path, base_buf_cstr(&text));
    base_buf_release(&text);
}

static void no_command(struct run *r, const char *command, const char *why) {
    struct base_buf text;
    base_buf_init(&text, (size_t)1 << 20);
    base_buf_printf(&text, "open2: exec of %s failed: %s at %s line 1.\n\n", command, why,
                    r->plan->program ? r->plan->program : "waxseal");
    say_not_connected(r, command, base_buf_cstr(&text));
    base_buf_release(&text);
}

static void run_pipe(struct run *r) {
    const char *command = r->plan->target.command;
    struct base_error e = {0};
    pid_t child = -1;
    int fd = -1;
    send_transcript_info(&r->transcript, "Trying pipe to %s...", command);
    send_transcript_flush(&r->transcript);
    if (send_pipe_start(command, &fd, &child, &e) != WS_OK) {
        no_command(r, command, base_error_message(&e));
        return;
    }
    if (!begin(r)) {
        (void)close(fd);
    } else if (net_play_open(fd, send_transaction_engine(r->transaction), &r->play, &e) == WS_OK) {
        play(r);
    } else {
        say_not_connected(r, command, base_error_message(&e));
    }
    net_play_free(r->play);
    r->play = NULL;
    (void)waitpid(child, NULL, WNOHANG);
}

enum send_exit send_transport_run(const struct send_plan *plan) {
    struct run r = {.plan = plan};
    send_transcript_init(&r.transcript, &plan->output);
    switch (plan->target.transport) {
    case SEND_TCP:
        run_tcp(&r);
        break;
    case SEND_UNIX:
        run_unix(&r);
        break;
    case SEND_PIPE:
        run_pipe(&r);
        break;
    }
    net_play_free(r.play);
    send_transaction_free(r.transaction);
    send_transcript_release(&r.transcript);
    return r.exit;
}
