#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every document in tests/golden/ is valid by docs/waxseal.schema.json, and a spoilt one is not."""

import copy
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests" / "real"))
from lab import schema  # noqa: E402  (the path comes first)

LINE_HEAD = {"schema", "version", "started", "helo"}


def documents():
    for path in sorted((ROOT / "tests" / "golden").glob("*.json")):
        yield path.name, json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "tests" / "golden").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            one = json.loads(line)
            target = {k: v for k, v in one.items() if k not in LINE_HEAD}
            head = {k: one[k] for k in LINE_HEAD}
            yield path.name, {**head, "targets": [target], "ms": 0}


def spoilt(document):
    if "endpoint" in document:
        yield from spoilt_session(document)
        return
    extra = copy.deepcopy(document)
    extra["targets"][0]["verdict"] = "perhaps"
    yield extra
    extra = copy.deepcopy(document)
    extra["targets"][0]["surprise"] = 1
    yield extra
    extra = copy.deepcopy(document)
    del extra["targets"][0]["findings"]
    yield extra


def spoilt_session(document):
    extra = copy.deepcopy(document)
    extra["timing"].append({"name": "perhaps", "start_ms": 0, "ms": 0})
    yield extra
    extra = copy.deepcopy(document)
    extra["endpoint"]["surprise"] = 1
    yield extra
    extra = copy.deepcopy(document)
    del extra["detail"]
    yield extra


def main():
    rules = json.loads((ROOT / "docs" / "waxseal.schema.json").read_text(encoding="utf-8"))
    found, seen = [], 0
    for name, document in documents():
        seen += 1
        found += ["%s: %s" % (name, p) for p in schema.problems(document, rules)]
        found += ["%s: a spoilt copy passes" % name
                  for bad in spoilt(document) if not schema.problems(bad, rules)]
    if seen < 10:
        found.append("only %d documents in tests/golden" % seen)
    print("\n".join(found) or "%d documents are as in the schema" % seen)
    return 1 if found else 0


sys.exit(main())
