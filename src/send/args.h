/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_ARGS_H
#define WAXSEAL_SEND_ARGS_H

#include "base/arena.h"
#include "base/buf.h"
#include "send/args_table.h"

/* Words of options, as Getopt::Long reads them for swaks, and what they add up to. */

enum send_manner {
    SEND_AS_SWAKS,   /* called as swaks: its messages to the letter */
    SEND_AS_WAXSEAL, /* called as waxseal send: clearer messages, no secrets shown */
};

/* A list of words; grows in its arena. */
struct send_words {
    const char **items;
    size_t count;
    size_t cap;
};
void send_words_add(struct send_words *w, struct base_arena *arena, const char *word);

/* One option that is in force. `value` is "" when there was none, and never NULL. */
struct send_given {
    enum send_option_id option;
    const char *value;
};

/* What is in force: at most one entry for each option that is no list, in the order in which they
 * were last given. Texts live in the arena. */
struct send_args {
    struct base_arena *arena;
    enum send_manner manner;
    struct send_given *given;
    size_t count;
    size_t cap;
    bool refused[SEND_OPT_COUNT]; /* taken back by --no-x */
};
void send_args_init(struct send_args *a, struct base_arena *arena, enum send_manner manner);

/* Adds a layer of words: a later option replaces an earlier one, `--no-x` takes x back. Words that
 * are no options go to `left`. False: complaints (a line each, for standard error) were added. */
bool send_args_parse(struct send_args *a, const struct send_words *words, struct send_words *left,
                     struct base_buf *complaints);

bool send_args_given(const struct send_args *a, enum send_option_id id);
/* The value of an option that is no list; "" when it was given without one; NULL: not given. */
const char *send_args_value(const struct send_args *a, enum send_option_id id);
/* As if it had been given so; `value` is copied. */
void send_args_set(struct send_args *a, enum send_option_id id, const char *value);
void send_args_unset(struct send_args *a, enum send_option_id id);

/* The option that a spelling stands for ("quit", "no-tls" with *negated, "serv" with a unique
 * abbreviation). SEND_OPT_COUNT: none, and the complaint was added. `shown` gets the name that
 * Getopt::Long would use in messages; it lives in the arena. */
enum send_option_id send_args_find(const struct send_args *a, const char *spelling, bool *negated,
                                   const char **shown, struct base_buf *complaints);

#endif
