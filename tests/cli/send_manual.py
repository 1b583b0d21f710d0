# SPDX-License-Identifier: Apache-2.0
"""The manual is true: every option is in it, every example works as it stands."""
import os
import pty
import re
import shlex
import subprocess

from send_kit import FOLDER, PROGRAM, SOURCE, SWAKS, environment, path, run, test, tls_context, write
from smtp_server import Server

EHLO = ["PIPELINING", "8BITMIME", "DSN", "REQUIRETLS", "XCLIENT NAME ADDR", "AUTH LOGIN XOAUTH2"]


def manual(**how):
    done = run("--help", code=0, **how)
    assert done.err == "", done
    return done.out


def text_of(name):
    with open(os.path.join(SOURCE, name), encoding="utf-8") as file:
        return file.read()


def options():
    """Names of all options, from the completion."""
    words = subprocess.run([PROGRAM, "completion", "bash"], capture_output=True, check=True,
                           timeout=300).stdout.decode()
    line = re.search(r"^    send\) words='([^']*)'", words, re.M).group(1)
    return [word.lstrip("-") for word in line.split()]


@test
def manual_has_all():
    """--help: every option is in it, once; lines fit 80 columns but for examples; no pager in a pipe"""
    for how, name in (({}, "waxseal send"), ({"swaks": True}, "swaks")):
        text = manual(**how)
        assert text.startswith(name + " - ") and len(options()) > 140
        for option in options():
            found = re.findall(r"^    --?%s(?=[, \n])" % re.escape(option), text, re.M)
            assert len(found) == 1, (option, found)
        for line in text.splitlines():
            assert len(line) <= 80 or line.startswith("      " + name), line
            assert line == line.rstrip() and "\x1b" not in line, line


@test
def options_of_source():
    """--help: no option of the program's table is left out"""
    table = text_of("src/swaks/args_table.c")
    names = re.findall(r'\[SWAKS_OPT_\w+\] =\s*\{\s*"([^" ]+)', table)
    assert len(names) > 140
    assert set(names) - {"trigger-deprecation"} == set(options()), set(names) ^ set(options())


def on_terminal(program, pager):
    master, slave = pty.openpty()
    child = subprocess.Popen([*program, "--help"], stdin=slave, stdout=slave, stderr=slave, cwd=FOLDER,
                             env=environment(PAGER=pager), close_fds=True)
    os.close(slave)
    shown = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(master)
    return child.wait(timeout=300), shown.decode()


@test
def paged():
    """--help on a terminal goes through $PAGER; without one that works it is printed"""
    for program, name in (([PROGRAM, "send"], "waxseal send"), ([SWAKS], "swaks")):
        code, shown = on_terminal(program, "cat > paged." + os.path.basename(program[0]))
        assert code == 0 and "Exit codes" not in shown, shown
        with open(path("paged." + os.path.basename(program[0])), encoding="utf-8") as file:
            assert file.read().startswith(name)
        code, shown = on_terminal(program, "/nonexistent/pager 2>/dev/null")
        assert code == 0 and "Exit codes" in shown, shown


def examples():
    lines = [line.strip() for line in manual().splitlines() if line.startswith("      waxseal send ")]
    assert len(lines) >= 18, lines
    return lines


def prepare():
    write("token", "ya29.token\n")
    write("text.txt", "Hello\n")
    write("letter.eml", b"Subject: letter\r\n\r\nexact\r\n")
    write("photo.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\0" * 50)
    write("odd.script", script_of_manual())


def script_of_manual():
    lines = manual().splitlines()
    start = lines.index("      < 220")
    end = next(n for n in range(start, len(lines)) if not lines[n].startswith("      "))
    return "\n".join(line.strip() for line in lines[start:end]) + "\n"


def sasl(session, line):
    if b"LOGIN" in line:
        for challenge in (b"VXNlcm5hbWU6", b"UGFzc3dvcmQ6"):
            session.send(b"334 " + challenge + b"\r\n")
            session.line()
    return b"235 2.7.0 good\r\n"


def fitted(line, server, lmtp):
    """The example for this machine: its names stand for our server."""
    line = re.sub(r"(mx|mail)\.example\.com(:587)?", server.at, line)
    line = line.replace("/run/dovecot/lmtp", lmtp).replace("exim4 -bs", "sh relay")
    if not re.search(r" (-s|--server|--socket|--pipe) ", line):
        line += " --server " + server.at
    return line.replace("waxseal", shlex.quote(PROGRAM), 1)


# how an example must end, where it is not with 0
ENDS = {"--tls-verify": 29, "tls-policy": 41}


def run_example(line):
    replies = {"RCPT": b"554 5.7.1 no relay\r\n"} if "rcpt=5xx" in line else {"XCLIENT": b"220 x\r\n"}
    lmtp = path("lmtp%d" % abs(hash(line)))
    context = tls_context() if "tls" in line else None
    with Server(EHLO, replies=replies, tls=context, sasl=sasl, ehlo_tls=["REQUIRETLS"]) as server, \
            Server(unix=lmtp):
        write("relay", "exec 3<>/dev/null; printf '220 x\\r\\n'; while read l; do case $l in "
                       "DATA*) printf '354 x\\r\\n'; while read m; do case $m in .*) break;; esac; "
                       "done; printf '250 x\\r\\n';; QUIT*) printf '221 x\\r\\n'; exit;; "
                       "*) printf '250 x\\r\\n';; esac; done\n")
        command = fitted(line, server, lmtp)
        ended = subprocess.run(["bash", "-c", command], cwd=FOLDER, env=environment(), timeout=300,
                               input=b"secret\n", capture_output=True, check=False)
        return ended, command


def example_works(line):
    def works():
        prepare()
        wanted = next((code for word, code in ENDS.items() if word in line), 0)
        ended, command = run_example(line)
        told = (ended.returncode, command, ended.stdout[-1500:], ended.stderr[-800:])
        if "tls-policy" in line:
            assert ended.returncode in (41, 42), told
        else:
            assert ended.returncode == wanted, told
        assert b"secret" not in ended.stdout + ended.stderr
    works.__doc__ = "example: " + line
    return works


for _line in examples():
    test(example_works(_line))


@test
def smuggling_script():
    """the script of the manual tells a server that takes bare line feeds from one that does not"""
    script = write("smuggling.script", script_of_manual())
    for bare, code in ((False, 0), (True, 40)):
        with Server(bare=bare) as server:
            run("--server", server.at, "--script", script, code=code)


def codes_of(text, pattern):
    return {int(code) for code in re.findall(pattern, text, re.M)}


@test
def exit_codes():
    """the exit codes of source, manual and man page are the same"""
    source = codes_of(text_of("src/send/exit.h"), r"SEND_EXIT_\w+ = (\d+)")
    told = manual().split("\nExit codes\n")[1].split("\nSee also")[0]
    assert codes_of(told, r"^    (\d+) ") == source
    page = text_of("docs/waxseal.1").split("exits with the codes of")[1].split(".SH ")[0]
    assert codes_of(page, r"^\.B (\d+)$") == source, codes_of(page, r"^\.B (\d+)$") ^ source


@test
def completions():
    """bash and zsh completion name the options of send, and bash reads its own without complaint"""
    for shell in ("bash", "zsh"):
        text = subprocess.run([PROGRAM, "completion", shell], capture_output=True, check=True,
                              timeout=300).stdout.decode()
        dashes = {"bash": "--", "zsh": "{-,--}'"}[shell]
        for option in ("tls-policy", "script", "expect", "quit-after"):
            assert dashes + option in text, (shell, option)
        if shell == "bash":
            write("completion", text)
            subprocess.run(["bash", "-n", path("completion")], check=True, timeout=300)
        else:  # single quotes pair up on every line of options
            for line in text.splitlines():
                if line.startswith("            {-,--}'"):
                    assert line.replace("'\\''", "").count("'") == 2, line


@test
def help_of_waxseal():
    """waxseal help send, and send's part of README and man page, speak of what there is"""
    done = subprocess.run([PROGRAM, "help", "send"], capture_output=True, timeout=300, check=True)
    assert b"--tls-policy" in done.stdout
    names = set(options())
    for name in ("README.md", "docs/waxseal.1.in"):
        part = re.search(r"(?s)(## Any SMTP|\.SH SWAKS).*?\n(## |\.SH )", text_of(name)).group(0)
        for option in re.findall(r"(?<![\w-])--([a-z][a-z0-9-]+)", part.replace("\\-", "-")):
            assert option in names, (name, option)
