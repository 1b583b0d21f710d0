/* SPDX-License-Identifier: Apache-2.0 */
/* file - small files, read whole into an arena.
 *
 * Configurations, --data @file, standard input. What is attached or sent byte for byte is not read
 * here but while it is sent (message.h).
 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define CHUNK ((size_t)65536)

bool base_file_fill(int fd, size_t max, struct base_buf *out) {
    for (;;) {
        size_t room = max + 1 - out->len;
        uint8_t *into = base_buf_reserve(out, room < CHUNK ? room : CHUNK);
        ssize_t n = into ? read(fd, into, room < CHUNK ? room : CHUNK) : -1;
        if (n < 0 && into && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        base_buf_commit(out, (size_t)n);
        if (out->len > max) {
            errno = EFBIG;
            return false;
        }
    }
}

bool base_file_read_fd(struct base_arena *arena, int fd, size_t max, struct base_bytes *out) {
    struct base_buf all;
    base_buf_init(&all, max + 1);
    bool good = base_file_fill(fd, max, &all);
    int kept = errno;
    *out = base_arena_bytes(arena, base_buf_view(&all));
    base_buf_release(&all);
    errno = kept;
    return good;
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

bool base_file_write(int fd, struct base_bytes b) {
    while (b.len > 0) {
        ssize_t n = write(fd, b.data, b.len);
        if (n < 0 && errno != EINTR)
            return false;
        if (n > 0)
            b = base_bytes_slice(b, (size_t)n, b.len);
    }
    return true;
}
