/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TALK_DOT_H
#define WAXSEAL_TALK_DOT_H

#include "talk/talker.h"

/* Lines that are for us, where a command is expected: ".help". */
enum talk_dot {
    TALK_DOT_DONE,
    TALK_DOT_QUIT,    /* leave, saying goodbye */
    TALK_DOT_UNKNOWN, /* nothing was done; said in a note */
};

struct talk_dot_command {
    const char *name; /* "help", without the dot */
    const char *what; /* what it does, for .help */
};

const struct talk_dot_command *talk_dot_commands(size_t *count);
/* `line` begins with a dot. */
enum talk_dot talk_dot_run(struct talker *k, struct base_bytes line);

#endif
