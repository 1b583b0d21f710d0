/* SPDX-License-Identifier: Apache-2.0 */
/* pipe - a child process in place of a server
 *
 * The child gets two pipes as standard input and output and dies alone: it is not waited for, as a
 * server that lingers would not be either. A relay joins the pipes to the one descriptor that the
 * driver plays. What exec says is brought back over a pipe that closes itself when exec succeeds.
 */
#include "send/pipe.h"

#include "base/arena.h"
#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 256u
#define BLOCK ((size_t)64 << 10)
#define COMMAND_MAX ((size_t)1 << 20)

/* Words that a shell must see: metacharacters, an assignment in front. */
static bool needs_shell(const char *command) {
    const char *word_end = command + strcspn(command, " \t\n");
    const char *equals = strchr(command, '=');
    return strpbrk(command, "$&*(){}[]'\";\\|?<>~`\n") || (equals && equals < word_end);
}

/* Splits at white space; the words are the arena's. */
static size_t split(const char *command, struct base_arena *arena, char *words[WORDS_MAX]) {
    size_t n = 0;
    const char *at = command + strspn(command, " \t");
    while (*at && n + 1 < WORDS_MAX) {
        size_t len = strcspn(at, " \t");
        /* execvp takes char *const []; it does not write to them */
        const char *word = base_arena_str_bytes(arena, base_bytes_view(at, len));
        (void)base_bytes_copy(&words[n++], sizeof words[0], base_bytes_view(&word, sizeof word));
        at += len + strspn(at + len, " \t");
    }
    words[n] = NULL;
    return n;
}

static void close_end(int *fd) {
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

/* --- the relay --- */

/* The driver plays a connection over one descriptor; a child expects pipes: it may close its output
 * and live on, or open /dev/stdin, which a socket does not allow. So a process of its own stands
 * between them. The end of either direction is passed on; the relay ends with both. Nothing in it
 * blocks, since a child may write before it reads. Memory: one block for each direction. */
struct way {
    int from, to; /* -1: closed */
    struct base_buf bytes;
};

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

/* Carries bytes from the socket to the child's input and from its output to the socket until both
 * directions have ended; closes all three. */
static void relay(int sock, int child_in, int child_out) {
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

/* --- start --- */

/* All descriptors that starting takes; -1: none. */
struct ends {
    int sock[2];   /* ours, the relay's */
    int in[2];     /* the child reads [0] */
    int out[2];    /* the child writes [1] */
    int report[2]; /* the child says why it could not begin */
};

static void close_all(struct ends *e) {
    for (size_t i = 0; i < 2; i++) {
        close_end(&e->sock[i]);
        close_end(&e->in[i]);
        close_end(&e->out[i]);
        close_end(&e->report[i]);
    }
}

static void become(const struct ends *ends, char *const words[]) {
    (void)signal(SIGPIPE, SIG_DFL);
    if (dup2(ends->in[0], 0) >= 0 && dup2(ends->out[1], 1) >= 0)
        (void)execvp(words[0], words);
    int error = errno;
    if (write(ends->report[1], &error, sizeof error) < 0)
        _exit(126);
    _exit(127);
}

static int read_report(int report) {
    int error = 0;
    ssize_t n;
    do
        n = read(report, &error, sizeof error);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof error ? error : 0;
}

/* The relay leaves our standard output and input alone, so that nobody waits for their end. */
static int start_relay(struct ends *ends) {
    pid_t process = fork();
    if (process != 0)
        return process < 0 ? errno : 0;
    (void)close(0);
    (void)close(1);
    (void)close(2);
    close_end(&ends->sock[0]);
    close_end(&ends->in[0]);
    close_end(&ends->out[1]);
    relay(ends->sock[1], ends->in[1], ends->out[0]);
    _exit(0);
}

/* The errno, 0 when it runs. */
static int start_child(struct ends *ends, char *const words[], pid_t *child) {
    *child = fork();
    if (*child < 0)
        return errno;
    if (*child == 0)
        become(ends, words);
    close_end(&ends->report[1]);
    int error = read_report(ends->report[0]);
    if (error != 0)
        (void)waitpid(*child, NULL, 0);
    return error;
}

static enum ws_err start(char *const words[], int *fd, pid_t *child, struct base_error *e) {
    struct ends ends = {{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}};
    int error = 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.sock) != 0 ||
        pipe2(ends.in, O_CLOEXEC) != 0 || pipe2(ends.out, O_CLOEXEC) != 0 ||
        pipe2(ends.report, O_CLOEXEC) != 0)
        error = errno;
    if (error == 0)
        error = start_child(&ends, words, child);
    if (error == 0)
        error = start_relay(&ends);
    if (error == 0) {
        *fd = ends.sock[0];
        ends.sock[0] = -1;
    }
    close_all(&ends);
    return error == 0 ? WS_OK : base_error_set(e, WS_SYSTEM, "%s", strerror(error));
}

enum ws_err send_pipe_start(const char *command, int *fd, pid_t *child, struct base_error *e) {
    struct base_arena arena;
    char *words[WORDS_MAX];
    base_arena_init(&arena, 2 * COMMAND_MAX);
    char sh[] = "/bin/sh", dash_c[] = "-c";
    size_t n = split(command, &arena, words);
    const char *whole = base_arena_str(&arena, command);
    char *shell[] = {sh, dash_c, NULL, NULL};
    (void)base_bytes_copy(&shell[2], sizeof shell[2], base_bytes_view(&whole, sizeof whole));
    enum ws_err err = n == 0 ? base_error_set(e, WS_SYSTEM, "%s", strerror(ENOENT))
                             : start(needs_shell(command) ? shell : words, fd, child, e);
    base_arena_release(&arena);
    return err;
}
