/* SPDX-License-Identifier: Apache-2.0 */
/* talk - the conversation inside the session, in one of three ways.
 *
 * Bytes through (s_client's way), in step (a script on a pipe), or with a person at a terminal. */
#include "talk/talk.h"

#include "talk/talker.h"

enum talk_end talk_run(const struct talk_config *t, const struct talk_stream *s) {
    if (t->through)
        return talk_through_run(t, s);
    if (t->in_step)
        return talk_pipe_run(t, s);
    return talk_terminal_run(t, s);
}
