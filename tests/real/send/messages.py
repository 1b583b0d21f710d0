# SPDX-License-Identifier: Apache-2.0
"""Messages through real servers: their bytes, envelopes and extensions at the other end; memory."""

import os
import subprocess
import traceback
from concurrent.futures import ThreadPoolExecutor

from lab import program

from . import samples
from .servers import HELO, PASSWORD, USER, Servers

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
    def __init__(self, tap, street, servers):
        self.tap, self.street, self.servers = tap, street, servers
        self.ports = servers.ports
        self.folder = street.folder / "messages"
        self.folder.mkdir()
        self._box = 200

    def box(self):
        self._box += 1
        return "b%03d" % self._box

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


def send(*arguments, given=None):
    """Runs waxseal send; returns its exit status and what it said."""
    argv = [str(program.binary()), "send", "--helo", HELO, "--from", "sender@lab.test",
            *map(str, arguments)]
    done = subprocess.run(argv, input=given, stdin=None if given else subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS,
                          check=False)
    return done.returncode, " ".join(argv) + "\n" + done.stdout.decode(errors="replace")


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


# ---- each sample by each route

def deliver(lab, route, sample):
    box = lab.box()
    path = lab.file("%s %s.eml" % (sample.name, route.name), sample.data)
    code, said = send(*lab.way(route), "--to", box + "@" + route.domain, "--message", path)
    found = ["exit status %d" % code] if code else []
    if not found:
        found = differ(lab.servers.mail(route.keeper, box), with_end(sample.data))
    return found and [*found, said[-4000:]]


def cases():
    return [("%s: %s" % (r.name, s.name), lambda lab, r=r, s=s: deliver(lab, r, s))
            for s in samples.SAMPLES for r in ROUTES.values()]


def count():
    return len(cases())


def run(tap, street, pki, servers=None):
    everything = cases()
    try:
        lab = Lab(tap, street, servers or Servers(street, pki))
    except Exception:
        for title, _ in everything:
            tap.result("send: " + title, False, traceback.format_exc())
        return

    def one(case):
        try:
            return case[1](lab)
        except Exception:
            return [traceback.format_exc()]

    with ThreadPoolExecutor(2) as pool:
        for (title, _), found in zip(everything, pool.map(one, everything)):
            tap.result("send: " + title, not found, "\n".join(found or []))
