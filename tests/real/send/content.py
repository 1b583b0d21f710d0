# SPDX-License-Identifier: Apache-2.0
"""What was asked for is what arrives, byte for byte: at Dovecot's LMTP and at Exim with the line
ends of the wire, at Postfix in a Maildir with those of a file."""

import base64
import email
import email.policy
import hashlib
import re

from lab import unpacked
from lab.pki import openssl

from .client import SENDER, case, difference, run, without_trace
from .servers import PASSWORD, USER, start_opensmtpd

HEADER = (b"From: Sender <sender@lab.test>\r\nTo: somebody@lab.test\r\nSubject: bytes\r\n"
          b"Date: Tue, 24 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@client.lab.test>\r\n")
TARGETS = (("lmtp", "dovecot", True), ("postfix", "postfix", False), ("exim", "exim", True))
WORDS = (b"%DATE% ..BODY.. %NEW_HEADERS% \\n @file <> \x1a{hole-0}\x1a", b"From here",
         b">From there")

BODIES = {
    "dots": b".\r\n..\r\n.x\r\n...\r\n\r\n.\r\nQUIT\r\n.\r\n",
    "eight bits": "Grüße, 漢字 😀\r\n".encode() + bytes(range(128, 256)) + b"\r\n",
    "control bytes": bytes(b for b in range(1, 256) if b not in b"\r\n") + b"\r\n",
    "what a template would change": b"\r\n".join(WORDS) + b"\r\n",
    "long lines": b"x" * 900 + b"\r\n" + b".y" * 2000 + b"\r\n" + b"z" * 70000 + b"\r\n",
    "empty lines": b"\r\n\r\n\r\n",
    "nothing": b"",
    "many lines": b"".join(b"%d%s\r\n" % (i, b"." * (i % 7)) for i in range(20000)),
}


def options(service):
    return ("--protocol", "LMTP") if service == "lmtp" else ()


def everywhere(place, given, wanted, *arguments, stdin=b"", status=0):
    """Sends to each of the servers, in one piece and in chunks."""
    found = []
    for service, server, crlf in TARGETS:
        for more in ((), ("--chunking",), ("--chunking", "1000")):
            if more[1:] and len(given) > 20000:
                continue
            box = place.new_box()
            answer = place.send(service, *options(service), *arguments, *more, "--suppress-data",
                                to=box + "@lab.test", given=stdin)
            found += answer.problems(status)
            if answer.status == 0:
                found += place.arrived(server, box, wanted, crlf=crlf)
    return found


def _add():
    for name, body in BODIES.items():
        def test(place, body=body):
            sent = HEADER + b"\r\n" + body
            return everywhere(place, sent, sent, "--message", place.file("mail", sent))
        case("bytes: " + name)(test)


_add()
DOTTED = HEADER + b"\r\n.\r\n..\r\n" + BODIES["eight bits"]


@case("bytes: a file with LF")
def line_feeds(place):
    sent = DOTTED.replace(b"\r\n", b"\n")
    return everywhere(place, sent, DOTTED, "--message", place.file("mail", sent))


@case("bytes: no final line end")
def unfinished(place):
    sent = DOTTED + b"."
    path, found = place.file("mail", sent), []
    for service, server, crlf in TARGETS:
        for more in ((), ("--chunking",)):
            box = place.new_box()
            said = place.send(service, *options(service), "--message", path, *more,
                              to=box + "@lab.test")
            # a chunk needs no line end; Dovecot adds none
            wanted = sent + (b"" if more and server == "dovecot" else b"\r\n")
            found += said.problems() + place.arrived(server, box, wanted, crlf=crlf)
    return found


@case("bytes: a bare CR")
def bare_cr(place):
    """What becomes of it is the server's: Dovecot keeps it, Postfix makes it a space."""
    sent = DOTTED + b"a\rb\r\nc\r\r\n"
    path, found = place.file("mail", sent), []
    for service, server, crlf in TARGETS[:2]:
        wanted = sent if server == "dovecot" else DOTTED + b"a b\r\nc\r\n"
        for more in ((), ("--chunking",)):
            box = place.new_box()
            said = place.send(service, *options(service), "--message", path, *more,
                              to=box + "@lab.test")
            found += said.problems() + place.arrived(server, box, wanted, crlf=crlf)
    return found


@case("bytes: through OpenSMTPD and Dovecot's LMTP")
def opensmtpd(place):
    servers = place.servers
    servers.ports["opensmtpd"] = start_opensmtpd(servers.street, servers.ports["lmtp"])
    boxes, found = {}, []
    for name, body in BODIES.items():
        box = place.new_box()
        said = place.send("opensmtpd", "--suppress-data", "--message",
                          place.file("mail", HEADER + b"\r\n" + body), to=box + "@lab.test")
        if name == "long lines":  # it says so in the middle of the message, and hangs up
            found += said.problems(26, ("<** 500 5.0.0 Line too long",))
        else:
            found += said.problems()
            boxes[name] = box
    for name, box in boxes.items():
        found += place.arrived("dovecot", box, HEADER + b"\r\n" + BODIES[name], crlf=True)
    return found


@case("bytes: inside TLS after AUTH")
def inside_tls(place):
    sent = DOTTED + b"".join(b".%s\r\n" % BODIES["control bytes"][:-2] for _ in range(2000))
    path, found = place.file("mail", sent), []
    for service, server, mechanism in (
            ("submission", "postfix", "PLAIN"), ("submissions", "postfix", "SCRAM-SHA-256"),
            ("postfix-cyrus", "postfix", "SCRAM-SHA-512"), ("postfix-cyrus-s", "postfix", "LOGIN"),
            ("exim-auth", "exim", "CRAM-MD5"), ("exim-auth-s", "exim", "PLAIN")):
        implicit = service.endswith("-s") or service == "submissions"
        tls = "--tls-on-connect" if implicit else "--tls"
        for more in ((), ("--pipeline",), ("--chunking", "--pipeline"), ("--chunking", "20000")):
            box = place.new_box()
            said = place.send(service, tls, *more, "--auth", mechanism, "-au", USER, "-ap",
                              PASSWORD, "--message", path, "-n", to=box + "@lab.test")
            found += said.problems()
            found += place.arrived(server, box, sent, crlf=server == "exim")
    return found


@case("bytes: what one server kept goes on to the next")
def resent(place):
    box, next_box = place.new_box(), place.new_box()
    found = place.send("exim", "--message", place.file("mail", DOTTED), to=box + "@lab.test"
                       ).problems()
    kept = place.mail("exim", box)[0]
    said = place.send("lmtp", "--protocol", "LMTP", "--message", place.file("kept", kept),
                      to=next_box + "@lab.test")
    found += said.problems()
    again = place.mail("dovecot", next_box)[0]
    return found + difference(again[-len(kept):], kept)


@case("bytes: from standard input")
def from_stdin(place):
    return everywhere(place, DOTTED, DOTTED, "--message", "-", stdin=DOTTED)


@case("bytes: a Maildir entry, seen meanwhile")
def from_maildir(place):
    for name in ("new", "cur", "tmp"):
        (place.folder / name).mkdir()
    place.file("cur/1795488573.M1P2.host:2,S", DOTTED.replace(b"\r\n", b"\n"))
    entry = place.folder / "new/1795488573.M1P2.host"
    found = everywhere(place, DOTTED, DOTTED, "--message", entry)
    said = place.send("postfix", "--message", place.folder, to="b000@lab.test")
    return found + said.problems(1, ("is a folder; name one file in it",))


@case("bytes: from a mailbox")
def from_mbox(place):
    path = place.file("mbox", b"From sender@lab.test Tue Nov 24 10:00:00 2026\n" + DOTTED)
    return everywhere(place, DOTTED, DOTTED, "--message", path)


@case("bytes: --data with --no-data-fixup")
def as_it_is(place):
    stuffed = re.sub(rb"(?m)^\.", b"..", DOTTED) + b"."  # the line end after it is added
    path, found = place.file("data", stuffed), []
    for service, server, crlf in TARGETS:
        box = place.new_box()
        said = place.send(service, *options(service), "--data", "@%s" % path, "--no-data-fixup",
                          to=box + "@lab.test")
        found += said.problems() + place.arrived(server, box, DOTTED, crlf=crlf)
    return found


@case("bytes: --data")
def data(place):
    found = []
    for service, server, crlf in TARGETS:
        box = place.new_box()
        said = place.send(service, *options(service), "--data", "-", to=box + "@lab.test",
                          given=DOTTED + b"%TO_ADDRESS% a\\nb")
        wanted = DOTTED + box.encode() + b"@lab.test a\r\nb\r\n"
        found += said.problems() + place.arrived(server, box, wanted, crlf=crlf)
    return found


# ---- signatures

def smime_signed(place):
    text = place.file("text", b"Content-Type: text/plain; charset=utf-8\n\nHallo, \xc3\xb6\n.\n \n")
    signed = openssl("smime", "-sign", "-in", text, "-signer", place.pki.path("client.pem"),
                     "-inkey", place.pki.path("client.key"), "-certfile",
                     place.pki.path("inter.pem"))
    return HEADER.replace(b"\r\n", b"\n") + signed


@case("bytes: S/MIME holds")
def smime(place):
    path, found = place.file("mail", smime_signed(place)), []
    for service, server, _ in TARGETS:
        for way in (["--message", path], ["--message", path, "--chunking"],
                    ["--data", "@%s" % path]):
            box = place.new_box()
            found += place.send(service, *options(service), *way, to=box + "@lab.test").problems()
            for number, mail in enumerate(place.mail(server, box)):
                at = place.file("%s-%d" % (box, number), without_trace(mail))
                openssl("smime", "-verify", "-in", at, "-CAfile", place.pki.root, "-purpose", "any")
    return found


def dkim_hash(mail):
    """The body's hash, simple canonicalization (RFC 6376 section 3.4.3)."""
    body = mail.split(b"\r\n\r\n", 1)[1]
    return base64.b64encode(hashlib.sha256(re.sub(rb"(\r\n)*\Z", b"\r\n", body, count=1)).digest())


def dkim_signed_part(mail):
    """What the signature covers: all fields in their order, and its own without b=."""
    header = mail.split(b"\r\n\r\n", 1)[0] + b"\r\n"
    fields = re.findall(rb"(?ms)^[^ \t\r\n].*?\r\n(?![ \t])", header)
    own = re.sub(rb"b=[A-Za-z0-9+/=]*\Z", b"b=", fields[0].rstrip(b"\r\n"))
    return b"".join(fields[1:]) + own


def dkim_sign(place, mail):
    field = (b"DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d=lab.test; s=x;\r\n"
             b"\th=from:to:subject:date:message-id;\r\n  bh=" + dkim_hash(mail) + b"; b=")
    data = place.file("to-sign", dkim_signed_part(field + b"\r\n" + mail))
    signature = openssl("dgst", "-sha256", "-sign", place.pki.path("rsa.key"), data)
    return field + base64.b64encode(signature) + b"\r\n" + mail


@case("bytes: DKIM holds")
def dkim(place):
    odd = HEADER.replace(b"Subject: bytes", b"SUBJECT:  odd \t bytes \r\n\tand  a fold ")
    sent = dkim_sign(place, odd + b"\r\n spaces \t \r\n.\r\n\r\n" + BODIES["eight bits"])
    key = place.file("key", openssl("pkey", "-in", place.pki.path("rsa.key"), "-pubout"))
    path, found = place.file("mail", sent), []
    for way in (["--message", path], ["--message", path, "--chunking"], ["--data", "@%s" % path]):
        box = place.new_box()
        said = place.send("lmtp", "--protocol", "LMTP", *way, to=box + "@lab.test")
        found += said.problems()
        for mail in place.mail("dovecot", box):
            mail = without_trace(mail)
            seen, signature = dkim_signed_part(mail), re.search(rb"; b=([\w+/=]+)\r\n", mail)[1]
            place.file("signed", seen)
            place.file("signature", base64.b64decode(signature))
            openssl("dgst", "-sha256", "-verify", key, "-signature", place.folder / "signature",
                    place.folder / "signed")
            if dkim_hash(mail) not in mail:
                found += ["the body's hash is another", said.shown]
    return found


# ---- what the program writes itself

@case("bytes: attachments of every kind")
def attachments(place):
    binary = bytes(range(256)) * 300 + b"\r\n.\r\n"
    text = "ä\n.\n..\n".encode() * 50
    nested = b"From: x@y.test\r\nSubject: inner\r\n\r\n.\r\nbody %DATE%\r\n"
    place.file("grüße, 漢 \"1\".bin", binary)
    place.file("text.txt", text)
    place.file("inner.eml", nested)
    found = []
    for service, server, _ in TARGETS:
        for more in ((), ("--chunking",)):
            box = place.new_box()
            said = place.send(
                service, *options(service), *more,
                "--body-charset", "utf-8", "--body", "schön\\n.\\n",
                "--attach-file", place.folder / "grüße, 漢 \"1\".bin",
                "--attach", "@%s" % (place.folder / "text.txt"),
                "--attach-type", "message/rfc822", "--attach-file", place.folder / "inner.eml",
                to=box + "@lab.test")
            found += said.problems()
            for mail in place.mail(server, box)[:1]:
                found += parts(mail, binary, text, nested)
    return found


def parts(mail, binary, text, nested):
    message = email.message_from_bytes(without_trace(mail), policy=email.policy.default)
    body, first, second, third = list(message.iter_parts())
    shown = body.get_content().replace("\r\n", "\n")
    found = [] if shown == "schön\n.\n" else [repr(shown)]
    if first.get_filename() != "grüße, 漢 \"1\".bin":
        found.append("file name: %r" % first.get_filename())
    found += difference(first.get_payload(decode=True), binary)
    found += difference(second.get_payload(decode=True), text)
    inner = third.get_payload()[0].as_bytes().replace(b"\r\n", b"\n")
    return found + difference(inner.rstrip(), nested.replace(b"\r\n", b"\n").rstrip())


@case("bytes: through --pipe")
def through_pipe(place):
    home = place.servers.homes["exim"]
    command = ("chroot %s /usr/sbin/exim4 -C /tmp/%s/exim.conf -odi -bs"
               % (unpacked.root_of("exim"), home.name))
    box = place.new_box()
    said = run([*place.argv(None, "--pipe", command, "--message", place.file("mail", DOTTED),
                            to=box + "@lab.test")])
    found = said.problems(0, ("Trying pipe to chroot",))
    got = [without_trace(m) for m in place.mail("exim", box)]
    # a local user's message gets a Sender field
    got = [re.sub(rb"(?m)^Sender: .*\r\n", b"", m) for m in got]
    return found + (difference(got[0], DOTTED) if got else ["nothing arrived", said.shown])


@case("bytes: UTF-8 in header and address")
def utf8(place):
    sent = DOTTED.replace(b"Sender <", "Zoë Müller <".encode())
    path, found = place.file("mail", sent), []
    for service, server, crlf in TARGETS[1:]:
        box = place.new_box()
        name = "jörg-" + box if server == "postfix" else box
        said = place.send(service, "--message", path, "--smtputf8", to=name + "@lab.test")
        found += said.problems(0, ("MAIL FROM:<%s> BODY=8BITMIME SMTPUTF8" % SENDER,))
        found += place.arrived(server, name, sent, crlf=crlf)
        mails = place.mail(server, name)
        if mails and not re.search(rb"with (UTF8SMTP|utf8esmtp)", mails[0]):
            found += ["not by SMTPUTF8", mails[0].decode(errors="replace")]
    box = place.new_box()
    said = place.send("postfix", "--message", path, to="jörg-%s@lab.test" % box)
    found += said.problems(0, ("SMTPUTF8",)) + place.arrived("postfix", "jörg-" + box, sent)
    said = place.send("lmtp", "--protocol", "LMTP", "--message", path, to="jörg@lab.test")
    return found + said.problems(31, ("needs SMTPUTF8",))
