/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_BASE_READER_H
#define WAXSEAL_BASE_READER_H

#include "base/bytes.h"

/* The one bounded reader for binary bytes from the network. Big-endian. After the first failure
 * every getter returns 0 / empty, `failed` stays set, and what was wrong where is remembered. */
struct base_reader {
    const uint8_t *data;
    size_t len;
    size_t pos;
    size_t base; /* offset of data[0] in the outermost structure, for messages */
    bool failed;
    size_t fail_at;        /* offset in the outermost structure */
    const char *fail_what; /* name of the field that did not fit; static string */
};

void base_reader_init(struct base_reader *r, struct base_bytes b);
size_t base_reader_left(const struct base_reader *r);

uint8_t base_reader_u8(struct base_reader *r, const char *what);
uint16_t base_reader_u16(struct base_reader *r, const char *what);
uint32_t base_reader_u24(struct base_reader *r, const char *what);
uint32_t base_reader_u32(struct base_reader *r, const char *what);
struct base_bytes base_reader_bytes(struct base_reader *r, size_t n, const char *what);
void base_reader_skip(struct base_reader *r, size_t n, const char *what);

/* A sub-reader over a vector with a length prefix of 1, 2 or 3 bytes; the outer reader moves past
 * it. On failure the sub-reader is born failed. */
struct base_reader base_reader_sub8(struct base_reader *r, const char *what);
struct base_reader base_reader_sub16(struct base_reader *r, const char *what);
struct base_reader base_reader_sub24(struct base_reader *r, const char *what);

/* "Nothing left": fails the reader as `what` when bytes remain; returns true when all was well. */
bool base_reader_done(struct base_reader *r, const char *what);
/* Marks a semantic failure at the current position. */
void base_reader_fail(struct base_reader *r, const char *what);

#endif
