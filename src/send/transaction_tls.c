/* SPDX-License-Identifier: Apache-2.0 */
/* transaction_tls - TLS inside the transaction
 *
 * The session of tls/ is fed and emptied here. The context is made when TLS first begins, so that
 * what is wrong with certificate or ciphers shows where swaks shows it. The path check runs with
 * the roots that the user named or the system's, which are looked up, not loaded; its outcome is
 * always shown, and counts when --tls-verify-ca or --tls-verify-host ask for it. */
#include "send/explain.h"
#include "send/transaction_private.h"
#include "client/client.h"

static void carry(struct send_transaction *t) {
    struct base_buf *records = tls_session_output(t->tls);
    base_buf_append_bytes(&t->out, base_buf_view(records));
    base_buf_clear(records);
}

/* Kept as late as possible: TLS 1.3 gives tickets after the handshake. */
void send_tls_keep_session(struct send_transaction *t) {
    const char *file = t->plan->beyond ? t->plan->beyond->session_out : NULL;
    struct base_error e = {0};
    if (file && t->in_tls && client_save_session(t->tls, file, &e) != WS_OK)
        send_transcript_error(t->transcript, "%s", base_error_message(&e));
}

static void forget_session(struct send_transaction *t) {
    tls_session_free(t->tls);
    t->tls = NULL;
    t->in_tls = false;
}

void send_starttls_failed(struct send_transaction *t) {
    send_transcript_error(t->transcript, "STARTTLS attempted but failed");
    send_explain_show(t);
    if (t->plan->tls.demand == SEND_OPTIONAL) {
        send_tls_passed(t);
        return;
    }
    t->dropped = true;
    send_end(t, SEND_EXIT_TLS);
}

/* TLS did not start: on connect that is the end, after STARTTLS it may have been optional. */
static void failed(struct send_transaction *t, const char *why) {
    send_transcript_error(t->transcript, "TLS startup failed (%s)", why);
    if (t->tls)
        carry(t);
    send_explain_keep(t);
    if (t->plan->tls.on_connect) {
        send_explain_show(t);
        t->dropped = true;
        send_end(t, SEND_EXIT_TLS);
    } else {
        if (t->tls && tls_session_state(t->tls) != TLS_UP)
            forget_session(t);
        send_starttls_failed(t);
    }
}

static enum ws_err make_context(const struct send_plan *plan, struct send_tls_context *c,
                                struct base_error *e) {
    if (c->tls)
        return WS_OK;
    c->wish = plan->tls.wish;
    c->wish.ca_dir_any_names = true; /* --tls-ca-path asks nobody for hashed names */
    if (c->wish.certificate && !c->wish.certificate_chain)
        c->wish.certificate_chain = c->wish.certificate; /* the file may hold the whole chain */
    return client_context_new(&c->wish, &c->tls, e);
}

/* What is this server's alone goes to the session. */
static enum ws_err make_session(struct send_transaction *t, struct base_error *e) {
    const struct send_tls *tls = &t->plan->tls;
    struct send_tls_context *c = tls->context ? tls->context : &t->own_context;
    enum ws_err err = make_context(t->plan, c, e);
    if (err == WS_OK)
        err = tls_session_new(c->tls, tls->sni, t->plan->log, "send", &t->tls, e);
    if (err == WS_OK)
        err = client_hold_dane(t->tls, &tls->dane, e);
    if (err != WS_OK)
        forget_session(t);
    return err;
}

static void established(struct send_transaction *t) {
    t->in_tls = true;
    t->deadline = BASE_NEVER;
    carry(t);
    send_tls_lines(t->transcript, t->plan, t->tls, &t->reply_arena);
    send_record_tls(&t->record, t->tls, t->plan->tls.verify_name);
    const char *objection = send_tls_objection(t->plan, t->tls, &t->reply_arena);
    if (objection[0])
        failed(t, base_arena_printf(&t->reply_arena, "connect(): %s", objection));
    else if (!t->plan->tls.on_connect)
        send_tls_passed(t);
    else if (!send_stops_after_sending(t, SEND_STOP_TLS))
        send_pass(t, SEND_STATE_BANNER);
}

/* What the library says, or what happened when it says nothing. */
static const char *failure_text(struct send_transaction *t, const char *otherwise) {
    const char *library = tls_session_library_error(t->tls);
    return base_arena_printf(&t->reply_arena, "connect(): %s", library[0] ? library : otherwise);
}

static void follow(struct send_transaction *t) {
    struct base_buf *plain = tls_session_plain(t->tls);
    if (t->state == SEND_STATE_TLS && tls_session_state(t->tls) == TLS_FAILED) {
        failed(t, failure_text(t, "the TLS library gave no reason"));
        return;
    }
    if (t->state == SEND_STATE_TLS && tls_session_state(t->tls) != TLS_HANDSHAKING)
        established(t);
    if (!t->tls)
        return;
    carry(t);
    t->heard_in_tls = t->heard_in_tls || plain->len > 0;
    base_buf_append_bytes(&t->in, base_buf_view(plain));
    base_buf_clear(plain);
    if (t->in_tls && tls_session_state(t->tls) != TLS_UP)
        t->input_ended = true;
}

void send_tls_enter(struct send_transaction *t) {
    struct base_error e = {0};
    if (make_session(t, &e) != WS_OK) {
        failed(t, send_tls_trouble(t->plan, base_error_message(&e), &t->reply_arena));
        return;
    }
    t->deadline = t->plan->timeout == 0 ? BASE_NEVER : t->now + t->plan->timeout;
    tls_session_start(t->tls, t->now);
    follow(t);
}

void send_tls_received(struct send_transaction *t, struct base_bytes in) {
    tls_session_feed(t->tls, in, t->now);
    follow(t);
}

void send_tls_closed(struct send_transaction *t, bool reset) {
    tls_session_peer_closed(t->tls, reset, t->now);
    if (t->state == SEND_STATE_TLS)
        failed(t, failure_text(t, reset ? "connection reset by peer"
                                        : "error:0A000126:SSL routines::unexpected eof while "
                                          "reading"));
}

void send_tls_timeout(struct send_transaction *t) {
    tls_session_timeout(t->tls, t->now);
    failed(t, base_arena_printf(&t->reply_arena, "connect(): no answer within %u secs",
                                (unsigned)(t->plan->timeout / BASE_SECOND)));
}
