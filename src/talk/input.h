/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TALK_INPUT_H
#define WAXSEAL_TALK_INPUT_H

#include "base/bytes.h"

/* What the user writes, read as it comes. */
struct talk_input {
    int fd;
    bool ended;
    struct base_bytes left; /* read and not yet used; within `buffer` */
    uint8_t buffer[16384];
};

void talk_input_init(struct talk_input *in, int fd);
/* One read; call when `fd` is readable and there is room (left.len < sizeof buffer). */
void talk_input_fill(struct talk_input *in);
/* The same, if there is something to read or the end at this moment. */
void talk_input_fill_ready(struct talk_input *in);
/* Whether more must be read to see the first line whole: not when it fills the buffer. */
bool talk_input_is_partial(const struct talk_input *in);

#endif
