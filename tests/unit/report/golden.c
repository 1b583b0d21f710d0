/* SPDX-License-Identifier: Apache-2.0 */
/* golden - what was written once is what is written now, byte for byte. */
#include "golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void golden_path(char *path, size_t size, const char *name, const char *suffix) {
    const char *root = getenv("WAXSEAL_SOURCE");
    assert_non_null(root);
    snprintf(path, size, "%s/tests/golden/%s%s", root, name, suffix);
}

static void write_golden(const char *path, struct base_bytes is) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(is.data, 1, is.len, f), is.len);
    assert_int_equal(fclose(f), 0);
}

void golden_compare(const char *name, const char *suffix, struct base_buf *out) {
    char path[4096];
    static char want[GOLDEN_MAX];
    struct base_bytes is = base_buf_view(out);
    assert_false(out->failed);
    assert_true(is.len > 0);
    golden_path(path, sizeof path, name, suffix);
    if (getenv("WAXSEAL_GOLDEN_UPDATE"))
        write_golden(path, is);
    FILE *f = fopen(path, "rb");
    if (!f)
        print_error("%s is missing\n", path);
    assert_non_null(f);
    size_t n = fread(want, 1, sizeof want, f);
    fclose(f);
    size_t same = 0;
    while (same < n && same < is.len && (uint8_t)want[same] == is.data[same])
        same++;
    if (same != n || same != is.len)
        print_error("%s differs at byte %zu: got \"%.60s\"\n", path, same,
                    base_buf_cstr(out) + same);
    assert_int_equal(same, n);
    assert_int_equal(n, is.len);
}
