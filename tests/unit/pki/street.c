/* SPDX-License-Identifier: Apache-2.0 */
#include "street.h"

#include <openssl/pem.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct pki_forged *street_forge(const struct pki_forge_request *r,
                                const struct pki_forged *issuer) {
    struct pki_forged *f = NULL;
    struct base_error e = {0};

    if (pki_forge(r, issuer, &f, &e) != WS_OK)
        fail_msg("%s", base_error_message(&e));
    return f;
}

static struct pki_forged *authority(const char *name, const struct pki_forged *issuer) {
    struct pki_forge_request r = {.common_name = name,
                                  .not_before = STREET_NOW - 1000 * STREET_DAY,
                                  .not_after = STREET_NOW + 1000 * STREET_DAY,
                                  .ca = true};

    return street_forge(&r, issuer);
}

struct pki_forged *street_leaf(const struct pki_forged *issuer, const char *const *names,
                               int64_t from, int64_t until) {
    struct pki_forge_request r = {.common_name = "mx.example.org",
                                  .dns_names = names,
                                  .not_before = from,
                                  .not_after = until};

    return street_forge(&r, issuer);
}

int street_open(void **state) {
    static const char *const names[] = {"mx.example.org", "*.wild.example.org", "192.0.2.25",
                                        "2001:db8::25", NULL};
    static struct street s;
    struct base_buf pem;

    base_arena_init(&s.arena, 1 << 26);
    s.root = authority("Street Root", NULL);
    s.stranger = authority("Strange Root", NULL);
    s.intermediate = authority("Street Intermediate", s.root);
    s.leaf =
        street_leaf(s.intermediate, names, STREET_NOW - STREET_DAY, STREET_NOW + 90 * STREET_DAY);
    base_buf_init(&pem, 1 << 16);
    assert_int_equal(pki_forged_certificate_pem(s.root, &pem), WS_OK);
    assert_int_equal(pki_trust_new_pem(base_buf_view(&pem), "street", &s.trust, NULL), WS_OK);
    base_buf_release(&pem);
    *state = &s;
    return 0;
}

int street_close(void **state) {
    struct street *s = *state;

    pki_forged_free(s->root);
    pki_forged_free(s->stranger);
    pki_forged_free(s->intermediate);
    pki_forged_free(s->leaf);
    pki_trust_free(s->trust);
    base_arena_release(&s->arena);
    return 0;
}

X509 *street_x509(const struct pki_forged *f) {
    struct base_buf pem;
    BIO *bio;
    X509 *x;

    base_buf_init(&pem, 1 << 16);
    assert_int_equal(pki_forged_certificate_pem(f, &pem), WS_OK);
    bio = BIO_new_mem_buf(base_buf_view(&pem).data, (int)base_buf_view(&pem).len);
    x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    assert_non_null(x);
    BIO_free(bio);
    base_buf_release(&pem);
    return x;
}

struct base_bytes street_der(struct street *s, const struct pki_forged *f) {
    X509 *x = street_x509(f);
    unsigned char *der = NULL;
    int len = i2d_X509(x, &der);
    struct base_bytes kept = base_arena_bytes(&s->arena, base_bytes_view(der, (size_t)len));

    OPENSSL_free(der);
    X509_free(x);
    return kept;
}

STACK_OF(X509) * street_stack(const struct pki_forged *const *list) {
    STACK_OF(X509) *stack = sk_X509_new_null();

    for (size_t i = 0; list[i] != NULL; i++)
        assert_true(sk_X509_push(stack, street_x509(list[i])) > 0);
    return stack;
}

void street_stack_free(STACK_OF(X509) * stack) {
    sk_X509_pop_free(stack, X509_free);
}
