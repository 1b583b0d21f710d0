# SPDX-License-Identifier: Apache-2.0
"""Extensions of SMTP as servers understand them, told by what they log, report and deliver."""

import re

from .client import case
from .content import DOTTED

CLIENT = ("192.0.2.77", "far.example")


def received(place, server, box):
    """The Received fields of the message that arrived in this box, unfolded."""
    mails = place.mail(server, box)
    text = re.sub(rb"\r?\n[ \t]+", b" ", mails[0]) if mails else b""
    return b"\n".join(re.findall(rb"(?m)^Received: .*", text)).decode(errors="replace")


def traced(place, said, server, box, *words):
    found = said.problems()
    text = received(place, server, box)
    found += ["%s is not in %s" % (word, text) for word in words
              if word.lower() not in text.lower()]
    return found if not found else [*found, said.shown, place.servers.log_of(server)[-1500:]]


# ---- DSN

@case("DSN: Postfix reports to the sender")
def dsn(place):
    sender, box = place.new_box(), place.new_box()
    said = place.send("postfix", "--from", sender + "@lab.test", "--dsn-notify", "SUCCESS,DELAY",
                      "--dsn-ret", "HDRS", "--dsn-envid", "id+1 = x", "--dsn-orcpt",
                      "rfc822;first+one@elsewhere.test", to=box + "@lab.test")
    found = said.problems(0, ("RET=HDRS ENVID=id+2B1+20+3D+20x",
                              "NOTIFY=SUCCESS,DELAY ORCPT=rfc822;first+2Bone@elsewhere.test"))
    mails = [m.decode() for m in place.mail("postfix", sender)]
    for word in ("Original-Envelope-Id: id+1 = x",
                 "Original-Recipient: rfc822;first+one@elsewhere.test", "Action: delivered"):
        if not mails or word not in mails[0]:
            found += ["no " + word, *mails, said.shown]
    return found


@case("DSN: Exim takes it")
def dsn_exim(place):
    box = place.new_box()
    said = place.send("exim", "--dsn-notify", "NEVER", "--dsn-ret", "FULL", "--dsn-envid", "x",
                      "--message", place.file("mail", DOTTED), to=box + "@lab.test")
    return said.problems() + place.arrived("exim", box, DOTTED, crlf=True)


@case("DSN: Dovecot's LMTP has none")
def dsn_none(place):
    said = place.send("lmtp", "--protocol", "LMTP", "--dsn-notify", "NEVER", to="b000@lab.test")
    return said.problems(31, ("Host did not advertise DSN",))


# ---- who the client is

@case("XCLIENT: Postfix")
def xclient(place):
    found = []
    for more in (("--tls",), ("--tls", "--xclient-before-starttls"), ()):
        box = place.new_box()
        said = place.send("postfix", *more, "--xclient-addr", CLIENT[0], "--xclient-name",
                          CLIENT[1], "--xclient-helo", "a+b=c", "--xclient-proto", "SMTP",
                          "--xclient-login", "some one", to=box + "@lab.test")
        found += traced(place, said, "postfix", box, "from %s (%s [%s])"
                        % ("client.lab.test", CLIENT[1], CLIENT[0]))
        if "sasl_username=some one" not in place.servers.log_of("postfix"):
            found.append("the login is not in the log")
    return found


@case("XCLIENT: in two commands")
def xclient_two(place):
    """After the first one the client has another address, and at this server no right to more."""
    box, found = place.new_box(), []
    address = ("--xclient-addr", "192.0.2.77")
    said = place.send("postfix", *address, "--xclient-delim", "--xclient-name", CLIENT[1],
                      to=box + "@lab.test")
    found += said.problems(33, ("insufficient authorization",))
    said = place.send("postfix", *address, "--xclient-name", CLIENT[1], to=box + "@lab.test")
    return found + traced(place, said, "postfix", box, "(%s [192.0.2.77])" % CLIENT[1])


@case("XCLIENT: an attribute that is none")
def xclient_wrong(place):
    said = place.send("postfix", "--xclient", "ADDR=nonsense", to="b000@lab.test")
    return said.problems(33)


@case("XFORWARD: Postfix")
def xforward(place):
    box = place.new_box()
    said = place.send("postfix", "--xforward-addr", CLIENT[0], "--xforward-name", CLIENT[1],
                      "--xforward-helo", "far+helo", "--xforward-proto", "ESMTP",
                      "--xforward-ident", "ABC123", "--xforward-source", "REMOTE",
                      to=box + "@lab.test")
    found = said.problems(0, (" -> XFORWARD ",)) + (
        [] if place.mail("postfix", box) else ["nothing arrived"])
    if "orig_queue_id=ABC123, orig_client=%s[%s]" % (CLIENT[1], CLIENT[0]) \
            not in place.servers.log_of("postfix"):
        found += ["not in the log", place.servers.log_of("postfix")[-1500:], said.shown]
    return found


PROXIES = (
    ("version 1", ("--proxy-family", "TCP4", "--proxy-source", CLIENT[0], "--proxy-dest",
                   "192.0.2.1"), CLIENT[0]),
    ("version 1, IPv6", ("--proxy-family", "TCP6", "--proxy-source", "2001:db8::7", "--proxy-dest",
                         "2001:db8::1"), "2001:db8::7"),
    ("version 2", ("--proxy-version", "2", "--proxy-family", "AF_INET", "--proxy-source", CLIENT[0],
                   "--proxy-dest", "192.0.2.1"), CLIENT[0]),
    ("version 2, IPv6", ("--proxy-version", "2", "--proxy-family", "AF_INET6", "--proxy-source",
                         "2001:db8::7", "--proxy-dest", "2001:db8::1"), "2001:db8::7"),
    ("raw", ("--proxy", "PROXY TCP4 %s 192.0.2.1 4711 25" % CLIENT[0]), CLIENT[0]),
    ("version 2, LOCAL", ("--proxy-version", "2", "--proxy-command", "LOCAL", "--proxy-family",
                          "AF_INET", "--proxy-source", CLIENT[0], "--proxy-dest", "192.0.2.1"),
     "127.0.0."),
)


def behind_proxy(place, given, address):
    if "--proxy" not in given:
        given = (*given, "--proxy-source-port", "4711", "--proxy-dest-port", "25")
    box, found = place.new_box(), []
    if "." in address:  # this Postfix knows no IPv6
        said = place.send("postfix-proxied", *given, to=box + "@lab.test")
        found += traced(place, said, "postfix", box, "[%s" % address)
    box = place.new_box()
    said = place.send("exim", "--local-interface", "127.0.0.2", *given, to=box + "@lab.test")
    found += traced(place, said, "exim", box, address)
    said = place.send("submission-proxied", *given, "--tls", "--auth", "PLAIN", "-au", "b001",
                      "-ap", place.password, "--quit-after", "AUTH", to=box + "@lab.test")
    found += said.problems()
    if "rip=" + address not in place.servers.log_of("dovecot"):
        found += ["Dovecot: %s is not in the log" % address, said.shown]
    return found


def _add():
    for name, given, address in PROXIES:
        case("PROXY %s: Postfix, Exim, Dovecot" % name)(
            lambda place, g=given, a=address: behind_proxy(place, g, a))


_add()


@case("PROXY missing, or where none is expected")
def proxy_wrong(place):
    said = place.send("postfix", *PROXIES[0][1], "--proxy-source-port", "1", "--proxy-dest-port",
                      "2", to="b000@lab.test")
    found = [] if said.status else ["Postfix takes it", said.shown]
    said = place.send("exim", "--local-interface", "127.0.0.2", "--timeout", "5", "-q", "ehlo",
                      to="b000@lab.test")
    return found + ([] if said.status else ["Exim needs none", said.shown])


# ---- the message and its answers

@case("PRDR: Exim, one of two refused")
def prdr(place):
    found = []
    for more in ((), ("--pipeline",), ("--chunking",), ("--chunking", "100", "--pipeline")):
        box = place.new_box()
        said = place.send("exim", "--prdr", *more, "--message", place.file("mail", DOTTED),
                          to="%s@lab.test,b399@lab.test" % box)
        found += said.problems(0, (" PRDR", "<-  353", "<** 550 not for me", "<-  250 id="))
        found += place.arrived("exim", box, DOTTED, crlf=True)
    if place.mail("exim", "b399", seconds=0):
        found.append("the refused one got it")
    return found


@case("PRDR: not offered")
def prdr_none(place):
    return place.send("postfix", "--prdr", to="b000@lab.test").problems(30)


@case("PIPELINING: Postfix, Exim, Dovecot")
def pipelining(place):
    found = []
    for service, server, crlf, more in (("postfix", "postfix", False, ()),
                                        ("exim", "exim", True, ()),
                                        ("lmtp", "dovecot", True, ("--protocol", "LMTP"))):
        for chunks in ((), ("--chunking",)):
            first, second = place.new_box(), place.new_box()
            said = place.send(service, *more, *chunks, "--pipeline", "--message",
                              place.file("mail", DOTTED),
                              to="%s@lab.test,nobody@nowhere.test,%s@lab.test" % (first, second))
            found += said.problems(0, ("<** ",))
            for box in (first, second):
                found += place.arrived(server, box, DOTTED, crlf=crlf)
    return found


@case("PIPELINING: everybody refused")
def pipelining_refused(place):
    found = []
    for service in ("postfix", "exim"):
        for chunks in ((), ("--chunking",)):
            said = place.send(service, "--pipeline", *chunks, to="x@nowhere.test,y@nowhere.test")
            found += said.problems(24)
    return found


@case("LMTP: one recipient refused, one fails after the dot")
def lmtp_mixed(place):
    found = []
    where = (("lmtp",), (None, "--socket", place.servers.homes["dovecot"] / "lmtp"),
             ("lmtp", "--tls"))
    for service, *more in where:
        for chunks in ((), ("--chunking",), ("--pipeline",)):
            box = place.new_box()
            said = place.send(service, *more, *chunks, "--protocol", "LMTP", "--message",
                              place.file("mail", DOTTED),
                              to="%s@lab.test,nobody@lab.test,locked@lab.test" % box)
            found += said.problems(0, ("* 550 5.1.1", "* 451 4.2.0"))
            found += place.arrived("dovecot", box, DOTTED, crlf=True)
    said = place.send("lmtp", "--protocol", "LMTP", to="locked@lab.test")
    return found + said.problems(26) + place.send(
        "lmtp", "--protocol", "LMTP", to="nobody@lab.test").problems(24)


@case("Postfix hands on to Dovecot's LMTP")
def through_two(place):
    box = place.new_box()
    said = place.send("postfix", "--tls", "--message", place.file("mail", DOTTED),
                      to=box + "@lmtp.test")
    return said.problems() + place.arrived("dovecot", box, DOTTED, crlf=True)


@case("REQUIRETLS: none of them offers it")
def requiretls(place):
    found = []
    for service in ("postfix", "exim"):
        said = place.send(service, "--tls", "--requiretls", to="b000@lab.test")
        found += said.problems(31, ("Host did not advertise REQUIRETLS",))
    return found


@case("--repeat: all of them arrive")
def repeat(place):
    box = place.new_box()
    said = place.send("postfix", "--repeat", "40", "--concurrency", "8", "--tls",
                      "--hide-all", to=box + "@lab.test")
    mails = place.mail("postfix", box, 40)
    ids = {re.search(rb"(?mi)^Message-Id: (.*)", m)[1] for m in mails}
    found = said.problems()
    return found if len(mails) == len(ids) == 40 else [
        *found, "%d messages with %d ids" % (len(mails), len(ids)), said.shown]
