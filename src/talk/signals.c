/* SPDX-License-Identifier: Apache-2.0 */
/* talk_signals - signals noted instead of obeyed, while a terminal is in our hands.
 *
 * A process that dies with the terminal's modes changed leaves its user a shell that does not echo.
 * The handlers only count; system calls are not restarted, so that what waits looks around. */
#include "talk/signals.h"

#include <signal.h>
#include <stddef.h>

static const int caught[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP};

#define CAUGHT (sizeof caught / sizeof caught[0])

static volatile sig_atomic_t seen[CAUGHT];
static struct sigaction before[CAUGHT];
static unsigned depth;

static void note(int number) {
    for (size_t i = 0; i < CAUGHT; i++)
        if (caught[i] == number)
            seen[i] = seen[i] + 1;
}

bool talk_signals_take(void) {
    struct sigaction ours = {.sa_handler = note};
    if (depth++ > 0)
        return true;
    (void)sigemptyset(&ours.sa_mask);
    for (size_t i = 0; i < CAUGHT; i++) {
        seen[i] = 0;
        if (sigaction(caught[i], &ours, &before[i]) != 0)
            return false;
        if (before[i].sa_handler == SIG_IGN && caught[i] == SIGHUP)
            (void)sigaction(caught[i], &before[i], NULL); /* nohup means it */
    }
    return true;
}

void talk_signals_give_back(void) {
    if (depth == 0 || --depth > 0)
        return;
    for (size_t i = 0; i < CAUGHT; i++)
        (void)sigaction(caught[i], &before[i], NULL);
}

struct talk_signals talk_signals_look(void) {
    struct talk_signals s = {
        .interrupts = (unsigned)seen[0],
        .leave = seen[1] || seen[2] || seen[3],
        .resized = seen[4] != 0,
        .suspend = seen[5] != 0,
    };
    seen[0] = seen[4] = seen[5] = 0;
    return s;
}

bool talk_signals_wait(void) {
    return seen[0] || seen[1] || seen[2] || seen[3];
}

void talk_signals_stop(void) {
    (void)raise(SIGSTOP);
}
