/* SPDX-License-Identifier: Apache-2.0 */
/* check_source - targets from the command line, a file, a pipe.
 *
 * A list may be longer than memory and a pipe slower than the servers: one buffer is filled when
 * the next line is wanted, and what can make us wait is watched by the loop. A line ends in LF or
 * CRLF; blanks around it, and what follows a "#" at its beginning or behind a blank, do not count.
 * A line that can be no target is handed out with its number and the reason, and the next one read:
 * one slip must not end a run of a million.
 *
 * Limits: 4096 bytes a line; one longer than 64 MiB is no list. */
#include "check/source.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOM ((size_t)64 << 10)
#define LINE_MAX_BYTES 4096u
#define GIVE_UP_AT ((size_t)64 << 20)
#define SHOWN 100u

struct check_source {
    struct net_loop *loop;
    const char *const *words;
    size_t count, next_word;
    int fd; /* -1: no file */
    bool ended;
    bool readable;        /* the watch said so */
    bool always_readable; /* a regular file */
    struct net_watch *watch;
    void (*ready)(void *arg);
    void *arg;
    struct base_buf name;        /* of the file, printable */
    struct base_buf bytes;       /* read and not yet handed out */
    struct base_buf text, where; /* of the target handed out last */
    unsigned long long line;
    size_t skipped; /* bytes so far of a line that is too long; 0: none */
};

/* --- bytes --- */

static void on_readable(void *arg, int fd, bool readable, bool writable) {
    struct check_source *s = arg;
    (void)fd;
    (void)readable;
    (void)writable;
    net_watch_stop(s->watch);
    s->watch = NULL;
    s->readable = true;
    s->ready(s->arg);
}

/* Whether a read would not wait; otherwise the loop watches from now on. */
static bool may_read(struct check_source *s) {
    if (s->readable || s->always_readable)
        return true;
    if (s->watch)
        return false;
    if (net_watch_is_possible(s->fd))
        s->watch = net_watch_start(s->loop, s->fd, on_readable, s);
    s->always_readable = !s->watch || net_watch_want(s->watch, true, false) != WS_OK;
    return s->always_readable;
}

/* Reads once. CHECK_SOURCE_TARGET: something has come, or the end. */
static enum check_source_state fill(struct check_source *s, struct base_error *e) {
    if (!may_read(s))
        return CHECK_SOURCE_WAIT;
    uint8_t *room = base_buf_reserve(&s->bytes, ROOM);
    ssize_t n = -1;
    errno = ENOMEM;
    if (room)
        do
            n = read(s->fd, room, ROOM);
        while (n < 0 && errno == EINTR);
    s->readable = false;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) && !may_read(s))
        return CHECK_SOURCE_WAIT; /* somebody else was faster */
    if (n < 0) {
        (void)base_error_set(e, WS_IO, "--targets %s: %s", base_buf_cstr(&s->name),
                             strerrordesc_np(errno));
        return CHECK_SOURCE_FAILED;
    }
    base_buf_commit(&s->bytes, (size_t)n);
    s->ended = n == 0;
    return CHECK_SOURCE_TARGET;
}

/* --- lines --- */

static bool is_blank(uint8_t c) {
    return base_ascii_is_space(c) || c == '\r';
}

/* Without its comment and the blanks around it. */
static struct base_bytes strip(struct base_bytes line) {
    for (size_t i = 0; i < line.len; i++)
        if (line.data[i] == '#' && (i == 0 || is_blank(line.data[i - 1])))
            line.len = i;
    while (line.len > 0 && is_blank(line.data[line.len - 1]))
        line.len--;
    while (line.len > 0 && is_blank(line.data[0]))
        line = base_bytes_slice(line, 1, line.len);
    return line;
}

static const char *fault_of(struct base_bytes text) {
    const char *wrong = NULL;
    for (size_t i = 0; i < text.len; i++) {
        if (is_blank(text.data[i]))
            wrong = "there is more than one word in the line; give one target a line";
        else if (text.data[i] < ' ' || text.data[i] == 0x7f)
            return "there is a control character in the line";
    }
    return wrong;
}

static void hand_out(struct check_source *s, struct base_bytes text, const char *wrong,
                     struct check_source_target *out) {
    base_buf_clear(&s->text);
    base_buf_clear(&s->where);
    base_buf_printf(&s->where, "%s:%llu", base_buf_cstr(&s->name), s->line);
    if (!wrong) {
        base_buf_append_bytes(&s->text, text);
    } else {
        base_text_escape(&s->text, base_bytes_slice(text, 0, SHOWN));
        base_buf_append_str(&s->text, text.len > SHOWN ? "..." : "");
    }
    *out = (struct check_source_target){
        .text = base_buf_cstr(&s->text), .where = base_buf_cstr(&s->where), .wrong = wrong};
}

/* One line without its LF; false when nothing is in it. */
static bool take_line(struct check_source *s, struct base_bytes line,
                      struct check_source_target *out) {
    s->line++;
    if (s->line == 1 && base_bytes_starts_with_nocase(line, "\xef\xbb\xbf"))
        line = base_bytes_slice(line, 3, line.len); /* a mark with which some editors begin */
    struct base_bytes text = strip(line);
    if (text.len == 0)
        return false;
    hand_out(s, text, fault_of(text), out);
    return true;
}

/* The rest of a line that is too long, as far as it is there. */
static void skip(struct check_source *s, size_t len) {
    bool whole = len < s->bytes.len;
    base_buf_consume(&s->bytes, whole ? len + 1 : len);
    s->skipped = whole ? 0 : s->skipped + len;
}

/* What the bytes that are there give: a target, or CHECK_SOURCE_WAIT when more are needed. */
static enum check_source_state read_lines(struct check_source *s, struct check_source_target *out) {
    while (s->bytes.len > 0) {
        struct base_bytes all = base_buf_view(&s->bytes);
        size_t end = base_bytes_find(all, '\n');
        if (s->skipped > 0) {
            skip(s, end);
            continue;
        }
        if (end > LINE_MAX_BYTES) {
            s->line++;
            s->skipped = 1;
            hand_out(s, strip(base_bytes_slice(all, 0, SHOWN + 1)),
                     "the line is longer than 4096 bytes", out);
            return CHECK_SOURCE_TARGET;
        }
        if (end == all.len && !s->ended)
            break;
        bool target = take_line(s, base_bytes_slice(all, 0, end), out);
        base_buf_consume(&s->bytes, end < all.len ? end + 1 : end);
        if (target)
            return CHECK_SOURCE_TARGET;
    }
    return CHECK_SOURCE_WAIT;
}

enum check_source_state check_source_next(struct check_source *s, struct check_source_target *out,
                                          struct base_error *e) {
    if (s->next_word < s->count) {
        *out = (struct check_source_target){.text = s->words[s->next_word++]};
        return CHECK_SOURCE_TARGET;
    }
    for (;;) {
        enum check_source_state state = s->fd < 0 ? CHECK_SOURCE_WAIT : read_lines(s, out);
        if (state == CHECK_SOURCE_TARGET)
            return state;
        if (s->fd < 0 || s->ended)
            return CHECK_SOURCE_END;
        if (s->skipped > GIVE_UP_AT) {
            (void)base_error_set(e, WS_USAGE,
                                 "--targets %s: line %llu is longer than %zu MiB, so this is no "
                                 "list of targets",
                                 base_buf_cstr(&s->name), s->line, GIVE_UP_AT >> 20);
            return CHECK_SOURCE_FAILED;
        }
        state = fill(s, e);
        if (state != CHECK_SOURCE_TARGET)
            return state;
    }
}

bool check_source_drop_file(struct check_source *s) {
    bool left = s->fd >= 0 && (!s->ended || s->bytes.len > 0);
    net_watch_stop(s->watch);
    s->watch = NULL;
    if (s->fd > STDERR_FILENO)
        close(s->fd);
    s->fd = -1;
    return left;
}

/* --- life --- */

static enum ws_err open_file(struct check_source *s, const char *file, struct base_error *e) {
    struct stat st;
    bool standard = strcmp(file, "-") == 0;
    if (standard)
        base_buf_append_str(&s->name, "standard input");
    else
        base_text_escape(&s->name, base_bytes_of_str(file));
    s->fd = standard ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (s->fd >= 0 && fstat(s->fd, &st) == 0 && S_ISDIR(st.st_mode))
        errno = EISDIR;
    else if (s->fd >= 0)
        return WS_OK;
    return base_error_set(e, WS_USAGE, "--targets %s: %s", base_buf_cstr(&s->name),
                          strerrordesc_np(errno));
}

enum ws_err check_source_new(struct net_loop *loop, const char *const *words, size_t count,
                             const char *file, void (*ready)(void *arg), void *arg,
                             struct check_source **out, struct base_error *e) {
    struct check_source *s = calloc(1, sizeof *s);
    *out = NULL;
    if (!s)
        return base_error_set(e, WS_NOMEM, "no memory for the list of targets");
    s->loop = loop;
    s->words = words;
    s->count = count;
    s->fd = -1;
    s->ready = ready;
    s->arg = arg;
    base_buf_init(&s->name, 16384);
    base_buf_init(&s->bytes, 2 * ROOM);
    base_buf_init(&s->text, 2 * LINE_MAX_BYTES);
    base_buf_init(&s->where, 32768);
    enum ws_err err = file ? open_file(s, file, e) : WS_OK;
    if (err != WS_OK) {
        check_source_free(s);
        return err;
    }
    *out = s;
    return WS_OK;
}

void check_source_free(struct check_source *s) {
    if (!s)
        return;
    (void)check_source_drop_file(s);
    base_buf_release(&s->name);
    base_buf_release(&s->bytes);
    base_buf_release(&s->text);
    base_buf_release(&s->where);
    free(s);
}
