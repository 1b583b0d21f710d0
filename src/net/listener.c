/* SPDX-License-Identifier: Apache-2.0 */
/* net_listener - a listening socket on the loop; every accepted connection plays an engine.
 *
 * No more than max_connections at a time: beyond that the socket is simply not looked at, and the
 * kernel's queue holds the next ones. When this process runs out of descriptors, accepting pauses
 * for 100 ms instead of spinning. After its last output a connection lingers for 2 s at most, so
 * that a client that still talks is not answered with a reset.
 *
 * A listener must be freed before its loop, and not from inside one of its engines. */
#include "net/loop_private.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG 128
#define ACCEPTS_PER_WAKE 32u
#define PAUSE (100 * BASE_MSEC)
#define LINGER (2 * BASE_SECOND)

struct guest {
    struct net_link link; /* first: `over` gets the link */
    struct net_listener *listener;
    LIST_ENTRY(guest) entry;
};

LIST_HEAD(guests, guest);

struct net_listener {
    struct net_loop *loop;
    struct net_listen config;
    struct guests guests;
    struct event event;
    struct event pause;
    unsigned count;
    unsigned port;
    int fd;
    bool listening; /* `event` is added */
};

static void listen_or_not(struct net_listener *s) {
    bool want = s->count < s->config.max_connections && !evtimer_pending(&s->pause, NULL);
    if (want && !s->listening)
        s->listening = event_add(&s->event, NULL) == 0;
    else if (!want && s->listening)
        s->listening = event_del(&s->event) != 0;
}

static void forget(struct guest *g) {
    struct net_listener *s = g->listener;
    LIST_REMOVE(g, entry);
    s->count--;
    if (s->config.release)
        s->config.release(s->config.arg, g->link.conn.engine);
    free(g);
}

static void guest_over(struct net_link *link) {
    struct guest *g = (struct guest *)(void *)link;
    struct net_listener *s = g->listener;
    forget(g);
    listen_or_not(s);
}

static void admit(struct net_listener *s, int fd, const struct net_address *peer) {
    char text[NET_ADDRESS_TEXT];
    int on = 1;
    net_address_text(peer, text);
    struct net_engine *engine = s->config.accept(s->config.arg, text);
    struct guest *g = engine ? calloc(1, sizeof *g) : NULL;
    if (!g) {
        if (engine && s->config.release)
            s->config.release(s->config.arg, engine);
        close(fd);
        return;
    }
    if (!net_address_is_unix(peer))
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    g->listener = s;
    g->link.over = guest_over;
    LIST_INSERT_HEAD(&s->guests, g, entry);
    s->count++;
    net_link_open(&g->link, s->loop, fd, engine, LINGER, 0, base_clock_now());
}

/* Connections that died in the queue say nothing about the socket. */
static bool is_passing(int error) {
    return error == EINTR || error == ECONNABORTED || error == EPROTO || error == ENETDOWN ||
           error == EHOSTUNREACH || error == ENETUNREACH || error == EHOSTDOWN ||
           error == ENOPROTOOPT || error == EOPNOTSUPP;
}

static void on_connection(evutil_socket_t fd, short what, void *arg) {
    struct net_listener *s = arg;
    (void)what;
    for (unsigned i = 0; i < ACCEPTS_PER_WAKE && s->count < s->config.max_connections; i++) {
        struct net_address peer = {.len = sizeof peer.storage};
        int guest =
            accept4(fd, (struct sockaddr *)&peer.storage, &peer.len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (guest >= 0) {
            admit(s, guest, &peer);
        } else if (!is_passing(errno)) {
            struct timeval tv = net_loop_timeval(PAUSE);
            if (errno != EAGAIN && errno != EWOULDBLOCK)
                (void)event_add(&s->pause, &tv);
            break;
        }
    }
    listen_or_not(s);
}

static void on_pause_over(evutil_socket_t fd, short what, void *arg) {
    (void)fd;
    (void)what;
    listen_or_not(arg);
}

/* The socket, bound and listening; the port that was chosen is read back. */
static enum ws_err open_socket(struct net_listener *s, struct base_error *e) {
    const struct net_address *local = &s->config.local;
    struct net_address chosen = {.len = sizeof chosen.storage};
    char text[NET_ADDRESS_TEXT];
    int on = 1;
    net_address_text(local, text);
    s->fd = socket(local->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->fd < 0)
        return base_error_set(e, WS_SYSTEM, "can't make a socket for %s: %s", text,
                              strerror(errno));
    if (!net_address_is_unix(local))
        (void)setsockopt(s->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(s->fd, (const struct sockaddr *)&local->storage, local->len) != 0 ||
        listen(s->fd, BACKLOG) != 0 ||
        getsockname(s->fd, (struct sockaddr *)&chosen.storage, &chosen.len) != 0)
        return base_error_set(e, WS_SYSTEM, "can't listen on %s: %s", text, strerror(errno));
    s->port = net_address_port(&chosen);
    return WS_OK;
}

enum ws_err net_listener_new(struct net_loop *l, const struct net_listen *c,
                             struct net_listener **out, struct base_error *e) {
    struct net_listener *s = calloc(1, sizeof *s);
    *out = NULL;
    if (!s)
        return base_error_set(e, WS_NOMEM, "no memory for a listening socket");
    s->loop = l;
    s->config = *c;
    if (s->config.max_connections == 0)
        s->config.max_connections = 1;
    LIST_INIT(&s->guests);
    enum ws_err err = open_socket(s, e);
    (void)event_assign(&s->event, l->base, s->fd, EV_READ | EV_PERSIST, on_connection, s);
    (void)event_assign(&s->pause, l->base, -1, 0, on_pause_over, s);
    if (err == WS_OK) {
        listen_or_not(s);
        if (!s->listening)
            err = base_error_set(e, WS_SYSTEM, "the event loop took no listening socket");
    }
    if (err != WS_OK) {
        net_listener_free(s);
        return err;
    }
    *out = s;
    return WS_OK;
}

unsigned net_listener_port(const struct net_listener *s) {
    return s->port;
}

void net_listener_free(struct net_listener *s) {
    if (!s)
        return;
    event_del(&s->event);
    event_del(&s->pause);
    if (s->fd >= 0)
        close(s->fd);
    for (struct guest *g = LIST_FIRST(&s->guests), *next; g; g = next) {
        next = LIST_NEXT(g, entry);
        net_link_close(&g->link);
        forget(g);
    }
    free(s);
}
