/* SPDX-License-Identifier: Apache-2.0 */
/* transaction_mail - envelope and message
 *
 * With PIPELINING the whole envelope goes out in one write (RFC 2920), up to DATA or to QUIT where
 * the transaction is to stop; the same states then only take the answers, in order. The message is
 * pulled from its stream as the connection takes it, so that its size costs no memory. PRDR and
 * LMTP: an answer for each accepted recipient. */
#include "send/transaction_private.h"

#define MESSAGE_CHUNK ((size_t)64 << 10) /* written to the connection at a time */

/* --- the lines --- */

static const char *mail_line(struct send_transaction *t) {
    return base_arena_printf(&t->arena, "MAIL FROM:<%s>%s", send_envelope_address(t, t->plan->from),
                             send_mail_parameters(t));
}

static const char *rcpt_line(struct send_transaction *t, size_t i) {
    return base_arena_printf(&t->arena, "RCPT TO:<%s>%s",
                             send_envelope_address(t, t->plan->recipients[i]),
                             send_rcpt_parameters(t));
}

/* --- the envelope in one go --- */

static void dump_held(struct send_transaction *t) {
    send_transcript_raw(t->transcript, true, base_buf_view(&t->held));
    base_buf_clear(&t->held);
}

static void say_envelope(struct send_transaction *t) {
    const struct send_plan *p = t->plan;
    t->pipelining = true;
    t->holds_commands = true;
    send_command(t, mail_line(t));
    if (p->quit_after != SEND_STOP_MAIL)
        for (size_t i = 0; i < p->recipient_count; i++)
            send_command(t, rcpt_line(t, i));
    if (p->quit_after == SEND_STOP_MAIL || p->quit_after == SEND_STOP_RCPT)
        send_command(t, "QUIT");
    else if (!p->extensions.chunking)
        send_command(t, "DATA");
    t->holds_commands = false;
    send_bytes(t, base_buf_view(&t->held));
    dump_held(t);
}

static bool drops_in_envelope(const struct send_transaction *t) {
    enum send_stop after = t->plan->drop_after_send;
    return after == SEND_STOP_MAIL || after == SEND_STOP_RCPT || after == SEND_STOP_DATA;
}

static void envelope_enter(struct send_transaction *t) {
    /* what would be sent after the point of dropping shares a write with what comes before */
    if (t->plan->drop_after == SEND_STOP_MAIL || t->plan->drop_after == SEND_STOP_RCPT) {
        send_drop(t);
        return;
    }
    say_envelope(t);
    if (drops_in_envelope(t))
        send_drop(t);
    else
        send_await(t);
}

/* --- MAIL and RCPT --- */

void send_mail_enter(struct send_transaction *t) {
    bool lax = t->plan->extensions.lax & SEND_LAX_UNADVERTISED;
    if (t->plan->prdr && !lax && !send_advertised(t, "PRDR")) {
        send_transcript_error(t->transcript, "Host did not advertise PRDR support");
        send_give_up_unsent(t, SEND_EXIT_PRDR);
        return;
    }
    const char *missing = send_missing_extension(t);
    if (missing) {
        send_transcript_error(t->transcript, "%s", missing);
        send_give_up(t, SEND_EXIT_EXTENSION);
        return;
    }
    send_choose_utf8(t);
    if (t->plan->pipeline && (lax || send_advertised(t, "PIPELINING"))) {
        envelope_enter(t);
        return;
    }
    send_command(t, mail_line(t));
    send_await(t);
}

/* PIPELINING: QUIT is out already; only its answer is awaited. */
static void await_quit(struct send_transaction *t) {
    t->quit_sent = true;
    send_state_set(t, SEND_STATE_QUIT);
}

void send_mail_reply(struct send_transaction *t) {
    if (!t->pipelining) {
        if (!send_refused(t))
            send_pass(t, SEND_STATE_RCPT);
        return;
    }
    t->mail_refused = !t->as_expected && !send_forgives(t, SEND_LAX_MAIL, SEND_EXIT_MAIL);
    if (t->plan->quit_after == SEND_STOP_MAIL)
        await_quit(t);
    else
        send_state_set(t, SEND_STATE_RCPT);
}

void send_rcpt_enter(struct send_transaction *t) {
    if (!t->pipelining)
        send_command(t, rcpt_line(t, t->recipient));
    send_await(t);
}

/* BDAT needs no consent: what the envelope came to decides now. */
static void to_chunks(struct send_transaction *t) {
    if (t->mail_refused)
        send_give_up(t, SEND_EXIT_MAIL);
    else if (t->accepted == 0 && !send_forgives(t, SEND_LAX_RCPT, SEND_EXIT_RCPT))
        send_give_up(t, SEND_EXIT_RCPT);
    else
        send_state_set(t, SEND_STATE_BDAT);
}

/* --lax: DATA, or BDAT, follows though all recipients were refused. */
static bool no_recipient_needed(struct send_transaction *t) {
    return t->plan->extensions.lax & SEND_LAX_RCPT &&
           (t->plan->extensions.chunking || send_forgives(t, SEND_LAX_RCPT, SEND_EXIT_RCPT));
}

static void recipients_done(struct send_transaction *t) {
    if (t->pipelining && t->plan->quit_after == SEND_STOP_RCPT)
        await_quit(t);
    else if (!t->pipelining && t->accepted == 0 && !no_recipient_needed(t))
        send_fail(t);
    else if (!t->pipelining && send_stops_after(t, SEND_STOP_RCPT))
        return;
    else if (t->plan->extensions.chunking)
        to_chunks(t);
    else
        send_state_set(t, SEND_STATE_DATA);
}

void send_rcpt_reply(struct send_transaction *t) {
    if (t->as_expected)
        t->accepted++;
    t->recipient++;
    if (t->recipient < t->plan->recipient_count)
        send_state_set(t, SEND_STATE_RCPT);
    else
        recipients_done(t);
}

/* --- DATA --- */

void send_data_enter(struct send_transaction *t) {
    if (!t->pipelining)
        send_command(t, "DATA");
    send_await(t);
}

void send_data_reply(struct send_transaction *t) {
    if (t->mail_refused)
        send_give_up(t, SEND_EXIT_MAIL);
    else if (t->accepted == 0 && t->pipelining && !send_forgives(t, SEND_LAX_RCPT, SEND_EXIT_RCPT))
        send_give_up(t, SEND_EXIT_RCPT);
    else if (!send_refused(t))
        send_pass(t, SEND_STATE_MESSAGE);
}

/* --- the message --- */

void send_message_broken(struct send_transaction *t, const struct base_error *e) {
    send_transcript_error(t->transcript, "%s", base_error_message(e));
    t->dropped = true; /* half a message must not be delivered */
    send_end(t, SEND_EXIT_DOT);
}

void send_message_begin_show(struct send_transaction *t) {
    t->message_lines = 0;
    t->message_bytes = 0;
    t->shown = (struct send_transcript_stream){.in_tls = t->in_tls};
}

void send_message_enter(struct send_transaction *t) {
    struct base_error e = {0};
    t->message_ended = false;
    t->message_moved = true;
    t->deadline = t->plan->timeout == 0 ? BASE_NEVER : t->now + t->plan->timeout;
    send_message_begin_show(t);
    if (message_start(t->plan->message, MESSAGE_FORM_DATA, &e) != WS_OK)
        send_message_broken(t, &e);
}

static void count_lines(struct send_transaction *t, struct base_bytes piece) {
    for (size_t i = 0; i < piece.len; i++)
        t->message_lines += piece.data[i] == '\n';
}

void send_message_show(struct send_transaction *t, struct base_bytes piece) {
    if (t->plan->output.suppress_data)
        count_lines(t, piece);
    else
        send_transcript_piece(t->transcript, &t->shown, piece);
    t->message_bytes += piece.len;
    if (t->plan->output.raw && t->plan->extensions.chunking)
        base_buf_append_bytes(&t->held, piece);
}

/* The raw dump comes after the text, as with swaks. The message is read once more for it: to keep
 * it all meanwhile would take as much memory as there is message. */
static void dump_message(struct send_transaction *t) {
    struct base_error e = {0};
    struct base_bytes piece;
    size_t left = t->message_bytes, at = 0;
    base_buf_clear(&t->held);
    enum ws_err err = message_start(t->plan->message, MESSAGE_FORM_DATA, &e);
    while (err == WS_OK && left > 0) {
        err = message_next(t->plan->message, &piece, &e);
        if (err != WS_OK || piece.len == 0)
            break;
        piece = base_bytes_slice(piece, 0, left);
        left -= piece.len;
        base_buf_append_bytes(&t->held, piece);
        size_t rows = t->held.len - t->held.len % SEND_TRANSCRIPT_ROW;
        send_transcript_raw_sent_at(t->transcript, at,
                                    base_bytes_slice(base_buf_view(&t->held), 0, rows));
        base_buf_consume(&t->held, rows);
        at += rows;
    }
    send_transcript_raw_sent_at(t->transcript, at, base_buf_view(&t->held));
    base_buf_clear(&t->held);
}

void send_message_show_end(struct send_transaction *t) {
    if (t->plan->output.suppress_data) {
        const char *line = base_arena_printf(&t->arena, "%zu lines sent", t->message_lines);
        send_transcript_text(t->transcript, SEND_LINE_SENT, t->in_tls, base_bytes_of_str(line));
    } else {
        send_transcript_end(t->transcript, &t->shown);
    }
    if (!t->plan->extensions.chunking && t->plan->output.raw)
        dump_message(t);
    else
        dump_held(t);
}

void send_message_pump(struct send_transaction *t) {
    struct base_error e = {0};
    while (!t->message_ended && t->out.len < MESSAGE_CHUNK) {
        struct base_bytes piece;
        if (message_next(t->plan->message, &piece, &e) != WS_OK) {
            send_message_broken(t, &e);
            return;
        }
        if (piece.len == 0) {
            t->message_ended = true;
            send_message_show_end(t);
        } else {
            send_message_show(t, piece);
            send_bytes(t, piece);
            t->message_moved = true;
        }
    }
    if (t->message_ended && t->out.len == 0)
        t->deadline = 0; /* the driver comes back with the time */
}

/* The clock, or the server, has moved on while the message goes out. */
void send_message_settle(struct send_transaction *t) {
    if (t->state != SEND_STATE_MESSAGE)
        return;
    if (t->message_ended && (t->out.len == 0 || t->input_ended)) {
        send_state_set(t, t->plan->script ? SEND_STATE_SCRIPT : SEND_STATE_DOT);
    } else if (t->input_ended) {
        /* what the server said before it left is its verdict */
        t->message_ended = true;
        send_message_show_end(t);
        send_state_set(t, SEND_STATE_DOT);
    } else if (t->now >= t->deadline) {
        bool moved = t->message_moved || t->plan->timeout == 0;
        t->message_moved = false;
        t->deadline = t->plan->timeout == 0 ? BASE_NEVER : t->now + t->plan->timeout;
        if (!moved)
            send_state_set(t, SEND_STATE_DOT);
    }
}

/* --- the verdict --- */

void send_dot_enter(struct send_transaction *t) {
    if (send_stops_after_sending(t, SEND_STOP_DOT))
        return;
    if (t->plan->lmtp)
        send_state_set(t, SEND_STATE_EACH);
    else
        send_expect(t, 250, t->plan->prdr && t->answered == 0 ? 353 : 0);
}

/* A QUIT inside a message that was not taken to its end would be part of it. */
static void refuse_message(struct send_transaction *t) {
    if (t->message_ended) {
        send_fail(t);
        return;
    }
    base_buf_clear(&t->out);
    t->dropped = true;
    send_transcript_info(t->transcript, "Connection closed in the middle of the message.");
    send_end(t, SEND_EXIT_DOT);
}

void send_dot_reply(struct send_transaction *t) {
    if (t->plan->prdr && t->as_expected && t->reply.code == 353 && t->answered == 0)
        send_state_set(t, SEND_STATE_EACH);
    else if (!t->as_expected)
        refuse_message(t);
    else
        send_pass(t, SEND_STATE_QUIT);
}

void send_each_enter(struct send_transaction *t) {
    bool first_of_prdr = t->plan->lmtp && t->plan->prdr && t->answered == 0;
    send_expect(t, 250, first_of_prdr ? 353 : 0);
}

void send_each_reply(struct send_transaction *t) {
    t->answered++;
    if (t->as_expected)
        t->agreed++;
    if (t->answered < t->accepted)
        send_state_set(t, SEND_STATE_EACH);
    else if (!t->plan->lmtp)
        send_state_set(t, SEND_STATE_DOT);
    else if (t->agreed == 0)
        refuse_message(t);
    else
        send_pass(t, SEND_STATE_QUIT);
}
