/* SPDX-License-Identifier: Apache-2.0 */
/* talk_exchange - a conversation in step: one command, its whole reply, the next command.
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
#include "talk/exchange.h"

#include <stdio.h>

/* --- asking --- */

static enum mail_reply_form form_of(const struct talk_exchange *x, struct base_bytes rest) {
    enum talk_follow follow = x->verb ? x->verb->follow : TALK_FOLLOW_NONE;
    switch (x->protocol) {
    case FACTS_PROTOCOL_IMAP:
        return MAIL_REPLY_IMAP;
    case FACTS_PROTOCOL_POP3:
        return follow == TALK_FOLLOW_LIST ||
                       (follow == TALK_FOLLOW_LIST_ALONE && base_bytes_trim(rest).len == 0)
                   ? MAIL_REPLY_POP3_LIST
                   : MAIL_REPLY_POP3;
    case FACTS_PROTOCOL_SIEVE:
        return follow == TALK_FOLLOW_CHALLENGE ? MAIL_REPLY_SIEVE_CHALLENGE : MAIL_REPLY_SIEVE;
    case FACTS_PROTOCOL_SMTP:
    case FACTS_PROTOCOL_LMTP:
        break;
    }
    return MAIL_REPLY_SMTP;
}

/* It is the server's turn. A reply that came before all of the command had gone out counts. */
static void ask(struct talk_exchange *x, enum talk_about what) {
    struct mail_reply_reader *r = &x->reader;
    x->about = what;
    x->asked++;
    x->turn = TALK_TURN_REPLY;
    if (!r->awaiting && !x->early)
        mail_reply_begin(r, r->form, r->tag, NULL);
}

void talk_exchange_release(struct talk_exchange *x) {
    mail_reply_release(&x->reader);
}

void talk_exchange_init(struct talk_exchange *x, enum facts_protocol protocol, bool server_first) {
    talk_exchange_release(x);
    *x = (struct talk_exchange){.protocol = protocol,
                                .stuff = x->stuff,
                                .skip_refused = x->skip_refused,
                                .asked = x->asked};
    mail_reply_init(&x->reader, MAIL_PATIENT, NULL);
    x->reader.form = form_of(x, BASE_BYTES_EMPTY);
    if (!server_first)
        return;
    mail_reply_begin(&x->reader,
                     protocol == FACTS_PROTOCOL_IMAP ? MAIL_REPLY_IMAP_GREETING : x->reader.form,
                     NULL, NULL);
    ask(x, TALK_ABOUT_GREETING);
}

const char *talk_exchange_goodbye(const struct talk_exchange *x) {
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

static struct base_bytes line_of(const struct talk_exchange *x) {
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

static void read_imap_tag(struct talk_exchange *x, struct base_bytes word, struct base_bytes *rest,
                          struct base_buf *out, char tag[MAIL_TAG_MAX]) {
    struct base_bytes after = *rest;
    struct base_bytes second = cut_word(&after);
    const struct talk_verb *verb = talk_verb_find(x->protocol, second);
    if (!verb && talk_verb_find(x->protocol, word)) {
        x->verb = talk_verb_find(x->protocol, word);
        (void)snprintf(tag, MAIL_TAG_MAX, "w%u", ++x->tags);
        base_buf_printf(out, "%s ", tag);
        return;
    }
    x->verb = verb;
    *rest = after;
    tag[base_bytes_copy(tag, MAIL_TAG_MAX - 1, word)] = '\0';
}

/* Reads what the start of the line says: before any of it goes out. */
static void begin_command(struct talk_exchange *x, struct base_buf *out) {
    struct base_bytes rest = line_of(x);
    struct base_bytes word = cut_word(&rest);
    char tag[MAIL_TAG_MAX] = "";
    x->verb = talk_verb_find(x->protocol, word);
    if (x->protocol == FACTS_PROTOCOL_IMAP)
        read_imap_tag(x, word, &rest, out, tag);
    mail_reply_begin(&x->reader, form_of(x, rest), tag, NULL);
    x->early = false;
    x->bytes_left = 0;
    x->last_chunk = false;
    if (!x->verb || x->verb->follow != TALK_FOLLOW_CHUNK)
        return;
    (void)base_bytes_to_uint(cut_word(&rest), UINT64_MAX / 16, &x->bytes_left);
    x->last_chunk = base_bytes_equal_nocase(base_bytes_trim(rest), "LAST");
}

/* LMTP: a message gets a reply for each recipient (RFC 2033 section 4.2). */
static void ask_for_message(struct talk_exchange *x) {
    ask(x, TALK_ABOUT_TAKEN);
    if (x->protocol == FACTS_PROTOCOL_LMTP && x->recipients > 0)
        x->replies_left = x->recipients - 1;
}

/* The command is complete, with all the bytes it announced. */
static void ask_for_command(struct talk_exchange *x) {
    if (x->last_chunk)
        ask_for_message(x);
    else if (x->verb && x->verb->follow == TALK_FOLLOW_MESSAGE)
        ask(x, TALK_ABOUT_MESSAGE);
    else
        ask(x, TALK_ABOUT_COMMAND);
}

static bool has_literals(const struct talk_exchange *x) {
    return x->protocol == FACTS_PROTOCOL_IMAP || x->protocol == FACTS_PROTOCOL_SIEVE;
}

static bool ends_in_literal(const struct talk_exchange *x) {
    return x->literal.mark == MAIL_MARK_CLOSED && x->literal.announced < MAIL_LITERAL_MAX;
}

/* The line has gone out: whose turn is it? */
static void end_command(struct talk_exchange *x) {
    if (ends_in_literal(x)) {
        x->continued = true;
        x->bytes_left = x->literal.announced;
        if (x->literal.plus || x->protocol == FACTS_PROTOCOL_SIEVE || x->discard)
            x->turn = TALK_TURN_BYTES;
        else
            ask(x, TALK_ABOUT_LITERAL);
        return;
    }
    x->continued = false;
    if (x->discard) {
        x->discard = false;
        x->turn = TALK_TURN_COMMAND;
    } else if (x->bytes_left > 0) {
        x->turn = TALK_TURN_BYTES;
    } else {
        ask_for_command(x);
    }
}

/* --- lines and bytes of the user --- */

/* What has been gathered goes out; the rest of a long line follows it straight away. */
static void pass_line(struct talk_exchange *x, struct base_buf *out) {
    bool dot = x->line_len > 0 && x->line[0] == '.';
    if (x->turn == TALK_TURN_COMMAND && !x->continued)
        begin_command(x, out);
    if (x->discard || x->turn == TALK_TURN_REFUSED)
        return;
    if (x->turn == TALK_TURN_MESSAGE && x->stuff && dot && x->line_len > 1)
        base_buf_append_str(out, ".");
    base_buf_append_bytes(out, line_of(x));
}

static void take_piece(struct talk_exchange *x, struct base_bytes piece, struct base_buf *out) {
    if (has_literals(x))
        mail_literal_follow(&x->literal, piece);
    if (!x->line_passes) {
        size_t kept = base_bytes_copy(x->line + x->line_len, sizeof x->line - x->line_len, piece);
        x->line_len += kept;
        if (kept == piece.len)
            return;
        pass_line(x, out);
        x->line_passes = true;
        piece = base_bytes_slice(piece, kept, piece.len);
    }
    if (!x->discard && x->turn != TALK_TURN_REFUSED)
        base_buf_append_bytes(out, piece);
}

/* The end of a message, wanted or not. */
static void end_message(struct talk_exchange *x) {
    if (x->turn == TALK_TURN_REFUSED) {
        x->turn = TALK_TURN_COMMAND;
        return;
    }
    ask_for_message(x);
}

static void end_line(struct talk_exchange *x, struct base_buf *out) {
    bool message = x->turn == TALK_TURN_MESSAGE || x->turn == TALK_TURN_REFUSED;
    bool dot = !x->line_passes && base_bytes_equal_str(line_of(x), ".");
    bool empty =
        x->line_len == 0 && !x->line_passes && x->turn == TALK_TURN_COMMAND && !x->continued;
    if (empty)
        return;
    if (!x->line_passes)
        pass_line(x, out);
    if (!x->discard && x->turn != TALK_TURN_REFUSED)
        base_buf_append_str(out, "\r\n");
    else if (message && !dot)
        x->skipped++;
    if (x->turn == TALK_TURN_COMMAND)
        end_command(x);
    else if (x->turn == TALK_TURN_ANSWER)
        ask(x, TALK_ABOUT_COMMAND);
    else if (message && dot)
        end_message(x);
    x->line_len = 0;
    x->literal = (struct mail_literal){0};
    x->line_passes = false;
}

static void take_line(struct talk_exchange *x, struct base_bytes *in, struct base_buf *out) {
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

static void take_bytes(struct talk_exchange *x, struct base_bytes *in, struct base_buf *out) {
    size_t n = x->bytes_left < in->len ? (size_t)x->bytes_left : in->len;
    if (!x->discard)
        base_buf_append_bytes(out, base_bytes_slice(*in, 0, n));
    *in = base_bytes_slice(*in, n, in->len);
    x->bytes_left -= n;
    if (x->bytes_left > 0)
        return;
    if (x->continued)
        x->turn = TALK_TURN_COMMAND;
    else
        ask_for_command(x);
}

void talk_exchange_take(struct talk_exchange *x, struct base_bytes *in, struct base_buf *out) {
    while (x->turn != TALK_TURN_REPLY && (in->len > 0 || x->turn == TALK_TURN_BYTES)) {
        if (x->turn != TALK_TURN_BYTES)
            take_line(x, in, out);
        else if (in->len > 0 || x->bytes_left == 0)
            take_bytes(x, in, out);
        else
            return;
    }
}

/* --- replies of the server --- */

static const enum talk_turn turn_after[][3] = {
    /*                        yes                   no                     more */
    [TALK_ABOUT_GREETING] = {TALK_TURN_COMMAND, TALK_TURN_COMMAND, TALK_TURN_COMMAND},
    [TALK_ABOUT_COMMAND] = {TALK_TURN_COMMAND, TALK_TURN_COMMAND, TALK_TURN_ANSWER},
    [TALK_ABOUT_MESSAGE] = {TALK_TURN_REFUSED, TALK_TURN_REFUSED, TALK_TURN_MESSAGE},
    [TALK_ABOUT_LITERAL] = {TALK_TURN_BYTES, TALK_TURN_BYTES, TALK_TURN_BYTES},
    [TALK_ABOUT_TAKEN] = {TALK_TURN_COMMAND, TALK_TURN_COMMAND, TALK_TURN_COMMAND},
};

/* A server that asks where nothing can be asked (354 to EHLO) gets no answer. */
static bool may_challenge(const struct talk_exchange *x) {
    return x->protocol == FACTS_PROTOCOL_IMAP || !x->verb ||
           x->verb->follow == TALK_FOLLOW_CHALLENGE;
}

/* PRDR's 353 announces a reply for each recipient, and one for all. */
static void count_transaction(struct talk_exchange *x) {
    enum talk_follow follow = x->verb ? x->verb->follow : TALK_FOLLOW_NONE;
    bool agreed = x->reply.agreement == MAIL_YES;
    if (x->about == TALK_ABOUT_TAKEN && x->reply.code == 353 && x->replies_left == 0)
        x->replies_left = x->recipients + 1;
    else if (x->about == TALK_ABOUT_TAKEN && x->replies_left == 0)
        x->recipients = 0;
    else if (x->about == TALK_ABOUT_COMMAND && agreed && follow == TALK_FOLLOW_RCPT)
        x->recipients++;
    else if (x->about == TALK_ABOUT_COMMAND && agreed &&
             (follow == TALK_FOLLOW_MAIL || follow == TALK_FOLLOW_HELLO))
        x->recipients = 0;
}

static enum talk_turn next_turn(const struct talk_exchange *x) {
    enum talk_turn next = turn_after[x->about][x->reply.agreement];
    if (next == TALK_TURN_MESSAGE && x->reply.code != 354)
        next = TALK_TURN_REFUSED;
    if (next == TALK_TURN_REFUSED && !x->skip_refused)
        next = TALK_TURN_COMMAND;
    if (next == TALK_TURN_ANSWER && !may_challenge(x))
        next = TALK_TURN_COMMAND;
    return next;
}

static void take_reply(struct talk_exchange *x) {
    x->reply = x->reader.answer;
    x->leaving = x->leaving || x->reply.leaving;
    if (x->about == TALK_ABOUT_COMMAND && x->reply.agreement == MAIL_YES && x->verb &&
        x->verb->follow == TALK_FOLLOW_CLOSE)
        x->goodbye = true;
    count_transaction(x);
    if (x->replies_left > 0) {
        x->replies_left--;
        ask(x, x->about);
        return;
    }
    x->discard = x->about == TALK_ABOUT_LITERAL && x->reply.agreement != MAIL_GO_ON;
    x->turn = next_turn(x);
    x->skipped = 0;
    if (!x->discard || x->skip_refused)
        return;
    x->discard = x->continued = false; /* nothing has been written yet: a person asks next */
    x->turn = TALK_TURN_COMMAND;
}

bool talk_exchange_feed(struct talk_exchange *x, struct base_bytes *in) {
    bool whole = x->early || mail_reply_feed(&x->reader, in) == MAIL_REPLY_DONE;
    x->early = whole && x->turn != TALK_TURN_REPLY;
    if (!whole || x->early)
        return false;
    take_reply(x);
    return true;
}
