#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Records the handshakes of this folder: openssl and gnutls talk to each other on loopback, and
what their -msg options print is kept as NAME.flight, one message a line:

    C 22 0303 0100...     sender (C client, S server), content type, version, bytes in hex

Run by hand when a kind is to be added: keys are random, so no two runs are alike, and NAME.words
(what report/trace makes of it) has to be made again with WAXSEAL_UPDATE=1 and read.

usage: record.py [NAME...]
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PORT = 24471
VERSIONS = {"SSL 3.0": "0300", "TLS 1.0": "0301", "TLS 1.1": "0302", "TLS 1.2": "0303",
            "TLS 1.3": "0304"}
CONTENTS = {"Handshake": 22, "Alert": 21, "ChangeCipherSpec": 20}

OLD = ["-cipher", "ALL:@SECLEVEL=0"]
RSA = ["-cert", "rsa.pem", "-key", "rsa.key"]
EC = ["-cert", "ec.pem", "-key", "ec.key"]
KEY = ["-psk", "00112233445566778899aabbccddeeff"]

# name: (s_server options, s_client options, what the user types)
OPENSSL = {
    "tls10-ecdhe": (RSA + OLD + ["-tls1"], OLD + ["-tls1"], ""),
    "tls11-dhe": (RSA + OLD + ["-tls1_1"],
                  ["-cipher", "DHE-RSA-AES128-SHA:@SECLEVEL=0", "-tls1_1"], ""),
    "tls12-rsa-status": (RSA + ["-tls1_2", "-status_file", "ocsp.der"],
                         ["-cipher", "AES128-SHA", "-status", "-alpn", "smtp"], ""),
    "tls12-ecdsa-client": (EC + ["-tls1_2", "-Verify", "1", "-CAfile", "ec.pem", "-alpn", "smtp"],
                           EC + ["-alpn", "smtp,lmtp", "-servername", "mx.example.org"], ""),
    "tls12-resumed": (RSA + ["-tls1_2"], ["-sess_in", "session.pem"], ""),
    "tls12-anonymous": (["-nocert", "-tls1_2", "-cipher", "ADH-AES128-SHA256:@SECLEVEL=0"],
                        ["-cipher", "ADH-AES128-SHA256:@SECLEVEL=0"], ""),
    "tls12-psk": (["-nocert", "-tls1_2", "-psk_hint", "which key?"] + KEY,
                  KEY + ["-psk_identity", "mail", "-cipher", "PSK-AES128-CBC-SHA256"], ""),
    "tls12-ecdhe-psk": (["-nocert", "-tls1_2", "-psk_hint", "which key?"] + KEY,
                        KEY + ["-psk_identity", "mail", "-cipher", "ECDHE-PSK-AES128-CBC-SHA256"],
                        ""),
    "tls12-renegotiated": (RSA + ["-tls1_2", "-client_renegotiation"], [], "R\n"),
    "tls13-client": (EC + ["-Verify", "1", "-CAfile", "ec.pem", "-alpn", "smtp", "-status_file",
                           "ocsp.der"],
                     EC + ["-alpn", "smtp", "-status", "-servername", "mx.example.org"], ""),
    "tls13-retry": (EC + ["-groups", "P-384"], ["-groups", "X25519:P-384"], ""),
    "tls13-early": (RSA + ["-early_data"], ["-sess_in", "session.pem", "-early_data", "early"], ""),
    "tls13-psk": (["-nocert", "-ciphersuites", "TLS_AES_128_GCM_SHA256", "-psk_identity", "mail"] +
                  KEY, KEY + ["-psk_identity", "mail"], ""),
    "tls13-key-update": (EC, [], "K\n"),
    "refused-version": (EC + ["-tls1_2"], ["-tls1_3"], ""),
    "refused-suite": (EC + ["-tls1_2"], ["-cipher", "AES128-SHA"], ""),
}
GNUTLS_CLIENT = {
    "gnutls-client": "NORMAL",
    "gnutls-client-legacy": "NORMAL:-VERS-ALL:+VERS-TLS1.0:%%COMPAT",
    "gnutls-client-padded": "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%%DUMBFW",
}
GNUTLS_SERVER = {"gnutls-server": [], "gnutls-server-tls12": ["-tls1_2"]}


def run(*command, **more):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   **more)


def make_keys():
    for name, key in (("rsa", ["rsa:2048"]), ("ec", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"])):
        run("openssl", "req", "-x509", "-nodes", "-newkey", *key, "-keyout", name + ".key", "-out",
            name + ".pem", "-days", "30", "-subj", "/CN=mx.example.org")
    serial = subprocess.run(["openssl", "x509", "-in", "rsa.pem", "-noout", "-serial"], check=True,
                            capture_output=True, text=True).stdout.strip().split("=")[1]
    with open("index", "w", encoding="ascii") as file:
        file.write("V\t301231235959Z\t\t%s\tunknown\t/CN=mx.example.org\n" % serial)
    run("openssl", "ocsp", "-issuer", "rsa.pem", "-cert", "rsa.pem", "-no_nonce", "-reqout", "ask")
    run("openssl", "ocsp", "-index", "index", "-CA", "rsa.pem", "-rsigner", "rsa.pem", "-rkey",
        "rsa.key", "-reqin", "ask", "-respout", "ocsp.der", "-ndays", "7")
    with open("early", "w", encoding="ascii") as file:
        file.write("EHLO early\r\n")


def messages(text, client):
    """Lines of a flight from what -msg printed; `client`: the client printed it."""
    head, data, lines = None, "", []
    for line in text.split("\n") + [""]:
        found = re.match(r"(<<<|>>>) ([^,]+), (\w+) \[length", line)
        if re.fullmatch(r"    (([0-9a-f]{2}) ?)+\s*", line):
            data += re.sub(r"\s", "", line)
            continue
        if head and data:
            lines.append(head + " " + data)
        head, data = None, ""
        if found and found[3] in CONTENTS:
            sent = found[1] == ">>>"
            head = "%s %d %s" % ("C" if sent == client else "S", CONTENTS[found[3]],
                                 VERSIONS.get(found[2], "0000"))
    return lines


def start(command, **more):
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, **more)


def end(process, number=signal.SIGTERM):
    if process.poll() is None:
        process.send_signal(number)
    return process.communicate(timeout=20)[0].decode("latin1")


def talk(server, client, typed):
    """What both sides print."""
    serving = start(server)
    time.sleep(0.4)
    asking = start(client)
    try:
        time.sleep(0.4)
        asking.stdin.write(typed.encode())
        asking.stdin.flush()
        time.sleep(0.4)
        said = asking.communicate(timeout=20)[0].decode("latin1")
    finally:
        end(asking, signal.SIGKILL) if asking.poll() is None else None
        heard = end(serving)
    return heard, said


def keep(name, lines):
    if not lines:
        raise SystemExit(name + ": nothing was recorded")
    with open(os.path.join(HERE, name + ".flight"), "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")
    print("%s: %d messages" % (name, len(lines)))


def record(name):
    global PORT
    PORT += 1
    at = "127.0.0.1:%d" % PORT
    serve = ["openssl", "s_server", "-accept", at, "-quiet"]
    ask = ["openssl", "s_client", "-connect", at, "-msg"]
    if name in OPENSSL:
        server, client, typed = OPENSSL[name]
        if "session.pem" in client:
            serving = start(serve + server)
            time.sleep(0.4)
            first = start(ask + ["-sess_out", "session.pem"])
            time.sleep(0.6)
            first.communicate(timeout=20)
            asking = start(ask + client)
            time.sleep(0.6)
            said = asking.communicate(timeout=20)[0].decode("latin1")
            end(serving)
        else:
            said = talk(serve + server, ask + client, typed)[1]
        keep(name, messages(said, True))
    elif name in GNUTLS_CLIENT:
        heard = talk(serve[:-1] + ["-msg"] + EC + ["-cipher", "ALL:@SECLEVEL=0"],
                     ["gnutls-cli", "--insecure", "--port", str(PORT), "--priority",
                      GNUTLS_CLIENT[name].replace("%%", "%"), "127.0.0.1"], "")[0]
        keep(name, messages(heard, False))
    else:
        said = talk(["gnutls-serv", "--echo", "--port", str(PORT), "--x509certfile", "ec.pem",
                     "--x509keyfile", "ec.key"], ask + GNUTLS_SERVER[name], "")[1]
        keep(name, messages(said, True))


def main():
    names = sys.argv[1:] or [*OPENSSL, *GNUTLS_CLIENT, *GNUTLS_SERVER]
    with tempfile.TemporaryDirectory() as work:
        os.chdir(work)
        make_keys()
        for name in names:
            record(name)


if __name__ == "__main__":
    main()
