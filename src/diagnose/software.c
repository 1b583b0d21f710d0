/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose_software - which server software this is, and what its settings are called. */
#include "diagnose/rule_private.h"

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
    [DIAGNOSE_REMEDY_CIPHERS] =
        {
            [DIAGNOSE_SOFTWARE_UNKNOWN] = "Allow the usual suites again (AES-GCM and "
                                          "ChaCha20-Poly1305, with ECDHE) on the server",
            [DIAGNOSE_SOFTWARE_POSTFIX] = "Postfix: set smtpd_tls_ciphers = medium, and nothing "
                                          "too wide in smtpd_tls_exclude_ciphers",
            [DIAGNOSE_SOFTWARE_EXIM] = "Exim: widen tls_require_ciphers",
            [DIAGNOSE_SOFTWARE_SENDMAIL] = "Sendmail: widen CipherList",
            [DIAGNOSE_SOFTWARE_OPENSMTPD] = "OpenSMTPD: `listen on ... ciphers`",
            [DIAGNOSE_SOFTWARE_EXCHANGE] =
                "Exchange: Enable-TlsCipherSuite, or the policy \"SSL Cipher Suite Order\"",
            [DIAGNOSE_SOFTWARE_DOVECOT] =
                "Dovecot: widen ssl_cipher_list (TLS 1.3: ssl_cipher_suites)",
        },
    [DIAGNOSE_REMEDY_KEY_TYPES] =
        {
            [DIAGNOSE_SOFTWARE_UNKNOWN] = "Install an RSA and an ECDSA certificate side by side",
            [DIAGNOSE_SOFTWARE_POSTFIX] = "Postfix: name both in smtpd_tls_chain_files = RSAKEY, "
                                          "RSACHAIN, ECKEY, ECCHAIN (before 3.4: "
                                          "smtpd_tls_cert_file and smtpd_tls_eccert_file)",
            [DIAGNOSE_SOFTWARE_EXIM] = "Exim: list both in tls_certificate and tls_privatekey, "
                                       "separated by colons",
            [DIAGNOSE_SOFTWARE_SENDMAIL] = "Sendmail: name both in confSERVER_CERT and "
                                           "confSERVER_KEY, separated by a comma (from 8.16)",
            [DIAGNOSE_SOFTWARE_OPENSMTPD] =
                "OpenSMTPD: it shows one certificate per name; RSA is understood by all",
            [DIAGNOSE_SOFTWARE_EXCHANGE] = "Exchange: bind an RSA certificate to SMTP with "
                                           "Enable-ExchangeCertificate -Services SMTP",
            [DIAGNOSE_SOFTWARE_DOVECOT] = "Dovecot: name the other one in ssl_alt_cert and "
                                          "ssl_alt_key",
        },
    [DIAGNOSE_REMEDY_GROUPS] =
        {
            [DIAGNOSE_SOFTWARE_UNKNOWN] = "Allow the groups x25519 and secp256r1 on the server",
            [DIAGNOSE_SOFTWARE_POSTFIX] = "Postfix: leave smtpd_tls_eecdh_grade = auto, with "
                                          "X25519 and prime256v1 in tls_eecdh_auto_curves",
            [DIAGNOSE_SOFTWARE_EXIM] = "Exim: leave tls_eecdh_curve = auto; with GnuTLS no "
                                       "-GROUP-... in tls_require_ciphers",
            [DIAGNOSE_SOFTWARE_EXCHANGE] = "Exchange: Enable-TlsEccCurve curve25519 and NistP256",
            [DIAGNOSE_SOFTWARE_DOVECOT] = "Dovecot: set ssl_curve_list = X25519:P-256:P-384",
        },
    [DIAGNOSE_REMEDY_DH] =
        {
            [DIAGNOSE_SOFTWARE_UNKNOWN] =
                "Use a Diffie-Hellman prime of 2048 bits or more, or let ECDHE go first",
            [DIAGNOSE_SOFTWARE_POSTFIX] =
                "Postfix: smtpd_tls_dh1024_param_file = auto (before 3.7: a file made with "
                "`openssl dhparam 2048`)",
            [DIAGNOSE_SOFTWARE_EXIM] = "Exim: tls_dhparam = historic or a file of 2048 bits, and "
                                       "tls_dh_max_bits = 2048",
            [DIAGNOSE_SOFTWARE_SENDMAIL] = "Sendmail: confDH_PARAMETERS = 2",
            [DIAGNOSE_SOFTWARE_OPENSMTPD] = "OpenSMTPD: `pki NAME dhe auto`",
            [DIAGNOSE_SOFTWARE_EXCHANGE] = "Exchange: SCHANNEL\\KeyExchangeAlgorithms\\"
                                           "Diffie-Hellman\\ServerMinKeyBitLength = 2048 in the "
                                           "registry",
            [DIAGNOSE_SOFTWARE_DOVECOT] =
                "Dovecot: ssl_dh with a file made with `openssl dhparam 2048`",
        },
    [DIAGNOSE_REMEDY_SNI] =
        {
            [DIAGNOSE_SOFTWARE_UNKNOWN] =
                "Give the server a default certificate for clients that send no name, or one that "
                "it does not know",
            [DIAGNOSE_SOFTWARE_POSTFIX] =
                "Postfix: keep a default in smtpd_tls_chain_files, others by name in "
                "tls_server_sni_maps (postmap -F)",
            [DIAGNOSE_SOFTWARE_EXIM] = "Exim: let tls_certificate expand to a default where "
                                       "$tls_in_sni is empty or not known",
            [DIAGNOSE_SOFTWARE_OPENSMTPD] =
                "OpenSMTPD: one `listen on ... pki NAME` for each name, the default first",
            [DIAGNOSE_SOFTWARE_DOVECOT] = "Dovecot: a default ssl_cert, others in local_name",
        },
    [DIAGNOSE_REMEDY_CLIENT_CERTIFICATE] =
        {
            [DIAGNOSE_SOFTWARE_UNKNOWN] = "Ask for a certificate, but do not require it",
            [DIAGNOSE_SOFTWARE_POSTFIX] =
                "Postfix: smtpd_tls_req_ccert = no (smtpd_tls_ask_ccert may stay)",
            [DIAGNOSE_SOFTWARE_EXIM] = "Exim: tls_try_verify_hosts instead of tls_verify_hosts",
            [DIAGNOSE_SOFTWARE_SENDMAIL] = "Sendmail: no VERIFY in TLS_Clt entries of the access "
                                           "map",
            [DIAGNOSE_SOFTWARE_OPENSMTPD] = "OpenSMTPD: `listen on ... tls` without verify",
            [DIAGNOSE_SOFTWARE_EXCHANGE] =
                "Exchange: Set-ReceiveConnector -DomainSecureEnabled $false",
            [DIAGNOSE_SOFTWARE_DOVECOT] =
                "Dovecot: auth_ssl_require_client_cert = no, ssl_verify_client_cert = no",
        },
};

const char *diagnose_remedy_for(enum diagnose_software s, enum diagnose_remedy r) {
    const char *text = remedies[r][s];
    return text ? text : remedies[r][DIAGNOSE_SOFTWARE_UNKNOWN];
}
