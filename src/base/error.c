/* SPDX-License-Identifier: Apache-2.0 */
/* base_error - keeps the first, most specific message of a failure: one printable line, whatever a
 * user's word or a file in it holds. */
#include "base/error.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

const char *base_error_text(enum ws_err code) {
    static const char *const texts[] = {
#define WS_ERROR_TEXT(id, text) [(id)] = (text),
        WS_ERROR_LIST(WS_ERROR_TEXT)
#undef WS_ERROR_TEXT
    };
    if ((size_t)code >= sizeof texts / sizeof texts[0])
        return "unknown error";
    return texts[code];
}

static void keep_printable(struct base_error *e, const char *text) {
    struct base_buf line;
    base_buf_init(&line, 8 * sizeof e->message);
    base_text_escape(&line, base_bytes_of_str(text));
    struct base_bytes kept = base_buf_view(&line);
    e->message[base_bytes_copy(e->message, sizeof e->message - 1, kept)] = '\0';
    base_buf_release(&line);
}

enum ws_err base_error_set(struct base_error *e, enum ws_err code, const char *fmt, ...) {
    char text[BASE_ERROR_MAX];
    va_list ap;
    if (!e)
        return code;
    if (e->code != WS_OK)
        return e->code;
    e->code = code;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    keep_printable(e, text);
    return code;
}

const char *base_error_message(const struct base_error *e) {
    if (!e)
        return base_error_text(WS_INTERNAL);
    return e->message[0] ? e->message : base_error_text(e->code);
}

void base_error_clear(struct base_error *e) {
    e->code = WS_OK;
    e->message[0] = 0;
}
