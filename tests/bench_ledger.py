"""What sampling costs: ``python -m tests.bench_ledger [SECONDS] [WORKERS]``, as a part of a core.

A server with 30 connections is sampled by a ledger that believes to be one of WORKERS; the share is that of all of them.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from harness.cell.port_holders import Holder
from harness.cell.resource_samples import CORE_SHARE, Ledger
from harness.machine import addresses
from harness.machine.deadlines import Deadline


def main(seconds: float = 10.0, workers: float = 4) -> int:
    """Sample for some seconds; return 1 where all workers together would take more than 5 % of a core."""
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        claim = stack.enter_context(contextlib.closing(addresses.claim_own(addresses.has_loopback_range())))
        stack.enter_context(contextlib.closing(Holder(claim.host, claim.port, "listen")))
        for _ in range(30):
            stack.enter_context(contextlib.closing(socket.create_connection((claim.host, claim.port))))
        log = stack.enter_context(tempfile.NamedTemporaryFile())
        server = SimpleNamespace(name="main", log=Path(log.name), pid=os.getpid(), popen=SimpleNamespace(returncode=None))
        cell: Any = SimpleNamespace(
            servers={"main": server}, host=claim.host, base_port=claim.port, clock=lambda: time.monotonic() - began)
        ledger = Ledger(cell, int(workers))
        ledger.start()
        Deadline(seconds).wait(lambda: False, 0.5)
        ledger.stop()
    wall = time.monotonic() - began
    share = ledger.cpu_seconds / wall * workers
    print(f"{ledger.taken} samples in {wall:.1f} s, {1000 * ledger.cpu_seconds / ledger.taken:.2f} ms each; "
          f"{workers:g} workers take {100 * share:.2f} % of a core (aimed at: {100 * CORE_SHARE:g} %)")
    return 0 if share < 0.05 else 1


if __name__ == "__main__":
    sys.exit(main(*(float(word) for word in sys.argv[1:3])))
