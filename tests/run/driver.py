# SPDX-License-Identifier: Apache-2.0
"""Runs the stages of the test suite side by side and closes with "N passed, N failed".

Usage: driver.py [--list] [--lanes N] [STAGE...]

Stages are started in the order of stages.STAGES as soon as what they need has passed and a lane is
free. A stage that computes takes one of N lanes; one that mostly waits (for servers, for the clock)
takes one of twice as many others and goes first where both want a core. Logs are in
build-tests/logs/. Exit status 0: at least one test passed and none failed.
"""

import argparse
import os
import signal
import sys
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import tap  # noqa: E402
from context import Context  # noqa: E402
from stages import GROUPS, STAGES  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent


def say(text):
    """Prints, and goes on in silence when no one reads any more (run-tests | head)."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def choose(names, stages, groups=None):
    """The stages of these names, or groups of stages, and all that they need; every stage when no
    name is given."""
    by_name = {stage.name: stage for stage in stages}
    chosen = set()

    def take(name):
        if name not in chosen:
            chosen.add(name)
            for need in by_name[name].needs:
                take(need)

    for name in names or by_name:
        for part in (groups or {}).get(name, (name,)):
            if part not in by_name:
                raise KeyError(part)
            take(part)
    return [stage for stage in stages if stage.name in chosen]


class Lanes:
    """Runs stages side by side, each after those that it needs."""

    def __init__(self, stages, ctx, report):
        self.waiting = list(stages)
        self.ctx = ctx
        self.report = report
        self.results = {}
        self.running = set()
        self.changed = threading.Condition()

    def run(self, lanes):
        """`lanes` stages that compute and twice as many that wait, at once."""
        threads = [threading.Thread(target=self._lane, args=(waits,), daemon=True)
                   for waits in lanes * (False, True, True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(0.2)
        return self.results

    def _lane(self, waits):
        while True:
            stage = self._next(waits)
            if stage is None:
                return
            started = time.monotonic()
            ctx = self.ctx.of_stage(not stage.waits) if self.ctx else None
            result = self._run(stage, ctx)
            with self.changed:
                self.report(stage, result, time.monotonic() - started, ctx.cpu if ctx else 0)
                self.results[stage.name] = result
                self.running.discard(stage.name)
                self.changed.notify_all()

    def _next(self, waits):
        """The first stage of this kind that is ready, waiting for one if need be; None when all are
        taken."""
        with self.changed:
            while any(stage.waits == waits for stage in self.waiting):
                ready = [stage for stage in self.waiting
                         if all(need in self.results for need in stage.needs)]
                if not ready and not self.running:
                    raise RuntimeError("stages wait for each other: %s" % self.waiting)
                for stage in ready:
                    if stage.waits == waits:
                        self.waiting.remove(stage)
                        self.running.add(stage.name)
                        return stage
                self.changed.wait()
        return None

    def _run(self, stage, ctx):
        broken = [need for need in stage.needs if self.results[need].failures]
        result = tap.Result()
        if broken:
            result.fail("%s: not run, because %s failed" % (stage.name, ", ".join(broken)))
            return result
        try:
            result = run_bounded(stage, ctx)
        except Exception as problem:  # a broken stage is a failed test, not the end of the run
            result.fail("%s: %s: %s" % (stage.name, type(problem).__name__, problem))
        if not result.passed and not result.failures:
            result.fail("%s: ran no test" % stage.name)
        return result


def run_bounded(stage, ctx):
    """Runs a stage, but no longer than its seconds. What it runs has closer bounds of its own."""
    box = []

    def work():
        try:
            box.append(stage.run(ctx))
        except BaseException as problem:  # handed over to the waiting thread
            box.append(problem)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(stage.seconds)
    if not box:
        raise TimeoutError("not finished after %d seconds" % stage.seconds)
    if isinstance(box[0], BaseException):
        raise box[0]
    return box[0]


def print_result(stage, result, seconds, cpu):
    """One line for a stage; under it every failure with the end of its log."""
    total = result.passed + len(result.failures)
    extra = getattr(result, "note", "")
    say("%s %-13s %d of %d (%.1f s, %.1f s of CPU)%s" % (
        "ok  " if not result.failures else "FAIL", stage.name, result.passed, total, seconds, cpu,
        " - " + extra if extra else ""))
    for name, details in result.failures:
        say("  not ok - " + name)
        for line in details.split("\n") if details else ():
            say("      " + line)


def summarize(results):
    """The closing lines; returns the exit status."""
    passed = sum(result.passed for result in results.values())
    failures = [name for result in results.values() for name, _ in result.failures]
    if failures:
        say("\nfailed (logs are in build-tests/logs/):")
        for name in failures:
            say("  " + name)
    say("\n%d passed, %d failed" % (passed, len(failures)))
    return 0 if passed and not failures else 1


def arguments():
    parser = argparse.ArgumentParser(prog="run-tests", description="Runs waxseal's tests.")
    parser.add_argument("--list", action="store_true", help="list the stages and end")
    parser.add_argument("--lanes", type=int, default=2, help="stages that compute at once (2)")
    parser.add_argument("stage", nargs="*",
                        help="run these stages, or groups, and the builds they need")
    return parser.parse_args()


def main():
    args = arguments()
    if args.list:
        for stage in STAGES:
            say("%-13s %s" % (stage.name, stage.what))
        for name, parts in GROUPS.items():
            say("%-13s = %s" % (name, " ".join(parts)))
        return 0
    try:
        stages = choose(args.stage, STAGES, GROUPS)
    except KeyError as unknown:
        print("run-tests: no stage %s; see ./run-tests --list" % unknown, file=sys.stderr)
        return 64
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)  # what runs is ended as by Ctrl-C
    started = time.monotonic()
    # each may fill the machine: alone it does, and beside others none is left waiting at the end
    ctx = Context(ROOT, jobs=os.cpu_count() or 2)
    try:
        results = Lanes(stages, ctx, print_result).run(max(1, min(args.lanes, len(stages))))
    except KeyboardInterrupt:
        return 130
    finally:
        ctx.stop()
    for stage in stages:
        if stage.name not in results:
            results[stage.name] = tap.Result()
            results[stage.name].fail("%s: did not run" % stage.name)
    say("took %d seconds" % (time.monotonic() - started))
    return summarize(results)


if __name__ == "__main__":
    sys.exit(main())
