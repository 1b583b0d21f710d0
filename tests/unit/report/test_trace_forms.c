/* SPDX-License-Identifier: Apache-2.0 */
/* Messages in words: the forms that the recordings do not hold, byte by byte. */
#include "report/trace.h"

#include "base/writer.h"
#include "../wire/recorded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(text) base_bytes_view(text, sizeof(text) - 1)

static const struct report_trace fresh;

static struct report_trace chosen(uint16_t version, uint16_t suite) {
    return (struct report_trace){.chosen = true, .version = version, .suite = suite};
}

static const char *words(struct report_trace *state, bool from_server, uint8_t content,
                         struct base_bytes bytes) {
    static struct base_buf out;
    struct base_bytes copy = recorded_copy(bytes);

    base_buf_release(&out);
    base_buf_init(&out, 1 << 20);
    report_trace_message(state, from_server, content, 0, copy, &out);
    free((void *)copy.data);
    return base_buf_cstr(&out);
}

/* The words on a handshake message with this body. */
static void describes(struct report_trace state, bool from_server, uint8_t type,
                      struct base_bytes body, const char *expected) {
    struct base_buf b;

    base_buf_init(&b, 1 << 20);
    base_writer_u8(&b, type);
    base_writer_u24(&b, (uint32_t)body.len);
    base_buf_append_bytes(&b, body);
    assert_string_equal(words(&state, from_server, 22, base_buf_view(&b)), expected);
    base_buf_release(&b);
}

/* One extension of a message of TLS 1.3; `lines` as they stand below "extensions". */
static void extension_reads(bool from_server, uint8_t type, struct base_bytes before,
                            struct base_bytes extension, const char *lines) {
    struct report_trace state = chosen(0x0304, 0x1301);
    struct base_buf b;
    const char *text;

    base_buf_init(&b, 1 << 20);
    base_writer_u8(&b, type);
    base_writer_u24(&b, (uint32_t)(before.len + 2 + extension.len));
    base_buf_append_bytes(&b, before);
    base_writer_u16(&b, (uint16_t)extension.len);
    base_buf_append_bytes(&b, extension);
    text = words(&state, from_server, 22, base_buf_view(&b));
    base_buf_release(&b);
    if (strstr(text, lines) == NULL)
        fail_msg("no \"%s\" in:\n%s", lines, text);
}

#define HELLO                                                                                      \
    BYTES("\x03\x03rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr"                                               \
          "\0\0\x02\x13\x01\x01\0")
#define ANSWER                                                                                     \
    BYTES("\x03\x03rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr"                                               \
          "\0\x13\x01\0")

static void in_hello(struct base_bytes extension, const char *lines) {
    extension_reads(false, 1, HELLO, extension, lines);
}

static void in_answer(struct base_bytes extension, const char *lines) {
    extension_reads(true, 2, ANSWER, extension, lines);
}

static void in_encrypted(struct base_bytes extension, const char *lines) {
    extension_reads(true, 8, BASE_BYTES_EMPTY, extension, lines);
}

static void in_request(struct base_bytes extension, const char *lines) {
    extension_reads(true, 13, BYTES("\0"), extension, lines);
}

static void extensions_of_a_client(void **state) {
    (void)state;
    in_hello(BYTES("\x00\x00\x00\x0c\x00\x0a\x00\x00\x01"
                   "a\x07\x00\x03xyz"),
             "    server_name (0): a, type 7 xyz\n");
    in_hello(BYTES("\x00\x01\x00\x01\x02"), "    max_fragment_length (1): 1024 bytes (2)\n");
    in_hello(BYTES("\x00\x01\x00\x01\x05"), "    max_fragment_length (1): unknown (5)\n");
    in_hello(BYTES("\x00\x05\x00\x0b\x01\x00\x03rrr\x00\x03xyz"),
             "    status_request (5): OCSP, responder names of 3 bytes, request extensions of 3 "
             "bytes\n");
    in_hello(BYTES("\x00\x05\x00\x02\x02\xff"), "status_request (5): status type 2, 1 byte, ff\n");
    in_hello(BYTES("\x00\x0a\x00\x06\x00\x04\x3a\x3a\x12\x34"),
             "    supported_groups (10): GREASE (0x3a3a), unknown (0x1234)\n");
    in_hello(BYTES("\x00\x0a\x00\x02\x00\x00"), "    supported_groups (10): none\n");
    in_hello(BYTES("\x00\x0b\x00\x02\x01\x09"), "    ec_point_formats (11): unknown (9)\n");
    in_hello(BYTES("\x00\x0f\x00\x01\x01"), "    heartbeat (15): peer_allowed_to_send (1)\n");
    in_hello(BYTES("\x00\x12\x00\x00"), "    signed_certificate_timestamp (18)\n");
    in_hello(BYTES("\x00\x13\x00\x03\x02\x02\x00"),
             "    client_certificate_type (19): RawPublicKey (2), X509 (0)\n");
    in_hello(BYTES("\x00\x15\x00\x03\x00\x00\x01"), "    padding (21): 3 bytes, not all zero\n");
    in_hello(BYTES("\x00\x15\x00\x01\x00"), "    padding (21): 1 byte\n");
    in_hello(BYTES("\x00\x1b\x00\x05\x04\x00\x02\x00\x03"),
             "    compress_certificate (27): brotli (0x0002), zstd (0x0003)\n");
    in_hello(BYTES("\x00\x1c\x00\x02\x40\x01"), "    record_size_limit (28): 16385 bytes\n");
    in_hello(BYTES("\x00\x22\x00\x04\x00\x02\x04\x03"),
             "    delegated_credential (34): ecdsa_secp256r1_sha256 (0x0403)\n");
    in_hello(BYTES("\x00\x23\x00\x03tkt"), "    session_ticket (35): a ticket of 3 bytes\n");
    in_hello(BYTES("\x00\x2b\x00\x07\x06\x0a\x0a\x7f\x1c\x03\x00"),
             "    supported_versions (43): GREASE (0x0a0a), unknown (0x7f1c), SSLv3 (0x0300)\n");
    in_hello(BYTES("\x00\x2c\x00\x05\x00\x03xyz"), "    cookie (44): 3 bytes\n");
    in_hello(BYTES("\x00\x2d\x00\x04\x03\x00\x0b\x2a"),
             "    psk_key_exchange_modes (45): psk_ke (0), GREASE (11), GREASE (42)\n");
    in_hello(BYTES("\x00\x31\x00\x00"), "    post_handshake_auth (49)\n");
    in_hello(BYTES("\x00\x32\x00\x04\x00\x02\x08\x07"),
             "    signature_algorithms_cert (50): ed25519 (0x0807)\n");
    in_hello(BYTES("\x00\x33\x00\x02\x00\x00"), "    key_share (51): none\n");
    in_hello(BYTES("\x00\x33\x00\x0c\x00\x0a\x2a\x2a\x00\x01z\x12\x34\x00\x01z"),
             "    key_share (51): GREASE (0x2a2a) 1 byte, unknown (0x1234) 1 byte\n");
    in_hello(BYTES("\x33\x74\x00\x00"), "    next_protocol_negotiation (13172): 0 bytes\n");
    in_hello(BYTES("\x4a\x4a\x00\x01z"), "    GREASE (19018): 1 byte, 7a\n");
    in_hello(BYTES("\x12\x35\x00\x02\xab\xcd"), "    unknown extension (4661): 2 bytes, abcd\n");
    in_hello(
        BYTES("\xfe\x0d\x00\x0d\x00\x00\x01\x00\x03\x07\x00\x01z\x00\x02zz"),
        "    encrypted_client_hello (65037): outer, config 7, KDF 0x0001, AEAD 0x0003, key of 1, "
        "hello of 2 bytes\n");
    in_hello(BYTES("\xfe\x0d\x00\x01\x01"), "    encrypted_client_hello (65037): inner\n");
    in_hello(BYTES("\xff\x01\x00\x0d\x0c"
                   "123456789012"),
             "    renegotiation_info (65281): 12 bytes, a renegotiation\n");
}

static void keys_known_before(void **state) {
    (void)state;
    in_hello(BYTES("\x00\x29\x00\x1e\x00\x13\x00\x04mail\0\0\0\0\x00\x03t\0k\0\0\0\x01"
                   "\x00\x07\x02zz\x03zzz"),
             "    pre_shared_key (41)\n"
             "      identity 0: mail\n"
             "      identity 1: 3 bytes\n"
             "      binders: 2, 3 bytes\n");
    in_answer(BYTES("\x00\x29\x00\x02\x00\x01"),
              "    pre_shared_key (41): identity 1 was chosen\n");
}

static void extensions_of_a_server(void **state) {
    (void)state;
    in_answer(BYTES("\x00\x00\x00\x00"), "    server_name (0): the name was used\n");
    in_answer(BYTES("\x00\x10\x00\x07\x00\x05\x04smtp"), "negotiation (16): smtp\n");
    in_answer(BYTES("\x00\x33\x00\x05\x00\x1d\x00\x01z"),
              "key_share (51): x25519 (0x001d) 1 byte\n");
    in_answer(BYTES("\x00\x14\x00\x01\x02"), "server_certificate_type (20): RawPublicKey (2)\n");
    in_encrypted(BYTES("\x00\x12\x00\x09\x00\x07\x00\x01s\x00\x02ss"),
                 "    signed_certificate_timestamp (18): 1, 2 bytes\n");
    in_encrypted(BYTES("\x00\x2a\x00\x00"), "    early_data (42)\n");
    in_encrypted(BYTES("\xfe\x0d\x00\x02zz"),
                 "    encrypted_client_hello (65037): 2 bytes, 7a7a\n");
    in_request(BYTES("\x00\x05\x00\x00"), "    status_request (5)\n");
    in_request(BYTES("\x00\x2f\x00\x07\x00\x05\x00\x03xyz"),
               "    certificate_authorities (47): 1 name in 5 bytes, the longest has 3\n");
    in_request(BYTES("\x00\x2f\x00\x02\x00\x00"), "    certificate_authorities (47): none\n");
    in_request(BYTES("\x00\x30\x00\x02\x00\x00"), "    oid_filters (48): 2 bytes, 0000\n");
}

static void hellos_without_extensions(void **state) {
    (void)state;
    describes(fresh, true, 2,
              BYTES("\x03\x00rrrrrrrrrrrrrrrrrrrrrrrrDOWNGRD\0"
                    "\x02id\x00\x0a\x01"),
              "ServerHello, 44 bytes\n"
              "  legacy_version: SSLv3 (0x0300)\n"
              "  random: 32 bytes, "
              "727272727272727272727272727272727272727272727272444f574e47524400\n"
              "  the random's end says that this server can do TLS 1.2 or newer\n"
              "  session_id: 2 bytes, 6964\n"
              "  cipher_suite: TLS_RSA_WITH_3DES_EDE_CBC_SHA (0x000a)\n"
              "    OpenSSL's name: DES-CBC3-SHA\n"
              "  compression_method: DEFLATE (1)\n");
    describes(fresh, true, 2, BYTES("\x03\x03rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr\0\x12\x34\x09"),
              "ServerHello, 42 bytes\n"
              "  legacy_version: TLSv1.2 (0x0303)\n"
              "  random: 32 bytes, "
              "7272727272727272727272727272727272727272727272727272727272727272\n"
              "  session_id: 0 bytes\n"
              "  cipher_suite: unknown (0x1234)\n"
              "  compression_method: unknown (9)\n");
}

static void key_exchanges(void **state) {
    const struct report_trace ecdhe = chosen(0x0303, 0xc02f), rsa = chosen(0x0303, 0x002f),
                              srp = chosen(0x0303, 0xc01e), rsa_psk = chosen(0x0303, 0x0094);

    (void)state;
    describes(ecdhe, true, 12, BYTES("\x01zz"),
              "ServerKeyExchange, 7 bytes\n  curve type: explicit_prime (1), 2 bytes\n");
    describes(ecdhe, true, 12, BYTES("\x03\x00\x17\x01k\x12\x34\x00\x02ss"),
              "ServerKeyExchange, 15 bytes\n"
              "  named curve: secp256r1 (0x0017)\n"
              "  public key: 1 byte\n"
              "  signature_scheme: unknown (0x1234)\n"
              "  signature: 2 bytes\n");
    describes(ecdhe, true, 12, BYTES("\x03\x00\x17\x05k"),
              "ServerKeyExchange, 9 bytes\n"
              "  named curve: secp256r1 (0x0017)\n"
              "  ! public key: does not fit at byte 8\n");
    describes(ecdhe, false, 16, BASE_BYTES_EMPTY,
              "ClientKeyExchange, 4 bytes\n  public key: the one in the client's certificate\n");
    describes(rsa, true, 12, BYTES("\x00\x02\x01\x00\x00\x01\x03\x00\x01s"),
              "ServerKeyExchange, 14 bytes\n"
              "  temporary RSA modulus: 9 bits, 2 bytes\n"
              "  temporary RSA exponent: 2 bits, 1 byte\n"
              "  signature_scheme: unknown (0x0001)\n"
              "  ! signature: does not fit at byte 13\n");
    describes(rsa, false, 16, BYTES("\x00\x01zz"),
              "ClientKeyExchange, 8 bytes\n"
              "  encrypted premaster secret: 1 byte\n"
              "  ! ClientKeyExchange: 1 byte left at byte 7\n");
    describes(chosen(0x0300, 0x002f), false, 16, BYTES("zz"),
              "ClientKeyExchange, 6 bytes\n  contents: 2 bytes\n");
    describes(srp, true, 12, BYTES("\x00\x01\x17\x00\x01\x02\x02ss\x00\x01\x07\x04\x03\x00\x02s"),
              "ServerKeyExchange, 21 bytes\n"
              "  SRP prime: 5 bits, 1 byte\n"
              "  SRP generator: 2 bits, 1 byte\n"
              "  SRP salt: 2 bytes\n"
              "  SRP public key: 3 bits, 1 byte\n"
              "  signature_scheme: ecdsa_secp256r1_sha256 (0x0403)\n"
              "  ! signature: does not fit at byte 20\n");
    describes(rsa_psk, false, 16, BYTES("\x00\x03\x1b[m\x00\x01z"),
              "ClientKeyExchange, 12 bytes\n"
              "  PSK identity: \\x1B[m\n"
              "  encrypted premaster secret: 1 byte\n");
    describes(chosen(0x0303, 0xc100), true, 12, BYTES("zz"),
              "ServerKeyExchange, 6 bytes\n  contents: 2 bytes\n");
    describes(fresh, true, 12, BYTES("zz"), "ServerKeyExchange, 6 bytes\n  contents: 2 bytes\n");
}

static void certificates(void **state) {
    struct report_trace raw = chosen(0x0303, 0xc02f), raw13 = chosen(0x0304, 0x1301);

    (void)state;
    raw.server_certificate_type = 2;
    raw13.client_certificate_type = 2;
    describes(chosen(0x0303, 0xc02f), false, 11, BYTES("\0\0\0"),
              "Certificate, 7 bytes\n  no certificate\n");
    describes(chosen(0x0304, 0x1301), false, 11,
              BYTES("\x02zz\0\0\x07\0\0\x02"
                    "cc\0\0"),
              "Certificate, 17 bytes\n"
              "  request context: 2 bytes, 7a7a\n"
              "  certificate 0: 2 bytes\n"
              "    extensions: none\n");
    describes(raw, true, 11, BYTES("\0\0\x02kk"),
              "Certificate, 9 bytes\n  raw public key: 2 bytes\n");
    describes(raw, false, 11,
              BYTES("\0\0\x05\0\0\x02"
                    "cc"),
              "Certificate, 12 bytes\n  certificate 0: 2 bytes\n");
    describes(raw13, false, 11, BYTES("\0\0\0\x07\0\0\x02kk\0\0"),
              "Certificate, 15 bytes\n"
              "  raw public keys stand in for certificates\n"
              "  certificate 0: 2 bytes\n"
              "    extensions: none\n");
    describes(chosen(0x0303, 0xc02f), true, 11,
              BYTES("\0\0\x06\0\0\x02"
                    "cc\0"),
              "Certificate, 13 bytes\n"
              "  certificate 0: 2 bytes\n"
              "  ! certificate: does not fit at byte 12\n");
    describes(chosen(0x0304, 0x1301), true, 25, BYTES("\x00\x02\x00\x10\x00\x00\x00\x02zz"),
              "CompressedCertificate, 14 bytes\n"
              "  algorithm: brotli (0x0002)\n"
              "  length: 2 bytes, for 4096 bytes of Certificate\n");
    describes(chosen(0x0302, 0xc013), true, 13, BYTES("\x02\x01\x40\x00\x00"),
              "CertificateRequest, 9 bytes\n"
              "  certificate types: rsa_sign (1), ecdsa_sign (64)\n"
              "  certificate authorities: none\n");
    describes(chosen(0x0303, 0xc02f), true, 22, BYTES("\x02\0\0\x02zz"),
              "CertificateStatus, 10 bytes\n  status: status type 2, 2 bytes\n");
    describes(chosen(0x0301, 0xc013), false, 15, BYTES("\x00\x02ss"),
              "CertificateVerify, 8 bytes\n  signature: 2 bytes\n");
}

static void small_messages(void **state) {
    struct report_trace d = fresh;

    (void)state;
    describes(fresh, true, 0, BASE_BYTES_EMPTY, "HelloRequest, 4 bytes\n");
    describes(fresh, false, 0, BASE_BYTES_EMPTY,
              "HelloRequest, 4 bytes\n  ! only a server sends this\n");
    describes(fresh, false, 24, BYTES("\x00"),
              "KeyUpdate, 5 bytes\n  request_update: update_not_requested (0)\n");
    describes(fresh, false, 24, BYTES("\x07"),
              "KeyUpdate, 5 bytes\n  request_update: unknown (7)\n");
    describes(fresh, false, 24, BASE_BYTES_EMPTY,
              "KeyUpdate, 4 bytes\n  ! request_update: does not fit at byte 4\n");
    describes(chosen(0x0303, 0xc02f), true, 4, BYTES("\0\0\0\0\x00\x00"),
              "NewSessionTicket, 10 bytes\n"
              "  ticket_lifetime: 0 seconds, not said\n"
              "  ticket: 0 bytes\n");
    describes(chosen(0x0304, 0x1301), true, 4,
              BYTES("\0\0\0\x01\0\0\0\0\x01n\x00\x01t\x00\x05\x00\x2a\x00\x01z"),
              "NewSessionTicket, 24 bytes\n"
              "  ticket_lifetime: 1 second\n"
              "  ticket_nonce: 1 byte\n"
              "  ticket: 1 byte\n"
              "  extensions: 5 bytes\n"
              "    early_data (42)\n"
              "      ! max_early_data_size: does not fit at byte 23\n");
    describes(fresh, false, 67, BYTES("\x04smtp"),
              "NextProtocol, 9 bytes\n  contents: 5 bytes, 04736d7470\n");
    assert_string_equal(words(&d, true, 22, BYTES("\x63\x00\x00\x01z")),
                        "unknown handshake message (99), 5 bytes\n  contents: 1 byte, 7a\n");
}

static void records_that_are_no_handshake(void **state) {
    struct report_trace d = fresh, tls13 = chosen(0x0304, 0x1301);

    (void)state;
    assert_string_equal(words(&d, true, 21, BYTES("\x02\x46")),
                        "Alert, fatal (2), protocol_version (70)\n"
                        "  the protocol version offered is known but not supported\n");
    assert_string_equal(words(&d, true, 21, BYTES("\x03\xfe")),
                        "Alert, unknown level (3), unknown (254)\n");
    assert_string_equal(words(&d, true, 21, BYTES("\x02")),
                        "Alert, not two bytes but 1 byte, 02\n");
    assert_string_equal(words(&d, true, 20, BYTES("\x01")), "ChangeCipherSpec, 1 byte\n");
    assert_string_equal(words(&tls13, true, 20, BYTES("\x01")),
                        "ChangeCipherSpec, 1 byte\n"
                        "  TLS 1.3 ignores it; it is sent for devices on the way that expect it\n");
    assert_string_equal(words(&d, true, 20, BYTES("\x01\x02")),
                        "ChangeCipherSpec, 2 bytes\n  ! not the one byte 1: 2 bytes, 0102\n");
    assert_string_equal(words(&d, true, 23, BYTES("secret")), "ApplicationData (23), 6 bytes\n");
    assert_string_equal(words(&d, true, 24, BYTES("secret")), "Heartbeat (24), 6 bytes\n");
    assert_string_equal(words(&d, true, 99, BASE_BYTES_EMPTY), "unknown record (99), 0 bytes\n");
}

/* Contents stand in the text only when they are asked for. */
static void contents_only_when_asked_for(void **state) {
    struct report_trace asked = chosen(0x0303, 0xc02f);

    (void)state;
    asked.bytes = true;
    describes(chosen(0x0303, 0xc02f), true, 20, BYTES("verify"),
              "Finished, 10 bytes\n  verify_data: 6 bytes\n");
    describes(asked, true, 20, BYTES("verify"),
              "Finished, 10 bytes\n  verify_data: 6 bytes\n    766572696679\n");
    describes(asked, true, 12, BYTES("\x03\x00\x17\x02kk"),
              "ServerKeyExchange, 10 bytes\n"
              "  named curve: secp256r1 (0x0017)\n"
              "  public key: 2 bytes\n"
              "    6b6b\n");
}

/* The version before a ServerHello is the record's; what it chose holds from then on. */
static void what_was_chosen_is_remembered(void **state) {
    struct report_trace d = fresh;
    struct base_buf out;

    (void)state;
    base_buf_init(&out, 1 << 16);
    report_trace_message(&d, true, 22, 0x0304, BYTES("\x0b\0\0\x04\0\0\0\0"), &out);
    assert_string_equal(base_buf_cstr(&out), "Certificate, 8 bytes\n  no certificate\n");
    assert_false(d.chosen);
    assert_int_equal(d.version, 0);
    base_buf_release(&out);
    (void)words(&d, true, 22,
                BYTES("\x02\0\0\x2e\x03\x03rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr"
                      "\0\x13\x02\0\0\x06\x00\x2b\0\x02\x03\x04"));
    assert_true(d.chosen);
    assert_int_equal(d.version, 0x0304);
    assert_int_equal(d.suite, 0x1302);
    (void)words(&d, true, 22, BYTES("\x08\0\0\x07\0\x05\x00\x14\0\x01\x02"));
    assert_int_equal(d.server_certificate_type, 2);
    assert_int_equal(d.client_certificate_type, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extensions_of_a_client),
        cmocka_unit_test(keys_known_before),
        cmocka_unit_test(extensions_of_a_server),
        cmocka_unit_test(hellos_without_extensions),
        cmocka_unit_test(key_exchanges),
        cmocka_unit_test(certificates),
        cmocka_unit_test(small_messages),
        cmocka_unit_test(records_that_are_no_handshake),
        cmocka_unit_test(contents_only_when_asked_for),
        cmocka_unit_test(what_was_chosen_is_remembered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
