# SPDX-License-Identifier: Apache-2.0
"""The stages of ./run-tests. Each is a function that takes the Context and returns a Result.

Builds live in build-tests/: gcc (release, the program alone), asan (gcc, debug, ASan and UBSan),
clang (debug), fuzz (clang, libFuzzer, ASan and UBSan). A stage that finds nothing to run has failed,
never passed. Times that a stage or a program may take are there to end what hangs: they are many
times what a slow, busy machine needs, so that none decides how a test ends.
"""

import json
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import tap

FUZZ_SECONDS = 5


@dataclass(frozen=True)
class Stage:
    name: str
    what: str
    run: object
    seconds: int  # the most it may take
    needs: tuple = ()
    waits: bool = False  # mostly for answers or for the clock; the others compute


# ---- builds

BUILDS = {
    "gcc": ("gcc", ["--buildtype=release", "-Dtests=false"]),  # as ./waxseal builds it
    # the sanitizers' runtime linked in: a program that is started thousands of times starts in 3/4 of
    # the CPU time
    "asan": ("gcc", ["--buildtype=debug", "-Db_sanitize=address,undefined",
                     "-Dc_link_args=-static-libasan -static-libubsan"]),
    # valgrind 3.19 cannot read the debugging data that clang 14 writes unless told
    "clang": ("clang-14", ["--buildtype=debug", "-Dc_args=-gdwarf-4"]),
    "fuzz": ("clang-14", ["--buildtype=debugoptimized", "-Dfuzz=true", "-Dtests=false",
                          "-Db_sanitize=address,undefined", "-Db_lundef=false"]),
}


def build(ctx, name, seconds=1700):
    """Sets up (or updates) and builds one build directory. Warnings are errors."""
    compiler, options = BUILDS[name]
    target = ctx.build_dir(name)
    where = "build with " + name
    setup = ["meson", "setup", target, ctx.root, "-Dwerror=true", "-Db_colorout=never", *options]
    made_by = target / ".made-by"
    wanted = " ".join(map(str, setup))
    if not made_by.is_file() or made_by.read_text() != wanted:
        shutil.rmtree(target, ignore_errors=True)
        done = ctx.run(setup, "build-%s-setup" % name, 600, env={"CC": compiler})
        if done.status != 0:
            shutil.rmtree(target, ignore_errors=True)
            return failed(where + ": meson setup", done.text)
        made_by.write_text(wanted)
    done = ctx.run(["ninja", "-C", target, "-j%d" % ctx.jobs, "-k", "0"], "build-" + name, seconds)
    if done.status != 0:
        result = tap.Result()
        result.fail(where, complaints(done.text))
        return result
    return tap.Result(passed=1)


def complaints(text, lines=40):
    """The first complaints in a build log, without commands and progress."""
    every = text.split("\n")
    first = next((n for n, line in enumerate(every) if line.startswith("FAILED")), 0)
    kept = [line for line in every[first:]
            if line and not line.startswith(("[", "gcc ", "clang", "cc ", "#"))]
    return "\n".join(kept[:lines])


def failed(name, details=""):
    result = tap.Result()
    result.fail(name, tap.tail(details, 60))
    return result


# ---- the tests that Meson knows

def meson_tests(ctx, name, log):
    """Meson's list of tests of a build directory: dicts with name, cmd, env, suite, timeout."""
    done = ctx.run(["meson", "introspect", "--tests", ctx.build_dir(name)], log + "-list", 300,
                   stdout_only=True)
    if done.status != 0:
        return []
    tests = json.loads(done.text.split("\n", 1)[1])
    for test in tests:
        test["suite"] = [suite.split(":")[-1] for suite in test["suite"]]
    return tests


def run_meson_test(ctx, test, stage, prefix=(), slower=1):
    """Runs one of Meson's tests; a TAP test gives a count per case, any other counts as one."""
    done = ctx.run([*prefix, *test["cmd"]], "%s/%s" % (stage, test["name"]),
                   (test["timeout"] or 30) * slower, cwd=test["workdir"] or ctx.root,
                   env=test["env"])
    if test["protocol"] == "tap":
        return tap.parse(done.text, done.status, test["name"])
    if done.status == 0:
        return tap.Result(passed=1)
    return failed("%s: exit status %s" % (test["name"], done.status), done.text)


def run_meson_tests(ctx, tests, stage, **how):
    """Runs tests side by side; those that Meson marks as not parallel come after, one by one."""
    total = tap.Result()
    together = [t for t in tests if t["is_parallel"]]
    for result in ctx.each(lambda t: run_meson_test(ctx, t, stage, **how), together):
        total.add(result)
    for test in tests:
        if not test["is_parallel"]:
            total.add(run_meson_test(ctx, test, stage, **how))
    return total


# Meson's suites that are run with sanitizers, each by the stage of its name. ("loop" and "docs" are
# parts of "unit"; `meson test` runs all of them.)
SUITES = ("unit", "peers", "cli")


def of_suite(name):
    """A stage that runs the tests of one of these suites; what is in none of them is in "unit"."""
    def stage(ctx):
        tests = [t for t in meson_tests(ctx, "asan", name)
                 if next((s for s in SUITES if s in t["suite"]), "unit") == name]
        result = run_meson_tests(ctx, tests, name)
        kinds = Counter(suite for t in tests for suite in t["suite"])
        result.note = ", ".join("%s %d" % (k, n) for k, n in sorted(kinds.items())) + " programs"
        return result
    return stage


def loop(ctx):
    """The tests that run an event loop, under valgrind, without sanitizers."""
    tests = [t for t in meson_tests(ctx, "clang", "loop") if "loop" in t["suite"]]
    valgrind = ["valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full",
                "--errors-for-leak-kinds=definite", "--show-leak-kinds=definite",
                "--num-callers=30"]
    return run_meson_tests(ctx, tests, "loop", prefix=valgrind, slower=10)


# ---- fuzzing

def fuzz(ctx):
    """Replays each target's corpus, then looks for new inputs for a few seconds."""
    total = tap.Result()
    targets = [t for t in meson_tests(ctx, "fuzz", "fuzz") if "fuzz" in t["suite"]]
    for result in ctx.each(lambda t: fuzz_one(ctx, t), targets):
        total.add(result)
    return total


def fuzz_one(ctx, test):
    name = test["name"].removeprefix("fuzz-")
    program = test["cmd"][0]
    corpus = ctx.root / "fuzz" / "corpus" / name
    seeds = [p for p in corpus.iterdir() if p.is_file()] if corpus.is_dir() else []
    if not seeds:
        return failed("fuzz %s: no corpus in fuzz/corpus/%s" % (name, name))
    total = tap.Result()
    crashes = ctx.out / "crashes" / name
    crashes.mkdir(parents=True, exist_ok=True)
    common = [program, "-artifact_prefix=%s/" % crashes, "-rss_limit_mb=2048", "-timeout=10"]
    done = ctx.run([*common, "-runs=0", corpus], "fuzz/%s-replay" % name, 600)
    note(total, done, "fuzz %s: replay of %d inputs" % (name, len(seeds)))
    with tempfile.TemporaryDirectory(prefix="waxseal-fuzz-") as found:
        done = ctx.run([*common, "-seed=1", "-max_total_time=%d" % FUZZ_SECONDS, "-max_len=65536",
                        "-print_final_stats=1", found, corpus], "fuzz/%s-search" % name, 600)
    note(total, done, "fuzz %s: search" % name)
    return total


def note(result, done, name):
    """Counts a plain program: passed when it exits with 0."""
    if done.status == 0:
        result.ok()
    else:
        result.fail("%s: exit status %s" % (name, done.status), tap.tail(done.text))


# ---- real servers

# The parts of tests/real/run, longest first. Each has its own servers, ports and folders.
REAL = ("send", "terminal", "connect", "failures", "policy", "servers", "dns")


def unpack(ctx):
    """The servers of tests/real are downloaded and unpacked, while the builds are made."""
    total = tap.Result()
    note(total, ctx.run([ctx.root / "tests" / "real" / "run", "--unpack"], "unpack", 1200),
         "real servers: unpack")
    return total


def real(part):
    """A stage: real mail servers on loopback, looked at with the sanitized program; the release
    build where memory is measured."""
    def stage(ctx):
        done = ctx.run([ctx.root / "tests" / "real" / "run", part], "real-" + part, 1700,
                       stdout_only=True,
                       env={"WAXSEAL": str(ctx.build_dir("asan") / "waxseal"),
                            "WAXSEAL_RELEASE": str(ctx.build_dir("gcc") / "waxseal")})
        return tap.parse(done.text, done.status, "real " + part)
    return stage


def real_stages():
    for part in REAL:
        builds = ("build-asan", "build-gcc") if part == "send" else ("build-asan",)
        yield Stage("real-" + part, "real mail servers on loopback: " + part, real(part), 1800,
                    (*builds, "unpack"), waits=True)


# ---- beside swaks

def swaks(ctx):
    """Called as swaks, the sanitized program does what swaks does: the conformance kit where it is
    at hand, drawn command lines and drawn dialogues."""
    total = tap.Result()
    link = ctx.build_dir("asan") / "swaks"
    if not link.is_symlink():
        link.symlink_to("waxseal")
    kit = ctx.root.parent / "shared" / "swaks-suite" / "run"  # not part of this tree
    for name in (*(("kit",) if kit.is_file() else ()), "options", "dialogues"):
        done = ctx.run([ctx.root / "tests" / "swaks" / name], "swaks-" + name, 1500,
                       stdout_only=True, env={"WAXSEAL_AS_SWAKS": str(link)})
        total.add(tap.parse(done.text, done.status, "swaks " + name))
    return total


# ---- benchmark

def bench(ctx):
    """Do the benchmarks still run? Two runs of everything; no figure decides anything but the number
    of instructions for one more attachment or recipient."""
    total = tap.Result()
    for name in ("run", "growth"):
        done = ctx.run([ctx.root / "bench" / name, "--smoke"], "bench-" + name, 900,
                       env={"WAXSEAL": str(ctx.build_dir("gcc") / "waxseal")})
        note(total, done, "bench/%s --smoke" % name)
    return total


# ---- style

def style_format(ctx):
    """clang-format has nothing to change in any C file."""
    return each_file(ctx, ctx.files(".c", ".h"), "format",
                     lambda names: ["clang-format", "--dry-run", "-Werror", *names], 300, 32)


def style_shell(ctx):
    """shellcheck and the shell's own reading of every shell script."""
    scripts = [n for n in ctx.files() if is_shell_script(ctx.root / n)]
    return each_file(ctx, scripts, "shell", lambda names: ["shellcheck", "-x", *names], 300)


def is_shell_script(path):
    with open(path, "rb") as file:
        first = file.readline(80)
    return path.suffix == ".sh" or (first.startswith(b"#!") and b"sh" in first.split()[-1][-4:])


def style_tidy(ctx):
    """clang-tidy on every source file of the program."""
    listed = json.loads((ctx.build_dir("clang") / "compile_commands.json").read_text())
    built = {str((Path(c["directory"]) / c["file"]).resolve()) for c in listed}
    names = [n for n in ctx.files(".c", under=("src/",)) if str((ctx.root / n).resolve()) in built]
    return each_file(ctx, names, "tidy",
                     lambda names: ["clang-tidy", "--quiet", "-p", ctx.build_dir("clang"), *names],
                     900, 4)


def each_file(ctx, names, log, command, timeout, together=1):
    """One test per file: the command made from its name exits with 0. Of `together` files at once,
    as these programs are slow to start; one by one where it does not."""
    total = tap.Result()

    def judged(some):
        done = ctx.run(command(some), "%s/%s" % (log, some[0]), timeout)
        if done.status == 0 or len(some) == 1:
            return [(name, done) for name in some]
        return [pair for name in some for pair in judged([name])]

    for pairs in ctx.each(judged, [names[i:i + together] for i in range(0, len(names), together)]):
        for name, done in pairs:
            note(total, done, "%s %s" % (log, name))
    return total


def style_cppcheck(ctx):
    """cppcheck on the whole program at once."""
    if not ctx.files(".c", under=("src/",)):
        return tap.Result()
    total = tap.Result()
    done = ctx.run(["cppcheck", "--quiet", "-j", ctx.jobs, "--std=c11", "--inline-suppr",
                    "--enable=warning,performance,portability", "--error-exitcode=1",
                    "--suppress=missingIncludeSystem", "--suppress=normalCheckLevelMaxBranches",
                    "--suppress=readdirCalled",  # readdir_r is the deprecated one
                    "--library=posix", "-D__GNUC__=12", "-D_GNU_SOURCE",
                    "-DWAXSEAL_VERSION=\"0\"", "-Isrc", "-Iinclude", "src"], "cppcheck", 1700)
    note(total, done, "cppcheck")
    return total


# ---- what Python checks

def python_checks(*scripts):
    """A stage that runs Python programs that write TAP."""
    def stage(ctx):
        total = tap.Result()
        for script in scripts:
            done = ctx.run(["/usr/bin/python3", "-B", ctx.root / script],
                           Path(script).stem.replace("_", "-"), 900)
            total.add(tap.parse(done.text, done.status, Path(script).stem))
        return total
    stage.__doc__ = "python " + " ".join(scripts)
    return stage


# ---- the Debian package

def package(ctx):
    """The Debian packages build from a clean copy without a network, and hold what they should."""
    with tempfile.TemporaryDirectory(prefix="waxseal-package-") as folder:
        tree = Path(folder) / "waxseal"
        ctx.copy_tree(tree)
        done = ctx.run([*no_network(ctx), "dpkg-buildpackage", "-us", "-uc", "-b",
                        "-j%d" % ctx.jobs], "package", 1700, cwd=tree)
        if done.status != 0:
            return failed("package: dpkg-buildpackage", done.text)
        total = tap.Result(passed=1)
        total.add(package_contents(ctx, Path(folder)))
        return total


def no_network(ctx):
    """A prefix that leaves a program loopback alone; empty where the kernel does not let us."""
    script = "ip link set lo up && exec \"$@\""
    for unshare in (["unshare", "--net"], ["unshare", "--net", "--map-root-user"]):
        prefix = [*unshare, "sh", "-c", script, "sh"]
        if ctx.run([*prefix, "true"], "package-network", 60).status == 0:
            return prefix
    return []


PACKAGE_FILES = {
    "waxseal": ("usr/bin/waxseal", "usr/share/man/man1/waxseal.1.gz",
                "usr/share/bash-completion/completions/waxseal",
                "usr/share/zsh/vendor-completions/_waxseal",
                "usr/share/doc/waxseal/copyright"),
    "libwaxseal-dev": ("usr/include/waxseal.h", "libwaxseal.a", "waxseal.pc"),
}


def package_contents(ctx, folder):
    total = tap.Result()
    for name, wanted in PACKAGE_FILES.items():
        files = sorted(folder.glob(name + "_*.deb"))
        if len(files) != 1:
            total.fail("package %s: no such .deb" % name)
            continue
        root = folder / ("root-" + name)
        note(total, ctx.run(["dpkg-deb", "-x", files[0], root], "package-" + name, 300),
             "package %s: unpack" % name)
        present = [str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()]
        for path in wanted:
            if any(p.endswith(path) for p in present):
                total.ok()
            else:
                total.fail("package %s: no %s" % (name, path), "\n".join(present))
    done = ctx.run([folder / "root-waxseal" / "usr/bin/waxseal", "--version"], "package-run", 120)
    note(total, done, "package waxseal: waxseal --version")
    return total


# A build stands before what needs it; otherwise what takes longest goes first, so that all lanes end
# together.
STAGES = (
    Stage("unpack", "the servers of tests/real, unpacked", unpack, 1800, waits=True),
    Stage("build-asan", "gcc, debug, ASan and UBSan, -Werror", lambda c: build(c, "asan"), 1800),
    Stage("build-gcc", "gcc, release, -Werror", lambda c: build(c, "gcc"), 1800),
    *real_stages(),
    Stage("cli", "the command line, with sanitizers", of_suite("cli"), 1800, ("build-asan",),
          waits=True),
    Stage("unit", "unit tests, golden output, schemas, with sanitizers", of_suite("unit"), 1800,
          ("build-asan",)),
    Stage("peers", "scripted peers, with sanitizers", of_suite("peers"), 1800, ("build-asan",),
          waits=True),
    Stage("swaks", "called as swaks, beside swaks", swaks, 3600, ("build-asan",)),
    Stage("build-clang", "clang, debug, -Werror", lambda c: build(c, "clang"), 1800),
    Stage("tidy", "clang-tidy on src/", style_tidy, 3600, ("build-clang",)),
    Stage("build-fuzz", "clang, libFuzzer", lambda c: build(c, "fuzz"), 1800),
    Stage("fuzz", "corpus replay and a short search per fuzz target", fuzz, 1800, ("build-fuzz",)),
    Stage("loop", "event loop tests under valgrind", loop, 1800, ("build-clang",)),
    Stage("package", "the Debian packages build offline", package, 1800),
    Stage("cppcheck", "cppcheck on src/", style_cppcheck, 1800),
    Stage("bench", "the benchmark runs", bench, 1000, ("build-gcc",)),
    Stage("driver", "this driver and the front door themselves",
          python_checks("tests/run/test_driver.py", "tests/run/test_front_door.py"), 1800,
          waits=True),
    Stage("format", "clang-format on every C file", style_format, 900),
    Stage("shell", "shellcheck on every shell script", style_shell, 900),
    Stage("arch", "architecture: arrows, sizes, forbidden calls",
          python_checks("tests/arch/check.py", "tests/arch/test_rules.py"), 900),
)

GROUPS = {
    "quick": (*SUITES, "arch"),  # for each commit: one build
    "real": tuple("real-" + part for part in REAL),
}
