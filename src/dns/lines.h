/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_DNS_LINES_H
#define WAXSEAL_DNS_LINES_H

#include "base/buf.h"

/* Small text files of the system, read whole and walked line by line. */

#define DNS_LINES_FILE_MAX (1024u * 1024u)        /* of the system's files */
#define DNS_HOSTS_FILE_MAX (256u * 1024u * 1024u) /* of --hosts */

/* Reads `path` into `out` (initialised here; release it in any case). `what` names the file's role
 * in the message. Larger than `max` or not a regular file (or pipe): WS_LIMIT, WS_IO. */
WS_MUST_USE enum ws_err dns_lines_read(const char *path, const char *what, size_t max,
                                       struct base_buf *out, struct base_error *e);

struct dns_lines {
    struct base_bytes rest;
    unsigned number; /* of the line given last, from 1 */
};

/* The next line without its newline, its comment (from "#" or `comment`) and outer blanks; false at
 * the end. Empty lines are given too. */
bool dns_lines_next(struct dns_lines *l, char comment, struct base_bytes *line);
/* Cuts the next word (blanks between) off the front of *line; false when none is left. */
bool dns_lines_word(struct base_bytes *line, struct base_bytes *word);

#endif
