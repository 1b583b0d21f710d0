/* SPDX-License-Identifier: Apache-2.0 */
/* talk_auth - logs in before the conversation, so that no secret has to be typed into it.
 *
 * PLAIN and LOGIN, which are mere encodings: the session is encrypted already. What the server
 * takes is asked for inside TLS, since what was offered before counts no more (RFC 3207 section
 * 4.2). A login is a row of lines, each of which calls for the next. The lines are shown with their
 * secrets hidden and kept nowhere; the secret's memory is wiped.
 *
 * The secret comes from /dev/tty, so that a script's pipe stays the script's, and is not shown. It
 * is read while the connection is played: a server that closes meanwhile is noticed. Signals are
 * noted first and obeyed when the terminal echoes again.
 *
 * RFC 4954, 4616; IMAP RFC 3501 6.2.2, 6.2.3; POP3 RFC 5034, 1939 7; ManageSieve RFC 5804 2.1. */
#include "talk/signals.h"
#include "talk/talker.h"

#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LINE_MAX_BYTES ((size_t)8 << 10)
#define LINES 3
#define SECRET_MAX 1024u
#define LOOK_AROUND (BASE_SECOND / 4)

/* What a % in a line stands for: p the PLAIN message, u and s user and secret, all in base64; U and
 * S the same as they are; q and Q the same inside quotes. */
struct login {
    unsigned protocols; /* TALK_IN bits */
    const char *name;   /* in the server's list; NULL: the protocol's own way */
    const char *lines[LINES];
};

#define MTA (TALK_IN(FACTS_PROTOCOL_SMTP) | TALK_IN(FACTS_PROTOCOL_LMTP))

/* clang-format off */
static const struct login logins[] = { /* the first that is offered is taken */
    {MTA, "PLAIN", {"AUTH PLAIN %p"}},
    {MTA, "LOGIN", {"AUTH LOGIN", "%u", "%s"}},
    {TALK_IN(FACTS_PROTOCOL_IMAP), "PLAIN", {"AUTHENTICATE PLAIN", "%p"}},
    {TALK_IN(FACTS_PROTOCOL_IMAP), "LOGIN", {"AUTHENTICATE LOGIN", "%u", "%s"}},
    {TALK_IN(FACTS_PROTOCOL_IMAP), NULL, {"LOGIN %q %Q"}},
    {TALK_IN(FACTS_PROTOCOL_POP3), "PLAIN", {"AUTH PLAIN", "%p"}},
    {TALK_IN(FACTS_PROTOCOL_POP3), "LOGIN", {"AUTH LOGIN", "%u", "%s"}},
    {TALK_IN(FACTS_PROTOCOL_POP3), NULL, {"USER %U", "PASS %S"}},
    {TALK_IN(FACTS_PROTOCOL_SIEVE), "PLAIN", {"AUTHENTICATE \"PLAIN\" \"%p\""}},
    {TALK_IN(FACTS_PROTOCOL_SIEVE), "LOGIN", {"AUTHENTICATE \"LOGIN\"", "\"%u\"", "\"%s\""}},
};
/* clang-format on */

/* --- what is offered --- */

static bool list_has(const char *list, const char *name) {
    struct base_bytes rest = base_bytes_of_str(list);
    while (rest.len > 0) {
        size_t end = 0;
        while (end < rest.len && rest.data[end] != ' ' && rest.data[end] != '"')
            end++;
        if (base_bytes_equal_nocase(base_bytes_slice(rest, 0, end), name))
            return true;
        rest = base_bytes_slice(rest, end + 1, rest.len);
    }
    return false;
}

static const char *mechanisms(const struct talker *k) {
    const char *list =
        talk_offers_find(&k->offers, k->t->protocol <= FACTS_PROTOCOL_LMTP ? "AUTH" : "SASL");
    return list ? list : "";
}

static bool imap_offers(const struct talker *k, const char *name) {
    char keyword[32] = "AUTH=";
    (void)base_bytes_copy(keyword + 5, sizeof keyword - 6, base_bytes_of_str(name));
    return talk_offers_find(&k->offers, keyword) != NULL;
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

static void append_base64(struct base_buf *out, struct base_bytes in) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < in.len; i += 3) {
        uint32_t v = (uint32_t)in.data[i] << 16;
        v |= i + 1 < in.len ? (uint32_t)in.data[i + 1] << 8 : 0;
        v |= i + 2 < in.len ? in.data[i + 2] : 0;
        base_buf_append_byte(out, (uint8_t)digits[v >> 18]);
        base_buf_append_byte(out, (uint8_t)digits[v >> 12 & 63]);
        base_buf_append_byte(out, i + 1 < in.len ? (uint8_t)digits[v >> 6 & 63] : '=');
        base_buf_append_byte(out, i + 2 < in.len ? (uint8_t)digits[v & 63] : '=');
    }
}

static void append_quoted(struct base_buf *out, const char *s) {
    base_buf_append_str(out, "\"");
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            base_buf_append_str(out, "\\");
        base_buf_append_byte(out, (uint8_t)*s);
    }
    base_buf_append_str(out, "\"");
}

/* RFC 4616: nobody, user, secret, with NUL between. */
static void append_plain(struct base_buf *out, const char *user, const char *secret) {
    struct base_buf message;
    base_buf_init(&message, LINE_MAX_BYTES);
    base_buf_append_byte(&message, 0);
    base_buf_append_str(&message, user);
    base_buf_append_byte(&message, 0);
    base_buf_append_str(&message, secret);
    append_base64(out, base_buf_view(&message));
    if (message.data)
        explicit_bzero(message.data, message.cap);
    base_buf_release(&message);
}

static void append_part(struct base_buf *out, char what, const char *user, const char *secret) {
    const char *text = what == 's' || what == 'S' || what == 'Q' ? secret : user;
    if (what == 'p')
        append_plain(out, user, secret);
    else if (what == 'u' || what == 's')
        append_base64(out, base_bytes_of_str(text));
    else if (what == 'q' || what == 'Q')
        append_quoted(out, text);
    else
        base_buf_append_str(out, text);
}

/* With `secret` NULL: the line as it may be shown. */
static void append_line(struct base_buf *out, const char *line, const char *user,
                        const char *secret) {
    for (; *line; line++) {
        if (*line != '%')
            base_buf_append_byte(out, (uint8_t)*line);
        else if (secret)
            append_part(out, *++line, user, secret);
        else if (*++line == 'q' || *line == 'U')
            base_buf_append_str(out, user);
        else
            base_buf_append_str(out, *line == 'u' ? "(user)" : "(hidden)");
    }
}

static void show_line(struct talker *k, const char *line) {
    struct base_buf text;
    if (k->hears_silently)
        return;
    base_buf_init(&text, LINE_MAX_BYTES);
    append_line(&text, line, k->t->auth_user, NULL);
    base_buf_append_str(&text, "\n");
    talk_sink_put(&k->sink, base_buf_view(&text));
    base_buf_release(&text);
}

static enum talk_await say_line(struct talker *k, const char *line, const char *secret) {
    struct base_buf text;
    base_buf_init(&text, LINE_MAX_BYTES);
    append_line(&text, line, k->t->auth_user, secret);
    base_buf_append_str(&text, "\r\n");
    enum talk_await got = talk_ask(k, base_buf_cstr(&text));
    if (text.data)
        explicit_bzero(text.data, text.cap);
    base_buf_release(&text);
    explicit_bzero(k->x.line, sizeof k->x.line);
    if (k->out.data)
        explicit_bzero(k->out.data, k->out.cap);
    return got;
}

/* --- the secret --- */

static void put(int fd, const char *text) {
    struct base_bytes v = base_bytes_of_str(text);
    if (write(fd, v.data, v.len) < 0)
        return; /* the line can be typed without its prompt */
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

static enum talk_auth_end refused(struct talker *k) {
    talk_note(k, "the login as %s was refused: %s", k->t->auth_user, k->x.reply.text);
    if (k->x.turn == TALK_TURN_ANSWER) /* it wants something that we have not got */
        (void)talk_ask(k, "*\r\n");
    return TALK_AUTH_REFUSED;
}

static enum talk_auth_end play(struct talker *k, const struct login *l, const char *secret) {
    for (size_t i = 0; i < LINES && l->lines[i]; i++) {
        bool last = i + 1 == LINES || !l->lines[i + 1];
        show_line(k, l->lines[i]);
        enum talk_await got = say_line(k, l->lines[i], secret);
        if (got != TALK_AWAIT_REPLY)
            return end_of(got);
        enum mail_agreement answer = k->x.reply.agreement;
        bool goes_on = answer == MAIL_GO_ON || (!l->name && answer == MAIL_YES);
        if (last && answer == MAIL_YES)
            return TALK_AUTH_DONE;
        if (last || !goes_on)
            return refused(k);
    }
    return TALK_AUTH_REFUSED;
}

static enum talk_auth_end log_in(struct talker *k) {
    char secret[SECRET_MAX];
    enum talk_await got = ask_what_is_offered(k);
    if (got != TALK_AWAIT_REPLY)
        return end_of(got);
    const struct login *l = pick(k);
    if (!l) {
        talk_note(k, "the server offers no login that is known here (PLAIN, LOGIN): %s",
                  mechanisms(k)[0] ? mechanisms(k) : "none at all");
        return TALK_AUTH_REFUSED;
    }
    enum talk_auth_end end = ask_secret(k, secret);
    if (end == TALK_AUTH_DONE)
        end = play(k, l, secret);
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
