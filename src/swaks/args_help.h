/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SWAKS_ARGS_HELP_H
#define WAXSEAL_SWAKS_ARGS_HELP_H

#include "base/option.h"

/* The option table by topic, in the form that help, manual page and completion are made from. It is
 * for showing, not for parsing. */
const struct base_option *swaks_option_table(void);

#endif
