# SPDX-License-Identifier: Apache-2.0
"""SCRAM bound to the TLS session (-PLUS), against Cyrus SASL."""

import sys
from pathlib import Path

from lab import program, unpacked

from . import servers
from .client import SENDER, case, run

MECHANISMS = ("SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-512-PLUS")


def serve(place, *more):
    """Starts the server; returns its ports: for --tls and for --tls-on-connect."""
    process = place.servers.street.spawn(
        [sys.executable, "-B", Path(__file__).with_name("scram_server.py"),
         unpacked.root_of("postfix"), place.servers.homes["postfix"] / "sasldb",
         place.pki.path("ec.chain.pem"), place.pki.path("ec.key"), *more],
        pipes=True, log=place.folder / "scram.log")
    line = process.stdout.readline().strip()
    if not line:
        raise RuntimeError((place.folder / "scram.log").read_text())
    return dict(zip(("--tls", "--tls-on-connect"), map(int, line.split())))


def ask(ports, mechanism, password, tls):
    return run([program.binary(), "send", "--server", "127.0.0.1:%d" % ports[tls],
                "--helo", servers.HELO, "--from", SENDER, "--to", "b000@lab.test", "--no-explain",
                tls, "--quit-after", "AUTH", "--auth", mechanism, "-au", servers.USER, "-ap",
                password])


@case("AUTH SCRAM-...-PLUS: Cyrus")
def bound(place):
    ports, found = serve(place), []
    for mechanism in MECHANISMS:
        for tls in ("--tls", "--tls-on-connect"):
            said = ask(ports, mechanism, servers.PASSWORD, tls)
            found += said.problems(0, (" ~> AUTH " + mechanism, "<~  235"))
            said = ask(ports, mechanism, "wrong", tls)
            found += said.problems(28, (" ~> AUTH " + mechanism, "<~* 535"))
    return found


@case("AUTH SCRAM-...-PLUS: somebody in the middle")
def bound_elsewhere(place):
    ports, found = serve(place, "wrong"), []
    for mechanism in MECHANISMS:
        said = ask(ports, mechanism, servers.PASSWORD, "--tls")
        found += said.problems(28, (" ~> AUTH " + mechanism, "<~* 535"))
        said = ask(ports, mechanism.replace("-PLUS", ""), servers.PASSWORD, "--tls")
        found += said.problems(0, ("<~  235",))
    return found
