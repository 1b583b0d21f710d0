/* SPDX-License-Identifier: Apache-2.0 */
/* pki/file - files of certificates, keys and lists
 *
 * Read whole into a bounded buffer, so that their content decides how they are understood: users
 * have PEM, DER and PKCS #12 under any name. Pipes (process substitution) work. */
#include "pki/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK 16384

static ssize_t read_some(int fd, void *into, size_t len) {
    ssize_t n;

    do
        n = read(fd, into, len);
    while (n < 0 && errno == EINTR);
    return n;
}

/* A file that goes on behind the maximum fails the buffer. */
static bool read_end(int fd, struct base_buf *out) {
    uint8_t more;
    ssize_t n = read_some(fd, &more, 1);

    out->failed = n > 0;
    return n >= 0;
}

/* Room for all of it first, so that a key is not left behind in memory that was outgrown. */
static bool read_all(int fd, off_t size, struct base_buf *out) {
    if (size > 0 && (uint64_t)size + CHUNK <= out->max)
        (void)base_buf_reserve(out, (size_t)size + CHUNK);
    while (out->len < out->max) {
        size_t want = out->max - out->len < CHUNK ? out->max - out->len : CHUNK;
        uint8_t *room = base_buf_reserve(out, want);
        ssize_t n = room ? read_some(fd, room, want) : 0;
        if (n <= 0)
            return n == 0;
        base_buf_commit(out, (size_t)n);
    }
    return read_end(fd, out);
}

enum ws_err pki_file_read(const char *option, const char *path, struct base_buf *out,
                          struct base_error *e) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    const char *gap = option[0] ? " " : "";
    struct stat st;
    bool ok;

    if (fd < 0)
        return base_error_set(e, WS_USAGE, "%s%s%s: %s", option, gap, path, strerror(errno));
    ok = fstat(fd, &st) == 0;
    if (ok && S_ISDIR(st.st_mode)) {
        (void)close(fd);
        return base_error_set(e, WS_USAGE, "%s%s%s: is a directory, not a file", option, gap, path);
    }
    errno = 0;
    ok = ok && read_all(fd, st.st_size, out);
    int kept = errno;
    (void)close(fd);
    if (!ok)
        return base_error_set(e, WS_USAGE, "%s%s%s: %s", option, gap, path, strerror(kept));
    if (out->failed)
        return base_error_set(e, WS_USAGE, "%s%s%s: larger than %zu MiB", option, gap, path,
                              out->max >> 20);
    if (out->len == 0)
        return base_error_set(e, WS_USAGE, "%s%s%s: is empty", option, gap, path);
    return WS_OK;
}

bool pki_file_is_pem(struct base_bytes file) {
    return base_bytes_find_str(file, "-----BEGIN ") < file.len;
}
