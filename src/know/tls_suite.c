/* SPDX-License-Identifier: Apache-2.0 */
/* know/tls_suite - cipher suites by number and by name
 *
 * Every suite that IANA has registered and the unregistered ones that were deployed, so that a
 * hello of any age can be read. The rows are made by a script (tls_suite_table.c); here they are
 * found. SSL 2.0's three-byte numbers are not among them. */
#include "know/tls_suite.h"

#include "know/tls_suite_table.h"

#include <strings.h>

const struct know_tls_suite *know_tls_suites(size_t *count) {
    *count = know_tls_suite_table_count;
    return know_tls_suite_table;
}

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

const struct know_tls_suite *know_tls_suite_find_name(const char *name) {
    if (name[0] == '\0')
        return NULL;
    for (size_t i = 0; i < know_tls_suite_table_count; i++)
        if (strcasecmp(know_tls_suite_table[i].name, name) == 0 ||
            strcasecmp(know_tls_suite_table[i].openssl, name) == 0)
            return &know_tls_suite_table[i];
    return NULL;
}

bool know_tls_is_grease(uint16_t id) {
    return (id & 0x0f0fu) == 0x0a0au && id >> 8 == (id & 0xffu);
}
