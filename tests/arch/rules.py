# SPDX-License-Identifier: Apache-2.0
"""The rules of the house. Each takes a Tree and returns what breaks it, one line per place."""

import os
import re
import subprocess
from pathlib import Path

import csource

FLOORS = {
    "base": 0,
    "facts": 1, "know": 1, "message": 1,
    "mail": 2, "wire": 2, "pki": 2, "sasl": 2,
    "net": 3, "tls": 3,
    "dns": 4, "client": 4,
    "probe": 5, "policy": 5,
    "diagnose": 6,
    "report": 7,
    "check": 8, "send": 8, "talk": 8,
    "connect": 9, "swaks": 9, "listen": 9, "survey": 9, "web": 9,
    "cmd": 10, "api": 10,
}

# Headers of a library, and the folders that may see them.
LIBRARIES = (
    ("openssl", re.compile(r"^openssl/"), {"tls", "client", "pki"}),
    ("libevent", re.compile(r"^(event2/|ev(ent|dns|http|rpc|util)\.h$)"), {"net"}),
    ("unbound", re.compile(r"^unbound"), {"dns"}),
    ("libcurl", re.compile(r"^curl/"), {"policy"}),
)

FORBIDDEN_CALLS = {
    "memcpy", "memmove", "strcpy", "stpcpy", "strcat", "strncpy", "strncat", "sprintf", "vsprintf",
    "strtok", "strtok_r", "sscanf", "vsscanf", "atoi", "atol", "atoll", "gets", "alloca", "exit",
    "abort", "system",
}
PRINTING_CALLS = {"printf", "vprintf", "puts", "putchar"}

MAX_FUNCTION_LINES = 100
MAX_COMPLEXITY = 25
MAX_FILE_LINES = 800

C_SPDX = "/* SPDX-License-Identifier: Apache-2.0 */"
SCRIPT_SPDX = "# SPDX-License-Identifier: Apache-2.0"

# Folders that no one can take for the place of a checkout on one machine.
_COMMON_FOLDERS = {"/", "/tmp", "/var/tmp", "/home", "/usr/src", "/src", "/opt", "/srv", "/mnt"}
# Put together here, so that this file does not break its own rule.
_UNFINISHED = re.compile(r"\b(%s)\b" % "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")))
_UNFINISHED_WORDS = re.compile(r"\b(%s)\b" % "|".join(("not " + "implemented", "st" + "ub")), re.I)


class Tree:
    """The text files of a checkout: tracked, or new and not ignored. No commit is needed."""

    def __init__(self, root, home=None):
        self.root = Path(root)
        self.home = os.environ.get("HOME", "") if home is None else home
        listed = subprocess.run(
            ["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"],
            cwd=self.root, stdout=subprocess.PIPE, check=True).stdout
        names = sorted({name.decode() for name in listed.split(b"\0") if name})
        self._texts = {}
        for name in names:
            path = self.root / name
            if path.is_file() and not path.is_symlink():
                data = path.read_bytes()
                if b"\0" not in data:
                    self._texts[name] = data.decode("utf-8", "replace")

    def names(self, *suffixes, under=("",)):
        return [name for name in self._texts
                if name.startswith(tuple(under)) and (not suffixes or name.endswith(suffixes))]

    def text(self, name):
        return self._texts[name]

    def has(self, name):
        return name in self._texts

    def sources(self):
        return self.names(".c", ".h", under=("src/",))


def folder_of(name):
    """The folder below src/ of src/folder/file, or "" for a file straight in src/."""
    parts = name.split("/")
    return parts[1] if len(parts) > 2 else ""


# ---- includes

def include_arrows(tree):
    """An include goes to the same folder or to a lower floor."""
    bad = []
    for name in tree.sources():
        own = folder_of(name)
        if own not in FLOORS:
            bad.append("%s: not in a folder of the house" % name)
            continue
        for line, quoted, path in csource.includes(tree.text(name)):
            if not quoted or (path == "waxseal.h" and FLOORS[own] == 10):
                continue
            other = path.split("/")[0] if "/" in path else ""
            if other not in FLOORS:
                bad.append('%s:%d: "%s" is not written as "folder/file.h"' % (name, line, path))
            elif other != own and FLOORS[other] >= FLOORS[own]:
                bad.append("%s:%d: %s (floor %d) includes %s (floor %d)"
                           % (name, line, own, FLOORS[own], path, FLOORS[other]))
    return bad


def includes_exist(tree):
    """A quoted include of the program names a file of src/ or include/."""
    return ['%s:%d: no "%s"' % (name, line, path)
            for name in tree.sources()
            for line, quoted, path in csource.includes(tree.text(name))
            if quoted and not tree.has("src/" + path) and not tree.has("include/" + path)]


def own_header_first(tree):
    """A source file with a header of the same name includes that header before all others."""
    bad = []
    for name in tree.names(".c", under=("src/",)):
        own = name[len("src/"):-1] + "h"
        found = csource.includes(tree.text(name))
        if tree.has("src/" + own) and (not found or found[0][2] != own):
            bad.append('%s: "%s" is not its first include' % (name, own))
    return bad


def library_headers(tree):
    """A library's headers are seen in its own folders only, and never in include/."""
    bad = []
    for name in tree.sources() + tree.names(".h", under=("include/",)):
        own = folder_of(name)
        for line, _, path in csource.includes(tree.text(name)):
            for library, pattern, folders in LIBRARIES:
                if pattern.match(path) and own not in folders:
                    bad.append("%s:%d: %s (%s) outside %s"
                               % (name, line, path, library, ", ".join(sorted(folders))))
    return bad


def include_guards(tree):
    """Every header has an include guard, named after its path."""
    bad = []
    for name in tree.names(".h"):
        code = csource.code_only(tree.text(name))
        guard = re.search(r"^\s*#\s*ifndef\s+(\w+)\s*\n\s*#\s*define\s+(\w+)\s*$", code, re.M)
        if not guard or guard.group(1) != guard.group(2) or "#endif" not in code:
            bad.append("%s: no include guard" % name)
    seen = {}
    for name in tree.names(".h"):
        guard = re.search(r"^\s*#\s*ifndef\s+(\w+)", tree.text(name), re.M)
        if guard and guard.group(1) in seen:
            bad.append("%s: guard %s is also that of %s"
                       % (name, guard.group(1), seen[guard.group(1)]))
        elif guard:
            seen[guard.group(1)] = name
    return bad


# ---- sizes

def c_files(tree):
    return tree.names(".c", ".h", under=("src/", "include/", "tests/", "fuzz/", "bench/"))


def all_functions(tree, names):
    return [(name, function) for name in names for function in csource.functions(tree.text(name))]


def function_length(tree):
    return ["%s:%d: %s has %d lines" % (name, f.line, f.name, f.lines)
            for name, f in all_functions(tree, c_files(tree)) if f.lines > MAX_FUNCTION_LINES]


def function_complexity(tree):
    return ["%s:%d: %s has complexity %d" % (name, f.line, f.name, f.complexity)
            for name, f in all_functions(tree, c_files(tree)) if f.complexity > MAX_COMPLEXITY]


def file_length(tree):
    bad = []
    for name in c_files(tree):
        lines = tree.text(name).count("\n")
        table = re.search(r"_tables?\.[ch]$", name)
        if lines > MAX_FILE_LINES and not table:
            bad.append("%s: %d lines" % (name, lines))
    return bad


def sizes(tree):
    """Median and 95th percentile of the program's functions, as text."""
    found = [f for _, f in all_functions(tree, tree.names(".c", under=("src/",)))]
    if not found:
        return "no functions"
    lengths = sorted(f.lines for f in found)
    complexities = sorted(f.complexity for f in found)
    return ("%d functions; lines: median %d, 95th percentile %d, most %d; complexity: median %d, "
            "95th percentile %d, most %d"
            % (len(found), *_spread(lengths), *_spread(complexities)))


def _spread(ordered):
    return (ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)],
            ordered[-1])


# ---- calls and names

def _calls_outside(tree, names, allowed):
    bad = []
    for name in tree.sources():
        if folder_of(name) in allowed:
            continue
        code = csource.code_only(tree.text(name))
        bad += ["%s:%d: %s()" % (name, line, call) for line, call in csource.calls(code, names)]
    return bad


def forbidden_calls(tree):
    """Calls that go wrong on hostile bytes, or end the process, stay in src/base."""
    return _calls_outside(tree, FORBIDDEN_CALLS, {"base"})


def printing(tree):
    """Only commands write to standard output."""
    bad = _calls_outside(tree, PRINTING_CALLS, {"cmd"})
    for name in tree.sources():
        if folder_of(name) != "cmd":
            code = csource.code_only(tree.text(name))
            bad += ["%s:%d: stdout" % (name, code.count("\n", 0, m.start()) + 1)
                    for m in re.finditer(r"\b(stdout|STDOUT_FILENO)\b", code)]
    return bad


def function_prefix(tree):
    """A function that others can call is named after its folder."""
    bad = []
    for name, f in all_functions(tree, tree.names(".c", under=("src/",))):
        own = folder_of(name)
        if f.static or f.name.startswith(own + "_"):
            continue
        if own == "cmd" and f.name == "main":
            continue
        if own == "api" and f.name.startswith("waxseal_"):
            continue
        bad.append("%s:%d: %s does not begin with %s_" % (name, f.line, f.name, own))
    return bad


# ---- text

def licence_lines(tree):
    """Every source file and script begins with its licence."""
    bad = [name for name in tree.names(".c", ".h")
           if tree.text(name).split("\n", 1)[0] != C_SPDX]
    for name in tree.names():
        head = tree.text(name).split("\n", 3)[:3]
        script = head[0].startswith("#!") or name.endswith((".py", ".sh", "meson.build"))
        if script and SCRIPT_SPDX not in head:
            bad.append(name)
    return ["%s: no licence line at the top" % name for name in bad]


def machine_paths(tree):
    """No file names a place on the machine that it was written on."""
    places = {str(tree.root.resolve().parent), tree.home.rstrip("/")}
    places = {place + "/" for place in places if place and place not in _COMMON_FOLDERS}
    bad = []
    for name in tree.names():
        for number, line in enumerate(tree.text(name).split("\n"), 1):
            bad += ["%s:%d: names %s" % (name, number, place) for place in places if place in line]
    return bad


def unfinished_words(tree):
    """No file announces work that is left to do."""
    bad = []
    for name in tree.names():
        inside = name.startswith(("src/", "tests/"))
        for number, line in enumerate(tree.text(name).split("\n"), 1):
            if _UNFINISHED.search(line) or (inside and _UNFINISHED_WORDS.search(line)):
                bad.append("%s:%d: %s" % (name, number, line.strip()[:80]))
    return bad


def style_of_text(tree):
    """Text files end with a line end and hold no carriage returns or trailing blanks."""
    bad = []
    for name in tree.names(".c", ".h", ".py", ".sh", ".build", ".md"):
        text = tree.text(name)
        if text and not text.endswith("\n"):
            bad.append("%s: no line end at the end" % name)
        if "\r" in text:
            bad.append("%s: carriage return" % name)
    return bad


RULES = (
    ("include arrows go down the floors", include_arrows),
    ("quoted includes exist", includes_exist),
    ("a file includes its own header first", own_header_first),
    ("library headers stay in their folders", library_headers),
    ("headers have include guards", include_guards),
    ("functions have at most %d lines" % MAX_FUNCTION_LINES, function_length),
    ("functions have a complexity of at most %d" % MAX_COMPLEXITY, function_complexity),
    ("files have at most %d lines" % MAX_FILE_LINES, file_length),
    ("forbidden calls stay in src/base", forbidden_calls),
    ("only src/cmd prints", printing),
    ("functions are named after their folder", function_prefix),
    ("files begin with the licence line", licence_lines),
    ("no paths of one machine", machine_paths),
    ("no unfinished work", unfinished_words),
    ("text files are clean", style_of_text),
)
