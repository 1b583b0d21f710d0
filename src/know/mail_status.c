/* SPDX-License-Identifier: Apache-2.0 */
/* know/mail_status - enhanced status codes and what they say
 *
 * In the order of the IANA registry "SMTP Enhanced Status Codes", in our own words. Detail 0 of a
 * subject stands for everything of that subject without a row. RFC 3463, 5248, 7505, 8689. */
#include "know/mail_status.h"

#include "base/bytes.h"

/* clang-format off */
static const struct know_mail_status statuses[] = {
    {0, 0, "no further detail"},
    {1, 0, "something about an address"},
    {1, 1, "the mailbox does not exist"},
    {1, 2, "the domain of the address does not exist or takes no mail"},
    {1, 3, "the address of the recipient is not well formed"},
    {1, 4, "the address of the recipient is ambiguous"},
    {1, 5, "the address of the recipient is good"},
    {1, 6, "the mailbox has moved and left no forwarding address"},
    {1, 7, "the address of the sender is not well formed"},
    {1, 8, "the domain of the sender does not exist or takes no mail"},
    {1, 9, "the message was passed on to a system that sends no reports"},
    {1, 10, "the domain of the recipient says that it takes no mail (null MX)"},
    {2, 0, "something about the mailbox"},
    {2, 1, "the mailbox is switched off and takes no messages"},
    {2, 2, "the mailbox is full"},
    {2, 3, "the message is longer than the mailbox allows"},
    {2, 4, "the mailing list could not be expanded"},
    {3, 0, "something about the receiving system"},
    {3, 1, "the receiving system has no room"},
    {3, 2, "the receiving system takes no messages now"},
    {3, 3, "the receiving system can't do what was asked for"},
    {3, 4, "the message is larger than the receiving system allows"},
    {3, 5, "the receiving system is not configured rightly"},
    {3, 6, "the priority that was asked for was changed"},
    {4, 0, "something about the network or the route"},
    {4, 1, "the next system did not answer"},
    {4, 2, "the connection to the next system broke"},
    {4, 3, "a directory server that is needed does not answer"},
    {4, 4, "no route to the next system is known"},
    {4, 5, "the system is too busy"},
    {4, 6, "the message went in circles"},
    {4, 7, "delivery took too long"},
    {5, 0, "something about the mail protocol"},
    {5, 1, "the command is not valid here"},
    {5, 2, "the command is not well formed"},
    {5, 3, "too many recipients"},
    {5, 4, "the arguments of the command are not valid"},
    {5, 5, "the protocol versions do not fit"},
    {5, 6, "the authentication exchange has a line that is too long"},
    {6, 0, "something about the content of the message"},
    {6, 1, "the content is of a kind that is not supported"},
    {6, 2, "the content would have to be converted, and must not be"},
    {6, 3, "the content would have to be converted, and can't be"},
    {6, 4, "the content was converted with losses"},
    {6, 5, "the content could not be converted"},
    {6, 6, "the content is not available"},
    {6, 7, "an address that is not ASCII is not possible here"},
    {6, 8, "a reply in UTF-8 is needed and was not asked for"},
    {6, 9, "a header in UTF-8 can't go to this recipient"},
    {7, 0, "something about security or policy"},
    {7, 1, "delivery is not authorised: a policy refuses it"},
    {7, 2, "the sender may not write to this mailing list"},
    {7, 3, "a conversion for security would be needed and is not possible"},
    {7, 4, "a security feature that is needed is not supported"},
    {7, 5, "decryption failed, or a key is missing"},
    {7, 6, "the cryptographic algorithm is not supported"},
    {7, 7, "the integrity of the message could not be shown"},
    {7, 8, "user name or password is wrong"},
    {7, 9, "the authentication mechanism is too weak"},
    {7, 10, "encryption is needed"},
    {7, 11, "encryption is needed for this authentication mechanism"},
    {7, 12, "the password must be changed first"},
    {7, 13, "the account is switched off"},
    {7, 14, "the trust relationship that is needed is missing"},
    {7, 15, "the priority is too low"},
    {7, 16, "the message is too large for its priority"},
    {7, 17, "the mailbox has another owner now"},
    {7, 18, "the domain has another owner now"},
    {7, 19, "it can't be told whether the mailbox has the same owner"},
    {7, 20, "no DKIM signature is good enough"},
    {7, 21, "no DKIM signature is acceptable"},
    {7, 22, "no DKIM signature of the author's domain is good"},
    {7, 23, "SPF says that the sending system may not use this sender"},
    {7, 24, "SPF could not be checked"},
    {7, 25, "the address of the sending system has no reverse name"},
    {7, 26, "several checks of the sender failed together"},
    {7, 27, "the domain of the sender says that it takes no mail (null MX)"},
    {7, 28, "too many messages: it looks like a flood"},
    {7, 29, "the ARC chain could not be verified"},
    {7, 30, "REQUIRETLS is needed on the way and not available"},
};
/* clang-format on */

#define COUNT (sizeof statuses / sizeof statuses[0])

const struct know_mail_status *know_mail_statuses(size_t *count) {
    *count = COUNT;
    return statuses;
}

/* A number and the dot or the end behind it. */
static bool take_number(struct base_bytes *left, bool last, uint64_t *out) {
    size_t end = base_bytes_find(*left, '.');
    bool ok =
        (end == left->len) == last && base_bytes_to_uint(base_bytes_slice(*left, 0, end), 999, out);
    *left = base_bytes_slice(*left, end + 1, left->len);
    return ok;
}

const char *know_mail_status_meaning(const char *status) {
    struct base_bytes left = base_bytes_of_str(status);
    uint64_t class = 0, subject = 0, detail = 0;
    const char *found = "";
    if (!take_number(&left, false, &class) || !take_number(&left, false, &subject) ||
        !take_number(&left, true, &detail) || (class != 2 && class != 4 && class != 5))
        return "";
    for (size_t i = 0; i < COUNT; i++)
        if (statuses[i].subject == subject &&
            (statuses[i].detail == 0 || statuses[i].detail == detail))
            found = statuses[i].meaning;
    return found;
}
