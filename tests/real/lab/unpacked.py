# SPDX-License-Identifier: Apache-2.0
"""Unpacks the servers into folders of their own and tells where they are.

ensure(names) brings every named server up to date: nothing is done for one whose stamp names the
wanted packages. Packages come from the machine's own apt sources and npm registry settings. The
folder is build-tests/servers, or $WAXSEAL_SERVERS. Nothing outside it is written, but that root's
apt lists are renewed when a package can't be found in them.
"""

import fcntl
import os
import shutil
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import packages

ROOT = Path(__file__).resolve().parents[3]
LAYOUT = "2"  # raised when what prepare() writes changes
MERGED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
FOLDERS = ("dev", "etc", "proc", "run", "tmp", "var/empty", "var/tmp", "var/lib", "var/spool",
           "var/log", "var/run", "root", "nonexistent")


class Failed(Exception):
    """A server could not be unpacked; the message tells why."""


def folder():
    return Path(os.environ.get("WAXSEAL_SERVERS") or ROOT / "build-tests" / "servers").resolve()


def root_of(name):
    return folder() / name


def ensure(names):
    """Unpacks those of the named servers that are missing or out of date."""
    base = folder()
    base.mkdir(parents=True, exist_ok=True)
    with open(base / ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stale = [n for n in names if not _fresh(n)]
        debian = [n for n in stale if n != "node"]
        if debian:
            _download(sorted({p for n in debian for p in packages.SERVERS[n]}))
            with ThreadPoolExecutor(2) as pool:
                list(pool.map(_unpack, debian))
        if "node" in stale:
            _install_node()


def _wanted(name):
    if name == "node":
        return "@".join(packages.NODE_PACKAGE) + "\n"
    return " ".join([LAYOUT, *packages.SERVERS[name]]) + "\n"


def _fresh(name):
    stamp = root_of(name) / ".unpacked"
    return stamp.is_file() and stamp.read_text() == _wanted(name)


def _run(argv, cwd=None, seconds=300):
    try:
        done = subprocess.run(argv, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=seconds, check=False,
                              env={**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND":
                                   "noninteractive"})
    except (OSError, subprocess.TimeoutExpired) as problem:
        return 1, str(problem)
    return done.returncode, done.stdout.decode(errors="replace")


def _download(names):
    """Fetches the packages that are not there yet into the folder debs/."""
    debs = folder() / "debs"
    debs.mkdir(exist_ok=True)
    missing = [n for n in names if not _deb(n)]
    if not missing:
        return
    print("downloading %d Debian packages" % len(missing), file=sys.stderr, flush=True)
    fetch = ["apt-get", "-o", "APT::Sandbox::User=root", "-q", "download", *missing]
    status, text = _run(fetch, cwd=debs, seconds=600)
    if status != 0 and os.geteuid() == 0:
        _run(["apt-get", "-q", "-o", "DPkg::Lock::Timeout=120", "update"], seconds=300)
        status, text = _run(fetch, cwd=debs, seconds=600)
    still = [n for n in names if not _deb(n)]
    if still:
        raise Failed("could not download %s:\n%s" % (" ".join(still), text[-2000:]))


def _deb(name):
    found = sorted((folder() / "debs").glob(name.replace("+", "[+]") + "_*.deb"))
    return found[-1] if found else None


def _unpack(name):
    """Unpacks one server beside its final place and moves it there when it is whole."""
    final = root_of(name)
    fresh = final.with_name(final.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    for link in MERGED:
        (fresh / "usr" / link).mkdir(parents=True)
        (fresh / link).symlink_to("usr/" + link)
    for package in packages.SERVERS[name]:
        status, text = _run(["dpkg", "-x", str(_deb(package)), str(fresh)])
        if status != 0:
            raise Failed("%s: dpkg -x %s: %s" % (name, package, text))
    for needless in ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/lintian"):
        shutil.rmtree(fresh / needless, ignore_errors=True)
    _prepare(fresh)
    _check_libraries(name, fresh)
    (fresh / ".unpacked").write_text(_wanted(name))
    shutil.rmtree(final, ignore_errors=True)
    fresh.rename(final)


def _prepare(root):
    """The few files of a running system that a server looks for."""
    for path in FOLDERS:
        (root / path).mkdir(parents=True, exist_ok=True)
    for path in ("tmp", "var/tmp"):
        (root / path).chmod(0o1777)
    etc = root / "etc"
    users = ["root:x:0:0::/root:/bin/sh", "nobody:x:65534:65534::/nonexistent:/bin/false"]
    groups = ["root:x:0:", "tty:x:5:", "mail:x:8:", "nogroup:x:65534:"]
    for number, user in enumerate(packages.USERS, packages.FIRST_UID):
        users.append("%s:x:%d:%d::/nonexistent:/bin/false" % (user, number, number))
        groups.append("%s:x:%d:" % (user, number))
    users.append("daemon:x:1:1::/nonexistent:/bin/false")
    groups.append("daemon:x:1:")
    (etc / "passwd").write_text("\n".join(users) + "\n")
    (etc / "group").write_text("\n".join(groups) + "\n")
    (etc / "nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files\n"
                                       "services: files\nprotocols: files\n")
    (etc / "hosts").write_text("127.0.0.1 localhost mx.lab.test\n")
    (etc / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    if os.geteuid() == 0:
        for device, minor in (("null", 3), ("zero", 5), ("full", 7), ("random", 8), ("urandom", 9)):
            try:
                os.mknod(root / "dev" / device, stat.S_IFCHR | 0o666, os.makedev(1, minor))
                (root / "dev" / device).chmod(0o666)
            except OSError as problem:
                raise Failed("cannot make /dev/%s: %s" % (device, problem)) from problem


def _check_libraries(name, root):
    """Every program finds its libraries inside its root. Only root may look (chroot)."""
    if os.geteuid() != 0:
        return
    loader = next((p for pattern in ("lib64/ld-linux-*.so.*", "lib/ld-linux-*.so.*")
                   for p in sorted(root.glob(pattern))), None)
    if loader is None:
        raise Failed("%s: no dynamic loader among its packages" % name)
    for program in packages.PROGRAMS[name]:
        inside = "/" + str(loader.relative_to(root))
        status, text = _run(["chroot", str(root), inside, "--list", program])
        if status != 0 or "not found" in text:
            lacks = [line.strip() for line in text.split("\n") if "not found" in line]
            raise Failed("%s: %s cannot start: %s" % (name, program, "; ".join(lacks) or text))


def _install_node():
    final = root_of("node")
    shutil.rmtree(final, ignore_errors=True)
    final.mkdir(parents=True)
    (final / "package.json").write_text('{"name":"lab","version":"1.0.0","private":true}\n')
    print("installing %s@%s" % packages.NODE_PACKAGE, file=sys.stderr, flush=True)
    status, text = _run(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund",
                         "--no-update-notifier", "--save-exact",
                         "%s@%s" % packages.NODE_PACKAGE], cwd=final)
    if status != 0:
        raise Failed("npm could not install %s@%s:\n%s" % (*packages.NODE_PACKAGE, text[-2000:]))
    (final / ".unpacked").write_text(_wanted("node"))
