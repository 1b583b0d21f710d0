/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_KNOW_TLS_SUITE_TABLE_H
#define WAXSEAL_KNOW_TLS_SUITE_TABLE_H

#include "know/tls_suite.h"

/* The rows behind know/tls_suite.h, sorted by id. */
extern const struct know_tls_suite know_tls_suite_table[];
extern const size_t know_tls_suite_table_count;

#endif
