# SPDX-License-Identifier: Apache-2.0
"""peer - the scripted SMTP server that swaks and waxseal are compared against.

A behaviour is plain data, so that both programs meet the same one, and so that a child process can
play it (`python3 peer.py BEHAVIOUR LOG` serves stdin and stdout, for --pipe):

  greeting   an action, or null
  verbs      {"EHLO": [action, ...]}: used in turn, the last one again and again; "DOT" answers a
             message, "auth" the lines of a SASL exchange, "" what is not listed
  proxy      1 or 2: a PROXY header of this version comes first
  tls        on_connect, cert, key, ca (client certificates), verify (0 no, 1 asks, 2 insists),
             max (highest version, "1.2"), fail ("close", "garbage", "alert": no handshake)

An action is {"say": latin-1 text as it goes out ("{rspauth}": DIGEST-MD5's, computed with the
behaviour's "password"), "then": what follows}: "" the next line, "data"
a message, "auth" a SASL line, "tls" the handshake, "close" the end, "silent" nothing any more.

What came in is kept as it was sent, inside TLS too, with a line for what TLS came to.
"""

import base64
import hashlib
import json
import os
import re
import select
import socket
import sys
import threading
import time

LINGER_SECONDS = 60
LIFE_SECONDS = 300


class Plain:
    """Bytes over two descriptors, or over a socket."""

    def __init__(self, fd_in, fd_out, sock=None):
        self.fd_in, self.fd_out, self.sock = fd_in, fd_out, sock
        self.end = time.monotonic() + LIFE_SECONDS

    def receive(self):
        left = self.end - time.monotonic()
        if left <= 0 or not select.select([self.fd_in], [], [], left)[0]:
            return b""
        try:
            return os.read(self.fd_in, 65536)
        except OSError:
            return b""

    def send(self, data):
        try:
            while data:
                data = data[os.write(self.fd_out, data):]
        except OSError:
            pass

    def finish(self):
        """The sending side first: a client that still sends must meet the end before an error."""
        try:
            if self.sock:
                self.sock.shutdown(socket.SHUT_WR)
            else:
                os.close(self.fd_out)
        except OSError:
            pass
        self.end = min(self.end, time.monotonic() + LINGER_SECONDS)
        while self.receive():
            pass
        if self.sock:
            self.sock.close()


class Secure:
    """Bytes inside TLS over a plain link."""

    def __init__(self, plain, wish, early):
        import ssl  # takes a while: only where it is needed
        self.ssl, self.plain = ssl, plain
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        if wish.get("max"):
            context.maximum_version = ssl.TLSVersion["TLSv" + wish["max"].replace(".", "_")]
        if wish.get("cert"):
            context.load_cert_chain(wish["cert"], wish["key"])
        if wish.get("verify"):
            context.load_verify_locations(wish["ca"])
            context.verify_mode = (ssl.CERT_OPTIONAL, ssl.CERT_REQUIRED)[wish["verify"] - 1]
        self.name = None

        def note_name(_session, name, _context):
            self.name = name
        context.sni_callback = note_name
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.incoming.write(early)
        self.session = context.wrap_bio(self.incoming, self.outgoing, server_side=True)

    def step(self, call, *args):
        """The call's result; None at the end of the connection."""
        while True:
            try:
                result = call(*args)
                self.plain.send(self.outgoing.read())
                return result
            except self.ssl.SSLWantReadError:
                self.plain.send(self.outgoing.read())
                data = self.plain.receive()
                if not data:
                    return None
                self.incoming.write(data)
            except self.ssl.SSLError:
                self.plain.send(self.outgoing.read())
                return None

    def handshake(self):
        """What it came to, or None. do_handshake itself returns nothing."""
        if not self.step(lambda: self.session.do_handshake() or True):
            return None
        subject = ",".join(v for rdn in (self.session.getpeercert() or {}).get("subject", ())
                           for _, v in rdn)
        return "[%s %s name %s client %s]\n" % (self.session.version(), self.session.cipher()[0],
                                                self.name, subject or None)

    def receive(self):
        return self.step(self.session.read, 65536) or b""

    def send(self, data):
        self.step(self.session.write, data)

    def finish(self):
        try:
            self.session.unwrap()
        except self.ssl.SSLError:
            pass
        self.plain.send(self.outgoing.read())
        self.plain.finish()


def rspauth(line, password):
    """What proves the server's knowledge of the password, RFC 2831 section 2.1.3."""
    try:
        text = base64.b64decode(line.strip())
    except ValueError:
        return ""
    said = {k: v.strip(b'"') for k, v in re.findall(rb'([a-z-]+)=("[^"]*"|[^,]*)', text)}

    def md5(*parts):
        return hashlib.md5(b":".join(parts))

    def field(name):
        return said.get(name, b"")
    secret = md5(field(b"username"), field(b"realm"), password.encode()).digest()
    a1 = md5(secret, field(b"nonce"), field(b"cnonce")).hexdigest().encode()
    a2 = md5(b"", field(b"digest-uri")).hexdigest().encode()
    proof = md5(a1, field(b"nonce"), field(b"nc"), field(b"cnonce"), field(b"qop"), a2)
    return base64.b64encode(b"rspauth=" + proof.hexdigest().encode()).decode()


class Dialogue:
    def __init__(self, behaviour, link):
        self.behaviour, self.link = behaviour, link
        self.wish = behaviour.get("tls") or {}
        self.used = {}
        self.got = bytearray()
        self.waiting = b""  # received, not looked at
        self.answer = b""   # said, not sent
        self.mode = ""
        self.last = b""

    def flush(self):
        if self.answer:
            self.link.send(self.answer)
        self.answer = b""

    def more(self):
        self.flush()
        data = self.link.receive()
        self.got += data
        self.waiting += data
        return bool(data)

    def line(self):
        """The next line; what is left at the end of input, then None."""
        while b"\n" not in self.waiting:
            if not self.more():
                left, self.waiting = self.waiting, b""
                return left or None
        line, _, self.waiting = self.waiting.partition(b"\n")
        return line + b"\n"

    def message(self):
        """Up to the dot; QUIT, too, ends it: the client did not take the reply as consent."""
        while True:
            line = self.line()
            if line == b"QUIT\r\n":
                self.waiting = line + self.waiting
            if line is None or line in (b".\r\n", b".\n", b"QUIT\r\n"):
                return line

    def secure(self):
        """The handshake; False where there is none."""
        self.flush()
        early, self.waiting = self.waiting, b""
        del self.got[len(self.got) - len(early):]
        fail = self.wish.get("fail")
        if fail:
            data = early or self.link.receive()
            if data and fail == "garbage":
                self.link.send(b"500 this is no TLS\r\n")
            elif data and fail == "alert":
                self.link.send(bytes((21, 3, 3, 0, 2, 2, 40)))
            return False
        self.link = Secure(self.link, self.wish, early)
        result = self.link.handshake()
        self.got += (result or "").encode()
        return result is not None

    def act(self, action):
        """False: the end."""
        say = action["say"]
        if "{rspauth}" in say:
            say = say.replace("{rspauth}", rspauth(self.last, self.behaviour["password"]))
        self.answer += say.encode("latin-1")
        self.mode = action.get("then", "")
        if self.mode == "close":
            return False
        if self.mode == "silent":
            while self.more():
                pass
            return False
        if self.mode == "tls":
            return self.secure()
        if self.mode == "data":
            last = self.message()
            self.mode = ""
            return last == b"QUIT\r\n" or (last and self.act(self.next_of("DOT")))
        return True

    def next_of(self, verb):
        verbs = self.behaviour["verbs"]
        if verb not in verbs:
            verb = ""
        actions = verbs[verb]
        at = self.used.get(verb, 0)
        self.used[verb] = at + 1
        return actions[min(at, len(actions) - 1)]

    def proxy_header(self):
        if self.behaviour.get("proxy") == 1:
            self.line()
        elif self.behaviour.get("proxy") == 2:
            while len(self.waiting) < 16 and self.more():
                pass
            size = 16 + int.from_bytes(self.waiting[14:16], "big")
            while len(self.waiting) < size and self.more():
                pass
            self.waiting = self.waiting[size:]

    def play(self):
        self.proxy_header()
        if self.wish.get("on_connect") and not self.secure():
            return
        if not self.act(self.behaviour["greeting"]):
            return
        while True:
            line = self.last = self.line()
            if line is None:
                return
            verb = "auth" if self.mode == "auth" else line.split(None, 1)[0].upper().decode(
                "latin-1") if line.split() else ""
            if not self.act(self.next_of(verb)):
                return

    def run(self):
        try:
            self.play()
            self.flush()
        finally:
            self.link.finish()


class Server:
    """Plays a behaviour for one connection, in a thread. `address`: (host, port) or a path."""

    def __init__(self, behaviour, address):
        unix = isinstance(address, str)
        self.listener = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(address)
        self.listener.listen(1)
        self.address = self.listener.getsockname()
        self.behaviour = behaviour
        self.dialogue = None
        self.wake_out, self.wake_in = socket.socketpair()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        ready = select.select([self.listener, self.wake_out], [], [], LIFE_SECONDS)[0]
        if self.listener not in ready:
            return
        sock, _ = self.listener.accept()
        self.listener.close()
        self.dialogue = Dialogue(self.behaviour, Plain(sock.fileno(), sock.fileno(), sock))
        self.dialogue.run()

    def stop(self):
        """Ends it; what was received."""
        self.wake_in.close()
        self.thread.join(LINGER_SECONDS)
        self.listener.close()
        self.wake_out.close()
        return bytes(self.dialogue.got) if self.dialogue else b"[no connection]\n"


def main():
    with open(sys.argv[1], encoding="latin-1") as f:
        dialogue = Dialogue(json.load(f), Plain(0, 1))
    try:
        dialogue.run()
    finally:
        with open(sys.argv[2] + ".new", "wb") as f:
            f.write(dialogue.got)
        os.rename(sys.argv[2] + ".new", sys.argv[2])


if __name__ == "__main__":
    main()
