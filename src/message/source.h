/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_MESSAGE_SOURCE_H
#define WAXSEAL_MESSAGE_SOURCE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

/* Bytes that are read again and again from the start: memory, or a file of known size. */
struct message_source {
    struct base_bytes bytes; /* memory */
    char *path;              /* file: opened when it is read, owned */
    int spool;               /* a nameless copy of what can be read only once, or -1 */
    int fd;                  /* open file, or -1 */
    uint64_t size;
    uint64_t start; /* where reading begins */
    uint64_t at;    /* next byte to be read */
};

void message_source_of_bytes(struct message_source *s, struct base_bytes bytes); /* borrows */
/* A file; one that can be read only once (a pipe, "-" for standard input) is copied to a nameless
 * file in $TMPDIR first. A path that is gone is looked for as a Maildir entry: "cur" in place of
 * "new", and other flags behind the colon. WS_IO names the file. */
WS_MUST_USE enum ws_err message_source_of_file(struct message_source *s, const char *path,
                                               struct base_error *e);
void message_source_release(struct message_source *s);

/* Back to `start`; closes the file. */
void message_source_rewind(struct message_source *s);
/* Fills dst with `cap` bytes, fewer only at the end; *got 0 is the end. WS_IO when it can't be read
 * or has become shorter or longer. */
WS_MUST_USE enum ws_err message_source_read(struct message_source *s, uint8_t *dst, size_t cap,
                                            size_t *got, struct base_error *e);
/* All of it, appended. */
WS_MUST_USE enum ws_err message_source_read_all(struct message_source *s, struct base_buf *out,
                                                struct base_error *e);

#endif
