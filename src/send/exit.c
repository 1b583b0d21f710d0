/* SPDX-License-Identifier: Apache-2.0 */
/* exit - what the exit codes mean, in words */
#include "send/exit.h"

const char *send_exit_meaning(enum send_exit code) {
    switch (code) {
    case SEND_EXIT_OK:
        return "done as asked";
    case SEND_EXIT_OPTION:
        return "an option is wrong";
    case SEND_EXIT_CONNECT:
        return "no connection";
    case SEND_EXIT_TRANSPORT:
        return "no such way to connect";
    case SEND_EXIT_LOST:
        return "the connection was lost";
    case SEND_EXIT_MISSING:
        return "something that must be installed is missing";
    case SEND_EXIT_BANNER:
        return "the greeting was not good";
    case SEND_EXIT_HELO:
        return "hello was refused";
    case SEND_EXIT_MAIL:
        return "the sender was refused";
    case SEND_EXIT_RCPT:
        return "all recipients were refused";
    case SEND_EXIT_DATA:
        return "DATA was refused";
    case SEND_EXIT_DOT:
        return "the message was refused";
    case SEND_EXIT_QUIT:
        return "QUIT was answered badly";
    case SEND_EXIT_AUTH:
        return "authentication failed";
    case SEND_EXIT_TLS:
        return "TLS failed";
    case SEND_EXIT_PRDR:
        return "PRDR is not advertised";
    case SEND_EXIT_EXTENSION:
        return "an extension that was asked for is not there";
    case SEND_EXIT_TLS_HELO:
        return "hello inside TLS was refused";
    case SEND_EXIT_XCLIENT:
        return "XCLIENT failed";
    case SEND_EXIT_XCLIENT_HELO:
        return "hello after XCLIENT was refused";
    case SEND_EXIT_PROXY_OPTION:
        return "an option for the PROXY header is wrong";
    case SEND_EXIT_PROXY:
        return "the PROXY header could not be sent";
    case SEND_EXIT_EXPECT:
        return "a reply was not the expected one";
    }
    return "";
}
