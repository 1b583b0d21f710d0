/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_BASE_WRITER_H
#define WAXSEAL_BASE_WRITER_H

#include "base/buf.h"

/* Big-endian writing into a base_buf; failure is the buffer's sticky `failed`. */
void base_writer_u8(struct base_buf *b, uint8_t v);
void base_writer_u16(struct base_buf *b, uint16_t v);
void base_writer_u24(struct base_buf *b, uint32_t v);
void base_writer_u32(struct base_buf *b, uint32_t v);

/* Reserves a length prefix of `width` (1, 2, 3) bytes and returns a mark; close patches it with the
 * number of bytes written since (failing the buffer when it does not fit). */
size_t base_writer_open(struct base_buf *b, unsigned width);
void base_writer_close(struct base_buf *b, size_t mark, unsigned width);

#endif
