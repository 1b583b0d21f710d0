/* SPDX-License-Identifier: Apache-2.0 */
/* tokens - %TOKENS% and \n in the text of a message
 *
 * Each token is replaced in one pass from left to right; the order of the passes is the caller's
 * (message.c), so that an address that looks like a token does what it does in swaks.
 *
 * Ownership: the buffer is the caller's; a text without the token is not copied. */
#include "message/private.h"

#include <string.h>

void message_tokens_replace_text(struct base_buf *text, const char *token,
                                 struct base_bytes value) {
    struct base_bytes rest = base_buf_view(text);
    size_t at = base_bytes_find_str(rest, token);
    if (at == rest.len || text->failed)
        return;
    struct base_buf out;
    base_buf_init(&out, text->max);
    size_t token_len = strlen(token);
    while (at < rest.len) {
        base_buf_append_bytes(&out, base_bytes_slice(rest, 0, at));
        base_buf_append_bytes(&out, value);
        rest = base_bytes_slice(rest, at + token_len, rest.len);
        at = base_bytes_find_str(rest, token);
    }
    base_buf_append_bytes(&out, rest);
    base_buf_release(text);
    *text = out;
}

void message_tokens_replace(struct base_buf *text, const char *name, struct base_bytes value) {
    struct base_buf token;
    base_buf_init(&token, 64);
    base_buf_printf(&token, "%%%s%%", name);
    message_tokens_replace_text(text, base_buf_cstr(&token), value);
    base_buf_clear(&token);
    base_buf_printf(&token, "..%s..", name);
    message_tokens_replace_text(text, base_buf_cstr(&token), value);
    base_buf_release(&token);
}

void message_tokens_expand_newlines(struct base_buf *text) {
    message_tokens_replace_text(text, "\\n", base_bytes_of_str("\r\n"));
}
