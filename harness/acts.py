"""The step verbs: one function each, in one table. A verb acts and says what it saw; it does not judge."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any

import psutil

from . import channels, process, socket_table
from .cellrun import Background, CellRun, TimedOut, Unable
from .deadlines import Deadline
from .holders import Holder
from .judge import fill
from .language import seconds
from .matching import match_log
from .model import Json
from .process import ServerProcess
from .scenario import Step
from .wire import RecordingSocket, Transcript, exchange

TERM_FIRST_SECONDS = 10.0
IDLE_SECONDS = 0.3  # many ticks of the kernel's processor clock, 10 ms each


def _start(cell: CellRun, step: Step, args: Json) -> Json:
    deadline = Deadline(step.within)
    server = cell.launch(step.server, args.get("channel", 1), args.get("app", cell.scenario.app), args.get("environment", {}))
    if args.get("background"):
        return {"pid": server.pid, "running": True, "ready": None, "exit": None}
    return _until_ready(cell, server, deadline)


def _until_ready(cell: CellRun, server: ServerProcess, deadline: Deadline) -> Json:
    """Wait until a server is ready, as its subject says it is, or has ended."""
    port = cell.port(server.channel)
    lines = fill(list(cell.subject.ready), {**cell.values, "port": str(port)}, {})
    ready = False

    def settled() -> bool:
        nonlocal ready
        if not server.running:
            return True
        logged = match_log(lines, server.text())
        ready = logged and cell.serves(server) and (
            channels.connects(cell.host, port) == "accepted" if lines else cell.answers(port))
        return ready

    if not deadline.wait(settled):
        raise TimedOut("the server is ready, or has exited", _state(server, deadline, ready))
    return _state(server, deadline, ready)


def _state(server: ServerProcess, deadline: Deadline, ready: bool | None = None) -> Json:
    seen: Json = {"pid": server.pid, "running": server.running, "exit": server.exit, "log": server.text(),
                  "seconds": round(deadline.seconds - deadline.left, 3), "forced": False}
    if ready is not None:
        seen["ready"] = ready
    return seen


def _request(cell: CellRun, step: Step, args: Json) -> Json:
    name = args.get("keep")
    client = cell.clients.get(name) if name else None
    if client is None:
        client = cell.client()
        if name:
            cell.clients[name] = client
    client.follow(cell.transcript)
    port = cell.port(args.get("channel", cell.servers[step.server].channel if step.server in cell.servers else 1))
    headers = dict(args.get("headers", {}))
    body = args.get("body", "").encode() or None
    if "form" in args:
        body = args["form"].encode()
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    method = args.get("method", "GET" if body is None else "POST")

    def send() -> Json:
        seen = client.request(method, cell.url(port, args["path"]), headers, body, step.within)
        if not name:
            client.close()
        return seen

    if args.get("background"):
        return _in_background(cell, step, send)
    seen = _with_log(cell, step, send)
    if seen.get("timed_out"):
        raise TimedOut("an answer", seen)
    return seen


def _in_background(cell: CellRun, step: Step, send: Callable[[], Json]) -> Json:
    if not step.id:
        raise Unable("a request in the background needs an id, for a later step to wait for")

    def run() -> None:
        cell.backgrounds[step.id].seen = send()

    cell.backgrounds[step.id] = Background(threading.Thread(target=run, name=f"request {step.id}", daemon=True))
    cell.backgrounds[step.id].thread.start()
    return {}


def _with_log(cell: CellRun, step: Step, send: Callable[[], Json]) -> Json:
    """Do something, and add what its server logged meanwhile."""
    server = cell.servers.get(step.server)
    before = server.log.stat().st_size if server else 0
    seen = send()
    if server is not None:
        seen["log"] = server.text(before)
    return seen


def _raw(cell: CellRun, step: Step, args: Json) -> Json:
    name = args.get("keep")
    sock = cell.connections.get(name) if name else None
    if sock is None:
        port = cell.port(args.get("channel", 1))
        try:
            plain = socket.create_connection((cell.host, port), step.within)
        except OSError as error:
            return {"error": type(error).__name__, "received": "", "status": None, "closed": True, "responses": 0}
        sock = RecordingSocket.take(plain, cell.transcript)
        if name:
            cell.connections[name] = sock
    sock.transcript = cell.transcript
    data = args["send"].encode("latin-1")
    until = args.get("until", "response")
    try:
        seen = _with_log(cell, step, lambda: exchange(sock, data, until, step.within))
    finally:
        if not name:
            sock.close()
    if seen.get("timed_out"):
        raise TimedOut("an answer" if until == "response" else "the server closes the connection", seen)
    return seen


def _signal(cell: CellRun, step: Step, args: Json) -> Json:
    if "pid" not in args:
        return {"sent": cell.server(step.server).send(args["signal"]), "signal": args["signal"]}
    pid = int(args["pid"])
    if pid not in [process.pid for process in cell.family()]:
        raise Unable(f"pid {pid} is no living process of this cell: nothing else gets a signal")
    os.kill(pid, getattr(signal, "SIG" + args["signal"]))
    return {"sent": True, "signal": args["signal"], "pid": pid}


def _kill(cell: CellRun, step: Step, args: Json) -> Json:
    server = cell.server(step.server)
    if not server.running:
        raise Unable(f"server {step.server!r} has already ended, with {server.exit}")
    deadline = Deadline(step.within)
    if not server.kill(deadline):
        raise TimedOut("the server ends on SIGKILL", _state(server, deadline))
    return _state(server, deadline)


def _stop(cell: CellRun, step: Step, args: Json) -> Json:
    server = cell.server(step.server)
    done = server.stop(min(step.within, TERM_FIRST_SECONDS))
    if not done["was_running"]:
        raise Unable(f"server {step.server!r} had already ended, with {done['exit']}")
    return {**_state(server, Deadline(0)), "forced": done["forced"], "seconds": done["seconds"]}


def _hold(cell: CellRun, step: Step, args: Json) -> Json:
    channel = args.get("channel", 1)
    port = cell.port(channel)
    if channel in cell.holders:
        raise Unable(f"the harness holds port {port} already")
    try:
        holder = Holder(cell.host, port, args["how"])
    except OSError as error:
        raise Unable(f"the harness cannot take port {port}: {error.strerror}") from error
    cell.holders[channel] = holder
    rows = [socket_table.row(sock, cell.roles()) for sock in cell.sockets() if sock.port == port]
    seen = {"taken": holder.taken(), "held": channels.bind_state(cell.host, port) == "held",
            "connect": channels.connects(cell.host, port), "table": rows}
    if "lasts" in args:
        holder.release_after(seconds(args["lasts"]))
    return seen


def _release(cell: CellRun, step: Step, args: Json) -> Json:
    holder = cell.holders.pop(args.get("channel", 1), None)
    if holder is None:
        raise Unable("the harness holds no such port")
    holder.close()
    return {"released": True}


def _disconnect(cell: CellRun, step: Step, args: Json) -> Json:
    """Close the connections that clients kept."""
    open_ones = len(cell.clients) + len(cell.connections)
    cell.close_clients()
    return {"connections": open_ones}


def _wait(cell: CellRun, step: Step, args: Json) -> Json:
    deadline = Deadline(step.within)
    if "response" in args:
        return _wait_response(cell, args["response"], deadline)
    if "gone" in args:
        pid = int(args["gone"])
        if not deadline.wait(lambda: pid not in [p.pid for p in cell.family()], 0.05):
            raise TimedOut(f"process {pid} ends")
        return {"seconds": round(deadline.seconds - deadline.left, 3)}
    if "port" in args:
        port = cell.port(args.get("channel", 1))
        ask = {"free": lambda: channels.bind_state(cell.host, port) == "free",
               "listening": lambda: channels.connects(cell.host, port) == "accepted"}[args["port"]]
        if not deadline.wait(ask, 0.02):
            raise TimedOut(f"port {port} is {args['port']}")
        return {"seconds": round(deadline.seconds - deadline.left, 3)}
    if "states" in args:
        return _wait_states(cell, cell.port(args.get("channel", 1)), sorted(args["states"]), deadline)
    server = cell.server(step.server)
    if "ready" in args:
        return _until_ready(cell, server, deadline)
    if "idle" in args:
        if not server.running:
            raise Unable(f"server {step.server!r} has already ended, with {server.exit}")
        return _wait_idle(server, deadline)
    if "exit" in args:
        if deadline.wait(lambda: not server.running):
            return _state(server, deadline)
        if args.get("late") != "kill":
            raise TimedOut("the server exits", _state(server, deadline))
        server.kill(Deadline(TERM_FIRST_SECONDS))
        return {**_state(server, deadline), "forced": True}
    pattern = fill(args["log"], cell.values, cell.subject.patterns)

    def logged() -> bool:
        return match_log(pattern, server.text())

    if not deadline.wait(lambda: logged() or not server.running) or not logged():
        raise TimedOut(f"a log line {pattern}", _state(server, deadline))
    return _state(server, deadline)


def _wait_idle(server: ServerProcess, deadline: Deadline) -> Json:
    """Wait until a server and its workers have used no processor time for a moment: they wait for the next client."""
    used, since = process.cpu_seconds(server.pid), deadline.left

    def settled() -> bool:
        nonlocal used, since
        now = process.cpu_seconds(server.pid)
        if now != used:
            used, since = now, deadline.left
        return since - deadline.left >= IDLE_SECONDS

    if not deadline.wait(settled, 0.05):
        raise TimedOut("the server is idle", _state(server, deadline))
    return _state(server, deadline)


def _wait_states(cell: CellRun, port: int, wanted: list[str], deadline: Deadline) -> Json:
    """Wait until the sockets of a port are in these states, and no others; TIME_WAIT is the kernel's alone."""
    states: list[str] = []

    def settled() -> bool:
        nonlocal states
        states = sorted({sock.state for sock in cell.sockets() if sock.port == port and not socket_table.is_over(sock)})
        return states == wanted

    if not deadline.wait(settled, 0.05):
        raise TimedOut(f"the states of the port's sockets are {wanted}", {"states": states})
    return {"states": states, "seconds": round(deadline.seconds - deadline.left, 3)}


def _wait_response(cell: CellRun, name: str, deadline: Deadline) -> Json:
    background = cell.backgrounds.get(name)
    if background is None:
        raise Unable(f"no request {name!r} was sent in the background")
    background.thread.join(deadline.left)
    if background.thread.is_alive() or background.seen.get("timed_out"):
        raise TimedOut(f"an answer to {name!r}", background.seen)
    return background.seen


def _sockets(cell: CellRun, step: Step, args: Json) -> Json:
    port = cell.port(args.get("channel", 1))
    roles = cell.roles()
    rows = [socket_table.row(sock, roles) for sock in cell.sockets()]
    here = [row for row in rows if row["local"] == f"{cell.host}:{port}"]
    bind = channels.bind_state(cell.host, port)
    listeners = sorted({role for row in here if row["state"] == "LISTEN" for role in row["holders"]})
    return {
        "table": rows, "bind": bind, "connect": channels.connects(cell.host, port), "listeners": listeners,
        "established": sum(row["state"] == "ESTABLISHED" for row in here),
    }


def _processes(cell: CellRun, step: Step, args: Json) -> Json:
    roles = cell.roles()
    rows = []
    for member in cell.family():
        with contextlib.suppress(psutil.Error):
            parent = member.ppid()
            rows.append({"pid": member.pid, "role": roles.get(member.pid, socket_table.ORPHAN),
                         "parent": roles.get(parent, str(parent)), "command": " ".join(member.cmdline())})
    return {"table": rows, "roles": sorted(row["role"] for row in rows),
            "running": sorted(name for name, server in cell.servers.items() if server.running)}


ACTS: dict[str, Callable[[CellRun, Step, Json], Json]] = {
    "start": _start, "request": _request, "raw": _raw, "signal": _signal, "kill": _kill, "stop": _stop, "hold": _hold,
    "release": _release, "disconnect": _disconnect, "wait": _wait, "sockets": _sockets, "processes": _processes,
}


def perform(cell: CellRun, step: Step) -> Json:
    """Do one step and return what was seen; raises Unable or TimedOut."""
    cell.transcript = Transcript(cell.clock)
    args: Any = fill(step.args, cell.values, cell.subject.patterns, literal=True)
    return ACTS[step.act](cell, step, args)
