/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_MESSAGE_DATE_H
#define WAXSEAL_MESSAGE_DATE_H

#include "base/buf.h"

#include <time.h>

/* "Wed, 03 Nov 1999 11:24:29 -0500": RFC 5322 section 3.3, in the local time zone, English whatever
 * the locale is. A time that has no calendar date gives that of 1970. */
void message_date_append(struct base_buf *out, time_t t);
/* "19991103112429": the same moment, for a Message-Id. */
void message_date_append_stamp(struct base_buf *out, time_t t);

#endif
