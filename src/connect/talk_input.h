/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_CONNECT_TALK_INPUT_H
#define WAXSEAL_CONNECT_TALK_INPUT_H

#include "base/bytes.h"

/* What the user writes, read as it comes. */
struct connect_input {
    int fd;
    bool ended;
    struct base_bytes left; /* read and not yet used; within `buffer` */
    uint8_t buffer[16384];
};

void connect_input_init(struct connect_input *in, int fd);
/* One read; call when `fd` is readable and there is room (left.len < sizeof buffer). */
void connect_input_fill(struct connect_input *in);
/* The same, if there is something to read or the end at this moment. */
void connect_input_fill_ready(struct connect_input *in);
/* Whether more must be read to see the first line whole: not when it fills the buffer. */
bool connect_input_is_partial(const struct connect_input *in);

#endif
