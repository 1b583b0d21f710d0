# SPDX-License-Identifier: Apache-2.0
"""What MAIL and RCPT carry beyond swaks, BDAT, XFORWARD, --lax."""
import os

from send_kit import test, to, run, tls_context, write, read
from smtp_server import Server, CLOSE

UTF8 = ["SMTPUTF8", "8BITMIME"]


def arrives(server, verb):
    return [line.decode() for line in server.session.said(verb)]


# ---- SMTPUTF8 (RFC 6531)

@test
def eai_local_part():
    """SMTPUTF8: a local part outside ASCII arrives in UTF-8, MAIL says SMTPUTF8"""
    with Server(UTF8) as s:
        run("--server", s.at, "--from", "jürgen@example.net", "--to", "søren@example.org", code=0)
        assert arrives(s, "MAIL")[0].startswith("MAIL FROM:<jürgen@example.net>"), s.session.lines
        assert "SMTPUTF8" in arrives(s, "MAIL")[0].split()
        assert arrives(s, "RCPT") == ["RCPT TO:<søren@example.org>"], s.session.lines


@test
def eai_missing():
    """SMTPUTF8: without the extension such an address is refused before MAIL, exit 31"""
    with Server() as s:
        done = run("--server", s.at, "--from", "me@example.net", "--to", "søren@example.org",
                   code=31)
        done.shows("SMTPUTF8", "søren@example.org".encode().decode("latin-1"))
        assert not s.session.said("MAIL"), s.session.lines


@test
def eai_as_swaks():
    """SMTPUTF8: as swaks such an address does not go out unannounced either"""
    with Server() as s:
        run("--server", s.at, "--from", "me@example.net", "--to", "søren@example.org", swaks=True,
            code=31)
        assert arrives(s, "RCPT") == []


@test
def u_label():
    """SMTPUTF8: a domain in U-labels becomes A-labels where the server has no SMTPUTF8"""
    with Server() as s:
        run("--server", s.at, "--from", "me@bücher.example", "--to", "you@bücher.example", code=0)
        assert arrives(s, "MAIL")[0].startswith("MAIL FROM:<me@xn--bcher-kva.example>"), s.session.lines
        assert arrives(s, "RCPT") == ["RCPT TO:<you@xn--bcher-kva.example>"]


@test
def utf8_asked_for():
    """--smtputf8: MAIL says so though the addresses need it not; refused where not advertised"""
    with Server(UTF8) as s:
        to(s, "--smtputf8", code=0)
        assert arrives(s, "MAIL")[0].split()[-1] == "SMTPUTF8"
    with Server() as s:
        to(s, "--smtputf8", code=31).shows("SMTPUTF8")
        assert not s.session.said("MAIL")


@test
def broken_utf8():
    """SMTPUTF8: bytes that are not UTF-8 are no address"""
    with Server(UTF8) as s:
        done = run("--server", s.at, "--from", "me@example.net", "--to",
                   os.fsdecode(b"s\xf8ren@example.org"))
        assert done.code in (1, 31), done
        done.shows("UTF-8")


# ---- DSN (RFC 3461)

@test
def dsn():
    """DSN: NOTIFY, RET, ENVID and ORCPT arrive, encoded as xtext"""
    with Server(["DSN"]) as s:
        to(s, "--dsn-notify", "success,Failure", "--dsn-ret", "hdrs", "--dsn-envid", "a+b=c",
           "--dsn-orcpt", "rfc822;joe+x@example.org", code=0)
        assert arrives(s, "MAIL") == ["MAIL FROM:<me@example.net> RET=HDRS ENVID=a+2Bb+3Dc"]
        assert arrives(s, "RCPT") == ["RCPT TO:<you@example.org> NOTIFY=SUCCESS,FAILURE "
                                      "ORCPT=rfc822;joe+2Bx@example.org"], s.session.lines


@test
def dsn_missing():
    """DSN: without the extension nothing is sent, exit 31; with --lax it is"""
    for option, value in (("--dsn-notify", "NEVER"), ("--dsn-ret", "FULL"), ("--dsn-envid", "x"),
                          ("--dsn-orcpt", "you@example.org")):
        with Server() as s:
            to(s, option, value, code=31).shows("DSN")
            assert not s.session.said("MAIL")
    with Server() as s:
        to(s, "--dsn-notify", "NEVER", "--lax", code=0)
        assert arrives(s, "RCPT") == ["RCPT TO:<you@example.org> NOTIFY=NEVER"]


# ---- CHUNKING (RFC 3030)

@test
def chunking():
    """--chunking: one BDAT LAST without a size, dots single; no DATA"""
    letter = write("dots.eml", b"Subject: x\r\n\r\n.one\r\n..two\r\n.\r\nend\r\n")
    with Server(["CHUNKING"]) as s:
        to(s, "--chunking", "--message", letter, code=0).shows("BDAT")
        assert s.session.chunks == [(len(read("dots.eml")), True, read("dots.eml"))]
        assert not s.session.said("DATA")


@test
def chunking_size():
    """--chunking BYTES: chunks of that size, only the last is LAST, bytes add up"""
    body = b"Subject: x\r\n\r\n" + bytes(range(32, 127)) * 11 + b"\r\n"
    letter = write("chunky.eml", body)
    for size in (1, 100, len(body), len(body) - 1):
        if size == 1:
            letter, body = write("tiny.eml", b"a: b\r\n\r\nc\r\n"), b"a: b\r\n\r\nc\r\n"
        else:
            letter, body = write("chunky%d.eml" % size, body), body
        with Server(["CHUNKING"]) as s:
            to(s, "--chunking", size, "--message", letter, "--suppress-data", code=0)
            chunks = s.session.chunks
            assert b"".join(c[2] for c in chunks) == body
            assert [c[1] for c in chunks] == [False] * (len(chunks) - 1) + [True]
            assert all(c[0] == size for c in chunks[:-1]), [c[0] for c in chunks]


@test
def chunking_binary():
    """--chunking with BINARYMIME: NULs and bare line feeds arrive as they are"""
    body = b"Subject: x\r\nMIME-Version: 1.0\r\n\r\n\0\1\xff bare\nfeed\r\n"
    letter = write("binary.eml", body)
    with Server(["CHUNKING", "BINARYMIME", "8BITMIME"]) as s:
        to(s, "--chunking", "--message", letter, code=0)
        assert "BODY=BINARYMIME" in arrives(s, "MAIL")[0]
        assert b"\0\1\xff" in s.session.chunks[0][2]


@test
def chunking_refused():
    """--chunking: not advertised is exit 31; a refused first chunk 25, a refused last one 26"""
    with Server() as s:
        to(s, "--chunking", code=31).shows("CHUNKING")
    with Server(["CHUNKING"], replies={"BDAT": b"552 5.3.4 too much\r\n"}) as s:
        to(s, "--chunking", "50", code=25).shows("552 5.3.4")
        assert len(s.session.chunks) == 1
    with Server(["CHUNKING"], replies={"BDAT": b"552 5.3.4 too much\r\n"}) as s:
        to(s, "--chunking", code=26)


@test
def chunking_pipelined():
    """--chunking with --pipeline: a refused recipient stops the chunks, exit 24"""
    with Server(["CHUNKING", "PIPELINING"], replies={"RCPT": b"550 5.1.1 nobody\r\n"}) as s:
        to(s, "--chunking", "--pipeline", code=24)
        assert not s.session.chunks


# ---- REQUIRETLS (RFC 8689)

@test
def requiretls():
    """--requiretls: said in MAIL inside TLS; refused where it is not advertised there"""
    with Server(tls=tls_context(), ehlo_tls=["REQUIRETLS"]) as s:
        to(s, "-tls", "--requiretls", code=0)
        assert arrives(s, "MAIL") == ["MAIL FROM:<me@example.net> REQUIRETLS"]
    with Server(tls=tls_context()) as s:
        to(s, "-tls", "--requiretls", code=31).shows("REQUIRETLS")


@test
def requiretls_in_clear():
    """--requiretls: in clear it is never said, even if advertised there, exit 31; --lax says it"""
    with Server(["REQUIRETLS"]) as s:
        to(s, "--requiretls", code=31).shows("REQUIRETLS", "TLS")
        assert not s.session.said("MAIL")
    with Server(["REQUIRETLS"]) as s:
        to(s, "--requiretls", "--lax", code=0)


# ---- XFORWARD

ATTRIBUTES = "XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE"


@test
def xforward():
    """XFORWARD: all attributes, encoded, in one command before MAIL"""
    with Server([ATTRIBUTES]) as s:
        to(s, "--xforward-name", "a b", "--xforward-addr", "192.0.2.1", "--xforward-port", "99",
           "--xforward-proto", "ESMTP", "--xforward-helo", "x+y", "--xforward-ident", "ID1",
           "--xforward-source", "REMOTE", code=0)
        assert arrives(s, "XFORWARD") == ["XFORWARD NAME=a+20b ADDR=192.0.2.1 PORT=99 PROTO=ESMTP "
                                          "HELO=x+2By IDENT=ID1 SOURCE=REMOTE"], s.session.lines
        order = [line.split()[0] for line in s.session.lines]
        assert order.index(b"XFORWARD") < order.index(b"MAIL")


@test
def xforward_missing():
    """XFORWARD: not advertised, attribute not advertised, refused: exit 31 each"""
    for ehlo, replies in ((["X"], {}), (["XFORWARD NAME"], {}),
                          ([ATTRIBUTES], {"XFORWARD": b"501 5.5.4 no\r\n"})):
        with Server(ehlo, replies=replies) as s:
            to(s, "--xforward-addr", "192.0.2.1", code=31).shows("***")
            assert not s.session.said("MAIL")


# ---- lax, step by step

@test
def lax_auth():
    """--lax: AUTH though it is not advertised"""
    with Server(sasl=lambda session, line: b"235 2.7.0 well\r\n") as s:
        to(s, "--lax", "-a", "PLAIN", "-au", "u", "-ap", "p", code=0)
        assert s.session.said("AUTH PLAIN")
    with Server(sasl=lambda session, line: b"235 2.7.0 well\r\n") as s:
        to(s, "-a", "PLAIN", "-au", "u", "-ap", "p", code=28)
        assert not s.session.said("AUTH")


@test
def lax_starttls():
    """--lax: STARTTLS though it is not advertised"""
    with Server() as s:
        s.tls = tls_context()
        to(s, "--lax", "-tls", code=0)
        assert s.session.tls, s.session.lines


@test
def lax_hello():
    """--lax: goes on after a refused hello and a refusing greeting"""
    with Server(replies={"EHLO": b"550 no\r\n", "HELO": b"550 no\r\n"}) as s:
        to(s, "--lax")
        assert s.session.said("MAIL"), s.session.lines
    with Server(replies={"": b"554 go away\r\n"}) as s:
        to(s, "--lax")
        assert s.session.said("MAIL"), s.session.lines


@test
def lax_envelope():
    """--lax: goes on to DATA though MAIL and RCPT were refused; the exit code still tells"""
    with Server(replies={"MAIL": b"550 no\r\n", "RCPT": b"550 no\r\n"}) as s:
        to(s, "--lax", code=23)
        assert s.session.said("RCPT") and s.session.said("DATA"), s.session.lines
    with Server(["PIPELINING"], replies={"RCPT": b"550 no\r\n"}) as s:
        to(s, "--lax", "rcpt", "--pipeline", code=24)
        assert s.session.message


@test
def lax_by_name():
    """--lax RULE breaks that rule and no other"""
    with Server(replies={"MAIL": b"550 no\r\n", "RCPT": b"550 no\r\n"}) as s:
        to(s, "--lax", "mail", code=24)
        assert s.session.said("RCPT") and not s.session.said("DATA"), s.session.lines
    with Server() as s:
        to(s, "--lax", "mail", "--smtputf8", code=31)
    with Server() as s:
        run("--server", s.at, "--from", "a b@c", "--to", "<x>", "--lax", "syntax", code=0)
        assert arrives(s, "MAIL") == ["MAIL FROM:<a b@c>"]
        assert arrives(s, "RCPT") == ["RCPT TO:<<x>>"]


@test
def not_lax():
    """without --lax each refusal ends the transaction there"""
    for verb, code in (("", 21), ("MAIL", 23), ("RCPT", 24), ("DATA", 25), (".", 26)):
        with Server(replies={verb: b"550 no\r\n"}) as s:
            to(s, code=code)
            assert s.session.lines[-1] == b"QUIT"


@test
def refused_quit():
    """QUIT answered badly is exit 27; called as swaks it counts for nothing"""
    with Server(replies={"QUIT": b"500 what\r\n"}) as s:
        to(s, code=27)
    with Server(replies={"QUIT": b"500 what\r\n"}) as s:
        to(s, swaks=True, code=0)


@test
def lost_after_quit():
    """no answer to QUIT: the message was taken, and the exit code says that it was"""
    with Server(replies={"QUIT": CLOSE}) as s:
        done = to(s)
        assert done.code in (0, 6, 27), done
        done.shows("closed connection")
