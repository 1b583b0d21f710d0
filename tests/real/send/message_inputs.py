# SPDX-License-Identifier: Apache-2.0
"""The ways to give a message: --message, --data, attachments, headers."""

import email
import email.policy
import hashlib

from . import samples
from .delivery import ROUTES, as_wire, attempt, compare, with_end

POSTFIX, EXIM, LMTP = ROUTES["postfix"], ROUTES["exim"], ROUTES["lmtp"]
BY_NAME = {s.name: s.data for s in samples.SAMPLES}
NOISE = b"".join(hashlib.sha256(b"%d" % i).digest() for i in range(9000)) + b"\0\r\n.\r\n\xff"


def stdin(lab, name):
    return compare(lab, EXIM, with_end(BY_NAME[name]), "--message", "-", given=BY_NAME[name])


def maildir(lab, moved):
    """An entry in `new`, or one that a mail reader has meanwhile moved to `cur`."""
    folder = lab.folder / ("Maildir-moved" if moved else "Maildir")
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    data = as_wire(BY_NAME["DKIM"]).replace(b"\r\n", b"\n")
    (folder / ("cur/1700.lab:2,S" if moved else "new/1700.lab")).write_bytes(data)
    return compare(lab, LMTP, BY_NAME["DKIM"], "--message", folder / "new/1700.lab")


def resent(lab):
    """What one server has kept is sent on to the next."""
    box, data = lab.box(), BY_NAME["S/MIME"]
    found, arrived, _ = attempt(lab, EXIM, "--message", lab.file("resent.eml", data))
    if found or len(arrived) != 1:
        return found or ["nothing arrived in " + box]
    return compare(lab, POSTFIX, data, "--message", lab.file("resent again.eml", arrived[0]))


def data_option(lab, how, fixup):
    """--data: the text; @FILE; standard input; with and without fix-ups, which (as with swaks) set
    the final dot on a line of its own after the last line end."""
    wire = samples.HEAD + b"\r\nfirst\r\n.\r\n..two\r\n\xc3\xbc last\r\n"
    raw = wire.replace(b"\r\n.", b"\r\n..") + b"."
    given = raw if not fixup else wire.replace(b"\r\n", b"\n")
    options = [] if fixup else ["--no-data-fixup"]
    if how == "text":
        text = given.decode() if not fixup else given.decode().rstrip("\n").replace("\n", "\\n")
        return compare(lab, POSTFIX, wire, "--data", text, *options)
    wire += b"\r\n" if fixup else b""
    if how == "file":
        path = lab.file("data %d" % fixup, given)
        return compare(lab, POSTFIX, wire, "--data", "@%s" % path, *options)
    return compare(lab, POSTFIX, wire, "--data", "-", *options, given=given)


def _parts(lab, route, *options):
    found, arrived, said = attempt(lab, route, *options)
    if found or len(arrived) != 1:
        return [*found, "%d messages" % len(arrived), said[-3000:]], None
    return [], email.message_from_bytes(as_wire(arrived[0]), policy=email.policy.default)


def attachment(lab, route, *options, data=NOISE):
    path = lab.file("attached %s %s.bin" % (route.name, options[0].strip("-")), data)
    found, mail = _parts(lab, route, "--body", "see below", *options[:-1], options[-1] % path)
    if found:
        return found
    parts = list(mail.iter_attachments())
    if len(parts) != 1:
        return ["%d attachments\n%s" % (len(parts), mail.as_string()[:2000])]
    got, sent = (hashlib.sha256(d).hexdigest() for d in
                 (parts[0].get_payload(decode=True), data))
    name = parts[0].get_filename()
    return ([] if got == sent else ["the attachment has other bytes"]) \
        + ([] if name == path.name else ["its name is %r" % name])


def inline(lab):
    path = lab.file("picture.png", b"\x89PNG\r\n\x1a\n" + NOISE[:5000])
    found, mail = _parts(lab, EXIM, "--attach-type", "text/html", "--attach-body",
                         '<img src="cid:logo@lab.test">', "--attach-inline",
                         "%s,logo@lab.test" % path)
    if found:
        return found
    pictures = [p for p in mail.walk() if p["Content-ID"] == "<logo@lab.test>"]
    if len(pictures) != 1 or pictures[0].get_content() != path.read_bytes():
        return ["the picture is not there\n" + mail.as_string()[:2000]]
    return []


def several(lab):
    """Two bodies, three attachments of any size around a line of base64, in their order."""
    files = [lab.file("piece %d" % n, NOISE[:n]) for n in (0, 1, 56, 57, 58)]
    options = [o for f in files for o in ("--attach-file", f)]
    found, mail = _parts(lab, POSTFIX, "--attach-body", "plain", "--attach-type", "text/html",
                         "--attach-body", "<b>rich</b>", *options)
    if found:
        return found
    got = [p.get_payload(decode=True) for p in mail.iter_attachments()]
    if got != [f.read_bytes() for f in files]:
        return ["not the same attachments: %r" % [len(g) for g in got]]
    rich = mail.get_body(("html",))
    return [] if rich and rich.get_content().strip() == "<b>rich</b>" else ["the body is gone"]


def header(lab):
    subject = "Grüße aus Köln, 日本語 " + "sehr lang " * 20
    subject = subject.strip()
    found, mail = _parts(lab, EXIM, "--header", "Subject: " + subject, "--header",
                         "X-Plain: yes", "--body", "Grüße", "--body-charset", "utf-8")
    if found:
        return found
    text = mail.get_body().get_content().strip()
    return ([] if mail["Subject"] == subject else ["the subject is %r" % mail["Subject"]]) \
        + ([] if mail["X-Plain"] == "yes" else ["X-Plain is %r" % mail["X-Plain"]]) \
        + ([] if text == "Grüße" else ["the body is %r" % text])


def cases():
    found = [("--message -: " + n, lambda lab, n=n: stdin(lab, n)) for n in ("dots", "S/MIME")]
    found += [("--message of a Maildir", lambda lab: maildir(lab, False)),
              ("--message of a Maildir, read meanwhile", lambda lab: maildir(lab, True)),
              ("--message of what another server kept", resent)]
    found += [("--data %s%s" % (how, "" if fixup else " --no-data-fixup"),
               lambda lab, how=how, fixup=fixup: data_option(lab, how, fixup))
              for how in ("text", "file", "stdin") for fixup in (True, False)]
    for route in (POSTFIX, EXIM, ROUTES["submission"], LMTP):
        found += [("--attach-file by " + route.name,
                   lambda lab, r=route: attachment(lab, r, "--attach-file", "%s")),
                  ("--attach by " + route.name,
                   lambda lab, r=route: attachment(lab, r, "--attach", "@%s"))]
    return [*found, ("--attach-inline", inline), ("several parts", several),
            ("UTF-8 header and body", header)]
