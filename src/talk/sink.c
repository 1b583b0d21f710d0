/* SPDX-License-Identifier: Apache-2.0 */
/* talk_sink - what the server says, on its way to the user.
 *
 * Bytes are shown as they come, in whatever pieces; nothing is kept but a character that came half.
 * On a terminal control bytes are shown instead of obeyed (a reply could otherwise rewrite the
 * screen); LF, CRLF and tab keep their meaning. A full pipe blocks: the connection waits with it.
 *
 * The text buffer is bounded: PIECE bytes are escaped at a time. */
#include "talk/sink.h"

#include "base/text.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#define PIECE ((size_t)8 << 10)
#define TEXT_MAX ((size_t)64 << 10)

void talk_sink_init(struct talk_sink *s, int fd, bool escape, bool ascii) {
    *s = (struct talk_sink){.fd = fd, .escape = escape, .ascii = ascii};
    base_buf_init(&s->text, TEXT_MAX);
}

void talk_sink_release(struct talk_sink *s) {
    base_buf_release(&s->text);
}

/* --- writing --- */

/* A descriptor that does not block is waited for. False: the text is given up. */
static bool wait_to_write(struct talk_sink *s) {
    struct pollfd p = {.fd = s->fd, .events = POLLOUT};
    if (errno == EAGAIN && poll(&p, 1, -1) >= 0)
        return true;
    if (errno != EINTR) {
        s->failed = true;
        s->error = errno;
        return false;
    }
    return !s->give_up || !s->give_up(s->arg);
}

bool talk_sink_write(struct talk_sink *s, struct base_bytes bytes) {
    if (bytes.len > 0)
        s->in_line = bytes.data[bytes.len - 1] != '\n';
    while (bytes.len > 0 && !s->failed) {
        ssize_t n = write(s->fd, bytes.data, bytes.len);
        if (n >= 0)
            bytes = base_bytes_slice(bytes, (size_t)n, bytes.len);
        else if (!wait_to_write(s))
            break;
    }
    return !s->failed;
}

static void write_text(struct talk_sink *s) {
    (void)talk_sink_write(s, base_buf_view(&s->text));
    base_buf_clear(&s->text);
}

/* --- escaping --- */

static void escape_run(struct talk_sink *s, struct base_bytes run) {
    if (s->ascii)
        base_text_escape_ascii(&s->text, run);
    else
        base_text_escape(&s->text, run);
}

/* Length of what may be the start of a character at the end of `b`, or a CR: at most 3. */
static size_t unfinished(struct base_bytes b) {
    if (b.len > 0 && b.data[b.len - 1] == '\r')
        return 1;
    for (size_t n = 1; n <= 3 && n <= b.len; n++) {
        uint8_t c = b.data[b.len - n];
        size_t need = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 1;
        if (c >= 0x80 && c < 0xc0)
            continue;
        return need > n ? n : 0;
    }
    return 0;
}

static void escape(struct talk_sink *s, struct base_bytes b) {
    size_t from = 0;
    for (size_t i = 0; i < b.len; i++) {
        bool crlf = b.data[i] == '\r' && i + 1 < b.len && b.data[i + 1] == '\n';
        if (b.data[i] != '\n' && b.data[i] != '\t' && !crlf)
            continue;
        escape_run(s, base_bytes_slice(b, from, i - from));
        if (!crlf)
            base_buf_append_byte(&s->text, b.data[i]);
        from = i + 1;
    }
    escape_run(s, base_bytes_slice(b, from, b.len));
}

/* What was held comes first, together with the start of `b`. */
static struct base_bytes join_held(struct talk_sink *s, struct base_bytes b) {
    while (s->held_len > 0 && b.len > 0) {
        uint8_t c = b.data[0];
        bool joins = s->held[0] == '\r' ? c == '\n' : c >= 0x80 && c < 0xc0;
        if (joins)
            s->held[s->held_len++] = c;
        if (joins)
            b = base_bytes_slice(b, 1, b.len);
        struct base_bytes held = base_bytes_view(s->held, s->held_len);
        if (joins && s->held_len < sizeof s->held && unfinished(held) == s->held_len)
            continue;
        escape(s, held);
        s->held_len = 0;
    }
    return b;
}

static void put_piece(struct talk_sink *s, struct base_bytes b) {
    b = join_held(s, b);
    size_t hold = s->held_len > 0 ? 0 : unfinished(b);
    escape(s, base_bytes_slice(b, 0, b.len - hold));
    if (hold > 0)
        s->held_len =
            base_bytes_copy(s->held, sizeof s->held, base_bytes_slice(b, b.len - hold, hold));
    write_text(s);
}

void talk_sink_put(struct talk_sink *s, struct base_bytes bytes) {
    if (!s->escape) {
        if (!s->mute)
            (void)talk_sink_write(s, bytes);
        return;
    }
    while (bytes.len > 0 && !s->mute && !s->failed) {
        put_piece(s, base_bytes_slice(bytes, 0, PIECE));
        bytes = base_bytes_slice(bytes, PIECE, bytes.len);
    }
}

void talk_sink_settle(struct talk_sink *s) {
    if (s->escape && s->held_len > 0)
        escape(s, base_bytes_view(s->held, s->held_len));
    s->held_len = 0;
    write_text(s);
    if (s->escape && s->in_line)
        (void)talk_sink_write(s, base_bytes_of_str("\n"));
}

void talk_sink_say(struct talk_sink *s, const char *text) {
    if (s->held_len > 0)
        talk_sink_settle(s);
    (void)talk_sink_write(s, base_bytes_of_str(text));
}
