# SPDX-License-Identifier: Apache-2.0
"""A DNS from the root down on one port of 127.0.0.1, served and signed by Knot.

    .              signed; its key is the trust anchor
    example.       signed
    good.example.  signed: secure
    bad.example.   signed, but the parent's DS is of another key: bogus
    plain.example. not signed, and the parent proves it: insecure
    fail.example.  delegated and never loaded: SERVFAIL

Knot answers for all of them, so a validating resolver may simply forward to it. All addresses are
in 127.0.0.0/8.
"""

import random
import socket
import struct
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from lab import unpacked
from lab.process import StartError, free_port, tail

START_SECONDS = 120.0
SIGNED = (".", "example.", "good.example.", "bad.example.")
ZONES = (*SIGNED, "plain.example.")

_CONF = """server:
    listen: 127.0.0.1@{port}
    rundir: {home}
    user: root
    udp-workers: 1
    tcp-workers: 1
    background-workers: 2
log:
  - target: stderr
    any: info
database:
    storage: {home}/db
policy:
  - id: own
    algorithm: ecdsap256sha256
    single-type-signing: on
    manual: on
  - id: rsa
    algorithm: rsasha256
    single-type-signing: on
    manual: on
    nsec3: on
    nsec3-iterations: 0
template:
  - id: default
    storage: {home}
    zonefile-sync: -1
    zonefile-load: difference-no-serial
    journal-content: all
zone:
"""
_ZONE = "  - domain: {zone}\n    file: {file}\n"
_SIGNING = "    dnssec-signing: on\n    dnssec-policy: {policy}\n"

_SOA = "$TTL 300\n@ SOA ns.example. hostmaster.example. 1 3600 600 86400 300\n@ NS ns.example.\n"

_RECORDS = {
    ".": "example. NS ns.example.\nns.example. A 127.0.0.1\n",
    "example.": """ns A 127.0.0.1
good NS ns
bad NS ns
plain NS ns
fail NS ns
""",
    "good.example.": """@ MX 20 mx2
@ MX 10 mx1
mx1 A 127.0.0.1
mx2 A 127.0.0.2
null MX 0 .
mixed MX 0 .
mixed MX 10 mx1
tocname MX 10 alias
alias CNAME mx1
alsoknown CNAME plaindomain
plaindomain MX 10 mx1
nomx A 127.0.0.1
lost MX 10 nohost
empty TXT "no mail here"
xn--bcher-kva MX 10 mx1
toinsecure MX 10 mx.plain.example.
tobogus MX 10 mx.bad.example.
""",
    "bad.example.": "@ MX 10 mx\nmx A 127.0.0.1\n",
    "plain.example.": "@ MX 10 mx\nmx A 127.0.0.1\n",
}

# Twelve, in an order that is neither that of the preferences nor of the names.
MANY = tuple((10 * (1 + 7 * n % 12 // 2), "m%02d" % (5 * n % 12)) for n in range(12))


@dataclass(frozen=True)
class Dns:
    port: int
    anchor: Path  # the root's DNSKEY, as --trust-anchor takes it

    def options(self):
        return ["--resolver", "127.0.0.1@%d" % self.port, "--trust-anchor", self.anchor]


def start(street, more=None):
    """Starts Knot with all zones; returns when every one of them is answered for. `more`: records
    to add, by zone."""
    unpacked.ensure(["knot"])
    home, inside = street.home("knot")
    port = free_port()
    (home / "db").mkdir()
    (home / "knot.conf").write_text(_conf(port, inside))
    for zone in SIGNED:
        _keymgr(inside, zone, "generate", "ksk=yes", "zsk=yes",
                "algorithm=" + ("rsasha256" if zone == "good.example." else "ecdsap256sha256"))
    anchor = street.folder / "root.key"
    anchor.write_text(_keymgr(inside, ".", "dnskey"))
    for zone in ZONES:
        (home / _file(zone)).write_text(_SOA + _RECORDS[zone] + _delegations(zone, inside)
                                        + (more or {}).get(zone, ""))
    log = street.folder / "knot.log"
    process = street.start("knot", ["/usr/sbin/knotd", "-c", inside + "/knot.conf"], [port], log,
                           root="knot")
    deadline = time.monotonic() + START_SECONDS
    while not all(_answers(port, zone) for zone in ZONES):
        if process.poll() is not None or time.monotonic() > deadline:
            raise StartError("knot does not serve its zones\n" + tail(log))
        time.sleep(0.05)
    return Dns(port, anchor)


def _conf(port, inside):
    text = _CONF.format(port=port, home=inside)
    for zone in (*ZONES, "fail.example."):
        text += _ZONE.format(zone=zone, file=_file(zone))
        if zone in SIGNED:
            text += _SIGNING.format(policy="rsa" if zone == "good.example." else "own")
    return text


def _file(zone):
    return (zone.rstrip(".") or "root") + ".zone"


def _delegations(zone, inside):
    """What a zone needs beyond its plain records: its children's DS, the many MX."""
    if zone == ".":
        return _ds(inside, "example.")
    if zone == "example.":
        # bad.example's DS names the key of another zone
        return _ds(inside, "good.example.") + _ds(inside, ".", owner="bad.example.")
    if zone == "good.example.":
        return "".join("many MX %d %s\n%s A 127.0.1.%d\n" % (preference, host, host, n + 1)
                       for n, (preference, host) in enumerate(MANY))
    return ""


def _ds(inside, zone, owner=None):
    lines = [line for line in _keymgr(inside, zone, "ds").split("\n") if line.strip()]
    return "".join("%s DS %s\n" % (owner or zone, line.split(" DS ", 1)[1]) for line in lines)


def _keymgr(inside, zone, *arguments):
    done = subprocess.run(
        ["chroot", str(unpacked.root_of("knot")), "/usr/sbin/keymgr", "-c", inside + "/knot.conf",
         zone, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, timeout=300, check=False, env={"PATH": "/usr/sbin:/usr/bin"})
    if done.returncode != 0:
        raise StartError("keymgr %s %s: %s" % (zone, arguments[0], done.stderr.decode()))
    return done.stdout.decode()


def _answers(port, zone):
    """Does the server answer a question for the zone's SOA with authority?"""
    number = random.randrange(65536)
    name = b"".join(bytes([len(part)]) + part for part in zone.encode().split(b".") if part)
    question = struct.pack(">6H", number, 0, 1, 0, 0, 0) + name + b"\0" + struct.pack(">2H", 6, 1)
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.5)
        try:
            sock.sendto(question, ("127.0.0.1", port))
            reply = sock.recv(4096)
        except OSError:
            return False
    back, flags, _, answers = struct.unpack(">4H", reply[:8])
    return back == number and flags & 0x040f == 0x0400 and answers > 0
