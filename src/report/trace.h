/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_REPORT_TRACE_H
#define WAXSEAL_REPORT_TRACE_H

#include "wire/hello_file.h"

/* What one connection's messages said before: the same number has other forms in TLS 1.2 and 1.3.
 * All zero at the start of a connection, but for what the caller wants. */
struct report_trace {
    bool bytes; /* contents that are told by length alone are shown in hex as well */

    bool chosen; /* a ServerHello was seen: what follows is from there */
    uint16_t version;
    uint16_t suite;
    uint8_t server_certificate_type; /* RFC 7250: 0 X.509, 2 raw public key */
    uint8_t client_certificate_type;
};

/* Appends one message in words: its name and length on the first line, its fields on indented
 * lines, each with '\n'. `bytes` is one whole handshake message with its header, or the body of an
 * alert, change_cipher_spec or heartbeat record, in plaintext. What does not fit is said in its
 * place, with the offset in `bytes`, and the rest is still shown. `record_version` is used while no
 * ServerHello has been seen.
 *
 * Everything written is printable; lists are cut at a few hundred entries, the whole at 128 KiB,
 * and both say so. */
void report_trace_message(struct report_trace *state, bool from_server, uint8_t content_type,
                          uint16_t record_version, struct base_bytes bytes, struct base_buf *out);

/* The same for a ClientHello from a file (--hello FILE), behind a line that names its form: "a
 * ClientHello in 2 TLS records, as hex text". */
void report_trace_hello(const struct wire_hello_file *form, struct base_bytes hello,
                        struct base_buf *out);

#endif
