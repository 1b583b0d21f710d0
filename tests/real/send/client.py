# SPDX-License-Identifier: Apache-2.0
"""Runs `waxseal send` and looks at what arrived; the list of cases, to which each file adds some.

A case is a function of a Place; it returns what is wrong, empty when nothing is.
"""

import itertools
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab import program

from .servers import BOXES, HELO, PASSWORD

SECONDS = 300
CASES = []  # (name, function)
SENDER = "sender@lab.test"
TRACE = re.compile(rb"(Return-path|Return-Path|Delivered-To|X-Original-To|Received|Envelope-to|"
                   rb"Delivery-date): ")


def case(name):
    def add(function):
        CASES.append((name, function))
        return function
    return add


@dataclass(frozen=True)
class Said:
    """What a run said."""
    status: int
    out: str
    shown: str

    def problems(self, status=0, words=(), absent=()):
        found = []
        if self.status != status:
            found.append("exit status %d, not %d" % (self.status, status))
        if "Sanitizer" in self.out or "runtime error" in self.out:
            found.append("the sanitizer complains")
        found += ["does not say: " + w for w in words if w not in self.out]
        found += ["says: " + w for w in absent if w in self.out]
        return [*found, self.shown] if found else []


def said(argv, status, out):
    text = out.decode(errors="replace")
    shown = text if len(text) < 6000 else text[:3000] + "\n...\n" + text[-3000:]
    return Said(status, text, "%s\nexit status %s\n%s" % (" ".join(argv), status, shown))


def environment():
    return {**os.environ, "HOME": "/nonexistent"}


def run(argv, given=b""):
    argv = [os.fspath(a) for a in argv]
    try:
        done = subprocess.run(argv, input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=SECONDS, check=False, env=environment())
    except subprocess.TimeoutExpired as problem:
        return said(argv, -1, problem.output or b"")
    return said(argv, done.returncode, done.stdout)


class Place:
    """A folder, the servers, and a box that no other case uses."""

    _numbers = itertools.count(400)  # of boxes; the others are for all
    password = PASSWORD  # of every box

    def __init__(self, servers, folder):
        self.servers = servers
        self.pki = servers.pki
        self.folder = Path(folder)
        self._last = None

    @classmethod
    def new_box(cls):
        return BOXES[next(cls._numbers)]

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def argv(self, service, *arguments, to):
        """The command that speaks to this service of the servers."""
        where = ("--server", "127.0.0.1:%d" % self.servers.ports[service]) if service else ()
        return [program.binary(), "send", *where, "--helo", HELO, "--from", SENDER, "--to", to,
                "--no-explain", "--timeout", "120", *arguments]

    def send(self, service, *arguments, to, given=b""):
        self._last = run(self.argv(service, *arguments, to=to), given)
        return self._last

    def mail(self, server, box, count=1, seconds=120.0):
        """What is in this box in the end; not much is to be hoped for after a failure."""
        failed = self._last is not None and self._last.status != 0
        return self.servers.mail(server, box, count, 0 if failed else seconds)

    def arrived(self, server, box, sent, count=1, crlf=False):
        """What is wrong with the messages in this box, all of which should be `sent`."""
        wanted = sent if crlf else sent.replace(b"\r\n", b"\n")
        found = []
        mails = self.mail(server, box, count)
        if len(mails) != count:
            found.append("%d messages in %s, not %d" % (len(mails), box, count))
        for mail in mails:
            found += difference(without_trace(mail), wanted)
        return [*found, self.servers.log_of(server)[-1500:]] if found else []


def without_trace(mail):
    """The message without the fields that servers put in front of it."""
    while TRACE.match(mail):
        end = re.search(rb"\n(?![ \t])", mail)
        mail = mail[end.end():] if end else b""
    return mail


def difference(got, wanted):
    if got == wanted:
        return []
    at = next((i for i, (a, b) in enumerate(zip(got, wanted)) if a != b),
              min(len(got), len(wanted)))
    return ["differs at byte %d of %d (%d wanted): %r, not %r"
            % (at, len(got), len(wanted), got[max(0, at - 20):at + 60],
               wanted[max(0, at - 20):at + 60])]
