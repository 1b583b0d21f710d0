/* SPDX-License-Identifier: Apache-2.0 */
#include "case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct message_input case_input(void) {
    setenv("TZ", "UTC", 1);
    tzset();
    return (struct message_input){
        .from = "c@d",
        .to = "a@b",
        .fqdn = "vm",
        .pid = 4242,
        .now = 1700000000, /* Tue, 14 Nov 2023 22:13:20 */
        .version = "20240103.0",
        .body = base_bytes_of_str("BODY"),
        .as_swaks = true,
    };
}

void case_read(struct message *m, enum message_form form, struct base_buf *out) {
    struct base_error e = {0};
    struct base_bytes piece;
    base_buf_init(out, (size_t)1 << 30);
    assert_int_equal(message_start(m, form, &e), WS_OK);
    do {
        assert_int_equal(message_next(m, &piece, &e), WS_OK);
        base_buf_append_bytes(out, piece);
    } while (piece.len > 0);
    assert_false(out->failed);
}

static char *show(struct base_bytes in) {
    char *text = malloc(in.len + 1);
    size_t used = 0;
    assert_non_null(text);
    for (size_t i = 0; i < in.len; i++) {
        if (in.data[i] == '\r' && i + 1 < in.len && in.data[i + 1] == '\n')
            text[used++] = '|', i++;
        else
            text[used++] = (char)in.data[i];
    }
    text[used] = '\0';
    return text;
}

char *case_text(const struct message_input *in, enum message_form form) {
    struct base_error e = {0};
    struct message *m = NULL;
    struct base_buf out;
    if (message_new(&m, in, &e) != WS_OK)
        fail_msg("%s", base_error_message(&e));
    case_read(m, form, &out);
    char *text = show(base_buf_view(&out));
    base_buf_release(&out);
    message_free(m);
    return text;
}

void case_expect(const struct message_input *in, const char *expected) {
    char *text = case_text(in, MESSAGE_FORM_DUMP);
    assert_string_equal(text, expected);
    free(text);
}

char *case_file(const void *data, size_t len) {
    const char *dir = getenv("TMPDIR");
    char *path = NULL;
    assert_true(asprintf(&path, "%s/waxseal-message-XXXXXX", dir && *dir ? dir : "/tmp") > 0);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, len), (ssize_t)len);
    close(fd);
    return path;
}
