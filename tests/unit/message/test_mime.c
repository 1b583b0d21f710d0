/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of a message. Those of swaks were seen there; the others follow the RFCs. */
#include "case.h"
#include "message/mime_encode.h"
#include "message/private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define B0 "------=_MIME_BOUNDARY_000_4242"
#define B4 "------=_MIME_BOUNDARY_004_4242"
/* the boundaries of waxseal send */
#define W0 "------=_MIME_BOUNDARY_000_4242.6553f100.0"
#define W4 "------=_MIME_BOUNDARY_004_4242.6553f100.0"
#define W8 "------=_MIME_BOUNDARY_008_4242.6553f100.0"
#define FROM_MAILER "swaks/|MIME-Version: 1.0|"

static struct message_part part(enum message_part_kind kind, const char *type, const char *text) {
    return (struct message_part){.kind = kind, .type = type, .bytes = base_bytes_of_str(text)};
}

/* What stands behind the X-Mailer field. */
static void expect_parts(bool as_swaks, const struct message_part *parts, size_t count,
                         const char *expected) {
    struct message_input in = case_input();
    in.as_swaks = as_swaks;
    in.parts = parts;
    in.part_count = count;
    char *text = case_text(&in, MESSAGE_FORM_DUMP);
    const char *mime = strstr(text, "MIME-Version: 1.0|");
    assert_non_null(mime);
    assert_string_equal(mime + strlen("MIME-Version: 1.0|"), expected);
    free(text);
}

static void swaks_attachments_stand_behind_the_body(void **state) {
    struct message_part parts[] = {
        part(MESSAGE_PART_ATTACHED, NULL, "first from command line"),
        part(MESSAGE_PART_ATTACHED, "text/plain", "a%TO_ADDRESS%\\n."),
        part(MESSAGE_PART_ATTACHED, "text/plain", "named %TO_ADDRESS%"),
        part(MESSAGE_PART_ATTACHED, NULL, ""),
    };
    (void)state;
    parts[2].name = "a\"b\\%TO_ADDRESS%";
    expect_parts(true, parts, 4,
                 "Content-Type: multipart/mixed; boundary=\"----=_MIME_BOUNDARY_000_4242\"||" //
                 B0 "|Content-Type: text/plain||BODY|"                                        //
                 B0 "|Content-Type: application/octet-stream|Content-Disposition: attachment|"
                 "Content-Transfer-Encoding: BASE64||Zmlyc3QgZnJvbSBjb21tYW5kIGxpbmU=||" //
                 B0 "|Content-Type: text/plain||aa@b|..|"                                //
                 B0 "|Content-Type: text/plain; name=\"a\"b\\a@b\"|Content-Description: a\"b\\a@b|"
                 "Content-Disposition: attachment; filename=\"a\"b\\a@b\"|"
                 "Content-Transfer-Encoding: BASE64||bmFtZWQgJVRPX0FERFJFU1Ml||" //
                 B0 "|Content-Type: application/octet-stream|Content-Disposition: attachment|"
                 "Content-Transfer-Encoding: BASE64|||" //
                 B0 "--|||.");
}

static void swaks_bodies_are_alternatives(void **state) {
    struct message_part parts[] = {
        part(MESSAGE_PART_BODY, NULL, "y"),
        part(MESSAGE_PART_ATTACHED, NULL, "x"),
        part(MESSAGE_PART_BODY, "text/html", "z"),
    };
    (void)state;
    expect_parts(true, parts, 1,
                 "Content-Type: multipart/mixed; boundary=\"----=_MIME_BOUNDARY_000_4242\"||" //
                 B0 "|Content-Type: text/plain||y|" B0 "--|||.");
    expect_parts(true, parts, 3,
                 "Content-Type: multipart/mixed; boundary=\"----=_MIME_BOUNDARY_000_4242\"||" //
                 B0 "|Content-Type: multipart/alternative; "
                 "boundary=\"----=_MIME_BOUNDARY_004_4242\"||"                           //
                 B4 "|Content-Type: text/plain||y|"                                      //
                 B4 "|Content-Type: text/html|Content-Transfer-Encoding: BASE64||eg==||" //
                 B4 "--|"                                                                //
                 B0 "|Content-Type: application/octet-stream|Content-Disposition: attachment|"
                 "Content-Transfer-Encoding: BASE64||eA==||" //
                 B0 "--|||.");
    parts[1] = part(MESSAGE_PART_BODY, "a/b", "x");
    expect_parts(
        true, parts, 2,
        "Content-Type: multipart/alternative; boundary=\"----=_MIME_BOUNDARY_000_4242\"||" //
        B0 "|Content-Type: text/plain||y|"                                                 //
        B0 "|Content-Type: a/b|Content-Disposition: attachment|"
        "Content-Transfer-Encoding: BASE64||eA==||" //
        B0 "--|||.");
}

static void a_file_gives_its_name_to_an_attachment_alone(void **state) {
    char *path = case_file("file\n", 5);
    const char *name = strrchr(path, '/') + 1;
    struct message_part parts[] = {
        {.kind = MESSAGE_PART_BODY, .path = path},
        {.kind = MESSAGE_PART_ATTACHED, .path = path},
        {.kind = MESSAGE_PART_ATTACHED, .path = path, .name = ""},
    };
    struct base_buf expected;
    (void)state;
    base_buf_init(&expected, 4096);
    base_buf_printf(&expected,
                    "Content-Type: multipart/mixed; boundary=\"----=_MIME_BOUNDARY_000_4242\"||" //
                    B0 "|Content-Type: text/plain||file||"                                       //
                    B0 "|Content-Type: application/octet-stream; name=\"%s\"|"
                    "Content-Description: %s|Content-Disposition: attachment; filename=\"%s\"|"
                    "Content-Transfer-Encoding: BASE64||ZmlsZQo=||" //
                    B0 "|Content-Type: application/octet-stream|Content-Disposition: attachment|"
                    "Content-Transfer-Encoding: BASE64||ZmlsZQo=||" //
                    B0 "--|||.",
                    name, name, name);
    expect_parts(true, parts, 3, base_buf_cstr(&expected));
    base_buf_release(&expected);
    unlink(path);
    free(path);
}

static void names_are_written_as_the_rfcs_want(void **state) {
    struct message_part parts[] = {
        part(MESSAGE_PART_ATTACHED, NULL, "x"),
        part(MESSAGE_PART_ATTACHED, NULL, "x"),
        part(MESSAGE_PART_ATTACHED, NULL, "x"),
    };
    (void)state;
    parts[0].name = "a\"b\\new%TO_ADDRESS%";
    parts[1].name = "\xc3\xbc.txt";
    parts[2].name = "\xfc\r\nBcc: x";
#define TAIL "Content-Transfer-Encoding: BASE64||eA==||"
    expect_parts(false, parts, 3,
                 "Content-Type: multipart/mixed; "
                 "boundary=\"----=_MIME_BOUNDARY_000_4242.6553f100.0\"||" //
                 W0 "|Content-Type: text/plain||BODY|"                    //
                 W0 "|Content-Type: application/octet-stream; "
                 "name=\"a\\\"b\\\\new%TO_ADDRESS%\"|"
                 "Content-Description: a\"b\\new%TO_ADDRESS%|Content-Disposition: attachment; "
                 "filename=\"a\\\"b\\\\new%TO_ADDRESS%\"|" TAIL //
                     W0 "|Content-Type: application/octet-stream; name*=utf-8''%C3%BC%2Etxt|"
                 "Content-Disposition: attachment; filename*=utf-8''%C3%BC%2Etxt|" TAIL //
                     W0 "|Content-Type: application/octet-stream; "
                 "name*=iso-8859-1''%FC%0D%0ABcc%3A%20x|Content-Disposition: attachment; "
                 "filename*=iso-8859-1''%FC%0D%0ABcc%3A%20x|" TAIL //
                     W0 "--|||.");
}

static void inline_parts_belong_to_the_last_body(void **state) {
    struct message_part parts[] = {
        part(MESSAGE_PART_INLINE, "image/png", "p"),
        part(MESSAGE_PART_BODY, NULL, "y"),
        part(MESSAGE_PART_BODY, "text/html", "z"),
        part(MESSAGE_PART_ATTACHED, "message/rfc822", "Aa: 1\n\n.x%TO_ADDRESS%"),
    };
    (void)state;
    parts[0].content_id = "logo@x";
#define RELATED "|Content-Type: text/html|Content-Transfer-Encoding: BASE64||eg==||"
#define LOGO                                                                                       \
    "|Content-Type: image/png|Content-ID: <logo@x>|Content-Disposition: inline|"                   \
    "Content-Transfer-Encoding: BASE64||cA==||"
    expect_parts(false, parts, 4,
                 "Content-Type: multipart/mixed; "
                 "boundary=\"----=_MIME_BOUNDARY_000_4242.6553f100.0\"||" //
                 W0 "|Content-Type: multipart/alternative; "
                 "boundary=\"----=_MIME_BOUNDARY_004_4242.6553f100.0\"||" //
                 W4 "|Content-Type: text/plain||y|"                       //
                 W4 "|Content-Type: multipart/related; "
                 "boundary=\"----=_MIME_BOUNDARY_008_4242.6553f100.0\"||" //
                 W8 RELATED W8 LOGO W8 "--|" W4 "--|"                     //
                 W0 "|Content-Type: message/rfc822|Content-Disposition: attachment||"
                 "Aa: 1||..x%TO_ADDRESS%|" W0 "--|||.");
    parts[1] = parts[2];
    expect_parts(false, parts, 2,
                 "Content-Type: multipart/related; "
                 "boundary=\"----=_MIME_BOUNDARY_000_4242.6553f100.0\"||" //
                 W0 RELATED W0 LOGO W0 "--|||.");
}

static void a_charset_makes_text_pass_any_server(void **state) {
    struct message_part parts[] = {
        part(MESSAGE_PART_BODY, NULL, "\xc3\xbc = %TO_ADDRESS%\\n.x \\n"),
        part(MESSAGE_PART_BODY, NULL, "plain"),
        part(MESSAGE_PART_BODY, "text/html", "z"),
    };
    struct message_input in = case_input();
    (void)state;
    parts[0].charset = parts[1].charset = parts[2].charset = "utf-8";
    expect_parts(false, parts, 3,
                 "Content-Type: multipart/alternative; "
                 "boundary=\"----=_MIME_BOUNDARY_000_4242.6553f100.0\"||" //
                 W0 "|Content-Type: text/plain; charset=utf-8|"
                 "Content-Transfer-Encoding: quoted-printable||=C3=BC =3D a@b|=2Ex=20||" //
                 W0 "|Content-Type: text/plain; charset=utf-8||plain|"                   //
                 W0 "|Content-Type: text/html; charset=utf-8|"
                 "Content-Transfer-Encoding: BASE64||eg==||" //
                 W0 "--|||.");
    in.body_charset = "iso-8859-1";
    in.body = base_bytes_of_str("\xfc");
    char *text = case_text(&in, MESSAGE_FORM_DUMP);
    assert_non_null(strstr(text, "/|MIME-Version: 1.0|Content-Type: text/plain; "
                                 "charset=iso-8859-1|Content-Transfer-Encoding: "
                                 "quoted-printable||=FC|||."));
    free(text);
}

static void own_data_gets_the_fields_that_its_parts_need(void **state) {
    struct message_part parts[] = {part(MESSAGE_PART_ATTACHED, NULL, "x")};
    struct message_input in = case_input();
    (void)state;
    in.parts = parts;
    in.part_count = 1;
    in.data_given = true;
    in.data = base_bytes_of_str("Aa: 1\\n\\n%BODY%");
#define PARTS(b)                                                                                   \
    b "|Content-Type: text/plain||BODY|" b "|Content-Type: application/octet-stream|"              \
      "Content-Disposition: attachment|" TAIL b "--||."
    case_expect(&in, "Aa: 1||" PARTS(B0)); /* swaks: broken */
    in.as_swaks = false;
    case_expect(&in, "Aa: 1|MIME-Version: 1.0|Content-Type: multipart/mixed; "
                     "boundary=\"----=_MIME_BOUNDARY_000_4242.6553f100.0\"||" PARTS(W0));
    in.data = base_bytes_of_str("mime-version: 1\\n\\n%BODY%");
    case_expect(&in, "mime-version: 1||" PARTS(W0));
    in.data = base_bytes_of_str("Aa: 1\\n\\nno body");
    case_expect(&in, "Aa: 1||no body|.");
}

static void expect_qp(const char *in, const char *expected) {
    struct base_buf out;
    base_buf_init(&out, 4096);
    message_mime_quoted_printable(&out, base_bytes_of_str(in));
    assert_string_equal(base_buf_cstr(&out), expected);
    base_buf_release(&out);
}

static void quoted_printable_keeps_its_limits(void **state) {
    (void)state;
    expect_qp("", "");
    expect_qp("a\r\nb\n\rc\r", "a\nb\n=0Dc=0D");
    expect_qp("a \nb\t\r\n c ", "a=20\nb=09\n c=20");
    expect_qp("x=\x7f\x01\xff", "x=3D=7F=01=FF");
    expect_qp("From x\nFoo", "=46rom x\n=46oo");
    expect_qp("1234567890123456789012345678901234567890123456789012345678901234567890123456",
              "123456789012345678901234567890123456789012345678901234567890123456789012345=\n6");
    expect_qp("123456789012345678901234567890123456789012345678901234567890123456789012\xc3\xbc",
              "123456789012345678901234567890123456789012345678901234567890123456789012=C3=\n=BC");
}

static void types_are_found_by_name_and_content(void **state) {
    static const char png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\b\6\0\0\0";
    char *path = case_file(png, sizeof png - 1);
    struct message_part parts[] = {
        {.kind = MESSAGE_PART_ATTACHED, .guess_type = true, .path = path, .name = "misnamed.pdf"},
        {.kind = MESSAGE_PART_ATTACHED,
         .guess_type = true,
         .name = "x.EML",
         .bytes = base_bytes_view("Aa: 1\n\nx", 8)},
        {.kind = MESSAGE_PART_ATTACHED,
         .guess_type = true,
         .name = "x.html",
         .bytes = base_bytes_view("plain words", 11)},
        {.kind = MESSAGE_PART_ATTACHED, .guess_type = true, .name = "", .bytes = {NULL, 0}},
    };
    struct message_input in = case_input();
    (void)state;
    assert_null(message_mime_type_of_name(base_bytes_of_str("")));
    assert_null(message_mime_type_of_name(base_bytes_of_str("html")));
    assert_null(message_mime_type_of_name(base_bytes_of_str("a.")));
    assert_null(message_mime_type_of_name(base_bytes_of_str("a.htmlx")));
    assert_string_equal(message_mime_type_of_name(base_bytes_of_str("a.b.HtMl")), "text/html");
    in.parts = parts;
    in.part_count = 4;
    char *text = case_text(&in, MESSAGE_FORM_DUMP);
    if (message_mime_type_of_content(base_bytes_view(png, sizeof png - 1)))
        assert_non_null(strstr(text, "|Content-Type: image/png; name=\"misnamed.pdf\"|"));
    assert_non_null(strstr(text, "|Content-Type: message/rfc822; name=\"x.EML\"|"));
    assert_non_null(strstr(text, "|Content-Type: text/html; name=\"x.html\"|"));
    free(text);
    unlink(path);
    free(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(swaks_attachments_stand_behind_the_body),
        cmocka_unit_test(swaks_bodies_are_alternatives),
        cmocka_unit_test(a_file_gives_its_name_to_an_attachment_alone),
        cmocka_unit_test(names_are_written_as_the_rfcs_want),
        cmocka_unit_test(inline_parts_belong_to_the_last_body),
        cmocka_unit_test(a_charset_makes_text_pass_any_server),
        cmocka_unit_test(own_data_gets_the_fields_that_its_parts_need),
        cmocka_unit_test(quoted_printable_keeps_its_limits),
        cmocka_unit_test(types_are_found_by_name_and_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
