/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_BASE_LIBRARY_H
#define WAXSEAL_BASE_LIBRARY_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* A shared library that is loaded when it is first needed: a run that asks no DNS question does not
 * pay for it (libunbound and libidn2 with what they pull in cost a quarter of the start). */
struct base_library {
    const char *file;           /* "libunbound.so.8" */
    const char *package;        /* the Debian package to install when it is missing */
    const char *const *symbols; /* NULL-terminated */
    void *functions;            /* as many function pointers, in the same order; filled in */
    bool loaded;
};

/* The functions of a library: FUNCTIONS(X) is X(a) X(b) ... with the names that its header
 * declares. They are called as name.a(...), once base_library_load(&name_library, ...) has
 * succeeded. */
/* NOLINTBEGIN(bugprone-macro-parentheses): names that are declared take no parentheses */
#define BASE_LIBRARY(name, soname, debian_package, FUNCTIONS)                                      \
    static struct { FUNCTIONS(BASE_LIBRARY_FIELD) } name;                                          \
    static const char *const name##_symbols[] = {FUNCTIONS(BASE_LIBRARY_NAME) NULL};               \
    static struct base_library name##_library = {.file = (soname),                                 \
                                                 .package = (debian_package),                      \
                                                 .symbols = name##_symbols,                        \
                                                 .functions = &name};
#define BASE_LIBRARY_FIELD(f) __typeof__ (&(f))(f);
#define BASE_LIBRARY_NAME(f) #f,
/* NOLINTEND(bugprone-macro-parentheses) */

/* Loads it unless that was done; it stays for the life of the process. WS_LIBRARY names the
 * package. */
WS_MUST_USE enum ws_err base_library_load(struct base_library *l, struct base_error *e);

#endif
