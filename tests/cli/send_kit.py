# SPDX-License-Identifier: Apache-2.0
"""What the tests of `waxseal send` share: running it, files to use, counting in TAP."""
import atexit
import concurrent.futures
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile

PROGRAM = os.path.abspath(sys.argv[1])
SOURCE = os.environ.get("WAXSEAL_SOURCE") or os.path.abspath(__file__ + "/../../..")
FOLDER = tempfile.mkdtemp(prefix="waxseal-send-")
TESTS = []
CRASHES = ("AddressSanitizer", "runtime error", "LeakSanitizer")

atexit.register(shutil.rmtree, FOLDER, True)
SWAKS = os.path.join(FOLDER, "swaks")
os.symlink(PROGRAM, SWAKS)
os.mkdir(os.path.join(FOLDER, "home"))


def test(function):
    """Registers a test; its docstring is its name."""
    TESTS.append(function)
    return function


def path(name):
    return os.path.join(FOLDER, name)


def write(name, content):
    with open(path(name), "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    return path(name)


def read(name):
    with open(path(name), "rb") as file:
        return file.read()


class Done:
    """How a run ended; texts as they came, in Latin-1 so that every byte is seen."""

    def __init__(self, code, out, err, args):
        self.code, self.raw_out, self.raw_err = code, out, err
        self.out, self.err = out.decode("latin-1"), err.decode("latin-1")
        self.args = args
        for word in CRASHES:
            assert word not in self.err, self.err[:3000]
        assert code >= 0, "killed by signal %d" % -code

    def ends(self, code):
        assert self.code == code, "exit %d, not %d\n%s" % (self.code, code, self)
        return self

    def shows(self, *texts):
        for text in texts:
            assert text in self.out + self.err, "%r is not shown\n%s" % (text, self)
        return self

    def hides(self, *texts):
        for text in texts:
            assert text not in self.out + self.err, "%r is shown\n%s" % (text, self)
        return self

    def __str__(self):
        return "%s\n--- out\n%s\n--- err\n%s" % (" ".join(map(str, self.args)),
                                                self.out[-1500:], self.err[-1500:])


def environment(**more):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("SWAKS_")}
    clean.update({"LC_ALL": "C.UTF-8", "HOME": path("home"), "LOGNAME": "me", **more})
    return clean


def run(*args, stdin=None, timeout=300, env=None, swaks=False, code=None):
    """`waxseal send ARGS`, or `swaks ARGS`. With `code`: it must end so."""
    words = [SWAKS] if swaks else [PROGRAM, "send"]
    words += [str(a) for a in args]
    how = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
    ended = subprocess.run(words, capture_output=True, timeout=timeout, check=False, cwd=FOLDER,
                           env=environment(**(env or {})), **how)
    done = Done(ended.returncode, ended.stdout, ended.stderr, words)
    return done if code is None else done.ends(code)


class Closed:
    """A port that is taken, so that no other test gets it, and at which nobody listens."""

    def __init__(self):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.at = "127.0.0.1:%d" % self.socket.getsockname()[1]


def to(server, *args, **how):
    """A transaction with this server."""
    return run("--to", "you@example.org", "--from", "me@example.net", "--helo", "client.example",
               "--server", server.at, *args, **how)


# --timeout where silence is what is tested: what does come must be here by then, on a slow machine too
PATIENCE = "4"


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, capture_output=True, timeout=300, cwd=FOLDER)


def make_certificates():
    """cert.pem and key.pem for localhost; other.pem another key; locked.pem it, encrypted."""
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", "key.pem", "-out", "cert.pem", "-days", "30", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1")
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
            "other.pem")
    openssl("ec", "-in", "key.pem", "-aes256", "-passout", "pass:geheim", "-out", "locked.pem")


def tls_context(ask=False, protocols=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path("cert.pem"), path("key.pem"))
    if ask:
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(path("cert.pem"))
    if protocols:
        context.set_alpn_protocols(protocols)
    return context


def run_one(function):
    try:
        function()
        return None
    except Exception as failure:  # pylint: disable=broad-except
        return "%s: %s" % (type(failure).__name__, failure)


def run_tests(names):
    """Runs all (or the tests whose name holds one of `names`), eight at a time, since most of them wait; TAP."""
    chosen = [t for t in TESTS if not names or any(n in (t.__doc__ or "") for n in names)]
    print("1..%d" % len(chosen))
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for number, (function, why) in enumerate(zip(chosen, pool.map(run_one, chosen)), 1):
            name = " ".join((function.__doc__ or function.__name__).split()).replace("#", "\\#")
            print("%sok %d - %s" % ("not " if why else "", number, name), flush=True)
            if why:
                failed += 1
                print("".join("# %s\n" % line for line in why.splitlines()), end="", flush=True)
    return 1 if failed else 0
