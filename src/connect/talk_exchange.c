/* SPDX-License-Identifier: Apache-2.0 */
/* connect_exchange - a conversation in step: one command, its whole reply, the next command.
 *
 * It knows what a reply makes of the lines that follow: a message up to "." after 354, answers to
 * challenges after 334 and "+", bytes by number (BDAT, literals), one reply for each recipient in
 * LMTP. Lines pass through a small buffer: what a line is shows at its start and at its end, so a
 * line of any length needs no more.
 *
 * Lines go out as they were written: a script writes SMTP, dots doubled by itself. On a terminal
 * `stuff` doubles them. An IMAP command without a tag is given one.
 *
 * RFC 5321 4.1, 4.5.2; 3030; 4954; 2033 4.2; 3501 2.2, 4.3; 7888; 1939; 5804. */
#include "connect/talk_exchange.h"

#include <stdio.h>

/* --- asking --- */

static enum connect_form form_of(const struct connect_exchange *x, struct base_bytes rest) {
    enum connect_follow follow = x->verb ? x->verb->follow : CONNECT_FOLLOW_NONE;
    switch (x->protocol) {
    case FACTS_PROTOCOL_IMAP:
        return CONNECT_FORM_IMAP;
    case FACTS_PROTOCOL_POP3:
        return follow == CONNECT_FOLLOW_LIST ||
                       (follow == CONNECT_FOLLOW_LIST_ALONE && base_bytes_trim(rest).len == 0)
                   ? CONNECT_FORM_POP3_LIST
                   : CONNECT_FORM_POP3;
    case FACTS_PROTOCOL_SIEVE:
        return follow == CONNECT_FOLLOW_CHALLENGE ? CONNECT_FORM_SIEVE_CHALLENGE
                                                  : CONNECT_FORM_SIEVE;
    case FACTS_PROTOCOL_SMTP:
    case FACTS_PROTOCOL_LMTP:
        break;
    }
    return CONNECT_FORM_SMTP;
}

/* It is the server's turn. A reply that came before all of the command had gone out counts. */
static void ask(struct connect_exchange *x, enum connect_ask what) {
    struct connect_follower *f = &x->follower;
    x->ask = what;
    x->asked++;
    x->turn = CONNECT_TURN_REPLY;
    if (f->awaiting || x->early)
        return;
    char tag[sizeof f->tag];
    size_t len = base_bytes_copy(tag, sizeof tag - 1, base_bytes_of_str(f->tag));
    connect_follower_begin(f, f->form, base_bytes_view(tag, len));
}

void connect_exchange_init(struct connect_exchange *x, enum facts_protocol protocol,
                           bool server_first) {
    *x = (struct connect_exchange){.protocol = protocol,
                                   .stuff = x->stuff,
                                   .skip_refused = x->skip_refused,
                                   .asked = x->asked};
    x->follower.form = form_of(x, BASE_BYTES_EMPTY);
    if (!server_first)
        return;
    connect_follower_begin(&x->follower,
                           protocol == FACTS_PROTOCOL_IMAP ? CONNECT_FORM_IMAP_GREETING
                                                           : x->follower.form,
                           BASE_BYTES_EMPTY);
    ask(x, CONNECT_ASK_GREETING);
}

const char *connect_exchange_goodbye(const struct connect_exchange *x) {
    switch (x->protocol) {
    case FACTS_PROTOCOL_IMAP:
    case FACTS_PROTOCOL_SIEVE:
        return "LOGOUT\r\n";
    case FACTS_PROTOCOL_SMTP:
    case FACTS_PROTOCOL_LMTP:
    case FACTS_PROTOCOL_POP3:
        break;
    }
    return "QUIT\r\n";
}

/* --- a command of the user --- */

static struct base_bytes line_of(const struct connect_exchange *x) {
    return base_bytes_view(x->line, x->line_len);
}

/* Cuts the first word off; *rest stands behind the blank. */
static struct base_bytes cut_word(struct base_bytes *rest) {
    size_t end = 0;
    while (end < rest->len && !base_ascii_is_space(rest->data[end]))
        end++;
    struct base_bytes word = base_bytes_slice(*rest, 0, end);
    *rest = base_bytes_slice(*rest, end + 1, rest->len);
    return word;
}

static void read_imap_tag(struct connect_exchange *x, struct base_bytes word,
                          struct base_bytes *rest, struct base_buf *out,
                          char tag[sizeof x->follower.tag]) {
    struct base_bytes after = *rest;
    struct base_bytes second = cut_word(&after);
    const struct connect_verb *verb = connect_verb_find(x->protocol, second);
    if (!verb && connect_verb_find(x->protocol, word)) {
        x->verb = connect_verb_find(x->protocol, word);
        (void)snprintf(tag, sizeof x->follower.tag, "w%u", ++x->tags);
        base_buf_printf(out, "%s ", tag);
        return;
    }
    x->verb = verb;
    *rest = after;
    tag[base_bytes_copy(tag, sizeof x->follower.tag - 1, word)] = '\0';
}

/* Reads what the start of the line says: before any of it goes out. */
static void begin_command(struct connect_exchange *x, struct base_buf *out) {
    struct base_bytes rest = line_of(x);
    struct base_bytes word = cut_word(&rest);
    char tag[sizeof x->follower.tag] = "";
    x->verb = connect_verb_find(x->protocol, word);
    if (x->protocol == FACTS_PROTOCOL_IMAP)
        read_imap_tag(x, word, &rest, out, tag);
    connect_follower_begin(&x->follower, form_of(x, rest), base_bytes_of_str(tag));
    x->early = false;
    x->bytes_left = 0;
    x->last_chunk = false;
    if (!x->verb || x->verb->follow != CONNECT_FOLLOW_CHUNK)
        return;
    (void)base_bytes_to_uint(cut_word(&rest), UINT64_MAX / 16, &x->bytes_left);
    x->last_chunk = base_bytes_equal_nocase(base_bytes_trim(rest), "LAST");
}

/* LMTP: a message gets a reply for each recipient (RFC 2033 section 4.2). */
static void ask_for_message(struct connect_exchange *x) {
    ask(x, CONNECT_ASK_TAKEN);
    if (x->protocol == FACTS_PROTOCOL_LMTP && x->recipients > 0)
        x->replies_left = x->recipients - 1;
}

/* The command is complete, with all the bytes it announced. */
static void ask_for_command(struct connect_exchange *x) {
    if (x->last_chunk)
        ask_for_message(x);
    else if (x->verb && x->verb->follow == CONNECT_FOLLOW_MESSAGE)
        ask(x, CONNECT_ASK_MESSAGE);
    else
        ask(x, CONNECT_ASK_COMMAND);
}

static bool ends_in_literal(const struct connect_exchange *x, uint64_t *n, bool *plus) {
    bool known = x->protocol == FACTS_PROTOCOL_IMAP || x->protocol == FACTS_PROTOCOL_SIEVE;
    if (!known || !connect_tail_announces(&x->tail, n, plus))
        return false;
    *plus = *plus || x->protocol == FACTS_PROTOCOL_SIEVE;
    return true;
}

/* The line has gone out: whose turn is it? */
static void end_command(struct connect_exchange *x) {
    bool plus = false;
    if (ends_in_literal(x, &x->bytes_left, &plus)) {
        x->continued = true;
        if (plus || x->discard)
            x->turn = CONNECT_TURN_BYTES;
        else
            ask(x, CONNECT_ASK_LITERAL);
        return;
    }
    x->continued = false;
    if (x->discard) {
        x->discard = false;
        x->turn = CONNECT_TURN_COMMAND;
    } else if (x->bytes_left > 0) {
        x->turn = CONNECT_TURN_BYTES;
    } else {
        ask_for_command(x);
    }
}

/* --- lines and bytes of the user --- */

/* What has been gathered goes out; the rest of a long line follows it straight away. */
static void pass_line(struct connect_exchange *x, struct base_buf *out) {
    bool dot = x->line_len > 0 && x->line[0] == '.';
    if (x->turn == CONNECT_TURN_COMMAND && !x->continued)
        begin_command(x, out);
    if (x->discard || x->turn == CONNECT_TURN_REFUSED)
        return;
    if (x->turn == CONNECT_TURN_MESSAGE && x->stuff && dot && x->line_len > 1)
        base_buf_append_str(out, ".");
    base_buf_append_bytes(out, line_of(x));
}

static void take_piece(struct connect_exchange *x, struct base_bytes piece, struct base_buf *out) {
    connect_tail_add(&x->tail, piece);
    if (!x->line_passes) {
        size_t kept = base_bytes_copy(x->line + x->line_len, sizeof x->line - x->line_len, piece);
        x->line_len += kept;
        if (kept == piece.len)
            return;
        pass_line(x, out);
        x->line_passes = true;
        piece = base_bytes_slice(piece, kept, piece.len);
    }
    if (!x->discard && x->turn != CONNECT_TURN_REFUSED)
        base_buf_append_bytes(out, piece);
}

/* The end of a message, wanted or not. */
static void end_message(struct connect_exchange *x) {
    if (x->turn == CONNECT_TURN_REFUSED) {
        x->turn = CONNECT_TURN_COMMAND;
        return;
    }
    ask_for_message(x);
}

static void end_line(struct connect_exchange *x, struct base_buf *out) {
    bool message = x->turn == CONNECT_TURN_MESSAGE || x->turn == CONNECT_TURN_REFUSED;
    bool dot = !x->line_passes && base_bytes_equal_str(line_of(x), ".");
    bool empty =
        x->line_len == 0 && !x->line_passes && x->turn == CONNECT_TURN_COMMAND && !x->continued;
    if (empty)
        return;
    if (!x->line_passes)
        pass_line(x, out);
    if (!x->discard && x->turn != CONNECT_TURN_REFUSED)
        base_buf_append_str(out, "\r\n");
    else if (message && !dot)
        x->skipped++;
    if (x->turn == CONNECT_TURN_COMMAND)
        end_command(x);
    else if (x->turn == CONNECT_TURN_ANSWER)
        ask(x, CONNECT_ASK_COMMAND);
    else if (message && dot)
        end_message(x);
    x->line_len = x->tail.len = 0;
    x->line_passes = false;
}

static void take_line(struct connect_exchange *x, struct base_bytes *in, struct base_buf *out) {
    size_t end = base_bytes_find(*in, '\n');
    bool whole = end < in->len;
    struct base_bytes piece = base_bytes_slice(*in, 0, end);
    *in = base_bytes_slice(*in, whole ? end + 1 : end, in->len);
    if (x->cr && (piece.len > 0 || !whole))
        take_piece(x, base_bytes_of_str("\r"), out);
    x->cr = piece.len > 0 ? piece.data[piece.len - 1] == '\r' : x->cr && whole;
    if (piece.len > 0 && x->cr)
        piece.len--;
    if (piece.len > 0)
        take_piece(x, piece, out);
    if (!whole)
        return;
    x->cr = false;
    end_line(x, out);
}

static void take_bytes(struct connect_exchange *x, struct base_bytes *in, struct base_buf *out) {
    size_t n = x->bytes_left < in->len ? (size_t)x->bytes_left : in->len;
    if (!x->discard)
        base_buf_append_bytes(out, base_bytes_slice(*in, 0, n));
    *in = base_bytes_slice(*in, n, in->len);
    x->bytes_left -= n;
    if (x->bytes_left > 0)
        return;
    if (x->continued)
        x->turn = CONNECT_TURN_COMMAND;
    else
        ask_for_command(x);
}

void connect_exchange_take(struct connect_exchange *x, struct base_bytes *in,
                           struct base_buf *out) {
    while (x->turn != CONNECT_TURN_REPLY && (in->len > 0 || x->turn == CONNECT_TURN_BYTES)) {
        if (x->turn != CONNECT_TURN_BYTES)
            take_line(x, in, out);
        else if (in->len > 0 || x->bytes_left == 0)
            take_bytes(x, in, out);
        else
            return;
    }
}

/* --- replies of the server --- */

static const enum connect_turn turn_after[][3] = {
    /*                        yes                   no                     more */
    [CONNECT_ASK_GREETING] = {CONNECT_TURN_COMMAND, CONNECT_TURN_COMMAND, CONNECT_TURN_COMMAND},
    [CONNECT_ASK_COMMAND] = {CONNECT_TURN_COMMAND, CONNECT_TURN_COMMAND, CONNECT_TURN_ANSWER},
    [CONNECT_ASK_MESSAGE] = {CONNECT_TURN_REFUSED, CONNECT_TURN_REFUSED, CONNECT_TURN_MESSAGE},
    [CONNECT_ASK_LITERAL] = {CONNECT_TURN_BYTES, CONNECT_TURN_BYTES, CONNECT_TURN_BYTES},
    [CONNECT_ASK_TAKEN] = {CONNECT_TURN_COMMAND, CONNECT_TURN_COMMAND, CONNECT_TURN_COMMAND},
};

/* A server that asks where nothing can be asked (354 to EHLO) gets no answer. */
static bool may_challenge(const struct connect_exchange *x) {
    return x->protocol == FACTS_PROTOCOL_IMAP || !x->verb ||
           x->verb->follow == CONNECT_FOLLOW_CHALLENGE;
}

/* PRDR's 353 announces a reply for each recipient, and one for all. */
static void count_transaction(struct connect_exchange *x) {
    enum connect_follow follow = x->verb ? x->verb->follow : CONNECT_FOLLOW_NONE;
    bool agreed = x->reply.answer == CONNECT_ANSWER_YES;
    if (x->ask == CONNECT_ASK_TAKEN && x->reply.code == 353 && x->replies_left == 0)
        x->replies_left = x->recipients + 1;
    else if (x->ask == CONNECT_ASK_TAKEN && x->replies_left == 0)
        x->recipients = 0;
    else if (x->ask == CONNECT_ASK_COMMAND && agreed && follow == CONNECT_FOLLOW_RCPT)
        x->recipients++;
    else if (x->ask == CONNECT_ASK_COMMAND && agreed &&
             (follow == CONNECT_FOLLOW_MAIL || follow == CONNECT_FOLLOW_HELLO))
        x->recipients = 0;
}

static enum connect_turn next_turn(const struct connect_exchange *x) {
    enum connect_turn next = turn_after[x->ask][x->reply.answer];
    if (next == CONNECT_TURN_MESSAGE && x->reply.code != 354)
        next = CONNECT_TURN_REFUSED;
    if (next == CONNECT_TURN_REFUSED && !x->skip_refused)
        next = CONNECT_TURN_COMMAND;
    if (next == CONNECT_TURN_ANSWER && !may_challenge(x))
        next = CONNECT_TURN_COMMAND;
    return next;
}

static void take_reply(struct connect_exchange *x) {
    x->reply = x->follower.reply;
    x->leaving = x->leaving || x->reply.leaving;
    if (x->ask == CONNECT_ASK_COMMAND && x->reply.answer == CONNECT_ANSWER_YES && x->verb &&
        x->verb->follow == CONNECT_FOLLOW_CLOSE)
        x->goodbye = true;
    count_transaction(x);
    if (x->replies_left > 0) {
        x->replies_left--;
        ask(x, x->ask);
        return;
    }
    x->discard = x->ask == CONNECT_ASK_LITERAL && x->reply.answer != CONNECT_ANSWER_MORE;
    x->turn = next_turn(x);
    x->skipped = 0;
    if (!x->discard || x->skip_refused)
        return;
    x->discard = x->continued = false; /* nothing has been written yet: a person asks next */
    x->turn = CONNECT_TURN_COMMAND;
}

bool connect_exchange_feed(struct connect_exchange *x, struct base_bytes *in) {
    bool whole = x->early || connect_follower_feed(&x->follower, in);
    x->early = whole && x->turn != CONNECT_TURN_REPLY;
    if (!whole || x->early)
        return false;
    take_reply(x);
    return true;
}
