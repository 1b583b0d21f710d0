/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_SEND_MANUAL_TEXT_H
#define WAXSEAL_SEND_MANUAL_TEXT_H

#include <stdbool.h>

/* One part of the manual: paragraphs, to be wrapped; those that begin with "$" are examples, the
 * program's name goes before them; "#" lines of a file; "|TERM<tab>TEXT" rows of a list. */
struct send_manual_section {
    const char *title; /* NULL: the end */
    unsigned indent;
    bool options_follow; /* the option table stands behind the text */
    const char *const *paragraphs;
};
extern const struct send_manual_section send_manual_sections[];

#endif
