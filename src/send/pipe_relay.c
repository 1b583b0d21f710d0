/* SPDX-License-Identifier: Apache-2.0 */
/* pipe_relay - carries bytes between one socket and the two pipes of a child process
 *
 * The driver plays a connection over one descriptor; a child expects pipes: it may close its output
 * and live on, or open /dev/stdin, which a socket does not allow. So a process of its own stands
 * between them. The end of either direction is passed on; the relay ends with both. Nothing in it
 * blocks, since a child may write before it reads. Memory: one block for each direction. */
#include "send/pipe_relay.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define BLOCK ((size_t)64 << 10)

struct way {
    int from, to; /* -1: closed */
    struct base_buf bytes;
};

static void close_end(int *fd) {
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

/* The reader learns of it; of a socket the other direction goes on. */
static void close_target(struct way *w) {
    if (w->to >= 0)
        (void)shutdown(w->to, SHUT_WR);
    close_end(&w->to);
    base_buf_clear(&w->bytes);
}

static bool would_block(void) {
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* What comes for a reader that has gone is thrown away. */
static void fill(struct way *w) {
    uint8_t block[16384];
    ssize_t n = read(w->from, block, sizeof block);
    if (n > 0 && w->to >= 0)
        base_buf_append_bytes(&w->bytes, base_bytes_view(block, (size_t)n));
    else if (n == 0 || (n < 0 && !would_block()))
        close_end(&w->from);
}

static void drain(struct way *w) {
    ssize_t n = write(w->to, w->bytes.data, w->bytes.len);
    if (n > 0)
        base_buf_consume(&w->bytes, (size_t)n);
    else if (!would_block())
        close_target(w);
}

static void prepare(struct way *w, struct pollfd p[2]) {
    if (w->from < 0 && w->bytes.len == 0)
        close_target(w);
    p[0] = (struct pollfd){.fd = w->bytes.len < BLOCK ? w->from : -1, .events = POLLIN};
    p[1] = (struct pollfd){.fd = w->to, .events = w->bytes.len > 0 ? POLLOUT : 0};
}

static void follow(struct way *w, const struct pollfd p[2]) {
    if (p[0].revents)
        fill(w);
    if (p[1].revents & POLLOUT && w->bytes.len > 0)
        drain(w);
    else if (p[1].revents & (POLLERR | POLLHUP | POLLNVAL))
        close_target(w);
}

/* Waits for either way; false: both are over. */
static bool turn(struct way ways[2]) {
    struct pollfd p[4];
    prepare(&ways[0], p);
    prepare(&ways[1], p + 2);
    if (ways[0].to < 0 && ways[1].to < 0)
        return false;
    if (poll(p, 4, -1) < 0)
        return errno == EINTR;
    follow(&ways[0], p);
    follow(&ways[1], p + 2);
    return true;
}

void send_pipe_relay(int sock, int child_in, int child_out) {
    struct way ways[2] = {{.from = sock, .to = child_in}, {.from = child_out, .to = dup(sock)}};
    (void)signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < 2; i++) {
        base_buf_init(&ways[i].bytes, 2 * BLOCK);
        (void)fcntl(ways[i].from, F_SETFL, O_NONBLOCK);
        (void)fcntl(ways[i].to, F_SETFL, O_NONBLOCK);
    }
    while (turn(ways))
        ;
    for (size_t i = 0; i < 2; i++) {
        close_end(&ways[i].from);
        base_buf_release(&ways[i].bytes);
    }
}
