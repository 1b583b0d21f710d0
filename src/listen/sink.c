/* SPDX-License-Identifier: Apache-2.0 */
/* listen_sink - the server's side of SMTP with STARTTLS, without I/O.
 *
 * Mail is taken and thrown away. States and commands are const tables. What a client sends in clear
 * behind STARTTLS is dropped and never seen as a command (CVE-2011-0411), and everything learnt in
 * clear is forgotten when TLS is up (RFC 3207 section 4.2). Only CR LF ends a line; the end of a
 * message is CR LF "." CR LF and nothing else (no SMTP smuggling).
 *
 * Faults are planted where they show: in the greeting, in EHLO's answer, in STARTTLS.
 *
 * Limits: a command line of 2 KiB, 100 recipients, a message of 10 MB, 20 errors, 1 MiB of answers
 * that wait. RFC 5321, 3207, 1870, 2034, 6152. */
#include "listen/sink.h"

#include "listen/line.h"
#include "net/address.h"

#include <stdlib.h>

#define WORDS_MAX (1u << 20)
#define OUTPUT_MAX (8u << 20)
#define ERRORS_MAX 20u
#define RECIPIENTS_MAX 100u
#define DATA_PATIENCE 1024u /* kilobytes read beyond the size limit before the connection ends */

enum state {
    STATE_SILENT,    /* not connected yet, or a tarpit */
    STATE_COMMAND,   /* waits for a command */
    STATE_DATA,      /* throws a message away */
    STATE_HANDSHAKE, /* TLS is being set up */
    STATE_DOOMED,    /* will close on the next byte */
    STATE_END,       /* the driver sends what is left and closes */
};

struct listen_sink {
    struct net_engine engine; /* first: the driver's handle is the sink */
    const struct listen_sink_config *config;
    struct tls_session *session;
    struct base_buf words; /* answers, in clear */
    struct base_buf out;   /* bytes for the driver */
    struct listen_line_reader lines;
    enum state state;
    base_usec now; /* of the event being handled */
    base_usec deadline;
    bool secure; /* the session is up */
    bool greeted, mail, after_crlf;
    unsigned recipients, errors;
    size_t data_size;
    char who[NET_ADDRESS_TEXT];
};

struct state_row {
    const char *name;
    const char *doing;
    void (*line)(struct listen_sink *s, const struct listen_line *line); /* NULL: takes no lines */
};

static void on_command(struct listen_sink *s, const struct listen_line *line);
static void on_data(struct listen_sink *s, const struct listen_line *line);

static const struct state_row states[] = {
    [STATE_SILENT] = {"silent", "saying nothing", NULL},
    [STATE_COMMAND] = {"command", "waiting for a command", on_command},
    [STATE_DATA] = {"data", "throwing a message away", on_data},
    [STATE_HANDSHAKE] = {"handshake", "setting up TLS", NULL},
    [STATE_DOOMED] = {"doomed", "about to close", NULL},
    [STATE_END] = {"end", "closing", NULL},
};

struct listen_sink *listen_sink_of(struct net_engine *e) {
    return (struct listen_sink *)(void *)e;
}

static const struct listen_sink *const_sink_of(const struct net_engine *e) {
    return (const struct listen_sink *)(const void *)e;
}

static void set_state(struct listen_sink *s, enum state next) {
    if (s->state == next)
        return;
    base_log_line(s->config->log, BASE_LOG_DEBUG, s->who, "sink: %s -> %s (%s)",
                  states[s->state].name, states[next].name, states[next].doing);
    s->state = next;
}

/* --- saying --- */

WS_PRINTF(2, 3) static void say(struct listen_sink *s, const char *fmt, ...) {
    size_t before = s->words.len;
    va_list ap;
    va_start(ap, fmt);
    base_buf_vprintf(&s->words, fmt, ap);
    va_end(ap);
    if (!s->words.failed)
        base_log_bytes(s->config->log, BASE_LOG_DEBUG, s->who, "> ",
                       base_bytes_slice(base_buf_view(&s->words), before, s->words.len - before));
    base_buf_append_str(&s->words, "\r\n");
}

/* Answers go out in clear, or through the session; records follow. */
static void carry(struct listen_sink *s) {
    bool lost = s->words.failed;
    if (s->secure)
        lost |=
            s->words.len > 0 && tls_session_write(s->session, base_buf_view(&s->words)) != WS_OK;
    else
        base_buf_append_bytes(&s->out, base_buf_view(&s->words));
    base_buf_clear(&s->words);
    if (s->session) {
        struct base_buf *records = tls_session_output(s->session);
        base_buf_append_bytes(&s->out, base_buf_view(records));
        base_buf_clear(records);
    }
    if (lost || s->out.failed)
        set_state(s, STATE_END);
}

static void hang_up(struct listen_sink *s) {
    if (s->state == STATE_END)
        return;
    if (s->secure) {
        carry(s);
        tls_session_close(s->session);
    }
    set_state(s, STATE_END);
}

static void fault_of_client(struct listen_sink *s, const char *reply) {
    say(s, "%s", reply);
    if (++s->errors < ERRORS_MAX)
        return;
    say(s, "421 4.7.0 %s Too many errors", s->config->name);
    hang_up(s);
}

static void greet(struct listen_sink *s) {
    set_state(s, STATE_COMMAND);
    if (s->config->fault == LISTEN_MASKED)
        say(s, "220 ******************************************************");
    else
        say(s, "220 %s ESMTP waxseal", s->config->name);
}

/* --- commands --- */

static bool offers_starttls(const struct listen_sink *s) {
    if (s->secure || s->config->fault == LISTEN_NO_STARTTLS || s->config->fault == LISTEN_MASKED)
        return false;
    return s->config->tls || s->config->fault == LISTEN_STARTTLS_454 ||
           s->config->fault == LISTEN_HANDSHAKE_DIES;
}

static void forget_mail(struct listen_sink *s) {
    s->mail = false;
    s->recipients = 0;
    s->data_size = 0;
}

static void do_hello(struct listen_sink *s, struct base_bytes args, bool extended) {
    if (args.len == 0) {
        fault_of_client(s, "501 5.5.4 Say who you are");
        return;
    }
    s->greeted = true;
    forget_mail(s);
    if (!extended) {
        say(s, "250 %s", s->config->name);
        return;
    }
    say(s, "250-%s", s->config->name);
    say(s, "250-SIZE %u", LISTEN_SINK_SIZE);
    say(s, "250-8BITMIME");
    if (s->config->fault == LISTEN_MASKED)
        say(s, "250-XXXXXXXA"); /* as long as STARTTLS: the firewall keeps the packet's length */
    else if (offers_starttls(s))
        say(s, "250-STARTTLS");
    say(s, "250 ENHANCEDSTATUSCODES");
}

static void do_ehlo(struct listen_sink *s, struct base_bytes args) {
    do_hello(s, args, true);
}

static void do_helo(struct listen_sink *s, struct base_bytes args) {
    do_hello(s, args, false);
}

/* The reply goes out in clear first: only what follows belongs to the session. */
static void begin_tls(struct listen_sink *s, struct tls_session *session) {
    carry(s);
    s->session = session;
    tls_session_start(session, s->now);
    set_state(s, STATE_HANDSHAKE);
}

static struct tls_session *new_session(struct listen_sink *s) {
    struct tls_session *session = NULL;
    struct base_error e = {0};
    if (!s->config->tls)
        return NULL;
    if (tls_session_new(s->config->tls, NULL, s->config->log, s->who, &session, &e) == WS_OK)
        return session;
    base_log_line(s->config->log, BASE_LOG_WARN, s->who, "no TLS: %s", base_error_message(&e));
    return NULL;
}

static void do_starttls(struct listen_sink *s, struct base_bytes args) {
    enum listen_fault fault = s->config->fault;
    if (args.len > 0) {
        fault_of_client(s, "501 5.5.4 STARTTLS takes no parameters");
    } else if (s->secure) {
        fault_of_client(s, "503 5.5.1 TLS is active already");
    } else if (!offers_starttls(s)) {
        fault_of_client(s, fault == LISTEN_MASKED ? "500 5.5.1 Command not recognized"
                                                  : "502 5.5.1 STARTTLS is not offered here");
    } else if (fault == LISTEN_HANDSHAKE_DIES) {
        say(s, "220 2.0.0 Ready to start TLS");
        set_state(s, STATE_DOOMED);
    } else {
        struct tls_session *session = fault == LISTEN_STARTTLS_454 ? NULL : new_session(s);
        if (!session) {
            say(s, "454 4.7.0 TLS not available due to local problem");
            return;
        }
        say(s, "220 2.0.0 Ready to start TLS");
        if (fault == LISTEN_EARLY_PLAINTEXT)
            say(s, "250 2.0.0 This line was slipped in before TLS");
        begin_tls(s, session);
    }
}

/* "FROM:<path> PARAMETERS" -> what stands in the brackets, and the rest. */
static bool read_path(struct base_bytes args, const char *word, struct base_bytes *path,
                      struct base_bytes *rest) {
    struct base_bytes head = base_bytes_of_str(word);
    if (!base_bytes_starts_with_nocase(args, word))
        return false;
    args = base_bytes_trim(base_bytes_slice(args, head.len, args.len));
    size_t end = base_bytes_find(args, '>');
    if (args.len == 0 || args.data[0] != '<' || end == args.len)
        return false;
    *path = base_bytes_slice(args, 1, end - 1);
    *rest = base_bytes_slice(args, end + 1, args.len);
    return rest->len == 0 || rest->data[0] == ' ';
}

static struct base_bytes next_word(struct base_bytes *rest) {
    *rest = base_bytes_trim(*rest);
    size_t end = base_bytes_find(*rest, ' ');
    struct base_bytes word = base_bytes_slice(*rest, 0, end);
    *rest = base_bytes_slice(*rest, end, rest->len);
    return word;
}

/* NULL, or the reply that refuses a parameter of MAIL. */
static const char *refuse_parameter(struct base_bytes word) {
    uint64_t size;
    if (base_bytes_equal_nocase(word, "BODY=7BIT") ||
        base_bytes_equal_nocase(word, "BODY=8BITMIME"))
        return NULL;
    if (!base_bytes_starts_with_nocase(word, "SIZE="))
        return "555 5.5.4 Unknown parameter";
    if (!base_bytes_to_uint(base_bytes_slice(word, 5, word.len), UINT64_MAX, &size))
        return "501 5.5.4 SIZE needs a number";
    return size > LISTEN_SINK_SIZE ? "552 5.3.4 Message too large" : NULL;
}

static void do_mail(struct listen_sink *s, struct base_bytes args) {
    struct base_bytes path, rest = BASE_BYTES_EMPTY;
    const char *refusal = NULL;
    if (!s->greeted)
        refusal = "503 5.5.1 Say EHLO first";
    else if (s->mail)
        refusal = "503 5.5.1 A sender was given already";
    else if (!read_path(args, "FROM:", &path, &rest))
        refusal = "501 5.5.4 Syntax: MAIL FROM:<address>";
    while (!refusal && base_bytes_trim(rest).len > 0)
        refusal = refuse_parameter(next_word(&rest));
    if (refusal) {
        fault_of_client(s, refusal);
        return;
    }
    s->mail = true;
    say(s, "250 2.1.0 Ok");
}

static void do_rcpt(struct listen_sink *s, struct base_bytes args) {
    struct base_bytes path, rest;
    if (!s->mail) {
        fault_of_client(s, "503 5.5.1 Say MAIL first");
    } else if (!read_path(args, "TO:", &path, &rest) || path.len == 0) {
        fault_of_client(s, "501 5.5.4 Syntax: RCPT TO:<address>");
    } else if (base_bytes_trim(rest).len > 0) {
        fault_of_client(s, "555 5.5.4 Unknown parameter");
    } else if (s->recipients >= RECIPIENTS_MAX) {
        fault_of_client(s, "452 4.5.3 Too many recipients");
    } else {
        s->recipients++;
        say(s, "250 2.1.5 Ok");
    }
}

static void do_data(struct listen_sink *s, struct base_bytes args) {
    if (args.len > 0) {
        fault_of_client(s, "501 5.5.4 DATA takes no parameters");
    } else if (s->recipients == 0) {
        fault_of_client(s, "503 5.5.1 Say RCPT first");
    } else {
        s->data_size = 0;
        s->after_crlf = true;
        set_state(s, STATE_DATA);
        say(s, "354 End with <CR><LF>.<CR><LF>");
    }
}

static void do_rset(struct listen_sink *s, struct base_bytes args) {
    (void)args;
    forget_mail(s);
    say(s, "250 2.0.0 Ok");
}

static void do_noop(struct listen_sink *s, struct base_bytes args) {
    (void)args;
    say(s, "250 2.0.0 Ok");
}

static void do_vrfy(struct listen_sink *s, struct base_bytes args) {
    if (args.len == 0)
        fault_of_client(s, "501 5.5.4 Syntax: VRFY address");
    else
        say(s, "252 2.5.2 Send some mail, it will be thrown away");
}

static void do_quit(struct listen_sink *s, struct base_bytes args) {
    (void)args;
    say(s, "221 2.0.0 Bye");
    hang_up(s);
}

static const struct command {
    const char *verb;
    void (*run)(struct listen_sink *s, struct base_bytes args);
} commands[] = {
    {"EHLO", do_ehlo}, {"HELO", do_helo}, {"STARTTLS", do_starttls}, {"MAIL", do_mail},
    {"RCPT", do_rcpt}, {"DATA", do_data}, {"RSET", do_rset},         {"NOOP", do_noop},
    {"VRFY", do_vrfy}, {"QUIT", do_quit},
};

/* NULL, or the reply that refuses the line as such. */
static const char *refuse_line(const struct listen_line *line) {
    if (line->overlong)
        return "500 5.5.6 Line too long";
    if (!line->crlf)
        return "500 5.5.2 Lines end in CR LF";
    for (size_t i = 0; i < line->text.len; i++)
        if (line->text.data[i] < ' ' || line->text.data[i] > '~')
            return "500 5.5.2 Printable ASCII only";
    return NULL;
}

static void on_command(struct listen_sink *s, const struct listen_line *line) {
    const char *refusal = refuse_line(line);
    base_log_bytes(s->config->log, BASE_LOG_DEBUG, s->who, "< ", line->text);
    if (refusal) {
        fault_of_client(s, refusal);
        return;
    }
    struct base_bytes rest = line->text;
    struct base_bytes verb = base_bytes_slice(rest, 0, base_bytes_find(rest, ' '));
    rest = base_bytes_trim(base_bytes_slice(rest, verb.len, rest.len));
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (base_bytes_equal_nocase(verb, commands[i].verb)) {
            commands[i].run(s, rest);
            return;
        }
    fault_of_client(s, "500 5.5.2 Command not recognized");
}

/* A line of a message. Only "." between two CR LF ends it. */
static void on_data(struct listen_sink *s, const struct listen_line *line) {
    bool end = s->after_crlf && line->crlf && base_bytes_equal_str(line->text, ".");
    s->after_crlf = line->crlf;
    if (!end) {
        s->data_size += line->size;
        return;
    }
    if (s->data_size > LISTEN_SINK_SIZE)
        say(s, "552 5.3.4 Message too large");
    else
        say(s, "250 2.0.0 Ok: %zu bytes thrown away", s->data_size);
    forget_mail(s);
    set_state(s, STATE_COMMAND);
}

/* Somebody who sends without end is not waited for. */
static void watch_size(struct listen_sink *s) {
    size_t most = LISTEN_SINK_SIZE + DATA_PATIENCE * 1024;
    if (s->state != STATE_DATA || s->data_size + s->lines.size <= most)
        return;
    say(s, "421 4.3.4 %s Message far too large", s->config->name);
    hang_up(s);
}

/* --- bytes --- */

/* Line by line. STARTTLS changes the state to one that takes no lines: the rest is dropped. */
static void take_text(struct listen_sink *s, struct base_bytes in) {
    struct listen_line line;
    while (states[s->state].line && listen_line_next(&s->lines, &in, &line))
        states[s->state].line(s, &line);
    if (states[s->state].line)
        watch_size(s);
    else
        listen_line_reader_reset(&s->lines);
}

/* Nothing that was said in clear counts any more. */
static void be_secure(struct listen_sink *s) {
    s->secure = true;
    s->greeted = false;
    forget_mail(s);
    if (s->config->implicit_tls)
        greet(s);
    else
        set_state(s, STATE_COMMAND);
}

static void take_records(struct listen_sink *s, struct base_bytes in) {
    tls_session_feed(s->session, in, s->now);
    enum tls_state became = tls_session_state(s->session);
    struct base_buf *plain = tls_session_plain(s->session);
    if (!s->secure && (became == TLS_UP || became == TLS_CLOSED))
        be_secure(s);
    if (s->secure && plain->len > 0) {
        take_text(s, base_buf_view(plain));
        base_buf_clear(plain);
    }
    if (became == TLS_CLOSED)
        hang_up(s);
    else if (became == TLS_FAILED)
        set_state(s, STATE_END);
}

static void start_clock(struct listen_sink *s, base_usec now) {
    base_usec idle = s->config->idle_timeout;
    s->now = now;
    s->deadline = idle > BASE_NEVER - now ? BASE_NEVER : now + idle;
}

static void on_connected(struct net_engine *e, double ms, base_usec now) {
    struct listen_sink *s = listen_sink_of(e);
    (void)ms;
    start_clock(s, now);
    if (s->config->fault == LISTEN_TARPIT)
        return;
    if (s->config->implicit_tls) {
        struct tls_session *session = new_session(s);
        if (session)
            begin_tls(s, session);
        else
            set_state(s, STATE_END);
    } else {
        greet(s);
    }
    carry(s);
}

static void on_not_connected(struct net_engine *e, enum facts_connect_state state,
                             const char *error, double ms, base_usec now) {
    (void)state;
    (void)error;
    (void)ms;
    (void)now;
    set_state(listen_sink_of(e), STATE_END);
}

static void on_received(struct net_engine *e, struct base_bytes in, base_usec now) {
    struct listen_sink *s = listen_sink_of(e);
    if (s->state == STATE_SILENT || s->state == STATE_END)
        return;
    start_clock(s, now);
    if (s->state == STATE_DOOMED)
        set_state(s, STATE_END);
    else if (s->session)
        take_records(s, in);
    else
        take_text(s, in);
    carry(s);
}

static void on_closed(struct net_engine *e, bool reset, base_usec now) {
    struct listen_sink *s = listen_sink_of(e);
    s->now = now;
    if (s->session)
        tls_session_peer_closed(s->session, reset, now);
    set_state(s, STATE_END);
}

static void on_tick(struct net_engine *e, base_usec now) {
    struct listen_sink *s = listen_sink_of(e);
    if (now < s->deadline || s->state == STATE_END)
        return;
    s->now = now;
    if (states[s->state].line)
        say(s, "421 4.4.2 %s Nothing was said for too long", s->config->name);
    hang_up(s);
    carry(s);
}

static struct base_buf *on_output(struct net_engine *e) {
    return &listen_sink_of(e)->out;
}

static base_usec on_deadline(const struct net_engine *e) {
    return const_sink_of(e)->deadline;
}

static bool on_done(const struct net_engine *e) {
    return const_sink_of(e)->state == STATE_END;
}

static const struct net_engine_ops sink_ops = {
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

enum ws_err listen_sink_new(const struct listen_sink_config *c, const char *peer,
                            struct listen_sink **out) {
    struct listen_sink *s = calloc(1, sizeof *s);
    *out = NULL;
    if (!s)
        return WS_NOMEM;
    s->engine.ops = &sink_ops;
    s->config = c;
    s->deadline = BASE_NEVER;
    base_bytes_copy(s->who, sizeof s->who - 1, base_bytes_of_str(peer));
    base_buf_init(&s->words, WORDS_MAX);
    base_buf_init(&s->out, OUTPUT_MAX);
    listen_line_reader_init(&s->lines);
    *out = s;
    return WS_OK;
}

void listen_sink_free(struct listen_sink *s) {
    if (!s)
        return;
    if (s->session)
        tls_session_free(s->session);
    base_buf_release(&s->words);
    base_buf_release(&s->out);
    listen_line_reader_release(&s->lines);
    free(s);
}

struct net_engine *listen_sink_engine(struct listen_sink *s) {
    return &s->engine;
}

const char *listen_sink_state(const struct listen_sink *s) {
    return states[s->state].name;
}
