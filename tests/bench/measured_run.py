"""Run a command, and measure it: wall time, processor time of its whole tree, and of the driver in it.

``python -m tests.bench.measured_run RESULT [--cwd DIR] [--reports DIR] [--interrupt] -- COMMAND …`` writes RESULT as JSON. It
is a process of its own and a subreaper: every process that the command leaves behind becomes its child, and is waited for, so
that RUSAGE_CHILDREN adds up all of them. Where it may, it puts the command into a control group of its own; that group's
account is the check that nothing was missed.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import processes

ROOT = Path(__file__).resolve().parents[2]
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
LEFT_SECONDS = 20.0  # that a command's leftovers get to end


class Failed(Exception):
    """A command that was to be measured did not do what it should."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One measured command; ``lines`` are the results that it wrote, ``idle`` the machine's idle seconds at some moments."""

    wall: float
    cpu: float
    driver: float
    cgroup: float | None
    exit: int
    lines: tuple[dict[str, Any], ...]
    idle: tuple[tuple[float, float], ...]
    said: str

    @property
    def guests(self) -> float:
        """The processor seconds of all that is not the driver's."""
        return max(0.0, self.cpu - self.driver)

    @property
    def ran(self) -> list[str]:
        """The cells that ran."""
        return sorted(line["cell"] for line in self.lines if line["status"] == "ran")


def measure(
    command: Sequence[str], *, cwd: Path = ROOT, reports: Path | None = None, env: dict[str, str] | None = None,
    interrupt: bool = False, allowed: tuple[int, ...] = (0, 1),
) -> Measured:
    """Run a command and return what it took; raises Failed for an exit code that is not ``allowed``.

    With ``interrupt`` it gets SIGINT as soon as it has written a result.
    """
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        result = Path(name) / "result.json"
        words = [sys.executable, "-m", "tests.bench.measured_run", str(result), "--cwd", str(cwd)]
        words += ["--reports", str(reports)] if reports else []
        words += ["--interrupt"] if interrupt else []
        subprocess.run([*words, "--", *command], cwd=ROOT, env={**os.environ, **(env or {})}, check=True, stdin=subprocess.DEVNULL)
        told = json.loads(result.read_text("utf-8"))
    found = Measured(**{**told, "lines": tuple(told["lines"]), "idle": tuple(map(tuple, told["idle"]))})
    if found.exit not in allowed:
        raise Failed(f"exit code {found.exit}: {' '.join(command)[:400]}\n{found.said}")
    return found


def measure_cells(command: Sequence[str], reports: Path, cells: int | None = None, **more: Any) -> Measured:
    """Run a matrix whose reports go to an empty folder; raises Failed unless ``cells`` cells ran (None: at least one)."""
    shutil.rmtree(reports, ignore_errors=True)
    run = measure(command, reports=reports, **more)
    if not run.ran or len(run.ran) != (cells or len(run.ran)):
        raise Failed(f"{cells or 'some'} cells were to run, and {len(run.ran)} did: {' '.join(command)[:400]}\n{run.said}")
    return run


def _group() -> Path | None:
    """A new control group that counts processor time, below our own; None if there can be none."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text("ascii").splitlines():
            _, controllers, path = line.split(":", 2)
            if "cpuacct" in controllers.split(",") or not controllers:
                top = Path("/sys/fs/cgroup/cpuacct" if controllers else "/sys/fs/cgroup")
                group = top / path.strip("/") / f"bench-{os.getpid()}"
                with contextlib.suppress(OSError):
                    group.mkdir()
                    return group
    return None


def _used(group: Path) -> float | None:
    """The processor seconds of a control group, of either version."""
    with contextlib.suppress(OSError):
        return int((group / "cpuacct.usage").read_text("ascii")) / 1e9
    with contextlib.suppress(OSError, KeyError, ValueError):
        table = dict(line.split() for line in (group / "cpu.stat").read_text("ascii").splitlines())
        return int(table["usage_usec"]) / 1e6
    return None


@contextlib.contextmanager
def _counted() -> Iterator[tuple[Callable[[], None] | None, Callable[[], float | None]]]:
    """What a child does to enter a group of its own, and what asks for the group's account."""
    group = _group()
    if group is None:
        yield None, lambda: None
        return
    try:
        yield (lambda: (group / "cgroup.procs").write_text("0") and None), lambda: _used(group)
    finally:
        with contextlib.suppress(OSError):
            group.rmdir()


def _wait_for_all(deadline: float) -> None:
    """Wait for every child that we have been given."""
    while time.monotonic() < deadline:
        try:
            if os.waitpid(-1, os.WNOHANG) == (0, 0):
                time.sleep(0.01)
        except ChildProcessError:
            return


def main(words: Sequence[str]) -> int:
    """Measure a command, and write what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("result", type=Path)
    parser.add_argument("--cwd", type=Path, default=ROOT)
    parser.add_argument("--reports", type=Path)
    parser.add_argument("--interrupt", action="store_true")
    parser.add_argument("command", nargs="+")
    given = parser.parse_args(words)
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    told = given.result.with_name("cpu.txt")
    output = given.result.with_name("output.txt")
    with _counted() as (enter, account), output.open("wb") as log:
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        child = subprocess.Popen(given.command, cwd=given.cwd, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                 env={**os.environ, "HARNESS_CPU_FILE": str(told)}, preexec_fn=enter)
        for number in (signal.SIGINT, signal.SIGTERM):  # a handler, and not SIG_IGN, which the command would inherit
            signal.signal(number, lambda number, frame: child.send_signal(number))
        watcher = processes.Watcher(child.pid, processes.Lines(given.reports), began)
        watcher.start()
        while os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT | (os.WNOHANG if given.interrupt else 0)) is None:
            if watcher.lines.found:
                child.send_signal(signal.SIGINT)
                given.interrupt = False
            time.sleep(0.005)
        wall = time.monotonic() - began
        watcher.stop()
        child.wait()
        _wait_for_all(time.monotonic() + LEFT_SECONDS)
        after, in_group = resource.getrusage(resource.RUSAGE_CHILDREN), account()
    driver = {pid: max(seconds, watcher.cpu.get(pid, 0.0)) for pid, seconds in processes.reported(told).items()}
    given.result.write_text(json.dumps({
        "wall": wall, "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "driver": sum({**watcher.cpu, **driver}.values()), "cgroup": in_group, "exit": child.returncode,
        "lines": watcher.lines.found, "idle": watcher.idle, "said": output.read_text("utf-8", "replace")[-2000:]}), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
