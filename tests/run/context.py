# SPDX-License-Identifier: Apache-2.0
"""What every stage is given: where things are, and how to run a program within bounds."""

import copy
import os
import select
import shlex
import shutil
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# Settings of the caller that would change what is built or how it behaves.
_UNWANTED = (
    "CC", "CFLAGS", "CPPFLAGS", "LDFLAGS", "CPATH", "C_INCLUDE_PATH", "LIBRARY_PATH",
    "LD_LIBRARY_PATH", "LD_PRELOAD", "MAKEFLAGS", "NO_COLOR", "CLICOLOR_FORCE", "PYTHONPATH",
    "DEB_BUILD_OPTIONS", "SSL_CERT_FILE", "SSL_CERT_DIR", "OPENSSL_CONF", "NINJA_STATUS",
)
_STANDARD_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def clean_environment():
    """The caller's environment without what would make a test run differ from machine to machine."""
    env = {k: v for k, v in os.environ.items() if k not in _UNWANTED}
    env["PATH"] = _STANDARD_PATH + ":" + os.environ.get("PATH", "")
    env["LC_ALL"] = "C.UTF-8"
    env["TZ"] = "UTC"
    env["ASAN_OPTIONS"] = "detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1"
    env["UBSAN_OPTIONS"] = "halt_on_error=1:print_stacktrace=1"
    return env


class Outcome:
    """How a program ended: status (None when its time ran out) and what it wrote."""

    def __init__(self, status, text):
        self.status = status
        self.text = text


GIVES_WAY = 5  # how much nicer programs are that nobody waits for


class Context:
    """`cpu` counts the seconds of processor time, user and system, that its programs took."""

    def __init__(self, root, jobs):
        self.root = Path(root)
        self.out = self.root / "build-tests"
        self.logs = self.out / "logs"
        self.jobs = jobs
        self.env = clean_environment()
        self.cpu = 0.0
        self._nice = 0
        self._running = set()
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self.logs.mkdir(parents=True, exist_ok=True)

    def of_stage(self, gives_way):
        """The same for one stage, with a count of its own. What gives way leaves the cores to tests
        that wait for each other's answers, and computes while they wait."""
        mine = copy.copy(self)
        mine.cpu = 0.0
        mine._nice = GIVES_WAY if gives_way else 0
        return mine

    def build_dir(self, name):
        return self.out / name

    def log_path(self, name):
        path = self.logs / (name.replace("/", "_") + ".log")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def run(self, argv, log, timeout, cwd=None, env=None, stdout_only=False):
        """Runs argv with its output in the named log. stdout_only keeps standard error in the log
        <name>.stderr, out of the returned text. Whatever the program leaves running is ended."""
        path = self.log_path(log)
        error = self.log_path(log + ".stderr") if stdout_only else None
        with open(path, "wb") as out, open(error or os.devnull, "wb") as err:
            status = self._run(argv, timeout, cwd, {**self.env, **(env or {})}, out,
                               err if error else subprocess.STDOUT)
        text = path.read_text(errors="replace")
        if status != 0 and error:
            text += error.read_text(errors="replace")
        return Outcome(status, text)

    def _run(self, argv, timeout, cwd, env, out, err):
        argv = [str(a) for a in argv]
        out.write(("# $ " + shlex.join(argv) + "\n").encode())
        out.flush()
        try:
            child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                     cwd=cwd or self.root, env=env, start_new_session=True)
        except OSError as problem:
            out.write(("cannot run: %s\n" % problem).encode())
            return 127
        with self._lock:
            self._running.add(child.pid)
            if self._stopped.is_set():
                kill_group(child.pid)
        try:
            os.setpriority(os.PRIO_PGRP, child.pid, self._nice)
        except OSError:
            pass  # it ended already, or somebody else's program became of it
        in_time = ends_within(child.pid, timeout)
        kill_group(child.pid)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        with self._lock:
            self._running.discard(child.pid)
            self.cpu += usage.ru_utime + usage.ru_stime
        if not in_time:
            out.write(b"\n# ran out of time, ended\n")
        return child.returncode if in_time else None

    def stop(self):
        """Ends every program that is running: the user gave up."""
        with self._lock:
            self._stopped.set()
            for pid in self._running:
                kill_group(pid)

    def each(self, function, items):
        """Calls function on every item, as many at once as this context may use cores."""
        with ThreadPoolExecutor(max_workers=self.jobs) as pool:
            return list(pool.map(function, items))

    def files(self, *suffixes, under=("",)):
        """The project's text files: tracked, or new and not ignored; suffixes () means all."""
        listed = subprocess.run(
            ["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"],
            cwd=self.root, env=self.env, stdout=subprocess.PIPE, check=True).stdout
        names = sorted({n.decode() for n in listed.split(b"\0") if n})
        return [n for n in names
                if n.startswith(tuple(under)) and (not suffixes or n.endswith(suffixes))
                and (self.root / n).is_file()]

    def copy_tree(self, target):
        """A copy of the project's files, as a fresh clone would have them."""
        for name in self.files():
            path = Path(target) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(self.root / name, path, follow_symlinks=False)


def ends_within(pid, seconds):
    """Waits for a child, without taking its status."""
    descriptor = os.pidfd_open(pid)
    try:
        poller = select.poll()
        poller.register(descriptor, select.POLLIN)
        return bool(poller.poll(seconds * 1000))
    finally:
        os.close(descriptor)


def kill_group(pid):
    """Ends the process group that a run of ours started: gently, then for good."""
    for number, grace in ((signal.SIGTERM, 2.0), (signal.SIGKILL, 0.0)):
        try:
            os.killpg(pid, number)
        except (ProcessLookupError, PermissionError):
            return
        if grace and not _group_gone(pid, grace):
            continue
        return


def _group_gone(pid, seconds):
    """Waits for a process group to empty. The leader itself is reaped by its own waiter."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            os.killpg(pid, 0)
        except (ProcessLookupError, PermissionError):
            return True
        if _only_zombies(pid):
            return True
        time.sleep(0.02)
    return False


def _only_zombies(group):
    """True when nothing alive is left in the group (a zombie leader still answers signal 0)."""
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open("/proc/%s/stat" % entry, encoding="latin-1") as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[2]) == group and fields[0] != "Z":
            return False
    return True
