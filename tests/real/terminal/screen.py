# SPDX-License-Identifier: Apache-2.0
"""A real terminal: one window of a tmux server of its own, with a shell in it."""

import os
import re
import signal
import subprocess
import time

SECONDS = 120.0


class Screen:
    def __init__(self, folder, columns=80, rows=24):
        self._socket = str(folder / "tmux")
        env = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8",
               "HOME": str(folder), "TERM": "xterm-256color", "SHELL": "/bin/sh",
               "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")}
        self._env = env
        self._tmux("new-session", "-d", "-x", str(columns), "-y", str(rows),
                   "exec /bin/bash --norc --noprofile")
        self._tmux("set-option", "-g", "history-limit", "200")
        self.type("PS1='ready> '; clear\n")
        self.wait(r"^ready>$")

    def _tmux(self, *arguments):
        return subprocess.run(["tmux", "-S", self._socket, "-f", "/dev/null", *arguments],
                              env=self._env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=SECONDS, check=True).stdout.decode()

    def close(self):
        subprocess.run(["tmux", "-S", self._socket, "kill-server"], env=self._env, timeout=SECONDS,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)

    def type(self, text):
        """Text as a keyboard gives it; a line end is the Enter key."""
        for i, line in enumerate(text.split("\n")):
            if i > 0:
                self._tmux("send-keys", "Enter")
            if line:
                self._tmux("send-keys", "-l", "--", line)

    def press(self, *keys):
        """Keys by tmux's names: C-c, Tab, Up."""
        self._tmux("send-keys", *keys)

    def terminate(self, name):
        """SIGTERM to the program of this name that the window's shell started."""
        shell = self._tmux("display-message", "-p", "#{pane_pid}").strip()
        with open("/proc/%s/task/%s/children" % (shell, shell), encoding="ascii") as children:
            for child in children.read().split():
                with open("/proc/%s/comm" % child, encoding="ascii") as comm:
                    if comm.read().strip() == name:
                        os.kill(int(child), signal.SIGTERM)
                        return
        raise AssertionError("the shell runs no " + name)

    def resize(self, columns, rows):
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def text(self):
        """What is on the screen now, without blanks at the ends."""
        return self._tmux("capture-pane", "-p").rstrip("\n")

    def wait(self, pattern, seconds=SECONDS):
        """Waits until the screen shows it; returns the screen. Fails with the screen otherwise."""
        deadline = time.monotonic() + seconds
        while True:
            shown = self.text()
            if re.search(pattern, shown, re.M):
                return shown
            if time.monotonic() > deadline:
                raise AssertionError("no %r on the screen within %d s:\n%s"
                                     % (pattern, seconds, shown))
            time.sleep(0.05)
