/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CONNECT_TALK_TTY_H
#define WAXSEAL_CONNECT_TALK_TTY_H

#include <stdbool.h>
#include <termios.h>

/* A terminal's modes, and the way back to them. */
struct connect_tty {
    int fd;
    bool known;
    struct termios before;
};

/* Remembers the modes as they are; does nothing when `fd` is no terminal. */
void connect_tty_save(struct connect_tty *t, int fd);
/* What is typed is not echoed; it is not lost. */
void connect_tty_hush(const struct connect_tty *t);
void connect_tty_restore(const struct connect_tty *t);

#endif
