/* SPDX-License-Identifier: Apache-2.0 */
/* connect_file - small files that the user names: early data, recorded hellos. */
#include "connect/run.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX ((size_t)1 << 20)

static enum ws_err read_all(int fd, const char *option, const char *path, struct base_buf *out,
                            struct base_error *e) {
    for (;;) {
        uint8_t *room = base_buf_reserve(out, 4096);
        if (!room)
            return base_error_set(e, WS_USAGE, "%s %s: larger than %zu bytes", option, path,
                                  FILE_MAX);
        ssize_t n = read(fd, room, 4096);
        if (n < 0 && errno != EINTR)
            return base_error_set(e, WS_USAGE, "%s %s: %s", option, path, strerror(errno));
        if (n == 0)
            return WS_OK;
        if (n > 0)
            base_buf_commit(out, (size_t)n);
    }
}

enum ws_err connect_read_file(const char *option, const char *path, struct base_arena *arena,
                              struct base_bytes *out, struct base_error *e) {
    struct base_buf content;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return base_error_set(e, WS_USAGE, "%s %s: %s", option, path, strerror(errno));
    base_buf_init(&content, FILE_MAX);
    enum ws_err err = read_all(fd, option, path, &content, e);
    if (err == WS_OK)
        *out = base_arena_bytes(arena, base_buf_view(&content));
    base_buf_release(&content);
    close(fd);
    return err;
}

void connect_note_no_hello(const struct connect_run *r) {
    struct base_buf text;
    if (!r->options->save_hello || r->client.hello.len > 0)
        return;
    base_buf_init(&text, FILE_MAX);
    base_buf_printf(&text,
                    "waxseal: --save-hello %s: no ClientHello was sent, so nothing is saved\n",
                    r->options->save_hello);
    (void)connect_put(r->io.err, &text);
    base_buf_release(&text);
}

enum ws_err connect_save_hello(const struct connect_run *r, struct base_error *e) {
    const char *path = r->options->save_hello;
    struct base_buf content;
    if (!path || r->client.hello.len == 0)
        return WS_OK;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return base_error_set(e, WS_USAGE, "--save-hello %s: %s", path, strerror(errno));
    base_buf_init(&content, FILE_MAX);
    base_buf_append_bytes(&content, r->client.hello);
    bool written = connect_put(fd, &content);
    base_buf_release(&content);
    if (close(fd) != 0 || !written)
        return base_error_set(e, WS_IO, "--save-hello %s: it could not be written", path);
    return WS_OK;
}
