/* SPDX-License-Identifier: Apache-2.0 */
/* connect_talk - the conversation inside the session, in one of three ways.
 *
 * As a stream (s_client's way), in step (a script on a pipe), or with a person at a terminal. */
#include "connect/talk.h"

#include "connect/talk_talker.h"

enum connect_talk_end connect_talk_run(const struct connect_talk *t,
                                       const struct connect_stream *s) {
    if (t->stream)
        return connect_talk_stream(t, s);
    if (t->in_step)
        return connect_pipe_run(t, s);
    return connect_terminal_run(t, s);
}
