/* SPDX-License-Identifier: Apache-2.0 */
/* Where roots come from, and what is said when they do not. */
#include "street.h"

#include "pki/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[] = "/tmp/waxseal-trust-XXXXXX";

static const char *path_of(const char *name) {
    static char path[256];

    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

static const char *write_file(const char *name, struct base_bytes content) {
    FILE *f = fopen(path_of(name), "w");

    assert_non_null(f);
    if (content.len > 0)
        assert_int_equal(fwrite(content.data, 1, content.len, f), content.len);
    fclose(f);
    return path_of(name);
}

static struct base_bytes root_pem(struct street *s) {
    struct base_buf pem;
    struct base_bytes kept;

    base_buf_init(&pem, 1 << 16);
    assert_int_equal(pki_forged_certificate_pem(s->root, &pem), WS_OK);
    kept = base_arena_bytes(&s->arena, base_buf_view(&pem));
    base_buf_release(&pem);
    return kept;
}

/* Verifies the street's good chain; the code. */
static int verify(struct street *s, const struct pki_trust *t, struct facts_verification *v) {
    const struct pki_forged *const list[] = {s->leaf, s->intermediate, NULL};
    STACK_OF(X509) *stack = street_stack(list);
    struct facts_certificate *certs;
    struct facts_chain chain;
    size_t count;

    assert_int_equal(pki_chain_judge(t, stack, &(struct pki_names){.reference = "mx.example.org"},
                                     STREET_NOW, &s->arena, &certs, &count, &chain, v),
                     WS_OK);
    street_stack_free(stack);
    return v->code;
}

static void expect_refusal(const char *file, const char *directory, const char *name,
                           const char *words) {
    struct pki_trust *t = NULL;
    struct base_error e = {0};

    assert_int_equal(pki_trust_new(file, directory, &t, &e), WS_USAGE);
    assert_null(t);
    if (strstr(base_error_message(&e), name) == NULL ||
        strstr(base_error_message(&e), words) == NULL)
        fail_msg("%s", base_error_message(&e));
}

static void a_file_of_roots(void **state) {
    struct street *s = *state;
    struct facts_verification v;
    struct pki_trust *t = NULL;
    const char *path = write_file("root.pem", root_pem(s));

    assert_int_equal(pki_trust_new(path, NULL, &t, NULL), WS_OK);
    assert_int_equal(verify(s, t, &v), 0);
    assert_string_equal(v.trust, path);
    pki_trust_free(t);
}

static void a_file_with_text_around_the_certificate(void **state) {
    struct street *s = *state;
    struct base_bytes pem = root_pem(s);
    struct facts_verification v;
    struct pki_trust *t = NULL;
    struct base_buf text;

    base_buf_init(&text, 1 << 16);
    base_buf_append_str(&text, "# my roots\n\n");
    base_buf_append_bytes(&text, pem);
    base_buf_append_str(&text, "\nand a comment behind\n");
    base_buf_append_bytes(&text, pem); /* twice is no error */
    assert_int_equal(pki_trust_new(write_file("text.pem", base_buf_view(&text)), NULL, &t, NULL),
                     WS_OK);
    assert_int_equal(verify(s, t, &v), 0);
    pki_trust_free(t);
    base_buf_release(&text);
}

static void a_hashed_directory_is_read_when_needed(void **state) {
    struct street *s = *state;
    struct facts_verification v;
    struct pki_trust *t = NULL;
    X509 *root = street_x509(s->root);
    char hash[64], sub[256];

    (void)snprintf(sub, sizeof(sub), "%s", path_of("hashed"));
    assert_int_equal(mkdir(sub, 0700), 0);
    expect_refusal(NULL, sub, sub, "no certificate inside");
    (void)snprintf(hash, sizeof(hash), "hashed/%08lx.0",
                   X509_NAME_hash_ex(X509_get_subject_name(root), NULL, NULL, NULL));
    write_file("hashed/README", base_bytes_of_str("no certificate"));
    expect_refusal(NULL, sub, sub, "openssl rehash");
    write_file(hash, root_pem(s));
    assert_int_equal(pki_trust_new(NULL, sub, &t, NULL), WS_OK);
    assert_int_equal(verify(s, t, &v), 0);
    assert_string_equal(v.trust, sub);
    assert_int_equal(verify(s, t, &v), 0); /* from the cache */
    pki_trust_free(t);
    X509_free(root);
    unlink(path_of(hash));
    unlink(path_of("hashed/README"));
    rmdir(sub);
}

static void each_failure_names_the_file(void **state) {
    struct street *s = *state;
    char broken[300];
    struct base_bytes pem = root_pem(s);

    expect_refusal(path_of("absent.pem"), NULL, "absent.pem", "No such file");
    expect_refusal(dir, NULL, dir, "is a directory");
    expect_refusal(write_file("empty.pem", BASE_BYTES_EMPTY), NULL, "empty.pem",
                   "no certificate inside");
    expect_refusal(write_file("text.txt", base_bytes_of_str("hello\n")), NULL, "text.txt",
                   "no certificate inside");
    (void)base_bytes_copy(broken, sizeof(broken), pem);
    expect_refusal(write_file("cut.pem", base_bytes_view(broken, 200)), NULL, "cut.pem",
                   "certificate 1 is malformed");
    expect_refusal(
        write_file(
            "bad.pem",
            base_bytes_of_str("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")),
        NULL, "bad.pem", "certificate 1 is malformed");
    expect_refusal(NULL, path_of("absent"), "absent", "No such file");
    expect_refusal(NULL, write_file("file", BASE_BYTES_EMPTY), "file", "Not a directory");
    if (geteuid() != 0) {
        const char *path = write_file("secret.pem", pem);
        chmod(path, 0);
        expect_refusal(path, NULL, "secret.pem", "Permission denied");
    }
}

static void pem_in_memory(void **state) {
    struct street *s = *state;
    struct pki_trust *t = NULL;
    struct base_error e = {0};

    assert_int_equal(pki_trust_new_pem(base_bytes_of_str("x"), "the demo", &t, &e), WS_USAGE);
    assert_non_null(strstr(base_error_message(&e), "the demo: no certificate inside"));
    assert_int_equal(pki_trust_new_pem(BASE_BYTES_EMPTY, "the demo", &t, NULL), WS_USAGE);
    assert_int_equal(pki_trust_new_pem(root_pem(s), "the demo", &t, NULL), WS_OK);
    pki_trust_free(t);
    pki_trust_free(NULL);
}

/* The system's store, with its places moved by the environment. */
static void the_system_is_lazy_and_can_be_moved(void **state) {
    struct street *s = *state;
    struct facts_verification v;
    struct pki_trust *t = NULL;
    struct base_error e = {0};

    setenv("SSL_CERT_DIR", dir, 1); /* holds nothing hashed */
    setenv("SSL_CERT_FILE", write_file("root.pem", root_pem(s)), 1);
    assert_int_equal(pki_trust_new(NULL, NULL, &t, NULL), WS_OK);
    assert_int_equal(verify(s, t, &v), 0);
    assert_string_equal(v.trust, "system");
    for (int i = 0; i < 20; i++) /* references are counted right */
        assert_int_equal(verify(s, t, &v), 0);
    pki_trust_free(t);

    setenv("SSL_CERT_FILE", write_file("empty.pem", BASE_BYTES_EMPTY), 1);
    assert_int_equal(pki_trust_new(NULL, NULL, &t, NULL), WS_OK);
    assert_int_equal(verify(s, t, &v), 20);
    pki_trust_free(t);

    setenv("SSL_CERT_FILE", path_of("nowhere.pem"), 1);
    assert_int_equal(pki_trust_new(NULL, NULL, &t, &e), WS_USAGE);
    assert_non_null(strstr(base_error_message(&e), "nowhere.pem"));
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
    assert_int_equal(pki_trust_new(NULL, NULL, &t, NULL), WS_OK);
    assert_int_equal(verify(s, t, &v), 20);
    pki_trust_free(t);
}

/* A file, a directory, a store each stand in the system's place; a switch leaves the system's out.
 */
static void each_place_can_be_given_or_left_out(void **state) {
    struct street *s = *state;
    struct facts_verification v;
    struct pki_trust_config c = {.store = write_file("root.pem", root_pem(s))};
    struct base_error e = {0};
    struct pki_trust *t = NULL;

    assert_int_equal(pki_trust_open(&c, &t, NULL), WS_OK);
    assert_int_equal(verify(s, t, &v), 0);
    pki_trust_free(t);
    setenv("SSL_CERT_DIR", "/nowhere:/neither", 1);
    setenv("SSL_CERT_FILE", path_of("root.pem"), 1);
    c = (struct pki_trust_config){0};
    assert_int_equal(pki_trust_open(&c, &t, NULL), WS_OK);
    assert_int_equal(verify(s, t, &v), 0);
    pki_trust_free(t);
    c.no_file = true;
    assert_int_equal(pki_trust_open(&c, &t, NULL), WS_OK);
    assert_int_equal(verify(s, t, &v), 20);
    assert_string_equal(v.trust, "system");
    pki_trust_free(t);
    c.no_dir = c.no_store = true;
    assert_int_equal(pki_trust_open(&c, &t, NULL), WS_OK);
    assert_int_equal(verify(s, t, &v), 20);
    assert_string_equal(v.trust, "none");
    pki_trust_free(t);
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
    c = (struct pki_trust_config){.file = "/nowhere", .file_option = "-CAfile"};
    assert_int_equal(pki_trust_open(&c, &t, &e), WS_USAGE);
    assert_string_equal(base_error_message(&e), "-CAfile /nowhere: No such file or directory");
}

/* A check made elsewhere is taken over; what stands in the chain is still read. */
static void a_verdict_from_elsewhere_is_noted(void **state) {
    struct street *s = *state;
    const struct pki_forged *const list[] = {s->leaf, s->intermediate, NULL};
    const struct pki_verdict verdicts[] = {{0, 0, 0}, {10, 1, 10}, {21, 0, 20}};
    const struct pki_names names = {.reference = "mx.example.org"};
    STACK_OF(X509) *stack = street_stack(list);
    struct facts_certificate *certs;
    struct facts_verification v;
    struct facts_chain chain;
    size_t count;

    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(pki_chain_note(s->trust, stack, &names, &verdicts[i], STREET_NOW,
                                        &s->arena, &certs, &count, &chain, &v),
                         WS_OK);
        assert_int_equal(count, 2);
        assert_true(v.done);
        assert_true(chain.in_order);
        assert_true(chain.complete);
        assert_true(v.name_ok);
        assert_int_equal(v.code, verdicts[i].code);
        assert_int_equal(v.first_code, verdicts[i].first_code);
        assert_int_equal(v.depth, verdicts[i].depth);
        assert_int_equal(v.ok, i == 0);
    }
    assert_int_equal(pki_chain_note(s->trust, NULL, &names, &verdicts[1], STREET_NOW, &s->arena,
                                    &certs, &count, &chain, &v),
                     WS_OK);
    assert_int_equal(count, 0);
    assert_false(v.done);
    street_stack_free(stack);
}

static void files_are_read_whole_or_not_at_all(void **state) {
    struct base_error e = {0};
    struct base_buf b;

    (void)state;
    base_buf_init(&b, 16);
    assert_int_equal(
        pki_file_read("", write_file("file", base_bytes_of_str("0123456789abcdef")), &b, NULL),
        WS_OK);
    assert_int_equal(b.len, 16);
    base_buf_wipe(&b);
    base_buf_init(&b, 15);
    assert_int_equal(pki_file_read("-x", path_of("file"), &b, &e), WS_USAGE);
    assert_non_null(strstr(base_error_message(&e), "larger than"));
    base_buf_wipe(&b);
    base_buf_init(&b, 1 << 20);
    e = (struct base_error){0};
    assert_int_equal(pki_file_read("-x", "/dev/null", &b, &e), WS_USAGE);
    assert_string_equal(base_error_message(&e), "-x /dev/null: is empty");
    e = (struct base_error){0};
    assert_int_equal(pki_file_read("-x", "/", &b, &e), WS_USAGE);
    assert_string_equal(base_error_message(&e), "-x /: is a directory, not a file");
    assert_false(pki_file_is_pem(base_bytes_of_str("-----BEGIN")));
    assert_true(pki_file_is_pem(base_bytes_of_str("text\n-----BEGIN X-----\n")));
    base_buf_wipe(&b);
}

static int open_all(void **state) {
    return mkdtemp(dir) == NULL ? -1 : street_open(state);
}

static int close_all(void **state) {
    static const char *const names[] = {"root.pem", "text.pem", "empty.pem", "text.txt",
                                        "cut.pem",  "bad.pem",  "file",      "secret.pem"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlink(path_of(names[i]));
    rmdir(dir);
    return street_close(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_of_roots),
        cmocka_unit_test(a_file_with_text_around_the_certificate),
        cmocka_unit_test(a_hashed_directory_is_read_when_needed),
        cmocka_unit_test(each_failure_names_the_file),
        cmocka_unit_test(pem_in_memory),
        cmocka_unit_test(the_system_is_lazy_and_can_be_moved),
        cmocka_unit_test(each_place_can_be_given_or_left_out),
        cmocka_unit_test(a_verdict_from_elsewhere_is_noted),
        cmocka_unit_test(files_are_read_whole_or_not_at_all),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
