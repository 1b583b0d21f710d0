/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TALK_TERMINAL_H
#define WAXSEAL_TALK_TERMINAL_H

#include "talk/editor.h"
#include "talk/input.h"
#include "talk/signals.h"
#include "talk/talker.h"
#include "talk/tty.h"

/* The conversation with a person: what terminal.c keeps. */

enum terminal_next { TERMINAL_GO_ON, TERMINAL_END };

struct talk_terminal {
    struct talker k;
    struct talk_editor *editor; /* NULL: lines as the terminal hands them out */
    struct talk_input input;    /* used then */
    struct talk_tty tty;
    struct base_buf line; /* typed */
    char prompt[64];
    bool prompts;        /* somebody looks at the output */
    unsigned interrupts; /* Ctrl-C in a row */
    enum talk_end end;
};

#endif
