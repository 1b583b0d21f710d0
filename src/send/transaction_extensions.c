/* SPDX-License-Identifier: Apache-2.0 */
/* transaction_extensions - what MAIL and RCPT carry beyond the addresses, and BDAT
 *
 * An extension that was asked for must be advertised (inside TLS, when TLS is on), or the
 * transaction ends before the envelope; --lax sends it all the same. SMTPUTF8 is added without
 * being asked for when an address needs it and the server has it.
 *
 * RFC 3461 (DSN), 6531 (SMTPUTF8), 6152 (8BITMIME), 3030 (CHUNKING), 8689 (REQUIRETLS); XFORWARD as
 * Postfix documents it. */
#include "base/text.h"
#include "dns/target.h"
#include "send/transaction_private.h"

#include <string.h>

#define CHUNK_DEFAULT ((size_t)256 << 10)
#define CHUNK_MAX ((size_t)8 << 20)

static const struct send_extensions *wanted(const struct send_transaction *t) {
    return &t->plan->extensions;
}

/* --- what must be there --- */

static bool wants_dsn(const struct send_extensions *x) {
    return x->dsn_notify || x->dsn_ret || x->dsn_envid || x->dsn_orcpt;
}

/* The address for a server without SMTPUTF8: its domain in A-labels. NULL: there is no such form
 * (the local part is outside ASCII, or the domain is none; RFC 6531 section 3.2), *why says which.
 */
static const char *in_ascii(struct base_arena *arena, const char *address, const char **why) {
    const char *at = strrchr(address, '@');
    *why = "its local part is outside ASCII";
    if (!at)
        return base_text_is_ascii(address) ? address : NULL;
    const char *local =
        base_arena_str_bytes(arena, base_bytes_view(address, (size_t)(at - address)));
    if (!base_text_is_ascii(local))
        return NULL;
    if (base_text_is_ascii(at))
        return address;
    const char *domain = dns_name_to_ascii(arena, at + 1, why);
    return domain ? base_arena_printf(arena, "%s@%s", local, domain) : NULL;
}

/* An address that this server can't take, in words; NULL: none. */
static const char *address_trouble(struct send_transaction *t) {
    const struct send_plan *p = t->plan;
    if (wanted(t)->lax & SEND_LAX_UNADVERTISED || send_advertised(t, "SMTPUTF8"))
        return NULL;
    for (size_t i = 0; i <= p->recipient_count; i++) {
        const char *why = "", *address = i < p->recipient_count ? p->recipients[i] : p->from;
        if (!in_ascii(&t->kept, address, &why))
            return base_arena_printf(
                &t->kept, "%s needs SMTPUTF8 (%s), which the host did not advertise", address, why);
    }
    return NULL;
}

const char *send_missing_extension(struct send_transaction *t) {
    const struct send_extensions *x = wanted(t);
    const struct {
        bool asked;
        const char *keyword;
    } needs[] = {
        {wants_dsn(x), "DSN"},
        {x->smtputf8, "SMTPUTF8"},
        {x->requiretls, "REQUIRETLS"}, /* never outside TLS (RFC 8689 section 4.1) */
        {x->chunking, "CHUNKING"},
    };
    for (size_t i = 0; i < sizeof needs / sizeof needs[0] && !(x->lax & SEND_LAX_UNADVERTISED); i++)
        if (needs[i].asked && !send_advertised(t, needs[i].keyword))
            return base_arena_printf(&t->kept, "Host did not advertise %s", needs[i].keyword);
    if (x->requiretls && !t->in_tls && !(x->lax & SEND_LAX_UNADVERTISED))
        return "REQUIRETLS is for messages inside TLS only: add --tls";
    return address_trouble(t);
}

/* --- MAIL and RCPT --- */

static bool addresses_are_ascii(const struct send_plan *p) {
    for (size_t i = 0; i < p->recipient_count; i++)
        if (!base_text_is_ascii(p->recipients[i]))
            return false;
    return base_text_is_ascii(p->from);
}

void send_choose_utf8(struct send_transaction *t) {
    t->utf8 =
        wanted(t)->smtputf8 || (send_advertised(t, "SMTPUTF8") && !addresses_are_ascii(t->plan));
}

const char *send_envelope_address(struct send_transaction *t, const char *address) {
    const char *why, *ascii = NULL;
    if (!t->utf8)
        ascii = in_ascii(&t->arena, address, &why);
    return ascii ? ascii : address;
}

/* " BODY=8BITMIME" where we look at the message anyway. */
static const char *body_parameter(struct send_transaction *t) {
    struct message_facts facts = {0};
    if ((!t->utf8 && !wanted(t)->chunking) || !t->plan->message ||
        message_facts(t->plan->message, &facts, NULL) != WS_OK)
        return "";
    if (facts.binary && wanted(t)->chunking && send_advertised(t, "BINARYMIME"))
        return " BODY=BINARYMIME";
    return facts.eight_bit && send_advertised(t, "8BITMIME") ? " BODY=8BITMIME" : "";
}

const char *send_mail_parameters(struct send_transaction *t) {
    const struct send_extensions *x = wanted(t);
    return base_arena_printf(&t->arena, "%s%s%s%s%s%s%s%s", t->plan->prdr ? " PRDR" : "",
                             body_parameter(t), x->dsn_ret ? " RET=" : "",
                             x->dsn_ret ? x->dsn_ret : "", x->dsn_envid ? " ENVID=" : "",
                             x->dsn_envid ? send_xtext(&t->arena, x->dsn_envid, false) : "",
                             t->utf8 ? " SMTPUTF8" : "", x->requiretls ? " REQUIRETLS" : "");
}

/* "rfc822;" stands in front of an address that comes without a type. */
static const char *orcpt(struct send_transaction *t, const char *text) {
    const char *semicolon = strchr(text, ';');
    if (!semicolon)
        return base_arena_printf(&t->arena, " ORCPT=rfc822;%s", send_xtext(&t->arena, text, false));
    return base_arena_printf(
        &t->arena, " ORCPT=%s;%s",
        base_arena_str_bytes(&t->arena, base_bytes_view(text, (size_t)(semicolon - text))),
        send_xtext(&t->arena, semicolon + 1, false));
}

const char *send_rcpt_parameters(struct send_transaction *t) {
    const struct send_extensions *x = wanted(t);
    return base_arena_printf(&t->arena, "%s%s%s", x->dsn_notify ? " NOTIFY=" : "",
                             x->dsn_notify ? x->dsn_notify : "",
                             x->dsn_orcpt ? orcpt(t, x->dsn_orcpt) : "");
}

/* --- XFORWARD --- */

static const char *xforward_missing(struct send_transaction *t) {
    const struct send_xclient_group *g = wanted(t)->xforward;
    if (wanted(t)->lax & SEND_LAX_UNADVERTISED)
        return NULL;
    if (!send_advertised(t, "XFORWARD"))
        return "Host did not advertise XFORWARD";
    for (size_t i = 0; i < g->attribute_count; i++)
        if (!send_parameter_advertised(t, "XFORWARD", g->attributes[i]))
            return "Host did not advertise requested XFORWARD attributes";
    return NULL;
}

void send_xforward_enter(struct send_transaction *t) {
    if (!wanted(t)->xforward) {
        send_state_set(t, SEND_STATE_MAIL);
        return;
    }
    const char *missing = xforward_missing(t);
    if (missing) {
        send_transcript_error(t->transcript, "%s", missing);
        send_fail(t);
        return;
    }
    send_command(t, base_arena_printf(&t->arena, "XFORWARD %s", wanted(t)->xforward->arguments));
    send_await(t);
}

void send_xforward_reply(struct send_transaction *t) {
    if (t->as_expected || wanted(t)->lax & SEND_LAX_UNADVERTISED) {
        send_state_set(t, SEND_STATE_MAIL);
        return;
    }
    send_transcript_error(t->transcript, "XFORWARD attempted but failed");
    send_fail(t);
}

/* --- BDAT --- */

static size_t chunk_size(const struct send_transaction *t) {
    size_t asked = wanted(t)->chunk_size;
    return asked == 0 ? CHUNK_DEFAULT : asked > CHUNK_MAX ? CHUNK_MAX : asked;
}

/* Fills a chunk and finds out whether it is the last one. */
static enum ws_err fill_chunk(struct send_transaction *t, struct base_error *e) {
    base_buf_clear(&t->chunk);
    while (!t->message_ended) {
        if (t->piece.len == 0) {
            enum ws_err err = message_next(t->plan->message, &t->piece, e);
            if (err != WS_OK)
                return err;
            t->message_ended = t->piece.len == 0;
            continue;
        }
        size_t room = chunk_size(t) - t->chunk.len;
        if (room == 0)
            break;
        struct base_bytes part = base_bytes_slice(t->piece, 0, room);
        base_buf_append_bytes(&t->chunk, part);
        t->piece = base_bytes_slice(t->piece, part.len, t->piece.len);
    }
    return WS_OK;
}

static void send_chunk(struct send_transaction *t) {
    struct base_bytes chunk = base_buf_view(&t->chunk);
    const char *line = base_arena_printf(&t->reply_arena, "BDAT %zu%s", chunk.len,
                                         t->message_ended ? " LAST" : "");
    send_command(t, line);
    send_message_show(t, chunk);
    send_message_show_end(t);
    send_bytes(t, chunk);
}

void send_bdat_enter(struct send_transaction *t) {
    struct base_error e = {0};
    enum ws_err err = WS_OK;
    if (!t->chunks_begun) {
        t->chunks_begun = true;
        t->message_ended = false;
        t->piece = BASE_BYTES_EMPTY;
        base_buf_init(&t->chunk, CHUNK_MAX);
        err = message_start(t->plan->message, MESSAGE_FORM_CHUNK, &e);
    }
    if (err == WS_OK)
        err = fill_chunk(t, &e);
    if (err != WS_OK) {
        send_message_broken(t, &e);
        return;
    }
    send_message_begin_show(t);
    send_chunk(t);
    if (t->message_ended)
        send_state_set(t, SEND_STATE_DOT); /* the same verdicts, also one for each recipient */
    else
        send_await(t);
}

void send_bdat_reply(struct send_transaction *t) {
    if (!send_refused(t))
        send_state_set(t, SEND_STATE_BDAT);
}
