/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TALK_SINK_H
#define WAXSEAL_TALK_SINK_H

#include "base/buf.h"

/* Where what the server says is shown, as it comes. */
struct talk_sink {
    int fd;
    bool escape;     /* control bytes are shown, not obeyed; CRLF becomes LF */
    bool ascii;      /* with `escape`: bytes beyond ASCII are shown as escapes */
    bool failed;     /* nothing can be written there any more */
    int error;       /* with `failed`: errno */
    bool in_line;    /* the last thing written was not the end of a line */
    bool mute;       /* drops everything, until set false */
    uint8_t held[4]; /* the start of a character, or a CR, whose rest has not come */
    size_t held_len;
    struct base_buf text;
    /* Asked when a write was interrupted by a signal: true gives up this text. May be NULL. */
    bool (*give_up)(void *arg);
    void *arg;
};

void talk_sink_init(struct talk_sink *s, int fd, bool escape, bool ascii);
void talk_sink_release(struct talk_sink *s);
/* From the server. */
void talk_sink_put(struct talk_sink *s, struct base_bytes bytes);
/* Shows what was held back, and ends the line that was begun. */
void talk_sink_settle(struct talk_sink *s);
/* Our own text, on a line of its own unless it follows ours. */
void talk_sink_say(struct talk_sink *s, const char *text);
/* Writes everything; false when it can't be written. */
bool talk_sink_write(struct talk_sink *s, struct base_bytes bytes);

#endif
