/* SPDX-License-Identifier: Apache-2.0 */
/* mail_dialogue - greeting, hello, STARTTLS, hello again, quit: one state machine for all
 * protocols.
 *
 * States stand in one const table; set_state is the only way from one to another. One command is in
 * flight at most. Bytes in clear that came before they were asked for never answer a later command:
 * behind the STARTTLS reply they are early plaintext (RFC 3207 section 4.2), elsewhere unsolicited.
 * What was learnt before TLS is not used after it (RFC 3207 section 4.2).
 *
 * Ownership: the dialogue lives in the arena; its buffers are freed by mail_dialogue_release. */
#include "mail/dialogue.h"

#include "facts/names.h"
#include "mail/ehlo.h"
#include "mail/internal.h"

#define OUTPUT_MAX 4096u
#define EVIDENCE_MAX 256u
#define GREETING_CODE 220

enum state {
    STATE_CONNECT,
    STATE_GREETING,
    STATE_PAUSE,
    STATE_HELLO,
    STATE_OLD_HELLO,
    STATE_STARTTLS_FIRST,
    STATE_STARTTLS,
    STATE_TLS,
    STATE_HELLO_TLS,
    STATE_QUIT,
    STATE_CLOSE,
    STATE_DONE,
    STATE_COUNT
};

struct mail_dialogue {
    const struct mail_protocol *protocol;
    const char *helo;
    bool implicit_tls;
    bool plain_only;
    bool ask_anyway;
    bool skip_hello;
    bool in_tls;
    bool failed;          /* stop and step are settled: only quit and close are left */
    bool greeted_twice;   /* a second greeting came where the answer to EHLO belongs */
    bool in_foreign_line; /* the rest of this line belongs to bytes that nobody asked for */
    enum mail_leave leave;
    struct mail_pace pace;
    struct mail_timeouts timeouts;
    struct facts_endpoint *facts;
    struct base_arena *arena;
    const struct base_log *log;
    const char *who;
    enum state state;
    base_usec begun;
    base_usec asked; /* when the present state was entered */
    base_usec deadline;
    struct mail_reply_reader reader;
    struct base_buf out;
};

/* name: for logs; doing: for messages; step: how far the visit came; timeout: which patience;
 * enter: sends the command and begins the reply; reply: what a complete reply leads to. */
struct mail_state_row {
    const char *name;
    const char *doing;
    enum facts_step step;
    enum { NO_TIME, GREETING_TIME, COMMAND_TIME, QUIT_TIME } timeout;
    enum mail_want want;
    void (*enter)(struct mail_dialogue *d);
    void (*reply)(struct mail_dialogue *d, base_usec now);
};

static const struct mail_state_row rows[STATE_COUNT];

/* --- moving --- */

static base_usec patience(const struct mail_dialogue *d) {
    switch (rows[d->state].timeout) {
    case GREETING_TIME:
        return d->timeouts.greeting;
    case COMMAND_TIME:
        return d->timeouts.command;
    case QUIT_TIME:
        return d->timeouts.quit;
    case NO_TIME:
        break;
    }
    return BASE_NEVER;
}

static base_usec later(base_usec now, base_usec time) {
    return time > BASE_NEVER - now ? BASE_NEVER : now + time;
}

static void set_state(struct mail_dialogue *d, enum state next, base_usec now) {
    base_log_line(d->log, BASE_LOG_DEBUG, d->who, "mail: %s -> %s", rows[d->state].name,
                  rows[next].name);
    d->state = next;
    d->asked = now;
    if (!d->failed)
        d->facts->step = rows[next].step;
    d->deadline = later(now, patience(d));
    if (rows[next].enter)
        rows[next].enter(d);
}

/* Sends one command; `format` may hold one %s for our name. */
static void send_command(struct mail_dialogue *d, const char *format) {
    struct base_bytes f = base_bytes_of_str(format);
    size_t at = base_bytes_find_str(f, "%s");
    base_buf_append_bytes(&d->out, base_bytes_slice(f, 0, at));
    if (at < f.len) {
        base_buf_append_str(&d->out, d->helo);
        base_buf_append_bytes(&d->out, base_bytes_slice(f, at + 2, f.len));
    }
    base_log_bytes(d->log, BASE_LOG_DEBUG, d->who, "> ", base_buf_view(&d->out));
}

/* Settles why the visit went no further than this step. */
static void stop(struct mail_dialogue *d, enum facts_stop why, const char *error) {
    if (d->failed)
        return;
    d->failed = true;
    d->facts->stop = why;
    if (error)
        d->facts->error = error;
    base_log_line(d->log, BASE_LOG_INFO, d->who, "stopped at %s: %s", rows[d->state].doing,
                  error ? error : "see the facts");
}

/* All was asked. */
static void leave(struct mail_dialogue *d, base_usec now) {
    if (d->leave == MAIL_LEAVE_QUIT)
        send_command(d, d->protocol->quit);
    set_state(d, d->leave == MAIL_LEAVE_WAIT ? STATE_QUIT : STATE_DONE, now);
}

/* No word is left to be said. */
static void part(struct mail_dialogue *d, base_usec now) {
    set_state(d, d->leave == MAIL_LEAVE_WAIT ? STATE_CLOSE : STATE_DONE, now);
}

/* A refusal is settled; the server is left as it was wished, unless it leaves by itself. */
static void refused(struct mail_dialogue *d, const struct facts_reply *reply, base_usec now) {
    stop(d, FACTS_STOP_REFUSED, NULL);
    if (mail_protocol_leaves(reply))
        part(d, now);
    else
        leave(d, now);
}

/* True when our first word has to wait: the dialogue is paused then. */
static bool pauses(struct mail_dialogue *d, base_usec now) {
    base_usec turn = later(now, d->pace.first_word);
    base_usec connected = later(d->begun, d->pace.after_connection);
    base_usec until = turn > connected ? turn : connected;
    if (until <= now)
        return false;
    set_state(d, STATE_PAUSE, now);
    d->deadline = until;
    return true;
}

/* --- one state after the other --- */

static void begin(struct mail_dialogue *d, enum mail_reply_form form, const char *tag,
                  struct facts_reply *reply) {
    mail_reply_begin(&d->reader, form, tag, reply);
}

static void enter_greeting(struct mail_dialogue *d) {
    begin(d, d->protocol->greeting, NULL, &d->facts->greeting);
}

static struct facts_ehlo *current_ehlo(struct mail_dialogue *d) {
    return d->in_tls ? &d->facts->ehlo_tls : &d->facts->ehlo;
}

/* ManageSieve lists its capabilities in the greeting. */
static void read_greeting_capabilities(struct mail_dialogue *d) {
    struct facts_ehlo *e = current_ehlo(d);
    e->asked = true;
    e->verb = d->protocol->hello_verb;
    e->reply = d->facts->greeting;
    mail_ehlo_read(e, d->protocol->id, d->arena);
}

static void hello_known(struct mail_dialogue *d, base_usec now) {
    struct facts_starttls *s = &d->facts->starttls;
    if (d->in_tls || d->plain_only) {
        leave(d, now);
        return;
    }
    mail_ehlo_find_starttls(&d->facts->ehlo, d->protocol->id, d->arena, s);
    if (s->offered || d->ask_anyway) {
        set_state(d, STATE_STARTTLS, now);
        return;
    }
    if (mail_ehlo_was_cut(&d->facts->ehlo, d->protocol->id)) {
        stop(d, FACTS_STOP_LIMIT,
             "the list of what the server can do is longer than what is kept of it; whether it "
             "offers STARTTLS could not be told");
    } else {
        d->facts->step = FACTS_STEP_STARTTLS;
        stop(d, FACTS_STOP_NO_STARTTLS, NULL);
    }
    leave(d, now);
}

static void follow_greeting(struct mail_dialogue *d, base_usec now) {
    if (!mail_protocol_agrees(&d->facts->greeting)) {
        refused(d, &d->facts->greeting, now);
    } else if (!d->protocol->hello) {
        read_greeting_capabilities(d);
        hello_known(d, now);
    } else if (d->in_tls) {
        set_state(d, STATE_HELLO_TLS, now);
    } else {
        bool skip = d->skip_hello && !d->plain_only;
        set_state(d, skip ? STATE_STARTTLS_FIRST : STATE_HELLO, now);
    }
}

static void reply_greeting(struct mail_dialogue *d, base_usec now) {
    if (d->in_tls || mail_protocol_leaves(&d->facts->greeting) || !pauses(d, now))
        follow_greeting(d, now);
}

void mail_dialogue_end_pause(struct mail_dialogue *d, base_usec now) {
    if (d->state != STATE_PAUSE)
        return;
    if (d->implicit_tls)
        set_state(d, STATE_TLS, now);
    else
        follow_greeting(d, now);
}

static void enter_hello(struct mail_dialogue *d) {
    d->facts->ehlo.asked = true;
    d->facts->ehlo.verb = d->protocol->hello_verb;
    begin(d, d->protocol->hello_form, d->protocol->hello_tag, &d->facts->ehlo.reply);
    send_command(d, d->protocol->hello);
}

/* A second greeting is no answer to EHLO; when it came in a segment of its own it can't be told
 * from one but by its code. It is passed over once, and the answer still awaited. */
static bool passes_second_greeting(struct mail_dialogue *d) {
    if (d->facts->ehlo.reply.code != GREETING_CODE || d->greeted_twice)
        return false;
    d->greeted_twice = true;
    d->facts->unsolicited_bytes += d->reader.answer.bytes;
    begin(d, d->protocol->hello_form, d->protocol->hello_tag, &d->facts->ehlo.reply);
    return true;
}

/* IMAP: the command is refused, but the greeting has offered STARTTLS. That it did not would be no
 * "not offered": the list that was asked for is the one that counts. */
static bool greeting_offers_starttls(struct mail_dialogue *d) {
    struct facts_ehlo *e = &d->facts->ehlo;
    struct facts_starttls found = {0};
    if (d->protocol->id != FACTS_PROTOCOL_IMAP || mail_protocol_leaves(&e->reply))
        return false;
    mail_ehlo_read_code(e, &d->facts->greeting, d->arena);
    mail_ehlo_find_starttls(e, d->protocol->id, d->arena, &found);
    if (!found.offered)
        e->keyword_count = 0;
    return found.offered;
}

static void reply_hello(struct mail_dialogue *d, base_usec now) {
    struct facts_ehlo *e = &d->facts->ehlo;
    if (passes_second_greeting(d))
        return;
    if (mail_protocol_agrees(&e->reply) && e->reply.code != GREETING_CODE) {
        mail_ehlo_read(e, d->protocol->id, d->arena);
        hello_known(d, now);
    } else if (d->protocol->old_hello && e->reply.code >= 500) {
        /* RFC 5321 section 3.2: a server may know only HELO */
        e->ehlo_rejected = true;
        e->rejection = e->reply;
        set_state(d, STATE_OLD_HELLO, now);
    } else if (greeting_offers_starttls(d)) {
        hello_known(d, now);
    } else {
        refused(d, &e->reply, now);
    }
}

static void enter_old_hello(struct mail_dialogue *d) {
    d->facts->ehlo.verb = d->protocol->old_verb;
    begin(d, d->protocol->hello_form, d->protocol->hello_tag, &d->facts->ehlo.reply);
    send_command(d, d->protocol->old_hello);
}

static void reply_old_hello(struct mail_dialogue *d, base_usec now) {
    struct facts_ehlo *e = &d->facts->ehlo;
    if (!mail_protocol_agrees(&e->reply)) {
        refused(d, &e->reply, now);
        return;
    }
    /* the answer to HELO lists no keywords, whatever its lines may look like */
    hello_known(d, now);
}

static void enter_starttls(struct mail_dialogue *d) {
    d->facts->starttls.asked = true;
    begin(d, d->protocol->starttls_form, d->protocol->starttls_tag, &d->facts->starttls.reply);
    send_command(d, d->protocol->starttls);
}

static void reply_starttls(struct mail_dialogue *d, base_usec now) {
    struct facts_reply *r = &d->facts->starttls.reply;
    /* RFC 3207 section 4: 220; another 2xx is no consent to begin TLS */
    if (mail_protocol_agrees(r) && (r->code == 0 || r->code == 220))
        set_state(d, STATE_TLS, now);
    else
        refused(d, r, now);
}

static void enter_starttls_first(struct mail_dialogue *d) {
    d->facts->starttls.without_hello = true;
    enter_starttls(d);
}

/* A no for good ("503 EHLO first", BAD, -ERR) may be one to the order alone: it is kept, and all is
 * asked in order. What else may have come is the answer. */
static void reply_starttls_first(struct mail_dialogue *d, base_usec now) {
    struct facts_starttls *s = &d->facts->starttls;
    bool for_good = s->reply.code == 0 || s->reply.code >= 500;
    if (mail_protocol_agrees(&s->reply) || mail_protocol_leaves(&s->reply) || !for_good) {
        reply_starttls(d, now);
        return;
    }
    s->rejection = s->reply;
    s->reply = (struct facts_reply){.status = "", .enhanced = ""};
    s->asked = s->without_hello = false;
    set_state(d, STATE_HELLO, now);
}

static void enter_hello_tls(struct mail_dialogue *d) {
    const struct mail_protocol *p = d->protocol;
    struct facts_ehlo *e = &d->facts->ehlo_tls;
    e->asked = true;
    e->verb = p->hello_verb;
    begin(d, p->hello_form, p->again_tag, &e->reply);
    if (p->hello_again)
        send_command(d, p->hello_again);
}

static void reply_hello_tls(struct mail_dialogue *d, base_usec now) {
    struct facts_ehlo *e = &d->facts->ehlo_tls;
    if (!mail_protocol_agrees(&e->reply)) {
        refused(d, &e->reply, now);
        return;
    }
    mail_ehlo_read(e, d->protocol->id, d->arena);
    leave(d, now);
}

static void enter_quit(struct mail_dialogue *d) {
    begin(d, d->protocol->quit_form, d->protocol->quit_tag, &d->facts->quit);
    send_command(d, d->protocol->quit);
}

static void reply_quit(struct mail_dialogue *d, base_usec now) {
    set_state(d, STATE_CLOSE, now);
}

static const struct mail_state_row rows[STATE_COUNT] = {
    [STATE_CONNECT] = {"connect", "connecting", FACTS_STEP_CONNECT, NO_TIME, MAIL_WANT_READ, NULL,
                       NULL},
    [STATE_GREETING] = {"greeting", "waiting for the greeting", FACTS_STEP_GREETING, GREETING_TIME,
                        MAIL_WANT_READ, enter_greeting, reply_greeting},
    [STATE_PAUSE] = {"pause", "pausing before our first word", FACTS_STEP_GREETING, NO_TIME,
                     MAIL_WANT_READ, NULL, NULL},
    [STATE_HELLO] = {"hello", "asking what the server can do", FACTS_STEP_EHLO, COMMAND_TIME,
                     MAIL_WANT_READ, enter_hello, reply_hello},
    [STATE_OLD_HELLO] = {"old-hello", "saying HELO after EHLO was refused", FACTS_STEP_EHLO,
                         COMMAND_TIME, MAIL_WANT_READ, enter_old_hello, reply_old_hello},
    [STATE_STARTTLS_FIRST] = {"starttls-first", "asking for TLS without EHLO", FACTS_STEP_STARTTLS,
                              COMMAND_TIME, MAIL_WANT_READ, enter_starttls_first,
                              reply_starttls_first},
    [STATE_STARTTLS] = {"starttls", "asking for TLS", FACTS_STEP_STARTTLS, COMMAND_TIME,
                        MAIL_WANT_READ, enter_starttls, reply_starttls},
    [STATE_TLS] = {"tls", "the TLS handshake", FACTS_STEP_HANDSHAKE, NO_TIME, MAIL_WANT_TLS, NULL,
                   NULL},
    [STATE_HELLO_TLS] = {"hello-tls", "asking again inside TLS", FACTS_STEP_EHLO_TLS, COMMAND_TIME,
                         MAIL_WANT_READ, enter_hello_tls, reply_hello_tls},
    [STATE_QUIT] = {"quit", "saying goodbye", FACTS_STEP_QUIT, QUIT_TIME, MAIL_WANT_READ,
                    enter_quit, reply_quit},
    [STATE_CLOSE] = {"close", "waiting for the server to close", FACTS_STEP_QUIT, QUIT_TIME,
                     MAIL_WANT_CLOSE, NULL, NULL},
    [STATE_DONE] = {"done", "done", FACTS_STEP_DONE, NO_TIME, MAIL_WANT_DONE, NULL, NULL},
};

/* --- events --- */

/* Evidence grows with what comes, up to EVIDENCE_MAX bytes. */
static void note_early_bytes(struct mail_dialogue *d, struct base_bytes in) {
    struct facts_starttls *s = &d->facts->starttls;
    uint8_t kept[EVIDENCE_MAX];
    size_t n = base_bytes_copy(kept, sizeof kept, s->early);
    if (n < sizeof kept) {
        n += base_bytes_copy(kept + n, sizeof kept - n, in);
        s->early = base_arena_bytes(d->arena, base_bytes_view(kept, n));
    }
    s->early_bytes += in.len;
    base_log_bytes(d->log, BASE_LOG_INFO, d->who, "early plaintext, dropped: ", in);
}

static const char *strange_reply_text(struct mail_dialogue *d) {
    struct base_bytes odd = d->reader.odd;
    if (odd.len > 1 && (odd.data[0] == 0x15 || odd.data[0] == 0x16) && odd.data[1] == 3)
        return "the server sent TLS records where text was expected; this port may want TLS from "
               "the first byte (--implicit-tls)";
    if (base_bytes_starts_with_nocase(odd, "HTTP/") || base_bytes_find_str(odd, "<html") < odd.len)
        return "this is a web server, not a mail server";
    if (base_bytes_starts_with_nocase(odd, "SSH-"))
        return "this is an SSH server, not a mail server";
    return base_arena_printf(d->arena, "while %s, the server sent something that is no %s reply",
                             rows[d->state].doing, facts_protocol_name(d->protocol->id));
}

/* Reads on in the reply that is awaited, and follows it when it is complete. */
static void take_reply(struct mail_dialogue *d, struct base_bytes *in, base_usec now) {
    struct facts_reply *reply = d->reader.out;
    struct base_bytes before = *in;
    enum mail_reply_state state = mail_reply_feed(&d->reader, in);
    base_log_bytes(d->log, BASE_LOG_DEBUG, d->who, "< ",
                   base_bytes_slice(before, 0, before.len - in->len));
    switch (state) {
    case MAIL_REPLY_MORE:
        return;
    case MAIL_REPLY_DONE:
        reply->ms = base_clock_ms(now - d->asked);
        rows[d->state].reply(d, now);
        return;
    case MAIL_REPLY_BAD:
        if (d->state == STATE_QUIT)
            break; /* nobody cares how a goodbye is answered */
        if (!d->failed)
            d->facts->unread = d->reader.odd;
        stop(d, FACTS_STOP_NOT_PROTOCOL, strange_reply_text(d));
        break;
    case MAIL_REPLY_LIMIT:
        if (d->state == STATE_QUIT)
            break;
        stop(d, FACTS_STOP_LIMIT,
             base_arena_printf(d->arena, "while %s, a reply grew beyond %u bytes",
                               rows[d->state].doing, MAIL_REPLY_BYTES));
        break;
    }
    *in = BASE_BYTES_EMPTY;
    set_state(d, STATE_DONE, now);
}

/* A server may say at any time that it leaves (RFC 5321 section 3.8, RFC 3501 section 7.1.5). */
static bool says_goodbye(const struct mail_dialogue *d, struct base_bytes in) {
    switch (d->protocol->id) {
    case FACTS_PROTOCOL_SMTP:
    case FACTS_PROTOCOL_LMTP:
        return base_bytes_starts_with_nocase(in, "421 ") ||
               base_bytes_starts_with_nocase(in, "421-") ||
               base_bytes_starts_with_nocase(in, "421\r");
    case FACTS_PROTOCOL_IMAP:
        return base_bytes_starts_with_nocase(in, "* BYE");
    case FACTS_PROTOCOL_SIEVE:
        return base_bytes_starts_with_nocase(in, "BYE");
    case FACTS_PROTOCOL_POP3:
        break;
    }
    return false;
}

/* The end of a line that began before our command is no answer to it either. Only what looks like
 * text begins a line: a stray NUL does not swallow the answer that follows. */
static bool leaves_line_open(struct base_bytes in) {
    size_t from = in.len;
    while (from > 0 && in.data[from - 1] != '\n')
        from--;
    return from < in.len && in.data[from] > ' ' && in.data[from] < 0x7f;
}

static void note_unsolicited(struct mail_dialogue *d, struct base_bytes in) {
    d->facts->unsolicited_bytes += in.len;
    base_log_bytes(d->log, BASE_LOG_INFO, d->who, "unsolicited, dropped: ", in);
}

static void skip_foreign_line(struct mail_dialogue *d, struct base_bytes *in) {
    size_t end = base_bytes_find(*in, '\n');
    if (!d->in_foreign_line)
        return;
    d->in_foreign_line = end == in->len;
    note_unsolicited(d, base_bytes_slice(*in, 0, end + 1));
    *in = base_bytes_slice(*in, end + 1, in->len);
}

void mail_dialogue_feed(struct mail_dialogue *d, struct base_bytes in, base_usec now) {
    enum state asked = d->state;
    skip_foreign_line(d, &in);
    /* one reply, and what was passed over before it */
    while (in.len > 0 && rows[asked].reply && d->state == asked)
        take_reply(d, &in, now);
    if (in.len > 0 && says_goodbye(d, in)) {
        mail_dialogue_end_pause(d, now);
        if (rows[d->state].reply) {
            base_buf_clear(&d->out); /* it would not be read any more */
            take_reply(d, &in, now);
        }
    }
    if (in.len == 0)
        return;
    /* What is left came before anything was asked that it could answer. */
    if (d->state == STATE_TLS) {
        note_early_bytes(d, in);
    } else if (!d->in_tls && d->state != STATE_CLOSE && d->state != STATE_DONE) {
        note_unsolicited(d, in);
        d->in_foreign_line = leaves_line_open(in);
    }
}

void mail_dialogue_start(struct mail_dialogue *d, base_usec now) {
    d->begun = now;
    if (!d->implicit_tls)
        set_state(d, STATE_GREETING, now);
    else if (!pauses(d, now))
        set_state(d, STATE_TLS, now);
}

void mail_dialogue_tls_up(struct mail_dialogue *d, base_usec now) {
    d->in_tls = true;
    d->in_foreign_line = false;
    set_state(d, d->implicit_tls ? STATE_GREETING : STATE_HELLO_TLS, now);
}

void mail_dialogue_tls_failed(struct mail_dialogue *d, base_usec now) {
    stop(d, FACTS_STOP_HANDSHAKE, NULL);
    set_state(d, STATE_DONE, now);
}

void mail_dialogue_tls_over(struct mail_dialogue *d, base_usec now) {
    if (d->state == STATE_TLS)
        part(d, now);
}

bool mail_dialogue_is_leaving(const struct mail_dialogue *d) {
    return d->state == STATE_QUIT || d->state == STATE_CLOSE || d->state == STATE_DONE;
}

/* How long we waited, in words. */
static const char *timeout_text(struct mail_dialogue *d, base_usec now) {
    return base_arena_printf(d->arena, "nothing complete came within %.1f s while %s",
                             base_clock_ms(now - d->asked) / 1000.0, rows[d->state].doing);
}

/* The server said that it leaves, in a reply that had no other end. */
static bool has_left(struct mail_dialogue *d, base_usec now) {
    if (!rows[d->state].reply || !mail_protocol_leaves(d->reader.out))
        return false;
    d->reader.out->received = true;
    d->reader.out->ms = base_clock_ms(now - d->asked);
    return true;
}

/* Nothing more will come, or soon enough; why the visit ends here, unless it was over anyway. */
static void end(struct mail_dialogue *d, enum facts_stop why, const char *error, base_usec now) {
    if (!mail_dialogue_is_leaving(d)) {
        if (has_left(d, now))
            stop(d, FACTS_STOP_REFUSED, NULL);
        else
            stop(d, why, error);
    }
    set_state(d, STATE_DONE, now);
}

void mail_dialogue_tick(struct mail_dialogue *d, base_usec now) {
    if (now < d->deadline)
        return;
    if (d->state == STATE_PAUSE)
        mail_dialogue_end_pause(d, now);
    else
        end(d, FACTS_STOP_TIMEOUT, timeout_text(d, now), now);
}

void mail_dialogue_closed(struct mail_dialogue *d, enum mail_close_reason why, base_usec now) {
    bool reset = why == MAIL_CLOSED_RESET;
    if (d->state == STATE_DONE)
        return;
    end(d, reset ? FACTS_STOP_RESET : FACTS_STOP_CLOSED,
        base_arena_printf(d->arena, "the server %s the connection while we were %s",
                          reset ? "reset" : "closed", rows[d->state].doing),
        now);
}

void mail_dialogue_abort(struct mail_dialogue *d, enum facts_stop why, const char *error) {
    if (d->state == STATE_DONE)
        return;
    if (!mail_dialogue_is_leaving(d))
        stop(d, why, error);
    set_state(d, STATE_DONE, d->asked);
}

struct base_buf *mail_dialogue_output(struct mail_dialogue *d) {
    return &d->out;
}

enum mail_want mail_dialogue_want(const struct mail_dialogue *d) {
    return rows[d->state].want;
}

base_usec mail_dialogue_deadline(const struct mail_dialogue *d) {
    return d->deadline;
}

const char *mail_dialogue_state(const struct mail_dialogue *d) {
    return rows[d->state].name;
}

/* --- life --- */

static bool is_safe_name(const char *name) {
    if (!name || !name[0])
        return false;
    for (const char *p = name; *p; p++)
        if (*p == '\r' || *p == '\n')
            return false;
    return base_bytes_of_str(name).len <= 1024;
}

enum ws_err mail_dialogue_new(const struct mail_config *config, struct facts_endpoint *facts,
                              struct base_arena *arena, const struct base_log *log, const char *who,
                              struct mail_dialogue **out, struct base_error *e) {
    if (!is_safe_name(config->helo))
        return base_error_set(e, WS_USAGE,
                              "the name for EHLO must not be empty, longer than 1024 "
                              "bytes or hold line breaks");
    struct mail_dialogue *d = base_arena_alloc(arena, sizeof *d);
    if (!d)
        return base_error_set(e, WS_NOMEM, "no memory for the dialogue with %s", who);
    *d = (struct mail_dialogue){
        .protocol = mail_protocol_of(config->protocol),
        .helo = base_arena_str(arena, config->helo),
        .implicit_tls = config->implicit_tls,
        .plain_only = config->plain_only,
        .ask_anyway = config->ask_anyway,
        .skip_hello = config->skip_hello,
        .leave = config->leave,
        .pace = config->pace,
        .timeouts = config->timeouts,
        .facts = facts,
        .arena = arena,
        .log = log,
        .who = base_arena_str(arena, who),
        .deadline = BASE_NEVER,
    };
    facts->protocol = config->protocol;
    facts->implicit_tls = config->implicit_tls;
    mail_reply_init(&d->reader, MAIL_STRICT, arena);
    base_buf_init(&d->out, OUTPUT_MAX);
    *out = d;
    return WS_OK;
}

void mail_dialogue_release(struct mail_dialogue *d) {
    mail_reply_release(&d->reader);
    base_buf_release(&d->out);
}
