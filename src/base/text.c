/* SPDX-License-Identifier: Apache-2.0 */
/* base_text - what a server sent, made fit to be shown.
 *
 * Control characters could drive a terminal, bidirectional overrides could make a line read other
 * than it is: both are written as escapes. */
#include "base/text.h"

#include <wchar.h>

/* Sequence length by first byte, 0 for bytes that begin none (RFC 3629). */
static size_t sequence_length(uint8_t first) {
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf)
        return 2;
    if (first >= 0xe0 && first <= 0xef)
        return 3;
    if (first >= 0xf0 && first <= 0xf4)
        return 4;
    return 0;
}

size_t base_text_utf8_next(struct base_bytes b, uint32_t *cp) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    static const uint8_t mask[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    size_t len = b.len ? sequence_length(b.data[0]) : 0;
    if (len == 0 || len > b.len)
        return 0;
    uint32_t v = b.data[0] & mask[len];
    for (size_t i = 1; i < len; i++) {
        if ((b.data[i] & 0xc0) != 0x80)
            return 0;
        v = v << 6 | (b.data[i] & 0x3f);
    }
    if (v < least[len] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
        return 0;
    *cp = v;
    return len;
}

bool base_text_is_ascii(const char *text) {
    for (; *text; text++)
        if ((unsigned char)*text > 0x7f)
            return false;
    return true;
}

bool base_text_is_utf8(const char *text) {
    struct base_bytes rest = base_bytes_of_str(text);
    uint32_t cp;
    while (rest.len > 0) {
        size_t len = base_text_utf8_next(rest, &cp);
        if (len == 0)
            return false;
        rest = base_bytes_slice(rest, len, rest.len);
    }
    return true;
}

/* Characters that move the cursor, change direction or show nothing. */
static bool is_unsafe(uint32_t c) {
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0xad || c == 0x61c ||
           (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
           (c >= 0xe0000 && c <= 0xe0fff);
}

static void append_escaped(struct base_buf *out, struct base_bytes b) {
    if (b.len == 1 && b.data[0] == '\t')
        base_buf_append_str(out, "\\t");
    else if (b.len == 1 && b.data[0] == '\r')
        base_buf_append_str(out, "\\r");
    else if (b.len == 1 && b.data[0] == '\n')
        base_buf_append_str(out, "\\n");
    else
        for (size_t i = 0; i < b.len; i++)
            base_buf_printf(out, "\\x%02X", b.data[i]);
}

static void escape(struct base_buf *out, struct base_bytes in, bool ascii) {
    size_t at = 0, plain = 0;
    while (at < in.len) {
        uint32_t cp = 0;
        struct base_bytes rest = base_bytes_slice(in, at, in.len);
        size_t len = base_text_utf8_next(rest, &cp);
        bool keep = len > 0 && !is_unsafe(cp) && (!ascii || cp < 0x80);
        if (!keep) {
            base_buf_append_bytes(out, base_bytes_slice(in, plain, at - plain));
            len = len ? len : 1;
            append_escaped(out, base_bytes_slice(in, at, len));
            plain = at + len;
        }
        at += len;
    }
    base_buf_append_bytes(out, base_bytes_slice(in, plain, at - plain));
}

void base_text_escape(struct base_buf *out, struct base_bytes in) {
    escape(out, in, false);
}

void base_text_escape_ascii(struct base_buf *out, struct base_bytes in) {
    escape(out, in, true);
}

void base_text_hex(struct base_buf *out, struct base_bytes b) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < b.len; i++) {
        base_buf_append_byte(out, (uint8_t)digits[b.data[i] >> 4]);
        base_buf_append_byte(out, (uint8_t)digits[b.data[i] & 15]);
    }
}

size_t base_text_width(const char *s) {
    struct base_bytes in = base_bytes_of_str(s);
    size_t columns = 0;
    for (size_t at = 0; at < in.len;) {
        uint32_t cp = 0;
        size_t len = base_text_utf8_next(base_bytes_slice(in, at, in.len), &cp);
        int w = len > 1 ? wcwidth((wchar_t)cp) : 1;
        columns += w < 0 ? 1 : (size_t)w;
        at += len ? len : 1;
    }
    return columns;
}
