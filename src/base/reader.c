/* SPDX-License-Identifier: Apache-2.0 */
/* base_reader - the one bounded reader for binary bytes from the network.
 *
 * Sticky error: after the first failure all getters give zero, and the reader remembers which field
 * did not fit at which offset of the outermost structure. */
#include "base/reader.h"

void base_reader_init(struct base_reader *r, struct base_bytes b) {
    *r = (struct base_reader){.data = b.data, .len = b.len};
}

size_t base_reader_left(const struct base_reader *r) {
    return r->failed ? 0 : r->len - r->pos;
}

void base_reader_fail(struct base_reader *r, const char *what) {
    if (r->failed)
        return;
    r->failed = true;
    r->fail_at = r->base + r->pos;
    r->fail_what = what;
}

static bool take(struct base_reader *r, size_t n, const char *what) {
    if (!r->failed && r->len - r->pos >= n)
        return true;
    base_reader_fail(r, what);
    return false;
}

static uint32_t big_endian(struct base_reader *r, size_t n, const char *what) {
    uint32_t v = 0;
    if (!take(r, n, what))
        return 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | r->data[r->pos++];
    return v;
}

uint8_t base_reader_u8(struct base_reader *r, const char *what) {
    return (uint8_t)big_endian(r, 1, what);
}

uint16_t base_reader_u16(struct base_reader *r, const char *what) {
    return (uint16_t)big_endian(r, 2, what);
}

uint32_t base_reader_u24(struct base_reader *r, const char *what) {
    return big_endian(r, 3, what);
}

uint32_t base_reader_u32(struct base_reader *r, const char *what) {
    return big_endian(r, 4, what);
}

struct base_bytes base_reader_bytes(struct base_reader *r, size_t n, const char *what) {
    if (!take(r, n, what))
        return BASE_BYTES_EMPTY;
    struct base_bytes b = {r->data + r->pos, n};
    r->pos += n;
    return b;
}

void base_reader_skip(struct base_reader *r, size_t n, const char *what) {
    (void)base_reader_bytes(r, n, what);
}

static struct base_reader sub(struct base_reader *r, size_t width, const char *what) {
    struct base_reader s = {0};
    size_t len = big_endian(r, width, what);
    size_t at = r->base + r->pos;
    struct base_bytes b = base_reader_bytes(r, len, what);
    s.base = at;
    if (r->failed) {
        base_reader_fail(&s, what);
        return s;
    }
    s.data = b.data;
    s.len = b.len;
    return s;
}

struct base_reader base_reader_sub8(struct base_reader *r, const char *what) {
    return sub(r, 1, what);
}

struct base_reader base_reader_sub16(struct base_reader *r, const char *what) {
    return sub(r, 2, what);
}

struct base_reader base_reader_sub24(struct base_reader *r, const char *what) {
    return sub(r, 3, what);
}

bool base_reader_done(struct base_reader *r, const char *what) {
    if (base_reader_left(r) > 0)
        base_reader_fail(r, what);
    return !r->failed;
}
