/* SPDX-License-Identifier: Apache-2.0 */
/* know/mail - words of SMTP servers: EHLO keywords and enhanced status codes
 *
 * The registered service extensions (RFC 5321 section 2.2.2) with the X-keywords that common
 * software adds, and the status codes of RFC 3463 with what later RFCs registered (RFC 5248). What
 * a reply means is what its sender claims; why it came to say so is diagnose's business. */
#include "know/mail.h"

#include "base/bytes.h"

/* clang-format off */
static const struct know_mail_keyword keywords[] = {
    {"8BITMIME", "takes messages with 8-bit text", "RFC 6152"},
    {"ATRN", "hands waiting mail to an authenticated client on the same connection", "RFC 2645"},
    {"AUTH", "lets clients log in with the mechanisms listed", "RFC 4954"},
    {"BINARYMIME", "takes messages with binary content", "RFC 3030"},
    {"BURL", "fetches parts of a submitted message from an IMAP server", "RFC 4468"},
    {"CHECKPOINT", "resumes a transaction that was cut off", "RFC 1845"},
    {"CHUNKING", "takes a message in pieces of known length (BDAT)", "RFC 3030"},
    {"CONNEG", "tells what content a recipient can show", "RFC 4141"},
    {"CONPERM", "converts content when the sender permits it", "RFC 4141"},
    {"DELIVERBY", "takes a time by which a message must be delivered", "RFC 2852"},
    {"DSN", "sends delivery reports as the client asks for them", "RFC 3461"},
    {"ENHANCEDSTATUSCODES", "begins reply texts with codes such as 5.7.1", "RFC 2034"},
    {"ETRN", "starts the delivery of mail that waits for a host", "RFC 1985"},
    {"EXPN", "shows the members of a mailing list", "RFC 5321"},
    {"FUTURERELEASE", "holds a submitted message until a given time", "RFC 4865"},
    {"HELP", "explains its commands", "RFC 5321"},
    {"IGNOREQUOTA", "delivers to full mailboxes when told to", "Cyrus IMAP"},
    {"LIMITS", "tells how many recipients and transactions it takes", "RFC 9422"},
    {"MT-PRIORITY", "takes messages with a priority", "RFC 6710"},
    {"MTRK", "lets senders track a message", "RFC 3885"},
    {"NO-SOLICITING", "refuses advertising of the kinds listed", "RFC 3865"},
    {"ONEX", "is told that only one message follows", "sendmail"},
    {"PIPECONNECT", "takes commands before its greeting from clients that know it", "Exim"},
    {"PIPELINING", "takes several commands in one go", "RFC 2920"},
    {"PRDR", "answers a message for each recipient", "Exim"},
    {"REQUIRETLS", "passes a message on only over verified TLS when asked to", "RFC 8689"},
    {"RRVS", "refuses recipients whose mailbox changed its owner", "RFC 7293"},
    {"SAML", "sends to a mailbox and to a terminal", "RFC 821"},
    {"SEND", "sends to a terminal", "RFC 821"},
    {"SIZE", "tells the largest message it takes, in bytes", "RFC 1870"},
    {"SMTPUTF8", "takes addresses and headers in UTF-8", "RFC 6531"},
    {"SOML", "sends to a terminal, or else to a mailbox", "RFC 821"},
    {"STARTTLS", "changes to TLS on this connection", "RFC 3207"},
    {"SUBMITTER", "takes the address that is responsible for a message", "RFC 4405"},
    {"TURN", "changes roles with the client, without any proof who it is", "RFC 821"},
    {"UTF8SMTP", "takes UTF-8 addresses in the way SMTPUTF8 replaced", "RFC 5336"},
    {"VERB", "tells more while it delivers", "sendmail"},
    {"VRFY", "tells whether a mailbox exists", "RFC 5321"},
    {"X-ANONYMOUSTLS", "changes to TLS without certificates between servers of one organisation", "Microsoft Exchange"},
    {"X-EXPS", "lets servers of one organisation log in", "Microsoft Exchange"},
    {"X-LINK2STATE", "exchanges routing information within an organisation", "Microsoft Exchange"},
    {"XCLIENT", "lets a trusted proxy name the real client", "Postfix"},
    {"XEXCH50", "carries message properties within an organisation", "Microsoft Exchange"},
    {"XFORWARD", "lets a trusted filter name the real client for the log", "Postfix"},
    {"X_PIPE_CONNECT", "the older name of PIPECONNECT", "Exim"},
};

static const struct know_mail_status statuses[] = {
    {0, 0, "no further word on it", "RFC 3463"},
    {1, 0, "something about an address", "RFC 3463"},
    {1, 1, "the recipient's mailbox does not exist", "RFC 3463"},
    {1, 2, "the recipient's domain does not exist or takes no mail", "RFC 3463"},
    {1, 3, "the recipient's address is malformed", "RFC 3463"},
    {1, 4, "the recipient's address fits more than one mailbox", "RFC 3463"},
    {1, 5, "the recipient's address is valid", "RFC 3463"},
    {1, 6, "the mailbox has moved, and its new address is not known", "RFC 3463"},
    {1, 7, "the sender's address is malformed", "RFC 3463"},
    {1, 8, "the sender's domain does not exist or takes no mail", "RFC 3463"},
    {1, 9, "the message went on to a system that does not report on delivery", "RFC 3886"},
    {1, 10, "the recipient's domain says that it takes no mail (null MX)", "RFC 7505"},
    {2, 0, "something about the mailbox", "RFC 3463"},
    {2, 1, "the mailbox is disabled", "RFC 3463"},
    {2, 2, "the mailbox is full", "RFC 3463"},
    {2, 3, "the message is larger than the mailbox may take", "RFC 3463"},
    {2, 4, "the mailing list could not be expanded", "RFC 3463"},
    {3, 0, "something about the receiving system", "RFC 3463"},
    {3, 1, "the receiving system's storage is full", "RFC 3463"},
    {3, 2, "the receiving system takes no mail at this time", "RFC 3463"},
    {3, 3, "the receiving system lacks a feature that the message needs", "RFC 3463"},
    {3, 4, "the message is larger than the system takes", "RFC 3463"},
    {3, 5, "the receiving system is misconfigured", "RFC 3463"},
    {3, 6, "the message was taken with another priority than asked for", "RFC 6710"},
    {4, 0, "something about the network or routing", "RFC 3463"},
    {4, 1, "the next host did not answer", "RFC 3463"},
    {4, 2, "the connection broke or was too poor", "RFC 3463"},
    {4, 3, "a directory service such as DNS failed", "RFC 3463"},
    {4, 4, "no route to the next host could be found", "RFC 3463"},
    {4, 5, "the mail system is overloaded", "RFC 3463"},
    {4, 6, "the message goes round in a loop", "RFC 3463"},
    {4, 7, "the message waited for delivery too long", "RFC 3463"},
    {5, 0, "something about the mail protocol", "RFC 3463"},
    {5, 1, "the command is unknown or out of place", "RFC 3463"},
    {5, 2, "the command could not be read", "RFC 3463"},
    {5, 3, "there are too many recipients", "RFC 3463"},
    {5, 4, "the command's arguments are not accepted", "RFC 3463"},
    {5, 5, "the protocol versions do not fit", "RFC 3463"},
    {5, 6, "a line of the login exchange is too long", "RFC 4954"},
    {6, 0, "something about the message's content", "RFC 3463"},
    {6, 1, "the content is of a kind that is not supported", "RFC 3463"},
    {6, 2, "the content would have to be converted, which is forbidden", "RFC 3463"},
    {6, 3, "the content would have to be converted, which is not possible", "RFC 3463"},
    {6, 4, "the content was converted and lost something", "RFC 3463"},
    {6, 5, "converting the content failed", "RFC 3463"},
    {6, 6, "content that was referred to could not be fetched", "RFC 4468"},
    {6, 7, "addresses beyond ASCII are not accepted here", "RFC 6531"},
    {6, 8, "the reply would need UTF-8, which the client did not allow", "RFC 6531"},
    {6, 9, "headers in UTF-8 can't be passed on to all recipients", "RFC 6531"},
    {6, 10, "the same as 6.8, which replaces it", "IANA registry"},
    {7, 0, "something about security or policy", "RFC 3463"},
    {7, 1, "the client or sender is not authorised, or policy refuses the message", "RFC 3463"},
    {7, 2, "the sender may not write to this mailing list", "RFC 3463"},
    {7, 3, "a conversion between security systems is needed and not possible", "RFC 3463"},
    {7, 4, "the security feature asked for is not supported", "RFC 3463"},
    {7, 5, "a cryptographic operation failed, such as a TLS handshake", "RFC 3463"},
    {7, 6, "the cryptographic algorithm is not supported", "RFC 3463"},
    {7, 7, "the message was damaged or changed on its way", "RFC 3463"},
    {7, 8, "the login was refused: wrong name or password", "RFC 4954"},
    {7, 9, "the login mechanism is too weak for this account", "RFC 4954"},
    {7, 10, "the connection must be encrypted first", "RFC 5248"},
    {7, 11, "this login mechanism is allowed over TLS only", "RFC 5248"},
    {7, 12, "the account needs another login mechanism once before this one works", "RFC 4954"},
    {7, 13, "the account is disabled", "RFC 5248"},
    {7, 14, "the server does not trust the system that vouches for the client", "RFC 5248"},
    {7, 15, "the message's priority is too low at this time", "RFC 6710"},
    {7, 16, "the message is too large for its priority", "RFC 6710"},
    {7, 17, "the mailbox has another owner than before", "RFC 7293"},
    {7, 18, "the domain has another owner than before", "RFC 7293"},
    {7, 19, "whether the mailbox changed its owner could not be told", "RFC 7293"},
    {7, 20, "no DKIM signature passed", "RFC 7372"},
    {7, 21, "no DKIM signature is acceptable here", "RFC 7372"},
    {7, 22, "no DKIM signature fits the author's domain", "RFC 7372"},
    {7, 23, "SPF failed: the client may not send for this domain", "RFC 7372"},
    {7, 24, "the SPF policy could not be evaluated", "RFC 7372"},
    {7, 25, "the client's address has no confirmed host name in reverse DNS", "RFC 7372"},
    {7, 26, "several checks of the sender failed", "RFC 7372"},
    {7, 27, "the sender's domain says that it takes no mail (null MX)", "RFC 7505"},
    {7, 28, "the message looks like one of a flood", "IANA registry"},
    {7, 29, "the ARC chain did not verify", "RFC 8617"},
    {7, 30, "the message demands REQUIRETLS, and the next host lacks it", "RFC 8689"},
};
/* clang-format on */

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

const struct know_mail_keyword *know_mail_keywords(size_t *count) {
    *count = ROWS(keywords);
    return keywords;
}

const struct know_mail_keyword *know_mail_keyword_find(const char *name) {
    struct base_bytes wanted = base_bytes_of_str(name);
    for (size_t i = 0; i < ROWS(keywords); i++)
        if (base_bytes_equal_nocase(wanted, keywords[i].name))
            return &keywords[i];
    return NULL;
}

const struct know_mail_status *know_mail_statuses(size_t *count) {
    *count = ROWS(statuses);
    return statuses;
}

/* RFC 3463 section 2: class "." subject "." detail, at most three digits in the latter. */
static bool parse(const char *status, uint64_t part[3]) {
    struct base_bytes rest = base_bytes_of_str(status);
    for (size_t i = 0; i < 3; i++) {
        size_t end = i < 2 ? base_bytes_find(rest, '.') : rest.len;
        if (end > 3 || !base_bytes_to_uint(base_bytes_slice(rest, 0, end), 999, &part[i]))
            return false;
        rest = base_bytes_slice(rest, end + 1, rest.len);
    }
    return part[0] == 2 || part[0] == 4 || part[0] == 5;
}

const struct know_mail_status *know_mail_status_find(const char *status) {
    uint64_t part[3];
    if (!parse(status, part))
        return NULL;
    for (size_t i = 0; i < ROWS(statuses); i++)
        if (statuses[i].subject == part[1] && statuses[i].detail == part[2])
            return &statuses[i];
    return NULL;
}

const char *know_mail_status_class(const char *status) {
    uint64_t part[3];
    if (!parse(status, part))
        return "";
    return part[0] == 2 ? "success" : part[0] == 4 ? "failure for now" : "permanent failure";
}

const char *know_mail_status_subject(const char *status) {
    static const char *const names[] = {
        "undefined",          "address",       "mailbox",         "mail system",
        "network or routing", "mail protocol", "message content", "security or policy"};
    uint64_t part[3];
    return parse(status, part) && part[1] < ROWS(names) ? names[part[1]] : "";
}
