# SPDX-License-Identifier: Apache-2.0
"""Authentication as `waxseal send` does it beyond swaks, and what is shown of secrets."""
import base64
import hashlib
import hmac

from send_kit import test, to, tls_context, run, write, path
from smtp_server import Server

USER, PASSWORD = "anna", "tr0ub4dor&3"


def b64(data):
    return base64.b64encode(data)


def read_b64(line):
    return base64.b64decode(line)


def expects(check):
    """A server side for mechanisms of one message: AUTH NAME BASE64; `check(bytes)` says if good."""
    def sasl(session, line):
        words = line.split(b" ")
        if len(words) < 3:
            session.send(b"334 \r\n")
            text = session.line()
        else:
            text = words[2]
        session.proof = b"" if text == b"=" else read_b64(text)
        return b"235 2.7.0 good\r\n" if check(session.proof) else b"535 5.7.8 bad\r\n"
    return sasl


class Scram:
    """The server's side of RFC 5802, without channel binding."""

    def __init__(self, name, algorithm, password=PASSWORD, lie=False):
        self.name, self.algorithm, self.password, self.lie = name, algorithm, password, lie

    def digest(self, key, text):
        return hmac.new(key, text, self.algorithm).digest()

    def __call__(self, session, line):
        words = line.split(b" ")
        if len(words) > 2:
            first = read_b64(words[2])
        else:
            session.send(b"334 \r\n")
            first = read_b64(session.line())
        header, bare = first.split(b",n=", 1)
        session.authzid = header.split(b",")[1] if b"," in header else b""
        bare = b"n=" + bare
        fields = dict(f.split(b"=", 1) for f in bare.split(b","))
        salt, rounds = b"some salt", 4096
        challenge = b"r=%s%s,s=%s,i=%d" % (fields[b"r"], b"serverpart", b64(salt), rounds)
        session.send(b"334 " + b64(challenge) + b"\r\n")
        final = read_b64(session.line())
        unproved, proof = final.rsplit(b",p=", 1)
        salted = hashlib.pbkdf2_hmac(self.algorithm, self.password.encode(), salt, rounds)
        client = self.digest(salted, b"Client Key")
        text = bare + b"," + challenge + b"," + unproved
        signature = self.digest(hashlib.new(self.algorithm, client).digest(), text)
        wanted = bytes(a ^ b for a, b in zip(client, signature))
        session.binding = read_b64(dict(f.split(b"=", 1) for f in unproved.split(b","))[b"c"])
        session.user = fields[b"n"]
        if read_b64(proof) != wanted:
            return b"535 5.7.8 bad proof\r\n"
        verifier = self.digest(self.digest(salted, b"Server Key"), text)
        session.send(b"334 " + b64(b"v=" + b64(b"no" if self.lie else verifier)) + b"\r\n")
        session.last = session.line()
        return b"235 2.7.0 good\r\n" if session.last == b"" else b"501 5.5.4 no\r\n"


def login(server, mechanism, *args, password=PASSWORD, **how):
    return to(server, "--auth", mechanism, "--auth-user", USER, "--auth-password", password,
              "--quit-after", "AUTH", *args, **how)


@test
def xoauth2():
    """XOAUTH2: user and token arrive as Google defines it; the token is hidden"""
    wanted = b"user=anna\1auth=Bearer tr0ub4dor&3\1\1"
    with Server(["AUTH XOAUTH2"], sasl=expects(lambda got: got == wanted)) as s:
        login(s, "XOAUTH2", code=0).hides(PASSWORD, b64(wanted).decode())
        assert s.session.proof == wanted, s.session.proof


@test
def xoauth2_refused():
    """XOAUTH2: the error of the server is shown decoded, the empty answer is given, exit 28"""
    problem = b64(b'{"status":"401","schemes":"bearer"}')

    def sasl(session, _):
        session.send(b"334 " + problem + b"\r\n")
        session.answer_to_problem = session.line()
        return b"535 5.7.8 refused\r\n"
    with Server(["AUTH XOAUTH2"], sasl=sasl) as s:
        login(s, "XOAUTH2", "--auth-plaintext", code=28).shows('"status":"401"').hides(PASSWORD)
        assert s.session.answer_to_problem == b"", s.session.answer_to_problem


@test
def oauthbearer():
    """OAUTHBEARER: host, port and token as RFC 7628 wants them"""
    with Server(["AUTH OAUTHBEARER"], sasl=expects(lambda got: True)) as s:
        login(s, "OAUTHBEARER", code=0).hides(PASSWORD)
        head, *pairs = s.session.proof.split(b"\1")
        assert head == b"n,a=anna,", head
        assert b"auth=Bearer tr0ub4dor&3" in pairs and b"host=127.0.0.1" in pairs, pairs
        assert b"port=%d" % s.port in pairs, pairs
        assert s.session.proof.endswith(b"\1\1")


@test
def external():
    """EXTERNAL: empty without a name, the name of --auth-authzid with one"""
    with Server(["AUTH EXTERNAL"], sasl=expects(lambda got: got == b"")) as s:
        to(s, "--auth", "EXTERNAL", "--auth-user", "", "--auth-password", "<>", "-q", "AUTH",
           "--auth-user", "<>", code=0)
        assert s.session.lines[-2] == b"AUTH EXTERNAL =", s.session.lines
    with Server(["AUTH EXTERNAL"], sasl=expects(lambda got: got == b"boss")) as s:
        to(s, "--auth", "EXTERNAL", "--auth-user", "<>", "--auth-password", "<>", "-q", "AUTH",
           "--auth-authzid", "boss", code=0)


@test
def external_asks_nothing():
    """EXTERNAL alone needs neither user nor password and asks for none"""
    with Server(["AUTH EXTERNAL"], sasl=expects(lambda got: True)) as s:
        to(s, "--auth", "EXTERNAL", "-q", "AUTH", code=0).hides("Username", "Password")


@test
def scram():
    """SCRAM-SHA-1, -256, -512: our proof holds, the server's is checked, authzid travels"""
    for name, algorithm in (("SCRAM-SHA-1", "sha1"), ("SCRAM-SHA-256", "sha256"),
                            ("SCRAM-SHA-512", "sha512")):
        with Server(["AUTH " + name], sasl=Scram(name, algorithm)) as s:
            login(s, name, code=0).hides(PASSWORD)
            assert s.session.user == b"anna" and s.session.binding == b"n,,", s.session.binding
        with Server(["AUTH " + name], sasl=Scram(name, algorithm)) as s:
            login(s, name, "--auth-authzid", "boss", code=0)
            assert s.session.authzid == b"a=boss", s.session.authzid


@test
def scram_wrong():
    """SCRAM: a wrong password is exit 28, and so is a server that can't prove that it knows it"""
    with Server(["AUTH SCRAM-SHA-256"], sasl=Scram("SCRAM-SHA-256", "sha256")) as s:
        login(s, "SCRAM-SHA-256", password="no", code=28).shows("535 5.7.8")
    liar = Scram("SCRAM-SHA-256", "sha256", lie=True)
    with Server(["AUTH SCRAM-SHA-256"], sasl=liar) as s:
        login(s, "SCRAM-SHA-256", code=28).shows("***")


@test
def scram_inside_tls():
    """SCRAM inside TLS says that the client could have bound the channel, or did not"""
    with Server(["AUTH SCRAM-SHA-1"], tls=tls_context(), sasl=Scram("SCRAM-SHA-1", "sha1")) as s:
        login(s, "SCRAM-SHA-1", "-tls", code=0)
        assert s.session.binding in (b"n,,", b"y,,"), s.session.binding


@test
def scram_plus():
    """SCRAM-...-PLUS binds to the TLS session; in clear it is not tried"""
    for name, algorithm in (("SCRAM-SHA-1-PLUS", "sha1"), ("SCRAM-SHA-256-PLUS", "sha256"),
                            ("SCRAM-SHA-512-PLUS", "sha512")):
        with Server(["AUTH " + name], tls=tls_context(), sasl=Scram(name, algorithm)) as s:
            login(s, name, "-tls", code=0)
            binding = s.session.binding
            assert binding.startswith(b"p=tls-exporter,,") and len(binding) == 16 + 32, binding
        with Server(["AUTH " + name], sasl=Scram(name, algorithm)) as s:
            login(s, name, code=28)
            assert not s.session.said("AUTH"), s.session.lines


@test
def digests_hidden():
    """what a password was mixed into is hidden too: it could be guessed from that"""
    def sasl(session, _):
        session.send(b"334 " + b64(b"<1896.697170952@postoffice.example>") + b"\r\n")
        session.proof = session.line()
        return b"235 2.7.0 good\r\n"
    with Server(["AUTH CRAM-MD5"], sasl=sasl) as s:
        done = login(s, "CRAM-MD5", code=0)
        digest = read_b64(s.session.proof).split(b" ")[1]
        wanted = hmac.new(PASSWORD.encode(), b"<1896.697170952@postoffice.example>", "md5")
        assert digest.decode() == wanted.hexdigest()
        done.hides(digest.decode(), s.session.proof.decode())


@test
def authzid_plain():
    """--auth-authzid: PLAIN carries it before the user; NULs stay where they belong"""
    with Server(["AUTH PLAIN"], sasl=expects(lambda got: True)) as s:
        login(s, "PLAIN", "--auth-authzid", "boss", code=0)
        assert s.session.proof == b"boss\0anna\0tr0ub4dor&3", s.session.proof


@test
def unasked_mechanisms():
    """mechanisms that swaks does not know are not tried unless they are named"""
    with Server(["AUTH XOAUTH2 OAUTHBEARER"], sasl=expects(lambda got: True)) as s:
        to(s, "--auth", "--auth-user", USER, "--auth-password", PASSWORD, "-q", "AUTH",
           code=28).shows("no advertised types")
        assert not s.session.said("AUTH")


# ---- secrets

def forms(secret, user=USER):
    """How a secret may show: as it is, or encoded alone or in what it travels in."""
    plain = b64(b"\0%s\0%s" % (user.encode(), secret.encode())).decode()
    return [secret, b64(secret.encode()).decode(), plain]


SHOWN = {"PLAIN": ["AUTH PLAIN"], "LOGIN": ["AUTH LOGIN"]}


def login_dialogue(session, line):
    words = line.split(b" ")
    if words[1] == b"LOGIN":
        session.send(b"334 VXNlcm5hbWU6\r\n")
        session.line()
        session.send(b"334 UGFzc3dvcmQ6\r\n")
        session.line()
    return b"535 5.7.8 the password %s is wrong\r\n" % b"you gave"


def hidden_with(mechanism, *more):
    def hidden():
        with Server(SHOWN[mechanism], sasl=login_dialogue) as s:
            done = login(s, mechanism, *more, code=28)
            done.hides(*forms(PASSWORD))
    hidden.__doc__ = "hidden: the password of %s with %s" % (mechanism, " ".join(more) or "nothing")
    return hidden


for _mechanism in SHOWN:
    for _more in ((), ("--json",), ("--auth-plaintext",), ("--show-raw-text",),
                  ("--silent", "1"), ("--show-time-lapse",)):
        test(hidden_with(_mechanism, *_more))


@test
def shown_when_asked():
    """--show-secrets shows what swaks shows; called as swaks it is shown without it"""
    for mechanism in SHOWN:
        secret = forms(PASSWORD)[1 if mechanism == "LOGIN" else 2]
        for how in ({"swaks": True}, {}):
            with Server(SHOWN[mechanism], sasl=login_dialogue) as s:
                more = [] if how else ["--show-secrets"]
                login(s, mechanism, *more, code=28, **how).shows(secret)


@test
def hidden_in_dump():
    """--dump and --dump-as-body hide the password; --show-secrets and swaks show it"""
    words = ["--to", "you@example.org", "--server", "127.0.0.1", "-a", "PLAIN", "-au", USER, "-ap",
             PASSWORD]
    run(*words, "--dump", code=0).hides(PASSWORD)
    run(*words, "--dump", "AUTH", code=0).hides(PASSWORD).shows("anna")
    run(*words, "--dump-as-body", "--dump-mail", code=0).hides(PASSWORD)
    run(*words, "--dump", "--show-secrets", code=0).shows(PASSWORD)
    run(*words, "--dump", swaks=True, code=0).shows(PASSWORD)


@test
def hidden_in_dump_of_proxy():
    """--dump shows no password of --via-proxy, and no error does"""
    words = ["--to", "you@example.org", "--server", "127.0.0.1:9",
             "--via-proxy", "socks5://u:%s@127.0.0.1:1" % PASSWORD]
    run(*words, "--dump", code=0).hides(PASSWORD)
    run(*words, code=2).hides(PASSWORD)
    run(*words[:-1], "socks9://u:%s@127.0.0.1:1" % PASSWORD, code=1).hides(PASSWORD)


@test
def hidden_from_netrc():
    """a password of ~/.netrc is used for the server's name, and hidden like any other"""
    write("home/.netrc", "machine 127.0.0.1\n  login anna\n  password %s\n" % PASSWORD)
    with Server(["AUTH PLAIN"], sasl=expects(lambda got: True)) as s:
        to(s, "--auth", "PLAIN", "-q", "AUTH", code=0).hides(*forms(PASSWORD))
        assert s.session.proof == b"\0anna\0tr0ub4dor&3", s.session.proof
    assert path("home")


@test
def hidden_prompt():
    """a password that is asked for is not echoed into the transcript"""
    with Server(["AUTH PLAIN"], sasl=expects(lambda got: True)) as s:
        done = to(s, "--auth", "PLAIN", "-au", "bert", "--auth-password", "-q", "AUTH",
                  stdin=b"other secret\n", code=0)
        done.hides("other secret")
        assert s.session.proof == b"\0bert\0other secret", s.session.proof
