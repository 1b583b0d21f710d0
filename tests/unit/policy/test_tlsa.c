/* SPDX-License-Identifier: Apache-2.0 */
/* TLSA records as a sender of mail reads them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "diagnose/policy.h"
#include "policy/find_private.h"

#include <string.h>

static struct base_arena arena;

static int set_up(void **state) {
    (void)state;
    base_arena_init(&arena, 1 << 20);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    base_arena_release(&arena);
    return 0;
}

static struct facts_tlsa_record read_head(unsigned usage, unsigned selector, unsigned matching,
                                          size_t len) {
    uint8_t data[80] = {(uint8_t)usage, (uint8_t)selector, (uint8_t)matching, 0xa5};
    struct facts_tlsa_record r;
    assert_true(len + 3 <= sizeof data);
    policy_tlsa_read(base_bytes_view(data, len + 3), &arena, &r);
    return r;
}

static void too_short(void **state) {
    struct facts_tlsa_record r;
    (void)state;
    policy_tlsa_read(BASE_BYTES_EMPTY, &arena, &r);
    assert_string_not_equal(r.why, "");
    policy_tlsa_read(base_bytes_view("\3\1", 2), &arena, &r);
    assert_string_not_equal(r.why, "");
    r = read_head(3, 1, 1, 0);
    assert_string_not_equal(r.why, "");
    r = read_head(3, 1, 0, 0);
    assert_string_not_equal(r.why, "");
}

static void digests_have_their_length(void **state) {
    (void)state;
    assert_string_not_equal(read_head(3, 1, 1, 31).why, "");
    assert_string_not_equal(read_head(3, 1, 1, 33).why, "");
    assert_string_not_equal(read_head(3, 1, 2, 32).why, "");
    assert_string_equal(read_head(3, 1, 1, 32).why, "");
    assert_string_equal(read_head(3, 1, 2, 64).why, "");
    assert_string_equal(read_head(2, 0, 0, 7).why, "");
}

/* RFC 7672 section 3.1.3 */
static void pkix_is_not_for_mail(void **state) {
    (void)state;
    assert_non_null(strstr(read_head(0, 0, 1, 32).why, "PKIX"));
    assert_non_null(strstr(read_head(1, 1, 1, 32).why, "PKIX"));
    assert_string_equal(read_head(2, 1, 1, 32).why, "");
}

static void unknown_values(void **state) {
    (void)state;
    assert_string_not_equal(read_head(4, 1, 1, 32).why, "");
    assert_string_not_equal(read_head(255, 1, 1, 32).why, "");
    assert_string_not_equal(read_head(3, 2, 1, 32).why, "");
    assert_string_not_equal(read_head(3, 1, 3, 32).why, "");
}

static void text_as_in_a_zone_file(void **state) {
    (void)state;
    assert_string_equal(read_head(2, 0, 0, 2).text, "2 0 0 a500");
}

static struct facts_endpoint endpoint_with(int code) {
    static struct facts_certificate leaf;
    struct facts_endpoint e;
    facts_endpoint_init(&e);
    leaf = (struct facts_certificate){.parsed = true, .spki_sha256 = "c0ffee"};
    e.certificates = &leaf;
    e.certificate_count = 1;
    e.verification.code = code;
    return e;
}

/* The record to publish is told, and only when the records are what is wrong. */
static void mismatch_is_told(void **state) {
    struct facts_tlsa_record r = read_head(3, 1, 1, 32);
    struct facts_tlsa t = {.name = "_25._tcp.mx.example.org", .items = &r, .count = 1, .usable = 1};
    struct facts_endpoint e = endpoint_with(65);
    struct facts_finding f;
    (void)state;
    assert_true(diagnose_tlsa_mismatch(&t, &e, &arena, &f));
    assert_non_null(strstr(f.evidence, "3 1 1 a5"));
    assert_non_null(strstr(f.fix, "_25._tcp.mx.example.org. IN TLSA 3 1 1 c0ffee"));
    e = endpoint_with(62);
    assert_false(diagnose_tlsa_mismatch(&t, &e, &arena, &f));
    e = endpoint_with(65);
    e.certificate_count = 0;
    assert_false(diagnose_tlsa_mismatch(&t, &e, &arena, &f));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(too_short, set_up, tear_down),
        cmocka_unit_test_setup_teardown(digests_have_their_length, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pkix_is_not_for_mail, set_up, tear_down),
        cmocka_unit_test_setup_teardown(unknown_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(text_as_in_a_zone_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(mismatch_is_told, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("policy_tlsa", tests, NULL, NULL);
}
