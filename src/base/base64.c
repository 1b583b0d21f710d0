/* SPDX-License-Identifier: Apache-2.0 */
/* base64 - RFC 4648 section 4, whole texts at a time */
#include "base/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void encode_group(struct base_buf *out, struct base_bytes in) {
    uint32_t bits = 0;
    for (size_t i = 0; i < 3; i++)
        bits = bits << 8 | (i < in.len ? in.data[i] : 0u);
    for (size_t i = 0; i < 4; i++) {
        bool pad = i > in.len;
        base_buf_append_byte(out, pad ? '=' : (uint8_t)alphabet[bits >> (18 - 6 * i) & 63]);
    }
}

void base_base64_encode(struct base_buf *out, struct base_bytes in) {
    for (size_t at = 0; at < in.len; at += 3)
        encode_group(out, base_bytes_slice(in, at, 3));
}

static int value_of(uint8_t c) {
    for (int i = 0; i < 64; i++)
        if ((uint8_t)alphabet[i] == c)
            return i;
    return -1;
}

/* False: a byte is not of the alphabet; `lax` passes over it. */
static bool decode(struct base_buf *out, struct base_bytes in, bool lax) {
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < in.len; i++) {
        int v = value_of(in.data[i]);
        if (v < 0 && lax)
            continue;
        if (v < 0)
            return false;
        bits = bits << 6 | (uint32_t)v;
        held += 6;
        if (held >= 8) {
            held -= 8;
            base_buf_append_byte(out, (uint8_t)(bits >> held));
        }
    }
    return true;
}

bool base_base64_decode(struct base_buf *out, struct base_bytes in) {
    size_t before = out->len;
    while (in.len > 0 && in.data[in.len - 1] == '=')
        in.len--;
    bool good = decode(out, in, false);
    if (!good)
        base_buf_truncate(out, before);
    return good;
}

void base_base64_decode_lax(struct base_buf *out, struct base_bytes in) {
    (void)decode(out, base_bytes_slice(in, 0, base_bytes_find(in, '=')), true);
}
