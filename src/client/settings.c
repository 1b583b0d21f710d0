/* SPDX-License-Identifier: Apache-2.0 */
/* client/settings - what the hello may hold: SSL_CONF commands and protocol versions
 *
 * The commands are the library's own (SSL_CONF_cmd(3)), so that every release takes what its
 * s_client takes. When it refuses one, the value is looked at again element by element to name
 * the part that is wrong. */
#include "client/internal.h"

#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

#define OPENSSL_3_5 0x30500000ul

/* Commands of later releases, by the release that brought them. */
struct later {
    const char *name;
    const char *since;
};
static const struct later later_commands[] = {
    {"no_ems", "3.1"},       {"no_tx_cert_comp", "3.2"}, {"no_rx_cert_comp", "3.2"},
    {"tx_cert_comp", "3.2"}, {"rx_cert_comp", "3.2"},    {"prefer_no_dhe_kex", "3.3"},
};

static const char *later_release(const char *command) {
    for (size_t i = 0; i < sizeof(later_commands) / sizeof(later_commands[0]); i++)
        if (strcmp(later_commands[i].name, command) == 0)
            return later_commands[i].since;
    return NULL;
}

static enum ws_err unknown_command(const struct client_setting *set, struct base_error *e) {
    const char *since = later_release(set->command);
    const char *library = OpenSSL_version(OPENSSL_VERSION);

    if (since)
        return client_setting_error(
            set, false, e, "%s has no such option (it came with OpenSSL %s)", library, since);
    return client_setting_error(set, false, e, "%s has no such option", library);
}

/* Does a list of one element pass? */
typedef bool tls_element_test(SSL_CTX *scratch, const char *element);

static bool group_passes(SSL_CTX *scratch, const char *element) {
    return SSL_CTX_set1_groups_list(scratch, (char *)(uintptr_t)element) == 1;
}

static bool scheme_passes(SSL_CTX *scratch, const char *element) {
    return SSL_CTX_set1_sigalgs_list(scratch, (char *)(uintptr_t)element) == 1;
}

static bool suite_passes(SSL_CTX *scratch, const char *element) {
    return SSL_CTX_set_ciphersuites(scratch, element) == 1;
}

/* The first element of a colon-separated list that does not pass, into `out`. */
static bool find_wrong(tls_element_test *test, const char *list, struct base_buf *out) {
    SSL_CTX *scratch = SSL_CTX_new(TLS_client_method());
    struct base_bytes rest = base_bytes_of_str(list);
    bool found = false;

    while (scratch && rest.len > 0 && !found) {
        struct base_bytes one = base_bytes_slice(rest, 0, base_bytes_find(rest, ':'));
        base_buf_clear(out);
        base_buf_append_bytes(out, one);
        found = !test(scratch, base_buf_cstr(out));
        rest = base_bytes_slice(rest, one.len + 1, rest.len);
    }
    SSL_CTX_free(scratch);
    ERR_clear_error();
    return found;
}

static enum ws_err wrong_element(const struct client_setting *set, tls_element_test *test,
                                 const char *kind, const char *hint, struct base_error *e) {
    struct base_buf one;
    enum ws_err err;

    base_buf_init(&one, 1024);
    if (set->value[0] == '\0')
        err = client_setting_error(&(struct client_setting){set->command, set->option, "\"\""},
                                   true, e, "the list is empty");
    else if (find_wrong(test, set->value, &one) && one.len == 0)
        err = client_setting_error(set, true, e, "an element of the list is empty");
    else if (one.len > 0 && !one.failed && find_wrong(test, set->value, &one))
        err = client_setting_error(set, true, e, "the TLS library knows no %s \"%s\"%s", kind,
                                   base_buf_cstr(&one), hint);
    else
        err = client_setting_error(set, true, e, "the TLS library does not take this list");
    base_buf_release(&one);
    return err;
}

static bool is_one_of(const struct client_setting *set, const char *a, const char *b) {
    return strcmp(set->command, a) == 0 || strcmp(set->command, b) == 0;
}

static enum ws_err wrong_suites(const struct client_wish *w, const struct client_setting *set,
                                struct base_error *e) {
    char hint[160];

    (void)snprintf(hint, sizeof(hint),
                   " (as in TLS_AES_128_GCM_SHA256; suites up to TLS 1.2 go to %s)",
                   client_option_name(w, CLIENT_OPTION_CIPHER));
    return wrong_element(set, suite_passes, "TLS 1.3 suite", hint, e);
}

/* The library said no to a value: which part of it, and what would do. */
static enum ws_err wrong_value(const struct client_wish *w, const struct client_setting *set,
                               struct base_error *e) {
    if (is_one_of(set, "groups", "curves"))
        return wrong_element(set, group_passes, "group",
                             OpenSSL_version_num() < OPENSSL_3_5
                                 ? " (\"openssl ecparam -list_curves\" names the curves)"
                                 : " (\"openssl list -tls-groups\" names all)",
                             e);
    if (is_one_of(set, "sigalgs", "client_sigalgs"))
        return wrong_element(set, scheme_passes, "signature scheme",
                             " (as in RSA-PSS+SHA256 or ecdsa_secp256r1_sha256)", e);
    if (strcmp(set->command, "ciphersuites") == 0)
        return wrong_suites(w, set, e);
    if (strcmp(set->command, "cipher") == 0)
        return client_setting_error(
            set, true, e,
            "no suite up to TLS 1.2 matches (\"openssl ciphers\" names them; "
            "TLS 1.3 suites go to %s)",
            client_option_name(w, CLIENT_OPTION_CIPHERSUITES));
    if (is_one_of(set, "min_protocol", "max_protocol"))
        return client_setting_error(set, true, e,
                                    "TLSv1, TLSv1.1, TLSv1.2, TLSv1.3 or None is possible");
    return client_setting_error(set, true, e, "%s",
                                tls_library_reason("the TLS library does not take this value"));
}

static enum ws_err apply_one(SSL_CONF_CTX *conf, const struct client_wish *w,
                             const struct client_setting *set, struct base_error *e) {
    int rc;

    ERR_clear_error();
    rc = SSL_CONF_cmd(conf, set->command, set->value);
    if (rc > 0)
        return WS_OK;
    if (rc == -2)
        return unknown_command(set, e);
    if (rc == -3 || !set->value)
        return client_setting_error(set, false, e, "needs a value");
    return wrong_value(w, set, e);
}

static enum ws_err set_versions(SSL_CTX *ssl, const struct client_wish *w, struct base_error *e) {
    const struct client_setting set = {.option = w->version_option ? w->version_option : ""};

    if ((w->min_version == 0 || SSL_CTX_set_min_proto_version(ssl, w->min_version) == 1) &&
        (w->max_version == 0 || SSL_CTX_set_max_proto_version(ssl, w->max_version) == 1))
        return WS_OK;
    return client_setting_error(&set, false, e, "%s was built without this protocol",
                                OpenSSL_version(OPENSSL_VERSION));
}

enum ws_err client_apply_settings(SSL_CTX *ssl, const struct client_wish *wish,
                                  struct base_error *e) {
    SSL_CONF_CTX *conf = NULL;
    enum ws_err err = WS_OK;

    if (wish->setting_count > 0 &&
        ((conf = SSL_CONF_CTX_new()) == NULL || SSL_CONF_CTX_set1_prefix(conf, "") != 1)) {
        SSL_CONF_CTX_free(conf);
        return base_error_set(e, WS_NOMEM, "out of memory");
    }
    if (conf) {
        (void)SSL_CONF_CTX_set_flags(conf, SSL_CONF_FLAG_CMDLINE | SSL_CONF_FLAG_CLIENT |
                                               SSL_CONF_FLAG_SHOW_ERRORS);
        SSL_CONF_CTX_set_ssl_ctx(conf, ssl);
    }
    for (size_t i = 0; i < wish->setting_count && err == WS_OK; i++)
        err = apply_one(conf, wish, &wish->settings[i], e);
    if (err == WS_OK && conf && SSL_CONF_CTX_finish(conf) != 1)
        err = base_error_set(e, WS_LIBRARY, "the TLS library does not take these options: %s",
                             tls_library_reason("no reason given"));
    SSL_CONF_CTX_free(conf);
    return err == WS_OK ? set_versions(ssl, wish, e) : err;
}
