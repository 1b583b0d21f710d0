# SPDX-License-Identifier: Apache-2.0
"""What waxseal must say about each domain of zones.py. Two tests a domain: the output as such, and
the DNS facts in it. Behind the names stands one plain SMTP sink, without STARTTLS, on 127.0.0.1.
"""

import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lab import front, program

from . import zones

_MX1 = [{"host": "mx1.good.example", "preference": 10}]


@dataclass(frozen=True)
class Case:
    title: str
    domain: str
    status: str
    mx: list
    null_mx: bool = False
    addresses: tuple = ()  # of the endpoints, in any order
    name: str = ""  # A-label form of the target, when it differs
    canonical: str = ""  # the name at the end of a CNAME chain
    unknown: bool = False  # the verdict must be "unknown": this is no "no such domain"


CASES = (
    Case("secure", "good.example", "secure",
         [*_MX1, {"host": "mx2.good.example", "preference": 20}],
         addresses=("127.0.0.1", "127.0.0.2")),
    Case("insecure", "plain.example", "insecure", [{"host": "mx.plain.example", "preference": 10}],
         addresses=("127.0.0.1",)),
    Case("bogus", "bad.example", "bogus", [], unknown=True),
    Case("server failure", "fail.example", "indeterminate", [], unknown=True),
    Case("no such domain", "nosuch.good.example", "secure", []),
    Case("no mail there", "empty.good.example", "secure", []),
    Case("null MX", "null.good.example", "secure", [], null_mx=True),
    Case("null MX beside a real one", "mixed.good.example", "secure", _MX1,
         addresses=("127.0.0.1",)),
    Case("MX that is an alias", "tocname.good.example", "secure",
         [{"host": "alias.good.example", "preference": 10}], addresses=("127.0.0.1",),
         canonical="mx1.good.example"),
    Case("domain that is an alias", "alsoknown.good.example", "secure", _MX1,
         addresses=("127.0.0.1",), canonical="plaindomain.good.example"),
    Case("no MX but an address", "nomx.good.example", "secure", [], addresses=("127.0.0.1",)),
    Case("MX host that does not exist", "lost.good.example", "secure",
         [{"host": "nohost.good.example", "preference": 10}]),
    Case("IDN", "bücher.good.example", "secure", _MX1, addresses=("127.0.0.1",),
         name="xn--bcher-kva.good.example"),
    Case("twelve MX, sorted", "many.good.example", "secure",
         [{"host": host + ".good.example", "preference": preference}
          for preference, host in sorted(zones.MANY)],
         addresses=tuple("127.0.1.%d" % (n + 1) for n in range(len(zones.MANY)))),
    Case("secure domain, insecure MX host", "toinsecure.good.example", "insecure",
         [{"host": "mx.plain.example", "preference": 10}], addresses=("127.0.0.1",)),
    Case("secure domain, bogus MX host", "tobogus.good.example", "bogus",
         [{"host": "mx.bad.example", "preference": 10}], unknown=True),
)


def count():
    return 2 * len(CASES)


def run(tap, street):
    """Starts the DNS and writes the results of all cases. A start that fails, fails them all."""
    try:
        dns = zones.start(street)
        sink = front.Sink()
        street.on_close(sink.close)
        options = [*dns.options(), "--port", sink.port, "--helo", "client.lab.test"]
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda case: program.check(*options, case.domain), CASES))
    except Exception:  # whatever it is, the plan is kept
        for case in CASES:
            _report(tap, case, [traceback.format_exc()], [traceback.format_exc()])
        return
    for case, answer in zip(CASES, answers):
        try:
            found = wrong(case, answer)
        except Exception:  # a surprise in the answer is a failure of this test
            found = [traceback.format_exc()]
        _report(tap, case, list(answer.problems), found and [*found, answer.shown])


def _report(tap, case, problems, found):
    title = "dns: %s (%s)" % (case.title, case.domain)
    tap.result(title + ": JSON as in the schema", not problems, "\n".join(problems))
    tap.result(title, not found, "\n".join(found))


def wrong(case, answer):
    """The disagreements between what waxseal says and the case."""
    dns = answer.target.get("dns") or {}
    mx = [{"host": m.get("host"), "preference": m.get("preference")} for m in dns.get("mx") or []]
    found = _expect("dns.mx", mx, case.mx)
    found += _expect("dns.status", dns.get("status"), case.status)
    found += _expect("dns.null_mx", dns.get("null_mx"), case.null_mx)
    seen = sorted(e.get("address") for e in answer.target.get("endpoints") or []
                  if e.get("address"))
    found += _expect("endpoints' addresses", seen, sorted(case.addresses))
    text = repr(answer.document)
    for name in (case.name, case.canonical):
        if name and name not in text:
            found.append("%s is nowhere in the answer" % name)
    verdict = answer.target.get("verdict")
    if case.unknown:
        found += _expect("verdict", verdict, "unknown") + _expect("exit status", answer.status, 3)
        found += ["finding %s takes it for a no" % f.get("id") for f in answer.findings
                  if any(word in str(f.get("id")) for word in ("nxdomain", "no_such", "null_mx"))]
    elif verdict == "ok" and not case.null_mx:
        found.append("verdict ok, though nothing there speaks TLS")
    if not answer.findings:
        found.append("no finding")
    return found


def _expect(what, ours, wanted):
    return [] if ours == wanted else ["%s: waxseal says %r, expected %r" % (what, ours, wanted)]
