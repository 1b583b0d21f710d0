/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CHECK_QUEUE_H
#define WAXSEAL_CHECK_QUEUE_H

#include "base/map.h"

#include <sys/queue.h>

/* Visits that wait for their turn: never more to one address at a time than it may have, and the
 * addresses take turns. No step costs more when more wait. */
struct check_place;

/* Part of what waits. */
struct check_waiter {
    TAILQ_ENTRY(check_waiter) entry;
    struct check_place *place; /* NULL: neither waiting nor under way */
    bool under_way;
};

TAILQ_HEAD(check_waiters, check_waiter);
TAILQ_HEAD(check_places, check_place);

struct check_queue {
    struct base_map by_address;
    struct check_places ready; /* somebody waits there, and there is room */
    unsigned per_address;
};

void check_queue_init(struct check_queue *q, unsigned per_address);
void check_queue_release(struct check_queue *q); /* everybody has left */
/* Waits for `address` (copied); false: no memory. */
bool check_queue_join(struct check_queue *q, struct check_waiter *w, const char *address);
/* Whose turn it is; from now on it is under way at its address. NULL: nobody may go. */
struct check_waiter *check_queue_next(struct check_queue *q);
/* Waits no more, or is back. Nothing happens to who has left already. */
void check_queue_leave(struct check_queue *q, struct check_waiter *w);

#endif
