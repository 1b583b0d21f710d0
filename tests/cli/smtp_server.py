# SPDX-License-Identifier: Apache-2.0
"""A scripted SMTP server on loopback for the tests of `waxseal send`.

Server(ehlo=[...], replies={...}, tls=CONTEXT, implicit=False, sasl=FUNCTION) listens on a free port;
each connection becomes a Session in .sessions: what was said (`lines`), what came as message, chunks.
`replies` maps a verb ("MAIL", "" the greeting, "." the end of data) to bytes, or to a function of
(session, line) that returns them; None is silence, CLOSE the end of the connection.
"""
import socket
import ssl
import threading

CLOSE = object()


class Session:
    def __init__(self, server, connection):
        self.server = server
        self.connection = connection
        self.buffer = b""
        self.raw = b""       # all that came, decrypted
        self.lines = []      # commands
        self.clear = []      # the ones that came outside TLS
        self.message = None  # as it came, without the final dot
        self.chunks = []     # (size, last, bytes) of BDAT
        self.tls = None      # (protocol, suite, resumed, ALPN)
        self.secure = server.implicit
        self.failure = None
        self.done = threading.Event()

    def said(self, verb):
        return [line for line in self.lines if line.upper().startswith(verb.upper().encode())]

    # ---- bytes

    def fill(self):
        data = self.connection.recv(65536)
        self.raw += data
        self.buffer += data
        return bool(data)

    def line(self):
        """Up to CRLF; a bare line feed ends nothing but in a server that is `bare`."""
        while self.server.end not in self.buffer:
            if not self.fill():
                return None
        line, self.buffer = self.buffer.split(self.server.end, 1)
        return line.rstrip(b"\r") if self.server.end == b"\n" else line

    def take(self, count):
        while len(self.buffer) < count:
            if not self.fill():
                return None
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def send(self, data):
        self.connection.sendall(data)

    # ---- the dialogue

    def answer(self, verb, default, line=b""):
        """Sends the reply for a verb. False: it was silence or the end. None: nothing to send."""
        reply = self.server.replies.get(verb, default)
        if callable(reply):
            reply = reply(self, line)
        if reply is CLOSE:
            return CLOSE
        if reply is None:
            while self.fill():
                pass
            return CLOSE
        self.send(reply)
        return reply[:1] in b"23"

    def handshake(self):
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        s = self.connection
        self.tls = (s.version(), s.cipher()[0], s.session_reused, s.selected_alpn_protocol())
        self.secure = True
        self.buffer = b""

    def ehlo(self):
        words = [w for w in self.server.ehlo if not (self.secure and w == "STARTTLS")]
        if self.secure:
            words += self.server.ehlo_tls
        names = ["server.example"] + words
        return b"".join(b"250%c%s\r\n" % (b" -"[n + 1 < len(names)], name.encode())
                        for n, name in enumerate(names))

    def data(self):
        body = []
        while True:
            line = self.line()
            if line is None:
                return CLOSE
            if line == b".":
                break
            body.append(line)
        self.message = b"\r\n".join(body) + b"\r\n"
        return self.answer(".", b"250 2.0.0 kept\r\n")

    def bdat(self, line):
        words = line.split()
        data = self.take(int(words[1]))
        if data is None:
            return CLOSE
        self.chunks.append((int(words[1]), len(words) > 2, data))
        return self.answer("BDAT", b"250 2.0.0 chunk\r\n", line)

    def serve(self):
        if self.server.implicit:
            self.handshake()
        if self.answer("", b"220 server.example ESMTP\r\n") is CLOSE:
            return
        while True:
            line = self.line()
            if line is None:
                return
            self.lines.append(line)
            if not self.secure:
                self.clear.append(line)
            verb = line.split(b" ")[0].upper().decode("latin-1")
            if self.step(verb, line) is CLOSE or verb == "QUIT":
                return

    def step(self, verb, line):
        if verb in ("EHLO", "LHLO"):
            return self.answer(verb, self.ehlo(), line)
        if verb == "AUTH" and self.server.sasl:
            return self.send(self.server.sasl(self, line))
        if verb == "BDAT":
            return self.bdat(line)
        defaults = {"DATA": b"354 go on\r\n", "QUIT": b"221 bye\r\n", "STARTTLS": b"220 go\r\n"}
        good = self.answer(verb, defaults.get(verb, b"250 2.0.0 ok\r\n"), line)
        if good is True and verb == "DATA":
            return self.data()
        if good is True and verb == "STARTTLS" and self.server.tls:
            self.handshake()
        return good


class Server:
    def __init__(self, ehlo=("PIPELINING", "8BITMIME"), replies=None, tls=None, implicit=False,
                 sasl=None, ehlo_tls=(), unix=None, bare=False):
        self.ehlo = list(ehlo) + (["STARTTLS"] if tls and not implicit else [])
        self.ehlo_tls = list(ehlo_tls)
        self.replies = replies or {}
        self.tls, self.implicit, self.sasl = tls, implicit, sasl
        self.sessions = []
        self.end = b"\n" if bare else b"\r\n"
        if unix:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.bind(unix)
            self.socket.listen()
        else:
            self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
            self.port = self.socket.getsockname()[1]
            self.at = "127.0.0.1:%d" % self.port
        threading.Thread(target=self.loop, daemon=True).start()

    def loop(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            connection.settimeout(300)
            session = Session(self, connection)
            self.sessions.append(session)
            threading.Thread(target=self.one, args=(session,), daemon=True).start()

    @staticmethod
    def one(session):
        try:
            session.serve()
        except (OSError, ssl.SSLError) as failure:
            session.failure = failure
        finally:
            try:
                session.connection.close()
            except OSError:
                pass
            session.done.set()

    @property
    def session(self):
        """The only session, once it has ended."""
        assert len(self.sessions) == 1, "%d sessions" % len(self.sessions)
        assert self.sessions[0].done.wait(300), "the session goes on"
        return self.sessions[0]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
