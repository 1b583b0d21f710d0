# SPDX-License-Identifier: Apache-2.0
"""What is unpacked into which folder: Debian 12's packages and one from npm.

Each server gets its own root with all the libraries it loads, so that the mail servers, which
Debian lets nobody install side by side, live next to each other and the host's packages, users and
paths play no part.
"""

_C = ["libc6", "libgcc-s1", "libcrypt1", "zlib1g", "libzstd1", "libssl3"]
_PAM = ["libpam0g", "libaudit1", "libcap-ng0"]
_NSL = ["libnsl2", "libtirpc3", "libtirpc-common", "libgssapi-krb5-2", "libkrb5-3", "libk5crypto3",
        "libkrb5support0", "libcom-err2", "libkeyutils1"]
_GNUTLS = ["libgnutls30", "libnettle8", "libhogweed6", "libgmp10", "libp11-kit0", "libffi8",
           "libtasn1-6", "libunistring2", "libidn2-0"]
_SYSTEMD = ["libsystemd0", "liblz4-1", "liblzma5", "libcap2", "libgcrypt20", "libgpg-error0"]
_ICU = ["libicu72", "libstdc++6"]
_OPENSMTPD = _C + _PAM + ["libdb5.3", "libevent-2.1-7", "opensmtpd"]

SERVERS = {
    "postfix": _C + _NSL + _ICU + ["libdb5.3", "libsasl2-2", "libsasl2-modules",
                                   "libsasl2-modules-db", "sasl2-bin", "netbase", "postfix"],
    "exim": _C + _NSL + _GNUTLS + _PAM + [
        "libgnutls-dane0", "libunbound8", "libevent-2.1-7", "libdb5.3", "libidn12", "libpcre2-8-0",
        "libldap-2.5-0", "libmariadb3", "libperl5.36", "libpq5", "libsasl2-2", "libsasl2-modules",
        "libsasl2-modules-db", "libspf2-2", "libsqlite3-0", "exim4-base", "exim4-daemon-heavy"],
    "dovecot": _C + _NSL + _PAM + _SYSTEMD + _ICU + [
        "libapparmor1", "libbz2-1.0", "libexttextcat-2.0-0", "libexttextcat-data", "liblua5.4-0",
        "libsodium23", "libstemmer0d", "libunwind8", "libwrap0", "dovecot-core", "dovecot-imapd",
        "dovecot-pop3d", "dovecot-lmtpd", "dovecot-submissiond", "dovecot-sieve",
        "dovecot-managesieved"],
    "opensmtpd": _OPENSMTPD,
    "opensmtpd-relay": _OPENSMTPD,
    "opensmtpd-failures": _OPENSMTPD,
    "stunnel": _C + _NSL + _SYSTEMD + ["libwrap0", "stunnel4"],
    "knot": _C + _GNUTLS + _SYSTEMD + [
        "libcap-ng0", "libedit2", "libbsd0", "libmd0", "libtinfo6", "liblmdb0", "liburcu8",
        "libelf1", "libbpf1", "libxdp1", "libknot13", "libdnssec9", "libzscanner4", "knot"],
}

# Programs that must be able to load all their libraries once a server is unpacked.
PROGRAMS = {
    "postfix": ["/usr/sbin/postfix", "/usr/lib/postfix/sbin/smtpd", "/usr/sbin/posttls-finger",
                "/usr/sbin/saslpasswd2"],
    "exim": ["/usr/sbin/exim4"],
    "dovecot": ["/usr/sbin/dovecot", "/usr/lib/dovecot/imap-login", "/usr/lib/dovecot/auth",
                "/usr/lib/dovecot/lmtp", "/usr/lib/dovecot/managesieve-login"],
    "opensmtpd": ["/usr/sbin/smtpd"],
    "opensmtpd-relay": ["/usr/sbin/smtpd"],
    "opensmtpd-failures": ["/usr/sbin/smtpd"],
    "stunnel": ["/usr/bin/stunnel4"],
    "knot": ["/usr/sbin/knotd", "/usr/sbin/keymgr"],
}

# The users (each with a group of its name) that the servers drop to, numbered from FIRST_UID. They
# exist in the unpacked roots only.
FIRST_UID = 901
USERS = ["postfix", "postdrop", "dovecot", "dovenull", "vmail", "Debian-exim", "opensmtpd",
         "opensmtpq", "stunnel4", "knot"]

NODE_PACKAGE = ("smtp-server", "3.21.6")
