/* SPDX-License-Identifier: Apache-2.0 */
/* talk - the exchange, played over the session in one of three ways: bytes through (s_client's
 * way), in step (a script on a pipe), or with a person at a terminal.
 *
 * One thing is waited for at a time: the reply, or the user. Whatever comes from the server is
 * shown at once. Memory does not grow with what is said: incoming bytes are shown before more are
 * read, and sending waits until what was said before has left.
 *
 * A reply has `reply_timeout`, and as much more as it takes at 1 KiB a second: a server that sends
 * a byte now and then can't hold a script for ever, and a large message is not cut. */
#include "talk/talk.h"

#include "base/file.h"
#include "base/text.h"
#include "talk/talker.h"

#include <unistd.h>

#define OUT_MAX ((size_t)64 << 10)
#define UNSENT_HIGH ((size_t)128 << 10)
#define BYTE_TIME (BASE_SECOND / 1024)
#define LOOK_AROUND (BASE_SECOND / 4)
#define NOTE_MAX 4096u

void talk_init(struct talker *k, const struct talk_config *t, const struct talk_stream *s,
               bool escape) {
    *k = (struct talker){.t = t, .s = s, .patience = t->reply_timeout};
    talk_exchange_init(&k->x, t->protocol, t->server_first);
    talk_sink_init(&k->sink, t->out, escape, t->ascii);
    talk_offers_init(&k->offers, t->offered, t->protocol);
    base_buf_init(&k->out, OUT_MAX);
}

void talk_release(struct talker *k) {
    talk_sink_release(&k->sink);
    talk_offers_release(&k->offers);
    talk_exchange_release(&k->x);
    base_buf_release(&k->out);
}

/* --- the connection --- */

enum net_play_event talk_wait(struct talker *k, int fd, base_usec until) {
    enum net_play_event event = k->s->wait(k->s->arg, fd, until);
    if (event == NET_PLAY_OVER)
        k->over = true;
    return event;
}

static bool is_stopped(const struct talker *k) {
    return k->stopped && k->stopped(k->arg);
}

void talk_send(struct talker *k) {
    const struct talk_stream *s = k->s;
    if (k->out.failed)
        k->over = true; /* a part of it would be missing */
    if (k->out.len > 0 && !k->over && s->open(s->arg))
        s->send(s->arg, base_buf_view(&k->out));
    base_buf_clear(&k->out);
    while (k->x.turn != TALK_TURN_REPLY && s->unsent && s->unsent(s->arg) > UNSENT_HIGH &&
           !k->over && !is_stopped(k)) {
        (void)talk_wait(k, -1, base_clock_now() + LOOK_AROUND);
        (void)talk_hear(k);
    }
}

bool talk_hear(struct talker *k) {
    struct base_buf *incoming = k->s->incoming(k->s->arg);
    struct base_bytes all = base_buf_view(incoming);
    struct base_bytes rest = all;
    if (all.len == 0 && !k->x.early)
        return false;
    talk_offers_look(&k->offers, &k->x);
    bool whole = talk_exchange_feed(&k->x, &rest);
    struct base_bytes taken = base_bytes_slice(all, 0, all.len - rest.len);
    if (whole)
        talk_offers_take(&k->offers, &k->x);
    if (!k->hears_silently)
        talk_sink_put(&k->sink, taken);
    base_buf_consume(incoming, taken.len);
    return whole;
}

static base_usec earlier(base_usec a, base_usec b) {
    return a < b ? a : b;
}

static base_usec reply_deadline(const struct talker *k, base_usec begun) {
    base_usec by_size = (base_usec)k->x.reader.answer.bytes * BYTE_TIME;
    base_usec timeout = k->patience;
    return timeout > BASE_NEVER - begun - by_size ? BASE_NEVER : begun + timeout + by_size;
}

enum talk_await talk_await_reply(struct talker *k) {
    base_usec begun = base_clock_now();
    for (;;) {
        if (talk_hear(k))
            return TALK_AWAIT_REPLY;
        if (k->over)
            return TALK_AWAIT_OVER;
        if (is_stopped(k) || k->sink.failed)
            return TALK_AWAIT_STOPPED;
        base_usec now = base_clock_now(), deadline = reply_deadline(k, begun);
        if (now >= deadline)
            return TALK_AWAIT_TIME;
        (void)talk_wait(k, -1, k->stopped ? earlier(deadline, now + LOOK_AROUND) : deadline);
    }
}

enum talk_await talk_ask(struct talker *k, const char *line) {
    struct base_bytes in = base_bytes_of_str(line);
    talk_exchange_take(&k->x, &in, &k->out);
    talk_send(k);
    return talk_await_reply(k);
}

/* --- judging --- */

enum talk_end talk_end_of(const struct talker *k, enum talk_end end) {
    if (!k->sink.failed)
        return end;
    if (k->t->write_error)
        *k->t->write_error = k->sink.error;
    return TALK_END_UNWRITTEN;
}

const char *talk_broken(const struct talker *k) {
    return k->s->broken ? k->s->broken(k->s->arg) : NULL;
}

void talk_note(const struct talker *k, const char *fmt, ...) {
    struct base_buf text, line;
    va_list ap;
    if (k->t->quiet)
        return;
    base_buf_init(&text, NOTE_MAX);
    base_buf_init(&line, 4 * NOTE_MAX);
    va_start(ap, fmt);
    base_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    base_buf_append_str(&line, "waxseal: ");
    base_text_escape(&line, base_buf_view(&text));
    base_buf_append_str(&line, "\n");
    (void)base_file_write(STDERR_FILENO, base_buf_view(&line));
    base_buf_release(&text);
    base_buf_release(&line);
}

bool talk_judge(struct talker *k) {
    const struct mail_answer *r = &k->x.reply;
    size_t i = k->replies++;
    bool fine = i >= k->t->expect_count || mail_answer_is(r, k->t->expect[i]);
    if (!fine)
        talk_note(k, "reply %zu should begin with %s: %s", i + 1, k->t->expect[i], r->text);
    if (r->noise)
        talk_note(k, "reply %zu came with lines that are no reply of this protocol", i + 1);
    if (!fine)
        k->unexpected = true;
    return fine;
}

enum talk_end talk_run(const struct talk_config *t, const struct talk_stream *s) {
    if (t->through)
        return talk_through_run(t, s);
    if (t->in_step)
        return talk_pipe_run(t, s);
    return talk_terminal_run(t, s);
}
