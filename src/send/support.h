/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_SUPPORT_H
#define WAXSEAL_SEND_SUPPORT_H

#include "send/layers.h"

/* --support: what this build can do, one line each. */
void send_support(enum send_manner manner, struct base_buf *out);

#endif
