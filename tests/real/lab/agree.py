# SPDX-License-Identifier: Apache-2.0
"""The tests of one service: what waxseal says of it agrees with what s_client says.

CASES are (name, function). A function takes the Look (the service, waxseal's answer, s_client's
session) and returns a list of disagreements, empty when there are none.
"""

from dataclasses import dataclass

from . import program, sclient
from .servers import Service

GREETED = ("smtp", "lmtp")  # protocols whose replies have codes


@dataclass(frozen=True)
class Look:
    service: Service
    answer: program.Answer
    session: sclient.Session


def cases(service):
    return _HEALTHY if service.handshake else _FAILING


def _differ(what, ours, theirs):
    return [] if ours == theirs else ["%s: waxseal says %r, s_client %r" % (what, ours, theirs)]


def _expect(what, ours, wanted):
    return [] if ours == wanted else ["%s: waxseal says %r, expected %r" % (what, ours, wanted)]


def json_is_valid(look):
    return list(look.answer.problems)


def dialogue(look):
    get, service = look.answer.get, look.service
    found = _expect("connect.state", get("connect", "state"), "ok")
    if service.protocol in GREETED and not service.implicit:
        found += _expect("greeting.code", get("greeting", "code"), 220)
        found += _expect("ehlo.code", get("ehlo", "code"), 250)
        found += _expect("starttls.code", get("starttls", "code"), 220)
    if not service.implicit:
        found += _expect("starttls.offered", get("starttls", "offered"), True)
        found += _expect("starttls.early_bytes", get("starttls", "early_bytes"), 0)
    if service.protocol in GREETED and service.ehlo_tls:
        found += _expect("ehlo_tls.code", get("ehlo_tls", "code"), 250)
    return found


def suite(look):
    get, session = look.answer.get, look.session
    found = [] if session.protocol in look.service.versions else [
        "s_client negotiated %r, the lab meant %s" % (session.protocol, look.service.versions)]
    found += _differ("session.protocol", get("session", "protocol"), session.protocol)
    found += _differ("session.openssl_name", get("session", "openssl_name"), session.openssl_name)
    return found + _differ("session.cipher_suite", get("session", "cipher_suite"),
                           sclient.standard_names().get(session.openssl_name))


def _text(look, name):
    """A text of the session; "" where the session has none of that name."""
    session = look.answer.get("session")
    return "(no session)" if not session else session.get(name) or ""


def group(look):
    ours = _text(look, "group")
    if ours == "dhe" or ours.startswith("ffdhe"):  # s_client shows the size, not the name
        ours = "DH, %s bits" % look.answer.get("session", "group_bits")
    return _differ("session.group", ours, look.session.group)


def signature(look):
    theirs = look.session.signature
    if look.service.key == "pss":  # s_client calls both RSA-PSS
        theirs = theirs.replace("_rsae_", "_pss_")
    return _differ("session.signature_scheme", _text(look, "signature_scheme"), theirs)


_KEYS = {"ec": ("EC", 256), "ec384": ("EC", 384), "rsa": ("RSA", 2048),
         "ec521": ("EC", 521), "pss": ("RSA-PSS", 2048), "ed25519": ("ED25519", 256),
         "ed448": ("ED448", 456)}


def chain(look):
    key = look.answer.get("certificates", 0, "key") or {}
    ours = [c.get("sha256") for c in look.answer.get("certificates") or []]
    found = [] if ours else ["waxseal shows no certificate"]
    found += _differ("certificates[].sha256", ours, list(look.session.chain))
    found += _expect("certificates[0].key", (str(key.get("type")).upper(), key.get("bits")),
                     _KEYS[look.service.key])
    return found + _differ("session.ocsp_staple", look.answer.get("session", "ocsp_staple"),
                           look.session.staple)


def verification(look):
    get, code = look.answer.get, look.session.code
    found = [] if code == look.service.code else [
        "s_client's code is %d, the lab meant %d" % (code, look.service.code)]
    found += _differ("verification.code", get("verification", "code"), code)
    return found + _expect("verification.ok", get("verification", "ok"), code == 0)


def verdict(look):
    """Findings as the lab meant them; verdict and exit status say the same as the findings."""
    answer, wanted = look.answer, look.service.findings
    bad = ["%s %s: %s (%s)" % (f.get("severity"), f.get("id"), f.get("title"), f.get("evidence"))
           for f in answer.findings if f.get("severity") in ("error", "warning")]
    found = bad if wanted == "none" else []
    if wanted == "some" and not bad:
        found = ["no finding of severity error or warning"]
    if wanted == "none" or not bad:
        found += _expect("verdict", answer.target.get("verdict"), "ok")
    return found + _expect("exit status 0", answer.status == 0,
                           answer.target.get("verdict") == "ok")


def handshake_failed(look):
    """The peer whose handshake dies: the alert that s_client sees, and a finding that says so."""
    answer = look.answer
    found = [] if look.session.alert > 0 else ["s_client saw no alert:\n" + look.session.text]
    found += _differ("session.alert.number", answer.get("session", "alert", "number"),
                     look.session.alert)
    found += _expect("session.established", bool(answer.get("session", "established")), False)
    if not any("handshake" in str(f.get("id")) and f.get("severity") == "error"
               for f in answer.findings):
        found.append("no finding of severity error about the handshake")
    if answer.target.get("verdict") == "ok" or answer.status == 0:
        found.append("verdict %r, exit status %d" % (answer.target.get("verdict"), answer.status))
    return found


_HEALTHY = (
    ("JSON as in the schema", json_is_valid),
    ("dialogue", dialogue),
    ("protocol and suite", suite),
    ("group", group),
    ("signature", signature),
    ("chain", chain),
    ("verification", verification),
    ("verdict", verdict),
)
_FAILING = (
    ("JSON as in the schema", json_is_valid),
    ("failing handshake", handshake_failed),
)
