#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The program as its user meets it: right and wrong command lines, silent and closed ports.

run.py PROGRAM prints TAP. Everything happens on loopback; every run has a deadline of its own.
"""
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor

PROGRAM = sys.argv[1]
SOURCE = os.environ.get("WAXSEAL_SOURCE") or os.path.abspath(__file__ + "/../../..")
RESULTS = []


def run(*args, timeout=300, env=None, program=None, given=b""):
    environment = dict(os.environ, LC_ALL="C.UTF-8", **(env or {}))
    done = subprocess.run([program or PROGRAM, *args], input=given, capture_output=True,
                          timeout=timeout, env=environment, check=False)
    return done.returncode, done.stdout.decode("utf-8", "strict"), done.stderr.decode("utf-8", "strict")


def test(function):
    RESULTS.append(function)
    return function


def one_line(text):
    assert text.endswith("\n") and text.count("\n") == 1, f"not one line: {text!r}"


class Server:
    """A listening socket whose connections are handled by `serve(connection)` in threads."""

    def __init__(self, serve):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.accepted = 0
        self.serve = serve
        threading.Thread(target=self.loop, daemon=True).start()

    def loop(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()


WRONG_OPTIONS = [
    (["--no-such-option", "x"], "no-such-option"),
    (["--jsn", "x"], "--json"),
    (["--port", "x"], "--port"),
    (["--port"], "--port"),
    (["--port=0", "x"], "--port"),
    (["--port=65536", "x"], "--port"),
    (["--port=-1", "x"], "--port"),
    (["--port=", "x"], "--port"),
    (["--protocol", "http", "x"], "smtp"),
    (["--protocol=", "x"], "--protocol"),
    (["--json=yes", "x"], "--json"),
    (["--json", "--jsonl", "x"], "--jsonl"),
    (["-4", "-6", "x"], "-4 and -6"),
    (["--sni", "", "x"], "--sni"),
    (["--sni", "a b", "x"], "--sni"),
    (["--sni", "a", "--no-sni", "x"], "--no-sni"),
    (["--helo", "a\r\nMAIL FROM:<>", "x"], "--helo"),
    (["--helo", "", "x"], "--helo"),
    (["--verify-name", "a b", "x"], "--verify-name"),
    (["--helo", "a" * 300, "x"], "--helo"),
    (["--implicit-tls", "--starttls", "x"], "--starttls"),
    (["--mx", "a", "--no-mx", "x"], "--no-mx"),
    (["--protocol=sieve", "--implicit-tls", "x"], "ManageSieve"),
    (["--connect-timeout", "soon", "x"], "--connect-timeout"),
    (["--connect-timeout", "-1", "x"], "--connect-timeout"),
    (["--timeout", "99999999999999999999", "x"], "--timeout"),
    (["--parallel", "0", "x"], "--parallel"),
    (["--per-address", "1000000", "x"], "--per-address"),
    (["--color", "sometimes", "x"], "auto"),
    (["--columns", "10", "x"], "--columns"),
    (["--source", "nowhere", "127.0.0.1"], "--source"),
    (["--source", "", "127.0.0.1"], "--source"),
    (["--ca-file", "/nonexistent/roots.pem", "127.0.0.1"], "/nonexistent/roots.pem"),
    (["--ca-dir", "/nonexistent/roots", "127.0.0.1"], "/nonexistent/roots"),
    (["--ca-file", __file__, "127.0.0.1"], os.path.basename(__file__)),
    (["--hosts", "/nonexistent/hosts", "127.0.0.1"], "/nonexistent/hosts"),
    (["--hosts", "/etc/passwd", "127.0.0.1"], "/etc/passwd:1: "),
    (["--trust-anchor", "/nonexistent/root.key", "127.0.0.1"], "/nonexistent/root.key"),
    (["--resolver", "not an address", "127.0.0.1"], "resolver"),
    (["--resolver", "127.0.0.1@99999", "127.0.0.1"], "resolver"),
    (["--targets", "/nonexistent/list"], "/nonexistent/list: No such file"),
    (["--targets", "/"], "/: Is a directory"),
    (["--targets", "/dev/null"], "/dev/null: there is no target in it"),
    (["--targets"], "--targets"),
    (["--targets", "/dev/null", "--targets", "-"], "--targets is given twice"),
    (["--targets", "-"], "--targets -: there is no target in it"),
    (["--json"], "no target"),
    (["check"], "no target"),
    (["demo", "operand"], "operand"),
    (["demo", "--nonsense"], "nonsense"),
    (["help", "nonsense"], "nonsense"),
    (["completion", "fish"], "bash"),
]


def make_wrong_option(args, word):
    def wrong():
        code, out, err = run(*args)
        assert code == 64, f"exit {code}: {err}"
        assert out == "", f"stdout: {out!r}"
        one_line(err)
        assert err.startswith("waxseal: "), err
        assert word in err, f"{word!r} is not named: {err}"
    wrong.__doc__ = "wrong: " + " ".join(repr(a)[1:-1][:40] for a in args)
    return wrong


for row in WRONG_OPTIONS:
    test(make_wrong_option(*row))

# {name} stands for a file of the fixtures below; every line is a wrong use of `connect`
WRONG_CONNECT = [
    (["-cert", "nosuch.pem"], "nosuch.pem"),
    (["-cert", "{junk}"], "junk"),
    (["-cert", "{folder}"], "directory"),
    (["-cert", "{cert}", "-key", "{junk}"], "no private key"),
    (["-cert", "{cert}", "-key", "{other}"], "not the key"),
    (["-cert", "{cert}", "-key", "{locked}"], "-pass"),
    (["-cert", "{cert}", "-key", "{locked}", "-pass", "pass:wrong"], "wrong"),
    (["-pass", "secret"], "pass:TEXT"),
    (["-pass", "env:WAXSEAL_NO_SUCH"], "not set"),
    (["-pass", "file:/nosuch"], "/nosuch"),
    (["-key", "{key}"], "-cert"),
    (["-certform", "XYZ", "-cert", "{cert}"], "P12"),
    (["-sess_in", "{junk}"], "no session"),
    (["-sess_in", "nosuch"], "nosuch"),
    (["-psk", "xyz"], "hexadecimal"),
    (["-psk_session", "{junk}"], "no session"),
    (["-early_data", "nosuch"], "-early_data nosuch"),
    (["-early_data", "{folder}"], "directory"),
    (["--auth", ""], "--auth USER"),
    (["-CAfile", "nosuch"], "nosuch"),
    (["-CAfile", "{junk}"], "BEGIN CERTIFICATE"),
    (["-CApath", "{junk}"], "irectory"),
    (["-CAstore", "nosuch"], "nosuch"),
    (["-CRL", "{cert}"], "CRL"),
    (["-cipher", "NOSUCH"], "-ciphersuites"),
    (["-ciphersuites", "NOSUCH"], "NOSUCH"),
    (["-groups", "foo:X25519"], "foo"),
    (["-sigalgs", "foo"], "foo"),
    (["-min_protocol", "TLSv9"], "TLSv1.3"),
    (["-tls1", "-tls1_2"], "-min_protocol"),
    (["-tls1_2", "-no_tls1_2"], "-no_tls1_2"),
    (["-alpn", ","], "protocol name"),
    (["-serverinfo", "99999"], "65535"),
    (["-maxfraglen", "777"], "4096"),
    (["-verify", "0"], "depth"),
    (["-verify_depth", "x"], "number"),
    (["-verify_ip", "x"], "-verify_hostname"),
    (["-purpose", "x"], "sslserver"),
    (["-attime", "x"], "1970"),
    (["-policy", "x"], "object identifier"),
    (["-auth_level", "9"], "0 to 5"),
    (["-verify_name", "x"], "ssl_server"),
    (["-dane_tlsa_domain", "x"], "-dane_tlsa_rrdata"),
    (["-dane_tlsa_rrdata", "3 1 1 00"], "-dane_tlsa_domain"),
    (["-dane_tlsa_domain", "x", "-dane_tlsa_rrdata", "3 1 1 zz"], "3 1 1"),
    (["-nameopt", "foo"], "RFC2253"),
    (["-keylogfile", "/nosuch/x"], "/nosuch/x"),
    (["-msgfile", "/nosuch/x"], "/nosuch/x"),
    (["-starttls", "ftp"], "smtp, lmtp, imap, pop3, sieve"),
    (["-dtls"], "DTLS"),
    (["-engine", "x"], "engines"),
    (["-serverpref"], "servers"),
    (["-bind", "foo"], "address"),
    (["-unix", "/nosuch/socket"], "/nosuch/socket"),
    (["-host", "a"], "127.0.0.1"),
    (["-servername", "a", "-noservername"], "-noservername"),
    (["--json", "-brief"], "-brief"),
    (["-starttls", "imap", "--protocol", "pop3"], "different"),
    (["--hello", "nosuch"], "nosuch"),
    (["--hello", "{junk}"], "junk"),
]


class Fixtures:
    """Certificates, keys and junk, made once in a folder of their own."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="waxseal-cli-")
        names = ("cert", "key", "other", "locked", "junk")
        self.paths = {n: os.path.join(self.folder, n + ".pem") for n in names}
        self.paths["folder"] = self.folder
        with open(self.paths["junk"], "w", encoding="ascii") as out:
            out.write("junk\n")
        new = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
        self.openssl("genpkey", *new, "-out", self.paths["key"])
        self.openssl("genpkey", *new, "-out", self.paths["other"])
        self.openssl("pkey", "-in", self.paths["key"], "-aes128", "-passout", "pass:right",
                     "-out", self.paths["locked"])
        self.openssl("req", "-x509", "-key", self.paths["key"], "-subj", "/CN=client", "-days", "2",
                     "-out", self.paths["cert"])

    @staticmethod
    def openssl(*argv):
        subprocess.run(["openssl", *argv], check=True, capture_output=True, timeout=300)

    def fill(self, args):
        return [a.format(**self.paths) if a.startswith("{") else a for a in args]


FIXTURES = []


def fixtures():
    if not FIXTURES:
        FIXTURES.append(Fixtures())
    return FIXTURES[0]


def make_wrong_connect(args, word):
    def wrong():
        known = fixtures().fill(args)
        place = [] if "-unix" in args else ["127.0.0.1:9"]
        code, out, err = run("connect", *known, *place)
        assert code == 64, f"exit {code}: {err}"
        assert out == "", f"stdout: {out!r}"
        one_line(err)
        assert err.startswith("waxseal: "), err
        assert word in err, f"{word!r} is not named: {err}"
    wrong.__doc__ = "wrong: connect " + " ".join(repr(a)[1:-1][:40] for a in args)
    return wrong


for row in WRONG_CONNECT:
    test(make_wrong_connect(*row))


@test
def no_hello_to_save():
    """connect: --save-hello where no ClientHello was sent takes nothing away from the explanation"""
    with tempfile.TemporaryDirectory() as folder:
        code, out, err = run("connect", "--save-hello", folder + "/hello", "127.0.0.1:1")
        assert code == 3 and "[connect-refused]" in out, (code, out)
        one_line(err)
        assert "no ClientHello was sent" in err, err
        assert os.listdir(folder) == []


@test
def unknown_proxy():
    """connect: the name of a proxy that can't be found is no wrong usage"""
    with tempfile.NamedTemporaryFile("w", suffix=".hosts") as hosts:
        code, out, err = run("connect", "--hosts", hosts.name, "--resolver", "127.0.0.1@9", "--dns-timeout",
                             "1", "-proxy", "nosuch.invalid", "127.0.0.1:9")
    assert code == 3 and out == "", (code, out)
    assert err.endswith("waxseal: -proxy nosuch.invalid: no address is known for it\n"), err


@test
def every_option_of_s_client_is_known():
    """connect: each option of the installed s_client is taken or refused as docs/s_client.md says"""
    with open(os.path.join(SOURCE, "docs", "s_client.md"), encoding="utf-8") as page:
        rows = dict(re.findall(r"^\| `-(\S+)` \| \S+ \| (\w+)", page.read(), re.M))
    shown = subprocess.run(["openssl", "s_client", "-help"], capture_output=True, text=True,
                           check=True, timeout=300)
    installed = re.findall(r"^ -(\S+)", shown.stdout + shown.stderr, re.M)
    assert len(installed) > 100, len(installed)
    for name in installed:
        assert name in rows, f"-{name} is not in docs/s_client.md"
    for name, word in rows.items():
        _, _, err = run("connect", "-" + name)
        assert "unknown option" not in err, err
        assert ("is not taken" in err) == (word == "refused"), f"-{name} ({word}): {err}"


WRONG_TARGETS = ["", " ", "a b", "example..org", ".example.org", "host:0", "host:65536", "host:port",
                 "[::1", "::1]", "[192.0.2.1", "a" * 64 + ".example", "x" * 300, "http://example.org",
                 "example.org\x1b[31m", "host:", "user@", "@", "[::1]:x", "/nonexistent/socket"]


def make_wrong_target(target):
    def wrong():
        code, out, err = run("--no-ptr", "--dns-timeout", "1", "--json", "--", target)
        document = json.loads(out)
        assert code in (64, 3), f"exit {code}"
        assert document["targets"][0]["verdict"] == "unknown"
        assert "\x1b" not in out + err
        code, out, err = run("--no-ptr", "--dns-timeout", "1", "--", target)
        assert "\x1b" not in out + err, "control bytes reached the terminal"
    wrong.__doc__ = f"target {target[:30]!r} gives a clear answer"
    return wrong


for text in WRONG_TARGETS:
    test(make_wrong_target(text))


@test
def help_and_version():
    """help, version and completion print on stdout and exit 0"""
    for args in (["--help"], ["help"], ["check", "--help"], ["demo", "-h"], ["help", "check"], [],
                 ["--version"], ["completion", "bash"], ["completion", "zsh"]):
        code, out, err = run(*args)
        assert code == 0 and out and not err, f"{args}: {code} {err}"
        assert all(len(line) <= 100 for line in out.splitlines()) or args[0] == "completion", args


@test
def completion_is_valid():
    """the bash completion is valid bash and completes options"""
    script = run("completion", "bash")[1]
    done = subprocess.run(["bash", "-c", script + "\nCOMP_WORDS=(waxseal --js) COMP_CWORD=1; _waxseal;"
                           " printf '%s\\n' \"${COMPREPLY[@]}\""], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["--json", "--jsonl"], done.stdout
    done = subprocess.run(["bash", "-c", script + "\nCOMP_WORDS=(waxseal connect -verify_h) COMP_CWORD=2;"
                           " _waxseal; printf '%s\n' \"${COMPREPLY[@]}\""], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["-verify_hostname"], done.stdout


@test
def zsh_completion_is_valid():
    """the zsh completion is valid zsh and makes itself known when sourced"""
    with tempfile.NamedTemporaryFile("w", suffix=".zsh") as script:
        script.write(run("completion", "zsh")[1])
        script.flush()
        subprocess.run(["zsh", "-n", script.name], check=True)
        done = subprocess.run(["zsh", "-f", "-c", "autoload -Uz compinit && compinit -u -D && source "
                               + script.name + " && print $_comps[waxseal]"],
                              capture_output=True, text=True, check=True)
        assert done.stdout == "_waxseal\n", done


@test
def closed_port():
    """a closed port is refused, at once, and is no 'no'"""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # taken, so that no other test gets it, and nobody listens
        port = closed.getsockname()[1]
        code, out, _ = run("--json", "--no-ptr", "--connect-timeout", "1h", f"127.0.0.1:{port}")
    target = json.loads(out)["targets"][0]
    assert code == 3 and target["verdict"] == "unknown", (code, target["verdict"])
    assert target["endpoints"][0]["connect"]["state"] == "refused"
    assert "connect-refused" in [f["id"] for f in target["findings"]]


def silent(connection):
    connection.recv(1)  # until the client leaves
    connection.close()


@test
def silent_server():
    """a silent server ends within its greeting time-out"""
    with Server(silent) as server:
        begun = time.monotonic()
        code, out, _ = run("--json", "--no-ptr", "--greeting-timeout", "700ms", f"127.0.0.1:{server.port}")
        took = time.monotonic() - begun
    target = json.loads(out)["targets"][0]
    assert target["endpoints"][0]["connect"]["state"] == "ok"
    assert code == 3 and target["verdict"] == "unknown", (code, target["verdict"])
    assert "greeting-timeout" in [f["id"] for f in target["findings"]]
    assert took > 0.6, took


@test
def overall_deadline():
    """--deadline ends the whole run, and what is known is still reported"""
    with Server(silent) as server:
        code, out, _ = run("--json", "--no-ptr", "--deadline", "1", "--greeting-timeout", "1h",
                           *[f"127.0.0.1:{server.port}"] * 6)
    document = json.loads(out)
    assert len(document["targets"]) == 6 and code == 3


@test
def at_most_two_per_address():
    """two connections to one address at the same time, and never more"""
    lock, state = threading.Lock(), {"now": 0, "most": 0}
    pair = threading.Barrier(2)

    def count(connection):
        with lock:
            state["now"] += 1
            state["most"] = max(state["most"], state["now"])
        pair.wait(120)
        time.sleep(0.1)
        with lock:
            state["now"] -= 1
        connection.sendall(b"421 4.3.2 too busy\r\n")
        connection.close()

    with Server(count) as server:
        run("--no-ptr", *[f"127.0.0.1:{server.port}"] * 8)
        assert server.accepted == 8, server.accepted
    assert state["most"] == 2, state


@test
def never_speaks_before_the_greeting():
    """not a byte is sent before the last line of the greeting, never two commands at once"""
    seen = []

    def slow(connection):
        connection.sendall(b"220-one\r\n")
        connection.settimeout(0.5)
        try:
            seen.append(connection.recv(100))
        except socket.timeout:
            seen.append(b"silence")
        connection.settimeout(120)
        connection.sendall(b"220 two\r\n")
        seen.append(connection.recv(1000))
        connection.sendall(b"250 nothing here\r\n")
        seen.append(connection.recv(1000))
        connection.sendall(b"221 bye\r\n")
        connection.close()

    with Server(slow) as server:
        run("--no-ptr", "--helo", "me.example", f"127.0.0.1:{server.port}")
    assert seen == [b"silence", b"EHLO me.example\r\n", b"QUIT\r\n"], seen


def hostile(connection):
    try:
        connection.sendall(b"220 \x1b[2J\x1b]0;owned\x07 \xff\xfe\x00 \xe2\x80\xae evil\r\n")
        connection.recv(1000)
        connection.sendall(b"250-\x1b[31mred\r\n250-\x9b31m\r\n250 X<script>\r\n")
        connection.recv(1000)
        connection.sendall(b"221 \x1b[0m\r\n")
    except OSError:
        pass
    connection.close()


@test
def hostile_text_is_escaped():
    """escape sequences of a server reach neither terminal nor log"""
    with Server(hostile) as server:
        for args in ([], ["-v"], ["--debug"], ["--color=never", "-vv"]):
            _, out, err = run("--no-ptr", *args, f"127.0.0.1:{server.port}")
            for text in (out, err):
                assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", text), (args, text)
        document = json.loads(run("--json", "--no-ptr", f"127.0.0.1:{server.port}")[1])
        assert document["targets"][0]["endpoints"][0]["greeting"]["code"] == 220


@test
def endless_greeting():
    """an endless greeting ends at a limit, in bounded memory"""
    def endless(connection):
        try:
            while True:
                connection.sendall(b"220-" + b"x" * 60000 + b"\r\n")
        except OSError:
            connection.close()

    with Server(endless) as server:
        code, out, _ = run("--json", "--no-ptr", f"127.0.0.1:{server.port}")
    assert json.loads(out)["targets"][0]["verdict"] in ("unknown", "no_starttls") and code in (2, 3)
    assert len(out) < 4_000_000, len(out)


@test
def output_errors_are_told():
    """a full disk under stdout is an error, not silence, and told once"""
    with open("/dev/full", "wb") as full:
        done = subprocess.run([PROGRAM, "--no-ptr", "127.0.0.1:1", "127.0.0.1:2"], stdout=full,
                              stderr=subprocess.PIPE, check=False, timeout=300)
    assert done.returncode == 74, done.returncode
    one_line(done.stderr.decode())


def mail_server(heard):
    """Serves SMTP with STARTTLS as long as a client speaks TLS; keeps what it hears inside, and how
    that broke off. (A client that leaves while it is talked to is another matter.)"""
    fixtures()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(FIXTURES[0].paths["cert"], FIXTURES[0].paths["key"])

    def serve(connection):
        try:
            for words in (b"220 x", b"250-x\r\n250 STARTTLS", b"220 go"):
                connection.sendall(words + b"\r\n")
                if words != b"220 go":
                    connection.recv(1000)
            with context.wrap_socket(connection, server_side=True) as session:
                for line in session.makefile("rb"):
                    heard.append(line)
                    try:
                        session.sendall(b"221 x\r\n" if line == b"QUIT\r\n" else b"250 x\r\n" * 1000)
                    except OSError:
                        return
        except (OSError, ssl.SSLError) as problem:
            heard.append(problem)
    return Server(serve)


def shell(words, *args, given=b"NOOP\nNOOP\n"):
    """Runs the program in a shell that knows what to do with its streams; returns (status, stderr)."""
    with tempfile.TemporaryFile() as err:
        done = subprocess.run(["bash", "-c", '"$0" "$@" ' + words, PROGRAM, *args], input=given, stderr=err,
                              stdout=subprocess.PIPE, timeout=300, check=False)
        err.seek(0)
        return done.returncode, err.read().decode()


@test
def output_of_connect():
    """connect: output that can't be written ends it, is told (not of a pipe whose reader left): 74"""
    heard = []
    full = "waxseal: the output could not be written: No space left on device\n"
    with mail_server(heard) as server:
        place = f"127.0.0.1:{server.port}"
        for options in (["-brief"], [], ["--json"], ["-brief", "--s_client", "-crlf", "-ign_eof"]):
            code, err = shell(">/dev/full", "connect", *options, place)
            assert code == 74 and err.endswith(full), (options, code, err)
        code, err = shell("| head -1; exit ${PIPESTATUS[0]}", "connect", "-brief", place,
                          given=b"NOOP\n" * 200)
        assert code == 74 and "could not be written" not in err, (code, err)
    assert not [h for h in heard if isinstance(h, ssl.SSLError)], heard


@test
def closed_streams():
    """connect: a standard stream that is closed is not taken for the connection"""
    everything = [b"NOOP\r\n", b"NOOP\r\n", b"QUIT\r\n"]
    for words, status, lines in ((">&-", 74, everything[:1]), ("<&-", 0, []), ("<&- >&-", 0, []),
                                 ("2>&-", 0, everything)):
        heard = []
        with mail_server(heard) as server:
            code, err = shell(words, "connect", "-brief", f"127.0.0.1:{server.port}")
        assert code == status, (words, code, err)
        assert heard == lines, (words, heard)


@test
def one_connection_at_a_time():
    """connect: the failed connection is closed before the second look, for servers that take but one"""
    ended = []

    def refuse(connection):
        for words in (b"220 x", b"250-x\r\n250 STARTTLS", b"220 go"):
            connection.sendall(words + b"\r\n")
            connection.recv(1000)
        connection.sendall(b"\x15\x03\x01\x00\x02\x02\x28")  # handshake_failure
        connection.settimeout(30)
        try:
            ended.append(connection.recv(1000))
        except OSError as problem:
            ended.append(problem)
        connection.close()

    def serve(listener):
        while True:
            try:
                connection, _ = listener.accept()
                refuse(connection)
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        code, out, _ = run("connect", "-brief", "-tls1_2", f"127.0.0.1:{listener.getsockname()[1]}")
    assert code == 1 and ended == [b""] * len(ended) and len(ended) > 1, (code, ended, out)


@test
def json_lines():
    """--jsonl prints one parsable line per target, whose index is its place in the order given"""
    code, out, _ = run("--jsonl", "--no-ptr", "127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3")
    ports = {one["index"]: one["target"]["port"] for one in map(json.loads, out.splitlines())}
    assert ports == {0: 1, 1: 2, 2: 3} and code == 3, ports


def no_tls(connection):
    """A mail server without STARTTLS."""
    try:
        connection.sendall(b"220 x\r\n")
        for line in connection.makefile("rb"):
            connection.sendall(b"221 x\r\n" if line.startswith(b"QUIT") else b"250 x\r\n")
    except OSError:
        pass
    connection.close()


@test
def order_of_output():
    """JSON lines come as targets complete; text and one JSON document keep the order given"""
    for way in ("--jsonl", "--json", "--color=never"):
        release, left = threading.Event(), []

        def quick(connection):
            no_tls(connection)
            left.append(1)
            if len(left) == 3 and way != "--jsonl":
                release.set()

        def held(connection):
            release.wait(250)
            connection.close()

        with Server(quick) as first, Server(held) as second:
            places = [f"127.0.0.1:{s.port}" for s in (first, second, first, first)]
            argv = [PROGRAM, way, "--no-ptr", "--greeting-timeout", "1h", *places]
            with subprocess.Popen(argv, stdout=subprocess.PIPE, env=dict(os.environ, LC_ALL="C.UTF-8")) as process:
                lines = [process.stdout.readline() for _ in range(3)] if way == "--jsonl" else []
                if lines:
                    release.set()
                out = (b"".join(lines) + process.stdout.read()).decode()
                assert process.wait(300) == 2
        if way == "--jsonl":
            order = [json.loads(line)["index"] for line in out.splitlines()]
            assert sorted(order) == [0, 1, 2, 3] and order[3] == 1, order
        elif way == "--json":
            targets = json.loads(out)["targets"]
            assert [t["index"] for t in targets] == [0, 1, 2, 3]
            assert [t["target"]["input"] for t in targets] == places
        else:
            heads = [line.split()[1] for line in out.splitlines() if line[:1] in ("\u2718", "?")]
            assert heads == [place + ":" for place in places * 2], heads


@test
def targets_from_a_list():
    """--targets reads a file or standard input behind the operands; bad lines are told by number"""
    given = (b"\xef\xbb\xbf# a list\r\n\r\n  127.0.0.1:2\t# two\r\na b\n127.0.0.1:3\nx\x1b[31my\n"
             + b"z" * 5000 + b"\n127.0.0.1:\n127.0.0.1:4")
    with tempfile.NamedTemporaryFile("wb", suffix=".list") as file:
        file.write(given)
        file.flush()
        for name, stdin, where in ((file.name, b"", file.name), ("-", given, "standard input")):
            code, out, err = run("--json", "--no-ptr", "127.0.0.1:1", "--targets", name, given=stdin)
            targets = json.loads(out)["targets"]
            assert code == 64 and err == "", (code, err)
            assert [t["target"]["port"] for t in targets if not t["target"]["error"]] == [1, 2, 3, 4]
            wrong = {t["target"]["error"] for t in targets if t["target"]["error"]}
            for number, words in ((4, "more than one word"), (6, "control character"), (7, "longer than 4096"),
                                  (8, "")):
                assert [w for w in wrong if w.endswith(f"({where}:{number})") and words in w], (number, wrong)
            assert len(targets) == 8 and "\x1b" not in out


@test
def targets_from_a_slow_pipe():
    """a target from a pipe is looked at and told while the next one has not been written yet"""
    argv = [PROGRAM, "--jsonl", "--no-ptr", "--targets", "-"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for port in (1, 2, 3):
            process.stdin.write(b"127.0.0.1:%d\n127.0" % port)
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["target"]["port"] == port
            process.stdin.write(b".0.1:9\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["target"]["port"] == 9
        process.stdin.close()
        assert process.stdout.read() == b""
        assert process.wait(300) == 3


@test
def interrupted():
    """Ctrl-C: what is known is reported, the rest says that it was not waited for"""
    for way in ("--jsonl", "--json", "--color=never"):
        with Server(silent) as quiet, Server(no_tls) as quick:
            argv = [PROGRAM, way, "--no-ptr", "--greeting-timeout", "1h", "--targets", "-",
                    f"127.0.0.1:{quick.port}", f"127.0.0.1:{quiet.port}"]
            with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE) as process:
                first = process.stdout.readline()  # of the quick one: the other is not waited for
                while quiet.accepted == 0:
                    time.sleep(0.01)
                process.send_signal(signal.SIGINT)
                out = (first + process.stdout.read()).decode()
                err = process.stderr.read().decode()
                code = process.wait(300)
            assert code == 2, (way, code, out)
            assert "interrupted after 2 targets; whatever follows in the file" in err, (way, err)
            if way == "--json":
                assert [t["verdict"] for t in json.loads(out)["targets"]] == ["no_starttls", "unknown"]
            assert "interrupted" in out and "not offered" in out, (way, out)


@test
def all_operands_are_told():
    """operands that nobody came to, by an interrupt or the deadline, are told all the same"""
    with Server(silent) as quiet:
        places = [f"127.0.0.1:{quiet.port}"] * 60
        argv = [PROGRAM, "--jsonl", "--no-ptr", "--parallel", "1", "--greeting-timeout", "1h"]
        with subprocess.Popen([*argv, *places], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            while quiet.accepted == 0:
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=300)
        lines = [json.loads(line) for line in out.splitlines()]
        assert process.returncode == 3 and not err, (process.returncode, err)
        assert sorted(line["index"] for line in lines) == list(range(60)), len(lines)
        code, out, err = run("--jsonl", "--no-ptr", "--parallel", "1", "--deadline", "1s", *places)
        lines = [json.loads(line) for line in out.splitlines()]
        assert sorted(line["index"] for line in lines) == list(range(60)), len(lines)
        assert code == 3 and not err, (code, err)


@test
def text_does_not_wait_for_the_goodbye():
    """text is printed when all it says is known; the answer to QUIT is awaited behind it"""
    for way, early in (("--color=never", True), ("--json", False), ("-v", False)):
        release = threading.Event()

        def slow_goodbye(connection):
            connection.sendall(b"220 x\r\n")
            for line in connection.makefile("rb"):
                if line.startswith(b"QUIT"):
                    release.wait(250)
                connection.sendall(b"221 x\r\n" if line.startswith(b"QUIT") else b"250 x\r\n")
                if line.startswith(b"QUIT"):
                    break
            connection.close()

        with Server(slow_goodbye) as server:
            argv = [PROGRAM, way, "--no-ptr", f"127.0.0.1:{server.port}"]
            with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
                if early:
                    assert b"STARTTLS is not offered" in process.stdout.readline()
                    release.set()
                else:
                    release.set()
                    out = process.stdout.read()
                    assert way != "--json" or json.loads(out)["targets"][0]["endpoints"][0]["quit"]["code"] == 221
                process.stdout.read()
                assert process.wait(300) == 2


@test
def as_many_at_once_as_asked():
    """--parallel beyond 32 has its effect: silent servers at addresses of their own are all visited at once"""
    with Server(silent) as quiet:
        quiet.socket.close()
        with socket.create_server(("0.0.0.0", 0), backlog=200) as listener:
            port = listener.getsockname()[1]
            argv = [PROGRAM, "--jsonl", "--no-ptr", "--parallel", "80", "--greeting-timeout", "1h",
                    *[f"127.0.1.{i}:{port}" for i in range(1, 81)]]
            with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
                listener.settimeout(250)
                connections = [listener.accept()[0] for _ in range(80)]
                for connection in connections:
                    connection.close()
                assert len(process.stdout.read().splitlines()) == 80
                process.wait(300)


def peak_of(count, *ways):
    """KiB that the kernel counted for a list of `count` targets from standard input."""
    with tempfile.NamedTemporaryFile("r") as peak, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # taken, so that no other test gets it, and nobody listens
        port = closed.getsockname()[1]
        argv = ["/usr/bin/time", "--quiet", "--format", "%M", "--output", peak.name, PROGRAM, "--no-ptr",
                "--parallel", "16", *ways, "--targets", "-"]
        given = "".join(f"127.0.{i // 250}.{1 + i % 250}:{port}\n" for i in range(count)).encode()
        done = subprocess.run(argv, input=given, stdout=subprocess.PIPE, timeout=300, check=False)
        assert done.returncode == 3, done.returncode
        return int(peak.read().split()[-1]), done.stdout.decode()


@test
def memory_of_a_long_list():
    """a list of 12,000 targets takes hardly more memory than one of 1,000, and all are reported"""
    with open(PROGRAM, "rb") as program:
        sanitized = b"__asan_init" in program.read()
    if sanitized:
        few, many = 100, 1000  # this build keeps what was freed for a while: only the output counts
    else:
        few, many = 1000, 12000
    short, _ = peak_of(few, "--jsonl")
    long, out = peak_of(many, "--jsonl")
    indexes = sorted(json.loads(line)["index"] for line in out.splitlines())
    assert indexes == list(range(many)), len(indexes)
    assert few == 100 or long - short < 8192, (short, long)
    document = json.loads(peak_of(few, "--json")[1])
    assert [t["index"] for t in document["targets"]] == list(range(few))


@test
def demo_names_each_fault():
    """the demo names each planted fault, and its healthy servers have no findings above info"""
    code, out, err = run("demo", "--json")
    assert code == 0 and not err, (code, err)
    targets = {t["target"]["input"].split(".")[0]: t for t in json.loads(out)["targets"]}
    expected = {
        "expired": "certificate-expired", "wrong-name": "certificate-name-mismatch",
        "incomplete-chain": "certificate-chain-incomplete", "no-starttls": "starttls-not-offered",
        "starttls-fails": "starttls-refused", "handshake-dies": "handshake-failed",
        "tarpit": "greeting-timeout", "early-plaintext": "early-plaintext", "masked": "starttls-masked",
    }
    for name, finding in expected.items():
        found = [f["id"] for f in targets[name]["findings"] if f["severity"] != "info"]
        assert finding in found, f"{name}: {found}"
    for name in ("healthy", "tls13-only"):
        assert targets[name]["findings"] == [], (name, targets[name]["findings"])
        assert targets[name]["verdict"] == "ok", name
    assert targets["tls12-only"]["verdict"] == "ok", targets["tls12-only"]["findings"]


@test
def certificate_names_in_unicode():
    """an internationalised name in a certificate is shown in letters, too"""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                        "-nodes", "-keyout", folder + "/key", "-out", folder + "/certificate", "-subj", "/CN=x",
                        "-addext", "subjectAltName=DNS:mx.xn--bcher-kva.example"], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder + "/certificate", folder + "/key")

    def serve(connection):
        for words in (b"220 x", b"250-x\r\n250 STARTTLS", b"220 go"):
            connection.sendall(words + b"\r\n")
            if words != b"220 go":
                connection.recv(1000)
        session = context.wrap_socket(connection, server_side=True)
        for words in (b"250 x", b"221 x"):
            session.recv(1000)
            session.sendall(words + b"\r\n")
        session.close()

    with Server(serve) as server:
        document = json.loads(run("--json", "--no-ptr", f"127.0.0.1:{server.port}")[1])
    names = document["targets"][0]["endpoints"][0]["certificates"][0]["san_details"]
    assert names[0]["unicode"] == "mx.b\u00fccher.example", names


@test
def json_is_as_documented():
    """the JSON of all the demo's servers, and of wrong targets, is valid by the documented schema"""
    with open(os.path.join(SOURCE, "docs/waxseal.schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    sys.path.insert(0, os.path.join(SOURCE, "tests/real"))
    from lab import schema as checker
    for args in (["demo"], ["a b", "127.0.0.1:1"]):
        document = json.loads(run(*args, "--json")[1])
        assert not list(checker.problems(document, schema)), checker.problems(document, schema)


@test
def demo_text_fits():
    """the demo's text fits 80 columns, has no colour in a pipe, and ASCII means ASCII"""
    _, out, _ = run("demo")
    assert "\x1b" not in out
    assert max(len(line) for line in out.splitlines()) <= 80, max(out.splitlines(), key=len)
    _, out, _ = run("demo", "--ascii")
    assert out.isascii()
    assert "\x1b[" in run("demo", "--color=always")[1]
    assert "\x1b[" in run("demo", "--color", "always", env={"NO_COLOR": "1"})[1]


def failure_of(function):
    """Why a test failed, "" when it did not: each reports its own failure."""
    try:
        function()
        return ""
    except Exception as error:
        return str(error) or type(error).__name__


def main():
    """Runs all tests, three at a time, since many of them wait."""
    print(f"1..{len(RESULTS)}", flush=True)
    failed = 0
    fixtures()
    with ThreadPoolExecutor(3) as pool:
        for number, (function, why) in enumerate(zip(RESULTS, pool.map(failure_of, RESULTS)), 1):
            name = (function.__doc__ or function.__name__).strip().replace("#", "")
            print(f"{'not ' if why else ''}ok {number} - {name}", flush=True)
            if why:
                failed += 1
                print("# " + why.replace("\n", "\n# "), flush=True)
    sys.exit(1 if failed else 0)


main()
