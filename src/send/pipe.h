/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_PIPE_H
#define WAXSEAL_SEND_PIPE_H

#include "base/error.h"

#include <sys/types.h>

/* Starts a command; what is said over `fd` is its standard input and output, its standard error is
 * ours. A command with characters that a shell knows goes through the shell, another is run
 * directly, so that one that does not exist is found out here: WS_SYSTEM with the system's words.
 */
WS_MUST_USE enum ws_err send_pipe_start(const char *command, int *fd, pid_t *child,
                                        struct base_error *e);

#endif
