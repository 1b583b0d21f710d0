/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SWAKS_MANUAL_TEXT_H
#define WAXSEAL_SWAKS_MANUAL_TEXT_H

#include <stdbool.h>

/* One part of the manual: paragraphs, to be wrapped; those that begin with "$" are examples, the
 * program's name goes before them; "#" lines of a file; "|TERM<tab>TEXT" rows of a list. */
struct swaks_manual_section {
    const char *title; /* NULL: the end */
    unsigned indent;
    bool options_follow; /* the option table stands behind the text */
    const char *const *paragraphs;
};
extern const struct swaks_manual_section swaks_manual_sections[];

#endif
