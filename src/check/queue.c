/* SPDX-License-Identifier: Apache-2.0 */
/* check_queue - who may connect next.
 *
 * One place for each address at which somebody waits or is under way; a place that has both room
 * and somebody waiting stands in the ready list, whose first gives one visit and goes to its end.
 *
 * Ownership: places are the queue's and go with their last visit; waiters are their owner's. */
#include "check/queue.h"

#include "base/bytes.h"

#include <stdlib.h>

struct check_place {
    TAILQ_ENTRY(check_place) entry; /* while it is ready */
    struct check_waiters waiting;
    unsigned under_way;
    bool ready;
    char address[];
};

void check_queue_init(struct check_queue *q, unsigned per_address) {
    *q = (struct check_queue){.per_address = per_address};
    TAILQ_INIT(&q->ready);
}

void check_queue_release(struct check_queue *q) {
    base_map_release(&q->by_address);
}

static struct check_place *place_of(struct check_queue *q, const char *address) {
    struct check_place *p = base_map_get(&q->by_address, address);
    if (p)
        return p;
    struct base_bytes text = base_bytes_of_str(address);
    p = calloc(1, sizeof *p + text.len + 1);
    if (!p)
        return NULL;
    base_bytes_copy(p->address, text.len, text);
    TAILQ_INIT(&p->waiting);
    if (base_map_put(&q->by_address, p->address, p))
        return p;
    free(p);
    return NULL;
}

/* To the end of the ready list, out of it, or away: as the place is now. */
static void settle(struct check_queue *q, struct check_place *p) {
    bool ready = !TAILQ_EMPTY(&p->waiting) && p->under_way < q->per_address;
    if (p->ready && !ready)
        TAILQ_REMOVE(&q->ready, p, entry);
    else if (!p->ready && ready)
        TAILQ_INSERT_TAIL(&q->ready, p, entry);
    p->ready = ready;
    if (p->under_way == 0 && TAILQ_EMPTY(&p->waiting)) {
        base_map_remove(&q->by_address, p->address);
        free(p);
    }
}

bool check_queue_join(struct check_queue *q, struct check_waiter *w, const char *address) {
    w->place = place_of(q, address);
    w->under_way = false;
    if (!w->place)
        return false;
    TAILQ_INSERT_TAIL(&w->place->waiting, w, entry);
    settle(q, w->place);
    return true;
}

struct check_waiter *check_queue_next(struct check_queue *q) {
    struct check_place *p = TAILQ_FIRST(&q->ready);
    if (!p)
        return NULL;
    struct check_waiter *w = TAILQ_FIRST(&p->waiting);
    TAILQ_REMOVE(&p->waiting, w, entry);
    w->under_way = true;
    p->under_way++;
    TAILQ_REMOVE(&q->ready, p, entry); /* the others first */
    p->ready = false;
    settle(q, p);
    return w;
}

void check_queue_leave(struct check_queue *q, struct check_waiter *w) {
    struct check_place *p = w->place;
    if (!p)
        return;
    if (w->under_way)
        p->under_way--;
    else
        TAILQ_REMOVE(&p->waiting, w, entry);
    w->place = NULL;
    w->under_way = false;
    settle(q, p);
}
