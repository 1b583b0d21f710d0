/* SPDX-License-Identifier: Apache-2.0 */
/* crowd - a hundred thousand small mail servers in one cheap process.
 *
 * Usage: crowd
 *
 * Listens on all loopback addresses, writes "PORT SILENT" and then plays a mail server without
 * STARTTLS to whoever connects to PORT, at any address 127.x.y.z; whoever connects to SILENT is
 * never answered. One line in, one reply out; it closes behind the answer to QUIT. Ends with its
 * parent. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 256, BACKLOG = 4096 };

static int open_port(unsigned *port) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_ANY)};
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, BACKLOG) != 0 ||
        getsockname(fd, (struct sockaddr *)&a, &len) != 0) {
        fprintf(stderr, "crowd: %s\n", strerror(errno));
        exit(EXIT_FAILURE);
    }
    *port = ntohs(a.sin_port);
    return fd;
}

static void say(int fd, const char *words) {
    (void)!send(fd, words, strlen(words), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void welcome(int poll, int listener) {
    int fd;

    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct epoll_event e = {.events = EPOLLIN, .data.fd = fd};

        if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &e) != 0)
            close(fd);
        else
            say(fd, "220 crowd ESMTP\r\n");
    }
}

static void answer(int fd) {
    char line[512];
    ssize_t n = recv(fd, line, sizeof line, 0);

    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0) {
        close(fd);
    } else if (strncmp(line, "QUIT", 4) == 0) {
        say(fd, "221 bye\r\n");
        close(fd);
    } else {
        say(fd, "250-crowd\r\n250 SIZE\r\n");
    }
}

int main(void) {
    struct epoll_event events[EVENTS], e = {.events = EPOLLIN};
    unsigned port, silent;
    int poll = epoll_create1(EPOLL_CLOEXEC), listener;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    listener = open_port(&port);
    (void)open_port(&silent); /* the kernel accepts, nobody speaks */
    e.data.fd = listener;
    if (poll < 0 || epoll_ctl(poll, EPOLL_CTL_ADD, listener, &e) != 0)
        return EXIT_FAILURE;
    printf("%u %u\n", port, silent);
    fflush(stdout);
    for (;;) {
        int n = epoll_wait(poll, events, EVENTS, -1);

        for (int i = 0; i < n; i++) {
            if (events[i].data.fd == listener)
                welcome(poll, listener);
            else
                answer(events[i].data.fd);
        }
    }
}
