/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of options share: words in, settings or complaints out. */
#ifndef WAXSEAL_TESTS_SWAKS_CASE_H
#define WAXSEAL_TESTS_SWAKS_CASE_H

#include "swaks/dump.h"
#include "swaks/layers.h"

struct options_case {
    struct base_arena arena;
    struct swaks_args args;
    struct base_buf complaints;
    struct swaks_settings settings;
    int in[2], out[2]; /* pipes: standard input, what prompts and errors print */
    char printed[65536];
};

void options_case_init(struct options_case *c, enum swaks_manner manner);
void options_case_release(struct options_case *c);
/* Parses one layer given as words separated by "|" ("\\|" is a bar; a last empty word is none). */
bool options_case_parse(struct options_case *c, const char *words, struct swaks_words *left);
/* The same as a command line through all layers with this environment (NULL: none). */
bool options_case_load(struct options_case *c, const char *words, char *const *environment);
/* Resolves what was parsed, with this standard input; the exit code. */
int options_case_process(struct options_case *c, const char *input);
/* Sections as --dump prints them; lives until the next call. */
const char *options_case_dump(struct options_case *c, unsigned sections);

#endif
