/* SPDX-License-Identifier: Apache-2.0 */
/* Chains as servers send them: whole, short, shuffled, with strangers; and what verification says.
 */
#include "street.h"

#include <openssl/x509_vfy.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct verdict {
    struct facts_certificate *certificates;
    size_t count;
    struct facts_chain chain;
    struct facts_verification v;
};

static struct verdict judge_names(struct street *s, const struct pki_forged *const *list,
                                  const struct pki_names *names) {
    STACK_OF(X509) *stack = street_stack(list);
    struct verdict r;

    assert_int_equal(pki_chain_judge(s->trust, stack, names, STREET_NOW, &s->arena, &r.certificates,
                                     &r.count, &r.chain, &r.v),
                     WS_OK);
    street_stack_free(stack);
    assert_true(r.v.done);
    return r;
}

static struct verdict judge(struct street *s, const struct pki_forged *const *list) {
    struct pki_names names = {.reference = "mx.example.org", .domain = "example.org"};

    return judge_names(s, list, &names);
}

#define CHAIN(...) ((const struct pki_forged *const[]){__VA_ARGS__, NULL})

static void expect_code(const struct verdict *r, int code, int depth) {
    if (r->v.first_code != code)
        print_error("code %d: %s\n", r->v.first_code, r->v.first_reason);
    assert_int_equal(r->v.first_code, code);
    assert_int_equal(r->v.depth, depth);
    assert_int_equal(r->v.ok, code == X509_V_OK);
    assert_string_equal(r->v.first_reason, X509_verify_cert_error_string(code));
}

static void a_whole_chain_is_good(void **state) {
    struct street *s = *state;
    struct verdict r = judge(s, CHAIN(s->leaf, s->intermediate));

    expect_code(&r, X509_V_OK, 0);
    assert_string_equal(r.v.reason, "ok");
    assert_true(r.v.chain_ok && r.v.name_ok);
    assert_int_equal(r.count, 2);
    assert_string_equal(r.certificates[1].subject, "CN=Street Intermediate");
    assert_true(r.chain.in_order && r.chain.complete);
    assert_false(r.chain.includes_root);
    assert_int_equal(r.chain.superfluous, 0);
    assert_string_equal(r.chain.missing_issuer, "");
    assert_string_equal(r.v.reference, "mx.example.org");
    assert_string_equal(r.v.matched_name, "mx.example.org");
    assert_int_equal(r.v.matched, FACTS_IDENTITY_MX);
    assert_false(r.v.domain_matches);
    assert_string_equal(r.v.trust, "street");
}

static void a_root_sent_along_is_noted(void **state) {
    struct street *s = *state;
    struct verdict r = judge(s, CHAIN(s->leaf, s->intermediate, s->root));

    expect_code(&r, X509_V_OK, 0);
    assert_true(r.chain.includes_root && r.chain.in_order && r.chain.complete);
    assert_int_equal(r.chain.superfluous, 0);
}

static void a_missing_intermediate(void **state) {
    struct street *s = *state;
    struct verdict r = judge(s, CHAIN(s->leaf));

    expect_code(&r, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, 0);
    assert_int_equal(r.v.code, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE);
    assert_false(r.chain.complete);
    assert_true(r.chain.in_order);
    assert_string_equal(r.chain.missing_issuer, "CN=Street Intermediate");
    assert_true(r.v.name_ok);
}

static void a_wrong_order_is_told_and_still_verifies(void **state) {
    struct street *s = *state;
    struct verdict r = judge(s, CHAIN(s->leaf, s->root, s->intermediate));

    expect_code(&r, X509_V_OK, 0);
    assert_false(r.chain.in_order);
    assert_true(r.chain.complete && r.chain.includes_root);
    assert_int_equal(r.chain.superfluous, 0);
}

static void strangers_are_superfluous(void **state) {
    struct street *s = *state;
    struct verdict r = judge(s, CHAIN(s->leaf, s->intermediate, s->stranger));

    expect_code(&r, X509_V_OK, 0);
    assert_false(r.chain.in_order);
    assert_int_equal(r.chain.superfluous, 1);
    r = judge(s, CHAIN(s->leaf, s->intermediate, s->intermediate, s->leaf));
    expect_code(&r, X509_V_OK, 0);
    assert_int_equal(r.chain.superfluous, 2);
}

static void the_intermediate_first_is_the_leaf(void **state) {
    struct street *s = *state;
    struct verdict r = judge(s, CHAIN(s->intermediate, s->leaf));

    assert_false(r.v.ok);
    assert_false(r.v.name_ok);
    assert_false(r.chain.in_order);
    assert_int_equal(r.chain.superfluous, 1);
}

static void a_self_signed_leaf(void **state) {
    static const char *const names[] = {"mx.example.org", NULL};
    struct street *s = *state;
    struct pki_forged *f = street_leaf(NULL, names, STREET_NOW, STREET_NOW + STREET_DAY);
    struct verdict r = judge(s, CHAIN(f));

    expect_code(&r, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, 0);
    assert_true(r.certificates[0].self_signed);
    assert_true(r.chain.complete && r.chain.in_order);
    assert_false(r.chain.includes_root);
    pki_forged_free(f);
}

static void an_untrusted_root_in_the_chain(void **state) {
    static const char *const names[] = {"mx.example.org", NULL};
    struct street *s = *state;
    struct pki_forged *f = street_leaf(s->stranger, names, STREET_NOW, STREET_NOW + STREET_DAY);
    struct verdict r = judge(s, CHAIN(f, s->stranger));

    expect_code(&r, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, 1);
    assert_true(r.chain.includes_root && r.chain.complete);
    r = judge(s, CHAIN(f));
    expect_code(&r, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, 0);
    assert_string_equal(r.chain.missing_issuer, "CN=Strange Root");
    pki_forged_free(f);
}

static void out_of_its_time(void **state) {
    static const char *const names[] = {"mx.example.org", NULL};
    struct street *s = *state;
    struct pki_forged *old =
        street_leaf(s->intermediate, names, STREET_NOW - 9 * STREET_DAY, STREET_NOW - STREET_DAY);
    struct pki_forged *early =
        street_leaf(s->intermediate, names, STREET_NOW + STREET_DAY, STREET_NOW + 9 * STREET_DAY);
    struct verdict r = judge(s, CHAIN(old, s->intermediate));

    expect_code(&r, X509_V_ERR_CERT_HAS_EXPIRED, 0);
    assert_int_equal(r.v.code, X509_V_ERR_CERT_HAS_EXPIRED);
    assert_true(r.v.name_ok && r.chain.complete);
    assert_int_equal(r.certificates[0].days_left, -1);
    r = judge(s, CHAIN(early, s->intermediate));
    expect_code(&r, X509_V_ERR_CERT_NOT_YET_VALID, 0);
    pki_forged_free(old);
    pki_forged_free(early);
}

static void an_expired_intermediate_is_at_depth_one(void **state) {
    static const char *const names[] = {"mx.example.org", NULL};
    struct street *s = *state;
    struct pki_forge_request r = {.common_name = "Old Intermediate",
                                  .not_before = STREET_NOW - 9 * STREET_DAY,
                                  .not_after = STREET_NOW - STREET_DAY,
                                  .ca = true};
    struct pki_forged *ca = street_forge(&r, s->root);
    struct pki_forged *f = street_leaf(ca, names, STREET_NOW, STREET_NOW + STREET_DAY);
    struct verdict v = judge(s, CHAIN(f, ca));

    expect_code(&v, X509_V_ERR_CERT_HAS_EXPIRED, 1);
    pki_forged_free(f);
    pki_forged_free(ca);
}

static void a_leaf_cannot_sign(void **state) {
    static const char *const names[] = {"mx.example.org", NULL};
    struct street *s = *state;
    struct pki_forged *f = street_leaf(s->leaf, names, STREET_NOW, STREET_NOW + STREET_DAY);
    struct verdict v = judge(s, CHAIN(f, s->leaf, s->intermediate));

    assert_false(v.v.chain_ok);
    assert_int_equal(v.v.depth, 1);
    pki_forged_free(f);
}

/* Weak keys and hashes are facts; at level 0 they do not hide the rest. */
static void weak_certificates_are_not_refused_here(void **state) {
    static const char *const names[] = {"mx.example.org", NULL};
    struct street *s = *state;
    struct pki_forge_request r = {.common_name = "weak",
                                  .dns_names = names,
                                  .not_before = STREET_NOW,
                                  .not_after = STREET_NOW + STREET_DAY,
                                  .rsa_bits = 1024,
                                  .digest = "SHA1"};
    struct pki_forged *f = street_forge(&r, s->intermediate);
    struct verdict v = judge(s, CHAIN(f, s->intermediate));

    expect_code(&v, X509_V_OK, 0);
    assert_int_equal(v.certificates[0].key_bits, 1024);
    assert_string_equal(v.certificates[0].signature, "ecdsa-with-SHA1");
    pki_forged_free(f);
}

static void a_good_chain_with_a_wrong_name(void **state) {
    struct street *s = *state;
    struct pki_names names = {.reference = "mx.other.example", .domain = "example.org"};
    struct verdict r = judge_names(s, CHAIN(s->leaf, s->intermediate), &names);

    expect_code(&r, X509_V_ERR_HOSTNAME_MISMATCH, 0);
    assert_int_equal(r.v.code, 62);
    assert_true(r.v.chain_ok);
    assert_false(r.v.name_ok);
    assert_string_equal(r.v.matched_name, "");
    assert_int_equal(r.v.matched, FACTS_IDENTITY_NONE);
    /* a wrong chain and a wrong name: the chain's code stays */
    r = judge_names(s, CHAIN(s->leaf), &names);
    assert_int_equal(r.v.first_code, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
    assert_false(r.v.name_ok);
}

static void which_identity_matched(void **state) {
    struct street *s = *state;
    const struct pki_forged *const *chain = CHAIN(s->leaf, s->intermediate);
    struct verdict r;

    r = judge_names(s, chain, &(struct pki_names){.reference = "a.wild.example.org"});
    expect_code(&r, X509_V_OK, 0);
    assert_string_equal(r.v.matched_name, "*.wild.example.org");
    assert_int_equal(r.v.matched, FACTS_IDENTITY_MX);
    r = judge_names(s, chain,
                    &(struct pki_names){.reference = "MX.example.org.", .reference_given = true});
    assert_int_equal(r.v.matched, FACTS_IDENTITY_GIVEN);
    r = judge_names(s, chain,
                    &(struct pki_names){.reference = "other.example", .domain = "mx.example.org"});
    assert_false(r.v.ok);
    assert_true(r.v.domain_matches);
    assert_int_equal(r.v.matched, FACTS_IDENTITY_DOMAIN);
    assert_string_equal(r.v.matched_name, "mx.example.org");
    r = judge_names(s, chain, &(struct pki_names){0});
    expect_code(&r, X509_V_OK, 0);
    assert_false(r.v.name_ok);
    assert_string_equal(r.v.reference, "");
    r = judge_names(s, chain, &(struct pki_names){.reference = "", .domain = ""});
    expect_code(&r, X509_V_OK, 0);
}

static void addresses_match_addresses(void **state) {
    struct street *s = *state;
    const struct pki_forged *const *chain = CHAIN(s->leaf, s->intermediate);
    struct verdict r;

    r = judge_names(s, chain, &(struct pki_names){.reference = "192.0.2.25"});
    expect_code(&r, X509_V_OK, 0);
    assert_string_equal(r.v.matched_name, "192.0.2.25");
    r = judge_names(s, chain, &(struct pki_names){.reference = "2001:DB8:0:0::25"});
    expect_code(&r, X509_V_OK, 0);
    assert_string_equal(r.v.matched_name, "2001:db8::25");
    r = judge_names(s, chain, &(struct pki_names){.reference = "192.0.2.26"});
    expect_code(&r, X509_V_ERR_IP_ADDRESS_MISMATCH, 0);
}

static void a_common_name_is_no_identity(void **state) {
    struct street *s = *state;
    struct pki_forged *f = street_leaf(s->intermediate, NULL, STREET_NOW, STREET_NOW + STREET_DAY);
    struct verdict r = judge(s, CHAIN(f, s->intermediate));

    assert_string_equal(r.certificates[0].subject_cn, "mx.example.org");
    expect_code(&r, X509_V_ERR_HOSTNAME_MISMATCH, 0);
    pki_forged_free(f);
}

static void no_certificate_at_all(void **state) {
    struct street *s = *state;
    struct pki_names names = {.reference = "mx.example.org"};
    struct verdict r = {.count = 9};
    STACK_OF(X509) *empty = sk_X509_new_null();

    assert_int_equal(pki_chain_judge(s->trust, NULL, &names, STREET_NOW, &s->arena, &r.certificates,
                                     &r.count, &r.chain, &r.v),
                     WS_OK);
    assert_int_equal(r.count, 0);
    assert_false(r.v.done || r.v.ok);
    assert_int_equal(pki_chain_judge(s->trust, empty, &names, STREET_NOW, &s->arena,
                                     &r.certificates, &r.count, &r.chain, &r.v),
                     WS_OK);
    assert_false(r.v.done);
    assert_string_equal(r.chain.missing_issuer, "");
    sk_X509_free(empty);
}

/* More links than any path needs: what lies beyond the bound counts as superfluous. */
static void a_long_chain_is_walked_within_bounds(void **state) {
    struct street *s = *state;
    STACK_OF(X509) *stack = sk_X509_new_null();
    struct pki_forged *made[41] = {NULL};
    struct verdict r;

    for (size_t i = 0; i < 40; i++) {
        struct pki_forge_request q = {.common_name = "link",
                                      .not_before = STREET_NOW,
                                      .not_after = STREET_NOW + STREET_DAY,
                                      .ca = true};
        made[i] = street_forge(&q, i == 0 ? s->root : made[i - 1]);
    }
    for (size_t i = 40; i-- > 0;)
        sk_X509_push(stack, street_x509(made[i]));
    assert_int_equal(pki_chain_judge(s->trust, stack, &(struct pki_names){0}, STREET_NOW, &s->arena,
                                     &r.certificates, &r.count, &r.chain, &r.v),
                     WS_OK);
    assert_int_equal(r.count, 40);
    assert_true(r.chain.in_order);
    assert_int_equal(r.chain.superfluous, 40 - 32);
    for (size_t i = 0; i < 40; i++)
        pki_forged_free(made[i]);
    street_stack_free(stack);
}

static void a_full_arena_is_an_error(void **state) {
    struct street *s = *state;
    STACK_OF(X509) *stack = street_stack(CHAIN(s->leaf, s->intermediate));
    struct base_arena small;
    struct verdict r;

    base_arena_init(&small, 600);
    assert_int_equal(pki_chain_judge(s->trust, stack, &(struct pki_names){0}, STREET_NOW, &small,
                                     &r.certificates, &r.count, &r.chain, &r.v),
                     WS_NOMEM);
    base_arena_release(&small);
    street_stack_free(stack);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_chain_is_good),
        cmocka_unit_test(a_root_sent_along_is_noted),
        cmocka_unit_test(a_missing_intermediate),
        cmocka_unit_test(a_wrong_order_is_told_and_still_verifies),
        cmocka_unit_test(strangers_are_superfluous),
        cmocka_unit_test(the_intermediate_first_is_the_leaf),
        cmocka_unit_test(a_self_signed_leaf),
        cmocka_unit_test(an_untrusted_root_in_the_chain),
        cmocka_unit_test(out_of_its_time),
        cmocka_unit_test(an_expired_intermediate_is_at_depth_one),
        cmocka_unit_test(a_leaf_cannot_sign),
        cmocka_unit_test(weak_certificates_are_not_refused_here),
        cmocka_unit_test(a_good_chain_with_a_wrong_name),
        cmocka_unit_test(which_identity_matched),
        cmocka_unit_test(addresses_match_addresses),
        cmocka_unit_test(a_common_name_is_no_identity),
        cmocka_unit_test(no_certificate_at_all),
        cmocka_unit_test(a_long_chain_is_walked_within_bounds),
        cmocka_unit_test(a_full_arena_is_an_error),
    };

    return cmocka_run_group_tests(tests, street_open, street_close);
}
