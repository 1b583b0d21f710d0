/* SPDX-License-Identifier: Apache-2.0 */
/* The message as a stream: pieces cut anywhere, files that are odd or change, sizes known ahead. */
#include "case.h"
#include "message/mime_encode.h"
#include "message/private.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Through message_lines_append in pieces of at most `step` bytes. */
static void expect_lines(struct base_bytes in, size_t step, struct base_bytes expected) {
    struct message_lines lines = {.stuff = true, .line_start = true};
    struct base_buf out;
    base_buf_init(&out, 4096);
    for (size_t at = 0; at < in.len; at += step)
        message_lines_append(&lines, &out, base_bytes_slice(in, at, step));
    struct base_bytes found = base_buf_view(&out);
    assert_int_equal(found.len, expected.len);
    assert_true(base_bytes_equal(found, expected));
    base_buf_release(&out);
}

static void line_ends_and_dots_do_not_depend_on_pieces(void **state) {
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"", ""},
        {".", ".."},
        {"..", "..."},
        {".\r\n", "..\r\n"},
        {"\n.\n", "\r\n..\r\n"},
        {"\r\n.\r\n.", "\r\n..\r\n.."},
        {"\r.\n.", "\r.\r\n.."},
        {"a\r\r\n.b", "a\r\r\n..b"},
        {"\n\n\n", "\r\n\r\n\r\n"},
        {"\r\n\n\r\n", "\r\n\r\n\r\n"},
        {"\r\n\r", "\r\n\r"},
        {"\r\r\r", "\r\r\r"},
        {"a.\n.b\n..c\n", "a.\r\n..b\r\n...c\r\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t step = 1; step <= 10; step++)
            expect_lines(base_bytes_of_str(cases[i].in), step, base_bytes_of_str(cases[i].out));
    for (size_t step = 1; step <= 10; step++)
        expect_lines(base_bytes_view("\0.\n.\0\n", 6), step, base_bytes_view("\0.\r\n..\0\r\n", 9));
}

static void base64_lines_are_as_long_as_promised(void **state) {
    static const char *const known[] = {"",
                                        "Zg==\r\n",
                                        "Zm8=\r\n",
                                        "Zm9v\r\n",
                                        "Zm9vYg==\r\n",
                                        "Zm9vYmE=\r\n",
                                        "Zm9vYmFy\r\n"}; /* RFC 4648 section 10 */
    uint8_t bytes[300];
    struct base_buf out;
    (void)state;
    base_buf_init(&out, 4096);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7);
    for (size_t len = 0; len <= sizeof bytes; len++) {
        base_buf_clear(&out);
        message_mime_base64(&out, base_bytes_view(bytes, len));
        assert_int_equal(out.len, message_mime_base64_size(len));
    }
    for (size_t len = 0; len < sizeof known / sizeof known[0]; len++) {
        base_buf_clear(&out);
        message_mime_base64(&out, base_bytes_view("foobar", len));
        assert_string_equal(base_buf_cstr(&out), known[len]);
    }
    base_buf_clear(&out);
    message_mime_base64(&out, base_bytes_view(bytes, 58));
    assert_int_equal(base_bytes_find(base_buf_view(&out), '\r'), 76);
    base_buf_release(&out);
}

static void expect_exact(const char *content, size_t len, bool no_strip, const char *expected) {
    char *path = case_file(content, len);
    struct message_input in = {.message_path = path, .no_strip_from = no_strip};
    char *text = case_text(&in, MESSAGE_FORM_DATA);
    assert_string_equal(text, expected);
    free(text);
    unlink(path);
    free(path);
}

static void a_finished_message_is_changed_as_little_as_can_be(void **state) {
    (void)state;
    expect_exact("", 0, false, ".|");
    expect_exact(".", 1, false, "..|.|");
    expect_exact("\r", 1, false, "\r|.|");
    expect_exact("Aa: %DATE%\\n\r\n\r\n.\r\nx \t\r\n", 24, false, "Aa: %DATE%\\n||..|x \t|.|");
    expect_exact("Aa: 1\n\nx", 8, false, "Aa: 1||x|.|");
    expect_exact("From a\nAa: 1\n\nFrom b\n", 21, false, "Aa: 1||From b|.|");
    expect_exact("From a\nAa: 1\n\nFrom b\n", 21, true, "From a|Aa: 1||From b|.|");
    expect_exact("From a", 6, false, "From a|.|");
    expect_exact("From: a\n", 8, false, "From: a|.|");
}

static enum ws_err try_message(const char *path, struct base_error *e) {
    struct message_input in = {.message_path = path};
    struct message *m = NULL;
    enum ws_err err = message_new(&m, &in, e);
    message_free(m);
    return err;
}

static void files_that_are_none_are_named(void **state) {
    struct base_error e = {0};
    (void)state;
    assert_int_equal(try_message("/nonexistent/file", &e), WS_IO);
    assert_non_null(strstr(e.message, "/nonexistent/file"));
    base_error_clear(&e);
    assert_int_equal(try_message("/", &e), WS_IO);
    base_error_clear(&e);
    assert_int_equal(try_message("", &e), WS_IO);
    struct message_part part = {.kind = MESSAGE_PART_ATTACHED, .path = "/nonexistent/file"};
    struct message_input in = case_input();
    struct message *m = NULL;
    in.parts = &part;
    in.part_count = 1;
    base_error_clear(&e);
    assert_int_equal(message_new(&m, &in, &e), WS_IO);
    assert_null(m);
}

static void a_file_that_changed_is_an_error(void **state) {
    static const char *const later[] = {"Aa: 1\n\nlonger", "Aa", ""};
    struct base_error e = {0};
    struct base_bytes piece;
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        char *path = case_file("Aa: 1\n\nxx\n", 10);
        struct message_input in = {.message_path = path};
        struct message *m = NULL;
        assert_int_equal(message_new(&m, &in, NULL), WS_OK);
        if (i < 3) {
            FILE *f = fopen(path, "w");
            fputs(later[i], f);
            fclose(f);
        } else {
            unlink(path);
        }
        base_error_clear(&e);
        assert_int_equal(message_start(m, MESSAGE_FORM_DATA, &e), WS_OK);
        assert_int_equal(message_next(m, &piece, &e), WS_IO);
        assert_int_equal(piece.len, 0);
        assert_non_null(strstr(e.message, path));
        message_free(m);
        unlink(path);
        free(path);
    }
}

static void what_can_be_read_once_can_be_sent_again(void **state) {
    int ends[2], keep = dup(STDIN_FILENO);
    struct message_input in = {.message_path = "-"};
    struct message *m = NULL;
    struct base_buf out;
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "Aa: 1\n\n.x", 9), 9);
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    assert_int_equal(message_new(&m, &in, NULL), WS_OK);
    dup2(keep, STDIN_FILENO);
    close(keep);
    for (int i = 0; i < 2; i++) {
        case_read(m, MESSAGE_FORM_CHUNK, &out);
        assert_string_equal(base_buf_cstr(&out), "Aa: 1\r\n\r\n.x");
        base_buf_release(&out);
    }
    message_free(m);
}

static void a_maildir_entry_is_found_where_it_went(void **state) {
    char dir[] = "/tmp/waxseal-maildir-XXXXXX", from[128], to[128], asked[128];
    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(from, sizeof from, "%s/new", dir);
    snprintf(to, sizeof to, "%s/cur", dir);
    mkdir(from, 0700);
    mkdir(to, 0700);
    snprintf(to, sizeof to, "%s/cur/17.M1.host:2,RS", dir);
    FILE *f = fopen(to, "w");
    fputs("Aa: 1\n", f);
    fclose(f);
    static const char *const names[] = {"new/17.M1.host", "cur/17.M1.host:2,S", "cur/17.M1.host",
                                        "cur/17.M1.host:2,RS"};
    for (size_t i = 0; i < 4; i++) {
        snprintf(asked, sizeof asked, "%s/%s", dir, names[i]);
        assert_int_equal(try_message(asked, NULL), WS_OK);
    }
    static const char *const others[] = {"new/17.M1.hos",  "new/17.M1.host2", "new/",
                                         "tmp/17.M1.host", "17.M1.host",      "new/:2,RS",
                                         "new/."};
    for (size_t i = 0; i < 7; i++) {
        snprintf(asked, sizeof asked, "%s/%s", dir, others[i]);
        assert_int_equal(try_message(asked, NULL), WS_IO);
    }
    unlink(to);
    snprintf(asked, sizeof asked, "%s/new", dir);
    rmdir(asked);
    snprintf(asked, sizeof asked, "%s/cur", dir);
    rmdir(asked);
    rmdir(dir);
}

/* The size that is promised is the size that is sent; a dot doubled does not count. */
static struct message_facts expect_size(const struct message_input *in) {
    struct message_facts facts = {0};
    struct message *m = NULL;
    struct base_buf data, chunk;
    assert_int_equal(message_new(&m, in, NULL), WS_OK);
    assert_int_equal(message_facts(m, &facts, NULL), WS_OK);
    case_read(m, MESSAGE_FORM_CHUNK, &chunk);
    case_read(m, MESSAGE_FORM_DATA, &data);
    assert_true(facts.size_known);
    struct base_bytes sent = base_buf_view(&chunk);
    bool ended = sent.len == 0 || (sent.data[sent.len - 1] == '\n' && !in->no_data_fixup);
    assert_int_equal(facts.size, sent.len + (ended ? 0 : 2));
    base_buf_release(&chunk);
    base_buf_release(&data);
    message_free(m);
    return facts;
}

static struct message_facts facts_of(const char *data, size_t len) {
    struct message_input in = case_input();
    in.data_given = true;
    in.data = base_bytes_view(data, len);
    return expect_size(&in);
}

static void facts_tell_what_a_server_must_be_able_to_do(void **state) {
    char line[1100];
    (void)state;
    struct message_facts f = facts_of("Aa: 1\n\n.x\n.y", 12);
    assert_false(f.eight_bit || f.binary || f.utf8_headers);
    assert_int_equal(f.size, 7 + 2 + 4 + 4);
    f = facts_of("Aa: 1\n\n\xc3\xbc", 9);
    assert_true(f.eight_bit && !f.utf8_headers && !f.binary);
    f = facts_of("Aa: \xc3\xbc\n\nx", 9);
    assert_true(f.eight_bit && f.utf8_headers);
    assert_true(facts_of("Aa: 1\n\n\0", 8).binary);
    assert_true(facts_of("Aa: 1\n\na\rb", 10).binary);
    memset(line, 'x', sizeof line);
    (void)base_bytes_copy(line, 7, base_bytes_of_str("Aa: 1\n\n"));
    assert_false(facts_of(line, 7 + 998).binary);
    assert_true(facts_of(line, 7 + 999).binary);
}

static void sizes_are_known_ahead(void **state) {
    struct message_input in = case_input();
    char *path = case_file("Aa: 1\n\n\xff.\n.\r", 12);
    (void)state;
    (void)expect_size(&in);
    in.no_data_fixup = true;
    assert_true(expect_size(&in).binary);
    in.no_data_fixup = false;
    struct message_part parts[] = {
        {.kind = MESSAGE_PART_ATTACHED, .path = path},
        {.kind = MESSAGE_PART_BODY, .path = path},
        {.kind = MESSAGE_PART_ATTACHED, .type = "message/rfc822", .path = path},
    };
    in.parts = parts;
    in.part_count = 1;
    assert_false(expect_size(&in).eight_bit);
    in.part_count = 3;
    assert_true(expect_size(&in).eight_bit);
    in.as_swaks = false;
    assert_true(expect_size(&in).binary);
    in = (struct message_input){.message_path = path};
    assert_true(expect_size(&in).eight_bit);
    unlink(path);
    free(path);
}

/* Takes the dots of DATA away again, as a server does. */
static void unstuff(struct base_buf *out, struct base_bytes data) {
    bool line_start = true;
    for (size_t i = 0; i < data.len; i++) {
        if (!(line_start && data.data[i] == '.'))
            base_buf_append_byte(out, data.data[i]);
        line_start = data.data[i] == '\n';
    }
}

/* Whatever goes in: a server finds the end where we meant it, and what it keeps is what BDAT would
 * have brought. */
static void no_text_ends_a_message_early(void **state) {
    static const char *const bits[] = {"\r",        "\n",     ".",     "..",  "\r\n",
                                       "\r\n.\r\n", "\n.\n",  "\\n",   ".\r", "x",
                                       "%NEWLINE%", "%BODY%", "Aa: 1", " ",   "\\n."};
    uint32_t seed = 1;
    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct message_input in = case_input();
        struct base_buf text, data, chunk, kept;
        struct message *m = NULL;
        base_buf_init(&text, 4096);
        base_buf_init(&kept, 4096);
        for (int i = 0; i < 12; i++) {
            seed = seed * 1664525u + 1013904223u;
            base_buf_append_str(&text, bits[(seed >> 16) % 15]);
        }
        in.as_swaks = round % 2;
        in.data_given = true;
        in.data = base_buf_view(&text);
        in.body = base_bytes_slice(in.data, 0, in.data.len / 2);
        assert_int_equal(message_new(&m, &in, NULL), WS_OK);
        case_read(m, MESSAGE_FORM_DATA, &data);
        case_read(m, MESSAGE_FORM_CHUNK, &chunk);
        struct base_bytes sent = base_buf_view(&data);
        size_t end = base_bytes_find_str(sent, "\r\n.\r\n");
        assert_int_equal(end + 5, sent.len);
        for (size_t i = 0; i < sent.len; i++)
            assert_true(sent.data[i] != '\n' || (i > 0 && sent.data[i - 1] == '\r'));
        unstuff(&kept, base_bytes_slice(sent, 0, end + 2));
        assert_true(base_bytes_equal(base_buf_view(&kept), base_buf_view(&chunk)));
        base_buf_release(&text);
        base_buf_release(&data);
        base_buf_release(&chunk);
        base_buf_release(&kept);
        message_free(m);
    }
}

/* Larger than any chunk, so that it is read and coded in several. */
static void large_attachments_take_little_memory(void **state) {
    size_t len = ((size_t)1 << 20) + 17;
    char *bytes = malloc(len);
    struct message_input in = case_input();
    struct message *m = NULL;
    struct base_bytes piece;
    (void)state;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(i * 31 + (i >> 8));
    char *path = case_file(bytes, len);
    struct message_part part = {.kind = MESSAGE_PART_ATTACHED, .path = path};
    in.parts = &part;
    in.part_count = 1;
    assert_int_equal(expect_size(&in).eight_bit, false);
    assert_int_equal(message_new(&m, &in, NULL), WS_OK);
    size_t total = 0;
    do {
        assert_int_equal(message_next(m, &piece, NULL), WS_OK);
        assert_true(piece.len < 65536);
        total += piece.len;
    } while (piece.len > 0);
    assert_true(total > message_mime_base64_size(len));
    assert_true(m->text.cap + m->out.cap < 262144);
    message_free(m);
    unlink(path);
    free(path);
    free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_ends_and_dots_do_not_depend_on_pieces),
        cmocka_unit_test(base64_lines_are_as_long_as_promised),
        cmocka_unit_test(a_finished_message_is_changed_as_little_as_can_be),
        cmocka_unit_test(files_that_are_none_are_named),
        cmocka_unit_test(a_file_that_changed_is_an_error),
        cmocka_unit_test(what_can_be_read_once_can_be_sent_again),
        cmocka_unit_test(a_maildir_entry_is_found_where_it_went),
        cmocka_unit_test(facts_tell_what_a_server_must_be_able_to_do),
        cmocka_unit_test(sizes_are_known_ahead),
        cmocka_unit_test(no_text_ends_a_message_early),
        cmocka_unit_test(large_attachments_take_little_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
