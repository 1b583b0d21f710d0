# SPDX-License-Identifier: Apache-2.0
"""One command line for both programs, and what they said made comparable."""

import re
import subprocess
from collections import Counter
from dataclasses import dataclass

from lab import program

SECONDS = 300

# What differs each time, or is the server's talk: left out of the comparison, line by line.
_VARIABLE = re.compile(
    r"^\s*(Session-ID(-ctx)?:|Master-Key:|Resumption PSK:|Start Time:|Timeout +:"
    r"|[0-9a-f]{4} - ([0-9a-f]{2}[ -]){4}|TLS session ticket:|Keying material:"
    r"|read:errno=|.{0,4}DONE$|closed$|read R BLOCK|write R BLOCK|Turned on non|CONNECTION CLOSED|Connecting to"
    r"|SSL handshake has read )"
    r"|SSL routines|:error:[0-9A-F]|^(drop connection|reused|Can't use SSL_get_servername)")
_TICKET = re.compile(r"^---\nPost-Handshake New Session Ticket arrived:\n.*?^---\n", re.M | re.S)


@dataclass(frozen=True)
class Said:
    status: int
    out: str
    err: str
    shown: str


def run(argv, given=b"", env=None):
    done = subprocess.run([str(a) for a in argv], input=given, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=SECONDS, check=False,
                          env={"PATH": "/usr/bin:/bin", "OPENSSL_CONF": "/dev/null", **(env or {})})
    out, err = (b.decode(errors="replace") for b in (done.stdout, done.stderr))
    if "Sanitizer" in err or "runtime error" in err:
        raise AssertionError("the sanitizer complains:\n" + err[-6000:])
    return Said(done.returncode, out, err, "%s\nexit status %d\n--- stdout\n%s--- stderr\n%s"
                % (" ".join(map(str, argv)), done.returncode, out[-8000:], err[-4000:]))


def both(arguments, given=b"", env=None):
    """(waxseal, s_client), run one after the other with the same arguments."""
    return (run([program.binary(), "connect", *arguments], given, env),
            run(["openssl", "s_client", *arguments], given, env))


def summary(said):
    """The lines of -brief, which both print to stderr."""
    return lines(said.err)


def errors(said):
    """The library's error queue, without the thread that it names first."""
    return re.findall(r"^[0-9A-F]+:(error:[0-9A-F]{8}:.*)$", said.err, re.M)


def full(said):
    """The long output: what stands behind CONNECTED, without tickets that may or may not come."""
    text = said.out
    if "CONNECTED(" in text:
        text = text[text.index("CONNECTED("):]
    # after it comes what the server says
    return lines(_TICKET.sub("", text))


def lines(text):
    return [line.rstrip() for line in text.split("\n")
            if line.strip() and not _VARIABLE.search(line) and not line.startswith("CONNECTED(")]


def differences(ours, theirs, what):
    """Lines that only one of the two has, or has more often."""
    ours, theirs = Counter(ours), Counter(theirs)
    return (["%s: only s_client says: %s" % (what, line) for line in (theirs - ours).elements()]
            + ["%s: only waxseal says: %s" % (what, line) for line in (ours - theirs).elements()])


def pems(text):
    return re.findall(r"-----BEGIN CERTIFICATE-----\n.*?-----END CERTIFICATE-----", text, re.S)
