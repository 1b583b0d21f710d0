# SPDX-License-Identifier: Apache-2.0
"""Reads C source far enough to find includes, functions and calls. Not a compiler: it relies on the
layout that clang-format gives the project."""

import re
from dataclasses import dataclass

_COMMENT_OR_STRING = re.compile(
    r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.MULTILINE)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.MULTILINE)
_BRANCH = re.compile(r"\b(?:if|for|while|case)\b|&&|\|\||\?")
_NAME_BEFORE_PARENTHESIS = re.compile(r"([A-Za-z_]\w*)\s*$")
_ATTRIBUTE = re.compile(r"\b(?:__attribute__|WS_[A-Z_]+)\s*\(")


def _blank(match):
    """Spaces in place of what matched, with the line ends kept; the quotes of a string stay."""
    text = match.group(0)
    inner = re.sub(r"[^\n]", " ", text)
    if text[0] in "\"'":
        return text[0] + inner[1:-1] + text[-1]
    return inner


def code_only(text):
    """The text with comments and the insides of strings blanked; offsets and lines stay the same."""
    return _COMMENT_OR_STRING.sub(_blank, text)


def includes(text):
    """(line, quoted?, path) of every #include. Comments are blanked, paths read from the text."""
    code = re.sub(r"/\*.*?\*/|//[^\n]*", _blank, text, flags=re.DOTALL)
    return [(text.count("\n", 0, m.start(2)) + 1, m.group(1) == '"', m.group(2))
            for m in _INCLUDE.finditer(code)]


def without_directives(code):
    """Code with every preprocessor directive (and its continuation lines) blanked."""
    return _DIRECTIVE.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), code)


def calls(code, names):
    """(line, name) of each use of one of these names as a function, in code without comments."""
    wanted = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(sorted(names)))
    return [(code.count("\n", 0, m.start(1)) + 1, m.group(1)) for m in wanted.finditer(code)]


@dataclass(frozen=True)
class Function:
    name: str
    line: int        # where its declaration begins
    lines: int       # from there to the closing brace
    complexity: int  # 1 + if, for, while, case, &&, ||, ?
    static: bool


def functions(text):
    """The functions that are defined in a C text."""
    code = without_directives(code_only(text))
    found = []
    position = 0
    while True:
        start = code.find("{", position)
        if start < 0:
            return found
        end = matching(code, start, "{", "}")
        head_start = _head_start(code, start)
        function = _function(code, head_start, start, end)
        if function:
            found.append(function)
        position = end + 1


def matching(code, start, opening, closing):
    """The offset of the bracket that closes the one at start; the last offset when none does."""
    depth = 0
    for index in range(start, len(code)):
        if code[index] == opening:
            depth += 1
        elif code[index] == closing:
            depth -= 1
            if depth == 0:
                return index
    return len(code) - 1


def _head_start(code, brace):
    """Where the text that leads to a brace on file level begins."""
    return max(code.rfind(";", 0, brace), code.rfind("}", 0, brace)) + 1


def _function(code, head_start, brace, end):
    head = code[head_start:brace]
    parenthesis = _parameter_list(head)
    if parenthesis is None or "=" in head[:parenthesis]:
        return None
    name = _NAME_BEFORE_PARENTHESIS.search(head[:parenthesis])
    if not name:
        return None
    first = head_start + len(head) - len(head.lstrip())
    line = code.count("\n", 0, first) + 1
    last = code.count("\n", 0, end) + 1
    body = code[brace:end]
    return Function(name.group(1), line, last - line + 1, 1 + len(_BRANCH.findall(body)),
                    re.search(r"\bstatic\b", head) is not None)


def _parameter_list(head):
    """The offset of the parenthesis that opens a function's parameters, or None."""
    attribute = _ATTRIBUTE.search(head)
    while attribute:
        close = matching(head, attribute.end() - 1, "(", ")")
        head = head[:attribute.start()] + " " * (close + 1 - attribute.start()) + head[close + 1:]
        attribute = _ATTRIBUTE.search(head)
    if not head.rstrip().endswith(")"):
        return None
    depth = 0
    for index in range(len(head) - 1, -1, -1):
        if head[index] == ")":
            depth += 1
        elif head[index] == "(":
            depth -= 1
            if depth == 0:
                return index
    return None
