#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the seed corpora of wire_client_hello and report_trace from the handshakes recorded in
tests/unit/wire/recorded. Run by hand after a recording was added; the result is committed."""

import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
RECORDED = os.path.join(HERE, "..", "..", "tests", "unit", "wire", "recorded")
CORPUS = os.path.join(HERE, "..", "corpus")


def flights():
    """(name, [(sender, content type, version, bytes)])"""
    for name in sorted(os.listdir(RECORDED)):
        if name.endswith(".flight"):
            with open(os.path.join(RECORDED, name), encoding="ascii") as file:
                rows = [line.split() for line in file]
            yield name[:-len(".flight")], [
                (who, int(content), int(version, 16), bytes.fromhex(data))
                for who, content, version, data in rows]


def write(target, name, data):
    folder = os.path.join(CORPUS, target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)


def in_records(message, size):
    parts = [message[at:at + size] for at in range(0, len(message), size)]
    return b"".join(b"\x16\x03\x01" + struct.pack(">H", len(part)) + part for part in parts)


def main():
    for name, messages in flights():
        hello = messages[0][3]
        write("wire_client_hello", name, hello[4:])
        write("report_trace", name, b"".join(
            struct.pack(">BBHH", who == "S", content, version, len(data)) + data
            for who, content, version, data in messages))
        if name == "tls13-early":
            write("wire_client_hello", "message", hello)
            write("wire_client_hello", "record", in_records(hello, 16384))
            write("wire_client_hello", "records", in_records(hello, 100))
            write("wire_client_hello", "hex", hello.hex(" ", 16).encode() + b"\n")
            write("wire_client_hello", "hex-records", b"# a remark\n" +
                  ", ".join("0x%02x" % byte for byte in in_records(hello, 200)).encode())
            write("report_trace", "contents", b"".join(
                struct.pack(">BBHH", 2 | (who == "S"), content, version, len(data)) + data
                for who, content, version, data in messages))
    write("wire_client_hello", "sslv2", bytes.fromhex("802e0103010015000000100000"))
    write("wire_client_hello", "smtp", b"220 mx.example.org ESMTP\r\n")


if __name__ == "__main__":
    main()
