/* SPDX-License-Identifier: Apache-2.0 */
/* Who may connect next. */
#include "check/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void addresses_take_turns_within_their_bound(void **state) {
    struct check_queue q;
    struct check_waiter a[4] = {0}, b[2] = {0};
    (void)state;
    check_queue_init(&q, 2);
    assert_null(check_queue_next(&q));
    for (size_t i = 0; i < 4; i++)
        assert_true(check_queue_join(&q, &a[i], "192.0.2.1"));
    for (size_t i = 0; i < 2; i++)
        assert_true(check_queue_join(&q, &b[i], "2001:db8::1"));
    assert_ptr_equal(check_queue_next(&q), &a[0]);
    assert_ptr_equal(check_queue_next(&q), &b[0]);
    assert_ptr_equal(check_queue_next(&q), &a[1]);
    assert_ptr_equal(check_queue_next(&q), &b[1]);
    assert_null(
        check_queue_next(&q)); /* two are under way to the first, nobody waits for the other */
    check_queue_leave(&q, &a[0]);
    check_queue_leave(&q, &a[0]); /* has left already */
    assert_ptr_equal(check_queue_next(&q), &a[2]);
    assert_null(check_queue_next(&q));
    check_queue_leave(&q, &a[3]); /* waits no more */
    check_queue_leave(&q, &a[1]);
    assert_null(check_queue_next(&q));
    check_queue_leave(&q, &a[2]);
    check_queue_leave(&q, &b[0]);
    check_queue_leave(&q, &b[1]);
    assert_int_equal(q.by_address.count, 0);
    check_queue_release(&q);
}

/* A second visit to the same endpoint waits like any other. */
static void who_is_back_may_wait_again(void **state) {
    struct check_queue q;
    struct check_waiter one = {0}, two = {0};
    (void)state;
    check_queue_init(&q, 1);
    assert_true(check_queue_join(&q, &one, "192.0.2.1"));
    assert_true(check_queue_join(&q, &two, "192.0.2.1"));
    for (int i = 0; i < 3; i++) {
        struct check_waiter *w = check_queue_next(&q);
        assert_ptr_equal(w, i % 2 ? &two : &one);
        assert_null(check_queue_next(&q));
        check_queue_leave(&q, w);
        assert_true(check_queue_join(&q, w, "192.0.2.1"));
    }
    check_queue_leave(&q, &one);
    check_queue_leave(&q, &two);
    assert_int_equal(q.by_address.count, 0);
    check_queue_release(&q);
}

static void thousands_of_addresses_leave_nothing_behind(void **state) {
    enum { MANY = 5000 };
    static struct check_waiter w[MANY];
    struct check_queue q;
    char address[32];
    (void)state;
    check_queue_init(&q, 2);
    for (size_t i = 0; i < MANY; i++) {
        snprintf(address, sizeof address, "127.0.%zu.%zu", i / 256, i % 256);
        assert_true(check_queue_join(&q, &w[i], address));
    }
    for (size_t i = 0; i < MANY; i++)
        assert_ptr_equal(check_queue_next(&q), &w[i]);
    for (size_t i = 0; i < MANY; i++)
        check_queue_leave(&q, &w[i]);
    assert_int_equal(q.by_address.count, 0);
    check_queue_release(&q);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_take_turns_within_their_bound),
        cmocka_unit_test(who_is_back_may_wait_again),
        cmocka_unit_test(thousands_of_addresses_leave_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
