/* SPDX-License-Identifier: Apache-2.0 */
/* delay - a network that is half a round trip away in each direction.
 *
 * Usage: delay DEVICE MILLISECONDS
 *
 * Makes the TUN device DEVICE in the network namespace it is started in, writes "ready" and then
 * sends each IPv4 packet back MILLISECONDS after it came, with source and destination exchanged
 * (the checksums do not change by that). Give the device the address A with a peer B: who connects
 * to B reaches the listeners on A, from B, and every packet of the conversation is late, those of
 * TCP's own handshake too. Ends with the program that reads its output, or at a signal. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

enum { SLOTS = 4096, PACKET_MAX = 2048, IPV4_HEADER = 20, IPV4_SOURCE = 12, IPV4_LEN = 4 };

struct packet {
    int64_t due; /* microseconds */
    ssize_t len;
    uint8_t data[PACKET_MAX];
};

static struct packet queue[SLOTS];
static unsigned first, after_last;

static int64_t now_us(void) {
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int open_device(const char *name) {
    struct ifreq request;
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        return -1;
    memset(&request, 0, sizeof request);
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    return ioctl(fd, TUNSETIFF, &request) == 0 ? fd : -1;
}

static void exchange_addresses(uint8_t *packet) {
    uint8_t source[IPV4_LEN];

    memcpy(source, packet + IPV4_SOURCE, IPV4_LEN);
    memcpy(packet + IPV4_SOURCE, packet + IPV4_SOURCE + IPV4_LEN, IPV4_LEN);
    memcpy(packet + IPV4_SOURCE + IPV4_LEN, source, IPV4_LEN);
}

static void take(int fd, int64_t delay) {
    while (after_last - first < SLOTS) {
        struct packet *p = &queue[after_last % SLOTS];

        p->len = read(fd, p->data, sizeof p->data);
        if (p->len <= 0)
            return;
        if (p->len < IPV4_HEADER || p->data[0] >> 4 != 4)
            continue;
        exchange_addresses(p->data);
        p->due = now_us() + delay;
        after_last++;
    }
}

/* Sends what is due; returns how many microseconds the next packet has still to wait, -1 for none.
 * A packet that the kernel does not take is lost, as on a real network. */
static int64_t send_due(int fd) {
    while (first != after_last) {
        struct packet *p = &queue[first % SLOTS];
        int64_t left = p->due - now_us();

        if (left > 0)
            return left;
        if (write(fd, p->data, (size_t)p->len) < 0 && errno == EBADF)
            exit(EXIT_FAILURE);
        first++;
    }
    return -1;
}

int main(int argc, char **argv) {
    int64_t delay;
    int fd;

    if (argc != 3)
        return 64;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    delay = (int64_t)(strtod(argv[2], NULL) * 1000);
    fd = open_device(argv[1]);
    if (fd < 0) {
        fprintf(stderr, "delay: %s: %s\n", argv[1], strerror(errno));
        return EXIT_FAILURE;
    }
    puts("ready");
    fflush(stdout);
    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int64_t left = send_due(fd);
        struct timespec wait = {.tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000};

        if (ppoll(&p, 1, left < 0 ? NULL : &wait, NULL) > 0)
            take(fd, delay);
    }
}
