/* SPDX-License-Identifier: Apache-2.0 */
/* connect_tty - terminal modes, remembered and given back. */
#include "connect/talk_tty.h"

void connect_tty_save(struct connect_tty *t, int fd) {
    t->fd = fd;
    t->known = tcgetattr(fd, &t->before) == 0;
}

void connect_tty_hush(const struct connect_tty *t) {
    if (!t->known)
        return;
    struct termios silent = t->before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    (void)tcsetattr(t->fd, TCSADRAIN, &silent);
}

void connect_tty_restore(const struct connect_tty *t) {
    if (t->known)
        (void)tcsetattr(t->fd, TCSADRAIN, &t->before);
}
