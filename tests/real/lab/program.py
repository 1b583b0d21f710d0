# SPDX-License-Identifier: Apache-2.0
"""Runs the program under test and reads its JSON."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import schema
from .unpacked import ROOT

SECONDS = 300
SCHEMA = ROOT / "docs" / "waxseal.schema.json"


@dataclass(frozen=True)
class Answer:
    status: int
    document: object  # None when standard output is no JSON
    problems: tuple  # what is wrong with the output as such
    shown: str  # the command and what it said, for diagnostics

    @property
    def target(self):
        return _dig(self.document, "targets", 0) or {}

    @property
    def endpoint(self):
        return _dig(self.target, "endpoints", 0) or {}

    @property
    def findings(self):
        return [f for f in self.target.get("findings", []) if isinstance(f, dict)]

    def get(self, *path):
        """What is at this path below the first endpoint, None where there is nothing."""
        return _dig(self.endpoint, *path)


def _dig(value, *path):
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def binary():
    return Path(os.environ.get("WAXSEAL") or ROOT / "build" / "waxseal").absolute()


def check(*arguments, hosts=None, codes=(0, 1, 2, 3)):
    """Runs `waxseal check --json` and judges its output as such: exit status, JSON, schema."""
    argv = [str(binary()), "check", "--json"]
    if hosts:
        argv += ["--hosts", str(hosts)]
    argv += [str(a) for a in arguments]
    try:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired) as problem:
        return Answer(-1, None, (str(problem),), " ".join(argv))
    out = done.stdout.decode(errors="replace")
    err = done.stderr.decode(errors="replace")
    found = [] if done.returncode in codes else ["exit status %d" % done.returncode]
    if "Sanitizer" in err or "runtime error" in err:
        found.append("the sanitizer complains")
    document = None
    try:
        document = json.loads(out)
        found += schema.problems(document, json.loads(SCHEMA.read_text()))
    except OSError as problem:
        found.append(str(problem))
    except ValueError as problem:
        found.append("no JSON: %s" % problem)
    shown = "%s\nexit status %d\n%s%s" % (" ".join(argv), done.returncode, err[-3000:], out[-6000:])
    return Answer(done.returncode, document, tuple(found), shown)
