/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include "net/play.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* The other end plays in a child process; it ends by itself or with alarm(2). */
static pid_t play_peer(int ours, int fd, void (*part)(int fd)) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(300);
        close(ours);
        part(fd);
        _exit(0);
    }
    close(fd);
    return pid;
}

static void peer_ended_well(pid_t pid) {
    int status = -1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void play_to_the_end(struct net_play *p) {
    while (net_play_step(p, -1, BASE_NEVER) != NET_PLAY_OVER)
        ;
    net_play_free(p);
}

static enum ws_err play_over(int fd, struct actor *a) {
    struct base_error e = {0};
    struct net_play *p;
    enum ws_err err = net_play_open(fd, &a->engine, &p, &e);
    if (err == WS_OK)
        play_to_the_end(p);
    return err;
}

static enum ws_err play_to(const struct net_address *remote, const struct net_address *source,
                           base_usec connect_timeout, struct actor *a) {
    struct base_error e = {0};
    struct net_play *p;
    enum ws_err err = net_play_connect(remote, source, connect_timeout, &a->engine, &p, &e);
    if (err == WS_OK)
        play_to_the_end(p);
    return err;
}

static void with_peer(struct actor *a, void (*part)(int fd)) {
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    pid_t pid = play_peer(ends[0], ends[1], part);
    assert_int_equal(play_over(ends[0], a), WS_OK);
    peer_ended_well(pid);
}

static void byte_by_byte(int fd) {
    for (const char *c = "220 slow\r\n"; *c; c++) {
        if (send(fd, c, 1, MSG_NOSIGNAL) != 1)
            _exit(1);
        usleep(1000);
    }
    char heard[64];
    if (peer_hear(fd, heard, sizeof heard) != 10 || memcmp(heard, "220 slow\r\n", 10) != 0)
        _exit(2);
}

static void one_byte_at_a_time(void **state) {
    struct actor a;
    (void)state;
    actor_init(&a);
    a.echo = true;
    a.done_after = 10;
    with_peer(&a, byte_by_byte);
    assert_string_equal(base_buf_cstr(&a.seen), "220 slow\r\n");
    assert_int_equal(a.closed, 0);
    actor_release(&a);
}

#define BIG ((size_t)5 << 20)

static void reads_slowly(int fd) {
    static char block[100000];
    size_t len = 0;
    ssize_t n;
    usleep(30000);
    while ((n = recv(fd, block, sizeof block, 0)) > 0) {
        len += (size_t)n;
        usleep(500);
    }
    if (len != BIG)
        _exit(1);
}

static void five_megabytes_to_a_slow_reader(void **state) {
    struct actor a;
    (void)state;
    actor_init(&a);
    a.opening = "0123456789abcdef";
    a.opening_repeats = BIG / 16;
    a.done_when_connected = true;
    with_peer(&a, reads_slowly);
    assert_int_equal(a.out.len, 0);
    actor_release(&a);
}

static void leaves_at_once(int fd) {
    usleep(10000);
    close(fd);
}

static void peer_leaves_while_we_write(void **state) {
    struct actor a;
    (void)state;
    actor_init(&a);
    a.opening = "0123456789abcdef";
    a.opening_repeats = BIG / 16;
    with_peer(&a, leaves_at_once);
    assert_int_equal(a.closed, 1);
    actor_release(&a);
}

static void says_and_leaves(int fd) {
    peer_say(fd, "421 too busy\r\n");
}

static void last_words_then_close(void **state) {
    struct actor a;
    (void)state;
    actor_init(&a);
    with_peer(&a, says_and_leaves);
    assert_string_equal(base_buf_cstr(&a.seen), "421 too busy\r\n");
    assert_int_equal(a.closed, 1);
    assert_false(a.reset);
    actor_release(&a);
}

/* A peer that no longer reads but has words left: they are heard although our writing fails. */
static void deaf_peer_with_words(void **state) {
    struct actor a;
    int ends[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    peer_say(ends[1], "554 go away\r\n");
    shutdown(ends[1], SHUT_RD);
    actor_init(&a);
    a.opening = "EHLO nobody\r\n";
    assert_int_equal(play_over(ends[0], &a), WS_OK);
    assert_string_equal(base_buf_cstr(&a.seen), "554 go away\r\n");
    assert_int_equal(a.closed, 1);
    close(ends[1]);
    actor_release(&a);
}

static void silent(int fd) {
    char heard[8];
    (void)peer_hear(fd, heard, sizeof heard);
}

static void deadline_of_the_engine(void **state) {
    struct actor a;
    (void)state;
    actor_init(&a);
    a.tick_in = 30 * BASE_MSEC;
    a.done_when_ticked = true;
    with_peer(&a, silent);
    assert_int_equal(a.ticks, 1);
    assert_int_equal(a.closed, 0);
    assert_in_range(a.ended_at - a.connected_at, 30 * BASE_MSEC, 300 * BASE_SECOND);
    actor_release(&a);
}

static void past_for_ever(struct actor *a) {
    a->deadline = a->connected_at ? a->connected_at - 1 : BASE_NEVER;
    if (a->ticks == 3)
        a->done_when_ticked = true;
}

static void deadline_in_the_past(void **state) {
    struct actor a;
    (void)state;
    actor_init(&a);
    a.tick_in = 1;
    a.on_event = past_for_ever;
    with_peer(&a, silent);
    assert_int_equal(a.ticks, 4);
    actor_release(&a);
}

static void over_tcp(void **state) {
    struct net_address at;
    struct actor a;
    (void)state;
    int listening = peer_listen(1, &at);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(300);
        byte_by_byte(peer_accept(listening));
        _exit(0);
    }
    actor_init(&a);
    a.echo = true;
    a.done_after = 10;
    assert_int_equal(play_to(&at, NULL, 300 * BASE_SECOND, &a), WS_OK);
    assert_int_equal(a.connected, 1);
    assert_string_equal(base_buf_cstr(&a.seen), "220 slow\r\n");
    peer_ended_well(pid);
    close(listening);
    actor_release(&a);
}

static void not_connected(void **state) {
    struct net_address at, wrong;
    struct actor a, b;
    (void)state;
    close(peer_listen(1, &at));
    actor_init(&a);
    assert_int_equal(play_to(&at, NULL, 300 * BASE_SECOND, &a), WS_OK);
    assert_int_equal(a.state, FACTS_CONNECT_REFUSED);
    assert_string_equal(a.error, "Connection refused");
    actor_init(&b);
    assert_int_equal(net_address_parse("192.0.2.77", 0, &wrong), WS_OK);
    assert_int_equal(play_to(&at, &wrong, BASE_SECOND, &b), WS_OK);
    assert_int_equal(b.state, FACTS_CONNECT_ERROR);
    actor_release(&a);
    actor_release(&b);
}

static void nobody_answers(void **state) {
    enum { FILLERS = 4 };
    int fillers[FILLERS];
    struct net_address at;
    struct actor a;
    (void)state;
    int listening = peer_listen(0, &at);
    for (size_t i = 0; i < FILLERS; i++) {
        fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(fillers[i], (struct sockaddr *)&at.storage, at.len);
    }
    usleep(20000);
    actor_init(&a);
    assert_int_equal(play_to(&at, NULL, 100 * BASE_MSEC, &a), WS_OK);
    assert_int_equal(a.state, FACTS_CONNECT_TIMEOUT);
    assert_true(a.ms >= 100);
    for (size_t i = 0; i < FILLERS; i++)
        close(fillers[i]);
    close(listening);
    actor_release(&a);
}

static void descriptor_that_is_no_socket(void **state) {
    struct actor a;
    int ends[2];
    (void)state;
    actor_init(&a);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(play_over(ends[0], &a), WS_USAGE);
    assert_int_equal(close(ends[0]), -1); /* closed for us */
    close(ends[1]);
    assert_int_equal(a.connected, 0);
    actor_release(&a);
}

static void says_one_word(int fd) {
    peer_say(fd, "220 x\r\n");
    char heard[8];
    (void)peer_hear(fd, heard, sizeof heard);
}

/* Takes long over what it was told, and wants to know the time after that. */
static void dawdle(struct actor *a) {
    if (a->connected == 0 || a->receives > 0)
        return;
    usleep(50000);
    *(base_usec *)a->arg = base_clock_now();
    a->deadline = 0;
}

static void the_time_after_long_work(void **state) {
    struct actor a;
    base_usec worked_until = 0;
    (void)state;
    actor_init(&a);
    a.on_event = dawdle;
    a.arg = &worked_until;
    a.done_when_ticked = true;
    with_peer(&a, says_one_word);
    assert_int_equal(a.ticks, 1);
    assert_true(worked_until > 0 && a.ended_at >= worked_until);
    actor_release(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_byte_at_a_time),
        cmocka_unit_test(five_megabytes_to_a_slow_reader),
        cmocka_unit_test(peer_leaves_while_we_write),
        cmocka_unit_test(last_words_then_close),
        cmocka_unit_test(deaf_peer_with_words),
        cmocka_unit_test(deadline_of_the_engine),
        cmocka_unit_test(deadline_in_the_past),
        cmocka_unit_test(the_time_after_long_work),
        cmocka_unit_test(over_tcp),
        cmocka_unit_test(not_connected),
        cmocka_unit_test(nobody_answers),
        cmocka_unit_test(descriptor_that_is_no_socket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
