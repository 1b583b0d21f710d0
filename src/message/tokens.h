/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_MESSAGE_TOKENS_H
#define WAXSEAL_MESSAGE_TOKENS_H

#include "base/buf.h"

/* Replaces `token` everywhere in `text`; what was put in is not looked at again. Failure is the
 * buffer's sticky `failed`. */
void message_tokens_replace_text(struct base_buf *text, const char *token, struct base_bytes value);
/* Replaces %NAME% and ..NAME.. (upper case, exactly). */
void message_tokens_replace(struct base_buf *text, const char *name, struct base_bytes value);
/* A backslash and an n become CRLF. */
void message_tokens_expand_newlines(struct base_buf *text);

#endif
