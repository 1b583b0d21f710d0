/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SWAKS_PROMPT_H
#define WAXSEAL_SWAKS_PROMPT_H

#include "base/arena.h"
#include "base/buf.h"
#include "swaks/args_table.h"

/* Questions to the user, on standard output or, where that is needed, the terminal; answers and
 * what "-" stands for come from standard input. */
struct swaks_prompt {
    struct base_arena *arena;
    int in, out;
    bool protect;          /* --protect-prompt: what is typed for a secret is not shown */
    struct base_buf ahead; /* read but not yet asked for */
    bool ended;
    bool have_rest; /* "-" was used: it is kept for the next time */
    struct base_bytes rest;
};
void swaks_prompt_init(struct swaks_prompt *p, struct base_arena *arena, int in, int out);
void swaks_prompt_release(struct swaks_prompt *p);

/* Asks until the answer is acceptable. NULL: the input has ended. */
const char *swaks_prompt_ask(struct swaks_prompt *p, const char *question, enum swaks_answer accept,
                             bool secret);
/* All of standard input that no answer has taken. False with errno. */
bool swaks_prompt_rest(struct swaks_prompt *p, size_t max, struct base_bytes *out);

/* Whether `answer` is acceptable. */
bool swaks_prompt_accepts(enum swaks_answer accept, const char *answer);

#endif
