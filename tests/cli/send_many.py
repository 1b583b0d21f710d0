# SPDX-License-Identifier: Apache-2.0
"""--expect, --repeat, --json, --script."""
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import threading
import time

from send_kit import (Closed, FOLDER, PATIENCE, PROGRAM, SOURCE, environment, path, run, test, tls_context, to,
                      write)
from smtp_server import CLOSE, Server

sys.path.insert(0, os.path.join(SOURCE, "tests", "real"))
from lab import schema as checker  # pylint: disable=wrong-import-position

# ---- --expect


@test
def expect_met():
    """--expect: met is exit 0, also where the reply is a refusal; not met is exit 40 and told"""
    with Server(replies={"RCPT": b"550 5.7.1 no relay\r\n"}) as s:
        to(s, "-q", "RCPT", "--expect", "rcpt=550", code=0)
    with Server(replies={"RCPT": b"550 5.7.1 no relay\r\n"}) as s:
        to(s, "-q", "RCPT", "--expect", "rcpt=5xx", "--expect", "mail=250", code=0)
    with Server() as s:
        to(s, "-q", "RCPT", "--expect", "rcpt=5xx", code=40).shows("rcpt=5xx", "250")
    with Server(replies={"RCPT": b"451 4.7.1 later\r\n"}) as s:
        to(s, "--expect", "rcpt=250|251", code=40).shows("451")


@test
def expect_not_reached():
    """--expect: a step that is not reached is exit 40 and told; no connection stays exit 2"""
    with Server(replies={"MAIL": b"550 no\r\n"}) as s:
        to(s, "--expect", "dot=250", code=40).shows("not reached")
    to(Closed(), "--expect", "banner=220", code=2)


@test
def expect_all_steps():
    """--expect: every step of a transaction has its name"""
    steps = ("banner=220", "hello=250", "starttls=220", "auth=235", "mail=250", "rcpt=250",
             "data=354", "dot=250", "quit=221")
    with Server(["AUTH PLAIN"], tls=tls_context(),
                sasl=lambda session, line: b"235 2.7.0 ok\r\n") as s:
        args = [a for step in steps for a in ("--expect", step)]
        to(s, "-tls", "-a", "PLAIN", "-au", "u", "-ap", "p", *args, code=0)


@test
def expect_odd_steps():
    """--expect: chunks, XFORWARD and scripts have steps of their own"""
    with Server(["CHUNKING", "XFORWARD NAME"]) as s:
        to(s, "--chunking", "--xforward-name", "x", "--expect", "bdat=250", "--expect",
           "xforward=250", code=0)
    script = write("expect.script", "< any\n> NOOP\n< any\n> QUIT\n< any\n")
    with Server() as s:
        to(s, "--script", script, "--expect", "script=2xx", code=0)
    with Server(replies={"NOOP": b"500 no\r\n"}) as s:
        to(s, "--script", script, "--expect", "script=2xx", code=40).shows("500")


# ---- --repeat

@test
def repeat_report():
    """--repeat: each is a transaction of its own; the report counts them and gives percentiles"""
    with Server() as s:
        done = to(s, "--repeat", 7, code=0)
        done.shows("7 of 7 transactions", "exit  0: 7", "median", "90 %", "99 %")
        assert len(s.sessions) == 7 and done.err == "", done
        ids = {re.search(rb"Message-Id: (.*)", x.message).group(1) for x in s.sessions}
        assert len(ids) == 7, ids


@test
def repeat_together():
    """--concurrency: so many at a time, never more"""
    busy, most, all_four = [], [], threading.Barrier(4)

    def count(session, _):
        busy.append(session)
        most.append(len(busy))
        all_four.wait(120)
        time.sleep(0.05)
        busy.remove(session)
        return b"250 2.0.0 ok\r\n"
    with Server(replies={"MAIL": count}) as s:
        to(s, "--repeat", 20, "--concurrency", 4, code=0).shows("20 of 20", "4 at a time")
        assert max(most) == 4, max(most)


@test
def repeat_failures():
    """--repeat: failures are counted by exit code, the first kind is the exit code of the whole"""
    answers = [b"250 ok\r\n", b"550 no\r\n"]

    def by_turns(session, _):
        return answers[session.server.sessions.index(session) % 2]
    for more in ((), ("--concurrency", "3")):
        with Server(replies={"MAIL": by_turns}) as s:
            to(s, "--repeat", 6, *more, code=23).shows("exit  0: 3", "exit 23: 3",
                                                       "the sender was refused")


@test
def repeat_json():
    """--repeat with --json: one document with counts and milliseconds"""
    with Server() as s:
        done = to(s, "--repeat", 5, "--concurrency", 2, "--json", code=0)
    report = json.loads(done.out)
    validate(report)
    assert report["transactions"] == 5 and report["exits"] == [
        {"exit": 0, "meaning": "done as asked", "count": 5}], report
    times = report["ms"]
    assert times["least"] <= times["median"] <= times["p90"] <= times["p99"] <= times["most"]


@test
def repeat_nowhere():
    """--repeat without a server: exit 2 and why, with --json a document all the same"""
    for more in ((), ("--concurrency", "2")):
        to(Closed(), "--repeat", 3, *more, code=2).shows("exit  2: 3", "no connection")
        words = ["--to", "a@b", "--server", "nosuch.invalid", "--repeat", 3, *more]
        done = run(*words, code=2)
        done.shows("nosuch.invalid") if more else done.shows("exit  2: 3")
        report = json.loads(run(*words, "--json", code=2).out)
        validate(report)
        assert report["transactions"] == (0 if more else 3), report
        assert report["errors"] or not more, report


def interrupted(*more):
    """Sends SIGINT when some are done; what came out, and the exit code."""
    def slow(_, __):
        time.sleep(0.02)
        return b"250 ok\r\n"
    with Server(replies={"MAIL": slow}) as s:
        child = subprocess.Popen(
            [PROGRAM, "send", "--to", "a@b", "--server", s.at, "--repeat", "100000", *more],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), cwd=FOLDER,
            stdin=subprocess.DEVNULL)
        end = time.monotonic() + 120
        while len(s.sessions) < 5 and time.monotonic() < end:
            time.sleep(0.02)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=300)
    text = out.decode() + err.decode()
    assert re.search(r"\b(\d+) of 100000 transactions", text), (child.returncode, text)
    assert "median" in text, text
    assert "Sanitizer" not in text, text
    return child.returncode


@test
def repeat_interrupted():
    """--repeat: an interrupt ends it with the report on what was done; one by one and together"""
    for more in ((), ("--concurrency", "3")):
        assert interrupted(*more) in (0, 130)


@test
def repeat_progress():
    """--repeat: a progress line only when standard error is a terminal"""
    def slow(_, __):
        time.sleep(0.3)
        return b"250 ok\r\n"
    with Server(replies={"MAIL": slow}) as s:
        master, slave = pty.openpty()
        child = subprocess.Popen(
            [PROGRAM, "send", "--to", "a@b", "--server", s.at, "--repeat", "3"],
            stdout=subprocess.PIPE, stderr=slave, env=environment(), cwd=FOLDER,
            stdin=subprocess.DEVNULL)
        os.close(slave)
        out, _ = child.communicate(timeout=300)
        shown = b""
        while select.select([master], [], [], 0.2)[0]:
            try:
                part = os.read(master, 4096)
            except OSError:
                break
            shown += part
            if not part:
                break
        os.close(master)
    assert b"of 3 transactions" in shown and b"\r" in shown, shown
    assert b"3 of 3 transactions" in out, out


# ---- --json

def validate(document):
    with open(os.path.join(SOURCE, "docs", "waxseal.schema.json"), encoding="utf-8") as file:
        problems = list(checker.problems(document, json.load(file)))
    assert not problems, problems


def facts(server, *args, **how):
    document = json.loads(to(server, "--json", *args, **how).out)
    validate(document)
    assert document["schema"] == "waxseal-send/1"
    return document


@test
def json_good():
    """--json: steps with times and enhanced status explained, TLS, exit; fits the schema"""
    with Server(tls=tls_context()) as s:
        document = facts(s, "-tls", code=0)
    steps = {step["step"]: step for step in document["steps"]}
    assert steps["rcpt"]["said"] == "RCPT TO:<you@example.org>"
    assert steps["mail"]["enhanced"] == "2.0.0" and steps["mail"]["enhanced_meaning"], steps["mail"]
    assert steps["dot"]["code"] == 250 and steps["dot"]["ms"] >= 0
    assert document["exit"] == 0 and document["exit_meaning"] and document["tls"]["protocol"]
    assert document["errors"] == []


@test
def json_bad():
    """--json: refusals, lost connections, silence, no connection: a document each, on stdout"""
    for replies, code in (({"RCPT": b"550 5.1.1 who\r\n"}, 24), ({"MAIL": CLOSE}, 6),
                          ({"MAIL": None}, 23), ({"": b"554 no\r\n"}, 21)):
        with Server(replies=replies) as s:
            document = facts(s, "--timeout", PATIENCE, code=code)
        assert document["exit"] == code and document["exit_meaning"]
        if code == 24:
            step = [x for x in document["steps"] if x["step"] == "rcpt"][0]
            assert "mailbox" in step["enhanced_meaning"].lower(), step
    document = facts(Closed(), code=2)
    assert document["exit"] == 2 and document["errors"], document


@test
def json_hostile():
    """--json: bytes that are no UTF-8, control characters and quotes stay valid JSON"""
    with Server(replies={"MAIL": b'250 \xff\xfe\x1b[31m "\\ \0 \xe2\x80\xae\r\n'}) as s:
        facts(s, code=0)


@test
def json_wrong_option():
    """--json with a wrong option: one line on standard error, nothing on standard output"""
    done = run("--json", "--no-such", code=1)
    assert done.out == "" and done.err.count("\n") == 1, done


# ---- --script

def played(text, *args, code=0, replies=None, **server):
    """A script against a server that answers everything; the run and the session."""
    script = write("script-%d" % len(os.listdir(FOLDER)), text)
    with Server(replies=replies, **server) as s:
        done = run("--server", s.at, "--script", script, "--to", "you@example.org", *args, code=code)
        return done, s.session


@test
def script_plain():
    """--script: lines go out as written, replies are waited for, the message is ours"""
    done, session = played("# a comment\n\n< 220\n> EHLO me\n< 250\n> MAIL FROM:<>\n< 2xx\n"
                           "> RCPT TO:<a@b>\n< 250|251\n> DATA\n< 354\nmessage\n< any\n> QUIT\n"
                           "< 221\n", "--h-Subject", "scripted")
    assert session.lines == [b"EHLO me", b"MAIL FROM:<>", b"RCPT TO:<a@b>", b"DATA", b"QUIT"]
    assert b"Subject: scripted" in session.message
    done.shows(" -> MAIL FROM:<>", "<-  354")


@test
def script_smuggling():
    r"""--script: smuggling: a bare "\n.\n" goes out byte for byte, not repaired"""
    body = b"Subject: a\r\n\r\nx\n.\nMAIL FROM:<evil@b>\r\n.\r\n"
    done, session = played("< 220\n> EHLO me\n< 250\n> MAIL FROM:<a@b>\n< 250\n> RCPT TO:<a@b>\n"
                           "< 250\n> DATA\n< 354\n"
                           "raw Subject: a\\r\\n\\r\\nx\\n.\\nMAIL FROM:<evil@b>\\r\\n.\\r\\n\n"
                           "< 250\n> QUIT\n< 221\n")
    assert body in session.raw, session.raw
    done.shows("MAIL FROM:<evil@b>")


@test
def script_early_talker():
    """--script: talking before the greeting, several commands in one write, out of order"""
    _, session = played("raw EHLO me\\r\\nMAIL FROM:<>\\r\\nRCPT TO:<a@b>\\r\\n\n< 220\n< 250\n"
                        "< 250\n< 250\n> RSET\n< 250\n> HELP\n< any\n> QUIT\n< 221\n")
    assert session.raw.startswith(b"EHLO me\r\nMAIL FROM:<>\r\nRCPT"), session.raw


@test
def script_bytes():
    r"""--script: \0, \xNN, \t, \\ and a missing end of line go out as bytes"""
    _, session = played("< 220\nraw NOOP \\0\\xff\\t\\\\\\r\\n\n< 250\nraw QUIT\nraw \\r\\n\n< 221\n")
    assert session.raw == b"NOOP \0\xff\t\\\r\nQUIT\r\n", session.raw


@test
def script_tls():
    """--script: starttls in the middle; a second hello inside"""
    done, session = played("< 220\n> EHLO me\n< 250\n> STARTTLS\n< 220\nstarttls\n> EHLO me\n< 250\n"
                           "> QUIT\n< 221\n", tls=tls_context())
    assert session.tls and session.clear == [b"EHLO me", b"STARTTLS"], session.clear
    done.shows(" ~> EHLO me", "TLS started")


@test
def script_unexpected():
    """--script: a reply that does not fit ends it with exit 40, naming file, line and pattern"""
    done, session = played("< 220\n> EHLO me\n< 250\n> MAIL FROM:<>\n< 5xx\n> QUIT\n< 221\n",
                           code=40)
    done.shows(":5:", "5xx")
    assert session.lines[-1] == b"MAIL FROM:<>"


@test
def script_wait_and_drop():
    """--script: wait lets time pass, drop ends without a word"""
    begun = time.monotonic()
    _, session = played("< 220\n> EHLO me\n< 250\nwait 0.4\ndrop\n")
    assert time.monotonic() - begun >= 0.4 and session.lines == [b"EHLO me"]


@test
def script_silent_server():
    """--script: no reply within --timeout is a reply that does not fit, exit 40"""
    played("< 220\n> EHLO me\n< any\n", "--timeout", PATIENCE, code=40, replies={"EHLO": None})


@test
def script_stdin():
    """--script -: from standard input; no recipient is needed for a script"""
    with Server() as s:
        run("--server", s.at, "--script", "-", stdin=b"< 220\n> QUIT\n< 221\n", code=0)
        assert s.session.lines == [b"QUIT"]


@test
def script_wrong():
    """--script: a wrong line is told with file and number before anything is connected"""
    for text, words in (("> EHLO\nspeak up\n", (":2:", "speak")), ("raw \\q\n", (":1:", "\\xNN")),
                        ("< 25\n", (":1:", "25")), ("wait soon\n", (":1:", "seconds")),
                        ("drop now\n", (":1:", "nothing behind")), ("# empty\n", ("no step",))):
        name = write("wrong-script-%d" % len(os.listdir(FOLDER)), text)
        with Server() as s:
            done = run("--server", s.at, "--to", "a@b", "--script", name, code=1)
            done.shows(*words)
            assert not s.sessions, done
    run("--server", "127.0.0.1:9", "--to", "a@b", "--script", path("nosuch"), code=1).shows("nosuch")
