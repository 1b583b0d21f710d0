# SPDX-License-Identifier: Apache-2.0
"""Tries ./waxseal and ./run-tests as front doors: a small program in a checkout of its own, real
Meson, and stand-ins for apt-get, dpkg-query, id and sudo where packages matter (TAP)."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import tap  # noqa: E402

ROOT = HERE.parent.parent

MESON = """project('waxseal', 'c')
executable('waxseal', 'src/main.c', install: true)
"""
PROGRAM = """#include <stdio.h>
int main(int argc, char **argv)
{
    printf("%s %%s\\n", argc > 1 ? argv[1] : "");
    return argc > 2 ? 42 : 0;
}
"""


class Checkout:
    """A small checkout with the real front-door scripts."""

    def __init__(self, folder):
        self.root = Path(folder)
        for name in ("waxseal", "run-tests", "scripts/packages.sh"):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, self.root / name)
        (self.root / "include").mkdir()
        self.write("meson.build", MESON)
        self.write("meson_options.txt", "option('tests', type: 'boolean')\n")
        self.write("src/extra.h", "")
        self.write("src/main.c", PROGRAM % "one")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(self, *args, door=None, cwd="/", path=None, stdin=subprocess.DEVNULL):
        env = dict(os.environ)
        if path:
            env["PATH"] = "%s:%s" % (path, env["PATH"])
        return subprocess.run([str(door or self.root / "waxseal"), *args], cwd=cwd, env=env,
                              stdin=stdin, capture_output=True, text=True, timeout=600, check=False)


def stand_ins(folder, **scripts):
    """A folder of shell scripts that come before the real tools on PATH."""
    folder = Path(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, body in scripts.items():
        path = folder / name.replace("_", "-")
        path.write_text("#!/bin/sh\n" + body + "\n")
        path.chmod(0o755)
    return folder


def told(done):
    return ["exit status %d" % done.returncode, "out: " + repr(done.stdout),
            "err: " + repr(done.stderr[-2000:])]


def test_build_and_run(out, checkout, folder):
    done = checkout.run("x")
    out.ok(done.returncode == 0 and done.stdout == "one x\n", "first use builds and runs", told(done))
    out.ok("building, only this once" in done.stderr, "first use says what it does", told(done))
    tools = stand_ins(Path(folder) / "bin", meson="exit 99", ninja="exit 99", gcc="exit 99")
    done = checkout.run("x", "y", path=tools)
    out.ok(done.returncode == 42 and done.stdout == "one x\n" and done.stderr == "",
           "later use builds nothing, is silent and hands on the exit code", told(done))


def test_changes(out, checkout):
    checkout.write("src/main.c", PROGRAM % "two")
    done = checkout.run("x")
    out.ok(done.stdout == "two x\n" and "sources changed" in done.stderr, "a change is built",
           told(done))
    (checkout.root / "src/extra.h").unlink()
    done = checkout.run("x")
    out.ok("sources changed" in done.stderr, "a deleted file is noticed", told(done))
    done = checkout.run("x")
    out.ok(done.stderr == "", "and then it is quiet again", told(done))


def test_places(out, checkout, folder):
    link = Path(folder) / "a link"
    link.symlink_to(checkout.root / "waxseal")
    done = checkout.run("x", door=link)
    out.ok(done.stdout == "two x\n", "called through a symbolic link", told(done))
    done = checkout.run("x", door="./waxseal", cwd=checkout.root)
    out.ok(done.stdout == "two x\n", "called from its own folder", told(done))
    done = subprocess.run(["sh", "waxseal", "x"], cwd=checkout.root, capture_output=True, text=True,
                          timeout=600, check=False)
    out.ok(done.stdout == "two x\n", "called as an argument of sh", told(done))
    moved = Path(folder) / "moved checkout"
    checkout.root.rename(moved)
    checkout.root = moved
    done = checkout.run("x")
    out.ok(done.stdout == "two x\n", "a checkout that was moved is built anew", told(done))
    checkout.write("src/main.c", PROGRAM % "three")
    done = checkout.run("x")
    out.ok(done.stdout == "three x\n", "and can then be changed", told(done))


def test_failure(out, checkout):
    checkout.write("src/main.c", "int main(void)\n{\n    return nothing_of_the_kind;\n}\n")
    done = checkout.run("x")
    out.ok(done.returncode == 70 and done.stdout == "" and "nothing_of_the_kind" in done.stderr,
           "a failed build shows the compiler's words", told(done))
    done = checkout.run("x")
    out.ok(done.returncode == 70, "the old program is not run instead", told(done))
    checkout.write("src/main.c", PROGRAM % "four")
    done = checkout.run("x")
    out.ok(done.stdout == "four x\n", "mended sources build again", told(done))
    (checkout.root / "build/build.ninja").unlink()
    checkout.write("src/main.c", PROGRAM % "five")
    done = checkout.run("x")
    out.ok(done.stdout == "five x\n", "a half-made build directory is made anew", told(done))


def test_together(out, checkout):
    shutil.rmtree(checkout.root / "build")
    doors = [subprocess.Popen([checkout.root / "waxseal", str(n)], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
             for n in range(3)]
    said = [door.communicate(timeout=600) for door in doors]
    out.ok([text for text, _ in said] == ["five %d\n" % n for n in range(3)],
           "three first uses at once all run", [str(said)])
    out.ok(sum("building" in err for _, err in said) == 1, "and only one of them builds", [str(said)])


INSTALLED = "echo 'installed:gcc installed:meson '"
USER = "case $* in -u) echo 1000;; *) exec /usr/bin/id \"$@\";; esac"
ROOT_ID = "echo 0"


def test_packages(out, checkout, folder):
    shutil.rmtree(checkout.root / "build")
    bin_dir, log = Path(folder) / "bin", Path(folder) / "apt.log"
    record = 'echo "apt-get $*" >>"%s"\n' % log

    def attempt(**scripts):
        log.write_text("")
        path = stand_ins(bin_dir, dpkg_query=INSTALLED, **scripts)
        return checkout.run("x", path=path), log.read_text()

    done, calls = attempt(id=USER, sudo="exit 1", apt_get=record)
    out.ok(done.returncode == 69 and done.stdout == "" and calls == "",
           "without root nothing is installed", told(done) + [calls])
    wanted = "apt-get update && apt-get install -y --no-install-recommends libc6-dev ninja-build"
    out.ok(done.stderr.count(wanted) == 1, "the one command is told, with what is missing alone",
           told(done))
    done, calls = attempt(id=ROOT_ID, apt_get=record + "echo E: no such mirror; exit 100")
    out.ok(done.returncode == 69 and "E: no such mirror" in done.stderr and done.stdout == "",
           "a failed install shows apt's words", told(done))
    done, calls = attempt(id=ROOT_ID, apt_get=record + 'case $* in *update*) touch "%s.new";; *) '
                          'test -e "%s.new";; esac' % (log, log))
    verbs = [word for line in calls.split("\n") for word in line.split()
             if word in ("update", "install")]
    out.ok(done.stdout == "five x\n" and verbs == ["install", "update", "install"],
           "lists are renewed only when an install fails", told(done) + [calls])
    shutil.rmtree(checkout.root / "build")
    done, calls = attempt(id=USER, sudo='[ "$1" = -n ] && shift\n[ "$1" = true ] && exit 0\n'
                          'echo "sudo $*" >>"%s"' % log, apt_get="exit 1")
    out.ok(done.stdout == "five x\n" and "sudo env DEBIAN_FRONTEND=noninteractive apt-get" in calls,
           "sudo is used when it asks for no password", told(done) + [calls])


def test_run_tests(out, checkout, folder):
    path = stand_ins(Path(folder) / "bin", dpkg_query=INSTALLED, id=USER, sudo="exit 1")
    done = checkout.run(door=checkout.root / "run-tests", path=path)
    out.ok(done.returncode == 1 and done.stdout.endswith("\n0 passed, 1 failed\n"),
           "run-tests without its packages has failed", told(done))


def main():
    out = tap.Writer()
    with tempfile.TemporaryDirectory(prefix="waxseal-door-") as folder:
        checkout = Checkout(Path(folder) / "check out")
        test_build_and_run(out, checkout, folder)
        test_changes(out, checkout)
        test_places(out, checkout, folder)
        test_failure(out, checkout)
        test_together(out, checkout)
        test_packages(out, checkout, folder)
        test_run_tests(out, checkout, folder)
    return out.done()


if __name__ == "__main__":
    sys.exit(main())
