/* SPDX-License-Identifier: Apache-2.0 */
/* base_map - a hash table from texts to pointers.
 *
 * Open addressing with linear probing, at most three quarters full. Removing moves what follows
 * into the gap, so that nothing is left behind and a table that lives long stays as fast as a new
 * one. Texts from the network are hashed with a seed that is drawn once, so that no peer can choose
 * texts that all fall on one slot. */
#include "base/map.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define SIZE_FIRST 16u

struct base_map_slot {
    const char *key; /* NULL: free */
    void *thing;
    uint64_t hash;
};

static uint64_t seed(void) {
    static uint64_t drawn;
    if (drawn == 0) {
        if (getrandom(&drawn, sizeof drawn, GRND_NONBLOCK) != (ssize_t)sizeof drawn)
            drawn = (uint64_t)(uintptr_t)&drawn;
        drawn |= 1;
    }
    return drawn;
}

/* FNV-1a from the seed, then mixed so that the low bits hang on all of it. */
static uint64_t hash_of(const char *key) {
    uint64_t h = UINT64_C(0xcbf29ce484222325) ^ seed();
    for (const char *p = key; *p; p++)
        h = (h ^ (unsigned char)*p) * UINT64_C(0x100000001b3);
    h = (h ^ (h >> 32)) * seed();
    return h ^ (h >> 29);
}

/* The slot that holds the key, or the free one where it would go. */
static struct base_map_slot *find(const struct base_map *m, const char *key, uint64_t hash) {
    size_t i = hash & (m->size - 1);
    while (m->slots[i].key && (m->slots[i].hash != hash || strcmp(m->slots[i].key, key) != 0))
        i = (i + 1) & (m->size - 1);
    return &m->slots[i];
}

void *base_map_get(const struct base_map *m, const char *key) {
    return m->size ? find(m, key, hash_of(key))->thing : NULL;
}

static bool grow(struct base_map *m) {
    struct base_map larger = {.size = m->size ? m->size * 2 : SIZE_FIRST, .count = m->count};
    larger.slots = calloc(larger.size, sizeof *larger.slots);
    if (!larger.slots)
        return false;
    for (size_t i = 0; i < m->size; i++)
        if (m->slots[i].key)
            *find(&larger, m->slots[i].key, m->slots[i].hash) = m->slots[i];
    free(m->slots);
    *m = larger;
    return true;
}

bool base_map_put(struct base_map *m, const char *key, void *thing) {
    uint64_t hash = hash_of(key);
    if (m->count >= m->size / 4 * 3 && !grow(m))
        return false;
    struct base_map_slot *s = find(m, key, hash);
    m->count += !s->key;
    *s = (struct base_map_slot){.key = key, .thing = thing, .hash = hash};
    return true;
}

void base_map_remove(struct base_map *m, const char *key) {
    if (m->size == 0)
        return;
    struct base_map_slot *gap = find(m, key, hash_of(key));
    if (!gap->key)
        return;
    size_t mask = m->size - 1, at = (size_t)(gap - m->slots);
    for (size_t i = (at + 1) & mask; m->slots[i].key; i = (i + 1) & mask) {
        size_t home = m->slots[i].hash & mask;
        /* it may move back when its home does not lie between the gap and itself */
        if (((i - home) & mask) >= ((i - at) & mask)) {
            m->slots[at] = m->slots[i];
            at = i;
        }
    }
    m->slots[at] = (struct base_map_slot){0};
    m->count--;
}

void base_map_release(struct base_map *m) {
    free(m->slots);
    *m = (struct base_map){0};
}
