/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_BASE_BUF_H
#define WAXSEAL_BASE_BUF_H

#include "base/bytes.h"
#include "base/error.h"

#include <stdarg.h>

/* A growable byte buffer that is born with a maximum. Failure (no memory, over the maximum) is
 * sticky: later appends do nothing, `failed` tells. Consuming from the front is O(1) amortised. */
struct base_buf {
    uint8_t *data; /* start of the allocation */
    size_t start;  /* first live byte */
    size_t len;    /* live bytes */
    size_t cap;
    size_t max;
    bool failed;
};

void base_buf_init(struct base_buf *b, size_t max);
void base_buf_release(struct base_buf *b); /* frees; init again before use */
/* The same; what it held, a key or a password, is overwritten first. */
void base_buf_wipe(struct base_buf *b);
void base_buf_clear(struct base_buf *b); /* empties, keeps the memory and clears `failed` */

struct base_bytes base_buf_view(const struct base_buf *b); /* valid until the next append */
void base_buf_consume(struct base_buf *b, size_t n);       /* drops n bytes from the front */
void base_buf_truncate(struct base_buf *b, size_t len);    /* keeps the first len bytes */

void base_buf_append(struct base_buf *b, const void *data, size_t len);
void base_buf_append_bytes(struct base_buf *b, struct base_bytes v);
void base_buf_append_str(struct base_buf *b, const char *s);
void base_buf_append_byte(struct base_buf *b, uint8_t c);
void base_buf_printf(struct base_buf *b, const char *fmt, ...) WS_PRINTF(2, 3);
void base_buf_vprintf(struct base_buf *b, const char *fmt, va_list ap) WS_PRINTF(2, 0);

/* Puts `with` (not of this buffer) in place of `len` bytes at `at`. */
void base_buf_splice(struct base_buf *b, size_t at, size_t len, struct base_bytes with);
/* The same for every `what` in the first *end bytes, of which there are *end afterwards. What was
 * put in is not looked at again. In place: a large text is never held twice. */
void base_buf_replace(struct base_buf *b, size_t *end, const char *what, struct base_bytes with);

/* Room for n bytes at the end that the caller writes itself, then base_buf_commit(k <= n). NULL on
 * failure. */
uint8_t *base_buf_reserve(struct base_buf *b, size_t n);
void base_buf_commit(struct base_buf *b, size_t n);

/* The content as a C string (a NUL is kept behind the live bytes); "" when empty or failed. */
const char *base_buf_cstr(struct base_buf *b);

#endif
