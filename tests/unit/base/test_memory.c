/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes, buffers and arenas at their limits. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void numbers_are_whole_and_bounded(void **state) {
    static const struct {
        const char *text;
        uint64_t max;
        bool ok;
        uint64_t value;
    } rows[] = {
        {"0", 0, true, 0},
        {"1", 0, false, 0},
        {"", 9, false, 0},
        {"65535", 65535, true, 65535},
        {"65536", 65535, false, 0},
        {"18446744073709551615", UINT64_MAX, true, UINT64_MAX},
        {"18446744073709551616", UINT64_MAX, false, 0},
        {"99999999999999999999", UINT64_MAX, false, 0},
        {"+1", 9, false, 0},
        {"-1", 9, false, 0},
        {" 1", 9, false, 0},
        {"1 ", 9, false, 0},
        {"0x1", 99, false, 0},
        {"007", 9, true, 7},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t v = 0;
        bool ok = base_bytes_to_uint(base_bytes_of_str(rows[i].text), rows[i].max, &v);
        assert_int_equal(ok, rows[i].ok);
        assert_true(v == rows[i].value);
    }
}

static void slices_never_leave_their_bytes(void **state) {
    struct base_bytes b = base_bytes_of_str("abcdef");
    (void)state;
    for (size_t from = 0; from < 10; from++)
        for (size_t len = 0; len < 10; len++) {
            struct base_bytes s = base_bytes_slice(b, from, len);
            assert_true(s.len <= len);
            assert_true(from >= 6 ? s.len == 0 : s.len == (len < 6 - from ? len : 6 - from));
        }
    assert_int_equal(base_bytes_slice(b, 2, SIZE_MAX).len, 4);
    assert_int_equal(base_bytes_slice(b, SIZE_MAX, SIZE_MAX).len, 0);
    assert_int_equal(base_bytes_trim(base_bytes_of_str(" \t \t")).len, 0);
    assert_true(base_bytes_equal_str(base_bytes_trim(base_bytes_of_str("\t a b ")), "a b"));
    assert_int_equal(base_bytes_find(BASE_BYTES_EMPTY, 'a'), 0);
    assert_int_equal(base_bytes_find_str(b, "def"), 3);
    assert_int_equal(base_bytes_find_str(b, "x"), 6);
    assert_true(base_bytes_starts_with_nocase(b, "ABC"));
    assert_false(base_bytes_starts_with_nocase(b, "abcdefg"));
    assert_false(base_bytes_equal_nocase(b, "ABCDE"));
    assert_int_equal(base_bytes_view(NULL, 5).len, 0);
}

/* Letters outside ASCII do not fold, whatever the locale. */
static void folding_is_ascii_only(void **state) {
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        bool upper = c >= 'A' && c <= 'Z', lower = c >= 'a' && c <= 'z';
        assert_int_equal(base_ascii_lower((uint8_t)c), upper ? c + 32 : c);
        assert_int_equal(base_ascii_upper((uint8_t)c), lower ? c - 32 : c);
        assert_int_equal(base_ascii_is_alnum((uint8_t)c), upper || lower || (c >= '0' && c <= '9'));
    }
}

static void a_buffer_stops_at_its_maximum(void **state) {
    struct base_buf b;
    (void)state;
    base_buf_init(&b, 10);
    base_buf_append_str(&b, "0123456789");
    assert_false(b.failed);
    base_buf_append_byte(&b, 'x');
    assert_true(b.failed);
    base_buf_consume(&b, 5);
    base_buf_append_byte(&b, 'y'); /* the failure stays, though there is room now */
    assert_int_equal(b.len, 5);
    assert_string_equal(base_buf_cstr(&b), "");
    base_buf_clear(&b);
    assert_false(b.failed);
    assert_null(base_buf_reserve(&b, 11));
    assert_true(b.failed);
    base_buf_clear(&b);
    base_buf_append(&b, "x", SIZE_MAX); /* no arithmetic may wrap */
    assert_true(b.failed);
    base_buf_release(&b);
}

static void printing_fills_a_buffer_exactly(void **state) {
    (void)state;
    for (size_t max = 0; max < 8; max++) {
        struct base_buf b;
        base_buf_init(&b, max);
        base_buf_printf(&b, "%s", "12345");
        assert_int_equal(b.failed, max < 5);
        if (!b.failed)
            assert_string_equal(base_buf_cstr(&b), "12345");
        base_buf_release(&b);
    }
    struct base_buf b; /* across the point where the allocation grows */
    base_buf_init(&b, 1000);
    for (int i = 0; i < 250; i++)
        base_buf_printf(&b, "%d", i % 10);
    base_buf_printf(&b, "abcdef");
    assert_int_equal(b.len, 256);
    assert_string_equal(base_buf_cstr(&b) + 250, "abcdef");
    base_buf_release(&b);
}

/* A queue of random appends and consumes behaves like a plain string. */
static void a_buffer_is_a_queue(void **state) {
    static uint8_t model[1 << 16];
    size_t head = 0, tail = 0;
    struct base_buf b;
    (void)state;
    srand(1);
    base_buf_init(&b, sizeof model);
    while (tail < sizeof model - 600) {
        size_t n = (size_t)rand() % 600;
        for (size_t i = 0; i < n; i++)
            model[tail + i] = (uint8_t)rand();
        base_buf_append(&b, model + tail, n);
        tail += n;
        n = (size_t)rand() % 500;
        n = n < tail - head ? n : tail - head;
        base_buf_consume(&b, n);
        head += n;
        assert_true(
            base_bytes_equal(base_buf_view(&b), base_bytes_view(model + head, tail - head)));
    }
    assert_false(b.failed);
    base_buf_consume(&b, SIZE_MAX);
    assert_int_equal(b.len, 0);
    base_buf_release(&b);
}

static void expect_replaced(const char *text, size_t end, const char *what, const char *with,
                            const char *expected, size_t expected_end) {
    struct base_buf b;
    base_buf_init(&b, 100);
    base_buf_append_str(&b, "xyz"); /* live bytes that begin behind the allocation */
    base_buf_append_str(&b, text);
    base_buf_consume(&b, 3);
    base_buf_replace(&b, &end, what, base_bytes_of_str(with));
    assert_string_equal(base_buf_cstr(&b), expected);
    assert_int_equal(end, expected_end);
    base_buf_release(&b);
}

static void a_text_is_replaced_in_place(void **state) {
    (void)state;
    expect_replaced("", 0, "ab", "long", "", 0);
    expect_replaced("ab", 2, "ab", "", "", 0);
    expect_replaced("abab", 4, "ab", "abab", "abababab", 8);
    expect_replaced("aababb", 6, "ab", "", "ab", 2); /* what comes of it is not looked at */
    expect_replaced("1ab2ab3", 7, "ab", "long", "1long2long3", 11);
    expect_replaced("1ab2ab3", 7, "ab", "AB", "1AB2AB3", 7);
    expect_replaced("1abc2abc3", 9, "abc", "-", "1-2-3", 5);
    expect_replaced("1ab2ab3", 3, "ab", "long", "1long2ab3", 5);
    expect_replaced("1ab2ab3", 2, "ab", "long", "1ab2ab3", 2);
    expect_replaced("1ab2ab3", 5, "ab", "", "12ab3", 3);
}

static void a_replacement_stops_at_the_maximum(void **state) {
    struct base_buf b;
    size_t end = 4;
    (void)state;
    base_buf_init(&b, 6);
    base_buf_append_str(&b, "abab");
    base_buf_replace(&b, &end, "ab", base_bytes_of_str("long"));
    assert_true(b.failed);
    base_buf_clear(&b);
    base_buf_append_str(&b, "abcd");
    base_buf_splice(&b, 1, 2, base_bytes_of_str("1234"));
    assert_string_equal(base_buf_cstr(&b), "a1234d");
    base_buf_splice(&b, 6, 0, base_bytes_of_str("5"));
    assert_true(b.failed);
    base_buf_splice(&b, 0, 6, BASE_BYTES_EMPTY);
    assert_int_equal(b.len, 6); /* nothing happens after a failure */
    base_buf_release(&b);
}

static void an_arena_stops_at_its_limit(void **state) {
    struct base_arena a;
    (void)state;
    base_arena_init(&a, 64);
    assert_non_null(base_arena_alloc(&a, 48));
    assert_false(a.failed);
    assert_null(base_arena_alloc(&a, 48));
    assert_true(a.failed);
    assert_string_equal(base_arena_str(&a, "a text that does not fit any more"), "");
    assert_string_equal(base_arena_printf(&a, "%050d", 1), "");
    assert_int_equal(base_arena_bytes(&a, base_bytes_of_str("another text that is too long")).len,
                     0);
    assert_null(base_arena_alloc(&a, SIZE_MAX));
    assert_null(base_arena_array(&a, SIZE_MAX / 2, 3));
    base_arena_release(&a);
    assert_false(a.failed);
    assert_non_null(base_arena_alloc(&a, 48));
    base_arena_release(&a);
}

static void arena_memory_is_zeroed_and_apart(void **state) {
    struct base_arena a;
    (void)state;
    base_arena_init(&a, 1 << 24);
    for (size_t i = 1; i < 400; i++) {
        size_t size = i * 97 % 40000 + 1;
        uint8_t *p = base_arena_alloc(&a, size);
        assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
        for (size_t k = 0; k < size; k++)
            assert_int_equal(p[k], 0);
        memset(p, 0xff, size);
    }
    assert_string_equal(base_arena_str(&a, NULL), "");
    const char *s = base_arena_str_bytes(&a, base_bytes_view("a\0b", 3));
    assert_memory_equal(s, "a\0b", 4);
    base_arena_release(&a);
}

static void arrays_grow_in_place_of_the_caller(void **state) {
    struct base_arena a;
    int *items = NULL;
    size_t count = 0, cap = 0;
    (void)state;
    base_arena_init(&a, 1 << 20);
    for (int i = 0; i < 1000; i++)
        *(int *)base_arena_append(&a, &items, &count, &cap, sizeof *items) = i;
    assert_int_equal(count, 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(items[i], i);
    base_arena_release(&a);
    base_arena_init(&a, 8);
    items = NULL;
    count = cap = 0;
    assert_null(base_arena_append(&a, &items, &count, &cap, sizeof *items));
    assert_int_equal(count, 0);
    assert_true(a.failed);
    base_arena_release(&a);
}

/* Thousands of keys that come and go, as a table that lives as long as the program sees them. */
static void a_map_forgets_and_finds(void **state) {
    enum { KEYS = 3000 };
    static char keys[KEYS][16];
    struct base_map m = {0};
    (void)state;
    assert_null(base_map_get(&m, "a"));
    base_map_remove(&m, "a");
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < KEYS; i++) {
            snprintf(keys[i], sizeof keys[i], "127.0.%zu.%zu", i / 256, i % 256);
            assert_true(base_map_put(&m, keys[i], keys[i]));
        }
        assert_int_equal(m.count, KEYS);
        for (size_t i = 0; i < KEYS; i += 2)
            base_map_remove(&m, keys[i]);
        assert_int_equal(m.count, KEYS / 2);
        for (size_t i = 0; i < KEYS; i++)
            assert_ptr_equal(base_map_get(&m, keys[i]), i % 2 ? keys[i] : NULL);
    }
    assert_true(base_map_put(&m, "127.0.0.1", keys));
    assert_ptr_equal(base_map_get(&m, "127.0.0.1"), keys);
    assert_int_equal(m.count, KEYS / 2);
    assert_true(m.size <= 8192);
    base_map_release(&m);
    assert_null(base_map_get(&m, "127.0.0.1"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_whole_and_bounded),
        cmocka_unit_test(slices_never_leave_their_bytes),
        cmocka_unit_test(folding_is_ascii_only),
        cmocka_unit_test(a_buffer_stops_at_its_maximum),
        cmocka_unit_test(printing_fills_a_buffer_exactly),
        cmocka_unit_test(a_buffer_is_a_queue),
        cmocka_unit_test(a_text_is_replaced_in_place),
        cmocka_unit_test(a_replacement_stops_at_the_maximum),
        cmocka_unit_test(an_arena_stops_at_its_limit),
        cmocka_unit_test(arena_memory_is_zeroed_and_apart),
        cmocka_unit_test(arrays_grow_in_place_of_the_caller),
        cmocka_unit_test(a_map_forgets_and_finds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
