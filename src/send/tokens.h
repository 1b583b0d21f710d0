/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_TOKENS_H
#define WAXSEAL_SEND_TOKENS_H

#include "base/buf.h"

/* Replaces `token` everywhere in `text`; what was put in is not looked at again. Failure is the
 * buffer's sticky `failed`. */
void send_tokens_replace_text(struct base_buf *text, const char *token, struct base_bytes value);
/* Replaces %NAME% and ..NAME.. (upper case, exactly). */
void send_tokens_replace(struct base_buf *text, const char *name, struct base_bytes value);
/* A backslash and an n become CRLF. */
void send_tokens_expand_newlines(struct base_buf *text);

#endif
