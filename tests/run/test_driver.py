# SPDX-License-Identifier: Apache-2.0
"""Proves that the test driver counts strictly (TAP)."""

import contextlib
import io
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import driver  # noqa: E402
import stages  # noqa: E402
import tap  # noqa: E402
from context import Context  # noqa: E402

# text, exit status, passed, names of the failures (parts of them)
TAP_CASES = (
    ("1..2\nok 1 - a\nok 2 - b\n", 0, 2, []),
    ("ok 1 - a\nok 2\n1..2\n", 0, 2, []),
    ("1..1\nok 1 - a\n# second group\n1..1\nok 1 - b\n", 0, 2, []),
    ("# note\nTAP version 13\n1..1\r\nok 1 - a\r\n", 0, 1, []),
    ("1..2\nok 1 - a\nnot ok 2 - b\n", 1, 1, ["x: b"]),
    ("1..2\nok 1 - a\nnot ok 2 - b\n", 0, 1, ["x: b"]),
    ("1..2\nok 1 - a\nok 2 - b # SKIP no tool\n", 0, 1, ["no tool"]),
    ("1..2\nok 1 - a\nnot ok 2 - b # TO" + "DO later\n", 0, 1, ["later"]),
    ("1..3\nok 1 - a\n", 0, 1, ["planned 3 tests, ran 1"]),
    ("ok 1 - a\n", 0, 1, ["no plan"]),
    ("1..1\nok 1 - a\n", 99, 1, ["exit status 99"]),
    ("1..1\nok 1 - a\n", -11, 1, ["exit status -11"]),
    ("1..2\nok 1 - a\n", None, 1, ["ran out of time"]),
    ("1..1\nok 1 - a\nBail out! broken\n", 1, 1, ["Bail out! broken"]),
    ("1..0 # SKIP nothing here\n", 0, 0, ["ran no test"]),
    ("", 0, 0, ["ran no test"]),
    ("all is okay\nok then\n", 0, 1, ["no plan"]),
    ("everything passed\n", 0, 0, ["ran no test"]),
)


def stage(name, run, needs=(), seconds=20):
    return stages.Stage(name, name, run, seconds, needs)


def passes(count):
    return lambda ctx: tap.Result(passed=count)


def raises(ctx):
    raise ValueError("broken stage")


def fails(ctx):
    return stages.failed("it failed", "first\nlast")


def run_stages(chosen, lanes=2):
    """The results of these stages and what the driver printed."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        results = driver.Lanes(chosen, None, driver.print_result).run(lanes)
        status = driver.summarize(results)
    return results, status, said.getvalue()


def test_tap(out):
    for text, status, passed, names in TAP_CASES:
        result = tap.parse(text, status, "x")
        found = [name for name, _ in result.failures]
        good = result.passed == passed and len(found) == len(names) and all(
            want in name for want, name in zip(names, found))
        out.ok(good, "TAP %r with status %s" % (text, status), [str(result.passed), str(found)])


def test_closing_line(out):
    _, status, said = run_stages([stage("a", passes(3)), stage("b", passes(4))])
    out.ok(status == 0 and said.endswith("\n7 passed, 0 failed\n"), "all pass", [said])
    _, status, said = run_stages([stage("a", passes(3)), stage("b", fails)])
    out.ok(status == 1 and said.endswith("\n3 passed, 1 failed\n"), "one fails", [said])
    out.ok("not ok - it failed" in said and "      last\n" in said, "a failure shows its log", [said])
    _, status, said = run_stages([])
    out.ok(status == 1 and said.endswith("\n0 passed, 0 failed\n"), "nothing ran", [said])


def test_strictness(out):
    results, status, _ = run_stages([stage("empty", passes(0)), stage("a", passes(1))])
    out.ok(status == 1 and len(results["empty"].failures) == 1, "a stage without a test fails")
    results, status, _ = run_stages([stage("bad", raises), stage("a", passes(1))])
    out.ok(status == 1 and "broken stage" in results["bad"].failures[0][0], "an exception fails")
    results, _, _ = run_stages([stage("b", fails), stage("a", passes(5), ("b",))])
    out.ok(results["a"].passed == 0 and "because b failed" in results["a"].failures[0][0],
           "what needs a failed stage fails and does not run")
    slow = stage("slow", lambda ctx: time.sleep(5), seconds=0.1)
    results, _, _ = run_stages([slow])
    out.ok("not finished after" in results["slow"].failures[0][0], "a stage has a time limit")


def test_order(out):
    log, lock = [], threading.Lock()

    def logs(name):
        def run(ctx):
            time.sleep(0.02)
            with lock:
                log.append(name)
            return tap.Result(passed=1)
        return run

    chosen = [stage("c", logs("c"), ("a", "b")), stage("a", logs("a")), stage("b", logs("b"), ("a",))]
    run_stages(chosen)
    out.ok(log == ["a", "b", "c"], "stages follow what they need", [str(log)])
    names = [s.name for s in driver.choose(["c"], chosen)]
    out.ok(names == ["c", "a", "b"], "a chosen stage brings what it needs", [str(names)])
    try:
        driver.choose(["nowhere"], chosen)
        out.ok(False, "an unknown stage is refused")
    except KeyError:
        out.ok(True, "an unknown stage is refused")
    names = [s.name for s in driver.choose(["both"], chosen, {"both": ("a", "b")})]
    out.ok(names == ["a", "b"], "a group stands for its stages", [str(names)])
    together = threading.Barrier(3)
    waiting = [stages.Stage(n, n, lambda ctx: together.wait(60) and None or tap.Result(passed=1), 90,
                            (), n != "c") for n in "abc"]
    results, _, _ = run_stages(waiting, lanes=1)
    out.ok(all(r.passed for r in results.values()), "what waits runs beside what computes",
           [str(results)])
    known = [s.name for s in stages.STAGES]
    out.ok(all(need in known for s in stages.STAGES for need in s.needs), "the real stages fit")
    out.ok(all(name in known for parts in stages.GROUPS.values() for name in parts),
           "the real groups fit")


def test_run(out):
    with tempfile.TemporaryDirectory(prefix="waxseal-driver-") as folder:
        ctx = Context(folder, 1)
        done = ctx.run(["sh", "-c", "echo out; echo err >&2; exit 3"], "a", 60)
        out.ok(done.status == 3 and done.text.endswith("out\nerr\n"), "status and output", [done.text])
        done = ctx.run(["sh", "-c", "echo out; echo err >&2"], "b", 60, stdout_only=True)
        out.ok(done.status == 0 and done.text.endswith("\nout\n"), "standard output alone", [done.text])
        out.ok(ctx.run(["/nonexistent/tool"], "c", 10).status == 127, "a missing tool is no success")
        mine = ctx.of_stage(True)
        done = mine.run(["sh", "-c", "nice; i=0; while [ $i -lt 99999 ]; do i=$((i + 1)); done"],
                        "f", 60)
        out.ok(mine.cpu > 0.01 and done.text.endswith("\n5\n"),
               "a stage's programs are counted and give way", [str(mine.cpu), done.text])
        started = time.monotonic()
        done = ctx.run(["sh", "-c", "trap '' TERM; sleep 600"], "d", 0.2)
        out.ok(done.status is None and time.monotonic() - started < 300, "a run has a time limit")
        ctx.run(["sh", "-c", "sleep 600 & echo $! >%s/pid" % folder], "e", 60)
        pid = int((Path(folder) / "pid").read_text())
        out.ok(not alive(pid), "nothing is left running after a run")


def alive(pid):
    try:
        state = Path("/proc/%d/stat" % pid).read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


def main():
    out = tap.Writer()
    for test in (test_tap, test_closing_line, test_strictness, test_order, test_run):
        test(out)
    return out.done()


if __name__ == "__main__":
    sys.exit(main())
