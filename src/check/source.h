/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CHECK_SOURCE_H
#define WAXSEAL_CHECK_SOURCE_H

#include "net/loop.h"

/* Where targets come from: the words of a command line, then the lines of a file or of standard
 * input, read as they are asked for and never waited for. */
struct check_source;

enum check_source_state {
    CHECK_SOURCE_TARGET,
    CHECK_SOURCE_WAIT, /* nothing has come yet: `ready` will be called */
    CHECK_SOURCE_END,
    CHECK_SOURCE_FAILED, /* the file can't be read on */
};

/* Lives until the next call. */
struct check_source_target {
    const char *text;
    const char *where; /* "FILE:17", or NULL */
    const char
        *wrong; /* why the line is no target: then `text` is what can be shown of it; or NULL */
};

/* `words` are borrowed. `file` NULL: none; "-": standard input. WS_USAGE names a file that can't be
 * opened. `ready` is called from the loop. */
WS_MUST_USE enum ws_err check_source_new(struct net_loop *loop, const char *const *words,
                                         size_t count, const char *file, void (*ready)(void *arg),
                                         void *arg, struct check_source **out,
                                         struct base_error *e);
enum check_source_state check_source_next(struct check_source *s, struct check_source_target *out,
                                          struct base_error *e);
/* Gives the file up; the words still come. True: it was not at its end, as far as is known. */
bool check_source_drop_file(struct check_source *s);
void check_source_free(struct check_source *s); /* NULL is fine */

#endif
