/* SPDX-License-Identifier: Apache-2.0 */
/* base_buf - a growable byte buffer that is born with a maximum.
 *
 * Live bytes are data[start .. start+len). Consuming moves `start`; appending compacts when that
 * frees at least half of the allocation, so that both ends cost amortised constant time. */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 256u

void base_buf_init(struct base_buf *b, size_t max) {
    *b = (struct base_buf){.max = max};
}

void base_buf_release(struct base_buf *b) {
    free(b->data);
    base_buf_init(b, b->max);
}

void base_buf_clear(struct base_buf *b) {
    b->start = b->len = 0;
    b->failed = false;
}

struct base_bytes base_buf_view(const struct base_buf *b) {
    if (b->len == 0)
        return BASE_BYTES_EMPTY;
    return (struct base_bytes){b->data + b->start, b->len};
}

void base_buf_consume(struct base_buf *b, size_t n) {
    if (n >= b->len) {
        b->start = b->len = 0;
        return;
    }
    b->start += n;
    b->len -= n;
}

void base_buf_truncate(struct base_buf *b, size_t len) {
    if (len < b->len)
        b->len = len;
}

static bool grow(struct base_buf *b, size_t total) {
    size_t cap = b->cap ? b->cap : FIRST_SIZE;
    while (cap < total)
        cap = cap > SIZE_MAX / 2 ? total : cap * 2;
    uint8_t *larger = malloc(cap);
    if (!larger)
        return false;
    if (b->len > 0)
        memcpy(larger, b->data + b->start, b->len);
    free(b->data);
    b->data = larger;
    b->start = 0;
    b->cap = cap;
    return true;
}

/* Room for n more bytes behind the live ones. */
static bool make_room(struct base_buf *b, size_t n) {
    if (b->failed || n > b->max || b->len > b->max - n) {
        b->failed = true;
        return false;
    }
    if (b->cap - b->start - b->len >= n && b->cap > 0)
        return true;
    if (b->cap > 0 && b->len + n <= b->cap && b->start >= b->cap / 2) {
        memmove(b->data, b->data + b->start, b->len);
        b->start = 0;
        return true;
    }
    if (!grow(b, b->len + n)) {
        b->failed = true;
        return false;
    }
    return true;
}

uint8_t *base_buf_reserve(struct base_buf *b, size_t n) {
    return make_room(b, n) ? b->data + b->start + b->len : NULL;
}

void base_buf_commit(struct base_buf *b, size_t n) {
    b->len += n;
}

void base_buf_append(struct base_buf *b, const void *data, size_t len) {
    if (len == 0 || !make_room(b, len))
        return;
    memcpy(b->data + b->start + b->len, data, len);
    b->len += len;
}

void base_buf_append_bytes(struct base_buf *b, struct base_bytes v) {
    base_buf_append(b, v.data, v.len);
}

void base_buf_append_str(struct base_buf *b, const char *s) {
    base_buf_append(b, s, strlen(s));
}

void base_buf_append_byte(struct base_buf *b, uint8_t c) {
    base_buf_append(b, &c, 1);
}

void base_buf_vprintf(struct base_buf *b, const char *fmt, va_list ap) {
    va_list again;
    va_copy(again, ap);
    int len = vsnprintf(NULL, 0, fmt, ap);
    /* vsnprintf ends with a NUL, for which there must be room though it does not count */
    if (len < 0 || !make_room(b, (size_t)len)) {
        b->failed = true;
    } else if (b->cap - b->start - b->len > (size_t)len || grow(b, b->len + (size_t)len + 1)) {
        vsnprintf((char *)(b->data + b->start + b->len), (size_t)len + 1, fmt, again);
        b->len += (size_t)len;
    } else {
        b->failed = true;
    }
    va_end(again);
}

void base_buf_printf(struct base_buf *b, const char *fmt, ...) {
    va_list ap;
    va_start(ap, fmt);
    base_buf_vprintf(b, fmt, ap);
    va_end(ap);
}

const char *base_buf_cstr(struct base_buf *b) {
    if (b->failed || b->len == 0)
        return "";
    if (b->cap - b->start == b->len && !grow(b, b->len + 1))
        return "";
    b->data[b->start + b->len] = 0;
    return (const char *)(b->data + b->start);
}
