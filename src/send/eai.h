/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_EAI_H
#define WAXSEAL_SEND_EAI_H

#include "base/arena.h"

#include <stdbool.h>

/* Addresses outside ASCII (RFC 6530). */

/* The address for a server without SMTPUTF8: its domain in A-labels. NULL: there is no such form
 * (the local part is outside ASCII, or the domain is none), *why says which. */
const char *send_eai_to_ascii(struct base_arena *arena, const char *address, const char **why);
/* What is wrong with an address that is to stand between angle brackets; NULL: nothing. */
const char *send_eai_fault(const char *address);

#endif
