# SPDX-License-Identifier: Apache-2.0
"""Starting and ending programs of the lab: in a root of their own, with a deadline, by pid.

A Street is a temporary folder and the processes started in it. Leaving it ends every process that
was started and every descendant left behind by one, and removes what was written. Should this
program be killed itself, a warden does the same: a child that waits for that.
"""

import ctypes
import fcntl
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import unpacked

START_SECONDS = 120.0
CLAIM_SECONDS = 600.0
_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


class StartError(Exception):
    """A server did not come up; the message holds the end of what it said."""


class Street:
    def __init__(self):
        _LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self.folder = Path(tempfile.mkdtemp(prefix="waxseal-lab-"))
        self.folder.chmod(0o755)
        self._homes = []
        self._claims = []
        self._processes = []
        self._closers = []
        self._lock = threading.Lock()
        self._warden = Warden()
        self._warden.note("remove", self.folder)
        # A child dies with the thread that started it (PDEATHSIG), so one thread that lives as long
        # as the street starts them all.
        self._starter = ThreadPoolExecutor(1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def home(self, name):
        """A fresh folder for one server inside its unpacked root: (path seen from here, path the
        server sees)."""
        base = unpacked.root_of(name) / "tmp"
        home = Path(tempfile.mkdtemp(prefix="lab-", dir=base))
        home.chmod(0o755)
        self._warden.note("remove", home)
        with self._lock:
            self._homes.append(home)
        return home, "/tmp/" + home.name

    def claim(self, name):
        """Waits until no other street uses this server, for one whose paths are compiled in."""
        lock = open(unpacked.root_of(name) / ".in-use", "w", encoding="ascii")
        deadline = time.monotonic() + CLAIM_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise StartError("%s is in use by another run" % name) from None
                time.sleep(0.1)
        with self._lock:
            self._claims.append(lock)

    def on_close(self, function):
        """Has function called when the street closes, before the processes are ended."""
        with self._lock:
            self._closers.append(function)

    def spawn(self, argv, root=None, log=None, pipes=False, env=None, cwd=None):
        """Starts a program, with root (a server's name) as its root folder if given."""
        place = None if root is None else os.fspath(unpacked.root_of(root))
        out = open(log, "ab") if log else None
        parent = os.getpid()

        def prepare():
            _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(111)
            if place:
                os.chroot(place)
                os.chdir("/")

        process = self._starter.submit(
            subprocess.Popen,
            [str(a) for a in argv], preexec_fn=prepare, start_new_session=True, cwd=cwd,
            stdin=subprocess.PIPE if pipes else subprocess.DEVNULL,
            stdout=subprocess.PIPE if pipes else out or subprocess.DEVNULL,
            stderr=out or subprocess.DEVNULL,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", **(env or {})}).result()
        if out:
            out.close()
        self._warden.note("end", process.pid)
        with self._lock:
            self._processes.append(process)
        return process

    def start(self, name, argv, ports, log, **how):
        """Starts a server and waits until all of its ports take connections."""
        process = self.spawn(argv, log=log, **how)
        deadline = time.monotonic() + START_SECONDS
        for port in ports:
            while not port_open(port):
                if process.poll() is not None:
                    raise StartError("%s ended with status %s\n%s"
                                     % (name, process.returncode, tail(log)))
                if time.monotonic() > deadline:
                    raise StartError("%s: port %d not open after %.0f s\n%s"
                                     % (name, port, START_SECONDS, tail(log)))
                time.sleep(0.01)
        return process

    def close(self):
        for function in self._closers:
            function()
        for process in self._processes:
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + 3.0
        for process in self._processes:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for stream in (process.stdin, process.stdout):
                if stream:
                    try:
                        stream.close()
                    except OSError:
                        pass
        _end_descendants(self._warden.pid)
        self._starter.shutdown()
        for home in [*self._homes, self.folder]:
            shutil.rmtree(home, ignore_errors=True)
        for lock in self._claims:
            lock.close()
        self._warden.dismiss()


class Warden:
    """A child that ends the noted sessions and removes the noted folders when this program dies."""

    def __init__(self):
        reader, self._writer = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.setsid()
                os.close(self._writer)
                self._watch(reader)
            finally:
                os._exit(0)
        os.close(reader)

    def note(self, what, which):
        os.write(self._writer, ("%s %s\n" % (what, which)).encode())

    def dismiss(self):
        """All is taken down in order. (What stood there before may be somebody else's by now.)"""
        self.note("dismiss", "")
        os.close(self._writer)
        try:
            os.waitpid(self.pid, 0)
        except ChildProcessError:
            pass

    @staticmethod
    def _watch(reader):
        notes = []
        with open(reader, encoding="utf-8") as lines:
            notes = [line.split(maxsplit=1) for line in lines]
        if ["dismiss"] in notes:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            for what, which in notes:
                if what == "end":
                    try:
                        os.killpg(int(which), number)
                    except OSError:
                        pass
            time.sleep(0.3)
        for what, which in notes:
            if what == "remove":
                shutil.rmtree(which.strip(), ignore_errors=True)


def _children(pid):
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                text = Path("/proc", entry, "stat").read_text()
            except OSError:
                continue
            if int(text.rsplit(")", 1)[1].split()[1]) == pid:
                found.append(int(entry))
    return found


def _end_descendants(spare):
    """Ends what a server left behind. As subreaper this process is the parent of such orphans."""
    for _ in range(50):
        left = [pid for child in _children(os.getpid()) if child != spare
                for pid in [child, *_children(child)]]
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        for pid in left:
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                pass  # not our own child
        if not left:
            return
        time.sleep(0.02)


def tail(log, limit=2000):
    try:
        return Path(log).read_text(errors="replace")[-limit:]
    except OSError:
        return ""


_taken = []


def free_port():
    """A port of 127.0.0.1 that nobody listens on, below the kernel's range for outgoing ones. It is
    this process's: other runs of the lab see its mark, an abstract socket, until it ends."""
    for _ in range(1000):
        port = random.randrange(20000, 32000)
        mark = socket.socket(socket.AF_UNIX)
        with socket.socket() as probe, socket.socket(type=socket.SOCK_DGRAM) as datagram:
            try:
                mark.bind("\0waxseal-lab-%d" % port)
                probe.bind(("127.0.0.1", port))
                datagram.bind(("127.0.0.1", port))
            except OSError:
                mark.close()
                continue
        _taken.append(mark)
        return port
    raise StartError("no free port")


def free_ports(count):
    return [free_port() for _ in range(count)]


def port_open(port):
    """True when something listens on port. Looks into the kernel's tables, so that no connection
    disturbs a server that handles one at a time."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            lines = Path(table).read_text().split("\n")[1:]
        except OSError:
            continue
        for fields in map(str.split, lines):
            if len(fields) > 3 and fields[3] == "0A" and fields[1].endswith(":%04X" % port):
                return True
    return False
