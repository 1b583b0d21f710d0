/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SWAKS_MANUAL_H
#define WAXSEAL_SWAKS_MANUAL_H

#include "swaks/layers.h"

/* --help: prints the manual, made from the option table, through $PAGER when `paged` and `out` is a
 * terminal; the exit code. */
int swaks_manual_show(enum swaks_manner manner, int out, bool paged);

#endif
