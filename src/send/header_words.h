/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_HEADER_WORDS_H
#define WAXSEAL_SEND_HEADER_WORDS_H

#include "base/arena.h"

/* "Name: value" with what is outside ASCII in the value as encoded words; the field itself when
 * there is nothing of it, or when it is not UTF-8. */
const char *send_header_words(struct base_arena *arena, const char *field);

#endif
