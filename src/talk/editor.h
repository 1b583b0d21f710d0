/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TALK_EDITOR_H
#define WAXSEAL_TALK_EDITOR_H

#include "base/buf.h"
#include "talk/complete.h"

/* A line from a person at a terminal, edited with libedit while the connection is played. */
struct talk_editor;

enum talk_typed {
    TALK_TYPED_LINE,
    TALK_TYPED_END,     /* Ctrl-D on an empty line */
    TALK_TYPED_DROPPED, /* Ctrl-C */
    TALK_TYPED_OVER,    /* the connection ended */
    TALK_TYPED_LEAVE,   /* a signal asks us to go, or the terminal is gone */
};

enum talk_wake {
    TALK_WAKE_KEY,
    TALK_WAKE_SAID, /* the server said something: `show` prints it */
    TALK_WAKE_OVER,
    TALK_WAKE_NONE,
};

/* What the editor asks of its owner. */
struct talk_editor_owner {
    void *arg;
    /* Waits for the terminal, the connection or a little while. */
    enum talk_wake (*wait)(void *arg, int fd);
    void (*show)(void *arg);
    /* Words for the line up to the cursor. False: Tab is an ordinary character here. */
    bool (*complete)(void *arg, struct talk_completion *c, struct base_bytes typed);
};

/* WS_LIBRARY: no libedit. The owner is copied. `history_file` may be NULL. */
WS_MUST_USE enum ws_err talk_editor_new(int in, int out, const char *history_file,
                                        const struct talk_editor_owner *owner,
                                        struct talk_editor **result, struct base_error *e);
/* Gives the terminal back and writes the history file; false when that failed. */
bool talk_editor_free(struct talk_editor *ed);
/* One line, without its end. */
enum talk_typed talk_editor_read(struct talk_editor *ed, const char *prompt, struct base_buf *line);
void talk_editor_remember(struct talk_editor *ed, const char *line);

#endif
