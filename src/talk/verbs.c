/* SPDX-License-Identifier: Apache-2.0 */
/* talk_verbs - the commands of the mail protocols, for whoever types them.
 *
 * Const data, sorted by protocol and name. Commands that no row knows are sent all the same.
 * SMTP: RFC 5321, 1870, 1985, 2645, 3030, 4468, 4954, 6152; LMTP: RFC 2033; IMAP: RFC 3501, 2177,
 * 2342, 2971, 5161, 6851; POP3: RFC 1939, 2449, 5034, 6856; ManageSieve: RFC 5804. */
#include "talk/verbs.h"

/* clang-format off */
#define MTA (TALK_IN(FACTS_PROTOCOL_SMTP) | TALK_IN(FACTS_PROTOCOL_LMTP))
#define SMTP TALK_IN(FACTS_PROTOCOL_SMTP)
#define LMTP TALK_IN(FACTS_PROTOCOL_LMTP)
#define IMAP TALK_IN(FACTS_PROTOCOL_IMAP)
#define POP3 TALK_IN(FACTS_PROTOCOL_POP3)
#define SIEVE TALK_IN(FACTS_PROTOCOL_SIEVE)

static const struct talk_verb verbs[] = {
    {"ATRN", " ", SMTP, TALK_FOLLOW_NONE, false, "ATRN"},
    {"AUTH", " ", MTA, TALK_FOLLOW_CHALLENGE, true, "AUTH"},
    {"BDAT", " ", MTA, TALK_FOLLOW_CHUNK, false, "CHUNKING"},
    {"BURL", " ", MTA, TALK_FOLLOW_NONE, true, "BURL"},
    {"DATA", "", MTA, TALK_FOLLOW_MESSAGE, false, NULL},
    {"EHLO", " ", SMTP, TALK_FOLLOW_HELLO, false, NULL},
    {"ETRN", " ", SMTP, TALK_FOLLOW_NONE, false, "ETRN"},
    {"EXPN", " ", MTA, TALK_FOLLOW_NONE, false, NULL},
    {"HELO", " ", SMTP, TALK_FOLLOW_HELLO, false, NULL},
    {"HELP", "", MTA, TALK_FOLLOW_NONE, false, NULL},
    {"LHLO", " ", LMTP, TALK_FOLLOW_HELLO, false, NULL},
    {"MAIL", " FROM:<", MTA, TALK_FOLLOW_MAIL, false, NULL},
    {"NOOP", "", MTA, TALK_FOLLOW_NONE, false, NULL},
    {"QUIT", "", MTA, TALK_FOLLOW_CLOSE, false, NULL},
    {"RCPT", " TO:<", MTA, TALK_FOLLOW_RCPT, false, NULL},
    {"RSET", "", MTA, TALK_FOLLOW_MAIL, false, NULL},
    {"VRFY", " ", MTA, TALK_FOLLOW_NONE, false, NULL},
    {"X-EXPS", " ", SMTP, TALK_FOLLOW_CHALLENGE, true, "X-EXPS"},
    {"XCLIENT", " ", MTA, TALK_FOLLOW_NONE, false, "XCLIENT"},
    {"XFORWARD", " ", MTA, TALK_FOLLOW_NONE, false, "XFORWARD"},

    {"APPEND", " ", IMAP, TALK_FOLLOW_NONE, false, NULL},
    {"AUTHENTICATE", " ", IMAP, TALK_FOLLOW_CHALLENGE, true, NULL},
    {"CAPABILITY", "", IMAP, TALK_FOLLOW_HELLO, false, NULL},
    {"CHECK", "", IMAP, TALK_FOLLOW_NONE, false, NULL},
    {"CLOSE", "", IMAP, TALK_FOLLOW_NONE, false, NULL},
    {"COMPRESS", " ", IMAP, TALK_FOLLOW_NONE, false, "COMPRESS=DEFLATE"},
    {"COPY", " ", IMAP, TALK_FOLLOW_NONE, false, NULL},
    {"CREATE", " ", IMAP, TALK_FOLLOW_NONE, false, NULL},
    {"DELETE", " ", IMAP, TALK_FOLLOW_NONE, false, NULL},
    {"ENABLE", " ", IMAP, TALK_FOLLOW_NONE, false, "ENABLE"},
    {"EXAMINE", " ", IMAP, TALK_FOLLOW_NONE, false, NULL},
    {"EXPUNGE", "", IMAP, TALK_FOLLOW_NONE, false, NULL},
    {"FETCH", " ", IMAP, TALK_FOLLOW_NONE, false, NULL},
    {"GETACL", " ", IMAP, TALK_FOLLOW_NONE, false, "ACL"},
    {"GETQUOTAROOT", " ", IMAP, TALK_FOLLOW_NONE, false, "QUOTA"},
    {"ID", " ", IMAP, TALK_FOLLOW_NONE, false, "ID"},
    {"IDLE", "", IMAP, TALK_FOLLOW_CHALLENGE, false, "IDLE"},
    {"LIST", " ", IMAP, TALK_FOLLOW_NONE, false, NULL},
    {"LOGIN", " ", IMAP, TALK_FOLLOW_NONE, true, NULL},
    {"LOGOUT", "", IMAP, TALK_FOLLOW_CLOSE, false, NULL},
    {"LSUB", " ", IMAP, TALK_FOLLOW_NONE, false, NULL},
    {"MOVE", " ", IMAP, TALK_FOLLOW_NONE, false, "MOVE"},
    {"NAMESPACE", "", IMAP, TALK_FOLLOW_NONE, false, "NAMESPACE"},
    {"NOOP", "", IMAP, TALK_FOLLOW_NONE, false, NULL},
    {"RENAME", " ", IMAP, TALK_FOLLOW_NONE, false, NULL},
    {"SEARCH", " ", IMAP, TALK_FOLLOW_NONE, false, NULL},
    {"SELECT", " ", IMAP, TALK_FOLLOW_NONE, false, NULL},
    {"STARTTLS", "", IMAP, TALK_FOLLOW_NONE, false, "STARTTLS"},
    {"STATUS", " ", IMAP, TALK_FOLLOW_NONE, false, NULL},
    {"STORE", " ", IMAP, TALK_FOLLOW_NONE, false, NULL},
    {"SUBSCRIBE", " ", IMAP, TALK_FOLLOW_NONE, false, NULL},
    {"UID", " ", IMAP, TALK_FOLLOW_NONE, false, NULL},
    {"UNSELECT", "", IMAP, TALK_FOLLOW_NONE, false, "UNSELECT"},
    {"UNSUBSCRIBE", " ", IMAP, TALK_FOLLOW_NONE, false, NULL},

    {"APOP", " ", POP3, TALK_FOLLOW_NONE, true, NULL},
    {"AUTH", " ", POP3, TALK_FOLLOW_CHALLENGE, true, "SASL"},
    {"CAPA", "", POP3, TALK_FOLLOW_LIST, false, NULL},
    {"DELE", " ", POP3, TALK_FOLLOW_NONE, false, NULL},
    {"LANG", " ", POP3, TALK_FOLLOW_LIST_ALONE, false, "LANG"},
    {"LIST", "", POP3, TALK_FOLLOW_LIST_ALONE, false, NULL},
    {"NOOP", "", POP3, TALK_FOLLOW_NONE, false, NULL},
    {"PASS", " ", POP3, TALK_FOLLOW_NONE, true, NULL},
    {"QUIT", "", POP3, TALK_FOLLOW_CLOSE, false, NULL},
    {"RETR", " ", POP3, TALK_FOLLOW_LIST, false, NULL},
    {"RSET", "", POP3, TALK_FOLLOW_NONE, false, NULL},
    {"STAT", "", POP3, TALK_FOLLOW_NONE, false, NULL},
    {"STLS", "", POP3, TALK_FOLLOW_NONE, false, "STLS"},
    {"TOP", " ", POP3, TALK_FOLLOW_LIST, false, "TOP"},
    {"UIDL", "", POP3, TALK_FOLLOW_LIST_ALONE, false, "UIDL"},
    {"USER", " ", POP3, TALK_FOLLOW_NONE, false, NULL},
    {"UTF8", "", POP3, TALK_FOLLOW_NONE, false, "UTF8"},

    {"AUTHENTICATE", " \"", SIEVE, TALK_FOLLOW_CHALLENGE, true, NULL},
    {"CAPABILITY", "", SIEVE, TALK_FOLLOW_HELLO, false, NULL},
    {"CHECKSCRIPT", " {", SIEVE, TALK_FOLLOW_NONE, false, NULL},
    {"DELETESCRIPT", " \"", SIEVE, TALK_FOLLOW_NONE, false, NULL},
    {"GETSCRIPT", " \"", SIEVE, TALK_FOLLOW_NONE, false, NULL},
    {"HAVESPACE", " \"", SIEVE, TALK_FOLLOW_NONE, false, NULL},
    {"LISTSCRIPTS", "", SIEVE, TALK_FOLLOW_NONE, false, NULL},
    {"LOGOUT", "", SIEVE, TALK_FOLLOW_CLOSE, false, NULL},
    {"NOOP", "", SIEVE, TALK_FOLLOW_NONE, false, NULL},
    {"PUTSCRIPT", " \"", SIEVE, TALK_FOLLOW_NONE, false, NULL},
    {"RENAMESCRIPT", " \"", SIEVE, TALK_FOLLOW_NONE, false, NULL},
    {"SETACTIVE", " \"", SIEVE, TALK_FOLLOW_NONE, false, NULL},
    {"UNAUTHENTICATE", "", SIEVE, TALK_FOLLOW_NONE, false, "UNAUTHENTICATE"},
};

static const struct talk_parameter parameters[] = {
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

const struct talk_verb *talk_verbs(size_t *count) {
    *count = sizeof verbs / sizeof verbs[0];
    return verbs;
}

const struct talk_verb *talk_verb_find(enum facts_protocol protocol, struct base_bytes word) {
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if ((verbs[i].protocols & TALK_IN(protocol)) &&
            base_bytes_equal_nocase(word, verbs[i].name))
            return &verbs[i];
    return NULL;
}

const struct talk_parameter *talk_parameters(size_t *count) {
    *count = sizeof parameters / sizeof parameters[0];
    return parameters;
}
