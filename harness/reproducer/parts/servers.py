"""The steps about a server's process: start, signal, kill, stop, wait, touch, sockets, processes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ...cell.channel_kinds import bound_port, unix_listeners
from ...language.text_matching import some_line
from ...machine.at_work import at_work, would_run
from ...machine.connecting import is_path
from ...machine.deadlines import Deadline
from ...machine.port_probes import answers, bind_state, connects
from ...machine.process_limits import Impossible, started
from ...verdict.endings import let_rest
from .cell import Cell
from .look import LINUX, descendants, socket_table, ticks
from .server import Late, Server, Unable, send_signal
from .speak import wait_response
from .volleys import wait_volley

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
    app = args.get("app", cell.data["app"])
    extra, channel, notify = args.get("environment", {}), args.get("channel", 1), args.get("notify", False)
    try:
        server: Server = started(args, lambda: cell.launch(step["server"], channel, app, extra, notify))
    except Impossible as problem:
        raise Unable(str(problem)) from problem
    if args.get("background"):
        return {"pid": server.popen.pid, "running": True, "ready": None, "exit": None}
    return until_ready(cell, server, deadline)


def state(cell: Cell, server: Server, deadline: Deadline) -> dict[str, Any]:
    """The server's state now, and what it told its service manager."""
    told = cell.notifications.told(server.name)
    return {**server.seen(deadline), **({} if told is None else {"notified": told})}


def until_ready(cell: Cell, server: Server, deadline: Deadline) -> dict[str, Any]:
    """Wait until the server's log says that it is ready and its own socket accepts on its port."""
    by_line = bool(cell.recipe["ready"]) and not cell.certificate and server.channel not in cell.channels.handed
    ready = False

    def settled() -> bool:
        nonlocal ready
        if not server.running:
            return True
        mine = listens(cell, server)
        lines = cell.fill(list(cell.recipe["ready"]), port=str(cell.port(server.channel)))
        place = cell.at(server.channel)
        ready = (
            mine
            and in_log(lines, server.text())
            and (connects(*place) == "accepted" if by_line else answers(*place, context=cell.context()))
        )
        return ready

    if not deadline.wait(settled):
        raise Late("the server is ready, or has exited")
    server.was_ready = server.was_ready or ready
    return {**state(cell, server, deadline), "ready": ready}


def listens(cell: Cell, server: Server) -> bool:
    """Whether the socket that listens on a server's channel is its own; finds the port that the system chose."""
    pids = {server.popen.pid, *descendants(server.popen.pid)}
    host, port = cell.at(server.channel)
    if is_path(host):
        return not LINUX or bool(unix_listeners(host, pids))
    if not cell.channels.is_open(server.channel):
        rows = socket_table(cell.host, range(1, 65536), list(pids))
        ports = {int(str(row["port"])) for row in rows if row["state"] == "LISTEN" and row["pids"]}
        said = bound_port(cell.recipe["patterns"].get("bound-port", ""), server.text())
        ports = ports or ({said} if said else set())
        if len(ports) != 1:
            return False
        port = ports.pop()
        cell.values.update(cell.channels.found(server.channel, port))
    return not LINUX or any(
        row["state"] == "LISTEN" and row["port"] == port and pids & set(row["pids"]) for row in cell.sockets()
    )


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
        server.send(args["signal"], args.get("group", False))
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
    return state(cell, server, deadline)


def stop(cell: Cell, step: dict[str, Any], args: dict[str, Any]) -> dict[str, Any]:
    """SIGTERM, then SIGKILL if it does not end."""
    server, deadline = cell.server(step["server"]), Deadline(step["within"])
    rests(cell, server)
    if not server.running:
        raise Unable(f"server {step['server']!r} had already ended")
    forced = server.end(min(step["within"], TERM_FIRST_SECONDS))
    return {**state(cell, server, deadline), "forced": forced}


def wait(cell: Cell, step: dict[str, Any], args: dict[str, Any]) -> dict[str, Any]:
    """Wait for one thing, until the step's deadline."""
    deadline = Deadline(step["within"])
    place = cell.at(args.get("channel", 1))
    if "response" in args:
        return wait_response(cell, args["response"], deadline.left)
    if "volley" in args:
        return wait_volley(cell, args, deadline)
    if "gone" in args:
        return _until(deadline, f"process {args['gone']} ends", lambda: int(args["gone"]) not in cell.family())
    if "port" in args:
        return _until(
            deadline,
            f"port {place[1]} is {args['port']}",
            lambda: bind_state(*place) == "free" if args["port"] == "free" else connects(*place) == "accepted",
        )
    if "states" in args:
        wanted = sorted(args["states"])
        return _until(
            deadline,
            f"the states of the port's sockets are {args['states']}",
            lambda: sorted({row["state"] for row in cell.sockets() if row["port"] == place[1]} - {"TIME_WAIT"}) == wanted,
            late=False,
        )
    server = cell.server(step["server"])
    if "ready" in args:
        return until_ready(cell, server, deadline)
    if "idle" in args:
        return _wait_idle(cell, server, deadline, args.get("late") == "kill")
    if "exit" in args:
        forced = not deadline.wait(lambda: not server.running)
        if forced and "late" not in args:
            raise Late("the server exits")
        if forced and args["late"] == "term":
            server.end(TERM_FIRST_SECONDS)
        elif forced:
            server.kill()
        return {**state(cell, server, deadline), "forced": forced}
    pattern, since = cell.fill(args["log"]), cell.marks.get(step["server"]) if args.get("new") else None

    def logged() -> bool:
        return in_log(pattern, server.text(since))

    if not deadline.wait(lambda: logged() or not server.running) or not logged():
        raise Late(f"a log line {pattern}")
    return state(cell, server, deadline)


def _until(deadline: Deadline, what: str, condition: Any, late: bool = True) -> dict[str, Any]:
    if not deadline.wait(condition, 0.03, late=late):
        raise Late(what)
    return {"seconds": round(deadline.seconds - deadline.left, 3)}


def _wait_idle(cell: Cell, server: Server, deadline: Deadline, kill: bool) -> dict[str, Any]:
    """Wait until a server and its workers have done nothing for a moment, as the harness does (harness/cell/idle.py)."""
    if not server.running:
        raise Unable(f"server {server.name!r} has already ended")
    done, since = (-1, -1), deadline.left

    def settled() -> bool:
        nonlocal done, since
        pids = (server.popen.pid, *descendants(server.popen.pid))
        now = (sum(map(ticks, pids)), server.size())
        if now != done or any(map(at_work, pids)) or would_run(cell.askers()):
            done, since = now, deadline.left
        return since - deadline.left >= IDLE_SECONDS

    if not deadline.wait(settled, 0.05):
        if kill:
            server.send("KILL", True)
            server.popen.wait(10)
            return {**state(cell, server, deadline), "forced": True}
        raise Late("the server is idle")
    return state(cell, server, deadline)
