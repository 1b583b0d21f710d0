/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SWAKS_NETRC_H
#define WAXSEAL_SWAKS_NETRC_H

#include "base/arena.h"

/* Finds an entry of a .netrc: the first for this machine (and this login, unless NULL), else
 * "default". False: there is none. What the entry does not have is NULL. */
bool swaks_netrc_find(struct base_arena *arena, struct base_bytes text, const char *machine,
                      const char *login, const char **found_login, const char **found_password);

#endif
