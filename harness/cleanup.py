"""The end of a cell: its servers are stopped as an operator would, and what they leave is looked for."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

import psutil

from . import channels, probes, process, socket_table
from .cellrun import CellRun
from .deadlines import Deadline
from .filling import fill
from .matching import finder
from .model import Json
from .process import ServerProcess
from .texts import lines_of
from .watch import Watch

STOP_SECONDS = 15.0  # a server gets this long at the end of its cell; enginebus itself gives handlers 10 s
VANISH_SECONDS = 3.0  # processes and sockets may need a moment to go
SETTLE_SECONDS = 0.3  # for what a server still does after its last answer: a crash is seen before SIGTERM hides it
LONGER_SECONDS = 0.15  # at least, for a server that SIGTERM ends at once: it hides whatever was about to happen
ENDING = ("TERM", "INT", "QUIT")  # signals after which a server is on its way out
EXITING, STARTED = "bus-exiting", "bus-started"  # patterns of a log that tells whether it is


def clean_up(cell: CellRun, watch: Watch) -> Json:
    """End the cell as an operator would, and record what was left: processes, sockets, ports that cannot be bound.

    How each launch ended is recorded too, whoever ended it, and each traceback that was logged.
    """
    declared = {cell.values[name] for name in cell.scenario.leaves if name in cell.values}
    before = [socket_table.row(sock, cell.roles()) for sock in cell.sockets()]
    cell.close_clients()
    cell.release_holders()
    for server in cell.servers.values():
        _let_end(cell, server)
    watch.look(watch.step)  # what came late belongs to the last step
    stopped = [server.stop(STOP_SECONDS) for server in cell.servers.values() if server.running]
    own = {item.process.pid for item in cell.launches if item.process is not None}
    Deadline(VANISH_SECONDS).wait(lambda: all(str(p.pid) in declared for p in cell.family()), 0.02)
    roles = cell.roles()
    family = cell.family()
    left = [f"{roles.get(p.pid, socket_table.ORPHAN)}: {process.describe(p)}" for p in family if str(p.pid) not in declared]
    removed = [f"{roles.get(p.pid, socket_table.ORPHAN)}: {process.describe(p)}" for p in family if str(p.pid) in declared]
    sockets = [] if declared else _lasting_sockets(cell)
    for member in family:  # without subreapers some of them are nobody's descendants any more
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()
    alive = process.end_all(Deadline(VANISH_SECONDS), own)
    sockets = sockets or _lasting_sockets(cell)
    ports = sorted({cell.port(server.channel) for server in cell.servers.values()} or {cell.base_port})
    watch.look(0)
    return {"sockets_before": before, "stopped": stopped, "ends": watch.ends(), "tracebacks": watch.tracebacks(),
            "processes": left + alive, "removed": removed, "sockets": sockets,
            "bind": {f"{cell.host}:{port}": _bind(cell.host, port, True) for port in ports},
            "bind_without_reuse": {f"{cell.host}:{port}": _bind(cell.host, port, False) for port in ports}}


def _bind(host: str, port: int, reuse: bool) -> str:
    """free, held, or TIME_WAIT where only connections that are over still keep it."""
    state = probes.bind_state(host, port, reuse)
    return "TIME_WAIT" if state == "held" and channels.lingers(host, port) else state


def _lasting_sockets(cell: CellRun) -> list[Json]:
    """Sockets on the cell's address that do not go away by themselves; TIME_WAIT is no socket of anybody's."""
    rows: list[Json] = []

    def gone() -> bool:
        nonlocal rows
        roles = cell.roles()
        rows = [socket_table.row(s, roles) for s in cell.sockets() if not socket_table.is_over(s)]
        return not rows

    Deadline(VANISH_SECONDS).wait(gone, 0.02)
    return rows


def _let_end(cell: CellRun, server: ServerProcess) -> None:
    """Wait for a server that is already ending; let any other come to rest.

    A SIGTERM that meets an interpreter which is shutting down finds its handlers gone, and ends it with -15: that would be
    our doing. And a server that is about to crash must not be stopped before it does.
    """
    if not server.running:
        return
    if set(server.signals) & set(ENDING) or _says_that_it_ends(cell, server):
        Deadline(STOP_SECONDS).wait(lambda: not server.running)
        return
    rests = 0
    least = Deadline(LONGER_SECONDS if -int(signal.SIGTERM) in cell.subject.exits["stop"] else 0.0)

    def settled() -> bool:
        nonlocal rests
        rests = rests + 1 if _is_at_rest(server.pid) else 0
        return (rests > 1 and least.passed) or not server.running

    Deadline(SETTLE_SECONDS).wait(settled, 0.005)


def _says_that_it_ends(cell: CellRun, server: ServerProcess) -> bool:
    """Whether its log says that it exits, and not after that that it has started again (in place, by exec)."""
    patterns = cell.subject.patterns
    if EXITING not in patterns or STARTED not in patterns:
        return False
    find = finder()
    exiting, started = (find(fill(patterns[name], cell.values, patterns), False) for name in (EXITING, STARTED))
    last = ""
    for line in lines_of(server.text()):
        last = EXITING if exiting(line) else STARTED if started(line) else last
    return last == EXITING


def _is_at_rest(pid: int) -> bool:
    """Whether all threads of a process sleep; True where only psutil could tell, which is too slow to ask often."""
    try:
        for thread in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{thread}/stat", "rb") as stat:
                if stat.read().rpartition(b")")[2].split()[0] not in (b"S", b"I", b"T"):
                    return False
    except OSError:
        return not Path("/proc/self/task").is_dir()
    return True
