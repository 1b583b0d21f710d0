# SPDX-License-Identifier: Apache-2.0
"""drawing - one random transaction: a command line and the server that it meets.

Nearly everything goes well, so that dialogues get far; a case then has up to three odd spots. All
comes from the generator that is passed in.
"""

import base64

STOPS = ("connect", "banner", "first-helo", "first-ehlo", "xclient", "tls", "starttls", "helo",
         "EHLO", "lhlo", "auth", "mail", "FROM", "rcpt", "to")
DROP_STOPS = STOPS + ("data", "dot")
ATTRIBUTES = ("NAME", "ADDR", "PORT", "PROTO", "HELO", "LOGIN", "DESTADDR", "DESTPORT")
MECHANISMS = ("PLAIN", "LOGIN", "CRAM-MD5", "CRAM-SHA1", "DIGEST-MD5", "NTLM", "SPA", "MSN")
NTLM_NAMES = ("NTLM", "SPA", "MSN")
GOOD = {"greeting": 220, "EHLO": 250, "HELO": 250, "LHLO": 250, "STARTTLS": 220, "XCLIENT": 220,
        "AUTH": 235, "auth": 235, "MAIL": 250, "RCPT": 250, "DATA": 354, "DOT": 250, "QUIT": 221}
NTLM_CHALLENGE = (b"NTLMSSP\0" + bytes((2, 0, 0, 0, 12, 0, 12, 0, 48, 0, 0, 0, 1, 2, 2, 0)) +
                  b"\x01\x23\x45\x67\x89\xab\xcd\xef" + bytes(16) + b"D\0O\0M\0A\0I\0N\0")
NO_TEXT_CODES = (200, 211, 220, 221, 235, 250, 251, 252, 334, 353, 354, 421, 450, 451, 452, 454,
                 500, 501, 502, 503, 530, 535, 550, 552, 554, 571, 100, 600, 999, 99, 0)


def b64(data):
    return base64.b64encode(data).decode()


class Draw:
    def __init__(self, rng):
        self.rng = rng
        self.args, self.files, self.env = [], {}, {}
        self.behaviour = {"verbs": {}, "password": ""}
        self.stdin = b""
        self.slow = False  # a time-out is waited for

    def often(self, percent):
        return self.rng.random() * 100 < percent

    def one(self, *choices):
        return self.rng.choice(choices)

    def add(self, *words):
        self.args += words

    # --- replies ---------------------------------------------------------------------------------

    def text(self):
        return self.one("ok", "2.0.0 Ok: queued as 4XyZ", "", "fine, go ahead", "ok ok ok", "ü",
                        "tab\there", "  two spaces", "250 ok", "x" * self.one(60, 500, 998),
                        "<a@b.example>... Recipient ok", "Ok\\n%BODY%", "5.7.1 no")

    def reply(self, code, text=None):
        """A proper reply, of one line or more."""
        end = "\n" if self.often(5) else "\r\n"
        lines = [self.text() for _ in range(self.one(1, 1, 1, 1, 1, 2, 3, 6))]
        if text is not None:
            lines[-1] = text
        return "".join("%03d%s%s%s" % (code, " " if i == len(lines) - 1 else "-", line, end)
                       for i, line in enumerate(lines))

    def odd_reply(self, verb):
        """(text, what follows)"""
        good = GOOD.get(verb, 250)
        kind = self.rng.randrange(13)
        if kind == 8 and set(self.args) & {"-raw", "--show-raw-text"}:
            kind = 5  # out of step, what comes in one read is chance
        code = self.one(*NO_TEXT_CODES)
        if kind < 5:
            code = self.one(421, 450, 451, 454, 500, 501, 502, 504, 530, 535, 550, 554)
            return self.reply(code), None
        if kind == 5:
            return self.reply(code), None
        if kind == 6:  # codes that change
            return "%d-one\r\n%d two\r\n" % (self.one(good, 550), self.one(good, 250, 550)), None
        if kind == 7:  # no reply lines in front
            return self.one("garbage\r\n", "\r\n", "25\r\n", "250ok\r\n", "%d\tx\r\n" % good,
                            " 250 ok\r\n", "-\r\n") + self.reply(good), None
        if kind == 8 and verb != "STARTTLS":  # swaks reads clear text behind it as if in TLS
            return self.reply(good) + self.reply(self.one(good, 250, 421)), None  # one too many
        if kind in (8, 9):
            return self.reply(self.one(good, good, 421)), "close"
        if kind == 10:
            return self.one("", "%d-half\r\n" % good, "%d-half\r\n%d" % (good, good),
                            "%d hal" % good, "garbage\r\n", "garbage"), "close"
        if kind == 11:
            return self.one("%d a\rb\r\n" % good, "%d \x1b[31mred\r\n" % good,
                            "%d nul\0here\r\n" % good, "%d  \r\n" % good), None
        return self.reply(good, "y" * self.one(1000, 2048, 5000)), None

    def action(self, verb, code=None, then="", text=None):
        return {"say": self.reply(code or GOOD.get(verb, 250), text), "then": then}

    def spoil(self):
        """Makes one spot of the dialogue odd."""
        verbs = self.behaviour["verbs"]
        verb = self.one(*(list(verbs) + ["greeting", "RCPT", "RCPT", "EHLO", "DOT", "QUIT"]))
        if verb == "EHLO" and self.wants["pipeline"] and self.wants["tls"] == "starttls":
            return  # of PIPELINING before STARTTLS swaks keeps the memory
        if verb == "greeting":
            say, then = self.odd_reply(verb)
            self.behaviour["greeting"] = {"say": say, "then": then or ""}
        elif verb in verbs:
            at = self.rng.randrange(len(verbs[verb]))
            say, then = self.odd_reply(verb)
            was = verbs[verb][at].get("then", "")
            if then is None:
                then = was if was in ("data", "tls", "auth") and self.often(70) else ""
                if was in ("data", "tls") and not say.lstrip().startswith(str(GOOD[verb])):
                    then = ""
            if verb == "STARTTLS" and "220" in say and not then:
                then = "tls"
            verbs[verb][at] = {"say": say, "then": then}

    # --- the server ------------------------------------------------------------------------------

    def hello_lines(self, keywords):
        lines = ["host.example" + self.one("", " Hello tester", " at your service")] + keywords
        end = "\n" if self.often(4) else "\r\n"
        return "".join("250%s%s%s" % (" " if i == len(lines) - 1 else "-", line, end)
                       for i, line in enumerate(lines))

    def keywords(self):
        """What EHLO lists, each with a certain probability, more where options ask for it."""
        w = self.wants
        found = [k for k, chance in (
            ("SIZE 10240000", 50), ("8BITMIME", 50), ("ENHANCEDSTATUSCODES", 40), ("DSN", 30),
            ("SMTPUTF8", 20), ("CHUNKING", 20), ("HELP", 20), ("VRFY", 10), ("X-ODD =a b", 5),
            ("PIPELINING", self.pipelining if w["pipeline"] else 40),
            ("PRDR", 85 if w["prdr"] else 10),
            ("STARTTLS", 88 if w["tls"] and not self.in_tls else 10),
            ("XCLIENT" + self.attributes(), 88 if w["xclient"] else 8)) if self.often(chance)]
        if self.often(90 if w["auth"] else 20):
            names = self.auth_names()
            found.append("AUTH " + names)
            if self.often(15):
                found.append("AUTH=" + (names if self.often(60) else self.auth_names()))
        if self.often(2):
            found.append(self.one("AUTH", "AUTH=", "XCLIENT", "-STARTTLS", "AUTH\tPLAIN MSN",
                                  "XSTARTTLS", "250 STARTTLS"))
        self.rng.shuffle(found)
        return found

    def attributes(self):
        some = [a for a in ATTRIBUTES if self.often(85)]
        if self.often(15):
            some = [a.lower() for a in some]
        return "".join(" " + a for a in some)

    def auth_names(self):
        names = [m for m in MECHANISMS if self.often(45)]
        if self.any_type and "LOGIN" in names:
            names.remove("LOGIN")  # or LOGIN-INITIAL is tried, which 20201014.0 has not
        names += [m for m in self.auth_types if m not in names and self.often(80)]
        for name in [m for m in names if m in NTLM_NAMES][1:]:
            names.remove(name)  # perl's NTLM keeps its state from one attempt to the next
        if self.wants["auth"] and self.auth_types[:1] != ["DIGEST-MD5"]:
            names = [m for m in names if m != "DIGEST-MD5"]  # its challenge would be another's
        names += [m for m in ("GSSAPI", "XOAUTH2") if self.often(10)]
        self.rng.shuffle(names)
        return (" " if self.often(90) else "  ").join(
            n.lower() if self.often(3) else n for n in names)

    def sasl(self):
        """AUTH's first answers and the lines of the exchange; what fits the first type."""
        kind = self.auth_types[0] if self.auth_types else self.one(*MECHANISMS)
        ok, bad = self.action("AUTH"), {"say": self.reply(535)}
        end = ok if self.often(80) else bad
        challenge = {
            "LOGIN": "VXNlcm5hbWU6", "PLAIN": "", "NTLM": self.one("", "NTLM supported"),
            "CRAM-MD5": b64(b"<1896.697170952@postoffice.example>"),
            "CRAM-SHA1": b64(b"<1896.697170952@postoffice.example>"),
            "DIGEST-MD5": b64(b'realm="elwood.example",nonce="OA6MG9tEQGm2hh",qop="auth",'
                              b'algorithm=md5-sess,charset=utf-8')}.get(
                                  {"SPA": "NTLM", "MSN": "NTLM"}.get(kind, kind), "")
        if self.often(6) and kind != "DIGEST-MD5":
            challenge = self.one("", "not base64 at all", "AAAA", "====", "dG8=", "<x@y>", "  ",
                                 b64(b"\0\xff"), b64(b"a" * 300))
        ask = {"say": "334 %s\r\n" % challenge, "then": "auth"}
        second = {"LOGIN": "UGFzc3dvcmQ6", "NTLM": b64(NTLM_CHALLENGE),
                  "SPA": b64(NTLM_CHALLENGE), "MSN": b64(NTLM_CHALLENGE)}.get(kind)
        lines = []
        if second:
            lines.append({"say": "334 %s\r\n" % second, "then": "auth"})
        if kind == "DIGEST-MD5":
            lines.append({"say": "334 {rspauth}\r\n", "then": "auth"})
        lines.append(end)
        first = end if kind == "PLAIN" else ask
        self.behaviour["verbs"]["AUTH"] = [first] if self.often(75) else [first, bad, ok]
        self.behaviour["verbs"]["auth"] = lines

    def serve(self):
        w, b = self.wants, self.behaviour
        verbs = b["verbs"]
        self.in_tls = w["tls"] == "connect"
        b["greeting"] = self.action("greeting", text="host.example ESMTP")
        hellos = []
        self.pipelining = 100 if self.often(90) else 0  # swaks does not forget it after STARTTLS
        for i in range(3):
            hellos.append({"say": self.hello_lines(self.keywords())})
            self.in_tls |= w["tls"] == "starttls"
            if i == 0 and self.often(45):
                hellos[0]["say"] = self.hello_lines(self.keywords())
        # after XCLIENT swaks adds to what was advertised: the hellos are alike there
        alike = w["xclient"] or self.often(25)
        verbs["EHLO"] = verbs["LHLO"] = hellos[:1] if alike else hellos
        verbs["HELO"] = [self.action("HELO", text="host.example")]
        if self.often(5):
            verbs["EHLO"] = [{"say": self.reply(self.one(500, 502, 550))}]
        verbs["STARTTLS"] = [self.action("STARTTLS", then="tls")]
        verbs["XCLIENT"] = [self.action("XCLIENT")]
        self.sasl()
        verbs["MAIL"] = [self.action("MAIL")]
        verbs["RCPT"] = [self.action("RCPT") for _ in range(self.recipients)]
        refused = self.one(*([0] * 6 + [1, 1, 2, 9]))
        for at in self.rng.sample(range(self.recipients), min(refused, self.recipients)):
            verbs["RCPT"][at] = {"say": self.reply(self.one(550, 450, 452, 251, 252, 554))}
        verbs["DATA"] = [self.action("DATA", then="data")]
        accepted = max(self.recipients - min(refused, self.recipients), 1)
        dot = [self.reply(250 if self.often(90) else 550) for _ in range(accepted)]
        if w["prdr"]:
            verbs["DOT"] = [{"say": "".join(
                ["353 go on\r\n"] + dot + [self.reply(self.one(250, 250, 250, 550))])
                if self.often(80) else self.reply(250)}]
        elif w["lmtp"]:
            verbs["DOT"] = [{"say": "".join(dot)}]
        else:
            verbs["DOT"] = [self.action("DOT")]
        verbs["QUIT"] = [{"say": self.reply(221), "then": "close"}]
        verbs[""] = [{"say": self.reply(500)}]
        for _ in range(self.one(0, 0, 0, 1, 1, 2, 3)):
            self.spoil()

    # --- the command line ------------------------------------------------------------------------

    def envelope(self):
        self.recipients = self.one(1, 1, 1, 2, 2, 3, 5)
        to = ["%s%d@rcpt.example" % (self.one("a", "B", "long.name"), i)
              for i in range(self.recipients)]
        self.add("--to", ",".join(to))
        self.add("--from", self.one("me@from.example", "me@from.example", "<>", "a b@c", "x"))
        self.add(self.one("--helo", "--ehlo", "-h"),
                 self.one("hserver", "client.example", "[1.2.3.4]"))

    def protocol(self):
        w = self.wants
        if w["lmtp"]:
            self.add("--protocol", self.one("LMTP", "LMTP", "lmtp"))
        elif self.often(10):
            name = self.one("SMTP", "ESMTP", "esmtps", "SSMTP", "SMTPS")
            if name.upper() in ("SSMTP", "SMTPS"):
                w["tls"] = "connect"
            self.add("--protocol", name)
        if w["pipeline"]:
            self.add("--pipeline")
        if w["prdr"]:
            self.add("--prdr")

    def tls(self):
        kind = self.wants["tls"]
        tls = self.behaviour["tls"] = {"cert": "{certs}/server.crt", "key": "{certs}/server.key",
                                       "ca": "{certs}/ca.crt"}
        if kind == "connect":
            tls["on_connect"] = True
            self.add(self.one("--tls-on-connect", "-tlsc"))
        elif kind:
            self.add(self.one("--tls", "-tls", "-tls", "--tls-optional", "-tlso",
                              "--tls-optional-strict", "-tlsos"))
        if not kind:
            return
        if self.often(25):
            self.add("--tls-cert", "{certs}/client.crt", "--tls-key", "{certs}/client.key")
        tls["verify"] = self.one(0, 0, 0, 1, 2) if self.often(50) else 0
        if self.often(15):
            tls["max"] = "1.2"
        if self.often(8):
            tls["fail"] = self.one("close", "garbage", "alert")
            if kind == "starttls" and not set(self.args) & {"--tls", "-tls"}:
                tls["fail"] = "close"  # swaks goes on in the middle of what the server said
        elif self.often(4):
            tls["cert"] = tls["key"] = None
        self.tls_details()

    def tls_details(self):
        if self.often(10):
            self.add("--tls-protocol", self.one("tlsv1_2", "tlsv1_3", "tlsv1_2,tlsv1_3",
                                                "no_tlsv1_3", "no_tlsv1,no_tlsv1_1", "tlsv1"))
        if self.often(6):
            self.add("--tls-cipher", self.one("HIGH", "ECDHE-RSA-AES256-GCM-SHA384", "nonesuch"))
        if self.often(10):
            self.add("--tls-sni", "sni.example")
        if self.often(10):
            self.add("--tls-ca-path", self.one("{certs}/ca.crt", "{certs}", "{certs}/absent.crt"))
        if self.often(8) and "--tls-ca-path" not in self.args:
            self.add("--tls-verify", "--tls-verify-target=host.example", "--tls-ca-path",
                     "{certs}/ca.crt")
        if self.often(8):
            self.add(*self.one(["--tls-get-peer-cert"], ["--tls-get-peer-cert", "peer.pem"]))

    def auth(self):
        self.auth_types, self.any_type = [], False
        if not self.wants["auth"]:
            return
        option = self.one("--auth", "-a", "--auth", "--auth-optional", "-ao",
                          "--auth-optional-strict", "-aos")
        kinds = [self.one(*MECHANISMS) for _ in range(self.one(1, 1, 1, 2, 3))]
        if self.often(80):
            self.auth_types = list(dict.fromkeys(kinds))
            self.add(option, ",".join(self.auth_types))
        else:
            self.add(option)
            self.any_type = True
        users = ["user", "user@realm.example", "<>"]
        if "DIGEST-MD5" not in self.auth_types:
            users.append("u\\0")
        self.add("-au", self.one(*users))
        password = self.one("pass", "<>", "secret word", "p" * 70)
        self.behaviour["password"] = "" if password == "<>" else password
        self.add("-ap", password)
        if self.often(35):
            self.add("-apt")
        if self.often(15):
            self.add(*self.one(["-ahp"], ["-ahp", "HIDDEN"], ["--auth-hide-password"]))
        if self.often(8):
            extra = self.one("realm=elwood.example", "domain=DOM", "dmd5-serv-type=mail",
                             "dmd5-host=h.example", "dmd5-serv-name=n")
            # NTLM: waxseal takes domain, or realm in its place, where swaks takes the server's
            if extra[:2] == "dm" or self.auth_types == ["DIGEST-MD5"]:
                self.add("--auth-extra", extra)
        if self.often(5):
            self.add("--auth-map", self.one("X-LOGIN=LOGIN", "FOO=PLAIN,BAR=CRAM-MD5"))

    def xclient(self):
        if not self.wants["xclient"]:
            return
        for attribute in self.rng.sample(ATTRIBUTES, self.one(1, 1, 2, 3)):
            self.add("--xclient-" + attribute.lower(),
                     self.one("1.2.3.4", "[UNAVAILABLE]", "a b=c+d", "name.example", "25", "ü"))
            if self.often(15):
                self.add("--xclient-delim")
        if self.often(15):
            self.add("--xclient", self.one("NAME=raw ADDR=1.1.1.1", "FOO"))
        for option, chance in (("--xclient-no-verify", 15), ("--xclient-before-starttls", 35),
                               ("--xclient-optional", 20), ("--xclient-optional-strict", 10)):
            if self.often(chance):
                self.add(option)

    def proxy(self):
        version = self.wants["proxy"]
        if not version:
            return
        self.behaviour["proxy"] = version
        if version == 1:
            self.add("--proxy-family", self.one("TCP4", "TCP6"))
        six = self.often(40)
        if version == 2:
            self.add("--proxy-version", "2", "--proxy-family", "AF_INET6" if six else "AF_INET",
                     "--proxy-protocol", self.one("STREAM", "DGRAM"), "--proxy-command", "PROXY")
        self.add("--proxy-source", self.one("::1", "2001:db8::7") if six else "1.2.3.4",
                 "--proxy-source-port", "1024", "--proxy-dest",
                 "fe80::1:2" if six else "5.6.7.8", "--proxy-dest-port", "25")

    def stops(self):
        """Not at a step that is not taken for sure: 20201014.0 then goes on, 20240103.0 stops."""
        if not self.often(35):
            return
        option, points = self.one(
            (self.one("--quit-after", "-q", "--quit"), STOPS),
            (self.one("--drop-after", "-da"), DROP_STOPS),
            (self.one("--drop-after-send", "-das"), DROP_STOPS))
        later = option in ("--drop-after-send", "-das")
        missing = set()
        if not self.wants["xclient"] or "--xclient-optional" in " ".join(self.args):
            missing |= {"xclient"}
        if later:
            missing |= {"connect", "banner"}
            if not set(self.args) & {"--tls", "-tls"}:
                missing |= {"tls", "starttls"}
            if not set(self.args) & {"--auth", "-a"}:
                missing |= {"auth"}
        self.add(option, self.one(*[p for p in points if p not in missing]))

    def output(self):
        raw = 0 if "DIGEST-MD5" in self.auth_types else 8  # random bytes in the dump
        for options, chance in (
                (("--hide-informational", "-hi"), 4), (("--hide-send", "-hs"), 4),
                (("--hide-receive", "-hr"), 4), (("--hide-all", "-ha"), 2),
                (("--no-info-hints", "-nih"), 4), (("--no-send-hints", "-nsh"), 4),
                (("--no-receive-hints", "-nrh"), 4), (("--no-hints", "-nth"), 3),
                (("--show-raw-text", "-raw"), raw), (("--show-time-lapse", "-stl"), 6),
                (("--suppress-data", "-n"), 10)):
            if self.often(chance):
                self.add(self.one(*options))
        if self.often(10):
            self.add(self.one("--silent", "-S"), self.one("1", "2", "3"))
        if self.often(3):
            self.add("-stl", "i")
        if self.often(5):
            self.add("--output", "out.txt")
        elif self.often(6):
            self.add("--output-file-stdout", "out.txt")
        elif self.often(6):
            self.add("--output-file-stderr", "err.txt")

    def message(self):
        if self.often(20):
            self.add("--body", self.one("hello", "line\\n.\\n..dots\\n.end", "", "@body.txt", "-",
                                        "tokens %FROM_ADDRESS% %TO_ADDRESS%", "%NEWLINE%"))
        if self.often(15):
            self.add(*self.one(["--header", "Subject: hi"], ["--h-X-Test", "yes"],
                               ["--add-header", "X-One: 1\\nX-Two: 2"],
                               ["--header-From", "other <o@x.example>"]))
        if self.often(8):
            self.add("--data", self.one("@data.txt", "Subject: s\\n\\nbody\\n.\\n", "-",
                                        "From me Thu\\nSubject: s\\n\\nbody",
                                        "A: b\\n%NEW_HEADERS%\\n"))
        if self.often(6):
            self.add(self.one("--no-data-fixup", "-ndf", "--no-strip-from", "-nsf"))
        if self.often(10) and not set(self.args) & {"-raw", "--show-raw-text", "-S", "--silent"}:
            self.add(*self.one(["--attach", "@a.bin"], ["--attach", "-"],
                               ["--attach-type", "text/plain", "--attach", "@b.txt"],
                               ["--attach-name", "n.dat", "--attach", "@a.bin"],
                               ["--attach-body", "<b>x</b>", "--attach", "@a.bin"]))
        self.files = {"body.txt": "from a file\n.\n.dot\r\nlast", "a.bin": bytes(range(256)),
                      "b.txt": "attached\n.\n",
                      "data.txt": "From x\nSubject: f\nX: %DATE%\n\n.\nbody %TO_ADDRESS%\n"}
        if "-raw" in self.args or "--show-raw-text" in self.args:  # no date, no process id
            self.add("--data", "Subject: raw\\n\\n%BODY%\\n")
        self.stdin = b"standard input\nsecond line\n"

    def draw(self):
        self.wants = {"pipeline": self.often(22), "prdr": self.often(8), "lmtp": self.often(9),
                      "tls": self.one("starttls", "starttls", "connect") if self.often(28) else "",
                      "auth": self.often(33), "xclient": self.often(14),
                      "proxy": self.one(1, 2) if self.often(6) else 0}
        if self.wants["proxy"] and self.wants["lmtp"]:
            self.wants["lmtp"] = False
        steps = [self.envelope, self.protocol, self.tls, self.auth, self.xclient, self.proxy,
                 self.stops, self.output, self.message]
        for step in steps:
            step()
        self.add("--timeout", "5s")
        self.serve()
        self.behaviour["transport"] = self.one("tcp", "tcp", "tcp", "tcp", "unix", "pipe")
        if self.often(1):
            self.behaviour["transport"] = "nobody"
            nowhere = self.one(
                ["--server", "127.0.0.1", "--port", "1"], ["--server", "127.0.0.1:1"],
                ["--socket", "absent"], ["--pipe", "exit 3"], ["--pipe", "/absent/program -x"],
                ["--pipe", "echo 220 hello"], ["--pipe", "echo 554 no; echo late >&2"])
            if self.wants["tls"] == "connect" and "echo" in nowhere[1]:
                nowhere[1] = "exit 3"  # which of two ends of a pipe is met first is chance
            self.behaviour["words"] = nowhere
        elif self.often(1):
            self.be_silent()
        return self

    def be_silent(self):
        """Somewhere the server falls silent; a second is waited."""
        self.args[self.args.index("5s")] = "1s"
        self.slow = True
        verb = self.one("greeting", "EHLO", "MAIL", "RCPT", "DATA", "DOT", "QUIT")
        action = {"say": self.one("", "250-half\r\n", "garbage\r\n"), "then": "silent"}
        if verb == "greeting":
            self.behaviour["greeting"] = action
        else:
            self.behaviour["verbs"][verb] = [action]
