/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SWAKS_ARGS_H
#define WAXSEAL_SWAKS_ARGS_H

#include "base/arena.h"
#include "base/buf.h"
#include "swaks/args_table.h"

/* Words of options, as Getopt::Long reads them for swaks, and what they add up to. */

enum swaks_manner {
    SWAKS_MANNER_SWAKS,   /* called as swaks: its messages to the letter */
    SWAKS_MANNER_WAXSEAL, /* called as waxseal send: clearer messages, no secrets shown */
};

/* A list of words; grows in its arena. */
struct swaks_words {
    const char **items;
    size_t count;
    size_t cap;
};
void swaks_words_add(struct swaks_words *w, struct base_arena *arena, const char *word);

/* One option that is in force. `value` is "" when there was none, and never NULL. */
struct swaks_given {
    enum swaks_option_id option;
    const char *value;
};

/* What is in force: at most one entry for each option that is no list, in the order in which they
 * were last given. Texts live in the arena. */
struct swaks_args {
    struct base_arena *arena;
    enum swaks_manner manner;
    struct swaks_given *given;
    size_t count;
    size_t cap;
    bool refused[SWAKS_OPT_COUNT]; /* taken back by --no-x */
};
void swaks_args_init(struct swaks_args *a, struct base_arena *arena, enum swaks_manner manner);

/* Adds a layer of words: a later option replaces an earlier one, `--no-x` takes x back. Words that
 * are no options go to `left`. False: complaints (a line each, for standard error) were added. */
bool swaks_args_parse(struct swaks_args *a, const struct swaks_words *words,
                      struct swaks_words *left, struct base_buf *complaints);

bool swaks_args_given(const struct swaks_args *a, enum swaks_option_id id);
/* The value of an option that is no list; "" when it was given without one; NULL: not given. */
const char *swaks_args_value(const struct swaks_args *a, enum swaks_option_id id);
void swaks_args_unset(struct swaks_args *a, enum swaks_option_id id);

/* The option that a spelling stands for ("quit", "no-tls" with *negated, "serv" with a unique
 * abbreviation). SWAKS_OPT_COUNT: none, and the complaint was added. `shown` gets the name that
 * Getopt::Long would use in messages; it lives in the arena. */
enum swaks_option_id swaks_args_find(const struct swaks_args *a, const char *spelling,
                                     bool *negated, const char **shown,
                                     struct base_buf *complaints);

#endif
