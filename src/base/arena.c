/* SPDX-License-Identifier: Apache-2.0 */
/* base_arena - memory that lives and dies together.
 *
 * Blocks of at least 16 KiB, each allocation aligned for any type and zeroed. Failure is sticky, so
 * that filling facts needs no check at each string. */
#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE ((size_t)16 << 10)
#define ALIGNMENT _Alignof(max_align_t)

struct base_arena_block {
    struct base_arena_block *next;
    size_t size;
    size_t used;
    _Alignas(max_align_t) uint8_t data[];
};

void base_arena_init(struct base_arena *a, size_t limit) {
    *a = (struct base_arena){.limit = limit};
}

void base_arena_release(struct base_arena *a) {
    struct base_arena_block *b = a->head;
    while (b) {
        struct base_arena_block *next = b->next;
        free(b);
        b = next;
    }
    base_arena_init(a, a->limit);
}

static struct base_arena_block *add_block(struct base_arena *a, size_t size) {
    size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
    struct base_arena_block *b = NULL;
    if (room <= SIZE_MAX - sizeof *b)
        b = calloc(1, sizeof *b + room);
    if (!b)
        return NULL;
    b->size = room;
    if (a->head && size > BLOCK_SIZE / 2) {
        /* a big one goes behind the block in use, whose rest stays useful */
        b->next = a->head->next;
        a->head->next = b;
    } else {
        b->next = a->head;
        a->head = b;
    }
    return b;
}

void *base_arena_alloc(struct base_arena *a, size_t size) {
    size_t rounded = (size + (ALIGNMENT - 1)) & ~(ALIGNMENT - 1);
    if (rounded == 0)
        rounded = ALIGNMENT;
    if (rounded < size || a->limit - a->used < rounded) {
        a->failed = true;
        return NULL;
    }
    struct base_arena_block *b = a->head;
    if (!b || b->size - b->used < rounded)
        b = add_block(a, rounded);
    if (!b) {
        a->failed = true;
        return NULL;
    }
    void *p = b->data + b->used;
    b->used += rounded;
    a->used += rounded;
    return p;
}

void *base_arena_array(struct base_arena *a, size_t n, size_t size) {
    size_t total;
    if (__builtin_mul_overflow(n, size, &total)) {
        a->failed = true;
        return NULL;
    }
    return base_arena_alloc(a, total);
}

const char *base_arena_str_bytes(struct base_arena *a, struct base_bytes b) {
    if (b.len == 0)
        return "";
    char *copy = base_arena_alloc(a, b.len + 1);
    if (!copy)
        return "";
    memcpy(copy, b.data, b.len);
    return copy;
}

const char *base_arena_str(struct base_arena *a, const char *s) {
    return base_arena_str_bytes(a, base_bytes_of_str(s));
}

struct base_bytes base_arena_bytes(struct base_arena *a, struct base_bytes b) {
    if (b.len == 0)
        return BASE_BYTES_EMPTY;
    void *copy = base_arena_alloc(a, b.len);
    if (!copy)
        return BASE_BYTES_EMPTY;
    memcpy(copy, b.data, b.len);
    return base_bytes_view(copy, b.len);
}

const char *base_arena_printf(struct base_arena *a, const char *fmt, ...) {
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int len = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *text = len < 0 ? NULL : base_arena_alloc(a, (size_t)len + 1);
    if (text)
        vsnprintf(text, (size_t)len + 1, fmt, again);
    va_end(again);
    return text ? text : "";
}

void *base_arena_append(struct base_arena *a, void *items, size_t *count, size_t *cap,
                        size_t size) {
    void *current;
    memcpy(&current, items, sizeof current);
    if (*count == *cap) {
        size_t wanted = *cap ? *cap * 2 : 4;
        void *larger = wanted > *cap ? base_arena_array(a, wanted, size) : NULL;
        if (!larger) {
            a->failed = true;
            return NULL;
        }
        if (*count > 0)
            memcpy(larger, current, *count * size);
        memcpy(items, &larger, sizeof larger);
        current = larger;
        *cap = wanted;
    }
    return (uint8_t *)current + (*count)++ * size;
}
