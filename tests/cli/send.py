#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""send.py PROGRAM [WORD...] - `waxseal send` as its user meets it; prints TAP.

A scripted server on loopback shows what arrives. With words: the tests whose name holds one.
"""
import importlib
import sys

import send_kit

send_kit.make_certificates()
for part in ("send_auth", "send_envelope", "send_message", "send_tls", "send_many", "send_wrong",
             "send_hostile", "send_manual"):
    importlib.import_module(part)
sys.exit(send_kit.run_tests(sys.argv[2:]))
