# SPDX-License-Identifier: Apache-2.0
"""Handshakes that fail on real servers, and whether `waxseal connect` names the true cause.

Each Case is a server that is set up to fail a client, the client's options, the finding that must
come out first, and words that its texts must hold. Servers are `openssl s_server`, `gnutls-serv`,
Postfix, Exim, Dovecot and OpenSMTPD of the lab; what stands between client and server (a device
that cuts, resets, masks or swallows) is played by a few lines of Python in front of a real server.
"""

import json
import socket
import struct
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from connect import twins
from lab import front, program, servers, unpacked
from lab.pki import HOST, Pki, openssl
from lab.process import Street, free_port, free_ports, tail
from lab.tap import Tap

SECONDS = "8"  # how long a case waits for what does not come; what comes must be here by then


@dataclass(frozen=True)
class Case:
    name: str
    server: str
    options: tuple
    finding: str
    evidence: tuple = ()
    texts: tuple = ()  # anywhere in the finding
    implicit: bool = False
    protocol: str = "smtp"
    server_log: str = ""  # what the server's own log must show, and the finding quote


# ---- s_server behind a STARTTLS front: certificate and key by name, then options

S_SERVER = {
    "o-tls12": ("rsa", "-tls1_2"),
    "o-tls13": ("rsa", "-tls1_3"),
    "o-tls10": ("rsa", "-tls1", "-cipher", "ALL:@SECLEVEL=0"),
    "o-aes128": ("rsa", "-tls1_2", "-cipher", "AES128-SHA"),
    "o-chacha": ("ec", "-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"),
    "o-ec12": ("ec", "-tls1_2"),
    "o-rsa12": ("rsa", "-tls1_2"),
    "o-ec13": ("ec", "-tls1_3"),
    "o-p256": ("rsa", "-tls1_3", "-groups", "P-256"),
    "o-p256-12": ("rsa", "-tls1_2", "-groups", "P-256", "-cipher", "ECDHE"),
    "o-sha512": ("rsa", "-tls1_2", "-sigalgs", "RSA+SHA512"),
    "o-dh1024": ("rsa", "-tls1_2", "-cipher", "DHE:@SECLEVEL=0", "-dhparam", "{dh1024}"),
    "o-rsa1024": ("rsa1024", "-cipher", "ALL:@SECLEVEL=0"),
    "o-sha1": ("sha1", "-cipher", "ALL:@SECLEVEL=0"),
    "o-nothing": ("", "-nocert"),
    "o-name": ("ec", "-servername", HOST, "-servername_fatal", "-cert2", "{rsa}", "-key2",
               "{rsa_key}"),
    "o-other-name": ("wrongname", "-servername", HOST, "-cert2", "{ec}", "-key2", "{ec_key}"),
    "o-wants": ("rsa", "-tls1_2", "-Verify", "1"),
    "o-wants13": ("rsa", "-tls1_3", "-Verify", "1"),
    "o-knows": ("rsa", "-tls1_2", "-Verify", "1", "-verify_return_error", "-CAfile", "{root}"),
    "o-expired": ("expired",),
    "o-future": ("future",),
    "o-self": ("self",),
    "o-leaf": ("leaf:ec",),
    "o-wrongname": ("wrongname",),
    "o-good": ("ec",),
    "o-alpn": ("ec", "-alpn", "xmpp-client"),
    "o-psk": ("", "-nocert", "-psk", "aabb", "-psk_identity", "joe", "-tls1_2", "-cipher", "PSK"),
}

GNUTLS = {
    "g-tls12": ("rsa", "NORMAL:-VERS-TLS1.3"),
    "g-tls13": ("rsa", "NORMAL:-VERS-ALL:+VERS-TLS1.3"),
    "g-no5746": ("rsa", "NORMAL:-VERS-TLS1.3:%DISABLE_SAFE_RENEGOTIATION"),
    "g-wants": ("rsa", "NORMAL:-VERS-TLS1.3", "--require-client-cert"),
    "g-p256": ("rsa", "NORMAL:-VERS-ALL:+VERS-TLS1.3:-GROUP-ALL:+GROUP-SECP256R1"),
    "g-nothing": ("", "NORMAL"),
}

POSTFIX = {
    "postfix-tls13": "-o smtpd_tls_security_level=encrypt"
                     " -o smtpd_tls_mandatory_protocols=>=TLSv1.3",
    "postfix-tls12": "-o smtpd_tls_protocols=TLSv1.2",
    "postfix-tls10": "-o smtpd_tls_protocols=TLSv1 -o smtpd_tls_ciphers=medium"
                     " -o tls_medium_cipherlist=ALL:@SECLEVEL=0",
    "postfix-no-key": "-o smtpd_tls_chain_files=/nonexistent.pem",
    "postfix-no-tls": "-o smtpd_tls_security_level=none",
    "postfix-wants": "-o smtpd_tls_security_level=encrypt -o smtpd_tls_req_ccert=yes",
    "postfix-wrapper": "-o smtpd_tls_wrappermode=yes",
    "postfix-plain": "",
}

OK = ("-CAfile", "{root}", "-verify_return_error")

CASES = (
    # failures.md 1: no protocol in common
    Case("TLS 1.3 alone, Postfix up to 1.2", "postfix-tls12", ("-tls1_3",), "clash-protocol-older",
         ("highest protocol is TLS 1.2", "alert 70"),
         ("allows only TLS 1.3 can't deliver", "smtp_tls_policy_maps", "TLS_Clt_features",
          "SCHANNEL", "0A00042E"), server_log="unsupported protocol"),
    Case("TLS 1.3 alone, s_server up to 1.2", "o-tls12", ("-tls1_3",), "clash-protocol-older",
         ("highest protocol is TLS 1.2",),
         server_log="unsupported protocol"),
    Case("TLS 1.3 alone, GnuTLS up to 1.2", "g-tls12", ("-tls1_3",), "clash-protocol-older",
         ("highest protocol is TLS 1.2", "alert 40"), ("No supported cipher suites",),
         server_log="No supported cipher suites have been found."),
    Case("TLS 1.2 at most, Postfix from 1.3", "postfix-tls13", ("-tls1_2",),
         "clash-protocol-newer", ("newer than TLS 1.2", "alert 70"), ("smtp_tls_protocols",),
         server_log="unsupported protocol"),
    Case("TLS 1.2 at most, GnuTLS from 1.3", "g-tls13", ("-tls1_2",), "clash-protocol-newer",
         ("most likely",),
         server_log="No supported cipher suites have been found."),
    Case("TLS 1.1 at most, Dovecot from 1.2", "dovecot-imap",
         ("-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"), "clash-protocol-newer",
         ("newer than TLS 1.1",),  # Dovecot's alert often stays behind
         ("ssl_min_protocol",), protocol="imap"),
    # 2: TLS 1.0 signs with MD5 and SHA-1
    Case("TLS 1.0 Postfix, security level 1", "postfix-tls10",
         ("-tls1", "-cipher", "DEFAULT:@SECLEVEL=1"), "clash-legacy-signature",
         ("MD5 and SHA-1", "TLS 1.0"), ("@SECLEVEL=0", "TLS 1.2 or newer on the server")),
    Case("TLS 1.0 s_server, TLS 1.2 client", "o-tls10", ("-min_protocol", "TLSv1.2"),
         "clash-protocol-older", ("highest protocol is TLS 1.0",), ("@SECLEVEL=0",)),
    # 3: no shared cipher, and its other causes
    Case("no suite in common", "o-aes128", ("-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384"),
         "clash-cipher", ("TLS_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES256-GCM-SHA384"),
         ("no shared cipher",),
         server_log="no shared cipher"),
    Case("no suite of TLS 1.3 in common", "o-chacha",
         ("-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"), "clash-cipher",
         ("TLS_CHACHA20_POLY1305_SHA256",),
         server_log="no shared cipher"),
    Case("ECDSA certificate, RSA client", "o-ec12", ("-cipher", "aRSA", "-tls1_2"),
         "clash-certificate-type", ("type ECDSA",), ("RSA as well",),
         server_log="no shared cipher"),
    Case("ECDSA certificate of Postfix, RSA client", "postfix-tls12", ("-cipher", "aRSA", "-tls1_2"),
         "clash-certificate-type", ("type ECDSA",), ("smtpd_tls_chain_files",),
         server_log="no shared cipher"),
    Case("RSA certificate, ECDSA client", "o-rsa12", ("-cipher", "aECDSA", "-tls1_2"),
         "clash-certificate-type", ("type RSA",),
         server_log="no shared cipher"),
    Case("Postfix without a certificate", "postfix-no-key", (), "server-no-certificate",
         ("it answered alike",), ("smtpd_tls_chain_files", "no usable certificate"),
         server_log="no shared cipher"),
    Case("s_server without a certificate", "o-nothing", ("-tls1_2",), "server-no-certificate",
         server_log="no shared cipher"),
    Case("GnuTLS without a certificate", "g-nothing", (), "server-no-certificate",
         server_log="No supported cipher suites have been found."),
    Case("no group in common in TLS 1.2", "o-p256-12", ("-tls1_2", "-groups", "X448"),
         "clash-group", ("secp256r1", "x448"),
         server_log="no shared cipher"),
    # 4: groups and signatures of TLS 1.3
    Case("no group in common in TLS 1.3", "o-p256", ("-tls1_3", "-groups", "X448"), "clash-group",
         ("secp256r1", "x448"), ("no suitable key share", "tls_eecdh_auto_curves"),
         server_log="no suitable key share"),
    Case("no group in common with GnuTLS", "g-p256", ("-tls1_3", "-groups", "X448"), "clash-group",
         (), ("No common key share with peer.",),
         server_log="No common key share with peer."),
    Case("no signature scheme in common", "o-sha512", ("-tls1_2", "-sigalgs", "RSA+SHA256"),
         "clash-signature-scheme", ("rsa_pkcs1_sha512", "rsa_pkcs1_sha256"),
         ("no shared signature algorithms",),
         server_log="no shared signature algorithms"),
    Case("ECDSA certificate, RSA signatures in TLS 1.3", "o-ec13",
         ("-sigalgs", "RSA-PSS+SHA256", "-tls1_3"), "clash-certificate-type", ("type ECDSA",),
         server_log="no suitable signature algorithm"),
    # 5, 6, 7: not TLS, or not yet
    Case("TLS at once to a STARTTLS port", "postfix-plain", (), "handshake-plaintext",
         ("220 mx.lab.test",), ("STARTTLS", "improper command pipelining", "smtp_tls_wrappermode"),
         implicit=True, server_log="improper command pipelining after CONNECT"),
    Case("STARTTLS to a TLS port", "postfix-wrapper",
         ("--greeting-timeout", SECONDS), "greeting-timeout", (), ("--implicit-tls",)),
    Case("text behind the yes to STARTTLS", "says-text", (), "handshake-plaintext",
         ("454 4.7.0",), ("went on in clear", "wrong version number")),
    Case("a web server", "web", (), "handshake-plaintext", ("HTTP/1.1 400",), ("web server",),
         implicit=True),
)

CASES += (
    # 8 to 13: this side verifies
    Case("the intermediate is missing", "o-leaf", OK, "clash-verification",
         ("intermediate certificate is missing", "Lab Intermediate"), ("0A000086",)),
    Case("self-signed", "o-self", OK, "clash-verification", ("self-signed",),
         server_log="tlsv1 alert unknown ca"),
    Case("private authority", "o-good", ("-CAfile", "{other}", "-verify_return_error"),
         "clash-verification", ("issuer",)),
    Case("expired", "o-expired", OK, "clash-verification", ("has expired",), ("alert number 45",),
         server_log="sslv3 alert certificate expired"),
    Case("not yet valid", "o-future", OK, "clash-verification", ("not yet valid", "clock")),
    Case("another name", "o-wrongname", (*OK, "-verify_hostname", HOST), "clash-verification",
         ("not for the name asked for",)),
    Case("a TLSA record that does not match", "o-good",
         (*OK, "-dane_tlsa_domain", HOST, "-dane_tlsa_rrdata", "3 1 1 " + "ab" * 32),
         "clash-verification", ("TLSA",)),
    # 14: names
    Case("a name that the server refuses", "o-name", ("-servername", "nobody.lab.test"),
         "clash-server-name", ("nobody.lab.test", "alert 112", "without a name it succeeds"),
         server_log="callback failed"),
    Case("no name, and another certificate", "o-other-name",
         (*OK, "-noservername", "-verify_hostname", HOST), "clash-verification",
         ("without a server name (SNI)",), ("smtp_tls_servername",)),
    Case("a device that wants a name", "drops-nameless", ("-noservername",),
         "clash-server-name-needed", ("with the name " + HOST,)),
    # 15, 16: below the security level
    Case("Diffie-Hellman of 1024 bits", "o-dh1024", ("-cipher", "DEFAULT:@SECLEVEL=2"),
         "clash-dh-small", ("1024 bits",), ("0A00018A", "tls_dh_min_bits = 1024")),
    Case("RSA of 1024 bits", "o-rsa1024", (*OK, "-cipher", "DEFAULT:@SECLEVEL=2"),
         "clash-certificate-weak", ("RSA with 1024 bits",)),
    Case("signed with SHA-1", "o-sha1", (*OK, "-cipher", "DEFAULT:@SECLEVEL=2"),
         "clash-certificate-weak", ("SHA1",)),
    # 17: RFC 5746
    Case("no secure renegotiation", "g-no5746", (), "clash-renegotiation", ("RFC 5746",),
         ("LEGACY_SERVER_CONNECT", "0A000152")),
    # 18 to 20: before TLS
    Case("STARTTLS not offered by Postfix", "postfix-no-tls", (), "starttls-not-offered"),
    Case("STARTTLS masked", "masked", (), "starttls-masked"),
    Case("STARTTLS refused by Exim", "exim-no-certificate", (), "starttls-refused", ("454",)),
    # 21 to 23: silence
    Case("closed after the hello", "closes", (), "handshake-failed",
         ("closed the connection",), ("lost connection",)),
    Case("reset after the hello", "resets", (), "handshake-failed", ("reset",),
         ("Connection reset by peer",)),
    Case("a large hello is swallowed", "swallows-large",
         ("-alpn", ",".join("x" * 200 for _ in range(7)), "--handshake-timeout", SECONDS),
         "hello-dropped", ("did not answer in time",)),
    Case("a large answer is lost", "cuts-answer", ("--handshake-timeout", SECONDS),
         "handshake-failed", ("1000 bytes",), ("MSS",)),
    # 24: client certificates
    Case("client certificate wanted, TLS 1.2", "o-wants", (), "client-certificate-required",
         ("alert 40",), ("peer did not return a certificate",),
         server_log="peer did not return a certificate"),
    Case("client certificate wanted, TLS 1.3", "o-wants13", (), "client-certificate-required",
         ("alert 116",),
         server_log="peer did not return a certificate"),
    Case("client certificate wanted by GnuTLS", "g-wants", (), "client-certificate-required",
         ("alert 50",), ("No certificate was found.",),
         server_log="No certificate was found."),
    Case("client certificate wanted by Postfix", "postfix-wants", (),
         "client-certificate-required"),
    Case("client certificate wanted by Exim", "exim-wants", ("-tls1_2",),
         "client-certificate-required", (), ("tls_try_verify_hosts",)),
    Case("client certificate of an unknown issuer", "o-knows", ("-cert", "{self}", "-key",
                                                                "{self_key}"),
         "client-certificate-refused",
         server_log="certificate verify failed"),
    # 30, and the rest of the alerts
    Case("the server's own fault", "opensmtpd", (), "server-internal-error",
         ("alert 80", "did no better"), ("log",)),
    Case("a fallback that is none", "o-good", ("-tls1_2", "-fallback_scsv"), "clash-fallback",
         ("RFC 7507",), ("0A000175",),
         server_log="inappropriate fallback"),
    Case("no application protocol", "o-alpn", ("-alpn", "smtp"), "clash-alpn",
         server_log="no application protocol"),
    Case("the wrong pre-shared key", "o-psk",
         ("-tls1_2", "-cipher", "PSK", "-psk", "aabc", "-psk_identity", "joe"), "clash-psk",
         server_log="decryption failed or bad record mac"),
    Case("nothing to offer", "o-good", ("-tls1_2", "-cipher", "NULL"), "clash-nothing-to-offer"),
    Case("two restrictions at once", "o-p256",
         ("-tls1_3", "-groups", "X448", "-ciphersuites", "TLS_AES_128_CCM_SHA256"), "clash-offer",
         (), ("the cipher suites and the groups",)),
)


# ---- what stands between


class Between(front.Front):
    """A front whose device looks at the ClientHello before it passes anything on."""

    def __init__(self, port, inner, device):
        self._device = device
        super().__init__(port, inner)

    def serve(self, client):
        client.sendall(b"220 mx.lab.test ESMTP front\r\n")
        while line := front.read_line(client):
            if line.strip().upper() == b"STARTTLS":
                client.sendall(b"220 2.0.0 go ahead\r\n")
                self._device(client, self._inner)
                return
            client.sendall(b"250-mx.lab.test\r\n250 STARTTLS\r\n" if line[:4].upper() == b"EHLO"
                           else b"221 2.0.0 bye\r\n")


def read_hello(client):
    """The whole first record: a ClientHello."""
    hello = b""
    while len(hello) < 5 or len(hello) < 5 + int.from_bytes(hello[3:5], "big"):
        more = client.recv(65536)
        if not more:
            break
        hello += more
    return hello


def pass_on(client, inner, hello, limit=None):
    """Both ways to the real server; at most `limit` bytes come back, then nothing at all."""
    with socket.create_connection(("127.0.0.1", inner), 120) as server:
        server.sendall(hello)
        if limit is None:
            front.splice(client, server)
            return
        while limit > 0 and (data := server.recv(limit)):
            client.sendall(data)
            limit -= len(data)
        time.sleep(2 * float(SECONDS))


def reset(client):
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def _closes(client, inner):
    read_hello(client)


def _resets(client, inner):
    read_hello(client)
    reset(client)


def _swallows_large(client, inner):
    hello = read_hello(client)
    if len(hello) > 1400:
        time.sleep(2 * float(SECONDS))
    else:
        pass_on(client, inner, hello)


def _cuts_answer(client, inner):
    pass_on(client, inner, read_hello(client), 1000)


def _drops_nameless(client, inner):
    hello = read_hello(client)
    if HOST.encode() not in hello:
        reset(client)
    else:
        pass_on(client, inner, hello)


def _says_text(client, inner):
    read_hello(client)
    client.sendall(b"454 4.7.0 TLS not available\r\n")


DEVICES = {"closes": _closes, "resets": _resets, "swallows-large": _swallows_large,
           "cuts-answer": _cuts_answer, "drops-nameless": _drops_nameless,
           "says-text": _says_text}


class Masked(front.Listener):
    def serve(self, client):
        client.sendall(b"220 ****************\r\n")
        while line := front.read_line(client):
            client.sendall(b"250-mx.lab.test\r\n250 XXXXXXXA\r\n" if line[:4].upper() == b"EHLO"
                           else b"221 2.0.0 bye\r\n")


class Web(front.Listener):
    def serve(self, client):
        client.recv(65536)
        client.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


# ---- certificates beyond those of the lab


def _make_more(pki):
    """Weak, future and foreign ones; Diffie-Hellman parameters of 1024 bits."""
    leaf = pki.path("failures.ext")
    leaf.write_text("subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\n" % HOST)
    for name, bits, digest in (("rsa1024", 1024, "-sha256"), ("sha1", 2048, "-sha1")):
        key, request = pki.path(name + ".key"), pki.path(name + ".csr")
        openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:%d" % bits,
                "-out", key)
        openssl("req", "-new", "-key", key, "-subj", "/CN=" + HOST, "-out", request,
                "-config", pki.path("ec.cnf"))
        openssl("x509", "-req", digest, "-in", request, "-days", "30", "-extfile", leaf,
                "-CA", pki.path("inter.pem"), "-CAkey", pki.path("inter.key"),
                "-out", pki.path(name + ".pem"))
    pki._leaf("future", key="ec", dates=("20400101000000Z", "20410101000000Z"))
    openssl("dhparam", "-out", pki.path("dh1024"), "1024")
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", pki.path("other.key"),
            "-subj", "/CN=Other Root", "-out", pki.path("other.pem"), "-config",
            pki.path("ec.cnf"))


def _words(pki, text):
    """Names of files in options."""
    names = {"root": pki.root, "dh1024": pki.path("dh1024"), "other": pki.path("other.pem")}
    for leaf in ("rsa", "ec", "self"):
        names[leaf] = pki.path(leaf + ".pem")
        names[leaf + "_key"] = pki.path(leaf + ".key")
    return str(text).format(**names) if "{" in str(text) else str(text)


# ---- starting


class Lab:
    """Starts a server when the first case asks for it; a server that fails fails its cases."""

    def __init__(self, street, pki):
        self._street = street
        self._pki = pki
        self._ports = {}
        self._inner = {}
        self.logs = {}
        self.hosts = street.folder / "failures.hosts"
        self.hosts.write_text("127.0.0.1 %s\n" % HOST)
        self._start_groups()

    def port(self, name):
        if name not in self._ports:
            self._ports[name] = self._start(name)
        if isinstance(self._ports[name], str):
            raise RuntimeError(self._ports[name])
        return self._ports[name]

    def _try(self, names, start):
        try:
            start()
        except Exception as problem:  # whatever it is, it fails these servers' tests and no others
            for name in names:
                self._ports.setdefault(name, "%s did not start: %s" % (name, problem))

    def _start_groups(self):
        self._try(POSTFIX, self._postfix)
        self._try(["exim-no-certificate"], lambda: self._exim(
            "exim-no-certificate", ("{home}/ec.chain.pem", "/nonexistent.pem")))
        self._try(["exim-wants"], lambda: self._exim(
            "exim-wants", ("begin acl", "tls_verify_hosts = *\n"
                           "tls_verify_certificates = {home}/ec.chain.pem\nbegin acl")))
        self._try(["opensmtpd"], self._opensmtpd)
        self._try(["dovecot-imap"], self._dovecot)

    def _postfix(self):
        unpacked.ensure(("postfix",))
        ports = dict(zip(POSTFIX, free_ports(len(POSTFIX))))
        home, _ = servers.start_postfix(self._street, self._pki, ports, options=POSTFIX)
        self._ports.update(ports)
        self.logs.update(dict.fromkeys(POSTFIX, home / "data" / "log"))

    def _exim(self, name, replace):
        unpacked.ensure(("exim",))
        port, other = free_ports(2)
        servers.start_exim(self._street, self._pki, {"exim": port, "exim-smtps": other},
                           replace=replace)
        self._ports[name] = port

    def _opensmtpd(self):
        unpacked.ensure(("opensmtpd-failures",))
        port, other = free_ports(2)
        servers.start_opensmtpd(self._street, self._pki,
                                {"opensmtpd": port, "opensmtpd-smtps": other},
                                "opensmtpd-failures")
        self._ports["opensmtpd"] = port

    def _dovecot(self):
        unpacked.ensure(("dovecot",))
        names = [service.name for server in servers.SERVERS if server.name == "dovecot"
                 for service in server.services]
        ports = dict(zip(names, free_ports(len(names))))
        servers.start_dovecot(self._street, self._pki, ports)
        self._ports["dovecot-imap"] = ports["dovecot-imap"]

    def _start(self, name):
        port = free_port()
        if name in DEVICES:
            thing = Between(port, self._s_server("o-good"), DEVICES[name])
        elif name == "masked":
            thing = Masked(port)
        elif name == "web":
            thing = Web(port)
        else:
            thing = front.Front(port, self._s_server(name) if name in S_SERVER
                                else self._gnutls(name))
        self._street.on_close(thing.close)
        return port

    def _log(self, name):
        self.logs[name] = self._street.folder / ("failures-%s.log" % name)
        return self.logs[name]

    def inner(self, name):
        """An s_server without the words before TLS."""
        self.port(name)
        return self._inner[name]

    def _s_server(self, name):
        leaf, *options = S_SERVER[name]
        inner = free_port()
        pki, alone = self._pki, leaf.startswith("leaf:") or leaf in ("self", "")
        leaf = leaf.replace("leaf:", "")
        files = [] if not leaf else ["-cert", pki.path(leaf + ".pem"),
                                     "-key", pki.path(leaf + ".key")]
        chain = [] if alone else ["-cert_chain", pki.path("inter.pem")]
        process = self._street.start(
            name, ["openssl", "s_server", "-quiet", "-accept", "127.0.0.1:%d" % inner, *files,
                   *chain, *(_words(pki, o) for o in options)],
            [inner], self._log(name), pipes=True, env={"OPENSSL_CONF": "/dev/null"})
        process.talker = front.Talker(process)
        self._inner[name] = inner
        return inner

    def _gnutls(self, name):
        leaf, priorities, *options = GNUTLS[name]
        inner = free_port()
        files = [] if not leaf else ["--x509certfile", self._pki.path(leaf + ".chain.pem"),
                                     "--x509keyfile", self._pki.path(leaf + ".key")]
        self._street.start(name, ["gnutls-serv", "--echo", "--port", inner, "--priority",
                                  priorities, *files, *options],
                           [inner], self._log(name))
        return inner


# ---- the test


def _everything(finding):
    return "\n".join(str(v) for v in finding.values())


def _look(case, lab, pki):
    argv = [program.binary(), "connect", "--json", "--hosts", lab.hosts, "-connect",
            "%s:%d" % (HOST, lab.port(case.server)), "-name", "client.lab.test"]
    if case.implicit:
        argv += ["--implicit-tls"]
    else:
        argv += ["-starttls", case.protocol]
    return twins.run([*argv, *(_words(pki, o) for o in case.options)], b"QUIT\r\n")


def judge(case, said):
    """What is wrong with the explanation; nothing when it names the cause."""
    try:
        document = json.JSONDecoder().raw_decode(said.out)[0]
        findings, session = document["findings"], document["endpoint"]["session"]
    except (ValueError, KeyError) as problem:
        return ["no findings: %r" % problem]
    if not findings:
        return ["no findings"]
    if findings[0]["id"] != case.finding:
        return ["%s, not %s" % (findings[0]["id"], case.finding)]
    stood = session and session["established"]  # TLS 1.3 tells only later
    found = ["exit status 0"] if said.status == 0 and not stood else []
    errors = [f["id"] for f in findings[1:] if f["severity"] == "error"]
    if errors:
        found.append("said besides: %s" % " ".join(errors))
    for words in case.evidence:
        if words not in findings[0]["evidence"]:
            found.append("the evidence lacks: " + words)
    whole = _everything(findings[0])
    for words in (*case.texts, *((case.server_log,) if case.server_log else ())):
        if words not in whole:
            found.append("the finding lacks: " + words)
    return found


def log_shows(path, words):
    """Whether the server wrote these words; it may take a moment."""
    deadline = time.monotonic() + 60
    while words not in tail(path, 1 << 20):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


# Refusals that TLS 1.3 tells only after the handshake: who talks, or sends, must be told as well.
# (name, command, what a refusal exits with)
LATE = (
    ("inside a conversation", ("connect", "-brief", "-starttls", "smtp", "-connect"), 1),
    ("inside a conversation, TLS from the first byte", ("connect", "--implicit-tls", "-connect"), 1),
    ("as JSON", ("connect", "--json", "-starttls", "smtp", "-connect"), 1),
    ("as JSON, TLS from the first byte", ("connect", "--json", "--implicit-tls", "-connect"), 1),
    ("in s_client's way", ("connect", "--s_client", "-ign_eof", "-brief", "-starttls", "smtp",
                           "-connect"), 1),
    ("to send", ("send", "--to", "a@lab.test", "-tls", "-q", "HELO", "-s"), 6),
    ("to send, TLS from the first byte", ("send", "--to", "a@lab.test", "-tlsc", "-q", "HELO", "-s"),
     6),
)


def judge_late(said, status):
    found = ["the output lacks: " + words for words in ("client-certificate-required",
                                                        "alert 116 (certificate_required)")
             if words not in said.out + said.err]
    if said.status != status:
        found.append("exit status %d, not %d" % (said.status, status))
    return found


def _late(lab, command, status):
    implicit = "--implicit-tls" in command or "-tlsc" in command
    port = lab.inner("o-wants13") if implicit else lab.port("o-wants13")
    said = twins.run([program.binary(), *command, "127.0.0.1:%d" % port], b"QUIT\r\n")
    found = judge_late(said, status)
    return [*found, said.shown] if found else []


def cases():
    return (["connect explains: " + case.name for case in CASES]
            + ["a late refusal is told " + name for name, *_ in LATE])


def run(tap, chosen=CASES):
    """One test a case, in a street of its own."""
    with Street() as street:
        pki = Pki(street.folder)
        _make_more(pki)
        lab = Lab(street, pki)

        def one(case):
            try:
                said = _look(case, lab, pki)
                found = judge(case, said)
                if case.server_log and not log_shows(lab.logs[case.server], case.server_log):
                    found.append("the server's log lacks: " + case.server_log)
                return [*found, said.shown] if found else []
            except Exception:  # a surprise fails this test and no other
                return [traceback.format_exc()]

        with ThreadPoolExecutor(2) as pool:
            for case, found in zip(chosen, pool.map(one, chosen)):
                tap.result("connect explains: " + case.name, not found, "\n".join(found))
        for name, command, status in LATE:  # one at a time: so does s_server
            found = _late(lab, command, status)
            tap.result("a late refusal is told " + name, not found, "\n".join(found))


if __name__ == "__main__":
    wanted = sys.argv[1:]
    some = tuple(c for c in CASES if not wanted or c.server in wanted
                 or any(w in c.name for w in wanted))
    result = Tap(len(some) + len(LATE))
    run(result, some)
    sys.exit(result.status())
