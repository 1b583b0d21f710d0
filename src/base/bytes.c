/* SPDX-License-Identifier: Apache-2.0 */
/* base_bytes - borrowed runs of bytes, compared and cut without ever leaving them. */
#include "base/bytes.h"

#include <string.h>

struct base_bytes base_bytes_view(const void *data, size_t len) {
    return (struct base_bytes){data, data ? len : 0};
}

struct base_bytes base_bytes_of_str(const char *s) {
    return base_bytes_view(s, s ? strlen(s) : 0);
}

bool base_bytes_equal(struct base_bytes a, struct base_bytes b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool base_bytes_equal_str(struct base_bytes a, const char *s) {
    return base_bytes_equal(a, base_bytes_of_str(s));
}

bool base_bytes_starts_with_nocase(struct base_bytes a, const char *s) {
    size_t len = strlen(s);
    if (a.len < len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (base_ascii_lower(a.data[i]) != base_ascii_lower((uint8_t)s[i]))
            return false;
    return true;
}

bool base_bytes_equal_nocase(struct base_bytes a, const char *s) {
    return a.len == strlen(s) && base_bytes_starts_with_nocase(a, s);
}

struct base_bytes base_bytes_slice(struct base_bytes a, size_t from, size_t len) {
    if (from >= a.len)
        return BASE_BYTES_EMPTY;
    if (len > a.len - from)
        len = a.len - from;
    return (struct base_bytes){a.data + from, len};
}

struct base_bytes base_bytes_trim(struct base_bytes a) {
    size_t from = 0, to = a.len;
    while (from < to && base_ascii_is_space(a.data[from]))
        from++;
    while (to > from && base_ascii_is_space(a.data[to - 1]))
        to--;
    return base_bytes_slice(a, from, to - from);
}

size_t base_bytes_find(struct base_bytes a, uint8_t c) {
    const uint8_t *p = a.len ? memchr(a.data, c, a.len) : NULL;
    return p ? (size_t)(p - a.data) : a.len;
}

size_t base_bytes_find_str(struct base_bytes a, const char *s) {
    const uint8_t *p = a.len ? memmem(a.data, a.len, s, strlen(s)) : NULL;
    return p ? (size_t)(p - a.data) : a.len;
}

size_t base_bytes_copy(void *dst, size_t cap, struct base_bytes src) {
    size_t n = src.len < cap ? src.len : cap;
    if (n > 0)
        memcpy(dst, src.data, n);
    return n;
}

bool base_bytes_to_uint(struct base_bytes a, uint64_t max, uint64_t *out) {
    uint64_t v = 0;
    if (a.len == 0)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (!base_ascii_is_digit(a.data[i]))
            return false;
        uint64_t digit = (uint64_t)(a.data[i] - '0');
        if (digit > max || v > (max - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *out = v;
    return true;
}

bool base_ascii_is_digit(uint8_t c) {
    return c >= '0' && c <= '9';
}

bool base_ascii_is_alnum(uint8_t c) {
    uint8_t l = base_ascii_lower(c);
    return base_ascii_is_digit(c) || (l >= 'a' && l <= 'z');
}

bool base_ascii_is_space(uint8_t c) {
    return c == ' ' || c == '\t';
}

uint8_t base_ascii_lower(uint8_t c) {
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

uint8_t base_ascii_upper(uint8_t c) {
    return c >= 'a' && c <= 'z' ? (uint8_t)(c - ('a' - 'A')) : c;
}
