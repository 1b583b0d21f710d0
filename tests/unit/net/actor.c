/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct actor *actor_of(struct net_engine *e) {
    return (struct actor *)(void *)e;
}

static void happen(struct actor *a) {
    if (a->done || a->closed + a->not_connected > 1)
        a->late_call = true;
    if (a->on_event)
        a->on_event(a);
}

static void connected(struct net_engine *e, double ms, base_usec now) {
    struct actor *a = actor_of(e);
    happen(a);
    a->connected++;
    a->ms = ms;
    a->connected_at = now;
    if (a->tick_in)
        a->deadline = now + a->tick_in;
    for (size_t i = 0; a->opening && i < (a->opening_repeats ? a->opening_repeats : 1); i++)
        base_buf_append_str(&a->out, a->opening);
    a->done = a->done_when_connected;
}

static void not_connected(struct net_engine *e, enum facts_connect_state state, const char *error,
                          double ms, base_usec now) {
    struct actor *a = actor_of(e);
    a->not_connected++;
    a->state = state;
    a->ms = ms;
    a->ended_at = now;
    snprintf(a->error, sizeof a->error, "%s", error);
    happen(a);
    a->done = true;
}

static void received(struct net_engine *e, struct base_bytes in, base_usec now) {
    struct actor *a = actor_of(e);
    (void)now;
    happen(a);
    a->receives++;
    if (in.len > a->largest)
        a->largest = in.len;
    base_buf_append_bytes(&a->seen, in);
    if (a->echo)
        base_buf_append_bytes(&a->out, in);
    if (a->done_after && a->seen.len >= a->done_after)
        a->done = true;
}

static void closed(struct net_engine *e, bool reset, base_usec now) {
    struct actor *a = actor_of(e);
    a->closed++;
    a->reset = reset;
    a->ended_at = now;
    happen(a);
    a->done = true;
}

static void tick(struct net_engine *e, base_usec now) {
    struct actor *a = actor_of(e);
    happen(a);
    assert_true(now >= a->deadline);
    a->ticks++;
    a->ended_at = now;
    if (a->done_when_ticked)
        a->done = true;
}

static struct base_buf *output(struct net_engine *e) {
    return &actor_of(e)->out;
}

static base_usec deadline(const struct net_engine *e) {
    return ((const struct actor *)(const void *)e)->deadline;
}

static bool done(const struct net_engine *e) {
    return ((const struct actor *)(const void *)e)->done;
}

static const struct net_engine_ops ops = {
    .connected = connected,
    .not_connected = not_connected,
    .received = received,
    .closed = closed,
    .tick = tick,
    .output = output,
    .deadline = deadline,
    .done = done,
};

void actor_init(struct actor *a) {
    *a = (struct actor){.engine.ops = &ops, .deadline = BASE_NEVER};
    base_buf_init(&a->out, 16u << 20);
    base_buf_init(&a->seen, 16u << 20);
}

void actor_release(struct actor *a) {
    assert_false(a->late_call);
    base_buf_release(&a->out);
    base_buf_release(&a->seen);
}

int peer_listen(int backlog, struct net_address *at) {
    int on = 1;
    assert_int_equal(net_address_parse("127.0.0.1", 0, at), WS_OK);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    assert_int_equal(bind(fd, (struct sockaddr *)&at->storage, at->len), 0);
    assert_int_equal(listen(fd, backlog), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at->storage, &at->len), 0);
    return fd;
}

int peer_accept(int listening) {
    int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

void peer_say(int fd, const char *text) {
    size_t len = strlen(text);
    assert_int_equal(send(fd, text, len, MSG_NOSIGNAL), len);
}

void peer_reset(int fd) {
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
    close(fd);
}

size_t peer_hear(int fd, char *buf, size_t cap) {
    size_t len = 0;
    while (len < cap) {
        ssize_t n = recv(fd, buf + len, cap - len, 0);
        if (n <= 0)
            break;
        len += (size_t)n;
    }
    return len;
}

static void overrun(void *arg) {
    struct stage *s = arg;
    s->overrun = true;
    net_loop_stop(s->loop);
}

void stage_open(struct stage *s) {
    struct base_error e = {0};
    *s = (struct stage){0};
    assert_int_equal(net_loop_new(&s->loop, &e), WS_OK);
    s->guard = net_timer_start(s->loop, 300 * BASE_SECOND, overrun, s);
    assert_non_null(s->guard);
}

void stage_close(struct stage *s) {
    net_timer_stop(s->guard);
    net_loop_free(s->loop);
}

static void dial_ended(void *arg) {
    struct stage *s = arg;
    if (++s->ended == s->expected)
        net_loop_stop(s->loop);
}

void stage_dial_as(struct stage *s, const struct net_address *remote,
                   const struct net_address *source, base_usec connect_timeout, struct actor *a) {
    struct base_error e = {0};
    struct net_dial d = {
        .remote = *remote,
        .source = source,
        .connect_timeout = connect_timeout,
        .engine = &a->engine,
        .done = dial_ended,
        .arg = s,
    };
    s->expected++;
    assert_int_equal(net_dial_start(s->loop, &d, &e), WS_OK);
    /* nothing is told before the loop turns */
    assert_int_equal(a->connected + a->not_connected, 0);
}

void stage_dial(struct stage *s, const struct net_address *remote, struct actor *a) {
    stage_dial_as(s, remote, NULL, 300 * BASE_SECOND, a);
}

void stage_run(struct stage *s) {
    struct base_error e = {0};
    assert_int_equal(net_loop_run(s->loop, &e), WS_OK);
    assert_false(s->overrun);
}
