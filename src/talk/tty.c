/* SPDX-License-Identifier: Apache-2.0 */
/* talk_tty - terminal modes, remembered and given back. */
#include "talk/tty.h"

void talk_tty_save(struct talk_tty *t, int fd) {
    t->fd = fd;
    t->known = tcgetattr(fd, &t->before) == 0;
}

void talk_tty_hush(const struct talk_tty *t) {
    if (!t->known)
        return;
    struct termios silent = t->before;
    silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    (void)tcsetattr(t->fd, TCSADRAIN, &silent);
}

void talk_tty_restore(const struct talk_tty *t) {
    if (t->known)
        (void)tcsetattr(t->fd, TCSADRAIN, &t->before);
}
