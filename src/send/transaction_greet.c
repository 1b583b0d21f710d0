/* SPDX-License-Identifier: Apache-2.0 */
/* transaction_greet - the steps before the envelope
 *
 * The order on the wire is: PROXY header, TLS on connect, greeting, hello, [XCLIENT, hello],
 * STARTTLS, hello, [XCLIENT, hello], AUTH. A step that is not wanted is passed over, but its stop
 * point still stops there. Hellos have three roles; each failure has its own exit code. */
#include "base/base64.h"
#include "send/transaction_private.h"

static void after_first_hello(struct send_transaction *t);
static void after_last_hello(struct send_transaction *t);
static void after_xclient(struct send_transaction *t);

/* --- PROXY and greeting --- */

static void show_proxy_header(struct send_transaction *t) {
    struct base_bytes header = t->plan->proxy_header;
    struct base_buf b;
    base_buf_init(&b, 4096);
    if (t->plan->proxy_shown_as_base64)
        base_base64_encode(&b, header);
    else if (header.len >= 2)
        base_buf_append_bytes(&b, base_bytes_slice(header, 0, header.len - 2));
    send_transcript_text(t->transcript, SEND_LINE_SENT, false, base_buf_view(&b));
    send_transcript_raw(t->transcript, true, header);
    base_buf_release(&b);
}

void send_proxy_enter(struct send_transaction *t) {
    if (t->plan->proxy_header.len > 0) {
        show_proxy_header(t);
        send_bytes(t, t->plan->proxy_header);
    }
    if (send_stops_after_sending(t, SEND_STOP_PROXY))
        return;
    if (t->plan->drop_after == SEND_STOP_PROXY)
        send_drop(t);
    else
        send_state_set(t, t->plan->tls.on_connect ? SEND_STATE_TLS : SEND_STATE_BANNER);
}

void send_banner_enter(struct send_transaction *t) {
    if (t->plan->script) {
        send_state_set(t, SEND_STATE_SCRIPT);
        return;
    }
    send_await(t);
}

void send_banner_reply(struct send_transaction *t) {
    if (!send_refused(t) && !send_stops_after(t, SEND_STOP_PROXY))
        send_pass(t, SEND_STATE_HELLO);
}

/* --- hello --- */

/* `stop`: the point that dropping after the command stands for. A first hello that may be the last
 * one is dropped after its reply, since only that tells. */
static const struct {
    enum send_stop stop;
    enum send_exit refused;
} roles[] = {
    [SEND_ROLE_FIRST] = {SEND_STOP_FIRST_HELO, SEND_EXIT_HELO},
    [SEND_ROLE_TLS] = {SEND_STOP_HELO, SEND_EXIT_TLS_HELO},
    [SEND_ROLE_XCLIENT] = {SEND_STOP_XCLIENT_HELO, SEND_EXIT_XCLIENT_HELO},
};

static void say_hello(struct send_transaction *t, const char *verb) {
    const char *line = base_arena_printf(&t->arena, "%s %s", verb, t->plan->helo);
    bool own_stop = roles[t->role].stop == t->plan->drop_after_send;
    bool xclient_too = t->role == SEND_ROLE_XCLIENT && t->plan->drop_after_send == SEND_STOP_HELO;
    send_command(t, line);
    if (own_stop || xclient_too)
        send_drop(t);
    else
        send_await(t);
}

void send_hello_enter(struct send_transaction *t) {
    static const char *const verbs[] = {
        [SEND_HELO] = "HELO", [SEND_EHLO] = "EHLO", [SEND_LHLO] = "LHLO"};
    base_arena_release(&t->arena);
    t->hello = (struct facts_ehlo){.asked = true, .verb = verbs[t->plan->hello], .domain = ""};
    say_hello(t, verbs[t->plan->hello]);
}

void send_old_hello_enter(struct send_transaction *t) {
    t->hello.verb = "HELO";
    say_hello(t, "HELO");
}

static void hello_done(struct send_transaction *t);

static void hello_refused(struct send_transaction *t) {
    enum send_exit code = roles[t->role].refused;
    if (send_forgives(t, SEND_LAX_HELLO, code))
        hello_done(t);
    else
        send_give_up(t, code);
}

static void hello_done(struct send_transaction *t) {
    switch (t->role) {
    case SEND_ROLE_FIRST:
        if (!send_stops_after(t, SEND_STOP_FIRST_HELO))
            after_first_hello(t);
        return;
    case SEND_ROLE_TLS:
        after_last_hello(t);
        return;
    case SEND_ROLE_XCLIENT:
        after_xclient(t);
        return;
    }
}

/* Keeps what the server says it can do; the reply's memory is soon used again. The answer to HELO
 * lists nothing, whatever its lines look like. */
static void keep_hello(struct send_transaction *t) {
    if (t->plan->hello == SEND_HELO)
        return;
    t->hello.reply = t->reply;
    mail_ehlo_read(&t->hello, t->plan->lmtp ? FACTS_PROTOCOL_LMTP : FACTS_PROTOCOL_SMTP, &t->arena);
    t->hello.reply = (struct facts_reply){.status = "", .enhanced = ""};
}

void send_hello_reply(struct send_transaction *t) {
    if (t->as_expected) {
        keep_hello(t);
        hello_done(t);
    } else if (t->plan->hello == SEND_EHLO) {
        send_state_set(t, SEND_STATE_OLD_HELLO);
    } else {
        hello_refused(t);
    }
}

void send_old_hello_reply(struct send_transaction *t) {
    if (t->as_expected)
        hello_done(t);
    else
        hello_refused(t);
}

/* --- between the hellos --- */

static bool xclient_wanted(const struct send_transaction *t) {
    return t->plan->xclient.demand != SEND_NOT_WANTED && t->plan->xclient.group_count > 0 &&
           !t->xclient_over;
}

static void to_starttls(struct send_transaction *t) {
    if (t->plan->tls.demand == SEND_NOT_WANTED || t->in_tls)
        send_tls_passed(t);
    else
        send_state_set(t, SEND_STATE_STARTTLS);
}

static void after_first_hello(struct send_transaction *t) {
    if (xclient_wanted(t) && t->plan->xclient.before_starttls)
        send_state_set(t, SEND_STATE_XCLIENT);
    else
        to_starttls(t);
}

void send_tls_passed(struct send_transaction *t) {
    if (t->plan->script) {
        send_state_set(t, SEND_STATE_SCRIPT);
        return;
    }
    /* TLS on connect has stopped there already */
    if (!t->plan->tls.on_connect && send_stops_after(t, SEND_STOP_TLS))
        return;
    if (!t->plan->tls.on_connect && send_stops_after_sending(t, SEND_STOP_TLS))
        return;
    if (t->in_tls && !t->plan->tls.on_connect) {
        t->role = SEND_ROLE_TLS;
        send_state_set(t, SEND_STATE_HELLO);
    } else {
        after_last_hello(t);
    }
}

static void after_last_hello(struct send_transaction *t) {
    if (send_stops_after(t, SEND_STOP_HELO) || send_stops_after_sending(t, SEND_STOP_HELO))
        return;
    if (xclient_wanted(t)) {
        send_state_set(t, SEND_STATE_XCLIENT);
        return;
    }
    if (t->plan->xclient.group_count == 0 || t->xclient_over) {
        static const enum send_stop points[] = {SEND_STOP_XCLIENT, SEND_STOP_XCLIENT_HELO};
        for (size_t i = 0; i < sizeof points / sizeof points[0]; i++)
            if (send_stops_after(t, points[i]) || send_stops_after_sending(t, points[i]))
                return;
    }
    send_state_set(t, SEND_STATE_AUTH);
}

/* --- XCLIENT --- */

static void xclient_leave(struct send_transaction *t) {
    t->xclient_over = true;
    if (t->plan->xclient.before_starttls)
        to_starttls(t);
    else
        after_last_hello(t);
}

static bool attributes_advertised(const struct send_transaction *t) {
    const struct send_xclient *x = &t->plan->xclient;
    for (size_t i = 0; i < x->group_count; i++)
        for (size_t j = 0; j < x->groups[i].attribute_count; j++)
            if (!send_parameter_advertised(t, "XCLIENT", x->groups[i].attributes[j]))
                return false;
    return true;
}

/* Not advertised: fatal when required. */
static void xclient_unavailable(struct send_transaction *t, const char *why) {
    send_transcript_error(t->transcript, "%s", why);
    if (t->plan->xclient.demand == SEND_REQUIRED)
        send_give_up_unsent(t, SEND_EXIT_XCLIENT);
    else
        xclient_leave(t);
}

void send_xclient_enter(struct send_transaction *t) {
    const struct send_xclient *x = &t->plan->xclient;
    if (t->xclient_done == 0) {
        bool lax = t->plan->extensions.lax & SEND_LAX_UNADVERTISED;
        if (!lax && !send_advertised(t, "XCLIENT")) {
            xclient_unavailable(t, "Host did not advertise XCLIENT");
            return;
        }
        if (!lax && !x->no_verify && !attributes_advertised(t)) {
            xclient_unavailable(t, "Host did not advertise requested XCLIENT attributes");
            return;
        }
    }
    const char *arguments = x->groups[t->xclient_done].arguments;
    send_command(t, base_arena_printf(&t->arena, "XCLIENT %s", arguments));
    send_await(t);
}

void send_xclient_reply(struct send_transaction *t) {
    const struct send_xclient *x = &t->plan->xclient;
    if (!t->as_expected) {
        send_transcript_error(t->transcript, "XCLIENT attempted but failed");
        if (x->demand == SEND_OPTIONAL)
            xclient_leave(t);
        else
            send_fail(t);
        return;
    }
    t->xclient_done++;
    if (t->xclient_done < x->group_count) {
        send_state_set(t, SEND_STATE_XCLIENT);
    } else if (!send_stops_after(t, SEND_STOP_XCLIENT)) {
        t->role = SEND_ROLE_XCLIENT;
        t->xclient_over = true;
        send_state_set(t, SEND_STATE_HELLO);
    }
}

static void after_xclient(struct send_transaction *t) {
    if (send_stops_after(t, SEND_STOP_XCLIENT_HELO))
        return;
    if (t->plan->xclient.before_starttls && !send_stops_after(t, SEND_STOP_HELO))
        to_starttls(t);
    else if (!t->plan->xclient.before_starttls)
        send_state_set(t, SEND_STATE_AUTH);
}

/* --- STARTTLS --- */

void send_starttls_enter(struct send_transaction *t) {
    if (!send_advertised(t, "STARTTLS") && !(t->plan->extensions.lax & SEND_LAX_UNADVERTISED)) {
        send_transcript_error(t->transcript, "Host did not advertise STARTTLS");
        if (t->plan->tls.demand == SEND_REQUIRED)
            send_give_up_unsent(t, SEND_EXIT_TLS);
        else
            send_tls_passed(t);
        return;
    }
    send_command(t, "STARTTLS");
    send_await(t);
}

void send_starttls_reply(struct send_transaction *t) {
    if (t->as_expected) {
        /* what came behind the reply was in clear, and may be anybody's (RFC 3207 section 6) */
        if (t->in.len > 0 && !t->plan->as_swaks)
            send_transcript_error(t->transcript,
                                  "%zu bytes in clear came behind the reply to STARTTLS; they were "
                                  "thrown away, since anybody may have put them there",
                                  t->in.len);
        base_buf_clear(&t->in);
        t->dumped = 0;
        send_state_set(t, SEND_STATE_TLS);
    } else {
        send_starttls_failed(t);
    }
}
