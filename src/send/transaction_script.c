/* SPDX-License-Identifier: Apache-2.0 */
/* transaction_script - plays a dialogue of the user's own
 *
 * The script stands in place of everything behind the connection (and TLS on connect). It stops at
 * the first reply that does not fit, with exit code 40; at its end the connection is closed as it
 * is. --expect counts replies of the step "script". */
#include "mail/code.h"
#include "send/script.h"
#include "send/transaction_private.h"

static const struct send_script_step *current(const struct send_transaction *t) {
    return &t->script.steps[t->script_at];
}

static void show_raw_bytes(struct send_transaction *t, struct base_bytes raw) {
    struct send_transcript_stream stream = {.in_tls = t->in_tls};
    send_transcript_piece(t->transcript, &stream, raw);
    send_transcript_end(t->transcript, &stream);
    send_transcript_raw(t->transcript, true, raw);
    send_bytes(t, raw);
}

/* Does what needs no waiting; true when the next step may follow at once. */
static bool do_step(struct send_transaction *t, const struct send_script_step *s) {
    switch (s->verb) {
    case SEND_SCRIPT_SEND:
        send_command(t, s->text);
        return true;
    case SEND_SCRIPT_RAW:
        show_raw_bytes(t, s->raw);
        return true;
    case SEND_SCRIPT_EXPECT:
        t->script_at--; /* stays here until the reply has come */
        send_expect(t, 0, 0);
        t->expects_any = true;
        return false;
    case SEND_SCRIPT_MESSAGE:
        send_state_set(t, SEND_STATE_MESSAGE);
        return false;
    case SEND_SCRIPT_STARTTLS:
        send_state_set(t, SEND_STATE_TLS);
        return false;
    case SEND_SCRIPT_WAIT:
        t->deadline = t->now + s->wait;
        return false;
    case SEND_SCRIPT_DROP:
        send_drop(t);
        return false;
    }
    return false;
}

void send_script_enter(struct send_transaction *t) {
    struct base_error e = {0};
    if (t->script.count == 0 && t->plan->script_read)
        t->script = *t->plan->script_read;
    if (t->script.count == 0 &&
        send_script_read(t->plan->script, &t->kept, &t->script, &e) != WS_OK) {
        send_transcript_error(t->transcript, "%s", base_error_message(&e));
        send_end(t, SEND_EXIT_OPTION);
        return;
    }
    while (t->script_at < t->script.count)
        if (!do_step(t, &t->script.steps[t->script_at++]))
            return;
    send_transcript_info(t->transcript, "Connection closed at the end of the script.");
    send_end(t, SEND_EXIT_OK);
}

bool send_script_fits(const struct send_transaction *t, int code) {
    return current(t)->text[0] == '\0' || mail_code_fits(current(t)->text, code);
}

void send_script_reply(struct send_transaction *t) {
    const struct send_script_step *s = current(t);
    t->expects_any = false;
    if (!t->as_expected) {
        send_transcript_error(t->transcript, "%s:%u: this reply does not fit %s", t->script.file,
                              s->line, s->text);
        t->dropped = true;
        send_end(t, SEND_EXIT_EXPECT);
        return;
    }
    t->script_at++;
    send_state_set(t, SEND_STATE_SCRIPT);
}
