/* SPDX-License-Identifier: Apache-2.0 */
/* plan - the defaults of a transaction */
#include "send/plan.h"

void send_plan_init(struct send_plan *p) {
    *p = (struct send_plan){
        .target = {.transport = SEND_TCP, .server = "localhost", .port = "25"},
        .hello = SEND_EHLO,
        .helo = "localhost",
        .from = "",
        .timeout = 30 * BASE_SECOND,
        .tls = {.wish = {.verify_depth = -1}},
        .auth = {.who = {.user = "", .password = ""}},
        .output = {.out_fd = 1, .err_fd = 2},
    };
}
