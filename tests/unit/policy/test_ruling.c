/* SPDX-License-Identifier: Apache-2.0 */
/* What published policies come to for mail, and how that is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "diagnose/policy.h"
#include "policy/ruling.h"

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

static void is_whole(const struct facts_finding *f, const char *id, enum facts_severity severity) {
    assert_string_equal(f->id, id);
    assert_int_equal(f->severity, severity);
    assert_int_equal(f->endpoint, -1);
    assert_true(f->title[0] && f->evidence[0] && f->impact[0] && f->fix[0]);
    assert_null(strchr(f->fix, '\n'));
}

/* RFC 7672 section 2.2.1: what is not proven is not known, and an unsigned MX names nobody. */
static void mx_of_dane(void **state) {
    static const struct {
        enum facts_dns_result result;
        enum facts_dnssec status;
        enum policy_ruling ruling;
        const char *id;
    } cases[] = {
        {FACTS_DNS_DATA, FACTS_DNSSEC_SECURE, POLICY_ASKS_PROOF, NULL},
        {FACTS_DNS_NODATA, FACTS_DNSSEC_SECURE, POLICY_ASKS_PROOF, NULL},
        {FACTS_DNS_NXDOMAIN, FACTS_DNSSEC_SECURE, POLICY_ASKS_PROOF, NULL},
        {FACTS_DNS_DATA, FACTS_DNSSEC_INSECURE, POLICY_ASKS_NOTHING, "dane-mx-unsigned"},
        {FACTS_DNS_DATA, FACTS_DNSSEC_INDETERMINATE, POLICY_MUST_WAIT, "dane-mx-unknown"},
        {FACTS_DNS_BOGUS, FACTS_DNSSEC_BOGUS, POLICY_MUST_WAIT, "dane-mx-unknown"},
        {FACTS_DNS_SERVFAIL, FACTS_DNSSEC_INDETERMINATE, POLICY_MUST_WAIT, "dane-mx-unknown"},
        {FACTS_DNS_TIMEOUT, FACTS_DNSSEC_INDETERMINATE, POLICY_MUST_WAIT, "dane-mx-unknown"},
        {FACTS_DNS_ERROR, FACTS_DNSSEC_INDETERMINATE, POLICY_MUST_WAIT, "dane-mx-unknown"},
        {FACTS_DNS_NOT_ASKED, FACTS_DNSSEC_NOT_ASKED, POLICY_MUST_WAIT, "dane-mx-unknown"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct facts_dns_answer mx = {
            .result = cases[i].result, .status = cases[i].status, .why = "", .canonical = ""};
        struct facts_finding f;
        assert_int_equal(policy_dane_mx(&mx), cases[i].ruling);
        assert_int_equal(diagnose_dane_mx("example.org", &mx, &arena, &f), cases[i].id != NULL);
        if (cases[i].id)
            is_whole(&f, cases[i].id,
                     cases[i].ruling == POLICY_MUST_WAIT ? FACTS_SEVERITY_WARNING
                                                         : FACTS_SEVERITY_INFO);
    }
}

static void hosts_of_dane(void **state) {
    static const struct {
        enum facts_tlsa_state state;
        enum policy_ruling ruling;
        const char *id;
    } cases[] = {
        {FACTS_TLSA_NOT_ASKED, POLICY_ASKS_NOTHING, NULL},
        {FACTS_TLSA_USABLE, POLICY_ASKS_PROOF, NULL},
        {FACTS_TLSA_UNUSABLE, POLICY_ASKS_TLS, "dane-unusable"},
        {FACTS_TLSA_NONE, POLICY_ASKS_NOTHING, "dane-absent"},
        {FACTS_TLSA_INSECURE, POLICY_ASKS_NOTHING, "dane-absent"},
        {FACTS_TLSA_UNKNOWN, POLICY_MUST_WAIT, "dane-unknown"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct facts_tlsa t = {
            .state = cases[i].state, .host = "mx.example.org", .why = "for a reason"};
        struct facts_finding f;
        assert_int_equal(policy_dane_host(&t), cases[i].ruling);
        assert_int_equal(diagnose_dane_host(&t, 25, &arena, &f), cases[i].id != NULL);
        if (!cases[i].id)
            continue;
        is_whole(&f, cases[i].id,
                 cases[i].ruling == POLICY_ASKS_NOTHING ? FACTS_SEVERITY_INFO
                                                        : FACTS_SEVERITY_WARNING);
        assert_string_equal(f.evidence, "for a reason");
        if (cases[i].ruling != POLICY_MUST_WAIT)
            assert_non_null(strstr(f.fix, "_25._tcp.mx.example.org"));
    }
}

static void domains_of_sts(void **state) {
    static const struct {
        enum facts_sts_state state;
        enum facts_sts_mode mode;
        enum policy_ruling ruling;
        const char *id;
        enum facts_severity severity;
    } cases[] = {
        {FACTS_STS_NOT_ASKED, FACTS_STS_MODE_NONE, POLICY_ASKS_NOTHING, NULL, 0},
        {FACTS_STS_FOUND, FACTS_STS_MODE_NONE, POLICY_ASKS_NOTHING, NULL, 0},
        {FACTS_STS_FOUND, FACTS_STS_MODE_TESTING, POLICY_ONLY_REPORTS, NULL, 0},
        {FACTS_STS_FOUND, FACTS_STS_MODE_ENFORCE, POLICY_ASKS_PROOF, NULL, 0},
        {FACTS_STS_NONE, 0, POLICY_ASKS_NOTHING, "sts-absent", FACTS_SEVERITY_INFO},
        {FACTS_STS_BROKEN, FACTS_STS_MODE_ENFORCE, POLICY_ASKS_NOTHING, "sts-broken",
         FACTS_SEVERITY_ERROR},
        {FACTS_STS_UNKNOWN, 0, POLICY_MUST_WAIT, "sts-unknown", FACTS_SEVERITY_WARNING},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct facts_sts s = {
            .state = cases[i].state, .mode = cases[i].mode, .why = "for a reason"};
        struct facts_finding f;
        assert_int_equal(policy_sts_domain(&s), cases[i].ruling);
        assert_int_equal(diagnose_sts_domain(&s, &f), cases[i].id != NULL);
        if (cases[i].id)
            is_whole(&f, cases[i].id, cases[i].severity);
    }
}

/* Only a policy that is enforced shuts a host out. */
static void hosts_of_sts(void **state) {
    const char *mx[] = {"*.example.org", "a.example", "b.example", "c.example", "d.example",
                        "e.example",     "f.example", "g.example", "h.example"};
    struct facts_sts s = {.state = FACTS_STS_FOUND,
                          .mode = FACTS_STS_MODE_ENFORCE,
                          .mx = mx,
                          .mx_count = sizeof mx / sizeof mx[0]};
    struct facts_finding f;
    (void)state;
    assert_int_equal(policy_sts_host(&s, "mx.example.org"), POLICY_ASKS_PROOF);
    assert_false(diagnose_sts_host(&s, "mx.example.org", &arena, &f));
    assert_int_equal(policy_sts_host(&s, "mx.example.net"), POLICY_FORBIDS);
    assert_true(diagnose_sts_host(&s, "mx.example.net", &arena, &f));
    is_whole(&f, "sts-host-missing", FACTS_SEVERITY_ERROR);
    assert_non_null(strstr(f.evidence, "mx.example.net is not among"));
    assert_non_null(strstr(f.evidence, "g.example ..."));
    assert_null(strstr(f.evidence, "h.example"));
    s.mode = FACTS_STS_MODE_TESTING;
    assert_int_equal(policy_sts_host(&s, "mx.example.net"), POLICY_ONLY_REPORTS);
    s.mode = FACTS_STS_MODE_NONE;
    assert_int_equal(policy_sts_host(&s, "mx.example.net"), POLICY_ASKS_NOTHING);
    assert_false(diagnose_sts_host(&s, "mx.example.net", &arena, &f));
    s.state = FACTS_STS_UNKNOWN;
    assert_int_equal(policy_sts_host(&s, "mx.example.net"), POLICY_MUST_WAIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(mx_of_dane, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hosts_of_dane, set_up, tear_down),
        cmocka_unit_test_setup_teardown(domains_of_sts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(hosts_of_sts, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("policy_ruling", tests, NULL, NULL);
}
