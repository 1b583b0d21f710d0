/* SPDX-License-Identifier: Apache-2.0 */
/* mistake - the texts of all mistakes in options.
 *
 * Called as swaks, its texts to the letter: scripts and people know them. Called as waxseal send,
 * what is wrong and what would be right. %1, %2 and %3 stand for the values.
 */
#include "swaks/mistake.h"

#include "base/text.h"

#define TEXT_MAX ((size_t)1 << 22)
#define EXIT_1 SEND_EXIT_OPTION

static const struct mistake_row {
    const char *swaks;
    const char *own;
    enum send_exit exit;
} rows[SWAKS_MISTAKE_COUNT] = {
    [SWAKS_MISTAKE_UNKNOWN] = {"Unknown option: %1",
                               "there is no option --%1; --help lists them all", EXIT_1},
    [SWAKS_MISTAKE_SIMILAR] = {"Unknown option: %1", "there is no option --%1; did you mean --%2?",
                               EXIT_1},
    [SWAKS_MISTAKE_AMBIGUOUS] = {"Option %1 is ambiguous (%2)", "--%1 may stand for %2", EXIT_1},
    [SWAKS_MISTAKE_NO_ARGUMENT] = {"Option %1 does not take an argument", "--%1 takes no value",
                                   EXIT_1},
    [SWAKS_MISTAKE_ARGUMENT] = {"Option %1 requires an argument", "--%1 needs a value: %2", EXIT_1},
    [SWAKS_MISTAKE_LEFT] =
        {"Data left in option list when processing  %1 (%2).  Exiting",
         "no option takes %2 (%1); a value with spaces needs quotes, an option a dash", EXIT_1},
    [SWAKS_MISTAKE_CONFIG] = {"Config file %1 could not be opened ($!).  Exiting",
                              "the configuration %1 cannot be read: %2", EXIT_1},
    [SWAKS_MISTAKE_EMPTY] = {"Option processing error: option %1 specified with no argument",
                             "--%1 was given without a value; one is needed here", EXIT_1},
    [SWAKS_MISTAKE_INPUT_END] = {"Option processing error: input ended before option %1 was "
                                 "answered",
                                 "standard input ended before --%1 had its value", EXIT_1},
    [SWAKS_MISTAKE_FILE] = {"Option processing error: file %1 not openable for option %2 (%3)",
                            "--%2: the file %1 cannot be read: %3", EXIT_1},
    [SWAKS_MISTAKE_OUTPUT] = {"Unable to open %1 for writing",
                              "the output file %1 cannot be written: %2", EXIT_1},
    [SWAKS_MISTAKE_TRANSPORTS] =
        {"Multiple transport types specified, exiting",
         "--server, --socket and --pipe exclude each other: there is one way to connect", EXIT_1},
    [SWAKS_MISTAKE_PROTOCOL] = {"Unknown protocol %1 specified, exiting",
                                "--protocol %1: there are SMTP, SMTPS, SSMTP, SSMTPA, ESMTP, "
                                "ESMTPA, ESMTPS, ESMTPSA, LMTP, LMTPA, LMTPS, LMTPSA",
                                EXIT_1},
    [SWAKS_MISTAKE_QUIT_AFTER] = {"Unknown quit_after value %1, exiting",
                                  "--quit-after %1: there are proxy, connect, first-helo, xclient, "
                                  "xclient-helo, tls, helo, auth, mail, rcpt; data and dot only "
                                  "with --drop-after",
                                  EXIT_1},
    [SWAKS_MISTAKE_DROP_AFTER] = {"Unknown drop_after value %1, exiting",
                                  "--drop-after %1: there are proxy, connect, first-helo, xclient, "
                                  "xclient-helo, tls, helo, auth, mail, rcpt, data, dot",
                                  EXIT_1},
    [SWAKS_MISTAKE_DROP_AFTER_SEND] = {"Unknown drop_after_send value %1, exiting",
                                       "--drop-after-send %1: there are proxy, connect, "
                                       "first-helo, xclient, xclient-helo, tls, helo, auth, mail, "
                                       "rcpt, data, dot",
                                       EXIT_1},
    [SWAKS_MISTAKE_LAPSE] = {"Unknown argument '%1' to option show-time-lapse, exiting",
                             "--show-time-lapse %1: only i (whole seconds) is possible", EXIT_1},
    [SWAKS_MISTAKE_RECIPIENT] = {"Option processing error: input ended before option to was "
                                 "answered",
                                 "there is no recipient: give --to ADDRESS, or a server and a stop "
                                 "before RCPT (--quit-after)",
                                 EXIT_1},
    [SWAKS_MISTAKE_4_AND_6] =
        {"Options -4 and -6 are mutually exclusive, cannot proceed",
         "-4 and -6 exclude each other: leave out one, or both for either family", EXIT_1},
    [SWAKS_MISTAKE_4_SERVER] =
        {"Option -4 is set but server appears to be ipv6, cannot proceed",
         "-4 is given, but --server is an IPv6 address: leave out one of them", EXIT_1},
    [SWAKS_MISTAKE_4_LOCAL] =
        {"Option -4 is set but local-interface appears to be ipv6, cannot "
         "proceed",
         "-4 is given, but --local-interface is an IPv6 address: leave out one of them", EXIT_1},
    [SWAKS_MISTAKE_6_SERVER] =
        {"Option -6 is set but server appears to be ipv4, cannot proceed",
         "-6 is given, but --server is an IPv4 address: leave out one of them", EXIT_1},
    [SWAKS_MISTAKE_6_LOCAL] =
        {"Option -6 is set but local-interface appears to be ipv4, cannot "
         "proceed",
         "-6 is given, but --local-interface is an IPv4 address: leave out one of them", EXIT_1},
    [SWAKS_MISTAKE_SERVER_4] = {"server is ipv4 but local-interface is ipv6, cannot proceed",
                                "the server is an IPv4 address, --local-interface an IPv6 address",
                                EXIT_1},
    [SWAKS_MISTAKE_SERVER_6] = {"server is ipv6 but local-interface is ipv4, cannot proceed",
                                "the server is an IPv6 address, --local-interface an IPv4 address",
                                EXIT_1},
    [SWAKS_MISTAKE_PORT] =
        {"unable to resolve service name %1 into a port, exiting",
         "port %1: neither a number nor a service of /etc/services (smtp, submission)", EXIT_1},
    [SWAKS_MISTAKE_TIMEOUT] = {"Unknown timeout format '%1'",
                               "--timeout %1: a number is needed, with s, m or h behind it if not "
                               "in seconds (30, 90s, 5m)",
                               EXIT_1},
    [SWAKS_MISTAKE_TLS_CERT_AND_KEY] =
        {"--tls-cert and --tls-key require each other.  Exiting",
         "--tls-cert and --tls-key need each other; a file that holds both is given to both",
         EXIT_1},
    [SWAKS_MISTAKE_TLS_CHAIN] = {"--tls-chain requires both --tls-cert and --tls-key.  Exiting",
                                 "--tls-chain needs --tls-cert and --tls-key", EXIT_1},
    [SWAKS_MISTAKE_TLS_CA_PATH] = {"--tls-ca-path: %1 is not a valid file or directory.  Exiting.",
                                   "--tls-ca-path %1: neither a file nor a directory", EXIT_1},
    [SWAKS_MISTAKE_TLS_PROTOCOL] = {"%1 in --tls-protocol is not a known/supported protocol",
                                    "--tls-protocol: there is no %1, but sslv2, sslv3, tlsv1, "
                                    "tlsv1_1, tlsv1_2, tlsv1_3, and no_ before each",
                                    EXIT_1},
    [SWAKS_MISTAKE_TLS_MIX] =
        {"cannot mix X and no_X forms in --tls-protocol option",
         "--tls-protocol: name either what is wanted or, each with no_, what is not", EXIT_1},
    [SWAKS_MISTAKE_TLS_NONE] = {"no valid arguments provided to --tls-protocol, exiting",
                                "--tls-protocol names no protocol", EXIT_1},
    [SWAKS_MISTAKE_PROXY_MIX] = {"Can't mix --proxy option with other --proxy-* options",
                                 "--proxy is the whole header: no other --proxy-... option but "
                                 "--proxy-version goes with it",
                                 SEND_EXIT_PROXY_OPTION},
    [SWAKS_MISTAKE_PROXY_VERSION] = {"Invalid argument to --proxy: %1 is not a legal proxy version",
                                     "--proxy-version %1: there are 1 and 2",
                                     SEND_EXIT_PROXY_OPTION},
    [SWAKS_MISTAKE_PROXY_MISSING] = {"Incomplete set of --proxy-* options (missing %1)",
                                     "the PROXY header needs more --proxy-... options: %1",
                                     SEND_EXIT_PROXY_OPTION},
    [SWAKS_MISTAKE_PROXY_PROTOCOL] = {"unknown --proxy-protocol argument %1",
                                      "--proxy-protocol %1: there are UNSPEC, STREAM, DGRAM",
                                      SEND_EXIT_PROXY_OPTION},
    [SWAKS_MISTAKE_PROXY_COMMAND] = {"unknown --proxy-command argument %1",
                                     "--proxy-command %1: there are LOCAL, PROXY",
                                     SEND_EXIT_PROXY_OPTION},
    [SWAKS_MISTAKE_PROXY_FAMILY] = {"unknown --proxy-family argument %1 for version %2",
                                    "--proxy-family %1: version 1 has TCP4, TCP6; version 2 has "
                                    "AF_UNSPEC, AF_INET, AF_INET6, AF_UNIX",
                                    SEND_EXIT_PROXY_OPTION},
    [SWAKS_MISTAKE_AUTH_MAP] = {"Unknown auth-map format '%1'",
                                "--auth-map %1: ALIAS=TYPE is needed", EXIT_1},
    [SWAKS_MISTAKE_AUTH_EXTRA] = {"Unknown auth-extra format '%1'",
                                  "--auth-extra %1: KEY=VALUE is needed", EXIT_1},
    [SWAKS_MISTAKE_AUTH_TYPE] =
        {"%1 is not a recognized auth type, skipping",
         "--auth: there is no mechanism %1; there are PLAIN, LOGIN, LOGIN-INITIAL, CRAM-MD5, "
         "CRAM-SHA1, DIGEST-MD5, NTLM, XOAUTH2, OAUTHBEARER, EXTERNAL, ANONYMOUS and "
         "SCRAM-SHA-1, -256 and -512, each also with -PLUS",
         EXIT_1},
    [SWAKS_MISTAKE_AUTH_NONE] = {"No auth types supported",
                                 "no mechanism is left to authenticate with", SEND_EXIT_MISSING},
};

void swaks_mistake_text(enum swaks_mistake m, enum swaks_manner manner, const char *a,
                        const char *b, const char *c, struct base_buf *out) {
    const char *const values[] = {a, b, c};
    const char *text = manner == SWAKS_MANNER_SWAKS ? rows[m].swaks : rows[m].own;
    for (; *text; text++) {
        if (text[0] == '%' && text[1] >= '1' && text[1] <= '3') {
            const char *value = values[*++text - '1'];
            base_buf_append_str(out, value ? value : "");
        } else {
            base_buf_append_byte(out, (uint8_t)*text);
        }
    }
}

enum send_exit swaks_mistake_exit(enum swaks_mistake m) {
    return rows[m].exit;
}

void swaks_mistake_line(enum swaks_mistake m, enum swaks_manner manner, const char *a,
                        const char *b, struct base_buf *out) {
    bool starred = m == SWAKS_MISTAKE_LEFT || m == SWAKS_MISTAKE_CONFIG;
    if (manner == SWAKS_MANNER_SWAKS) {
        base_buf_append_str(out, starred ? "*** " : "");
        swaks_mistake_text(m, manner, a, b, NULL, out);
    } else {
        struct base_buf text;
        base_buf_init(&text, TEXT_MAX);
        swaks_mistake_text(m, manner, a, b, NULL, &text);
        base_buf_append_str(out, SWAKS_MISTAKE_PREFIX);
        base_text_escape(out, base_buf_view(&text));
        base_buf_release(&text);
    }
    base_buf_append_str(out, "\n");
}
