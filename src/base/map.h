/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_BASE_MAP_H
#define WAXSEAL_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

struct base_map_slot;

/* From texts to things. Keys and things are borrowed: a key usually lives in its thing and must
 * stay as it is while it is in the map. All zero is an empty map. */
struct base_map {
    struct base_map_slot *slots;
    size_t size; /* slots, a power of two or 0 */
    size_t count;
};

void *base_map_get(const struct base_map *m, const char *key); /* NULL: not there */
/* Adds it, or exchanges the thing (never NULL) of a key that is there; false: no memory. */
bool base_map_put(struct base_map *m, const char *key, void *thing);
void base_map_remove(struct base_map *m,
                     const char *key);     /* nothing happens when it is not there */
void base_map_release(struct base_map *m); /* empty again; the things stay */

#endif
