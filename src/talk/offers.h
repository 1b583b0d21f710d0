/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TALK_OFFERS_H
#define WAXSEAL_TALK_OFFERS_H

#include "base/arena.h"
#include "talk/exchange.h"

/* What the server says it can do, as last heard: before TLS, then whenever it lists it again. */
struct talk_offers {
    const struct facts_ehlo *before; /* as seen before the conversation; may be NULL */
    struct facts_ehlo heard;         /* inside the session; heard.asked: it was */
    struct facts_ehlo hearing;
    enum facts_protocol protocol;
    struct base_arena arenas[2]; /* of `heard` and of `hearing`; they swap */
    unsigned current;
    bool listening;
    unsigned asked; /* the exchange's count when it was last looked at */
};

void talk_offers_init(struct talk_offers *o, const struct facts_ehlo *before,
                      enum facts_protocol protocol);
void talk_offers_release(struct talk_offers *o);
/* Forgets what was heard: the connection is a new one. */
void talk_offers_forget(struct talk_offers *o);
/* Before the exchange takes bytes of the server: if the reply that is awaited is a list, its reader
 * keeps the lines. */
void talk_offers_look(struct talk_offers *o, struct talk_exchange *x);
/* The reply that was awaited is complete. What came with other lines than a reply's is no list. */
void talk_offers_take(struct talk_offers *o, const struct talk_exchange *x);

/* What is behind the keyword, "" when nothing is; NULL when it was not offered. */
const char *talk_offers_find(const struct talk_offers *o, const char *keyword);
/* Cuts the next word off the front of what is behind a keyword, "PLAIN LOGIN" or, in ManageSieve,
 * "\"PLAIN LOGIN\""; false at its end. A word may be empty. */
bool talk_offers_word(struct base_bytes *list, struct base_bytes *word);
/* The list itself; NULL when there is none. */
const struct facts_ehlo *talk_offers_list(const struct talk_offers *o);

#endif
