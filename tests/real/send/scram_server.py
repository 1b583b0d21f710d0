# SPDX-License-Identifier: Apache-2.0
"""A small SMTP server whose AUTH is Cyrus SASL bound to its TLS session (SCRAM-...-PLUS).

Usage: scram_server ROOT DATABASE CHAIN KEY [wrong]         prints its two ports

No mail server of Debian 12 offers channel binding, but the library that several of them use does.
The first port is for STARTTLS, the second for TLS from the first byte. The binding is worked out
here from the exporter secret that OpenSSL logs (RFC 8446 section 7.5, RFC 9266), not by the function that the
client uses. With `wrong` it is that of another session, as somebody in the middle would have it.
"""

import base64
import ctypes
import hashlib
import hmac
import os
import select
import socket
import ssl
import sys
import tempfile
from pathlib import Path

CONTINUE, CHANNEL_BINDING, CB_GETOPT = 1, 21, 1
OPTIONS = {b"pwcheck_method": b"auxprop", b"auxprop_plugin": b"sasldb"}
GETOPT = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p,
                          ctypes.POINTER(ctypes.c_char_p), ctypes.POINTER(ctypes.c_uint))


class Callback(ctypes.Structure):
    _fields_ = [("id", ctypes.c_ulong), ("proc", GETOPT), ("context", ctypes.c_void_p)]


class Binding(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("critical", ctypes.c_int), ("len", ctypes.c_ulong),
                ("data", ctypes.c_char_p)]


@GETOPT
def getopt(_context, _plugin, option, result, length):
    value = OPTIONS.get(option)
    if value is None:
        return -1
    result[0] = value
    if length:
        length[0] = len(value)
    return 0


def load(root, database):
    folder = next(Path(root).glob("usr/lib/*/libsasl2.so.2")).parent
    OPTIONS[b"sasldb_path"] = os.fsencode(database)
    ctypes.CDLL(str(folder / "libdb-5.3.so"), ctypes.RTLD_GLOBAL)
    sasl = ctypes.CDLL(str(folder / "libsasl2.so.2"))
    sasl.sasl_set_path(0, ctypes.create_string_buffer(os.fsencode(folder / "sasl2")))
    callbacks = (Callback * 2)(Callback(CB_GETOPT, getopt, None))
    if sasl.sasl_server_init(callbacks, b"waxseal") != 0:
        raise SystemExit("no Cyrus SASL")
    return sasl, callbacks


def expand_label(digest, secret, label, context, length):
    label = b"tls13 " + label
    info = (length.to_bytes(2, "big") + bytes([len(label)]) + label + bytes([len(context)])
            + context)
    return hmac.new(secret, info + b"\1", digest).digest()[:length]


def exporter(tls, log):
    """tls-exporter of RFC 9266, of the session whose secrets are the last in the log."""
    digest = "sha384" if tls.cipher()[0].endswith("SHA384") else "sha256"
    secret = [bytes.fromhex(line.split()[2]) for line in Path(log).read_text().split("\n")
              if line.startswith("EXPORTER_SECRET")][-1]
    nothing = hashlib.new(digest).digest()
    derived = expand_label(digest, secret, b"EXPORTER-Channel-Binding", nothing, len(nothing))
    return expand_label(digest, derived, b"exporter", nothing, 32)


class Connection:
    def __init__(self, sasl, context, log, wrong):
        self.sasl, self.context, self.log, self.wrong = sasl, context, log, wrong
        self.tls, self.conn, self.mechanism = False, None, None

    def secure(self, peer):
        peer = self.context.wrap_socket(peer, server_side=True)
        self.tls = True
        data = exporter(peer, self.log)
        self.data = data[::-1] if self.wrong else data
        return peer

    def begin(self):
        self.conn = ctypes.c_void_p()
        self.sasl.sasl_server_new(b"smtp", b"mx.lab.test", b"mx.lab.test", None, None, None, 0,
                                  ctypes.byref(self.conn))
        self.binding = Binding(b"tls-exporter", 0, len(self.data), self.data)
        self.sasl.sasl_setprop(self.conn, CHANNEL_BINDING, ctypes.byref(self.binding))

    def names(self):
        self.begin()
        text = ctypes.c_char_p()
        self.sasl.sasl_listmech(self.conn, None, b"", b" ", b"", ctypes.byref(text), None, None)
        return b" ".join(n for n in text.value.split() if n.startswith(b"SCRAM"))

    def step(self, name, given):
        out, length = ctypes.c_void_p(), ctypes.c_uint()
        where = ctypes.byref(out), ctypes.byref(length)
        given = base64.b64decode(given)
        if name:
            self.begin()
            code = self.sasl.sasl_server_start(self.conn, name, given, len(given), *where)
        else:
            code = self.sasl.sasl_server_step(self.conn, given, len(given), *where)
        said = base64.b64encode(ctypes.string_at(out, length.value)) if out else b""
        self.mechanism = name if code == CONTINUE else None
        if code == CONTINUE or (code == 0 and said):
            self.mechanism = b"" if code == CONTINUE else b"over"
            return b"334 " + said
        return b"235 welcome" if code == 0 else b"535 go away (%d)" % code

    def answer(self, line):
        if self.mechanism is not None:
            over, self.mechanism = self.mechanism == b"over", None
            return b"235 welcome" if over else self.step(b"", line)
        verb, _, rest = line.partition(b" ")
        if verb == b"EHLO":
            return (b"250-mx.lab.test\r\n250 AUTH " + self.names() if self.tls
                    else b"250-mx.lab.test\r\n250 STARTTLS")
        if verb == b"AUTH":
            return self.step(*rest.split(b" ", 1))
        return {b"STARTTLS": b"220 go", b"QUIT": b"221 bye"}.get(verb, b"502 what?")

    def serve(self, peer, implicit):
        if implicit:
            peer = self.secure(peer)
        peer.sendall(b"220 mx.lab.test\r\n")
        left, text = b"", b""
        while not text.startswith(b"221"):
            while b"\n" not in left:
                more = peer.recv(4096)
                if not more:
                    return
                left += more
            line, left = left.split(b"\n", 1)
            text = self.answer(line.rstrip(b"\r"))
            peer.sendall(text + b"\r\n")
            if text == b"220 go":
                peer, left = self.secure(peer), b""


def main(root, database, chain, key, wrong=""):
    sasl, _kept = load(root, database)
    with tempfile.TemporaryDirectory() as folder:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(chain, key)
        context.keylog_filename = folder + "/log"
        listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        print(*(listener.getsockname()[1] for listener in listeners), flush=True)
        while True:
            for listener in select.select(listeners, [], [])[0]:
                peer, _ = listener.accept()
                peer.settimeout(120)
                try:
                    Connection(sasl, context, context.keylog_filename, wrong).serve(
                        peer, listener is listeners[1])
                except OSError:
                    pass
                finally:
                    peer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
