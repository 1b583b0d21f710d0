# SPDX-License-Identifier: Apache-2.0
"""The memory that a message takes does not depend on its size."""

import base64
import hashlib
import os
import subprocess
import sys

from lab import program

from .delivery import ROUTES, as_wire, split_top
from .servers import HELO

SMALL, LARGE = 1 << 20, 50 << 20
SECONDS = 60


def _limit():
    """How much more the large one may take; the sanitizer keeps what is freed for a while."""
    linked = subprocess.run(["ldd", str(program.binary())], stdout=subprocess.PIPE, text=True,
                            timeout=20, check=False).stdout
    return (24 if "libasan" in linked else 8) << 20


# A process begins with the peak of the one that it was forked from: a lean one has to start it.
_LEAN = """import posix, sys
pid = posix.fork()
if pid == 0:
    posix.execv(sys.argv[2], sys.argv[2:])
_, status, usage = posix.wait4(pid, 0)
with open(sys.argv[1], "w") as out:
    out.write("%d %d" % (posix.waitstatus_to_exitcode(status), usage.ru_maxrss))
"""


def measure(arguments, given, output):
    """(exit status, peak of resident memory in bytes)"""
    answer = output.with_suffix(".usage")
    argv = [sys.executable, "-I", "-S", "-c", _LEAN, answer, program.binary(), "send", "--helo",
            HELO, "--from", "sender@lab.test", *arguments]
    with open(given or os.devnull, "rb") as source, open(output, "wb") as sink:
        subprocess.run([str(a) for a in argv], stdin=source, stdout=sink,
                       stderr=subprocess.STDOUT, timeout=SECONDS, check=True)
    code, peak = answer.read_text().split()
    return int(code), int(peak) * 1024


def file_of(lab, size, text):
    """A file of this size: noise, or a message with lines of text. Made once."""
    path = lab.folder / ("%s-%d" % ("text" if text else "noise", size))
    if not path.exists():
        block = hashlib.shake_256(b"noise").digest(1 << 20)
        if text:
            block = base64.encodebytes(block)[:(1 << 20) - 3] + b"\n.\n"
        head = b"From: sender@lab.test\nTo: you@lab.test\nSubject: large\n\n" if text else b""
        with open(path, "wb") as out:
            out.write(head)
            for number in range(size >> 20):
                out.write(b"%07d\n" % number + block[8:])
    return path


def digest_of_message(path):
    return hashlib.sha256(as_wire(path.read_bytes())).hexdigest()


def digest_of_attachment(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def digest_arrived(data, text):
    """Of what arrived: all of it below the servers' fields, or its attachment."""
    if text:
        return hashlib.sha256(split_top(as_wire(data))[1]).hexdigest()
    part = as_wire(data).split(b"Content-Transfer-Encoding: BASE64\r\n\r\n", 1)[-1]
    return hashlib.sha256(base64.b64decode(part.split(b"\r\n--", 1)[0])).hexdigest()


def grown(lab, route, text, by_stdin, options):
    """Problems when the large message takes more memory than the small one, or arrives broken."""
    found, peaks = [], []
    for size in (SMALL, LARGE):
        box, path = lab.box(), file_of(lab, size, text)
        said = lab.folder / box
        how = ["--message" if text else "--attach-file", "-" if by_stdin else path]
        code, peak = measure([*lab.way(route), "--to", box + "@lab.test", "--suppress-data",
                              *how, *options], path if by_stdin else None, said)
        peaks.append(peak)
        if code:
            return ["exit status %d" % code, said.read_text()[-2000:]]
        arrived = lab.mail(route, box)
        want = (digest_of_message if text else digest_of_attachment)(path)
        if len(arrived) != 1 or digest_arrived(arrived[0], text) != want:
            found.append("the one of %d bytes arrived with other bytes" % size)
    lab.notes.append("%.1f MB for 1 MB, %.1f MB for 50 MB" % tuple(p / 1e6 for p in peaks))
    if peaks[1] - peaks[0] > _limit():
        found.append("%d bytes for 1 MB, %d bytes for 50 MB" % tuple(peaks))
    return found


def cases():
    postfix, exim = ROUTES["postfix"], ROUTES["exim"]
    listed = (("attachment", postfix, False, False, ()),
              ("attachment, BDAT", exim, False, False, ("--chunking",)),
              ("attachment inside TLS", exim, False, False, ("--tls",)),
              ("message", postfix, True, False, ()),
              ("message by LMTP", ROUTES["lmtp"], True, False, ()),
              ("message, BDAT", postfix, True, False, ("--chunking", "--pipeline")),
              ("message on standard input, BDAT", exim, True, True, ("--chunking", "65536")))
    return [("memory: " + name, lambda lab, a=a: grown(lab, *a)) for name, *a in listed]
