/* SPDX-License-Identifier: Apache-2.0 */
/* talk_input - a pipe, a file or a terminal, in one bounded buffer. */
#include "talk/input.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

void talk_input_init(struct talk_input *in, int fd) {
    in->fd = fd;
    in->ended = false;
    in->left = base_bytes_view(in->buffer, 0);
}

/* Bytes move to the front, lowest first: the ranges may overlap. */
static void move_to_front(struct talk_input *in) {
    for (size_t i = 0; i < in->left.len; i++)
        in->buffer[i] = in->left.data[i];
    in->left.data = in->buffer;
}

void talk_input_fill(struct talk_input *in) {
    if (in->left.data != in->buffer)
        move_to_front(in);
    ssize_t n = read(in->fd, in->buffer + in->left.len, sizeof in->buffer - in->left.len);
    if (n > 0)
        in->left.len += (size_t)n;
    else if (n == 0 || (errno != EINTR && errno != EAGAIN))
        in->ended = true;
}

void talk_input_fill_ready(struct talk_input *in) {
    struct pollfd p = {.fd = in->fd, .events = POLLIN};
    if (!in->ended && in->left.len < sizeof in->buffer && poll(&p, 1, 0) > 0)
        talk_input_fill(in);
}

bool talk_input_is_partial(const struct talk_input *in) {
    return !in->ended && in->left.len < sizeof in->buffer &&
           base_bytes_find(in->left, '\n') == in->left.len;
}
