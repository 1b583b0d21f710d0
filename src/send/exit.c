/* SPDX-License-Identifier: Apache-2.0 */
/* exit - what the exit codes mean, in words */
#include "send/exit.h"

#include <stddef.h>

static const char *const meanings[] = {
    [SEND_EXIT_OK] = "done as asked",
    [SEND_EXIT_OPTION] = "an option is wrong",
    [SEND_EXIT_CONNECT] = "no connection",
    [SEND_EXIT_TRANSPORT] = "no such way to connect",
    [SEND_EXIT_LOST] = "the connection was lost",
    [SEND_EXIT_MISSING] = "something that must be installed is missing",
    [SEND_EXIT_BANNER] = "the greeting was not good",
    [SEND_EXIT_HELO] = "hello was refused",
    [SEND_EXIT_MAIL] = "the sender was refused",
    [SEND_EXIT_RCPT] = "all recipients were refused",
    [SEND_EXIT_DATA] = "DATA was refused",
    [SEND_EXIT_DOT] = "the message was refused",
    [SEND_EXIT_QUIT] = "QUIT was answered badly",
    [SEND_EXIT_AUTH] = "authentication failed",
    [SEND_EXIT_TLS] = "TLS failed",
    [SEND_EXIT_PRDR] = "PRDR is not advertised",
    [SEND_EXIT_EXTENSION] = "an extension that was asked for is not there",
    [SEND_EXIT_TLS_HELO] = "hello inside TLS was refused",
    [SEND_EXIT_XCLIENT] = "XCLIENT failed",
    [SEND_EXIT_XCLIENT_HELO] = "hello after XCLIENT was refused",
    [SEND_EXIT_PROXY_OPTION] = "an option for the PROXY header is wrong",
    [SEND_EXIT_PROXY] = "the PROXY header could not be sent",
    [SEND_EXIT_EXPECT] = "a reply was not the expected one",
    [SEND_EXIT_POLICY] = "the TLS policy that was asked for can't be held with this server",
    [SEND_EXIT_POLICY_UNKNOWN] = "the TLS policy could not be looked up; it may work later",
};

const char *send_exit_meaning(enum send_exit code) {
    size_t at = (size_t)code;
    return at < sizeof meanings / sizeof meanings[0] && meanings[at] ? meanings[at] : "";
}
