/* SPDX-License-Identifier: Apache-2.0 */
/* measure - runs a program once and writes what it took: wall time and CPU time in microseconds,
 * peak memory in KiB, exit status.
 *
 * Usage: measure ROOT INPUT PROGRAM [ARGUMENT...]
 *
 * ROOT becomes the root folder first ("/" for none), INPUT is the program's standard input; what it
 * writes goes to /dev/null. This is a tiny program of its own because the kernel counts the memory
 * of whoever starts a program into that program's peak: started from here, the floor is about 1
 * MiB. A program that takes longer than a minute is ended. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LONGEST_SECONDS = 60, USAGE = 64 };

static volatile sig_atomic_t child;

static void end_child(int number) {
    (void)number;
    if (child > 0)
        kill((pid_t)child, SIGKILL);
}

static long long now_us(void) {
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static long long time_us(struct timeval t) {
    return t.tv_sec * 1000000LL + t.tv_usec;
}

static void fail(const char *what, int problem) {
    fprintf(stderr, "measure: %s: %s\n", what, strerror(problem));
    exit(EXIT_FAILURE);
}

static pid_t start(const char *input, char **argv) {
    posix_spawn_file_actions_t actions;
    pid_t pid = 0;
    int problem;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input, O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    problem = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
    if (problem != 0)
        fail(argv[0], problem);
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

int main(int argc, char **argv) {
    struct rusage used;
    long long begun;
    int status = 0;

    if (argc < 4)
        return USAGE;
    if (strcmp(argv[1], "/") != 0 && (chroot(argv[1]) != 0 || chdir("/") != 0))
        fail(argv[1], errno);
    signal(SIGALRM, end_child);
    alarm(LONGEST_SECONDS);
    begun = now_us();
    child = start(argv[2], argv + 3);
    while (wait4((pid_t)child, &status, 0, &used) < 0)
        if (errno != EINTR)
            fail("wait4", errno);
    printf("%lld %lld %ld %d\n", now_us() - begun, time_us(used.ru_utime) + time_us(used.ru_stime),
           used.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return 0;
}
