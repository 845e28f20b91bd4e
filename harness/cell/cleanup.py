"""The end of a cell: stop its servers as an operator would, and look for what they leave behind."""

from __future__ import annotations

import contextlib

import psutil

from ..language.filling import fill
from ..language.matching import finder
from ..machine import addresses, connecting, port_probes, server_process, socket_table
from ..machine.deadlines import Deadline
from ..machine.server_process import ServerProcess
from ..model.values import Json
from ..verdict.endings import EXITING, STARTED, STOP_SECONDS, let_end, says_that_it_ends
from .running_cell import CellRun
from .server_watch import Watch

VANISH_SECONDS = 3.0  # processes and sockets may need a moment to disappear


def clean_up(cell: CellRun, watch: Watch) -> Json:
    """Stop the servers as an operator would, and record what was left: processes, sockets, ports that cannot be bound.

    Also record how each launch ended, whatever ended it, and each logged traceback.
    """
    declared = {cell.values[name] for name in cell.scenario.leaves if name in cell.values}
    before = [socket_table.row(sock, cell.roles()) for sock in cell.sockets()]
    cell.close_clients()
    cell.release_holders()
    for server in cell.servers.values():
        if server.running:
            with server.waking() as pause:
                let_end(
                    server.pid,
                    lambda server=server: server.running,  # type: ignore[misc]
                    server.signals,
                    cell.subject.exits,
                    _says_that_it_ends(cell, server),
                    pause,
                )
    watch.look(watch.step)  # late output belongs to the last step
    stopped = [server.stop(STOP_SECONDS) for server in cell.servers.values() if server.running]
    cell.close_channels()
    own = {item.process.pid for item in cell.launches if item.process is not None}
    # Nothing reports the end of a process that may only just have come to us.
    Deadline(VANISH_SECONDS).wait(lambda: all(str(p.pid) in declared for p in cell.family()), 0.02)
    roles = cell.roles()
    family = cell.family()
    left = [
        f"{roles.get(p.pid, socket_table.ORPHAN)}: {server_process.describe(p)}" for p in family if str(p.pid) not in declared
    ]
    removed = [
        f"{roles.get(p.pid, socket_table.ORPHAN)}: {server_process.describe(p)}" for p in family if str(p.pid) in declared
    ]
    sockets = [] if declared else _lasting_sockets(cell)
    for member in family:  # without subreapers, some of them are no longer our descendants
        with contextlib.suppress(psutil.NoSuchProcess):
            member.kill()
    alive = server_process.end_all(Deadline(VANISH_SECONDS), own)
    if not sockets and (declared or family or alive):  # else nobody is left who could have opened one meanwhile
        sockets = _lasting_sockets(cell)
    places = sorted({cell.at(server.channel) for server in cell.servers.values()} or {(cell.host, cell.base_port)})
    places = [(host, port) for host, port in places if not connecting.is_path(host)]  # whether a file stays, scenarios ask
    watch.look(0)
    return {
        "sockets_before": before,
        "stopped": stopped,
        "ends": watch.ends(),
        "tracebacks": watch.tracebacks(),
        "logs": watch.logs(),
        "unasked": cell.unasked(),
        "processes": left + alive,
        "removed": removed,
        "sockets": sockets,
        "bind": {connecting.authority(host, port): _bind(host, port, True) for host, port in places},
        "bind_without_reuse": {connecting.authority(host, port): _bind(host, port, False) for host, port in places},
    }


def _bind(host: str, port: int, reuse: bool) -> str:
    """Whether a port is free, held, or only held by closed connections (TIME_WAIT)."""
    state = port_probes.bind_state(host, port, reuse)
    return "TIME_WAIT" if state == "held" and addresses.lingers(host, port) else state


def _lasting_sockets(cell: CellRun) -> list[Json]:
    """Sockets on the cell's address that do not disappear on their own; those in TIME_WAIT do, and belong to no process."""
    rows: list[Json] = []

    def gone() -> bool:
        nonlocal rows
        roles = cell.roles()
        rows = [socket_table.row(s, roles) for s in cell.sockets() if not socket_table.is_over(s)]
        return not rows

    Deadline(VANISH_SECONDS).wait(gone, 0.02)  # nothing reports the end of a socket
    return rows


def _says_that_it_ends(cell: CellRun, server: ServerProcess) -> bool:
    """Whether its log says that it is exiting, if its subject has a pattern for that."""
    patterns = cell.subject.patterns
    if EXITING not in patterns or STARTED not in patterns:
        return False
    exiting, started = (fill(patterns[name], cell.values, patterns) for name in (EXITING, STARTED))
    return says_that_it_ends(server.text(), exiting, started, finder())
