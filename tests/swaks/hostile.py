# SPDX-License-Identifier: Apache-2.0
"""hostile - servers that mean harm; waxseal must end in time, by itself, within its memory.

Each server is a generator of what it sends next: bytes, None (wait for a line), a number (sleep),
or RESET. It is played as swaks and as `waxseal send`, which must not pass control bytes on.
"""

import base64
import os
import resource
import socket
import struct
import subprocess
import threading
import time

import pair

SECONDS = 20  # a time-out of two seconds is set; each step may use it up
MEMORY_KB = 700 * 1024  # with the address sanitizer's share
RESET = "reset"
BLOCK = 65536


def forever(data):
    data *= max(1, BLOCK // len(data))
    while True:
        yield data


def hello(*keywords):
    lines = ["250-%s\r\n" % k for k in ("host", *keywords)] + ["250 end\r\n"]
    return "".join(lines).encode()


def after(*steps):
    """The dialogue goes well for some steps: each is what answers a line."""
    def begin():
        yield b"220 host\r\n"
        for step in steps:
            yield None
            yield step
        yield None
    return begin


WELL = after(hello(), b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n")


def server(begin, *tail):
    def play():
        yield from begin() if begin else ()
        for part in tail:
            if isinstance(part, (bytes, int, float, type(None), str)):
                yield part
            else:
                yield from part
    return play


def dribble(data, pause=0.1):
    for byte in data:
        yield bytes((byte,))
        yield pause


def answer_everything(reply):
    while True:
        yield None
        yield reply


def auth(*replies):
    return after(hello("AUTH PLAIN LOGIN CRAM-MD5 DIGEST-MD5 NTLM"), *replies)


LONG = b"x" * 100000
BIG64 = base64.b64encode(b"y" * 150000)
LOGIN = ["--auth", "LOGIN", "-au", "u", "-ap", "p"]
DIGEST = ["--auth", "DIGEST-MD5", "-au", "u", "-ap", "p"]
CRAM = ["--auth", "CRAM-MD5", "-au", "u", "-ap", "p"]
NTLM = ["--auth", "NTLM", "-au", "u", "-ap", "p"]
TLS = ["--tls"]
PIPELINE = ["--pipeline"]
BIG_MESSAGE = ["--body", "@big"]

SERVERS = (
    ("a greeting without end of line", [], lambda: server(None, forever(b"220 x"))),
    ("a greeting without last line", [], lambda: server(None, forever(b"220-more\r\n"))),
    ("lines that are no replies", [], lambda: server(None, forever(b"hello there\r\n"))),
    ("empty lines", [], lambda: server(None, forever(b"\r\n"))),
    ("NULs", [], lambda: server(None, forever(b"\0"))),
    ("lines of NULs", [], lambda: server(None, forever(b"\0\0\0\n"))),
    ("a flood of good replies", [], lambda: server(None, forever(b"220 x\r\n250 y\r\n354 z\r\n"))),
    ("long lines", [], lambda: server(None, b"220 " + LONG + b"\r\n",
                                      answer_everything(b"250 " + LONG + b"\r\n"))),
    ("escape sequences", [], lambda: server(
        None, b"220 \x1b[2J\x1b]0;title\x07\r\n",
        answer_everything(b"250 \x1b[31m\x9b31m\x08\x7f\x00 \xff\xfe\r\n"))),
    ("a byte at a time", [], lambda: server(None, dribble(b"220-" + LONG))),
    ("many keywords", [], lambda: server(
        after(hello(*("X-%06d a b c" % i for i in range(40000)))),
        answer_everything(b"250 ok\r\n"))),
    ("keywords without end", [], lambda: server(after(), forever(b"250-X-KEY a\r\n"))),
    ("codes at the edge", [], lambda: server(
        None, b"000 x\r\n-01 x\r\n+20 x\r\n2147483648 x\r\n22\r\n220\r\n",
        answer_everything(b"999 x\r\n"))),
    ("a reset after the greeting", [], lambda: server(None, b"220 x\r\n", RESET)),
    ("a reset at the hello", [], lambda: server(after(), RESET)),
    ("a reset in a message", BIG_MESSAGE, lambda: server(WELL, RESET)),
    ("nothing is read any more", BIG_MESSAGE, lambda: server(WELL, 15.0)),
    ("replies while a message is sent", BIG_MESSAGE, lambda: server(WELL, forever(b"250 ok\r\n"))),
    ("garbage while a message is sent", BIG_MESSAGE, lambda: server(WELL, forever(b"xyz"))),
    ("a long challenge, LOGIN", LOGIN, lambda: server(auth(b"334 " + BIG64 + b"\r\n"),
                                                      answer_everything(b"334 " + BIG64 + b"\r\n"))),
    ("a long challenge, CRAM-MD5", CRAM, lambda: server(auth(b"334 " + BIG64 + b"\r\n"),
                                                        answer_everything(b"235 ok\r\n"))),
    ("a long challenge, DIGEST-MD5", DIGEST, lambda: server(
        auth(b"334 " + BIG64 + b"\r\n"), answer_everything(b"334 " + BIG64 + b"\r\n"))),
    ("a long challenge, NTLM", NTLM, lambda: server(
        auth(b"334 ok\r\n", b"334 " + BIG64 + b"\r\n"), answer_everything(b"334 x\r\n"))),
    ("an odd NTLM challenge", NTLM, lambda: server(
        auth(b"334 ok\r\n", b"334 " + base64.b64encode(
            b"NTLMSSP\0\2\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff" + b"\xff" * 16) + b"\r\n"),
        answer_everything(b"235 ok\r\n"))),
    ("challenges without end", DIGEST, lambda: server(
        auth(), answer_everything(b"334 " + base64.b64encode(
            b'realm="r",nonce="n",qop="auth",algorithm=md5-sess,charset=utf-8') + b"\r\n"))),
    ("no TLS after STARTTLS", TLS, lambda: server(
        after(hello("STARTTLS"), b"220 go\r\n"), forever(b"500 what?\r\n"))),
    ("records of zero bytes", TLS, lambda: server(
        after(hello("STARTTLS"), b"220 go\r\n"), forever(b"\x16\x03\x03\x00\x00"))),
    ("alerts that warn", TLS, lambda: server(
        after(hello("STARTTLS"), b"220 go\r\n"), forever(b"\x15\x03\x03\x00\x02\x01\x5a"))),
    ("a handshake message of 16 MB", TLS, lambda: server(
        after(hello("STARTTLS"), b"220 go\r\n"), b"\x16\x03\x03\x40\x00\x02\xff\xff\xff",
        forever(b"\0"))),
    ("silence after STARTTLS", TLS, lambda: server(
        after(hello("STARTTLS"), b"220 go\r\n"), 15.0)),
    ("a handshake, a byte at a time", TLS, lambda: server(
        after(hello("STARTTLS"), b"220 go\r\n"), dribble(b"\x16\x03\x03\x40\x00" + LONG))),
    ("answers to a pipeline without end", PIPELINE, lambda: server(
        after(hello("PIPELINING")), forever(b"250-a\r\n250 b\r\n"))),
    ("answers to QUIT without end", ["-q", "connect"], lambda: server(
        after(), forever(b"221-bye\r\n"))),
)


def speak(sock, play):
    """Plays the server; ends when the client has gone."""
    reader = sock.makefile("rb")
    sock.settimeout(SECONDS)
    try:
        for what in play():
            if what is None:
                if not reader.readline(BLOCK):
                    return
            elif what is RESET:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            elif isinstance(what, float):
                time.sleep(what)
            else:
                sock.sendall(what)
        while reader.readline(BLOCK):
            pass
    except OSError:
        pass
    finally:
        reader.close()
        sock.close()


def serve(listener, play):
    listener.settimeout(SECONDS)
    try:
        sock, _ = listener.accept()
    except OSError:
        return
    speak(sock, play)


def meet(args, play, as_swaks, folder):
    """(complaint or "", seconds)"""
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=serve, args=(listener, play), daemon=True)
    thread.start()
    words = [pair.ORACLE] if as_swaks else ["waxseal", "send"]
    words += ["--server", "127.0.0.1", "--port", str(listener.getsockname()[1]), "--to",
              "a@rcpt.example", "--from", "f@from.example", "--helo", "h", "--timeout", "2s", *args]
    begin = time.monotonic()
    with open(os.path.join(folder, "out"), "w+b") as out:
        program = subprocess.Popen(words, executable=pair.OURS, stdin=subprocess.DEVNULL,
                                   stdout=out, stderr=subprocess.STDOUT, cwd=folder)
        status, usage = None, None
        while time.monotonic() - begin < SECONDS:
            pid, status, usage = os.wait4(program.pid, os.WNOHANG)
            if pid:
                break
            time.sleep(0.01)
        else:
            program.kill()
            os.wait4(program.pid, 0)
            status = None
        program.returncode = 0
        listener.close()
        out.seek(0)
        text = out.read(1 << 24)
    return complaint(status, usage, text, as_swaks), time.monotonic() - begin


def complaint(status, usage, text, as_swaks):
    if status is None:
        return "does not end"
    if os.WIFSIGNALED(status):
        return "died of signal %d" % os.WTERMSIG(status)
    if b"Sanitizer" in text or b"runtime error" in text:
        return text[-2000:].decode("latin-1")
    if usage.ru_maxrss > MEMORY_KB:
        return "used %d KB" % usage.ru_maxrss
    if not as_swaks and set(text) & set(b"\x1b\x00\x07\x08\x7f"):
        return "control bytes reach the terminal"
    return ""


def run(folder, only):
    """TAP; how many failed is the exit status' matter."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with open(os.path.join(folder, "big"), "wb") as f:
        f.write((b"z" * 70 + b"\n") * 300000)
    number, played, failed = 0, 0, 0
    for name, args, play in SERVERS:
        for as_swaks in (True, False):
            number += 1
            if only and number != only:
                continue
            played += 1
            why, seconds = meet(args, play(), as_swaks, folder)
            failed += bool(why)
            print("%sok %d - %s, %s # %.1f s" % ("not " if why else "", number, name,
                                                 "as swaks" if as_swaks else "as send", seconds))
            if why:
                print("\n".join("# " + line for line in why.splitlines()))
    print("1..%d" % played)
    return 1 if failed else 0
