/* SPDX-License-Identifier: Apache-2.0 */
/* base_log - lines for people who look over the program's shoulder.
 *
 * Costs nothing when nobody wants the level. Everything is escaped before it reaches the sink. */
#include "base/log.h"

#include "base/text.h"

#include <stdarg.h>

#define LINE_MAX_BYTES ((size_t)64 << 10)
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

void base_log_line(const struct base_log *log, enum base_log_level level, const char *who,
                   const char *fmt, ...) {
    struct base_buf raw, line;
    va_list ap;
    if (!base_log_wants(log, level))
        return;
    base_buf_init(&raw, LINE_MAX_BYTES);
    base_buf_init(&line, LINE_MAX_BYTES * 4);
    va_start(ap, fmt);
    if (who && who[0])
        base_buf_printf(&raw, "%s: ", who);
    base_buf_vprintf(&raw, fmt, ap);
    va_end(ap);
    base_text_escape(&line, base_buf_view(&raw));
    base_buf_release(&raw);
    hand_over(log, level, &line);
}

void base_log_bytes(const struct base_log *log, enum base_log_level level, const char *who,
                    const char *prefix, struct base_bytes b) {
    struct base_buf line;
    if (!base_log_wants(log, level))
        return;
    base_buf_init(&line, LINE_MAX_BYTES);
    base_buf_printf(&line, "%s: %s", who ? who : "", prefix);
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
        base_buf_printf(&line, "%s: %s%04zx ", who ? who : "", prefix, at);
        for (size_t i = 0; i < row.len; i++)
            base_buf_printf(&line, " %02x", row.data[i]);
        base_buf_printf(&line, "%*s", (int)(3 * (16 - row.len) + 2), "");
        for (size_t i = 0; i < row.len; i++)
            base_buf_append_byte(&line,
                                 row.data[i] >= ' ' && row.data[i] < 0x7f ? row.data[i] : '.');
        hand_over(log, BASE_LOG_BYTES, &line);
    }
}
