/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SWAKS_LAYERS_H
#define WAXSEAL_SWAKS_LAYERS_H

#include "swaks/args.h"

/* Where options come from, later ones first: the command line, SWAKS_OPT_* of the environment, one
 * configuration file, the text behind the program itself. */

struct swaks_sources {
    int argc; /* without the program's name */
    char *const *argv;
    char *const *environment; /* environ */
    const char *program_file; /* for the text behind it; NULL: not looked at */
};

/* Fills `args`. False: complaints were added, each with its line end; the exit code is 1. */
bool swaks_layers_load(const struct swaks_sources *from, struct swaks_args *args,
                       struct base_buf *complaints);

/* Words of the lines of a configuration, two for each line: "--name" and, if there is one, its
 * value. Seen by tests. */
void swaks_layers_split(struct base_arena *arena, struct base_bytes text, struct swaks_words *out);
/* `-x=y` becomes two words, `--h-Name y` becomes "--header" "Name: y". Seen by tests. */
void swaks_layers_prepare(struct base_arena *arena, const struct swaks_words *in,
                          struct swaks_words *out);

/* What was appended to an ELF program file, at most `max` bytes; false: nothing. Reads no more than
 * the file's first bytes when there is nothing. Seen by tests. */
bool swaks_layers_tail(struct base_arena *arena, const char *path, size_t max,
                       struct base_bytes *out);

#endif
