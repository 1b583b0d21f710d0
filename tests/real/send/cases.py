# SPDX-License-Identifier: Apache-2.0
"""All cases of `waxseal send` through real servers, and how they are run."""

import tempfile
import traceback
from concurrent.futures import ThreadPoolExecutor

from . import large, binding, auth, content, extensions  # noqa: F401, the longest come first
from .client import CASES, Place
from .servers import Servers


def count():
    return len(CASES)


def run(tap, street, pki):
    try:
        servers = Servers(street, pki)
    except Exception:  # whatever it is, it fails these cases and no others
        for name, _ in CASES:
            tap.result("send " + name, False, traceback.format_exc())
        return

    def one(each):
        name, function = each
        try:
            with tempfile.TemporaryDirectory(dir=street.folder) as folder:
                found = function(Place(servers, folder))
        except Exception:  # a surprise fails this case and no other
            found = [traceback.format_exc()]
        tap.result("send " + name, not found, "\n".join(found))

    with ThreadPoolExecutor(4) as pool:  # they mostly wait for servers
        list(pool.map(one, CASES))
