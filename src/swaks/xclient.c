/* SPDX-License-Identifier: Apache-2.0 */
/* xclient - XCLIENT commands from single attributes
 *
 * Values are xtext; bytes above 127 stay, since a server's own xtext reader takes them and swaks
 * sends them so. */
#include "swaks/xclient.h"

static void add_group(struct swaks_xclient_builder *b, struct base_arena *arena,
                      const struct send_xclient_group *group) {
    struct send_xclient_group *slot =
        base_arena_append(arena, &b->groups, &b->count, &b->cap, sizeof *slot);
    if (slot)
        *slot = *group;
}

void swaks_xclient_delimit(struct swaks_xclient_builder *b, struct base_arena *arena) {
    if (b->arguments) {
        const struct send_xclient_group group = {b->arguments, b->attributes, b->attribute_count};
        add_group(b, arena, &group);
    }
    b->arguments = NULL;
    b->attributes = NULL;
    b->attribute_count = b->attribute_cap = 0;
}

void swaks_xclient_attribute(struct swaks_xclient_builder *b, struct base_arena *arena,
                             const char *name, const char *value) {
    const char *before = b->arguments ? b->arguments : "";
    b->arguments = base_arena_printf(arena, "%s%s%s=%s", before, before[0] ? " " : "", name,
                                     send_xtext(arena, value, true));
    const char **slot = base_arena_append(arena, &b->attributes, &b->attribute_count,
                                          &b->attribute_cap, sizeof *slot);
    if (slot)
        *slot = base_arena_str(arena, name);
}

void swaks_xclient_raw(struct swaks_xclient_builder *b, struct base_arena *arena,
                       const char *arguments) {
    const struct send_xclient_group group = {base_arena_str(arena, arguments), NULL, 0};
    swaks_xclient_delimit(b, arena);
    add_group(b, arena, &group);
}

void swaks_xclient_finish(struct swaks_xclient_builder *b, struct base_arena *arena,
                          struct send_xclient *out) {
    swaks_xclient_delimit(b, arena);
    out->groups = b->groups;
    out->group_count = b->count;
}
