# SPDX-License-Identifier: Apache-2.0
"""What is compared: the summary on every server of the street, and every option where it shows.

An option case is (name, service, arguments, how): `how` names what must be the same.
"""

import traceback
from concurrent.futures import ThreadPoolExecutor

from lab.pki import HOST

from . import twins

NAME = "client.lab.test"

# name, service, arguments, what is compared: "full" output, "summary" (with -brief), "status" only
OPTIONS = (
    ("-showcerts", "openssl-rsa", ["-showcerts"], "full"),
    ("-status", "openssl-staple", ["-status"], "full"),
    ("-status without a staple", "openssl-ec", ["-status"], "full"),
    ("-tls1_2", "openssl-ec", ["-tls1_2"], "full"),
    ("-tls1_3", "openssl-ec", ["-tls1_3"], "full"),
    ("-no_tls1_3", "openssl-rsa", ["-no_tls1_3"], "full"),
    ("-max_protocol", "openssl-rsa", ["-max_protocol", "TLSv1.2"], "full"),
    ("-min_protocol", "openssl-rsa", ["-min_protocol", "TLSv1.3"], "full"),
    ("-tls1_1", "openssl-tls11", ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], "full"),
    ("-tls1", "stunnel-tls10", ["-tls1", "-cipher", "ALL:@SECLEVEL=0"], "full"),
    ("-cipher", "openssl-rsa", ["-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"], "full"),
    ("-ciphersuites", "openssl-ec", ["-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"], "full"),
    ("-groups", "openssl-ec", ["-groups", "P-384:X448"], "full"),
    ("-curves", "openssl-ec", ["-curves", "P-521"], "full"),
    ("-sigalgs", "openssl-rsa", ["-sigalgs", "RSA-PSS+SHA512"], "full"),
    ("-no_ticket", "openssl-tls12-rsa", ["-no_ticket"], "full"),
    ("-alpn", "openssl-ec", ["-alpn", "smtp,xmpp"], "full"),
    ("-servername", "openssl-ec", ["-servername", "other.lab.test"], "full"),
    ("-noservername", "openssl-ec", ["-noservername"], "full"),
    ("-nameopt", "openssl-ec", ["-nameopt", "RFC2253"], "full"),
    ("-keymatexport", "openssl-tls12-rsa", ["-keymatexport", "label", "-keymatexportlen", "16"],
     "full"),
    ("-verify_hostname right", "openssl-ec", ["-verify_hostname", HOST], "full"),
    ("-verify_hostname wrong", "openssl-wrongname", ["-verify_hostname", HOST], "full"),
    ("-verify_ip", "openssl-ec", ["-verify_ip", "127.0.0.1"], "full"),
    ("-verify_email", "openssl-ec", ["-verify_email", "a@lab.test"], "full"),
    ("-verify", "openssl-expired", ["-verify", "3"], "full"),
    ("-verify too short", "openssl-ec", ["-verify", "1"], "verdict"),
    ("-verify_depth", "openssl-ec", ["-verify_depth", "0"], "full"),
    ("-verify_return_error expired", "openssl-expired", ["-verify_return_error"], "verdict"),
    ("-verify_return_error self-signed", "openssl-self", ["-verify_return_error"], "verdict"),
    ("-verify_return_error good", "openssl-ec", ["-verify_return_error"], "full"),
    ("-verify_quiet", "openssl-ec", ["-verify_quiet"], "full"),
    ("-x509_strict", "openssl-ec", ["-x509_strict"], "full"),
    ("-purpose wrong", "openssl-ec", ["-purpose", "sslclient"], "full"),
    ("-purpose right", "openssl-ec", ["-purpose", "sslserver"], "full"),
    ("-attime past", "openssl-ec", ["-attime", "1000000000"], "full"),
    ("-attime then", "openssl-expired", ["-attime", "1590000000"], "full"),
    ("-no_check_time", "openssl-expired", ["-no_check_time"], "full"),
    ("-auth_level", "openssl-ec", ["-auth_level", "4"], "full"),
    ("-crl_check", "openssl-ec", ["-crl_check"], "full"),
    ("-partial_chain", "openssl-ec", ["-partial_chain"], "full"),
    ("-trusted_first", "openssl-ec", ["-trusted_first"], "full"),
    ("-policy", "openssl-ec", ["-policy", "1.2.3", "-explicit_policy"], "full"),
    ("-suiteB_128", "openssl-ec", ["-suiteB_128"], "full"),
    ("-bugs", "openssl-rsa", ["-bugs"], "full"),
    ("-comp", "openssl-tls12-rsa", ["-comp"], "full"),
    ("-legacy_server_connect", "openssl-tls12-rsa", ["-legacy_server_connect"], "full"),
    ("-no_etm", "openssl-tls12-static", ["-no_etm"], "full"),
    ("-no_middlebox", "openssl-ec", ["-no_middlebox"], "full"),
    ("-maxfraglen", "openssl-ec", ["-maxfraglen", "1024"], "full"),
    ("-enable_pha", "openssl-ec", ["-enable_pha"], "full"),
    ("-serverinfo", "openssl-ec", ["-serverinfo", "60001"], "full"),
    ("-fallback_scsv", "openssl-tls12-rsa", ["-tls1_2", "-fallback_scsv"], "full"),
    ("-prexit", "openssl-ec", ["-prexit"], "full"),
    ("-ct", "openssl-ec", ["-noct"], "full"),
    ("-tls1_3 against 1.2", "openssl-tls12-rsa", ["-tls1_3"], "verdict"),
    ("-cipher in vain", "openssl-tls12-dhe", ["-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA"],
     "verdict"),
    ("-groups in vain", "openssl-x448", ["-groups", "P-256"], "verdict"),
)


def cases(services):
    """The names of all tests, for the plan."""
    names = ["connect -brief: " + s.name for s in services]
    here = {s.name for s in services}
    return names + ["connect " + name for name, where, *_ in OPTIONS if where in here]


def _arguments(service, port, pki, more):
    given = ["-connect", "127.0.0.1:%d" % port, "-CAfile", pki.root, "-servername", HOST]
    if "-noservername" in more or "-servername" in more:
        given = given[:4]
    if not service.implicit:
        given += ["-starttls", service.protocol]
    if service.protocol in ("smtp", "lmtp") and not service.implicit:
        given += ["-name", NAME]
    return [*given, *more]


def _brief(service, port, pki):
    level = ["-cipher", "DEFAULT:@SECLEVEL=0"] if service.versions[0] in ("TLSv1", "TLSv1.1") else []
    ours, theirs = twins.both(_arguments(service, port, pki, ["-brief", *level]))
    found = []
    if service.handshake:
        found = twins.differences(twins.summary(ours), twins.summary(theirs), "-brief")
    found += twins.differences(twins.errors(ours), twins.errors(theirs), "errors")
    if ours.status != theirs.status:
        found.append("exit status: waxseal %d, s_client %d" % (ours.status, theirs.status))
    return found, ours, theirs


def _option(service, port, pki, more, how):
    more = [str(a) for a in more]
    ours, theirs = twins.both(_arguments(service, port, pki, more))
    found = []
    if how == "full":
        found += twins.differences(twins.full(ours), twins.full(theirs), "stdout")
        found += twins.differences(twins.lines(ours.err), twins.lines(theirs.err), "stderr")
        if twins.pems(ours.out[ours.out.find("CONNECTED("):]) != twins.pems(theirs.out):
            found.append("the certificates differ")
    found += twins.differences(twins.errors(ours), twins.errors(theirs), "errors")
    if ours.status != theirs.status:
        found.append("exit status: waxseal %d, s_client %d" % (ours.status, theirs.status))
    return found, ours, theirs


def run(tap, services, ports, pki):
    """`ports`: service name -> port, or the reason why the service is not there."""
    known = {s.name: s for s in services}
    jobs = [("connect -brief: " + s.name, s, lambda s, p: _brief(s, p, pki)) for s in services]
    for name, where, more, how in OPTIONS:
        if where in known:
            jobs.append(("connect " + name, known[where],
                         lambda s, p, m=more, h=how: _option(s, p, pki, m, h)))

    def one(job):
        name, service, test = job
        port = ports.get(service.name)
        if not isinstance(port, int):
            return name, [str(port)]
        try:
            found, ours, theirs = test(service, port)
        except Exception:  # a surprise fails this test and no other
            return name, [traceback.format_exc()]
        return name, [*found, ours.shown, theirs.shown] if found else []

    with ThreadPoolExecutor(2) as pool:
        for name, found in pool.map(one, jobs):
            tap.result(name, not found, "\n".join(found))
