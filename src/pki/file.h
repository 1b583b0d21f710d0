/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_PKI_FILE_H
#define WAXSEAL_PKI_FILE_H

#include "base/buf.h"

/* Reads a file of certificates or keys whole, up to the buffer's maximum. Errors name `option`
 * ("-CAfile", or "") and the path: missing, unreadable, a directory, empty, too large.
 */
WS_MUST_USE enum ws_err pki_file_read(const char *option, const char *path, struct base_buf *out,
                                      struct base_error *e);
/* True when a PEM block begins somewhere inside. */
bool pki_file_is_pem(struct base_bytes file);

#endif
