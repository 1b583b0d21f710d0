/* SPDX-License-Identifier: Apache-2.0 */
/* A session in s_client's words, and what the watcher is told while it comes up. */
#include "wished.h"

#include "client/internal.h"
#include "tls/internal.h"

#include <openssl/ct.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define OPENSSL_3_2 0x30200000ul
#define OPENSSL_3_5 0x30500000ul

static struct wished w;
static struct pair p;
static struct facts_detail d;

static void expect_in(const char *text, const char *part) {
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", text, part);
}

static void expect_not_in(const char *text, const char *part) {
    if (strstr(text, part) != NULL)
        fail_msg("\"%s\" holds \"%s\"", text, part);
}

static void begin(void) {
    wished_init(&w);
    w.wish.no_ca_file = w.wish.no_ca_dir = w.wish.no_ca_store = true;
}

static void shake(uint16_t server_max, unsigned rsa_bits) {
    pair_open(&p, &(struct pair_options){.wish = &w.wish,
                                         .server_max = server_max,
                                         .rsa_bits = rsa_bits,
                                         .sni = "mx.example.org"});
    pair_run(&p);
    client_read_detail(p.client, 1000, 500, &p.arena, &d);
    assert_false(p.arena.failed);
}

static void tls_1_3_with_an_ec_key(void **state) {
    bool spaced = OpenSSL_version_num() < OPENSSL_3_2;

    (void)state;
    begin();
    wished_set(&w, "-groups", "X25519");
    shake(0x0304, 0);
    assert_string_equal(d.library, OpenSSL_version(OPENSSL_VERSION));
    assert_string_equal(d.version_name, "TLSv1.3");
    assert_string_equal(d.cipher_version, "TLSv1.3");
    assert_string_equal(d.cipher_name, "TLS_AES_256_GCM_SHA384");
    assert_string_equal(d.temp_key, "X25519, 253 bits");
    assert_string_equal(d.group, "");
    assert_string_equal(d.peer_digest, "SHA256");
    assert_string_equal(d.peer_signature_type,
                        OpenSSL_version_num() < OPENSSL_3_5 ? "ECDSA" : "ecdsa_secp256r1_sha256");
    assert_string_equal(d.point_formats, "");
    assert_int_equal(d.server_key_bits, 256);
    assert_int_equal(d.chain_count, 1);
    assert_string_equal(d.chain[0].subject, spaced ? "CN = mx.example.org" : "CN=mx.example.org");
    assert_string_equal(d.chain[0].issuer, spaced ? "CN = Test Root" : "CN=Test Root");
    assert_string_equal(d.chain[0].signature, "ecdsa-with-SHA256");
    if (spaced)
        assert_string_equal(d.chain[0].key, "id-ecPublicKey, 256 (bit)");
    expect_in(d.chain[0].not_after, " GMT");
    assert_true(strncmp(d.chain[0].pem, "-----BEGIN CERTIFICATE-----\n", 28) == 0);
    expect_in(d.chain[0].pem, "\n-----END CERTIFICATE-----\n");
    assert_true(d.renegotiation_forbidden);
    assert_false(d.reused);
    assert_string_equal(d.compression, "NONE");
    assert_int_equal(d.early_data, FACTS_EARLY_DATA_NOT_SENT);
    assert_int_equal(d.ticket_count, 2);
    expect_in(d.tickets[0], "SSL-Session:\n");
    expect_in(d.tickets[1], "    Resumption PSK: (hidden)\n");
    assert_int_equal(d.bytes_written, 500 + pair_facts(&p).bytes_written);
    assert_int_equal(d.bytes_read, 1000 + pair_facts(&p).bytes_read);
    pair_close(&p);
}

static void tls_1_2_with_an_rsa_key(void **state) {
    (void)state;
    begin();
    wished_set(&w, "-groups", "P-256");
    w.wish.alpn = "smtp";
    shake(0x0303, 2048);
    assert_string_equal(d.version_name, "TLSv1.2");
    assert_string_equal(d.temp_key, "ECDH, prime256v1, 256 bits");
    assert_string_equal(d.peer_digest, "SHA256");
    if (OpenSSL_version_num() < OPENSSL_3_5)
        assert_string_equal(d.peer_signature_type, "RSA-PSS");
    assert_string_equal(d.point_formats,
                        "uncompressed:ansiX962_compressed_prime:ansiX962_compressed_char2");
    assert_string_equal(d.alpn, "");
    assert_true(d.secure_renegotiation);
    assert_false(d.renegotiation_forbidden);
    expect_in(d.session, "    Protocol  : TLSv1.2\n");
    expect_in(d.session, "    Master-Key: (hidden)\n");
    expect_in(d.session, "Extended master secret: yes");
    assert_int_equal(d.ticket_count, 0);
    assert_int_equal(d.server_key_bits, 2048);
    assert_string_equal(d.chain[0].signature,
                        "ecdsa-with-SHA256"); /* the root's key, not the leaf's */
    pair_close(&p);
}

static void dhe_and_secrets(void **state) {
    (void)state;
    begin();
    wished_set(&w, "-cipher", "DHE-RSA-AES128-GCM-SHA256");
    w.wish.show_secrets = true;
    w.wish.export_label = "EXPERIMENTAL test";
    w.wish.export_length = 20;
    shake(0x0303, 2048);
    expect_in(d.temp_key, "DH, ");
    expect_in(d.session, "    Master-Key: ");
    expect_not_in(d.session, "(hidden)");
    assert_string_equal(d.export_label, "EXPERIMENTAL test");
    assert_int_equal(d.export_key.len, 20);
    pair_close(&p);
}

/* What cannot be known is "" and nothing crashes. */
static void a_session_that_never_came_up(void **state) {
    (void)state;
    begin();
    w.wish.export_label = "EXPERIMENTAL test";
    w.wish.export_length = 20;
    w.wish.min_version = 0x0304;
    shake(0x0303, 0);
    assert_int_equal(tls_session_state(p.client), TLS_FAILED);
    assert_int_equal(d.chain_count, 0);
    assert_int_equal(d.step_count, 0);
    assert_int_equal(d.verify_code, 0);
    assert_string_equal(d.temp_key, "");
    assert_non_null(strstr(d.session, "Cipher    : 0000")); /* s_client shows this much */
    assert_null(strstr(d.session, "Master-Key: 0"));
    assert_int_equal(d.export_key.len, 0);
    assert_int_equal(d.ticket_count, 0);
    assert_true(d.bytes_read > 1000);
    pair_close(&p);
    pair_open(&p, &(struct pair_options){.wish = &w.wish});
    client_read_detail(p.client, 0, 0, &p.arena, &d); /* not even begun */
    assert_int_equal(d.bytes_written, 0);
    pair_close(&p);
}

/* The context that looks has no wish: its details are there all the same. */
static void details_of_a_session_without_a_wish(void **state) {
    (void)state;
    pair_open(&p, &(struct pair_options){.server_max = 0x0303});
    pair_run(&p);
    client_read_detail(p.client, 0, 0, &p.arena, &d);
    assert_int_equal(d.chain_count, 1);
    assert_int_equal(d.step_count, 0);
    expect_in(d.session, "    Master-Key: (hidden)\n");
    pair_close(&p);
}

static int accept_all(int ok, X509_STORE_CTX *ctx) {
    (void)ok;
    (void)ctx;
    return 1;
}

static void what_a_server_asks_of_clients(void **state) {
    static const uint16_t versions[] = {0x0303, 0x0304};

    (void)state;
    for (size_t v = 0; v < 2; v++) {
        begin();
        pair_open(&p, &(struct pair_options){.wish = &w.wish, .server_max = versions[v]});
        SSL_CTX_set_verify(p.server_context->ssl, SSL_VERIFY_PEER, accept_all);
        assert_int_equal(SSL_CTX_add_client_CA(p.server_context->ssl,
                                               SSL_CTX_get0_certificate(p.server_context->ssl)),
                         1);
        pair_renew(&p, NULL);
        pair_run(&p);
        client_read_detail(p.client, 0, 0, &p.arena, &d);
        assert_int_equal(d.ca_name_count, 1);
        expect_in(d.ca_names[0], "mx.example.org");
        expect_in(d.requested_schemes, "RSA-PSS+SHA256");
        expect_in(d.shared_schemes, "ECDSA+SHA256");
        if (v == 0)
            assert_string_equal(d.client_certificate_types, "RSA sign, DSA sign, ECDSA sign");
        pair_close(&p);
    }
}

static int staple(SSL *ssl, void *arg) {
    OCSP_RESPONSE *r = OCSP_response_create(OCSP_RESPONSE_STATUS_TRYLATER, NULL);
    unsigned char *der = NULL;
    int len = i2d_OCSP_RESPONSE(r, &der);

    (void)arg;
    OCSP_RESPONSE_free(r);
    return len > 0 && SSL_set_tlsext_status_ocsp_resp(ssl, der, len) == 1
               ? SSL_TLSEXT_ERR_OK
               : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static void status_and_timestamps(void **state) {
    (void)state;
    begin();
    w.wish.ask_status = w.wish.ask_scts = true;
    pair_open(&p, &(struct pair_options){.wish = &w.wish});
    SSL_CTX_set_tlsext_status_cb(p.server_context->ssl, staple);
    pair_renew(&p, NULL);
    pair_run(&p);
    client_read_detail(p.client, 0, 0, &p.arena, &d);
    assert_true(d.status_asked);
    expect_in(d.status, "OCSP Response Status: trylater (0x3)");
    assert_true(d.scts_asked);
    assert_int_equal(d.sct_count, 0);
    assert_string_equal(d.scts, "");
    pair_close(&p);
    begin();
    shake(0, 0);
    assert_false(d.status_asked);
    assert_string_equal(d.status, "");
    pair_close(&p);
}

static void names_as_the_user_wants_them(void **state) {
    static const struct {
        const char *format, *subject;
    } rows[] = {
        {"oneline", "CN = mx.example.org"},
        {"RFC2253", "CN=mx.example.org"},
        {"compat", "/CN=mx.example.org"},
        {"lname", "commonName=mx.example.org"},
        {"oneline,-space_eq", "CN=mx.example.org"},
        {"oneline,lname", "commonName = mx.example.org"},
        {"multiline", "commonName                = mx.example.org"},
        {"oid,utf8", "2.5.4.3=mx.example.org"},
        {"nofname", "mx.example.org"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin();
        w.wish.name_format = rows[i].format;
        shake(0, 0);
        if (strcmp(rows[i].format, "compat") != 0)
            assert_string_equal(d.chain[0].subject, rows[i].subject);
        else
            expect_in(d.chain[0].subject, "CN");
        pair_close(&p);
    }
}

static void use_forged(SSL_CTX *ctx, const struct pki_forged *f) {
    struct base_buf pem;
    BIO *bio;
    X509 *x;
    EVP_PKEY *key;

    base_buf_init(&pem, 1 << 16);
    assert_int_equal(pki_forged_certificate_pem(f, &pem), WS_OK);
    assert_int_equal(pki_forged_key_pem(f, &pem), WS_OK);
    bio = BIO_new_mem_buf(base_buf_view(&pem).data, (int)pem.len);
    x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    assert_int_equal(SSL_CTX_use_certificate(ctx, x), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(ctx, key), 1);
    X509_free(x);
    EVP_PKEY_free(key);
    BIO_free(bio);
    base_buf_release(&pem);
}

/* Names are chosen by strangers: they cannot forge lines or reach the terminal. */
static void names_cannot_forge_lines(void **state) {
    static const char *const formats[] = {NULL, "utf8,sep_comma_plus_space", "multiline",
                                          "sep_multiline,lname", "RFC2253,-esc_ctrl"};
    struct pki_forge_request r = {.common_name = "x\nverify return:1\r\x1b[31m\xe2\x80\xae",
                                  .not_before = PAIR_NOW - PAIR_DAY,
                                  .not_after = PAIR_NOW + PAIR_DAY};
    struct pki_forged *evil = NULL;

    (void)state;
    assert_int_equal(pki_forge(&r, pair_root(), &evil, NULL), WS_OK);
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        begin();
        w.wish.name_format = formats[i];
        w.wish.watch.verify = true;
        pair_open(&p, &(struct pair_options){.wish = &w.wish});
        use_forged(p.server_context->ssl, evil);
        pair_renew(&p, NULL);
        pair_run(&p);
        client_read_detail(p.client, 0, 0, &p.arena, &d);
        assert_int_equal(d.chain_count, 1);
        assert_null(strchr(d.chain[0].subject, '\n'));
        assert_null(strchr(d.chain[0].subject, '\x1b'));
        assert_null(strstr(d.chain[0].subject, "\xe2\x80\xae"));
        assert_null(strchr(d.steps[0].subject, '\n'));
        expect_not_in(w.told, "\nverify return:1\\r");
        assert_null(strchr(w.told, '\x1b'));
        pair_close(&p);
    }
    pki_forged_free(evil);
}

static unsigned some_psk(SSL *ssl, const char *identity, unsigned char *psk, unsigned max) {
    (void)ssl;
    (void)identity;
    return (unsigned)base_bytes_copy(psk, max, base_bytes_view("\x01\x23", 2));
}

static void a_hint_cannot_forge_lines(void **state) {
    (void)state;
    begin();
    w.wish.psk = "0123";
    wished_set(&w, "-cipher", "PSK");
    pair_open(&p, &(struct pair_options){.wish = &w.wish, .server_max = 0x0303});
    assert_int_equal(SSL_CTX_set_cipher_list(p.server_context->ssl, "PSK"), 1);
    assert_int_equal(
        SSL_CTX_use_psk_identity_hint(p.server_context->ssl, "who\n    Verify return code: 0 (ok)"),
        1);
    SSL_CTX_set_psk_server_callback(p.server_context->ssl, some_psk);
    pair_renew(&p, NULL);
    pair_run(&p);
    assert_int_equal(tls_session_state(p.client), TLS_UP);
    client_read_detail(p.client, 0, 0, &p.arena, &d);
    expect_in(d.session, "    PSK identity hint: who\\n    Verify return code: 0 (ok)\n");
    pair_close(&p);
}

static void every_watch_at_once(void **state) {
    (void)state;
    begin();
    w.wish.watch.state = w.wish.watch.extensions = true;
    w.wish.watch.security = w.wish.watch.security_verbose = true;
    w.wish.serverinfo = "1234";
    shake(0x0304, 0);
    expect_in(w.told, "0 SSL_connect:SSLv3/TLS write client hello\n");
    expect_in(w.told, "0 SSL_connect:TLSv1.3 read server certificate verify\n");
    expect_in(w.told, "2 TLS server extension \"supported versions\" (id=43), len=2\n"
                      "0000 - 03 04 ");
    expect_in(w.told, "3 Security callback: Version=TLS 1.3: yes\n");
    expect_in(w.told, "3 Security callback: Supported Ciphersuite=TLS_AES_256_GCM_SHA384, ");
    expect_in(w.told, "SSL-Session:\n");
    expect_in(w.told, "Resumption PSK: (hidden)\n");
    assert_true(w.messages > 6);
    pair_close(&p);
}

static void messages_with_their_bytes(void **state) {
    (void)state;
    begin();
    w.wish.watch.messages = true;
    shake(0x0303, 0);
    expect_in(w.told, "1 >>> TLS 1.0, RecordHeader [length 0005]\n    16 03 01 ");
    expect_in(w.told, ", Handshake [length ");
    expect_in(w.told, ", ClientHello\n    01 00 ");
    expect_in(w.told, "1 <<< TLS 1.2, Handshake [length 0004], ServerHelloDone\n    0e 00 00 00\n");
    pair_close(&p);
    begin();
    w.wish.watch.messages = true;
    w.wish.min_version = 0x0304;
    shake(0x0303, 0);
    expect_in(w.told, "Alert [length 0002], fatal protocol_version\n    02 46\n");
    pair_close(&p);
}

static void security_tells_what_it_forbids(void **state) {
    (void)state;
    begin();
    w.wish.watch.security = true;
    wished_set(&w, "-cipher", "DEFAULT:@SECLEVEL=3");
    shake(0x0304, 0);
    expect_in(w.told, ": no\n");
    expect_not_in(w.told, ": yes\n");
    pair_close(&p);
}

static void the_key_log(void **state) {
    const char *path = wished_file("keys.log", "# mine\n", 7);
    char text[8192];
    struct stat st;
    size_t len;
    FILE *f;

    (void)state;
    begin();
    w.wish.keylog_file = path;
    shake(0x0304, 0);
    pair_close(&p);
    f = fopen(path, "r");
    assert_non_null(f);
    len = fread(text, 1, sizeof(text) - 1, f);
    fclose(f);
    text[len] = '\0';
    assert_true(strncmp(text, "# mine\n", 7) == 0);
    expect_in(text, "\nCLIENT_HANDSHAKE_TRAFFIC_SECRET ");
    expect_in(text, "\nSERVER_TRAFFIC_SECRET_0 ");
    w.wish.keylog_file = wished_path("new.log");
    shake(0x0303, 0);
    pair_close(&p);
    assert_int_equal(stat(w.wish.keylog_file, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    w.wish.keylog_file = "/nonexistent/keys";
    assert_string_equal(wished_error(&w),
                        "-keylogfile /nonexistent/keys: No such file or directory");
}

static void the_times_of_the_answer(void **state) {
    struct facts_session f;

    (void)state;
    begin();
    for (int looking = 0; looking < 2; looking++) {
        pair_open(&p, &(struct pair_options){.wish = looking == 1 ? NULL : &w.wish,
                                             .server_max = 0x0303});
        pair_run(&p);
        f = pair_facts(&p);
        assert_true(f.hello_ms > 19.9 && f.hello_ms < 20.1);
        assert_true(f.certificate_ms > 19.9 && f.certificate_ms < 20.1);
        assert_int_equal(f.hello.data[0], 1);
        assert_int_equal(f.hello.len, 4 + (f.hello.data[2] << 8 | f.hello.data[3]));
        pair_close(&p);
    }
    w.wish.min_version = 0x0304;
    shake(0x0303, 0);
    f = pair_facts(&p);
    assert_true(f.hello_ms > 19.9 && f.hello_ms < 20.1); /* an alert is an answer */
    assert_true(f.certificate_ms < 0.001);
    pair_close(&p);
}

static int release(void **state) {
    (void)state;
    wished_remove_files();
    pair_release_root();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tls_1_3_with_an_ec_key),
        cmocka_unit_test(tls_1_2_with_an_rsa_key),
        cmocka_unit_test(dhe_and_secrets),
        cmocka_unit_test(a_session_that_never_came_up),
        cmocka_unit_test(details_of_a_session_without_a_wish),
        cmocka_unit_test(what_a_server_asks_of_clients),
        cmocka_unit_test(status_and_timestamps),
        cmocka_unit_test(names_as_the_user_wants_them),
        cmocka_unit_test(names_cannot_forge_lines),
        cmocka_unit_test(a_hint_cannot_forge_lines),
        cmocka_unit_test(every_watch_at_once),
        cmocka_unit_test(messages_with_their_bytes),
        cmocka_unit_test(security_tells_what_it_forbids),
        cmocka_unit_test(the_key_log),
        cmocka_unit_test(the_times_of_the_answer),
    };

    return cmocka_run_group_tests(tests, NULL, release);
}
