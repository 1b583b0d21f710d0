/* SPDX-License-Identifier: Apache-2.0 */
/* Our ClientHello against the one of a default client of the same library: it must offer the same
 * in the same order, and more only behind that, or a server would choose differently for us. */
#include "hello.h"
#include "pair.h"
#include "tls/internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void default_hello(struct hello *h) {
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(ctx);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    char *data = NULL;
    long len;

    SSL_set_bio(ssl, in, out);
    SSL_set_connect_state(ssl);
    (void)SSL_do_handshake(ssl);
    len = BIO_get_mem_data(out, &data);
    assert_true(len > 100);
    hello_parse_record(base_bytes_view(data, (size_t)len), h);
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}

/* Every id of `first` in its order at the start of `all`; the signalling suite may move. */
static void expect_prefix(const char *what, const struct hello_list *first,
                          const struct hello_list *all) {
    size_t n = first->count;

    if (n > 0 && first->ids[n - 1] == 0x00ff)
        n--;
    if (all->count < n)
        fail_msg("%s: fewer than a default client offers", what);
    for (size_t i = 0; i < n; i++)
        if (all->ids[i] != first->ids[i])
            fail_msg("%s %zu: %04x where a default client has %04x", what, i, all->ids[i],
                     first->ids[i]);
}

/* SHA-1 stands inside the library's own order; it must not change the order of the others. */
static void expect_same_order(const char *what, const struct hello_list *part,
                              const struct hello_list *all) {
    size_t at = 0;

    for (size_t i = 0; i < part->count; i++, at++) {
        while (at < all->count && all->ids[at] != part->ids[i])
            at++;
        if (at == all->count)
            fail_msg("%s: %04x is missing or out of order", what, part->ids[i]);
    }
}

static struct hello ours, theirs;

static int setup(void **state) {
    struct pair p;

    (void)state;
    pair_open(&p, NULL);
    tls_session_start(p.client, p.now);
    hello_parse_record(base_buf_view(tls_session_output(p.client)), &ours);
    default_hello(&theirs);
    pair_close(&p);
    return 0;
}

static void what_a_default_client_offers_comes_first(void **state) {
    (void)state;
    assert_true(theirs.suites.count > 20 && theirs.groups.count > 4 && theirs.schemes.count > 8);
    expect_prefix("suite", &theirs.suites, &ours.suites);
    expect_prefix("group", &theirs.groups, &ours.groups);
    expect_same_order("signature scheme", &theirs.schemes, &ours.schemes);
    expect_prefix("version", &theirs.versions, &ours.versions);
}

static void the_key_shares_are_the_same(void **state) {
    (void)state;
    assert_true(ours.shares.count > 0);
    assert_int_equal(ours.shares.count, theirs.shares.count);
    expect_prefix("key share", &theirs.shares, &ours.shares);
}

static void older_things_come_last(void **state) {
    (void)state;
    assert_true(hello_has(&ours.versions, 0x0301));
    assert_true(ours.suites.count > theirs.suites.count);
    assert_true(hello_has(&ours.schemes, 0x0201)); /* rsa_pkcs1_sha1 */
    assert_true(hello_has(&ours.groups, 0x001a));  /* brainpoolP256r1 */
    assert_false(hello_has(&theirs.schemes, 0x0201));
}

static void nothing_without_a_certificate_is_offered(void **state) {
    static const uint16_t anonymous[] = {0x0034, 0x003a, 0x006c, 0x006d, 0x00a6, 0x00a7,
                                         0xc018, 0xc019, 0x0001, 0x0002, 0x003b, 0xc006,
                                         0xc010, 0x008c, 0x00a8, 0x00a9, 0xc01d};

    (void)state;
    for (size_t i = 0; i < sizeof(anonymous) / sizeof(anonymous[0]); i++)
        assert_false(hello_has(&ours.suites, anonymous[i]));
}

static void staple_and_timestamps_are_asked_for(void **state) {
    (void)state;
    assert_true(hello_has(&ours.extensions, 5));
    assert_true(hello_has(&ours.extensions, 18));
    assert_true(hello_has(&ours.extensions, 23)); /* extended_master_secret */
    assert_true(hello_has(&ours.extensions, 22)); /* encrypt_then_mac */
    assert_true(hello_has(&ours.extensions, 35)); /* session_ticket */
    assert_false(hello_has(&ours.extensions, 0)); /* no name was given */
    assert_false(hello_has(&ours.extensions, 16));
}

static void a_narrow_client_offers_less(void **state) {
    struct hello h;
    struct pair p;

    (void)state;
    pair_open(&p, &(struct pair_options){.client_min = 0x0304});
    tls_session_start(p.client, p.now);
    hello_parse_record(base_buf_view(tls_session_output(p.client)), &h);
    assert_int_equal(h.versions.count, 1);
    assert_int_equal(h.versions.ids[0], 0x0304);
    for (size_t i = 0; i < h.suites.count; i++)
        assert_true(h.suites.ids[i] >> 8 == 0x13 || h.suites.ids[i] == 0x00ff);
    pair_close(&p);
}

static int release(void **state) {
    (void)state;
    pair_release_root();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_default_client_offers_comes_first),
        cmocka_unit_test(the_key_shares_are_the_same),
        cmocka_unit_test(older_things_come_last),
        cmocka_unit_test(nothing_without_a_certificate_is_offered),
        cmocka_unit_test(staple_and_timestamps_are_asked_for),
        cmocka_unit_test(a_narrow_client_offers_less),
    };

    return cmocka_run_group_tests(tests, setup, release);
}
