/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose_software - which server software this is, and what its settings are called. */
#include "diagnose/software.h"

static const struct {
    enum diagnose_software software;
    const char *word; /* in the greeting or in the hello's first line */
} marks[] = {
    {DIAGNOSE_SOFTWARE_POSTFIX, "Postfix"},
    {DIAGNOSE_SOFTWARE_EXIM, "Exim"},
    {DIAGNOSE_SOFTWARE_SENDMAIL, "Sendmail"},
    {DIAGNOSE_SOFTWARE_OPENSMTPD, "OpenSMTPD"},
    {DIAGNOSE_SOFTWARE_EXCHANGE, "Microsoft ESMTP"},
    {DIAGNOSE_SOFTWARE_EXCHANGE, "Microsoft Exchange"},
    {DIAGNOSE_SOFTWARE_DOVECOT, "Dovecot"},
};

static bool says(const struct facts_reply *r, const char *word) {
    for (size_t i = 0; i < r->line_count; i++)
        if (base_bytes_find_str(r->lines[i], word) < r->lines[i].len)
            return true;
    return false;
}

enum diagnose_software diagnose_software_of(const struct facts_endpoint *e) {
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (says(&e->greeting, marks[i].word) || says(&e->ehlo.reply, marks[i].word))
            return marks[i].software;
    return DIAGNOSE_SOFTWARE_UNKNOWN;
}

const char *diagnose_software_name(enum diagnose_software s) {
    static const char *const names[DIAGNOSE_SOFTWARE_COUNT] = {
        "", "Postfix", "Exim", "Sendmail", "OpenSMTPD", "Microsoft Exchange", "Dovecot",
    };
    return (size_t)s < DIAGNOSE_SOFTWARE_COUNT ? names[s] : "";
}

static const char *const remedies[DIAGNOSE_REMEDY_COUNT][DIAGNOSE_SOFTWARE_COUNT] = {
    [DIAGNOSE_REMEDY_ENABLE_STARTTLS] =
        {
            [DIAGNOSE_SOFTWARE_UNKNOWN] =
                "Configure a certificate and key in the mail server and switch STARTTLS on",
            [DIAGNOSE_SOFTWARE_POSTFIX] =
                "Postfix: smtpd_tls_security_level = may and smtpd_tls_chain_files = KEY, CHAIN",
            [DIAGNOSE_SOFTWARE_EXIM] =
                "Exim: tls_advertise_hosts = *, with tls_certificate and tls_privatekey",
            [DIAGNOSE_SOFTWARE_SENDMAIL] =
                "Sendmail: confSERVER_CERT, confSERVER_KEY and confCACERT in the .mc file",
            [DIAGNOSE_SOFTWARE_OPENSMTPD] =
                "OpenSMTPD: `pki NAME cert/key` lines and `listen on ... tls pki NAME`",
            [DIAGNOSE_SOFTWARE_EXCHANGE] = "Exchange: bind a certificate to SMTP with "
                                           "Enable-ExchangeCertificate -Services SMTP",
            [DIAGNOSE_SOFTWARE_DOVECOT] = "Dovecot: ssl = yes, with ssl_cert and ssl_key",
        },
    [DIAGNOSE_REMEDY_CERTIFICATE] =
        {
            [DIAGNOSE_SOFTWARE_UNKNOWN] =
                "Install the new chain (leaf first) with its key, then reload the mail server",
            [DIAGNOSE_SOFTWARE_POSTFIX] =
                "Postfix: smtpd_tls_chain_files (or smtpd_tls_cert_file with the full chain), then "
                "`postfix reload`",
            [DIAGNOSE_SOFTWARE_EXIM] =
                "Exim: the file of tls_certificate (leaf first, then intermediates); read at the "
                "next connection",
            [DIAGNOSE_SOFTWARE_SENDMAIL] =
                "Sendmail: leaf in confSERVER_CERT, intermediates in confCACERT, then restart",
            [DIAGNOSE_SOFTWARE_OPENSMTPD] =
                "OpenSMTPD: the file of `pki NAME cert` with the full chain, then restart smtpd",
            [DIAGNOSE_SOFTWARE_EXCHANGE] = "Exchange: import it with its chain, then "
                                           "Enable-ExchangeCertificate -Services SMTP",
            [DIAGNOSE_SOFTWARE_DOVECOT] =
                "Dovecot: the file of ssl_cert with the full chain, then `doveadm reload`",
        },
    [DIAGNOSE_REMEDY_PROTOCOLS] =
        {
            [DIAGNOSE_SOFTWARE_UNKNOWN] = "Allow TLS 1.2 and TLS 1.3 in the server's TLS settings",
            [DIAGNOSE_SOFTWARE_POSTFIX] =
                "Postfix: smtpd_tls_protocols = >=TLSv1.2, on an OpenSSL that has TLS 1.3",
            [DIAGNOSE_SOFTWARE_EXIM] = "Exim: openssl_options, or tls_require_ciphers with GnuTLS, "
                                       "to allow TLS 1.2 and 1.3",
            [DIAGNOSE_SOFTWARE_SENDMAIL] =
                "Sendmail: confSERVER_SSL_OPTIONS without SSL_OP_NO_TLSv1_2 or SSL_OP_NO_TLSv1_3",
            [DIAGNOSE_SOFTWARE_OPENSMTPD] =
                "OpenSMTPD: `listen on ... protocols \"TLSv1.2:TLSv1.3\"`",
            [DIAGNOSE_SOFTWARE_EXCHANGE] =
                "Exchange: enable TLS 1.2 for SCHANNEL server and .NET in the registry; TLS 1.3 "
                "needs Windows Server 2022",
            [DIAGNOSE_SOFTWARE_DOVECOT] = "Dovecot: ssl_min_protocol = TLSv1.2",
        },
    [DIAGNOSE_REMEDY_AUTH_AFTER_TLS] =
        {
            [DIAGNOSE_SOFTWARE_UNKNOWN] = "Offer AUTH only inside TLS",
            [DIAGNOSE_SOFTWARE_POSTFIX] = "Postfix: smtpd_tls_auth_only = yes",
            [DIAGNOSE_SOFTWARE_EXIM] =
                "Exim: auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}",
            [DIAGNOSE_SOFTWARE_SENDMAIL] = "Sendmail: AuthOptions with the letter p",
            [DIAGNOSE_SOFTWARE_OPENSMTPD] = "OpenSMTPD: `listen on ... tls-require auth`",
            [DIAGNOSE_SOFTWARE_EXCHANGE] =
                "Exchange: BasicAuthRequireTLS in the receive connector's AuthMechanism",
            [DIAGNOSE_SOFTWARE_DOVECOT] = "Dovecot: disable_plaintext_auth = yes",
        },
};

const char *diagnose_remedy_for(enum diagnose_software s, enum diagnose_remedy r) {
    const char *text = remedies[r][s];
    return text ? text : remedies[r][DIAGNOSE_SOFTWARE_UNKNOWN];
}
