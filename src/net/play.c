/* SPDX-License-Identifier: Apache-2.0 */
/* net_play - one engine over one connection with poll(2), step by step.
 *
 * The same net_conn as on the loop: an engine cannot tell the drivers apart. Between two steps the
 * caller may do what it likes, such as reading a line from a terminal. A connection that does not
 * come about is told to the engine and is not an error here.
 *
 * A play owns the socket, not the engine. */
#include "net/play.h"

#include "net/conn.h"
#include "net/connect.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* An engine whose deadline stays in the past is woken at this pace, not in a busy loop. */
#define TICK_PACE_MS 1

struct net_play {
    struct net_conn conn;
    int fd;      /* -1: not connected */
    bool ticked; /* the last step called the engine's tick */
    uint8_t scratch[NET_CONN_READ];
};

/* Milliseconds for poll until `at`, rounded up; at least `least`. */
static int poll_time(base_usec at, base_usec now, int least) {
    if (at == BASE_NEVER)
        return -1;
    base_usec ms = at > now ? (at - now + BASE_MSEC - 1) / BASE_MSEC : 0;
    if (ms > INT_MAX)
        return INT_MAX;
    return (int)ms > least ? (int)ms : least;
}

static base_usec earlier(base_usec a, base_usec b) {
    return a < b ? a : b;
}

/* --- beginning --- */

static struct net_play *play_new(void) {
    struct net_play *p = calloc(1, sizeof *p);
    if (p)
        p->fd = -1;
    return p;
}

static void begin(struct net_play *p, int fd, struct net_engine *engine, double ms) {
    p->fd = fd;
    net_conn_init(&p->conn, fd, engine, p->scratch, 0);
    net_conn_begin(&p->conn, ms, base_clock_now());
}

/* Waits for the outcome of a connect under way. */
static enum ws_err await_connection(struct net_connect *c, const struct net_address *remote,
                                    base_usec connect_by, const struct net_engine *engine,
                                    struct base_error *e) {
    struct pollfd p = {.fd = c->fd, .events = POLLOUT};
    while (c->state == FACTS_CONNECT_NOT_TRIED) {
        base_usec now = base_clock_now();
        base_usec deadline = earlier(connect_by, engine->ops->deadline(engine));
        int n = poll(&p, 1, poll_time(deadline, now, 0));
        if (n < 0 && errno != EINTR) {
            int error = errno;
            close(c->fd);
            return base_error_set(e, WS_SYSTEM, "poll: %s", strerror(error));
        }
        if (n > 0)
            net_connect_finish(c, remote);
        else if (base_clock_now() >= deadline)
            net_connect_give_up(c);
    }
    return WS_OK;
}

enum ws_err net_play_connect(const struct net_address *remote, const struct net_address *source,
                             base_usec connect_timeout, struct net_engine *engine,
                             struct net_play **out, struct base_error *e) {
    struct net_play *p = play_new();
    struct net_connect c;
    base_usec begun = base_clock_now();
    base_usec connect_by =
        connect_timeout > BASE_NEVER - begun ? BASE_NEVER : begun + connect_timeout;
    *out = NULL;
    if (!p)
        return base_error_set(e, WS_NOMEM, "no memory for a connection");
    net_connect_begin(&c, remote, source);
    enum ws_err err = await_connection(&c, remote, connect_by, engine, e);
    if (err != WS_OK) {
        free(p);
        return err;
    }
    base_usec now = base_clock_now();
    double ms = base_clock_ms(now - begun);
    if (c.state == FACTS_CONNECT_OK)
        begin(p, c.fd, engine, ms);
    else
        engine->ops->not_connected(engine, c.state, c.error, ms, now);
    *out = p;
    return WS_OK;
}

enum ws_err net_play_open(int fd, struct net_engine *engine, struct net_play **out,
                          struct base_error *e) {
    struct stat st;
    *out = NULL;
    if (fstat(fd, &st) != 0 || !S_ISSOCK(st.st_mode)) {
        close(fd);
        return base_error_set(e, WS_USAGE, "the descriptor is no socket");
    }
    struct net_play *p = play_new();
    if (!p) {
        close(fd);
        return base_error_set(e, WS_NOMEM, "no memory for a connection");
    }
    begin(p, fd, engine, 0);
    *out = p;
    return WS_OK;
}

static void hang_up(struct net_play *p) {
    if (p->fd >= 0)
        close(p->fd);
    p->fd = -1;
}

void net_play_free(struct net_play *p) {
    if (!p)
        return;
    hang_up(p);
    free(p);
}

/* --- one step after the other --- */

static bool is_over(const struct net_play *p) {
    return p->fd < 0 || net_conn_is_over(&p->conn);
}

static struct pollfd poll_entry(const struct net_play *p) {
    struct pollfd e = {.fd = p->fd};
    if (net_conn_wants_read(&p->conn))
        e.events |= POLLIN;
    if (net_conn_wants_write(&p->conn))
        e.events |= POLLOUT;
    if (e.events == 0)
        e.fd = -1; /* a hang-up that is known already would wake us for ever */
    return e;
}

/* Brings the connection on by what has happened to it; true when anything did. */
static bool wake(struct net_play *p, short revents, base_usec now) {
    bool failed = revents & (POLLERR | POLLHUP);
    p->ticked = now >= net_conn_deadline(&p->conn);
    if (revents != 0)
        net_conn_wake(&p->conn, failed || (revents & POLLIN), failed || (revents & POLLOUT), now);
    /* what the engine did may have taken long: a dump, a slow terminal */
    net_conn_tick(&p->conn, base_clock_now());
    return revents != 0 || p->ticked;
}

enum net_play_event net_play_step(struct net_play *p, int fd, base_usec until) {
    base_usec now = base_clock_now();
    while (!is_over(p)) {
        struct pollfd polled[2] = {poll_entry(p), {.fd = fd, .events = POLLIN}};
        base_usec next = earlier(net_conn_deadline(&p->conn), until);
        net_conn_acknowledge(&p->conn);
        int n = poll(polled, 2, poll_time(next, now, p->ticked ? TICK_PACE_MS : 0));
        if (n < 0)
            return errno == EINTR ? NET_PLAY_SIGNAL : NET_PLAY_OVER;
        now = base_clock_now();
        bool stepped = wake(p, polled[0].revents, now);
        if (is_over(p))
            break;
        if (polled[1].revents != 0)
            return NET_PLAY_FD;
        if (stepped)
            return NET_PLAY_STEP;
        if (now >= until)
            return NET_PLAY_TIME;
    }
    hang_up(p); /* now, not when it is freed: the server may take one connection at a time */
    return NET_PLAY_OVER;
}

void net_play_poke(struct net_play *p) {
    if (!is_over(p))
        net_conn_poke(&p->conn, base_clock_now());
}
