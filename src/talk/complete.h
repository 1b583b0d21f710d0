/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TALK_COMPLETE_H
#define WAXSEAL_TALK_COMPLETE_H

#include "talk/offers.h"

/* What the line that is being typed may go on with. */

#define TALK_WORDS_MAX 64u

struct talk_completion {
    size_t from;                       /* where the part that the words replace begins */
    const char *words[TALK_WORDS_MAX]; /* in `arena` */
    size_t count;
    struct base_arena arena;
};

void talk_completion_init(struct talk_completion *c);
void talk_completion_release(struct talk_completion *c);
/* `typed` is the line up to the cursor, where a command is expected; `helo` is our name, or NULL.
 */
void talk_complete(struct talk_completion *c, enum facts_protocol protocol,
                   const struct talk_offers *offers, const char *helo, struct base_bytes typed);
/* Length of what all words have in common, ASCII case aside. */
size_t talk_completion_common(const struct talk_completion *c);

#endif
