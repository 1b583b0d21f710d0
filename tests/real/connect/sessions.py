# SPDX-License-Identifier: Apache-2.0
"""Options that need a server of their own: resumption, early data, pre-shared keys, client
certificates, DANE, a proxy, a unix socket, key logs, what passes shown while it passes.

Each case is a function of a Place; it returns what is wrong, empty when nothing is.
"""

import base64
import hashlib
import itertools
import json
import os
import re
import socket
import subprocess
import tempfile
import threading
import time
import traceback
from pathlib import Path

from lab import program, schema
from lab.pki import HOST, openssl
from lab.process import free_port

from . import twins

CASES = []


def case(name):
    def add(function):
        CASES.append((name, function))
        return function
    return add


def cases():
    return ["connect " + name for name, _ in CASES]


class Place:
    """A folder and the servers that a case starts in it; they end with it."""

    def __init__(self, pki, folder):
        self.pki = pki
        self.folder = Path(folder)
        self._processes = []

    def path(self, name):
        return str(self.folder / name)

    def serve(self, *options, cert="ec", at=None, address="127.0.0.1"):
        """Starts s_server; returns what both programs need to reach it."""
        port = free_port()
        where = ["-unix", at] if at else ["-accept", "%s:%d" % (address, port)]
        named = [] if cert is None else ["-cert", self.pki.path(cert + ".pem"), "-key",
                                         self.pki.path(cert + ".key"), "-cert_chain",
                                         self.pki.path("inter.pem")]
        argv = ["openssl", "s_server", "-quiet", *where, *named, *options]
        with open(self.path("s_server.log"), "ab") as log:
            self._processes.append(subprocess.Popen(
                [str(a) for a in argv], stdin=subprocess.PIPE, stdout=log, stderr=log,
                env={"PATH": "/usr/bin:/bin", "OPENSSL_CONF": "/dev/null"}))
        self._wait(at, address.strip("[]"), port)
        return ["-unix", at] if at else ["-connect", "%s:%d" % (address, port)]

    def _wait(self, at, address, port):
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                if at:  # s_server takes a look at its unix socket amiss
                    os.stat(at)
                else:
                    socket.create_connection((address, port), 5).close()
                return
            except OSError:
                time.sleep(0.02)
        log = Path(self.path("s_server.log")).read_text(errors="replace")
        raise RuntimeError("s_server did not start: " + log)

    def close(self):
        for process in self._processes:
            process.kill()
            process.wait()

    def common(self):
        return ["-CAfile", self.pki.root, "-servername", HOST]


def same(place, arguments, full=True):
    ours, theirs = twins.both([*arguments, *place.common()])
    found = []
    if full:
        found = twins.differences(twins.full(ours), twins.full(theirs), "stdout")
        found += twins.differences(twins.lines(ours.err), twins.lines(theirs.err), "stderr")
    if ours.status != theirs.status:
        found.append("exit status: waxseal %d, s_client %d" % (ours.status, theirs.status))
    return [*found, ours.shown, theirs.shown] if found else []


def waxseal(place, *arguments, given=b""):
    return twins.run([program.binary(), "connect", *arguments, *place.common()], given)


@case("-sess_out and -sess_in, TLS 1.2")
def resume_tls12(place):
    at = [*place.serve("-tls1_2"), "-servername", HOST]
    ours, theirs = place.path("ours"), place.path("theirs")
    said = waxseal(place, *at, "-sess_out", ours)
    twins.run(["openssl", "s_client", *at, "-sess_out", theirs])
    found = [] if "New, TLSv1.2" in said.out else ["the first session is not new", said.shown]
    for session in (ours, theirs):  # each program reads what the other one wrote
        found += same(place, [*at, "-sess_in", session])
        said = waxseal(place, *at, "-sess_in", session)
        if "Reused, TLSv1.2" not in said.out:
            found += ["not resumed from " + session, said.shown]
    return found


@case("-sess_out and -sess_in, TLS 1.3")
def resume_tls13(place):
    at = place.serve("-tls1_3", "-rev")
    session = place.path("session")
    first = waxseal(place, *at, "-sess_out", session, "--s_client", given=b"x\n")
    said = waxseal(place, *at, "-sess_in", session)
    found = [] if "Reused, TLSv1.3" in said.out else ["not resumed", first.shown, said.shown]
    return found + same(place, [*at, "-sess_in", session])


@case("-early_data")
def early_data(place):
    at = place.serve("-tls1_3", "-early_data", "-no_anti_replay")
    session, data = place.path("session"), place.path("data")
    Path(data).write_text("EHLO early\r\n")
    waxseal(place, *at, "-sess_out", session, "--s_client", given=b"x\n")
    said = waxseal(place, *at, "-sess_in", session, "-early_data", data)
    found = [] if "Early data was accepted" in said.out else ["not accepted", said.shown]
    return found + same(place, [*at, "-sess_in", session, "-early_data", data])


@case("-reconnect")
def reconnect(place):
    at = place.serve("-tls1_2")
    ours, theirs = twins.both([*at, *place.common(), "-reconnect"])
    count = [[len(re.findall(word, said.out)) for word in ("New, TLS", "Reused, TLS")]
             for said in (ours, theirs)]
    return [] if count[0] == count[1] == [1, 5] else ["new and resumed: %s" % count, ours.shown,
                                                      theirs.shown]


@case("-psk")
def psk(place):
    at = place.serve("-psk", "c0ffee", "-nocert", "-tls1_2", cert=None)
    return same(place, [*at, "-psk", "c0ffee", "-tls1_2", "-cipher", "PSK:@SECLEVEL=0"])


@case("-psk wrong")
def psk_wrong(place):
    at = place.serve("-psk", "c0ffee", "-nocert", "-tls1_2", cert=None)
    return same(place, [*at, "-psk", "00", "-tls1_2", "-cipher", "PSK:@SECLEVEL=0"], full=False)


@case("-cert and -key")
def client_certificate(place):
    ca = ["-CAfile", place.pki.root, "-Verify", "3"]
    found = []
    for version in ("-tls1_2", "-tls1_3"):
        at = place.serve(version, *ca, "-purpose", "any")
        found += same(place, [*at, "-cert", place.pki.path("rsa.pem"), "-key",
                              place.pki.path("rsa.key"), "-cert_chain",
                              place.pki.path("inter.pem")])
    return found


@case("no -cert where one is required")
def client_certificate_missing(place):
    at = place.serve("-tls1_2", "-CAfile", place.pki.root, "-Verify", "3")
    return same(place, at, full=False)


def spki_sha256(pki, name):
    key = openssl("x509", "-in", pki.path(name + ".pem"), "-noout", "-pubkey")
    return hashlib.sha256(openssl("pkey", "-pubin", "-outform", "DER", data=key)).hexdigest()


def dane(place, record, *more):
    return same(place, [*place.serve(), "-dane_tlsa_domain", HOST, "-dane_tlsa_rrdata", record,
                        *more])


@case("-dane_tlsa_rrdata 3 1 1")
def dane_ee(place):
    return dane(place, "3 1 1 " + spki_sha256(place.pki, "ec"))


@case("-dane_tlsa_rrdata 2 1 1")
def dane_ta(place):
    return dane(place, "2 1 1 " + spki_sha256(place.pki, "inter"))


@case("-dane_tlsa_rrdata that does not match")
def dane_mismatch(place):
    return dane(place, "3 1 1 " + "0" * 64)


@case("-dane_ee_no_namechecks")
def dane_no_names(place):
    return same(place, [*place.serve(cert="wrongname"), "-dane_tlsa_domain", HOST,
                        "-dane_tlsa_rrdata", "3 1 1 " + spki_sha256(place.pki, "wrongname"),
                        "-dane_ee_no_namechecks"])


@case("-crl_check with -CRL")
def crl(place):
    text = place.folder / "ca.cnf"
    (place.folder / "index").write_text("")
    text.write_text("[ca]\ndefault_ca=d\n[d]\ndatabase=%s\ndefault_md=sha256\n"
                    "default_crl_days=30\n" % (place.folder / "index"))
    openssl("ca", "-gencrl", "-config", text, "-cert", place.pki.path("inter.pem"), "-keyfile",
            place.pki.path("inter.key"), "-out", place.path("crl.pem"))
    return same(place, [*place.serve(), "-crl_check", "-CRL", place.path("crl.pem")])


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as s:
            s.bind(("::1", 0))
        return True
    except OSError:
        return False


@case("-6")
def ipv6(place):
    if not has_ipv6():  # then both must fail
        said = twins.both(["-connect", "[::1]:%d" % free_port(), "-6", *place.common()])
        return [s.shown for s in said if s.status == 0]
    at = place.serve("-tls1_3", address="[::1]")
    return same(place, [*at, "-6"]) + same(place, at)


@case("-psk_session")
def psk_session(place):
    at = place.serve("-tls1_2", "-rev")
    session = place.path("session")
    waxseal(place, *at, "-sess_out", session, "--s_client")
    text = openssl("sess_id", "-in", session, "-noout", "-text")
    found = [] if b"TLSv1.2" in text else ["openssl sess_id does not read the session"]
    return found + same(place, [*place.serve("-tls1_3", "-nocert", cert=None), "-psk_session",
                                session], full=False)


@case("-msgfile")
def message_file(place):
    at = place.serve("-tls1_2")
    files = [place.path("ours"), place.path("theirs")]
    waxseal(place, *at, "-msg", "-msgfile", files[0])
    twins.run(["openssl", "s_client", *at, *place.common(), "-msg", "-msgfile", files[1]])
    heads = [re.findall(r"^(?:>>>|<<<) TLS 1.2, Handshake \[length [0-9a-f]+\], (\w+)",
                        Path(f).read_text(), re.M) for f in files]
    return [] if heads[0] == heads[1] and heads[0] else ["messages: %s" % heads]


@case("-unix")
def unix(place):
    with tempfile.TemporaryDirectory(prefix="ws-", dir="/tmp") as short:
        return same(place, place.serve(at=short + "/s"))  # s_server takes 31 letters at most


@case("-keylogfile")
def keylog(place):
    at = place.serve("-tls1_3")
    files = [place.path("ours"), place.path("theirs")]
    waxseal(place, *at, "-keylogfile", files[0])
    twins.run(["openssl", "s_client", *at, "-keylogfile", files[1]])
    labels = [sorted(line.split()[0] for line in Path(f).read_text().split("\n")
                     if line and not line.startswith("#")) for f in files]
    mode = Path(files[0]).stat().st_mode & 0o777
    found = [] if labels[0] == labels[1] and labels[0] else ["labels: %s" % labels]
    return found + ([] if mode == 0o600 else ["the file's mode is %o" % mode])


def passed_by(place, option, pattern, version="-tls1_3", stream="out"):
    """The lines of both that match, in order."""
    ours, theirs = twins.both([*place.serve(version), *place.common(), option])
    said = [[line for line, _ in itertools.groupby(re.findall(pattern, getattr(s, stream), re.M))]
            for s in (ours, theirs)]
    return [] if said[0] == said[1] and said[0] else ["%s" % said, ours.shown, theirs.shown]


@case("-state")
def state(place):
    # up to the handshake's end: whether tickets are seen depends on who leaves first
    return passed_by(place, "-state", r"^SSL_connect:(?:before|(?:SSLv3/TLS|TLSv1\.3) "
                                      r"(?!read server session)).*$", stream="err")


@case("-msg")
def messages(place):
    return passed_by(place, "-msg", r"^(?:>>>|<<<) TLS 1.3, Handshake \[length [0-9a-f]+\], "
                                   r"((?!NewSession)\w+)")


@case("-tlsextdebug")
def extensions(place):
    return passed_by(place, "-tlsextdebug", r'^TLS server extension "[^"]*" \(id=\d+\)', "-tls1_2")


@case("-security_debug")
def security(place):
    ours = waxseal(place, *place.serve(), "-security_debug")
    return [] if "Security" in ours.err else ["nothing about security", ours.shown]


@case("--json")
def document(place):
    wanted = json.loads(program.SCHEMA.read_text())
    found = []
    for options, status in (["-tls1_3"], 0), (["-tls1_2", "-cipher", "AES128-SHA"], 1):
        at = place.serve("-tls1_3", "-rev")
        said = waxseal(place, *at, "--json", "--greeting-timeout", "1", *options)
        told = json.loads(said.out)
        wrong = schema.problems(told, wanted)
        if wrong or said.status != status:
            found += [*wrong, "exit status %d" % said.status, said.shown]
    return found


class Proxy:
    """An HTTP proxy that knows CONNECT."""

    def __init__(self, credentials=None):
        self._word = base64.b64encode(credentials.encode()) if credentials else b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        request = b""
        while b"\r\n\r\n" not in request:
            request += client.recv(4096) or b"\r\n\r\n"
        if self._word and b"Basic " + self._word not in request:
            client.sendall(b"HTTP/1.0 407 Proxy Authentication Required\r\n\r\n")
            client.close()
            return
        host, port = request.split()[1].decode().rsplit(":", 1)
        with socket.create_connection((host, int(port))) as server, client:
            client.sendall(b"HTTP/1.0 200 Connection established\r\n\r\n")
            back = threading.Thread(target=self._pass, args=(server, client), daemon=True)
            back.start()
            self._pass(client, server)
            back.join(10)

    @staticmethod
    def _pass(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self._listener.close()


@case("-proxy")
def proxy(place):
    through = Proxy()
    try:
        return same(place, [*place.serve(), "-proxy", "127.0.0.1:%d" % through.port])
    finally:
        through.close()


@case("-proxy_user and -proxy_pass")
def proxy_user(place):
    through = Proxy("me:secret")
    at = [*place.serve(), "-proxy", "127.0.0.1:%d" % through.port, "-proxy_user", "me"]
    try:
        refused = waxseal(place, *at, "-proxy_pass", "pass:wrong")
        return (same(place, [*at, "-proxy_pass", "pass:secret"])
                + ([] if refused.status == 3 and "[proxy-failed]" in refused.out
                   else ["the proxy's refusal is not told", refused.shown]))
    finally:
        through.close()


def run(tap, pki):
    for name, function in CASES:
        with tempfile.TemporaryDirectory(prefix="waxseal-connect-") as folder:
            place = Place(pki, folder)
            try:
                found = function(place)
            except Exception:  # a surprise fails this case and no other
                found = [traceback.format_exc()]
            finally:
                place.close()
            tap.result("connect " + name, not found, "\n".join(found))
