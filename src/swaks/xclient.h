/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SWAKS_XCLIENT_H
#define WAXSEAL_SWAKS_XCLIENT_H

#include "base/arena.h"
#include "send/plan.h"

/* Collects --xclient-* options, in the order given, into XCLIENT commands. Zero-initialise. */
struct swaks_xclient_builder {
    struct send_xclient_group *groups;
    size_t count;
    size_t cap;
    const char **attributes; /* of the group under way */
    size_t attribute_count;
    size_t attribute_cap;
    const char *arguments; /* of the group under way, NULL: none */
};

/* `name` is the attribute on the wire ("ADDR", "REVERSE_NAME"); the value becomes xtext. */
void swaks_xclient_attribute(struct swaks_xclient_builder *b, struct base_arena *arena,
                             const char *name, const char *value);
/* --xclient-delim: the next attribute begins a new command. */
void swaks_xclient_delimit(struct swaks_xclient_builder *b, struct base_arena *arena);
/* --xclient: a command of its own, arguments as they are. */
void swaks_xclient_raw(struct swaks_xclient_builder *b, struct base_arena *arena,
                       const char *arguments);
/* Ends the group under way and hands the commands over. */
void swaks_xclient_finish(struct swaks_xclient_builder *b, struct base_arena *arena,
                          struct send_xclient *out);

#endif
