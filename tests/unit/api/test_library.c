/* SPDX-License-Identifier: Apache-2.0 */
/* The public library as a program that links it would use it. */
#include "waxseal.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* A port of loopback on which nothing listens. */
static unsigned closed_port(void) {
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
    close(fd);
    return ntohs(a.sin_port);
}

static void wrong_options_are_told(void **state) {
    struct waxseal *w = waxseal_new();
    (void)state;
    assert_non_null(w);
    assert_null(waxseal_json(w));
    assert_int_equal(waxseal_option(w, "--nonsense", NULL), -1);
    assert_non_null(strstr(waxseal_error(w), "nonsense"));
    assert_int_equal(waxseal_option(w, "--port", "70000"), -1);
    assert_non_null(strstr(waxseal_error(w), "port"));
    assert_int_equal(waxseal_option(w, "port", "25"), -1);
    assert_int_equal(waxseal_option(w, "--no-ptr", NULL), 0);
    assert_int_equal(waxseal_option(w, "--port", "26"), 0);
    waxseal_free(w);
}

static void contradiction_fails_the_check(void **state) {
    struct waxseal *w = waxseal_new();
    (void)state;
    assert_int_equal(waxseal_option(w, "-4", NULL), 0);
    assert_int_equal(waxseal_option(w, "-6", NULL), 0);
    assert_int_equal(waxseal_target(w, "127.0.0.1"), 0);
    assert_int_equal(waxseal_check(w), -1);
    assert_non_null(strstr(waxseal_error(w), "-4"));
    waxseal_free(w);
}

static void a_closed_port_is_reported_twice_over(void **state) {
    struct waxseal *w = waxseal_new();
    char target[64];
    (void)state;
    snprintf(target, sizeof target, "127.0.0.1:%u", closed_port());
    assert_int_equal(waxseal_option(w, "--no-ptr", NULL), 0);
    assert_int_equal(waxseal_target(w, target), 0);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(waxseal_check(w), 3);
        assert_non_null(strstr(waxseal_json(w), "\"refused\""));
        assert_non_null(strstr(waxseal_text(w), "127.0.0.1"));
    }
    waxseal_free(w);
}

static void nothing_to_free_is_fine(void **state) {
    (void)state;
    waxseal_free(NULL);
    assert_string_equal(waxseal_version(), WAXSEAL_VERSION);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_options_are_told),
        cmocka_unit_test(contradiction_fails_the_check),
        cmocka_unit_test(a_closed_port_is_reported_twice_over),
        cmocka_unit_test(nothing_to_free_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
