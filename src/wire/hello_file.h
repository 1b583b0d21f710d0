/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_WIRE_HELLO_FILE_H
#define WAXSEAL_WIRE_HELLO_FILE_H

#include "base/buf.h"

/* In what form a ClientHello was found. */
struct wire_hello_file {
    bool text;      /* hex digits, not bytes */
    size_t records; /* TLS records that carry it; 0: the bare handshake message */
    size_t left;    /* bytes behind it that were not looked at */
};

/* What --hello FILE accepts: a handshake message with its header, the TLS records that carry it, or
 * either as hex digits. Digits may have spaces, line ends, colons, commas, "0x" and "\x" between
 * them; a line may end with '#' and a remark. `content` is the file, `hello` gets the message
 * with its header, and must have room for as many bytes as `content` has.
 *
 * Fails with WS_SYNTAX and one line that names what was found instead: "a TLS alert", "a packet
 * capture", "a ClientHello of 517 bytes of which only 100 are there". */
WS_MUST_USE enum ws_err wire_hello_file_read(struct base_bytes content, struct base_buf *hello,
                                             struct wire_hello_file *out, struct base_error *e);

#endif
