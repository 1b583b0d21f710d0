/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_DUMP_H
#define WAXSEAL_SEND_DUMP_H

#include "send/process.h"

/* --dump: the resolved options as swaks prints them. */

/* The sections of the set (1 << enum send_section) but SUPPORT and DATA, with an empty line between
 * them. `for_body`: for --dump-as-body, where passwords are hidden. */
void send_dump_sections(const struct send_settings *s, unsigned sections, bool for_body,
                        struct base_buf *out);
/* What --dump-as-body names, as a set. */
unsigned send_dump_body_sections(const struct send_settings *s);
/* A list of section names as a set; an empty list is all. */
unsigned send_dump_parse(struct base_arena *arena, const char *list);
/* The text in quotes for a shell. */
void send_dump_quoted(struct base_buf *out, const char *text);
/* "swaks --from 'a@b' ...": the options in force, ready for a shell. */
void send_dump_command(const struct send_settings *s, bool for_body, struct base_buf *out);

#endif
