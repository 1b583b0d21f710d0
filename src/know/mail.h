/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_KNOW_MAIL_H
#define WAXSEAL_KNOW_MAIL_H

#include <stddef.h>

/* A keyword that an SMTP or LMTP server may list in its answer to EHLO. */
struct know_mail_keyword {
    const char *name;      /* upper case, "PIPELINING" */
    const char *meaning;   /* what the server can do, one clause without a full stop */
    const char *reference; /* "RFC 2920", or the software it comes from: "Microsoft Exchange" */
};

/* All rows, sorted by name. */
const struct know_mail_keyword *know_mail_keywords(size_t *count);
/* ASCII case does not matter; NULL when there is no such row (or name is NULL). */
const struct know_mail_keyword *know_mail_keyword_find(const char *name);

/* Subject and detail of an enhanced status: the "7.1" of "5.7.1" (RFC 3463 section 3). */
struct know_mail_status {
    unsigned subject;
    unsigned detail;
    const char *meaning;   /* what the server says, one clause without a full stop */
    const char *reference; /* "RFC 3463" */
};

/* All rows, sorted by subject, then detail. */
const struct know_mail_status *know_mail_statuses(size_t *count);
/* The row of a whole status such as "5.7.1", of any class; NULL when it is not three numbers with
 * class 2, 4 or 5, or has no row. */
const struct know_mail_status *know_mail_status_find(const char *status);

/* What the first and the second number of a status stand for ("permanent failure", "security or
 * policy"); "" for a status that is malformed, a subject without a name, or NULL. */
const char *know_mail_status_class(const char *status);
const char *know_mail_status_subject(const char *status);

#endif
