# SPDX-License-Identifier: Apache-2.0
"""Each mechanism of each server: the right password is let in and its mail arrives, the wrong one
is not; over STARTTLS and over implicit TLS."""

from dataclasses import dataclass

from . import servers
from .client import case

WRONG = "Sesam schließe dich"


@dataclass(frozen=True)
class Server:
    name: str
    services: tuple  # with STARTTLS, with TLS from the start
    box: str  # the server that the mail ends at
    mechanisms: tuple


# Dovecot 2.3.19 has no NTLM any more, and offers ANONYMOUS not for submission but to Postfix;
# Postfix 3.7 does not pass client certificates on; Exim has what Debian's "heavy" build has.
SERVERS = (
    Server("Dovecot", ("submission", "submissions"), "postfix", (
        "PLAIN", "LOGIN", "LOGIN-INITIAL", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1",
        "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER", "EXTERNAL")),
    Server("Postfix with Dovecot", ("postfix-dovecot", "postfix-dovecot-s"), "postfix", (
        "PLAIN", "LOGIN", "LOGIN-INITIAL", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1",
        "SCRAM-SHA-256", "XOAUTH2", "OAUTHBEARER", "ANONYMOUS")),
    Server("Postfix with Cyrus", ("postfix-cyrus", "postfix-cyrus-s"), "postfix", (
        "PLAIN", "LOGIN", "LOGIN-INITIAL", "CRAM-MD5", "DIGEST-MD5", "NTLM", "SCRAM-SHA-1",
        "SCRAM-SHA-256", "SCRAM-SHA-512", "ANONYMOUS")),
    Server("Exim", ("exim-auth", "exim-auth-s"), "exim", (
        "PLAIN", "LOGIN", "LOGIN-INITIAL", "CRAM-MD5", "NTLM", "EXTERNAL")),
)


def credentials(place, server, mechanism, right):
    """The options that name the user and prove who it is."""
    if mechanism in ("XOAUTH2", "OAUTHBEARER"):
        key = servers.KEY if right else b"another key, of the same 32 byte"
        return ["-au", servers.USER, "-ap", servers.token(servers.USER, key)]
    if mechanism == "EXTERNAL":
        name = "client" if right else "stranger"
        return ["-au", servers.USER, "--tls-cert", place.pki.path(name + ".pem"),
                "--tls-key", place.pki.path(name + ".key"), "--tls-chain",
                place.pki.path("inter.pem")]
    user, password = servers.USER, servers.PASSWORD
    # DIGEST-MD5 hashes what fits into ISO 8859-1 as such (RFC 2831); Dovecot takes UTF-8
    if mechanism == "NTLM" or (mechanism == "DIGEST-MD5" and "Dovecot" in server.name):
        user, password = servers.NT_USER, servers.NT_PASSWORD
    return ["-au", user, "-ap", password if right else WRONG]


def attempt(place, server, mechanism, service, right):
    tls = "--tls" if service == server.services[0] else "--tls-on-connect"
    # nobody in particular may authenticate at Postfix, but not send
    whole = right and tls == "--tls" and mechanism != "ANONYMOUS"
    box = place.new_box() if whole else "b000"
    stop = () if whole else ("--quit-after", "AUTH")
    given = credentials(place, server, mechanism, right)
    said = place.send(service, tls, "--auth", mechanism, *given, *stop, "--h-Subject", mechanism,
                      to=box + "@lab.test")
    words = [" ~> AUTH " + mechanism.replace("-INITIAL", ""), "235" if right else "535"]
    if not right and mechanism in ("XOAUTH2", "OAUTHBEARER"):
        words.append("The server's reason: {")
    hidden = [servers.PASSWORD, servers.NT_PASSWORD, WRONG]
    found = said.problems(0 if right else 28, words, hidden)
    if not found and right and not stop:
        mails = place.mail(server.box, box)
        if len(mails) != 1 or b"Subject: " + mechanism.encode() not in mails[0]:
            found = ["%d messages arrived" % len(mails), said.shown,
                     place.servers.log_of(server.box)[-1500:]]
    return found


def fits(place, server, mechanism):
    found = []
    for service in server.services:
        found += attempt(place, server, mechanism, service, True)
        if mechanism != "ANONYMOUS":  # everybody is right
            found += attempt(place, server, mechanism, service, False)
    return found


def _add():
    for server in SERVERS:
        for mechanism in server.mechanisms:
            case("AUTH %s: %s" % (mechanism, server.name))(
                lambda place, s=server, m=mechanism: fits(place, s, m))


_add()


@case("AUTH any: the first that is offered")
def any_mechanism(place):
    said = place.send("exim-auth", "--tls", "--auth", "-au", servers.USER, "-ap", servers.PASSWORD,
                      "--quit-after", "AUTH", to="b000@lab.test")
    return said.problems(0, (" ~> AUTH CRAM-MD5", "<~  235"))


@case("AUTH any: the next after a refusal")
def next_mechanism(place):
    said = place.send("exim-auth", "--tls", "--auth", "CRAM-MD5,NTLM,PLAIN", "-au", servers.USER,
                      "-ap", servers.PASSWORD, "--quit-after", "AUTH", to="b000@lab.test")
    found = said.problems(0, (" ~> AUTH CRAM-MD5", "<~  235"), (" ~> AUTH NTLM",))
    said = place.send("exim-auth", "--tls", "--auth", "NTLM,CRAM-MD5", "-au", servers.USER, "-ap",
                      servers.PASSWORD, "--quit-after", "AUTH", to="b000@lab.test")
    return found + said.problems(0, (" ~> AUTH NTLM", "<~* 535", " ~> AUTH CRAM-MD5", "<~  235"))


@case("AUTH PLAIN for somebody else")
def authorization(place):
    said = place.send("submission", "--tls", "--auth", "PLAIN", "-au", servers.USER, "-ap",
                      servers.PASSWORD, "--auth-authzid", "b001", "--quit-after", "AUTH",
                      to="b000@lab.test")
    return said.problems(28, (" ~> AUTH PLAIN", "<~* 535"))


@case("AUTH is needed")
def without(place):
    found = []
    for service in ("submission", "postfix-cyrus", "exim-auth"):
        said = place.send(service, "--tls", to="b000@lab.test")
        found += said.problems(23 if service == "submission" else 24)
    return found
