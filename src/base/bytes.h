/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_BASE_BYTES_H
#define WAXSEAL_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A borrowed run of bytes: never owns, may hold NUL and anything else a server sent. */
struct base_bytes {
    const uint8_t *data;
    size_t len;
};

#define BASE_BYTES_EMPTY ((struct base_bytes){NULL, 0})

struct base_bytes base_bytes_view(const void *data, size_t len);
struct base_bytes base_bytes_of_str(const char *s); /* without the NUL; NULL gives empty */

bool base_bytes_equal(struct base_bytes a, struct base_bytes b);
bool base_bytes_equal_str(struct base_bytes a, const char *s);
bool base_bytes_equal_nocase(struct base_bytes a, const char *s);       /* ASCII case folding */
bool base_bytes_starts_with_nocase(struct base_bytes a, const char *s); /* ASCII case folding */

/* The part from `from`, at most `len` bytes; both are clamped to what is there. */
struct base_bytes base_bytes_slice(struct base_bytes a, size_t from, size_t len);
/* Without leading and trailing spaces and tabs. */
struct base_bytes base_bytes_trim(struct base_bytes a);
/* Index of the first `c`, or a.len when there is none. */
size_t base_bytes_find(struct base_bytes a, uint8_t c);
/* Index of the first occurrence of s, or a.len when there is none. */
size_t base_bytes_find_str(struct base_bytes a, const char *s);

/* Copies at most `cap` bytes, returns how many: the project's only memcpy outside buffers. */
size_t base_bytes_copy(void *dst, size_t cap, struct base_bytes src);

/* Decimal digits only, the whole of `a`, no sign, no space; false when empty, other bytes, or above
 * `max`. */
bool base_bytes_to_uint(struct base_bytes a, uint64_t max, uint64_t *out);

/* ASCII only, independent of locale. */
bool base_ascii_is_digit(uint8_t c);
bool base_ascii_is_alnum(uint8_t c);
bool base_ascii_is_space(uint8_t c); /* space or tab */
uint8_t base_ascii_lower(uint8_t c);
uint8_t base_ascii_upper(uint8_t c);

#endif
