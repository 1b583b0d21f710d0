# SPDX-License-Identifier: Apache-2.0
"""SMTP before and inside TLS, for servers that speak only TLS.

Front: speaks SMTP up to STARTTLS, then passes bytes to a TLS server on another port.
Talker: speaks SMTP inside the TLS of an `openssl s_server -quiet`, through its pipes.
Sink:   a plain SMTP server for a TLS layer to hand its clear text to.
"""

import socket
import threading


IDLE_SECONDS = 120.0
MAX_LINE = 4096
_EHLO_CLEAR = b"250-mx.lab.test\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250 STARTTLS\r\n"
_EHLO_TLS = b"250-mx.lab.test\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250 AUTH PLAIN LOGIN\r\n"


def answer(line):
    """The reply to a command of a session that is already in TLS, and whether it ends there."""
    verb = line.strip().split(b" ")[0].upper()
    if verb in (b"EHLO", b"LHLO"):
        return _EHLO_TLS, False
    if verb in (b"HELO", b"NOOP", b"RSET"):
        return b"250 ok\r\n", False
    if verb == b"QUIT":
        return b"221 2.0.0 bye\r\n", True
    return b"502 5.5.1 no such command\r\n", False


class Listener:
    """Accepts connections on 127.0.0.1 and serves each in a thread, until closed."""

    def __init__(self, port=0):
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", port))
        self._listener.listen(64)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        client.settimeout(IDLE_SECONDS)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            with client:
                self.serve(client)
        except OSError:
            pass  # the client went away or said nothing for too long


def read_line(client):
    """One line up to LF. Reads byte by byte: what follows STARTTLS belongs to somebody else."""
    line = b""
    while not line.endswith(b"\n"):
        byte = client.recv(1)
        if not byte or len(line) >= MAX_LINE:
            return b""
        line += byte
    return line


class Sink(Listener):
    def serve(self, client):
        client.sendall(b"220 mx.lab.test ESMTP sink\r\n")
        done = False
        while not done:
            line = read_line(client)
            if not line:
                return
            reply, done = answer(line)
            client.sendall(reply)


class Front(Listener):
    def __init__(self, port, inner, talker=None):
        self._inner = inner
        self._talker = talker
        self._one = threading.Lock()  # s_server handles one connection at a time
        super().__init__(port)

    def serve(self, client):
        client.sendall(b"220 mx.lab.test ESMTP front\r\n")
        while True:
            line = read_line(client)
            if not line:
                return
            if line.strip().upper() == b"STARTTLS":
                break
            reply, done = answer(line)
            if reply == _EHLO_TLS:
                reply = _EHLO_CLEAR
            client.sendall(reply)
            if done:
                return
        with self._one:
            client.sendall(b"220 2.0.0 go ahead\r\n")
            with socket.create_connection(("127.0.0.1", self._inner), IDLE_SECONDS) as server:
                server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                splice(client, server)


def splice(left, right):
    """Passes bytes both ways until both sides have ended."""
    def one_way(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            for side in (source, sink):
                try:
                    side.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    other = threading.Thread(target=one_way, args=(right, left), daemon=True)
    other.start()
    one_way(left, right)
    other.join(IDLE_SECONDS)


class Talker:
    """Reads what an s_server decrypted from its standard output, writes replies to its input."""

    def __init__(self, process):
        self._process = process
        threading.Thread(target=self._talk, daemon=True).start()

    def _talk(self):
        try:
            for line in self._process.stdout:
                reply, _ = answer(line)
                self._process.stdin.write(reply)
                self._process.stdin.flush()
        except (OSError, ValueError):
            pass  # it ended
