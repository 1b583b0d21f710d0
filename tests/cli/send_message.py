# SPDX-License-Identifier: Apache-2.0
"""The message beyond swaks: MIME, charsets, headers, byte-exact files."""
import email
import email.policy
import os

from send_kit import test, to, write, path, run
from smtp_server import Server

PNG = (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89"
       b"\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\5\0\1\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82")


def arrived(*args, ehlo=("8BITMIME",), **how):
    """The message as it came, and parsed."""
    with Server(ehlo) as s:
        to(s, *args, code=0, **how)
        raw = s.session.message
    raw = b"\r\n".join(line[1:] if line.startswith(b".") else line for line in raw.split(b"\r\n"))
    return raw, email.message_from_bytes(raw, policy=email.policy.default)


def shape(message):
    """("multipart/mixed", [...]) or the type of a leaf."""
    if message.is_multipart():
        return (message.get_content_type(), [shape(part) for part in message.iter_parts()])
    return message.get_content_type()


# ---- headers

@test
def header_nocase():
    """--header and --h-NAME replace a field whatever the case of its name; none is there twice"""
    raw, mail = arrived("--h-subject", "hi", "--header", "message-id: <1@x>", "--h-FROM",
                        "Me <me@example.net>")
    assert mail.get_all("Subject") == ["hi"] and mail.get_all("Message-Id") == ["<1@x>"], raw
    assert len(mail.get_all("From")) == 1 and len(mail.get_all("Date")) == 1
    with Server() as s:
        to(s, "--h-subject", "hi", swaks=True, code=0)
        assert s.session.message.lower().count(b"\nsubject:") == 2


@test
def header_utf8():
    """a header field outside ASCII arrives encoded (RFC 2047), or raw where SMTPUTF8 carries it"""
    raw, mail = arrived("--h-Subject", "Grüße aus Köln")
    assert mail["Subject"] == "Grüße aus Köln", raw
    head = raw.split(b"\r\n\r\n")[0]
    assert all(byte < 128 for byte in head), head
    _, mail = arrived("--h-Subject", "über " * 40 + "ende", "--h-From",
                      '"Jürgen \\"J\\" Müller" <me@example.net>', "--add-header", "X-A: ä\\nX-B: ö b")
    assert mail["Subject"] == "über " * 40 + "ende", mail["Subject"]
    assert mail["From"].addresses[0].display_name == 'Jürgen "J" Müller', mail["From"]
    assert (mail["X-A"], mail["X-B"]) == ("ä", "ö b"), (mail["X-A"], mail["X-B"])
    with Server(["SMTPUTF8", "8BITMIME"]) as s:
        to(s, "--smtputf8", "--h-Subject", "Grüße", code=0)
        assert "Subject: Grüße".encode() in s.session.message


@test
def own_mailer():
    """X-Mailer names this program"""
    _, mail = arrived()
    assert mail["X-Mailer"].startswith("waxseal 0."), mail["X-Mailer"]


@test
def add_header_lines():
    r"""--add-header: \n makes several; they stand in the header"""
    _, mail = arrived("--add-header", "X-A: 1\\nX-B: 2", "--add-header", "X-C: 3")
    assert (mail["X-A"], mail["X-B"], mail["X-C"]) == ("1", "2", "3")


@test
def values_with_equals():
    """values may hold "=" and begin with a dash: --opt=VALUE, a line of the configuration"""
    _, mail = arrived("--body=-a=b", "--h-Subject=c=d", "--add-header=X-E: f=g")
    assert mail.get_content().strip() == "-a=b", mail.get_content()
    assert (mail["Subject"], mail["X-E"]) == ("c=d", "f=g")
    rc = write("equals.rc", "# comment\n\nbody -a=b\n--h-Subject c=d\n-ah X-E: f=g\n")
    _, mail = arrived("--config", rc)
    assert mail.get_content().strip() == "-a=b", mail.get_content()
    assert (mail["Subject"], mail["X-E"]) == ("c=d", "f=g"), mail.as_string()


# ---- charsets

@test
def body_charset():
    """--body-charset: Content-Type says it, the text comes back as it was"""
    raw, mail = arrived("--body", "Grüße\\nund\\n.Punkt", "--body-charset", "UTF-8")
    assert mail.get_content_type() == "text/plain" and mail.get_content_charset() == "utf-8", raw
    assert mail.get_content().split() == ["Grüße", "und", ".Punkt"], raw
    assert mail["MIME-Version"] == "1.0"


@test
def body_charset_latin():
    """--body-charset iso-8859-1: bytes of a file in that charset arrive readable"""
    text = write("latin.txt", "Käse\n".encode("latin-1"))
    _, mail = arrived("--body", "@" + text, "--body-charset", "iso-8859-1")
    assert mail.get_content().strip() == "Käse"


@test
def part_charset():
    """--attach-type with a charset: the part has it, the text comes back as it was"""
    raw, mail = arrived("--attach-type", "text/html; charset=utf-8", "--attach-body", "<p>ö</p>",
                        "--body", "x")
    kinds = [p for p in mail.walk() if p.get_content_type() == "text/html"]
    assert kinds and kinds[0].get_content_charset() == "utf-8", raw
    assert "ö" in kinds[0].get_content(), raw


@test
def attach_with_charset():
    """--body-charset beside attachments: the body part has it"""
    raw, mail = arrived("--body", "schön", "--body-charset", "utf-8", "--attach", "data")
    assert mail.get_content_type() == "multipart/mixed", raw
    body = next(mail.iter_parts())
    assert body.get_content().strip() == "schön", raw


# ---- parts

@test
def attach_without_size():
    """a file that tells no size, as in /proc, is attached whole; one that can't be read is told"""
    with open("/proc/version", "rb") as file:
        wanted = file.read()
    raw, mail = arrived("--attach-file", "/proc/version", "--body", "x")
    assert wanted in [p.get_payload(decode=True) for p in mail.walk() if not p.is_multipart()], raw
    with Server() as s:
        done = to(s, "--attach-file", "/proc/self/mem", "--body", "x")
    assert done.code != 0 and "/proc/self/mem can't be read" in done.err, done.err


@test
def alternative():
    """two --attach-body are alternatives; with an attachment they nest inside mixed"""
    _, mail = arrived("--attach-type", "text/plain", "--attach-body", "plain", "--attach-type",
                      "text/html", "--attach-body", "<b>html</b>")
    found = shape(mail)
    assert "multipart/alternative" in str(found), found
    _, mail = arrived("--attach-type", "text/plain", "--attach-body", "plain", "--attach-type",
                      "text/html", "--attach-body", "<b>html</b>", "--attach", "data")
    assert shape(mail) == ("multipart/mixed", [("multipart/alternative",
                                                ["text/plain", "text/html"]),
                                               "application/octet-stream"]), shape(mail)


@test
def inline_image():
    """--attach-inline: multipart/related with Content-ID and inline disposition, type by content"""
    picture = write("picture", PNG)
    raw, mail = arrived("--attach-type", "text/html", "--attach-body", "<img src='cid:logo@me'>",
                        "--attach-inline", picture + ",logo@me")
    related = [p for p in mail.walk() if p.get_content_type() == "multipart/related"]
    assert related, raw
    image = [p for p in related[0].walk() if p.get_content_type() == "image/png"][0]
    assert image["Content-ID"] == "<logo@me>" and image.get_content() == PNG, raw
    assert image.get_content_disposition() == "inline", raw


@test
def inline_alone():
    """--attach-inline without an identifier: the file's name is the Content-ID"""
    picture = write("pixel.png", PNG)
    raw, mail = arrived("--body", "<img src='cid:pixel.png'>", "--attach-inline", picture)
    assert any(p["Content-ID"] == "<pixel.png>" for p in mail.walk()), raw


@test
def nested_everything():
    """alternatives, inline images and attachments nest as mixed > related > alternative"""
    picture = write("n.png", PNG)
    raw, mail = arrived("--attach-type", "text/plain", "--attach-body", "t", "--attach-type",
                        "text/html", "--attach-body", "<img src='cid:a'>", "--attach-inline",
                        picture + ",a", "--attach-file", picture)
    text = str(shape(mail))
    for kind in ("multipart/mixed", "multipart/related", "multipart/alternative", "image/png"):
        assert kind in text, raw
    assert shape(mail)[0] == "multipart/mixed", text


@test
def attach_file():
    """--attach-file: name, type found by libmagic, bytes unchanged"""
    blob = os.urandom(5000)
    for name, content, kind in (("image.bin", PNG, "image/png"), ("x.pdf", b"%PDF-1.4\n%..\n" * 9,
                                "application/pdf"), ("blob", blob, "application/octet-stream")):
        raw, mail = arrived("--attach-file", write(name, content))
        part = [p for p in mail.walk() if p.get_filename() == name]
        assert part, raw
        assert part[0].get_content_type() == kind, part[0].get_content_type()
        assert part[0].get_payload(decode=True) == content


@test
def attach_file_names():
    """--attach-file: names with blanks, quotes and outside ASCII come back as they were"""
    for name in ("two words.txt", 'quo"te.txt', "Übersicht.txt", "%TO_ADDRESS%.txt"):
        raw, mail = arrived("--attach-file", write(name, b"x"))
        assert [p for p in mail.walk() if p.get_filename() == name], raw


@test
def attach_file_named():
    """--attach-name and --attach-type rule over what the file says"""
    _, mail = arrived("--attach-name", "new.name", "--attach-type", "application/x-mine",
                      "--attach-file", write("old.name", b"x"))
    part = [p for p in mail.walk() if p.get_filename() == "new.name"][0]
    assert part.get_content_type() == "application/x-mine"


@test
def attach_file_missing():
    """--attach-file: a missing file is told before anything is connected"""
    with Server() as s:
        to(s, "--attach-file", "/nonexistent/photo.jpg", code=1).shows("/nonexistent/photo.jpg",
                                                                      "--attach-file")
        assert not s.sessions


@test
def attach_name_or_file():
    """--attach NAME of a file attaches the words, as swaks does, and says so"""
    name = write("a.txt", b"content")
    with Server() as s:
        to(s, "--attach", name, code=0).shows("--attach-file " + name)
    with Server() as s:
        to(s, "--attach", name, swaks=True, code=0).hides("--attach-file")
    with Server() as s:
        to(s, "--attach", "@" + name, code=0).hides("--attach-file")


# ---- byte-exact messages

LETTER = (b"Return-Path: <a@b>\r\nSubject: %DATE% \\n ..BODY..\r\nX-8: \xe4\xf6\r\n\r\n.dot\r\n..\r\n"
          b"trailing   \r\n%TO_ADDRESS%\r\n\tend without newline")


def undotted(raw):
    return b"\r\n".join(line[1:] if line.startswith(b".") else line for line in raw.split(b"\r\n"))


@test
def message_exact():
    """--message FILE and -: every byte arrives; no token, no \\n, no header is touched"""
    letter = write("letter.eml", LETTER)
    for args, stdin in ((["--message", letter], None), (["--message", "-"], LETTER)):
        with Server(["8BITMIME"]) as s:
            to(s, *args, "--h-Subject", "other", stdin=stdin, code=0)
            assert undotted(s.session.message) == LETTER + b"\r\n", s.session.message


@test
def message_line_feeds():
    """--message: a file with bare line feeds arrives with CRLF"""
    with Server() as s:
        to(s, "--message", write("lf.eml", b"Subject: a\n\nb\n.\nc\n"), code=0)
        assert undotted(s.session.message) == b"Subject: a\r\n\r\nb\r\n.\r\nc\r\n"


@test
def message_maildir():
    """--message MAILDIR entry: found by its unique name when its flags changed and it moved"""
    os.makedirs(path("Maildir/cur"))
    os.makedirs(path("Maildir/new"))
    write("Maildir/cur/1700.M1.host:2,FS", b"Subject: moved\n\nhere\n")
    with Server() as s:
        to(s, "--message", path("Maildir/new/1700.M1.host"), code=0)
        assert s.session.message.startswith(b"Subject: moved\r\n"), s.session.message


@test
def message_folder():
    """--message MAILDIR: a folder is no message; the error says what to name"""
    os.makedirs(path("Empty/cur"))
    os.makedirs(path("Empty/new"))
    with Server() as s:
        to(s, "--message", path("Empty"), code=1).shows("Empty", "--message")
        assert not s.sessions


@test
def message_dump():
    """--dump-mail shows a --message file as it would go out"""
    letter = write("show.eml", b"Subject: a\r\n\r\nb\r\n")
    done = run("--to", "x@example.org", "--server", "h", "--message", letter, "--dump-mail", code=0)
    assert b"Subject: a" in done.raw_out and b"\n\n" in done.raw_out.replace(b"\r", b"")
