/* SPDX-License-Identifier: Apache-2.0 */
/* send_manual - the manual of waxseal send.
 */
#include "send/manual.h"

#include "send/exit.h"

#include <string.h>
#include <unistd.h>

#define MANUAL_MAX (1u << 20)

void send_manual_text(enum send_manner manner, unsigned columns, struct base_buf *out) {
    (void)columns;
    base_buf_printf(out, "Usage: %s --to ADDRESS [OPTION...]\n\n",
                    manner == SEND_AS_SWAKS ? "swaks" : "waxseal send");
    for (int id = 0; id < SEND_OPT_COUNT; id++) {
        const struct send_option *o = send_option_at((enum send_option_id)id);
        if (!o->quiet)
            base_buf_printf(out, "  --%s %s\n        %s\n", o->names, o->value ? o->value : "",
                            o->help);
    }
}

int send_manual_show(enum send_manner manner, bool paged) {
    struct base_buf text;
    (void)paged;
    base_buf_init(&text, MANUAL_MAX);
    send_manual_text(manner, 80, &text);
    struct base_bytes rest = base_buf_view(&text);
    while (rest.len > 0) {
        ssize_t n = write(STDOUT_FILENO, rest.data, rest.len);
        if (n <= 0)
            break;
        rest = base_bytes_slice(rest, (size_t)n, rest.len);
    }
    base_buf_release(&text);
    return SEND_EXIT_OK;
}
