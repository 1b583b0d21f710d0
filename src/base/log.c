/* SPDX-License-Identifier: Apache-2.0 */
/* base_log - lines for people who look over the program's shoulder.
 *
 * Costs nothing when nobody wants the level. Everything is escaped before it reaches the sink. A
 * long line is cut, never lost. */
#include "base/log.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

#define LINE_MAX_BYTES ((size_t)64 << 10)
#define TEXT_SHOWN 4096
#define BYTES_SHOWN 2000u

bool base_log_wants(const struct base_log *log, enum base_log_level level) {
    return log && log->sink && level <= log->level;
}

static void hand_over(const struct base_log *log, enum base_log_level level,
                      struct base_buf *line) {
    if (line->len > 0 && !line->failed)
        log->sink(log->arg, level, base_buf_cstr(line));
    base_buf_release(line);
}

static void append_who(struct base_buf *line, const char *who) {
    if (!who || !who[0])
        return;
    base_text_escape(line, base_bytes_slice(base_bytes_of_str(who), 0, BYTES_SHOWN));
    base_buf_append_str(line, ": ");
}

void base_log_line(const struct base_log *log, enum base_log_level level, const char *who,
                   const char *fmt, ...) {
    char text[TEXT_SHOWN];
    struct base_buf line;
    va_list ap;
    if (!base_log_wants(log, level))
        return;
    base_buf_init(&line, LINE_MAX_BYTES);
    va_start(ap, fmt);
    int len = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    append_who(&line, who);
    base_text_escape(&line, base_bytes_of_str(len < 0 ? fmt : text));
    if (len >= TEXT_SHOWN)
        base_buf_printf(&line, "... (%d bytes)", len);
    hand_over(log, level, &line);
}

void base_log_bytes(const struct base_log *log, enum base_log_level level, const char *who,
                    const char *prefix, struct base_bytes b) {
    struct base_buf line;
    if (!base_log_wants(log, level))
        return;
    base_buf_init(&line, LINE_MAX_BYTES);
    append_who(&line, who);
    base_buf_append_str(&line, prefix);
    base_text_escape(&line, base_bytes_slice(b, 0, BYTES_SHOWN));
    if (b.len > BYTES_SHOWN)
        base_buf_printf(&line, "... (%zu bytes)", b.len);
    hand_over(log, level, &line);
}

void base_log_hex(const struct base_log *log, const char *who, const char *prefix,
                  struct base_bytes b) {
    if (!base_log_wants(log, BASE_LOG_BYTES))
        return;
    for (size_t at = 0; at < b.len; at += 16) {
        struct base_buf line;
        struct base_bytes row = base_bytes_slice(b, at, 16);
        base_buf_init(&line, LINE_MAX_BYTES);
        append_who(&line, who);
        base_buf_printf(&line, "%s%04zx ", prefix, at);
        for (size_t i = 0; i < row.len; i++)
            base_buf_printf(&line, " %02x", row.data[i]);
        base_buf_printf(&line, "%*s", (int)(3 * (16 - row.len) + 2), "");
        for (size_t i = 0; i < row.len; i++)
            base_buf_append_byte(&line,
                                 row.data[i] >= ' ' && row.data[i] < 0x7f ? row.data[i] : '.');
        hand_over(log, BASE_LOG_BYTES, &line);
    }
}
