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

void base_buf_wipe(struct base_buf *b) {
    if (b->data)
        explicit_bzero(b->data, b->cap);
    base_buf_release(b);
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
    if (b->start > 0 && b->len > 0)
        memmove(b->data, b->data + b->start, b->len);
    b->start = 0;
    uint8_t *larger = realloc(b->data, cap); /* moves a large one without a second copy */
    if (!larger)
        return false;
    b->data = larger;
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

void base_buf_splice(struct base_buf *b, size_t at, size_t len, struct base_bytes with) {
    if (b->failed || (with.len > len && !make_room(b, with.len - len)))
        return;
    uint8_t *p = b->data + b->start + at;
    if (with.len != len)
        memmove(p + with.len, p + len, b->len - at - len);
    if (with.len > 0)
        memcpy(p, with.data, with.len);
    b->len = b->len - len + with.len;
}

static size_t count(struct base_bytes in, const char *what) {
    size_t n = 0, len = strlen(what);
    for (size_t at; (at = base_bytes_find_str(in, what)) < in.len; n++)
        in = base_bytes_slice(in, at + len, in.len);
    return n;
}

void base_buf_replace(struct base_buf *b, size_t *end, const char *what, struct base_bytes with) {
    struct base_bytes text = base_bytes_slice(base_buf_view(b), 0, *end);
    size_t first = base_bytes_find_str(text, what), len = strlen(what), more = 0;
    size_t hits = count(text, what), behind = b->len - *end;
    if (hits == 0 || b->failed)
        return;
    if (with.len > len &&
        (__builtin_mul_overflow(hits, with.len - len, &more) || !make_room(b, more))) {
        b->failed = true;
        return;
    }
    /* what is still to be read lies as far ahead as the text will grow on the way */
    uint8_t *live = b->data + b->start, *out = live + first;
    memmove(out + more, out, b->len - first);
    const uint8_t *in = out + more;
    size_t left = *end - first;
    for (; hits > 0; hits--) {
        size_t at = base_bytes_find_str(base_bytes_view(in, left), what);
        memmove(out, in, at);
        out += at;
        if (with.len > 0)
            memcpy(out, with.data, with.len);
        out += with.len;
        in += at + len;
        left -= at + len;
    }
    memmove(out, in, left + behind);
    *end = (size_t)(out - live) + left;
    b->len = *end + behind;
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
