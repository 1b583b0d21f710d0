/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_EXIT_H
#define WAXSEAL_SEND_EXIT_H

/* The exit codes of swaks; scripts depend on them. */
enum send_exit {
    SEND_EXIT_OK = 0,
    SEND_EXIT_OPTION = 1,
    SEND_EXIT_CONNECT = 2,
    SEND_EXIT_TRANSPORT = 3,
    SEND_EXIT_LOST = 6,     /* the connection, unless a more specific code applies */
    SEND_EXIT_MISSING = 10, /* something that must be installed is not */
    SEND_EXIT_BANNER = 21,
    SEND_EXIT_HELO = 22,
    SEND_EXIT_MAIL = 23,
    SEND_EXIT_RCPT = 24, /* all recipients were refused */
    SEND_EXIT_DATA = 25,
    SEND_EXIT_DOT = 26,
    SEND_EXIT_QUIT = 27,
    SEND_EXIT_AUTH = 28,
    SEND_EXIT_TLS = 29,
    SEND_EXIT_PRDR = 30,
    SEND_EXIT_EXTENSION = 31, /* another extension that was wanted is not advertised */
    SEND_EXIT_TLS_HELO = 32,
    SEND_EXIT_XCLIENT = 33,
    SEND_EXIT_XCLIENT_HELO = 34,
    SEND_EXIT_PROXY_OPTION = 35,
    SEND_EXIT_PROXY = 36,
    SEND_EXIT_EXPECT = 40,         /* a reply was not the one that --expect asks for */
    SEND_EXIT_POLICY = 41,         /* --tls-policy: what is published does not allow to hold it */
    SEND_EXIT_POLICY_UNKNOWN = 42, /* it could not be looked up: later, perhaps */
};

/* In words, without a full stop. */
const char *send_exit_meaning(enum send_exit code);

#endif
