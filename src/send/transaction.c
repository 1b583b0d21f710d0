/* SPDX-License-Identifier: Apache-2.0 */
/* transaction - one SMTP or LMTP transaction, scripted by its plan
 *
 * The machine: a table of states, the reading of replies, the ends. What the states do stands in
 * transaction_greet (up to AUTH), transaction_tls and transaction_mail. Replies are read by mail/,
 * TLS is done by tls/; this decides what comes next and writes the transcript in swaks' words.
 *
 * Replies are read as swaks reads them, so that odd servers look the same: lines that are no reply
 * lines belong to the reply that follows, whatever comes early waits until something is expected,
 * and a reply that does not come within the time-out is an unexpected one. In contrast to swaks a
 * bare "250" is a reply, and TLS obeys the time-out.
 *
 * Ownership: everything but plan and transcript. Limits: a reply has MAIL_REPLY_BYTES at most.
 * RFC 5321, 2033, 3207, 2920, 4954. */
#include "send/transaction.h"

#include "send/explain.h"
#include "send/transaction_private.h"

#include <stdlib.h>

#define OUTPUT_MAX ((size_t)16 << 20)
#define INPUT_MAX ((size_t)16 << 20)
#define ARENA_MAX ((size_t)64 << 20)

/* --- the table --- */

struct row {
    const char *name;
    const char *doing;
    const char *step; /* its name for --expect and --json */
    void (*enter)(struct send_transaction *t);
    void (*reply)(struct send_transaction *t);
    enum send_stop stop;    /* the stop point that its command, and then its end, is */
    int code;               /* of the reply when all is well; 0: not always the same */
    enum send_exit refused; /* what it means when it is not */
    unsigned lax;           /* SEND_LAX_...: the rule by which it goes on all the same */
};

static void quit_enter(struct send_transaction *t);
static void quit_reply(struct send_transaction *t);

static const struct row rows[SEND_STATE_COUNT] = {
    [SEND_STATE_CONNECT] = {"connect", "connecting", .step = "connect"},
    [SEND_STATE_PROXY] = {"proxy", "sending the PROXY header", "proxy", .enter = send_proxy_enter},
    [SEND_STATE_TLS] = {"tls", "the TLS handshake", "tls", send_tls_enter, .stop = SEND_STOP_TLS},
    [SEND_STATE_BANNER] = {"banner", "waiting for the greeting", "banner", send_banner_enter,
                           send_banner_reply, .stop = SEND_STOP_CONNECT, .code = 220,
                           .refused = SEND_EXIT_BANNER, .lax = SEND_LAX_BANNER},
    /* the hellos' points and exit codes are their roles' */
    [SEND_STATE_HELLO] = {"hello", "saying hello", "hello", send_hello_enter, send_hello_reply,
                          .code = 250},
    [SEND_STATE_OLD_HELLO] = {"old-hello", "saying HELO after EHLO was refused", "hello",
                              send_old_hello_enter, send_old_hello_reply, .code = 250},
    [SEND_STATE_XCLIENT] = {"xclient", "sending XCLIENT", "xclient", send_xclient_enter,
                            send_xclient_reply, .stop = SEND_STOP_XCLIENT, .code = 220,
                            .refused = SEND_EXIT_XCLIENT},
    [SEND_STATE_STARTTLS] = {"starttls", "asking for TLS", "starttls", send_starttls_enter,
                             send_starttls_reply, .stop = SEND_STOP_TLS, .code = 220},
    [SEND_STATE_AUTH] = {"auth", "authenticating", "auth", send_auth_enter, send_auth_reply,
                         .stop = SEND_STOP_AUTH},
    [SEND_STATE_XFORWARD] = {"xforward", "sending XFORWARD", "xforward", send_xforward_enter,
                             send_xforward_reply, .code = 250, .refused = SEND_EXIT_EXTENSION},
    [SEND_STATE_MAIL] = {"mail", "naming the sender", "mail", send_mail_enter, send_mail_reply,
                         .stop = SEND_STOP_MAIL, .code = 250, .refused = SEND_EXIT_MAIL,
                         .lax = SEND_LAX_MAIL},
    [SEND_STATE_RCPT] = {"rcpt", "naming a recipient", "rcpt", send_rcpt_enter, send_rcpt_reply,
                         .stop = SEND_STOP_RCPT, .code = 250, .refused = SEND_EXIT_RCPT},
    [SEND_STATE_DATA] = {"data", "announcing the message", "data", send_data_enter, send_data_reply,
                         .stop = SEND_STOP_DATA, .code = 354, .refused = SEND_EXIT_DATA,
                         .lax = SEND_LAX_DATA},
    [SEND_STATE_BDAT] = {"bdat", "sending a chunk", "bdat", send_bdat_enter, send_bdat_reply,
                         .code = 250, .refused = SEND_EXIT_DATA},
    [SEND_STATE_MESSAGE] = {"message", "sending the message", "message",
                            .enter = send_message_enter},
    [SEND_STATE_DOT] = {"dot", "waiting for the verdict on the message", "dot", send_dot_enter,
                        send_dot_reply, .stop = SEND_STOP_DOT, .code = 250,
                        .refused = SEND_EXIT_DOT},
    [SEND_STATE_EACH] = {"each", "waiting for the verdict of each recipient", "dot",
                         send_each_enter, send_each_reply, .stop = SEND_STOP_DOT, .code = 250,
                         .refused = SEND_EXIT_DOT},
    [SEND_STATE_SCRIPT] = {"script", "playing the script", "script", send_script_enter,
                           .reply = send_script_reply},
    [SEND_STATE_QUIT] = {"quit", "saying goodbye", "quit", quit_enter, quit_reply, .code = 221,
                         .refused = SEND_EXIT_QUIT},
    [SEND_STATE_DONE] = {"done", "done", .step = "done"},
};

void send_state_set(struct send_transaction *t, enum send_state next) {
    base_log_line(t->plan->log, BASE_LOG_DEBUG, "send", "%s -> %s", rows[t->state].name,
                  rows[next].name);
    t->state = next;
    t->awaiting = false;
    t->deadline = BASE_NEVER;
    if (rows[next].enter)
        rows[next].enter(t);
}

/* --- saying --- */

void send_bytes(struct send_transaction *t, struct base_bytes b) {
    if (!t->in_tls)
        base_buf_append_bytes(&t->out, b);
    else if (tls_session_write(t->tls, b) == WS_OK || t->input_ended)
        base_buf_append_bytes(&t->out, base_buf_view(tls_session_output(t->tls)));
    if (t->in_tls)
        base_buf_clear(tls_session_output(t->tls));
}

/* The raw dump of a command; of a line that is shown otherwise it would give the secret away. */
static void dump_command(struct send_transaction *t, const char *line, struct base_bytes sent,
                         struct base_bytes shown) {
    if (t->plan->output.raw && t->plan->auth.show.hide_all && !base_bytes_equal_str(shown, line))
        send_transcript_info(t->transcript, "%zu bytes not dumped (--show-secrets dumps them)",
                             sent.len);
    else
        send_transcript_raw(t->transcript, true, sent);
}

void send_command_shown(struct send_transaction *t, const char *line, struct base_bytes shown) {
    struct base_buf b;
    base_buf_init(&b, OUTPUT_MAX);
    base_buf_append_str(&b, line);
    base_buf_append_str(&b, "\r\n");
    send_transcript_text(t->transcript, SEND_LINE_SENT, t->in_tls, shown);
    send_record_said(&t->record, rows[t->state].step, shown, t->in_tls);
    if (t->holds_commands) {
        base_buf_append_bytes(&t->held, base_buf_view(&b));
    } else {
        dump_command(t, line, base_buf_view(&b), shown);
        send_bytes(t, base_buf_view(&b));
    }
    base_buf_release(&b);
}

void send_command(struct send_transaction *t, const char *line) {
    send_command_shown(t, line, base_bytes_of_str(line));
}

void send_expect(struct send_transaction *t, int code, int other) {
    base_arena_release(&t->reply_arena);
    mail_reply_begin(&t->reader, MAIL_REPLY_SMTP, NULL, &t->reply);
    base_buf_clear(&t->heard);
    t->expected = code;
    t->expected_too = other;
    t->awaiting = true;
    t->asked = t->now;
    t->deadline = t->plan->timeout == 0 ? BASE_NEVER : t->now + t->plan->timeout;
}

void send_await(struct send_transaction *t) {
    if (!send_stops_after_sending(t, rows[t->state].stop))
        send_expect(t, rows[t->state].code, 0);
}

bool send_advertised(const struct send_transaction *t, const char *keyword) {
    for (size_t i = 0; i < t->hello.keyword_count; i++)
        if (base_bytes_equal_nocase(base_bytes_of_str(t->hello.keywords[i].name), keyword))
            return true;
    return false;
}

bool send_forgives(struct send_transaction *t, unsigned rule, enum send_exit code) {
    if (!(t->plan->extensions.lax & rule))
        return false;
    if (t->forgiven == SEND_EXIT_OK)
        t->forgiven = code;
    send_transcript_info(t->transcript, "Going on all the same (--lax)");
    return true;
}

bool send_parameter_advertised(const struct send_transaction *t, const char *keyword,
                               const char *parameter) {
    for (size_t i = 0; i < t->hello.keyword_count; i++) {
        if (!base_bytes_equal_nocase(base_bytes_of_str(t->hello.keywords[i].name), keyword))
            continue;
        struct base_bytes left = base_bytes_of_str(t->hello.keywords[i].params);
        while (left.len > 0) {
            size_t end = base_bytes_find(left, ' ');
            if (base_bytes_equal_nocase(base_bytes_slice(left, 0, end), parameter))
                return true;
            left = base_bytes_slice(left, end + 1, left.len);
        }
    }
    return false;
}

/* --- ending --- */

static void quit_enter(struct send_transaction *t) {
    if (!t->quit_sent)
        send_command(t, "QUIT");
    send_await(t);
}

/* Also after a time-out: what QUIT is answered changes nothing but, if asked for, the exit code. */
static void quit_reply(struct send_transaction *t) {
    if (!t->as_expected && t->exit == SEND_EXIT_OK && t->plan->quit_counts)
        t->exit = rows[t->state].refused;
    send_transcript_info(t->transcript, "Connection closed with %s.",
                         t->plan->target.transport == SEND_PIPE ? "child process" : "remote host");
    send_end(t, t->exit);
}

void send_give_up(struct send_transaction *t, enum send_exit code) {
    t->exit = code;
    send_state_set(t, SEND_STATE_QUIT);
}

void send_give_up_unsent(struct send_transaction *t, enum send_exit code) {
    if (t->plan->drop_after_send != rows[t->state].stop) {
        send_give_up(t, code);
        return;
    }
    send_command(t, "QUIT");
    send_drop(t);
}

void send_fail(struct send_transaction *t) {
    send_give_up(t, rows[t->state].refused);
}

bool send_refused(struct send_transaction *t) {
    const struct row *row = &rows[t->state];
    if (t->as_expected || send_forgives(t, row->lax, row->refused))
        return false;
    send_fail(t);
    return true;
}

void send_end(struct send_transaction *t, enum send_exit code) {
    if (code == SEND_EXIT_OK)
        code = t->forgiven;
    t->exit = send_expectations_judge(t->plan, t->expectations, code, t->transcript);
    send_tls_keep_session(t);
    if (t->in_tls && !t->dropped) {
        tls_session_close(t->tls);
        base_buf_append_bytes(&t->out, base_buf_view(tls_session_output(t->tls)));
        base_buf_clear(tls_session_output(t->tls));
    }
    send_state_set(t, SEND_STATE_DONE);
    if (t->plan->timeout > 0) /* a server that reads no more must not keep us */
        t->deadline = t->now + t->plan->timeout;
}

void send_drop(struct send_transaction *t) {
    send_transcript_info(t->transcript, "Dropping connection");
    t->dropped = true;
    send_end(t, SEND_EXIT_OK);
}

bool send_stops_after_sending(struct send_transaction *t, enum send_stop point) {
    if (point == SEND_STOP_NOWHERE || t->plan->drop_after_send != point)
        return false;
    send_drop(t);
    return true;
}

bool send_stops_after(struct send_transaction *t, enum send_stop point) {
    if (point == SEND_STOP_NOWHERE)
        return false;
    if (t->plan->drop_after == point)
        send_drop(t);
    else if (t->plan->quit_after == point)
        send_give_up(t, SEND_EXIT_OK);
    else
        return false;
    return true;
}

void send_pass(struct send_transaction *t, enum send_state next) {
    if (!send_stops_after(t, rows[t->state].stop))
        send_state_set(t, next);
}

static const char *peer_words(const struct send_transaction *t) {
    switch (t->plan->target.transport) {
    case SEND_PIPE:
        return "Child process";
    case SEND_UNIX:
        return "Socket";
    case SEND_TCP:
        break;
    }
    return "Remote host";
}

/* The connection is gone while we need it. After QUIT the reason for it counts, if there is one. */
static void lose(struct send_transaction *t) {
    enum send_exit code = t->exit == SEND_EXIT_OK ? SEND_EXIT_LOST : t->exit;
    struct base_bytes heard = base_buf_view(&t->heard);
    while (heard.len > 0 && heard.data[heard.len - 1] != '\n')
        heard.len--; /* a line without end is no line */
    if (t->awaiting)
        send_transcript_lapse(t->transcript, t->now - t->asked);
    if (heard.len > 0)
        send_transcript_text(t->transcript, SEND_LINE_UNEXPECTED, t->in_tls, heard);
    send_transcript_error(t->transcript, "%s closed connection unexpectedly.", peer_words(t));
    if (t->in_tls && !t->heard_in_tls)
        send_explain_taken_back(t);
    t->dropped = true;
    send_end(t, code);
}

/* --- hearing --- */

/* What the transcript shows of a reply: its lines, or with their base64 decoded. */
static void show_reply(struct send_transaction *t) {
    enum send_line kind = t->as_expected ? SEND_LINE_RECEIVED : SEND_LINE_UNEXPECTED;
    struct base_bytes heard = base_buf_view(&t->heard);
    if (t->state != SEND_STATE_AUTH || !t->plan->auth.show.plaintext || t->reply_is_plain ||
        (t->expected != 334 && t->expected_too != 334)) {
        send_transcript_text(t->transcript, kind, t->in_tls, heard);
        return;
    }
    struct base_buf shown;
    base_buf_init(&shown, MAIL_REPLY_BYTES + 16);
    send_auth_decode_reply(heard, &shown);
    send_transcript_text(t->transcript, kind, t->in_tls, base_buf_view(&shown));
    base_buf_release(&shown);
}

/* For --json and --expect; NULL: no reply came in time. */
static void note(struct send_transaction *t, const struct facts_reply *reply) {
    const char *step = rows[t->state].step;
    send_record_heard(&t->record, step, reply, t->as_expected, t->in_tls,
                      base_clock_ms(t->now - t->asked));
    int code = reply ? reply->code : -1;
    send_expectations_note(t->plan, t->expectations, step, code);
    if (t->state == SEND_STATE_DOT && t->plan->extensions.chunking) /* that was BDAT LAST */
        send_expectations_note(t->plan, t->expectations, "bdat", code);
}

static void reply_complete(struct send_transaction *t) {
    int code = t->reply.code;
    t->awaiting = false;
    t->deadline = BASE_NEVER;
    t->as_expected = t->expects_any
                         ? send_script_fits(t, code)
                         : code == t->expected || (t->expected_too != 0 && code == t->expected_too);
    send_transcript_lapse(t->transcript, t->now - t->asked);
    show_reply(t);
    note(t, &t->reply);
    rows[t->state].reply(t);
}

/* Keeps what the transcript shows of a line: without CR. */
static void keep_heard(struct send_transaction *t, struct base_bytes line) {
    while (line.len > 0) {
        size_t cr = base_bytes_find(line, '\r');
        base_buf_append_bytes(&t->heard, base_bytes_slice(line, 0, cr));
        line = base_bytes_slice(line, cr + 1, line.len);
    }
}

/* The raw dump comes before the text it belongs to: for a pipe line by line, else as it came. */
static void dump_input(struct send_transaction *t) {
    struct base_bytes in = base_bytes_slice(base_buf_view(&t->in), t->dumped, t->in.len);
    if (!t->plan->output.raw)
        return;
    if (t->plan->target.transport == SEND_PIPE && !t->in_tls)
        in = base_bytes_slice(in, 0, base_bytes_find(in, '\n') + 1);
    send_transcript_raw(t->transcript, false, in);
    t->dumped += in.len;
}

/* Takes one line, or what there is of it, into the reply under way. */
static void hear_line(struct send_transaction *t) {
    struct base_bytes line = base_buf_view(&t->in);
    size_t end = base_bytes_find(line, '\n') + 1;
    line = base_bytes_slice(line, 0, end);
    struct base_bytes left = line;
    if (t->dumped < line.len)
        dump_input(t);
    enum mail_reply_state state = mail_reply_feed(&t->reader, &left);
    keep_heard(t, line);
    t->dumped -= t->dumped < line.len ? t->dumped : line.len;
    base_buf_consume(&t->in, line.len);
    if (state == MAIL_REPLY_DONE) {
        reply_complete(t);
    } else if (state == MAIL_REPLY_LIMIT || t->heard.failed) {
        send_transcript_error(t->transcript, "While %s, a reply grew beyond %u bytes.",
                              rows[t->state].doing, MAIL_REPLY_BYTES);
        lose(t);
    }
}

static void hear(struct send_transaction *t) {
    while (t->awaiting && t->in.len > 0)
        hear_line(t);
    if (t->in.failed && t->state != SEND_STATE_DONE)
        lose(t);
    else if (t->awaiting && t->input_ended)
        lose(t);
}

static void reply_timeout(struct send_transaction *t) {
    struct base_buf b;
    base_buf_init(&b, 128);
    t->awaiting = false;
    t->deadline = BASE_NEVER;
    t->as_expected = false;
    t->reply = (struct facts_reply){.status = "", .enhanced = ""};
    send_transcript_lapse(t->transcript, t->now - t->asked);
    base_buf_printf(&b, "Timeout (%u secs) waiting for server response",
                    (unsigned)(t->plan->timeout / BASE_SECOND));
    send_transcript_text(t->transcript, SEND_LINE_UNEXPECTED, t->in_tls, base_buf_view(&b));
    base_buf_release(&b);
    note(t, NULL);
    rows[t->state].reply(t);
}

/* --- the driver's side --- */

static struct send_transaction *transaction_of(struct net_engine *e) {
    return (struct send_transaction *)(void *)e;
}

static const struct send_transaction *const_transaction_of(const struct net_engine *e) {
    return (const struct send_transaction *)(const void *)e;
}

static const char *target_name(const struct send_target *target) {
    return target->transport == SEND_PIPE   ? target->command
           : target->transport == SEND_UNIX ? target->socket_path
                                            : target->server;
}

static void on_connected(struct net_engine *e, double ms, base_usec now) {
    struct send_transaction *t = transaction_of(e);
    (void)ms;
    t->now = now;
    send_transcript_info(t->transcript, "Connected to %s.", target_name(&t->plan->target));
    send_state_set(t, SEND_STATE_PROXY);
}

/* The transport says in its own words why not. */
static void on_not_connected(struct net_engine *e, enum facts_connect_state state,
                             const char *error, double ms, base_usec now) {
    struct send_transaction *t = transaction_of(e);
    (void)state;
    (void)ms;
    t->now = now;
    t->connect_error = base_arena_str(&t->kept, error);
    t->dropped = true;
    send_end(t, SEND_EXIT_CONNECT);
}

static void on_received(struct net_engine *e, struct base_bytes in, base_usec now) {
    struct send_transaction *t = transaction_of(e);
    t->now = now;
    if (t->tls)
        send_tls_received(t, in);
    else
        base_buf_append_bytes(&t->in, in);
    send_message_settle(t);
    hear(t);
}

static void on_closed(struct net_engine *e, bool reset, base_usec now) {
    struct send_transaction *t = transaction_of(e);
    t->now = now;
    t->input_ended = true;
    if (t->tls)
        send_tls_closed(t, reset);
    send_message_settle(t);
    hear(t);
    if (t->state != SEND_STATE_DONE)
        lose(t);
}

static void on_tick(struct net_engine *e, base_usec now) {
    struct send_transaction *t = transaction_of(e);
    t->now = now;
    if (now < t->deadline)
        return;
    if (t->state == SEND_STATE_DONE) {
        base_buf_clear(&t->out);
        t->deadline = BASE_NEVER;
    } else if (t->state == SEND_STATE_TLS)
        send_tls_timeout(t);
    else if (t->awaiting)
        reply_timeout(t);
    else if (t->state == SEND_STATE_SCRIPT)
        send_state_set(t, SEND_STATE_SCRIPT); /* a wait is over */
    else
        send_message_settle(t);
    hear(t);
}

static struct base_buf *on_output(struct net_engine *e) {
    struct send_transaction *t = transaction_of(e);
    if (t->state == SEND_STATE_MESSAGE)
        send_message_pump(t);
    return &t->out;
}

static base_usec on_deadline(const struct net_engine *e) {
    return const_transaction_of(e)->deadline;
}

static bool on_done(const struct net_engine *e) {
    return const_transaction_of(e)->state == SEND_STATE_DONE;
}

static const struct net_engine_ops transaction_ops = {
    .connected = on_connected,
    .not_connected = on_not_connected,
    .received = on_received,
    .closed = on_closed,
    .tick = on_tick,
    .output = on_output,
    .deadline = on_deadline,
    .done = on_done,
};

/* --- life --- */

enum ws_err send_transaction_new(const struct send_plan *plan, struct send_transcript *transcript,
                                 struct send_transaction **out, struct base_error *e) {
    struct send_transaction *t = calloc(1, sizeof *t);
    *out = NULL;
    if (!t)
        return base_error_set(e, WS_NOMEM, "no memory for a transaction");
    t->engine.ops = &transaction_ops;
    t->plan = plan;
    t->transcript = transcript;
    t->deadline = BASE_NEVER;
    t->tls_failure = "";
    t->connect_error = "";
    base_arena_init(&t->arena, ARENA_MAX);
    base_arena_init(&t->reply_arena, ARENA_MAX);
    base_arena_init(&t->kept, ARENA_MAX);
    send_record_init(&t->record, plan->output.json);
    t->expectations = send_expectations_new(plan, &t->kept);
    base_buf_init(&t->out, OUTPUT_MAX);
    base_buf_init(&t->in, INPUT_MAX);
    base_buf_init(&t->heard, MAIL_REPLY_BYTES + MAIL_LINE_MAX);
    base_buf_init(&t->held, OUTPUT_MAX);
    mail_reply_init(&t->reader, MAIL_AS_SWAKS, &t->reply_arena);
    *out = t;
    return WS_OK;
}

void send_transaction_free(struct send_transaction *t) {
    if (!t)
        return;
    sasl_release(t->auth);
    tls_session_free(t->tls);
    tls_context_free(t->own_context.tls);
    mail_reply_release(&t->reader);
    base_buf_release(&t->out);
    base_buf_release(&t->in);
    base_buf_release(&t->heard);
    base_buf_release(&t->held);
    if (t->chunks_begun)
        base_buf_release(&t->chunk);
    base_arena_release(&t->arena);
    base_arena_release(&t->reply_arena);
    base_arena_release(&t->kept);
    send_record_release(&t->record);
    free(t);
}

struct net_engine *send_transaction_engine(struct send_transaction *t) {
    return &t->engine;
}

enum send_exit send_transaction_exit(const struct send_transaction *t) {
    return t->exit;
}

const struct send_record *send_transaction_record(const struct send_transaction *t) {
    return &t->record;
}

const char *send_transaction_connect_error(const struct send_transaction *t) {
    return t->connect_error;
}
