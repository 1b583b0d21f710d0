/* SPDX-License-Identifier: Apache-2.0 */
/* manual - the manual of waxseal send, on one long page.
 *
 * What it is, examples, the options by topic (from the table), and what one must know besides. On a
 * terminal it goes through $PAGER, as man(1) would.
 */
#include "swaks/manual.h"

#include "base/file.h"
#include "base/text.h"
#include "send/exit.h"
#include "swaks/args_help.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MANUAL_MAX (1u << 20)
#define OPTION_INDENT 8u
#define TERM_INDENT 19u
#define EXAMPLES 1 /* that section has no empty lines */
#define COLUMNS 80u
#define COLUMNS_MAX 100u

/* --- the words --- */

/* One part of the manual: paragraphs, to be wrapped; those that begin with "$" are examples, the
 * program's name goes before them; "#" lines of a file; "|TERM<tab>TEXT" rows of a list. */
struct section {
    const char *title; /* NULL: the end */
    unsigned indent;
    bool options_follow; /* the option table stands behind the text */
    const char *const *paragraphs;
};

#define TEXT(...)                                                                                  \
    (const char *const[]) {                                                                        \
        __VA_ARGS__, NULL                                                                          \
    }

static const struct section sections[] = {
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
          "Does STARTTLS work, and with which certificates?",
          "$ --server mx.example.com --tls --quit-after STARTTLS --tls-get-peer-chain",
          "... and would a careful client trust them?",
          "$ -s mx.example.com -tls --tls-verify -q STARTTLS",
          "Submit with a password that does not show on the screen:",
          "$ -t user@example.com -s mail.example.com:587 -tls -a LOGIN -au me -pp",
          "... or with an OAuth token, from a file:",
          "$ -t user@example.com -s mail.example.com:587 -tls -a XOAUTH2 -au me -ap \"$(cat "
          "token)\"",
          "A file as it is, byte for byte, so that signatures stay valid:",
          "$ -t user@example.com --message letter.eml",
          "A subject, a text from a file, an attachment:",
          "$ -t user@example.com --h-Subject 'Hello' --body @text.txt --attach-file photo.jpg",
          "HTML with a picture inside, and plain text for those who prefer it:",
          "$ -t user@example.com --attach-type text/plain --attach-body @text.txt "
          "--attach-type 'text/html; charset=utf-8' --attach-body '<img src=\"cid:pic\">' "
          "--attach-inline photo.jpg,pic",
          "Speak to a delivery agent over its socket, or to a command:",
          "$ -t user --socket /run/dovecot/lmtp --protocol LMTP",
          "$ -t user@example.com --pipe 'exim4 -bs'",
          "Let the server believe that the client is somewhere else:",
          "$ -t user@example.com -s mx.example.com --xclient-addr 192.0.2.7 --xclient-name "
          "far.example",
          "Ask for a report on delivery, and for TLS all the way:",
          "$ -t user@example.com -s mx.example.com -tls --dsn-notify SUCCESS,FAILURE --requiretls",
          "Only if DANE protects the connection:", "$ -t user@example.com --tls-policy dane",
          "What would be done? Nothing is done:", "$ -t user@example.com --tls --dump",
          "Watch a server: exit code 0 only when it refuses to relay:",
          "$ -t user@elsewhere.example -s mx.example.com -q RCPT --expect rcpt=5xx --silent 2",
          "The same as facts, for a program to read:",
          "$ -t user@example.com -s mx.example.com -tls -q RCPT --json",
          "A hundred messages, four at a time: how long does each take?",
          "$ -t user@example.com -s mx.example.com --repeat 100 --concurrency 4",
          "A dialogue of your own, from a file:", "$ -s mx.example.com --script odd.script")},
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
          "STARTTLS; for it EHLO and LHLO may be said as well. --quit-after ends politely, "
          "--drop-after without a word, --drop-after-send does not even wait for the answer.")},
    {"Authentication", 2, false,
     TEXT("--auth alone tries what the server offers of CRAM-MD5, CRAM-SHA1, DIGEST-MD5, LOGIN, "
          "NTLM (also MSN, SPA) and PLAIN, in the order of the alphabet. Only by name: "
          "LOGIN-INITIAL, XOAUTH2 and OAUTHBEARER (the password is the token), EXTERNAL (usually "
          "with --tls-cert), ANONYMOUS, SCRAM-SHA-1, SCRAM-SHA-256, SCRAM-SHA-512, and the same "
          "with -PLUS, which bind to the TLS session.",
          "User name and password come from the options, else from ~/.netrc, else they are asked "
          "for; '<>' is an empty one.")},
    {"Extensions", 2, false,
     TEXT("--smtputf8, --requiretls, --chunking, the --dsn-... and the --xforward-... options use "
          "an extension of SMTP: where the server does not offer it, nothing is sent (exit code "
          "31).",
          "An address outside ASCII takes SMTPUTF8 by itself where the server offers it. Where it "
          "does not, the domain is sent in A-labels (xn--...); a local part outside ASCII can't be "
          "sent then. Header fields given with --header and --add-header are encoded (RFC 2047) "
          "unless SMTPUTF8 carries them.")},
    {"TLS policies", 2, false,
     TEXT("--tls-policy says what must hold, or nothing is sent: dane (MX, addresses and TLSA "
          "records proven by DNSSEC, and the certificate matches one), mta-sts (the server is "
          "named by the domain's policy, its certificate is trusted and bears its name), pkix "
          "(trusted and named, whatever is published). Exit code 41: what is published does not "
          "allow it; 42: it could not be looked up; 29: the certificate did not fit.")},
    {"Breaking rules", 2, false,
     TEXT("--lax goes on where a client must not, to see what the server makes of it. Alone it "
          "breaks every rule; by name:",
          "|unadvertised\tuses AUTH, STARTTLS, XCLIENT, PIPELINING and whatever else was asked for "
          "though the server does not offer it",
          "|banner\tsays hello to a server whose greeting was not 220",
          "|hello\tgoes on after hello was refused",
          "|mail\tnames recipients though the sender was refused",
          "|rcpt\tsays DATA though all recipients were refused",
          "|data\tsends the message though DATA was refused",
          "|syntax\ttakes addresses and header fields that are none, line ends in them included",
          "The exit code still is that of the first refusal.")},
    {"Scripts", 2, false,
     TEXT("--script FILE (or -) plays a dialogue of your own in place of the transaction. One step "
          "a line; # begins a comment:",
          "|> TEXT\tsends this line with CRLF",
          "|raw TEXT\tsends these bytes and nothing more; \\r \\n \\t \\0 \\\\ \\xNN stand for "
          "bytes",
          "|< CODE\twaits for a reply: 250, 25x, 2xx, 250|251 or any; another one ends it with "
          "exit code 40",
          "|message\tsends the message as it follows DATA, with its dot", "|starttls\tbegins TLS",
          "|wait SECONDS\tlets time pass", "|drop\tends the connection",
          "With --tls-on-connect TLS is there from the start. The greeting is a reply like others: "
          "most scripts begin with \"< 220\". At the end of the file the connection is closed. A "
          "server that takes a bare line feed for a line end (smuggling) finds a second command in "
          "this message, and the script ends with exit code 40:",
          "# < 220", "# > EHLO client.example", "# < 250", "# > MAIL FROM:<a@client.example>",
          "# < 250", "# > RCPT TO:<user@example.com>", "# < 250", "# > DATA", "# < 354",
          "# raw Subject: one\\r\\n\\r\\ntext\\n.\\nRSET\\r\\nmore\\r\\n.\\r\\n", "# < any",
          "# > QUIT", "# < 221")},
    {"Expectations", 2, false,
     TEXT("--expect STEP=CODE, as often as you like: exit code 0 when every step was reached and "
          "every reply there fits, also if it was a refusal; else 40. STEP is banner, hello, "
          "xclient, starttls, auth, xforward, mail, rcpt, data, dot (the answer to the message), "
          "bdat "
          "(each chunk), script or quit, CODE 550, 55x, 5xx or 250|251. "
          "Without a connection it is 2 all the same.")},
    {"Many transactions", 2, false,
     TEXT("--repeat COUNT makes so many, one after the other or --concurrency at a time, each with "
          "a message of its own, and shows nothing but how they ended and how long they took: "
          "least, median, 90 and 99 of 100, most, in milliseconds with the connection included. "
          "On a terminal a line tells how far it is. An interrupt (Ctrl-C) ends it with the report "
          "on what was done. The exit code is 0, or the smallest one that occurred.")},
    {"JSON", 2, false,
     TEXT(
         "--json prints one document in place of the transcript, whatever came of the transaction: "
         "every command with its reply, time and the meaning of its enhanced status, the TLS "
         "session, the exit code in words. docs/json.md describes it, docs/waxseal.schema.json is "
         "its schema.")},
    {"The message", 2, false,
     TEXT("Unless --data or --message brings a whole one, it is made of Date, To, Cc, From, "
          "Subject, Message-Id and X-Mailer, what --header and --add-header say, and a body. In "
          "all of it, and in --data, \\n is a line end, and these words are replaced, written "
          "%WORD% or ..WORD..: FROM_ADDRESS, TO_ADDRESS, CC_ADDRESS, BCC_ADDRESS, DATE, MESSAGEID, "
          "SWAKS_VERSION, NEW_HEADERS, BODY, NEWLINE.",
          "--attach TEXT attaches the text itself; @FILE, or --attach-file FILE, which also finds "
          "the type, attaches a file. Parts nest as they must: attachments beside pictures beside "
          "alternatives.",
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
     TEXT("|0\tall went well, up to the point asked for; also when some of several recipients were "
          "refused",
          "|1\tan option, its value or a file is wrong", "|2\tno connection",
          "|3\tno such way to connect", "|6\tthe connection was lost",
          "|10\tsomething that must be installed is missing", "|21\tthe greeting was not good",
          "|22\tHELO or EHLO was refused", "|23\tMAIL was refused",
          "|24\tall recipients were refused", "|25\tDATA was refused",
          "|26\tthe message was refused",
          "|27\tQUIT was answered badly (never when called as swaks)",
          "|28\tauthentication failed, or was not offered",
          "|29\tTLS failed, was not offered, or the certificate was not good enough",
          "|30\tPRDR is not offered", "|31\tanother extension that was asked for is not offered",
          "|32\tEHLO was refused after TLS", "|33\tXCLIENT failed",
          "|34\tEHLO was refused after XCLIENT", "|35\tan option of the PROXY protocol is wrong",
          "|36\tthe PROXY header could not be made", "|40\t--expect or --script met another reply",
          "|41\t--tls-policy: what is published does not allow it",
          "|42\t--tls-policy: it could not be looked up; it may work later")},
    {"See also", 2, false,
     TEXT("waxseal check (can mail be delivered there?), waxseal connect (one TLS session in "
          "full), docs/swaks.md (what differs from swaks and why), docs/json.md.")},
    {NULL, 0, false, NULL},
};

/* --- the page --- */

/* Words of `text` after each other, lines no longer than `columns`. */
static void wrap(struct base_buf *out, const char *text, unsigned indent, unsigned columns) {
    struct base_bytes rest = base_bytes_of_str(text);
    unsigned at = 0;
    while (rest.len > 0) {
        size_t len = base_bytes_find(rest, ' ');
        if (at > 0 && at + 1 + len > columns) {
            base_buf_append_str(out, "\n");
            at = 0;
        }
        base_buf_printf(out, "%*s", at ? 1 : (int)indent, "");
        base_buf_append_bytes(out, base_bytes_slice(rest, 0, len));
        at += (at ? 1 : indent) + (unsigned)len;
        rest = base_bytes_slice(rest, len + 1, rest.len);
    }
    base_buf_append_str(out, "\n");
}

/* "TERM<tab>TEXT", the text beside the term and below itself. */
static void put_term(struct base_buf *out, const char *row, unsigned indent, unsigned columns) {
    size_t len = strcspn(row, "\t");
    struct base_buf text;
    base_buf_init(&text, MANUAL_MAX);
    wrap(&text, row[len] ? row + len + 1 : "", TERM_INDENT, columns);
    /* the first line's indent gives way to the term */
    base_buf_printf(out, "%*s%-*.*s", (int)indent, "", (int)(TERM_INDENT - indent), (int)len, row);
    base_buf_append_bytes(out, base_bytes_slice(base_buf_view(&text), TERM_INDENT, text.len));
    base_buf_release(&text);
}

static bool is_prose(const char *paragraph) {
    return !strchr("$#|", paragraph[0]);
}

static void put_paragraph(struct base_buf *out, const struct section *s, const char *text,
                          const char *program, unsigned columns) {
    if (text[0] == '$') /* an example line: as it is */
        base_buf_printf(out, "      %s%s\n", program, text + 1);
    else if (text[0] == '#')
        base_buf_printf(out, "      %s\n", text + 2);
    else if (text[0] == '|')
        put_term(out, text + 1, s->indent + 2, columns);
    else
        wrap(out, text, s->indent, columns);
}

/* "    --to, -t ADDRESS": long names with two dashes, short ones with one. */
static void put_names(struct base_buf *out, const struct base_option *o) {
    base_buf_printf(out, "    %s%s", o->name[1] ? "--" : "-", o->name);
    const char *names = o->aliases ? o->aliases : "";
    while (*names) {
        size_t len = strcspn(names, " ");
        base_buf_printf(out, ", %s%.*s", len > 5 ? "--" : "-", (int)len, names);
        names += len + strspn(names + len, " ");
    }
    base_buf_printf(out, "%s%s\n", o->arg ? " " : "", o->arg ? o->arg : "");
}

static void put_options(struct base_buf *out, unsigned columns) {
    for (const struct base_option *o = swaks_option_table(); o->kind != BASE_OPTION_END; o++) {
        if (o->kind == BASE_OPTION_HEADING) {
            base_buf_printf(out, "\n  %s\n", o->help);
        } else {
            put_names(out, o);
            wrap(out, o->help, OPTION_INDENT, columns);
        }
    }
}

static void write_manual(enum swaks_manner manner, unsigned columns, struct base_buf *out) {
    const char *name = manner == SWAKS_MANNER_SWAKS ? "swaks" : "waxseal send";
    base_buf_printf(out,
                    "%s - any SMTP transaction, step by step\n\nUsage\n  %s --to ADDRESS "
                    "[OPTION...]\n",
                    name, name);
    for (const struct section *s = sections; s->title; s++) {
        base_buf_printf(out, "\n%s\n", s->title);
        for (const char *const *p = s->paragraphs; *p; p++) {
            bool examples = s == &sections[EXAMPLES];
            if (p != s->paragraphs && is_prose(*p) && !examples)
                base_buf_append_str(out, "\n");
            put_paragraph(out, s, *p, name, columns);
        }
        if (s->options_follow)
            put_options(out, columns);
    }
}

static unsigned terminal_columns(int out) {
    struct winsize w;
    if (ioctl(out, TIOCGWINSZ, &w) != 0 || w.ws_col < 40)
        return COLUMNS;
    return w.ws_col < COLUMNS_MAX ? w.ws_col : COLUMNS_MAX;
}

/* False: no pager could be started. */
static bool page(struct base_bytes text) {
    const char *pager = getenv("PAGER");
    /* $PAGER is the user's own command line, as with man(1). NOLINTNEXTLINE(cert-env33-c) */
    FILE *to = popen(pager && *pager ? pager : "less -FRX", "w");
    if (!to)
        return false;
    (void)fwrite(text.data, 1, text.len, to);
    return pclose(to) == 0;
}

int swaks_manual_show(enum swaks_manner manner, int out, bool paged) {
    struct base_buf text;
    bool terminal = paged && isatty(out);
    base_buf_init(&text, MANUAL_MAX);
    write_manual(manner, terminal ? terminal_columns(out) : COLUMNS, &text);
    if (!terminal || !page(base_buf_view(&text)))
        (void)base_file_write(out, base_buf_view(&text));
    base_buf_release(&text);
    return SEND_EXIT_OK;
}
