/* SPDX-License-Identifier: Apache-2.0 */
/* client/dane - TLSA records that the user gave
 *
 * "3 1 1 hex", as a zone file has it: spaces and parentheses inside the data are passed over.
 * Records that the library cannot use (unknown usage or hash) are warned of; when none is left,
 * that is an error, because an empty set would verify nothing. RFC 6698, RFC 7671. */
#include "client/internal.h"

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
        int digit = client_hex_digit(rest.data[i]);
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

static enum ws_err keep_data(struct client_dane_record *r, struct base_bytes data,
                             struct base_error *e) {
    r->data = malloc(data.len);
    if (!r->data)
        return base_error_set(e, WS_NOMEM, "out of memory");
    r->len = base_bytes_copy(r->data, data.len, data);
    return WS_OK;
}

static enum ws_err parse_record(const struct client_wish *w, const char *text,
                                struct client_dane_record *r, struct base_error *e) {
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
    err = wrong ? client_error(w, CLIENT_OPTION_DANE_RECORD, text, e, "%s", wrong)
                : keep_data(r, base_buf_view(&data), e);
    base_buf_release(&data);
    return err;
}

static enum ws_err read_records(struct client_context *c, struct base_error *e) {
    enum ws_err err = WS_OK;

    if (c->wish->dane_count > CLIENT_DANE_MAX)
        return client_error(c->wish, CLIENT_OPTION_DANE_RECORD, NULL, e, "at most %d records",
                            CLIENT_DANE_MAX);
    for (size_t i = 0; i < c->wish->dane_count && err == WS_OK; i++) {
        err = parse_record(c->wish, c->wish->dane_records[i], &c->dane[i], e);
        if (err == WS_OK)
            c->dane_count++;
    }
    return err;
}

/* Values that a client does not know make a record unusable, not wrong (RFC 7671 4.1). */
static bool is_known(const struct client_dane_record *r) {
    return r->usage <= 3 && r->selector <= 1 && r->matching <= 2;
}

/* 1 taken, 0 unusable, -1 wrong. */
static int add_record(SSL *ssl, const struct client_dane_record *r) {
    if (!is_known(r))
        return 0;
    return SSL_dane_tlsa_add(ssl, r->usage, r->selector, r->matching, r->data, r->len) > 0 ? 1 : -1;
}

static enum ws_err wrong_record(const struct client_wish *w, const struct client_dane_record *r,
                                const char *text, struct base_error *e) {
    size_t digest = r->matching == 1 ? 32 : 64;

    if (r->matching == 0)
        return client_error(w, CLIENT_OPTION_DANE_RECORD, text, e, "the data is no %s in DER",
                            r->selector == 0 ? "certificate" : "public key");
    if (r->len != digest)
        return client_error(w, CLIENT_OPTION_DANE_RECORD, text, e,
                            "matching type %d needs a digest of %zu bytes, not %zu", r->matching,
                            digest, r->len);
    return client_error(w, CLIENT_OPTION_DANE_RECORD, text, e, "%s",
                        tls_library_reason("the TLS library does not take it"));
}

/* Tries all records on a session that is thrown away, so that errors come before any connection. */
static enum ws_err try_records(SSL_CTX *ctx, struct client_context *c, struct base_error *e) {
    SSL *ssl = SSL_new(ctx);
    unsigned usable = 0;
    enum ws_err err = WS_OK;

    if (!ssl)
        return base_error_set(e, WS_NOMEM, "out of memory");
    if (SSL_dane_enable(ssl, c->wish->dane_domain) <= 0)
        err = client_error(c->wish, CLIENT_OPTION_DANE_DOMAIN, c->wish->dane_domain, e, "%s",
                           tls_library_reason("no domain name"));
    for (size_t i = 0; i < c->dane_count && err == WS_OK; i++) {
        int rc = add_record(ssl, &c->dane[i]);
        if (rc < 0)
            err = wrong_record(c->wish, &c->dane[i], c->wish->dane_records[i], e);
        usable += rc > 0 ? 1 : 0;
    }
    SSL_free(ssl);
    if (err == WS_OK && usable == 0)
        err = client_error(c->wish, CLIENT_OPTION_DANE_RECORD, c->wish->dane_records[0], e,
                           "unusable (usage 0 to 3, selector 0 or 1, matching type 0 to 2 are "
                           "known), and no other record is given");
    ERR_clear_error();
    return err;
}

enum ws_err client_apply_dane(SSL_CTX *ssl, struct client_context *c, struct base_error *e) {
    const struct client_wish *wish = c->wish;
    enum ws_err err;

    if (!wish->dane_domain && wish->dane_count == 0)
        return WS_OK;
    if (!wish->dane_domain)
        return client_error(wish, CLIENT_OPTION_DANE_RECORD, NULL, e, "needs %s too",
                            client_option_name(wish, CLIENT_OPTION_DANE_DOMAIN));
    if (wish->dane_count == 0)
        return client_error(wish, CLIENT_OPTION_DANE_DOMAIN, wish->dane_domain, e, "needs %s too",
                            client_option_name(wish, CLIENT_OPTION_DANE_RECORD));
    if (SSL_CTX_dane_enable(ssl) <= 0)
        return client_error(wish, CLIENT_OPTION_DANE_DOMAIN, wish->dane_domain, e, "%s",
                            tls_library_reason("the TLS library cannot do DANE"));
    err = read_records(c, e);
    return err == WS_OK ? try_records(ssl, c, e) : err;
}

enum ws_err client_attach_dane(struct tls_session *s, struct base_error *e) {
    const struct client_context *c = client_context_of(s);
    const struct client_wish *w = c->wish;
    SSL *ssl = tls_session_ssl(s);

    if (c->dane_count == 0)
        return WS_OK;
    if (SSL_dane_enable(ssl, w->dane_domain) <= 0)
        return base_error_set(e, WS_LIBRARY, "%s %s: %s",
                              client_option_name(w, CLIENT_OPTION_DANE_DOMAIN), w->dane_domain,
                              tls_library_reason("the TLS library refused"));
    for (size_t i = 0; i < c->dane_count; i++)
        if (add_record(ssl, &c->dane[i]) <= 0) {
            struct tls_view view = tls_session_view(s);
            base_log_line(view.log, BASE_LOG_WARN, view.who,
                          "%s %s: the TLS library cannot use this record",
                          client_option_name(w, CLIENT_OPTION_DANE_RECORD), w->dane_records[i]);
        }
    for (size_t i = 0; i < w->dane_name_count; i++)
        (void)SSL_add1_host(ssl, w->dane_names[i]);
    if (w->dane_no_ee_names)
        (void)SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
    ERR_clear_error();
    return WS_OK;
}
