"""The steps about a server's process: start, signal, kill, stop, wait, touch, sockets, processes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ...language.text_matching import some_line
from ...machine.deadlines import Deadline
from ...machine.port_probes import answers, bind_state, connects
from ...verdict.endings import let_rest
from .cell import Cell
from .look import LINUX, descendants
from .server import Late, Server, Unable, send_signal
from .speak import wait_response

TERM_FIRST_SECONDS = 10.0
IDLE_SECONDS = 0.3


def search(pattern: str, all_of_it: bool) -> Callable[[str], bool]:
    """A function that says whether a pattern matches a text."""
    compiled = re.compile(pattern[1:-1])
    ask = compiled.fullmatch if all_of_it else compiled.search
    return lambda text: ask(text) is not None


def in_log(patterns: str | list[str], text: str) -> bool:
    """Whether each pattern matches a line after the line of the previous pattern."""
    return some_line(patterns, text, search)


def start(cell: Cell, step: dict[str, Any], args: dict[str, Any]) -> dict[str, Any]:
    """Launch a server, and wait until it is ready or has ended."""
    deadline = Deadline(step["within"])
    server = cell.launch(step["server"], args.get("channel", 1), args.get("app", cell.data["app"]), args.get("environment", {}))
    if args.get("background"):
        return {"pid": server.popen.pid, "running": True, "ready": None, "exit": None}
    return until_ready(cell, server, deadline)


def until_ready(cell: Cell, server: Server, deadline: Deadline) -> dict[str, Any]:
    """Wait until the server's log says that it is ready and its own socket accepts on its port."""
    lines = cell.fill(list(cell.recipe["ready"]), port=str(server.port))
    ready = False

    def own() -> bool:
        pids = {server.popen.pid, *descendants(server.popen.pid)}
        return not LINUX or any(
            row["state"] == "LISTEN" and row["port"] == server.port and pids & set(row["pids"]) for row in cell.sockets()
        )

    def settled() -> bool:
        nonlocal ready
        if not server.running:
            return True
        ready = (
            in_log(lines, server.text())
            and own()
            and (
                connects(cell.host, server.port) == "accepted"
                if lines and not cell.certificate
                else answers(cell.host, server.port, context=cell.context())
            )
        )
        return ready

    if not deadline.wait(settled):
        raise Late("the server is ready, or has exited")
    server.was_ready = server.was_ready or ready
    return {**server.seen(deadline), "ready": ready}


def rests(cell: Cell, server: Server) -> None:
    """Let a server that is about to die do so first, unless it is starting or owes an answer."""
    if server.was_ready and server.running and cell.is_quiet():
        let_rest(server.popen.pid, lambda: server.running)


def signal_(cell: Cell, step: dict[str, Any], args: dict[str, Any]) -> dict[str, Any]:
    """Send a signal to a server, or to another process of the cell."""
    if "pid" not in args:
        server = cell.server(step["server"])
        rests(cell, server)
        if not server.running and not server.signals:
            raise Unable(f"server {step['server']!r} has already ended on its own")
        if not server.running:
            return {"sent": False}
        server.send(args["signal"])
        return {"sent": True}
    pid = int(args["pid"])
    if pid not in cell.family():
        raise Unable(f"pid {pid} is not a live process of this cell")
    for server in cell.launches:
        if server.popen.pid == pid:
            server.signals.append(args["signal"])
    send_signal(pid, args["signal"])
    return {"sent": True}


def kill(cell: Cell, step: dict[str, Any], args: dict[str, Any]) -> dict[str, Any]:
    """SIGKILL a server."""
    server, deadline = cell.server(step["server"]), Deadline(step["within"])
    rests(cell, server)
    if not server.running:
        raise Unable(f"server {step['server']!r} has already ended")
    server.send("KILL")
    if not deadline.wait(lambda: not server.running):
        raise Late("the server ends on SIGKILL")
    return server.seen(deadline)


def stop(cell: Cell, step: dict[str, Any], args: dict[str, Any]) -> dict[str, Any]:
    """SIGTERM, then SIGKILL if it does not end."""
    server, deadline = cell.server(step["server"]), Deadline(step["within"])
    rests(cell, server)
    if not server.running:
        raise Unable(f"server {step['server']!r} had already ended")
    forced = server.end(min(step["within"], TERM_FIRST_SECONDS))
    return {**server.seen(deadline), "forced": forced}


def wait(cell: Cell, step: dict[str, Any], args: dict[str, Any]) -> dict[str, Any]:
    """Wait for one thing, until the step's deadline."""
    deadline = Deadline(step["within"])
    port = cell.port(args.get("channel", 1))
    if "response" in args:
        return wait_response(cell, args["response"], deadline.left)
    if "gone" in args:
        return _until(deadline, f"process {args['gone']} ends", lambda: int(args["gone"]) not in cell.family())
    if "port" in args:
        return _until(
            deadline,
            f"port {port} is {args['port']}",
            lambda: (
                bind_state(cell.host, port) == "free" if args["port"] == "free" else connects(cell.host, port) == "accepted"
            ),
        )
    if "states" in args:
        wanted = sorted(args["states"])
        return _until(
            deadline,
            f"the states of the port's sockets are {args['states']}",
            lambda: sorted({row["state"] for row in cell.sockets() if row["port"] == port} - {"TIME_WAIT"}) == wanted,
            late=False,
        )
    server = cell.server(step["server"])
    if "ready" in args:
        return until_ready(cell, server, deadline)
    if "idle" in args:
        return _wait_idle(server, deadline)
    if "exit" in args:
        forced = not deadline.wait(lambda: not server.running)
        if forced and args.get("late") != "kill":
            raise Late("the server exits")
        if forced:
            server.kill()
        return {**server.seen(deadline), "forced": forced}
    pattern, since = cell.fill(args["log"]), cell.marks.get(step["server"]) if args.get("new") else None

    def logged() -> bool:
        return in_log(pattern, server.text(since))

    if not deadline.wait(lambda: logged() or not server.running) or not logged():
        raise Late(f"a log line {pattern}")
    return server.seen(deadline)


def _until(deadline: Deadline, what: str, condition: Any, late: bool = True) -> dict[str, Any]:
    if not deadline.wait(condition, 0.03, late=late):
        raise Late(what)
    return {"seconds": round(deadline.seconds - deadline.left, 3)}


def _wait_idle(server: Server, deadline: Deadline) -> dict[str, Any]:
    """Wait until a server and its workers have used no processor time for a moment."""
    if not server.running:
        raise Unable(f"server {server.name!r} has already ended")
    used, since = -1, deadline.left

    def settled() -> bool:
        nonlocal used, since
        now = sum(ticks(pid) for pid in (server.popen.pid, *descendants(server.popen.pid)))
        if now != used:
            used, since = now, deadline.left
        return since - deadline.left >= IDLE_SECONDS

    if not deadline.wait(settled, 0.05):
        raise Late("the server is idle")
    return server.seen(deadline)


def ticks(pid: int) -> int:
    """The processor time of a process, in the kernel's ticks (Linux)."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            words = file.read().rpartition(")")[2].split()
    except OSError:
        return 0
    return int(words[11]) + int(words[12])
