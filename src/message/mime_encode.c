/* SPDX-License-Identifier: Apache-2.0 */
/* mime_encode - the encodings of MIME: base64, quoted-printable, parameters
 *
 * RFC 2045 6.7 and 6.8, RFC 2231. */
#include "message/mime_encode.h"

#include "base/text.h"

#define QP_LINE 76u
#define LINE_MAX_LEN 998u

static void encode_group(uint8_t out[4], const uint8_t *in, size_t len) {
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = (uint32_t)in[0] << 16;
    bits |= len > 1 ? (uint32_t)in[1] << 8 : 0;
    bits |= len > 2 ? (uint32_t)in[2] : 0;
    out[0] = (uint8_t)alphabet[bits >> 18 & 63];
    out[1] = (uint8_t)alphabet[bits >> 12 & 63];
    out[2] = len > 1 ? (uint8_t)alphabet[bits >> 6 & 63] : (uint8_t)'=';
    out[3] = len > 2 ? (uint8_t)alphabet[bits & 63] : (uint8_t)'=';
}

void message_mime_base64(struct base_buf *out, struct base_bytes in) {
    for (size_t at = 0; at < in.len; at += MESSAGE_BASE64_LINE) {
        struct base_bytes line = base_bytes_slice(in, at, MESSAGE_BASE64_LINE);
        uint8_t *room = base_buf_reserve(out, (MESSAGE_BASE64_LINE + 2) / 3 * 4 + 2);
        size_t used = 0;
        if (!room)
            return;
        for (size_t i = 0; i < line.len; i += 3, used += 4)
            encode_group(room + used, line.data + i, line.len - i);
        room[used++] = '\r';
        room[used++] = '\n';
        base_buf_commit(out, used);
    }
}

uint64_t message_mime_base64_size(uint64_t len) {
    uint64_t lines = len / MESSAGE_BASE64_LINE + (len % MESSAGE_BASE64_LINE != 0);
    return (len / 3 + (len % 3 != 0)) * 4 + lines * 2;
}

/* Does the text at `in` begin with a line end, or is it over? */
static bool at_line_end(struct base_bytes in) {
    return in.len == 0 || in.data[0] == '\n' ||
           (in.len > 1 && in.data[0] == '\r' && in.data[1] == '\n');
}

static bool is_plain(struct base_bytes in) {
    uint8_t c = in.data[0];
    if (c == ' ' || c == '\t')
        return !at_line_end(base_bytes_slice(in, 1, 2));
    return c > 32 && c < 127 && c != '=';
}

void message_mime_quoted_printable(struct base_buf *out, struct base_bytes in) {
    size_t column = 0;
    while (in.len > 0) {
        if (at_line_end(in)) {
            base_buf_append_byte(out, '\n');
            in = base_bytes_slice(in, in.data[0] == '\r' ? 2 : 1, in.len);
            column = 0;
            continue;
        }
        size_t width = is_plain(in) ? 1 : 3;
        if (column + width >= QP_LINE) {
            base_buf_append_str(out, "=\n");
            column = 0;
        }
        /* a dot or "From " at the start of a line is changed by some that pass it on */
        bool risky = column == 0 && (in.data[0] == '.' || in.data[0] == 'F');
        if (width == 1 && !risky)
            base_buf_append_byte(out, in.data[0]);
        else
            base_buf_printf(out, "=%02X", in.data[0]);
        column += risky ? 3 : width;
        in = base_bytes_slice(in, 1, in.len);
    }
}

bool message_mime_needs_encoding(struct base_bytes in) {
    size_t line = 0;
    for (size_t i = 0; i < in.len; i++) {
        uint8_t c = in.data[i];
        bool cr_of_line_end = c == '\r' && i + 1 < in.len && in.data[i + 1] == '\n';
        line = c == '\n' ? 0 : line + 1;
        if (c > 126 || line > LINE_MAX_LEN || (c < 32 && c != '\n' && c != '\t' && !cr_of_line_end))
            return true;
    }
    return false;
}

static bool is_utf8(struct base_bytes in) {
    while (in.len > 0) {
        uint32_t cp;
        size_t n = base_text_utf8_next(in, &cp);
        if (n == 0)
            return false;
        in = base_bytes_slice(in, n, in.len);
    }
    return true;
}

static bool is_printable(struct base_bytes in) {
    for (size_t i = 0; i < in.len; i++)
        if (in.data[i] < 32 || in.data[i] > 126)
            return false;
    return true;
}

void message_mime_parameter(struct base_buf *out, const char *name, struct base_bytes value) {
    if (is_printable(value)) {
        base_buf_printf(out, "; %s=\"", name);
        for (size_t i = 0; i < value.len; i++) {
            if (value.data[i] == '"' || value.data[i] == '\\')
                base_buf_append_byte(out, '\\');
            base_buf_append_byte(out, value.data[i]);
        }
        base_buf_append_byte(out, '"');
        return;
    }
    base_buf_printf(out, "; %s*=%s''", name, is_utf8(value) ? "utf-8" : "iso-8859-1");
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = value.data[i];
        if (base_ascii_is_alnum(c) || c == '-' || c == '_')
            base_buf_append_byte(out, c);
        else
            base_buf_printf(out, "%%%02X", c);
    }
}
