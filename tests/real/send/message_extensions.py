# SPDX-License-Identifier: Apache-2.0
"""Extensions as real servers take them: BDAT, DSN, SMTPUTF8, XCLIENT, XFORWARD, PROXY, PRDR."""

import re

from . import samples
from .delivery import ROUTES, attempt, compare, differ, send, split_top, with_end
from .servers import HELO, PASSWORD, USER

POSTFIX, EXIM, LMTP, SOCKET = (ROUTES[n] for n in ("postfix", "exim", "lmtp", "lmtp socket"))
BY_NAME = {s.name: s.data for s in samples.SAMPLES}
PLAIN = BY_NAME["CRLF file"]
CLIENT, PEER = "192.0.2.77", "203.0.113.5"


def chunked(lab, route, name, *options):
    path = lab.file("chunked %s %s %s" % (route.name, name, "".join(options)), BY_NAME[name])
    # the other servers end the last line when they keep it
    sent = BY_NAME[name] if route is LMTP else with_end(BY_NAME[name])
    return compare(lab, route, sent, "--message", path, *options)


def shown(lab, route, words, *options, code=0, absent=()):
    """Sends with these options; what the server wrote on top of the message must hold `words`."""
    path = lab.file("plain %s" % lab.box(), PLAIN)
    found, arrived, said = attempt(lab, route, "--message", path, *options, code=code)
    if found:
        return found
    found = differ(arrived, PLAIN) if code == 0 else []
    top = split_top(arrived[0].replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))[0].decode() \
        if arrived else ""
    found += ["%r is not in what the server put on top" % w for w in words if w not in top]
    found += ["%r is in what the server put on top" % w for w in absent if w in top]
    return found and [*found, top, said[-3000:]]


def logged(lab, server, pattern, *arguments):
    """Problems when the server's log does not hold this in the end."""
    code, said = send(*arguments)
    found = ["exit status %d" % code] if code else []
    if not found and not lab.wait_for(lambda: re.search(pattern, lab.servers.log_of(server))):
        found = ["no %s in the log" % pattern, lab.servers.log_of(server)[-1500:]]
    return found and [*found, said[-3000:]]


def dsn(lab, route, name, *more):
    """A report of the delivery comes back and names what was given with the envelope."""
    sender, path = lab.box(), lab.file("dsn %s" % route.name, PLAIN)
    found, arrived, said = attempt(
        lab, route, "--from", sender + "@lab.test", "--message", path, "--dsn-notify",
        "SUCCESS,FAILURE", "--dsn-ret", "HDRS", "--dsn-envid", name, "--dsn-orcpt",
        "first@lab.test", *more)
    found = found or differ(arrived, PLAIN)
    reports = b"".join(lab.mail(route, sender)) if not found else b""
    for field in (b"Original-Envelope-Id: " + name.encode(), b"Original-Recipient: rfc822;first@lab.test",
                  b"Action: "):
        if not found and field.lower() not in reports.lower():
            found = ["the report lacks %r" % field, reports.decode(errors="replace")]
    return found and [*found, said[-3000:]]


def smtputf8(lab):
    """UTF-8 in both addresses and in a field as it stands."""
    data = PLAIN.replace(b"Subject: sample", "Subject: für dich".encode())
    path = lab.file("utf8.eml", data)
    code, said = send(*lab.way(POSTFIX), "--from", "grüße@lab.test", "--to", "bü@lab.test",
                      "--message", path)
    arrived = lab.servers.mail("postfix", "bü") if code == 0 else []
    found = ["exit status %d" % code] if code else differ(arrived, data)
    if not found and "Return-Path: <grüße@lab.test>".encode() not in arrived[0]:
        found = ["another sender", repr(arrived[0][:300])]
    if not found and " SMTPUTF8" not in said:
        found = ["MAIL had no SMTPUTF8"]
    return found and [*found, said[-3000:]]


def xclient(*more):
    return ("--xclient-addr", CLIENT, "--xclient-name", "far.example", "--xclient-helo",
            "hello.example", "--xclient-proto", "ESMTP", *more)


# EHLO follows and has the last word
XCLIENT_TOP = ("from %s (far.example [%s])" % (HELO, CLIENT),)


def xforward(lab):
    path = lab.file("xforward", PLAIN)
    return logged(lab, "postfix", r"orig_queue_id=QUEUE7, orig_client=far\.example\[192\.0\.2\.78\]",
                  *lab.way(POSTFIX), "--to", lab.box() + "@lab.test", "--message", path,
                  "--xforward-name", "far.example", "--xforward-addr", "192.0.2.78",
                  "--xforward-port", "4711", "--xforward-proto", "ESMTP", "--xforward-helo",
                  "hello.example", "--xforward-ident", "QUEUE7", "--xforward-source", "REMOTE")


def proxy(version, family="", source=CLIENT, dest=PEER, command="PROXY"):
    more = ("--proxy-command", command, "--proxy-protocol", "STREAM") if version == "2" else ()
    family = family or {"1": "TCP4", "2": "AF_INET"}[version]
    return ("--proxy-version", version, "--proxy-family", family, "--proxy-source", source,
            "--proxy-source-port", "4711", "--proxy-dest", dest, "--proxy-dest-port", "25", *more)


def behind(lab, version, command="PROXY"):
    port = lab.ports["postfix-proxied"]
    top = "[%s]" % (CLIENT if command == "PROXY" else "127.0.0.1")
    # the port comes last, and wins
    return shown(lab, POSTFIX, (top,), "--port", port, *proxy(version, command=command))


def behind_exim(lab, version):
    return shown(lab, EXIM, ("[%s]" % CLIENT,), "--local-interface", "127.0.0.2", *proxy(version))


def behind_dovecot(lab, version):
    source = "192.0.2.10" + version
    return logged(lab, "dovecot", r"submission-login: Info: Login: .*rip=" + re.escape(source),
                  "--server", "127.0.0.1", "--port", lab.ports["submission-proxied"],
                  *proxy(version, source=source), "--tls", "--auth", "PLAIN", "--auth-user", USER,
                  "--auth-password", PASSWORD, "--to", lab.box() + "@lab.test",
                  "--message", lab.file("proxied dovecot " + version, PLAIN))


def recipients(lab, route, good, bad, code, *options):
    """`good` boxes get the message, `bad` addresses are refused; the exit status is `code`."""
    boxes = [lab.box() for _ in range(good)]
    status, said = send(*lab.way(route), "--to", ",".join([*("%s@lab.test" % b for b in boxes),
                                                           *bad]),
                        "--message", lab.file("some %s" % lab.box(), PLAIN), *options)
    found = [] if status == code else ["exit status %d, not %d" % (status, code)]
    for box in boxes if not found else []:
        found += differ(lab.mail(route, box), PLAIN)
    return found and [*found, said[-3000:]]


def load(lab):
    """--repeat: each transaction sends the whole message."""
    box, path = lab.box(), lab.file("load", BY_NAME["dots"])
    status, said = send(*lab.way(POSTFIX), "--to", box + "@lab.test", "--message", path,
                        "--repeat", "20", "--concurrency", "4")
    arrived = lab.mail(POSTFIX, box, 20)
    found = ["exit status %d, %d arrived" % (status, len(arrived))] \
        if status or len(arrived) != 20 else []
    for one in arrived:
        found += differ([one], BY_NAME["dots"])
    return found and [*found, said[-3000:]]


def _chunked_cases():
    for route in (POSTFIX, EXIM, LMTP, ROUTES["submission"]):
        for name in ("dots", "8-bit bytes", "no final newline"):
            yield ("--chunking by %s: %s" % (route.name, name),
                   lambda lab, r=route, n=name: chunked(lab, r, n, "--chunking"))
        yield ("--chunking in many pieces by " + route.name,
               lambda lab, r=route: chunked(lab, r, "many blocks", "--chunking", "7001"))
        yield ("--chunking and --pipeline by " + route.name,
               lambda lab, r=route: chunked(lab, r, "S/MIME", "--chunking", "100", "--pipeline"))


def _client_cases():
    tls = ("--tls",)
    yield "--xclient", lambda lab: shown(lab, POSTFIX, XCLIENT_TOP, *xclient())
    yield "--xclient inside TLS", lambda lab: shown(lab, POSTFIX, XCLIENT_TOP, *xclient(*tls))
    yield ("--xclient before STARTTLS",
           lambda lab: shown(lab, POSTFIX, XCLIENT_TOP, *xclient(*tls, "--xclient-before-starttls")))
    yield ("--xclient twice", lambda lab: shown(
        lab, POSTFIX, XCLIENT_TOP, "--xclient-name", "near.example", "--xclient-delim",
        "--xclient", "ADDR=%s NAME=far.example" % CLIENT))
    # whom it became may not do it again
    yield ("--xclient, the second refused", lambda lab: shown(
        lab, POSTFIX, (), "--xclient-addr", CLIENT, "--xclient-delim", "--xclient-name",
        "far.example", code=33))
    yield ("--xclient, the second refused and optional", lambda lab: shown(
        lab, POSTFIX, ("[%s]" % CLIENT,), "--xclient-addr", CLIENT, "--xclient-delim",
        "--xclient-name", "far.example", "--xclient-optional"))
    yield "--xforward", xforward
    for version in "12":
        yield ("--proxy-version %s by postfix" % version,
               lambda lab, v=version: behind(lab, v))
        yield ("--proxy-version %s by exim" % version,
               lambda lab, v=version: behind_exim(lab, v))
        yield ("--proxy-version %s by dovecot" % version,
               lambda lab, v=version: behind_dovecot(lab, v))
    yield "--proxy-command LOCAL by postfix", lambda lab: behind(lab, "2", "LOCAL")
    yield ("HELO is seen", lambda lab: shown(lab, POSTFIX, ("from %s " % HELO,), absent=(CLIENT,)))


def _recipient_cases():
    unknown, late, refused = ("nobody@lab.test",), ("locked@lab.test",), ("b399@lab.test",)
    for name, route, good, bad, code, options in (
            ("LMTP, one of two refused", LMTP, 1, unknown, 0, ()),
            ("LMTP socket, one of two refused", SOCKET, 1, unknown, 0, ("--pipeline",)),
            ("LMTP, one of two not kept", LMTP, 1, late, 0, ()),
            ("LMTP, none kept", LMTP, 0, late, 26, ()),
            ("LMTP, none kept, BDAT", LMTP, 0, late, 26, ("--chunking",)),
            ("LMTP, all refused", LMTP, 0, (*unknown, "none@lab.test"), 24, ()),
            ("LMTP, all refused, pipelined", SOCKET, 0, (*unknown, "none@lab.test"), 24,
             ("--pipeline",)),
            ("LMTP, three", LMTP, 3, (), 0, ("--pipeline",)),
            ("LMTP, three, BDAT", LMTP, 3, (), 0, ("--chunking", "64")),
            ("postfix, one of two refused", POSTFIX, 1, unknown, 0, ()),
            ("postfix, all refused", POSTFIX, 0, unknown * 2, 24, ()),
            ("postfix, all refused, pipelined", POSTFIX, 0, unknown, 24, ("--pipeline",)),
            ("postfix, all refused, BDAT", POSTFIX, 0, unknown, 24, ("--chunking", "--pipeline")),
            ("exim, pipelined", EXIM, 2, (), 0, ("--pipeline",)),
            ("exim, pipelined, one of three refused", EXIM, 2, unknown, 0, ("--pipeline",)),
            ("exim, all refused, pipelined", EXIM, 0, unknown * 2, 24, ("--pipeline",)),
            ("PRDR, all take it", EXIM, 2, (), 0, ("--prdr",)),
            ("PRDR, one refuses it", EXIM, 1, refused, 0, ("--prdr",)),
            ("PRDR, pipelined", EXIM, 2, refused, 0, ("--prdr", "--pipeline")),
            ("PRDR is not offered", POSTFIX, 0, unknown, 30, ("--prdr",))):
        yield name, lambda lab, a=(route, good, bad, code, *options): recipients(lab, *a)


def cases():
    return [*_chunked_cases(), *_client_cases(), *_recipient_cases(),
            ("DSN by postfix", lambda lab: dsn(lab, POSTFIX, "id+1=x")),
            ("DSN by postfix, BDAT",
             lambda lab: dsn(lab, POSTFIX, "a b", "--chunking", "--pipeline")),
            # Exim repeats the name without decoding it
            ("DSN by exim", lambda lab: dsn(lab, EXIM, "name-7")),
            ("SMTPUTF8 addresses", smtputf8), ("--repeat", load)]
