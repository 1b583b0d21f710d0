/* SPDX-License-Identifier: Apache-2.0 */
/* Messages in words: broken ones first, then real handshakes against recorded/NAME.words.
 *
 * WAXSEAL_UPDATE=1 writes the .words files anew; read them before they are kept. */
#include "report/trace.h"

#include "base/text.h"
#include "base/writer.h"
#include "../wire/recorded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(text) base_bytes_view(text, sizeof(text) - 1)
#define TEXT_MAX ((size_t)160 << 10) /* 128 KiB and the line that passes it */

/* Lines of printable text, each with its end, within the promised length. */
static void check_text(struct base_bytes text) {
    assert_true(text.len > 0 && text.len <= TEXT_MAX);
    assert_int_equal(text.data[text.len - 1], '\n');
    for (size_t i = 0; i < text.len;) {
        uint32_t cp = 0;
        size_t n = base_text_utf8_next(base_bytes_slice(text, i, text.len), &cp);
        assert_true(n > 0);
        assert_true(cp == '\n' || (cp >= 0x20 && !(cp >= 0x7f && cp <= 0x9f)));
        i += n;
    }
}

/* The words on `bytes`, which stand alone in memory; valid until the next call. */
static const char *words(struct report_trace *state, bool from_server, uint8_t content,
                         struct base_bytes bytes) {
    static struct base_buf out;
    struct base_bytes copy = recorded_copy(bytes);

    base_buf_release(&out);
    base_buf_init(&out, 1 << 20);
    report_trace_message(state, from_server, content, 0, copy, &out);
    free((void *)copy.data);
    assert_false(out.failed);
    check_text(base_buf_view(&out));
    return base_buf_cstr(&out);
}

/* A handshake message with its header. */
static const char *message(struct report_trace *state, bool from_server, uint8_t type,
                           struct base_bytes body) {
    struct base_buf b;
    const char *text;

    base_buf_init(&b, 1 << 25);
    base_writer_u8(&b, type);
    base_writer_u24(&b, (uint32_t)body.len);
    base_buf_append_bytes(&b, body);
    text = words(state, from_server, 22, base_buf_view(&b));
    base_buf_release(&b);
    return text;
}

static void says(const char *text, const char *part) {
    if (strstr(text, part) == NULL)
        fail_msg("no \"%s\" in:\n%s", part, text);
}

static void says_not(const char *text, const char *part) {
    if (strstr(text, part) != NULL)
        fail_msg("\"%s\" in:\n%s", part, text);
}

static size_t count_of(const char *text, const char *part) {
    size_t n = 0;

    while ((text = strstr(text, part)) != NULL) {
        text += strlen(part);
        n++;
    }
    return n;
}

/* --- broken --- */

/* Every message of every recording, cut at every byte, with the header as it was and with one that
 * fits. All messages before it are whole. */
static void check_cuts(const struct recorded *r, size_t index, const struct report_trace *state) {
    struct base_bytes whole = r->messages[index].bytes;
    bool from_server = r->messages[index].from_server;

    for (size_t cut = 0; cut < whole.len; cut++) {
        struct report_trace one = *state, other = *state;
        const char *text;
        text =
            words(&one, from_server, r->messages[index].content, base_bytes_slice(whole, 0, cut));
        if (r->messages[index].content != 22)
            continue;
        says(text, cut < 4 ? "cut short" : "! the header says");
        if (cut > 4)
            (void)message(&other, from_server, whole.data[0], base_bytes_slice(whole, 4, cut - 4));
    }
}

static void every_cut_stays_inside(void **state) {
    (void)state;
    for (size_t i = 0; recorded_names[i] != NULL; i++) {
        struct report_trace d = {0};
        struct recorded r;
        recorded_read(recorded_names[i], &r);
        for (size_t k = 0; k < r.count; k++) {
            check_cuts(&r, k, &d);
            (void)words(&d, r.messages[k].from_server, r.messages[k].content, r.messages[k].bytes);
        }
        recorded_release(&r);
    }
}

/* Each byte of the first two messages set to its extremes. */
static void no_changed_byte_leads_outside(void **state) {
    (void)state;
    for (size_t i = 0; recorded_names[i] != NULL; i += 3) {
        struct recorded r;
        recorded_read(recorded_names[i], &r);
        for (size_t k = 0; k < 2 && k < r.count; k++) {
            uint8_t *data = (uint8_t *)r.messages[k].bytes.data;
            for (size_t at = 4; at < r.messages[k].bytes.len; at++) {
                uint8_t before = data[at];
                for (unsigned value = 0; value < 256; value += 51) {
                    struct report_trace d = {.bytes = true};
                    data[at] = (uint8_t)value;
                    (void)words(&d, r.messages[k].from_server, 22, r.messages[k].bytes);
                }
                data[at] = before;
            }
        }
        recorded_release(&r);
    }
}

/* A ClientHello of TLS 1.2 with these extensions. */
static const char *hello_with(struct report_trace *state, struct base_bytes extensions) {
    struct base_buf b;
    const char *text;

    base_buf_init(&b, 1 << 20);
    base_writer_u16(&b, 0x0303);
    for (unsigned i = 0; i < 32; i++)
        base_writer_u8(&b, 0xaa);
    base_buf_append(&b, "\0\0\x02\x13\x01\x01\0", 7);
    base_writer_u16(&b, (uint16_t)extensions.len);
    base_buf_append_bytes(&b, extensions);
    text = message(state, false, 1, base_buf_view(&b));
    base_buf_release(&b);
    return text;
}

/* What does not fit is said in its place, and the extension behind it is still shown. In a whole
 * message the body of the first extension begins at byte 51. */
static void what_does_not_fit_is_said(void **state) {
    const struct {
        struct base_bytes extension;
        const char *said;
    } rows[] = {
        {BYTES("\x00\x0d\x00\x09\x00\x04\x04\x03\x08\x04zzz"),
         "    signature_algorithms (13): ecdsa_secp256r1_sha256 (0x0403),\n"
         "      rsa_pss_rsae_sha256 (0x0804)\n"
         "      ! signature_algorithms: 3 bytes left at byte 57\n"},
        {BYTES("\x00\x0d\x00\x05\x00\x03\x04\x03\x08"),
         "(0x0403)\n      ! signature_algorithms: 1 byte left at byte 55\n"},
        {BYTES("\x00\x0d\x00\x04\x00\x09\x04\x03"),
         "      ! signature_algorithms: does not fit at byte 53\n"},
        {BYTES("\x00\x0a\x00\x01\x00"), "! supported_groups: does not fit at byte 51\n"},
        {BYTES("\x00\x00\x00\x04\x00\x02\x00\x09"), "! server_name: does not fit at byte 54\n"},
        {BYTES("\x00\x10\x00\x05\x00\x03\x04sm"), "! ALPN name: does not fit at byte 54\n"},
        {BYTES("\x00\x33\x00\x05\x00\x03\x00\x1d\x00"), "! key_share: does not fit at byte 55\n"},
        {BYTES("\x00\x2b\x00\x03\x03\x03\x04"), "! supported_versions: does not fit at byte 52\n"},
        {BYTES("\x00\x17\x00\x02zz"), "    extended_master_secret (23)\n"
                                      "      ! extended_master_secret: 2 bytes left at byte 51\n"},
        {BYTES("\x00\x05\x00\x03\x01\x00\x00"), "! OCSP request extensions: does not fit"},
        {BYTES("\x00\x05\x00\x00"), "! status type: does not fit at byte 51\n"},
        {BYTES("\x00\x29\x00\x02\x00\x00"), "! PSK binders: does not fit at byte 53\n"},
        {BYTES("\x00\x29\x00\x07\x00\x03\x00\x09t\x00\x00"), "! PSK identity: does not fit"},
        {BYTES("\x00\x2d\x00\x02\x05\x01"), "! psk_key_exchange_modes: does not fit at byte 52\n"},
        {BYTES("\x00\x2f\x00\x05\x00\x03\x00\x09n"), "! name of an authority: does not fit"},
        {BYTES("\xfe\x0d\x00\x03\x00\x00\x01"), "! HPKE AEAD: does not fit at byte 54\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct report_trace d = {0};
        uint8_t both[64];
        size_t len = base_bytes_copy(both, sizeof(both), rows[i].extension);
        len += base_bytes_copy(both + len, sizeof(both) - len, BYTES("\x00\x16\x00\x00"));
        const char *text = hello_with(&d, base_bytes_view(both, len));
        says(text, rows[i].said);
        says(text, "\n    encrypt_then_mac (22)\n");
        assert_int_equal(count_of(text, "does not fit") + count_of(text, " left at "), 1);
    }
}

static void wrong_lengths_outside_extensions(void **state) {
    struct report_trace d = {0};

    (void)state;
    says(hello_with(&d, BYTES("\x00\x17\x00\x05z")), "! extension length: does not fit at byte 51");
    says(hello_with(&d, BYTES("\x00\x17\x00\x00\x00")), "! extension type: does not fit");
    says(hello_with(&d, BYTES("\x00\x17\x00\x00\x00\x17\x00\x00")), "      ! sent twice\n");
    says(hello_with(&d, BYTES("\x00\x29\x00\x04\x00\x00\x00\x00\x00\x17\x00\x00")),
         "! behind pre_shared_key, which must be the last\n");
    says(words(&d, false, 22, BYTES("\x01\x00\x00\x02\x03\x03zz")),
         "  ! the header says 2 bytes, 4 follow it\n");
    says(words(&d, false, 22, BYTES("\x01\x00\x00\x09\x03\x03")),
         "  ! the header says 9 bytes, 2 follow it\n");
    says(words(&d, false, 22, BASE_BYTES_EMPTY), "handshake message, cut short: 0 bytes\n");
    says(words(&d, true, 22, BYTES("\x0e\x00\x00\x01z")),
         "  ! ServerHelloDone: 1 byte left at byte 4\n");
}

static void what_a_peer_writes_is_escaped(void **state) {
    struct report_trace d = {0};
    const char *text;

    (void)state;
    text = hello_with(&d, BYTES("\x00\x00\x00\x0f\x00\x0d\x00\x00\x0a"
                                "a\x1b[31m\n\r\0\xff"
                                "\x00\x10\x00\x06\x00\x04\x03\x9b\x07z"));
    says(text, "server_name (0): a\\x1B[31m\\n\\r\\x00\\xFF\n");
    says(text, "negotiation (16): \\x9B\\x07z\n");
}

/* --- large --- */

static void long_lists_are_cut(void **state) {
    struct report_trace d = {0};
    struct base_buf b;
    const char *text;

    (void)state;
    base_buf_init(&b, 1 << 20);
    base_buf_append(&b, "\x00\x0a\xf0\x02\xf0\x00", 6);
    for (unsigned i = 0; i < 0x7800; i++)
        base_writer_u16(&b, 0x0017);
    text = hello_with(&d, base_buf_view(&b));
    says(text, " and 30464 more\n");
    base_buf_clear(&b);
    for (unsigned i = 0; i < 16000; i++) {
        base_writer_u16(&b, (uint16_t)(1000 + i));
        base_writer_u16(&b, 0);
    }
    text = hello_with(&d, base_buf_view(&b));
    says(text, "    and 15872 more extensions\n");
    base_buf_release(&b);
}

static void a_mountain_of_certificates_is_cut(void **state) {
    struct report_trace d = {.chosen = true, .version = 0x0304, .suite = 0x1301};
    struct base_buf b;
    const char *text;

    (void)state;
    base_buf_init(&b, 1 << 25);
    base_writer_u8(&b, 0);
    base_writer_u24(&b, 0xffff0);
    for (size_t i = 0; i < 0xffff0 / 16; i++)
        base_buf_append(&b, "\0\0\x03zzz\0\x08\0\x05\0\x04\x01\0\0\x00", 16);
    text = message(&d, true, 11, base_buf_view(&b));
    says(text, "  certificate 31: 3 bytes\n");
    says_not(text, "  certificate 32:");
    says(text, "  more certificates: 1048048 bytes\n");
    base_buf_release(&b);
}

static void the_whole_text_is_bounded(void **state) {
    struct report_trace d = {.bytes = true, .chosen = true, .version = 0x0303, .suite = 0xc02f};
    struct base_buf b;
    const char *text;

    (void)state;
    base_buf_init(&b, 1 << 25);
    base_writer_u24(&b, 0x200003);
    base_writer_u24(&b, 0x200000);
    for (size_t i = 0; i < 0x200000; i++)
        base_writer_u8(&b, 'c');
    text = message(&d, true, 11, base_buf_view(&b));
    says(text, "  certificate 0: 2097152 bytes\n    6363");
    says(text, "\n  (the rest of this message is not shown)\n");
    base_buf_release(&b);
}

static void a_full_buffer_does_no_harm(void **state) {
    struct report_trace d = {0};
    struct recorded r;

    (void)state;
    recorded_read("tls13-client", &r);
    for (size_t max = 0; max < 6000; max += 97) {
        struct base_buf out;
        base_buf_init(&out, max);
        report_trace_message(&d, false, 22, 0, r.messages[0].bytes, &out);
        assert_true(out.len <= max);
        base_buf_release(&out);
    }
    recorded_release(&r);
}

/* --- real ones --- */

static void describe_recording(const char *name, struct base_buf *out) {
    struct report_trace d = {0};
    struct recorded r;

    recorded_read(name, &r);
    for (size_t i = 0; i < r.count; i++) {
        base_buf_append_str(out, r.messages[i].from_server ? "< " : "> ");
        report_trace_message(&d, r.messages[i].from_server, r.messages[i].content,
                             r.messages[i].version, r.messages[i].bytes, out);
    }
    recorded_release(&r);
    assert_false(out->failed);
}

static void read_words(const char *name, struct base_buf *out) {
    FILE *file = fopen(recorded_path(name, "words"), "r");
    size_t n;

    if (file == NULL)
        fail_msg("no %s", recorded_path(name, "words"));
    while ((n = fread(base_buf_reserve(out, 4096), 1, 4096, file)) > 0)
        base_buf_commit(out, n);
    fclose(file);
}

static void real_handshakes(void **state) {
    (void)state;
    for (size_t i = 0; recorded_names[i] != NULL; i++) {
        struct base_buf now, kept;
        base_buf_init(&now, 1 << 20);
        base_buf_init(&kept, 1 << 20);
        describe_recording(recorded_names[i], &now);
        if (getenv("WAXSEAL_UPDATE") != NULL) {
            FILE *file = fopen(recorded_path(recorded_names[i], "words"), "w");
            assert_non_null(file);
            fputs(base_buf_cstr(&now), file);
            fclose(file);
        }
        read_words(recorded_names[i], &kept);
        assert_string_equal(base_buf_cstr(&now), base_buf_cstr(&kept));
        says_not(base_buf_cstr(&now), "! ");
        says_not(base_buf_cstr(&now), "unknown");
        base_buf_release(&now);
        base_buf_release(&kept);
    }
}

/* --- from a file --- */

static void begins(const struct wire_hello_file *form, const char *first_line) {
    struct recorded r;
    struct base_buf out;

    recorded_read("tls13-client", &r);
    base_buf_init(&out, 1 << 20);
    report_trace_hello(form, r.messages[0].bytes, &out);
    check_text(base_buf_view(&out));
    assert_memory_equal(base_buf_cstr(&out), first_line, strlen(first_line));
    says(base_buf_cstr(&out) + strlen(first_line), "ClientHello, ");
    base_buf_release(&out);
    recorded_release(&r);
}

static void the_form_of_a_hello_stands_first(void **state) {
    (void)state;
    begins(&(struct wire_hello_file){0}, "a ClientHello message\n");
    begins(&(struct wire_hello_file){.text = true}, "a ClientHello message, as hex text\n");
    begins(&(struct wire_hello_file){.records = 1}, "a ClientHello in 1 TLS record\n");
    begins(&(struct wire_hello_file){.records = 3}, "a ClientHello in 3 TLS records\n");
    begins(&(struct wire_hello_file){.records = 2, .text = true},
           "a ClientHello in 2 TLS records, as hex text\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cut_stays_inside),
        cmocka_unit_test(no_changed_byte_leads_outside),
        cmocka_unit_test(what_does_not_fit_is_said),
        cmocka_unit_test(wrong_lengths_outside_extensions),
        cmocka_unit_test(what_a_peer_writes_is_escaped),
        cmocka_unit_test(long_lists_are_cut),
        cmocka_unit_test(a_mountain_of_certificates_is_cut),
        cmocka_unit_test(the_whole_text_is_bounded),
        cmocka_unit_test(a_full_buffer_does_no_harm),
        cmocka_unit_test(real_handshakes),
        cmocka_unit_test(the_form_of_a_hello_stands_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
