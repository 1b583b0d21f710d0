/* SPDX-License-Identifier: Apache-2.0 */
/* net_connect - a non-blocking connect, step by step.
 *
 * What the network or the other machine answers is told apart: refused (RST, or ICMP port
 * unreachable), unreachable, timeout, reset. What this machine itself refuses (no socket, a source
 * address that is not ours, a local packet filter) is an ERROR, since it says nothing about the
 * other side. The words are the system's.
 *
 * TCP_NODELAY is set at once: a dialogue waits for each answer, so there is nothing to gather. */
#include "net/connect.h"

#include "base/bytes.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum facts_connect_state net_connect_state_of(int error, const struct net_address *remote) {
    switch (error) {
    case ECONNREFUSED:
    case EAGAIN: /* unix sockets: the queue of the listener is full */
        return FACTS_CONNECT_REFUSED;
    case ETIMEDOUT:
        return FACTS_CONNECT_TIMEOUT;
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
        return FACTS_CONNECT_RESET;
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
    case EAFNOSUPPORT: /* a kernel without IPv6 */
        return FACTS_CONNECT_UNREACHABLE;
    case EADDRNOTAVAIL:
        /* IPv6: no address of ours can reach it. IPv4: all local ports are in use. */
        return net_address_is_ipv6(remote) ? FACTS_CONNECT_UNREACHABLE : FACTS_CONNECT_ERROR;
    default:
        return FACTS_CONNECT_ERROR;
    }
}

static void fail(struct net_connect *c, enum facts_connect_state state, const char *prefix,
                 int error) {
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
    c->state = state;
    snprintf(c->error, sizeof c->error, "%s%s", prefix, strerror(error));
}

static bool bind_source(struct net_connect *c, const struct net_address *source) {
    int on = 1;
    if (!source)
        return true;
    /* The port is chosen at connect time, when the pair of addresses is known: more of them fit. */
    (void)setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(c->fd, (const struct sockaddr *)&source->storage, source->len) == 0)
        return true;
    fail(c, FACTS_CONNECT_ERROR, "source address: ", errno);
    return false;
}

void net_connect_begin(struct net_connect *c, const struct net_address *remote,
                       const struct net_address *source) {
    int family = remote->storage.ss_family;
    int on = 1;
    *c = (struct net_connect){.state = FACTS_CONNECT_NOT_TRIED};
    c->fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) {
        fail(c, errno == EAFNOSUPPORT ? FACTS_CONNECT_UNREACHABLE : FACTS_CONNECT_ERROR, "", errno);
        return;
    }
    if (source && source->storage.ss_family != family) {
        fail(c, FACTS_CONNECT_ERROR, "source address: ", EAFNOSUPPORT);
        return;
    }
    if (!bind_source(c, source))
        return;
    if (family != AF_UNIX)
        (void)setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(c->fd, (const struct sockaddr *)&remote->storage, remote->len) == 0)
        c->state = FACTS_CONNECT_OK;
    else if (errno != EINPROGRESS && errno != EINTR)
        fail(c, net_connect_state_of(errno, remote), "", errno);
}

void net_connect_finish(struct net_connect *c, const struct net_address *remote) {
    int error = 0;
    socklen_t len = sizeof error;
    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
        error = errno;
    if (error == 0)
        c->state = FACTS_CONNECT_OK;
    else
        fail(c, net_connect_state_of(error, remote), "", error);
}

void net_connect_give_up(struct net_connect *c) {
    fail(c, FACTS_CONNECT_TIMEOUT, "", ETIMEDOUT);
}
