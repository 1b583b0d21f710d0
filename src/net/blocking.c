/* SPDX-License-Identifier: Apache-2.0 */
/* net_blocking - plays one engine over one connection with poll(2), for terminals and scripts.
 *
 * The same net_conn as on the loop: an engine cannot tell the drivers apart. A connection that does
 * not come about is told to the engine and is not an error of this call. */
#include "net/blocking.h"

#include "net/conn.h"
#include "net/connect.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* An engine whose deadline stays in the past is woken at this pace, not in a busy loop. */
#define TICK_PACE_MS 1

/* Milliseconds for poll until `at`, rounded up; at least `least`. */
static int poll_time(base_usec at, base_usec now, int least) {
    if (at == BASE_NEVER)
        return -1;
    base_usec ms = at > now ? (at - now + BASE_MSEC - 1) / BASE_MSEC : 0;
    if (ms > INT_MAX)
        return INT_MAX;
    return (int)ms > least ? (int)ms : least;
}

static enum ws_err play(struct net_conn *c, base_usec now, struct base_error *e) {
    int least = 0;
    while (!net_conn_is_over(c)) {
        struct pollfd p = {.fd = c->fd};
        if (net_conn_wants_read(c))
            p.events |= POLLIN;
        if (net_conn_wants_write(c))
            p.events |= POLLOUT;
        if (p.events == 0)
            p.fd = -1; /* a hang-up that is known already would wake us for ever */
        int n = poll(&p, 1, poll_time(net_conn_deadline(c), now, least));
        if (n < 0 && errno != EINTR)
            return base_error_set(e, WS_SYSTEM, "poll: %s", strerror(errno));
        now = base_clock_now();
        bool ticked = now >= net_conn_deadline(c);
        if (n > 0) {
            bool failed = p.revents & (POLLERR | POLLHUP);
            net_conn_wake(c, failed || (p.revents & POLLIN), failed || (p.revents & POLLOUT), now);
        }
        net_conn_tick(c, now);
        least = ticked ? TICK_PACE_MS : 0;
    }
    return WS_OK;
}

static enum ws_err play_and_close(int fd, struct net_engine *engine, double ms,
                                  struct base_error *e) {
    uint8_t scratch[NET_CONN_READ];
    struct net_conn c;
    base_usec now = base_clock_now();
    net_conn_init(&c, fd, engine, scratch, 0);
    net_conn_begin(&c, ms, now);
    enum ws_err err = play(&c, now, e);
    close(fd);
    return err;
}

static base_usec earlier(base_usec a, base_usec b) {
    return a < b ? a : b;
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

enum ws_err net_blocking_run(const struct net_address *remote, const struct net_address *source,
                             base_usec connect_timeout, struct net_engine *engine,
                             struct base_error *e) {
    struct net_connect c;
    base_usec begun = base_clock_now();
    base_usec connect_by =
        connect_timeout > BASE_NEVER - begun ? BASE_NEVER : begun + connect_timeout;
    net_connect_begin(&c, remote, source);
    enum ws_err err = await_connection(&c, remote, connect_by, engine, e);
    if (err != WS_OK)
        return err;
    base_usec now = base_clock_now();
    double ms = base_clock_ms(now - begun);
    if (c.state == FACTS_CONNECT_OK)
        return play_and_close(c.fd, engine, ms, e);
    engine->ops->not_connected(engine, c.state, c.error, ms, now);
    return WS_OK;
}

enum ws_err net_blocking_run_fd(int fd, struct net_engine *engine, struct base_error *e) {
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISSOCK(st.st_mode)) {
        close(fd);
        return base_error_set(e, WS_USAGE, "the descriptor is no socket");
    }
    return play_and_close(fd, engine, 0, e);
}
