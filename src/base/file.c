/* SPDX-License-Identifier: Apache-2.0 */
/* file - small files, read whole into an arena.
 *
 * Configurations, --data @file, standard input. What is attached or sent byte for byte is not read
 * here but while it is sent (message.h).
 */
#include "base/file.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define CHUNK 65536

bool base_file_read_fd(struct base_arena *arena, int fd, size_t max, struct base_bytes *out) {
    struct base_buf all;
    ssize_t n = 1;
    base_buf_init(&all, max + 2 * CHUNK); /* room to notice that there is more */
    while (n > 0) {
        uint8_t *room = base_buf_reserve(&all, CHUNK);
        if (!room || all.len > max) {
            n = -1;
            errno = EFBIG;
            break;
        }
        do
            n = read(fd, room, CHUNK);
        while (n < 0 && errno == EINTR);
        if (n > 0)
            base_buf_commit(&all, (size_t)n);
    }
    *out = base_arena_bytes(arena, base_buf_view(&all));
    base_buf_release(&all);
    return n >= 0;
}

bool base_file_read(struct base_arena *arena, const char *path, size_t max,
                    struct base_bytes *out) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool good = base_file_read_fd(arena, fd, max, out);
    int kept = errno;
    close(fd);
    errno = kept;
    return good;
}
