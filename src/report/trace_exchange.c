/* SPDX-License-Identifier: Apache-2.0 */
/* report/trace_exchange - key exchanges of TLS 1.2 and before, in words
 *
 * A ServerKeyExchange and a ClientKeyExchange say nothing about their own form: it follows from the
 * cipher suite. One row per kind of key exchange {kind, server's part, client's part}; when the
 * suite is unknown only the length is told. Keys and signatures are told by their sizes. RFC
 * 5246 7.4.3 and 7.4.7, RFC 8422 5.4, RFC 4279, RFC 5489, RFC 5054. */
#include "report/trace_parts.h"

#include "know/tls_suite.h"

#define SSL3 0x0300
#define TLS12 0x0303

static struct base_bytes rest_of(struct base_reader *r) {
    return base_reader_bytes(r, base_reader_left(r), "rest");
}

/* --- pieces --- */

static void add_opaque(struct report_words *w, struct base_reader part, const char *what) {
    if (part.failed)
        return;
    report_trace_line(w, "%s: ", what);
    w->depth++;
    report_trace_add_opaque(w, rest_of(&part));
    w->depth--;
}

static unsigned bits_of(struct base_bytes number) {
    unsigned bits = 0;

    while (number.len > 0 && number.data[0] == 0)
        number = base_bytes_slice(number, 1, number.len);
    if (number.len == 0)
        return 0;
    for (unsigned top = number.data[0]; top != 0; top >>= 1)
        bits++;
    return (unsigned)(number.len - 1) * 8 + bits;
}

/* An integer that everyone may know, behind its length. */
static void add_number(struct report_words *w, struct base_reader *r, const char *what) {
    struct base_reader part = base_reader_sub16(r, what);
    struct base_bytes number = rest_of(&part);

    if (part.failed)
        return;
    report_trace_line(w, "%s: %u bits, ", what, bits_of(number));
    w->depth++;
    report_trace_add_opaque(w, number);
    w->depth--;
}

static void add_text(struct report_words *w, struct base_reader *r, const char *what) {
    struct base_reader part = base_reader_sub16(r, what);

    if (part.failed)
        return;
    report_trace_line(w, "%s: ", what);
    if (part.len == 0)
        report_trace_add(w, "none");
    report_trace_add_text(w, rest_of(&part));
}

void report_trace_signature(struct report_trace *state, struct report_words *w,
                            struct base_reader *r) {
    if (state->version >= TLS12) {
        uint16_t scheme = base_reader_u16(r, "signature_scheme");
        if (r->failed)
            return;
        report_trace_line(w, "signature_scheme: ");
        (void)report_trace_number(w, 0, report_trace_name_scheme(scheme), scheme);
    }
    add_opaque(w, base_reader_sub16(r, "signature"), "signature");
}

/* --- the server's parts --- */

static void server_rsa_export(struct report_words *w, struct base_reader *r) {
    add_number(w, r, "temporary RSA modulus");
    add_number(w, r, "temporary RSA exponent");
}

static void server_dh(struct report_words *w, struct base_reader *r) {
    add_number(w, r, "DH prime");
    add_number(w, r, "DH generator");
    add_number(w, r, "DH public key");
}

static void server_ecdh(struct report_words *w, struct base_reader *r) {
    uint8_t type = base_reader_u8(r, "curve type");

    if (r->failed)
        return;
    if (type != 3) {
        report_trace_line(w, "curve type: %s (%u), ",
                          type == 1   ? "explicit_prime"
                          : type == 2 ? "explicit_char2"
                                      : "unknown",
                          type);
        report_trace_add_opaque(w, rest_of(r));
        return;
    }
    uint16_t group = base_reader_u16(r, "named curve");
    if (r->failed)
        return;
    report_trace_line(w, "named curve: ");
    (void)report_trace_number(w, 0, report_trace_name_group(group), group);
    add_opaque(w, base_reader_sub8(r, "public key"), "public key");
}

static void server_hint(struct report_words *w, struct base_reader *r) {
    add_text(w, r, "PSK identity hint");
}

static void server_dh_psk(struct report_words *w, struct base_reader *r) {
    server_hint(w, r);
    server_dh(w, r);
}

static void server_ecdh_psk(struct report_words *w, struct base_reader *r) {
    server_hint(w, r);
    server_ecdh(w, r);
}

static void server_srp(struct report_words *w, struct base_reader *r) {
    add_number(w, r, "SRP prime");
    add_number(w, r, "SRP generator");
    add_opaque(w, base_reader_sub8(r, "SRP salt"), "SRP salt");
    add_number(w, r, "SRP public key");
}

/* --- the client's parts --- */

static void client_rsa(struct report_words *w, struct base_reader *r) {
    add_opaque(w, base_reader_sub16(r, "encrypted premaster secret"), "encrypted premaster secret");
}

static void client_dh(struct report_words *w, struct base_reader *r) {
    if (base_reader_left(r) == 0) /* RFC 5246 7.4.7.2 */
        report_trace_line(w, "DH public key: the one in the client's certificate");
    else
        add_number(w, r, "DH public key");
}

static void client_ecdh(struct report_words *w, struct base_reader *r) {
    if (base_reader_left(r) == 0)
        report_trace_line(w, "public key: the one in the client's certificate");
    else
        add_opaque(w, base_reader_sub8(r, "public key"), "public key");
}

static void client_psk(struct report_words *w, struct base_reader *r) {
    add_text(w, r, "PSK identity");
}

static void client_dh_psk(struct report_words *w, struct base_reader *r) {
    client_psk(w, r);
    add_number(w, r, "DH public key");
}

static void client_rsa_psk(struct report_words *w, struct base_reader *r) {
    client_psk(w, r);
    client_rsa(w, r);
}

static void client_ecdh_psk(struct report_words *w, struct base_reader *r) {
    client_psk(w, r);
    add_opaque(w, base_reader_sub8(r, "public key"), "public key");
}

static void client_srp(struct report_words *w, struct base_reader *r) {
    add_number(w, r, "SRP public key");
}

/* --- the table --- */

struct row {
    enum know_tls_kx kx;
    void (*server)(struct report_words *w, struct base_reader *r);
    void (*client)(struct report_words *w, struct base_reader *r);
};

static const struct row rows[] = {
    {KNOW_TLS_KX_RSA, server_rsa_export, client_rsa},
    {KNOW_TLS_KX_DH, NULL, client_dh},
    {KNOW_TLS_KX_DHE, server_dh, client_dh},
    {KNOW_TLS_KX_ECDH, NULL, client_ecdh},
    {KNOW_TLS_KX_ECDHE, server_ecdh, client_ecdh},
    {KNOW_TLS_KX_PSK, server_hint, client_psk},
    {KNOW_TLS_KX_DHE_PSK, server_dh_psk, client_dh_psk},
    {KNOW_TLS_KX_RSA_PSK, server_hint, client_rsa_psk},
    {KNOW_TLS_KX_ECDHE_PSK, server_ecdh_psk, client_ecdh_psk},
    {KNOW_TLS_KX_SRP, server_srp, client_srp},
};

static const struct row *row_of(const struct know_tls_suite *suite) {
    for (size_t i = 0; suite && i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].kx == suite->kx)
            return &rows[i];
    return NULL;
}

static void describe_blindly(struct report_words *w, struct base_reader *r) {
    report_trace_line(w, "contents: ");
    w->depth++;
    report_trace_add_opaque(w, rest_of(r));
    w->depth--;
}

static bool is_signed(const struct know_tls_suite *suite) {
    return suite->kx != KNOW_TLS_KX_RSA_PSK &&
           (suite->auth == KNOW_TLS_AUTH_RSA || suite->auth == KNOW_TLS_AUTH_DSS ||
            suite->auth == KNOW_TLS_AUTH_ECDSA);
}

void report_trace_server_exchange(struct report_trace *state, struct report_words *w,
                                  struct base_reader *r) {
    const struct know_tls_suite *suite = know_tls_suite_find(state->suite);
    const struct row *row = row_of(suite);

    if (!state->chosen || !row || !row->server) {
        describe_blindly(w, r);
        return;
    }
    row->server(w, r);
    if (is_signed(suite) && !r->failed && base_reader_left(r) > 0)
        report_trace_signature(state, w, r);
}

void report_trace_client_exchange(struct report_trace *state, struct report_words *w,
                                  struct base_reader *r) {
    const struct row *row = row_of(know_tls_suite_find(state->suite));

    /* SSL 3 sends the encrypted secret without a length */
    if (!state->chosen || !row || (state->version == SSL3 && row->client == client_rsa))
        describe_blindly(w, r);
    else
        row->client(w, r);
}
