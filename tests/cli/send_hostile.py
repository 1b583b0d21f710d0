# SPDX-License-Identifier: Apache-2.0
"""Hostile, slow and half-broken servers: an end in time, a reason, the documented exit code."""
import socket
import struct
import threading
import time

from send_kit import PATIENCE, run, test, tls_context, to, write
from smtp_server import CLOSE, Server

STEPS = [("", 21), ("EHLO", 22), ("STARTTLS", 29), ("AUTH", 28), ("MAIL", 23), ("RCPT", 24),
         ("DATA", 25), (".", 26), ("BDAT", 26)]


def against(replies, step, *args, **how):
    """A transaction that comes by `step`; the run and the server."""
    extra = {"STARTTLS": ["-tls"], "BDAT": ["--chunking"],
             "AUTH": ["-a", "PLAIN", "-au", "u", "-ap", "p"]}.get(step, [])
    tls = tls_context() if step == "STARTTLS" else None
    with Server(["AUTH PLAIN", "CHUNKING", "PIPELINING"], replies=replies, tls=tls) as s:
        return to(s, *extra, *args, **how)


def silent_at(step, code, how):
    def silent():
        replies = {step: None}
        if step == "EHLO":
            replies["HELO"] = None
        done = against(replies, step, "--timeout", PATIENCE, code=code, **how)
        done.shows("Timeout (%s secs)" % PATIENCE)
    silent.__doc__ = "silent server at %s: exit %d%s" % (step or "greeting", code,
                                                         ", as swaks" if how else "")
    return silent


def closing_at(step, how):
    def closing():
        done = against({step: CLOSE}, step, **how)
        assert done.code == 6, done
        done.shows("closed connection unexpectedly")
    closing.__doc__ = "server that closes at %s: exit 6%s" % (step or "greeting",
                                                             ", as swaks" if how else "")
    return closing


for _step, _code in STEPS:
    for _how in ({}, {"swaks": True}) if _step != "BDAT" else ({},):
        test(silent_at(_step, _code, _how))
        test(closing_at(_step, _how))


@test
def resetting():
    """a connection that is reset is told as lost, exit 6"""
    def reset(session, _):
        session.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return CLOSE
    against({"MAIL": reset}, "MAIL", code=6)


@test
def slow_bytes():
    """a reply that comes byte by byte never outlasts the time for a reply"""
    def drip(session, _):
        while True:  # until nobody listens any more
            session.send(b"2")
            time.sleep(0.1)
    done = against({"MAIL": drip}, "MAIL", "--timeout", PATIENCE)
    assert done.code in (6, 23), done


def endless(session, _):
    session.send(b"220-more\r\n" * 10)
    try:
        while True:
            session.send(b"220-and more, and it never ends\r\n" * 500)
    except OSError:
        return CLOSE


@test
def endless_greeting():
    """a greeting without end stops at a limit, with a reason"""
    done = against({"": endless}, "", "--timeout", "60", "--suppress-data", "--hide-receive")
    assert done.code in (6, 21), done
    done.shows("***")
    assert len(done.raw_err) < 2000, done.raw_err[:3000]


@test
def endless_reply():
    """a reply to RCPT without end stops at a limit, with a reason"""
    done = against({"RCPT": endless}, "RCPT", "--timeout", "60", "--hide-receive")
    assert done.code in (6, 24), done


@test
def megabyte_line():
    """a line of 1 MB: an end in time, a reason"""
    def long(_, __):
        return b"250 " + b"x" * (1 << 20) + b"\r\n"
    done = against({"MAIL": long}, "MAIL", "--timeout", "60", "--hide-receive")
    assert done.code in (0, 6, 23), done


@test
def megabyte_without_end():
    """a line of 1 MB that never ends: the time for a reply ends it"""
    def long(session, _):
        session.send(b"250 " + b"x" * (1 << 20))
        while session.fill():
            pass
        return CLOSE
    done = against({"MAIL": long}, "MAIL", "--timeout", PATIENCE, "--hide-receive")
    assert done.code in (6, 23), done


EVIL = b"220 \x1b]0;owned\x07\x1b[2J \xff\xfe\x00\x9b31m \xe2\x80\xae evil\r\n"


@test
def escapes():
    """escape sequences, NULs and bytes that are no UTF-8 are escaped; as swaks they come through"""
    done = against({"": EVIL}, "")
    assert not any(b in done.raw_out for b in (b"\x1b", b"\x07", b"\0", b"\xff", b"\x9b")), done
    done.raw_out.decode("utf-8")
    assert "\\x1B" in done.out and "\\xFF" in done.out, done
    assert b"\x1b]0;owned" in against({"": EVIL}, "", swaks=True).raw_out


@test
def escapes_in_errors():
    """escape sequences of a server do not reach the terminal by way of errors either"""
    with Server(["AUTH XOAUTH2"], sasl=lambda session, _: b"334 G1sybWV2aWwA\r\n",
                ) as s:  # "\x1b[2mevil\0"
        done = to(s, "-a", "XOAUTH2", "-au", "u", "-ap", "p", "--timeout", PATIENCE)
        assert b"\x1b" not in done.raw_out + done.raw_err, done


@test
def certificate_escapes():
    """a certificate with control characters in its names does not reach the terminal as such"""
    import ssl
    from send_kit import openssl, path
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", "evil.key", "-out", "evil.pem", "-days", "2", "-utf8", "-subj",
            "/CN=\x1b]0;owned\x07\u202eevil")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path("evil.pem"), path("evil.key"))
    for more in ((), ("--json",), ("--tls-verify",)):
        with Server(tls=context) as s:
            done = to(s, "-tls", *more)
            assert b"\x1b" not in done.raw_out + done.raw_err, done
            assert b"\x07" not in done.raw_out + done.raw_err, done


@test
def strange_replies():
    """lines that are no replies, wrong codes, bare line feeds, changing codes: an end each"""
    for reply, codes in ((b"hello there\r\n250 ok\r\n", (0, 23)), (b"\r\n\r\n250 ok\r\n", (0, 23)),
                         (b"250\n", (0,)), (b"999 what\r\n", (23,)), (b"25 x\r\n250 ok\r\n", (0, 23)),
                         (b"250-a\r\n550 b\r\n", (0, 23)), (b"000 x\r\n", (23,)),
                         (b"2500 x\r\n250 ok\r\n", (0, 23)), (b"250-only\r\n", (6, 23)),
                         (b"\0\0\0\r\n250 ok\r\n", (0, 23)), (b"354 no\r\n", (23,))):
        done = against({"MAIL": reply}, "MAIL", "--timeout", PATIENCE)
        assert done.code in codes, (reply, done)


@test
def bare_reply():
    """a bare "250" is a reply, and EHLO keywords count in any case (defects of swaks)"""
    for how in ({}, {"swaks": True}):
        with Server(replies={"MAIL": b"250\r\n", "RCPT": b"250\r\n"}) as s:
            to(s, **how, code=0)
        with Server(replies={"EHLO": b"250-x\r\n250 starttls\r\n"}) as s:
            s.tls = tls_context()
            to(s, "-tls", "-q", "STARTTLS", **how, code=0)


@test
def early_reply():
    """replies ahead of their commands do not confuse the order for good"""
    done = against({"": b"220 x\r\n250 early\r\n250 early\r\n"}, "", "--timeout", PATIENCE)
    assert done.code in (0, 21, 22, 23, 24, 25, 26, 6), done


@test
def temporary_everywhere():
    """421 at any step ends the transaction with that step's code"""
    for step, code in STEPS:
        if step in ("STARTTLS", "EHLO"):
            continue
        done = against({step: b"421 4.3.2 closing\r\n"}, step)
        assert done.code == code, (step, done)


@test
def challenge_without_end():
    """a server that never stops asking inside AUTH is left with exit 28"""
    with Server(["AUTH SCRAM-SHA-1 PLAIN LOGIN CRAM-MD5 DIGEST-MD5 NTLM"]) as s:
        s.replies = {"": b"220 x\r\n"}
        s.sasl = lambda session, line: b"334 !!!!\r\n" * 50
        done = to(s, "-a", "-au", "u", "-ap", "p", "--timeout", PATIENCE)
        assert done.code in (6, 28), done


@test
def big_message():
    """a message of 12 MB goes through; a server that stops reading it is left after --timeout"""
    letter = write("big.eml", b"Subject: big\r\n\r\n" + (b"x" * 76 + b"\r\n") * 160000)
    with Server() as s:
        to(s, "--message", letter, "--suppress-data", code=0)
        assert len(s.session.message) > 12000000
    over = threading.Event()

    def stall(session, _):
        session.send(b"354 go\r\n")
        over.wait(300)
        return CLOSE
    with Server(replies={"DATA": stall}) as s:
        done = to(s, "--message", letter, "--suppress-data", "--timeout", PATIENCE)
        assert not over.is_set() and done.code in (6, 26), done
        over.set()


@test
def refusing_while_sending():
    """a refusal in the middle of the message is heard, not lost"""
    letter = write("half.eml", b"Subject: x\r\n\r\n" + (b"y" * 76 + b"\r\n") * 200000)

    def refuse(session, _):
        session.send(b"354 go\r\n")
        session.take(100000)
        session.send(b"552 5.3.4 too big\r\n")
        session.connection.shutdown(socket.SHUT_WR)
        while session.fill():
            session.buffer = b""
        return CLOSE
    with Server(replies={"DATA": refuse}) as s:
        done = to(s, "--message", letter, "--suppress-data", "--timeout", "60")
        assert done.code in (6, 26), done
        done.shows("552 5.3.4 too big")


@test
def not_smtp():
    """servers of other protocols: an end with a reason, not a hang"""
    for hello in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b"+OK POP3\r\n", b"* OK IMAP\r\n",
                  b"SSH-2.0-x\r\n", b"\x15\x03\x01\x00\x02\x02\x46"):
        done = against({"": hello}, "", "--timeout", PATIENCE)
        assert done.code in (6, 21), (hello, done)


@test
def pipe_that_fails():
    """--pipe: a command that is not there, dies or says nothing"""
    for command, codes in (("/nonexistent/x", (2, 6)), ("false", (6,)), ("echo hello", (6,)),
                           ("kill -9 $$", (6,)), ("sleep 60", (21,))):
        done = run("--to", "a@b", "--pipe", command, "--timeout", PATIENCE)
        assert done.code in codes, (command, done)


@test
def socket_that_fails():
    """--socket: missing, a plain file, a path that is too long: exit 2 and the path"""
    for name in ("/nonexistent/s", write("plain", b""), "/tmp/" + "x" * 200):
        run("--to", "a@b", "--socket", name, code=2).shows(name[:50], "***")
