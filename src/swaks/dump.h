/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SWAKS_DUMP_H
#define WAXSEAL_SWAKS_DUMP_H

#include "swaks/process.h"

/* --dump: the resolved options as swaks prints them. */

/* The sections of the set (1 << enum swaks_section) but SUPPORT and DATA, with an empty line
 * between them. `for_body`: for --dump-as-body, where passwords are hidden. */
void swaks_dump_sections(const struct swaks_settings *s, unsigned sections, bool for_body,
                         struct base_buf *out);
/* What --dump-as-body names, as a set. */
unsigned swaks_dump_body_sections(const struct swaks_settings *s);
/* A list of section names as a set; an empty list is all. */
unsigned swaks_dump_parse(struct base_arena *arena, const char *list);
/* The text in quotes for a shell. */
void swaks_dump_quoted(struct base_buf *out, const char *text);
/* "swaks --from 'a@b' ...": the options in force, ready for a shell. */
void swaks_dump_command(const struct swaks_settings *s, bool for_body, struct base_buf *out);

#endif
