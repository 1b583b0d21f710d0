/* SPDX-License-Identifier: Apache-2.0 */
/* send_manual_text - the words of the manual. */
#include "send/manual_text.h"

#include <stddef.h>

#define TEXT(...)                                                                                  \
    (const char *const[]) {                                                                        \
        __VA_ARGS__, NULL                                                                          \
    }

const struct send_manual_section send_manual_sections[] = {
    {"What it does", 2, false,
     TEXT("Speaks SMTP, ESMTP or LMTP with a server exactly as asked, shows every line, stops "
          "wherever you like and says by its exit code how far it came. It takes the options, "
          "configuration files and environment of swaks, and prints its transcript; called by the "
          "name swaks it also words its errors as swaks does.",
          "Only a recipient must be given. The sender is you at this machine, the server the mail "
          "exchanger of the last recipient's domain, the message a short test.")},
    {"Examples", 2, false,
     TEXT("Send a test message to the mail exchangers of a domain:", "$ --to user@example.com",
          "Is that address accepted? Nothing is sent:", "$ --to user@example.com --quit-after RCPT",
          "Does STARTTLS work, and with which certificate?",
          "$ --server mx.example.com --tls --quit-after STARTTLS --tls-get-peer-chain",
          "... and would a careful client trust it?",
          "$ -s mx.example.com -tls --tls-verify -q STARTTLS",
          "Submit with a password that does not show on the screen:",
          "$ -t user@example.com -s mail.example.com:587 -tls -a LOGIN -au me -pp",
          "A file as it is, byte for byte, so that signatures stay valid:",
          "$ -t user@example.com --message letter.eml",
          "A subject, a text from a file, an attachment:",
          "$ -t user@example.com --h-Subject 'Hello' --body @text.txt --attach-file photo.jpg",
          "Speak to a delivery agent over its socket, or to a command:",
          "$ -t user --socket /run/dovecot/lmtp --protocol LMTP",
          "$ -t user@example.com --pipe 'exim4 -bs'",
          "Let the server believe that the client is somewhere else:",
          "$ -t user@example.com -s mx.example.com --xclient-addr 192.0.2.7 --xclient-name "
          "far.example",
          "What would be done? Nothing is done:", "$ -t user@example.com --tls --dump",
          "Watch a server: exit code 0 only when it refuses to relay:",
          "$ -t user@elsewhere.example -s mx.example.com -q RCPT --expect rcpt=5xx --silent 2")},
    {"Options", 2, true,
     TEXT(
         "One dash or two make no difference (-tls, --tls); a value follows as the next word or "
         "after \"=\". An unambiguous beginning of a name will do (--serv). Case counts. --no-NAME "
         "takes back what a configuration file or the environment has set. Given twice, the last "
         "one counts; header fields, attachments and XCLIENT attributes add up.",
         "Where a value may be TEXT, @FILE stands for the content of a file, - for standard "
         "input, and @@TEXT for a text that begins with @.",
         "An option whose value is missing is asked for, if it makes sense to ask: at a terminal "
         "or through a pipe, one line for each question.")},
    {"Stop points", 2, false,
     TEXT("In the order of the dialogue: PROXY, CONNECT (or BANNER), FIRST-HELO, XCLIENT, "
          "XCLIENT-HELO, STARTTLS (or TLS), HELO, AUTH, MAIL (or FROM), RCPT (or TO); for "
          "--drop-after and --drop-after-send also DATA and DOT. HELO is the last one, after "
          "STARTTLS. --quit-after ends politely, --drop-after without a word, --drop-after-send "
          "does not even wait for the answer.")},
    {"The message", 2, false,
     TEXT("Unless --data or --message brings a whole one, it is made of Date, To, Cc, From, "
          "Subject, Message-Id and X-Mailer, what --header and --add-header say, and a body. In "
          "all of it, and in --data, \\n is a line end, and these words are replaced, written "
          "%WORD% or ..WORD..: FROM_ADDRESS, TO_ADDRESS, CC_ADDRESS, BCC_ADDRESS, DATE, MESSAGEID, "
          "SWAKS_VERSION, NEW_HEADERS, BODY, NEWLINE.",
          "Lines that begin with a dot get another one, bare line feeds become CRLF, a dot ends "
          "it all: --no-data-fixup turns everything of this off, --message keeps the last part "
          "only.")},
    {"The transcript", 2, false,
     TEXT("\"===\" says what happens, \"***\" what went wrong (on standard error). \"->\" was "
          "sent, \"<-\" received, \"~>\" and \"<~\" inside TLS; \"<**\" and \"<~*\" is a reply "
          "other than the one hoped for.",
          "waxseal send shows control characters of a server as \\xNN and hides passwords, also "
          "where they are only encoded; --show-secrets shows them. Called as swaks, everything is "
          "shown as it is.")},
    {"Configuration", 2, false,
     TEXT("One option for each line of a file, without dashes if you like: name, one space, value "
          "up to the end of the line. A line that begins with # is a comment. Read are "
          "$SWAKS_HOME/.swaksrc, else $HOME/.swaksrc, else $LOGDIR/.swaksrc, or the file that "
          "--config or SWAKS_OPT_config names; --config alone reads none.",
          "SWAKS_OPT_NAME in the environment is option NAME, with _ for -; its value is the "
          "option's, empty is none. The command line comes last.",
          "A copy of the program may carry its configuration: append a line __END__ and the "
          "options to the file. They come first.",
          "User name and password may stand in ~/.netrc, under the server's name.")},
    {"Exit codes", 2, false,
     TEXT("0 all went well, up to the point asked for. 1 options. 2 no connection. 6 the "
          "connection was lost. 10 something needed is missing.",
          "What the server did not accept: 21 it did not greet, 22 HELO or EHLO, 23 MAIL, 24 all "
          "recipients, 25 DATA, 26 the message, 27 QUIT, 28 authentication, 29 TLS, 30 PRDR, 31 "
          "another extension, 32 EHLO after TLS, 33 XCLIENT, 34 EHLO after XCLIENT.",
          "35 options of the PROXY protocol, 36 its header. 40 --expect was disappointed.")},
    {NULL, 0, false, NULL},
};
