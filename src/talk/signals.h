/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TALK_SIGNALS_H
#define WAXSEAL_TALK_SIGNALS_H

#include <stdbool.h>

/* Signals while a terminal is in our hands: they are noted, so that it is given back as it was. */

struct talk_signals {
    unsigned interrupts; /* Ctrl-C, since the last look */
    bool leave;          /* SIGTERM, SIGHUP, SIGQUIT */
    bool resized;        /* SIGWINCH */
    bool suspend;        /* SIGTSTP: Ctrl-Z */
};

/* Takes them over; calls nest. False when that was not possible. */
bool talk_signals_take(void);
void talk_signals_give_back(void);
/* What came since the last look, and forgets it; `leave` stays. */
struct talk_signals talk_signals_look(void);
/* Whether an interrupt or a reason to leave waits to be looked at. */
bool talk_signals_wait(void);
/* Stops the process as Ctrl-Z does; returns when it goes on. */
void talk_signals_stop(void);

#endif
