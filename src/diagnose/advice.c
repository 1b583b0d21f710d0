/* SPDX-License-Identifier: Apache-2.0 */
/* diagnose_advice - what to change on the sending side, per mail server software.
 *
 * Settings are spelled as their manuals spell them. {w} stands for the version, suite, group or
 * file in question, {d} for the destination. Where a setting can be made for one destination alone,
 * that one is named: nobody should weaken all mail for the sake of one server. */
#include "diagnose/clash_private.h"

#include "base/buf.h"
#include "base/bytes.h"

enum mta { POSTFIX, EXIM, SENDMAIL, EXCHANGE, OPENSMTPD, HARAKA, MTA_COUNT };

static const char *const mta_names[MTA_COUNT] = {"Postfix",  "Exim",      "Sendmail",
                                                 "Exchange", "OpenSMTPD", "Haraka"};

static const char *const settings[DIAGNOSE_ADVICE_COUNT][MTA_COUNT] = {
    [DIAGNOSE_ADVICE_OLDER] =
        {
            [POSTFIX] = "in smtp_tls_policy_maps `{d} encrypt protocols=>={w}`, or for all mail "
                        "smtp_tls_protocols and smtp_tls_mandatory_protocols = >={w}",
            [EXIM] = "in the smtp transport, with GnuTLS tls_require_ciphers = NORMAL:+VERS-{g}; "
                     "with OpenSSL no +no_{o} in openssl_options",
            [SENDMAIL] = "no SSL_OP_NO_{s} in confCLIENT_SSL_OPTIONS; for one host Options= in a "
                         "TLS_Clt_features entry of the access map",
            [EXCHANGE] = "for the whole machine, in the registry under SCHANNEL\\Protocols\\{p}\\"
                         "Client: Enabled = 1, DisabledByDefault = 0",
            [OPENSMTPD] = "action \"out\" relay tls protocols with \"{w}\"",
            [HARAKA] = "in tls.ini under [outbound]: minVersion={w}",
        },
    [DIAGNOSE_ADVICE_NEWER] =
        {
            [POSTFIX] = "no !{w} and no <= in smtp_tls_protocols, smtp_tls_mandatory_protocols and "
                        "the protocols= of smtp_tls_policy_maps",
            [EXIM] = "with GnuTLS no -VERS-{g} in tls_require_ciphers of the smtp transport; with "
                     "OpenSSL no +no_{o} in openssl_options",
            [SENDMAIL] = "no SSL_OP_NO_{s} in confCLIENT_SSL_OPTIONS",
            [EXCHANGE] = "TLS 1.3 from Windows Server 2022 with Exchange 2019 CU15; TLS 1.2 in the "
                         "registry under SCHANNEL\\Protocols",
            [OPENSMTPD] = "action \"out\" relay tls protocols with \"{w}\"",
            [HARAKA] = "in tls.ini under [outbound]: no maxVersion below {w}",
        },
    [DIAGNOSE_ADVICE_SUITE] =
        {
            [POSTFIX] = "in smtp_tls_policy_maps `{d} encrypt ciphers=medium`; look for {w} in "
                        "smtp_tls_exclude_ciphers, smtp_tls_mandatory_exclude_ciphers and "
                        "tls_medium_cipherlist",
            [EXIM] = "tls_require_ciphers of the smtp transport (it is expanded: $host may choose)",
            [SENDMAIL] = "CipherList, or for one host CipherList= in a TLS_Clt_features entry of "
                         "the access map",
            [EXCHANGE] = "Enable-TlsCipherSuite, or the policy \"SSL Cipher Suite Order\" (the "
                         "whole machine)",
            [OPENSMTPD] = "action \"out\" relay tls ciphers \"...:{w}\"",
            [HARAKA] = "in tls.ini under [outbound]: ciphers=",
        },
    [DIAGNOSE_ADVICE_KEY_TYPE] =
        {
            [POSTFIX] = "no a{w} in smtp_tls_exclude_ciphers and "
                        "smtp_tls_mandatory_exclude_ciphers; for this destination alone "
                        "`{d} encrypt ciphers=medium` in smtp_tls_policy_maps",
            [EXIM] = "tls_require_ciphers of the smtp transport with the suites (GnuTLS: key "
                     "exchanges) for {w} certificates",
            [SENDMAIL] = "CipherList with the suites for {w} certificates",
            [EXCHANGE] = "Enable-TlsCipherSuite for the suites with {w} (the whole machine)",
            [OPENSMTPD] = "action \"out\" relay tls ciphers with those for {w}",
            [HARAKA] = "in tls.ini under [outbound]: ciphers= with those for {w}",
        },
    [DIAGNOSE_ADVICE_GROUP] =
        {
            [POSTFIX] = "add {w} to tls_eecdh_auto_curves (finite-field groups: "
                        "tls_ffdhe_auto_groups); the setting is for all mail",
            [EXIM] = "with GnuTLS add +GROUP-{G} to tls_require_ciphers of the smtp transport; "
                     "with OpenSSL the Groups line of openssl.cnf",
            [SENDMAIL] = "the Groups line of OpenSSL's openssl.cnf",
            [EXCHANGE] = "Enable-TlsEccCurve (the whole machine)",
            [HARAKA] = "in tls.ini under [outbound]: ecdhCurve=",
        },
    [DIAGNOSE_ADVICE_SMALL_HELLO] =
        {
            [POSTFIX] = "X25519 in front and no X25519MLKEM768 in tls_eecdh_auto_curves (from "
                        "3.11 its defaults are small); for this destination alone `{d} encrypt "
                        "protocols=TLSv1.2` in smtp_tls_policy_maps",
            [EXIM] = "with GnuTLS -GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1 in "
                     "tls_require_ciphers of the smtp transport; with OpenSSL `Groups = "
                     "X25519:P-256` in openssl.cnf",
            [SENDMAIL] = "`Groups = X25519:P-256` in openssl.cnf",
            [HARAKA] = "in tls.ini under [outbound]: ecdhCurve=X25519:P-256",
        },
    [DIAGNOSE_ADVICE_SCHEME] =
        {
            [POSTFIX] = "the SignatureAlgorithms line of OpenSSL's openssl.cnf (from 3.9: "
                        "tls_config_file)",
            [EXIM] = "with GnuTLS +SIGN-... in tls_require_ciphers of the smtp transport; with "
                     "OpenSSL the SignatureAlgorithms line of openssl.cnf",
            [SENDMAIL] = "the SignatureAlgorithms line of OpenSSL's openssl.cnf",
            [HARAKA] = "the SignatureAlgorithms line of openssl.cnf (node --openssl-config)",
        },
    [DIAGNOSE_ADVICE_LEVEL] =
        {
            [POSTFIX] = "a transport of its own in master.cf with -o tls_medium_cipherlist="
                        "DEFAULT:@SECLEVEL=0, chosen for {d} in transport_maps",
            [EXIM] = "with OpenSSL tls_require_ciphers = DEFAULT:@SECLEVEL=0 in a transport of its "
                     "own; with GnuTLS add %VERIFY_ALLOW_SIGN_WITH_SHA1 and +VERS-TLS1.0",
            [SENDMAIL] = "CipherList=DEFAULT:@SECLEVEL=0 in a TLS_Clt_features entry of the access "
                         "map for this host",
            [OPENSMTPD] = "none: LibreSSL has no such level",
            [HARAKA] = "in tls.ini under [outbound]: ciphers=DEFAULT:@SECLEVEL=0 (all mail)",
        },
    [DIAGNOSE_ADVICE_DH] =
        {
            [POSTFIX] = "nothing: it takes 1024 bits; if it does not, smtp_tls_exclude_ciphers = "
                        "kDHE avoids the prime wherever ECDHE is possible",
            [EXIM] = "with GnuTLS tls_dh_min_bits = {w} in a smtp transport for this host; with "
                     "OpenSSL tls_require_ciphers = DEFAULT:!kDHE",
            [SENDMAIL] = "CipherList=DEFAULT:!kDHE in a TLS_Clt_features entry of the access map",
            [OPENSMTPD] = "action \"out\" relay tls ciphers \"HIGH:!kDHE\"",
            [HARAKA] = "in tls.ini under [outbound]: ciphers=DEFAULT:!kDHE",
        },
    [DIAGNOSE_ADVICE_RENEGOTIATION] =
        {
            [POSTFIX] = "tls_ssl_options = LEGACY_SERVER_CONNECT, in a transport of its own for "
                        "{d} (-o in master.cf)",
            [EXIM] = "with OpenSSL openssl_options = +legacy_server_connect; GnuTLS does not mind",
            [SENDMAIL] = "+SSL_OP_LEGACY_SERVER_CONNECT in confCLIENT_SSL_OPTIONS",
            [HARAKA] = "Options = UnsafeLegacyServerConnect in openssl.cnf",
        },
    [DIAGNOSE_ADVICE_SNI] =
        {
            [POSTFIX] = "smtp_tls_servername = hostname, or servername=hostname for {d} in "
                        "smtp_tls_policy_maps (from 3.4; by default it sends no name)",
            [EXIM] = "tls_sni = $host in the smtp transport",
        },
    [DIAGNOSE_ADVICE_CERTIFICATE] =
        {
            [POSTFIX] = "smtp_tls_chain_files = KEYFILE, CHAINFILE (before 3.4: "
                        "smtp_tls_cert_file and smtp_tls_key_file)",
            [EXIM] = "tls_certificate and tls_privatekey in the smtp transport",
            [SENDMAIL] = "confCLIENT_CERT and confCLIENT_KEY",
            [EXCHANGE] = "Set-SendConnector -TlsCertificateName",
            [OPENSMTPD] = "action \"out\" relay tls pki NAME",
            [HARAKA] = "in tls.ini under [outbound]: key= and cert=",
        },
    [DIAGNOSE_ADVICE_VERIFY] =
        {
            [POSTFIX] = "smtp_tls_CAfile when the issuer is to be trusted; to go without, "
                        "`{d} encrypt` or `{d} fingerprint match=...` in smtp_tls_policy_maps",
            [EXIM] = "tls_verify_certificates when the issuer is to be trusted; else "
                     "tls_try_verify_hosts in place of tls_verify_hosts",
            [SENDMAIL] = "confCACERT when the issuer is to be trusted; else no VERIFY in the "
                         "TLS_Srv entry of the access map",
            [EXCHANGE] = "Set-SendConnector -TlsAuthLevel EncryptionOnly",
            [OPENSMTPD] = "action \"out\" relay tls no-verify",
            [HARAKA] = "in tls.ini under [outbound]: rejectUnauthorized=false",
        },
    [DIAGNOSE_ADVICE_IMPLICIT] =
        {
            [POSTFIX] = "smtp_tls_wrappermode = yes for TLS from the first byte (port 465), no "
                        "for STARTTLS",
            [EXIM] = "protocol = smtps in the smtp transport for TLS from the first byte, else "
                     "smtp",
            [OPENSMTPD] = "relay host smtps://... for TLS from the first byte, smtp+tls://... for "
                          "STARTTLS",
        },
    [DIAGNOSE_ADVICE_CLEAR] =
        {
            [POSTFIX] = "`{d} none` in smtp_tls_policy_maps",
            [EXIM] = "hosts_avoid_tls in the smtp transport",
            [SENDMAIL] = "Try_TLS:HOST NO in the access map",
            [EXCHANGE] = "Set-SendConnector -IgnoreSTARTTLS $true",
            [OPENSMTPD] = "relay host smtp+notls://...",
            [HARAKA] = "the host under [no_tls_hosts] in tls.ini",
        },
};

/* The same thing in each software's spelling, from "TLSv1.2" or from a group's name. */
static void put_word(struct base_buf *b, char form, const char *what) {
    for (const char *p = what; *p; p++) {
        bool version_v = form != 'w' && p[0] == 'v' && p > what;
        if (form == 'G')
            base_buf_append_byte(b, base_ascii_upper((uint8_t)*p));
        else if (form == 'g' && version_v) /* TLS1.2 */
            continue;
        else if (form == 'p' && version_v) /* TLS 1.2 */
            base_buf_append_byte(b, ' ');
        else if ((form == 'o' || form == 's') && *p == '.') /* TLSv1_2 */
            base_buf_append_byte(b, '_');
        else
            base_buf_append_byte(b, form == 'o' ? base_ascii_lower((uint8_t)*p) : (uint8_t)*p);
    }
}

static void put_setting(struct base_buf *b, const char *text, const char *what,
                        const char *destination) {
    for (; *text; text++) {
        if (text[0] != '{' || text[1] == '\0' || text[2] != '}') {
            base_buf_append_byte(b, (uint8_t)*text);
            continue;
        }
        if (text[1] == 'd')
            base_buf_append_str(b, destination);
        else
            put_word(b, text[1], what);
        text += 2;
    }
}

const char *diagnose_advice(struct base_arena *arena, enum diagnose_advice topic, const char *what,
                            const char *destination) {
    struct base_buf b;
    base_buf_init(&b, 16384);
    for (size_t i = 0; i < MTA_COUNT; i++) {
        if (!settings[topic][i])
            continue;
        base_buf_printf(&b, "%s%s: ", b.len ? "\n" : "", mta_names[i]);
        put_setting(&b, settings[topic][i], what, destination);
    }
    const char *text = base_arena_str(arena, base_buf_cstr(&b));
    base_buf_release(&b);
    return text;
}
