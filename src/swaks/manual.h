/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SWAKS_MANUAL_H
#define WAXSEAL_SWAKS_MANUAL_H

#include "swaks/layers.h"

/* --help: the manual, made from the option table. */
void swaks_manual_text(enum swaks_manner manner, unsigned columns, struct base_buf *out);
/* Prints it, through $PAGER when `paged` and `out` is a terminal; the exit code. */
int swaks_manual_show(enum swaks_manner manner, int out, bool paged);

#endif
