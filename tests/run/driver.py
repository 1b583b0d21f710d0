# SPDX-License-Identifier: Apache-2.0
"""Runs the stages of the test suite in two lanes and closes with "N passed, N failed".

Usage: driver.py [--list] [--lanes N] [STAGE...]

Stages are started in the order of stages.STAGES as soon as what they need has passed and a lane is
free. Logs are in build-tests/logs/. Exit status 0: at least one test passed and none failed.
"""

import argparse
import os
import sys
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import tap  # noqa: E402
from context import Context  # noqa: E402
from stages import STAGES  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent


def say(text):
    """Prints, and goes on in silence when no one reads any more (run-tests | head)."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def choose(names, stages):
    """The stages of these names and all that they need; every stage when no name is given."""
    by_name = {stage.name: stage for stage in stages}
    chosen = set()

    def take(name):
        if name not in chosen:
            chosen.add(name)
            for need in by_name[name].needs:
                take(need)

    for name in names or by_name:
        if name not in by_name:
            raise KeyError(name)
        take(name)
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
        threads = [threading.Thread(target=self._lane, daemon=True) for _ in range(lanes)]
        for thread in threads:
            thread.start()
        for thread in threads:
            while thread.is_alive():
                thread.join(0.2)
        return self.results

    def _lane(self):
        while True:
            stage = self._next()
            if stage is None:
                return
            started = time.monotonic()
            result = self._run(stage)
            with self.changed:
                self.report(stage, result, time.monotonic() - started)
                self.results[stage.name] = result
                self.running.discard(stage.name)
                self.changed.notify_all()

    def _next(self):
        """The first stage that is ready, waiting for one if need be; None when all are taken."""
        with self.changed:
            while self.waiting:
                for stage in self.waiting:
                    if all(need in self.results for need in stage.needs):
                        self.waiting.remove(stage)
                        self.running.add(stage.name)
                        return stage
                if not self.running:
                    raise RuntimeError("stages wait for each other: %s" % self.waiting)
                self.changed.wait()
        return None

    def _run(self, stage):
        broken = [need for need in stage.needs if self.results[need].failures]
        result = tap.Result()
        if broken:
            result.fail("%s: not run, because %s failed" % (stage.name, ", ".join(broken)))
            return result
        try:
            result = run_bounded(stage, self.ctx)
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


def print_result(stage, result, seconds):
    """One line for a stage; under it every failure with the end of its log."""
    total = result.passed + len(result.failures)
    extra = getattr(result, "note", "")
    say("%s %-12s %d of %d (%.1f s)%s" % ("ok  " if not result.failures else "FAIL", stage.name,
                                          result.passed, total, seconds,
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
    parser.add_argument("--lanes", type=int, default=2, help="stages at once (2)")
    parser.add_argument("stage", nargs="*", help="run these stages and the builds they need")
    return parser.parse_args()


def main():
    args = arguments()
    if args.list:
        for stage in STAGES:
            say("%-12s %s" % (stage.name, stage.what))
        return 0
    try:
        stages = choose(args.stage, STAGES)
    except KeyError as unknown:
        print("run-tests: no stage %s; see ./run-tests --list" % unknown, file=sys.stderr)
        return 64
    started = time.monotonic()
    lanes = max(1, min(args.lanes, len(stages)))
    ctx = Context(ROOT, jobs=max(1, (os.cpu_count() or 2) // lanes))
    try:
        results = Lanes(stages, ctx, print_result).run(lanes)
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
