"""A cell while it runs: its channel, servers, clients, holders and saved values. The verbs act on it."""

from __future__ import annotations

import os
import ssl
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil

from ..language.observations import Answer, Counts
from ..language.scenario import Step
from ..machine import addresses, certificates, port_probes, process_tree, server_process, socket_table
from ..machine.deadlines import Deadline
from ..machine.server_process import ServerProcess
from ..model.values import Json
from .coverage_contexts import Contexts
from .http_client import Client
from .job import CellJob
from .port_holders import Holder
from .saved_values import saved
from .server_launch import How, Launch, launch_argv, unmeasured
from .transcript import Transcript


class Unable(Exception):
    """A step is not possible in the cell's current state; the message becomes the observation."""


class TimedOut(Exception):
    """A step missed its deadline; ``seen`` is what was observed until then."""

    def __init__(self, waiting_for: str, seen: Mapping[str, object] | None = None) -> None:
        super().__init__(waiting_for)
        self.seen = {**(seen or {}), "waiting_for": waiting_for}


class Background:
    """A request whose answer a later step waits for; its bytes are recorded for that step."""

    def __init__(self, client: Client, send: Callable[[], Answer], transcript: Transcript, name: str) -> None:
        self.client = client
        self.transcript = transcript
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._send = send
        self._seen: Answer = {}
        self._problem: BaseException | None = None

    def _run(self) -> None:
        try:
            self._seen = self._send()
        except BaseException as problem:  # raised in the step that waits
            self._problem = problem

    def seen(self) -> Answer:
        """The observation; raises the exception of the request, if any."""
        if self._problem is not None:
            raise self._problem
        return self._seen


class CellRun:
    """The state of one running cell."""

    def __init__(self, job: CellJob, claim: addresses.Claim, work: Path) -> None:
        self.cell = job.cell
        self.scenario = job.scenario
        self.target = job.target
        self.subject = job.subject
        self.host = claim.host
        self.base_port = claim.port
        self.folder = job.folder
        self.work = work
        self.run = job.run
        # Why its launches are not measured; "" if they are.
        self.off = unmeasured(job.measure, job.scenario, job.subject, job.target)
        self.contexts: Contexts | None = None  # of a launch that several cells share
        self.marker = job.cell  # in the environment of its processes
        self.values: dict[str, str] = {"host": self.host, "port": str(self.base_port)}
        self.values.update({f"port{n}": str(self.base_port + n - 1) for n in range(2, 10)})
        self._channels = frozenset(self.values)  # later values may be pids; these are addresses and ports
        self.servers: dict[str, ServerProcess] = {}
        self.launches: list[Launch] = []
        self.clients: dict[str, Client] = {}  # the connections that steps keep
        self.used: dict[Client, tuple[int, str]] = {}  # every connection: the step that used it last, and its name
        self.certificate = certificates.make(work / "tls", self.host) if job.scenario.tls else None
        self.holders: dict[int, Holder] = {}
        self.backgrounds: dict[str, Background] = {}
        self.marks: dict[str, int] = {}  # the size of each server's log before the last act that disturbed it
        self.samples: dict[str, list[Counts]] = {}
        self.transcript = Transcript(self.clock)
        self._started = time.monotonic()

    def clock(self) -> float:
        """Seconds since the cell began."""
        return time.monotonic() - self._started

    def port(self, channel: int) -> int:
        """The port of the cell's n-th channel; the first is the cell's own."""
        return self.base_port + channel - 1

    def server(self, name: str) -> ServerProcess:
        """A server by its name in the scenario; raises Unable if it was not started."""
        if name not in self.servers:
            raise Unable(f"server {name!r} was not started")
        return self.servers[name]

    def launch(self, name: str, channel: int, app: str, extra: dict[str, str]) -> ServerProcess:
        """Start a server process; it is not ready yet."""
        if name in self.servers and self.servers[name].running:
            raise Unable(f"server {name!r} is already running, as pid {self.servers[name].pid}")
        context = self.contexts.argument if self.contexts else self.cell
        launch = Launch.prepare(self.folder, len(self.launches) + 1, name, context, self.target, self.subject, self.off)
        argv = launch_argv(
            self.subject,
            self.target,
            launch,
            How(
                host=self.host,
                port=self.port(channel),
                app=self.work / self.subject.apps[app].name if app else None,
                default_channel=self.scenario.channel == "default",
                certificate=self.certificate,
                reload=self.scenario.reload,
            ),
        )
        log, inherits = self.folder / f"{name}.log", self.contexts.inherits if self.contexts else ()
        server = ServerProcess(name, argv, self.work, self._environment(extra), log, channel, inherits)
        launch.process = server
        self.launches.append(launch)
        self.servers[name] = server
        return server

    def _environment(self, extra: dict[str, str]) -> dict[str, str]:
        return server_process.environment(self.work, self.run, {server_process.CELL_MARKER: self.marker, **extra})

    def adopt(self, other: CellRun) -> None:
        """Go on with the servers of another cell on the same channel: they answer several cells, one after the other."""
        self.servers, self.launches, self.marker = other.servers, other.launches, other.marker

    def save(self, step: Step, seen: Json) -> None:
        """Save values for later steps."""
        self.values.update(saved(step, seen))

    def roles(self) -> dict[int, str]:
        """The roles of the processes that this cell knows: a server's name, a name that a step saved, or "descendant".

        The workers of a server have its role while it lives. Any other process is an orphan.
        """
        found = {int(value): name for name, value in self.values.items() if value.isdigit() and name not in self._channels}
        found.update({server.pid: name for name, server in self.servers.items()})
        found[os.getpid()] = "harness"
        workers = "fork-workers" in self.subject.capabilities
        for name, server in self.servers.items():
            for pid in process_tree.descendant_pids(server.pid) if server.running else ():
                found.setdefault(pid, name if workers else "descendant")
        return found

    def family(self) -> list[psutil.Process]:
        """All live processes started by this cell: a worker runs one cell at a time and is their subreaper.

        Without subreapers, orphans are found by the cell's marker.
        """
        server_process.reap({launch.process.pid for launch in self.launches if launch.process is not None})
        found = server_process.descendants()
        if sys.platform != "linux":
            found += [p for p in server_process.marked(server_process.CELL_MARKER, self.marker) if p not in found]
        return found

    def sockets(self) -> list[socket_table.Socket]:
        """The sockets on the cell's address; for a cell on 127.0.0.1, those on its ports, also on wider addresses."""
        pids = [os.getpid(), *(p.pid for p in self.family())]
        if self.host != addresses.DEFAULT_HOST:
            return socket_table.table([self.host], pids)
        return [
            sock
            for sock in socket_table.table([self.host, *addresses.WIDE_HOSTS], pids)
            if self.base_port <= sock.port < self.base_port + 9
        ]

    def serves(self, server: ServerProcess) -> bool:
        """Whether the listening socket on a server's channel belongs to it or to one of its workers, not to another holder."""
        pids = {server.pid, *process_tree.descendant_pids(server.pid)}
        return any(
            sock.port == self.port(server.channel) and pids & set(sock.pids)
            for sock in socket_table.table([self.host], pids, listening=True)
        )

    def answers(self, port: int) -> bool:
        """Whether a request to a port is answered, with any status."""
        return port_probes.answers(self.host, port, context=self.context())

    def context(self) -> ssl.SSLContext | None:
        """The SSL context that trusts the cell's servers, if they have a certificate."""
        return self.certificate.context() if self.certificate else None

    def close_clients(self) -> None:
        """Close all connections, and let background requests finish."""
        for client in self.clients.values():
            client.close()
        for background in self.backgrounds.values():
            background.thread.join(Deadline(10.0).left)
        self.clients.clear()

    def unasked(self) -> list[Json]:
        """Unrequested data on connections, all of which are closed by now."""
        return [
            {"step": step, "name": name, "answers": answers, "error": error}
            for client, (step, name) in self.used.items()
            for answers, error in [client.unasked()]
            if answers or error
        ]

    def is_quiet(self) -> bool:
        """Whether no server owes an answer."""
        return not any(background.thread.is_alive() for background in self.backgrounds.values()) and not any(
            client.waits for client in self.clients.values()
        )

    def release_holders(self) -> None:
        """Release the ports that the harness held."""
        for holder in self.holders.values():
            holder.close()
        self.holders.clear()
