/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_KNOW_MAIL_STATUS_H
#define WAXSEAL_KNOW_MAIL_STATUS_H

#include <stddef.h>

/* An enhanced mail system status code (RFC 3463 and the registry that RFC 5248 made), without its
 * class: the class says whether it is for good. */
struct know_mail_status {
    unsigned subject; /* the 7 of 5.7.1 */
    unsigned detail;  /* the 1 */
    const char *meaning;
};

/* All rows, sorted by subject and detail. */
const struct know_mail_status *know_mail_statuses(size_t *count);
/* The meaning of "5.7.1"; of its subject when the detail has no row; "" when it is no status. */
const char *know_mail_status_meaning(const char *status);

#endif
