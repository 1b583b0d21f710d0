/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include "net/conn.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* --- connections that do not come about --- */

static void refused_port(void **state) {
    struct net_address at;
    struct actor a;
    struct stage s;
    (void)state;
    close(peer_listen(1, &at));
    stage_open(&s);
    actor_init(&a);
    stage_dial(&s, &at, &a);
    stage_run(&s);
    assert_int_equal(a.not_connected, 1);
    assert_int_equal(a.connected, 0);
    assert_int_equal(a.state, FACTS_CONNECT_REFUSED);
    assert_string_equal(a.error, "Connection refused");
    assert_true(a.ms >= 0 && a.ms < 5000);
    actor_release(&a);
    stage_close(&s);
}

/* A listening socket whose queue is full drops what comes: nobody answers. */
static int fill_queue(int *fillers, size_t n, struct net_address *at) {
    int listening = peer_listen(0, at);
    for (size_t i = 0; i < n; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(fillers[i], (struct sockaddr *)&at->storage, at->len);
    }
    usleep(20000);
    return listening;
}

static void nobody_answers(void **state) {
    enum { FILLERS = 4 };
    int fillers[FILLERS];
    struct net_address at;
    struct actor a, b;
    struct stage s;
    (void)state;
    int listening = fill_queue(fillers, FILLERS, &at);
    stage_open(&s);
    actor_init(&a);
    actor_init(&b);
    b.deadline = base_clock_now() + 50 * BASE_MSEC; /* the engine's own deadline counts as well */
    stage_dial_as(&s, &at, NULL, BASE_SECOND, &a);
    stage_dial_as(&s, &at, NULL, 300 * BASE_SECOND, &b);
    stage_run(&s);
    assert_int_equal(a.state, FACTS_CONNECT_TIMEOUT);
    assert_string_equal(a.error, "Connection timed out");
    assert_true(a.ms >= 1000);
    assert_int_equal(b.state, FACTS_CONNECT_TIMEOUT);
    assert_true(b.ms < a.ms);
    actor_release(&a);
    actor_release(&b);
    for (size_t i = 0; i < FILLERS; i++)
        close(fillers[i]);
    close(listening);
    stage_close(&s);
}

static void source_address(void **state) {
    struct net_address at, wrong, right, other;
    struct actor a, b, c;
    struct stage s;
    (void)state;
    int listening = peer_listen(4, &at);
    assert_int_equal(net_address_parse("192.0.2.77", 0, &wrong), WS_OK);
    assert_int_equal(net_address_parse("127.0.0.9", 0, &right), WS_OK);
    assert_int_equal(net_address_parse("::1", 0, &other), WS_OK);
    stage_open(&s);
    actor_init(&a);
    actor_init(&b);
    actor_init(&c);
    b.done_when_connected = true;
    stage_dial_as(&s, &at, &wrong, BASE_SECOND, &a);
    stage_dial_as(&s, &at, &right, BASE_SECOND, &b);
    stage_dial_as(&s, &at, &other, BASE_SECOND, &c);
    stage_run(&s);
    assert_int_equal(a.state, FACTS_CONNECT_ERROR);
    assert_string_equal(a.error, "source address: Cannot assign requested address");
    assert_int_equal(c.state, FACTS_CONNECT_ERROR);
    assert_int_equal(strncmp(c.error, "source address: ", 16), 0);
    assert_int_equal(b.connected, 1);
    struct sockaddr_in from;
    socklen_t len = sizeof from;
    int fd = accept(listening, (struct sockaddr *)&from, &len);
    assert_int_equal(ntohl(from.sin_addr.s_addr), 0x7f000009);
    close(fd);
    close(listening);
    actor_release(&a);
    actor_release(&b);
    actor_release(&c);
    stage_close(&s);
}

static void unix_socket(void **state) {
    char folder[] = "/tmp/wsnetXXXXXX", path[64];
    struct net_address at;
    struct actor a, b, c;
    struct stage s;
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/s", folder);
    assert_int_equal(net_address_unix(path, &at), WS_OK);
    stage_open(&s);

    actor_init(&a); /* no such file */
    stage_dial(&s, &at, &a);
    stage_run(&s);
    assert_int_equal(a.state, FACTS_CONNECT_ERROR);
    assert_string_equal(a.error, "No such file or directory");

    int listening = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(listening, (struct sockaddr *)&at.storage, at.len), 0);
    actor_init(&b); /* nobody listens */
    stage_dial(&s, &at, &b);
    stage_run(&s);
    assert_int_equal(b.state, FACTS_CONNECT_REFUSED);

    assert_int_equal(listen(listening, 1), 0);
    actor_init(&c);
    c.opening = "hello";
    c.done_after = 5;
    stage_dial(&s, &at, &c);
    int fd = peer_accept(listening);
    peer_say(fd, "there");
    stage_run(&s);
    assert_int_equal(c.connected, 1);
    assert_string_equal(base_buf_cstr(&c.seen), "there");
    char heard[8] = "";
    assert_int_equal(peer_hear(fd, heard, sizeof heard), 5);
    assert_memory_equal(heard, "hello", 5);
    close(fd);
    close(listening);
    unlink(path);
    rmdir(folder);
    actor_release(&a);
    actor_release(&b);
    actor_release(&c);
    stage_close(&s);
}

/* --- a connection and its end --- */

/* A dialled actor and the other end of its connection. */
struct pair {
    struct stage stage;
    struct actor actor;
    int listening;
    int peer;
};

static void pair_open(struct pair *p) {
    struct net_address at;
    stage_open(&p->stage);
    actor_init(&p->actor);
    p->listening = peer_listen(4, &at);
    stage_dial(&p->stage, &at, &p->actor);
    p->peer = peer_accept(p->listening);
}

static void pair_close(struct pair *p) {
    if (p->peer >= 0)
        close(p->peer);
    close(p->listening);
    actor_release(&p->actor);
    stage_close(&p->stage);
}

static void closed_before_a_word(void **state) {
    struct pair p;
    (void)state;
    pair_open(&p);
    close(p.peer);
    p.peer = -1;
    stage_run(&p.stage);
    assert_int_equal(p.actor.connected, 1);
    assert_int_equal(p.actor.closed, 1);
    assert_false(p.actor.reset);
    assert_int_equal(p.actor.seen.len, 0);
    pair_close(&p);
}

static void reset_before_a_word(void **state) {
    struct pair p;
    (void)state;
    pair_open(&p);
    peer_reset(p.peer);
    p.peer = -1;
    stage_run(&p.stage);
    /* the reset overtakes the connection: either way it is told as one */
    if (p.actor.connected) {
        assert_int_equal(p.actor.closed, 1);
        assert_true(p.actor.reset);
    } else {
        assert_int_equal(p.actor.state, FACTS_CONNECT_RESET);
    }
    pair_close(&p);
}

static void last_words_then_close(void **state) {
    struct pair p;
    (void)state;
    pair_open(&p);
    peer_say(p.peer, "421 too busy\r\n");
    close(p.peer);
    p.peer = -1;
    p.actor.opening = "EHLO nobody\r\n"; /* talks to somebody who has left: a reset comes back */
    stage_run(&p.stage);
    assert_string_equal(base_buf_cstr(&p.actor.seen), "421 too busy\r\n");
    assert_int_equal(p.actor.closed, 1);
    pair_close(&p);
}

static void reset_later(void *arg) {
    struct pair *p = arg;
    peer_reset(p->peer);
    p->peer = -1;
}

static void reset_in_the_middle(void **state) {
    struct pair p;
    (void)state;
    pair_open(&p);
    peer_say(p.peer, "220 hello\r\n");
    struct net_timer *t = net_timer_start(p.stage.loop, 20 * BASE_MSEC, reset_later, &p);
    stage_run(&p.stage);
    assert_string_equal(base_buf_cstr(&p.actor.seen), "220 hello\r\n");
    assert_int_equal(p.actor.closed, 1);
    assert_true(p.actor.reset);
    net_timer_stop(t);
    pair_close(&p);
}

/* The peer stops sending but still reads: what the engine said before gets there. */
static void half_close(void **state) {
    struct pair p;
    char heard[64] = "";
    (void)state;
    pair_open(&p);
    p.actor.echo = true;
    peer_say(p.peer, "QUIT\r\n");
    shutdown(p.peer, SHUT_WR);
    stage_run(&p.stage);
    assert_int_equal(p.actor.closed, 1);
    assert_int_equal(peer_hear(p.peer, heard, sizeof heard), 6);
    assert_string_equal(heard, "QUIT\r\n");
    pair_close(&p);
}

static void done_at_once(void **state) {
    struct pair p;
    char heard[64];
    (void)state;
    pair_open(&p);
    p.actor.done_when_connected = true;
    p.actor.opening = "bye\r\n";
    stage_run(&p.stage);
    assert_int_equal(p.actor.connected, 1);
    assert_int_equal(p.actor.closed, 0);
    assert_int_equal(peer_hear(p.peer, heard, sizeof heard), 5);
    assert_memory_equal(heard, "bye\r\n", 5);
    pair_close(&p);
}

/* Bytes that came and nobody read must not turn the close into a reset. */
static void close_without_reset(void **state) {
    struct pair p;
    char heard[64];
    (void)state;
    pair_open(&p);
    p.actor.opening = "QUIT\r\n";
    p.actor.done_when_connected = true;
    peer_say(p.peer, "220 a greeting that nobody waits for\r\n");
    stage_run(&p.stage);
    assert_int_equal(peer_hear(p.peer, heard, sizeof heard), 6);
    assert_int_equal(recv(p.peer, heard, sizeof heard, 0), 0); /* the end, no ECONNRESET */
    pair_close(&p);
}

/* --- amounts --- */

struct dripping {
    struct pair *pair;
    struct net_timer *timer;
    const char *text;
    size_t at;
};

static void drip(void *arg) {
    struct dripping *d = arg;
    assert_int_equal(send(d->pair->peer, d->text + d->at, 1, MSG_NOSIGNAL), 1);
    d->at++;
    net_timer_stop(d->timer);
    d->timer = NULL;
    if (d->text[d->at])
        d->timer = net_timer_start(d->pair->stage.loop, BASE_MSEC, drip, d);
}

static void one_byte_at_a_time(void **state) {
    struct pair p;
    struct dripping d = {.pair = &p, .text = "220 slow.example ESMTP\r\n"};
    (void)state;
    pair_open(&p);
    p.actor.done_after = strlen(d.text);
    d.timer = net_timer_start(p.stage.loop, 0, drip, &d);
    stage_run(&p.stage);
    assert_string_equal(base_buf_cstr(&p.actor.seen), d.text);
    assert_in_range(p.actor.receives, 5, strlen(d.text));
    net_timer_stop(d.timer);
    pair_close(&p);
}

#define BIG ((size_t)5 << 20)

struct slow_reader {
    struct pair *pair;
    struct net_timer *timer;
    char *heard;
    size_t len;
};

static void read_a_little(void *arg) {
    struct slow_reader *r = arg;
    ssize_t n = recv(r->pair->peer, r->heard + r->len, 1u << 20, MSG_DONTWAIT);
    if (n > 0)
        r->len += (size_t)n;
    net_timer_stop(r->timer);
    r->timer = n == 0 ? NULL : net_timer_start(r->pair->stage.loop, BASE_MSEC, read_a_little, r);
}

/* More than any socket buffer holds: the driver waits until the peer reads; nothing is lost. */
static void five_megabytes_to_a_slow_reader(void **state) {
    struct pair p;
    struct slow_reader r = {.pair = &p};
    (void)state;
    pair_open(&p);
    p.actor.opening = "0123456789abcdef";
    p.actor.opening_repeats = BIG / 16;
    p.actor.done_when_connected = true;
    r.heard = malloc(BIG + (2u << 20));
    assert_non_null(r.heard);
    r.timer = net_timer_start(p.stage.loop, 20 * BASE_MSEC, read_a_little, &r);
    stage_run(&p.stage);
    r.len += peer_hear(p.peer, r.heard + r.len, BIG + (1u << 20) - r.len);
    assert_int_equal(r.len, BIG);
    for (size_t i = 0; i < BIG; i += 16)
        assert_memory_equal(r.heard + i, "0123456789abcdef", 16);
    free(r.heard);
    net_timer_stop(r.timer);
    pair_close(&p);
}

static void leave(void *arg) {
    struct pair *p = arg;
    close(p->peer);
    p->peer = -1;
}

/* The peer closes while we are still writing: no SIGPIPE, the engine is told once. */
static void peer_leaves_while_we_write(void **state) {
    struct pair p;
    (void)state;
    pair_open(&p);
    p.actor.opening = "0123456789abcdef";
    p.actor.opening_repeats = BIG / 16;
    struct net_timer *t = net_timer_start(p.stage.loop, 20 * BASE_MSEC, leave, &p);
    stage_run(&p.stage);
    assert_int_equal(p.actor.closed, 1);
    assert_true(p.actor.reset);
    net_timer_stop(t);
    pair_close(&p);
}

struct pouring {
    struct pair *pair;
    struct net_timer *timer;
    size_t left;
    size_t unread_most; /* what the actor had not sent back at most */
};

static void pour(void *arg) {
    struct pouring *f = arg;
    static char block[65536];
    ssize_t n = send(f->pair->peer, block, f->left < sizeof block ? f->left : sizeof block,
                     MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n > 0)
        f->left -= (size_t)n;
    if (f->pair->actor.out.len > f->unread_most)
        f->unread_most = f->pair->actor.out.len;
    net_timer_stop(f->timer);
    f->timer = NULL;
    if (f->left == 0 || n <= 0)
        net_loop_stop(f->pair->stage.loop);
    else
        f->timer = net_timer_start(f->pair->stage.loop, BASE_MSEC, pour, f);
}

/* A peer that talks and never reads can't fill our memory: reading pauses. */
static void talker_who_never_reads(void **state) {
    struct pair p;
    struct pouring f = {.pair = &p, .left = 15u << 20};
    (void)state;
    pair_open(&p);
    p.actor.echo = true;
    f.timer = net_timer_start(p.stage.loop, BASE_MSEC, pour, &f);
    stage_run(&p.stage);
    assert_true(f.left > 0); /* pushed back */
    assert_in_range(f.unread_most, 1, (256u << 10) + 4 * NET_CONN_READ);
    net_timer_stop(f.timer);
    pair_close(&p);
}

static void reads_are_bounded(void **state) {
    struct pair p;
    char *block = malloc(200000);
    (void)state;
    pair_open(&p);
    assert_non_null(block);
    memset(block, 'x', 200000);
    assert_int_equal(send(p.peer, block, 200000, MSG_NOSIGNAL), 200000);
    p.actor.done_after = 200000;
    stage_run(&p.stage);
    assert_int_equal(p.actor.seen.len, 200000);
    assert_int_equal(p.actor.largest, NET_CONN_READ);
    free(block);
    pair_close(&p);
}

static void two_hundred_at_once(void **state) {
    enum { MANY = 200 };
    struct actor *actors = calloc(MANY, sizeof *actors);
    int peers[MANY];
    struct net_address at;
    struct stage s;
    (void)state;
    assert_non_null(actors);
    stage_open(&s);
    int listening = peer_listen(MANY, &at);
    for (unsigned round = 0; round < 2; round++) { /* the second one meets reused descriptors */
        s.ended = s.expected = 0;
        for (size_t i = 0; i < MANY; i++) {
            actor_init(&actors[i]);
            actors[i].opening = "hello";
            actors[i].done_after = 6;
            stage_dial(&s, &at, &actors[i]);
        }
        for (size_t i = 0; i < MANY; i++) {
            char word[16];
            peers[i] = peer_accept(listening);
            snprintf(word, sizeof word, "no %03zu", i);
            peer_say(peers[i], word);
        }
        stage_run(&s);
        assert_int_equal(s.ended, MANY);
        for (size_t i = 0; i < MANY; i++) {
            char heard[8];
            assert_int_equal(actors[i].connected, 1);
            assert_int_equal(actors[i].seen.len, 6);
            assert_int_equal(peer_hear(peers[i], heard, sizeof heard), 5);
            close(peers[i]);
            actor_release(&actors[i]);
        }
    }
    close(listening);
    free(actors);
    stage_close(&s);
}

/* --- deadlines --- */

static void deadline_of_the_engine(void **state) {
    struct pair p;
    (void)state;
    pair_open(&p);
    p.actor.tick_in = 60 * BASE_MSEC;
    p.actor.done_when_ticked = true;
    stage_run(&p.stage);
    assert_int_equal(p.actor.ticks, 1);
    assert_int_equal(p.actor.closed, 0);
    assert_in_range(p.actor.ended_at - p.actor.connected_at, 60 * BASE_MSEC, 300 * BASE_SECOND);
    pair_close(&p);
}

static void bring_forward(struct actor *a) {
    if (a->receives == 0)
        a->deadline = base_clock_now() + 20 * BASE_MSEC;
}

/* First far away, then near: the timer that is armed already must not hide the nearer one. */
static void deadline_that_comes_nearer(void **state) {
    struct pair p;
    (void)state;
    pair_open(&p);
    p.actor.tick_in = 600 * BASE_SECOND;
    p.actor.done_when_ticked = true;
    struct dripping d = {.pair = &p, .text = "x"};
    d.timer = net_timer_start(p.stage.loop, 20 * BASE_MSEC, drip, &d);
    p.actor.on_event = bring_forward;
    stage_run(&p.stage);
    assert_int_equal(p.actor.receives, 1);
    assert_int_equal(p.actor.ticks, 1);
    net_timer_stop(d.timer);
    pair_close(&p);
}

static void push_away(struct actor *a) {
    if (a->receives < 5)
        a->deadline = base_clock_now() + 500 * BASE_MSEC;
}

/* Each byte moves the deadline away: not one tick before the last of them. */
static void deadline_that_moves_away(void **state) {
    struct pair p;
    struct dripping d = {.pair = &p, .text = "0123456789"};
    (void)state;
    pair_open(&p);
    p.actor.tick_in = 500 * BASE_MSEC;
    p.actor.on_event = push_away;
    p.actor.done_when_ticked = true;
    d.timer = net_timer_start(p.stage.loop, BASE_MSEC, drip, &d);
    stage_run(&p.stage);
    assert_int_equal(p.actor.ticks, 1);
    assert_in_range(p.actor.receives, 1, 10);
    net_timer_stop(d.timer);
    pair_close(&p);
}

static void past_for_ever(struct actor *a) {
    a->deadline = a->connected_at ? a->connected_at - 1 : BASE_NEVER;
    if (a->ticks == 3)
        a->done_when_ticked = true;
}

/* An engine whose deadline stays in the past is ticked again and again, at a pace that leaves the
 * loop time for others. */
static void deadline_in_the_past(void **state) {
    struct pair p;
    (void)state;
    pair_open(&p);
    p.actor.tick_in = 1;
    p.actor.on_event = past_for_ever;
    stage_run(&p.stage);
    assert_int_equal(p.actor.ticks, 4);
    assert_true(p.actor.ended_at - p.actor.connected_at >= 3 * BASE_MSEC);
    pair_close(&p);
}

/* --- the loop goes first --- */

static void stop_loop(struct actor *a) {
    net_loop_stop(a->arg);
}

static void loop_is_freed_with_dials_under_way(void **state) {
    enum { FILLERS = 4 };
    int fillers[FILLERS];
    struct net_address at, full;
    struct actor a, b;
    struct stage s;
    (void)state;
    int queue = fill_queue(fillers, FILLERS, &full);
    int listening = peer_listen(4, &at);
    stage_open(&s);
    actor_init(&a);
    actor_init(&b);
    a.arg = s.loop;
    a.on_event = stop_loop; /* once it is connected */
    stage_dial(&s, &at, &a);
    stage_dial(&s, &full, &b);
    stage_run(&s);
    assert_int_equal(a.connected, 1);
    assert_int_equal(b.connected + b.not_connected, 0);
    actor_release(&a); /* the loop frees what is left over */
    actor_release(&b); /* the engines are gone first: closing must not touch them */
    a.engine.ops = b.engine.ops = NULL;
    stage_close(&s);
    assert_int_equal(s.ended, 0);
    for (size_t i = 0; i < FILLERS; i++)
        close(fillers[i]);
    close(listening);
    close(queue);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refused_port),
        cmocka_unit_test(nobody_answers),
        cmocka_unit_test(source_address),
        cmocka_unit_test(unix_socket),
        cmocka_unit_test(closed_before_a_word),
        cmocka_unit_test(reset_before_a_word),
        cmocka_unit_test(last_words_then_close),
        cmocka_unit_test(reset_in_the_middle),
        cmocka_unit_test(half_close),
        cmocka_unit_test(done_at_once),
        cmocka_unit_test(close_without_reset),
        cmocka_unit_test(one_byte_at_a_time),
        cmocka_unit_test(five_megabytes_to_a_slow_reader),
        cmocka_unit_test(peer_leaves_while_we_write),
        cmocka_unit_test(talker_who_never_reads),
        cmocka_unit_test(reads_are_bounded),
        cmocka_unit_test(two_hundred_at_once),
        cmocka_unit_test(deadline_of_the_engine),
        cmocka_unit_test(deadline_that_comes_nearer),
        cmocka_unit_test(deadline_that_moves_away),
        cmocka_unit_test(deadline_in_the_past),
        cmocka_unit_test(loop_is_freed_with_dials_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
