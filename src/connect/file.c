/* SPDX-License-Identifier: Apache-2.0 */
/* connect_file - small files that the user names: early data, recorded hellos.
 *
 * --hello FILE takes a handshake message, the TLS records that carry it, or either as hex digits.
 */
#include "connect/run.h"

#include "wire/hello_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX ((size_t)1 << 20) /* of a file, and of the words about one */
#define ARENA_MAX ((size_t)16 << 20)

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

/* --- the hello that was sent --- */

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

/* --- a recorded hello, in words --- */

static enum ws_err describe(const char *path, struct base_bytes content, struct base_buf *hello,
                            struct base_buf *out, struct base_error *e) {
    struct wire_hello_file found;
    struct base_error why = {0};
    if (wire_hello_file_read(content, hello, &found, &why) != WS_OK)
        return base_error_set(e, WS_USAGE, "--hello %s: %s", path, base_error_message(&why));
    base_buf_printf(out, "%s: ", path);
    report_trace_hello(&found, base_buf_view(hello), out);
    return WS_OK;
}

enum ws_err connect_show_hello(const char *path, int fd, struct base_error *e) {
    struct base_arena arena;
    struct base_bytes content;
    struct base_buf hello, out;
    base_arena_init(&arena, ARENA_MAX);
    base_buf_init(&hello, FILE_MAX);
    base_buf_init(&out, FILE_MAX);
    enum ws_err err = connect_read_file("--hello", path, &arena, &content, e);
    if (err == WS_OK)
        err = describe(path, content, &hello, &out, e);
    if (err == WS_OK && !connect_put(fd, &out))
        err = base_error_set(e, WS_IO, "the output could not be written");
    base_buf_release(&out);
    base_buf_release(&hello);
    base_arena_release(&arena);
    return err;
}
