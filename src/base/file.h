/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_BASE_FILE_H
#define WAXSEAL_BASE_FILE_H

#include "base/arena.h"

/* Small files, read whole. */

/* The content of a file of at most `max` bytes. False with errno. */
bool base_file_read(struct base_arena *arena, const char *path, size_t max, struct base_bytes *out);
/* All that can still be read from a descriptor. False with errno (EFBIG: more than `max`). */
bool base_file_read_fd(struct base_arena *arena, int fd, size_t max, struct base_bytes *out);

#endif
