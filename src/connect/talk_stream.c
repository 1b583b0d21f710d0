/* SPDX-License-Identifier: Apache-2.0 */
/* connect_talk_stream - bytes through, both ways, as `openssl s_client` does.
 *
 * What is read goes out at once, whatever the server says. With `letters` the first byte of what
 * one read brought decides: Q ends, R renegotiates, K and k change keys. The end of the input ends
 * the session, unless `ignore_eof`; replies that are still on their way are lost then, as they are
 * with s_client. On a terminal control bytes of the server are shown, not obeyed: the one thing
 * that differs. */
#include "connect/talk_input.h"
#include "connect/talk_talker.h"

#include <unistd.h>

#define UNSENT_HIGH ((size_t)128 << 10)

static void tell(const char *text) {
    struct base_bytes v = base_bytes_of_str(text);
    if (write(STDERR_FILENO, v.data, v.len) < 0)
        return; /* nobody is there to be told */
}

/* One of s_client's letters? */
static bool obey_letter(struct connect_talker *k, uint8_t letter) {
    const char *name = letter == 'R' ? "renegotiate" : "keyupdate";
    struct base_buf said;
    if (letter != 'R' && letter != 'K' && letter != 'k')
        return false;
    tell(letter == 'R' ? "RENEGOTIATING\n" : "KEYUPDATE\n");
    base_buf_init(&said, 4096);
    if (k->s->command)
        (void)k->s->command(k->s->arg, name, letter == 'K' ? "ask" : "", &said);
    tell(base_buf_cstr(&said));
    base_buf_release(&said);
    return true;
}

/* Every LF becomes CRLF, whatever stands before it: so does s_client. */
static void append_crlf(struct base_buf *out, struct base_bytes in) {
    while (in.len > 0) {
        size_t end = base_bytes_find(in, '\n');
        base_buf_append_bytes(out, base_bytes_slice(in, 0, end));
        if (end < in.len)
            base_buf_append_str(out, "\r\n");
        in = base_bytes_slice(in, end + 1, in.len);
    }
}

/* False: the user has left. */
static bool use_input(struct connect_talker *k, struct connect_input *in) {
    connect_input_fill(in);
    bool letters = k->t->letters && in->left.len > 0;
    if ((in->ended && !k->t->ignore_eof) || (letters && in->left.data[0] == 'Q')) {
        tell("DONE\n");
        return false;
    }
    if (letters && obey_letter(k, in->left.data[0])) {
        in->left.len = 0;
        return true;
    }
    if (k->t->crlf)
        append_crlf(&k->out, in->left);
    else
        base_buf_append_bytes(&k->out, in->left);
    in->left.len = 0;
    if (k->out.len > 0 && k->s->open(k->s->arg))
        k->s->send(k->s->arg, base_buf_view(&k->out));
    base_buf_clear(&k->out);
    return true;
}

static void pass_incoming(struct connect_talker *k) {
    struct base_buf *incoming = k->s->incoming(k->s->arg);
    connect_sink_put(&k->sink, base_buf_view(incoming));
    base_buf_consume(incoming, incoming->len);
}

static enum connect_talk_end play(struct connect_talker *k, struct connect_input *in) {
    for (;;) {
        pass_incoming(k);
        if (k->sink.failed)
            return CONNECT_TALK_QUIT;
        if (k->over)
            break;
        bool full = k->s->unsent && k->s->unsent(k->s->arg) > UNSENT_HIGH;
        int fd = in->ended || full ? -1 : in->fd;
        if (connect_talker_wait(k, fd, BASE_NEVER) == NET_PLAY_FD && !use_input(k, in)) {
            pass_incoming(k);
            return CONNECT_TALK_QUIT;
        }
    }
    if (!k->t->quiet)
        connect_sink_say(&k->sink, "closed\n");
    return CONNECT_TALK_CLOSED;
}

static enum connect_talk_end log_in(struct connect_talker *k) {
    if (k->t->server_first && connect_talker_await(k) != CONNECT_AWAIT_REPLY)
        return CONNECT_TALK_CUT;
    k->hears_silently = true;
    enum connect_auth_end end = connect_auth_run(k);
    switch (end) {
    case CONNECT_AUTH_DONE:
        return CONNECT_TALK_QUIT;
    case CONNECT_AUTH_CUT:
        return CONNECT_TALK_CUT;
    case CONNECT_AUTH_STOPPED:
    case CONNECT_AUTH_REFUSED:
        break;
    }
    return CONNECT_TALK_AUTH_FAILED;
}

enum connect_talk_end connect_talk_stream(const struct connect_talk *t,
                                          const struct connect_stream *s) {
    struct connect_talker k;
    struct connect_input in;
    enum connect_talk_end end = CONNECT_TALK_QUIT;
    connect_talker_init(&k, t, s, isatty(t->out));
    connect_input_init(&in, t->in);
    if (t->auth_user)
        end = log_in(&k);
    if (end == CONNECT_TALK_QUIT)
        end = play(&k, &in);
    connect_sink_settle(&k.sink);
    end = connect_talker_end(&k, end);
    connect_talker_release(&k);
    return end;
}
