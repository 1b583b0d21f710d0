/* SPDX-License-Identifier: Apache-2.0 */
/* connect_watch - what passes is shown while it passes: -state, -msg, -tlsextdebug,
 * -security_debug, and --trace in words. States and decisions go to stderr as in s_client, messages
 * to stdout or -msgfile. */
#include "connect/run.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX ((size_t)1 << 20)

static bool goes_to_stderr(enum client_watch_kind kind) {
    return kind == CLIENT_WATCH_STATE || kind == CLIENT_WATCH_SECURITY ||
           kind == CLIENT_WATCH_VERIFY;
}

static void put_line(int fd, const char *text) {
    struct base_buf out;
    base_buf_init(&out, TEXT_MAX);
    base_buf_append_str(&out, text);
    if (out.len == 0 || out.data[out.start + out.len - 1] != '\n')
        base_buf_append_byte(&out, '\n');
    (void)connect_put(fd, &out);
    base_buf_release(&out);
}

/* Tickets are shown at the end, with the session. */
static void on_text(void *arg, enum client_watch_kind kind, const char *text) {
    struct connect_run *r = arg;
    if (kind != CLIENT_WATCH_TICKET)
        put_line(goes_to_stderr(kind) ? r->io.err : r->message_fd, text);
}

/* --trace: ">" we, "<" the server, with the time since the first message of this connection. */
static void on_message(void *arg, bool sent, uint16_t version, uint8_t content_type,
                       struct base_bytes bytes) {
    struct connect_run *r = arg;
    struct base_buf out;
    base_usec now = base_clock_now();
    if (r->trace_begun == 0)
        r->trace_begun = now;
    base_buf_init(&out, TEXT_MAX);
    base_buf_printf(&out, "%c %.1f ms  ", sent ? '>' : '<', base_clock_ms(now - r->trace_begun));
    report_trace_message(&r->traced, !sent, content_type, version, bytes, &out);
    (void)connect_put(r->message_fd, &out);
    base_buf_release(&out);
}

void connect_watch_begin(struct connect_run *r) {
    r->traced = (struct report_trace){0};
    r->trace_begun = 0;
}

enum ws_err connect_watch_install(struct connect_run *r, struct client_wish *wish) {
    const char *path = r->options->message_file;
    wish->watch.text = on_text;
    wish->watch.arg = r;
    if (r->options->trace)
        wish->watch.message = on_message;
    if (!path)
        return WS_OK;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return base_error_set(r->error, WS_USAGE, "-msgfile %s: %s", path, strerror(errno));
    r->message_fd = fd;
    return WS_OK;
}

void connect_watch_release(struct connect_run *r) {
    if (r->message_fd != r->io.out)
        close(r->message_fd);
}
