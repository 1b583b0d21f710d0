/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_MAIL_CODE_H
#define WAXSEAL_MAIL_CODE_H

#include <stdbool.h>

/* Reply codes as people expect them (--expect): "250", "25x", "2xx", or several with "|" between.
 */
bool mail_code_is_pattern(const char *text);
/* Whether the reply code 100 ... 599 is one of them. */
bool mail_code_fits(const char *pattern, int code);

#endif
