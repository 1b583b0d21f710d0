/* SPDX-License-Identifier: Apache-2.0 */
/* tls/wish_dane - TLSA records from the command line
 *
 * "3 1 1 hex", as a zone file has it: spaces and parentheses inside the data are passed over.
 * Records that the library cannot use (unknown usage or hash) are warned of; when none is left,
 * that is an error, because an empty set would verify nothing. RFC 6698, RFC 7671. */
#include "tls/wish.h"

#include <openssl/err.h>
#include <stdlib.h>

#define DANE_DATA_MAX ((size_t)65536)

/* A number up to 255 and the spaces behind it. */
static bool take_number(struct base_bytes *rest, uint8_t *out) {
    uint64_t n = 0;
    size_t len = 0;

    *rest = base_bytes_trim(*rest);
    while (len < rest->len && base_ascii_is_digit(rest->data[len]))
        len++;
    if (len == rest->len || !base_ascii_is_space(rest->data[len]) ||
        !base_bytes_to_uint(base_bytes_slice(*rest, 0, len), 255, &n))
        return false;
    *out = (uint8_t)n;
    *rest = base_bytes_trim(base_bytes_slice(*rest, len, rest->len));
    return true;
}

static const char *take_data(struct base_bytes rest, struct base_buf *out) {
    int high = -1;

    for (size_t i = 0; i < rest.len; i++) {
        int digit = tls_hex_digit(rest.data[i]);
        if (base_ascii_is_space(rest.data[i]) || rest.data[i] == '(' || rest.data[i] == ')')
            continue;
        if (digit < 0)
            return "the data holds something else than hexadecimal digits";
        if (high >= 0)
            base_buf_append_byte(out, (uint8_t)(high << 4 | digit));
        high = high >= 0 ? -1 : digit;
    }
    if (high >= 0)
        return "the data has an odd number of hexadecimal digits";
    if (out->failed)
        return "the data is longer than 64 KiB";
    return out->len == 0 ? "the data is missing" : NULL;
}

static enum ws_err keep_data(struct tls_dane_record *r, struct base_bytes data,
                             struct base_error *e) {
    r->data = malloc(data.len);
    if (!r->data)
        return base_error_set(e, WS_NOMEM, "out of memory");
    r->len = base_bytes_copy(r->data, data.len, data);
    return WS_OK;
}

static enum ws_err parse_record(const char *text, struct tls_dane_record *r, struct base_error *e) {
    struct base_bytes rest = base_bytes_of_str(text);
    struct base_buf data;
    const char *wrong = NULL;
    enum ws_err err;

    base_buf_init(&data, DANE_DATA_MAX);
    if (!take_number(&rest, &r->usage) || !take_number(&rest, &r->selector) ||
        !take_number(&rest, &r->matching))
        wrong = "usage, selector, matching type and data are expected, as in \"3 1 1 2bb183af...\"";
    else
        wrong = take_data(rest, &data);
    err = wrong ? tls_wish_error(e, "-dane_tlsa_rrdata", text, "%s", wrong)
                : keep_data(r, base_buf_view(&data), e);
    base_buf_release(&data);
    return err;
}

static enum ws_err read_records(struct tls_wished *w, struct base_error *e) {
    enum ws_err err = WS_OK;

    if (w->wish->dane_count > TLS_DANE_MAX)
        return tls_wish_error(e, "-dane_tlsa_rrdata", NULL, "at most %d records", TLS_DANE_MAX);
    for (size_t i = 0; i < w->wish->dane_count && err == WS_OK; i++) {
        err = parse_record(w->wish->dane_records[i], &w->dane[i], e);
        if (err == WS_OK)
            w->dane_count++;
    }
    return err;
}

/* Values that a client does not know make a record unusable, not wrong (RFC 7671 4.1). */
static bool is_known(const struct tls_dane_record *r) {
    return r->usage <= 3 && r->selector <= 1 && r->matching <= 2;
}

/* 1 taken, 0 unusable, -1 wrong. */
static int add_record(SSL *ssl, const struct tls_dane_record *r) {
    if (!is_known(r))
        return 0;
    return SSL_dane_tlsa_add(ssl, r->usage, r->selector, r->matching, r->data, r->len) > 0 ? 1 : -1;
}

static enum ws_err wrong_record(const struct tls_dane_record *r, const char *text,
                                struct base_error *e) {
    size_t digest = r->matching == 1 ? 32 : 64;

    if (r->matching == 0)
        return tls_wish_error(e, "-dane_tlsa_rrdata", text, "the data is no %s in DER",
                              r->selector == 0 ? "certificate" : "public key");
    if (r->len != digest)
        return tls_wish_error(e, "-dane_tlsa_rrdata", text,
                              "matching type %d needs a digest of %zu bytes, not %zu", r->matching,
                              digest, r->len);
    return tls_wish_error(e, "-dane_tlsa_rrdata", text, "%s",
                          tls_library_reason("the TLS library does not take it"));
}

/* Tries all records on a session that is thrown away, so that errors come before any connection. */
static enum ws_err try_records(SSL_CTX *ctx, struct tls_wished *w, struct base_error *e) {
    SSL *ssl = SSL_new(ctx);
    unsigned usable = 0;
    enum ws_err err = WS_OK;

    if (!ssl)
        return base_error_set(e, WS_NOMEM, "out of memory");
    if (SSL_dane_enable(ssl, w->wish->dane_domain) <= 0)
        err = tls_wish_error(e, "-dane_tlsa_domain", w->wish->dane_domain, "%s",
                             tls_library_reason("no domain name"));
    for (size_t i = 0; i < w->dane_count && err == WS_OK; i++) {
        int rc = add_record(ssl, &w->dane[i]);
        if (rc < 0)
            err = wrong_record(&w->dane[i], w->wish->dane_records[i], e);
        usable += rc > 0 ? 1 : 0;
    }
    SSL_free(ssl);
    if (err == WS_OK && usable == 0)
        err = tls_wish_error(e, "-dane_tlsa_rrdata", w->wish->dane_records[0],
                             "unusable (usage 0 to 3, selector 0 or 1, matching type 0 to 2 are "
                             "known), and no other record is given");
    ERR_clear_error();
    return err;
}

enum ws_err tls_wish_dane(SSL_CTX *ssl, struct tls_wished *w, struct base_error *e) {
    const struct tls_wish *wish = w->wish;
    enum ws_err err;

    if (!wish->dane_domain && wish->dane_count == 0)
        return WS_OK;
    if (!wish->dane_domain)
        return tls_wish_error(e, "-dane_tlsa_rrdata", NULL, "needs -dane_tlsa_domain too");
    if (wish->dane_count == 0)
        return tls_wish_error(e, "-dane_tlsa_domain", wish->dane_domain,
                              "needs -dane_tlsa_rrdata too");
    if (SSL_CTX_dane_enable(ssl) <= 0)
        return tls_wish_error(e, "-dane_tlsa_domain", wish->dane_domain, "%s",
                              tls_library_reason("the TLS library cannot do DANE"));
    err = read_records(w, e);
    return err == WS_OK ? try_records(ssl, w, e) : err;
}

enum ws_err tls_wish_dane_attach(struct tls_session *s, struct base_error *e) {
    const struct tls_wished *w = s->context->wished;

    if (w->dane_count == 0)
        return WS_OK;
    if (SSL_dane_enable(s->ssl, w->wish->dane_domain) <= 0)
        return base_error_set(e, WS_LIBRARY, "-dane_tlsa_domain %s: %s", w->wish->dane_domain,
                              tls_library_reason("the TLS library refused"));
    for (size_t i = 0; i < w->dane_count; i++)
        if (add_record(s->ssl, &w->dane[i]) <= 0)
            base_log_line(s->log, BASE_LOG_WARN, s->who,
                          "-dane_tlsa_rrdata %s: the TLS library cannot use this record",
                          w->wish->dane_records[i]);
    for (size_t i = 0; i < w->wish->dane_name_count; i++)
        (void)SSL_add1_host(s->ssl, w->wish->dane_names[i]);
    if (w->wish->dane_no_ee_names)
        (void)SSL_dane_set_flags(s->ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
    ERR_clear_error();
    return WS_OK;
}
