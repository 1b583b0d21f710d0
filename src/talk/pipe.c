/* SPDX-License-Identifier: Apache-2.0 */
/* talk_pipe - a script talks: lines from a pipe, in step with the replies.
 *
 * A command goes out when the reply to the one before is whole, so a script needs no sleeps.
 * Lines are sent as they are written, with CRLF; inside DATA dots are the script's to double, and
 * only a line of a single dot that it wrote ends the message. A message that the server does not
 * agree to is skipped and not taken for commands.
 *
 * Replies are printed as they come. With --expect the first reply that is not the expected one
 * ends the conversation: what follows in a script was written for another answer. At the end of the
 * input QUIT (LOGOUT) is said, but not to POP3, where it would carry out deletions.
 *
 * RFC 5321, 2033, 3501, 1939, 5804. */
#include "talk/dot.h"
#include "talk/input.h"
#include "talk/talker.h"

#include <inttypes.h>
#include <unistd.h>

enum next { NEXT_GO_ON, NEXT_LEAVE, NEXT_CUT, NEXT_AUTH_FAILED };

struct pipe {
    struct talker k;
    struct talk_input in;
};

/* --- replies --- */

/* The session is over and was not to be; `when`: what was awaited. */
static void note_over(const struct talker *k, const char *when) {
    const char *broken = talk_broken(k);
    if (broken)
        talk_note(k, "the session broke off: %s", broken);
    else
        talk_note(k, "the server closed the connection%s", when);
}

static enum next explain_cut(struct pipe *p, enum talk_await why) {
    struct talker *k = &p->k;
    talk_sink_settle(&k->sink);
    if (why == TALK_AWAIT_TIME)
        talk_note(k, "no reply within %.0f seconds",
                  (double)k->t->reply_timeout / (double)BASE_SECOND);
    else if (why == TALK_AWAIT_OVER)
        note_over(k, " before it replied");
    return NEXT_CUT;
}

static enum next await_reply(struct pipe *p) {
    struct talker *k = &p->k;
    enum talk_await got = talk_await_reply(k);
    if (got != TALK_AWAIT_REPLY)
        return explain_cut(p, got);
    bool fine = talk_judge(k);
    if (k->x.turn == TALK_TURN_REFUSED)
        talk_note(k, "the message was refused; its lines are not sent");
    if (!fine && k->t->expect_count > 0)
        return NEXT_LEAVE;
    return k->x.goodbye ? NEXT_LEAVE : NEXT_GO_ON;
}

/* --- dot commands --- */

static bool at_dot_command(const struct pipe *p) {
    const struct talk_exchange *x = &p->k.x;
    struct base_bytes left = p->in.left;
    return x->turn == TALK_TURN_COMMAND && !x->continued && x->line_len == 0 && !x->line_passes &&
           left.len > 1 && left.data[0] == '.' && base_ascii_is_alnum(left.data[1]);
}

static enum next run_dot_command(struct pipe *p) {
    size_t end = base_bytes_find(p->in.left, '\n');
    struct base_bytes line = base_bytes_slice(p->in.left, 0, end);
    p->in.left = base_bytes_slice(p->in.left, end + 1, p->in.left.len);
    enum talk_dot did = talk_dot_run(&p->k, line);
    if (did == TALK_DOT_QUIT)
        return NEXT_LEAVE;
    if (did == TALK_DOT_UNKNOWN)
        p->k.unexpected = true;
    return p->k.over ? NEXT_CUT : NEXT_GO_ON;
}

/* --- the input --- */

/* Waits for more of it while the server may speak. */
static enum next read_more(struct pipe *p) {
    struct talker *k = &p->k;
    enum net_play_event event = talk_wait(k, p->in.fd, BASE_NEVER);
    (void)talk_hear(k);
    if (event == NET_PLAY_FD)
        talk_input_fill(&p->in);
    if (k->sink.failed)
        return NEXT_CUT;
    if (k->over)
        talk_input_fill_ready(&p->in);
    if (!k->over || (p->in.ended && p->in.left.len == 0))
        return NEXT_GO_ON;
    note_over(k, "");
    return NEXT_CUT;
}

static void send_some(struct pipe *p) {
    talk_exchange_take(&p->k.x, &p->in.left, &p->k.out);
    talk_send(&p->k);
}

/* A last line without its end is a line. */
static void end_last_line(struct pipe *p) {
    const struct talk_exchange *x = &p->k.x;
    struct base_bytes end = base_bytes_of_str("\n");
    if (x->turn == TALK_TURN_BYTES || x->turn == TALK_TURN_REPLY ||
        (x->line_len == 0 && !x->line_passes && !x->continued))
        return;
    talk_exchange_take(&p->k.x, &end, &p->k.out);
    talk_send(&p->k);
}

static enum next step(struct pipe *p) {
    const struct talk_exchange *x = &p->k.x;
    if (x->turn == TALK_TURN_REPLY)
        return await_reply(p);
    if (talk_input_is_partial(&p->in) && (p->in.left.len == 0 || x->turn == TALK_TURN_COMMAND))
        return read_more(p);
    if (at_dot_command(p))
        return run_dot_command(p);
    if (p->in.left.len > 0) {
        send_some(p);
        return p->k.over && x->turn != TALK_TURN_REPLY ? NEXT_CUT : NEXT_GO_ON;
    }
    end_last_line(p);
    return x->turn == TALK_TURN_REPLY ? NEXT_GO_ON : NEXT_LEAVE;
}

/* --- the end --- */

/* The input ended where something was still to come. */
static bool is_unfinished(struct pipe *p) {
    const struct talk_exchange *x = &p->k.x;
    if (x->turn == TALK_TURN_MESSAGE)
        talk_note(&p->k, "the input ended inside the message, without a line of a "
                         "single dot: it was not sent");
    else if (x->turn == TALK_TURN_BYTES)
        talk_note(&p->k, "the input ended %" PRIu64 " bytes too early", x->bytes_left);
    return x->turn == TALK_TURN_MESSAGE || x->turn == TALK_TURN_BYTES;
}

/* The server may go on speaking: -ign_eof. False: the session broke off. */
static bool listen_on(struct pipe *p) {
    while (!p->k.over && !p->k.sink.failed) {
        (void)talk_wait(&p->k, -1, BASE_NEVER);
        (void)talk_hear(&p->k);
    }
    if (!talk_broken(&p->k))
        return true;
    note_over(&p->k, "");
    return false;
}

static void say_goodbye(struct pipe *p) {
    struct talker *k = &p->k;
    bool may = k->x.turn == TALK_TURN_COMMAND && !k->x.leaving && !k->x.goodbye && !k->over &&
               k->s->open(k->s->arg) && k->t->protocol != FACTS_PROTOCOL_POP3;
    if (!may)
        return;
    if (talk_ask(k, talk_exchange_goodbye(&k->x)) == TALK_AWAIT_REPLY &&
        k->replies < k->t->expect_count)
        (void)talk_judge(k);
}

static enum talk_end finish(struct pipe *p, enum next how) {
    struct talker *k = &p->k;
    bool left_unasked = how == NEXT_LEAVE && !(k->unexpected && k->t->expect_count > 0);
    bool wrote_goodbye = k->x.goodbye;
    if (how == NEXT_AUTH_FAILED)
        return TALK_END_AUTH_FAILED;
    if (how == NEXT_CUT || (left_unasked && is_unfinished(p)))
        return TALK_END_CUT;
    if (!(k->t->ignore_eof && p->in.ended && !k->x.goodbye))
        say_goodbye(p);
    else if (!listen_on(p))
        return TALK_END_CUT;
    if (k->replies < k->t->expect_count && !k->unexpected) {
        talk_note(k, "%zu replies came, %zu were expected", k->replies, k->t->expect_count);
        k->unexpected = true;
    }
    if (k->unexpected)
        return TALK_END_UNEXPECTED;
    return k->over || wrote_goodbye ? TALK_END_CLOSED : TALK_END_QUIT;
}

static enum next log_in(struct pipe *p) {
    if (!p->k.t->auth_user)
        return NEXT_GO_ON;
    p->k.hears_silently = true;
    enum talk_auth_end end = talk_auth_run(&p->k);
    p->k.hears_silently = false;
    switch (end) {
    case TALK_AUTH_DONE:
        return NEXT_GO_ON;
    case TALK_AUTH_REFUSED:
    case TALK_AUTH_STOPPED:
        break;
    case TALK_AUTH_CUT:
        return NEXT_CUT;
    }
    return NEXT_AUTH_FAILED;
}

/* Nothing was to be said or heard: a look, and no conversation (as with s_client </dev/null). */
static bool is_a_look(struct pipe *p) {
    const struct talk_config *t = p->k.t;
    talk_input_fill_ready(&p->in);
    return p->in.ended && p->in.left.len == 0 && t->expect_count == 0 && !t->auth_user &&
           !t->ignore_eof;
}

enum talk_end talk_pipe_run(const struct talk_config *t, const struct talk_stream *s) {
    struct pipe p;
    enum next next = NEXT_GO_ON;
    talk_init(&p.k, t, s, isatty(t->out) || !t->quiet);
    talk_input_init(&p.in, t->in);
    p.k.x.skip_refused = true;
    if (is_a_look(&p)) {
        talk_release(&p.k);
        return TALK_END_QUIT;
    }
    if (t->server_first)
        next = await_reply(&p);
    if (next == NEXT_GO_ON && p.k.x.leaving) /* "421 too busy" */
        next = NEXT_CUT;
    if (next == NEXT_GO_ON)
        next = log_in(&p);
    while (next == NEXT_GO_ON)
        next = p.k.sink.failed ? NEXT_CUT : step(&p);
    enum talk_end end = finish(&p, next);
    talk_sink_settle(&p.k.sink);
    end = talk_end_of(&p.k, end);
    talk_release(&p.k);
    return end;
}
