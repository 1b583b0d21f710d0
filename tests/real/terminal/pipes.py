# SPDX-License-Identifier: Apache-2.0
"""`waxseal connect` in a script: lines from a pipe in step with the replies, and s_client's way."""

import os
import subprocess
import tempfile
import traceback
from dataclasses import dataclass

from lab import program

from .peer import ESCAPES, Peer

SECONDS = 600
MEGABYTE = 1 << 20
CUT = 4  # the conversation did not go as expected


@dataclass(frozen=True)
class Done:
    status: int
    out: bytes
    err: str
    memory: int  # the most it had, in bytes
    heard: bytes  # by the server, inside TLS


def ask(peer, folder, text, *options):
    """One session with `text` as standard input."""
    number = len(peer.heard)
    argv = [str(program.binary()), "connect", "127.0.0.1:%d" % peer.port, *options]
    with tempfile.TemporaryFile(dir=folder) as given, tempfile.TemporaryFile(dir=folder) as out, \
            tempfile.TemporaryFile(dir=folder) as err:
        given.write(text)
        given.seek(0)
        process = subprocess.Popen(["timeout", str(SECONDS), *argv], stdin=given, stdout=out,
                                   stderr=err, env=environment())
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        # ru_maxrss of `timeout` counts its child, too
        done = Done(process.returncode, out.read(), err.read().decode("utf-8", "replace"),
                    usage.ru_maxrss * 1024, b"".join(peer.heard[number:]))
        assert len(peer.heard) == number + 1, done
        return done


def environment():
    """The sanitizer keeps what was freed for a while; that is not the program's memory."""
    options = [os.environ.get("ASAN_OPTIONS", ""), "quarantine_size_mb=1"]
    return {**os.environ, "ASAN_OPTIONS": ":".join(o for o in options if o)}


def same(what, ours, wanted):
    assert ours == wanted, "%s: %r, not %r" % (what, ours, wanted)


def in_step(peer, folder):
    done = ask(peer, folder, b"EHLO c\nMAIL FROM:<a@b>\nRCPT TO:<nobody@x>\nRSET\nQUIT\n", "-brief")
    same("status", done.status, 0)
    assert b"250 ENHANCEDSTATUSCODES\n250 2.1.0 Ok\n550 5.1.1 Nobody here\n" in done.out, done
    same("heard", done.heard,
         b"EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<nobody@x>\r\nRSET\r\nQUIT\r\n")


def expected(peer, folder):
    words = ("-brief", "--expect", "250", "--expect", "2", "--expect", "250 2.1", "--expect", "221")
    text = b"EHLO c\nMAIL FROM:<a@b>\nRCPT TO:<%s@x>\nQUIT\n"
    same("status", ask(peer, folder, text % b"x", *words).status, 0)
    done = ask(peer, folder, text % b"nobody", *words)
    same("status", done.status, CUT)
    assert "reply 3 should begin with 250 2.1: 550 5.1.1 Nobody here" in done.err, done.err


def refused_message(peer, folder):
    done = ask(peer, folder, b"XREFUSE\nDATA\nRSET\nMAIL FROM:<x@y>\n.\nNOOP\n", "-brief")
    same("status", done.status, 0)
    same("heard", done.heard, b"XREFUSE\r\nDATA\r\nNOOP\r\nQUIT\r\n")
    assert "the message was refused; its lines are not sent" in done.err, done.err


def quiet_ends_with_its_input(peer, folder):
    done = ask(peer, folder, b"NOOP\n", "-quiet")
    same("status", done.status, 0)
    same("said", done.out, b"250 2.0.0 Ok\r\n221 2.0.0 Bye\r\n")


def large_reply(peer, folder):
    small = ask(peer, folder, b"QUIT\n", "-quiet")
    done = ask(peer, folder, b"XBIG 30\nQUIT\n", "-quiet")
    same("status", done.status, 0)
    assert 29 * MEGABYTE < len(done.out) < 31 * MEGABYTE, len(done.out)
    assert done.out.endswith(b"250 2.0.0 That was it\r\n221 2.0.0 Bye\r\n"), done.out[-100:]
    assert done.memory < small.memory + 15 * MEGABYTE, (done.memory, small.memory)


def large_message(peer, folder):
    small = ask(peer, folder, b"QUIT\n", "-quiet")
    message = b"DATA\n" + b"m" * 12 * MEGABYTE + (b"\n" + b"x" * 99) * 80000 + b"\n.\nQUIT\n"
    done = ask(peer, folder, message, "-quiet")
    same("status", done.status, 0)
    assert done.out.endswith(b"250 2.0.0 Taken\r\n221 2.0.0 Bye\r\n"), done.out[-100:]
    assert done.heard == message.replace(b"\n", b"\r\n"), "the message was changed on its way"
    assert done.memory < small.memory + 15 * MEGABYTE, (done.memory, small.memory)


def closed_early(peer, folder):
    done = ask(peer, folder, b"XGONE\nNOOP\nQUIT\n", "-brief")
    same("status", done.status, CUT)
    assert "the server closed the connection before it replied" in done.err, done.err
    same("heard", done.heard, b"XGONE\r\n")


BROKEN = (
    (b"XCUT", "the server hung up without ending TLS (no close_notify)"),
    (b"XRESET", "the server reset the connection"),
    (b"XCLEAR", "what the server sent is no valid TLS (wrong version number)"),
)


def broken_off(peer, folder):
    """What every way of talking says when the session does not end as a session should."""
    for command, why in BROKEN:
        told = "waxseal: the session broke off: %s\n" % why
        done = ask(peer, folder, command + b"\nNOOP\nQUIT\n", "-brief")
        same("status", done.status, CUT)
        assert told in done.err, done.err
        done = ask(peer, folder, b"NOOP\n" + command + b"\n", "-brief", "--s_client", "-crlf",
                   "-ign_eof")
        same("status", done.status, 1)
        assert told in done.err, done.err
    done = ask(peer, folder, b"XCUT\n", "-brief", "--s_client", "-crlf", "-ign_eof",
               "-ignore_unexpected_eof")
    same("status", done.status, 0)
    assert "broke off" not in done.err, done.err
    done = ask(peer, folder, b"XGONE\n", "-brief", "--s_client", "-crlf", "-ign_eof")
    same("status", done.status, 0)
    assert "broke off" not in done.err, done.err


def no_reply(peer, folder):
    done = ask(peer, folder, b"XSLOW\nQUIT\n", "-brief", "--reply-timeout", "1s")
    same("status", done.status, CUT)
    assert "no reply within 1 seconds" in done.err, done.err


def unfinished_message(peer, folder):
    done = ask(peer, folder, b"DATA\nSubject: x\n", "-brief")
    same("status", done.status, CUT)
    assert "it was not sent" in done.err, done.err
    same("heard", done.heard, b"DATA\r\nSubject: x\r\n")


def escape_sequences(peer, folder):
    text = b"XESCAPE\nQUIT\n"
    assert b"\x1b" not in ask(peer, folder, text, "-brief").out
    same("raw", ask(peer, folder, text, "-quiet").out, ESCAPES + b"221 2.0.0 Bye\r\n")


def login_without_terminal(peer, folder):
    argv = [str(program.binary()), "connect", "-brief", "127.0.0.1:%d" % peer.port, "--auth", "a"]
    done = subprocess.run(argv, input=b"NOOP\n", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=SECONDS, start_new_session=True, check=False)
    same("status", done.returncode, CUT)
    assert b"there is no terminal to ask for the password of a" in done.stderr, done.stderr


def s_clients_way(peer, folder):
    """The same input to both: the server hears the same, and says the same."""
    for text in (b"EHLO x\nNOOP\nQUIT\n", b"quit\n"):
        options = ["-starttls", "smtp", "-connect", "127.0.0.1:%d" % peer.port, "-quiet",
                   "-ign_eof", "-crlf"]
        number = len(peer.heard)
        both = [subprocess.run([*argv, *options], input=text, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, timeout=SECONDS, check=False)
                for argv in (["openssl", "s_client"],
                             [str(program.binary()), "connect", "--s_client"])]
        same("said", both[1].stdout, both[0].stdout)
        same("heard", peer.heard[number + 1], peer.heard[number])


CASES = (
    ("commands go out in step", in_step),
    ("expected replies", expected),
    ("a refused message is not taken for commands", refused_message),
    ("-quiet ends with its input", quiet_ends_with_its_input),
    ("a reply of 30 MB in bounded memory", large_reply),
    ("a message of 20 MB in bounded memory", large_message),
    ("the server closes early", closed_early),
    ("the session breaks off", broken_off),
    ("a reply that never comes", no_reply),
    ("a message without its end", unfinished_message),
    ("escape sequences", escape_sequences),
    ("--auth without a terminal", login_without_terminal),
    ("s_client's way beside s_client", s_clients_way),
)


def count():
    return len(CASES)


def run(tap, street, pki):
    peer = Peer(pki.path("ec.all.pem"))
    for title, test in CASES:
        found = ""
        try:
            test(peer, street.folder)
        except Exception:  # whatever it is, it fails this test and no others
            found = traceback.format_exc()
        tap.result("pipe: " + title, not found, found)
    peer.close()
