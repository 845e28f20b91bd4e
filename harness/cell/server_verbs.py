"""The verbs about a server's process: start, signal, kill, stop, wait."""

from __future__ import annotations

import os
import signal

from ..language.filling import fill
from ..language.matching import match_log
from ..language.observations import Answer, Seen, ServerState, Signalled, States
from ..language.scenario import Step
from ..machine import port_probes, socket_table
from ..machine.deadlines import Deadline
from ..machine.process_limits import Impossible, started
from ..machine.server_process import ServerProcess
from ..machine.wakes import waking
from ..model.values import Json
from ..verdict.endings import let_rest
from .idle import comes_to_rest
from .running_cell import CellRun, TimedOut, Unable
from .volley_verb import wait_volley

TERM_FIRST_SECONDS = 10.0
ASK_SECONDS = 0.01  # between two questions whether a server answers


def start(cell: CellRun, step: Step, args: Json) -> ServerState:
    """Launch a server; unless it starts in the background, wait until it is ready or has ended."""
    deadline = Deadline(step.within)
    app, extra = args.get("app", cell.scenario.app), args.get("environment", {})
    channel, notify = args.get("channel", 1), args.get("notify", False)
    try:
        server: ServerProcess = started(args, lambda: cell.launch(step.server, channel, app, extra, notify))
    except Impossible as problem:
        raise Unable(str(problem)) from problem
    if args.get("background"):
        return {"pid": server.pid, "running": True, "ready": None, "exit": None}
    return until_ready(cell, server, deadline)


def until_ready(cell: CellRun, server: ServerProcess, deadline: Deadline) -> ServerState:
    """Wait until a server is ready, as defined by its subject, or has ended."""
    lines = list(cell.subject.ready)
    by_line = bool(lines) and not cell.certificate and server.channel not in cell.channels.handed
    ready = logged = False

    def settled() -> bool:
        nonlocal ready, logged
        if not server.running:
            return True
        mine = cell.serves(server)  # a port that the system chose is known from then on
        told = {"host": cell.values["host"], "port": str(cell.port(server.channel))}
        logged = match_log(fill(lines, {**cell.values, **told}, {}), server.text())
        ready = (
            logged
            and mine
            and (port_probes.connects(*cell.at(server.channel)) == "accepted" if by_line else cell.answers(server.channel))
        )
        if ready:  # it may still be writing the line that says so, or end after it: only one that rests is ready
            let_rest(server.pid, lambda: server.running)
            ready = cell.serves(server)
        return ready or not server.running

    with server.waking(log=True) as woken:

        def pause(most: float) -> None:
            """Once the log says that it is ready, or where no line would, ask: nothing reports that a server listens."""
            if woken is not None:
                woken(min(most, ASK_SECONDS) if logged else most)

        done = deadline.wait(settled, ASK_SECONDS, pause=pause if woken else None)
    if not done:
        raise TimedOut("the server is ready, or has exited", state_of(cell, server, deadline, ready))
    server.was_ready = server.was_ready or ready
    return state_of(cell, server, deadline, ready)


def state_of(cell: CellRun, server: ServerProcess, deadline: Deadline, ready: bool | None = None) -> ServerState:
    """The observed state of a server: exit, log, and the seconds used of the deadline."""
    seen: ServerState = {
        "pid": server.pid,
        "running": server.running,
        "exit": server.exit,
        "log": server.text(),
        "seconds": round(deadline.seconds - deadline.left, 3),
        "forced": False,
    }
    if (told := cell.notifications.told(server.name)) is not None:
        seen["notified"] = told
    if ready is not None:
        seen["ready"] = ready
    return seen


def _rests(cell: CellRun, server: ServerProcess) -> None:
    """Let a crashing server end first, or the next signal would get the blame.

    Not while it starts or owes an answer: then the signal must come at once.
    """
    if server.was_ready and server.running and cell.is_quiet():
        let_rest(server.pid, lambda: server.running)


def send_signal(cell: CellRun, step: Step, args: Json) -> Signalled:
    """Send a signal to a server, or to another process of the cell."""
    if "pid" not in args:
        server = cell.server(step.server)
        _rests(cell, server)
        if not server.running and not server.signals:
            raise Unable(f"server {step.server!r} has already ended on its own, with {server.exit}")
        return {"sent": server.send(args["signal"], args.get("group", False)), "signal": args["signal"]}
    pid = int(args["pid"])
    if pid not in [process.pid for process in cell.family()]:
        raise Unable(f"pid {pid} is not a live process of this cell: no other process gets a signal")
    for server in cell.servers.values():
        if server.pid == pid:
            server.signals.append(args["signal"])
    os.kill(pid, getattr(signal, "SIG" + args["signal"]))
    return {"sent": True, "signal": args["signal"], "pid": pid}


def kill(cell: CellRun, step: Step, args: Json) -> ServerState:
    """Send SIGKILL to a server."""
    server = cell.server(step.server)
    _rests(cell, server)
    if not server.running:
        raise Unable(f"server {step.server!r} has already ended, with {server.exit}")
    deadline = Deadline(step.within)
    if not server.kill(deadline):
        raise TimedOut("the server ends on SIGKILL", state_of(cell, server, deadline))
    return state_of(cell, server, deadline)


def stop(cell: CellRun, step: Step, args: Json) -> ServerState:
    """Stop a server as an operator does: SIGTERM, then SIGKILL if needed."""
    server = cell.server(step.server)
    _rests(cell, server)
    done = server.stop(min(step.within, TERM_FIRST_SECONDS))
    if not done["was_running"]:
        raise Unable(f"server {step.server!r} had already ended, with {done['exit']}")
    return {**state_of(cell, server, Deadline(0)), "forced": done["forced"], "seconds": done["seconds"]}


def wait(cell: CellRun, step: Step, args: Json) -> Seen:
    """Wait for one thing, until the step's deadline."""
    deadline = Deadline(step.within)
    if "response" in args:
        return _wait_response(cell, args["response"], deadline)
    if "volley" in args:
        return wait_volley(cell, args, deadline)
    if "gone" in args:
        pid = int(args["gone"])
        with waking(pid) as pause:
            done = deadline.wait(lambda: pid not in [p.pid for p in cell.family()], 0.05, pause=pause)
        if not done:
            raise TimedOut(f"process {pid} ends")
        return {"seconds": round(deadline.seconds - deadline.left, 3)}
    if "port" in args:
        host, port = cell.at(args.get("channel", 1))
        ask = {
            "free": lambda: port_probes.bind_state(host, port) == "free",
            "listening": lambda: port_probes.connects(host, port) == "accepted",
        }[args["port"]]
        if not deadline.wait(ask, 0.02):  # nothing reports that a port was bound or given back
            raise TimedOut(f"port {port} is {args['port']}")
        return {"seconds": round(deadline.seconds - deadline.left, 3)}
    if "states" in args:
        return _wait_states(cell, cell.port(args.get("channel", 1)), sorted(args["states"]), deadline)
    server = cell.server(step.server)
    if "ready" in args:
        return until_ready(cell, server, deadline)
    if "idle" in args:
        if not server.running:
            raise Unable(f"server {step.server!r} has already ended, with {server.exit}")
        return _wait_idle(cell, server, deadline, args.get("late") == "kill")
    if "exit" in args:
        if server.ends(deadline):
            return state_of(cell, server, deadline)
        if "late" not in args:
            raise TimedOut("the server exits", state_of(cell, server, deadline))
        if args["late"] == "term":
            server.stop(TERM_FIRST_SECONDS)
        else:
            server.kill(Deadline(TERM_FIRST_SECONDS))
        return {**state_of(cell, server, deadline), "forced": True}
    pattern = fill(args["log"], cell.values, cell.subject.patterns)

    start_at = cell.marks.get(step.server) if args.get("new") else None

    def logged() -> bool:
        return match_log(pattern, server.text(start_at))

    with server.waking(log=True) as pause:
        done = deadline.wait(lambda: logged() or not server.running, pause=pause)
    if not done or not logged():
        raise TimedOut(f"a log line {pattern}", state_of(cell, server, deadline))
    return state_of(cell, server, deadline)


def _wait_idle(cell: CellRun, server: ServerProcess, deadline: Deadline, kill: bool) -> ServerState:
    """Wait until a server has come to rest.

    With ``kill``, one that never rests is ended with its workers: what it does all the time fills its log, and might go on.
    """
    if not comes_to_rest(server, deadline, cell.askers()):
        if not kill:
            raise TimedOut("the server is idle", state_of(cell, server, deadline))
        server.send("KILL", group=True)
        server.ends(Deadline(TERM_FIRST_SECONDS))
        return {**state_of(cell, server, deadline), "forced": True}
    return state_of(cell, server, deadline)


def _wait_states(cell: CellRun, port: int, wanted: list[str], deadline: Deadline) -> States:
    """Wait until a port's sockets are in exactly these states; TIME_WAIT is ignored, since it belongs to the kernel."""
    states: list[str] = []

    def settled() -> bool:
        nonlocal states
        states = sorted({sock.state for sock in cell.sockets() if sock.port == port and not socket_table.is_over(sock)})
        return states == wanted

    # Nothing reports a socket's states. What is seen too late counts for nothing: a timeout may have closed them.
    if not deadline.wait(settled, 0.05, late=False):
        raise TimedOut(f"the states of the port's sockets are {wanted}", {"states": states})
    return {"states": states, "seconds": round(deadline.seconds - deadline.left, 3)}


def _wait_response(cell: CellRun, name: str, deadline: Deadline) -> Answer:
    """Wait for the answer to a request in the background; its bytes are this step's."""
    background = cell.backgrounds.get(name)
    if background is None:
        raise Unable(f"no request {name!r} was sent in the background")
    cell.transcript = background.transcript
    background.thread.join(deadline.left)
    if background.thread.is_alive():
        raise TimedOut(f"an answer to {name!r}")
    seen = background.seen()
    if seen.get("timed_out"):
        raise TimedOut(f"an answer to {name!r}", seen)
    return seen
