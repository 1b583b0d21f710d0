/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_XTEXT_H
#define WAXSEAL_SEND_XTEXT_H

#include "base/arena.h"

/* xtext (RFC 3461 section 4): what is not printable ASCII, "+" and "=" become +XX. `eight_bit`:
 * bytes above 127 stay as they are. */
const char *send_xtext(struct base_arena *arena, const char *value, bool eight_bit);

#endif
