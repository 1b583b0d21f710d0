/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CONNECT_EDITOR_H
#define WAXSEAL_CONNECT_EDITOR_H

#include "base/buf.h"
#include "connect/complete.h"

/* A line from a person at a terminal, edited with libedit while the connection is played. */
struct connect_editor;

enum connect_typed {
    CONNECT_TYPED_LINE,
    CONNECT_TYPED_END,     /* Ctrl-D on an empty line */
    CONNECT_TYPED_DROPPED, /* Ctrl-C */
    CONNECT_TYPED_OVER,    /* the connection ended */
    CONNECT_TYPED_LEAVE,   /* a signal asks us to go, or the terminal is gone */
};

enum connect_wake {
    CONNECT_WAKE_KEY,
    CONNECT_WAKE_SAID, /* the server said something: `show` prints it */
    CONNECT_WAKE_OVER,
    CONNECT_WAKE_NONE,
};

/* What the editor asks of its owner. */
struct connect_editor_owner {
    void *arg;
    /* Waits for the terminal, the connection or a little while. */
    enum connect_wake (*wait)(void *arg, int fd);
    void (*show)(void *arg);
    /* Words for the line up to the cursor. False: Tab is an ordinary character here. */
    bool (*complete)(void *arg, struct connect_completion *c, struct base_bytes typed);
};

/* WS_LIBRARY: no libedit. The owner is copied. `history_file` may be NULL. */
WS_MUST_USE enum ws_err connect_editor_new(int in, int out, const char *history_file,
                                           const struct connect_editor_owner *owner,
                                           struct connect_editor **result, struct base_error *e);
/* Gives the terminal back and writes the history file; false when that failed. */
bool connect_editor_free(struct connect_editor *ed);
/* One line, without its end. */
enum connect_typed connect_editor_read(struct connect_editor *ed, const char *prompt,
                                       struct base_buf *line);
void connect_editor_remember(struct connect_editor *ed, const char *line);

#endif
