/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_MANUAL_H
#define WAXSEAL_SEND_MANUAL_H

#include "send/layers.h"

/* --help: the manual, made from the option table. */
void send_manual_text(enum send_manner manner, unsigned columns, struct base_buf *out);
/* Prints it, through $PAGER when `paged` and `out` is a terminal; the exit code. */
int send_manual_show(enum send_manner manner, int out, bool paged);

#endif
