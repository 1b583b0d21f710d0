/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_BASE_ERROR_H
#define WAXSEAL_BASE_ERROR_H

#include <stddef.h>

/* One error enum for the whole program. Only local failure is an error: what a server does wrong
 * is a fact (facts/), never a ws_err. */
#define WS_ERROR_LIST(X)                                                                           \
    X(WS_OK, "ok")                                                                                 \
    X(WS_NOMEM, "out of memory")                                                                   \
    X(WS_LIMIT, "a limit was reached")                                                             \
    X(WS_SYNTAX, "syntax error")                                                                   \
    X(WS_USAGE, "wrong usage")                                                                     \
    X(WS_IO, "input/output error")                                                                 \
    X(WS_SYSTEM, "operating system error")                                                         \
    X(WS_LIBRARY, "library error")                                                                 \
    X(WS_INTERNAL, "internal error")

enum ws_err {
#define WS_ERROR_ENUM(id, text) id,
    WS_ERROR_LIST(WS_ERROR_ENUM)
#undef WS_ERROR_ENUM
};

#define WS_MUST_USE __attribute__((warn_unused_result))
#define WS_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))

#define BASE_ERROR_MAX 512 /* a message and its NUL, in bytes */

/* Keeps the first, most specific message. Zero-initialise; nothing to release. */
struct base_error {
    enum ws_err code;
    char message[BASE_ERROR_MAX];
};

/* The enum's own short text; never NULL. */
const char *base_error_text(enum ws_err code);

/* Records code and message unless one is already kept; returns the kept code, so a function can
 * `return base_error_set(...)`. `e` may be NULL (then only the code is returned). */
enum ws_err base_error_set(struct base_error *e, enum ws_err code, const char *fmt, ...)
    WS_PRINTF(3, 4);

/* The kept message, else the text of the code; never NULL. */
const char *base_error_message(const struct base_error *e);

/* Forgets what was kept. */
void base_error_clear(struct base_error *e);

#endif
