# SPDX-License-Identifier: Apache-2.0
"""Writes TAP: the plan first, then one line per test, diagnostics as comments."""

import threading


class Tap:
    def __init__(self, planned):
        self._planned = planned
        self._number = 0
        self._lock = threading.Lock()
        self.failures = 0
        print("1..%d" % planned, flush=True)

    def result(self, name, passed, details=""):
        with self._lock:
            self._number += 1
            self.failures += not passed
            print("%s %d - %s" % ("ok" if passed else "not ok", self._number, name))
            if not passed:
                for line in str(details).rstrip("\n").split("\n"):
                    print("#   " + line)
            print(end="", flush=True)

    def status(self):
        """The exit status: 0 when every planned test ran and passed."""
        return 0 if self._number == self._planned and not self.failures else 1
