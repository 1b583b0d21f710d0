/* SPDX-License-Identifier: Apache-2.0 */
/* source - where the bytes of an attachment or of a finished message come from
 *
 * A message is read several times: to measure it, to show it, to send it, perhaps to a second
 * host. So a source starts again at will. Files are opened only while they are read, so that many
 * attachments cost one descriptor; what can be read only once is copied to a nameless file first.
 * A file whose size changes between measuring and sending is an error: SIZE= was promised.
 *
 * A program that marks a Maildir entry as read renames it, and it is found all the same: NAME in
 * "new" becomes NAME:2,FLAGS in "cur", and NAME never changes.
 *
 * Ownership: path and descriptors are the source's; memory is borrowed. */
#include "message/private.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK 65536u

void message_source_of_bytes(struct message_source *s, struct base_bytes bytes) {
    *s = (struct message_source){.bytes = bytes, .spool = -1, .fd = -1, .size = bytes.len};
}

void message_source_rewind(struct message_source *s) {
    if (s->fd >= 0 && s->fd != s->spool)
        close(s->fd);
    s->fd = -1;
    s->at = s->start;
}

void message_source_release(struct message_source *s) {
    message_source_rewind(s);
    if (s->spool >= 0)
        close(s->spool);
    free(s->path);
    message_source_of_bytes(s, BASE_BYTES_EMPTY);
}

static enum ws_err fail(struct base_error *e, const char *path, const char *what) {
    return base_error_set(e, WS_IO, "%s %s (%s)", path, what, strerror(errno));
}

/* --- a Maildir entry that a mail reader has renamed --- */

static struct base_bytes without_flags(const char *name) {
    struct base_bytes b = base_bytes_of_str(name);
    return base_bytes_slice(b, 0, base_bytes_find(b, ':'));
}

/* The entry of DIR/SUB whose name is the same; NULL none. */
static char *find_in(struct base_bytes dir, const char *sub, struct base_bytes name) {
    char *folder = NULL, *found = NULL;
    if (asprintf(&folder, "%.*s/%s", (int)dir.len, (const char *)dir.data, sub) < 0)
        return NULL;
    DIR *d = opendir(folder);
    for (struct dirent *entry; d && !found && (entry = readdir(d));) {
        struct base_bytes other = without_flags(entry->d_name);
        if (base_bytes_equal(other, name) && asprintf(&found, "%s/%s", folder, entry->d_name) < 0)
            found = NULL;
    }
    if (d)
        closedir(d);
    free(folder);
    return found;
}

/* "DIR/new/NAME" -> DIR, NAME; false when it is not of this form. */
static bool split_path(const char *path, struct base_bytes *dir, const char **name) {
    const char *slash = strrchr(path, '/');
    if (!slash || slash - path < 4)
        return false;
    *name = slash + 1;
    size_t len = (size_t)(slash - path);
    struct base_bytes sub = base_bytes_view(slash - 3, 3);
    if (!base_bytes_equal_str(sub, "new") && !base_bytes_equal_str(sub, "cur"))
        return false;
    *dir = base_bytes_view(path, len - 4);
    return slash[-4] == '/' && **name != '\0' && **name != '.';
}

/* Where the entry `path` of a Maildir ("DIR/new/NAME" or "DIR/cur/NAME:2,FLAGS") is now: the same
 * NAME in "cur" or "new", with any flags. NULL when there is none, or `path` is not in a folder
 * "new" or "cur". The caller frees it. */
static char *find_entry(const char *path) {
    struct base_bytes dir;
    const char *name;
    if (!split_path(path, &dir, &name) || dir.len > 4096)
        return NULL;
    char *found = find_in(dir, "cur", without_flags(name));
    return found ? found : find_in(dir, "new", without_flags(name));
}

/* --- files --- */

/* A file that disappears with its descriptor. */
static int open_nameless(void) {
    const char *dir = getenv("TMPDIR");
    int fd = open(dir && *dir ? dir : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        fd = open("/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    return fd;
}

static bool copy_all(int from, int to) {
    uint8_t chunk[CHUNK];
    for (;;) {
        ssize_t n = read(from, chunk, sizeof chunk);
        if (n == 0)
            return true;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 || !base_file_write(to, base_bytes_view(chunk, (size_t)n)))
            return false;
    }
}

static enum ws_err keep_copy(struct message_source *s, int fd, struct base_error *e) {
    s->spool = open_nameless();
    if (s->spool < 0 || !copy_all(fd, s->spool))
        return fail(e, s->path, "can't be kept in a temporary file");
    return WS_OK;
}

static enum ws_err measure(struct message_source *s, int fd, struct base_error *e) {
    struct stat st;
    if (fstat(fd, &st) < 0)
        return fail(e, s->path, "can't be examined");
    if (S_ISDIR(st.st_mode))
        return base_error_set(e, WS_IO, "%s is a folder; name one file in it", s->path);
    uint8_t first;
    ssize_t said = S_ISREG(st.st_mode) && st.st_size == 0 ? pread(fd, &first, 1, 0) : 0;
    if (said < 0)
        return fail(e, s->path, "can't be read");
    if (!S_ISREG(st.st_mode) || said > 0) { /* in /proc a file has bytes and no size */
        enum ws_err err = keep_copy(s, fd, e);
        if (err != WS_OK)
            return err;
        if (fstat(s->spool, &st) < 0)
            return fail(e, s->path, "can't be examined");
    }
    s->size = (uint64_t)st.st_size;
    return WS_OK;
}

/* Opens the path, or where a Maildir entry has gone; the path follows it. */
static int open_file(struct message_source *s) {
    int fd = open(s->path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 || errno != ENOENT)
        return fd;
    char *moved = find_entry(s->path);
    if (!moved) {
        errno = ENOENT;
        return -1;
    }
    free(s->path);
    s->path = moved;
    return open(s->path, O_RDONLY | O_CLOEXEC);
}

enum ws_err message_source_of_file(struct message_source *s, const char *path,
                                   struct base_error *e) {
    message_source_of_bytes(s, BASE_BYTES_EMPTY);
    bool is_stdin = strcmp(path, "-") == 0;
    s->path = strdup(is_stdin ? "standard input" : path);
    if (!s->path)
        return base_error_set(e, WS_NOMEM, "out of memory");
    int fd = is_stdin ? STDIN_FILENO : open_file(s);
    enum ws_err err = fd < 0 ? fail(e, path, "can't be opened") : measure(s, fd, e);
    /* standard input has no name to open it by again */
    if (err == WS_OK && is_stdin && s->spool < 0)
        err = (s->spool = dup(fd)) < 0 ? fail(e, s->path, "can't be kept open") : WS_OK;
    if (fd >= 0 && !is_stdin)
        close(fd);
    if (err != WS_OK)
        message_source_release(s);
    return err;
}

enum ws_err message_source_open(struct message_source *s, struct base_bytes bytes, const char *path,
                                struct base_error *e) {
    message_source_of_bytes(s, bytes);
    return path ? message_source_of_file(s, path, e) : WS_OK;
}

static enum ws_err open_again(struct message_source *s, struct base_error *e) {
    struct stat st;
    s->fd = s->spool >= 0 ? s->spool : open_file(s);
    if (s->fd < 0 || fstat(s->fd, &st) < 0)
        return fail(e, s->path, "can't be opened");
    if ((uint64_t)st.st_size != s->size)
        return base_error_set(e, WS_IO, "%s changed since the message was made", s->path);
    return WS_OK;
}

static enum ws_err read_file(struct message_source *s, uint8_t *dst, size_t want,
                             struct base_error *e) {
    enum ws_err err = s->fd < 0 ? open_again(s, e) : WS_OK;
    for (size_t got = 0; err == WS_OK && got < want;) {
        ssize_t n = pread(s->fd, dst + got, want - got, (off_t)(s->at + got));
        if (n < 0 && errno != EINTR)
            err = fail(e, s->path, "can't be read");
        else if (n == 0)
            err = base_error_set(e, WS_IO, "%s became shorter while it was read", s->path);
        else if (n > 0)
            got += (size_t)n;
    }
    return err;
}

enum ws_err message_source_read(struct message_source *s, uint8_t *dst, size_t cap, size_t *got,
                                struct base_error *e) {
    uint64_t left = s->size - s->at;
    size_t want = left < cap ? (size_t)left : cap;
    *got = 0;
    if (!s->path) {
        base_bytes_copy(dst, want, base_bytes_slice(s->bytes, (size_t)s->at, want));
    } else if (want > 0) {
        enum ws_err err = read_file(s, dst, want, e);
        if (err != WS_OK)
            return err;
    }
    s->at += want;
    *got = want;
    return WS_OK;
}

enum ws_err message_source_read_all(struct message_source *s, struct base_buf *out,
                                    struct base_error *e) {
    message_source_rewind(s);
    if (!s->path)
        base_buf_append_bytes(out, s->bytes);
    while (s->path) {
        uint8_t *room = base_buf_reserve(out, CHUNK);
        if (!room)
            return base_error_set(e, WS_LIMIT, "%s is too large for a text", s->path);
        size_t got = 0;
        enum ws_err err = message_source_read(s, room, CHUNK, &got, e);
        if (err != WS_OK)
            return err;
        if (got == 0)
            break;
        base_buf_commit(out, got);
    }
    message_source_rewind(s);
    return WS_OK;
}

enum ws_err message_source_read_whole(struct base_bytes bytes, const char *path,
                                      struct base_buf *out, struct base_error *e) {
    struct message_source source;
    enum ws_err err = message_source_open(&source, bytes, path, e);
    if (err == WS_OK)
        err = message_source_read_all(&source, out, e);
    message_source_release(&source);
    return err;
}
