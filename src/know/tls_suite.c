/* SPDX-License-Identifier: Apache-2.0 */
/* know/tls_suite - cipher suites by number
 *
 * Every suite that IANA has registered and the unregistered ones that were deployed, so that a
 * hello of any age can be read. The rows are made by a script (tls_suite_table.c); here they are
 * found. SSL 2.0's three-byte numbers are not among them. */
#include "know/tls_suite.h"

const struct know_tls_suite *know_tls_suite_find(uint16_t id) {
    size_t from = 0, to = know_tls_suite_table_count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (know_tls_suite_table[middle].id == id)
            return &know_tls_suite_table[middle];
        if (know_tls_suite_table[middle].id < id)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

bool know_tls_is_grease(uint16_t id) {
    return (id & 0x0f0fu) == 0x0a0au && id >> 8 == (id & 0xffu);
}
