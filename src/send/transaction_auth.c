/* SPDX-License-Identifier: Apache-2.0 */
/* transaction_auth - the AUTH step
 *
 * Tries the names of the plan in order, each only if the server advertises it, until one succeeds.
 * Challenges and answers are sasl's; this sends and shows them, cancels with "*" when our side
 * can't go on (RFC 4954 section 4), and decides what a failure means. */
#include "base/base64.h"
#include "client/client.h"
#include "send/transaction_private.h"
#include "tls/sasl_crypto.h"

#include <string.h>

static void try_next(struct send_transaction *t);

/* --- what is advertised --- */

/* AUTH with at least one name behind it. */
static bool auth_advertised(const struct send_transaction *t) {
    for (size_t i = 0; i < t->hello.keyword_count; i++)
        if (base_bytes_equal_nocase(base_bytes_of_str(t->hello.keywords[i].name), "AUTH") &&
            t->hello.keywords[i].params[0])
            return true;
    return t->plan->auth.even_unadvertised;
}

/* The name that is advertised and sent. */
static const char *wire_name(const struct send_auth_name *name) {
    return strcmp(name->name, "LOGIN-INITIAL") == 0 ? "LOGIN" : name->name;
}

static bool is_offered(const struct send_transaction *t, const struct send_auth_name *name) {
    if (send_parameter_advertised(t, "AUTH", wire_name(name)))
        return true;
    return t->plan->auth.even_unadvertised;
}

static bool any_offered(const struct send_transaction *t) {
    for (size_t i = 0; i < t->plan->auth.name_count; i++)
        if (is_offered(t, &t->plan->auth.names[i]))
            return true;
    return false;
}

/* --- the ends --- */

static void auth_passed(struct send_transaction *t) {
    if (!send_stops_after(t, SEND_STOP_AUTH) && !send_stops_after_sending(t, SEND_STOP_AUTH))
        send_state_set(t, SEND_STATE_XFORWARD);
}

/* `tried`: a mechanism was used and failed, or any would have done and none is known; else there
 * was nothing to try. */
static void auth_failed(struct send_transaction *t, bool tried, const char *why) {
    enum send_demand demand = t->plan->auth.demand;
    send_transcript_error(t->transcript, "%s", why);
    if (demand == SEND_REQUIRED || (tried && demand == SEND_OPTIONAL_STRICT))
        send_give_up_unsent(t, SEND_EXIT_AUTH);
    else
        auth_passed(t);
}

/* --- one mechanism --- */

static void say(struct send_transaction *t, const char *line, struct base_bytes shown,
                enum sasl_then then) {
    send_command_shown(t, line, shown);
    if (!send_stops_after_sending(t, SEND_STOP_AUTH))
        send_expect(t, then == SASL_THEN_CHALLENGE ? 334 : 235, then == SASL_THEN_EITHER ? 334 : 0);
}

/* The AUTH command; an empty first answer is "=" (RFC 4954 section 4). */
static void say_first(struct send_transaction *t, const char *name, const struct sasl_line *l) {
    const char *command = base_arena_printf(&t->arena, "AUTH %s", name);
    const char *shown = base_arena_str_bytes(&t->arena, l->shown);
    if (!l->text) {
        say(t, command, base_bytes_of_str(command), l->then);
        return;
    }
    if (l->shown.len == 0 && !t->plan->auth.show.plaintext)
        shown = "=";
    shown = base_arena_printf(&t->arena, "%s %s", command, shown);
    say(t, base_arena_printf(&t->arena, "%s %s", command, l->text[0] ? l->text : "="),
        base_bytes_of_str(shown), l->then);
}

static const char *peer_host(const struct send_transaction *t) {
    switch (t->plan->target.transport) {
    case SEND_TCP:
        return t->plan->target.server;
    case SEND_UNIX:
    case SEND_PIPE:
        break;
    }
    return "localhost";
}

/* What -PLUS binds to, if this session has it. */
static struct base_bytes binding(struct send_transaction *t, enum sasl_mechanism m) {
    struct base_buf key;
    base_buf_init(&key, 1024);
    if (t->in_tls && sasl_binds_channel(m))
        (void)client_bind_exporter(t->tls, &key);
    struct base_bytes b = base_arena_bytes(&t->arena, base_buf_view(&key));
    base_buf_release(&key);
    return b;
}

static void try_next(struct send_transaction *t) {
    const struct send_auth *auth = &t->plan->auth;
    struct sasl_line line = {0};
    sasl_release(t->auth);
    t->auth = NULL;
    while (t->auth_at < auth->name_count && !is_offered(t, &auth->names[t->auth_at]))
        t->auth_at++;
    if (t->auth_at == auth->name_count) {
        auth_failed(t, true, "No authentication type succeeded");
        return;
    }
    const struct send_auth_name *name = &auth->names[t->auth_at++];
    const struct sasl_peer peer = {
        .service = "smtp",
        .host = peer_host(t),
        .port = t->plan->target.transport == SEND_TCP ? t->plan->target.port : NULL,
        .encrypted = t->in_tls,
        .binding = binding(t, name->mechanism),
        .crypto = &tls_sasl_crypto,
    };
    t->reply_is_plain = name->mechanism == SASL_NTLM;
    t->auth = sasl_new(name->mechanism, &auth->who, &peer, &auth->show, &t->arena);
    if (t->auth && sasl_first(t->auth, &line)) {
        say_first(t, wire_name(name), &line);
        return;
    }
    send_transcript_error(t->transcript, "%s", t->auth ? sasl_error(t->auth) : "out of memory");
    try_next(t); /* at most once for each name */
}

void send_auth_enter(struct send_transaction *t) {
    const struct send_auth *auth = &t->plan->auth;
    t->auth_at = 0;
    if (auth->demand == SEND_NOT_WANTED)
        auth_passed(t);
    else if (!auth_advertised(t))
        auth_failed(t, false, "Host did not advertise authentication");
    else if (!any_offered(t))
        auth_failed(t, auth->any,
                    auth->any ? "Auth not attempted, no advertised types available"
                              : "Auth not attempted, requested type not available");
    else
        try_next(t);
}

/* The text of the reply, all lines in one. */
static struct base_bytes challenge_of(struct send_transaction *t) {
    const char *text = "";
    for (size_t i = 0; i < t->reply.line_count; i++)
        text = base_arena_printf(&t->reply_arena, "%s%s", text,
                                 base_arena_str_bytes(&t->reply_arena, t->reply.lines[i]));
    return base_bytes_of_str(text);
}

/* XOAUTH2, OAUTHBEARER: why the token was refused comes in base64. */
static void tell_reason(struct send_transaction *t) {
    struct base_buf text;
    if (t->expected_too != 334 || t->plan->as_swaks || t->plan->auth.show.plaintext)
        return;
    base_buf_init(&text, MAIL_REPLY_BYTES);
    if (base_base64_decode(&text, challenge_of(t)) && text.len > 0)
        send_transcript_info(t->transcript, "The server's reason: %s", base_buf_cstr(&text));
    base_buf_release(&text);
}

static void cancel(struct send_transaction *t) {
    send_transcript_error(t->transcript, "Canceling SASL exchange, %s", sasl_error(t->auth));
    t->auth_cancelled = true;
    send_command(t, "*");
    send_expect(t, 501, 0);
}

void send_auth_reply(struct send_transaction *t) {
    struct sasl_line line = {0};
    bool cancelled = t->auth_cancelled;
    t->auth_cancelled = false;
    t->reply_is_plain = false;
    if (cancelled || !t->as_expected) {
        try_next(t);
    } else if (t->reply.code == 334) {
        tell_reason(t);
        if (sasl_step(t->auth, challenge_of(t), &line))
            say(t, line.text, line.shown, line.then);
        else
            cancel(t);
    } else if (!sasl_agreed(t->auth)) {
        send_transcript_error(t->transcript, "%s", sasl_error(t->auth));
        try_next(t);
    } else {
        auth_passed(t);
    }
}

/* --- replies decoded --- */

static bool is_blank(uint8_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static size_t word_end(struct base_bytes text) {
    size_t end = 0;
    while (end < text.len && !is_blank(text.data[end]))
        end++;
    return end;
}

void send_auth_decode_reply(struct base_bytes reply, struct base_buf *out) {
    while (reply.len > 0 && (reply.data[reply.len - 1] == '\n'))
        reply.len--;
    size_t at = word_end(reply);
    struct base_bytes code = base_bytes_slice(reply, 0, at);
    while (at < reply.len && is_blank(reply.data[at]))
        at++;
    struct base_bytes text = base_bytes_slice(reply, at, reply.len);
    if (word_end(text) < text.len) {
        base_buf_append_bytes(out, reply);
        return;
    }
    base_buf_append_bytes(out, code);
    base_buf_append_byte(out, ' ');
    base_base64_decode_lax(out, text);
}
