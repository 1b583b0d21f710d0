# SPDX-License-Identifier: Apache-2.0
"""Options of `waxseal connect` beside those of `openssl s_client`, on `openssl s_server`.

A row names s_server's options, the options of both clients and what is compared: "full" (everything
they print and the exit status), "status" or "failure" (both refuse). Words in braces are files of `Files`. Options of OpenSSL
3.2 and later are not here: this `openssl` has none of them.
"""

import re
import tempfile
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from connect import twins
from connect.sessions import Place
from lab.pki import HOST, openssl

TLS12, TLS13 = ("-tls1_2",), ("-tls1_3",)
CLIENT = ("-tls1_2", "-Verify", "3", "-CAfile", "{root}")
CRL = ("-crl_check", "-CRL", "{crl.pem}")

# name, server, options, what is compared
ROWS = (
    # where to
    ("-host and -port", TLS13, ("-host", "127.0.0.1", "-port", "{port}"), "full"),
    ("-bind", TLS13, ("-bind", "127.0.0.1:0"), "full"),
    ("-4", TLS13, ("-4",), "full"),
    ("-6 with an IPv4 address", TLS13, ("-6",), "failure"),
    # protocol versions
    ("-no_ssl3", TLS12, ("-no_ssl3",), "full"),
    ("-no_tls1", TLS12, ("-no_tls1",), "full"),
    ("-no_tls1_1", TLS12, ("-no_tls1_1",), "full"),
    ("-no_tls1_2", TLS13, ("-no_tls1_2",), "full"),
    ("-no_tls1_2 against 1.2", TLS12, ("-no_tls1_2",), "status"),
    # records
    ("-max_send_frag", TLS13, ("-max_send_frag", "512"), "full"),
    ("-split_send_frag", TLS13, ("-split_send_frag", "512"), "full"),
    ("-max_pipelines", TLS13, ("-max_pipelines", "2"), "full"),
    ("-read_buf", TLS13, ("-read_buf", "20000"), "full"),
    ("-record_padding", TLS13, ("-record_padding", "64"), "full"),
    # the handshake
    ("-client_sigalgs", TLS12, ("-client_sigalgs", "RSA+SHA256"), "full"),
    ("-no_comp", TLS12, ("-no_comp",), "full"),
    ("-no_renegotiation", TLS12, ("-no_renegotiation",), "full"),
    ("-legacy_renegotiation", TLS12, ("-legacy_renegotiation",), "full"),
    ("-no_legacy_server_connect", TLS12, ("-no_legacy_server_connect",), "full"),
    ("-allow_no_dhe_kex", TLS13, ("-allow_no_dhe_kex",), "full"),
    ("-strict", TLS12, ("-strict",), "full"),
    ("-serverpref", TLS12, ("-serverpref",), "failure"),
    ("-ignore_unexpected_eof", TLS12, ("-ignore_unexpected_eof",), "full"),
    ("-security_debug_verbose", TLS12, ("-brief", "-security_debug_verbose"), "status"),
    # what the session does
    ("-quiet and -no_ign_eof", TLS13, ("-quiet", "-no_ign_eof"), "full"),
    ("-quiet -verify", TLS13, ("-quiet", "-verify", "3", "-no_ign_eof"), "full"),
    ("-quiet -prexit -showcerts", TLS13, ("-quiet", "-prexit", "-showcerts", "-no_ign_eof"), "full"),
    ("-quiet -brief", TLS12, ("-quiet", "-brief", "-no_ign_eof"), "full"),
    ("-brief -showcerts", TLS12, ("-brief", "-showcerts"), "full"),
    ("-brief -prexit", TLS12, ("-brief", "-prexit"), "full"),
    ("-nocommands", TLS13, ("-nocommands",), "full"),
    ("-crlf", TLS13, ("-crlf",), "full"),
    ("-nbio", TLS13, ("-nbio",), "full"),
    ("-async", TLS13, ("-async",), "full"),
    # the client's certificate
    ("-certform and -keyform DER", CLIENT, ("-cert", "{rsa.der}", "-certform", "DER", "-key",
                                            "{rsa.key.der}", "-keyform", "DER"), "full"),
    ("-key in PKCS #12", CLIENT, ("-cert", "{rsa.pem}", "-key", "{rsa.p12}", "-pass", "pass:open"),
     "full"),
    ("-pass pass:", CLIENT, ("-cert", "{rsa.pem}", "-key", "{rsa.locked}", "-pass", "pass:open"),
     "full"),
    ("-pass file:", CLIENT, ("-cert", "{rsa.pem}", "-key", "{rsa.locked}", "-pass",
                             "file:{word}"), "full"),
    ("-build_chain", CLIENT, ("-cert", "{rsa.pem}", "-key", "{rsa.key}", "-build_chain",
                              "-CAfile", "{both.pem}"), "full"),
    # roots
    ("-CApath", TLS13, ("{no roots}", "-CApath", "{hashed}"), "full"),
    ("-CApath in vain", TLS13, ("{no roots}", "-CApath", "{empty}", "-verify_return_error"),
     "failure"),
    ("-CAstore", TLS13, ("{no roots}", "-CAstore", "{root}"), "full"),
    ("-no-CAfile and its like", TLS13, ("{no roots}", "-no-CAfile", "-no-CApath", "-no-CAstore"),
     "full"),
    ("-verifyCAfile", TLS13, ("{no roots}", "-verifyCAfile", "{root}"), "full"),
    ("-verifyCApath", TLS13, ("{no roots}", "-verifyCApath", "{hashed}"), "full"),
    ("-requestCAfile", TLS13, ("-requestCAfile", "{root}"), "full"),
    # verification
    ("-verify_name", TLS13, ("-verify_name", "ssl_server"), "full"),
    ("-ignore_critical", TLS13, ("-ignore_critical",), "full"),
    ("-issuer_checks", TLS13, ("-issuer_checks",), "full"),
    ("-CRL, DER", TLS13, ("-crl_check", "-CRL", "{crl.der}", "-CRLform", "DER"), "full"),
    ("-crl_check_all", TLS13, (*CRL, "-crl_check_all"), "full"),
    ("-extended_crl", TLS13, (*CRL, "-extended_crl"), "full"),
    ("-use_deltas", TLS13, (*CRL, "-use_deltas"), "full"),
    ("-policy_check", TLS13, ("-policy_check",), "full"),
    ("-policy_print", TLS13, ("-policy_check", "-policy_print"), "status"),
    ("-inhibit_any", TLS13, ("-inhibit_any",), "full"),
    ("-inhibit_map", TLS13, ("-inhibit_map",), "full"),
    ("-check_ss_sig", TLS13, ("-check_ss_sig",), "full"),
    ("-suiteB_128_only", TLS13, ("-suiteB_128_only",), "full"),
    ("-suiteB_192", TLS13, ("-suiteB_192",), "full"),
    ("-no_alt_chains", TLS13, ("-no_alt_chains",), "full"),
    ("-allow_proxy_certs", TLS13, ("-allow_proxy_certs",), "full"),
    ("-ctlogfile", TLS13, ("-ct", "-ctlogfile", "{logs}"), "status"),
)


class Files:
    """What the rows name in braces."""

    def __init__(self, pki, folder):
        self._pki, self._folder = pki, Path(folder)
        rsa, key = pki.path("rsa.pem"), pki.path("rsa.key")
        openssl("x509", "-in", rsa, "-outform", "DER", "-out", self._folder / "rsa.der")
        openssl("pkey", "-in", key, "-outform", "DER", "-out", self._folder / "rsa.key.der")
        openssl("pkey", "-in", key, "-aes128", "-passout", "pass:open", "-out",
                self._folder / "rsa.locked")
        openssl("pkcs12", "-export", "-in", rsa, "-inkey", key, "-passout", "pass:open", "-out",
                self._folder / "rsa.p12")
        (self._folder / "word").write_text("open\n")
        (self._folder / "logs").write_text("enabled_logs =\n")
        (self._folder / "empty").mkdir()
        (self._folder / "both.pem").write_text(pki.root.read_text()
                                               + pki.path("inter.pem").read_text())
        self._hash()
        self._revoke_nothing()

    def _hash(self):
        name = openssl("x509", "-in", self._pki.root, "-noout", "-hash").decode().strip()
        (self._folder / "hashed").mkdir()
        (self._folder / "hashed" / (name + ".0")).write_text(self._pki.root.read_text())

    def _revoke_nothing(self):
        settings = self._folder / "ca.cnf"
        (self._folder / "index").write_text("")
        settings.write_text("[ca]\ndefault_ca=d\n[d]\ndatabase=%s\ndefault_md=sha256\n"
                            "default_crl_days=30\n" % (self._folder / "index"))
        openssl("ca", "-gencrl", "-config", settings, "-cert", self._pki.path("inter.pem"),
                "-keyfile", self._pki.path("inter.key"), "-out", self._folder / "crl.pem")
        openssl("crl", "-in", self._folder / "crl.pem", "-outform", "DER", "-out",
                self._folder / "crl.der")

    def fill(self, words, port=""):
        def path(match):
            name = match.group(1)
            if name == "port":
                return str(port)
            if name == "root":
                return str(self._pki.root)
            made = self._folder / name
            return str(made if made.exists() else self._pki.path(name))
        return [re.sub(r"\{([\w.]+)\}", path, w) for w in words if w != "{no roots}"]


def cases():
    return ["connect option " + name for name, *_ in ROWS]


def _compare(place, files, at, row):
    _, _, options, how = row
    port = at[1].rpartition(":")[2]
    given = files.fill(options, port)
    where = [] if "-host" in given else at
    roots = [] if "{no roots}" in options or "-CAfile" in given else ["-CAfile", place.pki.root]
    ours, theirs = twins.both([*where, *given, *roots, "-servername", HOST])
    found = []
    if how == "full":
        found = twins.differences(twins.full(ours), twins.full(theirs), "stdout")
        found += twins.differences(twins.lines(ours.err), twins.lines(theirs.err), "stderr")
    if how == "failure":
        found += [] if ours.status and theirs.status else ["one of them is content"]
    elif ours.status != theirs.status:
        found.append("exit status: waxseal %d, s_client %d" % (ours.status, theirs.status))
    return [*found, ours.shown, theirs.shown] if found else []


def run(tap, pki):
    with tempfile.TemporaryDirectory(prefix="waxseal-connect-") as folder:
        place = Place(pki, folder)
        try:
            _run(tap, place)
        finally:
            place.close()


def _run(tap, place):
    """One server serves all rows of its kind."""
    files = Files(place.pki, place.folder)
    servers = {kind: place.serve(*files.fill(kind)) for kind in {row[1] for row in ROWS}}

    def one(row):
        try:
            return _compare(place, files, servers[row[1]], row)
        except Exception:  # a surprise fails this row and no other
            return [traceback.format_exc()]

    with ThreadPoolExecutor(2) as pool:
        for row, found in zip(ROWS, pool.map(one, ROWS)):
            tap.result("connect option " + row[0], not found, "\n".join(found))
