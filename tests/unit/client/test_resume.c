/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions taken up again, keys shared before, early data, renegotiation, key update. */
#include "wished.h"

#include "client/internal.h"
#include "tls/internal.h"

#include <openssl/pem.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define BYTES(text) base_bytes_view(text, sizeof(text) - 1)

static struct wished w;
static struct pair p;
static struct facts_detail detail;

/* One message each way; false when nothing was left to carry. */
static bool carry_both(void) {
    bool there = pair_carry(&p, false);
    bool back = pair_carry(&p, true);
    return there || back;
}

static void expect_in(const char *text, const char *part) {
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", text, part);
}

static void open_pair(uint16_t server_max) {
    pair_open(&p, &(struct pair_options){.wish = &w.wish, .server_max = server_max});
    assert_int_equal(
        SSL_CTX_set_session_id_context(p.server_context->ssl, (const unsigned char *)"test", 4), 1);
    pair_renew(&p, NULL);
}

static void read_detail(void) {
    client_read_detail(p.client, 0, 0, &p.arena, &detail);
}

/* The client's context again, because a wish is read once. */
static void new_client(void) {
    struct base_error e = {0};

    tls_session_free(p.client);
    p.client = NULL;
    tls_context_free(p.client_context);
    p.client_context = NULL;
    if (client_context_new(&w.wish, &p.client_context, &e) != WS_OK)
        fail_msg("%s", base_error_message(&e));
    pair_renew(&p, NULL);
}

static void a_saved_session_is_taken_up(void **state) {
    static const uint16_t versions[] = {0x0303, 0x0304};

    (void)state;
    for (size_t v = 0; v < 2; v++) {
        const char *path = wished_file("session.pem", "old", 3);
        struct base_error e = {0};
        struct stat st;
        assert_int_equal(chmod(path, 0644), 0); /* it was readable by all before */
        wished_init(&w);
        open_pair(versions[v]);
        pair_run(&p);
        read_detail();
        assert_false(detail.reused);
        assert_int_equal(detail.ticket_count, versions[v] == 0x0304 ? 2 : 0);
        assert_int_equal(client_save_session(p.client, path, &e), WS_OK);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        w.wish.session_in = path;
        new_client();
        pair_run(&p);
        read_detail();
        assert_true(detail.reused);
        assert_true(detail.chain_recalled);
        assert_int_equal(detail.chain_count, 1);
        assert_int_equal(pair_facts(&p).resumed, true);
        pair_close(&p);
    }
}

static void without_a_session_nothing_is_saved(void **state) {
    struct base_error e = {0};

    (void)state;
    wished_init(&w);
    open_pair(0x0303);
    assert_int_not_equal(client_save_session(p.client, wished_path("none"), &e), WS_OK);
    expect_in(e.message, "the server gave no session that can be resumed");
    pair_run(&p);
    e = (struct base_error){0};
    assert_int_not_equal(client_save_session(p.client, "/nonexistent/file", &e), WS_OK);
    assert_string_equal(e.message, "-sess_out /nonexistent/file: No such file or directory");
    pair_close(&p);
}

static void reconnect_offers_the_last_session(void **state) {
    static const uint16_t versions[] = {0x0303, 0x0304};

    (void)state;
    for (size_t v = 0; v < 2; v++) {
        wished_init(&w);
        open_pair(versions[v]);
        pair_run(&p);
        for (int i = 0; i < 3; i++) {
            client_offer_again(p.client);
            if (i == 1) { /* a clean end and a cut one are the same to us */
                tls_session_close(p.client);
                pair_carry(&p, false);
                tls_session_close(p.server);
            }
            pair_renew(&p, NULL);
            pair_run(&p);
            read_detail();
            /* a server forgets a session of TLS 1.2 that was cut, not the ticket */
            assert_true(detail.reused);
        }
        pair_close(&p);
    }
}

static const char *give_server_psk(const char *identity) {
    return strcmp(identity, "me") == 0 || strcmp(identity, "Client_identity") == 0
               ? "\x01\x23\x45\x67\x89\xab\xcd\xef"
               : NULL;
}

static unsigned server_psk(SSL *ssl, const char *identity, unsigned char *psk, unsigned max) {
    const char *key = give_server_psk(identity);

    (void)ssl;
    return key == NULL ? 0 : (unsigned)base_bytes_copy(psk, max, base_bytes_view(key, 8));
}

static void shared_keys(void **state) {
    static const uint16_t versions[] = {0x0303, 0x0304};

    (void)state;
    for (size_t v = 0; v < 2; v++)
        for (int wrong = 0; wrong < 2; wrong++) {
            wished_init(&w);
            w.wish.psk = wrong == 1 ? "ff" : "0123456789ABCDEF";
            w.wish.psk_identity = v == 0 ? "me" : NULL;
            if (v == 0)
                wished_set(&w, "-cipher", "PSK");
            else /* a key of -psk goes with suites of this hash */
                wished_set(&w, "-ciphersuites", "TLS_AES_128_GCM_SHA256");
            pair_open(&p, &(struct pair_options){.wish = &w.wish, .server_max = versions[v]});
            assert_int_equal(SSL_CTX_set_cipher_list(p.server_context->ssl, "ALL:PSK"), 1);
            SSL_CTX_set_psk_server_callback(p.server_context->ssl, server_psk);
            pair_renew(&p, NULL);
            pair_run(&p);
            read_detail();
            assert_int_equal(tls_session_state(p.client), wrong == 1 ? TLS_FAILED : TLS_UP);
            assert_int_equal(detail.chain_count, 0);
            if (wrong == 0)
                assert_int_equal(detail.reused, versions[v] == 0x0304);
            pair_close(&p);
        }
}

static void wrong_keys_stay_secret(void **state) {
    static char long_identity[600];

    (void)state;
    wished_init(&w);
    w.wish.psk = "12zz";
    assert_string_equal(wished_error(&w), "-psk: byte 3 is no hexadecimal digit");
    w.wish.psk = "123";
    expect_in(wished_error(&w), "-psk: 2 to 1024 hexadecimal digits in pairs");
    w.wish.psk = "";
    expect_in(wished_error(&w), "-psk: 2 to 1024");
    w.wish.psk = "00";
    memset(long_identity, 'x', sizeof(long_identity) - 1);
    w.wish.psk_identity = long_identity;
    expect_in(wished_error(&w), "-psk_identity: at most ");
    w.wish.psk = w.wish.psk_identity = NULL;
    w.wish.session_in = "/nonexistent";
    assert_string_equal(wished_error(&w), "-sess_in /nonexistent: No such file or directory");
    w.wish.session_in = wished_pem_file("cert.pem", pair_root(), true, false);
    expect_in(wished_error(&w), "cert.pem: no session inside");
    w.wish.session_in = NULL;
    w.wish.psk_session = "/nonexistent";
    assert_string_equal(wished_error(&w), "-psk_session /nonexistent: No such file or directory");
}

/* The server's side of early data, which the demo's server does not have. */
static void read_early(struct base_buf *into) {
    uint8_t bytes[256];
    struct base_buf sent;
    size_t got = 0;
    int rc;

    base_buf_init(&sent, 1 << 16);
    pair_take(p.client, &sent);
    p.server->in = base_buf_view(&sent);
    do {
        rc = SSL_read_early_data(p.server->ssl, bytes, sizeof(bytes), &got);
        if (rc != SSL_READ_EARLY_DATA_ERROR)
            base_buf_append(into, bytes, got);
    } while (rc == SSL_READ_EARLY_DATA_SUCCESS);
    p.server->in = BASE_BYTES_EMPTY;
    p.server->started = true;
    base_buf_release(&sent);
}

static void early_data(void **state) {
    const char *path = wished_path("early.pem");
    struct base_error e = {0};
    struct base_buf got;

    (void)state;
    wished_init(&w);
    open_pair(0);
    SSL_CTX_set_max_early_data(p.server_context->ssl, 10);
    SSL_CTX_set_options(p.server_context->ssl, SSL_OP_NO_ANTI_REPLAY);
    pair_renew(&p, NULL);
    assert_int_not_equal(client_set_early_data(p.client, BYTES("x"), &e), WS_OK);
    assert_string_equal(e.message, "-early_data needs a session (-sess_in, -psk_session)");
    pair_run(&p);
    e = (struct base_error){0};
    assert_int_not_equal(client_set_early_data(p.client, BYTES("x"), &e), WS_OK);
    expect_in(e.message, "before the handshake");
    assert_int_equal(client_save_session(p.client, path, NULL), WS_OK);
    w.wish.session_in = path;
    new_client();
    /* no more is taken than the session allows */
    assert_int_equal(client_set_early_data(p.client, BYTES("EHLO early, and more"), NULL), WS_OK);
    tls_session_start(p.client, p.now);
    base_buf_init(&got, 4096);
    read_early(&got);
    assert_true(base_bytes_equal_str(base_buf_view(&got), "EHLO early"));
    pair_run(&p);
    read_detail();
    assert_int_equal(tls_session_state(p.client), TLS_UP);
    assert_int_equal(detail.early_data, FACTS_EARLY_DATA_ACCEPTED);
    base_buf_release(&got);
    pair_close(&p);
}

static void rejected_early_data_leaves_a_good_session(void **state) {
    const char *path = wished_path("rejected.pem");

    (void)state;
    wished_init(&w);
    open_pair(0);
    SSL_CTX_set_max_early_data(p.server_context->ssl, 1000);
    SSL_CTX_set_recv_max_early_data(p.server_context->ssl, 1000);
    pair_renew(&p, NULL);
    pair_run(&p);
    assert_int_equal(client_save_session(p.client, path, NULL), WS_OK);
    w.wish.session_in = path;
    new_client();
    assert_int_equal(client_set_early_data(p.client, BYTES("EHLO early"), NULL), WS_OK);
    pair_run(&p); /* the server never asks for early data */
    read_detail();
    assert_int_equal(tls_session_state(p.client), TLS_UP);
    assert_int_equal(detail.early_data, FACTS_EARLY_DATA_REJECTED);
    pair_close(&p);
}

static void a_session_without_early_data_says_so(void **state) {
    const char *path = wished_path("noearly.pem");
    struct base_error e = {0};

    (void)state;
    wished_init(&w);
    open_pair(0);
    pair_run(&p);
    assert_int_equal(client_save_session(p.client, path, NULL), WS_OK);
    w.wish.session_in = path;
    new_client();
    assert_int_not_equal(client_set_early_data(p.client, BYTES("x"), &e), WS_OK);
    assert_string_equal(e.message, "-early_data: this session does not allow it");
    pair_close(&p);
}

static void talk(void) {
    assert_int_equal(tls_session_write(p.client, BYTES("ping")), WS_OK);
    while (carry_both()) {
    }
    assert_true(base_bytes_equal_str(base_buf_view(tls_session_plain(p.server)), "ping"));
    base_buf_clear(tls_session_plain(p.server));
}

static void renegotiation(void **state) {
    struct base_error e = {0};

    (void)state;
    wished_init(&w);
    open_pair(0x0303);
    SSL_CTX_clear_options(p.server_context->ssl, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_options(p.server_context->ssl, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
    pair_renew(&p, NULL);
    assert_int_not_equal(client_renegotiate(p.client, &e), WS_OK);
    assert_string_equal(e.message, "no session is up");
    pair_run(&p);
    struct facts_session before = pair_facts(&p);
    e = (struct base_error){0};
    if (client_renegotiate(p.client, &e) != WS_OK)
        fail_msg("%s", e.message);
    assert_true(base_buf_view(tls_session_output(p.client)).len > 100);
    talk();
    assert_int_equal(SSL_num_renegotiations(p.client->ssl), 1);
    /* the first hello stays the session's hello */
    assert_true(base_bytes_equal(pair_facts(&p).hello, before.hello));
    pair_close(&p);
}

static void a_server_may_refuse_renegotiation(void **state) {
    (void)state;
    wished_init(&w);
    open_pair(0x0303);
    pair_run(&p);
    assert_int_equal(client_renegotiate(p.client, NULL), WS_OK);
    while (carry_both()) {
    }
    assert_int_equal(tls_session_state(p.client), TLS_FAILED);
    expect_in(pair_facts(&p).error, "no renegotiation");
    pair_close(&p);
}

static void renegotiation_switched_off_or_impossible(void **state) {
    struct base_error e = {0};

    (void)state;
    wished_init(&w);
    wished_set(&w, "-no_renegotiation", NULL);
    open_pair(0x0303);
    pair_run(&p);
    assert_int_not_equal(client_renegotiate(p.client, &e), WS_OK);
    expect_in(e.message, "switched off (-no_renegotiation)");
    e = (struct base_error){0};
    assert_int_not_equal(client_key_update(p.client, true, &e), WS_OK);
    assert_string_equal(e.message, "TLSv1.2 has no key updates, only renegotiation");
    talk();
    pair_close(&p);
    wished_init(&w);
    open_pair(0x0304);
    pair_run(&p);
    e = (struct base_error){0};
    assert_int_not_equal(client_renegotiate(p.client, &e), WS_OK);
    expect_in(e.message, "TLS 1.3 has no renegotiation");
    pair_close(&p);
}

static void key_updates(void **state) {
    (void)state;
    wished_init(&w);
    open_pair(0x0304);
    pair_run(&p);
    for (int ask = 0; ask < 2; ask++) {
        assert_int_equal(client_key_update(p.client, ask == 1, NULL), WS_OK);
        assert_true(base_buf_view(tls_session_output(p.client)).len > 0);
        talk();
        assert_int_equal(tls_session_state(p.client), TLS_UP);
    }
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
        cmocka_unit_test(a_saved_session_is_taken_up),
        cmocka_unit_test(without_a_session_nothing_is_saved),
        cmocka_unit_test(reconnect_offers_the_last_session),
        cmocka_unit_test(shared_keys),
        cmocka_unit_test(wrong_keys_stay_secret),
        cmocka_unit_test(early_data),
        cmocka_unit_test(rejected_early_data_leaves_a_good_session),
        cmocka_unit_test(a_session_without_early_data_says_so),
        cmocka_unit_test(renegotiation),
        cmocka_unit_test(a_server_may_refuse_renegotiation),
        cmocka_unit_test(renegotiation_switched_off_or_impossible),
        cmocka_unit_test(key_updates),
    };

    return cmocka_run_group_tests(tests, NULL, release);
}
