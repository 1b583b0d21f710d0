/* SPDX-License-Identifier: Apache-2.0 */
/* net_conn - the one place that plays an engine over a socket.
 *
 * Received bytes go to the engine, its output goes out at once (only when the kernel takes no more
 * is writability waited for), then the engine is asked whether it is done. net/loop and net/play
 * only wait and wake.
 *
 * Reading: 16 KiB at a time and a bounded number of times per wake-up, so that one busy peer
 * starves nobody; not at all while more than 256 KiB of output waits (a peer that asks and never
 * reads). Writing to a peer that has gone raises no SIGPIPE; what it said before it went is still
 * read. Closing: the last output goes out within 10 s; bytes that came and were never read are read
 * and dropped, since closing over them would send a reset that can eat our own last words (RFC 1122
 * section 4.2.2.13). `linger` waits for the peer to close first. */
#include "net/conn.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#define READS_PER_WAKE 4u
#define READS_AT_END 64u
#define WRITES_PER_WAKE 32u
#define OUTPUT_HIGH ((size_t)256 << 10)
#define FLUSH_TIME (10 * BASE_SECOND)

enum read_result { READ_SOME, READ_FULL, READ_NOTHING, READ_END, READ_RESET };

void net_conn_init(struct net_conn *c, int fd, struct net_engine *engine, uint8_t *scratch,
                   base_usec linger) {
    *c = (struct net_conn){.engine = engine,
                           .scratch = scratch,
                           .linger = linger,
                           .close_by = BASE_NEVER,
                           .fd = fd,
                           .phase = NET_CONN_OPEN};
}

/* --- the socket --- */

static enum read_result read_once(struct net_conn *c, struct base_bytes *in) {
    ssize_t n;
    do
        n = recv(c->fd, c->scratch, NET_CONN_READ, MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    *in = base_bytes_view(c->scratch, n > 0 ? (size_t)n : 0);
    if (n > 0) {
        c->unacknowledged = true;
        return (size_t)n == NET_CONN_READ ? READ_FULL : READ_SOME;
    }
    if (n == 0)
        return READ_END;
    return errno == EAGAIN || errno == EWOULDBLOCK ? READ_NOTHING : READ_RESET;
}

/* Sends what the kernel takes. A short count means that it is full: asking again would only cost a
 * system call. */
static void send_some(struct net_conn *c, struct base_buf *out) {
    struct base_bytes v = base_buf_view(out);
    ssize_t n = send(c->fd, v.data, v.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0) {
        base_buf_consume(out, (size_t)n);
        c->unacknowledged = false; /* what is sent carries the acknowledgement */
        c->wants_write = (size_t)n < v.len;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
        c->wants_write = true;
    } else if (errno != EINTR) {
        c->broken = true;
        c->reset = errno != EPIPE;
    }
}

/* An engine may have more to say whenever its output is empty: it is asked again, but not for ever.
 */
static void flush_output(struct net_conn *c) {
    c->wants_write = false;
    for (unsigned i = 0; !c->broken && !c->wants_write; i++) {
        struct base_buf *out = c->engine->ops->output(c->engine);
        if (out->len == 0)
            return;
        if (i == WRITES_PER_WAKE)
            c->wants_write = true;
        else
            send_some(c, out);
    }
}

/* --- the end --- */

static void drop_unread(struct net_conn *c) {
    struct base_bytes in;
    for (unsigned i = 0; i < READS_AT_END && !c->peer_closed; i++) {
        enum read_result r = read_once(c, &in);
        if (r == READ_END || r == READ_RESET)
            c->peer_closed = true;
        else if (r != READ_FULL)
            return;
    }
}

static void be_over(struct net_conn *c) {
    c->phase = NET_CONN_OVER;
    c->wants_write = false;
    c->close_by = BASE_NEVER;
}

/* All that was to be sent is sent, or can't be. */
static void end_flush(struct net_conn *c, base_usec now) {
    drop_unread(c);
    if (c->linger == 0 || c->peer_closed || c->broken || shutdown(c->fd, SHUT_WR) != 0) {
        be_over(c);
        return;
    }
    c->phase = NET_CONN_LINGER;
    c->close_by = now + c->linger;
}

static void begin_flush(struct net_conn *c, base_usec now) {
    if (c->phase != NET_CONN_OPEN)
        return;
    c->phase = NET_CONN_FLUSH;
    c->close_by = now + FLUSH_TIME;
}

/* Tells the engine that the peer is gone. That is the last event: done or not, this is the end. */
static void tell_closed(struct net_conn *c, bool reset, base_usec now) {
    c->peer_closed = true;
    c->broken = c->broken || reset;
    c->engine->ops->closed(c->engine, reset, now);
    begin_flush(c, now);
}

/* Writing failed. What the peer said before it left ("421 too busy") is heard all the same. */
static void hear_last_words(struct net_conn *c, base_usec now) {
    struct base_bytes in;
    for (unsigned i = 0; i < READS_AT_END && c->phase == NET_CONN_OPEN; i++) {
        enum read_result r = read_once(c, &in);
        if (r != READ_SOME && r != READ_FULL) {
            tell_closed(c, c->reset || r == READ_RESET, now);
            return;
        }
        c->engine->ops->received(c->engine, in, now);
        if (c->engine->ops->done(c->engine))
            begin_flush(c, now);
    }
    if (c->phase == NET_CONN_OPEN)
        tell_closed(c, c->reset, now);
}

/* --- playing --- */

/* Brings the connection as far as it goes: called after each call of the engine. */
static void settle(struct net_conn *c, base_usec now) {
    struct base_buf *out = c->engine->ops->output(c->engine);
    if (!c->wants_write)
        flush_output(c);
    if (c->phase == NET_CONN_OPEN && c->broken)
        hear_last_words(c, now);
    if (c->phase == NET_CONN_OPEN && out->failed)
        tell_closed(c, true, now); /* the engine said more than its buffer may hold */
    if (c->phase == NET_CONN_OPEN && c->engine->ops->done(c->engine))
        begin_flush(c, now);
    if (c->phase == NET_CONN_FLUSH && (c->broken || out->len == 0))
        end_flush(c, now);
}

static void receive(struct net_conn *c, base_usec now) {
    struct base_bytes in;
    for (unsigned i = 0; i < READS_PER_WAKE && c->phase == NET_CONN_OPEN; i++) {
        if (!net_conn_wants_read(c))
            return;
        enum read_result r = read_once(c, &in);
        if (r == READ_NOTHING)
            return;
        if (r == READ_END || r == READ_RESET) {
            tell_closed(c, r == READ_RESET, now);
            settle(c, now);
            return;
        }
        c->engine->ops->received(c->engine, in, now);
        settle(c, now);
        if (r == READ_SOME)
            return;
    }
}

/* While flushing or lingering: nobody listens any more. */
static void receive_nothing(struct net_conn *c, base_usec now) {
    drop_unread(c);
    if (!c->peer_closed)
        return;
    if (c->phase == NET_CONN_LINGER)
        be_over(c);
    else
        settle(c, now);
}

void net_conn_begin(struct net_conn *c, double ms, base_usec now) {
    c->engine->ops->connected(c->engine, ms, now);
    settle(c, now);
}

void net_conn_wake(struct net_conn *c, bool readable, bool writable, base_usec now) {
    if (writable && c->wants_write && c->phase != NET_CONN_OVER) {
        c->wants_write = false;
        settle(c, now);
    }
    if (!readable || !net_conn_wants_read(c))
        return;
    if (c->phase == NET_CONN_OPEN)
        receive(c, now);
    else
        receive_nothing(c, now);
}

void net_conn_tick(struct net_conn *c, base_usec now) {
    if (now < net_conn_deadline(c))
        return;
    if (c->phase == NET_CONN_OPEN) {
        c->engine->ops->tick(c->engine, now);
        settle(c, now);
    } else {
        be_over(c);
    }
}

void net_conn_poke(struct net_conn *c, base_usec now) {
    if (c->phase == NET_CONN_OPEN)
        settle(c, now);
}

/* Linux forgets the option, so it is set each time; on a socket that is not TCP it does nothing. */
void net_conn_acknowledge(struct net_conn *c) {
    int on = 1;
    if (c->unacknowledged)
        (void)setsockopt(c->fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
    c->unacknowledged = false;
}

bool net_conn_wants_read(const struct net_conn *c) {
    if (c->phase == NET_CONN_OVER || c->peer_closed)
        return false;
    return c->phase != NET_CONN_OPEN || !c->wants_write ||
           c->engine->ops->output(c->engine)->len < OUTPUT_HIGH;
}

bool net_conn_wants_write(const struct net_conn *c) {
    return c->wants_write;
}

base_usec net_conn_deadline(const struct net_conn *c) {
    if (c->phase == NET_CONN_OPEN)
        return c->engine->ops->deadline(c->engine);
    return c->close_by;
}

bool net_conn_is_over(const struct net_conn *c) {
    return c->phase == NET_CONN_OVER;
}
