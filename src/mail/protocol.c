/* SPDX-License-Identifier: Apache-2.0 */
/* mail_protocol - one const row per protocol.
 *
 * SMTP (RFC 5321, 3207), LMTP (RFC 2033), IMAP (RFC 3501), POP3 (RFC 1939, 2449, 2595),
 * ManageSieve (RFC 5804). */
#include "mail/internal.h"

static const struct mail_protocol protocols[] = {
    {
        .id = FACTS_PROTOCOL_SMTP,
        .greeting = MAIL_REPLY_SMTP,
        .hello = "EHLO %s\r\n",
        .hello_verb = "EHLO",
        .hello_form = MAIL_REPLY_SMTP,
        .old_hello = "HELO %s\r\n",
        .old_verb = "HELO",
        .starttls = "STARTTLS\r\n",
        .starttls_form = MAIL_REPLY_SMTP,
        .hello_again = "EHLO %s\r\n",
        .quit = "QUIT\r\n",
        .quit_form = MAIL_REPLY_SMTP,
    },
    {
        .id = FACTS_PROTOCOL_LMTP,
        .greeting = MAIL_REPLY_SMTP,
        .hello = "LHLO %s\r\n",
        .hello_verb = "LHLO",
        .hello_form = MAIL_REPLY_SMTP,
        .starttls = "STARTTLS\r\n",
        .starttls_form = MAIL_REPLY_SMTP,
        .hello_again = "LHLO %s\r\n",
        .quit = "QUIT\r\n",
        .quit_form = MAIL_REPLY_SMTP,
    },
    {
        .id = FACTS_PROTOCOL_IMAP,
        .greeting = MAIL_REPLY_IMAP_GREETING,
        .hello = "w1 CAPABILITY\r\n",
        .hello_verb = "CAPABILITY",
        .hello_tag = "w1",
        .hello_form = MAIL_REPLY_IMAP,
        .starttls = "w2 STARTTLS\r\n",
        .starttls_tag = "w2",
        .starttls_form = MAIL_REPLY_IMAP,
        .hello_again = "w3 CAPABILITY\r\n",
        .again_tag = "w3",
        .quit = "w4 LOGOUT\r\n",
        .quit_tag = "w4",
        .quit_form = MAIL_REPLY_IMAP,
    },
    {
        .id = FACTS_PROTOCOL_POP3,
        .greeting = MAIL_REPLY_POP3,
        .hello = "CAPA\r\n",
        .hello_verb = "CAPA",
        .hello_form = MAIL_REPLY_POP3_LIST,
        .starttls = "STLS\r\n",
        .starttls_form = MAIL_REPLY_POP3,
        .hello_again = "CAPA\r\n",
        .quit = "QUIT\r\n",
        .quit_form = MAIL_REPLY_POP3,
    },
    {
        .id = FACTS_PROTOCOL_SIEVE,
        .greeting = MAIL_REPLY_SIEVE,
        .hello_verb = "greeting",
        .hello_form = MAIL_REPLY_SIEVE,
        .starttls = "STARTTLS\r\n",
        .starttls_form = MAIL_REPLY_SIEVE,
        .quit = "LOGOUT\r\n",
        .quit_form = MAIL_REPLY_SIEVE,
    },
};

const struct mail_protocol *mail_protocol_of(enum facts_protocol id) {
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++)
        if (protocols[i].id == id)
            return &protocols[i];
    return NULL;
}

bool mail_protocol_agrees(const struct facts_reply *reply) {
    struct base_bytes status = base_bytes_of_str(reply->status);
    return reply->received &&
           ((reply->code >= 200 && reply->code < 300) || base_bytes_equal_str(status, "OK") ||
            base_bytes_equal_str(status, "PREAUTH") || base_bytes_equal_str(status, "+OK"));
}

bool mail_protocol_leaves(const struct facts_reply *reply) {
    return reply->code == 421 || base_bytes_equal_str(base_bytes_of_str(reply->status), "BYE");
}
