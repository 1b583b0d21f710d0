# SPDX-License-Identifier: Apache-2.0
"""Checks the architecture of this checkout (or of the one named) and writes TAP."""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "run")]

import rules  # noqa: E402
import tap  # noqa: E402


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent.parent
    tree = rules.Tree(root)
    out = tap.Writer()
    out.ok(bool(tree.names(".c", under=("src/",))), "there are sources to check")
    for title, rule in rules.RULES:
        bad = rule(tree)
        out.ok(not bad, title, bad)
    print("# " + rules.sizes(tree))
    return out.done()


if __name__ == "__main__":
    sys.exit(main())
