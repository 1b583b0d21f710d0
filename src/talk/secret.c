/* SPDX-License-Identifier: Apache-2.0 */
/* talk_secret - a password from the terminal, never shown and never kept.
 *
 * /dev/tty, so that a script's pipe stays the script's. The line is read while the connection is
 * played: a server that closes meanwhile is noticed. Signals are noted first and obeyed when the
 * terminal echoes again. */
#include "talk/secret.h"

#include "talk/signals.h"

#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LOOK_AROUND (BASE_SECOND / 4)

static void put(int fd, const char *text) {
    struct base_bytes v = base_bytes_of_str(text);
    if (write(fd, v.data, v.len) < 0)
        return; /* the line can be typed without its prompt */
}

/* The terminal hands out whole lines here. */
static enum talk_secret_end read_line(struct talker *k, int fd, char out[TALK_SECRET_MAX]) {
    for (;;) {
        enum net_play_event event = talk_wait(k, fd, base_clock_now() + LOOK_AROUND);
        if (k->over)
            return TALK_SECRET_CUT;
        if (talk_signals_wait())
            return TALK_SECRET_STOPPED;
        if (event != NET_PLAY_FD)
            continue;
        ssize_t n = read(fd, out, TALK_SECRET_MAX - 1);
        if (n <= 0)
            return TALK_SECRET_STOPPED;
        out[n] = '\0';
        out[strcspn(out, "\r\n")] = '\0';
        return TALK_SECRET_READ;
    }
}

static enum talk_secret_end ask(struct talker *k, int fd, const char *prompt,
                                char out[TALK_SECRET_MAX]) {
    struct termios before, silent;
    if (tcgetattr(fd, &before) != 0)
        return TALK_SECRET_NO_TERMINAL;
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    silent.c_lflag |= ICANON | ISIG | ECHONL;
    if (tcsetattr(fd, TCSAFLUSH, &silent) != 0)
        return TALK_SECRET_NO_TERMINAL;
    put(fd, prompt);
    enum talk_secret_end end = read_line(k, fd, out);
    (void)tcsetattr(fd, TCSAFLUSH, &before);
    if (end != TALK_SECRET_READ)
        put(fd, "\n");
    return end;
}

enum talk_secret_end talk_secret_read(struct talker *k, const char *prompt,
                                      char out[TALK_SECRET_MAX]) {
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    out[0] = '\0';
    if (fd < 0)
        return TALK_SECRET_NO_TERMINAL;
    enum talk_secret_end end = TALK_SECRET_NO_TERMINAL;
    if (talk_signals_take())
        end = ask(k, fd, prompt, out);
    talk_signals_give_back();
    close(fd);
    return end;
}
