/* SPDX-License-Identifier: Apache-2.0 */
/* connect_verbs - the commands of the mail protocols, for whoever types them.
 *
 * Const data, sorted by protocol and name. Commands that no row knows are sent all the same.
 * SMTP: RFC 5321, 1870, 1985, 2645, 3030, 4468, 4954, 6152; LMTP: RFC 2033; IMAP: RFC 3501, 2177,
 * 2342, 2971, 5161, 6851; POP3: RFC 1939, 2449, 5034, 6856; ManageSieve: RFC 5804. */
#include "connect/verbs.h"

/* clang-format off */
#define MTA (CONNECT_IN(FACTS_PROTOCOL_SMTP) | CONNECT_IN(FACTS_PROTOCOL_LMTP))
#define SMTP CONNECT_IN(FACTS_PROTOCOL_SMTP)
#define LMTP CONNECT_IN(FACTS_PROTOCOL_LMTP)
#define IMAP CONNECT_IN(FACTS_PROTOCOL_IMAP)
#define POP3 CONNECT_IN(FACTS_PROTOCOL_POP3)
#define SIEVE CONNECT_IN(FACTS_PROTOCOL_SIEVE)

static const struct connect_verb verbs[] = {
    {"ATRN", " ", SMTP, CONNECT_FOLLOW_NONE, false, "ATRN"},
    {"AUTH", " ", MTA, CONNECT_FOLLOW_CHALLENGE, true, "AUTH"},
    {"BDAT", " ", MTA, CONNECT_FOLLOW_CHUNK, false, "CHUNKING"},
    {"BURL", " ", MTA, CONNECT_FOLLOW_NONE, true, "BURL"},
    {"DATA", "", MTA, CONNECT_FOLLOW_MESSAGE, false, NULL},
    {"EHLO", " ", SMTP, CONNECT_FOLLOW_HELLO, false, NULL},
    {"ETRN", " ", SMTP, CONNECT_FOLLOW_NONE, false, "ETRN"},
    {"EXPN", " ", MTA, CONNECT_FOLLOW_NONE, false, NULL},
    {"HELO", " ", SMTP, CONNECT_FOLLOW_HELLO, false, NULL},
    {"HELP", "", MTA, CONNECT_FOLLOW_NONE, false, NULL},
    {"LHLO", " ", LMTP, CONNECT_FOLLOW_HELLO, false, NULL},
    {"MAIL", " FROM:<", MTA, CONNECT_FOLLOW_MAIL, false, NULL},
    {"NOOP", "", MTA, CONNECT_FOLLOW_NONE, false, NULL},
    {"QUIT", "", MTA, CONNECT_FOLLOW_CLOSE, false, NULL},
    {"RCPT", " TO:<", MTA, CONNECT_FOLLOW_RCPT, false, NULL},
    {"RSET", "", MTA, CONNECT_FOLLOW_MAIL, false, NULL},
    {"VRFY", " ", MTA, CONNECT_FOLLOW_NONE, false, NULL},
    {"X-EXPS", " ", SMTP, CONNECT_FOLLOW_CHALLENGE, true, "X-EXPS"},
    {"XCLIENT", " ", MTA, CONNECT_FOLLOW_NONE, false, "XCLIENT"},
    {"XFORWARD", " ", MTA, CONNECT_FOLLOW_NONE, false, "XFORWARD"},

    {"APPEND", " ", IMAP, CONNECT_FOLLOW_NONE, false, NULL},
    {"AUTHENTICATE", " ", IMAP, CONNECT_FOLLOW_CHALLENGE, true, NULL},
    {"CAPABILITY", "", IMAP, CONNECT_FOLLOW_HELLO, false, NULL},
    {"CHECK", "", IMAP, CONNECT_FOLLOW_NONE, false, NULL},
    {"CLOSE", "", IMAP, CONNECT_FOLLOW_NONE, false, NULL},
    {"COMPRESS", " ", IMAP, CONNECT_FOLLOW_NONE, false, "COMPRESS=DEFLATE"},
    {"COPY", " ", IMAP, CONNECT_FOLLOW_NONE, false, NULL},
    {"CREATE", " ", IMAP, CONNECT_FOLLOW_NONE, false, NULL},
    {"DELETE", " ", IMAP, CONNECT_FOLLOW_NONE, false, NULL},
    {"ENABLE", " ", IMAP, CONNECT_FOLLOW_NONE, false, "ENABLE"},
    {"EXAMINE", " ", IMAP, CONNECT_FOLLOW_NONE, false, NULL},
    {"EXPUNGE", "", IMAP, CONNECT_FOLLOW_NONE, false, NULL},
    {"FETCH", " ", IMAP, CONNECT_FOLLOW_NONE, false, NULL},
    {"GETACL", " ", IMAP, CONNECT_FOLLOW_NONE, false, "ACL"},
    {"GETQUOTAROOT", " ", IMAP, CONNECT_FOLLOW_NONE, false, "QUOTA"},
    {"ID", " ", IMAP, CONNECT_FOLLOW_NONE, false, "ID"},
    {"IDLE", "", IMAP, CONNECT_FOLLOW_CHALLENGE, false, "IDLE"},
    {"LIST", " ", IMAP, CONNECT_FOLLOW_NONE, false, NULL},
    {"LOGIN", " ", IMAP, CONNECT_FOLLOW_NONE, true, NULL},
    {"LOGOUT", "", IMAP, CONNECT_FOLLOW_CLOSE, false, NULL},
    {"LSUB", " ", IMAP, CONNECT_FOLLOW_NONE, false, NULL},
    {"MOVE", " ", IMAP, CONNECT_FOLLOW_NONE, false, "MOVE"},
    {"NAMESPACE", "", IMAP, CONNECT_FOLLOW_NONE, false, "NAMESPACE"},
    {"NOOP", "", IMAP, CONNECT_FOLLOW_NONE, false, NULL},
    {"RENAME", " ", IMAP, CONNECT_FOLLOW_NONE, false, NULL},
    {"SEARCH", " ", IMAP, CONNECT_FOLLOW_NONE, false, NULL},
    {"SELECT", " ", IMAP, CONNECT_FOLLOW_NONE, false, NULL},
    {"STARTTLS", "", IMAP, CONNECT_FOLLOW_NONE, false, "STARTTLS"},
    {"STATUS", " ", IMAP, CONNECT_FOLLOW_NONE, false, NULL},
    {"STORE", " ", IMAP, CONNECT_FOLLOW_NONE, false, NULL},
    {"SUBSCRIBE", " ", IMAP, CONNECT_FOLLOW_NONE, false, NULL},
    {"UID", " ", IMAP, CONNECT_FOLLOW_NONE, false, NULL},
    {"UNSELECT", "", IMAP, CONNECT_FOLLOW_NONE, false, "UNSELECT"},
    {"UNSUBSCRIBE", " ", IMAP, CONNECT_FOLLOW_NONE, false, NULL},

    {"APOP", " ", POP3, CONNECT_FOLLOW_NONE, true, NULL},
    {"AUTH", " ", POP3, CONNECT_FOLLOW_CHALLENGE, true, "SASL"},
    {"CAPA", "", POP3, CONNECT_FOLLOW_LIST, false, NULL},
    {"DELE", " ", POP3, CONNECT_FOLLOW_NONE, false, NULL},
    {"LANG", " ", POP3, CONNECT_FOLLOW_LIST_ALONE, false, "LANG"},
    {"LIST", "", POP3, CONNECT_FOLLOW_LIST_ALONE, false, NULL},
    {"NOOP", "", POP3, CONNECT_FOLLOW_NONE, false, NULL},
    {"PASS", " ", POP3, CONNECT_FOLLOW_NONE, true, NULL},
    {"QUIT", "", POP3, CONNECT_FOLLOW_CLOSE, false, NULL},
    {"RETR", " ", POP3, CONNECT_FOLLOW_LIST, false, NULL},
    {"RSET", "", POP3, CONNECT_FOLLOW_NONE, false, NULL},
    {"STAT", "", POP3, CONNECT_FOLLOW_NONE, false, NULL},
    {"STLS", "", POP3, CONNECT_FOLLOW_NONE, false, "STLS"},
    {"TOP", " ", POP3, CONNECT_FOLLOW_LIST, false, "TOP"},
    {"UIDL", "", POP3, CONNECT_FOLLOW_LIST_ALONE, false, "UIDL"},
    {"USER", " ", POP3, CONNECT_FOLLOW_NONE, false, NULL},
    {"UTF8", "", POP3, CONNECT_FOLLOW_NONE, false, "UTF8"},

    {"AUTHENTICATE", " \"", SIEVE, CONNECT_FOLLOW_CHALLENGE, true, NULL},
    {"CAPABILITY", "", SIEVE, CONNECT_FOLLOW_HELLO, false, NULL},
    {"CHECKSCRIPT", " {", SIEVE, CONNECT_FOLLOW_NONE, false, NULL},
    {"DELETESCRIPT", " \"", SIEVE, CONNECT_FOLLOW_NONE, false, NULL},
    {"GETSCRIPT", " \"", SIEVE, CONNECT_FOLLOW_NONE, false, NULL},
    {"HAVESPACE", " \"", SIEVE, CONNECT_FOLLOW_NONE, false, NULL},
    {"LISTSCRIPTS", "", SIEVE, CONNECT_FOLLOW_NONE, false, NULL},
    {"LOGOUT", "", SIEVE, CONNECT_FOLLOW_CLOSE, false, NULL},
    {"NOOP", "", SIEVE, CONNECT_FOLLOW_NONE, false, NULL},
    {"PUTSCRIPT", " \"", SIEVE, CONNECT_FOLLOW_NONE, false, NULL},
    {"RENAMESCRIPT", " \"", SIEVE, CONNECT_FOLLOW_NONE, false, NULL},
    {"SETACTIVE", " \"", SIEVE, CONNECT_FOLLOW_NONE, false, NULL},
    {"UNAUTHENTICATE", "", SIEVE, CONNECT_FOLLOW_NONE, false, "UNAUTHENTICATE"},
};

static const struct connect_parameter parameters[] = {
    {"MAIL", "AUTH=<>", "AUTH"},
    {"MAIL", "BODY=7BIT", "8BITMIME"},
    {"MAIL", "BODY=8BITMIME", "8BITMIME"},
    {"MAIL", "BODY=BINARYMIME", "BINARYMIME"},
    {"MAIL", "BY=", "DELIVERBY"},
    {"MAIL", "ENVID=", "DSN"},
    {"MAIL", "HOLDFOR=", "FUTURERELEASE"},
    {"MAIL", "HOLDUNTIL=", "FUTURERELEASE"},
    {"MAIL", "MT-PRIORITY=", "MT-PRIORITY"},
    {"MAIL", "PRDR", "PRDR"},
    {"MAIL", "REQUIRETLS", "REQUIRETLS"},
    {"MAIL", "RET=FULL", "DSN"},
    {"MAIL", "RET=HDRS", "DSN"},
    {"MAIL", "SIZE=", "SIZE"},
    {"MAIL", "SMTPUTF8", "SMTPUTF8"},
    {"RCPT", "NOTIFY=DELAY", "DSN"},
    {"RCPT", "NOTIFY=FAILURE", "DSN"},
    {"RCPT", "NOTIFY=NEVER", "DSN"},
    {"RCPT", "NOTIFY=SUCCESS", "DSN"},
    {"RCPT", "ORCPT=rfc822;", "DSN"},
    {"RCPT", "RRVS=", "RRVS"},
};
/* clang-format on */

const struct connect_verb *connect_verbs(size_t *count) {
    *count = sizeof verbs / sizeof verbs[0];
    return verbs;
}

const struct connect_verb *connect_verb_find(enum facts_protocol protocol, struct base_bytes word) {
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if ((verbs[i].protocols & CONNECT_IN(protocol)) &&
            base_bytes_equal_nocase(word, verbs[i].name))
            return &verbs[i];
    return NULL;
}

const struct connect_parameter *connect_parameters(size_t *count) {
    *count = sizeof parameters / sizeof parameters[0];
    return parameters;
}
