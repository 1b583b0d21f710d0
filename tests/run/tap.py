# SPDX-License-Identifier: Apache-2.0
"""Reads TAP (Test Anything Protocol) and turns it into counts.

Stricter than the protocol: a skipped test counts as failed, as do a missing plan, a plan that does
not match what ran, "Bail out!" and a program that fails without saying which test did.
"""

import re
from dataclasses import dataclass, field

_LINE = re.compile(r"^(not )?ok\b\s*(\d+)?\s*(?:-\s*)?(.*)$")
_PLAN = re.compile(r"^1\.\.(\d+)\s*(#.*)?$")
_SKIP = re.compile(r"(?<!\\)#\s*(skip|todo)\b", re.IGNORECASE)


@dataclass
class Result:
    """What a stage or a part of one came to."""

    passed: int = 0
    failures: list = field(default_factory=list)  # (name, details) pairs

    def add(self, other):
        self.passed += other.passed
        self.failures += other.failures

    def ok(self):
        self.passed += 1

    def fail(self, name, details=""):
        self.failures.append((name, details))


def tail(text, lines=40):
    """The last lines of a text, for a failure report."""
    return "\n".join(text.rstrip("\n").split("\n")[-lines:])


def parse(text, status, where):
    """The Result of a TAP program that wrote text and exited with status (None: ran out of time)."""
    result = Result()
    planned, seen = 0, 0
    plans = 0
    lines = [line.rstrip("\r") for line in text.split("\n")]
    for number, line in enumerate(lines):
        plan = _PLAN.match(line)
        if plan:
            planned += int(plan.group(1))
            plans += 1
            continue
        if line.startswith("Bail out!"):
            result.fail(where + ": " + line, tail(text))
            continue
        test = _LINE.match(line)
        if not test:
            continue
        seen += 1
        name = where + ": " + (test.group(3).strip() or "test %d" % seen)
        if test.group(1) or _SKIP.search(test.group(3)):
            result.fail(name, _around(lines, number))
        else:
            result.ok()
    _check_whole(result, text, status, where, (plans, planned, seen))
    return result


def _around(lines, number):
    """What stands around a test's line, up to its neighbours: some programs explain a failure
    before it, some after."""
    first, last = number, number + 1
    while first > 0 and number - first < 20 and not _LINE.match(lines[first - 1]):
        first -= 1
    while last < len(lines) and last - number < 40 and not _LINE.match(lines[last]):
        last += 1
    return "\n".join(line for line in lines[first:last] if line)


def _check_whole(result, text, status, where, counts):
    """Adds the failures that no single test line tells."""
    plans, planned, seen = counts
    if status is None:
        result.fail(where + ": ran out of time", tail(text))
    elif status != 0 and not result.failures:
        result.fail(where + ": exit status %d" % status, tail(text))
    elif seen == 0:
        result.fail(where + ": ran no test", tail(text))
    elif plans == 0:
        result.fail(where + ": has no plan", tail(text))
    elif planned != seen and not result.failures:
        result.fail(where + ": planned %d tests, ran %d" % (planned, seen), tail(text))


class Writer:
    """Writes TAP: one call of ok() per test, then done()."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def ok(self, good, name, details=()):
        self.count += 1
        print("%sok %d - %s" % ("" if good else "not ", self.count, name.replace("#", "\\#")), flush=True)
        if not good:
            self.failed += 1
            for line in details:
                print("#   " + line.replace("\n", "\n#   "), flush=True)
        return good

    def done(self):
        print("1..%d" % self.count, flush=True)
        return 1 if self.failed or not self.count else 0
