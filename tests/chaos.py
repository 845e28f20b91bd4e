"""Kill the driver of a matrix run at random moments, again and again: ``python -m tests.chaos [N] [SEED]``.

Each round starts a run, waits for a random moment, sends SIGKILL to the
driver, to a worker, to the guardian or to the command line's
process, and then looks, after two seconds, for processes of the run and for
ports on their addresses. A process of somebody else with a similar name lives
through all of it. The exit code is 1 when anything was left, or the stranger
was ended.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

from harness.machine import server_process as processes
from harness.machine.deadlines import Deadline
from harness.machine.server_process import MARKER
from harness.machine.socket_table import proc_rows
from harness.run.start_driver import DRIVER, GUARDIAN
from harness.run.workers import NAME

ROOT = Path(__file__).resolve().parent.parent
VICTIMS = ("driver", "worker", "guardian", "command line")
GRACE_SECONDS = 2.0
SELECTED = "sockets or restart"  # servers with children of every kind, daemons among them, and restarts
ADDRESS = re.compile(r"127(\.\d+){3}")


def role(process: psutil.Process) -> str:
    """What a process is for a run; "" when it has just ended."""
    try:
        words = process.cmdline()
        name = Path(f"/proc/{process.pid}/comm").read_text("utf-8").strip()  # all of them are forks of one command
        served = MARKER in process.environ()
    except (psutil.Error, OSError):
        return ""
    if name in (GUARDIAN, DRIVER, NAME):
        return name.removeprefix("matrix-")
    if "harness" in words and "matrix" in words:
        return "command line"
    return "server" if served else "other"


def of_run(run: psutil.Process, known: dict[int, psutil.Process], hosts: set[str]) -> dict[int, psutil.Process]:
    """Remember every process that descends from a run, by pid, and the addresses that they are told to serve."""
    with contextlib.suppress(psutil.NoSuchProcess):
        for process in [run, *run.children(recursive=True)]:
            known.setdefault(process.pid, process)
            with contextlib.suppress(psutil.Error):
                hosts.update(word for word in process.cmdline() if ADDRESS.fullmatch(word))
    return known


def living(known: dict[int, psutil.Process]) -> list[psutil.Process]:
    """Those that still live, and any that carries the mark of a run of this program."""
    found = []
    for process in known.values():
        with contextlib.suppress(psutil.Error):
            if process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def marked(reports: Path) -> list[psutil.Process]:
    """Servers of the runs in a reports folder, found by their mark: also those that were never seen as descendants."""
    runs = {path.name for path in (reports / "data").glob("*")}
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get(MARKER) in runs and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def listening(hosts: set[str]) -> set[str]:
    """Channels that still listen on the addresses of a run; each cell has one of its own."""
    return {sock.local for sock, _ in proc_rows() if sock.state == "LISTEN" and sock.host in hosts}


def one_round(number: int, chance: random.Random, reports: Path, pythons: list[str]) -> list[str]:
    """One run that is cut off; return what was wrong afterwards."""
    hosts: set[str] = set()
    words = [word for python in pythons for word in ("--python", python)]
    command = subprocess.Popen(
        [sys.executable, "-m", "harness", "matrix", "--subject", "enginebus", *words, "--no-coverage",
         "--reports", str(reports), "-k", SELECTED], cwd=ROOT,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, start_new_session=True)
    run = psutil.Process(command.pid)
    known: dict[int, psutil.Process] = {}
    victim = VICTIMS[number % len(VICTIMS)]

    def ready() -> bool:
        return any(role(p) == "server" for p in of_run(run, known, hosts).values() if p.is_running())

    if not Deadline(60).wait(ready, 0.05):
        command.kill()
        return [f"round {number}: no server was seen in 60 s"]
    Deadline(chance.uniform(0, 6)).wait(lambda: not of_run(run, known, hosts) or command.poll() is not None, 0.05)
    targets = [p for p in living(known) if role(p) == victim]
    if not targets:
        command.wait(120)
        return [f"round {number}: the run was over before its {victim} could be killed"]
    chance.choice(targets).kill()
    problems = []
    if victim == "worker":  # the driver replaces a worker: the run goes on, and must end by itself
        try:
            command.wait(600)
        except subprocess.TimeoutExpired:
            problems.append(f"round {number}: the run did not end after its worker was killed")
    Deadline(GRACE_SECONDS).wait(
        lambda: not [p for p in living(known) if role(p) != "command line"] and not marked(reports), 0.05)
    left = {p.pid: p for p in [*living(known), *marked(reports)] if role(p) != "command line"}
    problems += [f"round {number} ({victim}): left {pid} {processes.describe(p)[:160]}" for pid, p in left.items()]
    problems += [f"round {number} ({victim}): still listening {channel}" for channel in listening(hosts)]
    try:
        command.wait(60)
    except subprocess.TimeoutExpired:
        problems.append(f"round {number} ({victim}): the command line did not end")
        command.kill()
    print(f"round {number}: killed {victim}, {len(known)} processes and {len(hosts)} addresses seen, "
          f"{'; '.join(problems) if problems else 'nothing left'}", flush=True)
    return problems


def main(rounds: int = 10, seed: int = 0, pythons: list[str] | None = None) -> int:
    """Run the rounds; return 1 when anything was left behind, or a stranger was ended."""
    chance = random.Random(seed)
    stranger = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(3600)", "-m", "enginebus", "harness", "matrix"], start_new_session=True,
        env={k: v for k, v in os.environ.items() if k != MARKER})
    reports = Path(tempfile.mkdtemp(prefix="chaos-"))
    problems: list[str] = []
    try:
        for number in range(rounds):
            problems += one_round(number, chance, reports, pythons or ["2.7", "3.13"])
        if stranger.poll() is not None:
            problems.append("a process of somebody else was ended")
    finally:
        stranger.kill()
        stranger.wait()
        shutil.rmtree(reports, ignore_errors=True)
    print(f"{rounds} rounds, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*(int(word) for word in sys.argv[1:3])))
