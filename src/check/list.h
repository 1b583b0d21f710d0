/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CHECK_LIST_H
#define WAXSEAL_CHECK_LIST_H

#include "check/options.h"

#include <sys/queue.h>

/* One target of a list with its memory. */
struct check_item {
    struct facts_target facts;
    struct base_arena arena;
    struct check_list *list;       /* while it is checked */
    TAILQ_ENTRY(check_item) entry; /* then for whoever keeps it */
};
TAILQ_HEAD(check_items, check_item);
void check_item_free(struct check_item *item); /* NULL is fine */

/* A name and the address that is to be used for it. */
struct check_override {
    const char *name;
    const char *address;
};

enum check_pace {
    CHECK_GO_ON,
    CHECK_WAIT, /* nothing more is begun until something is done */
    CHECK_STOP, /* as an interrupt */
};

/* A list of targets to be checked from its first to its last. */
struct check_list_config {
    const struct check_options *options; /* with its further targets */
    const char *const *targets;
    size_t target_count;
    const struct pki_trust *trust; /* NULL: as the options say */
    const struct check_override *overrides;
    size_t override_count;
    bool interruptible; /* SIGINT and SIGTERM end it: what is known is handed out */
    /* Patience for the greeting of one target; 0: the options'. May be NULL. */
    base_usec (*greeting)(void *arg, size_t index);
    /* Before the first target: the head of the report, which lives until the end. */
    void (*begin)(void *arg, const struct facts_report *head);
    /* Asked before each target is begun. May be NULL: go on. */
    enum check_pace (*pace)(void *arg);
    /* As check_target.known; may be NULL. */
    void (*known)(void *arg, struct check_item *item);
    /* In the order of completion; from now on the item is the callee's. */
    void (*done)(void *arg, struct check_item *item);
    void *arg;
};

/* What came of it all. */
struct check_list_result {
    size_t count;     /* targets handed out */
    size_t wrong;     /* of these no targets at all */
    size_t too_large; /* of these cut off by their memory */
    enum facts_verdict worst;
    const char *cut; /* why --targets was not read to its end, as far as is known; or NULL */
    double ms;
};

/* Checks them all on `loop`, which it runs and stops. WS_USAGE: the options; any other error is a
 * failure of this machine; in both cases what was begun may have been handed out. */
WS_MUST_USE enum ws_err check_list_run(struct net_loop *loop, const struct check_list_config *c,
                                       struct check_list_result *out, struct base_error *e);

#endif
