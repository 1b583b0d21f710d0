# SPDX-License-Identifier: Apache-2.0
"""Proves that each architecture rule is silent on a good tree and speaks on a bad one (TAP)."""

import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "run")]

import csource  # noqa: E402
import rules  # noqa: E402
import tap  # noqa: E402

L = rules.C_SPDX + "\n"


def header(guard, body=""):
    return L + "#ifndef %s\n#define %s\n%s#endif\n" % (guard, guard, body)


GOOD = {
    "include/waxseal.h": header("WAXSEAL_H"),
    "src/base/buf.h": header("BASE_BUF_H"),
    "src/base/buf.c": L + '#include "base/buf.h"\n#include <string.h>\n'
                          "void base_buf_copy(char *a, const char *b) {\n    memcpy(a, b, 1);\n}\n",
    "src/mail/reply.h": header("MAIL_REPLY_H"),
    "src/mail/reply.c": L + '#include "mail/reply.h"\n#include "base/buf.h"\n'
                            "/* memcpy( in a comment */\n"
                            'static const char *help = "sprintf(x) and stdout { if ( ";\n'
                            "static int any(void) {\n    return help != 0;\n}\n"
                            "int mail_reply_any(void) {\n    return any();\n}\n",
    "src/tls/session.c": L + "#include <openssl/ssl.h>\n",
    "src/cmd/main.c": L + '#include "waxseal.h"\n#include <stdio.h>\n'
                          'int main(void) {\n    return puts("hello") < 0;\n}\n',
    "src/know/suite_table.c": L + "static const int rows[] = {\n" + "    1,\n" * 900 + "};\n",
    "tests/run.sh": "#!/bin/sh\n" + rules.SCRIPT_SPDX + "\n",
    "notes.md": "XXXXXXXA masks a keyword; mkstemp wants XXXXXX\n",
}

LONG_BODY = "    n++;\n" * 100
BRANCHY_BODY = "    if (n && n > 1)\n        n = n ? 1 : 2;\n" * 9

# (rule, file, its text, words that the complaint must hold)
BAD = (
    ("include_arrows", "src/base/buf.c", L + '#include "base/buf.h"\n#include "mail/reply.h"\n',
     "includes mail/reply.h"),
    ("include_arrows", "src/mail/up.c", L + '#include "reply.h"\n', "not written as"),
    ("include_arrows", "src/mail/side.c", L + '#include "pki/chain.h"\n', "floor 2"),
    ("include_arrows", "src/mail/api.c", L + '#include "waxseal.h"\n', "not written as"),
    ("include_arrows", "src/attic/old.c", L, "not in a folder"),
    ("include_arrows", "src/loose.c", L, "not in a folder"),
    ("includes_exist", "src/mail/gone.c", L + '#include "base/gone.h"\n', "base/gone.h"),
    ("own_header_first", "src/mail/reply.c",
     L + '#include "base/buf.h"\n#include "mail/reply.h"\n', "mail/reply.h"),
    ("library_headers", "src/mail/ssl.c", L + "#include <openssl/ssl.h>\n", "openssl/ssl.h"),
    ("library_headers", "src/dns/loop.c", L + "#include <event2/event.h>\n", "event2/event.h"),
    ("library_headers", "src/dns/loop.c", L + "#include <event.h>\n", "event.h"),
    ("library_headers", "src/net/ask.c", L + "#include <unbound-event.h>\n", "unbound-event.h"),
    ("library_headers", "include/waxseal.h", header("WAXSEAL_H", "#include <openssl/x509.h>\n"),
     "openssl/x509.h"),
    ("include_guards", "src/mail/bare.h", L + "int mail_bare(void);\n", "mail/bare.h"),
    ("include_guards", "src/mail/same.h", header("MAIL_REPLY_H"), "MAIL_REPLY_H"),
    ("function_length", "src/mail/long.c",
     L + "static void f(int n) {\n" + LONG_BODY + "}\n", "102 lines"),
    ("function_length", "tests/unit/test_long.c",
     L + "static void f(int n)\n{\n" + LONG_BODY + "}\n", "103 lines"),
    ("function_complexity", "src/mail/branchy.c",
     L + "static int f(int n) {\n" + BRANCHY_BODY + "    return n;\n}\n", "complexity 28"),
    ("file_length", "src/mail/big.c", L + "\n" * 801, "802 lines"),
    ("forbidden_calls", "src/mail/copy.c",
     L + "static void f(char *a) {\n    memcpy(a, a, 1);\n}\n", "memcpy()"),
    ("forbidden_calls", "src/net/number.c",
     L + "static int f(char *a) {\n    return atoi (a);\n}\n", "atoi()"),
    ("forbidden_calls", "src/cmd/leave.c", L + "static void f(void) {\n    exit(1);\n}\n",
     "exit()"),
    ("forbidden_calls", "src/mail/hidden.h",
     header("MAIL_HIDDEN_H", "#define COPY(a, b) \\\n    strcpy(a, b)\n"), "strcpy()"),
    ("printing", "src/report/say.c", L + 'static void f(void) {\n    printf("x");\n}\n',
     "printf()"),
    ("printing", "src/report/say.c", L + 'static void f(void) {\n    fputs("x", stdout);\n}\n',
     "stdout"),
    ("function_prefix", "src/mail/name.c", L + "int reply_read(void) {\n    return 0;\n}\n",
     "reply_read"),
    ("function_prefix", "src/mail/name.c", L + "int main(void)\n{\n    return 0;\n}\n", "main"),
    ("licence_lines", "src/mail/free.c", "int mail_free;\n", "mail/free.c"),
    ("licence_lines", "tests/run.sh", "#!/bin/sh\n", "tests/run.sh"),
    ("licence_lines", "src/mail/meson.build", "mail_sources = files()\n", "meson.build"),
    ("machine_paths", "README.md", "see {parent}/shared for more\n", "README.md:1"),
    ("machine_paths", "README.md", "see /home/someone/bin for more\n", "README.md:1"),
    ("unfinished_words", "README.md", "a line\nTO" + "DO: write\n", "README.md:2"),
    ("unfinished_words", "src/mail/later.c", L + "/* not " + "implemented */\n", "later.c:2"),
    ("style_of_text", "README.md", "no line end", "README.md"),
    ("style_of_text", "README.md", "a\r\n", "carriage return"),
)

FUNCTIONS = (
    ("int f(void) {\n}\n", [("f", 1, 2, 1, False)]),
    ("static int *g(int a,\n              int b)\n{\n    return a ? 0 : 0;\n}\n",
     [("g", 1, 5, 2, True)]),
    ("struct a {\n    int (*call)(void);\n};\nenum b { C };\nstatic int d[] = {1, 2};\n", []),
    ("#define M(x) \\\n    if (x) { \\\n    }\nvoid h(void) {\n    M(1);\n}\n",
     [("h", 4, 3, 1, False)]),
    ('void s(void) {\n    put("}{");\n    put(\'{\');\n}\nvoid t(void) {\n}\n',
     [("s", 1, 4, 1, False), ("t", 5, 2, 1, False)]),
    ("__attribute__((noinline)) void u(void) {\n}\n", [("u", 1, 2, 1, False)]),
    ("void v(const char *f, ...) WS_PRINTF(1, 2) {\n    switch (1) {\n    case 1:\n    case 2:\n"
     "        break;\n    }\n}\n", [("v", 1, 7, 3, False)]),
    ("int (*w(int a))(void) {\n    return 0;\n}\n", None),  # unusual; must only not break the reader
)


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.replace("{parent}", str(root.parent)).encode())


def complaints(files):
    """What each rule says about a tree of these files in a new folder."""
    with tempfile.TemporaryDirectory(prefix="waxseal-arch-") as folder:
        root = Path(folder) / "checkout"
        root.mkdir()
        subprocess.run(["git", "init", "-q"], cwd=root, check=True)
        write(root, files)
        tree = rules.Tree(root, home="/home/someone")
        return {rule.__name__: rule(tree) for _, rule in rules.RULES}


def test_good(out):
    said = complaints(GOOD)
    for name, bad in said.items():
        out.ok(not bad, "good tree: %s is silent" % name, bad)


def test_bad(out):
    seen = set()
    for rule, name, text, words in BAD:
        bad = complaints({**GOOD, name: text})[rule]
        seen.add(rule)
        out.ok(len(bad) == 1 and words in bad[0], "bad tree: %s sees %s in %s" % (rule, words, name),
               bad or ["it said nothing"])
    missing = {rule.__name__ for _, rule in rules.RULES} - seen
    out.ok(not missing, "every rule was seen to fail", sorted(missing))


def test_ignored(out):
    said = complaints({**GOOD, ".gitignore": "/build*/\n", "build/x.c": "no licence\n"})
    out.ok(not said["licence_lines"], "ignored files are left alone", said["licence_lines"])


def test_functions(out):
    for number, (text, wanted) in enumerate(FUNCTIONS):
        found = [(f.name, f.line, f.lines, f.complexity, f.static) for f in csource.functions(text)]
        out.ok(wanted is None or found == wanted, "functions of text %d" % number, [str(found)])


def main():
    out = tap.Writer()
    test_good(out)
    test_bad(out)
    test_ignored(out)
    test_functions(out)
    return out.done()


if __name__ == "__main__":
    sys.exit(main())
