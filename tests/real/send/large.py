# SPDX-License-Identifier: Apache-2.0
"""50 MB take no more memory than one, and arrive as they are."""

import binascii
import hashlib
import os
import random
import subprocess
import tempfile
from pathlib import Path

from lab import program

from .client import SECONDS, case, environment, said

SMALL, LARGE = 1000000, 50000000
SENSIBLE = 8192  # KiB, the most that the larger one may take more


def release():
    """A binary without sanitizers ($WAXSEAL_RELEASE), if there is one: with them, freed memory is
    kept back for a while, and how much differs from run to run."""
    return os.environ.get("WAXSEAL_RELEASE") or program.binary()


def measure(argv):
    """Runs it; returns what it said and its peak of memory in KiB, exact and from the kernel:
    wait4() by this program would give no less than this program's own, time(1) is a small one."""
    argv = [os.fspath(a) for a in [release(), *argv[1:]]]
    with tempfile.NamedTemporaryFile() as peak, tempfile.TemporaryFile() as err:
        timed = ["/usr/bin/time", "--quiet", "--format", "%M", "--output", peak.name]
        done = subprocess.run([*timed, *argv], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=err, timeout=SECONDS, check=False,
                              env=environment())
        err.seek(0)
        answer, found = said(argv, done.returncode, err.read(100000)), peak.read().strip()
    return answer, int(found) if found.isdigit() else 0


def data(size):
    return random.Random(size).randbytes(size)


def lines(size):
    """A message of this size with lines of all kinds."""
    line = b"." * 3 + bytes(range(160, 255)) + b"\r\n"
    return b"Subject: large\r\n\r\n" + line * (size // len(line))


def digest(mail, attached):
    """Of the decoded attachment, or of the whole message without what servers add."""
    if not attached:
        mail = mail[mail.index(b"Subject: large"):].replace(b"\r\n", b"\n")
        return hashlib.sha256(mail).hexdigest()
    at = mail.index(b"BASE64")
    start = mail.index(b"\n\r\n" if b"\r\n" in mail[:2000] else b"\n\n", at)
    return hashlib.sha256(binascii.a2b_base64(mail[start:mail.index(b"\n--", start)])).hexdigest()


def grows(place, service, server, *arguments, attached=True):
    """Sends a small and a large one; tells what is wrong with either, or with the difference."""
    peaks, found = [], []
    for size in (SMALL, LARGE):
        content = data(size) if attached else lines(size)
        wanted = hashlib.sha256(content if attached
                                else content.replace(b"\r\n", b"\n")).hexdigest()
        box, path = place.new_box(), place.file("content", content)
        answer, peak = measure(place.argv(
            service, *arguments, "--attach-file" if attached else "--message", path,
            to=box + "@lab.test"))
        found += answer.problems()
        peaks.append(peak)
        for mail in place.mail(server, box, seconds=300):
            if digest(mail, attached) != wanted:
                found.append("%d bytes arrived changed" % size)
            break
        else:
            found.append("%d bytes did not arrive" % size)
            found.append(place.servers.log_of(server)[-1500:])
        path.unlink()
        for old in (Path(place.servers.homes[server]) / "mail" / box / "new").glob("*"):
            old.unlink()
    print("# %s %s: %d KiB, then %d KiB" % (service, " ".join(arguments), *peaks), flush=True)
    if peaks[1] - peaks[0] > SENSIBLE or peaks[0] == 0:
        found.append("peak memory: %d KiB, then %d KiB" % tuple(peaks))
    return found


@case("50 MB attachment: Postfix")
def attachment(place):
    return grows(place, "postfix", "postfix", "--tls")


@case("50 MB --message: Dovecot LMTP")
def message(place):
    return grows(place, "lmtp", "dovecot", "--protocol", "LMTP", "--suppress-data", attached=False)


@case("50 MB --message in chunks: Exim")
def message_chunks(place):
    return grows(place, "exim", "exim", "--tls", "--chunking", "500000", "--hide-all",
                 attached=False)
