/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_MESSAGE_HEADER_WORDS_H
#define WAXSEAL_MESSAGE_HEADER_WORDS_H

#include "base/arena.h"

/* "Name: value" with what is outside ASCII in the value as encoded words; the field itself when
 * there is nothing of it, or when it is not UTF-8. */
const char *message_header_words(struct base_arena *arena, const char *field);

#endif
