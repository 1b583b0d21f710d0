/* SPDX-License-Identifier: Apache-2.0 */
/* connect_terminal - a person talks. */
#include "connect/talk_talker.h"

enum connect_talk_end connect_terminal_run(const struct connect_talk *t,
                                           const struct connect_stream *s) {
    return connect_pipe_run(t, s);
}
