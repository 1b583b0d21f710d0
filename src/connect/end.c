/* SPDX-License-Identifier: Apache-2.0 */
/* connect_talk_end_text - how a conversation ended, in words. */
#include "connect/talk.h"

const char *connect_talk_end_text(enum connect_talk_end end) {
    switch (end) {
    case CONNECT_TALK_QUIT:
        return "the session was left";
    case CONNECT_TALK_CLOSED:
        return "the server closed the session";
    case CONNECT_TALK_CUT:
        return "the connection ended before every reply came";
    case CONNECT_TALK_UNEXPECTED:
        return "a reply was not the one expected";
    case CONNECT_TALK_AUTH_FAILED:
        return "the server did not accept the credentials";
    case CONNECT_TALK_INTERRUPTED:
        return "interrupted";
    case CONNECT_TALK_UNWRITTEN:
        return "the output could not be written";
    }
    return "";
}
