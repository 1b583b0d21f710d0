/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TESTS_REPORT_GOLDEN_H
#define WAXSEAL_TESTS_REPORT_GOLDEN_H

#include "base/buf.h"

#define GOLDEN_MAX ((size_t)4 << 20)

/* Fails the test unless `out` is what tests/golden/NAMESUFFIX holds. With WAXSEAL_GOLDEN_UPDATE=1
 * the file is written anew: read the difference before it is committed. */
void golden_compare(const char *name, const char *suffix, struct base_buf *out);

#endif
