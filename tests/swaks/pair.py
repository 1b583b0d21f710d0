# SPDX-License-Identifier: Apache-2.0
"""pair - one command line, run by swaks and by waxseal called as swaks, and what differs.

Both run in the same folder, made anew for each, with the same files, input and environment; then
their outputs are made comparable and compared: standard output, standard error, exit status and
the files they left.
"""

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))
ORACLE = os.environ.get("SWAKS", "/usr/bin/swaks")
OURS = os.environ.get("WAXSEAL_AS_SWAKS", os.path.join(HERE, "../../build/swaks"))
ORACLE_VERSION = "20201014.0"
TIME_LIMIT = 120

# Each turns what differs between two runs of the same program into one text.
MUNGE = tuple((re.compile(pattern, re.MULTILINE), text) for pattern, text in (
    (r"GLOB\(0x[0-9a-f]+\)", "GLOB"),
    (r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4}", "DATE"),
    (r"\b\d{14}\.\d+@", "MESSAGEID@"),
    (r"MIME_BOUNDARY_\d+_\d+", "MIME_BOUNDARY"),
    (r"response in \d+(\.\d+)?s", "response in TIME"),
    (r"^(\s*)(local_port|PID)( *= *)\d+$", r"\1\2\3NUMBER"),
))


@dataclass
class Case:
    """One command line and what is around it. `peer` is called with the folder before each run and
    gives words for the command line ("{peer}" in `args` stands for them) and a way to end it."""
    args: list
    files: dict = field(default_factory=dict)  # name in the folder: text or bytes
    env: dict = field(default_factory=dict)
    stdin: bytes = b""
    peer: object = None


@dataclass
class Outcome:
    stdout: str
    stderr: str
    status: object  # an exit status, "signal N", or "does not end"
    files: dict

    def shown(self):
        parts = ["exit %s" % self.status, "--- stdout", self.stdout, "--- stderr", self.stderr]
        for name, text in sorted(self.files.items()):
            parts += ["--- file " + name, text]
        return "\n".join(parts)


def munged(data, folder):
    text = data.decode("latin-1").replace(folder, "FOLDER")
    for pattern, replacement in MUNGE:
        text = pattern.sub(replacement, text)
    return text


def prepare(folder, case):
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    for name, content in case.files.items():
        data = content.encode() if isinstance(content, str) else content
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data.replace(b"{folder}", folder.encode()))


def left_behind(folder, case):
    """Files that were not there before."""
    found = {}
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if name not in case.files and os.path.isfile(path):
            with open(path, "rb") as f:
                found[name] = munged(f.read(), folder)
    return found


def environment(folder, case):
    env = {"PATH": "/usr/bin:/bin", "HOME": folder, "LANG": "C.UTF-8", "LOGNAME": "tester",
           "TZ": "UTC", "WAXSEAL_SWAKS_VERSION": ORACLE_VERSION}
    env.update((k, v) for k, v in os.environ.items() if k.endswith("SAN_OPTIONS"))
    env.update((k, v.replace("{folder}", folder)) for k, v in case.env.items())
    return env


def run(program, folder, case):
    """What `program` does with the case."""
    prepare(folder, case)
    words, stop = case.peer(folder) if case.peer else ([], None)
    args = []
    for word in case.args:
        args += words if word == "{peer}" else [word.replace("{folder}", folder)]
    try:
        done = subprocess.run([ORACLE, *args], executable=program, input=case.stdin, cwd=folder,
                              env=environment(folder, case), capture_output=True,
                              timeout=TIME_LIMIT, check=False)
        status = done.returncode if done.returncode >= 0 else "signal %d" % -done.returncode
        out, err = done.stdout, done.stderr
    except subprocess.TimeoutExpired as late:
        status, out, err = "does not end", late.stdout or b"", late.stderr or b""
    finally:
        if stop:
            stop()
    return Outcome(munged(out, folder), munged(err, folder), status, left_behind(folder, case))


def compare(case):
    """The outcomes (swaks', ours) of the case."""
    with tempfile.TemporaryDirectory(prefix="waxseal-pair-") as base:
        folder = os.path.join(base, "w")
        return run(ORACLE, folder, case), run(OURS, folder, case)
