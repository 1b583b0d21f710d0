/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_BASE_BASE64_H
#define WAXSEAL_BASE_BASE64_H

#include "base/buf.h"

/* RFC 4648 section 4, without line breaks. */
void base_base64_encode(struct base_buf *out, struct base_bytes in);
/* Decodes; false (and nothing appended) when there are bytes that are not of the alphabet. */
bool base_base64_decode(struct base_buf *out, struct base_bytes in);
/* The same up to the first "=", and what is not of the alphabet is passed over. */
void base_base64_decode_lax(struct base_buf *out, struct base_bytes in);

#endif
