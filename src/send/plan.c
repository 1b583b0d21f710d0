/* SPDX-License-Identifier: Apache-2.0 */
/* plan - the defaults of a transaction, and how values stand in its commands */
#include "send/plan.h"

#include "base/buf.h"

#define TEXT_MAX ((size_t)1 << 20)

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

const char *send_xtext(struct base_arena *arena, const char *value, bool eight_bit) {
    struct base_bytes in = base_bytes_of_str(value);
    struct base_buf b;
    base_buf_init(&b, TEXT_MAX);
    for (size_t i = 0; i < in.len; i++) {
        uint8_t c = in.data[i];
        bool plain = c > ' ' && c != '+' && c != '=' && c != 0x7f && (c < 0x80 || eight_bit);
        if (plain)
            base_buf_append_byte(&b, c);
        else
            base_buf_printf(&b, "+%02X", c);
    }
    const char *s = base_arena_str_bytes(arena, base_buf_view(&b));
    base_buf_release(&b);
    return s;
}
