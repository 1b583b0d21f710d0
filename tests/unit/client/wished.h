/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_TESTS_CLIENT_WISHED_H
#define WAXSEAL_TESTS_CLIENT_WISHED_H

#include "../tls/pair.h"

#define WISHED_OPTIONS_MAX 16
#define WISHED_TEXT_MAX 65536

/* A wish under construction, with a watcher that keeps all it is told. */
struct wished {
    struct client_setting settings[WISHED_OPTIONS_MAX], checks[WISHED_OPTIONS_MAX];
    struct client_wish wish;
    char told[WISHED_TEXT_MAX]; /* one line each: kind and text */
    size_t told_len;
    size_t messages;
    struct base_error error;
};

/* Nothing wished but the tests' clock (-attime). */
void wished_init(struct wished *w);
void wished_set(struct wished *w, const char *name, const char *value);
void wished_check(struct wished *w, const char *name, const char *value);
/* Makes the context, which must fail; gives the message, which must be one line. */
const char *wished_error(struct wished *w);
/* The same for one setting or one check alone. */
const char *wished_setting_error(const char *name, const char *value);
const char *wished_check_error(const char *name, const char *value);

/* A file in a directory of its own that is removed at the end; the path lives until then. */
const char *wished_file(const char *name, const char *content, size_t len);
const char *wished_pem_file(const char *name, const struct pki_forged *f, bool certificate,
                            bool key);
const char *wished_path(const char *name); /* the file need not exist */
void wished_remove_files(void);

#endif
