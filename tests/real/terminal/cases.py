# SPDX-License-Identifier: Apache-2.0
"""`waxseal connect` in a real terminal: a person's keys go in, the screen is looked at. Then the
same in scripts (pipes.py)."""

import re
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

from lab import program

from . import pipes
from .peer import SECRET, USER, ImapPeer, Peer
from .screen import Screen

HELLO = r"^250 ENHANCEDSTATUSCODES$"
PROMPT = r"^smtp>$"


class Scene:
    """One session in a window of its own."""

    def __init__(self, folder, peer, *options, prompt=PROMPT, term=None):
        self.folder = folder
        self.peer = peer
        self.screen = Screen(folder)
        self.number = len(peer.heard)
        words = [str(program.binary()), "connect", "-brief", "127.0.0.1:%d" % peer.port, *options]
        set_term = "TERM=%s " % term if term else ""
        self.screen.type("cd; clear; %s%s 2>/dev/null; echo status=$?\n"
                         % (set_term, " ".join(words)))
        if prompt:
            self.screen.wait(prompt)

    def heard(self):
        return bytes(self.peer.heard[self.number])

    def wait_heard(self, wanted):
        deadline = time.monotonic() + 120
        while wanted not in self.heard():
            if time.monotonic() > deadline:
                raise AssertionError("the server never heard %r but %r" % (wanted, self.heard()))
            time.sleep(0.05)

    def say(self, line, answer):
        """Types a line and waits for its reply, then for the prompt below it."""
        self.screen.type(line + "\n")
        return self.screen.wait(answer + r"(\n.*)*\n\S+>$")

    def ended(self, status=r"\d+"):
        """The shell is back: its terminal must echo as before."""
        shown = self.screen.wait(r"^status=%s$" % status)
        self.screen.type("stty -a | tr ' ;' '\\n\\n' | grep -x -e -*echo -e -*icanon -e -*isig"
                         " | sort | tr '\\n' ' '; echo mo''des\n")
        modes = self.screen.wait(r"^.*modes$")
        assert re.search(r"^echo icanon isig modes$", modes, re.M), modes
        return shown


def dialogue(s):
    s.say("EHLO client", HELLO)
    shown = s.say("RCPT TO:<nobody@x>", r"^550 5\.1\.1 Nobody here")
    assert "5.1.1: the recipient's mailbox does not exist" in shown, shown
    s.screen.type("QUIT\n")
    s.ended("0")
    assert s.heard() == b"EHLO client\r\nRCPT TO:<nobody@x>\r\nQUIT\r\n", s.heard()


def editing(s):
    s.screen.type("NOP one")
    s.screen.press("Home", "Right", "Right", "Right")
    s.screen.type("P")
    s.screen.press("C-k")
    s.screen.wait(r"^smtp> NOPP$")
    s.screen.press("Left", "Left", "DC")
    s.screen.type("O")
    s.screen.wait(r"^smtp> NOOP$")
    s.screen.press("Enter")
    s.screen.wait(r"^250 2\.0\.0 Ok(\n.*)*\nsmtp>$")
    assert s.heard() == b"NOOP\r\n", s.heard()


def history(s):
    s.say("NOOP", r"^250 2\.0\.0 Ok")
    s.say("MAIL FROM:<a@b>", r"^250 2\.1\.0 Ok")
    s.say("AUTH PLAIN AGFubmEAZmFsc2No", r"^535 5\.7\.8 Wrong")
    s.screen.press("Up")
    s.screen.wait(r"^smtp> MAIL FROM:<a@b>$")
    s.screen.press("Up")
    s.screen.wait(r"^smtp> NOOP$")
    s.screen.press("Up")  # nothing is above it: secrets are not remembered
    s.screen.type("x")
    s.screen.wait(r"^smtp> NOOPx$")


def completion(s):
    s.screen.type("eh")
    s.screen.press("Tab")
    s.screen.type("client")
    s.screen.wait(r"^smtp> EHLO client$")
    s.screen.press("Enter")
    s.screen.wait(HELLO)
    s.screen.type("AUTH ")
    s.screen.press("Tab")
    s.screen.wait(r"^PLAIN  LOGIN$")
    s.screen.press("C-u")
    s.screen.type("mail")
    s.screen.press("Tab")
    s.screen.type("> b")
    s.screen.press("Tab")
    s.screen.wait(r"^smtp> MAIL FROM:<> BODY=$")
    s.screen.press("Tab")
    s.screen.wait(r"^BODY=7BIT  BODY=8BITMIME$")
    s.screen.type("8")
    s.screen.press("Tab")
    s.screen.wait(r"^smtp> MAIL FROM:<> BODY=8BITMIME$")
    s.screen.press("C-u")
    s.screen.type(".ren")
    s.screen.press("Tab")
    s.screen.wait(r"^smtp> \.renegotiate$")


def message(s):
    s.say("DATA", r"^354 Go on")
    s.screen.type("Subject: x\n\n.\tdots\n..\n")
    s.screen.press("C-d")
    s.screen.wait(r"A line of a single dot ends the message")
    s.screen.wait(r"^message>$")
    s.screen.type("end\n.\n")
    s.screen.wait(r"^250 2\.0\.0 Taken(\n.*)*\nsmtp>$")
    wanted = b"DATA\r\nSubject: x\r\n\r\n..\tdots\r\n...\r\nend\r\n.\r\n"
    assert s.heard() == wanted, s.heard()


def chunks(s):
    s.screen.type("BDAT 7 LAST\n")
    s.screen.wait(r"^7 bytes>$")
    s.screen.type("abc\n")
    s.screen.wait(r"^2 bytes>$")
    s.screen.type("defg\n")
    s.screen.wait(r"^2 bytes were enough; the rest of the line was not sent\.(\n.*)*\nsmtp>$")
    s.screen.wait(r"^250 2\.0\.0 7 bytes$")
    assert s.heard() == b"BDAT 7 LAST\r\nabc\r\nde", s.heard()


def utf8(s):
    s.screen.type("RCPT TO:<gr\N{LATIN SMALL LETTER U WITH DIAERESIS}\N{EURO SIGN}"
                  "\N{CJK UNIFIED IDEOGRAPH-65E5}x@y>")
    s.screen.wait("TO:<gr\N{LATIN SMALL LETTER U WITH DIAERESIS}")
    s.screen.press("Left", "Left", "Left", "BSpace", "BSpace")
    s.screen.wait("^smtp> RCPT TO:<gr\N{LATIN SMALL LETTER U WITH DIAERESIS}"
                  "\N{EURO SIGN}@y>$")
    s.screen.press("Enter")
    s.screen.wait(r"^250 2\.1\.5 Ok")
    wanted = "RCPT TO:<gr\N{LATIN SMALL LETTER U WITH DIAERESIS}\N{EURO SIGN}@y>\r\n"
    assert s.heard() == wanted.encode(), s.heard()


def interrupt(s):
    s.screen.type("half a line")
    s.screen.press("C-c")
    s.screen.wait(r"^Ctrl-C once more leaves\.\nsmtp>$")
    s.say("NOOP", r"^250 2\.0\.0 Ok")  # between them the count begins anew
    s.screen.press("C-c")
    s.screen.wait(r"2\.0\.0 Ok\nsmtp> \^C\nCtrl-C once more leaves\.\nsmtp>$")
    s.screen.press("C-c")
    s.ended()
    assert s.heard() == b"NOOP\r\n", s.heard()


def end_of_input(s):
    s.screen.type("NO")
    s.screen.press("C-d")  # not on an empty line: nothing
    s.screen.press("C-u")
    s.screen.press("C-d")
    s.ended("0")
    assert s.heard() == b"QUIT\r\n", s.heard()


def unasked_text(s):
    s.say("XLATER", r"^250 2\.0\.0 Wait")
    s.screen.type("NO")
    s.screen.wait(r"^smtp> NO$")
    s.peer.later.set()
    s.screen.wait(r"^250 2\.0\.0 Nobody asked for this line\nsmtp> NO$")
    s.screen.type("OP\n")
    s.screen.wait(r"^250 2\.0\.0 Ok(\n.*)*\nsmtp>$")
    assert s.heard() == b"XLATER\r\nNOOP\r\n", s.heard()


def closed_while_typing(s):
    s.say("XCLOSE", r"^250 2\.0\.0 Soon")
    s.screen.type("MAIL FROM:<someone")
    s.screen.wait(r"^smtp> MAIL FROM:<someone$")
    s.peer.later.set()
    shown = s.ended()
    assert "smtp> MAIL FROM:<someone\nThe server closed the connection.\n" in shown, shown


def broken_off(s):
    s.screen.type("XRESET\n")
    s.screen.wait(r"^The session broke off: the server reset the connection\.$")
    s.ended()


def closed_instead_of_reply(s):
    s.screen.type("XGONE\n")
    s.screen.wait(r"^The server closed the connection\.$")
    s.ended()


def escape_sequences(s):
    shown = s.say("XESCAPE", r"si s\S+$")
    for text in (r"250-\x1B[2J\x1B[1;1Hwiped\x1B]0;title\x07",
                 r"250-\x9B31mred\x08\x08\x08\x00\x7F",
                 "250 \\xE2\\x80\\xAEgnimoc si s\N{LATIN SMALL LETTER U WITH DIAERESIS}"
                 "\N{LATIN SMALL LETTER SHARP S}\N{EURO SIGN}"):
        assert text in shown, shown


def ten_megabytes(s):
    s.screen.type("XBIG 10\n")
    s.screen.wait(r"^250 2\.0\.0 That was it\nsmtp>$", 600)
    s.say("NOOP", r"^250 2\.0\.0 Ok")


def a_flood_can_be_left(s):
    s.screen.type("XFLOOD\n")
    s.screen.wait(r"^x+\nx+$")
    s.screen.press("C-c")
    s.screen.wait(r"^The rest of this reply is not shown\. Ctrl-C once more leaves\.$")
    s.screen.press("C-c")
    s.ended()


def a_silence_can_be_left(s):
    s.screen.type("XSLOW\n")
    s.wait_heard(b"XSLOW\r\n")
    s.screen.press("C-c")
    s.screen.wait(r"^The rest of this reply is not shown\. Ctrl-C once more leaves\.$")
    s.screen.press("C-c")
    s.ended()


def resize(s):
    line = "RCPT TO:<" + "0123456789" * 12 + "@y>"
    s.screen.type(line)
    s.screen.wait(r"@y>$")
    s.screen.resize(50, 20)
    s.screen.wait("^smtp> " + re.escape(line[:44]) + "\n" + re.escape(line[44:94]) + "\n"
                  + re.escape(line[94:]) + "$")
    s.screen.resize(100, 20)
    s.screen.wait("^smtp> " + re.escape(line[:94]) + "\n" + re.escape(line[94:]) + "$")
    s.screen.press("Home")
    s.screen.press("Delete")
    s.screen.press("Enter")
    s.wait_heard(line[1:].encode() + b"\r\n")


def suspend(s):
    s.screen.type("NO")
    s.screen.wait(r"^smtp> NO$")
    s.screen.press("C-z")
    s.screen.wait(r"Stopped")
    s.screen.type("fg\n")
    s.screen.wait(r"^smtp> NO$")
    s.screen.type("OP\n")
    s.screen.wait(r"^250 2\.0\.0 Ok$")


def pasted_lines(s):
    """Many lines at once go out in step; what is typed ahead is not lost."""
    s.screen.type("EHLO c\nMAIL FROM:<a@b>\nRCPT TO:<x@y>\nDATA\nSubject: x\n\nhello\n.\nQUIT\n")
    s.ended("0")
    wanted = (b"EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<x@y>\r\nDATA\r\nSubject: x\r\n\r\nhello\r\n"
              b".\r\nQUIT\r\n")
    assert s.heard() == wanted, s.heard()


def dot_commands(s):
    assert ".keyupdate" in s.say(".help", r"^leaves\), Ctrl-D on .*")
    s.say(".keyupdate", r"^keys updated.*")
    s.say("NOOP", r"^250 2\.0\.0 Ok")
    s.say(".reconnect", r"^connected again.*")
    s.say("NOOP", r"^250 2\.0\.0 Ok")
    s.screen.type(".quit\n")
    s.ended("0")
    assert s.heard() == b"NOOP\r\n", s.heard()
    assert s.peer.heard[s.number + 1] == b"NOOP\r\nQUIT\r\n", s.peer.heard


def login(s):
    s.screen.wait("^Password of %s:$" % USER)
    s.screen.type(SECRET + "\n")
    shown = s.screen.wait(r"^AUTH PLAIN \(hidden\)\n235 2\.7\.0 Welcome\nsmtp>$")
    assert SECRET not in shown and "geheim" not in shown, shown
    s.screen.press("Up")  # no line is remembered
    s.screen.type("x")
    s.screen.wait(r"^smtp> x$")


def login_refused(s):
    s.screen.wait("^Password of %s:$" % USER)
    s.screen.type("wrong\n")
    shown = s.ended()
    assert "535 5.7.8 Wrong" in shown and "5.7.8: the login was refused" in shown, shown
    assert "wrong" not in shown.replace("refused: wrong name", ""), shown


def login_given_up(s):
    s.screen.wait("^Password of %s:$" % USER)
    s.screen.type("half")
    s.screen.press("C-c")
    s.ended()


def dumb_terminal(s):
    """Without line editing the conversation is the same."""
    s.say("EHLO client", HELLO)
    s.say("DATA", r"^354 Go on")
    s.screen.type(".x\n.\n")
    s.screen.wait(r"^250 2\.0\.0 Taken")
    s.screen.press("C-c")
    s.screen.wait(r"Ctrl-C once more leaves")
    s.screen.press("C-d")
    s.ended("0")
    assert s.heard() == b"EHLO client\r\nDATA\r\n..x\r\n.\r\nQUIT\r\n", s.heard()


def history_in_a_file(s):
    """What was typed comes back in the next session; what may hold a secret does not."""
    kept = s.folder / "kept"
    s.say("NOOP", r"^250 2\.0\.0 Ok")
    s.say("AUTH PLAIN AGFubmEAZmFsc2No", r"^535 5\.7\.8 Wrong")
    s.say("EHLO client", HELLO)
    s.screen.press("C-d")
    s.ended("0")
    text = kept.read_text()
    assert "NOOP" in text and "EHLO" in text and "AUTH" not in text, text
    assert kept.stat().st_mode & 0o777 == 0o600, oct(kept.stat().st_mode)
    s.screen.type("clear; %s connect -quiet 127.0.0.1:%d --history kept\n"
                  % (program.binary(), s.peer.port))
    s.screen.wait(PROMPT)
    s.screen.press("Up", "Up")
    s.screen.wait(r"^smtp> NOOP$")


def imap(s):
    s.screen.type("a1 LOGIN {4}\n")
    s.screen.wait(r"^\+ go on\n4 bytes>$")
    s.screen.type("anna x\n")  # the literal, and the rest of the command behind it
    s.screen.wait(r"^a1 OK LOGIN done(\n.*)*\nimap>$")
    s.screen.type("idle\n")
    s.screen.wait(r"^\+ idling\nidle>$")
    s.peer.later.set()
    s.screen.wait(r"^\* 4 EXISTS\nidle>$")
    s.screen.press("C-d")
    s.screen.wait(r"^w1 OK IDLE done(\n.*)*\nimap>$")
    s.screen.press("C-d")
    s.ended("0")
    wanted = b"a1 LOGIN {4}\r\nanna x\r\nw1 idle\r\nDONE\r\nw2 LOGOUT\r\n"
    assert s.heard() == wanted, s.heard()


def terminated(s):
    s.screen.type("half")
    s.screen.wait(r"^smtp> half$")
    s.screen.terminate("waxseal")
    s.ended()


CASES = (
    ("a dialogue, with refusals explained", dialogue, (), {}),
    ("a line is edited", editing, (), {}),
    ("lines come back, secrets do not", history, (), {}),
    ("Tab completes what the server offers", completion, (), {}),
    ("dots of a message are doubled", message, (), {}),
    ("BDAT counts bytes", chunks, (), {}),
    ("UTF-8 is typed and deleted", utf8, (), {}),
    ("Ctrl-C drops the line, twice leaves", interrupt, (), {}),
    ("Ctrl-D on an empty line says QUIT", end_of_input, (), {}),
    ("text nobody asked for stands above the line", unasked_text, (), {}),
    ("the server closes while a line is typed", closed_while_typing, (), {}),
    ("the server closes instead of a reply", closed_instead_of_reply, (), {}),
    ("the session breaks off", broken_off, (), {}),
    ("escape sequences are shown, not obeyed", escape_sequences, (), {}),
    ("ten megabytes of text", ten_megabytes, (), {}),
    ("a flood can be left", a_flood_can_be_left, (), {}),
    ("a silence can be left", a_silence_can_be_left, (), {}),
    ("the window changes its size", resize, (), {}),
    ("Ctrl-Z and fg", suspend, (), {}),
    ("many lines at once", pasted_lines, (), {}),
    ("dot commands", dot_commands, (), {}),
    ("--auth asks without echo", login, ("--auth", USER), {"prompt": None}),
    ("--auth with a wrong password", login_refused, ("--auth", USER), {"prompt": None}),
    ("--auth given up", login_given_up, ("--auth", USER), {"prompt": None}),
    ("a terminal without line editing", dumb_terminal, (), {"term": "dumb"}),
    ("the history in a file", history_in_a_file, ("--history", "kept"), {}),
    ("IMAP: literals and IDLE", imap, ("-protocol", "imap", "-implicit-tls"),
     {"prompt": r"^imap>$"}),
    ("SIGTERM gives the terminal back", terminated, (), {}),
)


def count():
    return len(CASES) + pipes.count()


def _try_case(tap, folder, certificate, case):
    title, test, options, extra = case
    folder.mkdir()
    peer = (ImapPeer if "imap" in options else Peer)(certificate)
    scene, found = None, ""
    try:
        scene = Scene(folder, peer, *options, **extra)
        test(scene)
    except Exception:  # whatever it is, it fails this test and no others
        found = traceback.format_exc()
    finally:
        if scene:
            scene.screen.close()
        peer.close()
    tap.result("terminal: " + title, not found, found)


def run(tap, street, pki):
    certificate = pki.path("ec.all.pem")
    with ThreadPoolExecutor(2) as pool:
        for number, case in enumerate(CASES):
            pool.submit(_try_case, tap, street.folder / ("screen%d" % number), certificate, case)
    pipes.run(tap, street, pki)
