/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CONNECT_TALK_SIGNALS_H
#define WAXSEAL_CONNECT_TALK_SIGNALS_H

#include <stdbool.h>

/* Signals while a terminal is in our hands: they are noted, so that it is given back as it was. */

struct connect_signals {
    unsigned interrupts; /* Ctrl-C, since the last look */
    bool leave;          /* SIGTERM, SIGHUP, SIGQUIT */
    bool resized;        /* SIGWINCH */
    bool suspend;        /* SIGTSTP: Ctrl-Z */
};

/* Takes them over; calls nest. False when that was not possible. */
bool connect_signals_take(void);
void connect_signals_give_back(void);
/* What came since the last look, and forgets it; `leave` stays. */
struct connect_signals connect_signals_look(void);
/* Whether an interrupt or a reason to leave waits to be looked at. */
bool connect_signals_wait(void);
/* Stops the process as Ctrl-Z does; returns when it goes on. */
void connect_signals_stop(void);

#endif
