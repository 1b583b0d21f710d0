/* SPDX-License-Identifier: Apache-2.0 */
/* connect_hello - a recorded ClientHello in words (--hello FILE): a handshake message, the TLS
 * records that carry it, or either as hex digits. */
#include "connect/run.h"

#include "wire/handshake.h"
#include "wire/hello_file.h"
#include "wire/record.h"

#define TEXT_MAX ((size_t)1 << 20)
#define ARENA_MAX ((size_t)16 << 20)

static enum ws_err describe(const char *path, struct base_bytes content, struct base_buf *hello,
                            struct base_buf *out, struct base_error *e) {
    struct report_trace state = {0};
    struct wire_hello_file found;
    struct base_error why = {0};
    if (wire_hello_file_read(content, hello, &found, &why) != WS_OK)
        return base_error_set(e, WS_USAGE, "--hello %s: %s", path, base_error_message(&why));
    base_buf_printf(out, "%s: %s\n", path, found.words);
    report_trace_message(&state, false, WIRE_CONTENT_HANDSHAKE, 0, base_buf_view(hello), out);
    return WS_OK;
}

enum ws_err connect_show_hello(const char *path, int fd, struct base_error *e) {
    struct base_arena arena;
    struct base_bytes content;
    struct base_buf hello, out;
    base_arena_init(&arena, ARENA_MAX);
    base_buf_init(&hello, TEXT_MAX);
    base_buf_init(&out, TEXT_MAX);
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
