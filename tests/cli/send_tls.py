# SPDX-License-Identifier: Apache-2.0
"""TLS beyond swaks: suites, groups, signature schemes, ALPN, sessions, status, keylog."""
import os
import re
import socket
import ssl
import subprocess
import time

from send_kit import FOLDER, PATIENCE, openssl, path, read, run, test, tls_context, to, write
from smtp_server import CLOSE, Server


def shaken(*args, code=0, context=None, **how):
    """STARTTLS and QUIT; the run and the session."""
    with Server(tls=context or tls_context()) as s:
        done = to(s, "-tls", "-q", "STARTTLS", *args, code=code, **how)
        return done, s.session


@test
def suites():
    """--tls-ciphersuites chooses the suite of TLS 1.3, --tls-cipher that of TLS 1.2"""
    for suite in ("TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256"):
        done, session = shaken("--tls-ciphersuites", suite)
        assert session.tls[1] == suite, session.tls
        done.shows(suite)
    done, session = shaken("--tls-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256", "-tlsp", "tlsv1_2")
    assert session.tls[:2] == ("TLSv1.2", "ECDHE-ECDSA-AES128-GCM-SHA256"), session.tls


class Openssl:
    """openssl s_server with these options, for what Python can't do or tell."""

    def __init__(self, *options):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.at = "127.0.0.1:%d" % self.port
        self.process = subprocess.Popen(
            ["openssl", "s_server", "-accept", self.at, "-cert", path("cert.pem"), "-key",
             path("key.pem"), "-quiet", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, cwd=FOLDER)

    def __enter__(self):
        for _ in range(2400):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.05)
        raise AssertionError("openssl s_server does not listen")

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


def implicit(server, *args, **how):
    """TLS on connect and no more; s_server never greets."""
    return run("--server", server.at, "-tlsc", "--drop-after", "STARTTLS", "--timeout", "60", *args, **how)


@test
def groups():
    """--tls-groups: what is offered decides; nothing in common is exit 29 and says so"""
    with Openssl("-groups", "P-384") as s:
        implicit(s, "--tls-groups", "secp384r1", code=0)
        implicit(s, "--tls-groups", "P-256:P-384", code=0)
        implicit(s, "--tls-groups", "X25519", code=29).shows("***")


@test
def groups_in_json():
    """--json tells group and signature scheme"""
    done = run("--version", code=0)
    with Openssl("-groups", "P-384") as s:
        done = implicit(s, "--json", code=0)
        done.shows('"group"', "secp384r1", "ecdsa_secp256r1_sha256")


@test
def sigalgs():
    """--tls-sigalgs: a scheme that the server's key can't sign with is exit 29"""
    with Openssl("-tls1_3") as s:
        implicit(s, "--tls-sigalgs", "ecdsa_secp256r1_sha256", code=0)
        implicit(s, "--tls-sigalgs", "rsa_pss_rsae_sha256", code=29).shows("***")


@test
def alpn():
    """--tls-alpn: the protocols are offered, the agreed one is told"""
    _, session = shaken("--tls-alpn", "smtp", context=tls_context(protocols=["smtp"]))
    assert session.tls[3] == "smtp", session.tls
    _, session = shaken("--tls-alpn", "x,smtp", context=tls_context(protocols=["smtp"]))
    assert session.tls[3] == "smtp", session.tls


@test
def sessions():
    """--tls-session-out keeps the session, --tls-session-in resumes it: TLS 1.3 and 1.2"""
    for version in ("tlsv1_3", "tlsv1_2"):
        context, kept = tls_context(), path("session." + version)
        with Server(tls=context) as s:
            to(s, "-tls", "-tlsp", version, "--tls-session-out", kept, code=0)
        assert b"BEGIN SSL SESSION" in read("session." + version)
        assert os.stat(kept).st_mode & 0o077 == 0, "others can read the session"
        with Server(tls=context) as s:
            done = to(s, "-tls", "-tlsp", version, "--tls-session-in", kept, "--json", code=0)
            done.shows('"resumed": true')
            assert s.session.tls[2], s.session.tls


@test
def session_forgotten():
    """--tls-session-in: a session that the server does not know means a full handshake"""
    with Server(tls=tls_context()) as s:
        to(s, "-tls", "--tls-session-out", path("old.session"), code=0)
    with Server(tls=tls_context()) as s:
        to(s, "-tls", "--tls-session-in", path("old.session"), "--json",
           code=0).shows('"resumed": false')


@test
def resumed_shown():
    """the transcript says that a session was resumed"""
    context = tls_context()
    with Server(tls=context) as s:
        to(s, "-tls", "--tls-session-out", path("shown.session"), code=0)
    with Server(tls=context) as s:
        to(s, "-tls", "--tls-session-in", path("shown.session"), code=0).shows("resumed")


@test
def status_absent():
    """--tls-status: no OCSP answer is told as such"""
    done, _ = shaken("--tls-status")
    assert re.search(r"OCSP", done.out), done


@test
def status():
    """--tls-status: a stapled OCSP answer is shown"""
    serial = subprocess.run(["openssl", "x509", "-in", path("cert.pem"), "-noout", "-serial"],
                            capture_output=True, check=True).stdout.decode().split("=")[1].strip()
    write("index.txt", "V\t491231235959Z\t\t%s\tunknown\t/CN=localhost\n" % serial)
    openssl("ocsp", "-issuer", "cert.pem", "-cert", "cert.pem", "-no_nonce", "-reqout", "ocsp.req")
    openssl("ocsp", "-index", "index.txt", "-CA", "cert.pem", "-rsigner", "cert.pem", "-rkey",
            "key.pem", "-reqin", "ocsp.req", "-respout", "ocsp.der", "-ndays", "7")
    with Openssl("-status_file", path("ocsp.der")) as s:
        implicit(s, "--tls-status", code=0).shows("good")
        implicit(s, code=0).hides("OCSP")


@test
def closed_inside():
    """a close_notify in the middle of the session is the end of it, exit 6"""
    def close(session, _):
        raw = session.connection.unwrap()
        raw.settimeout(300)
        raw.recv(1)
        return CLOSE
    with Server(tls=tls_context(), replies={"MAIL": close}) as s:
        to(s, "-tls", "--timeout", "60", code=6).shows("closed connection unexpectedly")


@test
def keylog():
    """--tls-keylog appends lines that Wireshark reads, private to the user; nothing without it"""
    done, _ = shaken("--tls-keylog", path("keys"))
    lines = read("keys").decode().splitlines()
    assert [line for line in lines if line.startswith("CLIENT_TRAFFIC_SECRET_0 ")], lines
    assert os.stat(path("keys")).st_mode & 0o077 == 0, "others can read the keys"
    for line in lines:
        assert line.startswith("#") or line.split()[-1] not in done.out
    before = len(lines)
    shaken("--tls-keylog", path("keys"))
    assert len(read("keys").decode().splitlines()) > before


@test
def client_certificate():
    """--tls-cert and --tls-key are presented when asked for; EXTERNAL goes with it"""
    context = tls_context(ask=True)
    with Server(["AUTH EXTERNAL"], tls=context,
                sasl=lambda session, line: b"235 2.7.0 you\r\n") as s:
        to(s, "-tls", "--tls-cert", path("cert.pem"), "--tls-key", path("key.pem"), "--auth",
           "EXTERNAL", "-q", "AUTH", code=0).shows("client certificate requested and sent")


@test
def verification():
    """--tls-verify: refused for a self-signed certificate (29), fine with it as authority (0)"""
    shaken("--tls-verify", code=29)[0].shows("self-signed certificate")
    shaken("--tls-verify", "--tls-ca-path", path("cert.pem"), code=0)
    shaken("--tls-verify", "--tls-ca-path", path("cert.pem"), "--tls-verify-target",
           "other.example", code=29)[0].shows("other.example")


@test
def peer_certificate():
    """--tls-get-peer-cert: PEM in the transcript, or in a file"""
    done, _ = shaken("--tls-get-peer-cert")
    assert "=== -----BEGIN CERTIFICATE-----" in done.out, done
    shaken("--tls-get-peer-cert", path("peer.pem"))
    assert ssl.PEM_cert_to_DER_cert(read("peer.pem").decode()) == \
        ssl.PEM_cert_to_DER_cert(read("cert.pem").decode())


@test
def no_common_version():
    """no common version: exit 29, and the words name what clashed and what to do"""
    context = tls_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with Server(tls=context) as s:
        to(s, "-tls", "-tlsp", "tlsv1_3", code=29).shows("TLS startup failed", "TLS 1.2")


@test
def injected_after_starttls():
    """what comes in clear behind the reply to STARTTLS is dropped, told, and never taken for TLS"""
    evil = {"STARTTLS": b"220 go\r\n250-evil.example\r\n250 AUTH PLAIN\r\n"}
    with Server(tls=tls_context(), replies=evil) as s:
        done = to(s, "-tls", code=0)
        done.shows("in clear").hides("evil.example")
        assert s.session.tls
    with Server(tls=tls_context(), replies=evil) as s:
        to(s, "-tls", swaks=True, code=0).hides("evil.example")


@test
def garbage_after_starttls():
    """garbage in place of the handshake: exit 29, with a reason"""
    def garbage(session, _):
        session.server.tls = None
        session.send(b"220 go\r\n")
        session.connection.recv(65536)
        return b"250 this is no TLS at all\r\n" * 20
    with Server(tls=tls_context(), replies={"STARTTLS": garbage}) as s:
        to(s, "-tls", code=29).shows("TLS startup failed")


@test
def silent_handshake():
    """silence after STARTTLS: the handshake obeys --timeout, exit 29; also as swaks"""
    def silence(session, _):
        session.send(b"220 go\r\n")
        while session.fill():
            pass
        return b""
    for how in ({}, {"swaks": True}):
        with Server(tls=tls_context(), replies={"STARTTLS": silence}) as s:
            to(s, "-tls", "--timeout", PATIENCE, code=29, **how)


@test
def alert_inside():
    """garbage in the middle of the session ends it with exit 6 and a reason"""
    def broken(session, _):
        raw = socket.socket(fileno=os.dup(session.connection.fileno()))
        raw.sendall(b"\x17\x03\x03\x00\x20" + b"\xaa" * 32)
        raw.close()
        while session.fill():
            pass
        return b""
    with Server(tls=tls_context(), replies={"MAIL": broken}) as s:
        done = to(s, "-tls", "--timeout", "60", code=6)
        done.shows("***", "TLS")


@test
def cut_inside():
    """a connection that ends without close_notify inside TLS is told as lost, exit 6"""
    def cut(session, _):
        os.close(session.connection.detach())
        raise OSError("cut")
    with Server(tls=tls_context(), replies={"MAIL": cut}) as s:
        to(s, "-tls", code=6).shows("closed connection unexpectedly")


@test
def keylog_unwritable():
    """files that can't be written are told: keylog before the handshake, session after it"""
    shaken("--tls-keylog", "/nonexistent/keys", code=29)[0].shows("/nonexistent/keys")
    done, _ = shaken("--tls-session-out", "/nonexistent/session")
    done.shows("/nonexistent/session")


@test
def session_in_broken():
    """--tls-session-in: a file that holds no session is told"""
    shaken("--tls-session-in", write("no.session", b"nothing"), code=29)[0].shows("no.session")

