# SPDX-License-Identifier: Apache-2.0
"""Servers that also do, on demand, what a terminal has to survive.

Peer speaks SMTP with STARTTLS. Besides SMTP it knows: XESCAPE (a reply full of escape sequences),
XBIG N (N megabytes of text, then the reply), XREFUSE (refuses DATA from now on), XFLOOD (text
without end), XSLOW (no reply, ever), XLATER (the reply and, when the test sets `later`, a line nobody
asked for), XCLOSE (the reply and, when the test sets `later`, the end), XGONE (the end at once), XCUT (the end without that
of TLS), XRESET (the end by a TCP reset), XCLEAR (a reply outside TLS). ImapPeer speaks a little IMAP
with TLS from the first byte. All that was said inside TLS is kept, to the byte, connection by
connection.
"""

import base64
import os
import socket
import ssl
import struct
import threading

USER, SECRET = "anna", "geheim\N{EURO SIGN}"
PATIENCE = 300

OFFERS = ("peer.lab.test", "SIZE 1000000", "8BITMIME", "AUTH PLAIN LOGIN", "DSN",
          "ENHANCEDSTATUSCODES")
ESCAPES = (b"250-\x1b[2J\x1b[1;1Hwiped\x1b]0;title\x07\r\n"
           b"250-\x9b31mred\x08\x08\x08\x00\x7f\r\n"
           b"250 \xe2\x80\xaegnimoc si s\xc3\xbc\xc3\x9f\xe2\x82\xac\r\n")


class Peer:
    def __init__(self, certificate):
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.heard = []  # a bytearray for each connection
        self.ended = []  # how each ended: "quit", "closed", "left"
        self.later = threading.Event()
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def close(self):
        """Wakes the acceptor first: it must not accept on a descriptor that has a new owner."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._acceptor.join()
        self._listener.close()

    @staticmethod
    def _before_tls(plain):
        plain.sendall(b"220 peer.lab.test ESMTP\r\n")
        lines = plain.makefile("rb", buffering=0)
        while True:
            line = lines.readline()
            if not line:
                raise EOFError
            if line.upper().startswith(b"STARTTLS"):
                plain.sendall(b"220 2.0.0 Go\r\n")
                return
            plain.sendall(b"250-peer.lab.test\r\n250 STARTTLS\r\n")

    def _talk(self, tls, heard):
        return _Smtp(tls, heard, self.later)

    def _accept(self):
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain):
        heard = bytearray()
        number = len(self.heard)
        self.heard.append(heard)
        self.ended.append("")
        try:
            plain.settimeout(PATIENCE)
            self._before_tls(plain)
            with self._context.wrap_socket(plain, server_side=True) as tls:
                self.ended[number] = self._talk(tls, heard).run()
        except (OSError, EOFError):
            self.ended[number] = self.ended[number] or "left"


class _Smtp:
    def __init__(self, tls, heard, later):
        self._tls = tls
        self._later = later
        self._heard = heard
        self._lines = tls.makefile("rb")  # buffered: messages are large
        self._refuses = False

    def run(self):
        while True:
            line = self._read()
            verb, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            end = getattr(self, "_" + verb.lower(), self._unknown)(rest)
            if end:
                return end

    def _read(self):
        line = self._lines.readline()
        if not line:
            raise EOFError
        self._heard += line
        return line

    def _say(self, text):
        self._tls.sendall(text if isinstance(text, bytes) else text.encode() + b"\r\n")

    def _unknown(self, _):
        self._say("500 5.5.1 What?")

    def _ehlo(self, _):
        self._say("\r\n".join("250%s%s" % ("-" if o != OFFERS[-1] else " ", o) for o in OFFERS))

    def _noop(self, _):
        self._say("250 2.0.0 Ok")

    def _mail(self, _):
        self._say("250 2.1.0 Ok")

    def _rcpt(self, rest):
        self._say("550 5.1.1 Nobody here" if "nobody" in rest else "250 2.1.5 Ok")

    def _data(self, _):
        if self._refuses:
            self._say("554 5.5.1 No valid recipients")
            return
        self._say("354 Go on")
        while self._read() != b".\r\n":
            pass
        self._say("250 2.0.0 Taken")

    def _bdat(self, rest):
        count = int(rest.split()[0])
        while count > 0:
            piece = self._lines.read(count)
            if not piece:
                raise EOFError
            self._heard += piece
            count -= len(piece)
        self._say("250 2.0.0 %s bytes" % rest.split()[0])

    def _auth(self, rest):
        mechanism, _, first = rest.partition(" ")
        if mechanism.upper() == "PLAIN":
            given = base64.b64decode(first or self._challenge(b""))
            _, user, secret = given.decode().split("\0")
        else:
            user = base64.b64decode(self._challenge(b"Username:")).decode()
            secret = base64.b64decode(self._challenge(b"Password:")).decode()
        right = (user, secret) == (USER, SECRET)
        self._say("235 2.7.0 Welcome" if right else "535 5.7.8 Wrong")

    def _challenge(self, text):
        self._say("334 " + base64.b64encode(text).decode())
        return self._read().strip()

    def _quit(self, _):
        self._say("221 2.0.0 Bye")
        return "quit"

    def _xrefuse(self, _):
        self._refuses = True
        self._say("250 2.0.0 Try")

    def _xescape(self, _):
        self._say(ESCAPES)

    def _xbig(self, rest):
        line = b"250-" + b"All work and no play. " * 5 + b"\r\n"
        for _ in range(int(rest) * 1024 * 1024 // len(line)):
            self._say(line)
        self._say("250 2.0.0 That was it")

    def _xflood(self, _):
        while True:
            self._say(b"250-" + b"x" * 60000 + b"\r\n")

    def _xslow(self, _):
        pass

    def _xlater(self, _):
        self._say("250 2.0.0 Wait")
        self._later.wait(PATIENCE)
        self._say("250 2.0.0 Nobody asked for this line")

    def _xclose(self, _):
        self._say("250 2.0.0 Soon")
        self._later.wait(PATIENCE)
        return self._end()

    def _xgone(self, _):
        return self._end()

    def _end(self):
        self._tls.unwrap()
        return "closed"

    def _xcut(self, _):
        return "cut"

    def _xreset(self, _):
        self._tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return "reset"

    def _xclear(self, _):
        with socket.socket(fileno=os.dup(self._tls.fileno())) as plain:
            plain.sendall(b"250 2.0.0 In clear\r\n")
        self._read()


class ImapPeer(Peer):
    @staticmethod
    def _before_tls(plain):
        pass

    def _talk(self, tls, heard):
        return _Imap(tls, heard, self.later)


class _Imap:
    def __init__(self, tls, heard, later):
        self._tls = tls
        self._later = later
        self._heard = heard
        self._lines = tls.makefile("rb", buffering=0)

    def run(self):
        self._say("* OK [CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN] peer")
        while True:
            tag, verb, rest = (self._read().decode().strip() + "  ").split(" ", 2)
            verb = verb.upper()
            if verb == "IDLE":
                self._idle()
            elif rest.strip().endswith("}"):
                self._say("+ go on")
                self._heard += self._lines.read(int(rest.strip().split("{")[1][:-1]))
                self._read()
            elif verb == "LOGOUT":
                self._say("* BYE")
            elif verb == "CAPABILITY":
                self._say("* CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN")
            self._say("%s OK %s done" % (tag, verb))
            if verb == "LOGOUT":
                return "quit"

    def _idle(self):
        self._say("+ idling")
        self._later.wait(PATIENCE)
        self._say("* 4 EXISTS")
        self._read()

    def _read(self):
        line = self._lines.readline()
        if not line:
            raise EOFError
        self._heard += line
        return line

    def _say(self, text):
        self._tls.sendall(text.encode() + b"\r\n")
