/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SWAKS_SUPPORT_H
#define WAXSEAL_SWAKS_SUPPORT_H

#include "swaks/layers.h"

/* --support: what this build can do, one line each. */
void swaks_support(enum swaks_manner manner, struct base_buf *out);

#endif
