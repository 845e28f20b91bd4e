"""Requests per second of the bundled server beside CherryPy's: ``python -m tests.bench_server [--help]``.

Both serve the same application, started side by side, and wrk (Debian: ``apt-get install wrk``) asks them in turn, so that
what else the machine does falls on both: the ratio of a round counts, not the figures. ``--soak`` asks the bundled server
alone for a long time, and looks at its memory and at what was lost.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psutil

from harness.machine import addresses
from harness.machine.deadlines import Deadline

from .wire.servers import GUEST, answers, end
from .wire.servers import python as python_of

APP = GUEST / "apps" / "tree.py"
CHERRYPY = GUEST.parent / "subjects" / "cherrypy" / "serve.py"
UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
CONNECTIONS = (1, 32, 256)


@dataclass(frozen=True, slots=True)
class Round:
    """What wrk saw in one round: requests per second, the 99th percentile in ms, answers, and what was lost."""

    rate: float
    late: float
    answers: int
    lost: str


def ask(address: tuple[str, int], connections: int, seconds: int) -> Round:
    """Keep ``connections`` connections busy for some seconds; raises SystemExit where wrk says nothing that can be read."""
    url = f"http://{address[0]}:{address[1]}/"
    done = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "20s", url],
        capture_output=True, text=True, check=True)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    late = re.search(r"99%\s+([\d.]+)(us|ms|s)", done.stdout)
    answers = re.search(r"(\d+) requests in", done.stdout)
    if rate is None or late is None or answers is None:
        raise SystemExit(f"wrk said something else:\n{done.stdout}{done.stderr}")
    lost = re.findall(r"Socket errors: .*|Non-2xx or 3xx responses: .*", done.stdout)
    return Round(float(rate[1]), float(late[1]) * UNITS[late[2]], int(answers[1]), "; ".join(lost))


@contextlib.contextmanager
def serving(subject: str, python: str) -> Iterator[tuple[tuple[str, int], psutil.Process]]:
    """Start a server as its subject does, with its own defaults; its address and its process."""
    with contextlib.closing(addresses.claim_own(addresses.has_loopback_range())) as claim, tempfile.TemporaryFile() as log:
        words = ["-s", "-m", "enginebus", str(APP), "--host", claim.host, "--port", str(claim.port), "--no-autoreload"]
        if subject == "cherrypy":
            words = ["-s", str(CHERRYPY), str(APP), claim.host, str(claim.port)]
        process = subprocess.Popen([python_of(subject, python), *words], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                   env={"PATH": os.defpath, "PYTHONPATH": str(GUEST), "PYTHONDONTWRITEBYTECODE": "1"})
        try:
            if not Deadline(30).wait(lambda: answers((claim.host, claim.port)), 0.05):
                raise SystemExit(f"{subject} on {python} did not start")
            yield (claim.host, claim.port), psutil.Process(process.pid)
        finally:
            end(process)


def compare(python: str, rounds: int, seconds: int, least: float) -> bool:
    """Print a line for each number of connections; whether the median ratio is ``least`` or more, and nothing was lost."""
    good = True
    with serving("enginebus", python) as (own, _), serving("cherrypy", python) as (other, _):
        for connections in CONNECTIONS:
            pairs = [(ask(own, connections, seconds), ask(other, connections, seconds)) for _ in range(rounds)]
            ratios = [mine.rate / theirs.rate for mine, theirs in pairs]
            late = [mine.late / theirs.late for mine, theirs in pairs]
            lost = sorted({mine.lost for mine, _ in pairs} - {""})
            median = statistics.median(ratios)
            good = good and median >= least and statistics.median(late) <= 1 and not lost
            print(f"{python:>5} {connections:4d} connections: {median:5.2f} times CherryPy's rate ({min(ratios):.2f} to "
                  f"{max(ratios):.2f}), 99th percentile {statistics.median(late):.2f} times; "
                  f"{statistics.median(m.rate for m, _ in pairs):.0f}/s and {statistics.median(t.rate for _, t in pairs):.0f}/s; "
                  f"lost: {'; '.join(lost) or 'nothing'}", flush=True)
    return good


def soak(python: str, seconds: int) -> bool:
    """Ask for a long time, minute by minute; whether nothing was lost, and memory grew by no more than 5 % after the first."""
    sizes: list[int] = []
    good = True
    with serving("enginebus", python) as (own, process):
        deadline = Deadline(seconds)
        while not deadline.passed or not sizes:
            each = ask(own, 32, min(60, seconds))
            sizes.append(process.memory_info().rss // 1024)
            good = good and not each.lost
            print(f"{python:>5} soak: {each.answers} answers, {each.rate:.0f}/s, {sizes[-1]} KiB, "
                  f"{process.num_threads()} threads, {process.num_fds()} descriptors, lost: {each.lost or 'nothing'}", flush=True)
    return good and sizes[-1] <= sizes[0] * 1.05


def main(words: Sequence[str] | None = None) -> int:
    """Parse the command line, measure, and return 0 where all is as it should be, 1 otherwise, 2 without wrk."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench_server", description=__doc__.partition("\n\n")[2])
    parser.add_argument("--python", action="append", help="on these Pythons (default: 2.7 and 3.13)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each number of connections (default: 3)")
    parser.add_argument("--seconds", type=int, default=10, help="seconds of a round (default: 10)")
    parser.add_argument("--least", type=float, default=2.0, help="the ratio that is asked for (default: 2)")
    parser.add_argument("--soak", type=int, default=0, metavar="SECONDS", help="then ask the bundled server alone for so long")
    options = parser.parse_args(words)
    if shutil.which("wrk") is None:
        print("wrk is not here: apt-get install wrk")
        return 2
    good = True
    for python in options.python or ["2.7", "3.13"]:
        good = compare(python, options.rounds, options.seconds, options.least) and good
        if options.soak:
            good = soak(python, options.soak) and good
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
