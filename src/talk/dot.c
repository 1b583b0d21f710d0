/* SPDX-License-Identifier: Apache-2.0 */
/* talk_dot - commands to waxseal itself, between those to the server.
 *
 * No mail protocol has a command that begins with a dot, so nothing is lost; inside a message dots
 * are the message's. What concerns the session is done by the stream's owner. */
#include "talk/dot.h"

#include "know/mail.h"

#include <string.h>

#define SAID_MAX ((size_t)4 << 20)

/* clang-format off */
static const struct talk_dot_command commands[] = {
    {"certificate", "show the certificates that the server sent"},
    {"help", "this list; \".help SIZE\", \".help 5.7.1\": what the server means by it"},
    {"keyupdate", "change the keys (TLS 1.3); \".keyupdate ask\": the server's too"},
    {"quit", "say goodbye to the server and leave"},
    {"reconnect", "begin again on a new connection, resuming the session"},
    {"renegotiate", "ask for a new handshake (up to TLS 1.2)"},
    {"session", "show what is known about the session"},
};
/* clang-format on */

static const char help_end[] =
    "All other lines go to the server, with CRLF; replies are shown as they come.\n"
    "After DATA a line of a single dot ends the message. On a terminal, a line of\n"
    "the message that begins with a dot gets a second one, which the server takes\n"
    "away; lines from a pipe go out as they are.\n"
    "Tab completes, arrow keys bring lines back, Ctrl-C drops the line (twice:\n"
    "leaves), Ctrl-D on an empty line says goodbye and leaves.\n";

const struct talk_dot_command *talk_dot_commands(size_t *count) {
    *count = sizeof commands / sizeof commands[0];
    return commands;
}

/* What a keyword of EHLO or an enhanced status stands for; false when it is neither. */
static bool explain(struct base_buf *out, const char *word) {
    const struct know_mail_keyword *keyword = know_mail_keyword_find(word);
    const struct know_mail_status *status = know_mail_status_find(word);
    if (keyword)
        base_buf_printf(out, "%s: %s (%s)\n", keyword->name, keyword->meaning, keyword->reference);
    else if (status)
        base_buf_printf(out, "%s: %s (%s, %s)\n", word, status->meaning,
                        know_mail_status_class(word), status->reference);
    return keyword || status;
}

static void show_word(struct talker *k, const char *word) {
    struct base_buf text;
    base_buf_init(&text, 4096);
    if (explain(&text, word))
        talk_sink_say(&k->sink, base_buf_cstr(&text));
    else
        talk_note(k, "nothing is known here about %s", word);
    base_buf_release(&text);
}

static void show_help(struct talker *k) {
    struct base_buf text;
    base_buf_init(&text, 4096);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        base_buf_printf(&text, ".%-12s %s\n", commands[i].name, commands[i].what);
    base_buf_append_str(&text, help_end);
    talk_sink_say(&k->sink, base_buf_cstr(&text));
    base_buf_release(&text);
}

/* A new connection: the conversation begins anew. */
static void begin_again(struct talker *k) {
    k->over = !k->s->open(k->s->arg);
    talk_offers_forget(&k->offers);
    talk_exchange_init(&k->x, k->t->protocol, k->t->server_first);
}

static bool run_for_session(struct talker *k, const char *name, const char *rest) {
    struct base_buf said;
    base_buf_init(&said, SAID_MAX);
    bool known = k->s->command && k->s->command(k->s->arg, name, rest, &said);
    if (known) {
        talk_sink_say(&k->sink, base_buf_cstr(&said));
        if (strcmp(name, "reconnect") == 0)
            begin_again(k);
    }
    base_buf_release(&said);
    return known;
}

static const struct talk_dot_command *find(struct base_bytes name) {
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (base_bytes_equal_nocase(name, commands[i].name))
            return &commands[i];
    return NULL;
}

enum talk_dot talk_dot_run(struct talker *k, struct base_bytes line) {
    while (line.len > 0 && line.data[line.len - 1] == '\r')
        line.len--;
    line = base_bytes_trim(base_bytes_slice(line, 1, line.len));
    size_t end = base_bytes_find(line, ' ');
    const struct talk_dot_command *c = find(base_bytes_slice(line, 0, end));
    char rest[64];
    rest[base_bytes_copy(rest, sizeof rest - 1,
                         base_bytes_trim(base_bytes_slice(line, end, line.len)))] = '\0';
    if (c && strcmp(c->name, "quit") == 0)
        return TALK_DOT_QUIT;
    if (c && strcmp(c->name, "help") == 0) {
        if (rest[0])
            show_word(k, rest);
        else
            show_help(k);
        return TALK_DOT_DONE;
    }
    if (c && run_for_session(k, c->name, rest))
        return TALK_DOT_DONE;
    talk_note(k, "no such command: .%.*s (.help lists them)", (int)(line.len & 0xff),
              line.data ? (const char *)line.data : "");
    return TALK_DOT_UNKNOWN;
}
