/* SPDX-License-Identifier: Apache-2.0 */
/* talk_auth - logs in before the conversation, so that no secret has to be typed into it.
 *
 * Mechanisms are sasl's: PLAIN and LOGIN first, which are mere encodings, as the session is
 * encrypted already. What the server takes is asked for inside TLS, since what was offered before
 * counts no more (RFC 3207 section 4.2). The lines are shown with their secrets hidden and kept
 * nowhere; the secret's memory is wiped.
 *
 * The secret comes from /dev/tty, so that a script's pipe stays the script's, and is not shown. It
 * is read while the connection is played: a server that closes meanwhile is noticed. Signals are
 * noted first and obeyed when the terminal echoes again.
 *
 * RFC 4954; IMAP RFC 3501 6.2.2, 6.2.3; POP3 RFC 5034, 1939 7; ManageSieve RFC 5804 2.1. */
#include "sasl/exchange.h"

#include "base/file.h"
#include "talk/signals.h"
#include "talk/talker.h"
#include "tls/sasl_crypto.h"

#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LINE_MAX_BYTES ((size_t)8 << 10)
#define SASL_BYTES ((size_t)64 << 10)
#define SECRET_MAX 1024u
#define LOOK_AROUND (BASE_SECOND / 4)

struct login {
    unsigned protocols; /* TALK_IN bits */
    const char *name;   /* in the server's list; NULL: the protocol's own way */
    enum sasl_mechanism mechanism;
};

#define MTA (TALK_IN(FACTS_PROTOCOL_SMTP) | TALK_IN(FACTS_PROTOCOL_LMTP))
#define IMAP TALK_IN(FACTS_PROTOCOL_IMAP)
#define POP3 TALK_IN(FACTS_PROTOCOL_POP3)
#define ALL (MTA | IMAP | POP3 | TALK_IN(FACTS_PROTOCOL_SIEVE))

static const struct login logins[] = {
    /* the first that is offered is taken */
    {ALL, "PLAIN", SASL_PLAIN},
    {ALL, "LOGIN", SASL_LOGIN},
    {IMAP | POP3, NULL, SASL_MECHANISM_COUNT},
    {ALL, "CRAM-MD5", SASL_CRAM_MD5},
};

/* --- what is offered --- */

static bool list_has(const char *list, const char *name) {
    struct base_bytes rest = base_bytes_of_str(list), word;
    while (talk_offers_word(&rest, &word))
        if (base_bytes_equal_nocase(word, name))
            return true;
    return false;
}

static const char *mechanisms(const struct talker *k) {
    const char *list =
        talk_offers_find(&k->offers, k->t->protocol <= FACTS_PROTOCOL_LMTP ? "AUTH" : "SASL");
    return list ? list : "";
}

/* IMAP lists them one by one: "AUTH=PLAIN AUTH=LOGIN". */
static bool imap_offers(const struct talker *k, const char *name) {
    const struct facts_ehlo *list = talk_offers_list(&k->offers);
    for (size_t i = 0; list && i < list->keyword_count; i++)
        if (strcmp(list->keywords[i].name, "AUTH") == 0 &&
            base_bytes_equal_nocase(base_bytes_of_str(list->keywords[i].params), name))
            return true;
    return false;
}

static bool is_offered(const struct talker *k, const struct login *l) {
    if (!(l->protocols & TALK_IN(k->t->protocol)))
        return false;
    if (!l->name)
        return !talk_offers_find(&k->offers, "LOGINDISABLED");
    if (k->t->protocol == FACTS_PROTOCOL_IMAP)
        return imap_offers(k, l->name);
    return list_has(mechanisms(k), l->name);
}

static const struct login *pick(const struct talker *k) {
    for (size_t i = 0; i < sizeof logins / sizeof logins[0]; i++)
        if (is_offered(k, &logins[i]))
            return &logins[i];
    return NULL;
}

static void ask_line(const struct talker *k, struct base_buf *line) {
    const char *name = k->t->helo && k->t->helo[0] ? k->t->helo : "localhost";
    switch (k->t->protocol) {
    case FACTS_PROTOCOL_SMTP:
        base_buf_printf(line, "EHLO %s\r\n", name);
        break;
    case FACTS_PROTOCOL_LMTP:
        base_buf_printf(line, "LHLO %s\r\n", name);
        break;
    case FACTS_PROTOCOL_POP3:
        base_buf_append_str(line, "CAPA\r\n");
        break;
    case FACTS_PROTOCOL_IMAP:
    case FACTS_PROTOCOL_SIEVE:
        base_buf_append_str(line, "CAPABILITY\r\n");
        break;
    }
}

static enum talk_await ask_what_is_offered(struct talker *k) {
    struct base_buf line;
    if (k->offers.heard.asked)
        return TALK_AWAIT_REPLY;
    base_buf_init(&line, 1024);
    ask_line(k, &line);
    if (!k->hears_silently)
        talk_sink_put(&k->sink, base_buf_view(&line));
    enum talk_await got = talk_ask(k, base_buf_cstr(&line));
    base_buf_release(&line);
    return got;
}

/* --- lines --- */

static void append_quoted(struct base_buf *out, const char *s) {
    base_buf_append_str(out, "\"");
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            base_buf_append_str(out, "\\");
        base_buf_append_byte(out, (uint8_t)*s);
    }
    base_buf_append_str(out, "\"");
}

/* Shows the one, says the other, which is wiped. */
static enum talk_await say_line(struct talker *k, const char *shown, struct base_buf *line) {
    if (!k->hears_silently) {
        talk_sink_put(&k->sink, base_bytes_of_str(shown));
        talk_sink_put(&k->sink, base_bytes_of_str("\n"));
    }
    base_buf_append_str(line, "\r\n");
    enum talk_await got = talk_ask(k, base_buf_cstr(line));
    base_buf_wipe(line);
    explicit_bzero(k->x.line, sizeof k->x.line);
    if (k->out.data)
        explicit_bzero(k->out.data, k->out.cap);
    return got;
}

/* In the protocol's words: the command that names a mechanism, with what is said at once (NULL:
 * nothing), or without `name` the answer to a challenge. */
static void append_words(struct base_buf *out, enum facts_protocol protocol, const char *name,
                         const char *text) {
    bool sieve = protocol == FACTS_PROTOCOL_SIEVE;
    if (name) {
        base_buf_append_str(out,
                            sieve || protocol == FACTS_PROTOCOL_IMAP ? "AUTHENTICATE " : "AUTH ");
        base_buf_printf(out, sieve ? "\"%s\"" : "%s", name);
    }
    if (name && text)
        base_buf_append_str(out, " ");
    if (text)
        base_buf_printf(out, sieve ? "\"%s\"" : "%s", text);
}

static enum talk_await say_words(struct talker *k, const char *name, const char *text,
                                 const char *shown) {
    struct base_buf line, seen;
    base_buf_init(&line, LINE_MAX_BYTES);
    base_buf_init(&seen, LINE_MAX_BYTES);
    append_words(&seen, k->t->protocol, name, text ? shown : NULL);
    append_words(&line, k->t->protocol, name, text);
    enum talk_await got = say_line(k, base_buf_cstr(&seen), &line);
    base_buf_release(&seen);
    return got;
}

/* --- the secret --- */

static void put(int fd, const char *text) {
    (void)base_file_write(fd, base_bytes_of_str(text)); /* it can be typed without its prompt */
}

static void put_prompt(int fd, const char *user) {
    struct base_buf prompt;
    base_buf_init(&prompt, 1024);
    base_buf_printf(&prompt, "Password of %s: ", user);
    put(fd, base_buf_cstr(&prompt));
    base_buf_release(&prompt);
}

/* The terminal hands out whole lines here. */
static enum talk_auth_end read_secret(struct talker *k, int fd, char out[SECRET_MAX]) {
    for (;;) {
        enum net_play_event event = talk_wait(k, fd, base_clock_now() + LOOK_AROUND);
        if (k->over)
            return TALK_AUTH_CUT;
        if (talk_signals_wait())
            return TALK_AUTH_STOPPED;
        if (event != NET_PLAY_FD)
            continue;
        ssize_t n = read(fd, out, SECRET_MAX - 1);
        if (n <= 0)
            return TALK_AUTH_STOPPED; /* Ctrl-D */
        out[n] = '\0';
        out[strcspn(out, "\r\n")] = '\0';
        return TALK_AUTH_DONE;
    }
}

/* Without echo. TALK_AUTH_REFUSED: it is no terminal. */
static enum talk_auth_end ask_unseen(struct talker *k, int fd, char out[SECRET_MAX]) {
    struct termios before, silent;
    if (tcgetattr(fd, &before) != 0)
        return TALK_AUTH_REFUSED;
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    silent.c_lflag |= ICANON | ISIG | ECHONL;
    if (tcsetattr(fd, TCSAFLUSH, &silent) != 0)
        return TALK_AUTH_REFUSED;
    put_prompt(fd, k->t->auth_user);
    enum talk_auth_end end = read_secret(k, fd, out);
    (void)tcsetattr(fd, TCSAFLUSH, &before);
    if (end != TALK_AUTH_DONE)
        put(fd, "\n");
    return end;
}

/* `out` is a C string; the caller wipes it. */
static enum talk_auth_end ask_secret(struct talker *k, char out[SECRET_MAX]) {
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    enum talk_auth_end end = TALK_AUTH_REFUSED;
    out[0] = '\0';
    if (fd >= 0) {
        if (talk_signals_take())
            end = ask_unseen(k, fd, out);
        talk_signals_give_back();
        close(fd);
    }
    if (end == TALK_AUTH_REFUSED)
        talk_note(k, "there is no terminal to ask for the password of %s", k->t->auth_user);
    if (end == TALK_AUTH_CUT)
        talk_note(k, "the server closed the connection");
    return end;
}

/* --- the login --- */

static enum talk_auth_end end_of(enum talk_await got) {
    return got == TALK_AWAIT_STOPPED ? TALK_AUTH_STOPPED : TALK_AUTH_CUT;
}

static enum talk_auth_end failed(struct talker *k, const char *how, const char *why) {
    talk_note(k, "the login as %s %s: %s", k->t->auth_user, how, why);
    if (k->x.turn == TALK_TURN_ANSWER) /* it wants something that we have not got */
        (void)talk_ask(k, "*\r\n");
    return TALK_AUTH_REFUSED;
}

static enum talk_auth_end refused(struct talker *k) {
    return failed(k, "was refused", k->x.reply.text);
}

static const char *challenge_of(const struct talker *k) {
    const char *text = k->x.reply.text;
    switch (k->t->protocol) {
    case FACTS_PROTOCOL_SMTP:
    case FACTS_PROTOCOL_LMTP:
        return strlen(text) > 4 ? text + 4 : "";
    case FACTS_PROTOCOL_IMAP:
    case FACTS_PROTOCOL_POP3:
        return strlen(text) > 2 ? text + 2 : "";
    case FACTS_PROTOCOL_SIEVE:
        break;
    }
    return text; /* quoted: the base64 is found between */
}

/* SMTP and ManageSieve take the first answer with the command; the others ask for it. */
static bool waits_to_be_asked(const struct talker *k) {
    return k->t->protocol == FACTS_PROTOCOL_IMAP || k->t->protocol == FACTS_PROTOCOL_POP3;
}

static enum talk_auth_end converse(struct talker *k, const struct login *l,
                                   struct sasl_exchange *x) {
    struct sasl_line line;
    if (!sasl_first(x, &line))
        return failed(k, "can't be tried", sasl_error(x));
    bool held = line.text && waits_to_be_asked(k);
    const char *shown = l->mechanism == SASL_LOGIN ? "(user)" : "(hidden)";
    enum talk_await got = say_words(k, l->name, held ? NULL : line.text, shown);
    for (;;) {
        bool asked = k->x.reply.agreement == MAIL_GO_ON;
        if (got != TALK_AWAIT_REPLY)
            return end_of(got);
        if (!asked && (k->x.reply.agreement != MAIL_YES || held ||
                       line.then == SASL_THEN_CHALLENGE || !sasl_agreed(x)))
            return refused(k);
        if (!asked)
            return TALK_AUTH_DONE;
        if (!held && !sasl_step(x, base_bytes_of_str(challenge_of(k)), &line))
            return failed(k, "failed", sasl_error(x));
        held = false;
        got = say_words(k, NULL, line.text, line.then == SASL_THEN_CHALLENGE ? shown : "(hidden)");
    }
}

static enum talk_auth_end play(struct talker *k, const struct login *l, const char *secret) {
    const struct sasl_credentials who = {.user = k->t->auth_user, .password = secret};
    const struct sasl_peer peer = {.host = "", .encrypted = true, .crypto = &tls_sasl_crypto};
    struct base_arena arena;
    base_arena_init(&arena, SASL_BYTES);
    struct sasl_exchange *x = sasl_new(l->mechanism, &who, &peer, NULL, &arena);
    enum talk_auth_end end = x ? converse(k, l, x) : failed(k, "can't be tried", "out of memory");
    sasl_release(x);
    base_arena_release(&arena);
    return end;
}

static enum talk_auth_end judged(struct talker *k, enum talk_await got) {
    if (got != TALK_AWAIT_REPLY)
        return end_of(got);
    return k->x.reply.agreement == MAIL_YES ? TALK_AUTH_DONE : refused(k);
}

static enum talk_auth_end play_imap_login(struct talker *k, const char *secret) {
    struct base_buf line, seen;
    base_buf_init(&line, LINE_MAX_BYTES);
    base_buf_init(&seen, LINE_MAX_BYTES);
    base_buf_printf(&seen, "LOGIN %s (hidden)", k->t->auth_user);
    base_buf_append_str(&line, "LOGIN ");
    append_quoted(&line, k->t->auth_user);
    base_buf_append_str(&line, " ");
    append_quoted(&line, secret);
    enum talk_await got = say_line(k, base_buf_cstr(&seen), &line);
    base_buf_release(&seen);
    return judged(k, got);
}

static enum talk_auth_end play_pop3_pass(struct talker *k, const char *secret) {
    struct base_buf line, seen;
    base_buf_init(&line, LINE_MAX_BYTES);
    base_buf_init(&seen, LINE_MAX_BYTES);
    base_buf_printf(&seen, "USER %s", k->t->auth_user);
    base_buf_append_bytes(&line, base_buf_view(&seen));
    enum talk_await got = say_line(k, base_buf_cstr(&seen), &line);
    base_buf_release(&seen);
    if (got != TALK_AWAIT_REPLY || k->x.reply.agreement == MAIL_NO)
        return judged(k, got);
    base_buf_printf(&line, "PASS %s", secret);
    return judged(k, say_line(k, "PASS (hidden)", &line));
}

static enum talk_auth_end log_in(struct talker *k) {
    char secret[SECRET_MAX];
    enum talk_await got = ask_what_is_offered(k);
    if (got != TALK_AWAIT_REPLY)
        return end_of(got);
    const struct login *l = pick(k);
    if (!l) {
        talk_note(k, "the server offers no login that is known here (PLAIN, LOGIN, CRAM-MD5): %s",
                  mechanisms(k)[0] ? mechanisms(k) : "none at all");
        return TALK_AUTH_REFUSED;
    }
    enum talk_auth_end end = ask_secret(k, secret);
    if (end == TALK_AUTH_DONE)
        end = l->name                                 ? play(k, l, secret)
              : k->t->protocol == FACTS_PROTOCOL_IMAP ? play_imap_login(k, secret)
                                                      : play_pop3_pass(k, secret);
    explicit_bzero(secret, sizeof secret);
    return end;
}

enum talk_auth_end talk_auth_run(struct talker *k) {
    if (strpbrk(k->t->auth_user, "\r\n")) {
        talk_note(k, "a user name has no line ends");
        return TALK_AUTH_REFUSED;
    }
    return log_in(k);
}
