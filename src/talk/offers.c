/* SPDX-License-Identifier: Apache-2.0 */
/* talk_offers - what the server says it can do, overheard.
 *
 * The replies to EHLO, LHLO, CAPABILITY and CAPA, and the list that ManageSieve begins with, are
 * read while they pass. What was offered before TLS counts until something was heard inside it
 * (RFC 3207 section 4.2). Two arenas: the list that is in use, and the one that is being read. */
#include "talk/offers.h"

#include "mail/ehlo.h"

#include <string.h>

#define ARENA_MAX ((size_t)8 << 20)

void talk_offers_init(struct talk_offers *o, const struct facts_ehlo *before,
                      enum facts_protocol protocol) {
    *o = (struct talk_offers){.before = before, .protocol = protocol};
    base_arena_init(&o->arenas[0], ARENA_MAX);
    base_arena_init(&o->arenas[1], ARENA_MAX);
}

void talk_offers_release(struct talk_offers *o) {
    base_arena_release(&o->arenas[0]);
    base_arena_release(&o->arenas[1]);
}

void talk_offers_forget(struct talk_offers *o) {
    o->heard = (struct facts_ehlo){0};
    o->listening = false;
}

/* --- listening --- */

static bool will_list(const struct talk_exchange *x) {
    if (x->about == TALK_ABOUT_GREETING)
        return x->protocol == FACTS_PROTOCOL_SIEVE;
    return x->about == TALK_ABOUT_COMMAND && x->verb &&
           (x->verb->follow == TALK_FOLLOW_HELLO || strcmp(x->verb->name, "CAPA") == 0);
}

static void begin(struct talk_offers *o, struct talk_exchange *x) {
    struct base_arena *arena = &o->arenas[1 - o->current];
    base_arena_release(arena);
    base_arena_init(arena, ARENA_MAX);
    o->hearing = (struct facts_ehlo){.asked = true, .verb = x->verb ? x->verb->name : "greeting"};
    mail_reply_keep(&x->reader, arena, &o->hearing.reply);
    o->listening = true;
}

void talk_offers_look(struct talk_offers *o, struct talk_exchange *x) {
    if (x->asked == o->asked || x->turn != TALK_TURN_REPLY)
        return;
    o->asked = x->asked;
    o->listening = false;
    if (will_list(x) && !x->reader.passes_line)
        begin(o, x);
}

void talk_offers_take(struct talk_offers *o, const struct talk_exchange *x) {
    struct base_arena *arena = &o->arenas[1 - o->current];
    if (!o->listening)
        return;
    o->listening = false;
    if (x->reply.noise)
        return;
    mail_ehlo_read(&o->hearing, o->protocol, arena);
    if (arena->failed)
        return;
    o->heard = o->hearing;
    o->current = 1 - o->current;
}

/* --- asking --- */

const struct facts_ehlo *talk_offers_list(const struct talk_offers *o) {
    if (o->heard.asked)
        return &o->heard;
    return o->before && o->before->asked ? o->before : NULL;
}

const char *talk_offers_find(const struct talk_offers *o, const char *keyword) {
    const struct facts_ehlo *list = talk_offers_list(o);
    for (size_t i = 0; list && i < list->keyword_count; i++)
        if (strcmp(list->keywords[i].name, keyword) == 0)
            return list->keywords[i].params;
    return NULL;
}

bool talk_offers_word(struct base_bytes *list, struct base_bytes *word) {
    size_t end = 0;
    while (end < list->len && list->data[end] != ' ' && list->data[end] != '"')
        end++;
    *word = base_bytes_slice(*list, 0, end);
    bool any = list->len > 0;
    *list = base_bytes_slice(*list, end + 1, list->len);
    return any;
}
