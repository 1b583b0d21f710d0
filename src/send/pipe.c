/* SPDX-License-Identifier: Apache-2.0 */
/* pipe - a child process in place of a server
 *
 * The child gets one end of a socket pair as standard input and output and dies alone: it is not
 * waited for, as a server that lingers would not be either. What exec says is brought back over a
 * pipe that closes itself when exec succeeds. */
#include "send/pipe.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 256u
#define COMMAND_MAX ((size_t)1 << 20)

/* Words that a shell must see: metacharacters, an assignment in front. */
static bool needs_shell(const char *command) {
    const char *word_end = command + strcspn(command, " \t\n");
    const char *equals = strchr(command, '=');
    return strpbrk(command, "$&*(){}[]'\";\\|?<>~`\n") != NULL || (equals && equals < word_end);
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

static void become(int fd, int report, char *const words[]) {
    (void)signal(SIGPIPE, SIG_DFL);
    if (dup2(fd, 0) >= 0 && dup2(fd, 1) >= 0)
        (void)execvp(words[0], words);
    int error = errno;
    if (write(report, &error, sizeof error) < 0)
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

static enum ws_err start(char *const words[], int *fd, pid_t *child, struct base_error *e) {
    int pair[2], report[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return base_error_set(e, WS_SYSTEM, "socketpair: %s", strerror(errno));
    if (pipe2(report, O_CLOEXEC) != 0) {
        int error = errno;
        (void)close(pair[0]);
        (void)close(pair[1]);
        return base_error_set(e, WS_SYSTEM, "pipe: %s", strerror(error));
    }
    *child = fork();
    int error = *child < 0 ? errno : 0;
    if (*child == 0)
        become(pair[1], report[1], words);
    (void)close(pair[1]);
    (void)close(report[1]);
    if (*child > 0)
        error = read_report(report[0]);
    (void)close(report[0]);
    *fd = pair[0];
    if (error == 0)
        return WS_OK;
    (void)close(pair[0]);
    if (*child > 0)
        (void)waitpid(*child, NULL, 0);
    return base_error_set(e, WS_SYSTEM, "%s", strerror(error));
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
