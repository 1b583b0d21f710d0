/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_MESSAGE_MIME_ENCODE_H
#define WAXSEAL_MESSAGE_MIME_ENCODE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* Base64 in lines of 76 characters, each with CRLF. All calls but the last must bring a multiple of
 * MESSAGE_BASE64_LINE bytes. RFC 2045 section 6.8. */
#define MESSAGE_BASE64_LINE 57u
void message_mime_base64(struct base_buf *out, struct base_bytes in);
/* How long that becomes. */
uint64_t message_mime_base64_size(uint64_t len);

/* Quoted-printable; line ends (LF or CRLF) become LF and stay line ends. RFC 2045 section 6.7. */
void message_mime_quoted_printable(struct base_buf *out, struct base_bytes in);
/* Does a text need it: a byte above 127, a control character, a line longer than 998 bytes? */
bool message_mime_needs_encoding(struct base_bytes in);

/* A parameter of a header field, "; name=value": a quoted string, or percent-encoded with its
 * charset where it is more than ASCII. RFC 2045 section 5.1, RFC 2231 section 4. */
void message_mime_parameter(struct base_buf *out, const char *name, struct base_bytes value);

#endif
