# SPDX-License-Identifier: Apache-2.0
"""Domains, certificates, mail servers and policies for the tests of `waxseal send --tls-policy`.

All mail servers listen on one port, each on its own address; names and TLSA records are Knot's.
"""

import hashlib
import socket
import ssl

from dns import zones
from lab.pki import Pki, openssl
from lab.process import free_port

from . import peers

ZONE = "good.example"
STS = "version: STSv1\nmode: %s\nmx: %s\nmax_age: 600\n"
BIG = "version: STSv1\nmode: enforce\nmx: *.good.example\nmax_age: 600\n" + "mx: a.example\n" * 6000


class Lab:
    """A host has a name below good.example, an address, and the certificate it shows."""

    def __init__(self, street):
        self.port, self.sts_port = free_port(), free_port()
        self.folder = street.folder / "policy"
        self.folder.mkdir()
        self.pki = Pki(self.folder)
        self.zone, self.plain, self.mail, self._count = "", "", {}, 0
        self._leaves()
        self._hosts()
        self._domains()
        self._policies(street)
        self.dns = zones.start(street, {"good.example.": self.zone, "plain.example.": self.plain})
        for server in self.mail.values():
            street.on_close(server.close)

    def _leaf(self, name, names, dates=None):
        self.pki._leaf(name, key="ec", names=names, dates=dates)  # pylint: disable=protected-access

    def _leaves(self):
        every = "DNS:*.good.example"
        self._leaf("host", every)
        self._leaf("domain", "DNS:nexthop.good.example")
        self._leaf("other", "DNS:other.example")
        self._leaf("late", every, ("20200101000000Z", "20210101000000Z"))
        self._leaf("web", "DNS:*.good.example,DNS:*.enforced.good.example," + ",".join(
            "DNS:mta-sts.%s.good.example" % d for d in POLICIES))
        bare = self.pki.path("bare.all.pem")  # without the intermediate
        bare.write_text(self.pki.path("host.key").read_text() + self.pki.path("host.pem").read_text())

    def digest(self, name, selector=1):
        pem = self.pki.path(name + ".pem")
        if selector == 0:
            return hashlib.sha256(openssl("x509", "-in", pem, "-outform", "DER")).hexdigest()
        key = openssl("x509", "-in", pem, "-noout", "-pubkey")
        return hashlib.sha256(openssl("pkey", "-pubin", "-outform", "DER", data=key)).hexdigest()

    def _host(self, name, leaf="host", tlsa=(), up=True, newest=None):
        self._count += 1
        address = "127.60.0.%d" % self._count
        self.zone += "%s A %s\n" % (name, address)
        for record in tlsa:
            self.zone += "_%d._tcp.%s TLSA %s\n" % (self.port, name, record)
        if up:
            bundle = self.pki.path(leaf + ".all.pem") if leaf else None
            self.mail[name] = peers.Mail(address, self.port, bundle, newest)

    def _hosts(self):
        ee = "3 1 1 %s"
        self._host("ee", "self", [ee % self.digest("self")])
        self._host("eelate", "late", [ee % self.digest("late")])
        self._host("ta", "host", ["2 0 1 " + self.digest("inter", 0)])
        self._host("tadomain", "domain", ["2 0 1 " + self.digest("inter", 0)])
        self._host("taother", "other", ["2 0 1 " + self.digest("inter", 0)])
        self._host("talate", "late", ["2 0 1 " + self.digest("inter", 0)])
        self._host("stale", "host", [ee % ("ab" * 32)])
        self._host("rollover", "host", [ee % ("ab" * 32), ee % self.digest("host")])
        self._host("pkixonly", "host", ["1 1 1 " + self.digest("host")])
        self._host("good")
        self._host("other", "other")
        self._host("late", "late")
        self._host("self", "self")
        self._host("bare", "bare")
        self._host("clear", None, [ee % ("ab" * 32)])
        self._host("old", "host", newest=ssl.TLSVersion.TLSv1_2)
        self._host("down", up=False)
        self.zone += "alias3 CNAME ee\nalias2 CNAME good\n_%d._tcp.alias2 TLSA %s\n" % (
            self.port, ee % self.digest("host"))
        self.zone += "v6 AAAA ::1\n"
        if socket.has_ipv6:
            self.mail["v6"] = peers.Mail("::1", self.port, self.pki.path("host.all.pem"))

    def _domains(self):
        for name in [*self.mail, "alias3", "alias2", "down"]:
            self.zone += "to-%s MX 10 %s\n" % (name, name)
        self.zone += "nexthop MX 10 tadomain\n"
        self.zone += "two MX 10 down\ntwo MX 20 good\n"
        self.zone += "both MX 10 ee\nboth MX 20 good\nboth MX 30 down\n"
        self.zone += "danetwo MX 10 good\ndanetwo MX 20 ee\n"
        self.zone += "norecords A %s\n" % self.mail["good"].address
        self.zone += "stsinsecure MX 10 mx.plain.example.\n"

    def _policies(self, street):
        pages = {}
        for name, (record, page, mx) in POLICIES.items():
            self.zone += "%s MX 10 %s\nmta-sts.%s A %s\n" % (name, mx, name, WEB.get(name, WEB[""]))
            for text in record:
                self.zone += '_mta-sts.%s TXT "%s"\n' % (name, text)
            pages["mta-sts.%s.good.example" % name] = page
        for address, bundle in ((WEB[""], "web"), (WEB["webself"], "self")):
            server = peers.Web(address, self.sts_port, self.pki.path(bundle + ".all.pem"), pages)
            street.on_close(server.close)

    def options(self):
        return ["--port", self.port, "--resolver", "127.0.0.1@%d" % self.dns.port,
                "--trust-anchor", self.dns.anchor, "--from", "me@client.test", "--helo",
                "client.test", "--timeout", "60", "--body", "hello"]


_ID = ("v=STSv1; id=1;",)
_ALL = "*.good.example"


def _page(mode, mx=_ALL):
    return 200, {}, STS % (mode, mx)


WEB = {"": "127.61.0.1", "webself": "127.61.0.2", "webdown": "127.61.0.3"}
POLICIES = {
    "enforced": (_ID, _page("enforce"), "good"),
    "exact": (_ID, _page("enforce", "good.good.example"), "good"),
    "stranger": (_ID, _page("enforce", "mx.elsewhere.example"), "good"),
    "deeper": (_ID, _page("enforce", "*.mx.good.example"), "good"),
    "wrongname": (_ID, _page("enforce"), "other"),
    "clearonly": (_ID, _page("enforce"), "clear"),
    "testing": (_ID, _page("testing", "mx.elsewhere.example"), "other"),
    "nomode": (_ID, _page("none"), "clear"),
    "norecord": ((), _page("enforce"), "good"),
    "tworecords": (_ID + ("v=STSv1; id=2;",), _page("enforce"), "good"),
    "noid": (("v=STSv1;",), _page("enforce"), "good"),
    "missing": (_ID, (404, {}, "no"), "good"),
    "moved": (_ID, (302, {"Location": "https://mta-sts.enforced.good.example/"}, ""), "good"),
    "broken": (_ID, (503, {}, ""), "good"),
    "html": (_ID, (200, {"Content-Type": "text/html"}, STS % ("enforce", _ALL)), "good"),
    "nonsense": (_ID, (200, {}, "<html>"), "good"),
    "huge": (_ID, (200, {}, BIG), "good"),
    "slow": (_ID, (0, {}, ""), "good"),
    "webself": (_ID, _page("enforce"), "good"),
    "webdown": (_ID, _page("enforce"), "good"),
}
