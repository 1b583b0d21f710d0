/* SPDX-License-Identifier: Apache-2.0 */
/* net_link - a connection on the loop: waits for what its net_conn wants and wakes it.
 *
 * System calls are kept few: readability is registered once, writability only while the kernel's
 * buffer is full. The one timer is armed lazily: a deadline that moves away costs nothing, the
 * timer then fires early and is armed for the rest. */
#include "net/loop_private.h"

#include <unistd.h>

/* An engine whose deadline stays in the past is woken at this pace, not in a busy loop. */
#define TICK_PACE BASE_MSEC

static void listen_to(struct event *ev, bool want, bool *is) {
    if (want == *is)
        return;
    if (want)
        *is = event_add(ev, NULL) == 0;
    else
        *is = event_del(ev) != 0;
}

static void arm(struct net_link *link, base_usec now) {
    base_usec deadline = net_conn_deadline(&link->conn);
    if (deadline >= link->armed)
        return;
    base_usec wait = deadline > now ? deadline - now : TICK_PACE;
    struct timeval tv = net_loop_timeval(wait);
    if (event_add(&link->timer, &tv) == 0)
        link->armed = deadline;
}

static void settle(struct net_link *link, base_usec now) {
    if (net_conn_is_over(&link->conn)) {
        net_link_close(link);
        link->over(link);
        return;
    }
    net_conn_acknowledge(&link->conn);
    listen_to(&link->read, net_conn_wants_read(&link->conn), &link->reading);
    listen_to(&link->write, net_conn_wants_write(&link->conn), &link->writing);
    arm(link, now);
}

static void on_ready(evutil_socket_t fd, short what, void *arg) {
    struct net_link *link = arg;
    base_usec now = base_clock_now();
    (void)fd;
    net_conn_wake(&link->conn, what & EV_READ, what & EV_WRITE, now);
    settle(link, now);
}

static void on_timer(evutil_socket_t fd, short what, void *arg) {
    struct net_link *link = arg;
    base_usec now = base_clock_now();
    (void)fd;
    (void)what;
    link->armed = BASE_NEVER;
    net_conn_tick(&link->conn, now);
    settle(link, now);
}

void net_link_open(struct net_link *link, struct net_loop *l, int fd, struct net_engine *engine,
                   base_usec linger, double ms, base_usec now) {
    link->loop = l;
    link->reading = link->writing = false;
    link->armed = BASE_NEVER;
    net_conn_init(&link->conn, fd, engine, l->scratch, linger);
    (void)event_assign(&link->read, l->base, fd, EV_READ | EV_PERSIST, on_ready, link);
    (void)event_assign(&link->write, l->base, fd, EV_WRITE | EV_PERSIST, on_ready, link);
    (void)event_assign(&link->timer, l->base, -1, 0, on_timer, link);
    net_conn_begin(&link->conn, ms, now);
    settle(link, now);
}

void net_link_close(struct net_link *link) {
    event_del(&link->read);
    event_del(&link->write);
    event_del(&link->timer);
    close(link->conn.fd);
}
