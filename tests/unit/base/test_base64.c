/* SPDX-License-Identifier: Apache-2.0 */
/* Base64: what is none, strictly and loosely read. */
#include "base/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_base64(void **state) {
    static const struct {
        const char *plain, *coded;
    } cases[] = {{"", ""},
                 {"f", "Zg=="},
                 {"fo", "Zm8="},
                 {"foo", "Zm9v"},
                 {"foob", "Zm9vYg=="},
                 {"fooba", "Zm9vYmE="},
                 {"\xff\xfe", "//4="}};
    static const char *const bad[] = {"Zg==Zg", "a b", "NTLM supported", "Z\n", "Zm9v!"};
    struct base_buf b;
    (void)state;
    base_buf_init(&b, 1024);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        base_buf_clear(&b);
        base_base64_encode(&b, base_bytes_of_str(cases[i].plain));
        assert_string_equal(base_buf_cstr(&b), cases[i].coded);
        base_buf_clear(&b);
        assert_true(base_base64_decode(&b, base_bytes_of_str(cases[i].coded)));
        assert_string_equal(base_buf_cstr(&b), cases[i].plain);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        base_buf_clear(&b);
        assert_false(base_base64_decode(&b, base_bytes_of_str(bad[i])));
        assert_int_equal(b.len, 0);
    }
    base_buf_release(&b);
}

static void test_lax(void **state) {
    static const char *const rows[][2] = {
        {"", ""},        {"====", ""},       {"!?", ""},      {"Z", ""},
        {"Zm9v", "foo"}, {"Z m\n9v", "foo"}, {"Zg==Zg", "f"}, {"-Zm9vYg==", "foob"},
    };
    struct base_buf b;
    (void)state;
    base_buf_init(&b, 1024);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        base_buf_clear(&b);
        base_base64_decode_lax(&b, base_bytes_of_str(rows[i][0]));
        assert_string_equal(base_buf_cstr(&b), rows[i][1]);
    }
    base_buf_release(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base64),
        cmocka_unit_test(test_lax),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
