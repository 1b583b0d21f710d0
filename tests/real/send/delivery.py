# SPDX-License-Identifier: Apache-2.0
"""Sends through the real servers and compares what arrives."""

import itertools
import subprocess
import time

from lab import program

from .servers import HELO, PASSWORD, USER

SECONDS = 60
# what a server puts on top of a message
ADDED = (b"return-path", b"delivered-to", b"received", b"x-original-to", b"envelope-to",
         b"delivery-date")


class Route:
    """A way to a mailbox: options to get there, and who delivers in the end."""

    def __init__(self, name, keeper, domain="lab.test"):
        self.name, self.keeper, self.domain = name, keeper, domain


ROUTES = {r.name: r for r in (
    Route("postfix", "postfix"), Route("postfix to dovecot", "dovecot", "lmtp.test"),
    Route("exim", "exim"), Route("lmtp", "dovecot"), Route("lmtp socket", "dovecot"),
    Route("submission", "postfix"))}


class Lab:
    def __init__(self, street, servers):
        self.street, self.servers = street, servers
        self.ports = servers.ports
        self.notes = []  # figures worth knowing
        self.folder = street.folder / "messages"
        self.folder.mkdir()
        self._boxes = itertools.count(200)

    def box(self):
        """A mailbox that nobody else uses."""
        return "b%03d" % next(self._boxes)

    def mail(self, route, box, messages=1):
        return self.servers.mail(route.keeper, box, messages)

    @staticmethod
    def wait_for(true, seconds=10.0):
        """Whether this becomes true in time."""
        deadline = time.monotonic() + seconds
        while not true():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def file(self, name, data):
        path = self.folder / name.replace(" ", "-").replace("/", "-")
        path.write_bytes(data)
        return path

    def way(self, route):
        port = self.ports.get
        local = ("--server", "127.0.0.1", "--port")
        return {"postfix": (*local, port("postfix")),
                "postfix to dovecot": (*local, port("postfix")),
                "exim": (*local, port("exim")),
                "lmtp": (*local, port("lmtp"), "--protocol", "LMTP"),
                "lmtp socket": ("--socket", self.servers.homes["dovecot"] / "lmtp",
                                "--protocol", "LMTP"),
                "submission": (*local, port("submission"), "--tls", "--auth", "PLAIN",
                               "--auth-user", USER, "--auth-password", PASSWORD)}[route.name]


def send(*arguments, given=None, name="send"):
    """Runs waxseal send; returns its exit status and what it said."""
    argv = [str(program.binary()), name, "--helo", HELO, "--from", "sender@lab.test",
            *map(str, arguments)]
    done = subprocess.run(argv, input=given, stdin=None if given is not None else
                          subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=SECONDS, check=False)
    said = done.stdout.decode(errors="replace")
    code = done.returncode if "Sanitizer" not in said and "runtime error:" not in said else -100
    return code, " ".join(argv) + "\n" + said


def split_top(message):
    """(the fields that servers have put on top, the rest)"""
    at = 0
    while True:
        end = message.find(b"\r\n", at)
        line = message[at:end] if end >= 0 else b""
        if line[:1] not in (b" ", b"\t") or at == 0:
            if line.split(b":")[0].lower() not in ADDED:
                return message[:at], message[at:]
        at = end + 2


def as_wire(data):
    """With CRLF line ends: servers keep mail with either."""
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def differ(arrived, sent):
    """Problems when what arrived isn't what was sent plus fields on top."""
    if len(arrived) != 1:
        return ["%d messages arrived" % len(arrived)]
    _, rest = split_top(as_wire(arrived[0]))
    if rest == sent:
        return []
    at = next((i for i, (a, b) in enumerate(zip(rest, sent)) if a != b), min(len(rest), len(sent)))
    return ["%d bytes arrived, %d were sent, other from %d on:" % (len(rest), len(sent), at),
            repr(rest[max(0, at - 40):at + 60]), repr(sent[max(0, at - 40):at + 60])]


def with_end(data):
    wire = as_wire(data)
    return wire if wire.endswith(b"\r\n") else wire + b"\r\n"


def attempt(lab, route, *options, to=None, given=None, code=0):
    """Sends to a fresh box; returns (problems, messages in it, transcript)."""
    box = lab.box()
    status, said = send(*lab.way(route), "--to", (to or "%s@" + route.domain) % box, *options,
                        given=given)
    if status != code:
        return ["exit status %d, not %d" % (status, code), said[-4000:]], [], said
    return [], lab.mail(route, box) if code == 0 else [], said


def compare(lab, route, sent, *options, given=None):
    """Sends with these options; problems when not just `sent` arrives."""
    found, arrived, said = attempt(lab, route, *options, given=given)
    found = found or differ(arrived, sent)
    return found and [*found, said[-3000:]]
