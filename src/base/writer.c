/* SPDX-License-Identifier: Apache-2.0 */
/* base_writer - big-endian integers and length-prefixed vectors into a base_buf. */
#include "base/writer.h"

static void big_endian(struct base_buf *b, uint32_t v, unsigned width) {
    while (width-- > 0)
        base_buf_append_byte(b, (uint8_t)(v >> (8 * width)));
}

void base_writer_u8(struct base_buf *b, uint8_t v) {
    big_endian(b, v, 1);
}

void base_writer_u16(struct base_buf *b, uint16_t v) {
    big_endian(b, v, 2);
}

void base_writer_u24(struct base_buf *b, uint32_t v) {
    big_endian(b, v, 3);
}

void base_writer_u32(struct base_buf *b, uint32_t v) {
    big_endian(b, v, 4);
}

size_t base_writer_open(struct base_buf *b, unsigned width) {
    big_endian(b, 0, width);
    return b->len;
}

void base_writer_close(struct base_buf *b, size_t mark, unsigned width) {
    if (b->failed || mark > b->len || mark < width)
        return;
    size_t n = b->len - mark;
    if (n >> (8 * width) != 0) {
        b->failed = true;
        return;
    }
    for (unsigned i = 0; i < width; i++)
        b->data[b->start + mark - 1 - i] = (uint8_t)(n >> (8 * i));
}
