/* SPDX-License-Identifier: Apache-2.0 */
/* script - reads a dialogue of the user's own
 *
 * For dialogues that no client should have: commands out of order, bare line feeds, two commands in
 * one write, replies that must be refused. The whole file is checked before anything is sent. */
#include "send/script.h"

#include "base/buf.h"
#include "base/file.h"
#include "mail/code.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX ((size_t)16 << 20)
#define WAIT_MAX 86400u

static int hex_value(uint8_t c) {
    c = base_ascii_lower(c);
    return base_ascii_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "\xNN" at the front; its value, or -1. */
static int hex_escape(struct base_bytes in) {
    if (in.len < 4)
        return -1;
    int high = hex_value(in.data[2]), low = hex_value(in.data[3]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static bool put_escape(struct base_buf *out, struct base_bytes in, size_t *len) {
    static const char letters[] = "rnt0\\", bytes[] = "\r\n\t\0\\";
    *len = 2;
    for (size_t i = 0; in.len > 1 && i < sizeof letters - 1; i++)
        if (in.data[1] == (uint8_t)letters[i]) {
            base_buf_append_byte(out, (uint8_t)bytes[i]);
            return true;
        }
    int value = in.len > 1 && in.data[1] == 'x' ? hex_escape(in) : -1;
    *len = 4;
    if (value >= 0)
        base_buf_append_byte(out, (uint8_t)value);
    return value >= 0;
}

static bool unescape(struct base_bytes in, struct base_arena *arena, struct base_bytes *out) {
    struct base_buf b;
    bool ok = true;
    base_buf_init(&b, FILE_MAX);
    while (ok && in.len > 0) {
        size_t len = 1;
        if (in.data[0] == '\\')
            ok = put_escape(&b, in, &len);
        else
            base_buf_append_byte(&b, in.data[0]);
        in = base_bytes_slice(in, len, in.len);
    }
    *out = base_arena_bytes(arena, base_buf_view(&b));
    base_buf_release(&b);
    return ok;
}

/* "1", "0.25" */
static bool read_seconds(struct base_bytes in, base_usec *out) {
    size_t dot = base_bytes_find(in, '.');
    struct base_bytes part = base_bytes_slice(in, dot + 1, 6);
    uint64_t whole = 0, fraction = 0;
    if (!base_bytes_to_uint(base_bytes_slice(in, 0, dot), WAIT_MAX, &whole))
        return false;
    if (dot < in.len && (in.len - dot - 1 > 6 || !base_bytes_to_uint(part, 999999, &fraction)))
        return false;
    for (size_t i = part.len; i < 6; i++)
        fraction *= 10;
    *out = whole * BASE_SECOND + fraction;
    return true;
}

static const struct verb_row {
    const char *word;
    enum send_script_verb verb;
    bool takes_text;
} verbs[] = {
    {">", SEND_SCRIPT_SEND, true},
    {"raw", SEND_SCRIPT_RAW, true},
    {"<", SEND_SCRIPT_EXPECT, true},
    {"message", SEND_SCRIPT_MESSAGE, false},
    {"starttls", SEND_SCRIPT_STARTTLS, false},
    {"wait", SEND_SCRIPT_WAIT, true},
    {"drop", SEND_SCRIPT_DROP, false},
};

static const struct verb_row *verb_of(struct base_bytes word) {
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (base_bytes_equal_nocase(word, verbs[i].word))
            return &verbs[i];
    return NULL;
}

/* What is wrong with the step's text, or NULL. */
static const char *fill_step(struct send_script_step *s, const struct verb_row *row,
                             struct base_bytes rest, struct base_arena *arena) {
    struct base_bytes trimmed = base_bytes_trim(rest);
    s->verb = row->verb;
    s->text = base_arena_str_bytes(arena, rest);
    if (!row->takes_text)
        return trimmed.len > 0 ? "takes nothing behind it" : NULL;
    if (s->verb == SEND_SCRIPT_RAW)
        return unescape(rest, arena, &s->raw) ? NULL
                                              : "has a \\ that is none of \\r \\n \\t \\0 "
                                                "\\\\ \\xNN";
    if (s->verb == SEND_SCRIPT_WAIT)
        return read_seconds(trimmed, &s->wait) ? NULL : "needs a number of seconds";
    if (s->verb != SEND_SCRIPT_EXPECT)
        return NULL;
    bool any = base_bytes_equal_nocase(trimmed, "any");
    s->text = any ? "" : base_arena_str_bytes(arena, trimmed);
    return any || mail_code_is_pattern(s->text) ? NULL
                                                : "needs a code such as 250, 2xx, "
                                                  "250|251, or any";
}

static enum ws_err parse_line(struct send_script *script, struct base_bytes line, unsigned number,
                              struct base_arena *arena, struct base_error *e) {
    struct base_bytes start = base_bytes_trim(line);
    if (start.len == 0 || start.data[0] == '#')
        return WS_OK;
    size_t end = base_bytes_find(start, ' ');
    struct base_bytes word = base_bytes_slice(start, 0, end);
    const struct verb_row *row = verb_of(word);
    if (!row)
        return base_error_set(e, WS_SYNTAX,
                              "%s:%u: %.40s is no step; steps are > TEXT, raw TEXT, < CODE, "
                              "message, starttls, wait SECONDS, drop",
                              script->file, number, base_arena_str_bytes(arena, word));
    struct send_script_step *s = base_arena_append(arena, &script->steps, &script->count,
                                                   &script->cap, sizeof *script->steps);
    if (!s)
        return base_error_set(e, WS_NOMEM, "%s is too long", script->file);
    s->line = number;
    const char *why = fill_step(s, row, base_bytes_slice(start, end + 1, start.len), arena);
    return why ? base_error_set(e, WS_SYNTAX, "%s:%u: %s %s", script->file, number, row->word, why)
               : WS_OK;
}

enum ws_err send_script_parse(struct base_bytes text, const char *file, struct base_arena *arena,
                              struct send_script *out, struct base_error *e) {
    unsigned number = 1;
    *out = (struct send_script){.file = file};
    for (; text.len > 0; number++) {
        size_t end = base_bytes_find(text, '\n');
        struct base_bytes line = base_bytes_slice(text, 0, end);
        if (line.len > 0 && line.data[line.len - 1] == '\r')
            line.len--;
        enum ws_err err = parse_line(out, line, number, arena, e);
        if (err != WS_OK)
            return err;
        text = base_bytes_slice(text, end + 1, text.len);
    }
    if (out->count == 0)
        return base_error_set(e, WS_SYNTAX, "%s: no step inside", file);
    return WS_OK;
}

enum ws_err send_script_read(const char *file, struct base_arena *arena, struct send_script *out,
                             struct base_error *e) {
    struct base_bytes text;
    bool read = strcmp(file, "-") == 0 ? base_file_read_fd(arena, STDIN_FILENO, FILE_MAX, &text)
                                       : base_file_read(arena, file, FILE_MAX, &text);
    if (!read)
        return base_error_set(e, WS_IO, "%s: %s", file, strerror(errno));
    return send_script_parse(text, file, arena, out, e);
}
