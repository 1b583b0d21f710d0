/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TALK_TTY_H
#define WAXSEAL_TALK_TTY_H

#include <stdbool.h>
#include <termios.h>

/* A terminal's modes, and the way back to them. */
struct talk_tty {
    int fd;
    bool known;
    struct termios before;
};

/* Remembers the modes as they are; does nothing when `fd` is no terminal. */
void talk_tty_save(struct talk_tty *t, int fd);
/* What is typed is not echoed; it is not lost. */
void talk_tty_hush(const struct talk_tty *t);
void talk_tty_restore(const struct talk_tty *t);

#endif
