/* SPDX-License-Identifier: Apache-2.0 */
/* server - the scripted name server of the tests */
#include "server.h"

#include "base/writer.h"
#include "dns/packet.h"
#include "message.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define QUESTIONS_MAX 4096

struct asked {
    char name[256];
    unsigned type;
};

struct server {
    struct net_loop *loop;
    const struct server_row *rows;
    int fd;
    char address[32];
    struct event *readable;
    struct asked log[QUESTIONS_MAX];
    unsigned count;
    struct delayed *delayed;
};

struct delayed {
    struct delayed *next;
    struct server *server;
    struct net_timer *timer;
    struct sockaddr_in peer;
    struct base_buf m;
};

static bool row_fits(const struct server_row *r, enum server_row_kind kind, unsigned type) {
    switch (kind) {
    case SERVER_MX:
    case SERVER_MANY_MX:
    case SERVER_BAD_MX:
        return type == DNS_TYPE_MX;
    case SERVER_PTR:
        return type == DNS_TYPE_PTR;
    case SERVER_TXT:
        return type == DNS_TYPE_TXT;
    case SERVER_TLSA:
        return type == DNS_TYPE_TLSA;
    case SERVER_MANY_A:
        return type == DNS_TYPE_A;
    case SERVER_ADDRESS:
        return type == (strchr(r->text, ':') ? DNS_TYPE_AAAA : DNS_TYPE_A);
    case SERVER_SIGNED_KEY:
        return type == DNS_TYPE_DNSKEY;
    default:
        return true;
    }
}

static void put_signed_key(struct base_buf *m, const char *name) {
    static const uint8_t key[] = {1, 1, 3, 13, 1, 2, 3, 4, 5, 6, 7, 8};
    size_t mark = message_record(m, name, DNS_TYPE_DNSKEY, 300);
    base_buf_append(m, key, sizeof key);
    message_close(m, mark);
    mark = message_record(m, name, DNS_TYPE_RRSIG, 300);
    base_writer_u16(m, DNS_TYPE_DNSKEY);
    base_writer_u16(m, 13 << 8);
    base_writer_u32(m, 300);
    base_writer_u32(m, 0x7fffffff); /* expires */
    base_writer_u32(m, 0x10000000);
    base_writer_u16(m, 4711);
    message_name(m, name);
    base_buf_append_str(m, "no signature at all, but sixty-four bytes of it are sent here..");
    message_close(m, mark);
}

static void put_many(struct base_buf *m, const struct server_row *r) {
    char text[64];
    for (unsigned i = 0; i < r->number; i++) {
        if (r->kind == SERVER_MANY_MX) {
            snprintf(text, sizeof text, "mx%u.many.example", i);
            message_mx(m, r->name, i % 7, text);
        } else {
            snprintf(text, sizeof text, "192.0.2.%u", i);
            message_a(m, r->name, text);
        }
    }
}

static void put_row(struct base_buf *m, const struct server_row *r) {
    size_t mark;
    switch (r->kind) {
    case SERVER_MX:
        message_mx(m, r->name, (unsigned)atoi(r->text), strchr(r->text, ' ') + 1);
        break;
    case SERVER_ADDRESS:
        message_a(m, r->name, r->text);
        break;
    case SERVER_CNAME:
        message_text(m, r->name, DNS_TYPE_CNAME, r->text);
        break;
    case SERVER_PTR:
        message_text(m, r->name, DNS_TYPE_PTR, r->text);
        break;
    case SERVER_TXT:
        mark = message_record(m, r->name, DNS_TYPE_TXT, 300);
        base_buf_append_byte(m, (uint8_t)strlen(r->text));
        base_buf_append_str(m, r->text);
        message_close(m, mark);
        break;
    case SERVER_TLSA:
        mark = message_record(m, r->name, DNS_TYPE_TLSA, 300);
        base_buf_append(m, r->text, r->number);
        message_close(m, mark);
        break;
    case SERVER_MANY_MX:
    case SERVER_MANY_A:
        put_many(m, r);
        break;
    case SERVER_BAD_MX:
        mark = message_record(m, r->name, DNS_TYPE_MX, 300);
        base_buf_append(m, r->text, r->number);
        message_close(m, mark);
        break;
    case SERVER_SIGNED_KEY:
        put_signed_key(m, r->name);
        break;
    default:
        break;
    }
}

static void set_flags(struct base_buf *m, unsigned flags) {
    m->data[m->start + 2] = (uint8_t)(flags >> 8);
    m->data[m->start + 3] = (uint8_t)flags;
}

static void send_now(struct server *s, const struct base_buf *m, const struct sockaddr_in *peer) {
    (void)!sendto(s->fd, m->data + m->start, m->len, 0, (const struct sockaddr *)peer,
                  sizeof *peer);
}

static void forget(struct delayed *d) {
    struct delayed **at = &d->server->delayed;
    while (*at != d)
        at = &(*at)->next;
    *at = d->next;
    net_timer_stop(d->timer);
    base_buf_release(&d->m);
    free(d);
}

static void on_delay(void *arg) {
    struct delayed *d = arg;
    send_now(d->server, &d->m, &d->peer);
    forget(d);
}

static void send_later(struct server *s, const struct base_buf *m, const struct sockaddr_in *peer,
                       unsigned ms) {
    struct delayed *d = calloc(1, sizeof *d);
    d->server = s;
    d->peer = *peer;
    base_buf_init(&d->m, 65536);
    base_buf_append_bytes(&d->m, base_buf_view(m));
    d->timer = net_timer_start(s->loop, ms * BASE_MSEC, on_delay, d);
    d->next = s->delayed;
    s->delayed = d;
}

/* Follows CNAMEs as a resolver would; false: say nothing. */
static bool fill_answer(struct server *s, struct base_buf *m, const char *name, unsigned type,
                        unsigned *delay) {
    unsigned known = 0;
    for (unsigned hop = 0; hop < 8; hop++) {
        const char *to = NULL;
        for (const struct server_row *r = s->rows; r->kind != SERVER_END; r++) {
            if (strcmp(r->name, name) != 0)
                continue;
            known++;
            if (!row_fits(r, r->kind, type))
                continue;
            if (r->kind == SERVER_SILENT)
                return false;
            if (r->kind == SERVER_GARBAGE) {
                base_buf_clear(m);
                base_buf_append_str(m, "220 this is no name server ESMTP\r\n");
                return true;
            }
            if (r->kind == SERVER_CODE)
                set_flags(m, 0x8180u | r->number);
            else if (r->kind == SERVER_TRUNCATED)
                set_flags(m, 0x8380u);
            else if (r->kind == SERVER_DELAY)
                *delay = r->number;
            else
                put_row(m, r);
            if (r->kind == SERVER_CNAME)
                to = r->text;
        }
        if (!to)
            break;
        name = to;
    }
    if (known == 0)
        set_flags(m, 0x8183u);
    return true;
}

static void on_readable(evutil_socket_t fd, short what, void *arg) {
    struct server *s = arg;
    uint8_t in[2048];
    char name[DNS_NAME_TEXT];
    struct sockaddr_in peer;
    socklen_t peer_len = sizeof peer;
    size_t at = 12;
    unsigned delay = 0;
    struct base_buf m;
    (void)what;
    ssize_t n = recvfrom(fd, in, sizeof in, 0, (struct sockaddr *)&peer, &peer_len);
    if (n < 17 || !dns_packet_name(base_bytes_view(in, (size_t)n), &at, name) ||
        s->count == QUESTIONS_MAX)
        return;
    unsigned type = (unsigned)(in[at] << 8 | in[at + 1]);
    snprintf(s->log[s->count].name, sizeof s->log[s->count].name, "%.255s", name);
    s->log[s->count++].type = type;
    base_buf_init(&m, 65536);
    message_begin(&m, (unsigned)(in[0] << 8 | in[1]), 0x8180u, name, type);
    if (fill_answer(s, &m, name, type, &delay)) {
        if (delay)
            send_later(s, &m, &peer, delay);
        else
            send_now(s, &m, &peer);
    }
    base_buf_release(&m);
}

struct server *server_start(struct net_loop *loop, const struct server_row *rows) {
    struct server *s = calloc(1, sizeof *s);
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof local;
    s->loop = loop;
    s->rows = rows;
    s->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (bind(s->fd, (struct sockaddr *)&local, sizeof local) != 0)
        abort();
    getsockname(s->fd, (struct sockaddr *)&local, &len);
    snprintf(s->address, sizeof s->address, "127.0.0.1@%u", ntohs(local.sin_port));
    s->readable = event_new(net_loop_event_base(loop), s->fd, EV_READ | EV_PERSIST, on_readable, s);
    event_add(s->readable, NULL);
    return s;
}

void server_change(struct server *s, const struct server_row *rows) {
    s->rows = rows;
}

void server_stop(struct server *s) {
    while (s->delayed)
        forget(s->delayed);
    event_free(s->readable);
    close(s->fd);
    free(s);
}

const char *server_address(const struct server *s) {
    return s->address;
}

unsigned server_questions(const struct server *s) {
    return s->count;
}

unsigned server_asked(const struct server *s, const char *name, unsigned type) {
    unsigned n = 0;
    for (unsigned i = 0; i < s->count; i++)
        n += s->log[i].type == type && strcmp(s->log[i].name, name) == 0;
    return n;
}
