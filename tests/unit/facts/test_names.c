/* SPDX-License-Identifier: Apache-2.0 */
/* Every value of every enum has a word of its own; what is outside has none. */
#include "facts/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define CHECK(function, type, last)                                                                \
    do {                                                                                           \
        for (int i = 0; i <= (int)(last); i++) {                                                   \
            const char *name = function((enum type)i);                                             \
            assert_string_not_equal(name, "invalid");                                              \
            assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_"), strlen(name)); \
            for (int k = 0; k < i; k++)                                                            \
                assert_string_not_equal(name, function((enum type)k));                             \
        }                                                                                          \
        assert_string_equal(function((enum type)((int)(last) + 1)), "invalid");                    \
    } while (0)

static void every_value_has_a_word(void **state) {
    (void)state;
    CHECK(facts_protocol_name, facts_protocol, FACTS_PROTOCOL_SIEVE);
    CHECK(facts_connect_state_name, facts_connect_state, FACTS_CONNECT_ERROR);
    CHECK(facts_step_name, facts_step, FACTS_STEP_DONE);
    CHECK(facts_stop_name, facts_stop, FACTS_STOP_LOCAL);
    CHECK(facts_handshake_end_name, facts_handshake_end, FACTS_HANDSHAKE_TIMEOUT);
    CHECK(facts_target_kind_name, facts_target_kind, FACTS_TARGET_SOCKET);
    CHECK(facts_dnssec_name, facts_dnssec, FACTS_DNSSEC_INDETERMINATE);
    CHECK(facts_dns_result_name, facts_dns_result, FACTS_DNS_OVERRIDE);
    CHECK(facts_verdict_name, facts_verdict, FACTS_VERDICT_UNKNOWN);
    CHECK(facts_severity_name, facts_severity, FACTS_SEVERITY_ERROR);
    CHECK(facts_answer_name, facts_answer, FACTS_UNKNOWN);
    CHECK(facts_tlsa_state_name, facts_tlsa_state, FACTS_TLSA_UNKNOWN);
    CHECK(facts_sts_state_name, facts_sts_state, FACTS_STS_UNKNOWN);
    CHECK(facts_sts_mode_name, facts_sts_mode, FACTS_STS_MODE_ENFORCE);
    CHECK(facts_san_kind_name, facts_san_kind, FACTS_SAN_OTHER);
    CHECK(facts_identity_name, facts_identity, FACTS_IDENTITY_GIVEN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_has_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
