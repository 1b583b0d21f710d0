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
            [DIAGNOSE_SOFTWARE_POSTFIX] = "Postfix: set smtpd_tls_security_level = may and "
                                          "smtpd_tls_chain_files = KEYFILE, CHAINFILE",
            [DIAGNOSE_SOFTWARE_EXIM] =
                "Exim: set tls_advertise_hosts = *, with tls_certificate and tls_privatekey",
            [DIAGNOSE_SOFTWARE_SENDMAIL] =
                "Sendmail: define confSERVER_CERT, confSERVER_KEY and confCACERT in the .mc file",
            [DIAGNOSE_SOFTWARE_OPENSMTPD] = "OpenSMTPD: add `pki NAME cert FILE`, `pki NAME key "
                                            "FILE` and `listen on ... tls pki NAME`",
            [DIAGNOSE_SOFTWARE_EXCHANGE] = "Exchange: bind a certificate to SMTP with "
                                           "Enable-ExchangeCertificate -Services SMTP",
            [DIAGNOSE_SOFTWARE_DOVECOT] = "Dovecot: set ssl = yes, with ssl_cert and ssl_key (from "
                                          "2.4: ssl_server_cert_file and ssl_server_key_file)",
        },
    [DIAGNOSE_REMEDY_CERTIFICATE] =
        {
            [DIAGNOSE_SOFTWARE_UNKNOWN] = "Put the whole chain (leaf first) and its key where the "
                                          "mail server reads them, then reload it",
            [DIAGNOSE_SOFTWARE_POSTFIX] =
                "Postfix: put key and full chain in the files of smtpd_tls_chain_files (older: "
                "smtpd_tls_cert_file and smtpd_tls_key_file), then `postfix reload`",
            [DIAGNOSE_SOFTWARE_EXIM] =
                "Exim: put the full chain (leaf first) in the file of tls_certificate, its key in "
                "that of tls_privatekey, then restart the daemon",
            [DIAGNOSE_SOFTWARE_SENDMAIL] =
                "Sendmail: put the full chain in the file of confSERVER_CERT, its key in that of "
                "confSERVER_KEY, then restart",
            [DIAGNOSE_SOFTWARE_OPENSMTPD] =
                "OpenSMTPD: put the full chain in the file of `pki NAME cert`, then restart smtpd",
            [DIAGNOSE_SOFTWARE_EXCHANGE] = "Exchange: import it with its chain, then "
                                           "Enable-ExchangeCertificate -Services SMTP",
            [DIAGNOSE_SOFTWARE_DOVECOT] = "Dovecot: put the full chain in the file of ssl_cert "
                                          "(from 2.4: ssl_server_cert_file), "
                                          "then `doveadm reload`",
        },
    [DIAGNOSE_REMEDY_PROTOCOLS] =
        {
            [DIAGNOSE_SOFTWARE_UNKNOWN] = "Allow TLS 1.2 and TLS 1.3 in the server's TLS settings",
            [DIAGNOSE_SOFTWARE_POSTFIX] =
                "Postfix: set smtpd_tls_protocols = >=TLSv1.2 (before 3.6: !SSLv2, !SSLv3, !TLSv1, "
                "!TLSv1.1), on an OpenSSL that has TLS 1.3",
            [DIAGNOSE_SOFTWARE_EXIM] =
                "Exim: let openssl_options (with GnuTLS: tls_require_ciphers) "
                "allow TLS 1.2 and 1.3",
            [DIAGNOSE_SOFTWARE_SENDMAIL] =
                "Sendmail: confSERVER_SSL_OPTIONS without SSL_OP_NO_TLSv1_2 or SSL_OP_NO_TLSv1_3",
            [DIAGNOSE_SOFTWARE_OPENSMTPD] =
                "OpenSMTPD: `listen on ... protocols \"TLSv1.2:TLSv1.3\"`",
            [DIAGNOSE_SOFTWARE_EXCHANGE] =
                "Exchange: enable TLS 1.2 for SCHANNEL server and .NET in the registry; TLS 1.3 "
                "needs Windows Server 2022",
            [DIAGNOSE_SOFTWARE_DOVECOT] =
                "Dovecot: set ssl_min_protocol = TLSv1.2, on an OpenSSL that has TLS 1.3",
        },
    [DIAGNOSE_REMEDY_AUTH_AFTER_TLS] =
        {
            [DIAGNOSE_SOFTWARE_UNKNOWN] = "Offer AUTH only inside TLS",
            [DIAGNOSE_SOFTWARE_POSTFIX] = "Postfix: set smtpd_tls_auth_only = yes",
            [DIAGNOSE_SOFTWARE_EXIM] =
                "Exim: set auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}",
            [DIAGNOSE_SOFTWARE_SENDMAIL] = "Sendmail: add the letter p to confAUTH_OPTIONS",
            [DIAGNOSE_SOFTWARE_OPENSMTPD] = "OpenSMTPD: write `listen on ... tls-require ... auth`",
            [DIAGNOSE_SOFTWARE_EXCHANGE] =
                "Exchange: add BasicAuthRequireTLS to the receive connector's AuthMechanism",
            [DIAGNOSE_SOFTWARE_DOVECOT] =
                "Dovecot: set disable_plaintext_auth = yes (from 2.4: auth_allow_cleartext = no)",
        },
};

const char *diagnose_remedy_for(enum diagnose_software s, enum diagnose_remedy r) {
    const char *text = remedies[r][s];
    return text ? text : remedies[r][DIAGNOSE_SOFTWARE_UNKNOWN];
}
