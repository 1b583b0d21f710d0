# SPDX-License-Identifier: Apache-2.0
"""Messages through real servers: their bytes, envelopes and extensions at the other end; memory."""

import traceback
from concurrent.futures import ThreadPoolExecutor

from . import message_extensions, message_inputs, message_memory, samples
from .delivery import ROUTES, Lab, compare, with_end
from .servers import Servers


def deliver(lab, route, sample):
    path = lab.file("%s %s.eml" % (sample.name, route.name), sample.data)
    return compare(lab, route, with_end(sample.data), "--message", path)


def cases():
    return [*(("%s: %s" % (r.name, s.name), lambda lab, r=r, s=s: deliver(lab, r, s))
              for s in samples.SAMPLES for r in ROUTES.values()),
            *message_inputs.cases(), *message_extensions.cases()]


def count():
    return len(cases()) + len(message_memory.cases())


def run(tap, street, pki, servers=None):
    many, alone = cases(), message_memory.cases()
    try:
        lab = Lab(street, servers or Servers(street, pki))
    except Exception:
        for title, _ in [*many, *alone]:
            tap.result("send: " + title, False, traceback.format_exc())
        return

    def one(case):
        try:
            return case[1](lab)
        except Exception:
            return [traceback.format_exc()]

    for group, workers in ((many, 3), (alone, 1)):
        with ThreadPoolExecutor(workers) as pool:
            for (title, _), found in zip(group, pool.map(one, group)):
                tap.result("send: " + title, not found, "\n".join(found or []))
