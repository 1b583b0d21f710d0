/* SPDX-License-Identifier: Apache-2.0 */
/* talk_through - bytes through, both ways, as `openssl s_client` does.
 *
 * What is read goes out at once, whatever the server says. With `letters` the first byte of what
 * one read brought decides: Q ends, R renegotiates, K and k change keys. The end of the input ends
 * the session, unless `ignore_eof`; replies that are still on their way are lost then, as they are
 * with s_client. On a terminal control bytes of the server are shown, not obeyed: the one thing
 * that differs. */
#include "talk/input.h"

#include "base/file.h"
#include "talk/talker.h"

#include <unistd.h>

#define UNSENT_HIGH ((size_t)128 << 10)

static void tell(const char *text) {
    (void)base_file_write(STDERR_FILENO, base_bytes_of_str(text));
}

/* One of s_client's letters? */
static bool obey_letter(struct talker *k, uint8_t letter) {
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
static bool use_input(struct talker *k, struct talk_input *in) {
    talk_input_fill(in);
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

static void pass_incoming(struct talker *k) {
    struct base_buf *incoming = k->s->incoming(k->s->arg);
    talk_sink_put(&k->sink, base_buf_view(incoming));
    base_buf_consume(incoming, incoming->len);
}

static enum talk_end play(struct talker *k, struct talk_input *in) {
    for (;;) {
        pass_incoming(k);
        if (k->sink.failed)
            return TALK_END_QUIT;
        if (k->over)
            break;
        bool full = k->s->unsent && k->s->unsent(k->s->arg) > UNSENT_HIGH;
        int fd = in->ended || full ? -1 : in->fd;
        if (talk_wait(k, fd, BASE_NEVER) == NET_PLAY_FD && !use_input(k, in)) {
            pass_incoming(k);
            return TALK_END_QUIT;
        }
    }
    if (!k->t->quiet)
        talk_sink_say(&k->sink, "closed\n");
    return TALK_END_CLOSED;
}

static enum talk_end log_in(struct talker *k) {
    if (k->t->server_first && talk_await_reply(k) != TALK_AWAIT_REPLY)
        return TALK_END_CUT;
    k->hears_silently = true;
    enum talk_auth_end end = talk_auth_run(k);
    switch (end) {
    case TALK_AUTH_DONE:
        return TALK_END_QUIT;
    case TALK_AUTH_CUT:
        return TALK_END_CUT;
    case TALK_AUTH_STOPPED:
    case TALK_AUTH_REFUSED:
        break;
    }
    return TALK_END_AUTH_FAILED;
}

enum talk_end talk_through_run(const struct talk_config *t, const struct talk_stream *s) {
    struct talker k;
    struct talk_input in;
    enum talk_end end = TALK_END_QUIT;
    talk_init(&k, t, s, isatty(t->out));
    talk_input_init(&in, t->in);
    if (t->auth_user)
        end = log_in(&k);
    if (end == TALK_END_QUIT)
        end = play(&k, &in);
    talk_sink_settle(&k.sink);
    end = talk_end_of(&k, end);
    talk_release(&k);
    return end;
}
