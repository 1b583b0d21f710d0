/* SPDX-License-Identifier: Apache-2.0 */
/* connect_file - small files that the user names: early data, recorded hellos.
 *
 * --hello FILE takes a handshake message, the TLS records that carry it, or either as hex digits.
 */
#include "connect/run.h"

#include "base/file.h"
#include "wire/hello_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX ((size_t)1 << 20) /* of a file, and of the words about one */
#define ARENA_MAX ((size_t)16 << 20)

enum ws_err connect_read_file(const char *option, const char *path, struct base_arena *arena,
                              struct base_bytes *out, struct base_error *e) {
    if (base_file_read(arena, path, FILE_MAX, out))
        return WS_OK;
    if (errno == EFBIG)
        return base_error_set(e, WS_USAGE, "%s %s: larger than %zu bytes", option, path, FILE_MAX);
    return base_error_set(e, WS_USAGE, "%s %s: %s", option, path, strerror(errno));
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
    struct base_bytes content = BASE_BYTES_EMPTY;
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
