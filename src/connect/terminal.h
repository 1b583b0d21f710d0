/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CONNECT_TERMINAL_H
#define WAXSEAL_CONNECT_TERMINAL_H

#include "connect/editor.h"
#include "connect/talk_input.h"
#include "connect/talk_signals.h"
#include "connect/talk_talker.h"
#include "connect/talk_tty.h"

/* The conversation with a person: what terminal.c keeps. */

enum terminal_next { TERMINAL_GO_ON, TERMINAL_END };

struct connect_terminal {
    struct connect_talker k;
    struct connect_editor *editor; /* NULL: lines as the terminal hands them out */
    struct connect_input input;    /* used then */
    struct connect_tty tty;
    struct base_buf line; /* typed */
    char prompt[64];
    bool prompts;        /* somebody looks at the output */
    unsigned interrupts; /* Ctrl-C in a row */
    enum connect_talk_end end;
};

#endif
