# SPDX-License-Identifier: Apache-2.0
"""What `waxseal send` talks to in these tests, each on an address of its own in 127.0.0.0/8.

Mail:  an SMTP server with STARTTLS that takes messages and remembers them.
Web:   an HTTPS server with one answer for each host.
Proxy: SOCKS5 or HTTP CONNECT, with or without a user and a password.
"""

import base64
import socket
import ssl
import struct
import threading

IDLE_SECONDS = 120.0
MAX_LINE = 8192


class Peer:
    def __init__(self, address, port):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listener = socket.socket(family)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((address, port))
        self._listener.listen(16)
        self.address, self.port = address, self._listener.getsockname()[1]
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
            threading.Thread(target=self._guard, args=(client,), daemon=True).start()

    def _guard(self, client):
        client.settimeout(IDLE_SECONDS)
        try:
            self.serve(client)
        except (OSError, EOFError):
            pass  # the client went away, or refuses our certificate
        finally:
            client.close()


def read_line(stream):
    """Byte by byte: what follows belongs to somebody else."""
    line = b""
    while not line.endswith(b"\n"):
        byte = stream.recv(1)
        if not byte or len(line) >= MAX_LINE:
            raise EOFError
        line += byte
    return line


def read_exactly(stream, count):
    data = b""
    while len(data) < count:
        piece = stream.recv(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def context(bundle, newest=None):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    c.load_cert_chain(bundle)
    if newest:
        c.maximum_version = newest
    return c


class Mail(Peer):
    """`bundle`: key and chain in one file; None offers no STARTTLS."""

    def __init__(self, address, port, bundle=None, newest=None):
        self._tls = context(bundle, newest) if bundle else None
        self.messages = []  # (in TLS, the message)
        self.names = []  # SNI
        if self._tls:
            self._tls.sni_callback = lambda _s, name, _c: self.names.append(name)
        super().__init__(address, port)

    def serve(self, client):
        secure = False
        client.sendall(b"220 mx ESMTP\r\n")
        while True:
            verb = read_line(client).strip().upper()
            if verb.startswith(b"EHLO"):
                more = b"250-STARTTLS\r\n" if self._tls and not secure else b""
                client.sendall(b"250-mx\r\n" + more + b"250 8BITMIME\r\n")
            elif verb == b"STARTTLS" and self._tls:
                client.sendall(b"220 go ahead\r\n")
                client = self._tls.wrap_socket(client, server_side=True)
                secure = True
            elif verb == b"DATA":
                client.sendall(b"354 go ahead\r\n")
                lines = []
                while (line := read_line(client)) != b".\r\n":
                    lines.append(line)
                self.messages.append((secure, b"".join(lines)))
                client.sendall(b"250 taken\r\n")
            elif verb == b"QUIT":
                client.sendall(b"221 bye\r\n")
                return
            else:
                client.sendall(b"250 ok\r\n")


class Web(Peer):
    """`pages`: host name -> (status, headers, body)."""

    def __init__(self, address, port, bundle, pages):
        self._tls = context(bundle)
        self._pages = pages
        super().__init__(address, port)

    def serve(self, client):
        with self._tls.wrap_socket(client, server_side=True) as stream:
            asked, host = read_line(stream).split(), ""
            while line := read_line(stream).strip().decode():
                if line.lower().startswith("host:"):
                    host = line.split(":")[1].strip()
            status, headers, body = self._pages.get(host, (404, {}, "no such host"))
            if status == 0:  # never answers
                stream.recv(1)
                return
            if asked[1] != b"/.well-known/mta-sts.txt":
                status, headers, body = 404, {}, "no such page"
            headers = {"Content-Type": "text/plain", "Connection": "close", **headers,
                       "Content-Length": str(len(body))}
            head = "".join("%s: %s\r\n" % pair for pair in headers.items())
            stream.sendall(("HTTP/1.1 %d x\r\n%s\r\n%s" % (status, head, body)).encode())


class Proxy(Peer):
    def __init__(self, kind, login=None, names=None):
        self._kind, self._login, self._names = kind, login, names or {}
        self.asked = []  # (host, port) as the client said it
        super().__init__("127.0.0.1", 0)

    def serve(self, client):
        place = self._socks(client) if self._kind == "socks5" else self._http(client)
        if place is None:
            return
        self.asked.append(place)
        try:
            server = socket.create_connection((self._names.get(place[0], place[0]), place[1]), 120)
        except OSError:
            client.sendall(b"\5\5\0\1\0\0\0\0\0\0" if self._kind == "socks5" else
                           b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
            return
        client.sendall(b"\5\0\0\1\0\0\0\0\0\0" if self._kind == "socks5" else
                       b"HTTP/1.1 200 Connection established\r\n\r\n")
        with server:
            self._splice(client, server)

    @staticmethod
    def _splice(left, right):
        def one_way(source, sink):
            try:
                while data := source.recv(65536):
                    sink.sendall(data)
                sink.shutdown(socket.SHUT_WR)
            except OSError:
                pass
        other = threading.Thread(target=one_way, args=(right, left), daemon=True)
        other.start()
        one_way(left, right)
        other.join(IDLE_SECONDS)

    def _socks(self, client):
        _, count = read_exactly(client, 2)
        methods = read_exactly(client, count)
        wanted = 2 if self._login else 0
        if wanted not in methods:
            client.sendall(b"\5\xff")
            return None
        client.sendall(bytes([5, wanted]))
        if self._login:
            _, size = read_exactly(client, 2)
            user = read_exactly(client, size)
            secret = read_exactly(client, read_exactly(client, 1)[0])
            good = (user.decode(), secret.decode()) == self._login
            client.sendall(b"\1\0" if good else b"\1\1")
            if not good:
                return None
        kind = read_exactly(client, 4)[3]
        if kind == 1:
            host = socket.inet_ntop(socket.AF_INET, read_exactly(client, 4))
        elif kind == 4:
            host = socket.inet_ntop(socket.AF_INET6, read_exactly(client, 16))
        else:
            host = read_exactly(client, read_exactly(client, 1)[0]).decode()
        return host, struct.unpack(">H", read_exactly(client, 2))[0]

    def _http(self, client):
        place, given = read_line(client).split()[1].decode(), ""
        while line := read_line(client).strip().decode():
            if line.lower().startswith("proxy-authorization: basic "):
                given = base64.b64decode(line.split()[2]).decode()
        if self._login and given != ":".join(self._login):
            client.sendall(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")
            return None
        host, port = place.rsplit(":", 1)
        return host.strip("[]"), int(port)
