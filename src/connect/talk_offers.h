/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CONNECT_TALK_OFFERS_H
#define WAXSEAL_CONNECT_TALK_OFFERS_H

#include "base/arena.h"
#include "connect/talk_exchange.h"
#include "mail/reply.h"

/* What the server says it can do, as last heard: before TLS, then whenever it lists it again. */
struct connect_offers {
    const struct facts_ehlo *before; /* as seen before the conversation; may be NULL */
    struct facts_ehlo heard;         /* inside the session; heard.asked: it was */
    struct facts_ehlo hearing;
    enum facts_protocol protocol;
    struct base_arena arenas[2]; /* of `heard` and of `hearing`; they swap */
    unsigned current;
    struct mail_reply_reader reader;
    bool listening;
    unsigned asked; /* the exchange's count when it was last looked at */
};

void connect_offers_init(struct connect_offers *o, const struct facts_ehlo *before,
                         enum facts_protocol protocol);
void connect_offers_release(struct connect_offers *o);
/* Forgets what was heard: the connection is a new one. */
void connect_offers_forget(struct connect_offers *o);
/* Before the exchange takes bytes of the server: is the reply that is awaited a list? */
void connect_offers_look(struct connect_offers *o, const struct connect_exchange *x);
/* The bytes that it took. */
void connect_offers_feed(struct connect_offers *o, struct base_bytes bytes);

/* What is behind the keyword, "" when nothing is; NULL when it was not offered. */
const char *connect_offers_find(const struct connect_offers *o, const char *keyword);
/* The list itself; NULL when there is none. */
const struct facts_ehlo *connect_offers_list(const struct connect_offers *o);

#endif
