/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WAXSEAL_BASE_JSON_H
#define WAXSEAL_BASE_JSON_H

#include "base/buf.h"

#include <stdint.h>

#define BASE_JSON_DEPTH 32

/* A streaming JSON writer: the output always parses. `key` is NULL inside arrays and at the top.
 * Commas, quoting and escaping are its job. Strings are made valid UTF-8: each byte that is not
 * becomes U+FFFD. Misuse (unbalanced, key in an array) fails the buffer and trips a test. */
struct base_json {
    struct base_buf *out;
    bool pretty; /* two-space indent, one member per line */
    unsigned depth;
    bool in_array[BASE_JSON_DEPTH];
    bool has_members[BASE_JSON_DEPTH];
    bool failed;
};

void base_json_init(struct base_json *j, struct base_buf *out, bool pretty);
/* Goes on where another writer left a document: inside `depth` containers of which the innermost is
 * an array and the others objects; `first`: nothing is in that array yet. */
void base_json_resume(struct base_json *j, struct base_buf *out, bool pretty, unsigned depth,
                      bool first);
void base_json_object(struct base_json *j, const char *key);
void base_json_array(struct base_json *j, const char *key);
void base_json_end(struct base_json *j); /* closes the innermost object or array */
void base_json_str(struct base_json *j, const char *key, const char *s); /* NULL -> null */
void base_json_bytes(struct base_json *j, const char *key, struct base_bytes b);
void base_json_int(struct base_json *j, const char *key, int64_t v);
void base_json_uint(struct base_json *j, const char *key, uint64_t v);
void base_json_ms(struct base_json *j, const char *key,
                  double ms); /* at most three decimals; NaN and infinity -> null */
void base_json_bool(struct base_json *j, const char *key, bool v);
void base_json_null(struct base_json *j, const char *key);
/* True when everything was closed and nothing failed. */
bool base_json_done(const struct base_json *j);

#endif
