/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_BASE_ARENA_H
#define WAXSEAL_BASE_ARENA_H

#include "base/bytes.h"
#include "base/error.h"

#include <stdarg.h>

struct base_arena_block;

/* Memory that lives and dies together: all facts of one run. Failure is sticky: the text functions
 * then return "" or an empty view and never NULL, so that callers check `failed` once at the end.
 */
struct base_arena {
    struct base_arena_block *head;
    size_t used;  /* bytes handed out */
    size_t limit; /* most bytes this arena may hand out */
    bool failed;  /* out of memory, or the limit was reached */
};

void base_arena_init(struct base_arena *a, size_t limit);
void base_arena_release(struct base_arena *a); /* frees all; the arena may be used again */

/* Zeroed, aligned for any type; NULL on failure (and `failed` is set). */
void *base_arena_alloc(struct base_arena *a, size_t size);
/* An array of n zeroed elements; overflow-safe. */
void *base_arena_array(struct base_arena *a, size_t n, size_t size);

const char *base_arena_str(struct base_arena *a, const char *s);             /* copy; NULL -> "" */
const char *base_arena_str_bytes(struct base_arena *a, struct base_bytes b); /* copy + NUL */
struct base_bytes base_arena_bytes(struct base_arena *a, struct base_bytes b); /* copy */
const char *base_arena_printf(struct base_arena *a, const char *fmt, ...) WS_PRINTF(2, 3);

/* Grows a facts array by one zeroed element: `*items` has `*count` elements of `size` bytes, with
 * capacity doubling inside the arena. Returns the new element, or NULL on failure. */
void *base_arena_append(struct base_arena *a, void *items, size_t *count, size_t *cap, size_t size);

#endif
