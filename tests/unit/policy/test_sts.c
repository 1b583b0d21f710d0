/* SPDX-License-Identifier: Apache-2.0 */
/* MTA-STS records and policies, broken ones first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "policy/find_private.h"
#include "policy/ruling.h"

#include <string.h>

static struct base_arena arena;
static struct facts_sts sts;

static int set_up(void **state) {
    (void)state;
    base_arena_init(&arena, 4 << 20);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    base_arena_release(&arena);
    return 0;
}

static bool parse_bytes(struct base_bytes b) {
    sts = (struct facts_sts){.why = ""};
    return policy_sts_parse(b, &arena, &sts);
}

static bool parse(const char *text) {
    return parse_bytes(base_bytes_of_str(text));
}

#define HEAD "version: STSv1\n"
#define REST "max_age: 600\nmx: mx.example.org\n"

static void broken_policies(void **state) {
    static const char *const bad[] = {
        "",
        "\n\n",
        "no colon",
        "<html><body>not found</body></html>",
        "mode: enforce\n" REST,
        "version: STSv2\nmode: enforce\n" REST,
        HEAD REST,
        HEAD "mode: ENFORCED\n" REST,
        HEAD "mode: Enforce\n" REST,
        HEAD "mode:\n" REST,
        HEAD "mode: enforce\nmx: mx.example.org\n",
        HEAD "mode: enforce\nmax_age: -1\nmx: mx.example.org\n",
        HEAD "mode: enforce\nmax_age: 1d\nmx: mx.example.org\n",
        HEAD "mode: enforce\nmax_age: 99999999999\nmx: mx.example.org\n",
        HEAD "mode: enforce\nmax_age: 600\n",
        HEAD "mode: testing\nmax_age: 600\n",
        HEAD "mode: enforce\nmax_age: 600\nmx:\n",
        HEAD "mode: enforce\nmax_age: 600\nmx: *\n",
        HEAD "mode: enforce\nmax_age: 600\nmx: *.\n",
        HEAD "mode: enforce\nmax_age: 600\nmx: *.*.example.org\n",
        HEAD "mode: enforce\nmax_age: 600\nmx: mx..example.org\n",
        HEAD "mode: enforce\nmax_age: 600\nmx: .example.org\n",
        HEAD "mode: enforce\nmax_age: 600\nmx: mx example.org\n",
        HEAD "mode: enforce\nmax_age: 600\nmx: mx.example.org,mx2.example.org\n",
        HEAD "mode: enforce\nmax_age: 600\nmx: [192.0.2.1]\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (parse(bad[i]))
            fail_msg("taken: %s", bad[i]);
        assert_string_not_equal(sts.why, "");
    }
}

static void hostile_bytes(void **state) {
    static uint8_t many[POLICY_STS_BYTES_MAX + 1];
    (void)state;
    for (size_t i = 0; i < sizeof many; i++)
        many[i] = ':';
    assert_false(parse_bytes(base_bytes_view(many, sizeof many)));
    assert_non_null(strstr(sts.why, "64 KiB"));
    assert_false(parse_bytes(base_bytes_view("version: STSv1\0\nmode: none\nmax_age: 1", 38)));
    assert_false(parse("version: \x1b[31mSTSv1\n"));
    assert_null(strchr(sts.why, 0x1b));
}

/* Not one more than is kept. */
static void very_many_mx(void **state) {
    struct base_buf b;
    (void)state;
    base_buf_init(&b, POLICY_STS_BYTES_MAX);
    base_buf_append_str(&b, HEAD "mode: enforce\nmax_age: 1\n");
    for (int i = 0; i < 5000; i++)
        base_buf_append_str(&b, "mx: a.b\n");
    assert_true(parse_bytes(base_buf_view(&b)));
    assert_int_equal(sts.mx_count, POLICY_STS_MX_MAX);
    base_buf_release(&b);
}

static void good_policies(void **state) {
    (void)state;
    assert_true(parse("version: STSv1\r\nmode: enforce\r\nmx: MX1.Example.ORG\r\n"
                      "mx: *.example.net.\r\nmax_age: 604800\r\n"));
    assert_int_equal(sts.mode, FACTS_STS_MODE_ENFORCE);
    assert_int_equal(sts.mx_count, 2);
    assert_string_equal(sts.mx[0], "mx1.example.org");
    assert_string_equal(sts.mx[1], "*.example.net");
    assert_int_equal(sts.max_age, 604800);
    assert_true(parse("max_age:0\nmode : none \nversion:STSv1"));
    assert_int_equal(sts.mode, FACTS_STS_MODE_NONE);
    assert_true(parse(HEAD "mode: testing\nmode: enforce\nlater: thing\n\n" REST "max_age: 1\n"));
    assert_int_equal(sts.mode, FACTS_STS_MODE_TESTING);
    assert_int_equal(sts.max_age, 600);
    assert_true(parse(HEAD "mode: enforce\nmx: a.b\nmax_age: 4000000000\n"));
    assert_int_equal(sts.max_age, 31557600);
}

static void hosts(void **state) {
    (void)state;
    assert_true(parse(HEAD "mode: enforce\nmax_age: 1\nmx: *.example.org\nmx: mx.example.net\n"));
    assert_true(policy_sts_allows(&sts, "mx.example.org"));
    assert_true(policy_sts_allows(&sts, "MX.EXAMPLE.ORG."));
    assert_true(policy_sts_allows(&sts, "mx.example.net"));
    assert_false(policy_sts_allows(&sts, "example.org"));
    assert_false(policy_sts_allows(&sts, ".example.org"));
    assert_false(policy_sts_allows(&sts, "a.mx.example.org"));
    assert_false(policy_sts_allows(&sts, "mx2.example.net"));
    assert_false(policy_sts_allows(&sts, "a.mx.example.net"));
    assert_false(policy_sts_allows(&sts, "mxexample.org"));
    assert_false(policy_sts_allows(&sts, ""));
    assert_false(policy_sts_allows(&sts, "."));
}

static const char *record(const char *text) {
    const char *why = NULL;
    struct base_bytes b = base_bytes_of_str(text);
    const char *id = policy_sts_is_record(b) ? policy_sts_record_id(b, &arena, &why) : NULL;
    if (id)
        assert_int_equal(id[0] == '\0', why[0] != '\0');
    return id;
}

static void records(void **state) {
    (void)state;
    assert_null(record(""));
    assert_null(record("v=STSv"));
    assert_null(record("v=STSv10; id=1"));
    assert_null(record("V=STSv1; id=1"));
    assert_null(record("v=TLSRPTv1; rua=mailto:a@b"));
    assert_null(record("id=1; v=STSv1"));
    assert_string_equal(record("v=STSv1"), "");
    assert_string_equal(record("v=STSv1;"), "");
    assert_string_equal(record("v=STSv1; id="), "");
    assert_string_equal(record("v=STSv1; id=a-b"), "");
    assert_string_equal(record("v=STSv1; id=123456789012345678901234567890123"), "");
    assert_string_equal(record("v=STSv1; id=20260101T000000;"), "20260101T000000");
    assert_string_equal(record("v=STSv1 ;id=a ; x=y"), "a");
    assert_string_equal(record("v=STSv1; x=y; id=b2"), "b2");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(broken_policies, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hostile_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(very_many_mx, set_up, tear_down),
        cmocka_unit_test_setup_teardown(good_policies, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hosts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(records, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("policy_sts", tests, NULL, NULL);
}
