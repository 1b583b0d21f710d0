/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CONNECT_COMPLETE_H
#define WAXSEAL_CONNECT_COMPLETE_H

#include "connect/talk_offers.h"

/* What the line that is being typed may go on with. */

#define CONNECT_WORDS_MAX 64u

struct connect_completion {
    size_t from;                          /* where the part that the words replace begins */
    const char *words[CONNECT_WORDS_MAX]; /* in `arena` */
    size_t count;
    struct base_arena arena;
};

void connect_completion_init(struct connect_completion *c);
void connect_completion_release(struct connect_completion *c);
/* `typed` is the line up to the cursor, where a command is expected; `helo` is our name, or NULL.
 */
void connect_complete(struct connect_completion *c, enum facts_protocol protocol,
                      const struct connect_offers *offers, const char *helo,
                      struct base_bytes typed);
/* Length of what all words have in common, ASCII case aside. */
size_t connect_completion_common(const struct connect_completion *c);

#endif
