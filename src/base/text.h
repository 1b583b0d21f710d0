/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_BASE_TEXT_H
#define WAXSEAL_BASE_TEXT_H

#include "base/buf.h"

/* Appends text that is safe on a terminal, in a log, in HTML after further escaping: valid UTF-8
 * stays, C0 and C1 control characters, DEL, bidirectional overrides and bytes that are not UTF-8
 * become \xNN (tab becomes \t, CR \r, LF \n). */
void base_text_escape(struct base_buf *out, struct base_bytes in);
/* The same, printable ASCII only. */
void base_text_escape_ascii(struct base_buf *out, struct base_bytes in);

/* Length in bytes of the valid UTF-8 character at the start of `b`, its code point in *cp; 0 when
 * there is none (empty, truncated, overlong, surrogate, above U+10FFFF). */
size_t base_text_utf8_next(struct base_bytes b, uint32_t *cp);
bool base_text_is_ascii(const char *text);
bool base_text_is_utf8(const char *text);

/* Lower-case hex of b, no separators. */
void base_text_hex(struct base_buf *out, struct base_bytes b);
/* Columns that a UTF-8 string takes (code points; combining marks count 0, CJK wide 2). */
size_t base_text_width(const char *s);

#endif
