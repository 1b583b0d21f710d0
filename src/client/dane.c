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

/* One record taken apart; its data is behind the numbers. */
struct record {
    uint8_t usage, selector, matching;
    struct base_buf data;
};

static enum ws_err parse_record(const struct client_wish *w, const char *text, struct record *r,
                                struct base_error *e) {
    struct base_bytes rest = base_bytes_of_str(text);
    const char *wrong = NULL;

    if (!take_number(&rest, &r->usage) || !take_number(&rest, &r->selector) ||
        !take_number(&rest, &r->matching))
        wrong = "usage, selector, matching type and data are expected, as in \"3 1 1 2bb183af...\"";
    else
        wrong = take_data(rest, &r->data);
    return wrong ? client_error(w, CLIENT_OPTION_DANE_RECORD, text, e, "%s", wrong) : WS_OK;
}

/* Values that a client does not know make a record unusable, not wrong (RFC 7671 4.1). */
static bool is_known(const struct record *r) {
    return r->usage <= 3 && r->selector <= 1 && r->matching <= 2;
}

/* 1 taken, 0 unusable, -1 wrong. */
static int add_record(SSL *ssl, const struct record *r) {
    if (!is_known(r))
        return 0;
    return SSL_dane_tlsa_add(ssl, r->usage, r->selector, r->matching, r->data.data, r->data.len) > 0
               ? 1
               : -1;
}

static enum ws_err wrong_record(const struct client_wish *w, const struct record *r,
                                const char *text, struct base_error *e) {
    size_t digest = r->matching == 1 ? 32 : 64;

    if (r->matching == 0)
        return client_error(w, CLIENT_OPTION_DANE_RECORD, text, e, "the data is no %s in DER",
                            r->selector == 0 ? "certificate" : "public key");
    if (r->data.len != digest)
        return client_error(w, CLIENT_OPTION_DANE_RECORD, text, e,
                            "matching type %d needs a digest of %zu bytes, not %zu", r->matching,
                            digest, r->data.len);
    return client_error(w, CLIENT_OPTION_DANE_RECORD, text, e, "%s",
                        tls_library_reason("the TLS library does not take it"));
}

/* `usable` counts; a record that is not is warned of, unless this is a trial (`view` NULL). */
static enum ws_err hold_record(SSL *ssl, const struct client_wish *w, const char *text,
                               const struct tls_view *view, unsigned *usable,
                               struct base_error *e) {
    struct record r = {0};
    enum ws_err err;
    int rc = -1;

    base_buf_init(&r.data, DANE_DATA_MAX);
    err = parse_record(w, text, &r, e);
    if (err == WS_OK && (rc = add_record(ssl, &r)) < 0)
        err = wrong_record(w, &r, text, e);
    if (rc == 0 && view)
        base_log_line(view->log, BASE_LOG_WARN, view->who,
                      "%s %s: the TLS library cannot use this record",
                      client_option_name(w, CLIENT_OPTION_DANE_RECORD), text);
    *usable += rc > 0 ? 1 : 0;
    base_buf_release(&r.data);
    return err;
}

/* The names of the options are the wish's. */
static enum ws_err hold(SSL *ssl, const struct client_wish *w, const struct client_dane *d,
                        const struct tls_view *view, struct base_error *e) {
    enum ws_err err = WS_OK;
    unsigned usable = 0;

    if (SSL_CTX_dane_enable(SSL_get_SSL_CTX(ssl)) <= 0 || SSL_dane_enable(ssl, d->domain) <= 0)
        err = client_error(w, CLIENT_OPTION_DANE_DOMAIN, d->domain, e, "%s",
                           tls_library_reason("no domain name"));
    for (size_t i = 0; i < d->count && err == WS_OK; i++)
        err = hold_record(ssl, w, d->records[i], view, &usable, e);
    if (err == WS_OK && usable == 0)
        err = client_error(w, CLIENT_OPTION_DANE_RECORD, d->records[0], e,
                           "unusable (usage 0 to 3, selector 0 or 1, matching type 0 to 2 are "
                           "known), and no other record is given");
    for (size_t i = 0; i < d->name_count && err == WS_OK; i++)
        (void)SSL_add1_host(ssl, d->names[i]);
    if (d->no_ee_names)
        (void)SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
    ERR_clear_error();
    return err;
}

/* Tries all records on a session that is thrown away, so that errors come before any connection. */
enum ws_err client_apply_dane(SSL_CTX *ctx, const struct client_wish *w, struct base_error *e) {
    enum ws_err err;
    SSL *ssl;

    if (!w->dane.domain && w->dane.count == 0)
        return WS_OK;
    if (!w->dane.domain)
        return client_error(w, CLIENT_OPTION_DANE_RECORD, NULL, e, "needs %s too",
                            client_option_name(w, CLIENT_OPTION_DANE_DOMAIN));
    if (w->dane.count == 0)
        return client_error(w, CLIENT_OPTION_DANE_DOMAIN, w->dane.domain, e, "needs %s too",
                            client_option_name(w, CLIENT_OPTION_DANE_RECORD));
    ssl = SSL_new(ctx);
    if (!ssl)
        return base_error_set(e, WS_NOMEM, "out of memory");
    err = hold(ssl, w, &w->dane, NULL, e);
    SSL_free(ssl);
    return err;
}

enum ws_err client_hold_dane(struct tls_session *s, const struct client_dane *dane,
                             struct base_error *e) {
    const struct tls_view view = tls_session_view(s);

    if (dane->count == 0)
        return WS_OK;
    return hold(tls_session_ssl(s), client_context_of(s)->wish, dane, &view, e);
}
