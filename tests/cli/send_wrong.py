# SPDX-License-Identifier: Apache-2.0
"""Wrong command lines, values and files: one clear line, the documented exit code, no connection.

A row: what is wrong, the words of the command line, what the line must name. {cert}, {key}, {other},
{locked}, {empty}, {folder}, {secret}, {AT} stand for files and for a server; {AT} is added where no
server, socket or pipe is named.
"""
import os

from send_kit import FOLDER, path, run, test, write
from smtp_server import Server

TLS = ["-tls", "-q", "TLS"]

ROWS = [
    # ---- options
    ("unknown option with a neighbour", ["--srever", "x"], ["--srever", "--server"]),
    ("unknown option without one", ["--zzzzzzz"], ["--zzzzzzz", "--help"]),
    ("ambiguous abbreviation", ["--tls-c", "x"], ["--tls-c", "--tls-ca-path", "--tls-cert"]),
    ("value missing at the end", ["--server", "{AT}", "--quit-after"], ["--quit-after", "POINT"]),
    ("value missing behind =", ["--protocol="], ["--protocol"]),
    ("value for a flag", ["--tls=yes"], ["--tls", "no value"]),
    ("stray word", ["you@example.org"], ["you@example.org"]),
    ("two stray words", ["a", "b"], ["'a'", "'b'"]),
    ("empty value", ["--tls-sni", "", *TLS], ["--tls-sni"]),
    # ---- transport
    ("port that is a word", ["--port", "smpt"], ["smpt", "port"]),
    ("port 0", ["--port", "0"], ["port", "0"]),
    ("port 99999", ["--port", "99999"], ["port", "99999"]),
    ("negative port", ["--port", "-1"], ["-1"]),
    ("port 0 in --server", ["--server", "127.0.0.1:0"], ["0", "port"]),
    ("port 99999 in --server", ["--server", "127.0.0.1:99999"], ["99999", "port"]),
    ("source port that is none", ["--local-port", "99999"], ["99999", "port"]),
    ("server and pipe", ["--server", "{AT}", "--pipe", "cat"], ["--server", "--pipe"]),
    ("server and socket", ["--server", "{AT}", "--socket", "/x"], ["--server", "--socket"]),
    ("-4 and -6", ["-4", "-6"], ["-4", "-6"]),
    ("-6 with an IPv4 server", ["-6", "--server", "{AT}"], ["-6", "IPv4"]),
    ("-4 with an IPv6 server", ["-4", "--server", "[::1]:9"], ["-4", "IPv6"]),
    ("source address of the other family", ["-li", "::1"], ["--local-interface", "IPv"]),
    ("proxy that is none", ["--via-proxy", "ftp://x"], ["--via-proxy", "socks5://"]),
    ("proxy without a host", ["--via-proxy", "socks5://"], ["--via-proxy", "socks5://HOST"]),
    ("proxy with a bad port", ["--via-proxy", "http://h:99999"], ["--via-proxy", "h:99999"]),
    # ---- protocol, envelope
    ("protocol that is none", ["--protocol", "FTP"], ["--protocol", "ftp", "ESMTP", "LMTP"]),
    ("stop point that is none", ["-q", "LUNCH"], ["--quit-after", "lunch", "rcpt"]),
    ("quit after DATA", ["-q", "DATA"], ["--quit-after", "data"]),
    ("drop point that is none", ["-da", "x"], ["--drop-after", "dot"]),
    ("drop point after sending", ["-das", "x"], ["--drop-after-send", "dot"]),
    ("time that is none", ["--timeout", "soon"], ["--timeout", "soon", "30"]),
    ("time with a wrong unit", ["--timeout", "3d"], ["--timeout", "3d"]),
    ("lapse that is none", ["-stl", "x"], ["--show-time-lapse", "x"]),
    ("no recipient", ["--to", ","], ["--to", "ADDRESS"]),
    ("address with a line end", ["--to", "a@b\r\nRCPT TO:<c@d>"], ["--to", "control"]),
    ("address in brackets", ["--to", "<a@b>"], ["--to", "brackets"]),
    ("address with a blank", ["--to", "a b@c"], ["--to", "blank"]),
    ("sender with a line end", ["--from", "a@b\nX"], ["--from", "control"]),
    ("sender with an open quotation", ["--from", '"a@b'], ["--from", "quotation"]),
    ("address that is no UTF-8", ["--to", os.fsdecode(b"\xff@b")], ["--to", "UTF-8"]),
    ("name in HELO with a blank", ["--helo", "my host"], ["--helo", "my host"]),
    ("name in HELO with a line end", ["--helo", "a\r\nNOOP"], ["--helo"]),
    # ---- TLS
    ("TLS version that is none", ["--tls-protocol", "tlsv9", *TLS], ["--tls-protocol", "tlsv9"]),
    ("TLS versions mixed", ["-tlsp", "tlsv1_2,no_tlsv1_3", *TLS], ["--tls-protocol", "no_"]),
    ("certificate without key", ["--tls-cert", "{cert}", *TLS], ["--tls-cert", "--tls-key"]),
    ("chain without certificate", ["--tls-chain", "{cert}", *TLS], ["--tls-chain", "--tls-cert"]),
    ("authorities nowhere", ["--tls-ca-path", "/nonexistent", *TLS], ["--tls-ca-path",
                                                                      "/nonexistent"]),
    ("policy that is none", ["--tls-policy", "strict"], ["--tls-policy", "strict", "dane"]),
    # ---- AUTH
    ("mechanism that is none", ["-a", "KERBEROS", "-au", "u", "-ap", "p"], ["KERBEROS", "--auth"]),
    ("map that is none", ["-a", "-am", "x", "-au", "u", "-ap", "p"], ["--auth-map", "ALIAS=TYPE"]),
    ("extra that is none", ["-a", "-ae", "x", "-au", "u", "-ap", "p"], ["--auth-extra",
                                                                       "KEY=VALUE"]),
    ("extra that nobody knows", ["-a", "-ae", "x=y", "-au", "u", "-ap", "p"], ["--auth-extra",
                                                                              "realm"]),
    # ---- XCLIENT, PROXY
    ("PROXY header and its parts", ["--proxy", "TCP4 a", "--proxy-family", "TCP4"], ["--proxy"], 35),
    ("PROXY version 3", ["--proxy-version", "3", "--proxy-family", "TCP4"], ["--proxy-version", "3"],
     35),
    ("PROXY header with parts missing", ["--proxy-family", "TCP4"], ["source", "--proxy-"], 35),
    ("PROXY family that is none", ["--proxy-family", "TCP9", "--proxy-source", "1.2.3.4",
                                   "--proxy-source-port", "1", "--proxy-dest", "1.2.3.4",
                                   "--proxy-dest-port", "1"], ["--proxy-family", "TCP9"], 35),
    # ---- message
    ("body file missing", ["--body", "@/nonexistent"], ["--body", "/nonexistent"]),
    ("data file missing", ["--data", "@/nonexistent"], ["--data", "/nonexistent"]),
    ("attachment missing", ["--attach", "@/nonexistent"], ["--attach", "/nonexistent"]),
    ("attached file missing", ["--attach-file", "/nonexistent"], ["--attach-file", "/nonexistent"]),
    ("attached folder", ["--attach-file", "{folder}"], ["--attach-file", "{folder}"]),
    ("inline file missing", ["--attach-inline", "/nonexistent,x"], ["--attach-inline",
                                                                    "/nonexistent"]),
    ("message missing", ["--message", "/nonexistent"], ["--message", "/nonexistent"]),
    ("message is a folder", ["--message", "{folder}"], ["--message", "{folder}"]),
    ("header without colon", ["--header", "Subject hello"], ["--header", "Subject hello"]),
    ("header with a blank in its name", ["--add-header", "My Header: x"], ["--add-header",
                                                                          "My Header"]),
    ("charset that is none", ["--body-charset", "utf 8"], ["--body-charset", "utf 8"]),
    ("MIME type that is none", ["--attach-type", "picture", "--attach", "x"], ["--attach-type",
                                                                              "picture"]),
    # ---- beyond
    ("DSN time that is none", ["--dsn-notify", "ALWAYS"], ["--dsn-notify", "ALWAYS", "SUCCESS"]),
    ("DSN never and more", ["--dsn-notify", "NEVER,DELAY"], ["--dsn-notify", "NEVER"]),
    ("DSN return that is none", ["--dsn-ret", "HALF"], ["--dsn-ret", "FULL"]),
    ("chunk of no size", ["--chunking", "big"], ["--chunking", "big", "bytes"]),
    ("chunk of size 0", ["--chunking", "0"], ["--chunking", "0"]),
    ("rule that is none", ["--lax", "everything"], ["--lax", "everything", "rcpt"]),
    ("script missing", ["--script", "/nonexistent"], ["--script", "/nonexistent"]),
    ("script with a bad line", ["--script", "{script}"], ["--script", "{script}:2:", "speak"]),
    ("expectation without code", ["--expect", "rcpt"], ["--expect", "STEP=CODE"]),
    ("expectation of a step that is none", ["--expect", "lunch=250"], ["--expect", "lunch"]),
    ("expectation of a code that is none", ["--expect", "rcpt=fine"], ["--expect", "fine"]),
    ("repeat 0", ["--repeat", "0"], ["--repeat", "0"]),
    ("repeat a word", ["--repeat", "often"], ["--repeat", "often"]),
    ("concurrency too high", ["--repeat", "9", "--concurrency", "99999"], ["--concurrency", "99999"]),
    ("concurrency without repeat", ["--concurrency", "5"], ["--concurrency", "--repeat"]),
    ("XFORWARD source that is none", ["--xforward-source", "MARS"], ["--xforward-source", "LOCAL"]),
    ("resolver that is none", ["--resolver", "not an address"], ["resolver", "not an address"]),
    ("hosts file missing", ["--hosts", "/nonexistent"], ["hosts", "/nonexistent"]),
    # ---- output and configuration
    ("output file in no folder", ["--output-file", "/nonexistent/x"], ["/nonexistent/x"]),
    ("output is a folder", ["--output-file-stdout", "{folder}"], ["{folder}"]),
    ("config missing", ["--config", "/nonexistent"], ["/nonexistent"]),
    ("config with a wrong option", ["--config", "{rc}"], ["{rc}", ":3", "srever"]),
    ("config with a missing value", ["--config", "{rc2}"], ["{rc2}", ":2", "--protocol"]),
    ("config is a folder", ["--config", "{folder}"], ["{folder}"]),
    ("silent 9", ["--silent", "9"], ["--silent", "9"]),
    ("dump of nothing known", ["--dump", "WEATHER"], ["--dump", "WEATHER", "TRANSPORT"]),
    ("hostile option name", ["--\x1b[31mred"], ["\\x1B"]),
    ("long option name", ["--" + "a" * 5000], ["no option"]),
]

# Wrong files of TLS show at the handshake: exit 29
HANDSHAKE = [
    ("key of another certificate", ["--tls-cert", "{cert}", "--tls-key", "{other}"], ["--tls-key",
                                                                                     "{other}"]),
    ("encrypted key", ["--tls-cert", "{cert}", "--tls-key", "{locked}"], ["--tls-key", "{locked}"]),
    ("empty PEM", ["--tls-cert", "{empty}", "--tls-key", "{key}"], ["--tls-cert", "{empty}"]),
    ("empty key", ["--tls-cert", "{cert}", "--tls-key", "{empty}"], ["--tls-key", "{empty}"]),
    ("certificate missing", ["--tls-cert", "/nonexistent", "--tls-key", "{key}"], ["--tls-cert",
                                                                                  "/nonexistent"]),
    ("cipher list that is none", ["--tls-cipher", "NOSUCH"],
     ["--tls-cipher NOSUCH", "go to --tls-ciphersuites)"]),
    ("suites that are none", ["--tls-ciphersuites", "NOSUCH"],
     ["--tls-ciphersuites NOSUCH", "go to --tls-cipher)"]),
    ("groups that are none", ["--tls-groups", "nosuch"], ["--tls-groups", "nosuch"]),
    ("schemes that are none", ["--tls-sigalgs", "nosuch"], ["--tls-sigalgs", "nosuch"]),
    ("ALPN with an empty name", ["--tls-alpn", "a,,b"], ["--tls-alpn a,,b: "]),
    ("authorities without certificates", ["--tls-ca-path", "{empty}", "--tls-verify"],
     ["--tls-ca-path", "{empty}"]),
]
FILES = {}


def files():
    if not FILES:
        os.mkdir(path("folder"))
        FILES.update({name: path(name + ".pem") for name in ("cert", "key", "other", "locked")})
        FILES.update(empty=write("empty.pem", ""), folder=path("folder"),
                     script=write("bad.script", "> EHLO x\nspeak up\n"),
                     rc=write("bad.rc", "# mine\nto a@b\nsrever x\n"),
                     rc2=write("bad2.rc", "to a@b\nprotocol\n"))
    return FILES


def fill(text, at):
    if "{" not in text:
        return text
    return text.replace("{AT}", at).format(**files())


def one_line(done):
    assert done.err.endswith("\n") and done.err.count("\n") == 1, "not one line: %s" % done
    assert not any(ord(c) < 32 for c in done.err[:-1]), repr(done.err)


def wrong(what, words, named, code=1):
    def check():
        with Server() as s:
            args = [fill(word, s.at) for word in words]
            if "--to" not in args:
                args = ["--to", "you@example.org", *args]
            if not {"--server", "--socket", "--pipe"} & set(args):
                args += ["--server", s.at]
            done = run(*args, code=code)
            one_line(done)
            assert done.out == "", done
            for name in named:
                assert fill(name, s.at) in done.err, "%r is not named: %s" % (name, done)
            assert not s.sessions, "it connected: %s" % done
            run(*args, swaks=True)
    check.__doc__ = "wrong: " + what
    return check


def wrong_at_handshake(what, words, named):
    def check():
        from send_kit import tls_context
        with Server(tls=tls_context()) as s:
            args = ["--to", "you@example.org", "--server", s.at, "-tls",
                    *(fill(word, s.at) for word in words)]
            done = run(*args, code=29)
            for name in named:
                assert fill(name, s.at) in done.err, "%r is not named: %s" % (name, done)
            assert not s.session.said("MAIL"), done
    check.__doc__ = "wrong: " + what
    return check


files()
for _row in ROWS:
    test(wrong(*_row))
for _row in HANDSHAKE:
    test(wrong_at_handshake(*_row))


@test
def environment_wrong():
    """wrong: a variable of the environment is named"""
    done = run("--to", "a@b", "--server", "127.0.0.1:9", env={"SWAKS_OPT_srever": "x"}, code=1)
    one_line(done)
    done.shows("SWAKS_OPT_srever")


@test
def netrc_unreadable():
    """wrong: an unreadable ~/.netrc is told when a password is wanted from it"""
    os.makedirs(os.path.join(FOLDER, "home2", ".netrc"))
    done = run("--to", "a@b", "--server", "127.0.0.1:9", "-a", "PLAIN",
               env={"HOME": path("home2")}, code=1)
    done.shows(".netrc")


@test
def output_full():
    """wrong: standard output that can't be written is not passed over in silence"""
    with Server() as s:
        import subprocess
        from send_kit import PROGRAM, environment
        with open("/dev/full", "wb") as full:
            ended = subprocess.run([PROGRAM, "send", "--to", "a@b", "--server", s.at], check=False,
                                   stdin=subprocess.DEVNULL, stdout=full, timeout=300,
                                   stderr=subprocess.PIPE, env=environment())
        assert b"Sanitizer" not in ended.stderr and ended.returncode >= 0, ended


@test
def same_words_as_swaks():
    """wrong: called as swaks the words are those of swaks"""
    for args, text in ((["--foobar"], "Unknown option: foobar\n"),
                       (["--tls-c", "x"], "Option tls-c is ambiguous (tls-ca-path, tls-cert, "
                        "tls-chain, tls-cipher)\n"),
                       (["-q"], "Option q requires an argument\n"),
                       (["x"], "*** Data left in option list when processing  command line ('x').  "
                        "Exiting\n"),
                       (["--to", "a@b", "--server", "h", "--pipe", "x"],
                        "*** Multiple transport types specified, exiting\n")):
        assert run(*args, swaks=True, code=1).err == text, args
