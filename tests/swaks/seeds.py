# SPDX-License-Identifier: Apache-2.0
"""seeds - the command lines of the conformance kit for swaks, as cases to run and to change.

The kit is looked for beside this tree; without it there are no seeds. Only cases that end without
a connection are taken: those that dump what was understood. Everything lies in one folder.
"""

import os
import re
from pathlib import Path

KIT = Path(__file__).resolve().parents[3] / "shared" / "swaks-suite" / "data"
PIECE = re.compile(r'''"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|((?:[^\s"'\\]|\\.)+)''', re.DOTALL)


class Seed:
    """One case of the kit: words, environment, files by their names, answers to prompts."""

    def __init__(self, name):
        self.name, self.args, self.env, self.files, self.stdin = name, [], {}, {}, ""


def split(text):
    """Words as the kit splits them: a backslash stays inside single quotes."""
    words, end = [], -1
    for piece in PIECE.finditer(text):
        double, single, plain = piece.groups()
        part = single if single is not None else re.sub(
            r"\\(.)", r"\1", double if double is not None else plain, flags=re.S)
        if piece.start() == end:
            words[-1] += part
        else:
            words.append(part)
        end = piece.end()
    return words


def place(suite, number, text):
    text = text.replace("%TESTID%", number).replace("%CERTDIR%", str(KIT / "certs"))
    text = text.replace("%QUOTE_SINGLE%", "'").replace("%QUOTE_DOUBLE%", '"').replace("%EMPTY%", "<>")
    return re.sub("%(TESTDIR|OUTDIR|REFDIR)%", "{folder}", text)


def add_file(seed, suite, name):
    path = KIT / suite / name
    if path.is_file():
        seed.files[name] = path.read_bytes()
    elif path.is_dir():
        for inner in filter(Path.is_file, path.iterdir()):
            seed.files[name + "/" + inner.name] = inner.read_bytes()


def merge(seed, suite, words):
    content = b""
    for part in words[1:]:
        kind, _, value = part.partition(":")
        if kind == "string":
            content += value.replace("\\n", "\n").encode()
        elif kind == "file":
            content += (KIT / suite / value.replace("{folder}/", "")).read_bytes()
    seed.files[words[0].replace("{folder}/", "")] = content


def perform(seed, suite, action):
    """Takes up one line of a case; False: it can't be a seed."""
    words = split(action)
    if words[0] == "SET_ENV":
        seed.env[words[1]] = words[2] if len(words) > 2 else ""
    elif words[0] == "MERGE":
        if "file:%SWAKS%" in words:  # a program with a configuration behind it
            return False
        merge(seed, suite, words[1:])
    elif words[0] == "CMD_CAPTURE" and words[1] == "%SWAKS%" and not seed.args:
        typed = [w[6:] for w in words if w.startswith("STDIN:")]
        seed.args = [w for w in words[2:] if not w.startswith("STDIN:")]
        for source in typed:
            seed.stdin = (source[8:].replace("\\n", "\n") if source.startswith("LITERAL:")
                          else (KIT / suite / source.replace("{folder}/", "")).read_text())
    elif words[0] not in ("DEFINE", "REMOVE_FILE"):
        return False
    return True


def read(path):
    suite, number = path.parent.name, path.stem
    seed = Seed("%s/%s" % (suite, number))
    text = place(suite, number, path.read_text(encoding="utf-8").replace("\\\n", " "))
    for name in re.findall(r"\{folder\}/(@?[\w.-]+)", text):
        add_file(seed, suite, name)
    for key, action in re.findall(r"^(pre action|once action|test action|auto): +(.*)$", text, re.M):
        action = re.sub(r"^IFOS!?=\w+ +", "", action)
        if key != "auto":
            if not perform(seed, suite, action):
                return None
        elif action.startswith("INTERACT"):
            words = split(action)
            seed.args, seed.stdin = split(words[1])[1:], "".join(w + "\n" for w in words[3::2])
    ends = any(re.fullmatch("--?dump(-mail)?(=.*)?", w) for w in seed.args)
    return seed if ends and "--UNSET--" not in seed.env.values() else None


def read_all():
    if not KIT.is_dir():
        return []
    paths = sorted(KIT.glob("_options-*/*.test")) + sorted(KIT.glob("_exec-output*/*.test"))
    return [seed for seed in map(read, paths) if seed]


if __name__ == "__main__":
    for one in read_all():
        print(one.name, one.args, one.env, sorted(one.files), repr(one.stdin))
