# SPDX-License-Identifier: Apache-2.0
"""`waxseal send` where mail must be safe: --tls-policy, MX, proxies, and failures in words."""

import json
import os
import subprocess
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lab import program

from . import peers, street

DANE, STS, PKIX = (("--tls-policy", name) for name in ("dane", "mta-sts", "pkix"))
ROOT = ("--tls-ca-path", "{root}")


@dataclass(frozen=True)
class Case:
    title: str
    to: str  # a domain below good.example, or one with a dot
    options: tuple
    code: int
    words: tuple = ()
    absent: tuple = ()
    mail: tuple = ()  # hosts that must have got this message, inside TLS unless `clear`
    clear: bool = False
    name: str = "waxseal send"


DANE_CASES = (
    Case("DANE-EE passes over name and trust", "to-ee", DANE, 0,
         ("1 of 1 TLSA records", "TLS started"), mail=("ee",)),
    Case("DANE-EE passes over dates", "to-eelate", DANE, 0, mail=("eelate",)),
    Case("DANE-TA by the host's name", "to-ta", DANE, 0, mail=("ta",)),
    Case("DANE-TA by the next hop's name", "nexthop", DANE, 0, mail=("tadomain",)),
    Case("DANE-TA, next hop of another name", "to-tadomain", DANE, 29, ("hostname mismatch",)),
    Case("DANE-TA, another name", "to-taother", DANE, 29, ("[certificate-name-mismatch]",),
         ("[certificate-untrusted]",)),
    Case("DANE-TA looks at dates", "to-talate", DANE, 29, ("[certificate-expired]",)),
    Case("an old record beside the new one", "to-rollover", DANE, 0, ("2 of 2",),
         mail=("rollover",)),
    Case("a stale record", "to-stale", DANE, 29,
         ("no matching DANE TLSA records", "[certificate-tlsa-mismatch]", "IN TLSA 3 1 1 {host}")),
    Case("PKIX usage alone", "to-pkixonly", DANE, 41, ("usage 0 and 1",)),
    Case("no record", "to-good", DANE, 41, ("there is no TLSA record at _{port}._tcp.good",)),
    Case("MX is not signed", "plain.example", DANE, 41, ("plain.example are not signed",)),
    Case("MX host is not signed", "toinsecure", DANE, 41, ("mx.plain.example is not signed",)),
    Case("MX is bogus", "bad.example", DANE, 42, ("could not be looked up safely",)),
    Case("MX host is bogus", "tobogus", DANE, 42, ("bogus",)),
    Case("DNS does not answer", "fail.example", DANE, 42),
    Case("MX that is an alias", "to-alias3", DANE, 0, ("_tcp.ee.good.example",), mail=("ee",)),
    Case("records at the alias itself", "to-alias2", DANE, 0, ("_tcp.alias2.good",),
         mail=("good",)),
    Case("no STARTTLS", "to-clear", DANE, 29, ("did not advertise STARTTLS",)),
    Case("the server by name", "plain.example", (*DANE, "--server", "ee.good.example"), 0,
         mail=("ee",)),
    Case("the server by address", "to-ee", (*DANE, "--server", "127.0.0.1"), 41, ("no host name",)),
    Case("a socket", "to-ee", (*DANE, "--socket", "/nonexistent"), 1, ("--socket",)),
    Case("the next MX has records", "danetwo", (*DANE, "--try-next-mx"), 0, mail=("ee",)),
    Case("as swaks no more is said", "to-stale", DANE, 29, ("no matching DANE",),
         ("[certificate",), name="swaks"),
)

STS_CASES = (
    Case("enforce", "enforced", (*STS, *ROOT), 0, ("mode enforce, id 1",), mail=("good",)),
    Case("enforce, host by name", "exact", (*STS, *ROOT), 0, mail=("good",)),
    Case("MX is not in the policy", "stranger", (*STS, *ROOT), 41, ("mx.elsewhere.example",)),
    Case("a star is one label", "deeper", (*STS, *ROOT), 41, ("*.mx.good.example",)),
    Case("certificate of another name", "wrongname", (*STS, *ROOT), 29,
         ("[certificate-name-mismatch]", "other.example")),
    Case("no STARTTLS, enforce", "clearonly", (*STS, *ROOT), 29),
    Case("testing", "testing", (*STS, *ROOT), 0,
         ("mode testing", "demands nothing", "does not name other.good.example"), mail=("other",)),
    Case("mode none", "nomode", (*STS, *ROOT), 0, ("mode none",), mail=("clear",), clear=True),
    Case("no record", "norecord", (*STS, *ROOT), 41, ("no record _mta-sts.norecord",)),
    Case("two records", "tworecords", (*STS, *ROOT), 41, ("2 records",)),
    Case("record without id", "noid", (*STS, *ROOT), 41, ("no id",)),
    Case("policy is missing", "missing", (*STS, *ROOT), 41, ("HTTP 404",)),
    Case("policy has moved", "moved", (*STS, *ROOT), 41, ("HTTP 302",)),
    Case("web server fails", "broken", (*STS, *ROOT), 42, ("HTTP 503",)),
    Case("policy as HTML", "html", (*STS, *ROOT), 41, ("text/plain",)),
    Case("policy is none", "nonsense", (*STS, *ROOT), 41, ("without a colon",)),
    Case("policy is huge", "huge", (*STS, *ROOT), 42, ("64 KiB",)),
    Case("web server is slow", "slow", (*STS, *ROOT, "--timeout", "5"), 42, ("imed out",)),
    Case("roots in a directory, of any name", "enforced", (*STS, "--tls-ca-path", "{roots}"), 0,
         mail=("good",)),
    Case("web certificate not trusted", "webself", (*STS, *ROOT), 42, ("could not be fetched",)),
    Case("web server is down", "webdown", (*STS, *ROOT), 42, ("could not be fetched",)),
    Case("the system's roots do not know the lab's", "enforced", STS, 42,
         ("could not be fetched",)),
    Case("DNS does not answer", "fail.example", (*STS, *ROOT), 42),
)

FAILURES = (
    Case("pkix", "to-good", (*PKIX, *ROOT), 0, mail=("good",)),
    Case("pkix, expired", "to-late", (*PKIX, *ROOT), 29, ("[certificate-expired]", "2021-01-01")),
    Case("pkix, self-signed", "to-self", (*PKIX, *ROOT), 29, ("[certificate-self-signed]",)),
    Case("pkix, intermediate missing", "to-bare", (*PKIX, *ROOT), 29,
         ("[certificate-chain-incomplete]", "Lab Intermediate")),
    Case("pkix, another name", "to-other", (*PKIX, *ROOT), 29, ("[certificate-name-mismatch]",)),
    Case("pkix, unknown authority", "to-good", PKIX, 29, ("[certificate-untrusted]",)),
    Case("--tls-verify without a policy", "to-late", ("--tls-verify", "-tls", *ROOT), 29,
         ("[certificate-expired]",)),
    Case("verification is not asked for", "to-late", ("-tls", *ROOT), 0, (), ("[certificate",),
         mail=("late",)),
    Case("no protocol in common", "to-old", ("-tls", "--tls-protocol", "tlsv1_3"), 29,
         ("[clash-protocol-older]",)),
    Case("no suite in common", "to-old",
         ("-tls", "--tls-protocol", "tlsv1_2", "--tls-cipher", "AES128-SHA"), 29,
         ("[clash-certificate-type]", "type ECDSA")),
    Case("no group in common", "to-old", ("-tls", "--tls-groups", "ffdhe8192"), 29,
         ("[clash-group]", "x25519")),
    Case("not explained", "to-late", ("--tls-verify", "-tls", *ROOT, "--no-explain"), 29, (),
         ("[certificate",)),
    Case("not explained, no second look", "to-old",
         ("-tls", "--tls-protocol", "tlsv1_3", "--no-explain"), 29, (), ("[clash",)),
    Case("as swaks no more is said", "to-late", ("--tls-verify", "-tls", *ROOT), 29, (),
         ("[certificate",), name="swaks"),
)

ROUTES = (
    Case("first MX is down", "two", (), 2, ("Error connecting",)),
    Case("first MX is down, the next", "two", ("--try-next-mx",), 0, ("Trying good",),
         mail=("good",), clear=True),
    Case("all MX", "both", ("--all-mx",), 2, ("Trying ee", "Trying good", "Trying down"),
         mail=("ee", "good"), clear=True),
    Case("null MX", "null", (), 2, ("takes no mail", "RFC 7505")),
    Case("no MX but an address", "norecords", (), 0, mail=("good",), clear=True),
    Case("no such domain", "nosuch", (), 2, ("Error connecting",)),
    Case("MX host without an address", "lost", (), 2, ("Error connecting",)),
    Case("IPv6 only", "to-v6", (), 0, mail=("v6",), clear=True),
    Case("IPv6 only, IPv4 wanted", "to-v6", ("-4",), 2),
    Case("no such resolver", "to-good", ("--resolver", "nonsense"), 1, ("nonsense",)),
    Case("no such anchor", "to-good", ("--trust-anchor", "/nonexistent"), 1, ("/nonexistent",)),
)


def proxied(lab):
    """(case, the proxy, whom it must have been asked for)"""
    good = lab.mail["good"].address
    for kind, scheme in (("socks5", "socks5"), ("http", "http")):
        plain, locked = peers.Proxy(kind), peers.Proxy(kind, ("joe", "s3cr:t"))
        url = "%s://%%s127.0.0.1:%d" % (scheme, plain.port)
        key = "%s://%%s127.0.0.1:%d" % (scheme, locked.port)
        to = ("--server", good, "--via-proxy")
        yield Case(kind, "to-good", (*to, url % ""), 0, mail=("good",), clear=True), plain, good
        yield (Case(kind + " with a password", "to-good", (*to, key % "joe:s3cr:t@"), 0, (),
                    ("s3cr:t@",), mail=("good",), clear=True), locked, good)
        yield Case(kind + ", wrong password", "to-good", (*to, key % "joe:no@"), 2,
                   ("Error connecting",)), locked, None
        yield Case(kind + ", no password", "to-good", (*to, key % ""), 2,
                   ("Error connecting",)), locked, None
        yield Case(kind + ", target refused", "to-good",
                   ("--server", "127.60.9.9", "--via-proxy", url % ""), 2,
                   ("Error connecting", "127.60.9.9")), plain, "127.60.9.9"
        yield Case(kind + ", IPv6 literal", "to-v6",
                   ("--server", "[::1]", "--via-proxy", url % ""), 0, mail=("v6",),
                   clear=True), plain, "::1"
        yield Case(kind + ", all of it with DANE", "to-ee",
                   (*DANE, "--server", "ee.good.example", "--hosts", "{hosts}", "--via-proxy",
                    url % ""), 2, ("Error connecting",)), plain, "ee.good.example"
        names = {"mta-sts.enforced.good.example": street.WEB[""], "good.good.example": good}
        way = peers.Proxy(kind, ("joe", "s3cr:t"), names)
        yield (Case(kind + ", the policy goes through it too", "enforced",
                    (*STS, *ROOT, "--via-proxy",
                     "%s://joe:s3cr:t@127.0.0.1:%d" % (scheme, way.port)), 0, mail=("good",)),
               way, (street.WEB[""] if kind == "socks5" else "mta-sts.enforced.good.example",
                     "good.good.example"))
    yield Case("proxy is down", "to-good",
               ("--server", good, "--via-proxy", "socks5://127.0.0.1:%d" % lab.sts_port), 2,
               ("through proxy",)), None, None


PROXIES = 17
GROUPS = (("dane", DANE_CASES), ("mta-sts", STS_CASES), ("failure", FAILURES), ("route", ROUTES))


def count():
    return sum(len(cases) for _, cases in GROUPS) + PROXIES + 4


class Runner:
    def __init__(self, tap, lab):
        self.tap, self.lab = tap, lab
        self.swaks = lab.folder / "swaks"
        self.swaks.symlink_to(program.binary())
        hosts = lab.folder / "hosts"
        hosts.write_text("127.60.9.9 nobody.example\n")
        roots = lab.folder / "roots"
        roots.mkdir()
        (roots / "some root").write_text(lab.pki.root.read_text())
        self.fill = {"{roots}": roots, "{root}": lab.pki.root, "{hosts}": hosts, "{port}": lab.port,
                     "{host}": lab.digest("host")}

    def _filled(self, text):
        for key, value in self.fill.items():
            text = str(text).replace(key, str(value))
        return text

    def send(self, case, *more):
        argv = [self.swaks] if case.name == "swaks" else [program.binary(), "send"]
        to = case.to if "." in case.to else case.to + "." + street.ZONE
        mark = "mark-%08x" % abs(hash((case.title, case.to, case.options)))
        argv += [*self.lab.options(), "--to", "you@" + to, "--header", "Subject: " + mark]
        argv = [str(a) for a in argv] + [self._filled(a) for a in case.options] + list(more)
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=300, check=False,
                              env={**os.environ, "WAXSEAL_MTA_STS_PORT": str(self.lab.sts_port)})
        return done.returncode, done.stdout.decode(errors="replace"), mark, " ".join(argv)

    def wrong(self, case):
        code, out, mark, command = self.send(case)
        found = [] if code == case.code else ["exit status %d, not %d" % (code, case.code)]
        flat = " ".join(line.lstrip("=* ") for line in out.split("\n"))
        flat = " ".join(flat.split())
        found += ["not said: " + w for w in map(self._filled, case.words) if w not in flat]
        found += ["said: " + w for w in case.absent if w in out]
        if "Sanitizer" in out or "runtime error" in out:
            found.append("the sanitizer complains")
        got = {name: secure for name, server in self.lab.mail.items()
               for secure, text in server.messages if mark.encode() in text}
        if got != {name: not case.clear for name in case.mail}:
            found.append("delivered to (in TLS?) %r" % got)
        return found and [*found, command, out]

    def one(self, group, case, judge=None):
        try:
            found = (judge or self.wrong)(case)
        except Exception:  # a surprise in the answer is a failure of this test
            found = [traceback.format_exc()]
        self.tap.result("%s: %s" % (group, case.title), not found, "\n".join(found or []))

    def through_proxy(self, case, proxy, asked):
        before = len(proxy.asked) if proxy else 0
        found = self.wrong(case) or []
        seen = [host for host, _ in proxy.asked[before:]] if proxy else []
        wanted = list(asked) if isinstance(asked, tuple) else [asked] if asked else []
        if proxy and seen != wanted:
            found.append("the proxy was asked for %r" % seen)
        return found

    def many(self, case):
        """Each of them keeps the policy."""
        found = self.wrong(case) or []
        _, _, mark, _ = self.send(case)
        got = [s for s, text in self.lab.mail[case.mail[0]].messages if mark.encode() in text]
        wanted = 2 * int(case.options[case.options.index("--repeat") + 1])
        return found + ([] if got == [True] * wanted else ["%d arrived" % len(got)])

    def json(self, case):
        """The record tells the policy and the findings."""
        code, out, _, _ = self.send(case, "--json")
        document = json.loads(out)
        policy = document.get("policy") or {}
        found = [] if code == document.get("exit") == case.code else ["exit %r" % code]
        if case.options[1] == "dane":
            tlsa = policy.get("tlsa") or {}
            if (tlsa.get("state"), tlsa.get("dnssec"), policy.get("held")) != (
                    "usable", "secure", True):
                found.append("tlsa is %r" % policy)
            if [f["id"] for f in document.get("findings") or []] != ["certificate-tlsa-mismatch"]:
                found.append("findings are %r" % document.get("findings"))
        elif (policy.get("mta_sts") or {}).get("mode") != "enforce" or policy.get("held"):
            found.append("policy is %r" % policy)
        return found and [*found, out]


def run(tap, place):
    try:
        runner = Runner(tap, street.Lab(place))
    except Exception:  # whatever it is, the plan is kept
        for number in range(count()):
            tap.result("policy %d" % number, False, traceback.format_exc())
        return
    with ThreadPoolExecutor(2) as pool:
        jobs = [(group, case, None) for group, cases in GROUPS for case in cases]
        jobs += [("json", Case("dane", "to-stale", DANE, 29), runner.json),
                 ("json", Case("mta-sts", "stranger", (*STS, *ROOT), 41), runner.json),
                 ("many", Case("in a row", "to-ee", (*DANE, "--repeat", "3"), 0, mail=("ee",)),
                  runner.many),
                 ("many", Case("together", "enforced", (*STS, *ROOT, "--repeat", "4",
                                                        "--concurrency", "2"), 0, mail=("good",)),
                  runner.many)]
        list(pool.map(lambda job: runner.one(*job), jobs))
    for case, proxy, asked in proxied(runner.lab):
        runner.one("proxy", case, lambda c, p=proxy, a=asked: runner.through_proxy(c, p, a))
