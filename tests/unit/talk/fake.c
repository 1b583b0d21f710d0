/* SPDX-License-Identifier: Apache-2.0 */
#include "fake.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define PATIENCE_MS 5000

static void say(struct fake *f, struct base_bytes text) {
    size_t line = text.len > 0 ? base_bytes_find(text, '\n') + 1 : 0;
    base_buf_append_bytes(&f->pending, base_bytes_slice(text, 0, line));
    for (size_t i = 0; i < f->flood && line > 0; i++)
        base_buf_append_byte(&f->pending, i % 72 == 71 ? '\n' : 'x');
    f->flood = line > 0 ? 0 : f->flood;
    base_buf_append_bytes(&f->pending, base_bytes_slice(text, line, text.len));
}

/* Answers what has been heard as far as the script goes. */
static void follow_script(struct fake *f) {
    for (;;) {
        const struct fake_turn *t = &f->turns[f->at];
        if (!t->hears && !t->says && !t->closes)
            return;
        if (f->at > 0 && f->forgives > 0) {
            size_t here = f->sent.len - f->heard;
            size_t n = here < f->forgives ? here : f->forgives;
            f->forgives -= n;
            f->heard += n;
        }
        struct base_bytes heard = base_bytes_slice(base_buf_view(&f->sent), f->heard, f->sent.len);
        if (f->forgives > 0 && f->at > 0)
            return;
        size_t want = t->hears ? strlen(t->hears) : 0;
        if (heard.len < want)
            return;
        if (want > 0 && memcmp(heard.data, t->hears, want) != 0)
            fail_msg("the client said \"%.*s\", not \"%s\"", (int)want, (const char *)heard.data,
                     t->hears);
        f->heard += want;
        f->at++;
        say(f, base_bytes_of_str(t->says));
        f->closing = f->closing || t->closes;
    }
}

static void deliver(struct fake *f) {
    size_t n = f->piece && f->piece < f->pending.len ? f->piece : f->pending.len;
    if (!f->piece && n > 65536)
        n = 65536;
    base_buf_append_bytes(&f->incoming, base_bytes_slice(base_buf_view(&f->pending), 0, n));
    base_buf_consume(&f->pending, n);
}

static enum net_play_event fake_wait(void *arg, int fd, base_usec until) {
    struct fake *f = arg;
    follow_script(f);
    if (f->waiting > 0) {
        f->waiting -= f->waiting < 65536 ? f->waiting : 65536;
        return NET_PLAY_STEP;
    }
    if (f->pending.len > 0) {
        deliver(f);
        return NET_PLAY_STEP;
    }
    if (f->closing || f->closed) {
        f->closed = true;
        return NET_PLAY_OVER;
    }
    struct pollfd p = {.fd = fd, .events = POLLIN};
    base_usec now = base_clock_now();
    int ms = until == BASE_NEVER ? PATIENCE_MS : until > now ? (int)((until - now) / 1000) + 1 : 0;
    if (poll(&p, 1, ms) > 0)
        return NET_PLAY_FD;
    if (until == BASE_NEVER)
        fail_msg("both sides wait: the script stands at turn %zu", f->at);
    return NET_PLAY_TIME;
}

static struct base_buf *fake_incoming(void *arg) {
    return &((struct fake *)arg)->incoming;
}

static void fake_send(void *arg, struct base_bytes bytes) {
    struct fake *f = arg;
    follow_script(f);
    if (f->pending.len > 0 || f->incoming.len > 0)
        f->talked_over = true;
    base_buf_append_bytes(&f->sent, bytes);
    assert_false(f->sent.failed);
    f->waiting += bytes.len;
    if (f->waiting > f->most_unsent)
        f->most_unsent = f->waiting;
}

static bool fake_is_open(void *arg) {
    return !((struct fake *)arg)->closed;
}

static size_t fake_unsent(void *arg) {
    return ((struct fake *)arg)->waiting;
}

static bool fake_command(void *arg, const char *name, const char *rest, struct base_buf *say) {
    struct fake *f = arg;
    size_t len = strlen(f->commands);
    snprintf(f->commands + len, sizeof f->commands - len, "%s %s;", name, rest);
    base_buf_printf(say, "did %s\n", name);
    return strcmp(name, "certificate") != 0;
}

void fake_open_bytes(struct fake *f, const struct fake_turn *turns, const void *input, size_t len) {
    size_t piece = f->piece, flood = f->flood;
    *f = (struct fake){.turns = turns, .piece = piece, .flood = flood};
    base_buf_init(&f->sent, (size_t)64 << 20);
    base_buf_init(&f->pending, (size_t)64 << 20);
    base_buf_init(&f->incoming, (size_t)64 << 20);
    f->in = memfd_create("in", 0);
    f->out = memfd_create("out", 0);
    assert_true(f->in >= 0 && f->out >= 0);
    assert_int_equal(write(f->in, input, len), (ssize_t)len);
    lseek(f->in, 0, SEEK_SET);
    follow_script(f);
}

void fake_open(struct fake *f, const struct fake_turn *turns, const char *input) {
    fake_open_bytes(f, turns, input, strlen(input));
}

void fake_stream(struct fake *f, struct talk_stream *s) {
    *s = (struct talk_stream){.arg = f,
                              .wait = fake_wait,
                              .incoming = fake_incoming,
                              .send = fake_send,
                              .open = fake_is_open,
                              .unsent = fake_unsent,
                              .command = fake_command};
}

struct talk_config fake_talk(const struct fake *f, enum facts_protocol protocol) {
    return (struct talk_config){.protocol = protocol,
                                .in = f->in,
                                .out = f->out,
                                .in_step = true,
                                .columns = 80,
                                .reply_timeout = 300 * BASE_SECOND};
}

void fake_look(struct fake *f) {
    off_t len = lseek(f->out, 0, SEEK_END);
    free(f->shown);
    f->shown = calloc(1, (size_t)len + 1);
    f->shown_len = (size_t)len;
    assert_int_equal(pread(f->out, f->shown, (size_t)len, 0), len);
}

void fake_close(struct fake *f) {
    close(f->in);
    close(f->out);
    base_buf_release(&f->sent);
    base_buf_release(&f->pending);
    base_buf_release(&f->incoming);
    free(f->shown);
    f->shown = NULL;
}
