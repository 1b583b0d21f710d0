/* SPDX-License-Identifier: Apache-2.0 */
/* client/checks - what the path check demands
 *
 * One row for each option of openssl-verification-options(1). The parameters are set on the
 * context, so the check runs inside the handshake exactly as the TLS library does it. */
#include "client/internal.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

enum kind { FLAG, NOTHING, POLICY, PURPOSE, NAME, DEPTH, LEVEL, TIME, HOST, EMAIL, ADDRESS };

struct check {
    const char *command;
    enum kind kind;
    unsigned long flags;
};

static const struct check checks[] = {
    {"policy", POLICY, 0},
    {"purpose", PURPOSE, 0},
    {"verify_name", NAME, 0},
    {"verify_depth", DEPTH, 0},
    {"auth_level", LEVEL, 0},
    {"attime", TIME, 0},
    {"verify_hostname", HOST, 0},
    {"verify_email", EMAIL, 0},
    {"verify_ip", ADDRESS, 0},
    {"ignore_critical", FLAG, X509_V_FLAG_IGNORE_CRITICAL},
    {"issuer_checks", NOTHING, 0},
    {"crl_check", FLAG, X509_V_FLAG_CRL_CHECK},
    {"crl_check_all", FLAG, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL},
    {"policy_check", FLAG, X509_V_FLAG_POLICY_CHECK},
    {"explicit_policy", FLAG, X509_V_FLAG_EXPLICIT_POLICY},
    {"inhibit_any", FLAG, X509_V_FLAG_INHIBIT_ANY},
    {"inhibit_map", FLAG, X509_V_FLAG_INHIBIT_MAP},
    {"x509_strict", FLAG, X509_V_FLAG_X509_STRICT},
    {"extended_crl", FLAG, X509_V_FLAG_EXTENDED_CRL_SUPPORT},
    {"use_deltas", FLAG, X509_V_FLAG_USE_DELTAS},
    {"policy_print", FLAG, X509_V_FLAG_NOTIFY_POLICY},
    {"check_ss_sig", FLAG, X509_V_FLAG_CHECK_SS_SIGNATURE},
    {"trusted_first", FLAG, X509_V_FLAG_TRUSTED_FIRST},
    {"suiteB_128_only", FLAG, X509_V_FLAG_SUITEB_128_LOS_ONLY},
    {"suiteB_128", FLAG, X509_V_FLAG_SUITEB_128_LOS},
    {"suiteB_192", FLAG, X509_V_FLAG_SUITEB_192_LOS},
    {"partial_chain", FLAG, X509_V_FLAG_PARTIAL_CHAIN},
    {"no_alt_chains", FLAG, X509_V_FLAG_NO_ALT_CHAINS},
    {"no_check_time", FLAG, X509_V_FLAG_NO_CHECK_TIME},
    {"allow_proxy_certs", FLAG, X509_V_FLAG_ALLOW_PROXY_CERTS},
};

static const struct check *find_check(const char *command) {
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
        if (strcmp(checks[i].command, command) == 0)
            return &checks[i];
    return NULL;
}

static enum ws_err wrong(struct base_error *e, const struct client_setting *set,
                         const char *reason) {
    return client_setting_error(set, true, e, "%s", reason);
}

/* A whole number in decimal, a leading minus allowed where `min` is negative. */
static bool read_number(const char *text, int64_t min, int64_t max, int64_t *out) {
    bool minus = text[0] == '-';
    uint64_t n = 0;

    if (!base_bytes_to_uint(base_bytes_of_str(text + (minus ? 1 : 0)), INT64_MAX, &n))
        return false;
    *out = minus ? -(int64_t)n : (int64_t)n;
    return *out >= min && *out <= max;
}

static enum ws_err set_policy(X509_VERIFY_PARAM *p, const struct client_setting *set,
                              struct base_error *e) {
    ASN1_OBJECT *policy = OBJ_txt2obj(set->value, 0);

    if (!policy)
        return wrong(e, set, "no object identifier (as in 2.5.29.32.0)");
    if (X509_VERIFY_PARAM_add0_policy(p, policy) != 1) {
        ASN1_OBJECT_free(policy);
        return base_error_set(e, WS_NOMEM, "out of memory");
    }
    return WS_OK;
}

static enum ws_err set_purpose(X509_VERIFY_PARAM *p, const struct client_setting *set,
                               struct base_error *e) {
    int index = X509_PURPOSE_get_by_sname((char *)(uintptr_t)set->value);
    const X509_PURPOSE *purpose = index >= 0 ? X509_PURPOSE_get0(index) : NULL;
    struct base_buf names;
    enum ws_err err;

    if (purpose &&
        X509_VERIFY_PARAM_set_purpose(p, X509_PURPOSE_get_id((X509_PURPOSE *)(uintptr_t)purpose)))
        return WS_OK;
    base_buf_init(&names, 1024);
    for (int i = 0; i < X509_PURPOSE_get_count(); i++)
        base_buf_printf(&names, "%s%s", i > 0 ? ", " : "",
                        X509_PURPOSE_get0_sname(X509_PURPOSE_get0(i)));
    err =
        client_setting_error(set, true, e, "no such purpose (there are %s)", base_buf_cstr(&names));
    base_buf_release(&names);
    return err;
}

static enum ws_err set_name(X509_VERIFY_PARAM *p, const struct client_wish *w,
                            const struct client_setting *set, struct base_error *e) {
    const X509_VERIFY_PARAM *named = X509_VERIFY_PARAM_lookup(set->value);
    struct base_buf names;
    enum ws_err err;

    if (named && X509_VERIFY_PARAM_set1(p, named) == 1)
        return WS_OK;
    base_buf_init(&names, 1024);
    for (int i = 0; i < X509_VERIFY_PARAM_get_count(); i++)
        base_buf_printf(&names, "%s%s", i > 0 ? ", " : "",
                        X509_VERIFY_PARAM_get0_name(X509_VERIFY_PARAM_get0(i)));
    err = client_setting_error(set, true, e,
                               "no such set of checks (there are %s; a host name belongs to "
                               "%s)",
                               base_buf_cstr(&names),
                               client_option_name(w, CLIENT_OPTION_VERIFY_HOSTNAME));
    base_buf_release(&names);
    return err;
}

static enum ws_err set_depth(X509_VERIFY_PARAM *p, const struct client_setting *set,
                             struct base_error *e) {
    int64_t n;

    if (!read_number(set->value, 0, 100, &n))
        return wrong(e, set, "a number from 0 to 100 is expected");
    X509_VERIFY_PARAM_set_depth(p, (int)n);
    return WS_OK;
}

static enum ws_err set_level(X509_VERIFY_PARAM *p, const struct client_setting *set,
                             struct base_error *e) {
    int64_t n;

    if (!read_number(set->value, -1, 5, &n))
        return wrong(e, set, "a security level from 0 to 5 is expected");
    X509_VERIFY_PARAM_set_auth_level(p, (int)n);
    return WS_OK;
}

static enum ws_err set_time(X509_VERIFY_PARAM *p, const struct client_setting *set,
                            struct base_error *e) {
    int64_t n;

    if (!read_number(set->value, 0, INT64_MAX, &n))
        return wrong(e, set, "seconds since 1970 are expected (see date +%s)");
    X509_VERIFY_PARAM_set_time(p, (time_t)n);
    return WS_OK;
}

static enum ws_err set_address(X509_VERIFY_PARAM *p, const struct client_wish *w,
                               const struct client_setting *set, struct base_error *e) {
    if (X509_VERIFY_PARAM_set1_ip_asc(p, set->value) == 1)
        return WS_OK;
    return client_setting_error(set, true, e, "no IPv4 or IPv6 address (for a name use %s)",
                                client_option_name(w, CLIENT_OPTION_VERIFY_HOSTNAME));
}

static enum ws_err set_value(X509_VERIFY_PARAM *p, const struct check *c,
                             const struct client_wish *w, const struct client_setting *set,
                             struct base_error *e) {
    if (!set->value || set->value[0] == '\0')
        return client_setting_error(set, false, e, "needs a value");
    switch (c->kind) {
    case POLICY:
        return set_policy(p, set, e);
    case PURPOSE:
        return set_purpose(p, set, e);
    case NAME:
        return set_name(p, w, set, e);
    case DEPTH:
        return set_depth(p, set, e);
    case LEVEL:
        return set_level(p, set, e);
    case TIME:
        return set_time(p, set, e);
    case HOST:
        return X509_VERIFY_PARAM_set1_host(p, set->value, 0) == 1 ? WS_OK
                                                                  : wrong(e, set, "no host name");
    case EMAIL:
        return X509_VERIFY_PARAM_set1_email(p, set->value, 0) == 1
                   ? WS_OK
                   : wrong(e, set, "no mail address");
    case ADDRESS:
        return set_address(p, w, set, e);
    default:
        return WS_OK;
    }
}

static enum ws_err set_check(X509_VERIFY_PARAM *p, const struct client_wish *w,
                             const struct client_setting *set, struct base_error *e) {
    const struct check *c = find_check(set->command);

    if (!c)
        return client_setting_error(set, false, e, "no such check of the certificate path");
    if (c->kind == FLAG)
        (void)X509_VERIFY_PARAM_set_flags(p, c->flags);
    if (c->kind == FLAG || c->kind == NOTHING)
        return WS_OK;
    return set_value(p, c, w, set, e);
}

enum ws_err client_apply_checks(SSL_CTX *ssl, const struct client_wish *wish,
                                struct base_error *e) {
    X509_VERIFY_PARAM *p = wish->check_count > 0 ? X509_VERIFY_PARAM_new() : NULL;
    enum ws_err err = WS_OK;

    if (wish->check_count == 0)
        return WS_OK;
    if (!p)
        return base_error_set(e, WS_NOMEM, "out of memory");
    for (size_t i = 0; i < wish->check_count && err == WS_OK; i++)
        err = set_check(p, wish, &wish->checks[i], e);
    if (err == WS_OK && SSL_CTX_set1_param(ssl, p) != 1)
        err = base_error_set(e, WS_LIBRARY, "the TLS library does not take these path checks: %s",
                             tls_library_reason("no reason given"));
    X509_VERIFY_PARAM_free(p);
    return err;
}
