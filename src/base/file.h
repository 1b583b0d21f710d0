/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_BASE_FILE_H
#define WAXSEAL_BASE_FILE_H

#include "base/arena.h"
#include "base/buf.h"

/* Files read whole, and what is written to a descriptor. */

/* The content of a file of at most `max` bytes. False with errno. */
bool base_file_read(struct base_arena *arena, const char *path, size_t max, struct base_bytes *out);
/* All that can still be read from a descriptor. False with errno (EFBIG: more than `max`). */
bool base_file_read_fd(struct base_arena *arena, int fd, size_t max, struct base_bytes *out);

/* The same into an empty buffer whose maximum is at least max + 1. */
bool base_file_fill(int fd, size_t max, struct base_buf *out);
/* Writes all of it, over interruptions. False with errno. */
bool base_file_write(int fd, struct base_bytes b);

#endif
