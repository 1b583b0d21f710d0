/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_SCRIPT_H
#define WAXSEAL_SEND_SCRIPT_H

#include "base/arena.h"
#include "base/clock.h"

/* A dialogue of the user's own (--script), one step a line:
 *
 *   # comment
 *   > EHLO me             send this line, CRLF is added
 *   raw MAIL FROM:<>\n    send these bytes; \r \n \t \0 \\ and \xNN stand for bytes
 *   < 250                 wait for a reply with this code (25x, 2xx, 250|251), else stop
 *   < any                 wait for a reply
 *   message               the message in the form for DATA, with its final dot
 *   starttls              begin TLS now
 *   wait 1.5              let so many seconds pass
 *   drop                  end the connection without a word
 */
enum send_script_verb {
    SEND_SCRIPT_SEND,
    SEND_SCRIPT_RAW,
    SEND_SCRIPT_EXPECT,
    SEND_SCRIPT_MESSAGE,
    SEND_SCRIPT_STARTTLS,
    SEND_SCRIPT_WAIT,
    SEND_SCRIPT_DROP
};

struct send_script_step {
    enum send_script_verb verb;
    unsigned line;         /* of the file */
    const char *text;      /* SEND; EXPECT: the pattern, "" any code */
    struct base_bytes raw; /* RAW */
    base_usec wait;        /* WAIT */
};

struct send_script {
    const char *file;
    struct send_script_step *steps;
    size_t count, cap;
};

/* Texts are the arena's. The error names file, line and what is wrong. */
WS_MUST_USE enum ws_err send_script_parse(struct base_bytes text, const char *file,
                                          struct base_arena *arena, struct send_script *out,
                                          struct base_error *e);
WS_MUST_USE enum ws_err send_script_read(const char *file, struct base_arena *arena,
                                         struct send_script *out, struct base_error *e);

#endif
