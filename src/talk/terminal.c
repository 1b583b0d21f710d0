/* SPDX-License-Identifier: Apache-2.0 */
/* talk_terminal - a person talks.
 *
 * A line is typed, goes out with CRLF, its reply is shown and, when it is a refusal, explained;
 * then comes the next prompt. Dots at the start of a message's lines are doubled here. Lines that
 * may hold a secret, and messages, are not remembered.
 *
 * The terminal is given back as it was on every way out; while a reply is awaited it does not echo,
 * so that what is typed ahead shows up on its own line. Without libedit, or when the output is no
 * terminal it can draw on, lines are read as the terminal hands them out. */
#include "base/text.h"
#include "know/mail.h"
#include "talk/dot.h"
#include "talk/editor.h"
#include "talk/input.h"
#include "talk/signals.h"
#include "talk/talker.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LINE_BYTES_MAX ((size_t)1 << 20)
#define LOOK_AROUND (BASE_SECOND / 4)

enum next { NEXT_GO_ON, NEXT_END };

struct terminal {
    struct talker k;
    struct talk_editor *editor; /* NULL: lines as the terminal hands them out */
    struct talk_input input;    /* used then */
    struct termios modes;       /* as they were; with `modes_known` */
    bool modes_known;           /* false: no terminal */
    struct base_buf line;       /* typed */
    char prompt[64];
    bool prompts;        /* somebody looks at the output */
    unsigned interrupts; /* Ctrl-C in a row */
    enum talk_end end;
};

/* --- the terminal's modes --- */

/* What is typed is not echoed; it is not lost. */
static void hush(const struct terminal *w) {
    struct termios silent = w->modes;
    if (!w->modes_known)
        return;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    (void)tcsetattr(w->k.t->in, TCSADRAIN, &silent);
}

static void restore(const struct terminal *w) {
    if (w->modes_known)
        (void)tcsetattr(w->k.t->in, TCSADRAIN, &w->modes);
}

/* --- saying things --- */

static void say(struct terminal *w, const char *fmt, ...) WS_PRINTF(2, 3);

/* A line of our own, dim. */
static void say(struct terminal *w, const char *fmt, ...) {
    struct base_buf text, line;
    va_list ap;
    base_buf_init(&text, 4096);
    base_buf_init(&line, 16384);
    va_start(ap, fmt);
    base_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    base_buf_append_str(&line, w->k.t->colour ? "\033[2m" : "");
    base_text_escape(&line, base_buf_view(&text));
    base_buf_append_str(&line, w->k.t->colour ? "\033[0m\n" : "\n");
    talk_sink_settle(&w->k.sink);
    talk_sink_say(&w->k.sink, base_buf_cstr(&line));
    base_buf_release(&text);
    base_buf_release(&line);
}

/* "5.7.1: the client or sender is not authorised, ..." under a refusal. */
static void explain_refusal(struct terminal *w) {
    const struct mail_answer *r = &w->k.x.reply;
    if (r->agreement != MAIL_NO || !r->enhanced[0])
        return;
    const struct know_mail_status *s = know_mail_status_find(r->enhanced);
    const char *subject = know_mail_status_subject(r->enhanced);
    if (s)
        say(w, "  %s: %s", r->enhanced, s->meaning);
    else if (subject[0])
        say(w, "  %s: %s, about %s", r->enhanced, know_mail_status_class(r->enhanced), subject);
}

/* --- the server's turn --- */

static bool is_stopped(void *arg) {
    (void)arg;
    return talk_signals_wait();
}

static enum next over(struct terminal *w) {
    bool polite = w->k.x.goodbye || w->k.x.leaving;
    const char *broken = polite ? NULL : talk_broken(&w->k);
    w->end = w->k.x.goodbye ? TALK_END_CLOSED : TALK_END_CUT;
    talk_sink_settle(&w->k.sink);
    if (broken)
        say(w, "The session broke off: %s.", broken);
    else if (!w->k.x.goodbye)
        say(w, polite ? "The server closed the connection, as it said."
                      : "The server closed the connection.");
    return NEXT_END;
}

/* A signal came while the reply was awaited. */
static enum next stop_waiting(struct terminal *w) {
    struct talk_signals s = talk_signals_look();
    w->end = TALK_END_INTERRUPTED;
    if (s.leave || w->k.sink.failed || (s.interrupts > 0 && w->k.sink.mute))
        return NEXT_END;
    if (s.interrupts > 0) {
        say(w, "The rest of this reply is not shown. Ctrl-C once more leaves.");
        w->k.sink.mute = true;
    }
    return NEXT_GO_ON;
}

static enum next await_reply(struct terminal *w) {
    struct talker *k = &w->k;
    hush(w);
    enum talk_await got = talk_await_reply(k);
    restore(w);
    if (got == TALK_AWAIT_STOPPED)
        return stop_waiting(w);
    if (k->sink.mute) {
        k->sink.mute = false;
        k->sink.held_len = 0;
    }
    talk_sink_settle(&k->sink);
    if (got == TALK_AWAIT_OVER)
        return over(w);
    if (k->x.turn != TALK_TURN_REPLY)
        w->interrupts = 0;
    explain_refusal(w);
    (void)talk_judge(k);
    if (!k->x.goodbye)
        return NEXT_GO_ON;
    w->end = TALK_END_CLOSED;
    return NEXT_END;
}

/* --- a line from the person --- */

static const char *prompt_of(struct terminal *w) {
    static const char *const names[] = {"smtp", "lmtp", "imap", "pop3", "sieve"};
    const struct talk_exchange *x = &w->k.x;
    const char *name = names[x->protocol];
    if (x->turn == TALK_TURN_MESSAGE)
        name = "message";
    else if (x->turn == TALK_TURN_ANSWER)
        name = x->verb && !x->verb->secret ? "idle" : "answer";
    if (x->turn == TALK_TURN_BYTES)
        (void)snprintf(w->prompt, sizeof w->prompt, "%" PRIu64 " bytes> ", x->bytes_left);
    else
        (void)snprintf(w->prompt, sizeof w->prompt, "%s> ", x->continued ? "..." : name);
    return w->prompt;
}

static enum talk_wake wake(void *arg, int fd) {
    struct terminal *w = arg;
    enum net_play_event event = talk_wait(&w->k, fd, base_clock_now() + LOOK_AROUND);
    if (w->k.s->incoming(w->k.s->arg)->len > 0)
        return TALK_WAKE_SAID;
    if (w->k.over)
        return TALK_WAKE_OVER;
    return event == NET_PLAY_FD ? TALK_WAKE_KEY : TALK_WAKE_NONE;
}

static void show(void *arg) {
    struct terminal *w = arg;
    (void)talk_hear(&w->k);
    talk_sink_settle(&w->k.sink);
}

static bool complete(void *arg, struct talk_completion *c, struct base_bytes typed) {
    struct terminal *w = arg;
    const struct talk_exchange *x = &w->k.x;
    if (x->turn != TALK_TURN_COMMAND || x->continued)
        return false;
    talk_complete(c, x->protocol, &w->k.offers, w->k.t->helo, typed);
    return true;
}

/* Without an editor. */
static enum talk_typed read_plain(struct terminal *w, const char *prompt) {
    talk_sink_settle(&w->k.sink);
    if (w->prompts)
        (void)talk_sink_write(&w->k.sink, base_bytes_of_str(prompt));
    while (talk_input_is_partial(&w->input)) {
        enum talk_wake woke = wake(w, w->input.fd);
        struct talk_signals s = talk_signals_look();
        if (s.leave || s.interrupts > 0)
            return s.leave ? TALK_TYPED_LEAVE : TALK_TYPED_DROPPED;
        if (woke == TALK_WAKE_SAID || woke == TALK_WAKE_OVER)
            show(w);
        if (woke == TALK_WAKE_OVER)
            return TALK_TYPED_OVER;
        if (woke == TALK_WAKE_KEY)
            talk_input_fill(&w->input);
        if (s.suspend)
            talk_signals_stop();
    }
    struct base_bytes left = w->input.left;
    if (left.len == 0)
        return TALK_TYPED_END;
    size_t end = base_bytes_find(left, '\n');
    base_buf_clear(&w->line);
    base_buf_append_bytes(&w->line, base_bytes_slice(left, 0, end));
    w->input.left = base_bytes_slice(left, end + 1, left.len);
    w->k.sink.in_line = false; /* the terminal showed the line's end */
    return TALK_TYPED_LINE;
}

static enum talk_typed read_line(struct terminal *w) {
    const char *prompt = prompt_of(w);
    if (!w->editor)
        return read_plain(w, prompt);
    talk_sink_settle(&w->k.sink);
    enum talk_typed typed = talk_editor_read(w->editor, prompt, &w->line);
    w->k.sink.in_line = false;
    return typed;
}

/* --- what becomes of it --- */

static void remember(struct terminal *w) {
    const struct talk_verb *v = w->k.x.verb;
    if (w->editor && !(v && v->secret))
        talk_editor_remember(w->editor, base_buf_cstr(&w->line));
}

static enum next leave(struct terminal *w, enum talk_end end) {
    w->end = end;
    return NEXT_END;
}

/* QUIT, and what the server says to it. */
static enum next say_goodbye(struct terminal *w) {
    struct base_bytes line = base_bytes_of_str(talk_exchange_goodbye(&w->k.x));
    if (w->k.x.turn != TALK_TURN_COMMAND || w->k.x.continued || w->k.over)
        return leave(w, TALK_END_QUIT);
    talk_exchange_take(&w->k.x, &line, &w->k.out);
    talk_send(&w->k);
    enum next next = await_reply(w);
    while (next == NEXT_GO_ON && w->k.x.turn == TALK_TURN_REPLY)
        next = await_reply(w);
    return leave(w, w->end == TALK_END_INTERRUPTED ? w->end : TALK_END_QUIT);
}

static enum next use_dot_command(struct terminal *w) {
    if (w->editor)
        talk_editor_remember(w->editor, base_buf_cstr(&w->line));
    switch (talk_dot_run(&w->k, base_buf_view(&w->line))) {
    case TALK_DOT_QUIT:
        return say_goodbye(w);
    case TALK_DOT_DONE:
    case TALK_DOT_UNKNOWN:
        break;
    }
    return w->k.over ? over(w) : NEXT_GO_ON;
}

static enum next use_line(struct terminal *w) {
    struct talk_exchange *x = &w->k.x;
    bool command = x->turn == TALK_TURN_COMMAND && !x->continued;
    bool bytes = x->turn == TALK_TURN_BYTES;
    if (command && w->line.len > 1 && base_buf_cstr(&w->line)[0] == '.')
        return use_dot_command(w);
    size_t typed = w->line.len;
    base_buf_append_str(&w->line, bytes ? "\r\n" : "\n");
    struct base_bytes in = base_buf_view(&w->line);
    talk_exchange_take(x, &in, &w->k.out);
    talk_send(&w->k);
    base_buf_truncate(&w->line, typed);
    if (command && typed > 0)
        remember(w);
    if (bytes && in.len > 2)
        say(w, "%zu bytes were enough; the rest of the line was not sent.", typed + 2 - in.len);
    explicit_bzero(w->line.data, w->line.cap);
    base_buf_clear(&w->line);
    return NEXT_GO_ON;
}

/* Ctrl-D. */
static enum next use_end(struct terminal *w) {
    const struct talk_exchange *x = &w->k.x;
    bool gone = w->editor ? !isatty(w->k.t->in) : w->input.ended && !isatty(w->k.t->in);
    w->input.ended = false;
    talk_sink_say(&w->k.sink, "\n");
    if (gone)
        return leave(w, TALK_END_INTERRUPTED);
    switch (x->turn) {
    case TALK_TURN_MESSAGE:
        say(w, "A line of a single dot ends the message; Ctrl-C twice leaves without sending it.");
        return NEXT_GO_ON;
    case TALK_TURN_BYTES:
        say(w, "The server waits for %" PRIu64 " bytes; Ctrl-C twice leaves.", x->bytes_left);
        return NEXT_GO_ON;
    case TALK_TURN_ANSWER: /* ends IDLE, gives up a login */
        base_buf_clear(&w->line);
        base_buf_append_str(&w->line, x->verb && !x->verb->secret ? "DONE" : "*");
        return use_line(w);
    case TALK_TURN_COMMAND:
    case TALK_TURN_REFUSED:
    case TALK_TURN_REPLY:
        break;
    }
    return say_goodbye(w);
}

/* Ctrl-C. */
static enum next use_interrupt(struct terminal *w) {
    talk_sink_say(&w->k.sink, "^C\n");
    if (++w->interrupts > 1)
        return leave(w, TALK_END_INTERRUPTED);
    say(w, w->k.x.turn == TALK_TURN_MESSAGE
               ? "Ctrl-C once more leaves, and the message is not sent."
               : "Ctrl-C once more leaves.");
    return NEXT_GO_ON;
}

static enum next step(struct terminal *w) {
    if (w->k.sink.failed)
        return leave(w, TALK_END_QUIT);
    if (w->k.x.turn == TALK_TURN_REPLY)
        return await_reply(w);
    switch (read_line(w)) {
    case TALK_TYPED_LINE:
        w->interrupts = 0;
        return use_line(w);
    case TALK_TYPED_END:
        return use_end(w);
    case TALK_TYPED_DROPPED:
        return use_interrupt(w);
    case TALK_TYPED_OVER:
        talk_sink_say(&w->k.sink, "\n");
        return over(w);
    case TALK_TYPED_LEAVE:
        break;
    }
    talk_sink_say(&w->k.sink, "\n");
    return leave(w, TALK_END_INTERRUPTED);
}

/* --- beginning and end --- */

static bool can_draw(void) {
    const char *term = getenv("TERM");
    return term && term[0] && strcmp(term, "dumb") != 0;
}

static void open_editor(struct terminal *w) {
    const struct talk_editor_owner owner = {
        .arg = w, .wait = wake, .show = show, .complete = complete};
    struct base_error e = {0};
    if (!w->prompts || !isatty(w->k.t->in) || !can_draw())
        return;
    if (talk_editor_new(w->k.t->in, w->k.t->out, w->k.t->history_file, &owner, &w->editor, &e) !=
        WS_OK)
        talk_note(&w->k, "no line editing: %s", base_error_message(&e));
}

static enum next log_in(struct terminal *w) {
    if (!w->k.t->auth_user)
        return NEXT_GO_ON;
    enum talk_auth_end end = talk_auth_run(&w->k);
    talk_sink_settle(&w->k.sink);
    switch (end) {
    case TALK_AUTH_DONE:
        return NEXT_GO_ON;
    case TALK_AUTH_REFUSED:
        explain_refusal(w);
        return leave(w, TALK_END_AUTH_FAILED);
    case TALK_AUTH_CUT:
        return over(w);
    case TALK_AUTH_STOPPED:
        break;
    }
    return leave(w, TALK_END_INTERRUPTED);
}

static enum next begin(struct terminal *w) {
    enum next next = NEXT_GO_ON;
    if (!w->k.t->quiet && w->prompts)
        say(w, "Lines go to the server; .help shows what else there is.");
    while (next == NEXT_GO_ON && w->k.x.turn == TALK_TURN_REPLY)
        next = await_reply(w);
    return next == NEXT_GO_ON ? log_in(w) : next;
}

static void finish(struct terminal *w) {
    if (!talk_editor_free(w->editor))
        talk_note(&w->k, "the lines typed could not be written to %s", w->k.t->history_file);
    restore(w);
    talk_signals_give_back();
    base_buf_release(&w->line);
    talk_release(&w->k);
}

enum talk_end talk_terminal_run(const struct talk_config *t, const struct talk_stream *s) {
    struct terminal w = {.end = TALK_END_QUIT, .prompts = isatty(t->out)};
    talk_init(&w.k, t, s, true);
    w.k.patience = BASE_NEVER; /* a person has Ctrl-C */
    w.k.stopped = is_stopped;
    w.k.sink.give_up = is_stopped;
    w.k.x.stuff = true;
    talk_input_init(&w.input, t->in);
    base_buf_init(&w.line, LINE_BYTES_MAX);
    w.modes_known = tcgetattr(t->in, &w.modes) == 0;
    (void)talk_signals_take();
    open_editor(&w);
    enum next next = begin(&w);
    while (next == NEXT_GO_ON)
        next = step(&w);
    if (w.k.unexpected && (w.end == TALK_END_QUIT || w.end == TALK_END_CLOSED))
        w.end = TALK_END_UNEXPECTED;
    finish(&w);
    return w.end;
}
